#include "recall/misspelt.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "recall/everyday.h"
#include "recall/synonyms.h"
#include "recall/thesaurus.h"
#include "recall/unspaced.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

constexpr std::size_t least_letters = 5, long_letters = 10, most_letters = 24;
constexpr std::size_t right_letters = 2;     // at the beginning
constexpr std::uint64_t least_passages = 2;  // that hold what was meant

std::string_view mark_of_language(std::string_view term) { return term.substr(word_of_term(term).size()); }

bool is_spelt_by_letters(std::string_view word) {
    return std::ranges::none_of(word,
                                [](char c) { return static_cast<unsigned char>(c) < 0x80 && !(c >= 'a' && c <= 'z'); });
}

// Where letters are swapped the stemmer may leave an e that it takes otherwise. Nothing for what is too short or too
// long, or no word.
std::vector<char32_t> letters_of(std::string_view term) {
    std::string_view word = word_of_term(term);
    if (word.ends_with('e')) word.remove_suffix(1);
    std::vector<char32_t> letters;
    if (!is_spelt_by_letters(word)) return letters;
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) == 0x80 && !letters.empty())
            letters.back() = letters.back() << 6 | (byte & 0x3F);
        else
            letters.push_back(byte);
        if (letters.size() > most_letters) return {};
    }
    return letters;
}

// How many letters to leave out, put in, change or swap with their neighbours (optimal string alignment); more than
// `limit` is told as limit + 1.
std::size_t slips(const std::vector<char32_t>& a, const std::vector<char32_t>& b, std::size_t limit) {
    if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
    std::array<std::array<std::size_t, most_letters + 1>, 3> rows{};
    for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto &row = rows[i % 3], &before = rows[(i + 2) % 3], &before_that = rows[(i + 1) % 3];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({row[j - 1] + 1, before[j] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_that[j - 2] + 1);
        }
    }
    return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

bool is_known(std::string_view term) { return is_everyday(term) || is_in_thesaurus(term) || has_synonyms(term); }

bool is_a_word(std::string_view term) { return !letters_of(term).empty(); }

std::string_view beginning_of(std::string_view term) {
    const std::string_view word = word_of_term(term);
    std::size_t end = 0;
    for (std::size_t letters = 0; end < word.size(); ++end)
        if ((static_cast<unsigned char>(word[end]) & 0xC0) != 0x80 && ++letters > right_letters) break;
    return word.substr(0, end);
}

}  // namespace

bool may_be_misspelt(std::string_view term) {
    return letters_of(term).size() >= least_letters && !is_pair(term) && !is_known(term);
}

std::string meant_by(std::string_view term, const std::vector<index::HeldTerm>& held) {
    const std::vector<char32_t> said = letters_of(term);
    if (said.size() < least_letters) return {};
    std::size_t fewest = said.size() >= long_letters ? 2 : 1;
    const index::HeldTerm* best = nullptr;
    for (const index::HeldTerm& one : held) {
        if (one.passages < least_passages || one.term == term || mark_of_language(one.term) != mark_of_language(term))
            continue;
        const std::vector<char32_t> letters = letters_of(one.term);
        if (letters.empty()) continue;
        const std::size_t found = slips(said, letters, fewest);
        if (found > fewest || (best != nullptr && found == fewest && one.passages <= best->passages)) continue;
        fewest = found;
        best = &one;
    }
    return best == nullptr ? std::string() : best->term;
}

Result<std::string> meant_by(std::span<const std::string> forms, store::Reader& reader) {
    std::optional<std::string_view> walked;
    std::vector<index::HeldTerm> held;
    for (const std::string& form : forms) {
        const std::string_view beginning = beginning_of(form);
        if (walked != beginning) held = TRY(reader.terms_beginning(std::span(&beginning, 1), is_a_word));
        walked = beginning;
        std::string meant = meant_by(form, held);
        if (!meant.empty() && TRY(reader.document_frequencies(std::span(&meant, 1)))[0] >= least_passages) return meant;
    }
    return std::string();
}

}  // namespace lar::recall
