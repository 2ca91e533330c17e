#include "consent/handoff_body.h"

#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "wire/codec.h"
#include "wire/fields.h"
#include "wire/handoff.h"

namespace lar::consent {
namespace {

constexpr std::size_t limit_quoted_reason_bytes = 300;

std::uint64_t natural(std::int64_t value) { return value > 0 ? static_cast<std::uint64_t>(value) : 0; }

// What the provider says went wrong, if it does.
Result<std::optional<std::string>> complaint_in(const wire::Fields& fields) {
    const std::string_view error = fields.raw("error");
    if (error.empty()) return std::nullopt;
    std::string message;
    if (wire::kind_of(error) == wire::JsonKind::string) {
        TRY_VOID(wire::read_value(error, "error", message));
    } else {
        wire::Fields inner = TRY(wire::Fields::of(error, "error"));
        inner.read("message", message);
        TRY_VOID(inner.done());
    }
    return printable(utf8_prefix(to_utf8_lossy(message), limit_quoted_reason_bytes));
}

void read_usage(wire::Fields& fields, std::string_view prompt_name, std::string_view generated_name,
                ProviderReply& reply) {
    fields.read_with("usage", [&](std::string_view json, std::string_view where) -> Result<> {
        std::int64_t prompt = 0, generated = 0;
        wire::Fields usage = TRY(wire::Fields::of(json, where));
        usage.read(prompt_name, prompt).read(generated_name, generated);
        reply.prompt_tokens = natural(prompt), reply.generated_tokens = natural(generated);
        return usage.done();
    });
}

Result<ProviderReply> openai_reply(wire::Fields& fields) {
    ProviderReply reply;
    std::size_t choices = 0;
    fields.read_objects("choices", limit_reply_parts, [&](wire::Fields& choice) {
        if (++choices > 1) return;
        std::string finish;
        choice.read("finish_reason", finish)
            .read_with("message", [&](std::string_view json, std::string_view where) -> Result<> {
                wire::Fields message = TRY(wire::Fields::of(json, where));
                message.read("content", reply.text);
                return message.done();
            });
        reply.complete = finish != "length";
    });
    read_usage(fields, "prompt_tokens", "completion_tokens", reply);
    TRY_VOID(fields.done());
    if (choices == 0) return fail(Code::corrupt, "the provider's reply holds no choice");
    return reply;
}

Result<ProviderReply> anthropic_reply(wire::Fields& fields) {
    ProviderReply reply;
    std::string stop;
    bool any = false;
    fields.read("stop_reason", stop).read_objects("content", limit_reply_parts, [&](wire::Fields& part) {
        std::string type, text;
        part.read("type", type).read("text", text);
        any = true;
        if (type == "text") reply.text += text;
    });
    read_usage(fields, "input_tokens", "output_tokens", reply);
    TRY_VOID(fields.done());
    if (!any) return fail(Code::corrupt, "the provider's reply holds no content");
    reply.complete = stop != "max_tokens";
    return reply;
}

}  // namespace

std::string handoff_text(std::string_view question, const std::vector<QuotedSource>& sources) {
    std::string text(question);
    if (!sources.empty()) text += "\n\nAnswer from these sources, and name the number of each that you use:\n";
    std::size_t number = 0;
    for (const QuotedSource& source : sources)
        text += lar::format("\n[{}] {}\n{}\n", ++number, source.name, source.text);
    return text;
}

Result<std::string> request_body(const Provider& provider, std::string_view text, std::uint32_t answer_tokens) {
    if (text.size() > limit_handoff_bytes)
        return fail(Code::too_large, lar::format("at most {} bytes can be handed off", limit_handoff_bytes));
    if (answer_tokens == 0 || answer_tokens > limit_answer_tokens)
        return fail(Code::invalid, lar::format("an answer has 1 to {} tokens", limit_answer_tokens));
    if (!is_utf8(text)) return fail(Code::invalid, "what is handed off has to be text (UTF-8)");
    std::vector<wire::HandoffMessage> messages{{.role = "user", .content = std::string(text)}};
    if (provider.dialect == Dialect::openai)
        return wire::to_json(
            wire::OpenAiHandoff{.model = provider.model, .messages = std::move(messages), .max_tokens = answer_tokens});
    return wire::to_json(
        wire::AnthropicHandoff{.model = provider.model, .max_tokens = answer_tokens, .messages = std::move(messages)});
}

Result<ProviderReply> read_reply(Dialect dialect, std::string_view body) {
    if (body.size() > limit_reply_bytes) return fail(Code::corrupt, "the provider's reply is over its limit");
    const auto read = [&]() -> Result<ProviderReply> {
        wire::Fields fields = TRY(wire::Fields::of(body));
        if (const auto complaint = TRY(complaint_in(fields)))
            return fail(Code::unavailable, lar::format("the provider refused: {}", *complaint));
        return dialect == Dialect::openai ? openai_reply(fields) : anthropic_reply(fields);
    };
    Result<ProviderReply> reply = read();
    if (!reply && reply.error().code == Code::invalid)
        return fail(Code::corrupt, "the provider's reply is not what it should be: " + reply.error().message);
    if (reply && !is_utf8(reply->text)) reply->text = to_utf8_lossy(reply->text);
    return reply;
}

Error refusal_of(const Provider& provider, std::uint32_t status, std::string_view body) {
    const auto complaint = [&]() -> Result<std::optional<std::string>> {
        return complaint_in(TRY(wire::Fields::of(body)));
    }();
    const std::string said =
        complaint && *complaint && !(*complaint)->empty() ? lar::format(": {}", **complaint) : std::string();
    const auto error = [&](Code code, std::string_view what) {
        return Error{code, lar::format("{} {} ({}){}", provider.name, what, status, said)};
    };
    switch (status) {
        case 401:
        case 403:
            return {Code::denied,
                    lar::format("{} does not accept the key ({}){}; 'lar handoff key set {}' sets another",
                                provider.name, status, said, provider.name)};
        case 402: return error(Code::denied, "wants to be paid first");
        case 404: return error(Code::not_found, "knows no such model, or not at this path");
        case 413: return error(Code::too_large, "takes no request of this size");
        case 408:
        case 429: return error(Code::unavailable, "asks to come back later");
        default: break;
    }
    if (status >= 300 && status < 400)
        return error(Code::denied, "sends on to another place, where Lar does not follow");
    if (status >= 500) return error(Code::unavailable, "cannot answer now");
    return error(status >= 400 ? Code::invalid : Code::corrupt, "does not take the request");
}

}  // namespace lar::consent
