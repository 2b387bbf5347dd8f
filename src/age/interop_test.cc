// Both ways with another program: Debian's `age`. PASSERBY_AGE_FILES=1000 for as many files; a few otherwise.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "age/age.h"
#include "age/armor.h"
#include "base/file.h"
#include "base/temporary_folder.h"

namespace passerby::age {
namespace {

int run(const std::string& command) {
    return std::system(command.c_str());  // NOLINT: a test's own words
}

std::string content(std::size_t number) {
    // Sizes around the chunks' borders, and others.
    constexpr std::size_t kChunk = 64 * 1024;
    constexpr std::size_t kSizes[] = {
        0, 1, 2, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk - 1, 2 * kChunk, 2 * kChunk + 1};
    const auto size = number < std::size(kSizes) ? kSizes[number] : number * 7919 % (3 * kChunk);
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + number);
    return text;
}

TEST(Interop, AgeOpensWhatWeSealAndTheOtherWayRound) {
    if (run("age --version >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "there is no age here: apt-get install age";
    const char* wanted = std::getenv("PASSERBY_AGE_FILES");
    const auto files = static_cast<std::size_t>(wanted != nullptr ? std::atoi(wanted) : 18);
    ASSERT_GT(files, 9u);
    const auto folder = TemporaryFolder::create().value();
    const auto in = [&](const char* name) { return folder.file(name); };
    const auto identity = Identity::generate();
    ASSERT_TRUE(write_file_atomically(in("key"), identity.to_string() + "\n", 0600));
    std::vector<Identity> identities = read_identities(in("key")).value();
    for (std::size_t i = 0; i < files; ++i) {
        SCOPED_TRACE(i);
        const auto plain = content(i);
        const bool armour = i % 3 == 2;
        const auto ours = encrypt(std::array{identity.recipient()}, plain);
        std::ofstream{in("ours"), std::ios::binary} << (armour ? armored(ours) : ours);
        ASSERT_EQ(run(fmt::format("age -d -i {} -o {} {}", in("key"), in("opened"), in("ours"))), 0);
        // It makes no file for nothing.
        ASSERT_TRUE(read_file(in("opened")).value_or("") == plain);

        std::ofstream{in("plain"), std::ios::binary} << plain;
        ASSERT_EQ(run(fmt::format("age {} -r {} -o {} {}", armour ? "-a" : "",
                                  identity.recipient().to_string(), in("theirs"), in("plain"))),
                  0);
        const auto back = decrypt(identities, read_file(in("theirs")).value());
        ASSERT_TRUE(back) << back.error().message;
        ASSERT_TRUE(*back == plain);
        for (const char* name : {"opened", "theirs"}) std::filesystem::remove(in(name));
    }
}

}  // namespace
}  // namespace passerby::age
