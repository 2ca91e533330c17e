#include "base/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/format.h"

namespace lar {

std::string_view to_string(Code code) {
    switch (code) {
        case Code::invalid: return "invalid";
        case Code::not_found: return "not_found";
        case Code::denied: return "denied";
        case Code::conflict: return "conflict";
        case Code::too_large: return "too_large";
        case Code::timeout: return "timeout";
        case Code::unavailable: return "unavailable";
        case Code::corrupt: return "corrupt";
        case Code::internal: return "internal";
    }
    return "internal";
}

static Code code_of(int error_number) {
    switch (error_number) {
        case EACCES:
        case EPERM:
        case EROFS: return Code::denied;
        case ENOENT:
        case ENOTDIR: return Code::not_found;
        case EEXIST:
        case EADDRINUSE: return Code::conflict;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
        case EAGAIN:
        case ECONNREFUSED: return Code::unavailable;
        case ETIMEDOUT: return Code::timeout;
        case EFBIG:
        case ENAMETOOLONG: return Code::too_large;
        default: return Code::internal;
    }
}

std::unexpected<Error> fail_errno(std::string_view what, int error_number, std::source_location where) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    const char* text = full ? "the disk is full" : std::strerror(error_number);
    return fail(code_of(error_number), lar::format("{}: {}", what, text), where);
}

void assertion_failed(const char* expression, std::source_location where) {
    std::fprintf(stderr, "assertion failed: %s (%s:%u, %s)\n", expression, where.file_name(),
                 static_cast<unsigned>(where.line()), where.function_name());
    std::abort();
}

}  // namespace lar
