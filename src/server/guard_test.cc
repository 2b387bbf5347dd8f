#include "server/guard.h"

#include <gtest/gtest.h>

namespace passerby::server {

TEST(Guard, HostAgainstRebinding) {
    const HostRule loopback{true, {}}, named{true, {"cctv.example.org"}}, open{false, {}},
        lan{false, {"cctv.lan"}};
    const struct {
        const char* host;
        bool loopback, named, open, lan;
    } kTable[] = {
        {"localhost:8080", true, true, true, true},
        {"LOCALHOST", true, true, true, true},
        {"127.0.0.1:8080", true, true, true, true},
        {"127.1.2.3", true, true, true, true},
        {"[::1]:8080", true, true, true, true},
        {"192.168.1.5:8080", false, false, true, true},
        {"[2001:db8::1]:80", false, false, true, true},
        {"cctv.example.org", false, true, true, false},
        {"cctv.lan:8080", false, false, true, true},
        {"evil.example", false, false, true, false},
        {"localhost.evil.example", false, false, true, false},
        {"127.0.0.1.evil.example", false, false, true, false},
        {"", false, false, false, false},
        {":8080", false, false, false, false},
        {"localhost:", false, false, false, false},
        {"localhost:80a", false, false, false, false},
        {"localhost:80:80", false, false, false, false},
        {"user@localhost", false, false, false, false},
        {"localhost/", false, false, false, false},
        {"[localhost]", false, false, false, false},
        {"[::1", false, false, false, false},
    };
    for (const auto& row : kTable) {
        EXPECT_EQ(host_is_ours(loopback, row.host), row.loopback) << row.host;
        EXPECT_EQ(host_is_ours(named, row.host), row.named) << row.host;
        EXPECT_EQ(host_is_ours(open, row.host), row.open) << row.host;
        EXPECT_EQ(host_is_ours(lan, row.host), row.lan) << row.host;
    }
}

TEST(Guard, OriginAgainstForgery) {
    using Header = std::optional<std::string>;
    const struct {
        Header origin, fetch_site;
        bool reading, changing;  // allowed
    } kTable[] = {
        {{}, {}, true, true},  // a program
        {{}, "none", true, true},
        {{}, "same-origin", true, true},
        {{}, "same-site", false, false},  // another port of localhost
        {{}, "cross-site", false, false},
        {{}, "nonsense", false, false},
        {"http://localhost:8080", {}, true, true},
        {"https://LOCALHOST:8080", {}, true, true},
        {"http://localhost:8080", "same-origin", true, true},
        {"http://localhost:8080", "cross-site", false, false},
        {"http://localhost:8081", {}, true, false},
        {"http://localhost", {}, true, false},
        {"http://evil.example", {}, true, false},
        {"http://evil.example?http://localhost:8080", {}, true, false},
        {"null", {}, true, false},
        {"", {}, true, false},
        {"localhost:8080", {}, true, false},
    };
    for (const auto& row : kTable) {
        Request request;
        request.host = "localhost:8080";
        request.origin = row.origin;
        request.fetch_site = row.fetch_site;
        const auto what = row.origin.value_or("-") + " " + row.fetch_site.value_or("-");
        EXPECT_EQ(origin_is_ours(request, false), row.reading) << what;
        EXPECT_EQ(origin_is_ours(request, true), row.changing) << what;
    }
    Request without_host;
    without_host.origin = "http://";
    EXPECT_FALSE(origin_is_ours(without_host, true));
}

}  // namespace passerby::server
