// A process that we started: two pipes to talk to it, its end, and the means to end it.
//
// It inherits standard error, the two pipe ends (as file descriptors 3 and 4) and nothing else: no other
// descriptor, no signal mask, and of the environment only what a program needs to run. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/file.h"

namespace passerby::camera {

// How a process ended.
struct ProcessEnd {
    int status = 0;  // exit status, when it was not a signal
    int signal = 0;  // 0: it exited
};

class ChildProcess {
  public:
    // Where the child finds its ends of the pipes.
    static constexpr int kIn = 3, kOut = 4;

    // Starts `executable` with `arguments` (the first is its name). The calling thread must live as long as
    // the child, because the child may ask the kernel to die with it.
    static Result<ChildProcess> start(const std::string& executable,
                                      const std::vector<std::string>& arguments);
    ChildProcess(ChildProcess&&) noexcept;
    ChildProcess& operator=(ChildProcess&&) = delete;
    // Kills and reaps it.
    ~ChildProcess();

    // Non-blocking. to() is -1 after close_to().
    int to() const { return to_.get(); }
    int from() const { return from_.get(); }
    void close_to() { to_.reset(); }
    // Ready to read when the process has ended.
    int end_fd() const { return pidfd_.get(); }
    pid_t pid() const { return pid_; }

    void send_signal(int signal);
    // Nothing while it runs.
    std::optional<ProcessEnd> ended();
    // SIGKILL, and waits for the end.
    ProcessEnd kill();

  private:
    ChildProcess(pid_t pid, Fd to, Fd from, Fd pidfd);
    std::optional<ProcessEnd> reap(int flags);

    pid_t pid_ = -1;
    Fd to_, from_, pidfd_;
    std::optional<ProcessEnd> end_;
};

}  // namespace passerby::camera
