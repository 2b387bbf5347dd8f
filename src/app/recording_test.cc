#include "app/recording.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "redact/policy.h"
#include "seal/test_keys.h"

namespace passerby::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RecordingTest : public testing::Test {
  protected:
    std::unique_ptr<Recording> start(std::optional<seal::Keyholders> keyholders = {},
                                     std::optional<redact::Counting> counting = {}) {
        return Recording::start(store_, "door", "", std::move(keyholders), counting, ledger_.get(), feed_)
            .value();
    }
    void say(std::string doubt) {
        auto status = std::make_shared<camera::CameraStatus>();
        status->doubt = std::move(doubt);
        feed_.publish({.status = std::move(status)});
    }
    void give(const std::string& part, const seal::Span& span) {
        const auto bytes = std::as_bytes(std::span{part});
        feed_.publish({.sealed = std::make_shared<const camera::SealedPart>(
                           camera::SealedPart{{bytes.begin(), bytes.end()}, span.from, span.to})});
    }
    std::vector<std::string> kinds() {
        std::vector<std::string> found;
        EXPECT_TRUE(ledger_->each([&](auto, const ledger::Fields& e) { found.push_back(e["kind"]); }));
        return found;
    }

    TemporaryFolder folder_ = TemporaryFolder::create().value();
    std::shared_ptr<store::Store> store_ = store::Store::open(folder_.file("data"), system_clock()).value();
    std::unique_ptr<store::Ledger> ledger_ = store::Ledger::open(store_, "example.org/test").value();
    camera::Feed feed_;
};

TEST_F(RecordingTest, AMovedCameraIsNotedOnce) {
    const auto recording = start();
    say("");
    say(std::string{redact::kMostChanged});
    say(std::string{redact::kMostChanged});
    say("out of memory");
    say(std::string{redact::kMostChanged});
    recording->stop();
    EXPECT_THAT(kinds(), ElementsAre("moved"));
}

TEST_F(RecordingTest, OtherDoubtsAreNotNoted) {
    const auto recording = start();
    say("out of memory");
    say("");
    recording->stop();
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(RecordingTest, NumbersAreKeptWithTheNoiseOfTheRuleAndOnlyWhereThereIsOne) {
    store::Activity activity{store_};
    const auto now = system_clock().wall();
    ASSERT_TRUE(activity.draw("door", {}, {{0, "door", "Door", "0,0 1,1", {}}}, {now, "ada"}));
    const auto id = activity.places("door")->at(0).id;
    const auto tell = [&](std::int64_t place, int minutes) {
        const auto from = now + std::chrono::minutes{minutes};
        feed_.publish({.activity = std::make_shared<const camera::ActivityTold>(camera::ActivityTold{
                           from, from + std::chrono::minutes{1}, {{place, {5, -1}, {0, 2}}}})});
    };
    auto recording = start();
    tell(id, 0);
    recording->stop();
    recording.reset();
    recording = start({}, redact::Counting{.epsilon_thousandths = 500, .visits = 3});
    tell(id, 1);
    tell(id + 1, 2);
    recording->stop();
    const auto kept = activity.of("door", now, now + std::chrono::hours{1}).value();
    ASSERT_THAT(kept, SizeIs(1)) << "nothing where nothing is to be counted, nor of a place that is none";
    EXPECT_EQ(kept[0].from, now + std::chrono::minutes{1});
    EXPECT_EQ(kept[0].persons[1], -1);
    EXPECT_DOUBLE_EQ(static_cast<double>(kept[0].scale_of) / static_cast<double>(kept[0].scale_by), 12);
}

TEST_F(RecordingTest, OnlyWhatIsSealedToTheKeyholdersIsKept) {
    const seal::TestKeys keys{2, 3}, others{2, 3};
    const auto span = seal::test_span();
    const auto recording = start(keys.keyholders);
    give("not sealed at all", span);
    give(seal::seal_part({1, others.keyholders.keys}, seal::test_span(1), "to one of three"),
         seal::test_span(1));
    give(age::encrypt(others.keyholders.keys, "to others"), seal::test_span(2));
    give(seal::seal_part(keys.keyholders, seal::test_span(3), "right"), seal::test_span(3));
    recording->stop();
    const auto kept = store::Sealed{store_}.of("door", span.from, seal::test_span(10).to).value();
    ASSERT_THAT(kept, SizeIs(1));
    EXPECT_EQ(kept[0].start, seal::test_span(3).from);
    EXPECT_EQ(kept[0].keyholders, keys.keyholders.to_text());
}

TEST_F(RecordingTest, WithoutKeyholdersNothingSealedIsKept) {
    const seal::TestKeys keys{2, 3};
    const auto recording = start();
    give(seal::seal_part(keys.keyholders, seal::test_span(), "right"), seal::test_span());
    recording->stop();
    EXPECT_THAT(store::Sealed{store_}.of("door", {}, seal::test_span(10).to).value(), IsEmpty());
}

}  // namespace
}  // namespace passerby::app
