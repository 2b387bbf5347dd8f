#include "crypto/totp.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace passerby::crypto {
namespace {

WallTime at(std::int64_t seconds) {
    return {std::chrono::seconds{seconds}};
}

// RFC 6238, appendix B; of its eight digits the last six.
TEST(Totp, AsInItsRfc) {
    const std::string secret = "12345678901234567890";
    const std::pair<std::int64_t, const char*> vectors[] = {{59, "287082"},         {1111111109, "081804"},
                                                            {1111111111, "050471"}, {1234567890, "005924"},
                                                            {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [seconds, code] : vectors) EXPECT_EQ(totp(secret, totp_step(at(seconds))), code);
}

// RFC 4226, appendix D.
TEST(Totp, AsInTheRfcOfItsCounter) {
    const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                           "254676", "287922", "162583", "399871", "520489"};
    for (int i = 0; i < 10; ++i) EXPECT_EQ(totp("12345678901234567890", i), codes[i]);
}

// RFC 2202.
TEST(HmacSha1, AsInItsRfc) {
    EXPECT_EQ(to_hex(hmac_sha1(std::string(20, '\x0b'), "Hi There")),
              "b617318655057264e28bc0b6fb378c8ef146be00");
    EXPECT_EQ(to_hex(hmac_sha1("Jefe", "what do ya want for nothing?")),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(to_hex(hmac_sha1(std::string(80, '\xaa'),
                               "Test Using Larger Than Block-Size Key and Larger "
                               "Than One Block-Size Data")),
              "e8e99d0f45237d786d6bbaa7965c7808bbff1a91");
    // A message of every length around the end of a block: against the same, computed by Python's hashlib.
    EXPECT_EQ(to_hex(hmac_sha1("", std::string(55, 'a'))), "a663e992c5347dc144e4a43ac73acb116b16aedc");
    EXPECT_EQ(to_hex(hmac_sha1("", std::string(56, 'a'))), "6f5321326c9989d7a1cb0a07106ee6164ee68cb2");
    EXPECT_EQ(to_hex(hmac_sha1("", std::string(64, 'a'))), "339cb0ba3e7ec5c1d0f05bd04f0855b2453b281b");
}

TEST(Totp, ACodeIsGoodForItsStepAndBesideItOnce) {
    const std::string secret = "12345678901234567890";
    const auto now = at(3000);  // step 100
    EXPECT_EQ(totp_fits(secret, totp(secret, 100), now, 0), 100);
    EXPECT_EQ(totp_fits(secret, totp(secret, 99), now, 0), 99);
    EXPECT_EQ(totp_fits(secret, totp(secret, 101), now, 0), 101);
    EXPECT_FALSE(totp_fits(secret, totp(secret, 98), now, 0));
    EXPECT_FALSE(totp_fits(secret, totp(secret, 102), now, 0));
    EXPECT_FALSE(totp_fits(secret, totp(secret, 100), now, 100)) << "used";
    EXPECT_FALSE(totp_fits(secret, totp(secret, 99), now, 100)) << "older than one that was used";
    EXPECT_EQ(totp_fits(secret, totp(secret, 101), now, 100), 101);
    for (const auto* wrong : {"", "12345", "1234567", "abcdef"})
        EXPECT_FALSE(totp_fits(secret, wrong, now, 0)) << wrong;
}

// RFC 4648, section 10, without padding.
TEST(Base32, AsInItsRfc) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "MY"},
                                                           {"fo", "MZXQ"},
                                                           {"foo", "MZXW6"},
                                                           {"foob", "MZXW6YQ"},
                                                           {"fooba", "MZXW6YTB"},
                                                           {"foobar", "MZXW6YTBOI"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(to_base32(bytes), text);
        EXPECT_EQ(from_base32(text), bytes);
    }
    EXPECT_EQ(from_base32("mzxw 6ytb oi"), "foobar");
    for (const auto* bad : {"1", "M", "MZ8W", "M=", "MZ", "MZXW6Y"}) EXPECT_FALSE(from_base32(bad)) << bad;
}

TEST(Totp, ASecretIsRandom) {
    EXPECT_EQ(random_totp_secret().size(), kTotpSecret);
    EXPECT_NE(random_totp_secret(), random_totp_secret());
}

}  // namespace
}  // namespace passerby::crypto
