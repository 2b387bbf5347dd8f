// To whom originals are sealed, and how many of them must agree to open one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "age/keys.h"

namespace passerby::seal {

struct Keyholders {
    static constexpr std::size_t kMost = 16;

    int needed = 0;
    std::vector<age::Recipient> keys;  // in an order that stays: a keyholder's number is the place, from 1

    // invalid: nobody, too many, one key twice, or more needed than there are.
    Status validate() const;
    // One line each, which names them all; as the catalogue keeps them.
    std::string to_text() const;
    static Result<Keyholders> parse(std::string_view text);
    // SHA-256 of that text, in hexadecimal: what the ledger calls them.
    std::string fingerprint() const;
    // 0: not among them.
    int number_of(const age::Recipient&) const;

    friend bool operator==(const Keyholders&, const Keyholders&) = default;
};

}  // namespace passerby::seal
