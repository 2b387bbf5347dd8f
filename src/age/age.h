// Encryption to somebody's key: age v1 (C2SP age.md), so that the plain `age` of any system opens what is
// sealed here, and the other way round.
//
// Everything in memory, which is why files have a bound. No state, any thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "age/header.h"
#include "age/keys.h"

namespace passerby::age {

// A nonce and the plain text in chunks of 64 KiB, each sealed with its number and whether it is the last.
std::string seal_payload(const FileKey&, std::string_view plain);
// Gives the chunks in their order, each when it has proved to be unchanged. corrupt: changed, cut off or
// longer; what was given before is true, and is not all.
Status open_payload(const FileKey&, std::string_view payload,
                    const std::function<void(std::string_view chunk)>&);

// For any of the recipients. At least one.
std::string encrypt(std::span<const Recipient>, std::string_view plain);

// denied: for none of these identities. corrupt: no age file, or changed.
Result<std::string> decrypt(std::span<const Identity>, std::string_view file);

}  // namespace passerby::age
