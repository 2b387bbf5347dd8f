// One client's connection: HTTP requests one after the other, or a live view once it was upgraded. For this
// module only: it brings Asio along.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/api.h"
#include "server/server.h"
#include "server/tls.h"
#include "server/worker_pool.h"

namespace passerby::server {

// The open connections, so that there are not too many and stop() can end them. Where there is no room, the
// one that came first of those that have not shown who they are gives way: whoever opens many and says
// nothing shuts out themselves. Thread-safe.
class Connections {
  public:
    class Connection {
      public:
        virtual ~Connection() = default;
        virtual void stop() = 0;      // any thread; it ends soon after
        virtual void give_way() = 0;  // any thread; at once
    };
    // Counts as open as long as it lives.
    class Entry {
      public:
        Entry() = default;
        Entry(Connections* all, std::uint64_t number) : all_{all}, number_{number} {}
        Entry(Entry&& other) noexcept : all_{std::exchange(other.all_, nullptr)}, number_{other.number_} {}
        Entry& operator=(Entry&&) = delete;
        ~Entry();
        explicit operator bool() const { return all_ != nullptr; }
        // It is of somebody with an account: it does not give way any more.
        void is_known();

      private:
        Connections* all_ = nullptr;
        std::uint64_t number_ = 0;
    };

    Connections(std::size_t most, std::size_t most_of_one) : most_{most}, most_of_one_{most_of_one} {}
    // An empty entry when there are too many, or after stop(). Without an address (a proxy's is that of
    // many) only all of them are counted.
    Entry enter(std::weak_ptr<Connection>, const std::string& address);
    // Tells all to end and waits until they did.
    void stop();

  private:
    struct Open {
        std::weak_ptr<Connection> connection;
        std::string address;
        bool known = false, leaving = false;
    };
    bool make_room(const std::string& address);

    const std::size_t most_, most_of_one_;
    std::mutex mutex_;
    std::condition_variable left_;
    std::map<std::uint64_t, Open> open_;  // in the order in which they came; guarded by mutex_
    std::uint64_t next_ = 0;              // guarded by mutex_
    bool stopped_ = false;                // guarded by mutex_
};

// What all connections share; outlives them.
struct Shared {
    Api& api;
    Clock& clock;
    const ServerSettings& settings;
    Connections& connections;
    WorkerPool &queries, &passwords, &joins;
    const std::unique_ptr<Tls>& tls;  // null: plain HTTP
};

// Serves the client until one side ends it. `socket` has an executor that runs one handler at a time.
void start_connection(boost::asio::ip::tcp::socket socket, Shared&);

}  // namespace passerby::server
