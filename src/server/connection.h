// One client's connection: HTTP requests one after the other, or a live view once it was upgraded. For this
// module only: it brings Asio along.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/api.h"
#include "server/server.h"
#include "server/worker_pool.h"

namespace passerby::server {

// The open connections, so that there are not too many and stop() can end them. Thread-safe.
class Connections {
  public:
    class Connection {
      public:
        virtual ~Connection() = default;
        virtual void stop() = 0;  // any thread; it ends soon after
    };
    // Counts as open as long as it lives.
    class Entry {
      public:
        Entry() = default;
        Entry(Connections* all, std::weak_ptr<Connection> connection);
        Entry(Entry&& other) noexcept
            : all_{std::exchange(other.all_, nullptr)}, connection_{std::move(other.connection_)} {}
        Entry& operator=(Entry&&) = delete;
        ~Entry();
        explicit operator bool() const { return all_ != nullptr; }

      private:
        Connections* all_ = nullptr;
        std::weak_ptr<Connection> connection_;
    };

    explicit Connections(std::size_t most) : most_{most} {}
    // An empty entry when there are too many, or after stop().
    Entry enter(std::weak_ptr<Connection>);
    // Tells all to end and waits until they did.
    void stop();

  private:
    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable left_;
    std::set<std::weak_ptr<Connection>, std::owner_less<>> open_;  // guarded by mutex_
    bool stopped_ = false;                                         // guarded by mutex_
};

// What all connections share; outlives them.
struct Shared {
    Api& api;
    Clock& clock;
    const ServerSettings& settings;
    Connections& connections;
    WorkerPool &queries, &passwords, &joins;
};

// Serves the client until one side ends it. `socket` has an executor that runs one handler at a time.
void start_connection(boost::asio::ip::tcp::socket socket, Shared&);

}  // namespace passerby::server
