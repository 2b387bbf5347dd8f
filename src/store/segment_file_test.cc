#include "store/segment_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "store/test_world.h"

namespace passerby::store {
namespace {

using namespace testing;

std::string hex(std::span<const std::byte> bytes) {
    std::string text;
    for (const auto b : bytes) text += fmt::format("{:02x}", std::to_integer<int>(b));
    return text;
}

// The example in doc/storage.md: 540 bytes of 0x55.
TEST(SegmentFile, TheExampleInTheDocument) {
    const std::vector<std::byte> bytes(540, std::byte{0x55});
    const auto box = index_box(
        {.bytes = bytes, .start = 1s, .duration = 1s, .frames = 10, .keyframe = true, .covered = 0.25});
    EXPECT_EQ(hex(box),
              "00000048667265657061737365726279"
              "000100010000000a000000000000021c"
              "00000000000f424000000000000f4240"
              "0003d09000000000"
              "17f3853afa2aad41caa812cc67a4415b");
}

TEST(SegmentFile, AnyChangedByteIsFound) {
    TempFolder folder;
    const auto bytes = boxes("moof", "mdat", 20);
    const auto box = index_box({.bytes = bytes,
                                .start = 7s,
                                .duration = 2s,
                                .frames = 3,
                                .keyframe = true,
                                .covered = 1,
                                .kept = 2});
    std::vector<std::byte> content(box.begin(), box.end());
    content.insert(content.end(), bytes.begin(), bytes.end());
    auto fd = must(open_file(folder.path() / "f", O_RDWR | O_CREAT));
    must(write_all(fd.get(), content));

    const auto whole = scan_fragments(fd.get(), 0, content.size(), Verify::bytes);
    ASSERT_EQ(whole.fragments.size(), 1u);
    EXPECT_EQ(whole.end, content.size());
    EXPECT_EQ(whole.fragments[0].start, 7s);
    EXPECT_EQ(whole.fragments[0].frames, 3);
    EXPECT_EQ(whole.fragments[0].kept, 2);
    for (std::size_t i = 0; i < content.size(); ++i) {
        const auto flipped = content[i] ^ std::byte{1};
        ASSERT_EQ(::pwrite(fd.get(), &flipped, 1, static_cast<off_t>(i)), 1);
        const auto scanned = scan_fragments(fd.get(), 0, content.size(), Verify::bytes);
        EXPECT_TRUE(scanned.fragments.empty()) << i;
        EXPECT_EQ(scanned.end, 0u) << i;
        ASSERT_EQ(::pwrite(fd.get(), &content[i], 1, static_cast<off_t>(i)), 1);
    }
}

TEST(SegmentFile, ALengthThatCannotBeIsNotBelieved) {
    TempFolder folder;
    const std::vector<std::byte> bytes(8);
    auto box = index_box({.bytes = bytes, .start = 0s, .duration = 1s});
    for (std::size_t i = 24; i < 32; ++i) box[i] = std::byte{0xff};
    auto fd = must(open_file(folder.path() / "f", O_RDWR | O_CREAT));
    must(write_all(fd.get(), box));
    must(write_all(fd.get(), bytes));
    EXPECT_TRUE(scan_fragments(fd.get(), 0, kIndexBox + 8, Verify::bytes).fragments.empty());
    EXPECT_TRUE(scan_fragments(fd.get(), 0, kIndexBox + 8, Verify::boxes).fragments.empty());
}

TEST(SegmentFile, NumbersWhoseSumWouldOverflowAreNotBelieved) {
    TempFolder folder;
    const auto found = [&](Micros start, Micros duration, int frames, int times = 3) {
        const auto box = index_box(
            {.bytes = {}, .start = start, .duration = duration, .frames = frames, .keyframe = true});
        auto fd = must(open_file(folder.path() / "f", O_RDWR | O_CREAT | O_TRUNC));
        for (int i = 0; i < times; ++i) must(write_all(fd.get(), box));
        return scan_fragments(fd.get(), 0, kIndexBox * static_cast<std::uint64_t>(times), Verify::bytes)
            .fragments.size();
    };
    EXPECT_EQ(found(0s, 1s, 10), 3u);
    EXPECT_EQ(found(Micros::max(), 1s, 10), 0u);
    EXPECT_EQ(found(Micros::min(), 1s, 10), 0u);
    EXPECT_EQ(found(0s, Micros::max(), 10), 0u);
    EXPECT_EQ(found(0s, -1s, 10), 0u);
    EXPECT_EQ(found(0s, 1s, -1), 0u);
    EXPECT_EQ(found(0s, 1s, 400'000'000, 9), 2u);
}

}  // namespace
}  // namespace passerby::store
