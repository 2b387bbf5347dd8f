#include "base/log.h"

#include <gtest/gtest.h>

namespace passerby {
namespace {

TEST(Log, HidesUserAndPasswordOfAddresses) {
    const std::pair<const char*, const char*> lines[] = {
        {"rtsp://user:pass@10.0.0.5/stream", "rtsp://***@10.0.0.5/stream"},
        {"'http://u@h/' and rtsp://a:b@c", "'http://***@h/' and rtsp://***@c"},
        {"rtsp://user:p@ss@host/x", "rtsp://***@host/x"},
        {"rtsp://host/path@1", "rtsp://host/path@1"},
        {"mail me@home", "mail me@home"},
        {"", ""},
    };
    for (const auto& [line, wanted] : lines) EXPECT_EQ(without_secrets(line), wanted);
}

TEST(Log, HidesWhatItWasToldToHide) {
    hide_in_log("hunter22");
    EXPECT_EQ(without_secrets("password hunter22, again hunter22."), "password ***, again ***.");
    hide_in_log("");
    hide_in_log("la");
    EXPECT_EQ(without_secrets("plain"), "plain");
}

}  // namespace
}  // namespace passerby
