#include "answer/extract.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "base/text.h"
#include "index/analysis.h"
#include "recall/evidence.h"
#include "recall/hints.h"
#include "recall/question.h"

namespace lar::answer {
namespace {

constexpr double inherited = 0.45;      // of a word that only the title, path or heading holds
constexpr double in_document = 0.3;     // of one that only other passages of the document hold
constexpr double repeated = 0.8;        // of a word that a piece taken before holds already
constexpr double same_source = 0.6;     // for each piece taken from the same passage before
constexpr double least_of_best = 0.35;  // a piece worth less than this share of the best adds nothing
constexpr double least_of_best_elsewhere =
    0.15;  // the same, for a source that none was taken from, up to enough_sources
constexpr std::size_t enough_sources = 3;
constexpr double rank_offset = 2;           // of reciprocal ranks: the smaller, the more the first places count
constexpr double standing_power = 0.6;      // how much the passage's own score counts for its pieces
constexpr double neighbour_coverage = 0.3;  // of the question by a passage beside a cited one, to be cited with it
constexpr double too_alike = 0.7;           // share of words in common
constexpr std::size_t long_words = 60;      // a piece longer than this is no sentence
constexpr std::size_t short_words = 3;

constexpr auto reasons = std::to_array<std::string_view>(
    {"because", "so that", "otherwise", "since ", "would ", "reason", "which is why", "must ", "cannot", "so as to"});

// What kind of piece the question hopes for.
struct Wanted {
    bool number = false, reason = false, place = false;
};

Wanted wanted_by(std::string_view question) {
    Wanted wanted{.number = recall::asks_for_number(question)};
    for (const recall::Word& one : recall::words_of(question)) {
        const std::string& word = one.text;
        if (word == "why") wanted.reason = true;
        if (word == "where" || word == "defined" || word == "declared" || word == "implemented") wanted.place = true;
    }
    return wanted;
}

// "limit = 64", "#define LIMIT 64", "timeout 30s", "at most five": how well a text tells a quantity.
double number_factor(const Unit& unit) {
    constexpr std::string_view digits = "0123456789";
    const std::string_view text = unit.text;
    for (std::size_t at = text.find_first_of("=:{"); at != std::string_view::npos;
         at = text.find_first_of("=:{", at + 1)) {
        const std::size_t value = text.find_first_not_of("= {", at + 1);
        if (value == std::string_view::npos || !digits.contains(text[value])) continue;
        // What begins at zero is a counter.
        if (text[value] != '0' || (value + 1 < text.size() && std::string_view(".x").contains(text[value + 1])))
            return 1.6;
    }
    if (text.starts_with("#define") && text.find_first_of(digits) != std::string_view::npos) return 1.6;
    for (std::size_t at = text.find_first_of(digits); at != std::string_view::npos;
         at = text.find_first_of(digits, at + 1))
        if (at == 0 || text[at - 1] == ' ' || text[at - 1] == '(') return 1.3;
    const std::string lower = to_lower_ascii(text);
    if (lower.contains("at most") || lower.contains("no more than")) return 1.2;
    return unit.form == Form::code ? 0.8 : 1;
}

// A line that only names what is defined elsewhere.
bool brings_in(std::string_view code) {
    return code.starts_with("#include") || code.starts_with("import ") ||
           (code.starts_with("from ") && code.contains(" import "));
}

bool gives_reason(std::string_view text) {
    const std::string lower = to_lower_ascii(text);
    return std::ranges::any_of(reasons, [&](std::string_view sign) { return lower.contains(sign); });
}

struct Piece {
    Extract extract;
    std::uint64_t held = 0;      // the question's words in the piece itself
    std::uint64_t standing = 0;  // in what it stands under
    std::uint64_t document = 0;  // in the document's passages that were found
    double closeness = 0;
    double standing_of_passage = 1;
    double factor = 1;  // of its passage, shape and length
    std::set<std::string> words;
};

class Extractor {
public:
    Extractor(std::string_view question, const recall::Recalled& recalled, const recall::QuestionTerms& terms)
        : recalled_(recalled), evidence_(terms), wanted_(wanted_by(question)) {}

    Extracts run(std::size_t sources_limit) {
        const std::size_t count = std::min(recalled_.candidates.size(), limit_passages_taken_apart);
        std::vector<recall::Evidence> evidence;
        std::map<std::int64_t, std::uint64_t> documents;
        for (std::size_t i = 0; i < count; ++i) {
            const index::PassageTokens analysed = evidence_.analyse(placed(i));
            languages_.push_back(analysed.language);
            evidence.push_back(evidence_.read(placed(i), analysed));
            documents[recalled_.candidates[i].placed.document.id.value] |= evidence.back().held;
            text_coverage_.push_back(evidence_.coverage(evidence_.terms_in(placed(i).passage.text, analysed.language)));
        }
        for (std::size_t i = 0; i < count; ++i)
            take_apart(i, evidence[i], documents[recalled_.candidates[i].placed.document.id.value]);
        std::vector<Extract> taken;
        for (const std::size_t candidate : best_candidates()) {
            if (citations_.size() == std::min(sources_limit, enough_sources) || taken.size() == limit_sentences) break;
            if (Piece* piece = best_piece(sources_limit, candidate).first) take(*piece, taken);
        }
        while (taken.size() < limit_sentences) {
            const auto [piece, worth] = best_piece(sources_limit, std::nullopt);
            if (piece == nullptr || worth < best_worth_ * least_of_best) break;
            take(*piece, taken);
        }
        return in_reading_order(std::move(taken));
    }

private:
    void take_apart(std::size_t index, const recall::Evidence& around, std::uint64_t document) {
        const recall::Candidate& candidate = recalled_.candidates[index];
        const double standing = std::pow(candidate.score / recalled_.candidates[0].score, standing_power);
        for (Unit& unit : units_of(candidate.placed)) {
            Piece piece{.extract = {.candidate = index, .unit = std::move(unit)},
                        .standing = around.named,
                        .document = document};
            const std::string& text = piece.extract.unit.text;
            const auto tokens = index::analyse(text, languages_[index]);
            for (const index::Token& token : tokens) piece.words.insert(token.term);
            const recall::Evidence own = evidence_.read_text(text, languages_[index]);
            piece.held = own.held;
            piece.closeness = own.closeness;
            if (piece.held == 0 && piece.standing == 0) continue;
            piece.standing_of_passage = standing;
            piece.factor = shape_factor(piece.extract.unit, tokens.size());
            pieces_.push_back(std::move(piece));
        }
    }

    double shape_factor(const Unit& unit, std::size_t words) const {
        double factor = 1;
        if (words > long_words) factor *= 0.7;
        if (words < short_words) factor *= 0.6;
        if (unit.form == Form::code && !wanted_.place && !wanted_.number) factor *= 0.65;
        if (unit.form == Form::change) factor *= 0.7;
        if (unit.form == Form::code && brings_in(unit.text)) factor *= 0.5;
        if (wanted_.number) factor *= number_factor(unit);
        if (wanted_.place && unit.form == Form::code) factor *= 1.15;
        if (wanted_.reason && unit.form != Form::code && gives_reason(unit.text)) factor *= 1.2;
        return factor;
    }

    double worth(const Piece& piece) const {
        const double fresh =
            evidence_.coverage(piece.held & ~said_) + repeated * evidence_.coverage(piece.held & said_);
        const double below = inherited * evidence_.coverage(piece.standing & ~piece.held) +
                             in_document * evidence_.coverage(piece.document & ~piece.standing & ~piece.held);
        const auto from_same = std::ranges::count(sources_, piece.extract.candidate);
        return (fresh + below + 0.2 * piece.closeness) * piece.factor * piece.standing_of_passage *
               std::pow(same_source, static_cast<double>(from_same));
    }

    bool said_already(const Piece& piece) const {
        return std::ranges::any_of(taken_words_, [&](const std::set<std::string>& words) {
            const auto common = static_cast<double>(
                std::ranges::count_if(piece.words, [&](const std::string& word) { return words.contains(word); }));
            return common >= too_alike * static_cast<double>(std::min(words.size(), piece.words.size()));
        });
    }

    std::set<std::size_t> different_sources() const { return {sources_.begin(), sources_.end()}; }

    // Two opinions on each passage, its own rank and that of its best piece, joined by reciprocal rank.
    std::vector<std::size_t> best_candidates() {
        std::map<std::size_t, double> best_piece_of;
        for (const Piece& piece : pieces_) {
            double& best = best_piece_of[piece.extract.candidate];
            best = std::max(best, worth(piece));
            best_worth_ = std::max(best_worth_, best);
        }
        std::vector<std::size_t> by_passage, by_piece;
        for (const auto& [candidate, worth] : best_piece_of)
            if (worth >= best_worth_ * least_of_best_elsewhere) by_passage.push_back(candidate);
        by_piece = by_passage;
        std::ranges::stable_sort(by_piece, std::ranges::greater(),
                                 [&](std::size_t candidate) { return best_piece_of[candidate]; });
        std::map<std::size_t, double> joined;
        for (std::size_t i = 0; i < by_piece.size(); ++i) {
            joined[by_passage[i]] += 1 / (rank_offset + static_cast<double>(i));
            joined[by_piece[i]] += 1 / (rank_offset + static_cast<double>(i));
        }
        std::ranges::stable_sort(by_passage, std::ranges::greater(),
                                 [&](std::size_t candidate) { return joined[candidate]; });
        return by_passage;
    }

    std::pair<Piece*, double> best_piece(std::size_t sources_limit, std::optional<std::size_t> candidate) {
        const std::set<std::size_t> different = different_sources();
        Piece* best = nullptr;
        double best_worth = 0;
        for (Piece& piece : pieces_) {
            if (candidate && piece.extract.candidate != *candidate) continue;
            if (!different.contains(piece.extract.candidate) && different.size() >= sources_limit) continue;
            const double value = worth(piece);
            if (value > best_worth && !said_already(piece)) {
                best = &piece;
                best_worth = value;
            }
        }
        return {best, best_worth};
    }

    void take(const Piece& piece, std::vector<Extract>& taken) {
        taken.push_back(piece.extract);
        said_ |= piece.held;
        sources_.push_back(piece.extract.candidate);
        taken_words_.push_back(piece.words);
        cite(piece.extract.candidate, citations_);
    }

    const store::PlacedPassage& placed(std::size_t candidate) const { return recalled_.candidates[candidate].placed; }

    // Whether the candidate stands right before or after those, and all of them are few enough lines to be one
    // citation.
    bool joins(const std::vector<std::size_t>& citation, std::size_t candidate) const {
        const store::PlacedPassage &first = placed(citation.front()), &last = placed(citation.back()),
                                   &next = placed(candidate);
        if (next.document.id != first.document.id || next.document.kind != store::DocumentKind::file) return false;
        const bool before = next.passage.id.value + 1 == first.passage.id.value,
                   after = last.passage.id.value + 1 == next.passage.id.value;
        const std::uint32_t lines = before ? last.passage.line_last - next.passage.line_first
                                           : next.passage.line_last - first.passage.line_first;
        return (before || after) && lines < limit_cited_lines;
    }

    void cite(std::size_t candidate, std::vector<std::vector<std::size_t>>& citations) const {
        if (std::ranges::any_of(citations, [&](const auto& one) { return std::ranges::contains(one, candidate); }))
            return;
        const auto joined = std::ranges::find_if(citations, [&](const auto& one) { return joins(one, candidate); });
        if (joined == citations.end()) {
            citations.push_back({candidate});
            return;
        }
        joined->push_back(candidate);
        std::ranges::sort(*joined, {}, [&](std::size_t one) { return placed(one).passage.id.value; });
    }

    // A passage beside a cited one that speaks of the question too belongs to the citation: the comment and what it is
    // about.
    void take_in_neighbours(std::vector<std::vector<std::size_t>>& citations) const {
        for (std::size_t candidate = 0; candidate < text_coverage_.size(); ++candidate) {
            if (text_coverage_[candidate] < neighbour_coverage) continue;
            if (std::ranges::any_of(citations, [&](const auto& one) { return joins(one, candidate); }))
                cite(candidate, citations);
        }
    }

    // The source whose piece was taken first comes first; within a source, as it is written.
    Extracts in_reading_order(std::vector<Extract> taken) const {
        Extracts found;
        found.citations = citations_;
        take_in_neighbours(found.citations);
        for (Extract& extract : taken) {
            const auto citation = std::ranges::find_if(
                found.citations, [&](const auto& one) { return std::ranges::contains(one, extract.candidate); });
            extract.citation = static_cast<std::size_t>(citation - found.citations.begin());
        }
        std::ranges::stable_sort(
            taken, {}, [](const Extract& extract) { return std::pair(extract.citation, extract.unit.line_first); });
        found.extracts = std::move(taken);
        return found;
    }

    const recall::Recalled& recalled_;
    recall::EvidenceReader evidence_;
    Wanted wanted_;
    std::vector<Piece> pieces_;
    std::vector<index::Language> languages_;  // of each candidate
    std::vector<double> text_coverage_;       // likewise
    double best_worth_ = 0;
    std::uint64_t said_ = 0;
    std::vector<std::size_t> sources_;  // candidate of each piece taken
    std::vector<std::vector<std::size_t>> citations_;
    std::vector<std::set<std::string>> taken_words_;
};

}  // namespace

Result<Extracts> extract(std::string_view question, const recall::Recalled& recalled, std::size_t sources_limit,
                         store::Reader& reader) {
    const recall::QuestionTerms terms =
        TRY(recall::informed_terms(recalled.understood.rest, recall::Wording::asked, reader));
    return Extractor(question, recalled, terms).run(sources_limit);
}

}  // namespace lar::answer
