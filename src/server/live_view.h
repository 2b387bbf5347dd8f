// A connection that became the live view of a camera: a WebSocket that carries what LiveQueue gives and the
// camera's state. For this module only: it brings Beast along.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server/client_stream.h"
#include "server/connection.h"
#include "server/http_message.h"
#include "server/live_queue.h"

namespace passerby::server {

// Everything but the constructor runs on the stream's executor.
class LiveView : public std::enable_shared_from_this<LiveView> {
  public:
    // `secure`: the viewer's side is TLS.
    LiveView(ClientStream, Shared&, CameraList::Entry, std::string token, bool secure);

    // Answers the handshake and serves until the viewer leaves, does not keep up, has no right any more, or
    // stop().
    boost::asio::awaitable<void> run(const HttpMessage& handshake);
    void stop();

  private:
    using CloseCode = boost::beast::websocket::close_code;

    boost::asio::awaitable<CloseCode> show();
    boost::asio::awaitable<CloseCode> send_state(bool check_session);
    boost::asio::awaitable<void> read_until_closed();
    void woken();
    void close();
    void close_within(std::chrono::milliseconds);

    Shared& shared_;
    const CameraList::Entry camera_;
    const std::string token_;
    const bool secure_;
    boost::beast::websocket::stream<ClientStream> ws_;
    boost::asio::steady_timer wake_, deadline_;
    std::shared_ptr<LiveQueue> queue_;
    bool stopping_ = false, left_ = false;
};

}  // namespace passerby::server
