// What persons approved of the scenes of cameras (strict mode), who and when, and what they took back; kept
// in the catalogue. Nothing is ever removed from this history.
//
// Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace passerby::store {

struct Approval {
    std::string camera, user;
    WallTime at;
    std::string sha256;                // of the picture
    std::string picture;               // PNG; empty in history()
    std::vector<std::string> refused;  // the parts of it that were not approved: polygons, "x,y x,y x,y"
    struct Withdrawal {
        WallTime at;
        std::string user;
    };
    std::optional<Withdrawal> withdrawn = {};
};

class Approvals {
  public:
    static constexpr int kHistory = 100;

    explicit Approvals(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    // It stands once this returns.
    Status add(const Approval&);
    // All that stand of this camera. Withdrawing nothing is no error.
    Status withdraw(const std::string& camera, const std::string& user, WallTime at);

    // Those that stand, at most the newest `most`, the newest last. One whose picture is not what was
    // approved any more is left out, and that is logged.
    Result<std::vector<Approval>> standing(const std::string& camera, std::size_t most) const;
    // All that was ever approved, the newest kHistory, the newest first, without the pictures.
    Result<std::vector<Approval>> history(const std::string& camera) const;
    // The picture of one that was ever approved; not_found, or corrupt.
    Result<std::string> picture(const std::string& camera, const std::string& sha256) const;

  private:
    std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
