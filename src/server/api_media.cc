#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "media/join.h"
#include "server/api.h"
#include "server/byte_range.h"

namespace passerby::server {

namespace {

constexpr std::chrono::hours kLongestExport{4};
// An export must not take the space that the recorders need next.
constexpr std::uint64_t kLeaveFree = std::uint64_t{256} << 20;

std::string fd_path(const Fd& fd) {
    return fmt::format("/proc/self/fd/{}", fd.get());
}

// A file without a name: whatever happens to the client or to us, nothing stays behind.
Result<Fd> nameless_file(const std::filesystem::path& folder) {
    auto name = (folder / ".export-XXXXXX").string();
    Fd fd{::mkostemp(name.data(), O_CLOEXEC)};
    if (!fd)
        return fail_errno(errno, fmt::format("cannot make a file for the export in {}", folder.string()));
    ::unlink(name.c_str());
    return fd;
}

// Names files by what they are to the user instead of by our descriptors.
Error in_words(Error error, const std::vector<media::JoinPart>& parts, const std::string& out) {
    const auto replace = [&](const std::string& quoted, const std::string& words) {
        const auto at = error.message.find(quoted);
        if (at != std::string::npos) error.message.replace(at, quoted.size(), words);
    };
    for (const auto& part : parts)
        replace("'" + part.path + "'", "the recording of " + to_iso8601(part.start));
    replace("'" + out + "'", "the export");
    return error;
}

// "20260301T123456Z", which every file system takes.
std::string compact(WallTime time) {
    std::string out;
    for (const char c : to_iso8601({std::chrono::floor<std::chrono::seconds>(time.since_epoch)}))
        if (c != '-' && c != ':') out += c;
    return out;
}

}  // namespace

Reply Api::segment(const Call& call) {
    store::SegmentId id = 0;
    std::from_chars(call.id.data(), call.id.data() + call.id.size(),
                    id);  // the route lets digits through only
    auto opened = world_.store->open_segment(id);
    if (!opened) return error_reply(opened.error());
    // One of a camera that is not theirs is none.
    if (!call.covers(opened->segment.camera))
        return error_reply(404, fmt::format("there is no recording {}; it may have been deleted", id));
    const auto& about = opened->segment;
    if (const auto noted = uses_.recording(call.actor(), about.camera, about.start); !noted)
        return error_reply(noted.error());
    const auto size = opened->segment.bytes;
    const auto etag = fmt::format("\"{}-{}\"", id, size);

    Reply reply;
    reply.headers.emplace_back("Accept-Ranges", "bytes");
    reply.headers.emplace_back("ETag", etag);
    ByteRange range{ByteRange::Kind::whole, 0, size};
    if (call.request.range && (!call.request.if_range || *call.request.if_range == etag))
        range = parse_byte_range(*call.request.range, size);
    if (range.kind == ByteRange::Kind::unsatisfiable) {
        reply = error_reply(416, "the segment is shorter than that");
        reply.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
        return reply;
    }
    if (range.kind == ByteRange::Kind::part) {
        reply.status = 206;
        reply.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range.offset,
                                                                range.offset + range.length - 1, size));
    }
    reply.headers.emplace_back("Content-Type", "video/mp4");
    reply.body = FileBody{std::make_shared<const Fd>(std::move(opened->fd)), range.offset, range.length, {}};
    return reply;
}

Reply Api::export_span(const Call& call) {
    if (!exports_.try_acquire()) {
        auto reply = error_reply(
            503, fmt::format("{} exports are being made already; try again when one is done", kExports));
        reply.headers.emplace_back("Retry-After", "10");
        return reply;
    }
    // Held until the file was sent, so that not more than kExports of them take space.
    std::shared_ptr<void> slot{nullptr, [this](void*) { exports_.release(); }};

    TimeSpan span;
    std::uint64_t entry_of_export = 0;
    const auto made = [&]() -> Result<FileBody> {
        const auto entry = TRY(find_camera(call.id));
        span = TRY(time_span(call.request, kLongestExport));
        std::vector<store::SegmentFile>
            files;  // open until they were read: retention may delete them meanwhile
        std::vector<media::JoinPart> parts;
        std::uint64_t bytes = 0;
        std::vector<store::SegmentId> ids;
        for (const auto& s : TRY(world_.store->segments(entry->id, span.from, span.to))) {
            auto file = world_.store->open_segment(s.id);
            if (!file && file.error().kind == ErrorKind::not_found) continue;  // deleted since
            if (!file) return tl::unexpected{file.error()};
            bytes += s.bytes;
            ids.push_back(s.id);
            parts.push_back({.path = fd_path(file->fd),
                             .start = s.start,
                             .from = std::max(span.from, s.start) - s.start,
                             .to = std::min(span.to, s.end) - s.start});
            files.push_back(*std::move(file));
        }
        if (parts.empty()) return fail(ErrorKind::not_found, "nothing was recorded in that span");
        if (TRY(world_.store->disk_space()).free < bytes + kLeaveFree)
            return fail(ErrorKind::full,
                        "there is not enough free space for an export of {} MB; export a shorter span",
                        bytes / 1'000'000);

        auto out = TRY(nameless_file(world_.store->folder()));
        if (auto joined = media::join(parts, fd_path(out), [&](double) { return !call.gone; }); !joined)
            return tl::unexpected{in_words(std::move(joined).error(), parts, fd_path(out))};
        const auto size = ::lseek(out.get(), 0, SEEK_END);
        if (size < 0) return fail_errno(errno, "cannot read the finished export");
        // On the record with the hash of exactly these bytes, before the first of them is sent.
        const auto hash = TRY(crypto::sha256_of_fd(out.get(), static_cast<std::uint64_t>(size)));
        entry_of_export = TRY(uses_.exported(call.actor(),
                                             {{"camera", entry->id},
                                              {"from", to_iso8601(span.from)},
                                              {"to", to_iso8601(span.to)},
                                              {"segments", ids.size()},
                                              {"file", crypto::to_hex(hash)}},
                                             ids));
        return FileBody{std::make_shared<const Fd>(std::move(out)), 0, static_cast<std::uint64_t>(size),
                        slot};
    }();
    if (!made) {
        if (!call.gone && made.error().kind != ErrorKind::not_found &&
            made.error().kind != ErrorKind::invalid)
            log_warning("export of {}: {}", call.id, made.error().message);
        return error_reply(made.error());
    }
    Reply reply;
    reply.headers.emplace_back("Content-Type", "video/mp4");
    reply.headers.emplace_back("X-Passerby-Proof", fmt::format("/api/exports/{}.proof", entry_of_export));
    reply.headers.emplace_back(
        "Content-Disposition",
        fmt::format("attachment; filename=\"{}_{}_{}.mp4\"", call.id, compact(span.from), compact(span.to)));
    reply.body = *made;
    return reply;
}

}  // namespace passerby::server
