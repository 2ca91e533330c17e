// How an answer of a model comes to the terminal: word by word as the model writes it, words that do not fit moved to
// the next line, code left as it is; and its timings.
//
// A word is printed as it grows. Where it turns out not to fit it is taken back and printed again on the next line,
// so that nobody waits for the end of a word. Lines of code (between ``` and ```, or behind four spaces or a tab)
// and of tables keep their length; `code` within a line is not broken at its spaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "output.h"

namespace lar::cli {

class WordWrap {
public:
    // Lines become shorter than `columns`: the last column stays free, or the cursor would wait there to wrap by
    // itself.
    explicit WordWrap(std::size_t columns) : most_(columns > 1 ? columns - 1 : 1) {}
    // What to send to the terminal for these words of the answer.
    std::string take(std::string_view text);

private:
    void take_point(std::string_view point, std::string& out);
    void take_space(std::string_view point);
    void take_letter(std::string_view point, std::size_t width, std::string& out);
    void end_line(std::string& out);
    bool is_verbatim() const;

    std::size_t most_;
    std::size_t column_ = 0;
    std::string head_;    // the line's first bytes, which say whether it is code
    std::string spaces_;  // before the next word, not printed yet
    std::string word_;    // as far as it is on this row
    std::size_t word_width_ = 0;
    std::size_t gap_ = 0;     // columns of the spaces before it
    bool fenced_ = false;     // between ``` and ```
    bool spanned_ = false;    // between ` and `
    bool unmovable_ = false;  // the word is longer than a row
};

// Prints an answer's pieces. What the model thought before it is marked, and printed faintly.
class AnswerPrinter {
public:
    struct Style {
        std::size_t columns = 0;  // to wrap at; 0: as the model writes it
        bool thoughts = true;
    };
    AnswerPrinter(Output& out, Style style) : out_(out), style_(style) { start_wrap(); }
    void thought(std::string_view text);
    void text(std::string_view text);
    // Ends the line.
    void end();

private:
    void start_wrap();
    void print(std::string_view text, cli::Style look);
    void end_thoughts();

    Output& out_;
    Style style_;
    std::optional<WordWrap> wrap_;
    bool thinking_ = false;
    bool line_begun_ = false;
};

struct Timings {
    std::int64_t total_ns = 0, load_ns = 0, prompt_ns = 0, answer_ns = 0;
    std::uint32_t prompt_tokens = 0, answer_tokens = 0;
};
// Eight lines, as Ollama's users know them.
std::string timings_text(const Timings& timings);

}  // namespace lar::cli
