#include "store/retention.h"

#include <algorithm>
#include <map>
#include <set>

#include "store/catalogue.h"
#include "store/recovery.h"

namespace passerby::store {

namespace {

struct Victims {
    std::vector<Segment> segments;
    std::set<SegmentId> ids;
    std::size_t most;
    std::uint64_t bytes = 0;
    std::map<DiskId, std::uint64_t> bytes_on{};

    int room() const { return static_cast<int>(most - segments.size()); }
    // Gives what becomes free, with what is sealed of the same time.
    Result<std::uint64_t> add(const Catalogue& catalogue, const Segment& s) {
        const auto freed = s.bytes + TRY(catalogue.sealed_bytes(s));
        segments.push_back(s);
        ids.insert(s.id);
        bytes += freed;
        bytes_on[s.disk] += freed;
        return freed;
    }
};

Status choose_of_camera(const Catalogue& catalogue, const Usage& usage, const Retention& keep, WallTime now,
                        Victims& victims) {
    auto used = usage.bytes;
    for (const auto& s : TRY(catalogue.oldest({.camera = usage.camera}, victims.room(), now))) {
        const bool too_old = keep.age && s.end <= now - *keep.age;
        const bool too_much = keep.bytes && used > *keep.bytes;
        if (!too_old && !too_much) return {};
        used -= std::min(used, TRY(victims.add(catalogue, s)));
    }
    return {};
}

Status choose_of_all(const Catalogue& catalogue, std::uint64_t used, std::uint64_t most, WallTime now,
                     Victims& victims) {
    // Those that are chosen already are the oldest of their camera, so beyond them there are enough to fill
    // the room.
    const int look = victims.room() + static_cast<int>(victims.segments.size());
    for (const auto& s : TRY(catalogue.oldest({}, look, now))) {
        if (used <= most || victims.room() == 0) return {};
        if (victims.ids.contains(s.id)) continue;
        used -= std::min(used, TRY(victims.add(catalogue, s)));
    }
    return {};
}

// What a disk needs to be free again comes from that disk.
Status choose_of_disk(const Catalogue& catalogue, DiskId disk, std::uint64_t missing, WallTime now,
                      Victims& victims) {
    const int look = victims.room() + static_cast<int>(victims.segments.size());
    for (const auto& s : TRY(catalogue.oldest({.disk = disk}, look, now))) {
        if (victims.bytes_on[disk] >= missing || victims.room() == 0) return {};
        if (!victims.ids.contains(s.id)) TRY(victims.add(catalogue, s));
    }
    return {};
}

Status make_room(Store& store, const RetentionPlan& plan, WallTime now, Victims& victims) {
    for (const auto& disk : store.disks().all()) {
        const auto root = store.disks().folder(disk.id);
        if (!root) continue;
        const auto space = TRY(plan.space(*root));
        const auto wanted = plan.keep_free.value_or(usually_kept_free(space));
        if (space.free < wanted)
            TRY_STATUS(choose_of_disk(store.catalogue(), disk.id, wanted - space.free, now, victims));
    }
    return {};
}

}  // namespace

std::uint64_t usually_kept_free(const DiskSpace& space) {
    return std::min(space.total / 20, std::uint64_t{10} << 30);
}

Result<Swept> sweep(Store& store, const RetentionPlan& plan, WallTime now, int batch) {
    auto& catalogue = store.catalogue();
    Victims victims{.segments = {}, .ids = {}, .most = static_cast<std::size_t>(std::max(batch, 1))};
    std::uint64_t total = 0;
    const auto rules = [&plan](const std::string& camera) -> const Retention& {
        const auto own = plan.cameras.find(camera);
        return own == plan.cameras.end() ? plan.others : own->second;
    };
    // Where a covered recording is missing, what is sealed goes by its age all the same.
    for (const auto& usage : TRY(catalogue.usage()))
        if (const auto& age = rules(usage.camera).age)
            TRY(catalogue.expire_sealed(usage.camera, now - *age, now));
    for (const auto& usage : TRY(catalogue.usage())) {
        if (victims.room() > 0)
            TRY_STATUS(choose_of_camera(catalogue, usage, rules(usage.camera), now, victims));
        total += usage.bytes;
    }
    if (plan.total_bytes)
        TRY_STATUS(choose_of_all(catalogue, total - std::min(total, victims.bytes), *plan.total_bytes, now,
                                 victims));
    TRY_STATUS(make_room(store, plan, now, victims));

    // doc/storage.md, "Deletion": first the rows, then the files, then the note that there are files to
    // delete.
    if (!victims.segments.empty()) TRY_STATUS(catalogue.expire(victims.segments, now));
    TRY(take_out_garbage(catalogue, store.disks(), 2 * static_cast<int>(victims.most)));
    return Swept{.segments = static_cast<int>(victims.segments.size()),
                 .bytes = victims.bytes,
                 .more = victims.room() == 0};
}

}  // namespace passerby::store
