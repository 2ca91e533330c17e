#include "inference/prompts.h"

namespace lar::inference {

Result<std::string> render(const Weights&, const wire::ChatPrompt&) {
    return fail(Code::unavailable, "this engine cannot render chat templates yet");
}

Result<std::vector<Token>> tokens_of(const Weights& weights, const wire::Prompt& prompt) {
    struct Visitor {
        const Weights& weights;
        Result<std::vector<Token>> operator()(const wire::TextPrompt& text) const {
            return weights.vocabulary().tokenize(text);
        }
        Result<std::vector<Token>> operator()(const wire::TokenPrompt& tokens) const { return tokens.tokens; }
        Result<std::vector<Token>> operator()(const wire::InfillPrompt& infill) const {
            return weights.vocabulary().infill(infill);
        }
        Result<std::vector<Token>> operator()(const wire::ChatPrompt& chat) const {
            std::string text = TRY(render(weights, chat));
            // The tokenizer adds the beginning itself, and twice is once too often.
            const std::string beginning = weights.vocabulary().beginning_text();
            if (weights.vocabulary().adds_beginning() && !beginning.empty() && text.starts_with(beginning))
                text.erase(0, beginning.size());
            return weights.vocabulary().tokenize({.text = std::move(text)});
        }
    };
    return std::visit(Visitor{weights}, prompt);
}

}  // namespace lar::inference
