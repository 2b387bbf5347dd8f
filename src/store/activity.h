// How many persons and vehicles crossed lines and zones: what camera's processes told, noise and all, and the
// places that persons drew for it. A number is kept for kKept; a place stays, since numbers refer to it.
// Thread-safe.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace passerby::store {

struct DrawnPlace {
    std::int64_t id = 0;  // never used twice
    std::string camera;
    std::string name;    // for people
    std::string points;  // "x,y x,y …" in shares of width and height; two: a line
    struct Done {
        WallTime at;
        std::string user;
    };
    Done drawn;
    std::optional<Done> removed = {};
};

// With the noise on each of the four: two-sided geometric of this scale.
struct ActivityNumber {
    std::int64_t place = 0;
    WallTime from, to;
    std::array<std::int64_t, 2> persons{}, vehicles{};  // in, out
    std::uint64_t scale_of = 1, scale_by = 1;
};

class Activity {
  public:
    static constexpr std::size_t kMostPlaces = 16, kLongestName = 64, kLongestPoints = 4000;
    static constexpr std::chrono::days kKept{400};

    explicit Activity(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    // In the order of their numbers; with `removed` also those that are drawn no more.
    Result<std::vector<DrawnPlace>> places(const std::string& camera, bool removed = false) const;
    // Places of which `keep` has no number are removed; `add` are drawn. All of it or nothing.
    Status draw(const std::string& camera, const std::vector<std::int64_t>& keep,
                const std::vector<DrawnPlace>& add, const DrawnPlace::Done& by);

    // denied: a place is none of the camera's. exists: there are numbers of that place and time.
    Status add(const std::string& camera, const std::vector<ActivityNumber>&);
    // What overlaps [from, to), oldest first.
    Result<std::vector<ActivityNumber>> of(const std::string& camera, WallTime from, WallTime to) const;
    // What ended longer ago than kKept.
    Status forget(WallTime now);

  private:
    std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
