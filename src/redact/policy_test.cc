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
