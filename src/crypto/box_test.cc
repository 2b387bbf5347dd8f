#include "crypto/box.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace passerby::crypto {
namespace {

std::string bytes(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return out;
}
// RFC 5869, appendix A.1 and A.3, the first 32 of 42 bytes.
TEST(Hkdf, Rfc5869) {
    EXPECT_EQ(to_hex(hkdf_sha256(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                                 bytes("000102030405060708090a0b0c"), bytes("f0f1f2f3f4f5f6f7f8f9"))
                         .text()),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    EXPECT_EQ(to_hex(hkdf_sha256(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "", "").text()),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

// RFC 4231, test cases 2 and 6 (a key that is longer than a block).
TEST(Hmac, Rfc4231) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?").text()),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")
                   .text()),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 7748, section 5.2: scalar and point take each other's place a thousand times.
TEST(X25519, Rfc7748) {
    PublicKey point{std::byte{9}};
    Key scalar{std::span<const std::byte, 32>{point}};
    for (int i = 0; i < 1000; ++i) {
        auto next = x25519(scalar, point).value();
        std::ranges::copy(scalar.bytes(), point.begin());
        scalar = std::move(next);
        if (i == 0) {
            EXPECT_EQ(to_hex(scalar.text()),
                      "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
        }
    }
    EXPECT_EQ(to_hex(scalar.text()), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST(X25519, BothSidesAgreeAndSmallOrderIsRefused) {
    const auto alice = Key::random(), bob = Key::random();
    EXPECT_TRUE(*x25519(alice, x25519_base(bob)) == *x25519(bob, x25519_base(alice)));
    EXPECT_FALSE(x25519(alice, PublicKey{}));
}

TEST(Seal, OpensAndNoticesChanges) {
    const auto secret = Key::random();
    auto sealed = seal(secret, {}, "plain");
    EXPECT_EQ(open(secret, {}, sealed).value_or(""), "plain");
    EXPECT_FALSE(open(Key::random(), {}, sealed));
    EXPECT_FALSE(open(secret, {std::byte{1}}, sealed));
    EXPECT_FALSE(open(secret, {}, sealed.substr(0, 3)));
    sealed[2] = static_cast<char>(sealed[2] ^ 1);
    EXPECT_FALSE(open(secret, {}, sealed));
}

}  // namespace
}  // namespace passerby::crypto
