#include "ledger/merkle.h"

#include <bit>

namespace passerby::ledger {

namespace {

constexpr std::byte kLeaf{0}, kNode{1};

// The largest power of two below n; n > 1.
std::uint64_t split(std::uint64_t n) {
    return std::bit_floor(n - 1);
}

// The hash over the leaves [begin, begin + n); begin is a multiple of every power of two that n holds.
Result<Hash> range_hash(std::uint64_t begin, std::uint64_t n, const Subtree& subtree) {
    if (std::has_single_bit(n)) {
        const int level = std::countr_zero(n);
        return subtree(level, begin >> level);
    }
    const auto k = split(n);
    const auto left = TRY(range_hash(begin, k, subtree));
    return node_hash(left, TRY(range_hash(begin + k, n - k, subtree)));
}

// RFC 6962, 2.1.1: PATH(index, leaves).
Status path(std::uint64_t index, std::uint64_t begin, std::uint64_t n, const Subtree& subtree, Hashes& out) {
    if (n == 1) return {};
    const auto k = split(n);
    if (index - begin < k) {
        TRY_STATUS(path(index, begin, k, subtree, out));
        out.push_back(TRY(range_hash(begin + k, n - k, subtree)));
    } else {
        TRY_STATUS(path(index, begin + k, n - k, subtree, out));
        out.push_back(TRY(range_hash(begin, k, subtree)));
    }
    return {};
}

// RFC 6962, 2.1.2: SUBPROOF(before, leaves, whole).
Status subproof(std::uint64_t before, std::uint64_t begin, std::uint64_t n, bool whole,
                const Subtree& subtree, Hashes& out) {
    if (before == n) {
        if (!whole) out.push_back(TRY(range_hash(begin, n, subtree)));
        return {};
    }
    const auto k = split(n);
    if (before <= k) {
        TRY_STATUS(subproof(before, begin, k, whole, subtree, out));
        out.push_back(TRY(range_hash(begin + k, n - k, subtree)));
    } else {
        TRY_STATUS(subproof(before - k, begin + k, n - k, false, subtree, out));
        out.push_back(TRY(range_hash(begin, k, subtree)));
    }
    return {};
}

auto wrong(const char* what) {
    return fail(ErrorKind::corrupt, "the proof is wrong: {}", what);
}

}  // namespace

Hash leaf_hash(std::string_view entry) {
    return crypto::Sha256{}.add(std::span{&kLeaf, 1}).add(entry).digest();
}

Hash node_hash(const Hash& left, const Hash& right) {
    return crypto::Sha256{}.add(std::span{&kNode, 1}).add(left).add(right).digest();
}

Subtree subtrees_of(std::span<const Hash> leaves) {
    return [leaves](int level, std::uint64_t index) -> Result<Hash> {
        const auto n = std::uint64_t{1} << level, begin = index << level;
        if (begin + n > leaves.size()) return fail(ErrorKind::invalid, "the tree has no such subtree");
        Hashes row(leaves.begin() + static_cast<std::ptrdiff_t>(begin),
                   leaves.begin() + static_cast<std::ptrdiff_t>(begin + n));
        for (; row.size() > 1; row.resize(row.size() / 2))
            for (std::size_t i = 0; i < row.size() / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
        return row.front();
    };
}

Result<Hash> root(std::uint64_t size, const Subtree& subtree) {
    if (size == 0) return crypto::sha256({});
    return range_hash(0, size, subtree);
}

Result<Hashes> inclusion_proof(std::uint64_t index, std::uint64_t size, const Subtree& subtree) {
    if (index >= size) return fail(ErrorKind::invalid, "a tree of {} entries has none at {}", size, index);
    Hashes proof;
    TRY_STATUS(path(index, 0, size, subtree, proof));
    return proof;
}

Result<Hashes> consistency_proof(std::uint64_t before, std::uint64_t size, const Subtree& subtree) {
    if (before > size)
        return fail(ErrorKind::invalid, "a tree of {} entries was never one of {}", size, before);
    Hashes proof;
    if (before > 0) TRY_STATUS(subproof(before, 0, size, true, subtree, proof));
    return proof;
}

// The two checks follow RFC 9162, 2.1.3.2 and 2.1.4.2.
Status verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Hash& root,
                        std::span<const Hash> proof) {
    if (index >= size) return wrong("the tree is too small for the entry");
    auto fn = index, sn = size - 1;
    auto hash = leaf;
    for (const auto& p : proof) {
        if (sn == 0) return wrong("it is too long");
        if ((fn & 1) != 0 || fn == sn) {
            hash = node_hash(p, hash);
            while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
        } else {
            hash = node_hash(hash, p);
        }
        fn >>= 1, sn >>= 1;
    }
    if (sn != 0) return wrong("it is too short");
    if (hash != root) return wrong("it does not lead to the tree's root");
    return {};
}

Status verify_consistency(std::uint64_t before, std::uint64_t size, const Hash& root_before, const Hash& root,
                          std::span<const Hash> proof) {
    if (before == 0 || before > size) return wrong("the tree was never that small");
    if (before == size) {
        if (!proof.empty()) return wrong("it is too long");
        if (root_before != root) return wrong("two trees of one size differ");
        return {};
    }
    auto fn = before - 1, sn = size - 1;
    while ((fn & 1) != 0) fn >>= 1, sn >>= 1;
    // A whole subtree is a node of the larger tree: its hash is known and not in the proof.
    const bool known = std::has_single_bit(before);
    if (!known && proof.empty()) return wrong("it is too short");
    auto fr = known ? root_before : proof.front(), sr = fr;
    for (const auto& c : proof.subspan(known ? 0 : 1)) {
        if (sn == 0) return wrong("it is too long");
        if ((fn & 1) != 0 || fn == sn) {
            fr = node_hash(c, fr), sr = node_hash(c, sr);
            while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
        } else {
            sr = node_hash(sr, c);
        }
        fn >>= 1, sn >>= 1;
    }
    if (sn != 0) return wrong("it is too short");
    if (fr != root_before) return wrong("it does not lead to the smaller tree's root");
    if (sr != root) return wrong("it does not lead to the larger tree's root");
    return {};
}

}  // namespace passerby::ledger
