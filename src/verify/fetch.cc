#include "verify/fetch.h"

#include <memory>

#include <curl/curl.h>

namespace passerby::verify {

namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20;
constexpr long kPatience = 60, kNotFound = 404, kFine = 200;

std::size_t take(char* bytes, std::size_t, std::size_t n, void* to) {
    auto& text = *static_cast<std::string*>(to);
    if (text.size() + n > kMostBytes) return 0;  // ends the transfer
    text.append(bytes, n);
    return n;
}

}  // namespace

bool is_address(const std::string& target) {
    return target.starts_with("http://") || target.starts_with("https://");
}

ledger::Fetch fetch_from_address(std::string address) {
    if (!address.ends_with('/')) address += '/';
    // One connection for all files.
    std::shared_ptr<CURL> curl{curl_easy_init(), curl_easy_cleanup};
    return [address = std::move(address), curl](const std::string& path) -> Result<std::string> {
        if (!curl) return fail(ErrorKind::internal, "libcurl does not start");
        std::string text;
        const auto url = address + path;
        curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kPatience);
        curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &text);
        const auto done = curl_easy_perform(curl.get());
        if (done != CURLE_OK) return fail(ErrorKind::unavailable, "{}: {}", url, curl_easy_strerror(done));
        long status = 0;
        curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
        if (status == kNotFound) return fail(ErrorKind::not_found, "{}: there is no such file", url);
        if (status != kFine) return fail(ErrorKind::unavailable, "{}: the server answers {}", url, status);
        return text;
    };
}

}  // namespace passerby::verify
