// What a camera says: its answers in RTSP, its SDP and what follows, to the reader of a camera's process.
//
// Parts are divided by lines of "--": the answer to DESCRIBE, to SETUP, to PLAY, and then the stream. One
// that does not begin with "RTSP/" is the content of a sound answer.
#include <array>
#include <thread>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "media/originals.h"
#include "media/video_reader.h"
#include "target.h"

using namespace passerby;

namespace {

constexpr std::string_view kDivider = "\n--\n";
constexpr int kPatience = 50;  // milliseconds, for a request that may not come
constexpr int kMostFrames = 50;

class Camera {
  public:
    Camera() {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        auto* address = reinterpret_cast<sockaddr*>(&any);
        fuzz::must(::bind(listener_.get(), address, size) == 0 && ::listen(listener_.get(), 8) == 0 &&
                       ::getsockname(listener_.get(), address, &size) == 0,
                   "a port of loopback is free");
        port_ = ntohs(any.sin_port);
    }
    int port() const { return port_; }

    // One connection, to its end.
    void serve(std::string_view text) {
        if (!readable(listener_.get())) return;
        const Fd peer{::accept(listener_.get(), nullptr, nullptr)};
        if (!peer) return;
        for (;;) {
            const auto request = read_request(peer.get());
            if (request.empty()) return;
            const bool play = request.starts_with("PLAY"), describe = request.starts_with("DESCRIBE");
            if (!play && !describe && !request.starts_with("SETUP")) {
                say(peer.get(), sound("Public: DESCRIBE, SETUP, PLAY\r\n", ""));
                continue;
            }
            const auto part = next(text);
            say(peer.get(), part.starts_with("RTSP/") ? std::string{part}
                            : describe                ? sound("Content-Type: application/sdp\r\n", part)
                            : play                    ? sound("Session: 1\r\n", "")
                                   : sound(fmt::format("Session: 1\r\nTransport: {}\r\n", part), ""));
            if (!play) continue;
            say(peer.get(), text);
            return;
        }
    }

  private:
    static std::string_view next(std::string_view& text) {
        const auto at = std::min(text.find(kDivider), text.size());
        const auto part = text.substr(0, at);
        text.remove_prefix(std::min(at + kDivider.size(), text.size()));
        return part;
    }
    static bool readable(int fd) {
        pollfd waiting{fd, POLLIN, 0};
        return ::poll(&waiting, 1, kPatience) == 1;
    }
    static std::string read_request(int fd) {
        std::string request;
        std::array<char, 4096> buffer;
        while (request.find("\r\n\r\n") == std::string::npos && readable(fd)) {
            const auto n = ::read(fd, buffer.data(), buffer.size());
            if (n <= 0) return {};
            request.append(buffer.data(), static_cast<std::size_t>(n));
        }
        return request;
    }
    static std::string sound(std::string_view headers, std::string_view content) {
        return fmt::format("RTSP/1.0 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", headers, content.size(),
                           content);
    }
    static void say(int fd, std::string_view text) {
        static_cast<void>(::send(fd, text.data(), text.size(), MSG_NOSIGNAL));
    }

    const Fd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int port_ = 0;
};

void read_all(const std::string& url) {
    std::size_t parts = 0;
    media::Originals originals{
        system_clock(),
        {[&](const media::OriginalPart& part) { parts += part.bytes.size(); }, [](const Error&) {}}};
    media::ReadOptions options;
    options.user = "viewer", options.password = "secret";
    options.timeout = std::chrono::milliseconds{500};
    options.originals = &originals;
    if (auto reader = media::VideoReader::open(url, options)) {
        for (int i = 0; i < kMostFrames; ++i) {
            auto frame = (*reader)->read();
            if (!frame || !*frame) break;
            fuzz::must((*frame)->size() == (*reader)->info().size, "a frame has the size of its stream");
        }
    }
    originals.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool quiet = (set_log_level(LogLevel::error), true);
    static_cast<void>(quiet);
    const auto text = fuzz::text_of(data, size);
    // A redirection would lead to somebody else; a camera's process cannot go there.
    if (text.find("ocation") != std::string_view::npos || text.find("OCATION") != std::string_view::npos)
        return 0;
    Camera camera;  // a new one: nothing is left of the last connection
    const std::jthread serving{[&] { camera.serve(text); }};
    read_all(fmt::format("rtsp://127.0.0.1:{}/stream", camera.port()));
    return 0;
}
