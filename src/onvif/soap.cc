#include "onvif/soap.h"

#include <array>

#include <arpa/inet.h>

#include "crypto/base64.h"
#include "crypto/sha1.h"

namespace passerby::onvif {

namespace {

constexpr std::size_t kLongestName = 60;

// "%20" -> " "; what is no escape stays.
std::string unescaped(std::string_view text) {
    std::string out;
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'                     ? c - '0'
               : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                        : -1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string one_line(std::string text) {
    std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
    return text.substr(0, kLongestName);
}

// "onvif://www.onvif.org/name/Some%20Camera" among the scopes.
std::string name_in(const std::string& scopes) {
    constexpr std::string_view kName = "onvif://www.onvif.org/name/";
    const auto at = scopes.find(kName);
    if (at == std::string::npos) return {};
    const auto from = at + kName.size();
    return one_line(unescaped(scopes.substr(from, scopes.find_first_of(" \t\r\n", from) - from)));
}

}  // namespace

std::string security_header(const Login& login, std::string_view nonce, WallTime now) {
    if (login.user.empty()) return {};
    const auto created = to_iso8601({std::chrono::floor<std::chrono::seconds>(now.since_epoch)});
    const auto digest = crypto::sha1(std::string{nonce} + created + login.password);
    return fmt::format(
        "<w:Security xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/"
        "oasis-200401-wss-wssecurity-secext-1.0.xsd\" s:mustUnderstand=\"1\"><w:UsernameToken>"
        "<w:Username>{}</w:Username><w:Password Type=\"http://docs.oasis-open.org/wss/2004/01/"
        "oasis-200401-wss-username-token-profile-1.0#PasswordDigest\">{}</w:Password><w:Nonce "
        "EncodingType=\"http://docs.oasis-open.org/wss/2004/01/"
        "oasis-200401-wss-soap-message-security-1.0#Base64Binary\">{}</w:Nonce><u:Created "
        "xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\">{}"
        "</u:Created></w:UsernameToken></w:Security>",
        xml_escaped(login.user), crypto::to_base64(digest), crypto::to_base64(nonce), created);
}

std::string get_capabilities() {
    return "<GetCapabilities xmlns=\"http://www.onvif.org/ver10/device/wsdl\"><Category>Media</Category>"
           "</GetCapabilities>";
}

std::string get_profiles() {
    return "<GetProfiles xmlns=\"http://www.onvif.org/ver10/media/wsdl\"/>";
}

std::string get_stream_uri(std::string_view profile) {
    return fmt::format(
        "<GetStreamUri xmlns=\"http://www.onvif.org/ver10/media/wsdl\" "
        "xmlns:t=\"http://www.onvif.org/ver10/schema\"><StreamSetup><t:Stream>RTP-Unicast</t:Stream>"
        "<t:Transport><t:Protocol>RTSP</t:Protocol></t:Transport></StreamSetup><ProfileToken>{}</"
        "ProfileToken>"
        "</GetStreamUri>",
        xml_escaped(profile));
}

std::string envelope(std::string_view header, std::string_view body) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope "
        "xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header>{}</s:Header><s:Body>{}</s:Body>"
        "</s:Envelope>",
        header, body);
}

std::string probe(std::string_view id) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope "
        "xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
        "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
        "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" "
        "xmlns:n=\"http://www.onvif.org/ver10/network/wsdl\"><s:Header><a:Action>"
        "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action><a:MessageID>urn:uuid:{}</"
        "a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Probe>"
        "<d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>",
        id);
}

std::optional<Device> device_in(std::string_view datagram, const std::string& sender, std::string_view id) {
    const auto answer = parse_xml(datagram);
    if (!answer || answer->text_of("RelatesTo") != fmt::format("urn:uuid:{}", id)) return std::nullopt;
    const auto* match = answer->find("ProbeMatch");
    if (match == nullptr) return std::nullopt;
    const auto addresses = match->text_of("XAddrs");
    for (std::size_t from = 0; from < addresses.size();) {
        const auto end = std::min(addresses.find_first_of(" \t\r\n", from), addresses.size());
        const auto address = addresses.substr(from, end - from);
        from = end + 1;
        if (ip_of(address) != sender || address.size() > 300) continue;
        const auto name = name_in(match->text_of("Scopes"));
        return Device{address, name.empty() ? sender : name};
    }
    return std::nullopt;
}

std::string ip_of(std::string_view address) {
    constexpr std::string_view kScheme = "http://";
    if (!address.starts_with(kScheme)) return {};
    auto host = address.substr(kScheme.size());
    host = host.substr(0, host.find('/'));
    if (host.starts_with('['))
        host = host.substr(1, host.find(']') - 1);
    else
        host = host.substr(0, host.find(':'));
    const std::string text{host};
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    const bool is_ip = ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
                       ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
    return is_ip ? text : std::string{};
}

}  // namespace passerby::onvif
