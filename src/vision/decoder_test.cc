// Each decoder by known answers: values written by hand, boxes worked out by hand.
#include "vision/decoder.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace passerby::vision {
namespace {

using testing::HasSubstr;

// Outputs of a network, with values that a test sets.
struct Output {
    OnnxModel::Output info;
    std::vector<float> values;

    Output(std::string name, std::vector<std::int64_t> shape, float fill = 0, bool integers = false)
        : info{std::move(name), std::move(shape), integers} {
        std::size_t n = 1;
        for (const auto d : info.shape) n *= static_cast<std::size_t>(d);
        values.assign(n, fill);
    }
    // Its value at an index in each dimension.
    float& at(std::initializer_list<std::size_t> index) {
        std::size_t i = 0, d = 0;
        for (const auto k : index) i = i * static_cast<std::size_t>(info.shape[d++]) + k;
        return values[i];
    }
};

// 64 x 32 pixels: what confuses rows and columns shows.
ModelDescription description(Decoding decoding, std::vector<ClassLabel> labels = {{0, Kind::person}}) {
    ModelDescription d;
    d.name = "test";
    d.file = "folder/test.onnx";
    d.decoding = decoding;
    d.input = {64, 32};
    d.labels = std::move(labels);
    d.least_score = 0.5F;
    return d;
}

Result<std::unique_ptr<Decoder>> decoder_for(const ModelDescription& d, const std::vector<Output>& outputs) {
    std::vector<OnnxModel::Output> infos;
    for (const auto& o : outputs) infos.push_back(o.info);
    return make_decoder(d, infos);
}

Result<std::vector<Detection>> decoded(const ModelDescription& d, const std::vector<Output>& outputs) {
    const auto decoder = TRY(decoder_for(d, outputs));
    std::vector<Tensor> tensors;
    for (const auto& wanted : decoder->reads())
        for (const auto& o : outputs)
            if (o.info.name == wanted.name) tensors.push_back({o.info.shape, o.values});
    return decoder->decode(tensors);
}

// One detection and no other.
void expect_one(const Result<std::vector<Detection>>& found, Detection want) {
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1U);
    const auto& d = found->front();
    EXPECT_EQ(d.kind, want.kind);
    EXPECT_NEAR(d.score, want.score, 1e-4);
    EXPECT_NEAR(d.x, want.x, 1e-3);
    EXPECT_NEAR(d.y, want.y, 1e-3);
    EXPECT_NEAR(d.width, want.width, 1e-3);
    EXPECT_NEAR(d.height, want.height, 1e-3);
}

void expect_refused(const Result<std::vector<Detection>>& found, std::initializer_list<const char*> parts) {
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr("folder/test.onnx"));
    for (const char* part : parts) EXPECT_THAT(found.error().message, HasSubstr(part));
}

// ---- NanoDet: 2 classes, 8 bins of each side

std::vector<Output> nanodet_heads() {
    return {{"c", {1, 34, 1, 2}, -9}, {"a", {1, 34, 4, 8}, -9}, {"b", {1, 34, 2, 4}, -9}};
}

TEST(Decoder, NanoDetOfHeads) {
    auto d = description(Decoding::nanodet, {{1, Kind::vehicle}});
    d.classes = 2;
    auto outputs = nanodet_heads();
    auto& stride_16 = outputs[2];
    stride_16.at({0, 1, 1, 2}) = 1;  // class 1 at row 1, column 2
    // Left, top, right, bottom: 1, 0, 2, 3 strides, and half way between 2 and 3.
    stride_16.at({0, 2 + 0 * 8 + 1, 1, 2}) = 90;
    stride_16.at({0, 2 + 1 * 8 + 0, 1, 2}) = 90;
    stride_16.at({0, 2 + 2 * 8 + 2, 1, 2}) = 90;
    stride_16.at({0, 2 + 3 * 8 + 2, 1, 2}) = stride_16.at({0, 2 + 3 * 8 + 3, 1, 2}) = 90;
    stride_16.at({0, 0, 0, 0}) = 5;  // class 0 has no label
    // Middle of the cell (40, 24).
    expect_one(decoded(d, outputs), {Kind::vehicle, 1 / (1 + std::exp(-1.F)), 40 - 16, 24, 16 + 32, 40});
}

TEST(Decoder, NanoDetJoined) {
    auto d = description(Decoding::nanodet);
    d.classes = 2;
    // 32 + 8 + 2 cells of strides 8, 16, 32: the last but one is row 0, column 0 of stride 32.
    std::vector<Output> outputs{{"output", {1, 42, 34}}};
    outputs[0].at({0, 40, 0}) = 0.75F;
    for (std::size_t side = 0; side < 4; ++side) outputs[0].at({0, 40, 2 + side * 8 + 1}) = 90;
    expect_one(decoded(d, outputs), {Kind::person, 0.75F, 16 - 32, 16 - 32, 64, 64});
}

TEST(Decoder, NanoDetPlusHasFourStridesAndItsCellsBeginAtTheirCorner) {
    auto d = description(Decoding::nanodet);
    d.classes = 2;
    std::vector<Output> outputs{{"output", {1, 43, 34}}};
    outputs[0].at({0, 10, 0}) = 0.75F;  // stride 8: row 1, column 2
    for (std::size_t side = 0; side < 4; ++side) outputs[0].at({0, 10, 2 + side * 8 + 1}) = 90;
    expect_one(decoded(d, outputs), {Kind::person, 0.75F, 16 - 8, 8 - 8, 16, 16});
}

TEST(Decoder, NanoDetNeedsToKnowItsClasses) {
    expect_refused(decoded(description(Decoding::nanodet), nanodet_heads()), {"add classes:"});
    auto d = description(Decoding::nanodet);
    d.classes = 3;  // 34 - 3 is no multiple of 4
    expect_refused(decoded(d, nanodet_heads()), {"3 + 4 bins", "a [1, 34, 4, 8]"});
}

// ---- YuNet

std::vector<Output> yunet() {
    std::vector<Output> outputs;
    for (const auto& [stride, cells] : {std::pair{8, 32}, {16, 8}, {32, 2}}) {
        outputs.emplace_back(fmt::format("cls_{}", stride), std::vector<std::int64_t>{1, cells, 1});
        outputs.emplace_back(fmt::format("obj_{}", stride), std::vector<std::int64_t>{1, cells, 1});
        outputs.emplace_back(fmt::format("bbox_{}", stride), std::vector<std::int64_t>{1, cells, 4});
        outputs.emplace_back(fmt::format("kps_{}", stride), std::vector<std::int64_t>{1, cells, 10}, 99.F);
    }
    return outputs;
}

TEST(Decoder, YuNet) {
    const auto d = description(Decoding::yunet, {{0, Kind::face}});
    auto outputs = yunet();
    outputs[4].at({0, 6, 0}) = 0.9F;  // stride 16: row 1, column 2
    outputs[5].at({0, 6, 0}) = 0.4F;
    outputs[6].at({0, 6, 0}) = 0.5F;
    outputs[6].at({0, 6, 1}) = -0.25F;
    outputs[6].at({0, 6, 2}) = std::log(2.F);
    outputs[6].at({0, 6, 3}) = std::log(0.5F);
    outputs[0].at({0, 0, 0}) = 1;  // a face where there is nothing
    expect_one(decoded(d, outputs), {Kind::face, 0.6F, 40 - 16, 12 - 4, 32, 8});
}

TEST(Decoder, YuNetOfAnotherSizeIsRefused) {
    auto d = description(Decoding::yunet, {{0, Kind::face}});
    d.input = {64, 64};
    expect_refused(decoded(d, yunet()), {"cls_8 [1, 32, 1]", "64 x 64", "cls_8 of [1, 64, 1]", "input size"});
}

// ---- YOLOX: 3 classes

TEST(Decoder, Yolox) {
    const auto d = description(Decoding::yolox, {{0, Kind::person}, {2, Kind::vehicle}});
    std::vector<Output> outputs{{"output", {1, 42, 8}}};
    // Stride 8: row 2, column 3, the cell 19.
    outputs[0].at({0, 19, 0}) = 0.5F;
    outputs[0].at({0, 19, 1}) = 1;
    outputs[0].at({0, 19, 2}) = std::log(3.F);
    outputs[0].at({0, 19, 3}) = 0;
    outputs[0].at({0, 19, 4}) = 0.8F;
    outputs[0].at({0, 19, 5}) = 0.6F;   // a person, 0.48: too little
    outputs[0].at({0, 19, 6}) = 1;      // class 1 has no label
    outputs[0].at({0, 19, 7}) = 0.75F;  // a vehicle, 0.6
    expect_one(decoded(d, outputs), {Kind::vehicle, 0.6F, 28 - 12, 24 - 4, 24, 8});
}

TEST(Decoder, YoloxP6HasAFourthStride) {
    const auto d = description(Decoding::yolox);
    std::vector<Output> outputs{{"output", {1, 43, 6}}};
    outputs[0].at({0, 42, 4}) = outputs[0].at({0, 42, 5}) = 1;
    expect_one(decoded(d, outputs), {Kind::person, 1, 0 - 32, 0 - 32, 64, 64});
}

TEST(Decoder, YoloxOfLogitsIsRefused) {
    std::vector<Output> outputs{{"output", {1, 42, 6}}};
    outputs[0].at({0, 7, 4}) = -4.5F;
    expect_refused(decoded(description(Decoding::yolox), outputs), {"-4.5", "no probability", "sigmoid"});
}

// ---- FastestDet: 3 classes

TEST(Decoder, FastestDet) {
    const auto d = description(Decoding::fastestdet, {{1, Kind::person}});
    std::vector<Output> outputs{{"758", {1, 8, 2, 4}}};
    auto& o = outputs[0];
    o.at({0, 0, 1, 3}) = 0.9F;  // row 1, column 3
    o.at({0, 1, 1, 3}) = std::atanh(0.5F);
    o.at({0, 2, 1, 3}) = std::atanh(-0.25F);
    o.at({0, 3, 1, 3}) = 0;               // half of the width
    o.at({0, 4, 1, 3}) = -std::log(3.F);  // a quarter of the height
    o.at({0, 6, 1, 3}) = 0.8F;
    o.at({0, 0, 0, 0}) = 1;  // a thing of a class without a label
    o.at({0, 5, 0, 0}) = 1;
    expect_one(decoded(d, outputs), {Kind::person, 0.72F, 56 - 16, 12 - 4, 32, 8});
}

// ---- SSD

TEST(Decoder, SsdOfPriors) {
    const auto d = description(Decoding::ssd, {{2, Kind::face}});
    std::vector<Output> outputs{{"scores", {1, 5, 3}}, {"boxes", {1, 5, 4}}};
    outputs[0].at({0, 3, 0}) = 0.1F;
    outputs[0].at({0, 3, 2}) = 0.9F;
    outputs[0].at({0, 1, 0}) = 1;  // background
    outputs[1].at({0, 3, 0}) = 0.25F;
    outputs[1].at({0, 3, 1}) = 0.5F;
    outputs[1].at({0, 3, 2}) = 0.75F;
    outputs[1].at({0, 3, 3}) = 1.25F;
    expect_one(decoded(d, outputs), {Kind::face, 0.9F, 16, 16, 32, 24});
}

TEST(Decoder, SsdOfPriorsWithFourClassesIsReadByItsNames) {
    for (const bool boxes_first : {true, false}) {
        const auto d = description(Decoding::ssd, {{3, Kind::person}});
        std::vector<Output> outputs{{"SCORES", {1, 2, 4}}, {"Boxes", {1, 2, 4}}};
        outputs[0].at({0, 1, 3}) = 0.9F;
        outputs[1].at({0, 1, 2}) = outputs[1].at({0, 1, 3}) = 0.5F;
        if (boxes_first) std::swap(outputs[0], outputs[1]);
        expect_one(decoded(d, outputs), {Kind::person, 0.9F, 0, 0, 32, 16});
    }
}

TEST(Decoder, SsdOfAList) {
    const auto d = description(Decoding::ssd, {{1, Kind::person}, {3, Kind::vehicle}});
    std::vector<Output> outputs{{"bboxes", {1, 3, 4}}, {"labels", {1, 3}, 7, true}, {"scores", {1, 3}, 0.9F}};
    outputs[1].at({0, 2}) = 3;
    outputs[0].at({0, 2, 0}) = 0.5F;
    outputs[0].at({0, 2, 2}) = 1;
    outputs[0].at({0, 2, 3}) = 1;
    expect_one(decoded(d, outputs), {Kind::vehicle, 0.9F, 32, 0, 32, 32});
}

TEST(Decoder, SsdInPixelsIsRefused) {
    std::vector<Output> outputs{{"boxes", {1, 1, 4}, 40}, {"scores", {1, 1, 2}, 0.9F}};
    expect_refused(decoded(description(Decoding::ssd, {{1, Kind::person}}), outputs),
                   {"40", "shares of the picture"});
}

TEST(Decoder, SsdWithALabelForTheBackgroundIsRefused) {
    const std::vector<Output> outputs{{"boxes", {1, 1, 4}}, {"scores", {1, 1, 2}}};
    expect_refused(decoded(description(Decoding::ssd), outputs), {"class 0", "background", "from 1"});
}

// ---- the built-in face detector

TEST(Decoder, FaceRange) {
    const auto d = description(Decoding::face_range, {{0, Kind::face}});
    std::vector<Output> outputs{{"scores", {1, 1, 8, 16}, -9}, {"boxes", {1, 4, 8, 16}}};
    outputs[0].at({0, 0, 3, 5}) = 0;
    outputs[1].at({0, 0, 3, 5}) = 3;
    outputs[1].at({0, 1, 3, 5}) = -1;
    outputs[1].at({0, 2, 3, 5}) = 10;
    outputs[1].at({0, 3, 3, 5}) = 6;
    expect_one(decoded(d, outputs), {Kind::face, 0.5F, 25 - 5, 13 - 3, 10, 6});
}

// ---- what does not fit

TEST(Decoder, ANetworkOfAnotherKindIsRefused) {
    const std::vector<std::pair<Decoding, std::vector<Output>>> networks = {
        {Decoding::nanodet, nanodet_heads()},
        {Decoding::yunet, yunet()},
        {Decoding::yolox, {{"output", {1, 42, 85}}}},
        {Decoding::fastestdet, {{"758", {1, 85, 2, 4}}}},
        {Decoding::ssd, {{"boxes", {1, 9, 4}}, {"scores", {1, 9, 3}}}},
        {Decoding::face_range, {{"scores", {1, 1, 8, 16}}, {"boxes", {1, 4, 8, 16}}}},
    };
    int refused = 0;
    for (const auto& [belongs, outputs] : networks)
        for (const auto& [decoding, unused] : networks) {
            auto d = description(decoding, {{decoding == Decoding::ssd ? 1 : 0, Kind::face}});
            if (decoding == Decoding::nanodet) d.classes = 2;
            const auto made = decoder_for(d, outputs);
            if (decoding == belongs) {
                EXPECT_TRUE(made) << name(decoding) << ": " << made.error().message;
                continue;
            }
            SCOPED_TRACE(fmt::format("{} read as {}", name(belongs), name(decoding)));
            ASSERT_FALSE(made);
            ++refused;
            EXPECT_THAT(made.error().message, HasSubstr("folder/test.onnx"));
            EXPECT_THAT(made.error().message, HasSubstr(fmt::format("the decoder {} wants", name(decoding))));
            EXPECT_THAT(made.error().message, HasSubstr(outputs.front().info.name));
        }
    EXPECT_EQ(refused, 30);
}

TEST(Decoder, LabelsOutsideTheClassesAreRefused) {
    const std::vector<Output> outputs{{"758", {1, 8, 2, 4}}};
    expect_refused(decoded(description(Decoding::fastestdet, {{3, Kind::person}}), outputs),
                   {"no class 3", "0 to 2", "correct labels:"});
    auto d = description(Decoding::fastestdet);
    d.classes = 80;
    expect_refused(decoded(d, outputs), {"tells 3 classes apart", "says 80"});
    expect_refused(decoded(description(Decoding::yunet, {{1, Kind::face}}), yunet()), {"no class 1"});
}

}  // namespace
}  // namespace passerby::vision
