#include "ledger/merkle.h"

#include <bit>

#include <gtest/gtest.h>

namespace passerby::ledger {
namespace {

// The leaves and roots of Certificate Transparency's own tests (RFC 6962's reference implementation).
const std::vector<std::string> kLeaves{std::string{},
                                       std::string("\x00", 1),
                                       "\x10",
                                       "\x20\x21",
                                       "\x30\x31",
                                       "\x40\x41\x42\x43",
                                       "\x50\x51\x52\x53\x54\x55\x56\x57",
                                       "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
const std::vector<std::string> kRoots{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

Hashes numbered_leaves(std::size_t n) {
    Hashes leaves;
    for (std::size_t i = 0; i < n; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
    return leaves;
}

Hash flipped(Hash hash) {
    hash[17] ^= std::byte{1};
    return hash;
}

TEST(Merkle, TheKnownRoots) {
    Hashes leaves;
    for (std::size_t n = 0; n < kLeaves.size(); ++n) {
        leaves.push_back(leaf_hash(kLeaves[n]));
        EXPECT_EQ(crypto::to_hex(*root(leaves.size(), subtrees_of(leaves))), kRoots[n]);
    }
    EXPECT_EQ(crypto::to_hex(*root(0, subtrees_of({}))),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// For every tree up to 100 and every entry: the proof holds, and not with any one hash of it changed.
TEST(Merkle, EveryInclusionProof) {
    const auto all = numbered_leaves(100);
    int proofs = 0, refused = 0;
    for (std::uint64_t size = 1; size <= all.size(); ++size) {
        const auto subtrees = subtrees_of(std::span{all}.first(size));
        const auto top = *root(size, subtrees);
        for (std::uint64_t i = 0; i < size; ++i) {
            auto proof = *inclusion_proof(i, size, subtrees);
            ASSERT_TRUE(verify_inclusion(all[i], i, size, top, proof)) << i << " in " << size;
            ++proofs;
            ASSERT_FALSE(verify_inclusion(flipped(all[i]), i, size, top, proof));
            ASSERT_FALSE(verify_inclusion(all[i], i, size, flipped(top), proof));
            for (auto& hash : proof) {
                const auto right = std::exchange(hash, flipped(hash));
                ASSERT_FALSE(verify_inclusion(all[i], i, size, top, proof));
                hash = right, ++refused;
            }
            proof.push_back(top);
            ASSERT_FALSE(verify_inclusion(all[i], i, size, top, proof));
            proof.pop_back();
            if (!proof.empty()) {
                proof.pop_back();
                ASSERT_FALSE(verify_inclusion(all[i], i, size, top, proof));
            }
        }
        EXPECT_FALSE(inclusion_proof(size, size, subtrees));
    }
    EXPECT_EQ(proofs, 5050);
    EXPECT_GT(refused, 25'000);
}

TEST(Merkle, EveryConsistencyProof) {
    const auto all = numbered_leaves(100);
    int refused = 0;
    for (std::uint64_t size = 1; size <= all.size(); ++size) {
        const auto subtrees = subtrees_of(std::span{all}.first(size));
        const auto top = *root(size, subtrees);
        for (std::uint64_t before = 1; before <= size; ++before) {
            const auto old = *root(before, subtrees_of(std::span{all}.first(before)));
            auto proof = *consistency_proof(before, size, subtrees);
            ASSERT_TRUE(verify_consistency(before, size, old, top, proof)) << before << " of " << size;
            ASSERT_FALSE(verify_consistency(before, size, flipped(old), top, proof));
            ASSERT_FALSE(verify_consistency(before, size, old, flipped(top), proof));
            for (auto& hash : proof) {
                const auto right = std::exchange(hash, flipped(hash));
                ASSERT_FALSE(verify_consistency(before, size, old, top, proof));
                hash = right, ++refused;
            }
            proof.push_back(top);
            ASSERT_FALSE(verify_consistency(before, size, old, top, proof));
        }
        EXPECT_FALSE(consistency_proof(size + 1, size, subtrees));
        EXPECT_FALSE(verify_consistency(size + 1, size, top, top, {}));
    }
    EXPECT_GT(refused, 20'000);
    EXPECT_FALSE(verify_consistency(0, 1, all[0], all[0], {}));
}

}  // namespace
}  // namespace passerby::ledger
