#include "api/ollama_shapes.h"

#include <optional>
#include <utility>
#include <vector>

#include "api/errors.h"
#include "base/format.h"
#include "http/events.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

std::vector<wire::OllamaLogprob> logprobs_of(const std::vector<wire::ChosenToken>& tokens) {
    std::vector<wire::OllamaLogprob> out;
    for (const wire::ChosenToken& token : tokens) {
        wire::OllamaLogprob& one = out.emplace_back(token.chosen.text, token.chosen.logprob, token.chosen.bytes);
        if (token.alternatives.empty()) continue;
        one.top_logprobs.emplace();
        for (const wire::TokenChance& other : token.alternatives)
            one.top_logprobs->push_back({other.text, other.logprob, other.bytes});
    }
    return out;
}

std::string done_reason(wire::FinishReason reason) {
    const bool cut = reason == wire::FinishReason::length || reason == wire::FinishReason::window;
    return cut ? "length" : "stop";
}

template <class Answer>
void add_figures(Answer& answer, const wire::Finished& finished, const Totals& totals) {
    answer.done = true;
    answer.done_reason = done_reason(finished.reason);
    answer.total_duration = totals.total_us * ns_per_us;
    answer.load_duration = totals.load_us * ns_per_us;
    answer.prompt_eval_count = finished.prompt_tokens;
    answer.prompt_eval_duration = finished.prompt_us * ns_per_us;
    answer.eval_count = finished.generated_tokens;
    answer.eval_duration = finished.generation_us * ns_per_us;
    if (finished.dropped_tokens > 0 || totals.dropped_messages > 0)
        answer.truncated = wire::OllamaTruncated{finished.dropped_tokens, totals.dropped_messages};
}

class OllamaShape final : public Shape {
public:
    OllamaShape(OllamaAsked asked, const Clock& clock) : asked_(std::move(asked)), clock_(clock) {}

    bool streams() const override { return asked_.stream; }
    std::string_view stream_type() const override { return http::json_lines_type; }
    std::string begun(std::size_t) override { return {}; }
    std::string end() override { return {}; }

    std::string piece(std::size_t, const wire::Piece& piece, const Thoughts::Text& text) override {
        std::vector<wire::OllamaLogprob> logprobs = logprobs_of(piece.logprobs);
        if (asked_.stream)
            return text.answer.empty() && text.thought.empty() && logprobs.empty() ? std::string()
                                                                                   : line(text, std::move(logprobs));
        text_.answer += text.answer;
        text_.thought += text.thought;
        logprobs_.insert(logprobs_.end(), std::make_move_iterator(logprobs.begin()),
                         std::make_move_iterator(logprobs.end()));
        return {};
    }

    std::string finished(std::size_t, const wire::Finished& finished, const Thoughts::Text& rest,
                         const Totals& totals) override {
        text_.answer += rest.answer;
        text_.thought += rest.thought;
        std::string before;
        // The last line of a stream has no text, so that clients may leave its text out.
        if (asked_.stream && (!text_.answer.empty() || !text_.thought.empty()))
            before = line(std::exchange(text_, {}), {});
        last_ = asked_.kind == OllamaKind::chat ? last<wire::OllamaChatted>(finished, totals)
                                                : last<wire::OllamaGenerated>(finished, totals);
        return asked_.stream ? before + http::to_json_line(last_) : std::string();
    }

    std::string whole() override { return last_; }
    std::string broke_off(const Failure& failure) override {
        return http::to_json_line(wire::to_json(wire::OllamaError{failure.message}));
    }
    http::Response refused(const Failure& failure) override { return ollama_refusal(failure); }

    http::Response done_without_prompt(bool unloaded, const Totals&) override {
        const std::string json = asked_.kind == OllamaKind::chat ? loaded<wire::OllamaChatted>(unloaded)
                                                                 : loaded<wire::OllamaGenerated>(unloaded);
        return {200, "application/json", json, {}};
    }

private:
    template <class Answer>
    Answer begin() const {
        Answer answer;
        answer.model = asked_.model;
        answer.created_at = ollama_time(clock_.now_us());
        return answer;
    }
    static void put(wire::OllamaGenerated& answer, const Thoughts::Text& text) {
        answer.response = text.answer;
        if (!text.thought.empty()) answer.thinking = text.thought;
    }
    static void put(wire::OllamaChatted& answer, const Thoughts::Text& text) {
        answer.message.content = text.answer;
        if (!text.thought.empty()) answer.message.thinking = text.thought;
    }
    template <class Answer>
    std::string line_of(const Thoughts::Text& text, std::vector<wire::OllamaLogprob> logprobs) const {
        auto answer = begin<Answer>();
        put(answer, text);
        if (!logprobs.empty()) answer.logprobs = std::move(logprobs);
        return http::to_json_line(wire::to_json(answer));
    }
    std::string line(const Thoughts::Text& text, std::vector<wire::OllamaLogprob> logprobs) const {
        return asked_.kind == OllamaKind::chat ? line_of<wire::OllamaChatted>(text, std::move(logprobs))
                                               : line_of<wire::OllamaGenerated>(text, std::move(logprobs));
    }
    template <class Answer>
    std::string last(const wire::Finished& finished, const Totals& totals) {
        auto answer = begin<Answer>();
        put(answer, text_);
        if (!logprobs_.empty()) answer.logprobs = std::move(logprobs_);
        add_figures(answer, finished, totals);
        if constexpr (std::is_same_v<Answer, wire::OllamaGenerated>)
            if (asked_.with_context && !finished.context.empty()) answer.context = finished.context;
        return wire::to_json(answer);
    }
    template <class Answer>
    std::string loaded(bool unloaded) const {
        auto answer = begin<Answer>();
        answer.done = true;
        answer.done_reason = unloaded ? "unload" : "load";
        return wire::to_json(answer);
    }

    OllamaAsked asked_;
    const Clock& clock_;
    Thoughts::Text text_;  // of the whole answer; of a stream only what its thoughts held back
    std::vector<wire::OllamaLogprob> logprobs_;
    std::string last_;
};

}  // namespace

std::unique_ptr<Shape> ollama_shape(OllamaAsked asked, const Clock& clock) {
    return std::make_unique<OllamaShape>(std::move(asked), clock);
}

http::Response ollama_refusal(const Failure& failure) {
    const int status = failure.code == Code::too_large ? 400 : status_of(failure.code);
    std::string message = failure.message;
    if (failure.too_long() && failure.prompt_tokens > 0)
        message =
            lar::format("the prompt has {} tokens and the window {}", failure.prompt_tokens, failure.context_tokens);
    if (failure.too_long()) message += ": shorten it, or send \"truncate\": true to have what is oldest dropped";
    return {status, "application/json", wire::to_json(wire::OllamaError{message}), {}};
}

http::Response render_ollama_problem(const http::Problem& problem) {
    return {problem.status, "application/json", wire::to_json(wire::OllamaError{text_of(problem)}), {}};
}

std::string ollama_time(std::int64_t us) {
    const std::string seconds = to_rfc3339({us, 0});  // "2026-11-21T14:03:00Z", or with an offset
    return lar::format("{}.{:06}Z", seconds.substr(0, 19), us % us_per_second);
}

}  // namespace lar::api
