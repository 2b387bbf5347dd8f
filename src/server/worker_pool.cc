#include "server/worker_pool.h"

#include <fmt/format.h>
#include <pthread.h>

namespace passerby::server {

void name_this_thread(const std::string& name) {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // Linux has room for 15 characters
}

WorkerPool::WorkerPool(const std::string& name, int threads, std::size_t waiting) : jobs_{waiting} {
    for (int i = 0; i < threads; ++i)
        threads_.emplace_back([this, name, i] {
            name_this_thread(fmt::format("{}-{}", name, i));
            while (auto job = jobs_.pop()) (*job)();
        });
}

void WorkerPool::stop() {
    jobs_.stop();
    threads_.clear();
}

}  // namespace passerby::server
