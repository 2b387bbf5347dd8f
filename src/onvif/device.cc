#include "onvif/device.h"

#include <array>

#include <sys/random.h>

#include "client/http.h"

namespace passerby::onvif {

namespace {

constexpr std::chrono::seconds kPatience{5};

// "http://10.0.0.5/onvif/x" -> "http://10.0.0.5", "/onvif/x".
std::pair<std::string, std::string> split(const std::string& address) {
    const auto slash = address.find('/', std::string_view{"http://"}.size());
    if (slash == std::string::npos) return {address, "/"};
    return {address.substr(0, slash), address.substr(slash)};
}

// Users and passwords in a url would be shown and kept.
std::string without_login(std::string url) {
    const auto from = url.find("://");
    if (from == std::string::npos) return url;
    const auto at = url.find('@', from), end = url.find('/', from + 3);
    if (at != std::string::npos && (end == std::string::npos || at < end)) url.erase(from + 3, at - from - 2);
    return url;
}

int number(const std::string& text) {
    constexpr std::size_t kMostDigits = 5;
    if (text.empty() || text.size() > kMostDigits ||
        text.find_first_not_of("0123456789") != std::string::npos)
        return 0;
    return std::stoi(text);
}

Result<XmlElement> ask(const std::string& address, const Login& login, const std::string& body,
                       Clock& clock) {
    std::array<char, 16> nonce{};
    if (::getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size()))
        return fail(ErrorKind::internal, "there is no randomness");
    const auto [server, path] = split(address);
    client::Http http{server};
    http.limit(kPatience, kLongestXml);
    const auto reply = TRY(
        http.post(path, envelope(security_header(login, {nonce.data(), nonce.size()}, clock.wall()), body),
                  "application/soap+xml; charset=utf-8"));
    auto answer = parse_xml(reply.body);
    if (reply.status == 401 || reply.status == 403 ||
        (answer && reply.body.find("NotAuthorized") != std::string::npos))
        return fail(ErrorKind::denied, "the camera refuses the user or the password; check both");
    if (reply.status != 200 || !answer || answer->find("Fault") != nullptr)
        return fail(ErrorKind::corrupt,
                    "the camera does not answer as ONVIF has it; write the address of its stream");
    return answer;
}

}  // namespace

Result<std::vector<Stream>> streams_of(const std::string& device, const Login& login, Clock& clock) {
    const auto host = ip_of(device);
    if (host.empty())
        return fail(ErrorKind::invalid, "the address of a camera must be http:// with an IP address");
    const auto capabilities = TRY(ask(device, login, get_capabilities(), clock));
    const auto* media = capabilities.find("Media");
    const auto service = media == nullptr ? device : media->text_of("XAddr");
    if (ip_of(service) != host)
        return fail(ErrorKind::corrupt,
                    "the camera names a service at another host; write the address of its stream");
    const auto profiles = TRY(ask(service, login, get_profiles(), clock));
    std::vector<Stream> streams;
    for (const auto* profile : profiles.find_all("Profiles")) {
        const auto token = profile->attributes.find("token");
        if (token == profile->attributes.end() || streams.size() >= kMostStreams) continue;
        const auto uri = TRY(ask(service, login, get_stream_uri(token->second), clock));
        auto url = without_login(uri.text_of("Uri"));
        if (!url.starts_with("rtsp://") || url.size() > 1000) continue;
        Stream stream{profile->text_of("Name").substr(0, 60), std::move(url)};
        if (const auto* size = profile->find("Resolution"))
            stream.width = number(size->text_of("Width")), stream.height = number(size->text_of("Height"));
        streams.push_back(std::move(stream));
    }
    if (streams.empty())
        return fail(ErrorKind::not_found, "the camera names no RTSP stream; write the address of its stream");
    return streams;
}

}  // namespace passerby::onvif
