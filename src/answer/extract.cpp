#include "answer/extract.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "base/text.h"
#include "index/analysis.h"
#include "recall/evidence.h"
#include "recall/hints.h"
#include "recall/question.h"

namespace lar::answer {
namespace {

constexpr double inherited = 0.45;      // of a word that only the title, path or heading holds
constexpr double repeated = 0.5;        // of a word that a piece taken before holds already
constexpr double same_source = 0.6;     // for each piece taken from the same passage before
constexpr double least_of_best = 0.35;  // a piece worth less than this share of the best adds nothing
constexpr double too_alike = 0.7;       // share of words in common
constexpr std::size_t long_words = 60;  // a piece longer than this is no sentence
constexpr std::size_t short_words = 3;

// What kind of piece the question hopes for.
struct Wanted {
    bool number = false, reason = false, place = false;
};

Wanted wanted_by(std::string_view question) {
    Wanted wanted;
    const auto words = recall::words_of(question);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i].text;
        const std::string after = i + 1 < words.size() ? words[i + 1].text : std::string();
        if (word == "how" && (after == "many" || after == "much" || after == "long" || after == "large" ||
                              after == "big" || after == "often" || after == "far" || after == "fast"))
            wanted.number = true;
        for (const std::string_view quantity : {"limit", "maximum", "minimum", "size", "port", "number", "default",
                                                "timeout", "threshold", "most", "version"})
            if (word == quantity) wanted.number = true;
        if (word == "why") wanted.reason = true;
        if (word == "where" || word == "defined" || word == "declared" || word == "implemented") wanted.place = true;
    }
    return wanted;
}

struct Piece {
    Extract extract;
    std::uint64_t held = 0;      // the question's words in the piece itself
    std::uint64_t standing = 0;  // in what it stands under
    double closeness = 0;
    double factor = 1;  // of its passage, shape and length
    std::set<std::string> words;
};

class Extractor {
public:
    Extractor(std::string_view question, const recall::Recalled& recalled, const recall::QuestionTerms& terms)
        : recalled_(recalled), evidence_(terms), wanted_(wanted_by(question)) {}

    std::vector<Extract> run(std::size_t sources_limit) {
        const std::size_t count = std::min(recalled_.candidates.size(), limit_passages_taken_apart);
        for (std::size_t i = 0; i < count; ++i) take_apart(i);
        std::vector<Extract> taken;
        double best = 0;
        while (taken.size() < limit_sentences) {
            const auto [piece, worth] = next(sources_limit);
            if (piece == nullptr || worth <= 0 || worth < best * least_of_best) break;
            best = std::max(best, worth);
            take(*piece);
            taken.push_back(piece->extract);
            taken.back().score = worth;
        }
        return in_reading_order(std::move(taken));
    }

private:
    void take_apart(std::size_t index) {
        const recall::Candidate& candidate = recalled_.candidates[index];
        const recall::Evidence around = evidence_.read(candidate.placed);
        const double standing = std::pow(candidate.score / recalled_.candidates[0].score, 0.8);
        for (Unit& unit : units_of(candidate.placed)) {
            Piece piece{.extract = {.candidate = index, .unit = std::move(unit)}, .standing = around.named};
            const std::string& text = piece.extract.unit.text;
            const auto tokens = index::analyse(text);
            for (const index::Token& token : tokens) piece.words.insert(token.term);
            const recall::Evidence own = evidence_.read_text(text);
            piece.held = own.held;
            piece.closeness = own.closeness;
            if (piece.held == 0 && piece.standing == 0) continue;
            piece.factor = standing * shape_factor(piece.extract.unit, tokens.size());
            pieces_.push_back(std::move(piece));
        }
    }

    double shape_factor(const Unit& unit, std::size_t words) const {
        double factor = 1;
        if (words > long_words) factor *= 0.7;
        if (words < short_words) factor *= 0.6;
        const bool has_digit = unit.text.find_first_of("0123456789") != std::string::npos;
        if (wanted_.number && has_digit) factor *= 1.25;
        if (wanted_.place && unit.form == Form::code) factor *= 1.15;
        if (wanted_.reason && unit.form != Form::code) {
            const std::string lower = to_lower_ascii(unit.text);
            for (const std::string_view sign :
                 {"because", "so that", "otherwise", "since ", "would ", "reason", "which is why", "must "})
                if (lower.contains(sign)) return factor * 1.2;
        }
        return factor;
    }

    double worth(const Piece& piece) const {
        const double fresh =
            evidence_.coverage(piece.held & ~said_) + repeated * evidence_.coverage(piece.held & said_);
        const double below = inherited * evidence_.coverage(piece.standing & ~piece.held);
        const auto from_same = std::ranges::count(sources_, piece.extract.candidate);
        return (fresh + below + 0.25 * piece.closeness) * piece.factor *
               std::pow(same_source, static_cast<double>(from_same));
    }

    bool said_already(const Piece& piece) const {
        return std::ranges::any_of(taken_words_, [&](const std::set<std::string>& words) {
            const auto common = static_cast<double>(
                std::ranges::count_if(piece.words, [&](const std::string& word) { return words.contains(word); }));
            return common >= too_alike * static_cast<double>(std::min(words.size(), piece.words.size()));
        });
    }

    std::pair<Piece*, double> next(std::size_t sources_limit) {
        const std::set<std::size_t> different(sources_.begin(), sources_.end());
        Piece* best = nullptr;
        double best_worth = 0;
        for (Piece& piece : pieces_) {
            if (different.size() >= sources_limit && !different.contains(piece.extract.candidate)) continue;
            const double value = worth(piece);
            if (value > best_worth && !said_already(piece)) {
                best = &piece;
                best_worth = value;
            }
        }
        return {best, best_worth};
    }

    void take(const Piece& piece) {
        said_ |= piece.held;
        sources_.push_back(piece.extract.candidate);
        taken_words_.push_back(piece.words);
    }

    // The source whose piece was taken first comes first; within a source, as it is written.
    std::vector<Extract> in_reading_order(std::vector<Extract> taken) const {
        std::vector<std::size_t> order;
        for (const Extract& extract : taken)
            if (std::ranges::find(order, extract.candidate) == order.end()) order.push_back(extract.candidate);
        const auto place = [&](const Extract& extract) {
            return std::ranges::find(order, extract.candidate) - order.begin();
        };
        std::ranges::stable_sort(taken, [&](const Extract& a, const Extract& b) {
            return place(a) != place(b) ? place(a) < place(b) : a.unit.line_first < b.unit.line_first;
        });
        return taken;
    }

    const recall::Recalled& recalled_;
    recall::EvidenceReader evidence_;
    Wanted wanted_;
    std::vector<Piece> pieces_;
    std::uint64_t said_ = 0;
    std::vector<std::size_t> sources_;
    std::vector<std::set<std::string>> taken_words_;
};

}  // namespace

Result<std::vector<Extract>> extract(std::string_view question, const recall::Recalled& recalled,
                                     std::size_t sources_limit, store::Reader& reader) {
    recall::QuestionTerms terms = recall::terms_of_question(recalled.understood.rest);
    TRY_VOID(recall::inform(terms, reader));
    return Extractor(question, recalled, terms).run(sources_limit);
}

}  // namespace lar::answer
