// Lines as a person types them: with editing, history and search in it on a terminal, plain ones elsewhere.
//
// read() waits for a line. When the flag `cancelled` goes up (Ctrl-C, see interrupt.h) what was typed is dropped and
// the line is `interrupted`; the end of the input, or Ctrl-D on an empty line, is `end`.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace lar::cli {

class LineEditor {
public:
    enum class Ended : std::uint8_t { line, interrupted, end };
    struct Line {
        Ended ended = Ended::end;
        std::string text;  // without its end
    };

    virtual ~LineEditor() = default;
    virtual Line read(std::string_view prompt) = 0;
    // For the arrow keys.
    virtual void remember(std::string_view line) = 0;
};

// `before` are lines of earlier sessions, oldest first. Lines are edited only on standard input.
std::unique_ptr<LineEditor> make_line_editor(std::span<const std::string> before, const std::atomic<bool>& cancelled,
                                             int input = 0);

// Whether the terminal can move its cursor: there is one, and it is not a "dumb" one.
bool has_cursor(int descriptor);

}  // namespace lar::cli
