#include "inference/vocabulary.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "inference/library.h"

namespace lar::inference {
namespace {

std::string text_of(const llama_vocab* vocabulary, Token token) {
    const char* text = token == LLAMA_TOKEN_NULL ? nullptr : llama_vocab_get_text(vocabulary, token);
    return text ? text : "";
}

}  // namespace

Vocabulary::Vocabulary(const llama_vocab* vocabulary)
    : vocabulary_(vocabulary), size_(static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary))) {
    for (Token token = 0; holds(token); ++token)
        if (llama_vocab_is_eog(vocabulary, token)) ends_.push_back(token);
}

Result<std::vector<Token>> Vocabulary::tokenize(const wire::TextPrompt& prompt) const {
    // A token for each byte and the special ones is the most that comes of any text; it is told when that is too few.
    std::vector<Token> tokens(prompt.text.size() + 8);
    const auto fill = [&] {
        return llama_tokenize(vocabulary_, prompt.text.data(), static_cast<std::int32_t>(prompt.text.size()),
                              tokens.data(), static_cast<std::int32_t>(tokens.size()), prompt.add_special,
                              prompt.parse_special);
    };
    std::int32_t count = TRY(guarded("the text cannot be tokenized", fill));
    if (count < 0 && count != INT32_MIN) {
        tokens.resize(static_cast<std::size_t>(-count));
        count = TRY(guarded("the text cannot be tokenized", fill));
    }
    if (count < 0) return fail(Code::too_large, "the text has too many tokens");
    tokens.resize(static_cast<std::size_t>(count));
    return tokens;
}

Result<std::vector<Token>> Vocabulary::infill(const wire::InfillPrompt& prompt) const {
    const Token before = llama_vocab_fim_pre(vocabulary_);
    const Token after = llama_vocab_fim_suf(vocabulary_);
    const Token middle = llama_vocab_fim_mid(vocabulary_);
    if (before == LLAMA_TOKEN_NULL || after == LLAMA_TOKEN_NULL || middle == LLAMA_TOKEN_NULL)
        return fail(Code::invalid, "this model has no tokens for filling a gap; choose one that was trained to insert");
    std::vector<Token> tokens;
    if (adds_beginning()) tokens.push_back(llama_vocab_bos(vocabulary_));
    for (const auto& [mark, text] : {std::pair(before, &prompt.before), std::pair(after, &prompt.after)}) {
        tokens.push_back(mark);
        // What stands in the file is text, whatever it spells.
        const std::vector<Token> part = TRY(tokenize({.text = *text, .add_special = false, .parse_special = false}));
        tokens.insert(tokens.end(), part.begin(), part.end());
    }
    tokens.push_back(middle);
    return tokens;
}

std::string Vocabulary::piece(Token token, Special special) const {
    if (!holds(token)) return "";
    std::array<char, 64> small{};
    const bool spelled = special == Special::is_spelled_out;
    const std::int32_t size = llama_token_to_piece(vocabulary_, token, small.data(), small.size(), 0, spelled);
    if (size >= 0) return {small.data(), static_cast<std::size_t>(size)};
    std::string text(static_cast<std::size_t>(-size), '\0');
    llama_token_to_piece(vocabulary_, token, text.data(), -size, 0, spelled);
    return text;
}

Result<std::string> Vocabulary::detokenize(std::span<const Token> tokens, Special special) const {
    if (!std::ranges::all_of(tokens, [&](Token token) { return holds(token); }))
        return fail(Code::invalid, "a token is not in this model's vocabulary");
    std::string text(tokens.size() * 8 + 64, '\0');
    const auto fill = [&] {
        return llama_detokenize(vocabulary_, tokens.data(), static_cast<std::int32_t>(tokens.size()), text.data(),
                                static_cast<std::int32_t>(text.size()), false, special == Special::is_spelled_out);
    };
    std::int32_t size = TRY(guarded("the tokens cannot be turned into text", fill));
    if (size < 0) {
        text.resize(static_cast<std::size_t>(-size));
        size = TRY(guarded("the tokens cannot be turned into text", fill));
    }
    text.resize(static_cast<std::size_t>(std::max(size, 0)));
    return to_utf8_lossy(text);
}

bool Vocabulary::is_end(Token token) const { return std::ranges::binary_search(ends_, token); }
std::string Vocabulary::beginning_text() const { return text_of(vocabulary_, llama_vocab_bos(vocabulary_)); }
std::string Vocabulary::end_text() const { return text_of(vocabulary_, llama_vocab_eos(vocabulary_)); }
bool Vocabulary::adds_beginning() const {
    return llama_vocab_get_add_bos(vocabulary_) && llama_vocab_bos(vocabulary_) != LLAMA_TOKEN_NULL;
}

}  // namespace lar::inference
