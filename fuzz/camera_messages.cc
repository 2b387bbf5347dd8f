// Both directions: neither side trusts the other.
#include "camera/protocol.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes{reinterpret_cast<const std::byte*>(data), size};
    if (const auto message = camera::decode_to_camera(bytes))
        fuzz::must(camera::encode(*message).has_value(), "what was taken can be sent");
    if (const auto message = camera::decode_from_camera(bytes))
        fuzz::must(camera::encode(*message).has_value(), "what was taken can be sent");
    return 0;
}
