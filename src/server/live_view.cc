#include "server/live_view.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "base/log.h"
#include "server/pool_await.h"

namespace passerby::server {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using beast::error_code;

constexpr std::chrono::seconds kStateEvery{1};
constexpr int kCheckEvery = 30;                // state messages; the session is looked up with one of so many
constexpr std::chrono::seconds kCloseTime{5};  // for the handshakes at both ends
constexpr std::chrono::seconds kStopGrace{1};

}  // namespace

LiveView::LiveView(ClientStream stream, Shared& shared, CameraList::Entry camera, std::string token,
                   bool secure)
    : shared_{shared},
      camera_{std::move(camera)},
      token_{std::move(token)},
      secure_{secure},
      ws_{std::move(stream)},
      wake_{ws_.get_executor()},
      deadline_{ws_.get_executor()} {}

asio::awaitable<void> LiveView::run(const HttpMessage& handshake) {
    error_code error;
    beast::get_lowest_layer(ws_).expires_never();  // the WebSocket has its own time-outs
    ws_.set_option(websocket::stream_base::timeout{kCloseTime, shared_.settings.live_silence, true});
    ws_.set_option(websocket::stream_base::decorator([secure = secure_](websocket::response_type& response) {
        for (const auto& [name, value] : security_headers(secure)) response.set(name, value);
        response.set(beast::http::field::cache_control, "no-store");
    }));
    ws_.auto_fragment(false);    // a fragment is one frame
    ws_.read_message_max(1024);  // the client has nothing to say
    co_await ws_.async_accept(handshake, with(error));
    if (error) co_return;
    asio::co_spawn(
        ws_.get_executor(), [self = shared_from_this()] { return self->read_until_closed(); },
        asio::detached);

    queue_ = std::make_shared<LiveQueue>(
        LiveQueue::Limits{shared_.settings.live_bytes, shared_.settings.live_messages},
        [weak = weak_from_this(), executor = ws_.get_executor()] {
            asio::post(executor, [weak] {
                if (const auto self = weak.lock()) self->woken();
            });
        });
    camera::Feed::Subscription subscription;
    if (camera_->feed)
        subscription =
            camera_->feed->subscribe([queue = queue_](const camera::FeedEvent& e) { queue->take(e); });
    const auto why = co_await show();
    subscription = {};
    if (why != CloseCode::none) {
        log_debug("live view of {} is closed with {}", camera_->id, static_cast<int>(why));
        co_await ws_.async_close(why, with(error));
    }
    deadline_.cancel();
    close();
}

// Sends what comes until it has to end; the code to close with, none when there is nobody left to tell.
asio::awaitable<LiveView::CloseCode> LiveView::show() {
    using std::chrono::steady_clock;
    error_code error;
    auto next_state = steady_clock::now();
    auto sessions_ended = shared_.api.sessions_ended();
    int until_check = 0;  // at once: the session may have ended during the handshake
    while (!error && !left_) {
        if (stopping_ || !shared_.api.is_current(camera_)) co_return CloseCode::going_away;
        if (queue_->overflowed()) co_return CloseCode::try_again_later;
        if (queue_->take_state_change() || steady_clock::now() >= next_state) {
            next_state = steady_clock::now() + kStateEvery;
            const auto ended = shared_.api.sessions_ended();
            const bool check = until_check-- <= 0 || ended != sessions_ended;
            if (check) until_check = kCheckEvery;
            sessions_ended = ended;
            const auto refused = co_await send_state(check);
            if (refused != CloseCode::none) co_return refused;
        } else if (const auto message = queue_->next()) {
            ws_.text(!message->bytes);
            const auto bytes = message->bytes ? asio::buffer(*message->bytes) : asio::buffer(message->text);
            co_await ws_.async_write(bytes, with(error));
        } else {
            error_code woken;
            wake_.expires_at(next_state);
            co_await wake_.async_wait(with(woken));
        }
    }
    co_return CloseCode::none;
}

// The code to close with, none to go on.
asio::awaitable<LiveView::CloseCode> LiveView::send_state(bool check_session) {
    using Text = std::optional<std::string>;
    const auto job = [this, check_session]() -> Text {
        if (check_session && !shared_.api.may_look(token_, camera_->id)) return std::nullopt;
        return shared_.api.state_message(*camera_);
    };
    const std::function<void()> nothing;
    const auto text = co_await on_pool<Text>(shared_.queries, job, nothing);
    // Too busy: a message can be left out, a check cannot.
    if (!text) co_return check_session ? CloseCode::try_again_later : CloseCode::none;
    if (!*text) co_return CloseCode::policy_error;
    error_code gone;
    ws_.text(true);
    co_await ws_.async_write(asio::buffer(**text), with(gone));
    if (gone) left_ = true;
    co_return CloseCode::none;
}

// What the viewer says is dropped. Its pongs and its leaving matter, and Beast sees them while it reads.
asio::awaitable<void> LiveView::read_until_closed() {
    beast::flat_buffer buffer;
    for (error_code error; !error; buffer.clear()) co_await ws_.async_read(buffer, with(error));
    left_ = true;
    wake_.cancel();
}

void LiveView::woken() {
    wake_.cancel();
    // A write that waits for a viewer who does not read holds up the close frame, but not for ever.
    if (queue_->overflowed()) close_within(shared_.settings.live_grace);
}

void LiveView::stop() {
    stopping_ = true;
    wake_.cancel();
    close_within(kStopGrace);
}

void LiveView::close_within(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    if (deadline_.expiry() != asio::steady_timer::time_point{} && deadline_.expiry() <= end) return;
    deadline_.expires_at(end);
    deadline_.async_wait([weak = weak_from_this()](error_code error) {
        if (const auto self = weak.lock(); self && !error) self->close();
    });
}

void LiveView::close() {
    error_code ignored;
    beast::get_lowest_layer(ws_).socket().close(ignored);
}

}  // namespace passerby::server
