// Samples of sound on a line of time: put where their times say, taken in order. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <limits>
#include <span>
#include <vector>

namespace passerby::media {

class SampleLine {
  public:
    // Samples further than `tolerance` from where the last ones ended are put where they say: behind a
    // silence, or without what has its samples already. Nearer ones follow without a seam. At most `most` are
    // kept.
    SampleLine(std::size_t channels, std::int64_t tolerance, std::int64_t most)
        : samples_(channels), tolerance_{tolerance}, most_{most} {}

    // `count` samples of each channel, the first with number `at`.
    void put(std::int64_t at, std::size_t count, std::span<const float* const> from) {
        if (!begun_ || std::abs(at - end()) > most_) {
            // The times begin anew.
            for (auto& channel : samples_) channel.clear();
            begin_ = std::max(taken_, at);
            begun_ = true;
        }
        auto skip = std::int64_t{0};
        if (at - end() > tolerance_)
            for (const auto missing = static_cast<std::size_t>(at - end()); auto& channel : samples_)
                channel.insert(channel.end(), missing, 0.0F);
        else if (end() - at > tolerance_)
            skip = std::min(end() - at, static_cast<std::int64_t>(count));
        for (std::size_t c = 0; c < samples_.size(); ++c)
            samples_[c].insert(samples_[c].end(), from[c] + skip, from[c] + count);
        forget(end() - most_);
    }

    void take(std::int64_t from, std::size_t count, std::span<float* const> to) {
        const auto until = from + static_cast<std::int64_t>(count);
        for (std::size_t c = 0; c < samples_.size(); ++c)
            for (auto i = from; i < until; ++i)
                to[c][i - from] = begun_ && i >= begin_ && i < end()
                                      ? samples_[c][static_cast<std::size_t>(i - begin_)]
                                      : 0.0F;
        taken_ = until;
        if (!begun_) return;
        forget(until);
        // That was silence, and its time is over.
        if (end() < until) begin_ = until;
    }

    std::int64_t end() const { return begin_ + static_cast<std::int64_t>(samples_[0].size()); }

  private:
    void forget(std::int64_t before) {
        const auto gone = std::clamp<std::int64_t>(before - begin_, 0, end() - begin_);
        for (auto& channel : samples_) channel.erase(channel.begin(), channel.begin() + gone);
        begin_ += gone;
    }

    std::vector<std::deque<float>> samples_;
    const std::int64_t tolerance_, most_;
    std::int64_t begin_ = 0;  // number of the first that is kept
    std::int64_t taken_ =
        std::numeric_limits<std::int64_t>::min();  // what is before it was taken, or is too late
    bool begun_ = false;
};

}  // namespace passerby::media
