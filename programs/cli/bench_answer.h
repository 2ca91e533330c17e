// One streamed answer of a server under measurement: what was asked, when its pieces came, how many tokens it has.
//
// AnswerReader takes the events of /v1/chat/completions as they come and says at the end what they were: an answer, or
// a Failure with a sentence about what the server did wrong (an error in the middle of the stream, an end without a
// reason, no text at all, no end at max_tokens). Tokens are those of the server's `usage`; where it sends none, the
// pieces of the stream are counted instead, and `counted_by_server` is false.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "failure.h"
#include "http/events.h"
#include "wire/bench.h"

namespace lar::cli::bench {

struct Answer {
    std::int64_t asked_us = 0;
    std::vector<std::int64_t> pieces_us;  // when each piece of text came; at least one
    std::int64_t end_us = 0;              // when the last token was there
    std::uint64_t prompt_tokens = 0;      // 0: the server did not say
    std::optional<std::uint64_t> cached_tokens;
    std::uint64_t tokens = 0;
    bool counted_by_server = false;
    std::string text;
    std::optional<wire::BenchTimings> own;  // the server's own measurement

    double first_token_ms() const { return static_cast<double>(pieces_us.front() - asked_us) / 1000; }
};

// What an error that a server sent says; `body` itself, shortened, where it has no shape that is known.
std::string refusal_text(std::string_view body);

class AnswerReader {
public:
    // `server`: its name, for messages.
    AnswerReader(std::string server, std::uint32_t max_tokens) : server_(std::move(server)), max_tokens_(max_tokens) {}

    // false: enough was heard; finish() says why.
    bool take(const http::Event& event, std::int64_t now_us);
    // After the last event.
    Outcome<Answer> finish(std::int64_t asked_us) &&;

private:
    bool refuse(std::string message, std::string hint = {});
    bool take_choice(const wire::BenchChoice& choice, std::int64_t now_us);

    std::string server_;
    std::uint32_t max_tokens_;
    Answer answer_;
    std::optional<std::int64_t> begun_us_;  // the first event about the answer; may come before any text
    bool ended_ = false;                    // as a stream should: with a finish_reason, or [DONE]
    std::optional<Failure> failure_;
};

}  // namespace lar::cli::bench
