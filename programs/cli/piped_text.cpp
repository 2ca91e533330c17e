#include "piped_text.h"

#include <unistd.h>

#include <cerrno>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;

}  // namespace

Outcome<std::string> piped_text(const Session& session) {
    std::string text;
    if (::isatty(session.input) == 1) return text;
    std::string buffer(read_bytes, '\0');
    for (;;) {
        const ssize_t got = ::read(session.input, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR && !session.cancelled) continue;
        if (session.cancelled) return failed(Code::unavailable, "interrupted");
        // A program that was started without a standard input is sent nothing.
        if (got < 0 && errno != EBADF) return failed(Code::internal, "standard input cannot be read");
        if (got <= 0) break;
        text.append(buffer, 0, static_cast<std::size_t>(got));
        if (text.size() > limit_piped_bytes)
            return failed(Code::too_large,
                          lar::format("standard input has more than {}", size_text(limit_piped_bytes)));
    }
    if (!is_utf8(text)) return failed(Code::invalid, "standard input is not text in UTF-8");
    return text;
}

}  // namespace lar::cli
