#include "recall/parts.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "recall/answerable.h"
#include "recall/evidence.h"
#include "recall/rank.h"

namespace lar::recall {
namespace {

constexpr double least_share = 0.5;  // of the question's words
constexpr std::ptrdiff_t least_part_words = 3;

constexpr auto part_openings = std::to_array<std::string_view>(
    {"what ", "why ", "how ", "can ", "when ", "where ", "which ", "who ", "is ", "does ", "do ", "are "});
constexpr std::string_view also = " and ";
constexpr std::string_view dash = " - ", en_dash = " – ", em_dash = " — ";

// The bytes at the beginning that end a part; 0: it goes on. Of "and why" the "and" alone.
std::size_t end_of_part(std::string_view text) {
    if (std::string_view(",;:?!.").contains(text.front())) return text.size() == 1 || text[1] == ' ' ? 1 : 0;
    for (const std::string_view sign : {dash, en_dash, em_dash})
        if (text.starts_with(sign)) return sign.size();
    if (!text.starts_with(also)) return 0;
    const std::string_view next = text.substr(also.size());
    return std::ranges::any_of(part_openings, [&](std::string_view word) { return next.starts_with(word); })
               ? also.size()
               : 0;
}

std::ptrdiff_t words_in(const QuestionTerms& terms) {
    return std::ranges::count(terms.terms, false, &QuestionTerm::part);
}

// As rank() judges what it found for a whole question.
Result<double> judge(const QuestionTerms& terms, const store::Scope& scope, store::Reader& reader) {
    const auto hits = TRY(reader.search(terms.query(), scope, RankWeights().bm25, limit_read));
    std::vector<store::PassageId> ids;
    for (const store::Hit& hit : hits) ids.push_back(hit.passage);
    const EvidenceReader evidence(terms);
    const auto read = TRY(reader.passages(ids));
    Found found;
    std::size_t rank = 0;
    for (const store::Hit& hit : hits) {
        const auto placed =
            std::ranges::find(read, hit.passage, [](const store::PlacedPassage& one) { return one.passage.id; });
        if (placed == read.end()) continue;
        const Evidence held = evidence.read(*placed);
        if (held.word_list) continue;
        found.score = std::max(found.score, hit.score);
        if (rank == 0) found.together = held.together;
        if (rank++ == ranked_first) break;
        found.together_first = std::max(found.together_first, held.together);
        found.coverage_first = std::max(found.coverage_first, held.coverage);
    }
    return answerable(terms, found);
}

}  // namespace

std::vector<std::string_view> parts_of(std::string_view question) {
    std::vector<std::string_view> parts;
    const auto add = [&](std::string_view part) {
        if (!trim(part).empty() && parts.size() < limit_parts) parts.push_back(trim(part));
    };
    std::size_t first = 0;
    for (std::size_t at = 0; at < question.size();) {
        const std::size_t end = end_of_part(question.substr(at));
        if (end > 0) {
            add(question.substr(first, at - first));
            first = at + end;
        }
        at += std::max<std::size_t>(end, 1);
    }
    add(question.substr(first));
    if (parts.size() < 2) parts.clear();
    return parts;
}

Result<double> answerable_in_part(std::string_view question, const QuestionTerms& terms, const store::Scope& scope,
                                  store::Reader& reader) {
    double most = 0;
    for (const std::string_view part : parts_of(question)) {
        const QuestionTerms own = TRY(informed_terms(part, terms.wording, reader));
        const auto words = words_in(own);
        if (words < least_part_words || static_cast<double>(words) < least_share * static_cast<double>(words_in(terms)))
            continue;
        const double likely = TRY(judge(own, scope, reader));
        if (likely >= least_answerable_part) most = std::max(most, likely);
    }
    return most;
}

}  // namespace lar::recall
