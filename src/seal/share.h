// What one keyholder can say about one sealed part: text, so that a person who opens it with plain `age` sees
// what it is for. doc/format/sealed.md.
#pragma once

#include <string>
#include <string_view>

#include "age/header.h"
#include "base/time.h"
#include "crypto/shamir.h"

namespace passerby::seal {

// Which seconds of which camera a part holds.
struct Span {
    std::string camera;  // [a-z0-9-]{1,32}
    WallTime from, to;
    friend bool operator==(const Span&, const Span&) = default;
};

struct ShareText {
    Span span;
    std::string payload;  // SHA-256 of the sealed payload, in hexadecimal
    int index = 0, needed = 0, shares = 0;
    crypto::Bytes16 value;

    std::string to_text() const;
    // corrupt: it is not as to_text() makes it.
    static Result<ShareText> parse(std::string_view);
};

// Where one keyholder is enough: the file key itself.
struct KeyText {
    std::string sha256;  // of the sealed file, in hexadecimal
    age::FileKey value;

    std::string to_text() const;
    static Result<KeyText> parse(std::string_view);
};

}  // namespace passerby::seal
