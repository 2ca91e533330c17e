#include "recall/misspelt.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "recall/everyday.h"
#include "recall/synonyms.h"
#include "recall/thesaurus.h"
#include "recall/unspaced.h"

namespace lar::recall {
namespace {

constexpr std::size_t least_letters = 5, long_letters = 8, most_letters = 24;
constexpr std::size_t right_letters = 2;     // at the beginning
constexpr std::uint64_t least_passages = 2;  // that hold what was meant

std::vector<char32_t> letters_of(std::string_view text) {
    std::vector<char32_t> letters;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) == 0x80 && !letters.empty())
            letters.back() = letters.back() << 6 | (byte & 0x3F);
        else
            letters.push_back(byte);
    }
    return letters;
}

// Without the mark of its language.
std::string_view word_of(std::string_view term) { return term.substr(0, term.find('~')); }

// Where letters are swapped the stemmer may leave an e that it takes otherwise.
std::vector<char32_t> compared(std::string_view term) {
    const std::string_view word = word_of(term);
    std::vector<char32_t> letters = letters_of(word.ends_with('e') ? word.substr(0, word.size() - 1) : word);
    letters.append_range(letters_of(term.substr(word.size())));
    return letters;
}

// How many letters to leave out, put in, change or swap with their neighbours (optimal string alignment); more than
// `limit` is told as limit + 1.
std::size_t slips(const std::vector<char32_t>& a, const std::vector<char32_t>& b, std::size_t limit) {
    if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
    std::array<std::array<std::size_t, most_letters + 4>, 3> rows{};
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

bool is_spelt_by_letters(std::string_view term) {
    return std::ranges::none_of(
        term, [](char c) { return static_cast<unsigned char>(c) < 0x80 && !(c >= 'a' && c <= 'z') && c != '~'; });
}

bool is_known(std::string_view term) {
    return is_everyday(term) || is_in_thesaurus(term) || !synonyms_in_language(term).empty();
}

}  // namespace

std::string meant_by(std::string_view term, const std::vector<index::HeldTerm>& held) {
    const auto said = compared(term);
    const std::size_t length = letters_of(word_of(term)).size();
    if (length < least_letters || said.size() > most_letters) return {};
    std::size_t fewest = length >= long_letters ? 2 : 1;
    const index::HeldTerm* best = nullptr;
    for (const index::HeldTerm& one : held) {
        if (one.passages < least_passages || one.term == term || one.term.size() > term.size() + 8) continue;
        const auto letters = compared(one.term);
        if (letters.size() > most_letters + 2) continue;
        const std::size_t found = slips(said, letters, fewest);
        if (found > fewest || (best != nullptr && found == fewest && one.passages <= best->passages)) continue;
        fewest = found;
        best = &one;
    }
    return best == nullptr ? std::string() : best->term;
}

Result<std::string> meant_by(std::string_view term, store::Reader& reader) {
    if (is_pair(term) || !is_spelt_by_letters(term) || is_known(term)) return std::string();
    const std::string_view word = word_of(term);
    std::size_t beginning = 0;
    for (std::size_t letters = 0; beginning < word.size(); ++beginning)
        if ((static_cast<unsigned char>(word[beginning]) & 0xC0) != 0x80 && ++letters > right_letters) break;
    if (letters_of(word).size() < least_letters) return std::string();
    return meant_by(term, TRY(reader.terms_beginning(word.substr(0, beginning))));
}

}  // namespace lar::recall
