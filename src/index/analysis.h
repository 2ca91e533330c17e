// From text to the terms that search compares: the same for what is indexed and for what is asked.
//
// NFKC and case folding (utf8proc), accents on Latin letters dropped; words are runs of letters, digits
// and marks (an apostrophe inside a word is dropped, with the s of a genitive). Identifiers give their
// parts and their whole: `parseHttpHeader` and `parse_http_header` are parse, http, header and
// parsehttpheader; `store.open` is store, open and store.open; a path gives its folders, and its last
// name as such. Acronyms with points give the whole alone (`U.S.` is us), numbers too (`3.14`). Scripts
// written without spaces give pairs of letters. English is stemmed (Snowball "english", Porter2) where a
// term is letters only. Stop words (Lucene's English list) are not terms.
//
// Any bytes are accepted; ill-formed UTF-8 separates words. No term holds a space.
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

// Terms in order of appearance, the whole of an identifier after its parts.
std::vector<Token> analyse(std::string_view text);
// The terms alone joined by single spaces: what store::IndexedText holds.
std::string terms_of(std::string_view text);
bool is_stop_word(std::string_view folded_word);

}  // namespace lar::index
