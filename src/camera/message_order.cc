#include "camera/message_order.h"

#include <algorithm>

namespace passerby::camera {

Status MessageOrder::accept(const FromCamera& message, Micros now) {
    if (last_message_)
        allowance_ +=
            kPerSecond * std::chrono::duration<double>(std::max(Micros{0}, now - *last_message_)).count();
    allowance_ = std::min(allowance_, kBurst) - 1;
    last_message_ = now;
    if (allowance_ < 0) return fail(ErrorKind::corrupt, "more than {} messages a second", kPerSecond);
    if (failed_) return fail(ErrorKind::corrupt, "a message after the process said that it failed");
    return std::visit([this](const auto& m) { return in_order(m); }, message);
}

Status MessageOrder::in_order(const Init&) {
    begun_ = keyframe_due_ = true;
    fragments_ = 0;
    bytes_ = 0;
    return {};
}

Status MessageOrder::in_order(const Fragment& f) {
    if (!begun_) return fail(ErrorKind::corrupt, "a fragment without an init section before it");
    if (keyframe_due_ && !f.keyframe)
        return fail(ErrorKind::corrupt, "a stream that does not begin with a keyframe");
    if (last_start_ && f.start <= *last_start_)
        return fail(ErrorKind::corrupt, "media time goes back from {} to {} us", last_start_->count(),
                    f.start.count());
    if (f.keyframe) {
        fragments_ = 0;
        bytes_ = 0;
    }
    ++fragments_;
    bytes_ += f.bytes.size();
    if (fragments_ > kMostFragmentsPerKeyframe || bytes_ > kMostBytesPerKeyframe)
        return fail(ErrorKind::corrupt, "{} fragments of {} bytes without a keyframe", fragments_, bytes_);
    keyframe_due_ = false;
    last_start_ = f.start;
    return {};
}

Status MessageOrder::in_order(const Gap&) {
    begun_ = false;
    return {};
}

Status MessageOrder::in_order(const Failure&) {
    failed_ = true;
    begun_ = false;
    return {};
}

}  // namespace passerby::camera
