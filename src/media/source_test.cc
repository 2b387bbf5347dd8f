#include "media/source.h"

#include <gmock/gmock.h>

#include "base/log.h"

namespace passerby::media {
namespace {

using Transport = ReadOptions::Transport;
using testing::HasSubstr;
using testing::Not;

TEST(Source, TakesPathsLiterally) {
    for (const std::string path : {"a.mp4", "concat:a|b", "-x", "/dir/a b.mp4", "data:x"}) {
        const auto source = parse_source(path, Transport::tcp);
        ASSERT_TRUE(source) << path;
        EXPECT_EQ(source->kind, Source::Kind::file);
        EXPECT_EQ(source->address, "file:" + path);
        EXPECT_STREQ(source->protocols, "file");
    }
    EXPECT_EQ(parse_source("file:b.mp4", Transport::tcp)->name, "b.mp4");
}

TEST(Source, LetsEachAddressUseOnlyItsProtocols) {
    EXPECT_STREQ(parse_source("rtsp://cam/1", Transport::tcp)->protocols, "tcp");
    EXPECT_STREQ(parse_source("rtsp://cam/1", Transport::udp)->protocols, "tcp,rtp,udp");
    EXPECT_STREQ(parse_source("rtsps://cam/1", Transport::tcp)->protocols, "tls,tcp");
    EXPECT_STREQ(parse_source("http://cam/1", Transport::tcp)->protocols, "http,tcp");
    EXPECT_STREQ(parse_source("https://cam/1", Transport::tcp)->protocols, "https,tls,tcp");
}

TEST(Source, RefusesWhatItCannotBe) {
    EXPECT_THAT(parse_source("", Transport::tcp).error().message, HasSubstr("no source"));
    EXPECT_THAT(parse_source("ftp://host/a", Transport::tcp).error().message, HasSubstr("unknown kind"));
    EXPECT_THAT(parse_source("rtsp:///path", Transport::tcp).error().message, HasSubstr("names no host"));
    const auto with_password = parse_source("rtsp://admin:s3cret@cam/1", Transport::tcp);
    ASSERT_FALSE(with_password);
    EXPECT_THAT(with_password.error().message, HasSubstr("keys for user and password"));
    EXPECT_THAT(with_password.error().message, Not(HasSubstr("s3cret")));
}

TEST(Source, PutsCredentialsInOnlyForTheCameraAndHidesThem) {
    ReadOptions options;
    options.user = "ad min";
    options.password = "p@ss/w:rd%1";
    const auto source = parse_source("rtsp://cam:554/1?x=y", Transport::tcp);
    ASSERT_TRUE(source);
    EXPECT_EQ(with_credentials(*source, options), "rtsp://ad%20min:p%40ss%2Fw%3Ard%251@cam:554/1?x=y");
    EXPECT_EQ(source->name, "rtsp://cam:554/1?x=y");
    EXPECT_THAT(without_secrets("tried p@ss/w:rd%1 and p%40ss%2Fw%3Ard%251"), "tried *** and ***");
    EXPECT_EQ(with_credentials(*source, {}), source->address);
    EXPECT_EQ(with_credentials(*parse_source("a.mp4", Transport::tcp), options), "file:a.mp4");
}

}  // namespace
}  // namespace passerby::media
