// The set of detectors that load_detectors() makes, from ONNX files that always give the same.
#include "vision/load_detectors.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/digest.h"
#include "image/buffer.h"
#include "vision/onnx_model.h"
#include "vision/test_onnx.h"

namespace passerby::vision {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr float kNever = -9;  // a logit

class DetectorsTest : public testing::Test {
  protected:
    // The built-in models: a person of 32 x 64 pixels at (192, 176), a vehicle of the same box, a face of 20
    // x 20 at (40, 40) of their inputs.
    static void SetUpTestSuite() {
        folder_ = new fs::path{fs::temp_directory_path() / fmt::format("passerby-detectors-{}", ::getpid())};
        fs::create_directories(*folder_);
        std::vector<ConstantOutput> heads;
        for (const std::int64_t side : {52, 26, 13})
            heads.push_back({fmt::format("head_{}", 416 / side),
                             {1, 124, side, side},
                             std::vector<float>(static_cast<std::size_t>(124 * side * side), kNever)});
        const std::size_t cell = 13 * 26 + 13;  // of stride 16: its middle is at (216, 216)
        auto& head = heads[1].values;
        head[cell] = 2;
        head[2 * 676 + cell] = 1;
        const std::size_t sides[] = {1, 2, 1, 2};  // strides, with half a stride left over
        for (std::size_t i = 0; i < 4; ++i) head[(80 + 11 * i + sides[i]) * 676 + cell] = 90;
        write_onnx(*folder_ / "person.onnx", {1, 3, 416, 416}, heads);
        ConstantOutput scores{"scores", {1, 1, 48, 48}, std::vector<float>(2304, kNever)};
        ConstantOutput boxes{"boxes", {1, 4, 48, 48}, std::vector<float>(4 * 2304)};
        const std::size_t anchor = 12 * 48 + 12;  // (50, 50)
        scores.values[anchor] = 3;
        boxes.values[2 * 2304 + anchor] = boxes.values[3 * 2304 + anchor] = 20;
        write_onnx(*folder_ / "face.onnx", {1, 3, 192, 192}, {scores, boxes});
        const auto entry = [](const char* name) {
            const auto file = fmt::format("{}.onnx", name);
            return fmt::format(R"({{"name": "{}", "file": "{}", "sha256": "{}"}})", name, file,
                               *crypto::sha256_hex_of_file(*folder_ / file));
        };
        ASSERT_TRUE(
            write_file_atomically(*folder_ / "models.json",
                                  fmt::format(R"({{"models": [{}, {}]}})", entry("person"), entry("face"))));
    }
    static void TearDownTestSuite() {
        fs::remove_all(*folder_);
        delete folder_;
    }

    static std::string path(const std::string& file) { return (*folder_ / file).string(); }

    // An SSD for pictures of 64 x 32 that has one box, for class 1 with the score 0.9.
    static ModelDescription own(const std::string& name, std::vector<float> box, Kind kind = Kind::person) {
        write_onnx(path(name + ".onnx"), {1, 3, 32, 64},
                   {{"boxes", {1, 1, 4}, std::move(box)}, {"scores", {1, 1, 3}, {0.1F, 0.9F, 0}}});
        ModelDescription d;
        d.name = name;
        d.file = path(name + ".onnx");
        d.decoding = Decoding::ssd;
        d.input = {64, 32};
        d.labels = {{1, kind}};
        d.least_score = 0.5F;
        return d;
    }

    static Result<std::unique_ptr<Detectors>> load(std::vector<ModelDescription> models = {}) {
        return load_detectors({folder_->string(), 1, "cpu", std::move(models)});
    }
    static std::vector<std::string> names(const Detectors& detectors) {
        std::vector<std::string> names;
        for (const auto& m : detectors.models()) names.push_back(m.name);
        return names;
    }

    // 832 x 416, of which the right half is looked at.
    std::vector<std::string> seen(Result<std::vector<Detection>> (Detectors::*look)(const image::Picture&,
                                                                                    image::Rect),
                                  Detectors& detectors) {
        std::vector<std::string> lines;
        const auto found = (detectors.*look)(picture_.view(), {416, 0, 416, 416});
        EXPECT_TRUE(found) << found.error().message;
        if (!found) return lines;
        for (const auto& d : *found) {
            static constexpr const char* kKinds[] = {"person", "face", "vehicle", "screen"};
            lines.push_back(fmt::format("{} {:.2f}: {:.0f},{:.0f} {:.0f}x{:.0f}",
                                        kKinds[static_cast<int>(d.kind)], d.score, d.x, d.y, d.width,
                                        d.height));
        }
        return lines;
    }

    static fs::path* folder_;
    image::PictureBuffer picture_{{832, 416}};
};
fs::path* DetectorsTest::folder_ = nullptr;

TEST_F(DetectorsTest, BuiltIn) {
    auto detectors = load();
    ASSERT_TRUE(detectors) << detectors.error().message;
    EXPECT_THAT(names(**detectors), ElementsAre("person", "face"));
    EXPECT_EQ((*detectors)->side_for_persons(), 416);
    EXPECT_EQ((*detectors)->models()[0].sha256, *crypto::sha256_hex_of_file(path("person.onnx")));
    EXPECT_THAT(seen(&Detectors::bodies, **detectors),
                ElementsAre("person 0.88: 616,184 32x64", "vehicle 0.73: 616,184 32x64"));
    // Its input is 192 pixels wide, the part 416.
    EXPECT_THAT(seen(&Detectors::faces, **detectors), ElementsAre("face 0.95: 503,87 43x43"));
}

TEST_F(DetectorsTest, AProcessorThatIsFastWithIntegersGetsThem) {
#if defined(__x86_64__)
    const bool fast = __builtin_cpu_supports("avx512vnni") || __builtin_cpu_supports("avxvnni");
#else
    const bool fast = false;
#endif
    const fs::path folder = *folder_ / "integers";
    fs::create_directories(folder);
    const auto with = [&](const std::string& sha256) {
        for (const auto* file : {"person.onnx", "face.onnx"})
            fs::copy_file(*folder_ / file, folder / file, fs::copy_options::overwrite_existing);
        fs::copy_file(*folder_ / "person.onnx", folder / "person8.onnx",
                      fs::copy_options::overwrite_existing);
        auto manifest = *read_file(*folder_ / "models.json");
        manifest.insert(
            manifest.find('[') + 1,
            fmt::format(R"({{"name": "person8", "file": "person8.onnx", "sha256": "{}"}}, )", sha256));
        EXPECT_TRUE(write_file_atomically(folder / "models.json", manifest));
        return load_detectors({.models_folder = folder.string()});
    };
    const auto loaded = with(*crypto::sha256_hex_of_file(*folder_ / "person.onnx"));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ((*loaded)->models().front().file, (folder / (fast ? "person8.onnx" : "person.onnx")).string());
    // Damage is damage: it is not passed over in silence for the other file.
    const auto damaged = with(std::string(64, '0'));
    EXPECT_EQ(damaged.has_value(), !fast);
    if (fast) {
        EXPECT_THAT(damaged.error().message, HasSubstr("person8.onnx' has the SHA-256"));
    }
}

TEST_F(DetectorsTest, OneThatReplacesLeavesTheOtherKindsToTheBuiltIn) {
    auto model = own("mine", {0.5F, 0, 0.75F, 1});
    model.role = ModelRole::replace;
    auto detectors = load({model});
    ASSERT_TRUE(detectors) << detectors.error().message;
    EXPECT_THAT(names(**detectors), ElementsAre("person", "face", "mine"));
    EXPECT_EQ((*detectors)->models()[2].sha256, *crypto::sha256_hex_of_file(model.file));
    // The square part fills 32 x 32 of the 64 x 32 input: a pixel there is 13 here.
    EXPECT_THAT(seen(&Detectors::bodies, **detectors),
                ElementsAre("person 0.90: 832,0 208x416", "vehicle 0.73: 616,184 32x64"));
    EXPECT_EQ((*detectors)->side_for_persons(), 64)
        << "places are looked at as closely as this network needs";
}

TEST_F(DetectorsTest, ThoseThatReplaceAllKindsOfABuiltInAreAloneAtItsDoor) {
    auto model = own("mine", {0, 0, 0.5F, 1});
    model.role = ModelRole::replace;
    model.labels = {{1, Kind::person}, {2, Kind::vehicle}};
    auto screens = own("screens", {0, 0, 0.5F, 1}, Kind::screen);
    screens.role = ModelRole::replace;
    auto detectors = load({model, screens});
    ASSERT_TRUE(detectors) << detectors.error().message;
    EXPECT_THAT(names(**detectors), ElementsAre("face", "mine", "screens"));
    EXPECT_THAT(seen(&Detectors::bodies, **detectors),
                UnorderedElementsAre("person 0.90: 416,0 416x416", "screen 0.90: 416,0 416x416"));
}

TEST_F(DetectorsTest, OneThatJoinsAddsWhatItSees) {
    // The built-in person's box but for 2 pixels, and for 8; the third is elsewhere.
    const auto same = own("same", {202.F / 832, 184.F / 416, 234.F / 832, 248.F / 416});
    const auto near = own("near", {208.F / 832, 184.F / 416, 240.F / 832, 248.F / 416});
    const auto other = own("other", {0, 0, 0.1F, 0.2F});
    auto detectors = load({same, near, other});
    ASSERT_TRUE(detectors) << detectors.error().message;
    EXPECT_THAT(names(**detectors), ElementsAre("person", "face", "same", "near", "other"));
    EXPECT_THAT(seen(&Detectors::bodies, **detectors),
                testing::UnorderedElementsAre("person 0.90: 618,184 32x64", "person 0.90: 624,184 32x64",
                                              "person 0.90: 416,0 83x83", "vehicle 0.73: 616,184 32x64"));
    EXPECT_EQ((*detectors)->side_for_persons(), 416);
}

TEST_F(DetectorsTest, AModelOfBodiesAndFacesGivesEachAtItsDoor) {
    auto model = own("both", {0, 0, 0.5F, 1});
    model.role = ModelRole::replace;
    model.labels = {{1, Kind::face}, {2, Kind::person}};
    auto detectors = load({model});
    ASSERT_TRUE(detectors) << detectors.error().message;
    EXPECT_THAT(names(**detectors), ElementsAre("person", "both"));
    EXPECT_THAT(seen(&Detectors::bodies, **detectors), ElementsAre("vehicle 0.73: 616,184 32x64"));
    EXPECT_THAT(seen(&Detectors::faces, **detectors), ElementsAre("face 0.90: 416,0 416x416"));
}

TEST_F(DetectorsTest, WhatDoesNotFitIsRefusedAtTheStart) {
    struct Bad {
        const char* what;
        std::function<void(ModelDescription&)>
            change;  // writes the model's file anew, or describes it wrongly
        ErrorKind kind;
        std::vector<const char*> parts;  // of the message: what it has, what is wanted, the mend
    };
    const std::vector<ConstantOutput> good = {{"boxes", {1, 1, 4}, {0, 0, 1, 1}},
                                              {"scores", {1, 1, 2}, {0, 1}}};
    const std::vector<std::int64_t> input = {1, 3, 32, 64};
    const float kNaN = std::nanf("");
    const Bad table[] = {
        {"no file", [](auto& d) { d.file += "x"; }, ErrorKind::not_found, {"is not there", "correct file:"}},
        {"no ONNX",
         [](auto& d) { std::ofstream{d.file} << "no network"; },
         ErrorKind::invalid,
         {"cannot load"}},
        {"another hash",
         [](auto& d) { d.sha256 = std::string(64, '0'); },
         ErrorKind::corrupt,
         {"SHA-256", "0000", "correct sha256:"}},
        {"another size",
         [](auto& d) {
             d.input = {320, 320};
         },
         ErrorKind::invalid,
         {"pictures of 64 x 32", "says 320 x 320", "correct the size"}},
        {"no picture",
         [&](auto& d) {
             write_onnx(d.file, {1, 100}, good);
         },
         ErrorKind::invalid,
         {"takes floats [1, 100]", "[1, 3, height, width]", "export it so"}},
        {"bytes, rows first",
         [&](auto& d) {
             write_onnx(d.file, {1, 32, 64, 3}, good, onnx_file::kUint8);
         },
         ErrorKind::invalid,
         {"other values than floats [1, 32, 64, 3]", "export it so"}},
        {"another decoder",
         [](auto& d) { d.decoding = Decoding::yolox; },
         ErrorKind::invalid,
         {"gives boxes [1, 1, 4], scores [1, 1, 3]",
          "the decoder yolox wants one output [1, 42, 5 + classes]", "name the decoder"}},
        {"an unknown class",
         [](auto& d) {
             d.labels = {{80, Kind::person}};
         },
         ErrorKind::invalid,
         {"no class 80", "0 to 2", "correct labels:"}},
        {"no class",
         [](auto& d) { d.labels.clear(); },
         ErrorKind::invalid,
         {"labels no class", "add labels:"}},
        {"NaN",
         [&](auto& d) {
             write_onnx(d.file, input, {good[0], {"scores", {1, 1, 2}, {0, kNaN}}});
         },
         ErrorKind::internal,
         {"not finite in scores", "another export"}},
        {"logits",
         [&](auto& d) {
             write_onnx(d.file, input, {good[0], {"scores", {1, 1, 2}, {0, 8}}});
         },
         ErrorKind::invalid,
         {"score of 8", "no probability"}},
        {"pixels",
         [&](auto& d) {
             write_onnx(d.file, input, {{"boxes", {1, 1, 4}, {0, 0, 64, 32}}, good[1]});
         },
         ErrorKind::invalid,
         {"corner of a box as 64", "export it so"}},
        {"a box wider than the world",
         [&](auto& d) {
             d.decoding = Decoding::yolox;
             constexpr int kPlaces = 42, kColumns = 5 + 3;
             std::vector<float> values(kPlaces * kColumns);
             values[2] = 50;  // a logarithm of cells
             std::fill_n(values.begin() + 4, 4, 1.F);
             write_onnx(d.file, input, {{"boxes", {1, kPlaces, kColumns}, values}});
         },
         ErrorKind::internal,
         {"a box beyond all pictures", "another export"}},
        {"lengths that do not agree",
         [&](auto& d) {
             write_onnx(d.file, input,
                        {{"boxes", {1, 1, 4}, {0, 0, 1, 1}, false, {1, -1, 4}},
                         {"scores", {1, 2, 2}, {0, 1, 0, 1}, false, {1, -1, 2}}});
         },
         ErrorKind::invalid,
         {"boxes [1, 1, 4], scores [1, 2, 2]"}},
    };
    for (const auto& bad : table) {
        auto model = own("bad", {0, 0, 1, 1});
        bad.change(model);
        const auto detectors = load({model});
        ASSERT_FALSE(detectors) << bad.what;
        EXPECT_EQ(detectors.error().kind, bad.kind) << bad.what << ": " << detectors.error().message;
        EXPECT_THAT(detectors.error().message, HasSubstr(model.file)) << bad.what;
        for (const char* part : bad.parts)
            EXPECT_THAT(detectors.error().message, HasSubstr(part)) << bad.what;
    }
    EXPECT_TRUE(load({own("bad", {0, 0, 1, 1})})) << "without a change it is good";
}

TEST_F(DetectorsTest, AFreeNumberOfBoxesMayBeNone) {
    auto model = own("list", {});
    write_onnx(model.file, {1, 3, -1, -1},
               {{"boxes", {1, 0, 4}, {}, false, {1, -1, 4}},
                {"labels", {1, 0}, {}, true, {1, -1}},
                {"scores", {1, 0}, {}, false, {1, -1}}});
    model.role = ModelRole::replace;
    auto detectors = load({model});
    ASSERT_TRUE(detectors) << detectors.error().message;
    EXPECT_THAT(seen(&Detectors::bodies, **detectors), ElementsAre("vehicle 0.73: 616,184 32x64"));
}

TEST_F(DetectorsTest, AProviderThatThisBuildHasNotIsRefused) {
    EXPECT_TRUE(check_provider("cpu"));
    const auto refused = load_detectors({folder_->string(), 1, "abacus", {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("'abacus', only on: cpu"));
    EXPECT_THAT(refused.error().message, HasSubstr("write one of these"));
}

}  // namespace
}  // namespace passerby::vision
