#include "models/details.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "models/sizes.h"

namespace lar::models {
namespace {

constexpr bool is_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// As a word of its own: "tools" in "if tools is defined", not in "builtin_tools".
bool has_word(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !is_identifier(text[at - 1])) && (end == text.size() || !is_identifier(text[end]))) return true;
    }
    return false;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return text.contains(part); });
}

}  // namespace

std::string_view to_string(Capability capability) {
    switch (capability) {
        case Capability::completion: return "completion";
        case Capability::embedding: return "embedding";
        case Capability::tools: return "tools";
        case Capability::insert: return "insert";
        case Capability::vision: return "vision";
        case Capability::thinking: return "thinking";
    }
    return "unknown";
}

std::string quantization_level(std::string_view quantization) {
    if (constexpr std::string_view guess = "(guessed) "; quantization.starts_with(guess))
        quantization.remove_prefix(guess.size());
    if (quantization == "all F32") return "F32";
    struct Size {
        std::string_view said, written;
    };
    constexpr std::array<Size, 3> sizes{{{" - Small", "_S"}, {" - Medium", "_M"}, {" - Large", "_L"}}};
    for (const Size& size : sizes) {
        if (!quantization.ends_with(size.said)) continue;
        const std::string_view base = quantization.substr(0, quantization.size() - size.said.size());
        // There is no Q2_K_M: the middle one is the plain name.
        return std::string(base) + std::string(base == "Q2_K" && size.written == "_M" ? "" : size.written);
    }
    if (quantization.starts_with("IQ3_S mix")) return "IQ3_M";
    // "IQ2_XXS - 2.0625 bpw", "MXFP4 MoE": the name is the first word.
    const std::string_view name = quantization.substr(0, quantization.find(' '));
    return name.empty() || name == "unknown," ? "unknown" : std::string(name);
}

Details details_of(const wire::Facts& facts, Projector projector) {
    Details out{.format = "gguf",
                .family = facts.architecture,
                .families = {facts.architecture},
                .parameter_size = human_count(facts.parameters),
                .quantization_level = quantization_level(facts.quantization),
                .context_tokens = facts.context_tokens,
                .embedding_length = facts.embedding_length};
    if (projector == Projector::there) out.families.emplace_back("clip");
    return out;
}

Details details_of(const wire::ModelConfig& config) {
    Details out{.format = config.model_format.value_or(""),
                .family = config.model_family.value_or(""),
                .parameter_size = config.model_type.value_or(""),
                .quantization_level = config.file_type.value_or("")};
    if (config.model_families) out.families = *config.model_families;
    return out;
}

TemplateLanguage language_of(std::string_view tmpl) {
    if (has_any(tmpl, {"{%", "{#"})) return TemplateLanguage::jinja;
    constexpr std::array<std::string_view, 9> keywords{"if",     "range",    "else",  "end",  "with",
                                                       "define", "template", "block", "slice"};
    for (std::size_t at = tmpl.find("{{"); at != std::string_view::npos; at = tmpl.find("{{", at + 2)) {
        std::string_view inside = tmpl.substr(at + 2);
        if (inside.starts_with('-')) inside.remove_prefix(1);
        inside = trim(inside.substr(0, inside.find("}}")));
        if (inside.starts_with('.') || inside.starts_with('$')) return TemplateLanguage::go;
        const auto* const end = std::ranges::find_if_not(inside, is_identifier);
        if (std::ranges::contains(keywords, std::string_view(inside.begin(), end))) return TemplateLanguage::go;
    }
    return TemplateLanguage::jinja;
}

std::string_view chat_template(std::string_view layer, const wire::Facts& facts) {
    if (!layer.empty() && language_of(layer) == TemplateLanguage::jinja) return layer;
    return facts.chat_template;
}

std::vector<Capability> capabilities_of(const wire::Facts& facts, std::string_view template_layer,
                                        Projector projector) {
    // A pooled model gives vectors and nothing else.
    if (!facts.pooling.empty()) return {Capability::embedding};
    std::vector<Capability> out{Capability::completion};
    const bool go = !template_layer.empty() && language_of(template_layer) == TemplateLanguage::go;
    const std::string_view rendered = chat_template(template_layer, facts);
    const auto in_either = [&](auto says, std::string_view in_go) {
        return says(rendered) || (go && has_word(template_layer, in_go));
    };
    if (in_either([](std::string_view text) { return has_word(text, "tools"); }, "Tools"))
        out.push_back(Capability::tools);
    if (facts.infill || (go && has_word(template_layer, "Suffix"))) out.push_back(Capability::insert);
    if (projector == Projector::there) out.push_back(Capability::vision);
    const auto thinks = [](std::string_view text) {
        return has_any(text, {"<think>", "enable_thinking", "reasoning_content", ".thinking"});
    };
    if (in_either(thinks, "Thinking")) out.push_back(Capability::thinking);
    return out;
}

}  // namespace lar::models
