#include "camera/sealer.h"

#include "crypto/secret.h"

namespace passerby::camera {

Sealer::Sealer(const Start& start, Channel& channel, const Clock& clock)
    : start_{start},
      channel_{channel},
      originals_{clock,
                 {[this](media::OriginalPart part) { seal(std::move(part)); },
                  [this](const Error& why) {
                      channel_.log(LogLevel::error, "what the camera sends is not kept: " + why.message);
                  }}} {}

void Sealer::seal(media::OriginalPart part) {
    const auto& policy = *start_.originals;
    // Fail closed: a part that reaches beyond the end is not kept.
    if (part.to > policy.until) {
        if (!std::exchange(ended_, true))
            channel_.log(LogLevel::warning,
                         "originals are not kept any more: the policy ended " + to_iso8601(policy.until));
    } else {
        const auto sealed =
            seal::seal_part(policy.keyholders, {start_.camera, part.from, part.to}, part.bytes);
        const auto* first = reinterpret_cast<const std::byte*>(sealed.data());
        // When the server is gone the encoder hears of it.
        static_cast<void>(channel_.send(Sealed{{first, first + sealed.size()}, part.from, part.to}));
    }
    crypto::wipe(std::as_writable_bytes(std::span{part.bytes}));
}

}  // namespace passerby::camera
