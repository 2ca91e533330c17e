#include "answer/explain.h"

#include "answer/answer.h"
#include "base/format.h"
#include "base/result.h"

namespace lar::answer {
namespace {

std::string_view name_of(recall::Intent intent) {
    switch (intent) {
        case recall::Intent::find: return "find";
        case recall::Intent::left_off: return "left_off";
        case recall::Intent::changes: return "changes";
    }
    return "find";
}

// The same terms that ranking had: what a question is taken for does not change within a moment.
Result<std::vector<wire::ApiTerm>> terms_of(const recall::Understood& understood, recall::Wording wording,
                                            store::Reader& reader) {
    const recall::QuestionTerms terms = TRY(recall::informed_terms(understood.rest, wording, reader));
    std::vector<wire::ApiTerm> out;
    for (const recall::QuestionTerm& term : terms.terms)
        out.push_back({.term = term.term,
                       .sort = term.identifier ? "identifier"
                               : term.part     ? "part"
                                               : "word",
                       .weight = term.weight,
                       .information = term.information,
                       .passages = term.passages});
    for (const recall::QuestionTerm& term : terms.terms)
        for (const std::string& form : term.forms)
            out.push_back({.term = form, .sort = "spelling", .weight = term.weight});
    for (const recall::Alias& alias : terms.aliases)
        out.push_back({.term = alias.term, .sort = alias.synonym ? "synonym" : "spelling", .weight = alias.weight});
    return out;
}

}  // namespace

Result<wire::ApiExplanation> explain(const recall::Recalled& recalled, const std::vector<std::string>& outcomes,
                                     store::Reader& reader) {
    ASSERT(outcomes.size() == recalled.candidates.size());
    const recall::Understood& understood = recalled.understood;
    wire::ApiExplanation explanation{.intent = std::string(name_of(understood.intent)),
                                     .searched = understood.rest,
                                     .terms = TRY(terms_of(understood, recalled.wording, reader)),
                                     .answerable = recalled.answerable,
                                     .least_answerable = recall::least_answerable};
    for (const auto& [wanted, name] :
         {std::pair{understood.why, "reasons"}, std::pair{understood.where, "a place"},
          std::pair{understood.how_to, "instructions"}, std::pair{understood.newest, "what is new"}})
        if (wanted) explanation.wants.emplace_back(name);
    for (std::size_t i = 0; i < recalled.candidates.size(); ++i) {
        const recall::Candidate& candidate = recalled.candidates[i];
        wire::ApiCandidate explained{.place = place_of(candidate.placed),
                                     .title = candidate.placed.document.title,
                                     .score = candidate.score,
                                     .coverage = candidate.coverage,
                                     .outcome = outcomes[i]};
        for (const recall::ScorePart& part : candidate.parts)
            explained.parts.push_back({std::string(part.name), part.factor});
        explanation.candidates.push_back(std::move(explained));
    }
    return explanation;
}

std::vector<std::string> outcomes_of(const recall::Recalled& recalled, const Uses& uses) {
    const bool refused = recalled.answerable < recall::least_answerable;
    std::vector<std::string> outcomes;
    for (std::size_t i = 0; i < recalled.candidates.size(); ++i) {
        const std::uint32_t cited = i < uses.cited.size() ? uses.cited[i] : 0;
        const std::uint32_t sent = i < uses.sent.size() ? uses.sent[i] : 0;
        std::string& outcome = outcomes.emplace_back();
        if (sent != 0) outcome = lar::format("sent to the model as passage {}", sent);
        if (cited != 0) outcome += lar::format("{}cited as [{}]", sent != 0 ? ", " : "", cited);
        if (outcome.empty()) outcome = refused ? "not used: does not answer" : "not used: nothing to add";
    }
    return outcomes;
}

}  // namespace lar::answer
