// What every process of a camera is told after its Start, and the running one again when it changes.
// Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "base/file.h"
#include "camera/protocol.h"

namespace passerby::camera {

class StandingOrders {
  public:
    static Result<StandingOrders> create();

    enum class About { approvals, masks, places };
    // An encoded message, a whole one, in place of the last about the same.
    void set(About, Bytes);
    // The newest about each; they are no news any more.
    Bytes take();
    // Readable while there is news.
    int news_fd() const { return news_.get(); }

    StandingOrders(StandingOrders&& other) noexcept : news_{std::move(other.news_)} {}

  private:
    explicit StandingOrders(Fd news) : news_{std::move(news)} {}

    Fd news_;
    std::mutex mutex_;
    std::map<About, Bytes> orders_;  // guarded by mutex_
};

}  // namespace passerby::camera
