#include <charconv>
#include <utility>

#include "base/format.h"
#include "wire/fields.h"
#include "wire/ollama.h"
#include "wire/openai.h"

namespace lar::wire {
namespace {

// Keys of OpenAI's that would change the answer. What only labels a request (user, metadata, …) is skipped.
constexpr std::string_view refused_lists[] = {"tools", "functions"};
constexpr std::string_view refused_objects[] = {"audio", "prediction", "web_search_options"};
// Ollama's options that are taken beside OpenAI's own, by the names that local servers share.
constexpr std::string_view shared_samplers[] = {"top_k",
                                                "min_p",
                                                "typical_p",
                                                "repeat_penalty",
                                                "repeat_last_n",
                                                "mirostat",
                                                "mirostat_tau",
                                                "mirostat_eta",
                                                "min_tokens",
                                                "top_n_sigma",
                                                "xtc_probability",
                                                "xtc_threshold",
                                                "dynatemp_range",
                                                "dynatemp_exponent",
                                                "dry_multiplier",
                                                "dry_base",
                                                "dry_allowed_length",
                                                "dry_penalty_last_n"};

Result<> read_logit_bias(std::string_view json, std::string_view where, std::vector<LogitBias>& into) {
    const Fields fields = TRY(Fields::of(json, where));
    for (const Fields::Member& member : fields.members()) {
        LogitBias one;
        const auto [end, error] =
            std::from_chars(member.name.data(), member.name.data() + member.name.size(), one.token);
        if (error != std::errc() || end != member.name.data() + member.name.size() || one.token < 0)
            return fail(Code::invalid, lar::format("'{}' names tokens by their numbers", where));
        double bias = 0;
        TRY_VOID(read_value(member.json, fields.path_of(member.name), bias));
        if (bias < -100 || bias > 100)
            return fail(Code::invalid, lar::format("'{}' must be from -100 to 100", fields.path_of(member.name)));
        one.bias = static_cast<float>(bias);
        into.push_back(one);
    }
    return {};
}

// A list that is not empty, an object, a choice other than the one that asks for nothing.
void note_unsupported(const Fields& fields, OpenAiCommon& request) {
    for (const std::string_view name : refused_lists)
        if (const std::string_view json = fields.raw(name); !json.empty() && json != "[]")
            request.unsupported.emplace_back(name);
    for (const std::string_view name : refused_objects)
        if (fields.has(name)) request.unsupported.emplace_back(name);
    for (const std::string_view name : {"tool_choice", "function_call"}) {
        const std::string_view json = fields.raw(name);
        if (!json.empty() && json != R"("none")" && json != R"("auto")") request.unsupported.emplace_back(name);
    }
    if (fields.raw("store") == "true") request.unsupported.emplace_back("store");
    if (fields.raw("modalities").contains("audio")) request.unsupported.emplace_back("modalities");
}

Result<> note_response_format(std::string_view json, std::string_view where, OpenAiCommon& request) {
    Fields format = TRY(Fields::of(json, where));
    std::string type;
    format.read("type", type);
    TRY_VOID(format.done());
    if (type != "text") request.unsupported.emplace_back("response_format");
    return {};
}

void read_common(Fields& fields, OpenAiCommon& request) {
    fields.read("model", request.model)
        .read("stream", request.stream)
        .read_with("stream_options",
                   [&](std::string_view json, std::string_view where) -> Result<> {
                       Fields options = TRY(Fields::of(json, where));
                       options.read("include_usage", request.include_usage);
                       return options.done();
                   })
        .read("temperature", request.temperature)
        .read("top_p", request.top_p)
        .read("presence_penalty", request.presence_penalty)
        .read("frequency_penalty", request.frequency_penalty)
        .read("seed", request.seed)
        .read_texts("stop", request.stop)
        .read("n", request.n)
        .read_with("logit_bias",
                   [&](std::string_view json, std::string_view where) {
                       return read_logit_bias(json, where, request.logit_bias);
                   })
        .read_with("response_format", [&](std::string_view json, std::string_view where) {
            return note_response_format(json, where, request);
        });
    std::string samplers;
    for (const std::string_view name : shared_samplers)
        if (const std::string_view json = fields.raw(name); !json.empty())
            samplers += lar::format("{}\"{}\":{}", samplers.empty() ? "" : ",", name, json);
    if (!samplers.empty()) request.samplers.text = "{" + samplers + "}";
    note_unsupported(fields, request);
}

// A text, or parts of which the texts are joined.
Result<> read_content(std::string_view json, std::string_view where, OpenAiMessage& message) {
    if (kind_of(json) == JsonKind::string) return read_value(json, where, message.content);
    if (kind_of(json) != JsonKind::array) return wrong_type(where, "a string or an array of parts", json);
    std::size_t index = 0;
    for (const std::string& element : TRY(json_elements(json, where))) {
        Fields part = TRY(Fields::of(element, lar::format("{}[{}]", where, index++)));
        std::string type, text;
        part.read("type", type);
        if (type == "text") part.read("text", text);
        TRY_VOID(part.done());
        if (type == "text")
            message.content += text;
        else
            message.part_types.push_back(type.empty() ? "a part without a type" : type);
    }
    return {};
}

void read_messages(Fields& fields, std::vector<OpenAiMessage>& into) {
    fields.read_objects("messages", limit_chat_messages, [&](Fields& one) {
        OpenAiMessage& message = into.emplace_back();
        one.read("role", message.role)
            .read_with("content", [&](std::string_view content,
                                      std::string_view at) { return read_content(content, at, message); })
            .read("name", message.name);
        message.tool_calls = (one.has("tool_calls") && one.raw("tool_calls") != "[]") || one.has("function_call");
    });
}

// What completions and embeddings are made of: a text, texts, tokens, or lists of tokens.
Result<> read_input(std::string_view json, std::string_view where, std::vector<std::string>& texts,
                    std::vector<std::vector<Token>>& tokens) {
    if (kind_of(json) == JsonKind::string) return read_value(json, where, texts.emplace_back());
    constexpr std::string_view expected = "a string, an array of strings, or tokens";
    if (kind_of(json) != JsonKind::array) return wrong_type(where, expected, json);
    const std::vector<std::string> elements = TRY(json_elements(json, where));
    switch (elements.empty() ? JsonKind::string : kind_of(elements.front())) {
        case JsonKind::string: return read_value(json, where, texts);
        case JsonKind::number: return read_value(json, where, tokens.emplace_back());
        case JsonKind::array: return read_value(json, where, tokens);
        default: return wrong_type(lar::format("{}[0]", where), expected, elements.front());
    }
}

}  // namespace

Result<OpenAiChat> read_openai_chat(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OpenAiChat request;
    read_common(fields, request);
    read_messages(fields, request.messages);
    fields.read("max_tokens", request.max_tokens)
        .read("max_completion_tokens", request.max_tokens)
        .read("logprobs", request.logprobs)
        .read("top_logprobs", request.top_logprobs)
        .read("reasoning_effort", request.reasoning_effort);
    TRY_VOID(fields.done());
    return request;
}

Result<OpenAiCompletion> read_openai_completion(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OpenAiCompletion request;
    read_common(fields, request);
    fields
        .read_with("prompt",
                   [&](std::string_view prompt, std::string_view where) {
                       return read_input(prompt, where, request.prompts, request.tokens);
                   })
        .read("suffix", request.suffix)
        .read("max_tokens", request.max_tokens)
        .read("logprobs", request.logprobs)
        .read("echo", request.echo)
        .read("best_of", request.best_of);
    TRY_VOID(fields.done());
    return request;
}

Result<OpenAiEmbeddings> read_openai_embeddings(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OpenAiEmbeddings request;
    fields.read("model", request.model)
        .read_with("input",
                   [&](std::string_view input, std::string_view where) {
                       return read_input(input, where, request.texts, request.tokens);
                   })
        .read("dimensions", request.dimensions)
        .read("encoding_format", request.encoding_format);
    TRY_VOID(fields.done());
    return request;
}

}  // namespace lar::wire
