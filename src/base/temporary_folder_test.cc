#include "base/temporary_folder.h"

#include <fstream>
#include <optional>

#include <gtest/gtest.h>

namespace passerby {
namespace {

namespace fs = std::filesystem;

TEST(TemporaryFolder, IsGoneWithItsContent) {
    fs::path file;
    {
        auto made = TemporaryFolder::create();
        ASSERT_TRUE(made) << made.error().message;
        std::optional<TemporaryFolder> folder{std::move(*made)};
        file = folder->file("covered.mp4");
        std::ofstream{file} << "content";
        ASSERT_TRUE(fs::exists(file));
        EXPECT_EQ(fs::status(file.parent_path()).permissions(), fs::perms::owner_all);
    }
    EXPECT_FALSE(fs::exists(file.parent_path()));
}

TEST(TemporaryFolder, SaysWhichVariableToSet) {
    const char* before = std::getenv("TMPDIR");
    const std::string old = before ? before : "";
    ::setenv("TMPDIR", "/no/such/folder", 1);
    const auto made = TemporaryFolder::create();
    before ? ::setenv("TMPDIR", old.c_str(), 1) : ::unsetenv("TMPDIR");
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("set TMPDIR"), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace passerby
