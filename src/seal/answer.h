// A keyholder's answer to a request. Made on the keyholder's computer, from the request and their key alone.
// doc/format/sealed.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seal/request.h"

namespace passerby::seal {

struct Answer {
    static constexpr std::size_t kLongestFile = std::size_t{400} << 10;  // of kMostParts shares

    std::string request;  // its id
    int keyholder = 0;    // from 1
    bool approved = false;
    std::string token;   // 32 hexadecimal digits
    std::string shares;  // of an approval: an armoured age file to the requester

    std::string to_json() const;
    static Result<Answer> parse(std::string_view json);
};

// With whichever of the identities is a keyholder's of this request. denied: none is, or a share is not what
// the request says that it is for (named). It does not look at the clock: the recorder does.
Result<Answer> approve(const Request&, std::span<const age::Identity>);
Result<Answer> refuse(const Request&, std::span<const age::Identity>);

// What an approval says, to the requester: a share text (or a key text) for each of the request's parts, in
// their order. denied: not for this key or this request.
Result<std::vector<std::string>> shares_in(const Answer&, const Request&, std::span<const age::Identity>);

}  // namespace passerby::seal
