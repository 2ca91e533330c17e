// The bytes of a hand-off and of what comes back, in the dialect of whom it goes to.
//
// request_body() is the one place where such bytes are made: what it returns is shown, hashed, approved and sent. What
// comes back was written by others: read_reply() is bounded and takes nothing from it but text and counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "consent/provider.h"

namespace lar::consent {

inline constexpr std::size_t limit_handoff_bytes = 4 * 1024 * 1024;  // of the text that is handed off
inline constexpr std::size_t limit_reply_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t limit_reply_parts = 1000;
inline constexpr std::uint32_t limit_answer_tokens = 128 * 1024;

struct QuotedSource {
    std::string name;  // as the model is told: "src/pool.cpp, lines 10 to 42"
    std::string text;
};
// The question and its numbered sources as one text: what redaction reads and the user may edit.
std::string handoff_text(std::string_view question, const std::vector<QuotedSource>& sources);

// invalid for what is not UTF-8, too_large over the limits.
Result<std::string> request_body(const Provider& provider, std::string_view text, std::uint32_t answer_tokens);

struct ProviderReply {
    std::string text;
    std::uint64_t prompt_tokens = 0, generated_tokens = 0;
    bool complete = true;  // false: it was cut at a limit
};
// What is no reply is `corrupt`; what the provider says went wrong is `unavailable`, with its words made printable.
Result<ProviderReply> read_reply(Dialect dialect, std::string_view body);

// What an answer of another status than 200 means for whoever asked: never a success.
Error refusal_of(const Provider& provider, std::uint32_t status, std::string_view body);

}  // namespace lar::consent
