#include "recall/recall.h"

#include <algorithm>

#include "base/format.h"
#include "recall/fold.h"
#include "recall/latest.h"
#include "recall/neighbours.h"
#include "recall/parts.h"
#include "recall/question.h"
#include "recall/rank.h"
#include "recall/rerank.h"
#include "recall/understand.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

Result<Recalled> recall_as(std::string_view question, const Limits& limits, const Options& options,
                           store::Reader& reader, const Clock& clock, const Zone& zone, Hints hints) {
    Recalled recalled;
    recalled.understood = TRY(understand_as(question, limits, reader, clock, zone, hints));
    const Understood& understood = recalled.understood;
    recalled.passages_in_scope = TRY(reader.passages_in(understood.scope));
    for (const store::Source& source : TRY(reader.sources())) {
        const auto& chosen = understood.scope.sources;
        if (chosen.empty() || std::ranges::find(chosen, source.id) != chosen.end())
            recalled.source_names.push_back(source.name);
    }

    if (hints != Hints::none)
        recalled.wording = options.files && !understood.question ? Wording::named : Wording::asked;
    const QuestionTerms terms = TRY(informed_terms(understood.rest, recalled.wording, reader));
    for (const Misspelt& misspelt : terms.misspelt)
        recalled.understood.hints.push_back(
            lar::format("\"{}\" is nowhere: taken for \"{}…\"", misspelt.word, word_of_term(misspelt.meant)));
    const bool asks_for_a_list =
        understood.intent != Intent::find || understood.scope.window.bounded() || !understood.scope.branch.empty();
    if (understood.intent == Intent::left_off || (terms.terms.empty() && asks_for_a_list)) {
        TRY_VOID(latest(recalled, terms, options, reader));
    } else {
        // Documents, not texts, are what `by_document` wants, and a copy is another document.
        const std::size_t considered = candidates_for(options.reranker, options.limit);
        Options wider = options;
        wider.limit = considered + (options.by_document ? 0 : folding_reserve);
        TRY_VOID(rank(recalled, terms, wider, reader, clock));
        if (hints != Hints::none && recalled.answerable < least_answerable && !recalled.conversation)
            recalled.answerable = std::max(recalled.answerable,
                                           TRY(answerable_in_part(understood.rest, terms, understood.scope, reader)));
        if (!options.by_document) fold(recalled);
        cut(recalled, considered);
        rerank(recalled, options, clock);
        cut(recalled, options.limit);
        if (options.neighbours) TRY_VOID(add_neighbours(recalled, reader));
    }
    return recalled;
}

}  // namespace

Result<Recalled> recall(std::string_view question, const Limits& limits, const Options& options, store::Reader& reader,
                        const Clock& clock, const Zone& zone) {
    const Hints hints = options.use_hints ? Hints::all : Hints::none;
    Recalled recalled = TRY(recall_as(question, limits, options, reader, clock, zone, hints));
    if (!recalled.understood.calendar) return recalled;
    if (recalled.answerable >= least_answerable && !recalled.conversation) return recalled;
    // "in October" found nothing written then: it may be what the question is about. In conversations it always is:
    // what happened then is told later.
    Recalled of_all_times = TRY(recall_as(question, limits, options, reader, clock, zone, Hints::calendar_is_subject));
    return of_all_times.answerable >= least_answerable || of_all_times.conversation ? of_all_times : recalled;
}

}  // namespace lar::recall
