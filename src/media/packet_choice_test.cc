#include "media/packet_choice.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace passerby::media {
namespace {

// One picture a second. What each is: 'I' an IDR picture, 'p' the next of its group, '.' one that cannot be
// kept and takes a place in the group all the same, '-' one that is missing. What is done with it: 'K' kept,
// 'e' encoded.
std::string done_with(const std::string& pictures, int per_second = 1) {
    PacketChoice choice;
    std::string done;
    PacketChoice::Place place;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        if (pictures[i] == 'I')
            place = {place.group + 1, 0};
        else
            ++place.index;
        if (pictures[i] == '-') continue;
        const Micros time{static_cast<std::int64_t>(i) * 1'000'000 / per_second};
        const auto take = choice.next(pictures[i] == '.' ? std::nullopt : std::optional{place}, time);
        done.push_back(take == PacketChoice::Take::keep ? 'K' : 'e');
    }
    return done;
}

TEST(PacketChoiceTest, KeepsWholeGroupsAfterTwoQuietSeconds) {
    EXPECT_EQ(done_with("IpppIpppIppp"), "eeeeKKKKKKKK");
    EXPECT_EQ(done_with("IpIpIp"), "eeKKKK");
    EXPECT_EQ(done_with("pppppIp"), "eeeeeKK");
}

TEST(PacketChoiceTest, EncodesFromTheFirstThatIsCoveredUntilAGroupBeginsInQuiet) {
    EXPECT_EQ(done_with("IpppIp.pIpppIppp"), "eeeeKKeeeeeeKKKK");
    EXPECT_EQ(done_with("IpppI...IpppIppp"), "eeeeKeeeeeeeKKKK");
    EXPECT_EQ(done_with("Ippp.pppIp"), "eeeeeeeeKK") << "an IDR picture that is covered begins nothing";
}

TEST(PacketChoiceTest, EncodesWhereOneIsMissingAndTakesTheNextGroup) {
    EXPECT_EQ(done_with("IpppIp-pIppp"), "eeeeKKeKKKK");
    EXPECT_EQ(done_with("Ippp-pppIppp"), "eeeeeeeKKKK") << "its IDR picture";
    EXPECT_EQ(done_with("IpppI--pIppp"), "eeeeKeKKKK");
}

TEST(PacketChoiceTest, NoGroupIsKeptForMoreThanTenSeconds) {
    EXPECT_EQ(done_with("IppIpppppppppppIpp"), "eeeKKKKKKKKKKeeKKK");
}

TEST(PacketChoiceTest, DoesNotBeginWhereItMustNot) {
    PacketChoice choice;
    using std::chrono::seconds;
    EXPECT_EQ(choice.next(PacketChoice::Place{1, 0}, seconds{0}), PacketChoice::Take::encode);
    EXPECT_EQ(choice.next(PacketChoice::Place{2, 0}, seconds{3}, false), PacketChoice::Take::encode);
    EXPECT_EQ(choice.next(PacketChoice::Place{2, 1}, seconds{4}, true), PacketChoice::Take::encode);
    EXPECT_EQ(choice.next(PacketChoice::Place{3, 0}, seconds{5}, true), PacketChoice::Take::keep);
}

}  // namespace
}  // namespace passerby::media
