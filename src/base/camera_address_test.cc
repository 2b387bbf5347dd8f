#include "base/camera_address.h"

#include <algorithm>
#include <map>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace passerby {
namespace {

using testing::HasSubstr;

const CameraRule kApps, kOwners{.owners = true, .also = {}};

// What becomes of an address that comes in through the API, and of the same one in the config file.
enum Verdict {
    good,      // for both
    owners,    // for the owner of the machine alone
    nobodys,   // no device is there
    malformed  // not an address at all
};
struct Row {
    Verdict verdict;
    const char* url;
};

// Against OWASP's and others' lists of ways round such a check.
constexpr Row kTable[] = {
    // Where cameras live
    {good, "rtsp://10.0.0.5/stream"},
    {good, "rtsp://10.255.255.254:8554/a?b=c#d"},
    {good, "rtsp://172.16.0.1/"},
    {good, "rtsp://172.31.9.9/"},
    {good, "rtsp://192.168.1.64:554/Streaming/Channels/101"},
    {good, "rtsps://192.168.1.64/"},
    {good, "http://192.168.1.64/mjpeg?at=http://127.0.0.1/"},
    {good, "https://camera.example/video"},
    {good, "rtsp://front-door/"},
    {good, "rtsp://front_door.lan:7447/x"},
    {good, "rtsp://camera.example./"},
    {good, "rtsp://100.64.0.9/"},
    {good, "rtsp://203.0.113.9/"},
    {good, "rtsp://[fd12:3456::5]/"},
    {good, "rtsp://[fd12:3456::5]:8554/x"},
    {good, "rtsp://[2001:db8::5]/"},
    {good, "rtsp://[::ffff:10.0.0.5]/"},
    {good, "rtsp://[64:ff9b::10.0.0.5]/"},
    {good, "rtsp://10.0.0.5/a@127.0.0.1/"},
    {good, "rtsp://10.0.0.5?@127.0.0.1"},
    {good, "rtsp://10.0.0.5#@127.0.0.1"},
    // This machine
    {owners, "rtsp://127.0.0.1/"},
    {owners, "rtsp://127.0.0.1:8420/api/users"},
    {owners, "rtsp://127.255.255.254/"},
    {owners, "http://127.0.0.53/"},
    {owners, "rtsp://[::1]/"},
    {owners, "rtsp://[0:0:0:0:0:0:0:1]/"},
    {owners, "rtsp://[::ffff:127.0.0.1]/"},
    {owners, "rtsp://[::ffff:7f00:1]/"},
    {owners, "rtsp://[::127.0.0.1]/"},
    {owners, "rtsp://[64:ff9b::127.0.0.1]/"},
    {owners, "rtsp://[64:ff9b::7f00:1]/"},
    {owners, "rtsp://[2002:7f00:1::]/"},
    {owners, "rtsp://[2002:7f00:1::1]:80/"},
    // Link-local
    {owners, "rtsp://169.254.1.1/"},
    {owners, "rtsp://169.254.255.255/"},
    {owners, "rtsp://[fe80::1]/"},
    {owners, "rtsp://[fe80::1%eth0]/"},
    {owners, "rtsp://[fe80::1%25eth0]/"},
    {owners, "rtsp://[febf::1]/"},
    {owners, "rtsp://[::ffff:169.254.1.1]/"},
    {owners, "rtsp://[::1%lo]/"},
    // Metadata services
    {owners, "http://169.254.169.254/latest/meta-data/"},
    {owners, "http://169.254.170.2/v2/credentials"},
    {owners, "http://168.63.129.16/machine"},
    {owners, "http://100.100.100.200/latest/"},
    {owners, "http://192.0.0.192/"},
    {owners, "http://[fd00:ec2::254]/"},
    {owners, "http://[fd20:ce::254]/"},
    {owners, "http://[::ffff:169.254.169.254]/"},
    {owners, "http://[::ffff:a9fe:a9fe]/"},
    {owners, "http://[64:ff9b::169.254.169.254]/"},
    {owners, "http://[2002:a9fe:a9fe::]/"},
    {owners, "http://[::a9fe:a9fe]/"},
    // Nobody's
    {nobodys, "rtsp://0.0.0.0/"},
    {nobodys, "rtsp://0.1.2.3/"},
    {nobodys, "rtsp://224.0.0.1/"},
    {nobodys, "rtsp://239.255.255.250:1900/"},
    {nobodys, "rtsp://240.0.0.1/"},
    {nobodys, "rtsp://255.255.255.255/"},
    {nobodys, "rtsp://[::]/"},
    {nobodys, "rtsp://[0:0::0]:554/"},
    {nobodys, "rtsp://[::ffff:0.0.0.0]/"},
    {nobodys, "rtsp://[::ffff:224.0.0.1]/"},
    {nobodys, "rtsp://[64:ff9b::255.255.255.255]/"},
    {nobodys, "rtsp://[64:ff9b:1::a00:5]/"},
    {nobodys, "rtsp://[ff02::1]/"},
    {nobodys, "rtsp://[ff02::c%eth0]/"},
    {nobodys, "rtsp://[2001:0:4136:e378::1]/"},
    {nobodys, "rtsp://[100::1]/"},
    {nobodys, "rtsp://[::ffff:0:127.0.0.1]/"},
    // Other spellings of an IPv4 address
    {malformed, "rtsp://2130706433/"},
    {malformed, "rtsp://0x7f000001/"},
    {malformed, "rtsp://0X7F000001/"},
    {malformed, "rtsp://017700000001/"},
    {malformed, "rtsp://127.1/"},
    {malformed, "rtsp://127.0.1/"},
    {malformed, "rtsp://0177.0.0.1/"},
    {malformed, "rtsp://0x7f.0.0.1/"},
    {malformed, "rtsp://127.0.0.0x1/"},
    {malformed, "rtsp://127.0.0.01/"},
    {malformed, "rtsp://127.0.0.1./"},
    {malformed, "rtsp://127.0.0.1.1/"},
    {malformed, "rtsp://256.0.0.1/"},
    {malformed, "rtsp://10.0.0.5.0x/"},
    {malformed, "rtsp://0/"},
    {malformed, "rtsp://\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1/"},
    {malformed,
     "rtsp://127\xE3\x80\x82"
     "0\xE3\x80\x82"
     "0\xE3\x80\x82"
     "1/"},
    // Users, and what looks like them
    {malformed, "rtsp://10.0.0.5@127.0.0.1/"},
    {malformed, "rtsp://10.0.0.5:554@127.0.0.1/"},
    {malformed, "rtsp://user:password@10.0.0.5/"},
    {malformed, "rtsp://@127.0.0.1/"},
    {malformed, "rtsp://10.0.0.5\\@127.0.0.1/"},
    {malformed, "rtsp://10.0.0.5%40127.0.0.1/"},
    {malformed, "rtsp://10.0.0.5\\.example/"},
    {malformed, "rtsp://127.0.0.1%2f.example/"},
    {malformed, "rtsp://127.0.0.1%00.example/"},
    {malformed, "rtsp://10.0.0.5,127.0.0.1/"},
    // IPv6 that is none
    {malformed, "rtsp://[::1/"},
    {malformed, "rtsp://[]/"},
    {malformed, "rtsp://[127.0.0.1]/"},
    {malformed, "rtsp://[::1]x/"},
    {malformed, "rtsp://[::1]@10.0.0.5/"},
    {malformed, "rtsp://[fe80::1%]/"},
    {malformed, "rtsp://[fe80::1%a/b]/"},
    {malformed, "rtsp://[::g]/"},
    {malformed, "rtsp://::1/"},
    {malformed, "rtsp://fd00::5/"},
    {malformed, "rtsp://[v1.fe80]/"},
    // Ports
    {malformed, "rtsp://10.0.0.5:0/"},
    {malformed, "rtsp://10.0.0.5:/"},
    {malformed, "rtsp://10.0.0.5:65536/"},
    {malformed, "rtsp://10.0.0.5:-1/"},
    {malformed, "rtsp://10.0.0.5:80:80/"},
    {malformed, "rtsp://10.0.0.5:8 0/"},
    {malformed, "rtsp://10.0.0.5:18446744073709551696/"},
    // Schemes and protocols
    {malformed, ""},
    {malformed, "10.0.0.5"},
    {malformed, "//10.0.0.5/"},
    {malformed, "rtsp:10.0.0.5"},
    {malformed, "rtsp:/10.0.0.5/"},
    {malformed, "rtsp:///etc/passwd"},
    {malformed, "file:/etc/passwd"},
    {malformed, "file:///etc/passwd"},
    {malformed, "RTSP://10.0.0.5/"},
    {malformed, "rtspu://10.0.0.5/"},
    {malformed, "rtmp://10.0.0.5/"},
    {malformed, "ftp://10.0.0.5/"},
    {malformed, "gopher://10.0.0.5:6379/_FLUSHALL"},
    {malformed, "dict://10.0.0.5:11211/"},
    {malformed, "ldap://10.0.0.5/"},
    {malformed, "tcp://10.0.0.5:22"},
    {malformed, "udp://239.0.0.1:5004"},
    {malformed, "unix:///run/docker.sock"},
    {malformed, "data://text/plain,x"},
    {malformed, "concat:http://a|http://b"},
    {malformed, "crypto+http://10.0.0.5/"},
    {malformed, "httpproxy://10.0.0.5/"},
    {malformed, "subfile,,start,0,end,9,,:/etc/passwd"},
    {malformed, " rtsp://10.0.0.5/"},
    {malformed, "rtsp://10.0.0.5/a\r\nHost: 127.0.0.1"},
    {malformed, "rtsp://10.0.0.5/\tx"},
    {malformed, "rtsp://10.0.0.5\n/"},
};

class CameraAddress : public testing::TestWithParam<Row> {};

TEST_P(CameraAddress, IsWhatTheTableSays) {
    const auto& [verdict, url] = GetParam();
    const auto app = check_camera_url(url, kApps), owner = check_camera_url(url, kOwners);
    EXPECT_EQ(app.has_value(), verdict == good) << url;
    EXPECT_EQ(owner.has_value(), verdict == good || verdict == owners) << url;
    if (verdict == malformed) {
        EXPECT_EQ(app.error().kind, ErrorKind::invalid) << app.error().message;
        return;
    }
    if (!app) {
        EXPECT_EQ(app.error().kind, ErrorKind::denied) << app.error().message;
    }
    // A name that leads to such an address fares no better, whichever of its addresses it is.
    const auto host = camera_host(url);
    ASSERT_TRUE(host) << url;
    const auto literal = resolve(host->name.substr(0, host->name.find('%')), 554);
    if (!literal || host->name.find_first_not_of("0123456789abcdef.:%ltho") != std::string::npos) return;
    const auto innocent = *resolve("10.0.0.5", 554);
    for (const bool first : {true, false}) {
        const auto peers = camera_peers("rtsp://camera.example/", kApps, [&](const auto&, auto) {
            auto all = innocent;
            all.insert(first ? all.begin() : all.end(), literal->front());
            return Result<std::vector<Peer>>{all};
        });
        EXPECT_EQ(peers.has_value(), verdict == good) << url;
        if (!peers) {
            EXPECT_THAT(peers.error().message, HasSubstr("'camera.example' is at "));
        }
    }
}
INSTANTIATE_TEST_SUITE_P(Table, CameraAddress, testing::ValuesIn(kTable));

TEST(CameraAddresses, TheTableIsLong) {
    EXPECT_GE(std::size(kTable), 120U);
    std::map<Verdict, int> of;
    for (const auto& row : kTable) ++of[row.verdict];
    EXPECT_GE(of[good], 20);
    EXPECT_GE(of[owners], 30);
    EXPECT_GE(of[nobodys], 15);
    EXPECT_GE(of[malformed], 50);
}

TEST(CameraAddresses, NamesOfThisMachineLeadToIt) {
    EXPECT_THAT(camera_peers("rtsp://localhost/", kApps).error().message, HasSubstr("this machine itself"));
    EXPECT_TRUE(camera_peers("rtsp://localhost/", kOwners));
}

TEST(CameraAddresses, AnInterfaceOfThisMachineIsThisMachine) {
    // Whatever it is: of a route to elsewhere the system tells which address is ours.
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    const auto elsewhere = *resolve("203.0.113.9", 9);
    Peer ours = elsewhere.front();
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&ours.address), ours.size) != 0)
        GTEST_SKIP() << "this machine has no route and so no address of its own";
    ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&ours.address), &ours.size), 0);
    EXPECT_THAT(check_peer(ours, kApps).error().message, HasSubstr("this machine itself"));
    EXPECT_TRUE(check_peer(ours, kOwners));
}

TEST(CameraAddresses, TheConfigMayAllowMore) {
    const CameraRule rule{.owners = false,
                          .also = {*Network::parse("127.0.0.0/8"), *Network::parse("fe80::/10")}};
    EXPECT_TRUE(check_camera_url("rtsp://127.0.0.1:8554/", rule));
    EXPECT_TRUE(check_camera_url("rtsp://[fe80::1%eth0]/", rule));
    EXPECT_FALSE(check_camera_url("rtsp://[::1]/", rule));
    EXPECT_FALSE(check_camera_url("rtsp://169.254.169.254/", rule));
    const CameraRule all{.owners = false, .also = {*Network::parse("0.0.0.0/0"), *Network::parse("::/0")}};
    EXPECT_TRUE(check_camera_url("rtsp://169.254.169.254/", all));
    EXPECT_FALSE(check_camera_url("rtsp://224.0.0.1/", all)) << "nobody is there";
}

TEST(CameraAddresses, APortIsThatOfTheAddress) {
    const auto port = [](const char* url) { return camera_host(url)->port; };
    EXPECT_EQ(port("rtsp://10.0.0.5/stream"), 554);
    EXPECT_EQ(port("rtsp://10.0.0.5:8554/a:b"), 8554);
    EXPECT_EQ(port("rtsps://camera.example/x"), 322);
    EXPECT_EQ(port("http://camera.example?x=1:2"), 80);
    EXPECT_EQ(port("https://[fe80::1]/"), 443);
    EXPECT_EQ(port("https://[fe80::1]:8443/"), 8443);
}

TEST(CameraAddresses, AnErrorDoesNotRepeatAPassword) {
    EXPECT_THAT(check_camera_url("rtsp://me:s3cret@10.0.0.5/", kApps).error().message,
                testing::Not(HasSubstr("s3cret")));
}

TEST(Networks, HoldAddresses) {
    const auto network = *Network::parse("192.168.8.0/21");
    for (const auto* text : {"192.168.8.0", "192.168.15.255", "::ffff:192.168.9.1"})
        EXPECT_TRUE(network.holds(text)) << text;
    for (const auto* text : {"192.168.7.255", "192.168.16.0", "::192.168.9.1", "", "unknown"})
        EXPECT_FALSE(network.holds(text)) << text;
}

TEST(Networks, AreReadAndWritten) {
    for (const auto* text : {"10.0.0.0/8", "192.168.7.1/32", "0.0.0.0/0", "fd00::/8", "::1/128", "::/0"})
        EXPECT_EQ(Network::parse(text)->to_string(), text);
    EXPECT_EQ(Network::parse("10.1.2.3")->to_string(), "10.1.2.3/32");
    for (const auto* text : {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8",
                             "fd00::/129", "fd00::1/64", "x/8", "10.0.0.0/8/8"})
        EXPECT_FALSE(Network::parse(text)) << text;
}

}  // namespace
}  // namespace passerby
