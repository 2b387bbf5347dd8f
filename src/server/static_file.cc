#include "server/static_file.h"

namespace passerby::server {

namespace {

// FNV-1a: tells versions of a file apart, nothing more.
std::string etag_of(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return fmt::format("\"{:016x}\"", hash);
}

}  // namespace

StaticFile::StaticFile(std::string bytes, std::string_view content_type, Caching caching)
    : bytes_{std::make_shared<const std::string>(std::move(bytes))},
      content_type_{content_type},
      etag_{etag_of(*bytes_)},
      caching_{caching} {}

Reply StaticFile::answer(const Request& request) const {
    Reply reply;
    reply.headers.emplace_back("ETag", etag_);
    reply.headers.emplace_back(
        "Cache-Control", caching_ == Caching::forever ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.if_none_match && request.if_none_match->find(etag_) != std::string::npos) {
        reply.status = 304;
        return reply;
    }
    reply.headers.emplace_back("Content-Type", std::string{content_type_});
    reply.body = bytes_;
    return reply;
}

}  // namespace passerby::server
