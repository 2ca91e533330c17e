// A model's vocabulary: text to tokens and back. Tokens are bytes; only TextStream makes characters of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/engine.h"

struct llama_vocab;

namespace lar::inference {

using wire::Token;

class Vocabulary {
public:
    explicit Vocabulary(const llama_vocab* vocabulary);

    std::size_t size() const { return size_; }
    bool holds(Token token) const { return token >= 0 && static_cast<std::size_t>(token) < size_; }

    Result<std::vector<Token>> tokenize(const wire::TextPrompt& prompt) const;
    // By the model's own infill tokens; invalid when it has none.
    Result<std::vector<Token>> infill(const wire::InfillPrompt& prompt) const;
    enum class Special { is_spelled_out, is_silent };
    std::string piece(Token token, Special special) const;
    Result<std::string> detokenize(std::span<const Token> tokens, Special special) const;

    bool is_end(Token token) const;
    const std::vector<Token>& ends() const { return ends_; }
    // What templates call bos_token and eos_token; empty where the model has none.
    std::string beginning_text() const;
    std::string end_text() const;
    bool adds_beginning() const;

    const llama_vocab* handle() const { return vocabulary_; }

private:
    const llama_vocab* vocabulary_;
    std::size_t size_ = 0;
    std::vector<Token> ends_;  // sorted
};

}  // namespace lar::inference
