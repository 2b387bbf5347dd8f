// Requests to open sealed parts, and what their keyholders answered. What a request may do next follows from
// that and the clock alone.
//
// Thread-safe; decide() is to be asked, and the ledger written, before anything is entered here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace passerby::store {

struct Opening {
    enum class State {
        waiting,   // for answers
        approved,  // by as many as are needed; not fetched yet
        refused,   // by so many that the others are too few
        expired,   // before it was approved, or before it was fetched
        opened,    // the shares were handed out
    };
    struct Answer {
        int keyholder = 0;  // from 1
        bool approved = false;
        WallTime at;
        std::string shares;  // for the requester's eyes alone
    };

    std::string id, camera, user, request;  // request: the file, byte by byte
    WallTime start, end, made, expires;
    int needed = 0;
    std::vector<std::string> tokens;  // SHA-256 in hexadecimal, of each keyholder's
    std::vector<Answer> answers;      // in the order in which they came
    std::optional<WallTime> opened;

    State state(WallTime now) const;
    int approvals() const;
};
std::string_view name(Opening::State);

class Openings {
  public:
    // That wait or are approved, at once: more are refused.
    static constexpr int kMostOpen = 50;

    explicit Openings(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    Status add(const Opening&);
    // Newest first.
    Result<std::vector<Opening>> all(int limit) const;
    // not_found
    Result<Opening> with_id(const std::string& id) const;
    // exists: this keyholder has answered.
    Status answer(const std::string& id, const Opening::Answer&);
    Status set_opened(const std::string& id, WallTime at);

  private:
    std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
