// Argon2id: the work of hashing passwords, at most two at once, and random secrets. Internal to this module.
//
// Thread-safe.
#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "store/accounts.h"

namespace passerby::store {

class Passwords {
  public:
    explicit Passwords(PasswordCost cost) : cost_{cost} {}

    // In libsodium's text form, which holds salt and cost. unavailable: no memory.
    Result<std::string> hash(std::string_view password);
    bool fits(const std::string& hash, std::string_view password);

  private:
    const PasswordCost cost_;
    std::counting_semaphore<> turns_{
        2};  // 64 MiB each: a flood of logins must not take the memory of the cameras
};

// 20 letters and digits without look-alikes, in groups; 98 bits.
std::string random_password();
// 256 bits, base64url.
std::string random_token();
// What the catalogue keeps of a token.
std::string token_hash(std::string_view token);

}  // namespace passerby::store
