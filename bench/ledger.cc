// What the ledger costs.
//
//   bench_ledger append DIR N      N entries, each by itself, on the disk of DIR: milliseconds for each
//   bench_ledger year DIR CAMERAS  writes the ledger and the manifests of a year (a segment a minute, a batch
//   an hour,
//                                  a use every ten minutes), to be verified: /usr/bin/time -v passerby-verify
//                                  DIR --stateless
#include "store/ledger.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "store/manifest.h"

namespace {

using namespace passerby;
using ledger::Fields;

constexpr int kHours = 365 * 24, kMinutes = 60, kUsesAnHour = 6;

Status append(const char* folder, int entries) {
    const auto store = TRY(store::Store::open(folder, system_clock()));
    const auto ledger = TRY(store::Ledger::open(store, "example.org/bench"));
    std::vector<double> times;
    for (int i = 0; i < entries; ++i) {
        const auto before = system_clock().monotonic();
        TRY(ledger->append(
            "live",
            {{"who", "u-0123456789"}, {"role", "administrator"}, {"camera", "gate"}, {"purpose", "audit"}}));
        times.push_back(
            std::chrono::duration<double, std::milli>(system_clock().monotonic() - before).count());
    }
    std::ranges::sort(times);
    const auto at = [&](double share) {
        return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    std::printf("%d entries: median %.2f ms, 99 %% %.2f ms, worst %.2f ms\n", entries, at(0.5), at(0.99),
                times.back());
    return {};
}

class MemoryLock final : public ledger::LogLock {
  public:
    Result<ledger::LogState> read() override { return state; }
    Result<bool> replace(const ledger::LogState& expected, const ledger::LogState& next) override {
        if (state != expected) return false;
        state = next;
        return true;
    }
    ledger::LogState state;
};

// The manifests of an hour; their root.
Result<std::string> write_hour(const std::filesystem::path& folder, int cameras, WallTime hour) {
    std::string text;
    ledger::Hashes leaves;
    for (int c = 0; c < cameras; ++c)
        for (int m = 0; m < kMinutes; ++m) {
            store::Segment s;
            s.camera = fmt::format("camera-{}", c);
            s.start = hour + std::chrono::minutes{m};
            s.end = s.start + std::chrono::minutes{1};
            s.sha256.assign(32, static_cast<char>(c + m));
            s.bytes = 5'000'000 + static_cast<std::uint64_t>(m);
            s.frames = 900;
            s.size = {1920, 1080};
            s.codec = "avc1.64001f";
            const auto manifest = store::manifest_of(s, "{}");
            leaves.push_back(ledger::leaf_hash(manifest));
            text += manifest + '\n';
        }
    const auto root = crypto::to_hex(TRY(ledger::root(leaves.size(), ledger::subtrees_of(leaves))));
    // Not synced: this is a bench of reading.
    auto* file = std::fopen((folder / (root + ".jsonl")).c_str(), "wb");
    if (file == nullptr) return fail(ErrorKind::full, "cannot write the manifests");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
    return root;
}

Status year(const std::filesystem::path& folder, int cameras) {
    std::filesystem::create_directories(folder / "manifests");
    MemoryLock lock;
    const auto key = crypto::SigningKey::generate();
    const auto log = TRY(ledger::Log::open(folder / "ledger", "example.org/bench", key, lock));
    TRY_STATUS(write_file_atomically(folder / "ledger/key", log->verifier().to_string() + "\n"));
    const auto begin = *wall_time_from_iso8601("2026-01-01T00:00:00Z");
    std::vector<std::string> entries;
    for (int h = 0; h < kHours; ++h) {
        const auto hour = begin + std::chrono::hours{h}, end = hour + std::chrono::hours{1};
        const auto root = TRY(write_hour(folder / "manifests", cameras, hour));
        for (int u = 0; u < kUsesAnHour; ++u)
            entries.push_back(TRY(ledger::make_entry("live", hour,
                                                     {{"who", "u-0123456789"},
                                                      {"role", "viewer"},
                                                      {"camera", "camera-1"},
                                                      {"purpose", "audit"}})));
        entries.push_back(TRY(ledger::make_entry("segments", hour,
                                                 {{"root", root},
                                                  {"count", static_cast<unsigned>(cameras * kMinutes)},
                                                  {"from", to_iso8601(hour)},
                                                  {"to", to_iso8601(end)}})));
    }
    TRY(log->append(entries));
    std::printf("%zu entries, %d manifests\n", entries.size(), kHours * cameras * kMinutes);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 1;
    const std::string_view what = argv[1];
    const auto done =
        what == "append" ? append(argv[2], std::atoi(argv[3])) : year(argv[2], std::atoi(argv[3]));
    if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return done ? 0 : 1;
}
