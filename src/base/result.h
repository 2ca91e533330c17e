// How anything that can fail says so.
//
// A fallible function returns Result<T>; the caller takes the value apart with TRY, or looks at
// error().code, which is a small closed set, because failures cross process and HTTP boundaries and
// programs must be able to test them. The message is for people: one sentence that says what to do.
// A bug is not an error: it hits ASSERT, which aborts in every build, and the supervisor restarts the
// process. Nothing here throws.
#pragma once

#include <cstdint>
#include <expected>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace lar {

enum class Code : std::uint8_t {
    invalid,      // the request makes no sense as given
    not_found,    // what it names does not exist
    denied,       // not allowed, by us or by the kernel
    conflict,     // it clashes with what is there
    too_large,    // over a named limit
    timeout,      // it took longer than its limit
    unavailable,  // cannot be done now: busy, full, stopped, cancelled
    corrupt,      // stored or received bytes are not what they must be
    internal,     // a library or the kernel refused in a way we did not expect
};

std::string_view to_string(Code code);

struct Error {
    Code code = Code::internal;
    std::string message;
    std::source_location where = std::source_location::current();
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string message,
                                   std::source_location where = std::source_location::current()) {
    return std::unexpected(Error{code, std::move(message), where});
}

// The failed system call `what` with errno's text; EACCES and EPERM become denied, ENOENT not_found,
// ENOSPC and EDQUOT unavailable ("the disk is full"), the rest internal.
std::unexpected<Error> fail_errno(std::string_view what, int error_number,
                                  std::source_location where = std::source_location::current());

[[noreturn]] void assertion_failed(const char* expression, std::source_location where);

}  // namespace lar

#define LAR_CONCAT_(a, b) a##b
#define LAR_CONCAT(a, b) LAR_CONCAT_(a, b)

// TRY(expression): the value of a Result, or return its error from the calling function.
#define LAR_TRY_(name, expression)                                  \
    __extension__({                                                 \
        auto&& name = (expression);                                 \
        if (!name) return std::unexpected(std::move(name).error()); \
        *std::forward<decltype(name)>(name);                        \
    })
#define TRY(...) LAR_TRY_(LAR_CONCAT(try_result_, __COUNTER__), (__VA_ARGS__))

// TRY_VOID(expression): the same for Result<>.
#define LAR_TRY_VOID_(name, expression)                                                         \
    do {                                                                                        \
        if (auto&& name = (expression); !name) return std::unexpected(std::move(name).error()); \
    } while (false)
#define TRY_VOID(...) LAR_TRY_VOID_(LAR_CONCAT(try_result_, __COUNTER__), (__VA_ARGS__))

// A statement about our own code that must be true; on in release.
#define ASSERT(expression)                                \
    (static_cast<bool>(expression) ? static_cast<void>(0) \
                                   : ::lar::assertion_failed(#expression, std::source_location::current()))
