#include "server/web_files.h"

#include <array>

namespace passerby::server {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMostBytes = std::uintmax_t{64} << 20;

std::string_view content_type(const fs::path& path) {
    using Pair = std::pair<std::string_view, std::string_view>;
    static constexpr std::array kTypes{
        Pair{".html", "text/html; charset=utf-8"},
        Pair{".js", "text/javascript; charset=utf-8"},
        Pair{".mjs", "text/javascript; charset=utf-8"},
        Pair{".css", "text/css; charset=utf-8"},
        Pair{".json", "application/json"},
        Pair{".webmanifest", "application/manifest+json"},
        Pair{".svg", "image/svg+xml"},
        Pair{".png", "image/png"},
        Pair{".jpg", "image/jpeg"},
        Pair{".webp", "image/webp"},
        Pair{".ico", "image/x-icon"},
        Pair{".woff2", "font/woff2"},
        Pair{".wasm", "application/wasm"},
        Pair{".txt", "text/plain; charset=utf-8"},
    };
    const auto extension = path.extension().string();
    for (const auto& [ending, type] : kTypes)
        if (extension == ending) return type;
    return "application/octet-stream";
}

}  // namespace

Result<WebFiles> WebFiles::load(const fs::path& folder) {
    WebFiles out;
    std::error_code error;
    std::uintmax_t total = 0;
    fs::recursive_directory_iterator entry{folder, error};
    for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
        if (!entry->is_regular_file(error)) continue;
        auto bytes = TRY(read_file(entry->path()));
        total += bytes.size();
        if (total > kMostBytes)
            return fail(ErrorKind::invalid, "the web folder {} is larger than 64 MiB; is it the right one?",
                        folder.string());
        auto path = fmt::format("/{}", entry->path().lexically_relative(folder).generic_string());
        const auto caching =
            path.starts_with("/assets/") ? StaticFile::Caching::forever : StaticFile::Caching::revalidate;
        out.files_.insert_or_assign(std::move(path),
                                    StaticFile{std::move(bytes), content_type(entry->path()), caching});
    }
    if (error)
        return fail_errno(error.value(), fmt::format("cannot read the web folder {}", folder.string()));
    if (const auto index = out.files_.find("/index.html"); index != out.files_.end())
        out.files_.insert_or_assign("/", index->second);
    else
        return fail(ErrorKind::not_found,
                    "there is no index.html in the web folder {}; build the web app first", folder.string());
    return out;
}

std::unique_ptr<Reply> WebFiles::answer(const Request& request) const {
    const auto found = files_.find(request.path);
    if (found == files_.end()) return nullptr;
    if (request.method != Method::get && request.method != Method::head) {
        auto reply = error_reply(405, "this path is only read: GET or HEAD");
        reply.headers.emplace_back("Allow", "GET, HEAD");
        return std::make_unique<Reply>(std::move(reply));
    }
    return std::make_unique<Reply>(found->second.answer(request));
}

}  // namespace passerby::server
