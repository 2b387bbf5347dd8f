// Counts failed logins per name. Names are spread over a fixed number of buckets by a keyed hash, so that
// neither memory nor time nor the answer tells whether a name exists, and nobody can choose a name that
// shares the bucket of another.
//
// Thread-safe. Internal to this module.
#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace passerby::store {

class LoginLimit {
  public:
    LoginLimit(int failures, Micros window);

    // Counts a try as failed until succeeded() says otherwise, so that many at once are not all let through.
    // Gives how long to wait when it is not allowed; it is not counted then. `now` is monotonic.
    std::optional<Micros> try_now(std::string_view name, Micros now);
    // The try that was let through at `now` was right.
    void succeeded(std::string_view name, Micros now);

  private:
    static constexpr std::size_t kBuckets = 4096;
    std::deque<Micros>& bucket(std::string_view name);

    const std::size_t failures_;
    const Micros window_;
    std::array<unsigned char, 16> key_;  // constant after construction
    std::mutex mutex_;
    std::array<std::deque<Micros>, kBuckets> tries_;  // guarded by mutex_
};

}  // namespace passerby::store
