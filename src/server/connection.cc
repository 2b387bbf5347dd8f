#include "server/connection.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "server/client_stream.h"
#include "server/http_message.h"
#include "server/live_view.h"
#include "server/pool_await.h"

namespace passerby::server {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

constexpr std::uint32_t kMostHeader = 16u << 10;
constexpr std::uint64_t kMostBody = 64u << 10;
constexpr std::uint64_t kMostAnswer = 400u << 10;  // of a keyholder
constexpr std::size_t kChunk = std::size_t{256} << 10;
constexpr std::chrono::seconds kStopGrace{1};  // for connections that are busy when the server stops

class ClientConnection final : public Connections::Connection,
                               public std::enable_shared_from_this<ClientConnection> {
  public:
    ClientConnection(tcp::socket socket, Shared& shared)
        : shared_{shared},
          executor_{socket.get_executor()},
          stream_{std::move(socket), shared.tls ? shared.tls->context() : nullptr},
          deadline_{executor_} {
        error_code ignored;
        const auto remote = stream_.tcp().socket().remote_endpoint(ignored);
        peer_ = remote.address().to_string();
        stream_.tcp().socket().set_option(tcp::no_delay{true}, ignored);
    }

    const std::string& peer() const { return peer_; }
    // Outlives the connection.
    void enter(Connections::Entry& entry) { entry_ = &entry; }
    asio::awaitable<void> run();
    asio::awaitable<void> refuse_for_lack_of_room();

    void stop() override {
        asio::post(executor_, [self = shared_from_this()] {
            self->stopping_ = true;
            if (self->live_)
                self->live_->stop();
            else if (self->reading_request_)
                self->close();
            else
                self->close_within(kStopGrace);
        });
    }

    void give_way() override {
        asio::post(executor_, [self = shared_from_this()] {
            log_debug("{}: gives way to others", self->peer_);
            self->stopping_ = true;
            self->close();
        });
    }

  private:
    asio::awaitable<bool> shake_hands();
    asio::awaitable<Reply> answer(const Request&);
    asio::awaitable<bool> send(const Reply&, bool with_body, bool keep_alive);
    asio::awaitable<bool> send_file(const FileBody&);
    asio::awaitable<bool> write(std::string_view first, std::string_view second);
    asio::awaitable<void> linger();

    void close() {
        if (live_) return;  // it has the stream
        error_code ignored;
        stream_.tcp().socket().close(ignored);
    }
    bool client_left() {
        char byte;
        const auto got = ::recv(stream_.tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    }
    // Unless it ends by itself before.
    void close_within(std::chrono::milliseconds time) {
        deadline_.expires_after(time);
        deadline_.async_wait([weak = weak_from_this()](error_code error) {
            if (const auto self = weak.lock(); self && !error) self->close();
        });
    }

    Shared& shared_;
    const asio::any_io_executor executor_;
    // All below is used on the executor only.
    ClientStream stream_;
    std::shared_ptr<LiveView> live_;  // has the stream, once it exists
    asio::steady_timer deadline_;
    beast::flat_buffer buffer_;
    std::string peer_;
    Connections::Entry* entry_ = nullptr;
    bool secure_ = false;  // the client's side of it
    bool reading_request_ = false, stopping_ = false;
};

asio::awaitable<bool> ClientConnection::shake_hands() {
    auto* tls = stream_.secure();
    if (tls == nullptr) co_return true;
    error_code error;
    stream_.tcp().expires_after(shared_.settings.header_time);
    reading_request_ = true;
    co_await tls->async_handshake(asio::ssl::stream_base::server, with(error));
    if (error) log_debug("{}: no TLS: {}", peer_, error.message());
    co_return !error;
}

asio::awaitable<void> ClientConnection::run() {
    if (!co_await shake_hands()) co_return;
    auto time = shared_.settings.header_time;
    while (!stopping_) {
        error_code error;
        Parser parser;
        parser.header_limit(kMostHeader);
        parser.body_limit(kMostBody);
        stream_.tcp().expires_after(time);
        reading_request_ = true;
        co_await http::async_read_header(stream_, buffer_, parser, with(error));
        time = shared_.settings.idle_time;
        if (!error && !parser.is_done()) {
            if (parser.get().target().starts_with("/api/openings/")) parser.body_limit(kMostAnswer);
            stream_.tcp().expires_after(shared_.settings.body_time);
            if (beast::iequals(parser.get()[http::field::expect], "100-continue"))
                co_await write("HTTP/1.1 100 Continue\r\n\r\n", {});
            co_await http::async_read(stream_, buffer_, parser, with(error));
        }
        reading_request_ = false;
        if (error) {
            if (const auto reply = refusal(error)) {
                log_debug("{} {}: {}", peer_, reply->status, error.message());
                if (co_await send(*reply, true, false)) co_await linger();
            }
            break;
        }

        const auto started = shared_.clock.monotonic();
        const auto request =
            to_request(parser.get(), peer_, stream_.secure() != nullptr, shared_.settings.proxies);
        secure_ = request.secure;
        stream_.tcp().expires_never();
        const auto reply = co_await answer(request);
        const auto log = [&](std::string_view how) {
            log_debug("{} {} {}{} {} ms", printable(request.method_name), printable(request.path),
                      reply.status, how, (shared_.clock.monotonic() - started).count() / 1000);
        };
        if (reply.live) {
            log("");
            live_ = std::make_shared<LiveView>(std::move(stream_), shared_, reply.live, reply.live_token,
                                               secure_);
            if (stopping_) live_->stop();
            co_await live_->run(parser.get());
            log(" ended after");
            break;
        }
        const bool keep_alive = parser.keep_alive() && !stopping_;
        const bool sent = co_await send(reply, request.method != Method::head, keep_alive);
        log(sent ? "" : " not taken");
        if (!sent) break;
        if (!keep_alive) {
            co_await linger();
            break;
        }
    }
    deadline_.cancel();
}

asio::awaitable<void> ClientConnection::refuse_for_lack_of_room() {
    if (stream_.secure() != nullptr) co_return;  // a handshake costs more than it is worth
    auto reply = error_reply(503, "too many connections; try again in a moment");
    reply.headers.emplace_back("Retry-After", "5");
    co_await send(reply, true, false);
    close();
}

asio::awaitable<Reply> ClientConnection::answer(const Request& request) {
    auto plan = shared_.api.plan(request);
    if (plan.reply) co_return std::move(*plan.reply);
    auto* pool = &shared_.queries;
    if (plan.route->work() == Work::password) pool = &shared_.passwords;
    if (plan.route->work() == Work::joining) pool = &shared_.joins;
    std::atomic<bool> gone{false};
    const auto job = [&] { return shared_.api.run(plan, request, gone); };
    const std::function<void()> look = [&] { gone = gone || stopping_ || client_left(); };
    auto reply = co_await on_pool<Reply>(*pool, job, look);
    if (reply && reply->known) entry_->is_known();
    if (reply) co_return std::move(*reply);
    auto refused = error_reply(503, "the server is busy; try again in a moment");
    refused.headers.emplace_back("Retry-After", "2");
    co_return refused;
}

asio::awaitable<bool> ClientConnection::send(const Reply& reply, bool with_body, bool keep_alive) {
    const auto head = response_head(reply, keep_alive, shared_.clock.wall(), secure_);
    std::string_view text;
    const auto* file = std::get_if<FileBody>(&reply.body);
    if (const auto* own = std::get_if<std::string>(&reply.body)) text = *own;
    if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&reply.body)) text = **shared;
    if (!co_await write(head, with_body ? text : std::string_view{})) co_return false;
    if (!file || !with_body) co_return true;
    co_return co_await send_file(*file);
}

asio::awaitable<bool> ClientConnection::send_file(const FileBody& file) {
    const std::function<void()> nothing;
    auto chunk = std::make_shared<std::string>();
    for (std::uint64_t sent = 0; sent < file.length && !stopping_;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, file.length - sent));
        const auto at = static_cast<off_t>(file.offset + sent);
        const auto read = [chunk, wanted, at, fd = file.file] {
            chunk->resize(wanted);
            const auto n = ::pread(fd->get(), chunk->data(), wanted, at);
            chunk->resize(n < 0 ? 0 : static_cast<std::size_t>(n));
            return n > 0;
        };
        const auto got = co_await on_pool<bool>(shared_.queries, read, nothing);
        // The length was promised in the header, so the client sees that a file that ends early was cut.
        if (!got || !*got || !co_await write(*chunk, {})) co_return false;
        sent += chunk->size();
    }
    co_return !stopping_;
}

asio::awaitable<bool> ClientConnection::write(std::string_view first, std::string_view second) {
    error_code error;
    const std::array buffers{asio::buffer(first), asio::buffer(second)};
    stream_.tcp().expires_after(shared_.settings.write_time);
    co_await asio::async_write(stream_, buffers, with(error));
    co_return !error;
}

// Closing with unread bytes resets the connection, and the client may never see the answer: so read on a bit.
asio::awaitable<void> ClientConnection::linger() {
    error_code error;
    if (auto* tls = stream_.secure()) {
        stream_.tcp().expires_after(kStopGrace);
        co_await tls->async_shutdown(with(error));
        co_return;
    }
    stream_.tcp().socket().shutdown(tcp::socket::shutdown_send, error);
    stream_.tcp().expires_after(kStopGrace);
    for (std::size_t total = 0; !error && total < kChunk && !stopping_;) {
        buffer_.clear();
        const auto space = buffer_.prepare(kMostHeader);
        total += co_await stream_.async_read_some(space, with(error));
    }
}

}  // namespace

void start_connection(tcp::socket socket, Shared& shared) {
    const auto executor = socket.get_executor();
    auto connection = std::make_shared<ClientConnection>(std::move(socket), shared);
    const auto& proxies = shared.settings.proxies;
    const bool of_many =
        std::ranges::any_of(proxies, [&](const Network& n) { return n.holds(connection->peer()); });
    auto entry = std::make_shared<Connections::Entry>(
        shared.connections.enter(connection, of_many ? "" : connection->peer()));
    connection->enter(*entry);
    const auto serve = [connection, entry] {
        return *entry ? connection->run() : connection->refuse_for_lack_of_room();
    };
    asio::co_spawn(executor, serve, [connection, entry](const std::exception_ptr& error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const std::exception& e) {
            log_error("a connection ended: {}", e.what());
        }
    });
}

}  // namespace passerby::server
