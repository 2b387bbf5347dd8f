#include "power_cuts/disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace passerby::power_cuts {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSector = 512;

void put(std::string& bytes, const Change& change) {
    if (change.kind == Change::Kind::length) {
        bytes.resize(change.at);
    } else {
        bytes.resize(std::max<std::size_t>(bytes.size(), change.at + change.bytes.size()));
        std::ranges::copy(change.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(change.at));
    }
}

// A file or a folder: what is sure, and what may still be lost.
struct Pending {
    Node sure;
    std::vector<const Change*> changes{};
};

void put_entries(Node& folder, const Change& change) {
    for (const auto& e : change.entries)
        if (e.inode)
            folder.entries[e.name] = *e.inode;
        else
            folder.entries.erase(e.name);
}

void settle(Pending& p) {
    for (const auto* change : p.changes)
        change->kind == Change::Kind::entries ? put_entries(p.sure, *change) : put(p.sure.bytes, *change);
    p.changes.clear();
}

// No program has them open any more.
void forget_nameless(Disk& disk) {
    std::map<Inode, Node> named;
    const auto visit = [&](const auto& self, Inode inode) -> void {
        auto& node = named[inode] = std::move(disk.nodes.at(inode));
        for (const auto& [name, child] : node.entries) self(self, child);
    };
    visit(visit, kRoot);
    disk.nodes = std::move(named);
}

// A sector on the disk is what the sector in memory was at some moment since the last sync.
void survive(std::string& disk, const std::vector<const Change*>& changes, Cut& cut) {
    auto memory = disk;
    auto length = disk.size();
    for (const auto* change : changes) {
        const auto before = memory.size();
        put(memory, *change);
        const bool is_data = change->kind == Change::Kind::data;
        const auto first = (is_data ? change->at : std::min<std::size_t>(before, memory.size())) / kSector;
        const auto end = is_data ? change->at + change->bytes.size() : std::max(before, memory.size());
        const auto sectors = (end + kSector - 1) / kSector;
        disk.resize(std::max({disk.size(), before, memory.size()}));
        const auto fate = cut.of_write();
        const auto part = fate == Cut::Fate::first_part ? first + cut.below(sectors - first + 1) : sectors;
        for (auto s = first; s < part && fate != Cut::Fate::lost; ++s) {
            if (fate == Cut::Fate::any_part && cut.chance(0.5)) continue;
            for (auto i = s * kSector; i < std::min((s + 1) * kSector, disk.size()); ++i)
                disk[i] = i < memory.size() ? memory[i] : '\0';
        }
        if (memory.size() != before && cut.keeps_length()) length = memory.size();
    }
    disk.resize(length);
}

}  // namespace

std::string describe(const Change& c) {
    switch (c.kind) {
        case Change::Kind::data:
            return fmt::format("file {}: {} bytes at {}", c.inode, c.bytes.size(), c.at);
        case Change::Kind::length:
            return fmt::format("file {}: length {}", c.inode, c.at);
        case Change::Kind::synced:
            return fmt::format("{}: synced", c.inode);
        case Change::Kind::entries:
            break;
    }
    std::string text = fmt::format("folder {}:", c.inode);
    for (const auto& e : c.entries)
        text += e.inode ? fmt::format(" '{}' is {}", e.name, *e.inode) : fmt::format(" '{}' goes", e.name);
    return text;
}

void Disk::apply(const Change& change) {
    for (const auto& e : change.entries)
        if (e.inode) nodes.try_emplace(*e.inode, Node{.folder = e.folder});
    if (change.kind == Change::Kind::synced) return;
    auto& node = nodes.at(change.inode);
    change.kind == Change::Kind::entries ? put_entries(node, change) : put(node.bytes, change);
}

std::optional<Inode> Disk::find(const fs::path& path) const {
    auto at = kRoot;
    for (const auto& part : path) {
        if (part.empty() || part == ".") continue;
        const auto& entries = nodes.at(at).entries;
        const auto next = entries.find(part.string());
        if (next == entries.end()) return std::nullopt;
        at = next->second;
    }
    return at;
}

void Disk::write_to(const fs::path& folder) const {
    fs::remove_all(folder);
    const auto write = [this](const auto& self, Inode inode, const fs::path& path) -> void {
        const auto& node = nodes.at(inode);
        if (node.folder) {
            fs::create_directory(path);
            fs::permissions(path, fs::perms::owner_all);
            for (const auto& [name, child] : node.entries) self(self, child, path / name);
        } else {
            std::ofstream{path, std::ios::binary} << node.bytes;
            fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
        }
    };
    write(write, kRoot, folder);
}

std::string Disk::difference(const fs::path& folder) const {
    std::size_t names = 0;
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        ++names;
        const auto relative = entry.path().lexically_relative(folder);
        const auto inode = find(relative);
        if (!inode) return relative.string() + " is not on the disk";
        const auto& node = nodes.at(*inode);
        if (node.folder != entry.is_directory()) return relative.string() + " is of another kind";
        if (node.folder || relative.string().ends_with("-shm")) continue;
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
        if (bytes != node.bytes) return relative.string() + " has other bytes";
    }
    std::size_t reachable = 0;
    const auto count = [&](const auto& self, Inode inode) -> void {
        for (const auto& [name, child] : nodes.at(inode).entries) ++reachable, self(self, child);
    };
    count(count, kRoot);
    return names == reachable ? "" : fmt::format("{} names on the disk, {} in the folder", reachable, names);
}

Cut::Cut(std::mt19937_64& random) : random_{random} {
    constexpr double kOften[] = {0, 0.1, 0.5, 0.9, 1};
    keep_data_ = kOften[random_() % std::size(kOften)];
    keep_entries_ = kOften[random_() % std::size(kOften)];
    torn_ = keep_data_ > 0 && keep_data_ < 1 ? 0.3 : 0;
}

Cut Cut::nothing_lost(std::mt19937_64& random) {
    return {random, 1, 1, 0};
}

const char* Cut::name() const {
    if (keep_data_ == 1 && keep_entries_ == 1) return "nothing lost";
    if (keep_data_ == 0 && keep_entries_ == 0) return "all lost that was not synced";
    if (keep_data_ == 0 && keep_entries_ == 1) return "names without bytes";
    if (keep_data_ == 1 && keep_entries_ == 0) return "bytes without names";
    return "some lost";
}

Cut::Fate Cut::of_write() {
    if (chance(torn_)) return chance(0.5) ? Fate::first_part : Fate::any_part;
    return chance(keep_data_) ? Fate::kept : Fate::lost;
}

Disk survivors(const Disk& before, std::span<const Change> changes, Cut& cut) {
    std::map<Inode, Pending> all;
    for (const auto& [inode, node] : before.nodes) all[inode].sure = node;
    for (const auto& change : changes) {
        for (const auto& e : change.entries)
            if (e.inode) all.try_emplace(*e.inode, Pending{.sure = {.folder = e.folder}});
        auto& p = all.at(change.inode);
        if (change.kind == Change::Kind::synced)
            settle(p);
        else
            p.changes.push_back(&change);
    }
    Disk disk;
    for (auto& [inode, p] : all) {
        if (p.sure.folder) {
            for (const auto* change : p.changes)
                if (cut.keeps_entries()) put_entries(p.sure, *change);
        } else {
            survive(p.sure.bytes, p.changes, cut);
        }
        disk.nodes[inode] = std::move(p.sure);
    }
    forget_nameless(disk);
    return disk;
}

}  // namespace passerby::power_cuts
