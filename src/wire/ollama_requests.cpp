#include <utility>

#include "base/format.h"
#include "wire/fields.h"
#include "wire/ollama.h"

namespace lar::wire {
namespace {

// `name` is what older clients call the model.
void read_model(Fields& fields, std::string& model) {
    fields.read("model", model);
    if (model.empty()) fields.read("name", model);
}

Result<> read_object(std::string_view json, std::string_view where, Json& into) {
    if (kind_of(json) != JsonKind::object) return wrong_type(where, "an object", json);
    into.text = json;
    return {};
}
auto object_into(Json& into) {
    return [&into](std::string_view json, std::string_view where) { return read_object(json, where, into); };
}

void read_common(Fields& fields, OllamaCommon& request) {
    read_model(fields, request.model);
    fields.read("stream", request.stream)
        .read("format", request.format)
        .read("keep_alive", request.keep_alive)
        .read_with("options", object_into(request.options))
        .read("think", request.think)
        .read("truncate", request.truncate)
        .read("shift", request.shift)
        .read("logprobs", request.logprobs)
        .read("top_logprobs", request.top_logprobs)
        .read("_debug_render_only", request.debug_render_only);
}

Result<> read_messages(std::string_view json, std::string_view where, std::vector<OllamaMessage>& into) {
    const std::vector<std::string> elements = TRY(json_elements(json, where));
    if (elements.size() > limit_chat_messages)
        return fail(Code::too_large,
                    lar::format("'{}' has {} messages, {} at most", where, elements.size(), limit_chat_messages));
    for (const std::string& element : elements) {
        Fields fields = TRY(Fields::of(element, lar::format("{}[{}]", where, into.size())));
        OllamaMessage message;
        fields.read("role", message.role)
            .read("content", message.content)
            .read("thinking", message.thinking)
            .read("images", message.images)
            .read("tool_calls", message.tool_calls)
            .read("tool_name", message.tool_name)
            .read("tool_call_id", message.tool_call_id);
        TRY_VOID(fields.done());
        into.push_back(std::move(message));
    }
    return {};
}
auto messages_into(std::vector<OllamaMessage>& into) {
    return [&into](std::string_view json, std::string_view where) { return read_messages(json, where, into); };
}

// A string, or a list of them.
Result<std::vector<std::string>> one_or_more(std::string_view json, std::string_view where) {
    std::vector<std::string> out;
    if (kind_of(json) == JsonKind::string) {
        TRY_VOID(read_value(json, where, out.emplace_back()));
        return out;
    }
    if (kind_of(json) != JsonKind::array) return wrong_type(where, "a string or an array of strings", json);
    TRY_VOID(read_value(json, where, out));
    return out;
}

auto names_into(std::map<std::string, std::string>& into) {
    return [&into](std::string_view json, std::string_view where) -> Result<> {
        const Fields fields = TRY(Fields::of(json, where));
        for (const Fields::Member& member : fields.members())
            TRY_VOID(read_value(member.json, fields.path_of(member.name), into[member.name]));
        return {};
    };
}

}  // namespace

Result<OllamaGenerate> read_ollama_generate(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaGenerate request;
    read_common(fields, request);
    fields.read("prompt", request.prompt)
        .read("suffix", request.suffix)
        .read("system", request.system)
        .read("template", request.tmpl)
        .read("context", request.context)
        .read("raw", request.raw)
        .read("images", request.images);
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaChat> read_ollama_chat(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaChat request;
    read_common(fields, request);
    fields.read_with("messages", messages_into(request.messages)).read("tools", request.tools);
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaEmbed> read_ollama_embed(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaEmbed request;
    read_model(fields, request.model);
    fields
        .read_with("input",
                   [&](std::string_view input, std::string_view where) -> Result<> {
                       request.input_is_list = kind_of(input) == JsonKind::array;
                       request.input = TRY(one_or_more(input, where));
                       return {};
                   })
        .read("truncate", request.truncate)
        .read("dimensions", request.dimensions)
        .read("keep_alive", request.keep_alive)
        .read_with("options", object_into(request.options));
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaEmbeddings> read_ollama_embeddings(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaEmbeddings request;
    read_model(fields, request.model);
    fields.read("prompt", request.prompt)
        .read("keep_alive", request.keep_alive)
        .read_with("options", object_into(request.options));
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaName> read_ollama_name(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaName request;
    read_model(fields, request.model);
    fields.read("verbose", request.verbose).read("stream", request.stream);
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaCopy> read_ollama_copy(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaCopy request;
    fields.read("source", request.source).read("destination", request.destination);
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaCreate> read_ollama_create(std::string_view json) {
    constexpr std::string_view others[] = {"renderer",    "parser", "requires",  "info",
                                           "remote_host", "draft",  "draft_from"};
    Fields fields = TRY(Fields::of(json));
    OllamaCreate request;
    read_model(fields, request.model);
    fields.read("from", request.from)
        .read_with("files", names_into(request.files))
        .read_with("adapters", names_into(request.adapters))
        .read("template", request.tmpl)
        .read("system", request.system)
        .read_with("license",
                   [&](std::string_view license, std::string_view where) -> Result<> {
                       request.license = TRY(one_or_more(license, where));
                       return {};
                   })
        .read_with("parameters", object_into(request.parameters))
        .read_with("messages", messages_into(request.messages))
        .read("quantize", request.quantize)
        .read("modelfile", request.modelfile)
        .read("base", request.base)
        .read("home", request.home)
        .read("copy", request.copy)
        .read("stream", request.stream);
    if (request.quantize.empty()) fields.read("quantization", request.quantize);
    TRY_VOID(fields.done());
    for (const std::string_view name : others)
        if (fields.has(name)) request.unsupported.emplace_back(name);
    return request;
}

}  // namespace lar::wire
