#include "store/segment.h"

#include <array>

namespace passerby::store {

namespace {
constexpr std::array kCauses = {GapCause::camera, GapCause::decoder, GapCause::disk,  GapCause::overload,
                                GapCause::clock,  GapCause::stop,    GapCause::crash, GapCause::policy};
}

std::string_view name(GapCause cause) {
    switch (cause) {
        case GapCause::camera:
            return "camera";
        case GapCause::decoder:
            return "decoder";
        case GapCause::disk:
            return "disk";
        case GapCause::overload:
            return "overload";
        case GapCause::clock:
            return "clock";
        case GapCause::stop:
            return "stop";
        case GapCause::crash:
            return "crash";
        case GapCause::policy:
            return "policy";
    }
    return "camera";
}

Result<GapCause> gap_cause_named(std::string_view text) {
    for (const auto cause : kCauses)
        if (name(cause) == text) return cause;
    return fail(ErrorKind::invalid, "'{}' is not a cause of a gap", text);
}

}  // namespace passerby::store
