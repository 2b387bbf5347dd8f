// Spans of a camera's recordings that retention leaves alone: with a reason, and an end. Nothing is ever
// removed from this history.
//
// Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace passerby::store {

struct Protection {
    std::int64_t id = 0;
    std::string camera;
    WallTime start, end;  // what is protected; a segment that overlaps it stays whole
    std::string reason;   // in words
    WallTime at;          // when it was set, and by whom
    std::string user;
    WallTime until;  // it ends by itself
    struct Ended {
        WallTime at;
        std::string user;
    };
    std::optional<Ended> ended = {};  // before its time
};

class Protections {
  public:
    // The longest until an end, so that nothing is kept because somebody forgot it.
    static constexpr std::chrono::days kLongest{366};
    static constexpr std::size_t kLongestReason = 200;  // bytes

    explicit Protections(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    // invalid: no span, no reason, an end that is past or too far.
    static Status validate(const Protection&);
    // Gives its id. It holds once this returns. invalid: see validate().
    Result<std::int64_t> add(const Protection&);
    // not_found: there is none of this camera, or it has ended.
    Status end(const std::string& camera, std::int64_t id, const std::string& user, WallTime at);
    // All that overlap [from, to), oldest first, also those that have ended.
    Result<std::vector<Protection>> of(const std::string& camera, WallTime from, WallTime to) const;

    Result<std::optional<Protection>> with_id(const std::string& camera, std::int64_t id) const;

  private:
    std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
