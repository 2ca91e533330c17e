// From what was recalled, a conversation and a question to the messages that a model is asked with.
//
// The order is DESIGN.md's, so that what repeats from question to question stands first and an engine can reuse it:
// instructions, passages by their place (not by score), history, the question last. Passages travel as quoted data of
// the user's side (quoting.h), each with its number, source, place and day, and the instructions say that nothing in
// them is one. Templates want user and assistant to take turns, so passages open the first message of the user.
//
// What goes in is chosen by usefulness: the best passage, then by score for each token, near-duplicates folded and
// neighbours joined under one number, until the budget is spent. What stays out is told with its reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "recall/recall.h"
#include "wire/models.h"

namespace lar::answer {

inline constexpr std::uint32_t limit_passages_tokens = 2400;  // more makes small models worse and everybody wait
inline constexpr std::uint32_t limit_answer_tokens = 1024;
inline constexpr std::size_t limit_numbered = 24;          // passages, neighbours joined
inline constexpr std::uint32_t limit_numbered_lines = 72;  // of one number

// How many tokens texts take. An error means that nobody can say now.
class TokenCounter {
public:
    virtual ~TokenCounter() = default;
    virtual Result<std::vector<std::uint32_t>> count(std::span<const std::string> texts) = 0;
};
// What a text takes at most, as long as nobody has counted: a third of its bytes. Dense text can take more, which the
// engine then says.
std::uint32_t tokens_uncounted(std::string_view text);

enum class Role : std::uint8_t { user, assistant };
struct Turn {
    Role role = Role::user;
    std::string text;
};

// What the model's window leaves for what.
struct Budget {
    std::uint32_t window_tokens = 0;
    std::uint32_t passages_tokens = limit_passages_tokens;  // at most, and never more than half of the window
};

struct Asked {
    std::string_view question;
    std::span<const Turn> history;               // oldest first
    const recall::Recalled* recalled = nullptr;  // null: without sources
    std::string today;                           // "2026-11-21"
};

struct Prompt {
    std::vector<wire::ModelMessage> messages;
    std::vector<std::vector<std::size_t>>
        passages;  // number n is passages[n - 1]: candidates, in the order of the text
    std::vector<recall::LeftOut> left_out;
    std::uint32_t answer_tokens = 0;  // room that is left for the answer
    std::uint32_t wanted_tokens = 0;  // at most, with that room and all that was worth sending, in whatever window
    bool counted = false;             // by the counter, not by the bound
};

// The least that it takes to ask: instructions, question, and the room that is left for an answer.
std::uint32_t least_tokens(const Asked& asked, std::uint32_t window_tokens);

// too_large when not even the question fits.
Result<Prompt> make_prompt(const Asked& asked, const Budget& budget, const Zone& zone, TokenCounter& counter);

}  // namespace lar::answer
