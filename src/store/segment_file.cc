#include "store/segment_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include <sodium.h>
#include <unistd.h>

namespace passerby::store {

namespace {

constexpr std::size_t kHashAt = 56, kHashBytes = 16;
constexpr std::string_view kType = "free", kMagic = "passerby";
constexpr std::uint64_t kVersion = 1, kKeyframe = 1;
constexpr double kMillion = 1e6;
// Of one file, which holds a minute. Times lie within 36,000 years. So no sum of what a file says overflows.
constexpr std::uint64_t kMostFrames = 1 << 30;
constexpr std::int64_t kFarthest = std::int64_t{1} << 60;

void put(std::span<std::byte> to, std::uint64_t value) {
    for (auto b = to.rbegin(); b != to.rend(); ++b, value >>= 8) *b = static_cast<std::byte>(value & 0xff);
}

std::uint64_t get(std::span<const std::byte> from) {
    std::uint64_t value = 0;
    for (const auto b : from) value = value << 8 | std::to_integer<std::uint64_t>(b);
    return value;
}

const unsigned char* raw(std::span<const std::byte> bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

class Hash {
  public:
    Hash() { crypto_generichash_init(&state_, nullptr, 0, kHashBytes); }
    void add(std::span<const std::byte> bytes) {
        crypto_generichash_update(&state_, raw(bytes), bytes.size());
    }
    std::array<std::byte, kHashBytes> finish() {
        std::array<std::byte, kHashBytes> out;
        crypto_generichash_final(&state_, reinterpret_cast<unsigned char*>(out.data()), out.size());
        return out;
    }

  private:
    crypto_generichash_state state_;
};

bool read_at(int fd, std::uint64_t offset, std::span<std::byte> to) {
    while (!to.empty()) {
        const auto n = ::pread(fd, to.data(), to.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        to = to.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return true;
}

bool says(std::span<const std::byte> bytes, std::string_view text) {
    return std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

using Box = std::array<std::byte, kIndexBox>;

std::int64_t number(std::span<const std::byte> from) {
    return static_cast<std::int64_t>(get(from));
}

std::optional<FragmentSpan> fragment_at(const Box& box, std::uint64_t offset) {
    const std::span<const std::byte> b{box};
    if (get(b.subspan(0, 4)) != kIndexBox || !says(b.subspan(4), kType) || !says(b.subspan(8), kMagic) ||
        get(b.subspan(16, 2)) != kVersion || get(b.subspan(20, 4)) > kMostFrames)
        return std::nullopt;
    const auto start = number(b.subspan(32, 8)), duration = number(b.subspan(40, 8));
    if (start < -kFarthest || start > kFarthest || duration < 0 || duration > kFarthest) return std::nullopt;
    return FragmentSpan{.offset = offset + kIndexBox,
                        .bytes = get(b.subspan(24, 8)),
                        .start = Micros{start},
                        .duration = Micros{duration},
                        .frames = static_cast<int>(get(b.subspan(20, 4))),
                        .keyframe = (get(b.subspan(18, 2)) & kKeyframe) != 0,
                        .covered = std::min(static_cast<double>(get(b.subspan(48, 4))) / kMillion, 1.),
                        .kept = static_cast<int>(std::min(get(b.subspan(52, 4)), get(b.subspan(20, 4))))};
}

bool hash_fits(int fd, const Box& box, const FragmentSpan& fragment) {
    std::vector<std::byte> bytes(fragment.bytes);
    if (!read_at(fd, fragment.offset, bytes)) return false;
    Hash hash;
    hash.add(std::span{box}.first(kHashAt));
    hash.add(bytes);
    const auto expected = hash.finish();
    return std::equal(expected.begin(), expected.end(), box.begin() + kHashAt);
}

}  // namespace

Box index_box(const Fragment& f) {
    Box box{};
    const std::span b{box};
    put(b.subspan(0, 4), kIndexBox);
    std::memcpy(&box[4], kType.data(), kType.size());
    std::memcpy(&box[8], kMagic.data(), kMagic.size());
    put(b.subspan(16, 2), kVersion);
    put(b.subspan(18, 2), f.keyframe ? kKeyframe : 0);
    put(b.subspan(20, 4), static_cast<std::uint64_t>(f.frames));
    put(b.subspan(24, 8), f.bytes.size());
    put(b.subspan(32, 8), static_cast<std::uint64_t>(f.start.count()));
    put(b.subspan(40, 8), static_cast<std::uint64_t>(f.duration.count()));
    put(b.subspan(48, 4), static_cast<std::uint64_t>(f.covered * kMillion + 0.5));
    put(b.subspan(52, 4), static_cast<std::uint64_t>(f.kept));
    Hash hash;
    hash.add(b.first(kHashAt));
    hash.add(f.bytes);
    std::ranges::copy(hash.finish(), box.begin() + kHashAt);
    return box;
}

ScannedFile scan_fragments(int fd, std::uint64_t begin, std::uint64_t end, Verify verify) {
    ScannedFile file{.fragments = {}, .end = begin};
    Box box;
    std::uint64_t frames = 0;
    while (file.end + kIndexBox <= end && read_at(fd, file.end, box)) {
        const auto fragment = fragment_at(box, file.end);
        if (!fragment || fragment->bytes > end - fragment->offset) break;
        if ((frames += static_cast<std::uint64_t>(fragment->frames)) > kMostFrames) break;
        if (verify == Verify::bytes && !hash_fits(fd, box, *fragment)) break;
        file.end = fragment->offset + fragment->bytes;
        file.fragments.push_back(*fragment);
    }
    return file;
}

}  // namespace passerby::store
