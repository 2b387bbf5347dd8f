// One-time codes of an authenticator app: RFC 6238 with HMAC-SHA-1, 30 s and six digits, which is what all
// apps know; and base32 (RFC 4648), in which they take the secret.
//
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace passerby::crypto {

inline constexpr Micros kTotpStep = std::chrono::seconds{30};
inline constexpr std::size_t kTotpSecret = 20;  // bytes

// The number of the step in which a time is.
std::int64_t totp_step(WallTime);
// Six digits.
std::string totp(std::string_view secret, std::int64_t step);
// Which step the code is of, among that of `now`, the one before and the one after; later than `used`.
std::optional<std::int64_t> totp_fits(std::string_view secret, std::string_view code, WallTime now,
                                      std::int64_t used);

std::string random_totp_secret();
std::string to_base32(std::string_view);  // without padding
// Blanks and the case of letters do not matter; nothing for other characters, or bits that are left over.
std::optional<std::string> from_base32(std::string_view);

// RFC 2104 and RFC 3174.
std::string hmac_sha1(std::string_view key, std::string_view message);

}  // namespace passerby::crypto
