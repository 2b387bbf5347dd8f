// The community's test vectors for age (C2SP's CCTV): every one that is for X25519. What is skipped is
// printed with its reason.
#include <filesystem>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "age/age.h"
#include "age/armor.h"
#include "base/file.h"
#include "crypto/digest.h"

namespace passerby::age {
namespace {

struct Vector {
    std::multimap<std::string, std::string> fields;
    std::string file;

    bool has(const char* name) const { return fields.contains(name); }
    std::string one(const char* name) const { return fields.find(name)->second; }
};

Vector read_vector(const std::filesystem::path& path) {
    const auto text = read_file(path).value();
    Vector vector;
    std::size_t at = 0;
    for (std::size_t end; (end = text.find('\n', at)) != at; at = end + 1) {
        const auto line = text.substr(at, end - at);
        const auto colon = line.find(": ");
        vector.fields.emplace(line.substr(0, colon), line.substr(colon + 2));
    }
    vector.file = text.substr(at + 1);
    return vector;
}

struct Outcome {
    std::string what, plain;
};

Outcome outcome_of(const Vector& vector) {
    std::string file = vector.file;
    if (vector.has("armored")) {
        auto binary = without_armor(file);
        if (!binary) return {"armor failure", ""};
        file = *std::move(binary);
    }
    const auto header = Header::parse(file);
    // The vectors count the payload's nonce, 16 bytes, to the header.
    if (!header || file.size() - header->size < 16) return {"header failure", ""};
    const auto [first, last] = vector.fields.equal_range("identity");
    for (auto it = first; it != last; ++it) {
        const auto identity = Identity::parse(it->second).value();
        for (const auto& stanza : header->stanzas) {
            const auto key = unwrap(identity, stanza);
            if (!key) return {"header failure", ""};
            if (!*key) continue;
            if (!header->fits(**key)) return {"HMAC failure", ""};
            std::string plain;
            const auto opened = open_payload(**key, std::string_view{file}.substr(header->size),
                                             [&](std::string_view chunk) { plain += chunk; });
            return {opened ? "success" : "payload failure", plain};
        }
    }
    return {"no match", ""};
}

TEST(Vectors, AllThatAreForX25519) {
    const std::filesystem::path folder{PASSERBY_AGE_VECTORS};
    ASSERT_TRUE(std::filesystem::exists(folder)) << folder << " is missing; run scripts/setup.sh --tests";
    std::map<std::string, int> skipped;
    int tried = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        SCOPED_TRACE(entry.path().filename().string());
        const auto vector = read_vector(entry.path());
        if (vector.has("passphrase")) {
            ++skipped["for a password (scrypt): passerby has only keys"];
            continue;
        }
        if (vector.has("identity") && vector.one("identity").starts_with("AGE-SECRET-KEY-PQ-")) {
            ++skipped["for a hybrid key (ML-KEM): libsodium has none"];
            continue;
        }
        ++tried;
        const auto [what, plain] = outcome_of(vector);
        EXPECT_EQ(what, vector.one("expect"));
        if (vector.has("payload")) {
            EXPECT_EQ(crypto::sha256_hex(plain), vector.one("payload"));
        }
    }
    for (const auto& [reason, count] : skipped) std::cout << count << " vectors skipped: " << reason << '\n';
    std::cout << tried << " vectors tried\n";
    EXPECT_GE(tried, 90);
}

}  // namespace
}  // namespace passerby::age
