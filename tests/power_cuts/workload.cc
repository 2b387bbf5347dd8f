#include "power_cuts/workload.h"

#include <algorithm>

#include "crypto/digest.h"
#include "store/approvals.h"
#include "store/openings.h"
#include "store/protections.h"
#include "store/retention.h"
#include "store/sealed.h"

namespace passerby::power_cuts {

using namespace std::chrono_literals;

namespace {

constexpr const char* kOwnDisks = "entrance";
constexpr const char* kOtherDisks = "yard";
constexpr const char* kAbsent = "garden";
constexpr const char* kOrigin = "example.org/power";
constexpr const char* kPolicy = R"({"cover":["persons"]})";

}  // namespace

Workload::Workload(std::filesystem::path root, DiskTrace& trace, Book& book, WallTime now,
                   std::mt19937_64& random)
    : root_{std::move(root)}, trace_{trace}, book_{book}, clock_{now}, random_{random} {
    sources_.push_back({.camera = kOwnDisks});
    sources_.push_back({.camera = kOtherDisks});
}

Status Workload::call(const std::function<Status()>& what) {
    clock_.pass(7ms);
    times_.emplace_back(trace_.position(), clock_.wall());
    book_.call_begins(trace_.position());
    TRY_STATUS(what());
    if (!store_ || !ledger_) return {};
    listed_ = TRY(list(store_, *ledger_, handed_over_, listed_));
    book_.call_returned(trace_.position(), listed_);
    return {};
}

std::vector<std::byte> Workload::content(std::size_t bytes) {
    std::vector<std::byte> all(bytes);
    for (auto& b : all) b = static_cast<std::byte>(random_());
    return all;
}

Status Workload::open() {
    return call([this]() -> Status {
        store_ = TRY(store::Store::open(root_ / "data", clock_, store::create_file_sink,
                                        {{{"other", root_ / "other"}}, {{kOtherDisks, "other"}}}));
        ledger_ = TRY(store::Ledger::open(store_, kOrigin));
        return {};
    });
}

Status Workload::create(Source& source) {
    source.recorder = TRY(store::Recorder::create(store_, source.camera, kPolicy));
    source.keyframe = true;
    return source.recorder->begin(content(100 + below(600)), {640, 360}, "avc1.64001f");
}

Status Workload::send(Source& source, Micros length) {
    if (!source.recorder)
        if (auto made = call([&] { return create(source); }); !made) return made;
    const auto bytes = content(100 + below(below(4) == 0 ? 12'000 : 1500));
    const store::Fragment fragment{bytes, source.media, length, 10, source.keyframe, 0.25};
    source.keyframe = below(2) == 0;
    source.media += length;
    return call([&]() -> Status {
        TRY_STATUS(source.recorder->add(fragment, clock_.wall() - length));
        handed_over_[source.camera] = source.media;
        return {};
    });
}

Status Workload::send_all() {
    // As a camera's process makes them; as they are where frames are rare; as they are not.
    const Micros length = below(2) == 0   ? Micros{250ms}
                          : below(2) == 0 ? Micros{1s}
                                          : Micros{100'000 + 100'000 * below(25)};
    clock_.pass(length);
    for (auto& source : sources_) TRY_STATUS(send(source, length));
    return {};
}

Status Workload::record(int fragments) {
    for (int i = 0; i < fragments; ++i) TRY_STATUS(send_all());
    return {};
}

// A camera's stream ends, in one of the ways in which it may.
Status Workload::break_off() {
    auto& source = any_source();
    if (!source.recorder) return {};
    source.keyframe = true;
    return call([&]() -> Status {
        switch (below(5)) {
            case 0:
                return source.recorder->gap(store::GapCause::camera, "lost");
            case 1:
                return source.recorder->begin(content(700), {1280, 720}, "avc1.640020");
            case 2:
                source.media += 10s;  // its time jumps
                return {};
            case 3:
                TRY_STATUS(source.recorder->stop());
                source.recorder.reset();
                return {};
            default:
                source.recorder.reset();  // as if its thread had ended
                return create(source);
        }
    });
}

Status Workload::restart() {
    const auto closed = call([this]() -> Status {
        for (auto& source : sources_) {
            if (source.recorder && below(2) == 0) TRY_STATUS(source.recorder->stop());
            source.recorder.reset();
        }
        ledger_.reset();
        store_.reset();
        return {};
    });
    clock_.pass(3s);
    return closed ? open() : closed;
}

Status Workload::seal() {
    return call([&] {
        const auto now = clock_.wall();
        return store::Sealed{store_}.keep(any_source().camera, now - 5s, now,
                                          "passerby keyholders 1, needed 1\n", content(500 + below(9000)));
    });
}

Status Workload::protect() {
    return call([&]() -> Status {
        const auto now = clock_.wall();
        const auto from = now - std::chrono::seconds{below(300)};
        TRY(store::Protections{store_}.add({.camera = any_source().camera,
                                            .start = from - 20s,
                                            .end = from,
                                            .reason = "a fall on the stairs",
                                            .at = now,
                                            .user = "admin",
                                            .until = now + 24h}));
        return {};
    });
}

Status Workload::sweep() {
    store::RetentionPlan plan;
    plan.keep_free = 0;
    if (below(2) == 0)
        plan.total_bytes = TRY(store_->bytes_used()) * below(100) / 100;
    else
        plan.others.age = std::chrono::seconds{below(600)};
    const auto batch = static_cast<int>(1 + below(8));
    return call([&]() -> Status {
        while (TRY(store::sweep(*store_, plan, clock_.wall(), batch)).more) {
        }
        return {};
    });
}

Status Workload::ask() {
    const auto all = TRY(store::Openings{store_}.all(1));
    return call([&]() -> Status {
        const auto now = clock_.wall();
        if (!all.empty() && all.front().answers.empty())
            return store::Openings{store_}.answer(all.front().id, {1, true, now, "shares"});
        return store::Openings{store_}.add({.id = crypto::to_hex(content(8)),
                                            .camera = any_source().camera,
                                            .user = "admin",
                                            .request = "a request",
                                            .start = now - 60s,
                                            .end = now,
                                            .made = now,
                                            .expires = now + 24h,
                                            .needed = 1,
                                            .tokens = {"token"},
                                            .answers = {},
                                            .opened = {}});
    });
}

Status Workload::approve() {
    return call([&] {
        const auto camera = any_source().camera;
        if (below(4) == 0) return store::Approvals{store_}.withdraw(camera, "admin", clock_.wall());
        const auto bytes = content(3000);
        const std::string picture{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        return store::Approvals{store_}.add({.camera = camera,
                                             .user = "admin",
                                             .at = clock_.wall(),
                                             .sha256 = crypto::sha256_hex(picture),
                                             .picture = picture,
                                             .refused = {}});
    });
}

Status Workload::append_to_ledger() {
    return call([&]() -> Status {
        TRY(ledger_->append("stop", {}));
        return {};
    });
}

Status Workload::put_on_record() {
    return call([&]() -> Status {
        TRY(ledger_->close_batches());
        return {};
    });
}

Status Workload::export_something() {
    const auto camera = any_source().camera;
    const auto now = clock_.wall();
    const auto found = TRY(store_->segments(camera, now - 120s, now));
    std::vector<store::SegmentId> ids;
    for (const auto& s : found)
        if (s.finished) ids.push_back(s.id);
    return call([&]() -> Status {
        TRY(ledger_->append_export({{"who", "u-1"},
                                    {"role", "viewer"},
                                    {"camera", camera},
                                    {"from", to_iso8601(now - 120s)},
                                    {"to", to_iso8601(now)},
                                    {"purpose", "incident"},
                                    {"segments", ids.size()},
                                    {"file", crypto::sha256_hex("a clip")}},
                                   ids));
        return {};
    });
}

Status Workload::change_rules() {
    return call([&] { return ledger_->set_policy(any_source().camera, {{"age_days", below(3)}}); });
}

Status Workload::note_absent_camera() {
    return call([&] {
        const auto cause = below(2) == 0 ? store::GapCause::policy : store::GapCause::camera;
        return store_->add_gap(kAbsent, clock_.wall(), cause, "not recorded");
    });
}

Status Workload::act() {
    struct Action {
        std::size_t weight;
        Status (Workload::*act)();
    };
    static constexpr Action kActions[] = {{60, &Workload::send_all},
                                          {4, &Workload::break_off},
                                          {2, &Workload::restart},
                                          {6, &Workload::seal},
                                          {1, &Workload::protect},
                                          {3, &Workload::sweep},
                                          {1, &Workload::ask},
                                          {1, &Workload::approve},
                                          {2, &Workload::append_to_ledger},
                                          {3, &Workload::put_on_record},
                                          {1, &Workload::export_something},
                                          {1, &Workload::change_rules},
                                          {1, &Workload::note_absent_camera}};
    // Now and then an hour goes by: other folders.
    if (below(60) == 0) clock_.pass(30min);
    std::size_t sum = 0;
    for (const auto& a : kActions) sum += a.weight;
    auto choice = below(sum);
    const auto* action = std::begin(kActions);
    for (; choice >= action->weight; ++action) choice -= action->weight;
    return (this->*action->act)();
}

Status Workload::end() {
    for (auto& source : sources_)
        if (source.recorder) {
            if (auto stopped = call([&] { return source.recorder->stop(); }); !stopped) return stopped;
            source.recorder.reset();
        }
    TRY_STATUS(put_on_record());
    ledger_.reset();
    store_.reset();
    return {};
}

}  // namespace passerby::power_cuts
