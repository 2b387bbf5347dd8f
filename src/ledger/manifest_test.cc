#include "ledger/manifest.h"

#include <gtest/gtest.h>

namespace passerby::ledger {
namespace {

Fields sound() {
    return {{"camera", "gate"}, {"from", "2026-03-01T12:00:00Z"}, {"to", "2026-03-01T12:01:00Z"},
            {"bytes", 1000},    {"sha256", std::string(64, 'a')}, {"covered_ppm", 250'000},
            {"policy", ""}};
}

TEST(Manifest, WhatARecorderWritesIsTaken) {
    const auto manifest = parse_manifest(sound().dump());
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ((*manifest)["camera"], "gate");
    auto newer = sound();
    newer["weather"] = {1, 2};
    EXPECT_TRUE(parse_manifest(newer.dump()));
}

TEST(Manifest, AFieldOfAnotherTypeIsAnErrorAndNoException) {
    const auto fields = sound();
    for (const auto& item : fields.items()) {
        for (const auto& wrong : {Fields{}, Fields(true), Fields::array(), Fields::object(), Fields(0.5)}) {
            auto bad = sound();
            bad[item.key()] = wrong;
            const auto refused = parse_manifest(bad.dump());
            ASSERT_FALSE(refused) << bad.dump();
            EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
        }
    }
}

TEST(Manifest, WithoutCameraOrTimeItIsNone) {
    for (const char* name : {"camera", "from", "to"}) {
        auto bad = sound();
        bad.erase(name);
        EXPECT_FALSE(parse_manifest(bad.dump())) << name;
    }
    auto bad = sound();
    bad["to"] = "tomorrow";
    EXPECT_FALSE(parse_manifest(bad.dump()));
    for (const char* text : {"", "[]", "5", "{", "{}", "null"}) EXPECT_FALSE(parse_manifest(text)) << text;
}

}  // namespace
}  // namespace passerby::ledger
