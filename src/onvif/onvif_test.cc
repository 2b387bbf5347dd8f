// A device that is none speaks real UDP and HTTP on loopback.
#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/file.h"
#include "crypto/base64.h"
#include "crypto/sha1.h"
#include "onvif/device.h"
#include "onvif/discovery.h"
#include "onvif/xml.h"

namespace passerby::onvif {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The example of ONVIF's Application Programmer's Guide.
TEST(SecurityHeader, IsAsOnvifHasIt) {
    const auto nonce = crypto::from_base64("LKqI6G/AikKCQrN0zqZFlg==");
    ASSERT_TRUE(nonce);
    const auto header =
        security_header({"user", "userpassword"}, *nonce, *wall_time_from_iso8601("2010-09-16T07:50:45Z"));
    EXPECT_THAT(header, AllOf(HasSubstr(">tuOSpGlFlIXsozq4HFNeeGeFLEI=<"), HasSubstr(">user<"),
                              HasSubstr(">2010-09-16T07:50:45Z<"), Not(HasSubstr("userpassword"))));
    EXPECT_THAT(security_header({}, *nonce, {}), IsEmpty());
    EXPECT_THAT(security_header({"<&>", "x"}, *nonce, {}), HasSubstr("&lt;&amp;&gt;"));
}

TEST(Xml, IsReadWithoutItsNamespaces) {
    const auto xml = parse_xml(R"(<a:x xmlns:a="urn:a" a:k="v"> one <b>two</b><c><b>three</b></c></a:x>)");
    ASSERT_TRUE(xml) << xml.error().message;
    EXPECT_EQ(xml->name, "x");
    EXPECT_EQ(xml->text, "one");
    EXPECT_EQ(xml->attributes.at("k"), "v");
    EXPECT_EQ(xml->text_of("b"), "two");
    EXPECT_EQ(xml->find_all("b").size(), 2u);
    EXPECT_EQ(xml->find("d"), nullptr);
}

TEST(Xml, StrangersAreHeldToBounds) {
    std::string deep, many = "<a>";
    for (int i = 0; i < 40; ++i) deep += "<a>";
    for (int i = 0; i < 40; ++i) deep += "</a>";
    for (int i = 0; i < 6000; ++i) many += "<b/>";
    many += "</a>";
    const std::string laughs = "<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>";
    const std::string outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>";
    const std::string large = "<a>" + std::string(300'000, 'x') + "</a>";
    for (const auto& text :
         {deep, many, laughs, outside, large, std::string{"<a>"}, std::string{}, std::string{"<a>\xff</a>"}})
        EXPECT_EQ(parse_xml(text).error().kind, ErrorKind::corrupt) << text.substr(0, 60);
}

std::string match(const std::string& id, const std::string& addresses) {
    return "<e:Envelope xmlns:e=\"urn:e\"><e:Header><RelatesTo>urn:uuid:" + id +
           "</RelatesTo></e:Header><e:Body><ProbeMatches><ProbeMatch><Scopes>onvif://www.onvif.org/type/ptz "
           "onvif://www.onvif.org/name/Front%20Door</Scopes><XAddrs>" +
           addresses + "</XAddrs></ProbeMatch></ProbeMatches></e:Body></e:Envelope>";
}

TEST(ProbeMatch, IsOfTheSenderAlone) {
    const auto device = device_in(
        match("1", "https://10.0.0.5/x http://[fe80::1]/x http://10.0.0.5:8080/onvif"), "10.0.0.5", "1");
    ASSERT_TRUE(device);
    EXPECT_EQ(device->address, "http://10.0.0.5:8080/onvif");
    EXPECT_EQ(device->name, "Front Door");
    EXPECT_FALSE(device_in(match("1", "http://10.0.0.6/onvif"), "10.0.0.5", "1")) << "another host";
    EXPECT_FALSE(device_in(match("1", "http://camera.local/onvif"), "10.0.0.5", "1")) << "a name";
    EXPECT_FALSE(device_in(match("1", "http://10.0.0.5@evil.example/"), "10.0.0.5", "1")) << "a trick";
    EXPECT_FALSE(device_in(match("2", "http://10.0.0.5/onvif"), "10.0.0.5", "1")) << "another probe";
    EXPECT_FALSE(device_in("hello", "10.0.0.5", "1"));
    EXPECT_FALSE(device_in("<a/>", "10.0.0.5", "1"));
}

Fd bound(int type, std::uint16_t& port) {
    Fd fd{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    socklen_t size = sizeof at;
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    return fd;
}

bool readable(int fd) {
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, 50) > 0;
}

TEST(Discovery, FindsWhoAnswers) {
    std::uint16_t port = 0;
    const auto socket = bound(SOCK_DGRAM, port);
    std::jthread device{[&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (!readable(socket.get())) continue;
            std::array<char, 4096> bytes{};
            sockaddr_in from{};
            socklen_t size = sizeof from;
            const auto n = ::recvfrom(socket.get(), bytes.data(), bytes.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from), &size);
            const auto asked = parse_xml({bytes.data(), static_cast<std::size_t>(n)});
            ASSERT_TRUE(asked);
            EXPECT_EQ(asked->text_of("Types"), "n:NetworkVideoTransmitter");
            const auto id = asked->text_of("MessageID").substr(std::string{"urn:uuid:"}.size());
            // Twice, as they do, and nonsense between.
            for (const auto& text :
                 {match(id, "http://127.0.0.1:80/onvif"), std::string{"nonsense"},
                  match(id, "http://10.9.9.9/onvif"), match(id, "http://127.0.0.1:80/onvif")})
                ::sendto(socket.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
        }
    }};
    const auto found = discover(std::chrono::milliseconds{500}, {"127.0.0.1", port});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().address, "http://127.0.0.1:80/onvif");
}

// Answers requests one after the other, each on a connection of its own.
class FakeDevice {
  public:
    using Answer = std::function<std::pair<int, std::string>(const XmlElement& request)>;
    explicit FakeDevice(Answer answer) : answer_{std::move(answer)}, socket_{bound(SOCK_STREAM, port_)} {
        ::listen(socket_.get(), 8);
        thread_ = std::jthread{[this](const std::stop_token& stop) {
            while (!stop.stop_requested())
                if (readable(socket_.get())) serve(Fd{::accept(socket_.get(), nullptr, nullptr)});
        }};
    }
    std::string address() const {
        return "http://127.0.0.1:" + std::to_string(port_) + "/onvif/device_service";
    }

  private:
    void serve(const Fd& client) {
        std::string request;
        std::array<char, 8192> bytes{};
        for (;;) {
            const auto end = request.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto at = request.find("Content-Length: ");
                const auto length = std::stoul(request.substr(at + 16));
                if (request.size() >= end + 4 + length) break;
            }
            const auto n = ::recv(client.get(), bytes.data(), bytes.size(), 0);
            if (n <= 0) return;
            request.append(bytes.data(), static_cast<std::size_t>(n));
        }
        const auto body = parse_xml(std::string_view{request}.substr(request.find("\r\n\r\n") + 4));
        const auto [status, text] = body ? answer_(*body) : std::pair{400, std::string{}};
        const auto reply = fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                                       status, text.size(), text);
        ::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
    }

    Answer answer_;
    std::uint16_t port_ = 0;
    Fd socket_;
    std::jthread thread_;
};

std::string in_envelope(const std::string& body) {
    return "<s:Envelope xmlns:s=\"urn:s\"><s:Body>" + body + "</s:Body></s:Envelope>";
}

// Whether the digest in it is that of the password.
bool knows(const XmlElement& request, const std::string& password) {
    const auto nonce = crypto::from_base64(request.text_of("Nonce"));
    return nonce && request.text_of("Password") ==
                        crypto::to_base64(crypto::sha1(*nonce + request.text_of("Created") + password));
}

FakeDevice::Answer camera(const std::string& media) {
    return [media](const XmlElement& request) -> std::pair<int, std::string> {
        if (!knows(request, "s3cret")) return {401, {}};
        if (request.find("GetCapabilities"))
            return {200, in_envelope("<Media><XAddr>" + media + "</XAddr></Media>")};
        if (request.find("GetProfiles"))
            return {200, in_envelope(
                             "<Profiles token=\"main\"><Name>Main</Name><Resolution><Width>1920</Width>"
                             "<Height>1080</Height></Resolution></Profiles><Profiles token=\"sub\"><Name>Sub"
                             "</Name></Profiles>")};
        const auto token = request.text_of("ProfileToken");
        return {200, in_envelope("<Uri>rtsp://admin:pw@127.0.0.1:554/" + token + "</Uri>")};
    };
}

TEST(Streams, AreThoseOfEachProfile) {
    const FakeDevice media{camera("http://127.0.0.1/")};
    const FakeDevice front{camera(media.address())};
    const auto streams = streams_of(front.address(), {"viewer", "s3cret"});
    ASSERT_TRUE(streams) << streams.error().message;
    ASSERT_EQ(streams->size(), 2u);
    EXPECT_EQ(streams->at(0).name, "Main");
    EXPECT_EQ(streams->at(0).url, "rtsp://127.0.0.1:554/main") << "without its login";
    EXPECT_EQ(streams->at(0).width, 1920);
    EXPECT_EQ(streams->at(1).height, 0);
}

TEST(Streams, WhatIsWrongIsSaid) {
    const FakeDevice elsewhere{camera("http://10.9.9.9/onvif")};
    EXPECT_THAT(streams_of(elsewhere.address(), {"viewer", "s3cret"}).error().message,
                HasSubstr("another host"));
    EXPECT_EQ(streams_of(elsewhere.address(), {"viewer", "wrong"}).error().kind, ErrorKind::denied);
    const FakeDevice dull{[](const XmlElement&) { return std::pair{200, std::string{"<html></html>"}}; }};
    EXPECT_EQ(streams_of(dull.address(), {}).error().kind, ErrorKind::not_found);
    const FakeDevice broken{[](const XmlElement&) { return std::pair{500, std::string{"oh"}}; }};
    EXPECT_EQ(streams_of(broken.address(), {}).error().kind, ErrorKind::corrupt);
    const FakeDevice endless{[](const XmlElement&) { return std::pair{200, std::string(400'000, 'x')}; }};
    EXPECT_FALSE(streams_of(endless.address(), {}));
    EXPECT_EQ(streams_of("http://camera.local/", {}).error().kind, ErrorKind::invalid);
    EXPECT_EQ(streams_of("file:///etc/passwd", {}).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace passerby::onvif
