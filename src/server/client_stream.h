// A client's connection, plain or with TLS: which of the two is known when it begins, so everything above is
// written once. For this module only: it brings Asio along.
#pragma once

#include <memory>
#include <variant>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace passerby::server {

// Asio's AsyncReadStream and AsyncWriteStream. The timeouts are those of tcp().
class ClientStream {
  public:
    using Tcp = boost::beast::tcp_stream;
    using Secure = boost::asio::ssl::stream<Tcp>;
    using next_layer_type = Tcp;
    using executor_type = Tcp::executor_type;

    // Without a context: plain.
    ClientStream(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls)
        : tls_{std::move(tls)}, stream_{made(std::move(socket), tls_.get())} {}

    Tcp& tcp() {
        if (auto* secure = std::get_if<Secure>(&stream_)) return secure->next_layer();
        return std::get<Tcp>(stream_);
    }
    Tcp& next_layer() { return tcp(); }
    const Tcp& next_layer() const { return const_cast<ClientStream*>(this)->tcp(); }
    executor_type get_executor() { return tcp().get_executor(); }
    // Null: plain.
    Secure* secure() { return std::get_if<Secure>(&stream_); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        if (auto* tls = secure()) return tls->async_read_some(buffers, std::forward<Token>(token));
        return std::get<Tcp>(stream_).async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        if (auto* tls = secure()) return tls->async_write_some(buffers, std::forward<Token>(token));
        return std::get<Tcp>(stream_).async_write_some(buffers, std::forward<Token>(token));
    }

  private:
    using Either = std::variant<Tcp, Secure>;
    static Either made(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls) {
        if (tls != nullptr) return Either{std::in_place_type<Secure>, Tcp{std::move(socket)}, *tls};
        return Either{std::in_place_type<Tcp>, std::move(socket)};
    }

    std::shared_ptr<boost::asio::ssl::context> tls_;
    Either stream_;
};

// The end of a WebSocket, whose close frames have said all there is to say.
template <class Handler>
void async_teardown(boost::beast::role_type role, ClientStream& stream, Handler&& handler) {
    boost::beast::websocket::async_teardown(role, stream.tcp().socket(), std::forward<Handler>(handler));
}
inline void teardown(boost::beast::role_type role, ClientStream& stream, boost::system::error_code& error) {
    boost::beast::websocket::teardown(role, stream.tcp().socket(), error);
}

}  // namespace passerby::server
