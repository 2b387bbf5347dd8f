#include "store/paths.h"

#include <algorithm>
#include <ctime>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

namespace passerby::store {

namespace fs = std::filesystem;

bool is_camera_id(std::string_view id) {
    return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

namespace {
// No camera is called so: where somebody wrote "../.." into a row, there is no file.
constexpr const char* kNobody = "_";
}  // namespace

fs::path segment_path(const std::string& camera, WallTime start) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(start.since_epoch);
    const auto millis = std::chrono::floor<std::chrono::milliseconds>(start.since_epoch - seconds).count();
    const std::time_t when = seconds.count();
    std::tm utc{};
    gmtime_r(&when, &utc);
    return fmt::format("{:04}-{:02}-{:02}/{:02}/{}/{:02}.{:02}.{:03}.mp4", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, is_camera_id(camera) ? camera : kNobody, utc.tm_min,
                       utc.tm_sec, millis);
}

fs::path sealed_path(const std::string& camera, WallTime start) {
    return segment_path(camera, start).replace_extension(".age");
}

std::int64_t minute_of(WallTime t) {
    return std::chrono::floor<std::chrono::minutes>(t.since_epoch).count();
}

Status make_folders_durably(const fs::path& root, const fs::path& relative) {
    fs::path folder = root;
    for (const auto& part : relative) TRY_STATUS(make_folder_durably(folder /= part, 0750));
    return {};
}

void remove_empty_folders(const fs::path& root, fs::path relative) {
    for (; !relative.empty(); relative = relative.parent_path())
        if (::rmdir((root / relative).c_str()) != 0) return;
}

}  // namespace passerby::store
