#include "store/store.h"

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "store/catalogue.h"
#include "store/recorder.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class StoreTest : public ::testing::Test {
  protected:
    fs::path data() const { return folder_.path() / "data"; }
    Result<std::shared_ptr<Store>> open() { return Store::open(data(), clock_); }

    void record(Store& store, const std::string& camera, WallTime start, int fragments) {
        clock_.set_wall(start);
        auto recorder = must(Recorder::create(store.shared_from_this(), camera));
        Camera source{*recorder, clock_};
        must(source.begin());
        must(source.send(fragments, 0));
        must(recorder->stop());
    }

    TempFolder folder_;
    FakeClock clock_{at("2026-03-01T12:00:00Z")};
};

TEST_F(StoreTest, MakesAFolderThatOnlyTheOwnerCanRead) {
    const auto store = must(open());
    struct stat s {};
    ASSERT_EQ(::stat(data().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777u, 0700u);
    ASSERT_EQ(::stat((data() / "catalogue.sqlite").c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777u, 0600u);
}

TEST_F(StoreTest, RefusesASecondOpener) {
    auto store = must(open());
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::denied);
    EXPECT_THAT(second.error().message,
                AllOf(HasSubstr(data().string()), HasSubstr("in use by another passerby"),
                      HasSubstr(std::to_string(::getpid())), HasSubstr("stop that one")));
    store.reset();
    EXPECT_TRUE(open());
}

TEST_F(StoreTest, RefusesWhatItDoesNotUnderstand) {
    const auto set_version = [&](const char* pragma) {
        Sql sql{data() / "catalogue.sqlite", SQLite::OPEN_READWRITE};
        must(sql.run([&](SQLite::Database& db) { db.exec(pragma); }));
    };
    must(open()).reset();
    set_version("PRAGMA user_version = 99");
    EXPECT_THAT(open().error().message, AllOf(HasSubstr("newer passerby"), HasSubstr("99")));
    set_version(fmt::format("PRAGMA user_version = {}", kSchemaVersion).c_str());
    EXPECT_TRUE(open());
    set_version("PRAGMA application_id = 7");
    EXPECT_THAT(open().error().message, HasSubstr("is not a catalogue of passerby"));
    std::ofstream{data() / "catalogue.sqlite", std::ios::trunc} << std::string(5000, 'x');
    EXPECT_EQ(open().error().kind, ErrorKind::corrupt);
}

TEST_F(StoreTest, SaysWhyAFolderCannotBeMade) {
    EXPECT_THAT(Store::open(folder_.path() / "no/such", clock_).error().message,
                HasSubstr("cannot make the folder"));
    std::ofstream{data()} << "a file";
    EXPECT_FALSE(open());
}

TEST_F(StoreTest, FindsWhatOverlapsASpan) {
    const auto store = must(open());
    record(*store, "a", at("2026-03-01T12:00:00Z"), 60);
    record(*store, "a", at("2026-03-01T12:02:00Z"), 60);
    record(*store, "b", at("2026-03-01T12:00:00Z"), 60);
    const auto starts = [&](std::string_view from, std::string_view to) {
        std::vector<std::string> found;
        for (const auto& s : must(store->segments("a", at(from), at(to))))
            found.push_back(to_iso8601(s.start).substr(14, 5));
        return found;
    };
    EXPECT_THAT(starts("2026-03-01T11:00:00Z", "2026-03-01T13:00:00Z"), ElementsAre("00:00", "02:00"));
    EXPECT_THAT(starts("2026-03-01T12:00:59Z", "2026-03-01T12:02:00Z"), ElementsAre("00:00"));
    EXPECT_THAT(starts("2026-03-01T12:01:00Z", "2026-03-01T12:02:01Z"), ElementsAre("02:00"));
    EXPECT_THAT(starts("2026-03-01T12:01:00Z", "2026-03-01T12:02:00Z"), IsEmpty());
    EXPECT_THAT(starts("2026-03-01T12:03:00Z", "2026-03-01T12:04:00Z"), IsEmpty());
    EXPECT_EQ(store->segment(12345).error().kind, ErrorKind::not_found);
    EXPECT_THAT(must(store->cameras()), ElementsAre("a", "b"));
}

TEST_F(StoreTest, SumsUpItsHours) {
    const auto store = must(open());
    record(*store, "a", at("2026-03-01T12:00:00Z"), 30);
    record(*store, "a", at("2026-03-01T12:59:50Z"), 20);  // cut at the minute, so at the hour too
    record(*store, "a", at("2026-03-01T15:00:00Z"), 10);
    record(*store, "b", at("2026-03-01T12:00:00Z"), 10);
    const auto hours = [&](const char* from, const char* to) {
        std::vector<std::pair<std::string, int>> found;
        for (const auto& h : must(store->hours("a", at(from), at(to)))) {
            EXPECT_GE(h.covered, 0);
            EXPECT_LE(h.covered, 1);
            found.emplace_back(to_iso8601(h.start).substr(11, 2), h.recorded / std::chrono::seconds{1});
        }
        return found;
    };
    EXPECT_THAT(hours("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
                ElementsAre(std::pair{"12", 40}, std::pair{"13", 10}, std::pair{"15", 10}));
    EXPECT_THAT(hours("2026-03-01T14:00:00Z", "2026-03-01T15:00:00Z"), IsEmpty());
    EXPECT_THAT(must(store->hours("c", at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z"))), IsEmpty());
}

TEST_F(StoreTest, KnowsItsDaysAndItsSpan) {
    const auto store = must(open());
    EXPECT_THAT(must(store->days("a")), IsEmpty());
    EXPECT_FALSE(must(store->span("a")));
    record(*store, "a", at("2026-02-27T10:00:00Z"), 10);
    record(*store, "a", at("2026-02-28T23:59:30Z"), 20);
    record(*store, "a", at("2026-02-28T23:59:55Z"), 10);  // over midnight
    record(*store, "a", at("2026-03-04T08:00:00Z"), 10);
    EXPECT_THAT(must(store->days("a")), ElementsAre("2026-03-04", "2026-03-01", "2026-02-28", "2026-02-27"));
    EXPECT_THAT(must(store->days("b")), IsEmpty());
    EXPECT_EQ(must(store->span("a"))->first, at("2026-02-27T10:00:00Z"));
    EXPECT_EQ(must(store->span("a"))->last, at("2026-03-04T08:00:10Z"));
}

TEST_F(StoreTest, IdsAreNeverUsedTwice) {
    auto store = must(open());
    record(*store, "a", at("2026-03-01T12:00:00Z"), 1);
    const auto segment =
        must(store->segments("a", at("2026-03-01T12:00:00Z"), at("2026-03-01T12:00:01Z"))).front();
    must(store->catalogue().expire({segment}, store->clock().wall()));
    store.reset();
    store = must(open());
    record(*store, "a", at("2026-03-01T13:00:00Z"), 1);
    EXPECT_GT(must(store->segments("a", at("2026-03-01T13:00:00Z"), at("2026-03-01T13:00:01Z"))).front().id,
              segment.id);
}

TEST_F(StoreTest, AFileThatSomebodyTouchedIsNotServed) {
    const auto store = must(open());
    record(*store, "a", at("2026-03-01T12:00:00Z"), 5);
    const auto id =
        must(store->segments("a", at("2026-03-01T12:00:00Z"), at("2026-03-01T12:01:00Z"))).front().id;
    const auto file = data() / "recordings/2026-03-01/12/a/00.00.000.mp4";
    fs::resize_file(file, 100);
    EXPECT_EQ(store->open_segment(id).error().kind, ErrorKind::corrupt);
    fs::remove(file);
    fs::create_symlink("/etc/passwd", file);
    EXPECT_EQ(store->open_segment(id).error().kind, ErrorKind::corrupt);
}

TEST_F(StoreTest, GapsWithoutARecorder) {
    const auto store = must(open());
    must(store->add_gap("off", at("2026-03-01T12:00:00Z"), GapCause::policy, "switched off"));
    must(store->add_gap("off", at("2026-03-01T12:10:00Z"), GapCause::policy, "switched off"));
    must(store->add_gap("off", at("2026-03-01T12:20:00Z"), GapCause::stop, ""));
    EXPECT_THAT(gaps_of(*store, "off"), ElementsAre("12:00:00Z-12:20:00Z policy", "12:20:00Z- stop"));
    must(store->close_gap("off", at("2026-03-01T12:20:00Z")));  // empty: removed
    EXPECT_THAT(gaps_of(*store, "off"), ElementsAre("12:00:00Z-12:20:00Z policy"));
    must(store->close_gap("off", at("2026-03-01T12:30:00Z")));  // none is open
    EXPECT_EQ(store->add_gap("../x", clock_.wall(), GapCause::stop, "").error().kind, ErrorKind::invalid);
}

TEST_F(StoreTest, CausesHaveNames) {
    for (const char* cause : {"camera", "decoder", "disk", "overload", "clock", "stop", "crash", "policy"})
        EXPECT_EQ(name(must(gap_cause_named(cause))), cause);
    EXPECT_FALSE(gap_cause_named("weather"));
}

TEST_F(StoreTest, KnowsTheSpaceOnTheDisk) {
    const auto space = must(must(open())->disk_space());
    EXPECT_GT(space.total, 0u);
    EXPECT_LE(space.free, space.total);
}

}  // namespace
}  // namespace passerby::store
