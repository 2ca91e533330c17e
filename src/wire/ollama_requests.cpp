#include <utility>

#include "wire/fields.h"
#include "wire/ollama.h"

namespace lar::wire {
namespace {

// `name` is what older clients call the model.
void read_model(Fields& fields, std::string& model) {
    fields.read("model", model);
    if (model.empty()) fields.read("name", model);
}

void read_common(Fields& fields, OllamaCommon& request) {
    read_model(fields, request.model);
    fields.read("stream", request.stream)
        .read("format", request.format)
        .read("keep_alive", request.keep_alive)
        .read_object("options", request.options)
        .read("think", request.think)
        .read("truncate", request.truncate)
        .read("shift", request.shift)
        .read("logprobs", request.logprobs)
        .read("top_logprobs", request.top_logprobs)
        .read("_debug_render_only", request.debug_render_only);
}

void read_messages(Fields& fields, std::vector<OllamaMessage>& into) {
    fields.read_objects("messages", limit_chat_messages, [&](Fields& one) {
        OllamaMessage& message = into.emplace_back();
        one.read("role", message.role)
            .read("content", message.content)
            .read("thinking", message.thinking)
            .read("images", message.images)
            .read("tool_calls", message.tool_calls)
            .read("tool_name", message.tool_name)
            .read("tool_call_id", message.tool_call_id);
    });
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
    fields.read("tools", request.tools);
    read_messages(fields, request.messages);
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaEmbed> read_ollama_embed(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaEmbed request;
    read_model(fields, request.model);
    request.input_is_list = kind_of(fields.raw("input")) == JsonKind::array;
    if (fields.has("input")) fields.read_texts("input", request.input.emplace());
    fields.read("truncate", request.truncate)
        .read("dimensions", request.dimensions)
        .read("keep_alive", request.keep_alive)
        .read_object("options", request.options);
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaEmbeddings> read_ollama_embeddings(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaEmbeddings request;
    read_model(fields, request.model);
    fields.read("prompt", request.prompt)
        .read("keep_alive", request.keep_alive)
        .read_object("options", request.options);
    TRY_VOID(fields.done());
    return request;
}

Result<OllamaName> read_ollama_name(std::string_view json) {
    Fields fields = TRY(Fields::of(json));
    OllamaName request;
    read_model(fields, request.model);
    fields.read("verbose", request.verbose).read("insecure", request.insecure).read("stream", request.stream);
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
        .read_texts("license", request.license)
        .read_object("parameters", request.parameters)
        .read("quantize", request.quantize)
        .read("modelfile", request.modelfile)
        .read("base", request.base)
        .read("home", request.home)
        .read("copy", request.copy)
        .read("stream", request.stream);
    read_messages(fields, request.messages);
    if (request.quantize.empty()) fields.read("quantization", request.quantize);
    TRY_VOID(fields.done());
    for (const std::string_view name : others)
        if (fields.has(name)) request.unsupported.emplace_back(name);
    return request;
}

}  // namespace lar::wire
