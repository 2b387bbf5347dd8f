// What an entry of the ledger says: one JSON object in one line, of a kind that this file lists, with exactly
// the fields of its kind. doc/format/ledger.md describes them. No names of persons, no free text: roles,
// pseudonyms, ids of cameras, times, numbers and hashes.
//
// No state, any thread.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/time.h"

namespace passerby::ledger {

// In the order in which they were added: first passerby, time, kind.
using Fields = nlohmann::ordered_json;

// The entry's text. invalid: it is not as the kind demands.
Result<std::string> make_entry(std::string_view kind, WallTime, const Fields&);

// A stranger's text as an entry; corrupt when it is not well-formed.
Result<Fields> parse_entry(std::string_view);

// "what happened", in words, for people.
std::string describe(const Fields& entry);

}  // namespace passerby::ledger
