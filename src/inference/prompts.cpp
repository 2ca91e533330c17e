#include "inference/prompts.h"

#include "base/time.h"

namespace lar::inference {

Result<ChatTemplate> Prompts::parse(const std::string& source) const {
    return ChatTemplate::parse(source, weights_.vocabulary().beginning_text(), weights_.vocabulary().end_text());
}

Result<std::string> Prompts::render(const wire::ChatPrompt& prompt) {
    const Timestamp now{.us = SystemClock().now_us(), .offset_min = prompt.utc_offset_min.value_or(0)};
    if (!prompt.tmpl.empty()) {
        if (!other_ || other_->source() != prompt.tmpl) other_ = TRY(parse(prompt.tmpl));
        return other_->render(prompt, now);
    }
    if (!own_) {
        const std::string source = weights_.chat_template();
        if (source.empty())
            return fail(Code::invalid, "this model brings no chat template; send one, or a text as it stands");
        own_ = TRY(parse(source));
    }
    return own_->render(prompt, now);
}

Result<std::vector<Token>> Prompts::tokens_of(const wire::Prompt& prompt) {
    const Vocabulary& vocabulary = weights_.vocabulary();
    if (const auto* text = std::get_if<wire::TextPrompt>(&prompt)) return vocabulary.tokenize(*text);
    if (const auto* tokens = std::get_if<wire::TokenPrompt>(&prompt)) return tokens->tokens;
    if (const auto* infill = std::get_if<wire::InfillPrompt>(&prompt)) return vocabulary.infill(*infill);
    std::string text = TRY(render(std::get<wire::ChatPrompt>(prompt)));
    // The tokenizer adds the beginning itself, and twice is once too often.
    const std::string beginning = vocabulary.beginning_text();
    if (vocabulary.adds_beginning() && !beginning.empty() && text.starts_with(beginning))
        text.erase(0, beginning.size());
    return vocabulary.tokenize({.text = std::move(text)});
}

}  // namespace lar::inference
