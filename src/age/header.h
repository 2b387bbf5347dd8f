// The header of an age file: who can open it, and a MAC over all of that (C2SP age.md). Parsed strictly:
// what another reader could read otherwise is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "age/keys.h"
#include "base/result.h"

namespace passerby::age {

// The secret that opens one file.
using FileKey = crypto::Secret<16>;

// The longest header that is read. age.md sets no bound; this holds a few hundred recipients.
inline constexpr std::size_t kLongestHeader = std::size_t{1} << 20;

struct Stanza {
    std::string type;
    std::vector<std::string> arguments;  // each of at least one visible character
    std::string body;                    // bytes
};

struct Header {
    std::vector<Stanza> stanzas;
    std::string authenticated;  // its text, up to and with "---"
    std::string mac;            // 32 bytes
    std::size_t size = 0;       // of the whole header; the payload follows

    // corrupt: this is no header of age v1, or not in its one right form.
    static Result<Header> parse(std::string_view file);
    bool fits(const FileKey&) const;
};

std::string make_header(const std::vector<Stanza>&, const FileKey&);

Stanza wrap(const Recipient&, const FileKey&);
// Nothing: for somebody else, or of another type. corrupt: an X25519 stanza that cannot be.
Result<std::optional<FileKey>> unwrap(const Identity&, const Stanza&);

}  // namespace passerby::age
