// TLS for the HTTP server: a certificate and its key in PEM files, taken up anew when they change. For this
// module only: it brings Asio along.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include <boost/asio/ssl/context.hpp>

#include "server/server.h"

namespace passerby::server {

// Thread-safe.
class Tls {
  public:
    using Context = std::shared_ptr<boost::asio::ssl::context>;

    // The error names the file, and the mend.
    static Result<std::unique_ptr<Tls>> load(TlsFiles);
    // For a new connection: the files as they are now. What does not load leaves what was, and is in the log.
    Context context();

  private:
    struct Seen {
        std::filesystem::file_time_type certificate, key;
        bool operator==(const Seen&) const = default;
    };
    explicit Tls(TlsFiles files) : files_{std::move(files)} {}
    Seen look() const;

    const TlsFiles files_;
    std::mutex mutex_;
    Context context_;  // guarded by mutex_
    Seen seen_;        // guarded by mutex_
};

}  // namespace passerby::server
