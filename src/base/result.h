// Errors are values. Every function that can fail returns Result<T>; exceptions of libraries end at the edge
// of the module that owns the library.
//
//     Result<int> half(int n) {
//         if (n % 2) return fail(ErrorKind::invalid, "{} is odd; give an even number", n);
//         return n / 2;
//     }
//     Result<int> quarter(int n) { return half(TRY(half(n))); }
#pragma once

#include <string>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

namespace passerby {

enum class ErrorKind {
    invalid,      // the caller or the user gave something that cannot be: mend the input
    not_found,    // it is not there
    denied,       // the operating system or a rule says no
    exists,       // it is there already and must not be overwritten
    corrupt,      // bytes from outside do not decode
    unavailable,  // a device, a camera or a model that may come back
    full,         // no space
    cancelled,    // asked to stop
    internal,     // a bug of ours or of a library
};

std::string_view name(ErrorKind);

// The message is one line a user can act on: what, where, and the mend.
struct Error {
    ErrorKind kind;
    std::string message;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

template <class... Args>
tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    return tl::unexpected<Error>{Error{kind, fmt::format(format, std::forward<Args>(args)...)}};
}

// The error of errno `code`, "what: strerror", with the kind that fits.
tl::unexpected<Error> fail_errno(int code, std::string_view what);

}  // namespace passerby

// The value of a Result, or return its error from the calling function (a GNU statement expression, as in
// SerenityOS). Not between the braces of an object that is being made: what was made of it before is not
// destroyed when this returns. Name the value first.
#define TRY(expression)                                                            \
    ({                                                                             \
        auto&& try_result_ = (expression);                                         \
        if (!try_result_) return ::tl::unexpected{std::move(try_result_).error()}; \
        std::move(try_result_).value();                                            \
    })

// The same for a Status.
#define TRY_STATUS(expression)                                                     \
    do {                                                                           \
        auto&& try_result_ = (expression);                                         \
        if (!try_result_) return ::tl::unexpected{std::move(try_result_).error()}; \
    } while (false)
