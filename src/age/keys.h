// The keys of age's own kind, X25519: a Recipient encrypts ("age1…", public), its Identity decrypts
// ("AGE-SECRET-KEY-1…", secret), as `age-keygen` makes them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/box.h"

namespace passerby::age {

class Recipient {
  public:
    explicit Recipient(const crypto::PublicKey& point) : point_{point} {}
    // corrupt: it is none, in words that help to find the slip.
    static Result<Recipient> parse(std::string_view);

    std::string to_string() const;
    const crypto::PublicKey& point() const { return point_; }
    friend bool operator==(const Recipient&, const Recipient&) = default;

  private:
    crypto::PublicKey point_;
};

// Wiped when it goes. Moved, never copied.
class Identity {
  public:
    static Identity generate() { return Identity{crypto::Key::random()}; }
    static Result<Identity> parse(std::string_view);

    Recipient recipient() const { return Recipient{crypto::x25519_base(secret_)}; }
    std::string to_string() const;
    const crypto::Key& secret() const { return secret_; }

  private:
    explicit Identity(crypto::Key secret) : secret_{std::move(secret)} {}
    crypto::Key secret_;
};

// One identity a line; empty lines and those that begin with # are none. As `age -i` reads it.
// invalid: there is none in it, or a line is something else; not_found: no such file.
Result<std::vector<Identity>> read_identities(const std::filesystem::path&);

}  // namespace passerby::age
