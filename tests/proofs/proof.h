// Proofs by many random trials. The fast suite makes few of them and always the same; `ctest -C long` makes
// many and others each time. The seed is printed, PASSERBY_PROOF_SEED=n repeats it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace passerby::proofs {

// How many trials: PASSERBY_PROOF_TRIALS, or `fast`.
inline int trials(int fast) {
    const char* wanted = std::getenv("PASSERBY_PROOF_TRIALS");
    return wanted ? std::atoi(wanted) : fast;
}

// Of this run: the same for all its tests.
inline unsigned seed() {
    static const unsigned chosen = [] {
        const char* wanted = std::getenv("PASSERBY_PROOF_SEED");
        const bool many = std::getenv("PASSERBY_PROOF_TRIALS");
        const unsigned made = wanted ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10))
                              : many ? std::random_device{}()
                                     : 1U;
        std::printf("seed %u (PASSERBY_PROOF_SEED=%u repeats this run)\n", made, made);
        return made;
    }();
    return chosen;
}

class Random {
  public:
    explicit Random(std::uint64_t trial)
        : engine_{static_cast<std::mt19937::result_type>(trial * 2654435761U + seed())} {}

    int between(int least, int most) {
        return most <= least ? least
                             : least + static_cast<int>(engine_() % static_cast<unsigned>(most - least + 1));
    }
    bool chance(double p) { return engine_() < p * 4294967296.0; }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[engine_() % from.size()];
    }
    std::mt19937& engine() { return engine_; }

  private:
    std::mt19937 engine_;
};

}  // namespace passerby::proofs
