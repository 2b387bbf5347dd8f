// Puts on the record, once an hour and at the end, what was finished since: recordings, gaps, failed logins.
#pragma once

#include <memory>
#include <thread>

#include "server/server.h"
#include "store/ledger.h"

namespace passerby::app {

class Bookkeeper {
  public:
    // Both outlive it.
    Bookkeeper(store::Ledger&, server::Server&, Clock&);
    // The last time: nothing may be recorded any more.
    ~Bookkeeper();

  private:
    void run(std::stop_token);
    void write();

    store::Ledger& ledger_;
    server::Server& server_;
    Clock& clock_;
    std::jthread thread_;
};

}  // namespace passerby::app
