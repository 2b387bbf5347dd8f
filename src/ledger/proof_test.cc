// Proofs by somebody who has a key and signs whatever they like: what they sign is still a stranger's.
#include "ledger/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace passerby::ledger {
namespace {

using ::testing::HasSubstr;

constexpr const char* kOrigin = "example.org/gate";
constexpr WallTime kWhen{Micros{1'772'366'400'000'000}};
constexpr const char *kFrom = "2026-03-01T12:00:00Z", *kTo = "2026-03-01T12:01:00Z";

std::string file() {
    return std::string(64, 'f');
}

// A ledger of two entries: a batch of one manifest, and the export of its recording.
Result<ProvenClip> proven(const std::string& manifest) {
    const auto batch_root = leaf_hash(manifest);
    const auto batch = make_entry(
        "segments", kWhen,
        {{"root", crypto::to_hex(batch_root)}, {"count", std::uint64_t{1}}, {"from", kFrom}, {"to", kTo}});
    const auto exported = make_entry("export", kWhen,
                                     {{"who", "u1"},
                                      {"role", "operator"},
                                      {"camera", "gate"},
                                      {"from", kFrom},
                                      {"to", kTo},
                                      {"purpose", "audit"},
                                      {"segments", std::uint64_t{1}},
                                      {"file", file()}});
    EXPECT_TRUE(batch && exported);
    const Hashes leaves{leaf_hash(*batch), leaf_hash(*exported)};
    const auto key = crypto::SigningKey::from_seed("somebody");
    const Checkpoint checkpoint{kOrigin, 2, *root(2, subtrees_of(leaves))};
    ClipProof proof;
    proof.checkpoint = sign_note(checkpoint.to_text(), kOrigin, key).to_string();
    proof.exported = {1, *exported, {leaves[0]}};
    proof.batches = {{0, *batch, {leaves[1]}}};
    proof.manifests = {{manifest, 0, 0, {}}};
    return verify_clip(proof, file(), {kOrigin, Verifier::Kind::note, key.verify_key()});
}

std::string manifest_with(const Fields& more) {
    Fields manifest{{"camera", "gate"}, {"from", kFrom}, {"to", kTo}};
    manifest.update(more);
    return manifest.dump();
}

TEST(Proof, AManifestIsTakenWhenItIsOne) {
    const auto clip = proven(manifest_with({{"covered_ppm", 1}}));
    ASSERT_TRUE(clip) << clip.error().message;
    EXPECT_EQ(clip->manifests.size(), 1u);
}

TEST(Proof, ASignedManifestWithWrongTypesIsRefusedInWords) {
    for (const auto& more : {Fields{{"policy", 5}}, Fields{{"covered_ppm", "much"}}, Fields{{"from", 5}},
                             Fields{{"sha256", nullptr}}}) {
        const auto clip = proven(manifest_with(more));
        ASSERT_FALSE(clip) << more.dump();
        EXPECT_THAT(clip.error().message, HasSubstr("no manifest of a recording"));
    }
}

}  // namespace
}  // namespace passerby::ledger
