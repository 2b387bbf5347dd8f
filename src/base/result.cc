#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace passerby {

std::string_view name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::not_found:
            return "not found";
        case ErrorKind::denied:
            return "denied";
        case ErrorKind::exists:
            return "exists";
        case ErrorKind::corrupt:
            return "corrupt";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::full:
            return "full";
        case ErrorKind::cancelled:
            return "cancelled";
        case ErrorKind::internal:
            return "internal";
    }
    return "unknown";
}

namespace {
ErrorKind kind_of(int code) {
    switch (code) {
        case ENOENT:
        case ENOTDIR:
            return ErrorKind::not_found;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorKind::denied;
        case EEXIST:
            return ErrorKind::exists;
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return ErrorKind::full;
        case EINVAL:
        case EISDIR:
            return ErrorKind::invalid;
        default:
            return ErrorKind::unavailable;
    }
}
}  // namespace

tl::unexpected<Error> fail_errno(int code, std::string_view what) {
    return fail(kind_of(code), "{}: {}", what, std::generic_category().message(code));
}

}  // namespace passerby
