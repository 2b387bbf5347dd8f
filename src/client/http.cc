#include "client/http.h"

#include <cerrno>
#include <functional>

#include <curl/curl.h>
#include <fcntl.h>

#include "base/file.h"

namespace passerby::client {

namespace {

constexpr long kPatience = 60;

using Take = std::function<bool(std::string_view)>;

std::size_t take(char* bytes, std::size_t, std::size_t n, void* to) {
    // Anything else than n ends the transfer.
    return (*static_cast<const Take*>(to))({bytes, n}) ? n : 0;
}

}  // namespace

struct Http::Curl {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle{curl_easy_init(), curl_easy_cleanup};
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> type{nullptr, curl_slist_free_all};

    Result<int> perform(const std::string& url, const Http& http, const std::string* body, const Take& to) {
        auto* curl = handle.get();
        if (curl == nullptr) return fail(ErrorKind::internal, "libcurl does not start");
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kPatience);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kPatience);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");  // in memory
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &to);
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
        if (!http.trusted_.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, http.trusted_.c_str());
        if (!http.token_.empty()) {
            curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
            curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, http.token_.c_str());
        }
        if (body != nullptr) {
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
            curl_easy_setopt(curl, CURLOPT_HTTPHEADER, type.get());
        }
        const auto done = curl_easy_perform(curl);
        if (done != CURLE_OK) return fail(ErrorKind::unavailable, "{}: {}", url, curl_easy_strerror(done));
        long status = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        return static_cast<int>(status);
    }
};

Http::Http(std::string address) : address_{std::move(address)}, curl_{std::make_unique<Curl>()} {
    while (address_.ends_with('/')) address_.pop_back();
}
void Http::limit(std::chrono::seconds time, std::size_t bytes) {
    curl_easy_setopt(curl_->handle.get(), CURLOPT_TIMEOUT, static_cast<long>(time.count()));
    most_ = bytes;
}
Http::~Http() = default;
Http::Http(Http&&) noexcept = default;
Http& Http::operator=(Http&&) noexcept = default;

Result<HttpReply> Http::get(const std::string& path) {
    HttpReply reply;
    reply.status = TRY(curl_->perform(address_ + path, *this, nullptr, [&](std::string_view bytes) {
        reply.body += bytes;
        return reply.body.size() <= most_;
    }));
    return reply;
}

Result<HttpReply> Http::post(const std::string& path, const std::string& body,
                             const std::string& content_type) {
    HttpReply reply;
    curl_->type.reset(curl_slist_append(nullptr, ("Content-Type: " + content_type).c_str()));
    reply.status = TRY(curl_->perform(address_ + path, *this, &body, [&](std::string_view bytes) {
        reply.body += bytes;
        return reply.body.size() <= most_;
    }));
    return reply;
}

Result<int> Http::download(const std::string& path, const std::string& file) {
    const auto fd = TRY(open_file(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
    Status written;
    const auto status = curl_->perform(address_ + path, *this, nullptr, [&](std::string_view bytes) {
        written = write_all(fd.get(), std::as_bytes(std::span{bytes}));
        return written.has_value();
    });
    TRY_STATUS(written);
    return status;
}

bool is_address(const std::string& target) {
    return target.starts_with("http://") || target.starts_with("https://");
}

}  // namespace passerby::client
