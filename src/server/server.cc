#include "server/server.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "server/connection.h"

namespace passerby::server {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kNetworkThreads = 2;
constexpr int kQueryThreads = 3;
constexpr int kPasswordThreads = 2;  // each hash takes 64 MiB

Result<tcp::acceptor> listen(asio::io_context& io, const ServerSettings& settings) {
    error_code error;
    const auto address = asio::ip::make_address(settings.address, error);
    if (error)
        return fail(ErrorKind::invalid, "\"{}\" is not an IP address to listen on; give 127.0.0.1 or 0.0.0.0",
                    settings.address);
    const tcp::endpoint endpoint{address, settings.port};
    tcp::acceptor acceptor{asio::make_strand(io)};
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address{true}, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use)
        return fail(ErrorKind::exists, "another program listens on port {} of {}; choose another port",
                    settings.port, settings.address);
    if (error)
        return fail_errno(error.value(),
                          fmt::format("cannot listen on port {} of {}", settings.port, settings.address));
    return acceptor;
}

Status check(const CameraList& cameras) {
    for (const auto& entry : cameras.all()) {
        const auto& camera = *entry;
        const bool good =
            !camera.id.empty() && camera.id.size() <= 32 && std::ranges::all_of(camera.id, [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
            });
        if (!good)
            return fail(ErrorKind::invalid, "\"{}\" is no camera id: 1 to 32 of a-z, 0-9 and -",
                        printable(camera.id));
    }
    return {};
}

class HttpServer final : public Server {
  public:
    HttpServer(ServerSettings settings, Api::World world)
        : settings_{std::move(settings)},
          clock_{world.clock},
          api_{std::move(world)},
          connections_{static_cast<std::size_t>(std::max(1, settings_.max_connections)),
                       static_cast<std::size_t>(std::max(1, settings_.max_of_one))} {}
    ~HttpServer() override { stop(); }

    Status listen_and_serve();
    std::string address() const override {
        const auto host = endpoint_.address().is_v6() ? fmt::format("[{}]", endpoint_.address().to_string())
                                                      : endpoint_.address().to_string();
        return fmt::format("http{}://{}:{}", settings_.tls ? "s" : "", host, endpoint_.port());
    }
    std::uint16_t port() const override { return endpoint_.port(); }
    Status put_sums_on_record() override { return api_.flush_logins(); }
    void stop() override;

  private:
    asio::awaitable<void> accept();

    // Constant after start. The order matters at the end: the pools finish their jobs before the io_context
    // goes, which takes suspended connections with it, which use everything above.
    const ServerSettings settings_;
    Clock& clock_;
    Api api_;
    Connections connections_;
    std::unique_ptr<Tls> tls_;
    asio::io_context io_{kNetworkThreads};
    WorkerPool queries_{"http-query", kQueryThreads, 1024};
    WorkerPool passwords_{"http-password", kPasswordThreads, 16};
    WorkerPool joins_{"http-export", Api::kExports, 16};
    Shared shared_{api_, clock_, settings_, connections_, queries_, passwords_, joins_, tls_};
    std::optional<tcp::acceptor> acceptor_;
    tcp::endpoint endpoint_;
    std::mutex stopping_;  // so that two callers of stop() both return when it is done
    std::vector<std::jthread> threads_;
};

Status HttpServer::listen_and_serve() {
    if (settings_.tls) tls_ = TRY(Tls::load(*settings_.tls));
    acceptor_ = TRY(listen(io_, settings_));
    error_code error;
    endpoint_ = acceptor_->local_endpoint(error);
    asio::co_spawn(acceptor_->get_executor(), accept(), asio::detached);
    for (int i = 0; i < kNetworkThreads; ++i)
        threads_.emplace_back([this, i] {
            name_this_thread(fmt::format("http-{}", i));
            const auto work = asio::make_work_guard(io_);
            io_.run();
        });
    return {};
}

asio::awaitable<void> HttpServer::accept() {
    asio::steady_timer pause{io_};
    while (acceptor_->is_open()) {
        error_code error;
        auto socket = co_await acceptor_->async_accept(asio::make_strand(io_),
                                                       asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            start_connection(std::move(socket), shared_);
        } else if (error != asio::error::operation_aborted && error != asio::error::connection_aborted) {
            // Most likely too many open files: there is nothing to gain by trying again at once.
            log_warning("cannot accept a connection: {}", error.message());
            pause.expires_after(std::chrono::milliseconds{200});
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        }
    }
}

void HttpServer::stop() {
    const std::lock_guard lock{stopping_};
    if (threads_.empty()) return;
    asio::post(acceptor_->get_executor(), [this] {
        error_code ignored;
        acceptor_->close(ignored);
    });
    connections_.stop();
    queries_.stop();
    passwords_.stop();
    joins_.stop();
    io_.stop();
    threads_.clear();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerSettings settings, std::shared_ptr<CameraList> cameras,
                                              std::shared_ptr<store::Store> store,
                                              std::shared_ptr<store::Accounts> accounts,
                                              LedgerOrReason ledger, Clock& clock, std::string version) {
    TRY_STATUS(check(*cameras));
    WebFiles web;
    if (!settings.web_folder.empty()) web = TRY(WebFiles::load(settings.web_folder));
    error_code error;
    const auto address = asio::ip::make_address(settings.address, error);
    HostRule hosts{.bound_to_loopback = error || address.is_loopback(), .names = {}};
    for (const auto& name : settings.host_names)
        if (auto plain = host_name(name)) hosts.names.push_back(*std::move(plain));
    const auto second_factor = settings.second_factor;
    auto about = std::move(settings.about);
    auto camera_settings = std::move(settings.settings);
    try {
        auto server = std::make_unique<HttpServer>(
            std::move(settings),
            Api::World{std::move(cameras), std::move(store), std::move(accounts), clock, std::move(version),
                       std::move(ledger.ledger), std::move(ledger.reason), std::move(hosts), std::move(web),
                       second_factor, std::move(about), std::move(camera_settings)});
        TRY_STATUS(server->listen_and_serve());
        return server;
    } catch (const std::exception& e) {  // no threads, no epoll
        return fail(ErrorKind::unavailable, "the HTTP server cannot start: {}", e.what());
    }
}

}  // namespace passerby::server
