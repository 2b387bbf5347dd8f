// For this module's tests: a real store in a folder of its own, cameras fed by hand, a clock that stands
// still.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "media/video_writer.h"
#include "redact/painter.h"
#include "server/camera_list.h"
#include "server/server.h"
#include "server/test_client.h"
#include "store/accounts.h"
#include "store/recorder.h"

namespace passerby::server {

class StandingClock final : public Clock {
  public:
    WallTime wall() const override { return {Micros{wall_.load()}}; }
    Micros monotonic() const override { return Micros{monotonic_.load()}; }
    void advance(Micros time) {
        wall_ += time.count();
        monotonic_ += time.count();
    }

  private:
    std::atomic<std::int64_t> wall_{1'772'366'400'000'000};  // 2026-03-01T12:00:00Z
    std::atomic<std::int64_t> monotonic_{0};
};

inline std::vector<std::byte> to_bytes(std::string_view text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
}

// A stream of covered pictures as a camera's process makes it.
struct Stream {
    std::vector<std::byte> init;
    std::string codec;
    std::vector<media::Fragment> fragments;
};

inline Stream covered_stream(image::Size size, int frames) {
    Stream out;
    media::EncodeOptions options;
    options.size = size;
    options.time_base = {1, 1'000'000};
    options.frame_rate = {10, 1};
    options.preset = "ultrafast";
    options.keyframe_interval = std::chrono::seconds{1};
    options.threads = 1;
    auto writer =
        media::FragmentWriter::create(options, std::chrono::seconds{1},
                                      {[&](std::vector<std::byte> init, std::string codec) -> Status {
                                           out.init = std::move(init);
                                           out.codec = std::move(codec);
                                           return {};
                                       },
                                       [&](media::Fragment fragment) -> Status {
                                           out.fragments.push_back(std::move(fragment));
                                           return {};
                                       }});
    EXPECT_TRUE(writer) << (writer ? "" : writer.error().message);
    redact::Painter painter{redact::CoverStyle::block};
    const auto picture = std::make_shared<image::PictureBuffer>(size);
    for (int i = 0; writer && i < frames; ++i) {
        const Micros time = std::chrono::milliseconds{100} * i;
        const auto frame = painter.paint_wholly({picture->view(), picture, {time.count(), time}});
        EXPECT_TRUE((*writer)->write(frame));
    }
    if (!writer) return out;
    EXPECT_TRUE((*writer)->finish());
    return out;
}

class World : public testing::Test {
  protected:
    static constexpr const char* kPassword = "a password of my own";

    World() {
        auto name = testing::TempDir() + "passerby-server-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        std::filesystem::create_directories(folder_ / "web/assets");
        std::ofstream{folder_ / "secret.txt"} << "SECRET";
        std::ofstream{folder_ / "web/index.html"} << "<!doctype html><title>passerby</title>";
        std::ofstream{folder_ / "web/assets/app-1a2b.js"} << "export {}";
        auto store = store::Store::open(folder_ / "data", clock_);
        EXPECT_TRUE(store) << (store ? "" : store.error().message);
        store_ = *store;
        auto ledger = store::Ledger::open(store_, "example.org/test");
        EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().message);
        ledger_.ledger = *std::move(ledger);
        auto accounts = store::Accounts::open(store_, {1, 8192});
        EXPECT_TRUE(accounts) << (accounts ? "" : accounts.error().message);
        accounts_ = *std::move(accounts);
        first_ = *accounts_->take_first_login();
    }
    ~World() override {
        server_.reset();
        accounts_.reset();
        ledger_ = {};
        store_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::vector<CameraEntry> cameras() {
        std::vector<CameraEntry> all{{"door",
                                      "Front <door>",
                                      "fixed",
                                      "silhouette",
                                      {"persons", "faces"},
                                      {std::shared_ptr<void>{}, &door_},
                                      door_approval_,
                                      approve_},
                                     {"yard", "Yard", "moving", "block", {"faces"}, nullptr}};
        all[0].fixed_masks = {"0.1,0.1 0.2,0.1 0.2,0.2"};
        all[0].draw = draw_;
        all[0].counting = counting_;
        all[0].count = count_;
        all[1].audio = "kept";
        return all;
    }
    void start(ServerSettings settings = {}) {
        settings.port = 0;
        settings.web_folder = folder_ / "web";
        auto server = Server::start(settings, std::make_shared<CameraList>(cameras()), store_, accounts_,
                                    ledger_, clock_, "1.2.3");
        ASSERT_TRUE(server) << server.error().message;
        server_ = *std::move(server);
    }
    Client client(int receive_buffer = 0) { return Client{server_->port(), receive_buffer}; }

    // Asks for the app's page until a connection is free; the status.
    int wait_for_room() {
        for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};;) {
            const int status = client().get("/").status;
            if (status != 503 || std::chrono::steady_clock::now() > end) return status;
        }
    }

    // A Cookie header line of a new session.
    std::string session() {
        const auto token = accounts_->create_session(first_.user);
        EXPECT_TRUE(token);
        return "Cookie: theme=dark; passerby_session=" + *token + "\r\n";
    }
    void choose_own_password() {
        const auto changed = accounts_->change_password(first_.user, first_.password, kPassword, "");
        ASSERT_TRUE(changed && changed->outcome == store::Login::Outcome::ok);
    }
    std::string own_session() {
        if (!has_own_password_) choose_own_password();
        has_own_password_ = true;
        return session();
    }

    // Records the stream from now on, without gaps; the clock stays.
    void record(const std::string& camera, const Stream& stream, image::Size size) {
        auto recorder = store::Recorder::create(store_, camera);
        ASSERT_TRUE(recorder) << recorder.error().message;
        ASSERT_TRUE((*recorder)->begin(stream.init, size, stream.codec));
        for (const auto& f : stream.fragments) {
            const auto added = (*recorder)->add({f.bytes, f.start, f.duration, f.frames, f.keyframe, 0.25},
                                                clock_.wall() + f.start);
            ASSERT_TRUE(added) << added.error().message;
        }
        ASSERT_TRUE((*recorder)->stop());
    }
    // `count` fragments of a second each, of bytes that are no video.
    static Stream fake_stream(int count, std::size_t bytes) {
        Stream out{to_bytes("INIT-SECTION"), "avc1.64001f", {}};
        for (int i = 0; i < count; ++i) {
            std::string text(bytes, static_cast<char>('a' + i % 26));
            out.fragments.push_back(
                {to_bytes(text), std::chrono::seconds{i}, std::chrono::seconds{1}, 10, true});
        }
        return out;
    }

    std::filesystem::path folder_;
    StandingClock clock_;
    std::shared_ptr<store::Store> store_;
    std::shared_ptr<store::Accounts> accounts_;
    LedgerOrReason ledger_;
    store::FirstLogin first_;
    camera::Feed door_;
    std::string door_approval_ = "none";
    std::function<Status(const camera::Approvals&)> approve_;
    std::function<Status(std::vector<redact::Polygon>)> draw_;
    std::optional<redact::Counting> counting_;
    std::function<Status(const std::vector<vision::Place>&)> count_;
    std::unique_ptr<Server> server_;

  private:
    bool has_own_password_ = false;
};

}  // namespace passerby::server
