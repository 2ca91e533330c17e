#include "index/words.h"

#include <libstemmer.h>
#include <utf8proc.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <vector>

#include "base/result.h"
#include "index/analysis.h"

namespace lar::index {
namespace {

// Thai, Lao, Myanmar, Khmer; kana, Han, Hangul. The signs among them that are not letters never get here.
bool is_unspaced(utf8proc_int32_t code) {
    return (code >= 0x0E00 && code <= 0x0EFF) || (code >= 0x1000 && code <= 0x109F) ||
           (code >= 0x1780 && code <= 0x17FF) || (code >= 0x1100 && code <= 0x11FF) ||
           (code >= 0x3005 && code <= 0x30FF) || (code >= 0x3130 && code <= 0x318F) ||
           (code >= 0x31F0 && code <= 0x31FF) || (code >= 0x3400 && code <= 0x4DBF) ||
           (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0xAC00 && code <= 0xD7AF) ||
           (code >= 0xF900 && code <= 0xFAFF) || (code >= 0xFF66 && code <= 0xFFDC) ||
           (code >= 0x20000 && code <= 0x3FFFF);
}

Letter letter_of(utf8proc_int32_t code) {
    switch (utf8proc_category(code)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LT: return Letter::upper;
        case UTF8PROC_CATEGORY_LL: return Letter::lower;
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO: return is_unspaced(code) ? Letter::unspaced : Letter::caseless;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME: return Letter::mark;
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO: return Letter::digit;
        default: return Letter::none;
    }
}

const utf8proc_uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool is_latin(utf8proc_int32_t code) { return code < 0x0250 || (code >= 0x1E00 && code <= 0x1EFF); }
bool is_accent(utf8proc_int32_t code) { return code >= 0x0300 && code <= 0x036F; }

enum class Accents : std::uint8_t { kept, dropped_on_latin };

std::string fold_as(std::string_view word, Accents accents) {
    constexpr auto decomposed =
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    constexpr auto composed = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    const auto size = static_cast<utf8proc_ssize_t>(word.size());
    const auto needed = utf8proc_decompose(bytes_of(word), size, nullptr, 0, decomposed);
    if (needed <= 0) return {};
    // One more than needed: reencoding ends its result with a zero.
    std::vector<utf8proc_int32_t> codes(static_cast<std::size_t>(needed) + 1);
    const auto got = utf8proc_decompose(bytes_of(word), size, codes.data(), needed, decomposed);
    ASSERT(got == needed);

    std::size_t kept = 0;
    utf8proc_int32_t base = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
        if (accents == Accents::dropped_on_latin && is_accent(codes[i]) && is_latin(base)) continue;
        if (codes[i] == 0x0307 && base == 'i') continue;  // what folding leaves of the Turkish capital
        if (!is_accent(codes[i])) base = codes[i];
        codes[kept++] = codes[i];
    }
    const auto bytes = utf8proc_reencode(codes.data(), static_cast<utf8proc_ssize_t>(kept), composed);
    if (bytes <= 0) return {};
    return {reinterpret_cast<const char*>(codes.data()), static_cast<std::size_t>(bytes)};
}

bool is_greek(utf8proc_int32_t code) {
    return (code >= 0x0370 && code <= 0x03FF) || (code >= 0x1F00 && code <= 0x1FFF);
}

// What people type who have no key for it.
std::string_view plain_letter(utf8proc_int32_t code) {
    switch (code) {
        case 0x00E6: return "ae";
        case 0x00F0: return "d";
        case 0x00F8: return "o";
        case 0x00FE: return "th";
        case 0x0111: return "d";
        case 0x0131: return "i";
        case 0x0142: return "l";
        case 0x0153: return "oe";
        case 0x0451: return "\u0435";  // Russian yo
        default: return {};
    }
}

// Of a stem: whoever asks may have left the accents out.
std::string without_accents(std::string_view stem) {
    std::string plain;
    for (std::size_t at = 0; at < stem.size();) {
        utf8proc_int32_t code = -1;
        const auto bytes =
            utf8proc_iterate(bytes_of(stem) + at, static_cast<utf8proc_ssize_t>(stem.size() - at), &code);
        // A stemmer may cut within a letter only if it was given what is no text.
        if (bytes <= 0) break;
        const std::string_view letter = stem.substr(at, static_cast<std::size_t>(bytes));
        at += static_cast<std::size_t>(bytes);
        if (is_accent(code)) continue;
        if (code < 0x80) {
            plain += letter;
        } else if (const std::string_view typed = plain_letter(code); !typed.empty()) {
            plain += typed;
        } else if (is_latin(code) || is_greek(code)) {
            std::array<utf8proc_int32_t, 8> codes{};
            const auto parts = utf8proc_decompose_char(code, codes.data(), codes.size(), UTF8PROC_DECOMPOSE, nullptr);
            std::array<utf8proc_uint8_t, 4> encoded{};
            const auto size = utf8proc_encode_char(parts > 0 ? codes[0] : code, encoded.data());
            plain.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
        } else {
            plain += letter;
        }
    }
    return plain;
}

}  // namespace

CodePoint code_point_beyond_ascii(std::string_view text, std::size_t at) {
    utf8proc_int32_t code = -1;
    const auto bytes = utf8proc_iterate(bytes_of(text) + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    if (bytes <= 0) return {Letter::none, 1};
    return {letter_of(code), static_cast<std::uint8_t>(bytes)};
}

std::string fold(std::string_view word) { return fold_as(word, Accents::dropped_on_latin); }
std::string fold_keeping_accents(std::string_view word) { return fold_as(word, Accents::kept); }

WordTerms::WordTerms()
    : stemmer_(sb_stemmer_new("english", "UTF_8")), kept_(std::make_unique<std::array<Kept, kept_words>>()) {
    ASSERT(stemmer_ != nullptr);
}

WordTerms::~WordTerms() { sb_stemmer_delete(stemmer_); }

std::string_view WordTerms::stem(std::string_view word) {
    if (word.size() < 3) return word;
    const auto* stem = sb_stemmer_stem(stemmer_, bytes_of(word), static_cast<int>(word.size()));
    return {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer_))};
}

// The upper bits of a product: what all bits of the word have gone into.
std::size_t WordTerms::place_of(const Key& key) {
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t mixed = 0;
    for (const std::uint64_t part : key) mixed = (mixed ^ (mixed >> 29) ^ part) * odd;
    return mixed >> (64 - std::bit_width(kept_words - 1));
}

std::string_view WordTerms::term_of(std::string_view word) {
    function_word_ = 0;
    if (word.empty()) return {};
    if (word.size() > limit_kept_bytes) return stem(word);
    Key key{};
    std::memcpy(key.data(), word.data(), word.size());
    Kept& kept = (*kept_)[place_of(key)];
    if (kept.word != key) {
        const std::string_view term = is_stop_word(word) ? std::string_view() : stem(word);
        // Porter2 never makes a word longer than it was, but for an e that takes the place of what it cut.
        ASSERT(term.size() <= limit_kept_bytes);
        kept.word = key;
        std::ranges::copy(term, kept.term.begin());
        kept.term_bytes = static_cast<std::uint8_t>(term.size());
        kept.function_word = index::function_word(word);
    }
    function_word_ = kept.function_word;
    return {kept.term.data(), kept.term_bytes};
}

void ForeignTerms::Delete::operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }

std::string ForeignTerms::make(Language language, std::string_view word) {
    if (is_function_word(language, fold(word))) return {};
    auto& stemmer = stemmers_[static_cast<std::size_t>(language)];
    if (!stemmer) stemmer.reset(sb_stemmer_new(stemmer_of(language), "UTF_8"));
    ASSERT(stemmer != nullptr);
    const auto* const stem = sb_stemmer_stem(stemmer.get(), bytes_of(word), static_cast<int>(word.size()));
    const auto size = static_cast<std::size_t>(sb_stemmer_length(stemmer.get()));
    std::string term = without_accents({reinterpret_cast<const char*>(stem), size});
    return term.empty() ? term : term.append("~").append(code_of(language));
}

std::string_view ForeignTerms::term_of(Language language, std::string_view word) {
    if (kept_.empty()) kept_.resize(kept_words);
    Kept& kept = kept_[std::hash<std::string_view>()(word) % kept_words];
    if (kept.language != language || kept.word != word) {
        kept.term = make(language, word);
        kept.word = word;
        kept.language = language;
    }
    return kept.term;
}

}  // namespace lar::index
