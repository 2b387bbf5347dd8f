// The camera process's end of the pipe to the server. Thread-safe.
#pragma once

#include <mutex>

#include "camera/protocol.h"

namespace passerby::camera {

class Channel {
  public:
    // `fd` stays the caller's.
    explicit Channel(int fd) : fd_{fd} {}

    // Blocks while the pipe is full. After an error (the server is gone) every further call is the same
    // error.
    Status send(const FromCamera&);
    // Nothing depends on a log line.
    void log(LogLevel, std::string_view text);

  private:
    const int fd_;
    std::mutex mutex_;
    Status broken_;  // guarded by mutex_
};

}  // namespace passerby::camera
