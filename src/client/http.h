// HTTP from the other side: for the commands that talk to a recorder, and for those that verify one from
// outside. Cookies stay with the client; redirects are not followed.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"

namespace passerby::client {

struct HttpReply {
    int status = 0;
    std::string body;
};

// Not thread-safe. One connection is kept for all requests.
class Http {
  public:
    static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

    // `address`: http:// or https://, with or without a slash at its end. https needs a certificate that the
    // system trusts.
    explicit Http(std::string address);
    // A PEM file with the certificates that are believed, instead of the system's.
    void trust(std::string file) { trusted_ = std::move(file); }
    // Sent along as Authorization: Bearer.
    void bear(std::string token) { token_ = std::move(token); }
    // Of each request: at most so long in all, and an answer of so many bytes.
    void limit(std::chrono::seconds time, std::size_t bytes);
    ~Http();
    Http(Http&&) noexcept;
    Http& operator=(Http&&) noexcept;

    // unavailable: no answer, or one of more than kMostBytes. Any status is an answer.
    Result<HttpReply> get(const std::string& path);
    Result<HttpReply> post(const std::string& path, const std::string& body,
                           const std::string& content_type = "application/json");
    // The same, into a file of mode 0600.
    Result<int> download(const std::string& path, const std::string& file);

    const std::string& address() const { return address_; }

  private:
    struct Curl;
    std::string address_, trusted_, token_;
    std::size_t most_ = kMostBytes;
    std::unique_ptr<Curl> curl_;
};

bool is_address(const std::string& target);

}  // namespace passerby::client
