#include "camera/channel.h"

#include "base/file.h"

namespace passerby::camera {

Status Channel::send(const FromCamera& message) {
    const auto bytes = TRY(encode(message));
    const std::lock_guard lock{mutex_};
    // Half a message may have been written: the next one would not be understood.
    if (broken_) broken_ = write_all(fd_, bytes);
    return broken_;
}

void Channel::log(LogLevel level, std::string_view text) {
    static_cast<void>(send(Log{level, one_line(without_secrets(text))}));
}

}  // namespace passerby::camera
