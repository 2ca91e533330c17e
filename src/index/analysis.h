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
// A passage in another language (language.h) gives terms by that language's stemmer, each with the language behind it:
// "Häuser" is haus~de, so that nothing is confused with words of English and of code, of which such passages have their
// plain terms: identifiers, names with digits, words in another script. What language a passage is in is told from its
// text, and where that is short from its heading and title as well: everybody who has these gets the same terms. Its
// terms end with two marks, `~` and `~de`, by which the index knows which languages there are. A question is asked in
// all of them: analyse() it in each.
//
// Any bytes are accepted; ill-formed UTF-8 separates words. No term holds a space.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/language.h"

namespace lar::index {

inline constexpr std::size_t limit_term_bytes = 64;  // longer words are cut: nobody types them

struct Token {
    std::string term;
    std::size_t first = 0, last = 0;  // byte span [first, last) in the text
    bool part = false;                // a part of an identifier whose whole is a term of its own
};

// Terms in order of appearance, the whole of an identifier after its parts.
std::vector<Token> analyse(std::string_view text, Language language = Language::english);
// The terms alone joined by single spaces: what store::IndexedText holds.
std::string terms_of(std::string_view text, Language language = Language::english);

// What a passage stands under.
struct Around {
    std::string_view context, title;
};
struct PassageTokens {
    Language language = Language::english;
    std::vector<Token> tokens;
};
PassageTokens analyse_passage(std::string_view text, const Around& around);
struct PassageTerms {
    Language language = Language::english;
    std::string terms;  // with the marks
};
PassageTerms terms_of_passage(std::string_view text, const Around& around);
Language language_of_passage(std::string_view text, const Around& around);
// Terms with the marks of the language, for a body that is not the passage's text to the letter.
std::string marked_terms_of(std::string_view text, Language language);

// Of a question to a collection that has these besides English.
Language language_of_question(std::string_view question, std::span<const Language> others);
// What a word of `text` is in English and in each of the others, where that is another term than the token's own, which
// is in `language`. Parts of identifiers are the same in all.
std::vector<std::string> forms_of(const Token& token, std::string_view text, Language language,
                                  std::span<const Language> others);

// A term of every passage that is not in English, and of every passage in that language.
inline constexpr std::string_view foreign_mark = "~";
std::string mark_of(Language language);

bool is_stop_word(std::string_view folded_word);

}  // namespace lar::index
