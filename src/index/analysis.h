// From text to the terms that search compares: the same for what is indexed and for what is asked.
//
// NFKC and case folding (utf8proc); words are runs of letters, digits and marks (apostrophes inside
// a word dropped); identifiers give their parts and their whole (`parseHttpHeader` → parse, http, header,
// parsehttpheader; `snake_case`, `v1.2`, paths likewise); CJK runs give bigrams; English words are
// stemmed (Snowball "english", Porter2) unless they hold a digit or came from an identifier's whole.
// Stop words (Lucene's English list) are not terms.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lar::index {

inline constexpr std::size_t limit_term_bytes = 64;  // longer words are cut: nobody types them

struct Token {
    std::string term;
    std::size_t first = 0, last = 0;  // byte span [first, last) in the text
    bool part = false;                // a part of an identifier whose whole is a term of its own
};

// Terms in order of appearance. Works on any bytes; ill-formed UTF-8 separates words.
std::vector<Token> analyse(std::string_view text);
// The terms alone joined by single spaces: what store::IndexedText holds.
std::string terms_of(std::string_view text);
bool is_stop_word(std::string_view folded_word);

}  // namespace lar::index
