#include "bench_answer.h"

#include <utility>
#include <variant>

#include "base/format.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::cli::bench {
namespace {

constexpr std::size_t limit_quoted_bytes = 300;
// A server may count the end among the tokens, or cut a token into pieces; beyond this it does not heed max_tokens.
constexpr std::uint64_t tolerated_tokens = 2;
constexpr std::uint64_t tolerated_pieces = 64;  // beyond two for each token

std::string as_quotation(std::string_view text) { return printable(utf8_prefix(trim(text), limit_quoted_bytes)); }

std::string error_text(const wire::BenchError& error, std::string_view otherwise) {
    if (const auto* text = std::get_if<std::string>(&error)) return as_quotation(*text);
    return as_quotation(std::get<wire::BenchProblem>(error).message.value_or(std::string(otherwise)));
}

}  // namespace

std::string refusal_text(std::string_view body) {
    if (const auto refusal = wire::from_json<wire::BenchRefusal>(body)) {
        if (refusal->error) return error_text(*refusal->error, body);
        if (refusal->message) return as_quotation(*refusal->message);
        if (refusal->detail) return as_quotation(*refusal->detail);
    }
    return trim(body).empty() ? "without a word" : as_quotation(to_utf8_lossy(body));
}

bool AnswerReader::refuse(std::string message, std::string hint) {
    failure_ = Failure(Exit::error, Code::unavailable, lar::format("{} {}", server_, message), std::move(hint));
    return false;
}

bool AnswerReader::take(const http::Event& event, std::int64_t now_us) {
    if (event.data == "[DONE]") {
        ended_ = true;
        return true;
    }
    const auto chunk = wire::from_json<wire::BenchChunk>(event.data);
    if (!chunk) return refuse(lar::format("sent what is not a chunk of OpenAI's API: {}", as_quotation(event.data)));
    if (chunk->error)
        return refuse(
            lar::format("broke off its answer with an error: {}", error_text(*chunk->error, "without a word")));
    for (const wire::BenchChoice& choice : chunk->choices)
        if (!take_choice(choice, now_us)) return false;
    if (chunk->usage) {
        answer_.counted_by_server = true;
        answer_.prompt_tokens = chunk->usage->prompt_tokens;
        answer_.tokens = chunk->usage->completion_tokens;
        if (chunk->usage->prompt_tokens_details)
            answer_.cached_tokens = chunk->usage->prompt_tokens_details->cached_tokens;
    }
    if (chunk->timings) answer_.own = chunk->timings;
    return true;
}

bool AnswerReader::take_choice(const wire::BenchChoice& choice, std::int64_t now_us) {
    if (!begun_us_) begun_us_ = now_us;
    if (choice.delta) {
        const wire::BenchDelta& delta = *choice.delta;
        bool said = false;
        for (const auto* part : {&delta.content, &delta.reasoning_content, &delta.reasoning})
            said = said || (*part && !(*part)->empty());
        if (said) answer_.pieces_us.push_back(now_us);
        answer_.text += delta.content.value_or("");
        if (answer_.pieces_us.size() > 2ULL * max_tokens_ + tolerated_pieces)
            return refuse(
                lar::format("does not heed max_tokens: it goes on after {} pieces where {} tokens were asked for",
                            answer_.pieces_us.size(), max_tokens_));
    }
    if (choice.finish_reason) ended_ = true;
    answer_.end_us = now_us;
    return true;
}

Outcome<Answer> AnswerReader::finish(std::int64_t asked_us) && {
    if (!failure_ && !ended_)
        refuse("ended its stream in the middle of an answer: neither finish_reason nor [DONE] came");
    if (!answer_.counted_by_server) answer_.tokens = answer_.pieces_us.size();
    if (!failure_ && (answer_.tokens == 0 || !begun_us_))
        refuse("gave an answer without a single token", "a model that ends at once cannot be measured");
    // Tokens without text, such as half of a character. The first word about the answer is the nearest to the first.
    if (!failure_ && answer_.pieces_us.empty()) answer_.pieces_us.push_back(*begun_us_);
    if (!failure_ && answer_.counted_by_server && answer_.tokens > max_tokens_ + tolerated_tokens)
        refuse(lar::format("does not heed max_tokens: it gave {} tokens where {} were asked for", answer_.tokens,
                           max_tokens_));
    if (failure_) return std::unexpected(std::move(*failure_));
    answer_.asked_us = asked_us;
    return std::move(answer_);
}

}  // namespace lar::cli::bench
