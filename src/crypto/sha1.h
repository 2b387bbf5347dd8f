// SHA-1 (FIPS 180-4), for what others have fixed: one-time codes (crypto/totp) and the digest with which
// ONVIF sends a password. It is broken as a hash for signatures and in use for nothing else here.
//
// Pure function, any thread.
#pragma once

#include <string>

namespace passerby::crypto {

std::string sha1(std::string message);  // 20 bytes

}  // namespace passerby::crypto
