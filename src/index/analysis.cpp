#include "index/analysis.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "index/words.h"

namespace lar::index {
namespace {

constexpr std::size_t limit_atoms = 8;                          // names joined by points into one whole
constexpr std::size_t limit_parts = 32;                         // parts of one name
constexpr std::size_t limit_plain_bytes = 32;                   // of a word that goes the short way
constexpr std::size_t limit_fold_bytes = 4 * limit_term_bytes;  // of a word, before it is cut
constexpr std::size_t limit_elided_bytes = 7;  // of what stands before an apostrophe: "dell'", "lorsqu'"

// English as Lucene's EnglishAnalyzer has it.
constexpr std::array<std::string_view, 33> stop_words = {
    "a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "if",
    "in",  "into",  "is",   "it",    "no",    "not",  "of",   "on",  "or",  "such", "that",
    "the", "their", "then", "there", "these", "they", "this", "to",  "was", "will", "with"};

struct Span {
    std::size_t first = 0, last = 0;
};

// A run of letters, digits and underscores, and where an identifier falls apart in it.
struct Atom {
    Span span;
    std::array<Span, limit_parts> parts;
    std::size_t part_count = 0;
    std::size_t code_points = 0;
    bool digits_only = true;
    bool too_many_parts = false;
};

bool is_word(Letter letter) {
    return letter == Letter::lower || letter == Letter::upper || letter == Letter::caseless ||
           letter == Letter::digit || letter == Letter::mark;
}
bool is_letter(Letter letter) {
    return letter == Letter::lower || letter == Letter::upper || letter == Letter::caseless;
}

bool is_small_letter(char c) { return c >= 'a' && c <= 'z'; }

// The first byte of a letter from U+00C0 to U+02FF.
bool begins_latin_letter(char c) {
    return static_cast<unsigned char>(c) >= 0xC3 && static_cast<unsigned char>(c) <= 0xCB;
}

// The apostrophe at text[at], typed or typographic: its bytes, or 0.
std::size_t apostrophe_at(std::string_view text, std::size_t at) {
    if (text[at] == '\'') return 1;
    if (text.substr(at).starts_with("\xE2\x80\x99")) return 3;
    return 0;
}

template <class Emit>
class Scanner {
public:
    Scanner(std::string_view text, Language language, WordTerms& words, ForeignTerms& foreign, Tally& tally, Emit emit)
        : text_(text),
          language_(language),
          latin_(language != Language::english && is_written_in(language, Script::latin)),
          words_(words),
          foreign_(foreign),
          tally_(tally),
          emit_(emit) {}

    void run() {
        while (at_ < text_.size()) {
            if (plain_word()) continue;
            const CodePoint point = code_point_at(text_, at_);
            if (point.letter == Letter::unspaced) {
                unspaced_run();
            } else if (is_word(point.letter)) {
                compound();
            } else {
                at_ += point.bytes;
            }
        }
    }

private:
    Letter letter_at(std::size_t at) const {
        return at < text_.size() ? code_point_at(text_, at).letter : Letter::none;
    }

    // The short way of most words of most texts: ASCII letters alone, of which only the first may be a capital, or all,
    // that nothing behind them makes a part of something longer. It gives what compound() would.
    bool plain_word() {
        std::array<char, limit_plain_bytes> lower;
        std::size_t size = 0, capitals = 0;
        for (; at_ + size < text_.size(); ++size) {
            const char c = text_[at_ + size];
            const bool capital = c >= 'A' && c <= 'Z';
            if (!capital && (c < 'a' || c > 'z')) break;
            if (size == limit_plain_bytes) return false;
            capitals += capital ? 1 : 0;
            if (capital && capitals != size + 1) return false;
            lower[size] = capital ? static_cast<char>(c + ('a' - 'A')) : c;
        }
        // One letter may be the C of C++, and capitals before small letters may be parts, or a plural (PDFs).
        if (size < 2 || (capitals > 1 && capitals != size) || !ends_plainly(at_ + size)) return false;
        std::string_view term = words_.term_of({lower.data(), size});
        tally_.add_ascii(words_.function_word());
        if (latin_) term = foreign_.term_of(language_, {lower.data(), size});
        if (!term.empty()) emit_(term, at_, at_ + size, false);
        at_ += size;
        return true;
    }
    // What stands behind letters neither belongs to them nor joins them with what follows.
    bool ends_plainly(std::size_t at) const {
        if (at == text_.size()) return true;
        const auto next = static_cast<unsigned char>(text_[at]);
        if (next >= 0x80 || next == '\'' || ascii_letters[next] != Letter::none) return false;
        if (next != '.' || at + 1 == text_.size()) return true;
        const auto after = static_cast<unsigned char>(text_[at + 1]);
        return after < 0x80 && ascii_letters[after] == Letter::none;
    }

    // Pairs of neighbouring letters, each with its marks; a letter alone is a term by itself.
    void unspaced_run() {
        Span before;
        std::size_t letters = 0;
        while (at_ < text_.size()) {
            CodePoint point = code_point_at(text_, at_);
            if (point.letter != Letter::unspaced) break;
            const std::size_t first = at_;
            do {
                at_ += point.bytes;
                point = at_ < text_.size() ? code_point_at(text_, at_) : CodePoint{};
            } while (point.letter == Letter::mark && at_ - first < limit_term_bytes);
            if (++letters > 1) emit_folded({before.first, at_}, false);
            before = {first, at_};
        }
        if (letters == 1) emit_folded(before, false);
        // Marks beyond the limit belong to nobody.
        while (letter_at(at_) == Letter::mark) at_ += code_point_at(text_, at_).bytes;
    }

    // Names joined by points (`store.open`, `v1.2`, `U.S`), or digits by commas (`10,000`).
    void compound() {
        atom_count_ = 0;
        read_atom();
        while (atom_count_ < limit_atoms && at_ + 1 < text_.size() && joins_next()) {
            ++at_;
            read_atom();
        }
        if (atom_count_ == 1) {
            emit_atom(atoms_[0], false);
        } else {
            emit_joined();
        }
    }

    bool joins_next() const {
        const Letter next = letter_at(at_ + 1);
        if (text_[at_] == '.') return is_letter(next) || next == Letter::digit;
        if (text_[at_] != ',' || next != Letter::digit || !atoms_[atom_count_ - 1].digits_only) return false;
        std::size_t digits = 0;
        while (digits < 4 && letter_at(at_ + 1 + digits) == Letter::digit) ++digits;
        return digits == 3 && !is_word(letter_at(at_ + 4));
    }

    void read_atom() {
        Atom& atom = atoms_[atom_count_++];
        atom = {};
        atom.span.first = at_;
        std::size_t part_first = at_;
        Letter before = Letter::none;
        const auto close_part = [&](std::size_t last) {
            if (last <= part_first) return;
            if (atom.part_count == limit_parts) {
                atom.too_many_parts = true;
            } else {
                atom.parts[atom.part_count++] = {part_first, last};
            }
        };
        while (at_ < text_.size()) {
            const CodePoint point = code_point_at(text_, at_);
            if (point.letter == Letter::underscore) {
                close_part(at_);
                part_first = at_ + 1;
            } else if (is_word(point.letter)) {
                if (point.letter == Letter::upper && begins_part(before, at_ + point.bytes)) {
                    close_part(at_);
                    part_first = at_;
                }
                if (point.letter != Letter::digit) atom.digits_only = false;
                if (point.letter != Letter::mark) ++atom.code_points;
            } else if (const std::size_t bytes = apostrophe_at(text_, at_);
                       bytes != 0 && is_word(before) && is_word(letter_at(at_ + bytes))) {
                at_ += bytes;
                continue;
            } else {
                break;
            }
            before = point.letter;
            at_ += point.bytes;
        }
        close_part(at_);
        atom.span.last = at_;
    }

    // Does the upper-case letter before `next` begin a part (`parse|Http`, `HTTP|Server`, but not `PDF|s`)?
    bool begins_part(Letter before, std::size_t next) const {
        if (before == Letter::lower) return true;
        if (before != Letter::upper && before != Letter::digit) return false;
        if (letter_at(next) != Letter::lower) return false;
        return text_[next] != 's' || is_word(letter_at(next + 1));
    }

    void emit_atom(const Atom& atom, bool part) {
        if (atom.part_count == 1 || atom.too_many_parts || atom.span.last - atom.span.first > limit_term_bytes) {
            const Span span = atom.part_count == 1 ? atom.parts[0] : atom.span;
            if (emit_sharp(atom) || (!part && emit_foreign(span))) return;
            emit_folded(span, part);
            return;
        }
        std::string whole;
        for (std::size_t i = 0; i < atom.part_count; ++i) {
            emit_folded(atom.parts[i], true);
            whole += folded_;
        }
        emit_term(whole, atom.span, part);
    }

    // C++, C# and F# are names of one letter that would be lost without their signs.
    bool emit_sharp(const Atom& atom) {
        if (atom.code_points != 1 || atom.span.last - atom.span.first != 1) return false;
        const std::string_view rest = text_.substr(atom.span.last);
        const char letter = text_[atom.span.first];
        if ((letter == 'c' || letter == 'C') && rest.starts_with("++")) {
            emit_("c++", atom.span.first, atom.span.last + 2, false);
            return true;
        }
        if ((letter == 'C' || letter == 'F') && rest.starts_with('#')) {
            emit_(letter == 'C' ? "c#" : "f#", atom.span.first, atom.span.last + 1, false);
            return true;
        }
        return false;
    }

    void emit_joined() {
        const auto atoms = std::span(atoms_).first(atom_count_);
        const bool acronym =
            std::ranges::all_of(atoms, [](const Atom& atom) { return atom.code_points == 1 && !atom.digits_only; });
        const bool number = std::ranges::all_of(atoms, &Atom::digits_only);
        const bool commas = text_[atoms[0].span.last] == ',';
        std::string whole;
        for (const Atom& atom : atoms) {
            if (!acronym && !number) emit_atom(atom, true);
            if (!whole.empty() && !acronym && !commas) whole += '.';
            for (std::size_t i = 0; i < atom.part_count; ++i) {
                fold_into(atom.parts[i]);
                whole += folded_;
            }
        }
        emit_term(whole, {atoms.front().span.first, atoms.back().span.last}, false);
    }

    void emit_folded(Span span, bool part) {
        fold_into(span);
        const FunctionWord function_word = emit_term(folded_, span, part);
        if (part || folded_.empty() || (folded_[0] >= '0' && folded_[0] <= '9')) return;
        if (std::ranges::all_of(folded_, is_small_letter))
            tally_.add_ascii(function_word);
        else
            tally_.add(folded_);
        if (std::ranges::any_of(text_.substr(span.first, span.last - span.first), begins_latin_letter))
            tally_.add_accented(text_.substr(span.first, span.last - span.first));
    }

    // A word of letters of the language's script, by its stemmer. Names with digits or in another script are what they
    // are in any text.
    bool emit_foreign(Span span) {
        if (language_ == Language::english) return false;
        const std::string_view word = without_elision(text_.substr(span.first, span.last - span.first));
        if (!is_written_in(language_, script_of(word))) return false;
        folded_.clear();
        const std::string folded = fold_keeping_accents(utf8_prefix(word, limit_fold_bytes));
        for (std::size_t i = 0; i < folded.size();) {
            const CodePoint point = code_point_at(folded, i);
            if (point.letter == Letter::digit || point.letter == Letter::unspaced) return false;
            if (is_word(point.letter)) folded_ += std::string_view(folded).substr(i, point.bytes);
            i += point.bytes;
        }
        tally_.add(folded_);
        const std::string_view term = foreign_.term_of(language_, utf8_prefix(folded_, limit_term_bytes));
        if (!term.empty()) emit_(term, span.first, span.last, false);
        return true;
    }

    // "l'eau" is eau, and in Turkish "Ankara'da" is Ankara.
    std::string_view without_elision(std::string_view word) const {
        for (const std::string_view apostrophe : {std::string_view("'"), std::string_view("\xE2\x80\x99")}) {
            const std::size_t at = word.find(apostrophe);
            if (at == std::string_view::npos) continue;
            if (language_ == Language::turkish) return word.substr(0, at);
            if ((language_ == Language::french || language_ == Language::italian || language_ == Language::catalan) &&
                at <= limit_elided_bytes)
                return word.substr(at + apostrophe.size());
        }
        return word;
    }

    // What folding leaves of the span's letters and digits: no apostrophes, nothing that a compatibility form brought
    // in.
    void fold_into(Span span) {
        folded_.clear();
        std::string_view word = text_.substr(span.first, span.last - span.first);
        drop_ending(word);
        bool plain = true;
        for (const char c : word.substr(0, limit_fold_bytes)) {
            if (static_cast<unsigned char>(c) >= 0x80) {
                plain = false;
                break;
            }
            if (c == '\'' || c == '_') continue;
            folded_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        }
        if (plain) return;
        folded_.clear();
        const std::string folded = fold(utf8_prefix(word, limit_fold_bytes));
        for (std::size_t i = 0; i < folded.size();) {
            const CodePoint point = code_point_at(folded, i);
            if (is_word(point.letter) || point.letter == Letter::unspaced)
                folded_ += std::string_view(folded).substr(i, point.bytes);
            i += point.bytes;
        }
    }

    // Takes off the 's of a genitive and the s of an acronym's plural (`PDFs`), which the stemmer does not know.
    static void drop_ending(std::string_view& word) {
        if (word.size() < 3 || (word.back() != 's' && word.back() != 'S')) return;
        const std::string_view stem = word.substr(0, word.size() - 1);
        if (word.back() == 's' && stem.back() >= 'A' && stem.back() <= 'Z') word = stem;
        for (const std::string_view apostrophe : {std::string_view("'"), std::string_view("\xE2\x80\x99")}) {
            if (!stem.ends_with(apostrophe)) continue;
            word = stem.substr(0, stem.size() - apostrophe.size());
            return;
        }
    }

    FunctionWord emit_term(std::string_view folded, Span span, bool part) {
        FunctionWord function_word = 0;
        if (folded.size() > limit_term_bytes) {
            folded = utf8_prefix(folded, limit_term_bytes);
        } else if (std::ranges::all_of(folded, is_small_letter)) {
            folded = words_.term_of(folded);
            function_word = words_.function_word();
        }
        if (!folded.empty()) emit_(folded, span.first, span.last, part);
        return function_word;
    }

    std::string_view text_;
    Language language_;
    bool latin_;  // a language other than English, in Latin letters
    WordTerms& words_;
    ForeignTerms& foreign_;
    Tally& tally_;
    Emit emit_;
    std::size_t at_ = 0;
    std::array<Atom, limit_atoms> atoms_;
    std::size_t atom_count_ = 0;
    std::string folded_;
};

template <class Emit>
void scan(std::string_view text, Language language, Tally& tally, Emit emit) {
    thread_local WordTerms words;
    thread_local ForeignTerms foreign;
    Scanner<Emit>(text, language, words, foreign, tally, emit).run();
}

std::vector<Token> tokens_of(std::string_view text, Language language, Tally& tally) {
    std::vector<Token> tokens;
    scan(text, language, tally, [&](std::string_view term, std::size_t first, std::size_t last, bool part) {
        tokens.push_back({std::string(term), first, last, part});
    });
    return tokens;
}

std::string terms_in(std::string_view text, Language language, Tally& tally) {
    std::string terms;
    terms.reserve(text.size());
    scan(text, language, tally, [&](std::string_view term, std::size_t, std::size_t, bool) {
        if (!terms.empty()) terms += ' ';
        terms += term;
    });
    return terms;
}

// A few words may not tell by themselves what those around them do.
Language language_of(Tally& tally, const Around& around) {
    std::optional<Language> told = tally.language();
    if (!told && tally.is_short()) {
        terms_in(around.context, Language::english, tally);
        terms_in(around.title, Language::english, tally);
        told = tally.language();
    }
    return told.value_or(Language::english);
}

}  // namespace

std::vector<Token> analyse(std::string_view text, Language language) {
    Tally tally;
    return tokens_of(text, language, tally);
}

std::string terms_of(std::string_view text, Language language) {
    Tally tally;
    return terms_in(text, language, tally);
}

PassageTokens analyse_passage(std::string_view text, const Around& around) {
    Tally tally;
    PassageTokens found{.language = Language::english, .tokens = tokens_of(text, Language::english, tally)};
    found.language = language_of(tally, around);
    if (found.language != Language::english) found.tokens = analyse(text, found.language);
    return found;
}

PassageTerms terms_of_passage(std::string_view text, const Around& around) {
    Tally tally;
    PassageTerms found{.language = Language::english, .terms = terms_in(text, Language::english, tally)};
    found.language = language_of(tally, around);
    if (found.language != Language::english) found.terms = marked_terms_of(text, found.language);
    return found;
}

Language language_of_passage(std::string_view text, const Around& around) {
    Tally tally;
    scan(text, Language::english, tally, [](std::string_view, std::size_t, std::size_t, bool) {});
    return language_of(tally, around);
}

std::string marked_terms_of(std::string_view text, Language language) {
    std::string terms = terms_of(text, language);
    if (language == Language::english) return terms;
    terms += terms.empty() ? "" : " ";
    return terms.append(foreign_mark).append(" ").append(mark_of(language));
}

Language language_of_question(std::string_view question, std::span<const Language> others) {
    if (others.empty()) return Language::english;
    Tally tally;
    terms_in(question, Language::english, tally);
    return tally.language_among(others);
}

std::vector<std::string> forms_of(const Token& token, std::string_view text, Language language,
                                  std::span<const Language> others) {
    std::vector<std::string> forms;
    if (token.part || others.empty()) return forms;
    const std::string_view word = text.substr(token.first, token.last - token.first);
    const auto add = [&](Language other) {
        if (other == language) return;
        std::vector<Token> tokens = analyse(word, other);
        // More than one are the parts of a name and the whole, and none is left of a function word.
        if (tokens.size() != 1 || tokens[0].term == token.term || std::ranges::contains(forms, tokens[0].term)) return;
        forms.push_back(std::move(tokens[0].term));
    };
    add(Language::english);
    for (const Language other : others) add(other);
    return forms;
}

std::string mark_of(Language language) { return std::string(foreign_mark).append(code_of(language)); }

bool is_stop_word(std::string_view folded_word) {
    return folded_word.size() <= 5 && std::ranges::find(stop_words, folded_word) != stop_words.end();
}

}  // namespace lar::index
