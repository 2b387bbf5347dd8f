#include "media/mp4_boxes.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

namespace passerby::media {

namespace {

std::uint64_t big_endian(const char* bytes, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

void put_big_endian(char* bytes, std::uint64_t value) {
    for (int i = 3; i >= 0; --i, value >>= 8) bytes[i] = static_cast<char>(value);
}

// A box's content inside `within`: the first of this type, and what follows it.
struct Box {
    std::string_view content, rest;
};
std::optional<Box> find(std::string_view within, std::string_view type) {
    while (within.size() >= 8) {
        const auto size = big_endian(within.data(), 4);
        if (size < 8 || size > within.size()) return std::nullopt;
        if (within.substr(4, 4) == type) return Box{within.substr(8, size - 8), within.substr(size)};
        within.remove_prefix(size);
    }
    return std::nullopt;
}

// Rewrites the times inside a moov box, which is in memory.
class Rescale {
  public:
    Rescale(std::string& moov, std::uint32_t timescale, std::uint32_t start)
        : moov_{moov}, timescale_{timescale}, start_{start} {}

    // False: it does not fit, and `moov` is half changed.
    bool apply() {
        const auto content = std::string_view{moov_}.substr(8);
        const auto header = find(content, "mvhd");
        if (!header || version(header->content) != 0 || header->content.size() < 20) return false;
        old_ = big_endian(header->content.data() + 12, 4);
        if (old_ == 0) return false;
        set(header->content.data() + 12, timescale_);
        scale(header->content.data() + 16);
        bool first = true;
        for (auto track = find(content, "trak"); track; track = find(track->rest, "trak")) {
            if (!apply_to_track(track->content, first)) return false;
            first = false;
        }
        return fits_;
    }

  private:
    static int version(std::string_view full_box) { return full_box.empty() ? -1 : full_box[0]; }
    void set(const char* field, std::uint64_t value) {
        fits_ = fits_ && value <= UINT32_MAX;
        put_big_endian(moov_.data() + (field - moov_.data()), value);
    }
    void scale(const char* field) { set(field, big_endian(field, 4) * timescale_ / old_); }

    bool apply_to_track(std::string_view track, bool first) {
        const auto header = find(track, "tkhd");
        if (!header || version(header->content) != 0 || header->content.size() < 24) return false;
        scale(header->content.data() + 20);
        const auto edits = find(track, "edts");
        const auto list = edits ? find(edits->content, "elst") : std::nullopt;
        if (!list) return !first;
        if (version(list->content) != 0 || list->content.size() < 8) return false;
        const auto count = big_endian(list->content.data() + 4, 4);
        if (list->content.size() < 8 + count * 12) return false;
        for (std::size_t i = 0; i < count; ++i) {
            const char* entry = list->content.data() + 8 + i * 12;
            const bool empty = big_endian(entry + 4, 4) == UINT32_MAX;
            if (first && i == 0 && empty)
                set(entry, start_);
            else if (first && i == 0)
                return false;  // libav wrote no begin to correct
            else
                scale(entry);
        }
        return true;
    }

    std::string& moov_;
    const std::uint32_t timescale_, start_;
    std::uint64_t old_ = 1000;
    bool fits_ = true;
};

Status read_at(int fd, std::uint64_t at, std::string& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const auto n = ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
        if (n <= 0) return fail_errno(n < 0 ? errno : EIO, "cannot read back what was written");
        done += static_cast<std::size_t>(n);
    }
    return {};
}

}  // namespace

Status set_movie_timescale(const std::filesystem::path& path, std::uint32_t timescale, std::uint32_t start) {
    const auto fd = TRY(open_file(path, O_RDWR));
    std::string box(8, '\0');
    for (std::uint64_t at = 0;; at += big_endian(box.data(), 4)) {
        box.resize(8);
        TRY_STATUS(read_at(fd.get(), at, box));
        const auto size = big_endian(box.data(), 4);
        if (size < 8 || box.substr(4) == "mdat") return {};
        if (box.substr(4) != "moov") continue;
        box.resize(size);
        TRY_STATUS(read_at(fd.get(), at, box));
        if (!Rescale{box, timescale, start}.apply()) return {};
        if (::lseek(fd.get(), static_cast<off_t>(at), SEEK_SET) < 0)
            return fail_errno(errno, "cannot seek in the output");
        return write_all(fd.get(), std::as_bytes(std::span{box}));
    }
}

bool mp4_lacks_index(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::array<char, 16> head{};
    for (std::uint64_t at = 0; file.seekg(static_cast<std::streamoff>(at)) && file.read(head.data(), 8);) {
        const std::string_view type{head.data() + 4, 4};
        if (at == 0 && type != "ftyp") return false;
        if (type == "moov") return false;
        std::uint64_t size = big_endian(head.data(), 4);
        if (size == 1 && file.read(head.data() + 8, 8)) size = big_endian(head.data() + 8, 8);
        if (size < 8) return true;  // 0: up to the end of the file; else no box
        at += size;
    }
    return true;
}

}  // namespace passerby::media
