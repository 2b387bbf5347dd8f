// A few named threads for work that must not hold up the network: the store, password hashes, exports.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"

namespace passerby::server {

class WorkerPool {
  public:
    // At most `waiting` jobs wait for a thread; further ones are refused. `name`: at most 13 characters.
    WorkerPool(const std::string& name, int threads, std::size_t waiting);
    ~WorkerPool() { stop(); }

    // False when too many wait or the pool was stopped: the job is dropped. A job must not throw.
    // Thread-safe.
    bool submit(std::function<void()> job) { return jobs_.try_push(std::move(job)); }
    // Takes no more jobs, does those that wait, and joins the threads.
    void stop();

  private:
    BoundedQueue<std::function<void()>> jobs_;
    std::vector<std::jthread> threads_;
};

// The calling thread's name in ps and in debuggers.
void name_this_thread(const std::string& name);

}  // namespace passerby::server
