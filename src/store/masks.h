// The areas that persons drew to be always covered, beside those of the config: each save is a version, with
// who and when. Nothing is ever removed from this history.
//
// Less cover takes two: a version that drops an area may wait for a second person (store/masks.h keeps it,
// the server decides). Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace passerby::store {

struct MaskVersion {
    std::int64_t id = 0;
    std::string camera, user;
    WallTime at;
    std::vector<std::string> areas;  // polygons, "x,y x,y x,y" in shares of width and height; all of them
    struct Agreement {
        WallTime at;
        std::string user;
    };
    std::optional<Agreement> agreed{};  // nothing: it waits, and does not count
};

class Masks {
  public:
    static constexpr int kHistory = 100;
    static constexpr std::size_t kMostAreas = 128, kLongestArea = 4000;

    explicit Masks(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    // Gives its id. It counts once this returns, if it is agreed.
    Result<std::int64_t> add(const MaskVersion&);
    // invalid: it does not wait any more (another version has been agreed since).
    Status agree(const std::string& camera, std::int64_t id, const MaskVersion::Agreement&);

    // The newest that counts: its areas; none before the first.
    Result<std::vector<std::string>> standing(const std::string& camera) const;
    // The newest kHistory, the newest first.
    Result<std::vector<MaskVersion>> history(const std::string& camera) const;
    // One that waits: newer than all that count.
    Result<std::optional<MaskVersion>> waiting(const std::string& camera) const;

  private:
    std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
