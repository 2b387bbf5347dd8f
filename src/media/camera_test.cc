// Reading from the network and in real time, against a server in this process.
#include <atomic>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "media/test_files.h"

namespace passerby::media {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

// Answers each connection in turn, on a free port of the loopback interface, until it is destroyed.
class Server {
  public:
    using Answer = std::function<void(int connection, const std::string& request)>;
    explicit Server(Answer answer)
        : answer_{std::move(answer)}, listening_{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listening_.get(), 8), 0);
        EXPECT_EQ(::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread{[this] { serve(); }};
    }
    ~Server() { ::shutdown(listening_.get(), SHUT_RDWR); }
    std::string at(const std::string& scheme) const {
        return fmt::format("{}://127.0.0.1:{}/live", scheme, port_);
    }

  private:
    void serve() {
        for (;;) {
            const Fd connection{::accept(listening_.get(), nullptr, nullptr)};
            if (!connection) return;
            std::string request;
            char buffer[4096];
            while (request.find("\r\n\r\n") == std::string::npos) {
                const auto n = ::read(connection.get(), buffer, sizeof buffer);
                if (n <= 0) break;
                request.append(buffer, static_cast<std::size_t>(n));
            }
            answer_(connection.get(), request);
        }
    }
    Answer answer_;
    Fd listening_;
    int port_ = 0;
    std::jthread thread_;
};

void send_text(int connection, const std::string& text) {
    ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

// Keeps the connection without sending until the other side closes it.
void stay_silent(int connection) {
    char byte;
    while (::read(connection, &byte, 1) > 0) {
    }
}

std::string jpeg(int width) {
    const TempFolder folder;
    make_video(fmt::format("-f lavfi -i testsrc2=s={}x48:d=1 -frames:v 1", width), folder / "a.jpg");
    return content(folder / "a.jpg");
}

const std::string kMultipart =
    "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";

std::string part(const std::string& picture) {
    return fmt::format("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", picture.size()) +
           picture + "\r\n";
}

ReadOptions impatient() {
    ReadOptions options;
    options.timeout = milliseconds{300};
    return options;
}

TEST(Camera, ReadsJpegsOverHttpWithTimesThatIncrease) {
    const auto picture = jpeg(64);
    const Server server{[&](int connection, const std::string&) {
        send_text(connection, kMultipart);
        for (int i = 0; i < 40; ++i) send_text(connection, part(picture));
    }};
    const auto reader = open_or_fail(server.at("http"));
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->info().size, (image::Size{64, 48}));
    EXPECT_EQ(reader->info().codec, "mjpeg");
    std::int64_t last = -1;
    int frames = 0;
    for (;;) {
        const auto frame = reader->read();
        if (!frame) {  // a camera does not end: that is an error
            EXPECT_EQ(frame.error().kind, ErrorKind::unavailable);
            break;
        }
        ASSERT_TRUE(*frame);
        EXPECT_GT((*frame)->when().ticks, last);
        last = (*frame)->when().ticks;
        ++frames;
    }
    EXPECT_GE(frames, 39);
}

TEST(Camera, IsToBeOpenedAgainWhenItsPictureSizeChanges) {
    const auto small = jpeg(64), big = jpeg(96);
    const Server server{[&](int connection, const std::string&) {
        send_text(connection, kMultipart);
        for (int i = 0; i < 60; ++i) send_text(connection, part(i < 30 ? small : big));
    }};
    const auto reader = open_or_fail(server.at("http"));
    ASSERT_TRUE(reader);
    auto frame = reader->read();
    while (frame && *frame) frame = reader->read();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(frame.error().message, HasSubstr("changed to 96x48"));
}

TEST(Camera, IsUnavailableWhenNothingComes) {
    const Server server{[](int connection, const std::string&) { stay_silent(connection); }};
    for (const std::string scheme : {"http", "rtsp"}) {
        const auto reader = VideoReader::open(server.at(scheme), impatient());
        ASSERT_FALSE(reader);
        EXPECT_EQ(name(reader.error().kind), name(ErrorKind::unavailable)) << reader.error().message;
        EXPECT_THAT(reader.error().message, HasSubstr(server.at(scheme)));
    }
}

TEST(Camera, IsUnavailableWhenItFallsSilent) {
    const auto picture = jpeg(64);
    const Server server{[&](int connection, const std::string&) {
        send_text(connection, kMultipart);
        for (int i = 0; i < 40; ++i) send_text(connection, part(picture));
        stay_silent(connection);
    }};
    const auto reader = open_or_fail(server.at("http"), impatient());
    ASSERT_TRUE(reader);
    auto frame = reader->read();
    while (frame && *frame) frame = reader->read();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(frame.error().message, HasSubstr("no data from"));
}

TEST(Camera, GetsThePasswordAndNobodyElseDoes) {
    std::string request;
    auto server = std::make_optional<Server>([&](int connection, const std::string& text) {
        request = text;
        send_text(connection,
                  text.find("Authorization") == std::string::npos
                      ? "HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n"
                      : "HTTP/1.0 403 Forbidden\r\n\r\n");
    });
    auto options = impatient();
    options.user = "viewer";
    options.password = "t0p/secret";
    const auto reader = VideoReader::open(server->at("http"), options);
    server.reset();  // its thread has written `request`
    ASSERT_FALSE(reader);
    EXPECT_THAT(request, HasSubstr("Authorization: Basic dmlld2VyOnQwcC9zZWNyZXQ="));
    EXPECT_EQ(name(reader.error().kind), name(ErrorKind::denied));
    EXPECT_THAT(reader.error().message, HasSubstr("check both"));
    for (const char* secret : {"t0p/secret", "t0p%2Fsecret", "viewer"})
        EXPECT_THAT(reader.error().message, Not(HasSubstr(secret)));
}

TEST(Camera, IsNotFollowedElsewhere) {
    std::atomic<int> asked = 0;
    const Server elsewhere{[&](int, const std::string&) { ++asked; }};
    for (const char* status : {"301 Moved Permanently", "302 Found", "307 Temporary Redirect"}) {
        const Server server{[&](int connection, const std::string&) {
            send_text(connection, fmt::format("HTTP/1.1 {}\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
                                              status, elsewhere.at("http")));
        }};
        EXPECT_FALSE(VideoReader::open(server.at("http"), {})) << status;
    }
    EXPECT_EQ(asked, 0);
}

TEST(Camera, IsRefusedWhereNobodyListens) {
    std::string address;
    {
        address = Server{[](int, const std::string&) {}}.at("rtsp");
    }
    const auto reader = VideoReader::open(address, impatient());
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(reader.error().message, HasSubstr(address));
}

TEST(Camera, CanBeInterruptedWhileItWaits) {
    const auto picture = jpeg(64);
    const Server server{[&](int connection, const std::string&) {
        send_text(connection, kMultipart);
        for (int i = 0; i < 40; ++i) send_text(connection, part(picture));
        stay_silent(connection);
    }};
    ReadOptions patient;
    patient.timeout = std::chrono::hours{1};
    const auto reader = open_or_fail(server.at("http"), patient);
    ASSERT_TRUE(reader);
    Result<std::optional<image::RawFrame>> last = reader->read();
    std::jthread reading{[&] {
        while (last && *last) last = reader->read();
    }};
    reader->interrupt();
    reading.join();
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().kind, ErrorKind::cancelled);
}

TEST(Camera, CanBeStoppedWhileItIsOpened) {
    std::atomic<bool> stop = false;
    const Server server{[&](int connection, const std::string&) {
        stop = true;  // the request is here, the answer will not come
        stay_silent(connection);
    }};
    ReadOptions patient;
    patient.timeout = std::chrono::hours{1};
    patient.stop = &stop;
    const auto reader = VideoReader::open(server.at("rtsp"), patient);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().kind, ErrorKind::cancelled);
}

TEST(Loop, PlaysAFileAgainWithoutABreakInTime) {
    const TempFolder folder;
    for (const std::string file : {"a.mp4", "a.avi", "a.mkv", "a.ts"}) {
        make_video("-f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v mpeg4 -bf 0", folder / file);
        ReadOptions options;
        options.passes = 0;
        const auto reader = open_or_fail(folder / file, options);
        ASSERT_TRUE(reader);
        for (int i = 0; i < 80; ++i) {
            const auto frame = reader->read();
            ASSERT_TRUE(frame && *frame) << file << " frame " << i;
            EXPECT_NEAR(static_cast<double>((*frame)->when().time.count()), i * 40'000.0, 1000.0)
                << file << " frame " << i;
        }
    }
}

TEST(Loop, PlaysAFileAsOftenAsAskedFor) {
    const TempFolder folder;
    make_video("-f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v mpeg4 -bf 0", folder / "a.mp4");
    for (const int passes : {1, 2, 3}) {
        ReadOptions options;
        options.passes = passes;
        const auto reader = open_or_fail(folder / "a.mp4", options);
        ASSERT_TRUE(reader);
        EXPECT_EQ(reader->info().frames_estimate, 25 * passes);
        EXPECT_EQ(reader->info().duration, passes * Micros{std::chrono::seconds{1}});
        const auto frames = read_all(*reader);
        ASSERT_EQ(frames.size(), 25U * static_cast<unsigned>(passes));
        EXPECT_NEAR(static_cast<double>(frames.back().when().time.count()), (25 * passes - 1) * 40'000.0,
                    1000.0);
    }
}

TEST(RealTime, GivesFramesOutWhenTheyAreDueAndStopsWhenTold) {
    const TempFolder folder;
    make_video("-f lavfi -i testsrc2=s=64x48:r=1/3600:d=36000 -frames:v 3 -c:v mpeg4", folder / "slow.mkv");
    ReadOptions options;
    options.realtime = true;
    const auto reader = open_or_fail(folder / "slow.mkv", options);
    ASSERT_TRUE(reader);
    ASSERT_TRUE(reader->read());
    // The second frame is due in an hour. Whoever waits for it is let go.
    std::jthread stopper{[&] { reader->interrupt(); }};
    const auto second = reader->read();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace passerby::media
