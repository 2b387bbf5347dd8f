#include "app/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"

namespace passerby::app {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ModelFileResult parse(const std::string& text) {
    return parse_model_file(text, "/etc/passerby/mine.yaml");
}

std::vector<std::string> messages(const std::vector<ConfigError>& errors) {
    std::vector<std::string> lines;
    for (const auto& e : errors) lines.push_back(to_string(e, "mine.yaml"));
    return lines;
}

// A good description line by line, in which `from` is replaced by `to`.
std::string but_for(const std::string& from, const std::string& to) {
    std::string text =
        "file: net.onnx\n"
        "decoder: nanodet\n"
        "role: join\n"
        "input:\n"
        "  size: 320\n"
        "  colour: bgr\n"
        "  mean: 0\n"
        "  std: 255\n"
        "labels: { 0: person }\n"
        "classes: 2\n"
        "least_score: 0.3\n";
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(ModelFile, TakesEverything) {
    const auto result = parse(
        "file: ../nets/cars.onnx\n"
        "sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
        "decoder: nanodet\n"
        "role: replace\n"
        "input: { size: [640, 480], colour: rgb, mean: [1.5, 2, -3], std: [57.5, 1, 255] }\n"
        "labels: { 0: person, 7: vehicle, 3: face }\n"
        "classes: 12\n"
        "least_score: 0.25\n");
    ASSERT_THAT(messages(result.errors), IsEmpty());
    const auto& m = result.model;
    EXPECT_EQ(m.name, "mine");
    EXPECT_EQ(m.file, "/etc/nets/cars.onnx");
    EXPECT_EQ(m.sha256, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    EXPECT_EQ(m.decoding, vision::Decoding::nanodet);
    EXPECT_EQ(m.role, vision::ModelRole::replace);
    EXPECT_EQ(m.input, (image::Size{640, 480}));
    EXPECT_EQ(m.order, vision::ChannelOrder::rgb);
    EXPECT_THAT(m.mean, ElementsAre(1.5F, 2, -3));
    EXPECT_THAT(m.deviation, ElementsAre(57.5F, 1, 255));
    ASSERT_EQ(m.labels.size(), 3U);
    EXPECT_EQ(m.labels[1].index, 7);
    EXPECT_EQ(m.labels[1].kind, vision::Kind::vehicle);
    EXPECT_EQ(m.labels[2].kind, vision::Kind::face);
    EXPECT_EQ(m.classes, 12);
    EXPECT_EQ(m.least_score, 0.25F);
}

TEST(ModelFile, OneNumberIsForAllSidesAndChannels) {
    const auto result = parse(but_for("net.onnx", "/srv/net.onnx"));
    ASSERT_THAT(messages(result.errors), IsEmpty());
    EXPECT_EQ(result.model.file, "/srv/net.onnx");
    EXPECT_EQ(result.model.input, (image::Size{320, 320}));
    EXPECT_THAT(result.model.mean, ElementsAre(0, 0, 0));
    EXPECT_THAT(result.model.deviation, ElementsAre(255, 255, 255));
}

TEST(ModelFile, CocoIsCountedAfterTheBackgroundOfAnSsd) {
    const auto labelled = [](const std::string& decoder) {
        auto text = but_for("{ 0: person }\nclasses: 2", "coco");
        text.replace(text.find("nanodet"), 7, decoder);
        return parse(text);
    };
    const auto yolox = labelled("yolox"), ssd = labelled("ssd");
    ASSERT_THAT(messages(yolox.errors), IsEmpty());
    ASSERT_THAT(messages(ssd.errors), IsEmpty());
    EXPECT_EQ(yolox.model.classes, 80);
    EXPECT_EQ(ssd.model.classes, 81);
    ASSERT_EQ(yolox.model.labels.size(), 9U);  // person, five vehicles, three screens
    EXPECT_EQ(yolox.model.labels[0].index, 0);
    EXPECT_EQ(ssd.model.labels[0].index, 1);
    EXPECT_EQ(ssd.model.labels[0].kind, vision::Kind::person);
    EXPECT_EQ(yolox.model.labels[5].index, 7);  // truck
    EXPECT_EQ(ssd.model.labels[5].index, 8);
    EXPECT_EQ(ssd.model.labels[5].kind, vision::Kind::vehicle);
}

TEST(ModelFile, ANetworkOfFacesNeedsNoLabels) {
    auto text = but_for("labels: { 0: person }\nclasses: 2\n", "");
    text.replace(text.find("nanodet"), 7, "yunet");
    const auto result = parse(text);
    ASSERT_THAT(messages(result.errors), IsEmpty());
    ASSERT_EQ(result.model.labels.size(), 1U);
    EXPECT_EQ(result.model.labels[0].index, 0);
    EXPECT_EQ(result.model.labels[0].kind, vision::Kind::face);
}

struct Bad {
    const char *from, *to;  // in the good description
    const char* error;      // the begin of it, with line and key
    const char* mend;       // a part of it
};

const Bad kBad[] = {
    {"file: net.onnx\n", "", "mine.yaml:1: file: is missing", "write the network's ONNX file"},
    {"net.onnx", "", "mine.yaml:1: file: is empty", "give it a value"},
    {"file: net.onnx", "file: net.onnx\nsha256: 12ab", "mine.yaml:2: sha256: is no SHA-256", "sha256sum"},
    {"nanodet", "yolo", "mine.yaml:2: decoder: 'yolo' is no decoder",
     "nanodet, yunet, ssd, yolox, fastestdet"},
    {"decoder: nanodet\n", "", "mine.yaml:1: decoder: is missing", "such as decoder: yunet"},
    {"join", "joins", "mine.yaml:3: role: 'joins' is no role", "replace, join"},
    {"role: join\n", "", "mine.yaml:1: role: is missing", "role: join"},
    {"classes: 2", "clases: 2", "mine.yaml:10: clases: is not a key", "did you mean 'classes'?"},
    {"input:\n  size: 320\n  colour: bgr\n  mean: 0\n  std: 255\n", "", "mine.yaml:1: input: is missing",
     "size, colour, mean and std"},
    {"  size: 320\n", "", "mine.yaml:4: input.size: is missing", "such as size: 320"},
    {"320", "0", "mine.yaml:5: input.size: '0' cannot be", "from 16 to 2048"},
    {"320", "32.5", "mine.yaml:5: input.size: '32.5' cannot be", "a whole number"},
    {"320", "[320]", "mine.yaml:5: input.size: is a list of 1", "one number, or 2"},
    {"320", "[320, 4096]", "mine.yaml:5: input.size[1]: '4096' cannot be", "from 16 to 2048"},
    {"bgr", "grey", "mine.yaml:6: input.colour: 'grey' is no order of colours", "bgr, rgb"},
    {"mean: 0", "mean: none", "mine.yaml:7: input.mean: 'none' is not a number", "127.5"},
    {"mean: 0", "mean: [1, 2]", "mine.yaml:7: input.mean: is a list of 2", "or 3"},
    {"std: 255", "std: 0", "mine.yaml:8: input.std: 0 cannot be", "255 for one that takes 0-1"},
    {"std: 255", "std: .inf", "mine.yaml:8: input.std: '.inf' is not a number", "127.5"},
    {"  std: 255\n", "", "mine.yaml:4: input.std: is missing", "such as std: 255"},
    {"{ 0: person }", "{ 0: dog }", "mine.yaml:9: labels.0: 'dog' is no kind", "person, face, vehicle"},
    {"{ 0: person }", "{ person: 0 }", "mine.yaml:9: labels.person: 'person' cannot be",
     "whole number from 0"},
    {"{ 0: person }", "{ 0: person, 0: face }", "mine.yaml:9: labels.0: is there twice", "remove one"},
    {"{ 0: person }", "voc", "mine.yaml:9: labels: is no section", "or write coco"},
    {"labels: { 0: person }\n", "", "mine.yaml:1: labels: is missing", "labels: coco"},
    {"classes: 2", "classes: 0", "mine.yaml:10: classes: '0' cannot be", "from 1"},
    {"0.3", "30", "mine.yaml:11: least_score: '30' is no score", "from 0.01 to 0.99"},
    {"least_score: 0.3\n", "", "mine.yaml:1: least_score: is missing", "such as least_score: 0.3"},
};

TEST(ModelFile, EveryErrorNamesLineKeyAndMend) {
    for (const auto& bad : kBad) {
        SCOPED_TRACE(bad.error);
        const auto result = parse(but_for(bad.from, bad.to));
        const auto lines = messages(result.errors);
        ASSERT_EQ(lines.size(), 1U) << ::testing::PrintToString(lines);
        EXPECT_THAT(lines[0], ::testing::StartsWith(bad.error));
        EXPECT_THAT(lines[0], HasSubstr(bad.mend));
        EXPECT_FALSE(result);
    }
}

class ModelsInConfigTest : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / fmt::format("passerby-models-{}", ::getpid());
        fs::create_directories(folder_ / "nets");
    }
    void TearDown() override { fs::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) {
        ASSERT_TRUE(write_file_atomically(folder_ / name, text));
    }
    ConfigResult parse(const std::string& text) {
        return parse_config(text + "data: .\ncameras: { gate: { url: file:a.mp4 } }\n", folder_,
                            [](const std::string&) { return std::nullopt; });
    }
    fs::path folder_;
};

TEST_F(ModelsInConfigTest, AreReadFromTheFolderOfTheConfig) {
    write("nets/one.yaml", but_for("classes: 2", "classes: 3"));
    write("two.yaml", but_for("net.onnx", "nets/two.onnx"));
    const auto result =
        parse("models: [nets/one.yaml, two.yaml]\ninference: { provider: cpu, threads: 3 }\n");
    ASSERT_THAT(messages(result.errors), IsEmpty());
    ASSERT_EQ(result.config.models.size(), 2U);
    EXPECT_EQ(result.config.models[0].name, "one");
    EXPECT_EQ(result.config.models[0].file, (folder_ / "nets/net.onnx").string());
    EXPECT_EQ(result.config.models[0].classes, 3);
    EXPECT_EQ(result.config.models[1].file, (folder_ / "nets/two.onnx").string());
    EXPECT_EQ(result.config.inference.threads, 3);
    EXPECT_EQ(parse("").config.inference.threads, std::nullopt);
    EXPECT_EQ(parse("").config.inference.provider, "cpu");
}

TEST_F(ModelsInConfigTest, ErrorsNameBothFiles) {
    write("one.yaml", but_for("bgr", "grey"));
    const auto result = parse(
        "models:\n  - one.yaml\n  - none.yaml\ninference: { provider: abacus, threads: 65, speed: high }\n");
    EXPECT_THAT(
        messages(result.errors),
        ElementsAre(HasSubstr("mine.yaml:2: models[0]: one.yaml:6: input.colour: 'grey'"),
                    HasSubstr("mine.yaml:3: models[1]: none.yaml: cannot open"),
                    HasSubstr("mine.yaml:4: inference.speed: is not a key"),
                    HasSubstr("mine.yaml:4: inference.provider: the ONNX Runtime of this build"),
                    HasSubstr("mine.yaml:4: inference.threads: '65' cannot be; write a whole number")));
    EXPECT_THAT(messages(parse("models: one.yaml\n").errors),
                ElementsAre(HasSubstr("mine.yaml:1: models: is not a list; write [models/yunet.yaml]")));
}

TEST_F(ModelsInConfigTest, AModelIsTriedBeforeAnythingStarts) {
    write("one.yaml", but_for("bgr", "bgr"));
    const auto result = parse("models: [one.yaml]\n");
    ASSERT_THAT(messages(result.errors), IsEmpty());
    const auto tried = try_models(result.config.models, result.config.inference);
    ASSERT_FALSE(tried);
    EXPECT_THAT(tried.error().message, HasSubstr((folder_ / "net.onnx").string() + "' is not there"));
    EXPECT_TRUE(try_models({}, {})) << "without models of one's own there is nothing to try";
}

}  // namespace
}  // namespace passerby::app
