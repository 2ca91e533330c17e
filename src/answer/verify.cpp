#include "answer/verify.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "answer/quoting.h"
#include "answer/sentences.h"
#include "base/text.h"
#include "index/analysis.h"
#include "recall/everyday.h"
#include "recall/synonyms.h"
#include "recall/thesaurus.h"
#include "recall/unspaced.h"

namespace lar::answer {
namespace {

constexpr double least_held_where_cited = 0.5;
constexpr double least_held_elsewhere = 0.7;        // without the model's word for it
constexpr double least_share_of_a_citation = 0.25;  // of what all the cited hold together
constexpr double everyday_share = 0.5;
constexpr double grammar_share = 0.02;  // what a pair of letters that is grammar tells (recall/unspaced.h)
constexpr double synonym_share = 0.8;
constexpr std::size_t least_terms_elsewhere = 3;
constexpr std::size_t least_quoted_bytes = 16;
constexpr std::size_t least_literal_bytes = 3;
constexpr std::size_t limit_claim_terms = 400;

bool is_letter(char c) { return is_upper(c) || is_lower(c) || static_cast<unsigned char>(c) >= 0x80; }

// Words about passages rather than about what they say; stems.
constexpr auto reporting_words = std::to_array<std::string_view>(
    {"passag",   "accord", "state",  "mention", "describ", "say",    "said",  "explain", "note",
     "follow",   "mean",   "also",   "text",    "provid",  "specif", "indic", "thi",     "which",
     "therefor", "howev",  "becaus", "thus",    "so",      "can",    "use"});

struct Numeral {
    std::string_view word;
    int value;
};
// "one" is rarely a number.
constexpr auto numerals = std::to_array<Numeral>(
    {{"zero", 0},      {"two", 2},       {"three", 3},    {"four", 4},     {"five", 5},       {"six", 6},
     {"seven", 7},     {"eight", 8},     {"nine", 9},     {"ten", 10},     {"eleven", 11},    {"twelve", 12},
     {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18},
     {"nineteen", 19}, {"twenty", 20},   {"thirty", 30},  {"forty", 40},   {"fifty", 50},     {"sixty", 60},
     {"seventy", 70},  {"eighty", 80},   {"ninety", 90}});

std::optional<int> numeral(std::string_view word) {
    const auto found = std::ranges::find(numerals, word, &Numeral::word);
    return found == numerals.end() ? std::nullopt : std::optional(found->value);
}

// Lower case, every run of blanks one space.
std::string folded(std::string_view text) {
    std::string out;
    for (const char c : to_lower_ascii(text)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    return std::string(trim(out));
}

// "2026-11-20", "3.14", "10,000" as 10000, "seven" as 7, "twenty-five" as 25.
std::vector<std::string> numbers_in(std::string_view text) {
    std::vector<std::string> numbers;
    int tens = 0;  // that a unit may follow
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        if (is_digit(text[at])) {
            std::string number;
            for (; end < text.size(); ++end) {
                const bool inner = (text[end] == '.' || text[end] == ',' || text[end] == ':') &&
                                   end + 1 < text.size() && is_digit(text[end + 1]);
                if (!is_digit(text[end]) && !inner) break;
                if (text[end] != ',') number += text[end];
            }
            // Digits of a name ("utf8", "sha256") are looked for with the name.
            if (at == 0 || !is_letter(text[at - 1])) numbers.push_back(std::move(number));
            tens = 0;
        } else if (is_letter(text[at])) {
            while (end < text.size() && is_letter(text[end])) ++end;
            const auto value = numeral(to_lower_ascii(text.substr(at, end - at)));
            if (value && tens > 0 && *value < 10)
                numbers.back() = std::to_string(tens + *value);
            else if (value)
                numbers.push_back(std::to_string(*value));
            tens = value && *value >= 20 ? *value : 0;
        } else {
            if (text[at] != '-' && text[at] != ' ') tens = 0;
            ++end;
        }
        at = end;
    }
    return numbers;
}

// A name as programs have them: parts joined by '_', "::", an inner capital or an inner point; "--flag".
bool is_name(std::string_view word) {
    if (word.size() < least_literal_bytes) return false;
    if (word.contains('_') || word.contains("::")) return true;
    if (word.starts_with("--") && is_letter(word[2])) return true;
    for (std::size_t i = 1; i + 1 < word.size(); ++i) {
        if (is_lower(word[i - 1]) && is_upper(word[i])) return true;
        // "e.g" is none, and "end.Next" is two words without their space.
        if (word[i] == '.' && i > 1 && is_letter(word[i - 1]) && is_lower(word[i + 1])) return true;
    }
    return false;
}

void add_literal(std::vector<std::string>& literals, std::string_view text) {
    std::string literal = folded(text);
    if (literal.size() >= least_literal_bytes) literals.push_back(std::move(literal));
}

// What stands between a pair of signs, each; `least` keeps apostrophes and words in scare quotes out.
void add_between(std::vector<std::string>& literals, std::string_view text, std::string_view open,
                 std::string_view close) {
    for (std::size_t at = text.find(open); at != std::string_view::npos;) {
        const std::size_t first = at + open.size(), last = text.find(close, first);
        if (last == std::string_view::npos) return;
        add_literal(literals, text.substr(first, last - first));
        at = text.find(open, last + close.size());
    }
}

std::vector<std::string> literals_in(std::string_view text) {
    std::vector<std::string> literals;
    if (text.starts_with("```") || text.starts_with("~~~")) {
        // A block is held line by line.
        for (const std::string_view line : split_lines(text))
            if (!trim(line).starts_with("```") && !trim(line).starts_with("~~~")) add_literal(literals, trim(line));
        return literals;
    }
    add_between(literals, text, "`", "`");
    add_between(literals, text, "\"", "\"");
    add_between(literals, text, "“", "”");
    constexpr std::string_view edges = "()[]{}.,;:!?\"'`*<>";
    for (std::string_view word : split(text, ' ')) {
        while (!word.empty() && edges.contains(word.front())) word.remove_prefix(1);
        while (!word.empty() && edges.contains(word.back())) word.remove_suffix(1);
        if (is_name(word)) add_literal(literals, word);
    }
    return literals;
}

// What stands for a word in its language, and for its forms in theirs.
std::vector<std::string> others_of(std::string_view word, const std::vector<std::string>& forms) {
    std::vector<std::string> others = recall::synonyms_of(word);
    const auto add = [&](std::string_view term) {
        for (recall::Synonym& synonym : recall::synonyms_in_language(term)) others.push_back(std::move(synonym.term));
    };
    add(word);
    for (const std::string& form : forms) add(form);
    return others;
}

}  // namespace

std::string_view to_string(Support support) {
    switch (support) {
        case Support::quoted: return "quoted";
        case Support::supported: return "supported";
        case Support::unsupported: return "unsupported";
        case Support::unchecked: return "unchecked";
    }
    return "unsupported";
}

Verifier::Verifier(const std::vector<std::string>& passages, store::Reader& reader) : reader_(reader) {
    for (const std::string& text : passages) {
        Passage passage{.text = folded(text)};
        auto [language, tokens] = index::analyse_passage(text, {});
        for (index::Token& token : tokens) passage.terms.insert(std::move(token.term));
        if (language != index::Language::english && !std::ranges::contains(languages_, language))
            languages_.push_back(language);
        for (std::string& number : numbers_in(text)) passage.numbers.insert(std::move(number));
        passages_.push_back(std::move(passage));
    }
}

Verifier::Claim Verifier::claim_of(std::string_view sentence) const {
    if (const auto item = list_item(sentence)) sentence = *item;
    Claim claim{.numbers = numbers_in(sentence), .literals = literals_in(sentence), .text = folded(sentence)};
    const index::Language language = index::language_of_question(sentence, languages_);
    for (const index::Token& token : index::analyse(sentence, language)) {
        // The whole of a name is among the literals; its parts are its words.
        const bool counts = !std::ranges::contains(reporting_words, std::string_view(token.term));
        if (counts && claim.words.size() < limit_claim_terms &&
            !std::ranges::contains(claim.words, token.term, &Word::term)) {
            auto forms = index::forms_of(token, sentence, language, languages_);
            auto others = others_of(token.term, forms);
            claim.words.push_back({token.term, std::move(forms), std::move(others)});
        }
    }
    return claim;
}

Result<double> Verifier::information(const Word& word) {
    const std::string& term = word.term;
    const auto known = information_.find(term);
    if (known != information_.end()) return known->second;
    if (passages_stored_ == 0) passages_stored_ = std::max<std::uint64_t>(TRY(reader_.passages_in({})), 1);
    std::vector<std::string> forms = word.forms;
    forms.push_back(term);
    double with = 0;
    for (const std::uint64_t held : TRY(reader_.document_frequencies(forms))) with += static_cast<double>(held);
    const double all = std::max(static_cast<double>(passages_stored_), with);
    double told = std::log1p((all - with + 0.5) / (with + 0.5));
    if (recall::is_everyday(term) || recall::pair_tells(term) == recall::PairTells::little) told *= everyday_share;
    if (recall::pair_tells(term) == recall::PairTells::nothing) told *= grammar_share;
    information_.emplace(term, told);
    return told;
}

Result<double> Verifier::held(const Claim& claim, const std::vector<std::uint32_t>& numbers) {
    const auto any = [&](auto&& holds) {
        return std::ranges::any_of(numbers, [&](std::uint32_t number) { return holds(passages_[number - 1]); });
    };
    for (const std::string& number : claim.numbers)
        if (!any([&](const Passage& passage) { return passage.numbers.contains(number); })) return 0;
    for (const std::string& literal : claim.literals)
        if (!any([&](const Passage& passage) { return passage.text.contains(literal); })) return 0;
    double all = 0, there = 0;
    for (const Word& word : claim.words) {
        const double told = TRY(information(word));
        all += told;
        if (any([&](const Passage& passage) {
                return passage.terms.contains(word.term) ||
                       std::ranges::any_of(word.forms,
                                           [&](const std::string& form) { return passage.terms.contains(form); });
            })) {
            there += told;
        } else if (any([&](const Passage& passage) {
                       return std::ranges::any_of(
                           word.others, [&](const std::string& other) { return passage.terms.contains(other); });
                   })) {
            there += synonym_share * told;
        }
    }
    if (all > 0) return there / all;
    return claim.numbers.empty() && claim.literals.empty() ? 0 : 1;
}

// The passage that holds most of it, at least so much; 0: none.
Result<std::uint32_t> Verifier::best_of(const Claim& claim, double least) {
    std::uint32_t best = 0;
    for (std::uint32_t number = 1; number <= passages_.size(); ++number) {
        const double share = TRY(held(claim, {number}));
        if (share < least || share == 0) continue;
        best = number;
        least = std::nextafter(share, 2.0);
    }
    return best;
}

Result<> Verifier::judge(const Claim& claim, VerifiedSentence& sentence) {
    const bool cited = !sentence.citations.empty();
    if (cited) {
        const double together = TRY(held(claim, sentence.citations));
        if (together >= least_held_where_cited) {
            // One that adds next to nothing was sprayed on.
            std::vector<std::uint32_t> holding;
            for (const std::uint32_t number : sentence.citations) {
                Claim words{.words = claim.words};
                if (TRY(held(words, {number})) >= least_share_of_a_citation * together) holding.push_back(number);
            }
            sentence.citations = std::move(holding);
            sentence.support = Support::supported;
        }
    }
    if (sentence.support != Support::supported && claim.words.size() >= least_terms_elsewhere) {
        const std::uint32_t elsewhere = TRY(best_of(claim, least_held_elsewhere));
        if (elsewhere > 0) {
            sentence.citations = {elsewhere};
            sentence.support = Support::supported;
            ++(cited ? counts_.moved : counts_.found);
        }
    }
    const auto stands_in = [&](std::uint32_t number) { return passages_[number - 1].text.contains(claim.text); };
    if (sentence.support == Support::supported && claim.text.size() >= least_quoted_bytes &&
        std::ranges::any_of(sentence.citations, stands_in))
        sentence.support = Support::quoted;
    return {};
}

Result<VerifiedSentence> Verifier::verify(WrittenSentence written) {
    VerifiedSentence sentence{.space = std::move(written.space), .text = unquote(written.text)};
    for (const std::uint32_t number : written.numbers) {
        if (number == 0 || number > passages_.size())
            ++counts_.invented;
        else
            sentence.citations.push_back(number);
    }
    if (!passages_.empty()) TRY_VOID(judge(claim_of(sentence.text), sentence));
    if (sentence.support == Support::unsupported) ++counts_.unsupported;
    return sentence;
}

}  // namespace lar::answer
