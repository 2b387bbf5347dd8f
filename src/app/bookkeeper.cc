#include "app/bookkeeper.h"

#include <condition_variable>
#include <mutex>

#include <pthread.h>

#include "base/log.h"

namespace passerby::app {

namespace {

using Hours = std::chrono::hours;
constexpr std::chrono::seconds kLook{20};
// Segments end at the minute; their files are finished a little later.
constexpr std::chrono::minutes kAfterTheHour{2};

}  // namespace

Bookkeeper::Bookkeeper(store::Ledger& ledger, server::Server& server, Clock& clock)
    : ledger_{ledger}, server_{server}, clock_{clock}, thread_{[this](std::stop_token stop) { run(stop); }} {}

Bookkeeper::~Bookkeeper() {
    thread_.request_stop();
    thread_.join();
    write();
    if (const auto done = ledger_.append("stop", {}); !done)
        log_error("the end is not on the record: {}", done.error().message);
}

void Bookkeeper::run(std::stop_token stop) {
    pthread_setname_np(pthread_self(), "ledger");
    std::mutex mutex;
    std::condition_variable_any wake;
    const auto hour = [&] { return std::chrono::floor<Hours>(clock_.wall().since_epoch - kAfterTheHour); };
    for (auto written = hour(); !stop.stop_requested();) {
        std::unique_lock lock{mutex};
        wake.wait_for(lock, stop, kLook, [] { return false; });
        if (stop.stop_requested() || hour() == written) continue;
        written = hour();
        write();
    }
}

void Bookkeeper::write() {
    const auto batches = ledger_.close_batches();
    if (!batches) log_error("recordings are not on the record yet: {}", batches.error().message);
    if (const auto sums = server_.put_sums_on_record(); !sums)
        log_error("failed logins are not on the record yet: {}", sums.error().message);
}

}  // namespace passerby::app
