#include "camera/protocol.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "camera/bounds.h"
#include "camera/frame_splitter.h"
#include "camera/test_messages.h"

namespace passerby::camera {
namespace {

using testing::HasSubstr;

Bytes bytes_of_hex(std::string_view hex) {
    Bytes bytes;
    std::string digits;
    for (const char c : hex)
        if (std::isxdigit(static_cast<unsigned char>(c))) digits += c;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    return bytes;
}
std::string hex_of(const Bytes& bytes) {
    std::string hex;
    for (const auto b : bytes) hex += fmt::format("{:02x}", std::to_integer<int>(b));
    return hex;
}
std::span<const std::byte> without_length(const Bytes& frame) {
    return std::span{frame}.subspan(4);
}

template <class Message>
Message there_and_back(const Message& message) {
    const auto frame = encode(FromCamera{message});
    EXPECT_TRUE(frame) << frame.error().message;
    auto back = decode_from_camera(without_length(*frame));
    EXPECT_TRUE(back) << back.error().message;
    return std::get<Message>(std::move(*back));
}

// As much of it as is looked at here.
std::string test_png(std::size_t size) {
    std::string png = "\x89PNG\r\n\x1a\n";
    png.resize(size, 'x');
    return png;
}

TEST(Protocol, ApprovalsCrossThePipe) {
    const Approvals all{{{test_png(100), {{{0, 0}, {1, 0}, {0.5, 1}}, {{0.25, 0}, {0.5, 0}, {0.5, 0.75}}}},
                         {test_png(kMostPng), {}}}};
    const auto frame = encode(ToCamera{all});
    ASSERT_TRUE(frame) << frame.error().message;
    const auto back = decode_to_camera(without_length(*frame));
    ASSERT_TRUE(back) << back.error().message;
    const auto& came = std::get<Approvals>(*back).pictures;
    ASSERT_EQ(came.size(), 2U);
    EXPECT_EQ(came[0].png, all.pictures[0].png);
    ASSERT_EQ(came[0].refused.size(), 2U);
    EXPECT_EQ(came[0].refused[1][2].y, 0.75F);
    EXPECT_EQ(came[1].png, all.pictures[1].png);
}

TEST(Protocol, PlacesCrossThePipeAndAreBounded) {
    const vision::Place line{3, {{0, 0.5F}, {1, 0.75F}}}, zone{4, {{0, 0}, {1, 0}, {0.5F, 1}}};
    const auto frame = encode(ToCamera{Places{{line, zone}}});
    ASSERT_TRUE(frame) << frame.error().message;
    const auto back = decode_to_camera(without_length(*frame));
    ASSERT_TRUE(back) << back.error().message;
    const auto& drawn = std::get<Places>(*back).drawn;
    ASSERT_EQ(drawn.size(), 2U);
    EXPECT_EQ(drawn[0].id, 3);
    ASSERT_EQ(drawn[0].points.size(), 2U);
    EXPECT_EQ(drawn[0].points[1].y, 0.75F);
    EXPECT_EQ(drawn[1].points.size(), 3U);
    EXPECT_TRUE(encode(ToCamera{Places{}}));
    EXPECT_FALSE(encode(ToCamera{Places{std::vector(vision::kMostPlaces + 1, line)}}));
    EXPECT_FALSE(encode(ToCamera{Places{{{0, line.points}}}}));
    EXPECT_FALSE(encode(ToCamera{Places{{{1, {{0, 0}}}}}}));
    EXPECT_FALSE(encode(ToCamera{Places{{{1, {{0, 0}, {2, 0}}}}}}));
}

TEST(Protocol, ActivityCrossesThePipeAndIsBounded) {
    using namespace std::chrono_literals;
    const WallTime noon{500'000h};
    const Activity good{noon, noon + 15min, {{3, {5, -2}, {0, 7}}}};
    const auto back = there_and_back(good);
    EXPECT_EQ(back.from, good.from);
    EXPECT_EQ(back.to, good.to);
    ASSERT_EQ(back.places.size(), 1U);
    EXPECT_EQ(back.places[0].place, 3);
    EXPECT_EQ(back.places[0].persons, good.places[0].persons);
    EXPECT_EQ(back.places[0].vehicles, good.places[0].vehicles);
    const auto refuses = [&](auto change) {
        auto bad = good;
        change(bad);
        return !encode(FromCamera{bad});
    };
    EXPECT_TRUE(refuses([](Activity& a) { a.to = a.from; }));
    EXPECT_TRUE(refuses([](Activity& a) { a.to = a.from + 61min; }));
    EXPECT_TRUE(refuses([](Activity& a) { a.from = {-1s}; }));
    EXPECT_TRUE(refuses([](Activity& a) { a.places.clear(); }));
    EXPECT_TRUE(refuses([](Activity& a) { a.places.resize(vision::kMostPlaces + 1, a.places[0]); }));
    EXPECT_TRUE(refuses([](Activity& a) { a.places[0].place = 0; }));
    EXPECT_TRUE(refuses([](Activity& a) { a.places[0].persons[1] = -2'000'000'000; }));
}

TEST(Protocol, TheRuleOfCountingCrossesThePipeAndIsBounded) {
    using namespace std::chrono_literals;
    auto start = test_start();
    start.policy.count = redact::Counting{250, 3, 15min};
    const auto frame = encode(ToCamera{start});
    ASSERT_TRUE(frame) << frame.error().message;
    const auto back = decode_to_camera(without_length(*frame));
    ASSERT_TRUE(back) << back.error().message;
    const auto& count = std::get<Start>(*back).policy.count;
    ASSERT_TRUE(count);
    EXPECT_EQ(count->epsilon_thousandths, 250);
    EXPECT_EQ(count->visits, 3);
    EXPECT_EQ(count->interval, 15min);
    for (const redact::Counting bad :
         {redact::Counting{0, 2, 1h}, {200'000, 2, 1h}, {1000, 0, 1h}, {1000, 2, 7min}, {1000, 2, 2h}}) {
        start.policy.count = bad;
        EXPECT_FALSE(encode(ToCamera{start}))
            << bad.epsilon_thousandths << " " << bad.visits << " " << bad.interval.count();
    }
    start.policy.count = redact::Counting{};
    start.policy.scene = redact::Scene::moving;
    EXPECT_FALSE(encode(ToCamera{start}));
}

TEST(Protocol, MasksCrossThePipeAndAreBounded) {
    const redact::Polygon part{{0, 0}, {1, 0}, {0.5, 0.75}};
    const auto frame = encode(ToCamera{Masks{{part, part}}});
    ASSERT_TRUE(frame) << frame.error().message;
    const auto back = decode_to_camera(without_length(*frame));
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(std::get<Masks>(*back).polygons.size(), 2U);
    EXPECT_EQ(std::get<Masks>(*back).polygons[1][2].y, 0.75F);
    EXPECT_TRUE(encode(ToCamera{Masks{}}));
    EXPECT_FALSE(encode(ToCamera{Masks{std::vector(kMostMasks + 1, part)}}));
    EXPECT_FALSE(encode(ToCamera{Masks{{{{0, 0}, {1, 0}}}}}));
    EXPECT_FALSE(encode(ToCamera{Masks{{{{0, 0}, {2, 0}, {0, 1}}}}}));
}

TEST(Protocol, AsManyAsMayBeApprovedFitIntoAMessage) {
    EXPECT_TRUE(encode(ToCamera{Approvals{std::vector(kMostApproved, Approved{test_png(kMostPng), {}})}}));
}

TEST(Protocol, ApprovalsOutOfBoundsAreRefused) {
    const redact::Polygon part{{0, 0}, {1, 0}, {0.5, 1}};
    const std::pair<Approvals, const char*> table[] = {
        {{std::vector(kMostApproved + 1, Approved{test_png(9), {}})}, "9 approved pictures"},
        {{{{"no picture", {}}}}, "no PNG"},
        {{{{test_png(kMostPng + 1), {}}}}, "no PNG"},
        {{{{test_png(9), {{{0, 0}, {1, 1}}}}}}, "2 points"},
        {{{{test_png(9), {{{0, 0}, {1, 1}, {2, 0}}}}}}, "refused part's point 2,0"},
        {{{{test_png(9), std::vector(257, part)}}}, "257 refused parts"},
    };
    for (const auto& [approvals, why] : table) {
        const auto frame = encode(ToCamera{approvals});
        ASSERT_FALSE(frame) << why;
        EXPECT_EQ(frame.error().kind, ErrorKind::corrupt);
        EXPECT_THAT(frame.error().message, HasSubstr(why));
    }
}

TEST(Protocol, ASceneCrossesThePipe) {
    EXPECT_EQ(there_and_back(SceneNow{test_png(1000)}).png, test_png(1000));
}

TEST(Protocol, StartCrossesThePipe) {
    auto start = test_start();
    start.transport = media::ReadOptions::Transport::udp;
    start.realtime = false;
    start.loop = true;
    start.audio = true;
    start.policy.scene = redact::Scene::moving;
    start.policy.style = redact::CoverStyle::vanish;
    start.policy.cover = {redact::Subject::faces, redact::Subject::vehicles, redact::Subject::screens};
    start.quiet = Quiet::encode;
    start.preset = "veryfast";
    start.crf = 27;
    start.look_ahead = Micros{400'000};
    start.fragment = Micros{300'000};
    start.keyframe = Micros{1'500'000};
    start.provider = "openvino";
    start.threads = 3;
    start.originals = test_originals();
    auto model = test_model();
    model.sha256 = std::string(64, 'a');
    model.decoding = vision::Decoding::fastestdet;
    model.role = vision::ModelRole::replace;
    model.order = vision::ChannelOrder::rgb;
    model.mean = {1, 2, 3};
    model.deviation = {4, 5, 6};
    model.labels = {{0, vision::Kind::person}, {7, vision::Kind::vehicle}};
    model.classes = 80;
    model.least_score = 0.625F;
    start.models = {test_model(), model};
    const auto frame = encode(ToCamera{start});
    ASSERT_TRUE(frame) << frame.error().message;
    const auto back = decode_to_camera(without_length(*frame));
    ASSERT_TRUE(back) << back.error().message;
    const auto& got = std::get<Start>(*back);
    EXPECT_EQ(got.camera, start.camera);
    EXPECT_EQ(got.url, start.url);
    EXPECT_EQ(got.user, start.user);
    EXPECT_EQ(got.password, start.password);
    EXPECT_EQ(got.transport, start.transport);
    EXPECT_EQ(got.realtime, start.realtime);
    EXPECT_EQ(got.loop, start.loop);
    EXPECT_EQ(got.audio, start.audio);
    EXPECT_EQ(got.policy.scene, start.policy.scene);
    EXPECT_EQ(got.policy.style, start.policy.style);
    EXPECT_EQ(got.policy.cover, start.policy.cover);
    ASSERT_EQ(got.policy.masks.size(), 1U);
    ASSERT_EQ(got.policy.masks[0].size(), 3U);
    EXPECT_EQ(got.policy.masks[0][2].x, 0.5F);
    EXPECT_EQ(got.policy.masks[0][2].y, 1.0F);
    EXPECT_EQ(got.models_folder, start.models_folder);
    EXPECT_EQ(got.quiet, Quiet::encode);
    EXPECT_EQ(got.preset, start.preset);
    EXPECT_EQ(got.crf, start.crf);
    EXPECT_EQ(got.look_ahead, start.look_ahead);
    EXPECT_EQ(got.fragment, start.fragment);
    EXPECT_EQ(got.keyframe, start.keyframe);
    EXPECT_EQ(got.provider, "openvino");
    EXPECT_EQ(got.threads, 3);
    ASSERT_TRUE(got.originals);
    EXPECT_EQ(got.originals->keyholders, start.originals->keyholders);
    EXPECT_EQ(got.originals->until, start.originals->until);
    ASSERT_EQ(got.models.size(), 2U);
    EXPECT_EQ(got.models[0].name, "faces");
    EXPECT_EQ(got.models[0].decoding, vision::Decoding::yunet);
    EXPECT_EQ(got.models[0].role, vision::ModelRole::join);
    EXPECT_EQ(got.models[0].order, vision::ChannelOrder::bgr);
    const auto& own = got.models[1];
    EXPECT_EQ(own.file, model.file);
    EXPECT_EQ(own.sha256, model.sha256);
    EXPECT_EQ(own.decoding, model.decoding);
    EXPECT_EQ(own.role, model.role);
    EXPECT_EQ(own.input, model.input);
    EXPECT_EQ(own.order, model.order);
    EXPECT_EQ(own.mean, model.mean);
    EXPECT_EQ(own.deviation, model.deviation);
    ASSERT_EQ(own.labels.size(), 2U);
    EXPECT_EQ(own.labels[1].index, 7);
    EXPECT_EQ(own.labels[1].kind, vision::Kind::vehicle);
    EXPECT_EQ(own.classes, 80);
    EXPECT_EQ(own.least_score, 0.625F);
    const auto stop = encode(ToCamera{Stop{}});
    EXPECT_TRUE(std::holds_alternative<Stop>(*decode_to_camera(without_length(*stop))));
}

TEST(Protocol, WhatTheCameraSaysCrossesThePipe) {
    const auto init = there_and_back(test_init());
    EXPECT_EQ(init.bytes, test_init().bytes);
    EXPECT_EQ(init.codec, "avc1.64001f");
    EXPECT_EQ(init.size, (image::Size{768, 576}));
    EXPECT_EQ(init.fps, 25);
    auto sent = test_fragment(4);
    sent.kept = 5;
    const auto fragment = there_and_back(sent);
    EXPECT_EQ(fragment.kept, 5);
    EXPECT_EQ(fragment.bytes, test_fragment(4).bytes);
    EXPECT_EQ(fragment.start, Micros{1'000'000});
    EXPECT_EQ(fragment.duration, Micros{250'000});
    EXPECT_EQ(fragment.frames, 6);
    EXPECT_TRUE(fragment.keyframe);
    EXPECT_EQ(fragment.covered, 0.125);
    EXPECT_EQ(fragment.age, Micros{800'000});
    const auto progress =
        there_and_back(Progress{0.5, 0.25, "no models for the café", 12.5, 1'000'000'000'000, 7});
    EXPECT_EQ(progress.covered, 0.5);
    EXPECT_EQ(progress.proven, 0.25);
    EXPECT_EQ(progress.doubt, "no models for the café");
    EXPECT_EQ(progress.fps, 12.5);
    EXPECT_EQ(progress.frames, 1'000'000'000'000U);
    EXPECT_EQ(progress.dropped, 7U);
    for (const auto cause : {Cause::camera, Cause::decoder, Cause::overload})
        EXPECT_EQ(there_and_back(Gap{cause, "x"}).cause, cause);
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind)
        EXPECT_EQ(there_and_back(Failure{ErrorKind{kind}, "x"}).kind, ErrorKind{kind});
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
        EXPECT_EQ(there_and_back(Log{level, "x"}).level, level);
}

// The worked example of doc/format/camera-messages.md, byte for byte.
TEST(Protocol, WorkedExample) {
    const std::string_view fragment =
        "2f000000"
        "122d"
        "0a14"
        "000000086d6f6f66"
        "0000000c6d64617400000000"
        "1090a10f"
        "1890a10f"
        "2006"
        "31000000000000c03f"
        "3880ea30";
    EXPECT_EQ(hex_of(*encode(FromCamera{test_fragment(1)})), hex_of(bytes_of_hex(fragment)));
    EXPECT_EQ(hex_of(*encode(ToCamera{Stop{}})), "020000001200");
}

struct BadFromCamera {
    const char* name;
    FromCamera message;
    const char* why;
};

template <class T>
T with(T message, void (*change)(T&)) {
    change(message);
    return message;
}
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<BadFromCamera> bad_from_camera() {
    const auto f = test_fragment(0);
    const auto i = test_init();
    const std::string long_text(501, 'x');
    return {
        {"fragment of negative duration", with<Fragment>(f, [](auto& m) { m.duration = Micros{-1}; }),
         "-1 us"},
        {"fragment of an hour", with<Fragment>(f, [](auto& m) { m.duration = std::chrono::hours{1}; }),
         "not in 0-60 s"},
        {"fragment before time", with<Fragment>(f, [](auto& m) { m.start = Micros{-5}; }), "-5 us"},
        {"fragment of the far future",
         with<Fragment>(f, [](auto& m) { m.start = Micros{std::int64_t{1} << 62}; }), "10 years"},
        {"fragment without frames", with<Fragment>(f, [](auto& m) { m.frames = 0; }), "0 frames"},
        {"fragment of very many frames", with<Fragment>(f, [](auto& m) { m.frames = 10'001; }),
         "10001 frames"},
        {"fragment with more kept frames than it has", with<Fragment>(f, [](auto& m) { m.kept = 7; }),
         "6 frames with 7"},
        {"fragment from the future", with<Fragment>(f, [](auto& m) { m.age = Micros{-1}; }),
         "-1 us under way"},
        {"fragment covered twice", with<Fragment>(f, [](auto& m) { m.covered = 2; }), "share of 2"},
        {"fragment covered NaN", with<Fragment>(f, [](auto& m) { m.covered = kNaN; }), "share of nan"},
        {"fragment of nothing", with<Fragment>(f, [](auto& m) { m.bytes.clear(); }), "not moof + mdat"},
        {"fragment of half a box", with<Fragment>(f, [](auto& m) { m.bytes.pop_back(); }), "not moof + mdat"},
        {"fragment without mdat", with<Fragment>(f, [](auto& m) { m.bytes = test_box("moof"); }),
         "not moof + mdat"},
        {"fragment of other boxes",
         with<Fragment>(f, [](auto& m) { m.bytes = test_box("moov") + test_box("mdat"); }), "not moof"},
        {"init that is a fragment", with<Init>(i, [](auto& m) { m.bytes = test_fragment(0).bytes; }),
         "not ftyp + moov"},
        {"init of nothing", with<Init>(i, [](auto& m) { m.bytes.clear(); }), "not ftyp + moov"},
        {"init with a codec of markup", with<Init>(i, [](auto& m) { m.codec = "avc1\"><b>"; }), "codec"},
        {"init without codec", with<Init>(i, [](auto& m) { m.codec.clear(); }), "codec"},
        {"init of no size",
         with<Init>(i,
                    [](auto& m) {
                        m.size = {0, 576};
                    }),
         "0x576"},
        {"init of great size",
         with<Init>(i,
                    [](auto& m) {
                        m.size = {768, 16385};
                    }),
         "768x16385"},
        {"init of infinite speed", with<Init>(i, [](auto& m) { m.fps = HUGE_VAL; }), "inf frames"},
        {"progress of minus one", Progress{-1, 0, "", 0, 0, 0}, "-1"},
        {"progress of NaN", Progress{0, kNaN, "", 0, 0, 0}, "nan"},
        {"progress with a line break", Progress{0, 0, "a\nb", 0, 0, 0}, "one line"},
        {"progress of negative speed", Progress{0, 0, "", -2, 0, 0}, "-2 frames"},
        {"gap with an escape sequence", Gap{Cause::camera, "\x1b[2J"}, "one line"},
        {"gap with a long detail", Gap{Cause::camera, long_text}, "500 bytes"},
        {"gap of unknown cause", Gap{static_cast<Cause>(9), ""}, "cause 0"},
        {"failure without a message", Failure{ErrorKind::internal, ""}, "1-500 bytes"},
        {"failure that is not UTF-8", Failure{ErrorKind::internal, "\xC0\x80"}, "1-500 bytes"},
        {"failure of unknown kind", Failure{static_cast<ErrorKind>(77), "x"}, "kind 0"},
        {"log of unknown level", Log{static_cast<LogLevel>(77), "x"}, "level 0"},
        {"progress at a pace of three", Progress{0, 0, "", 0, 0, 0, 0, 3}, "3"},
        {"progress approved twice", Progress{0, 0, "", 0, 0, 0, 2}, "0 and 2"},
        {"scene that is no picture", SceneNow{"<svg>"}, "no PNG"},
        {"scene of nothing", SceneNow{}, "no PNG"},
        {"scene of great size", SceneNow{test_png(kMostPng + 1)}, "no PNG"},
        {"a sealed part of nothing", Sealed{{}, test_sealed().from, test_sealed().to}, "sealed part of 0"},
        {"a sealed part that is too long",
         Sealed{Bytes(seal::kLongestPart + 1), test_sealed().from, test_sealed().to}, "sealed part of"},
        {"a sealed part that ends before it begins", Sealed{Bytes(9), test_sealed().to, test_sealed().from},
         "sealed part from"},
        {"a sealed part of an hour",
         Sealed{Bytes(9), test_sealed().from, test_sealed().from + std::chrono::hours{1}},
         "sealed part from"},
        {"a sealed part before all time", Sealed{Bytes(9), {Micros{-1}}, {Micros{1}}}, "sealed part from"},
        {"containment with a line break", Contained{{true, true, true, true, "a\nb"}}, "one line"},
        {"log too long", Log{LogLevel::info, long_text}, "500 bytes"},
    };
}

// The sender's own check refuses most of them; what a hostile sender puts on the wire is tested by the
// mutations below.
TEST(Protocol, OutOfBoundsFromTheCameraIsRefused) {
    for (const auto& bad : bad_from_camera()) {
        const auto frame = encode(bad.message);
        const auto result = frame ? decode_from_camera(without_length(*frame))
                                  : Result<FromCamera>{tl::unexpected{frame.error()}};
        ASSERT_FALSE(result) << bad.name;
        EXPECT_EQ(result.error().kind, ErrorKind::corrupt) << bad.name;
        EXPECT_THAT(result.error().message, HasSubstr(bad.why)) << bad.name;
    }
}

TEST(Protocol, OutOfBoundsToTheCameraIsRefused) {
    struct Bad {
        const char* name;
        void (*change)(Start&);
        const char* why;
    };
    const Bad table[] = {
        {"id with a path", [](Start& s) { s.camera = "../x"; }, "camera id '../x'"},
        {"no id", [](Start& s) { s.camera.clear(); }, "camera id ''"},
        {"no address", [](Start& s) { s.url.clear(); }, "address"},
        {"address with a line break", [](Start& s) { s.url = "rtsp://a/\r\nb"; }, "address"},
        {"many networks", [](Start& s) { s.rule.also.resize(65); }, "65 networks"},
        {"long password", [](Start& s) { s.password.assign(1025, 'x'); }, "too long"},
        {"long folder", [](Start& s) { s.models_folder.assign(5000, 'x'); }, "models folder"},
        {"preset with options", [](Start& s) { s.preset = "fast:crf=0"; }, "preset"},
        {"crf", [](Start& s) { s.crf = 52; }, "crf 52"},
        {"mask of two points", [](Start& s) { s.policy.masks[0].pop_back(); }, "2 points"},
        {"mask outside", [](Start& s) { s.policy.masks[0][0].x = 1.5F; }, "1.5"},
        {"mask of NaN", [](Start& s) { s.policy.masks[0][0].y = NAN; }, "nan"},
        {"many masks", [](Start& s) { s.policy.masks.resize(257, s.policy.masks[0]); }, "257 masks"},
        {"long look-ahead", [](Start& s) { s.look_ahead = std::chrono::seconds{11}; }, "look-ahead"},
        {"no fragments", [](Start& s) { s.fragment = Micros{0}; }, "fragments of 0 us"},
        {"no keyframes", [](Start& s) { s.keyframe = std::chrono::hours{1}; }, "keyframes"},
        {"scene", [](Start& s) { s.policy.scene = static_cast<redact::Scene>(5); }, "scene 0"},
        {"approval", [](Start& s) { s.policy.approval = static_cast<redact::Approval>(5); }, "approval 0"},
        {"moving scene to approve",
         [](Start& s) {
             s.policy.scene = redact::Scene::moving;
             s.policy.approval = redact::Approval::required;
         },
         "moving scene"},
        {"style", [](Start& s) { s.policy.style = static_cast<redact::CoverStyle>(5); }, "style 0"},
        {"nothing to cover", [](Start& s) { s.policy.cover = {}; }, "faces"},
        {"no faces to cover", [](Start& s) { s.policy.cover = {redact::Subject::persons}; }, "faces"},
        {"many models", [](Start& s) { s.models.resize(17, s.models[0]); }, "17 models"},
        {"model without a name", [](Start& s) { s.models[0].name.clear(); }, "name"},
        {"model without a file", [](Start& s) { s.models[0].file.clear(); }, "the file of model 'faces'"},
        {"model with a hash of another kind", [](Start& s) { s.models[0].sha256 = "abc"; }, "hash"},
        {"model of no size", [](Start& s) { s.models[0].input.height = 0; }, "320x0"},
        {"model of great size", [](Start& s) { s.models[0].input.width = 2049; }, "2049x240"},
        {"model of infinite mean", [](Start& s) { s.models[0].mean[1] = HUGE_VALF; }, "mean of inf"},
        {"model that divides by nothing", [](Start& s) { s.models[0].deviation[2] = 0; }, "deviation of 0"},
        {"model without labels", [](Start& s) { s.models[0].labels.clear(); }, "0 labels"},
        {"model with a negative class", [](Start& s) { s.models[0].labels[0].index = -1; }, "class -1"},
        {"model of very many classes", [](Start& s) { s.models[0].classes = 10'001; }, "10001 classes"},
        {"model that believes all", [](Start& s) { s.models[0].least_score = 0; }, "least score of 0"},
        {"model that believes NaN", [](Start& s) { s.models[0].least_score = NAN; }, "least score of nan"},
        {"decoder", [](Start& s) { s.models[0].decoding = static_cast<vision::Decoding>(77); }, "decoder 0"},
        {"role", [](Start& s) { s.models[0].role = static_cast<vision::ModelRole>(77); }, "role 0"},
        {"order", [](Start& s) { s.models[0].order = static_cast<vision::ChannelOrder>(77); }, "colours 0"},
        {"thing", [](Start& s) { s.models[0].labels[0].kind = static_cast<vision::Kind>(77); }, "thing 0"},
        {"provider with a path", [](Start& s) { s.provider = "../x"; }, "provider '../x'"},
        {"nobody who opens",
         [](Start& s) {
             s.originals = test_originals();
             s.originals->keyholders.keys.clear();
         },
         "1 to 16 keyholders"},
        {"more needed than there are",
         [](Start& s) {
             s.originals = test_originals();
             s.originals->keyholders.needed = 2;
         },
         "2 of 1 keyholders"},
        {"no threads", [](Start& s) { s.threads = 0; }, "0 threads"},
        {"transport", [](Start& s) { s.transport = static_cast<media::ReadOptions::Transport>(5); },
         "transport 0"},
    };
    for (const auto& bad : table) {
        auto start = test_start();
        start.models = {test_model()};
        bad.change(start);
        const auto frame = encode(ToCamera{start});
        const auto result = frame ? decode_to_camera(without_length(*frame))
                                  : Result<ToCamera>{tl::unexpected{frame.error()}};
        ASSERT_FALSE(result) << bad.name;
        EXPECT_THAT(result.error().message, HasSubstr(bad.why)) << bad.name;
    }
}

TEST(Protocol, MessagesThatDoNotParseAreRefused) {
    for (const char* hex :
         {"", "00", "ff", "0a05", "0aff", "12", "1a020a", "62010203", "0a0a0a0a0a0a0a0a0a0a"}) {
        const auto bytes = bytes_of_hex(hex);
        EXPECT_FALSE(decode_from_camera(bytes)) << hex;
        EXPECT_FALSE(decode_to_camera(bytes)) << hex;
    }
    // A fragment that says nothing of itself: all fields have their defaults, which are out of bounds.
    EXPECT_FALSE(decode_from_camera(bytes_of_hex("1200")));
    EXPECT_FALSE(decode_to_camera(bytes_of_hex("0a00")));
}

TEST(Protocol, OneLineIsWhatAMessageMayCarry) {
    EXPECT_EQ(one_line("two\nlines\t\x7f"), "two lines  ");
    EXPECT_EQ(one_line("caf\xC3\xA9 \xC3"), "caf\xC3\xA9 ?");
    EXPECT_EQ(one_line("\xED\xA0\x80\xC2\x85"), "??? ");
    EXPECT_EQ(one_line("12345\xC3\xA9", 6), "12345") << "no half of a character";
    std::mt19937 random{1};
    for (int i = 0; i < 2000; ++i) {
        std::string noise(random() % 40, ' ');
        for (char& c : noise) c = static_cast<char>(random());
        EXPECT_TRUE(is_one_line(one_line(noise, 20), 20));
    }
}

TEST(FrameSplitter, CutsWhateverThePiecesAre) {
    Bytes stream;
    for (int i = 0; i < 5; ++i) stream = stream + *encode(FromCamera{test_fragment(i)});
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{64}, stream.size()}) {
        FrameSplitter splitter{kMostFromCamera};
        int got = 0;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            splitter.add(std::span{stream}.subspan(at, std::min(piece, stream.size() - at)));
            for (auto message = splitter.next(); message && *message; message = splitter.next()) {
                const auto decoded = decode_from_camera(**message);
                ASSERT_TRUE(decoded);
                EXPECT_EQ(std::get<Fragment>(*decoded).start, test_fragment(got++).start);
            }
        }
        EXPECT_EQ(got, 5) << "in pieces of " << piece;
        EXPECT_EQ(splitter.waiting(), 0U);
    }
}

TEST(FrameSplitter, RefusesLengthsOutOfBounds) {
    for (const char* hex : {"00000000", "01000002", "ffffffff"}) {
        FrameSplitter splitter{kMostToCamera};
        splitter.add(bytes_of_hex(hex));
        EXPECT_FALSE(splitter.next()) << hex;
    }
    FrameSplitter splitter{kMostToCamera};
    splitter.add(bytes_of_hex("00000002"));
    EXPECT_TRUE(splitter.next()) << "32 mebibytes to come are within bounds";
}

Bytes mutated(Bytes bytes, std::mt19937& random) {
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
        const auto at = bytes.empty() ? 0 : static_cast<std::ptrdiff_t>(random() % bytes.size());
        switch (bytes.empty() ? 1 : random() % 5) {
            case 0:
                bytes[static_cast<std::size_t>(at)] ^= static_cast<std::byte>(1U << random() % 8);
                break;
            case 1:
                bytes.insert(bytes.begin() + at, static_cast<std::byte>(random()));
                break;
            case 2:
                bytes.erase(bytes.begin() + at);
                break;
            case 3:
                bytes.resize(static_cast<std::size_t>(at));
                break;
            default:
                bytes[static_cast<std::size_t>(at)] = static_cast<std::byte>(random());
                break;
        }
    }
    return bytes;
}

// What gets through a changed message is within the bounds, checked here in other words than in bounds.cc.
void expect_sane(const FromCamera& message) {
    const auto share = [](double x) { return std::isfinite(x) && x >= 0 && x <= 1; };
    const auto quiet = [](const std::string& text) {
        return text.size() <= 500 &&
               std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < 32; });
    };
    if (const auto* m = std::get_if<Fragment>(&message)) {
        EXPECT_TRUE(share(m->covered) && m->frames > 0 && m->frames <= 10'000 && m->duration.count() >= 0 &&
                    m->duration.count() <= 60'000'000 && m->start.count() >= 0 && m->age.count() >= 0 &&
                    m->bytes.size() >= 16);
        EXPECT_EQ(std::to_integer<char>(m->bytes[4]), 'm');
    } else if (const auto* i = std::get_if<Init>(&message)) {
        EXPECT_TRUE(i->size.width > 0 && i->size.height > 0 && i->size.width <= 16384 &&
                    i->size.height <= 16384);
        EXPECT_TRUE(std::isfinite(i->fps) && i->fps >= 0 && i->fps <= 1000);
        EXPECT_EQ(
            i->codec.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,"),
            std::string::npos);
    } else if (const auto* p = std::get_if<Progress>(&message)) {
        EXPECT_TRUE(share(p->covered) && share(p->proven) && quiet(p->doubt) && std::isfinite(p->fps));
    } else if (const auto* g = std::get_if<Gap>(&message)) {
        EXPECT_TRUE(quiet(g->detail));
    } else if (const auto* f = std::get_if<Failure>(&message)) {
        EXPECT_TRUE(quiet(f->message) && !f->message.empty());
    } else if (const auto* s = std::get_if<SceneNow>(&message)) {
        EXPECT_TRUE(s->png.size() >= 8 && s->png.size() <= (3U << 20) && s->png.substr(1, 3) == "PNG");
    } else if (const auto* part = std::get_if<Sealed>(&message)) {
        EXPECT_TRUE(!part->bytes.empty() && part->from < part->to && part->from.micros() >= 0);
    } else if (const auto* c = std::get_if<Contained>(&message)) {
        EXPECT_TRUE(quiet(c->done.missing));
    } else if (const auto* a = std::get_if<Activity>(&message)) {
        EXPECT_TRUE(a->from < a->to && a->from.micros() >= 0 && !a->places.empty() &&
                    a->places.size() <= vision::kMostPlaces);
    } else {
        EXPECT_TRUE(quiet(std::get<Log>(message).text));
    }
}

TEST(Protocol, ChangedMessagesAreRefusedOrWithinBounds) {
    const std::vector<FromCamera> from = {test_init(),
                                          test_fragment(3),
                                          Progress{0.5, 0.5, "doubt", 25, 100, 1},
                                          Gap{Cause::decoder, "detail"},
                                          Failure{ErrorKind::denied, "why"},
                                          Log{LogLevel::info, "text"},
                                          SceneNow{test_png(40)},
                                          Contained{{true, true, true, false, "swap"}},
                                          test_sealed(),
                                          test_activity()};
    std::mt19937 random{20260301};
    int accepted = 0, refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto frame = *encode(from[static_cast<std::size_t>(i) % from.size()]);
        const auto bytes = mutated({frame.begin() + 4, frame.end()}, random);
        const auto message = decode_from_camera(bytes);
        if (message) expect_sane(*message);
        message ? ++accepted : ++refused;
    }
    EXPECT_GT(accepted, 500) << "the changes are too coarse to test anything";
    EXPECT_GT(refused, 5000);

    auto with_a_model = test_start();
    with_a_model.models = {test_model()};
    with_a_model.originals = test_originals();
    const auto start = *encode(ToCamera{with_a_model});
    for (int i = 0; i < 10'000; ++i) {
        const auto message = decode_to_camera(mutated({start.begin() + 4, start.end()}, random));
        if (!message || !std::holds_alternative<Start>(*message)) continue;
        const auto& s = std::get<Start>(*message);
        EXPECT_TRUE(s.crf >= 0 && s.crf <= 51 && s.camera.size() <= 32 && s.look_ahead.count() >= 0 &&
                    s.keyframe.count() > 0 && s.models.size() <= 16 && s.threads > 0);
        EXPECT_TRUE(!s.originals || s.originals->keyholders.validate());
        for (const auto& m : s.models)
            EXPECT_TRUE(m.input.width >= 16 && m.input.height >= 16 && m.input.width <= 2048 &&
                        m.input.height <= 2048 && m.deviation[0] > 0 && m.least_score > 0 &&
                        m.least_score < 1 && !m.labels.empty());
        for (const auto& mask : s.policy.masks)
            for (const auto& p : mask) EXPECT_TRUE(p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1);
    }

    const redact::Polygon part{{0, 0}, {1, 0}, {0.5, 1}};
    const auto approvals = *encode(ToCamera{Approvals{{{test_png(20), {part}}, {test_png(9), {}}}}});
    for (int i = 0; i < 5'000; ++i) {
        const auto message = decode_to_camera(mutated({approvals.begin() + 4, approvals.end()}, random));
        if (!message || !std::holds_alternative<Approvals>(*message)) continue;
        const auto& all = std::get<Approvals>(*message).pictures;
        EXPECT_LE(all.size(), 8U);
        for (const auto& picture : all) {
            EXPECT_EQ(picture.png.substr(1, 3), "PNG");
            for (const auto& polygon : picture.refused)
                for (const auto& p : polygon) EXPECT_TRUE(p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1);
        }
    }
}

}  // namespace
}  // namespace passerby::camera
