#include "app/camera_trial.h"

#include <array>
#include <condition_variable>
#include <mutex>

#include "camera/supervisor.h"
#include "crypto/base64.h"

namespace passerby::app {

namespace {

using nlohmann::json;

// What the feed has said so far.
struct Seen {
    std::mutex mutex;
    std::condition_variable changed;
    std::shared_ptr<const camera::StreamInit> init;
    std::shared_ptr<const camera::StreamFragment> fragment;
    std::string error;

    void take(const camera::FeedEvent& event) {
        {
            const std::lock_guard lock{mutex};
            if (event.init && !init) init = event.init;
            if (event.fragment && event.fragment->keyframe && init && !fragment) fragment = event.fragment;
            if (event.status && !event.status->error.empty() && error.empty()) error = event.status->error;
        }
        changed.notify_all();
    }
    bool done() const { return fragment || !error.empty(); }
};

std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string_view trouble_named(std::string_view error) {
    using Words = std::pair<std::string_view, std::string_view>;
    static constexpr std::array kTroubles{Words{"refuses the user or the password", "password"},
                                          Words{"knows no stream at", "path"},
                                          Words{"no data from", "silent"},
                                          Words{"which passerby does not decode", "codec"},
                                          Words{"no video", "no_video"},
                                          Words{"does not answer with a video stream", "no_stream"},
                                          Words{"ended the stream", "no_stream"},
                                          Words{"Connection refused", "refused"},
                                          Words{"No route to host", "unreachable"},
                                          Words{"Network is unreachable", "unreachable"},
                                          Words{"Connection timed out", "silent"},
                                          Words{"the network does not know", "name"},
                                          Words{"has no address", "name"},
                                          Words{"may not be", "address"}};
    for (const auto& [words, name] : kTroubles)
        if (error.find(words) != std::string_view::npos) return name;
    return "other";
}

Result<json> try_camera(camera::Start start, const std::atomic<bool>& gone) {
    start.policy = {};
    start.policy.scene = redact::Scene::fixed;
    start.audio = false;
    start.quiet = camera::Quiet::encode;
    start.originals.reset();
    camera::Feed feed;
    Seen seen;
    const auto subscription = feed.subscribe([&](const camera::FeedEvent& event) { seen.take(event); });
    const auto supervisor = TRY(camera::Supervisor::create({.start = std::move(start)}, feed));
    {
        std::unique_lock lock{seen.mutex};
        const auto end = std::chrono::steady_clock::now() + kPatience;
        constexpr std::chrono::milliseconds kLook{200};
        while (!seen.done() && !gone && std::chrono::steady_clock::now() < end)
            seen.changed.wait_for(lock, kLook);
    }
    supervisor->stop();
    if (gone) return fail(ErrorKind::cancelled, "nobody waits for the answer");
    const std::lock_guard lock{seen.mutex};
    if (!seen.fragment) {
        const auto error = seen.error.empty()
                               ? fmt::format("there was no picture within {} s", kPatience.count())
                               : seen.error;
        return json{{"ok", false},
                    {"trouble", seen.error.empty() ? "silent" : trouble_named(seen.error)},
                    {"error", error}};
    }
    return json{{"ok", true},
                {"size", {seen.init->size.width, seen.init->size.height}},
                {"codec", seen.init->codec},
                {"covered", seen.fragment->covered},
                {"picture", crypto::to_base64(text_of(seen.init->bytes) + text_of(seen.fragment->bytes))}};
}

}  // namespace passerby::app
