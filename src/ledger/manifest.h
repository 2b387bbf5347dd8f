// A manifest as a stranger hands it over: what was said of a recording, a sealed part or a gap, in one line
// of JSON (doc/format/ledger.md, "Manifests").
//
// No state, any thread.
#pragma once

#include <string_view>

#include "ledger/entry.h"

namespace passerby::ledger {

// Its camera and times are there, and every field that is known has the type that it must have; corrupt
// otherwise. Fields of a newer recorder are let through.
Result<Fields> parse_manifest(std::string_view line);

}  // namespace passerby::ledger
