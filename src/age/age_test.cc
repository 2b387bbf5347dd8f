#include "age/age.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "age/armor.h"
#include "age/bech32.h"

namespace passerby::age {
namespace {

std::string text_of_size(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
}

Result<std::string> opened(const Identity& identity, std::string_view file) {
    std::vector<Identity> identities;
    identities.push_back(*Identity::parse(identity.to_string()));
    return decrypt(identities, file);
}

constexpr std::size_t kChunk = 64 * 1024;

class Sizes : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(, Sizes,
                         testing::Values(0, 1, 15, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk - 1, 2 * kChunk,
                                         2 * kChunk + 1, 257 * kChunk));

TEST_P(Sizes, WhatIsEncryptedComesBack) {
    const auto identity = Identity::generate();
    const auto plain = text_of_size(GetParam());
    const auto file = encrypt(std::array{identity.recipient()}, plain);
    const auto back = opened(identity, file);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(*back == plain);
    const auto mail = armored(file);
    EXPECT_TRUE(is_armored(mail));
    EXPECT_TRUE(*opened(identity, mail) == plain);
}

TEST(Age, EachOfManyRecipientsOpensAndAStrangerDoesNot) {
    std::vector<Identity> identities;
    std::vector<Recipient> recipients;
    for (int i = 0; i < 5; ++i) {
        identities.push_back(Identity::generate());
        recipients.push_back(identities.back().recipient());
    }
    const auto file = encrypt(recipients, "for five");
    for (const auto& identity : identities) EXPECT_EQ(opened(identity, file).value_or(""), "for five");
    const auto stranger = opened(Identity::generate(), file);
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().kind, ErrorKind::denied);
}

TEST(Age, TheSameTextIsNeverEncryptedTheSameWay) {
    const auto identity = Identity::generate();
    const std::array to{identity.recipient()};
    EXPECT_NE(encrypt(to, "twice"), encrypt(to, "twice"));
}

// Every bit of a file of two chunks: each change is noticed, and nothing that was changed is given out.
TEST(Age, EveryBitThatIsChangedIsNoticed) {
    const auto identity = Identity::generate();
    const auto plain = text_of_size(kChunk + 40);
    auto file = encrypt(std::array{identity.recipient()}, plain);
    const auto header = Header::parse(file)->size;
    const auto try_bits = [&](std::size_t at) {
        for (int bit = 0; bit < 8; ++bit) {
            file[at] = static_cast<char>(file[at] ^ 1 << bit);
            EXPECT_FALSE(opened(identity, file)) << "byte " << at << ", bit " << bit;
            file[at] = static_cast<char>(file[at] ^ 1 << bit);
        }
    };
    for (std::size_t at = 0; at < header + 48; ++at) try_bits(at);
    for (std::size_t at = header + 48; at < file.size(); at += 997) try_bits(at);
    for (std::size_t at = file.size() - 80; at < file.size(); ++at) try_bits(at);
    for (std::size_t size = 0; size < file.size(); size += size < 400 ? 1 : 1009)
        EXPECT_FALSE(opened(identity, std::string_view{file}.substr(0, size))) << size;
    EXPECT_FALSE(opened(identity, file + "x"));
    EXPECT_TRUE(opened(identity, file));
}

TEST(Age, ChunksThatAreSwappedAreNoticed) {
    const auto key = FileKey::random();
    const auto plain = text_of_size(3 * kChunk);
    const auto payload = seal_payload(key, plain);
    const std::size_t sealed = kChunk + 16;
    std::string swapped = payload.substr(0, 16) + payload.substr(16 + sealed, sealed) +
                          payload.substr(16, sealed) + payload.substr(16 + 2 * sealed);
    std::string given;
    EXPECT_FALSE(open_payload(key, swapped, [&](std::string_view chunk) { given += chunk; }));
    EXPECT_EQ(given, "");
    // Without its end: what is given is true, and the error says that it is not all.
    EXPECT_FALSE(
        open_payload(key, payload.substr(0, 16 + 2 * sealed), [&](std::string_view c) { given += c; }));
    EXPECT_TRUE(given == plain.substr(0, 2 * kChunk));
}

TEST(Age, KeysAreWrittenAsOthersWriteThem) {
    // Of age's own documentation.
    const auto recipient = Recipient::parse("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p");
    ASSERT_TRUE(recipient);
    EXPECT_EQ(recipient->to_string(), "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p");
    const auto identity = Identity::generate();
    EXPECT_THAT(identity.to_string(), testing::StartsWith("AGE-SECRET-KEY-1"));
    EXPECT_EQ(Identity::parse(identity.to_string())->recipient(), identity.recipient());
}

struct BadKey {
    const char *text, *says;
};
class BadKeys : public testing::TestWithParam<BadKey> {};
INSTANTIATE_TEST_SUITE_P(
    , BadKeys,
    testing::Values(BadKey{"", "cut off"}, BadKey{"age1", "cut off"},
                    BadKey{"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q", "checksum"},
                    BadKey{"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8", "checksum"},
                    BadKey{"age1Ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "mixes"},
                    BadKey{"age1bl3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "character"},
                    BadKey{"ssh-ed25519 1aaaaaa", "character"},
                    BadKey{"AGE1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC7W3J2ELW8ZMRJ2KG5SFN9AQMCAC8P", "lower case"}));

TEST_P(BadKeys, AreRefusedInWords) {
    const auto key = Recipient::parse(GetParam().text);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(key.error().message, testing::HasSubstr(GetParam().says));
}

TEST(Age, ASecretKeyIsNoRecipient) {
    const auto secret = Identity::generate().to_string();
    EXPECT_FALSE(Recipient::parse(secret));
    EXPECT_FALSE(Identity::parse(Identity::generate().recipient().to_string()));
}

}  // namespace
}  // namespace passerby::age
