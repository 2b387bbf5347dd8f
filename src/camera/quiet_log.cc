#include "camera/quiet_log.h"

namespace passerby::camera {

void QuietLog::write(LogLevel level, const std::string& text) {
    const Micros now = clock_.monotonic();
    if (now - period_begin_ >= kPeriod) begin_period(now);
    if (const auto known = repeats_.find(text); known != repeats_.end()) {
        ++known->second;
        return;
    }
    if (written_ >= kMostPerPeriod) {
        ++left_out_;
        return;
    }
    ++written_;
    repeats_.emplace(text, 0);
    sink_(level, prefix_ + text);
}

void QuietLog::begin_period(Micros now) {
    for (const auto& [text, times] : repeats_)
        if (times > 0) sink_(LogLevel::info, fmt::format("{}{} more times: {}", prefix_, times, text));
    if (left_out_ > 0)
        sink_(LogLevel::info, fmt::format("{}{} other lines were left out", prefix_, left_out_));
    repeats_.clear();
    period_begin_ = now;
    written_ = left_out_ = 0;
}

}  // namespace passerby::camera
