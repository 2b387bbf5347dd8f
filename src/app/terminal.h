// Progress of a long job: one line that is rewritten on a terminal, a plain line now and then on a pipe.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace passerby::app {

class ProgressLine {
  public:
    explicit ProgressLine(Clock&);
    // `what` and done of all (0: unknown), in frames. Cheap enough to call for every frame.
    void show(const std::string& what, std::int64_t done, std::int64_t all);
    // Removes the line from a terminal.
    void clear();

  private:
    Clock& clock_;
    const bool terminal_;
    Micros started_, shown_{};
    std::string what_;
};

// "passerby: message" on standard error, in one line.
void complain(const std::string& message);

}  // namespace passerby::app
