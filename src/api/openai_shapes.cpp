#include "api/openai_shapes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "api/errors.h"
#include "base/build.h"
#include "base/format.h"
#include "http/events.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

std::string_view type_of(int status) {
    switch (status) {
        case 400:
        case 413: return "invalid_request_error";
        case 404: return "not_found_error";
        case 429: return "rate_limit_error";
        case 401:
        case 403: return "permission_error";
        default: return status < 500 ? "invalid_request_error" : "api_error";
    }
}

std::string finish_reason(wire::FinishReason reason) {
    const bool cut = reason == wire::FinishReason::length || reason == wire::FinishReason::window;
    return cut ? "length" : "stop";
}

std::string event(const auto& chunk) { return http::to_event({}, wire::to_json(chunk)); }

std::optional<wire::OpenAiLogprobs> chat_logprobs(const std::vector<wire::ChosenToken>& tokens) {
    if (tokens.empty()) return std::nullopt;
    wire::OpenAiLogprobs out;
    for (const wire::ChosenToken& token : tokens) {
        wire::OpenAiLogprob& one =
            out.content.emplace_back(token.chosen.text, token.chosen.logprob, token.chosen.bytes);
        for (const wire::TokenChance& other : token.alternatives)
            one.top_logprobs.push_back({other.text, other.logprob, other.bytes});
    }
    return out;
}

std::uint64_t characters(std::string_view text) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void add_text_logprobs(const std::vector<wire::ChosenToken>& tokens, std::uint64_t& offset,
                       std::optional<wire::OpenAiTextLogprobs>& into) {
    if (tokens.empty()) return;
    if (!into) into.emplace();
    for (const wire::ChosenToken& token : tokens) {
        into->tokens.push_back(token.chosen.text);
        into->token_logprobs.push_back(token.chosen.logprob);
        into->text_offset.push_back(offset);
        offset += characters(token.chosen.text);
        std::map<std::string, double>& top = into->top_logprobs.emplace_back();
        for (const wire::TokenChance& other : token.alternatives) top.emplace(other.text, other.logprob);
    }
}

// What chat and text have in common: counting, and what an error or an end looks like.
class OpenAiShape : public Shape {
public:
    explicit OpenAiShape(OpenAiAsked asked) : asked_(std::move(asked)) {
        asked_.echoes.resize(std::max<std::size_t>(1, asked_.echoes.size()));
    }

    bool streams() const override { return asked_.stream; }
    std::string_view stream_type() const override { return "text/event-stream"; }
    std::string broke_off(const Failure& failure) override { return http::to_event({}, openai_refusal(failure).body); }
    http::Response refused(const Failure& failure) override { return openai_refusal(failure); }
    http::Response done_without_prompt(bool, const Totals&) override {
        return openai_error(400, "the request has no prompt");
    }

protected:
    template <class Answer>
    Answer begin() const {
        Answer answer;
        answer.id = asked_.id;
        answer.created = asked_.created;
        answer.model = asked_.model;
        answer.system_fingerprint = lar::format("lar-{}", version());
        return answer;
    }
    void count(std::size_t choice, const wire::Finished& finished) {
        const std::size_t answers_to_a_prompt =
            std::max<std::size_t>(1, asked_.echoes.size() / std::max<std::uint32_t>(1, asked_.prompts));
        if (choice % answers_to_a_prompt == 0) {
            usage_.prompt_tokens += finished.prompt_tokens;
            cached_ += finished.reused_tokens;
        }
        usage_.completion_tokens += finished.generated_tokens;
        usage_.total_tokens = usage_.prompt_tokens + usage_.completion_tokens;
        usage_.prompt_tokens_details = wire::OpenAiPromptDetails{cached_};
    }
    const OpenAiAsked& asked() const { return asked_; }
    const wire::OpenAiUsage& usage() const { return usage_; }

private:
    OpenAiAsked asked_;
    wire::OpenAiUsage usage_;
    std::uint32_t cached_ = 0;
};

class ChatShape final : public OpenAiShape {
public:
    explicit ChatShape(OpenAiAsked a) : OpenAiShape(std::move(a)), choices_(asked().echoes.size()) {
        for (std::size_t i = 0; i < choices_.size(); ++i) choices_[i].index = static_cast<std::uint32_t>(i);
    }
    std::string begun(std::size_t choice) override {
        return asked().stream ? chunk(choice, {.role = "assistant", .content = ""}) : std::string();
    }

    std::string piece(std::size_t choice, const wire::Piece& piece, const Thoughts::Text& text) override {
        std::optional<wire::OpenAiLogprobs> logprobs = chat_logprobs(piece.logprobs);
        if (asked().stream)
            return text.answer.empty() && text.thought.empty() && !logprobs
                       ? std::string()
                       : chunk(choice, delta(text), std::move(logprobs));
        add(choices_[choice], text);
        if (!logprobs) return {};
        auto& all = choices_[choice].logprobs;
        if (!all) all.emplace();
        std::ranges::move(logprobs->content, std::back_inserter(all->content));
        return {};
    }

    std::string finished(std::size_t choice, const wire::Finished& finished, const Thoughts::Text& rest,
                         const Totals&) override {
        count(choice, finished);
        if (asked().stream) {
            std::string before =
                rest.answer.empty() && rest.thought.empty() ? std::string() : chunk(choice, delta(rest));
            return before + chunk(choice, {}, std::nullopt, finish_reason(finished.reason));
        }
        add(choices_[choice], rest);
        choices_[choice].finish_reason = finish_reason(finished.reason);
        return {};
    }

    std::string end() override {
        std::string out;
        if (asked().include_usage) {
            auto last = begin<wire::OpenAiChatChunk>();
            last.usage = usage();
            out = event(last);
        }
        return out + http::to_event({}, "[DONE]");
    }

    std::string whole() override {
        auto answer = begin<wire::OpenAiChatted>();
        answer.choices = std::move(choices_);
        answer.usage = usage();
        return wire::to_json(answer);
    }

private:
    static wire::OpenAiDelta delta(const Thoughts::Text& text) {
        wire::OpenAiDelta out;
        if (!text.answer.empty()) out.content = text.answer;
        if (!text.thought.empty()) out.reasoning = text.thought;
        return out;
    }
    static void add(wire::OpenAiChatChoice& choice, const Thoughts::Text& text) {
        choice.message.content += text.answer;
        if (text.thought.empty()) return;
        if (!choice.message.reasoning) choice.message.reasoning.emplace();
        *choice.message.reasoning += text.thought;
    }
    std::string chunk(std::size_t choice, wire::OpenAiDelta delta, std::optional<wire::OpenAiLogprobs> logprobs = {},
                      std::optional<std::string> reason = {}) const {
        auto out = begin<wire::OpenAiChatChunk>();
        out.choices.push_back(
            {static_cast<std::uint32_t>(choice), std::move(delta), std::move(logprobs), {std::move(reason)}});
        return event(out);
    }

    std::vector<wire::OpenAiChatChoice> choices_;
};

class TextShape final : public OpenAiShape {
public:
    explicit TextShape(OpenAiAsked a)
        : OpenAiShape(std::move(a)), choices_(asked().echoes.size()), offsets_(asked().echoes.size()) {
        for (std::size_t i = 0; i < choices_.size(); ++i) {
            choices_[i].index = static_cast<std::uint32_t>(i);
            choices_[i].text = asked().echoes[i];
            offsets_[i] = characters(asked().echoes[i]);
        }
    }
    std::string begun(std::size_t choice) override {
        if (!asked().stream || asked().echoes[choice].empty()) return {};
        return chunk({.index = static_cast<std::uint32_t>(choice), .text = asked().echoes[choice]});
    }

    std::string piece(std::size_t choice, const wire::Piece& piece, const Thoughts::Text& text) override {
        if (!asked().stream) {
            choices_[choice].text += text.answer;
            add_text_logprobs(piece.logprobs, offsets_[choice], choices_[choice].logprobs);
            return {};
        }
        wire::OpenAiTextChoice one{.index = static_cast<std::uint32_t>(choice), .text = text.answer};
        add_text_logprobs(piece.logprobs, offsets_[choice], one.logprobs);
        return one.text.empty() && !one.logprobs ? std::string() : chunk(std::move(one));
    }

    std::string finished(std::size_t choice, const wire::Finished& finished, const Thoughts::Text&,
                         const Totals&) override {
        count(choice, finished);
        choices_[choice].finish_reason = {finish_reason(finished.reason)};
        if (!asked().stream) return {};
        return chunk({.index = static_cast<std::uint32_t>(choice), .finish_reason = choices_[choice].finish_reason});
    }

    std::string end() override {
        std::string out;
        if (asked().include_usage) {
            auto last = begin<wire::OpenAiCompleted>();
            last.usage = usage();
            out = event(last);
        }
        return out + http::to_event({}, "[DONE]");
    }

    std::string whole() override {
        auto answer = begin<wire::OpenAiCompleted>();
        answer.choices = std::move(choices_);
        answer.usage = usage();
        return wire::to_json(answer);
    }

private:
    std::string chunk(wire::OpenAiTextChoice choice) const {
        auto out = begin<wire::OpenAiCompleted>();
        out.choices.push_back(std::move(choice));
        return event(out);
    }

    std::vector<wire::OpenAiTextChoice> choices_;
    std::vector<std::uint64_t> offsets_;  // characters of each text so far, for logprobs
};

}  // namespace

std::unique_ptr<Shape> openai_chat_shape(OpenAiAsked asked) { return std::make_unique<ChatShape>(std::move(asked)); }
std::unique_ptr<Shape> openai_text_shape(OpenAiAsked asked) { return std::make_unique<TextShape>(std::move(asked)); }

http::Response openai_error(int status, std::string message, std::string_view code, std::string_view param) {
    wire::OpenAiError error{{.message = std::move(message), .type = std::string(type_of(status))}};
    if (!code.empty()) error.error.code.text = code;
    if (!param.empty()) error.error.param.text = param;
    return {status, "application/json", wire::to_json(error), {}};
}

http::Response openai_refusal(const Failure& failure) {
    if (failure.too_long())
        return openai_error(
            400,
            lar::format(
                "This model's maximum context length is {} tokens. However, your messages resulted in {} tokens. "
                "Please reduce the length of the messages.",
                failure.context_tokens, failure.prompt_tokens),
            "context_length_exceeded", "messages");
    const int status = failure.code == Code::too_large ? 400 : status_of(failure.code);
    return openai_error(status, failure.message, failure.code == Code::not_found ? "model_not_found" : "");
}

http::Response render_openai_problem(const http::Problem& problem) {
    return openai_error(problem.status, text_of(problem), problem.status == 429 ? "rate_limit_exceeded" : "");
}

std::string to_base64(const std::vector<float>& values) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    bytes.reserve(values.size() * sizeof(float));
    for (const float value : values) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xFFU);
    }
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[group >> (18 - 6 * k) & 63U] : '=';
    }
    return out;
}

}  // namespace lar::api
