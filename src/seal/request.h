// The request to open some minutes of one camera: what a keyholder is asked, as a file. doc/format/sealed.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seal/keyholders.h"
#include "seal/share.h"

namespace passerby::seal {

struct RequestPart {
    std::int64_t number = 0;  // as the recorder lists it
    Span span;
    std::string sha256;               // of the sealed file, in hexadecimal
    std::vector<std::string> shares;  // k of n: an age file for each keyholder
    std::string header;               // one is enough: of the sealed file
};

struct Request {
    static constexpr Micros kExpiry = std::chrono::hours{72};
    static constexpr std::size_t kMostParts = 720, kLongestText = 2000;
    static constexpr std::size_t kLongestFile = std::size_t{8} << 20;

    std::string id;  // 32 hexadecimal digits
    std::string recorder, purpose, reason, case_number, by;
    Span span;
    WallTime made, expires;
    std::string key;  // the requester's age recipient
    Keyholders keyholders;
    std::vector<std::string> tokens;  // an age file for each keyholder
    std::vector<RequestPart> parts;

    std::string to_json() const;
    // corrupt: it is not as it must be, in words.
    static Result<Request> parse(std::string_view json);
};

// 32 hexadecimal digits that nobody can guess.
std::string random_id();

}  // namespace passerby::seal
