// A model's text as it streams in, taken apart into sentences with the citations that stand in them.
//
// A sentence is out as soon as it is known to be whole, which may take the beginning of what follows: "e.g." ends none,
// and a mark behind the full stop belongs before it. Lines end sentences too; a fenced block of code is one piece.
// Marks between backquotes or in code are no citations. Any bytes are accepted: a text without ends is cut at
// limit_sentence_bytes, a block of code at limit_code_bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lar::answer {

inline constexpr std::size_t limit_sentence_bytes = 2000;
inline constexpr std::size_t limit_code_bytes = 16 * 1024;

struct WrittenSentence {
    std::string space;                   // what stood before it: "", " ", "\n" or "\n\n"
    std::string text;                    // without its marks
    std::vector<std::uint32_t> numbers;  // cited, in the order of the text, each once; 0: a number that is none
};

class SentenceStream {
public:
    std::vector<WrittenSentence> take(std::string_view text);
    std::vector<WrittenSentence> end();

private:
    enum class Rest { may_follow, none };
    std::vector<WrittenSentence> sentences(Rest rest);
    // Where the sentence that begins at `first` ends, marks behind it included; nothing: not known yet.
    std::optional<std::size_t> end_of(std::size_t first, Rest rest) const;
    std::optional<std::size_t> end_of_code(std::size_t first, Rest rest) const;
    std::optional<std::size_t> end_of_line(std::size_t line_end, Rest rest) const;
    std::optional<std::size_t> end_after_stop(std::size_t first, std::size_t stop, std::size_t stop_bytes,
                                              Rest rest) const;

    static constexpr std::size_t unknown = SIZE_MAX;  // more text will tell
    std::string held_;
    bool begun_ = false;  // something was out already
};

}  // namespace lar::answer
