// Help for the tests of this module: a clock that they turn, a folder that goes away, and a camera's stream
// of synthetic boxes.
#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/time.h"
#include "store/recorder.h"
#include "store/store.h"

namespace passerby::store::testing {

using namespace std::chrono_literals;

inline WallTime at(std::string_view iso) {
    return wall_time_from_iso8601(iso).value();
}

// The value, or the end of the test.
template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().message};
    return std::move(result).value();
}
inline void must(const Status& status) {
    if (!status) throw std::runtime_error{status.error().message};
}

class FakeClock final : public Clock {
  public:
    explicit FakeClock(WallTime now) : wall_{now.micros()} {}
    WallTime wall() const override { return {Micros{wall_}}; }
    Micros monotonic() const override { return Micros{monotonic_}; }
    void pass(Micros t) {
        wall_ += t.count();
        monotonic_ += t.count();
    }
    void set_wall(WallTime t) { wall_ = t.micros(); }

  private:
    std::atomic<std::int64_t> wall_, monotonic_{1};
};

class TempFolder {
  public:
    TempFolder() {
        // In memory where that is possible: the tests sync a thousand times.
        const std::filesystem::path memory = "/dev/shm";
        const auto where =
            ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
        auto pattern = (where / "passerby-store-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path_ = pattern;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// Nothing but the disk's mark is there.
inline bool no_folders(const std::filesystem::path& recordings) {
    std::filesystem::directory_iterator all{recordings};
    return std::none_of(begin(all), end(all), [](const auto& e) { return e.is_directory(); });
}

// A box with `content` bytes of filling.
inline std::vector<std::byte> box(std::string_view type, std::size_t content) {
    const auto size = static_cast<std::uint32_t>(content + 8);
    std::vector<std::byte> bytes(size, std::byte{0x55});
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[i] = static_cast<std::byte>(size >> (24 - 8 * i) & 0xff);
        bytes[4 + i] = static_cast<std::byte>(type[i]);
    }
    return bytes;
}

inline std::vector<std::byte> boxes(std::string_view first, std::string_view second, std::size_t content) {
    auto bytes = box(first, 24);
    const auto more = box(second, content);
    bytes.insert(bytes.end(), more.begin(), more.end());
    return bytes;
}

constexpr std::size_t kInitBytes = 32 + 108;      // of init_section()
constexpr std::size_t kFragmentBytes = 32 + 508;  // of what Camera sends
constexpr std::size_t kStoredFragment = 72 + kFragmentBytes;

inline std::vector<std::byte> init_section() {
    return boxes("ftyp", "moov", 100);
}

// Feeds a recorder: fragments of one second, every other one begins with a keyframe.
class Camera {
  public:
    Camera(Recorder& recorder, FakeClock& clock) : recorder_{recorder}, clock_{clock} {}

    Status begin() { return recorder_.begin(init_section(), {640, 360}, "avc1.64001f"); }

    // Time passes while the frames are taken in; then they come as one fragment.
    Status send(double covered = 0.25) {
        const auto wall = clock_.wall();
        clock_.pass(length);
        const auto bytes = boxes("moof", "mdat", 500);
        const Fragment fragment{.bytes = bytes,
                                .start = media,
                                .duration = length,
                                .frames = 10,
                                .keyframe = count_++ % 2 == 0,
                                .covered = covered,
                                .kept = kept};
        media += length;
        return recorder_.add(fragment, wall);
    }
    Status send(int fragments, double covered) {
        for (int i = 0; i < fragments; ++i)
            if (auto sent = send(covered); !sent) return sent;
        return {};
    }
    void restart_at_keyframe() { count_ = 0; }

    Micros length = 1s;  // of a fragment
    Micros media{};      // start of the next fragment
    int kept = 0;        // of the next fragments' frames

  private:
    Recorder& recorder_;
    FakeClock& clock_;
    int count_ = 0;
};

// "12:00:05-12:00:10 camera", an open gap ends with "-".
inline std::string text_of(const Gap& gap) {
    const auto time = [](WallTime t) { return to_iso8601(t).substr(11); };
    return fmt::format("{}-{} {}", time(gap.start), gap.end ? time(*gap.end) : "", name(gap.cause));
}

inline std::vector<std::string> gaps_of(const Store& store, const std::string& camera) {
    std::vector<std::string> found;
    for (const auto& gap : must(store.gaps(camera, {Micros::min() / 2}, {Micros::max() / 2})))
        found.push_back(text_of(gap));
    return found;
}

inline std::vector<std::string> segments_of(const Store& store, const std::string& camera) {
    std::vector<std::string> found;
    for (const auto& s : must(store.segments(camera, {Micros::min() / 2}, {Micros::max() / 2})))
        found.push_back(fmt::format("{}-{}{}", to_iso8601(s.start).substr(11), to_iso8601(s.end).substr(11),
                                    s.finished ? "" : " open"));
    return found;
}

}  // namespace passerby::store::testing
