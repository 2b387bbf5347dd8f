#include "redact/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace passerby::redact {
namespace {

TEST(Policy, NamesGoBothWays) {
    for (const auto scene : {Scene::fixed, Scene::moving}) EXPECT_EQ(*scene_named(name(scene)), scene);
    for (const auto style : {CoverStyle::silhouette, CoverStyle::vanish, CoverStyle::block})
        EXPECT_EQ(*cover_style_named(name(style)), style);
    EXPECT_FALSE(scene_named("auto"));
    EXPECT_FALSE(cover_style_named("blur"));
    for (const auto subject : Subjects::kAll) EXPECT_EQ(*subject_named(name(subject)), subject);
}

TEST(Policy, WhatIsCoveredIsAList) {
    const Policy policy;
    EXPECT_THAT(names(policy.cover), testing::ElementsAre("persons", "faces", "plates"));
    EXPECT_EQ(subjects_named("plates,faces,persons"), policy.cover);
    EXPECT_EQ(subjects_named("faces"), Subjects{Subject::faces});
    EXPECT_FALSE(policy.cover.has(Subject::vehicles));
    for (const auto* bad : {"", "faces,", "faces,trees", "faces plates"}) {
        const auto read = subjects_named(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_THAT(read.error().message,
                    testing::HasSubstr("write persons, faces, plates, vehicles or screens"));
    }
    const auto none = subjects_named("persons,plates");
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, testing::HasSubstr("add faces"));
}

TEST(Policy, PolygonsAreReadWithCommasOrSpaces) {
    for (const auto* text : {"0.1,0.2 0.3,0.4 0.5,0.6", "0.1,0.2,0.3,0.4,0.5,0.6"}) {
        const auto polygon = polygon_from(text);
        ASSERT_TRUE(polygon) << text;
        ASSERT_EQ(polygon->size(), 3U);
        EXPECT_FLOAT_EQ((*polygon)[2].y, 0.6F);
    }
}

TEST(Policy, BadPolygonsAreRefusedWithTheMend) {
    const std::pair<const char*, const char*> bad[] = {{"", "three points"},
                                                       {"0,0 1,1", "three points"},
                                                       {"0,0 1,1 0", "three points"},
                                                       {"0,0 1,1 2,0", "outside 0 to 1"},
                                                       {"0,0 1,1 nan,0", "outside 0 to 1"},
                                                       {"0,0 1,1 -0.1,0", "outside 0 to 1"},
                                                       {"a,b c,d e,f", "not a polygon"}};
    for (const auto& [text, message] : bad) {
        const auto polygon = polygon_from(text);
        ASSERT_FALSE(polygon) << text;
        EXPECT_THAT(polygon.error().message, testing::HasSubstr(message)) << text;
    }
}

}  // namespace
}  // namespace passerby::redact
