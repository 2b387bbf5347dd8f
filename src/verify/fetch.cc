#include "verify/fetch.h"

#include <memory>

#include "client/http.h"

namespace passerby::verify {

namespace {
constexpr std::size_t kMostBytes = std::size_t{8} << 20;
constexpr int kNotFound = 404, kFine = 200;
}  // namespace

ledger::Fetch fetch_from_address(const std::string& address) {
    // One connection for all files.
    const auto http = std::make_shared<client::Http>(address);
    return [http](const std::string& path) -> Result<std::string> {
        auto reply = TRY(http->get('/' + path));
        const auto url = http->address() + '/' + path;
        if (reply.status == kNotFound) return fail(ErrorKind::not_found, "{}: there is no such file", url);
        if (reply.status != kFine || reply.body.size() > kMostBytes)
            return fail(ErrorKind::unavailable, "{}: the server answers {}, {} bytes", url, reply.status,
                        reply.body.size());
        return std::move(reply.body);
    };
}

}  // namespace passerby::verify
