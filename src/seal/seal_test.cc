#include <bit>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seal/test_keys.h"

namespace passerby::seal {
namespace {

using testing::HasSubstr;

TEST(SealedPart, OneKeyholderOpensItWithAgeAlone) {
    const TestKeys keys{1, 1};
    const auto file = seal_part(keys.keyholders, test_span(), "what the camera sent");
    EXPECT_EQ(age::decrypt(keys.identities, file).value_or(""), "what the camera sent");
    EXPECT_TRUE(look_at(file, keys.keyholders));
}

// Every 2 <= k <= n <= 8 and every subset of the keyholders.
TEST(SealedPart, EverySubsetOfEveryQuorum) {
    int opened = 0, refused = 0;
    for (int n = 2; n <= 8; ++n)
        for (int k = 2; k <= n; ++k) {
            const TestKeys keys{k, n};
            const auto file = seal_part(keys.keyholders, test_span(), "what the camera sent");
            std::vector<std::string> all;
            for (int i = 1; i <= n; ++i) all.push_back(keys.share_of(file, i));
            for (unsigned subset = 0; subset < 1u << n; ++subset) {
                std::vector<std::string> shares;
                for (int i = 0; i < n; ++i)
                    if (subset >> i & 1) shares.push_back(all[static_cast<std::size_t>(i)]);
                const auto plain = open_part(file, keys.keyholders, test_span(), shares);
                ASSERT_EQ(plain.has_value(), std::popcount(subset) >= k)
                    << k << " of " << n << ": " << subset;
                plain ? ++opened : ++refused;
                if (plain) {
                    EXPECT_EQ(*plain, "what the camera sent");
                } else {
                    EXPECT_EQ(plain.error().kind, ErrorKind::denied);
                }
            }
        }
    EXPECT_EQ(opened + refused, 3076);
    EXPECT_GT(opened, 1000);
}

TEST(SealedPart, AgeAloneDoesNotOpenAQuorum) {
    const TestKeys keys{2, 3};
    const auto file = seal_part(keys.keyholders, test_span(), "what the camera sent");
    const auto plain = age::decrypt(keys.identities, file);
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().kind, ErrorKind::denied);
}

class WrongShares : public testing::Test {
  protected:
    std::string error_with(std::vector<std::string> shares) {
        const auto plain = open_part(file, keys.keyholders, test_span(), shares);
        EXPECT_FALSE(plain);
        return plain ? "" : plain.error().message;
    }
    const TestKeys keys{2, 3};
    const std::string file = seal_part(keys.keyholders, test_span(), "what the camera sent");
    const std::string one = keys.share_of(file, 1), two = keys.share_of(file, 2);
};

TEST_F(WrongShares, OfAnotherPartIsNamed) {
    const auto other = seal_part(keys.keyholders, test_span(5), "something else");
    EXPECT_THAT(error_with({one, keys.share_of(other, 2)}), HasSubstr("keyholder 2 is of another part"));
    // Of the same seconds, and another payload.
    const auto again = seal_part(keys.keyholders, test_span(), "what the camera sent");
    EXPECT_THAT(error_with({one, keys.share_of(again, 2)}), HasSubstr("keyholder 2 is of another part"));
}

TEST_F(WrongShares, ChangedIsNamed) {
    auto changed = ShareText::parse(two).value();
    changed.value.bytes()[3] ^= std::byte{1};
    EXPECT_THAT(error_with({one, changed.to_text()}),
                HasSubstr("keyholder 2 is not the one that they were given"));
    changed = ShareText::parse(two).value();
    changed.index = 3;
    EXPECT_THAT(error_with({one, changed.to_text()}),
                HasSubstr("keyholder 3 is not the one that they were given"));
}

TEST_F(WrongShares, TwiceIsNamed) {
    EXPECT_THAT(error_with({one, one}), HasSubstr("keyholder 1 is there twice"));
}

TEST_F(WrongShares, AreLeftOutWhereTheOthersSuffice) {
    auto changed = ShareText::parse(keys.share_of(file, 3)).value();
    changed.value.bytes()[0] ^= std::byte{1};
    const std::vector<std::string> shares{changed.to_text(), one, "no share at all", two};
    EXPECT_EQ(open_part(file, keys.keyholders, test_span(), shares).value_or(""), "what the camera sent");
}

TEST_F(WrongShares, TooFewSaysHowMany) {
    EXPECT_EQ(error_with({two}), "2 shares are needed, and 1 are right");
}

// A header is bound by its MAC: recipients that are taken out or exchanged show.
TEST(SealedPart, AChangedHeaderIsNoticed) {
    const TestKeys keys{2, 3};
    auto file = seal_part(keys.keyholders, test_span(), "what the camera sent");
    const std::vector<std::string> shares{keys.share_of(file, 1), keys.share_of(file, 2)};
    // The third keyholder's share is exchanged for another text.
    const auto outside = look_at(file, keys.keyholders).value();
    auto stanzas = outside.header.stanzas;
    stanzas[2].body = age::encrypt(std::array{keys.keyholders.keys[2]}, "nothing");
    const auto forged = age::make_header(stanzas, age::FileKey::random()) + file.substr(outside.header.size);
    const auto plain = open_part(forged, keys.keyholders, test_span(), shares);
    ASSERT_FALSE(plain);
    EXPECT_THAT(plain.error().message, HasSubstr("header was changed"));
}

// Bits of a file as long as a second of video. PASSERBY_EVERY_BIT=1: each of them (minutes).
TEST(SealedPart, EveryBitThatIsChangedIsNoticed) {
    const TestKeys keys{2, 3};
    const std::string plain(200 * 1024, 'v');
    auto file = seal_part(keys.keyholders, test_span(), plain);
    const std::vector<std::string> shares{keys.share_of(file, 1), keys.share_of(file, 3)};
    const std::size_t step = std::getenv("PASSERBY_EVERY_BIT") != nullptr ? 1 : 1009;
    std::size_t tried = 0;
    for (std::size_t bit = 0; bit < 8 * file.size(); bit += step, ++tried) {
        auto& byte = file[bit / 8];
        const char was = byte;
        byte = static_cast<char>(was ^ 1 << bit % 8);
        EXPECT_FALSE(open_part(file, keys.keyholders, test_span(), shares)) << "bit " << bit;
        byte = was;
    }
    EXPECT_GT(tried, 1600u);
    EXPECT_TRUE(open_part(file, keys.keyholders, test_span(), shares).value_or("") == plain);
}

TEST(Keyholders, AreWrittenAndReadAndChecked) {
    const TestKeys keys{2, 3};
    const auto text = keys.keyholders.to_text();
    EXPECT_EQ(Keyholders::parse(text).value(), keys.keyholders);
    for (const auto& bad : {std::string{}, text + "x", text.substr(0, text.size() - 1), "x" + text,
                            std::string{"passerby keyholders 1, needed 2\n"}})
        EXPECT_FALSE(Keyholders::parse(bad)) << bad;
    auto twice = keys.keyholders;
    twice.keys[1] = twice.keys[0];
    EXPECT_THAT(twice.validate().error().message, HasSubstr("same key"));
    twice = keys.keyholders;
    twice.needed = 4;
    EXPECT_THAT(twice.validate().error().message, HasSubstr("4 of 3"));
    EXPECT_EQ(keys.keyholders.number_of(keys.identities[1].recipient()), 2);
    EXPECT_EQ(keys.keyholders.number_of(age::Identity::generate().recipient()), 0);
}

}  // namespace
}  // namespace passerby::seal
