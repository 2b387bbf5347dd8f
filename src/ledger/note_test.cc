#include "ledger/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/base64.h"

namespace passerby::ledger {
namespace {

using ::testing::HasSubstr;

// The example of Go's sumdb/note package: a key, a text, and its signature.
constexpr const char* kExampleKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr const char* kExample =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(Note, AKnownOneVerifies) {
    const auto verifier = Verifier::parse(kExampleKey);
    ASSERT_TRUE(verifier) << verifier.error().message;
    EXPECT_EQ(verifier->to_string(), kExampleKey);
    const auto note = Note::parse(kExample);
    ASSERT_TRUE(note) << note.error().message;
    EXPECT_EQ(note->to_string(), kExample);
    EXPECT_TRUE(note->verify(*verifier));
}

TEST(Note, EveryChangedByteIsNoticed) {
    const auto verifier = *Verifier::parse(kExampleKey);
    const std::string good = kExample;
    for (std::size_t i = 0; i < good.size(); ++i)
        for (const unsigned char bit : {1, 2, 4, 8, 16, 32, 64, 128}) {
            auto changed = good;
            changed[i] = static_cast<char>(changed[i] ^ bit);
            const auto note = Note::parse(changed);
            EXPECT_FALSE(note && note->verify(verifier)) << "byte " << i << ", bit " << int{bit};
        }
}

TEST(Note, WhatIsNoneIsRefused) {
    const auto key = crypto::SigningKey::from_seed("a");
    const auto good = sign_note("text\n", "name", key).to_string();
    ASSERT_TRUE(Note::parse(good));
    for (const auto& bad :
         {std::string{}, std::string{"text\n"}, std::string{"text\n\n"}, good.substr(0, good.size() - 1),
          "a\tb\n" + good.substr(5), good + "more", good + "\u2014 name AAAA\n",
          good + "\u2014 name +name AAAAAAAA\n", good + "- name AAAAAAAAAA==\n"})
        EXPECT_FALSE(Note::parse(bad)) << bad;
    EXPECT_FALSE(Verifier::parse(""));
    EXPECT_FALSE(Verifier::parse("name+00000000+" + crypto::to_base64(std::string(33, '\1'))));
    EXPECT_FALSE(Verifier::parse("na me+00000000+AAAA"));
}

TEST(Note, AnotherKeyIsNotItsSigner) {
    const auto key = crypto::SigningKey::from_seed("a"), other = crypto::SigningKey::from_seed("b");
    const auto note = sign_note("text\n", "name", key);
    EXPECT_TRUE(note.verify({"name", Verifier::Kind::note, key.verify_key()}));
    const auto denied = note.verify({"name", Verifier::Kind::note, other.verify_key()});
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::denied);
    EXPECT_FALSE(note.verify({"another", Verifier::Kind::note, key.verify_key()}));
}

TEST(Note, WitnessesCosignWithTheTime) {
    const auto key = crypto::SigningKey::from_seed("a"), witness = crypto::SigningKey::from_seed("w");
    auto note = sign_note(Checkpoint{"log", 5, {}}.to_text(), "log", key);
    note.signatures.push_back(cosign(note, "w.example", witness, 1'700'000'000));
    const auto read = *Note::parse(note.to_string());
    const Verifier right{"w.example", Verifier::Kind::cosignature, witness.verify_key()};
    EXPECT_TRUE(read.verify(right));
    EXPECT_TRUE(read.verify({"log", Verifier::Kind::note, key.verify_key()}));
    // The key of a witness is no key of notes, although it is the same.
    EXPECT_FALSE(read.verify({"w.example", Verifier::Kind::note, witness.verify_key()}));
    auto later = read;
    later.signatures[1].bytes[11] ^= 1;
    EXPECT_EQ(later.verify(right).error().kind, ErrorKind::corrupt);
}

TEST(Checkpoint, IsThreeLines) {
    const Checkpoint c{"example.org/log", 1234, leaf_hash("x")};
    const auto text = c.to_text();
    EXPECT_THAT(text, HasSubstr("example.org/log\n1234\n"));
    const auto read = Checkpoint::parse(text + "an extension\n");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->origin, c.origin);
    EXPECT_EQ(read->size, c.size);
    EXPECT_EQ(read->root, c.root);
    for (const auto& bad : {std::string{}, std::string{"a\n1\n"}, "\n1\n" + text.substr(21),
                            "a\n01\n" + text.substr(21), "a\n-1\n" + text.substr(21),
                            "a\n18446744073709551616\n" + text.substr(21), std::string{"a\n1\nAAAA\n"}})
        EXPECT_FALSE(Checkpoint::parse(bad)) << bad;
}

}  // namespace
}  // namespace passerby::ledger
