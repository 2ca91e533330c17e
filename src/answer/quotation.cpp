#include "answer/quotation.h"

#include <algorithm>
#include <span>

#include "answer/extract.h"
#include "answer/listing.h"
#include "answer/verify.h"
#include "base/format.h"
#include "base/text.h"

namespace lar::answer {
namespace {

constexpr std::size_t limit_quoted_bytes = 600;
constexpr std::size_t limit_nearest = 3;
constexpr double least_coverage_of_nearest = 0.45;  // of the question's information

// A history passage is introduced by what it is part of.
std::string introduced(const store::PlacedPassage& placed, const std::string& text, const Zone& zone) {
    const store::Document& document = placed.document;
    if (document.kind == store::DocumentKind::commit) {
        const std::string said =
            lar::format("{}, {}: {}", to_date(zone, document.time.us), document.author, document.title);
        return text.empty() || text == document.title ? said : said + " — " + text;
    }
    const bool diff = document.kind == store::DocumentKind::working_tree || document.kind == store::DocumentKind::stash;
    return diff && !text.empty() ? document.title + " — " + text : text;
}

// How a piece reads in an answer: code and changes between backquotes, or as they stand when they have lines.
std::string worded(const Unit& unit) {
    const std::string text(utf8_prefix(unit.text, limit_quoted_bytes));
    const std::string cut = text.size() < unit.text.size() ? text + "…" : text;
    if (unit.form != Form::code && unit.form != Form::change) return cut;
    return cut.contains('\n') ? cut : "`" + cut + "`";
}

Result<> tell_extracts(Telling& telling, const recall::Recalled& recalled, const Extracts& found, const Zone& zone) {
    std::size_t before = SIZE_MAX;
    for (const Extract& extract : found.extracts) {
        const std::string text = worded(extract.unit);
        const bool first = extract.citation != before;
        before = extract.citation;
        TRY_VOID(
            telling.say({.text = first ? introduced(recalled.candidates[extract.candidate].placed, text, zone) : text,
                         .support = std::string(to_string(Support::quoted))},
                        std::span(&found.citations[extract.citation], 1)));
    }
    return {};
}

}  // namespace

Result<> tell_quotations(Telling& telling, const Question& question, const recall::Recalled& recalled,
                         store::Reader& reader, const Zone& zone) {
    const std::size_t sources = std::max<std::size_t>(question.sources_limit, 1);
    if (!recalled.listing)
        return tell_extracts(telling, recalled, TRY(extract(question.text, recalled, sources, reader)), zone);
    for (const Listed& listed : list(recalled, sources, zone)) {
        const std::vector<std::size_t> cited{listed.candidate};
        TRY_VOID(telling.say({.text = listed.text, .support = std::string(to_string(Support::quoted))},
                             std::span(&cited, 1)));
    }
    return {};
}

Result<> tell_nearest(wire::ApiAnswer& answer, const Question& question, const recall::Recalled& recalled,
                      store::Reader& reader, const Zone& zone) {
    if (std::ranges::none_of(recalled.candidates, [](const recall::Candidate& candidate) {
            return candidate.coverage >= least_coverage_of_nearest;
        }))
        return {};
    wire::ApiAnswer quoted;
    const Sink nobody;
    Telling telling(quoted, recalled, nobody);
    TRY_VOID(tell_quotations(telling, question, recalled, reader, zone));
    for (wire::ApiCitation& citation : quoted.citations) {
        const auto said = std::ranges::find_if(quoted.sentences, [&](const wire::ApiSentence& sentence) {
            return std::ranges::contains(sentence.citations, citation.number);
        });
        if (answer.nearest.size() < limit_nearest && said != quoted.sentences.end())
            answer.nearest.push_back({.text = said->text, .citation = std::move(citation)});
    }
    return {};
}

}  // namespace lar::answer
