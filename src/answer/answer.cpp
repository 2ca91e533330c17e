#include "answer/answer.h"

#include "answer/citations.h"
#include "answer/explain.h"
#include "answer/quotation.h"
#include "answer/quoted_lines.h"
#include "answer/receipt.h"
#include "answer/route.h"
#include "answer/telling.h"
#include "base/format.h"
#include "base/identity.h"

namespace lar::answer {

Result<wire::ApiAnswer> ask(const Question& question, store::Reader& reader, const Clock& clock, const Zone& zone,
                            const Facts& facts, const Sink& sink) {
    const std::int64_t begin = clock.monotonic_us();
    const recall::Options options{.limit = passages_recalled,
                                  .dense = facts.dense,
                                  .spaces = facts.spaces,
                                  .reranker = facts.reranker,
                                  .neighbours = true,
                                  .explain = question.explain};
    const recall::Recalled recalled = TRY(recall::recall(question.text, question.limits, options, reader, clock, zone));
    wire::ApiAnswer answer{.id = new_uuid(clock.now_us()), .question = question.text, .outcome = "not_found"};
    Telling telling(answer, recalled, sink);
    if (recalled.answerable >= recall::least_answerable) {
        TRY_VOID(tell_quotations(telling, question, recalled, reader, zone));
        if (!answer.sentences.empty()) answer.outcome = "answered";
    }
    if (answer.outcome == "not_found") TRY_VOID(tell_nearest(answer, question, recalled, reader, zone));
    find_quoted_lines(answer);
    answer.receipt = receipt_of(recalled, answer.citations.size(), clock.monotonic_us() - begin, zone, facts);
    if (question.explain)
        answer.explanation =
            TRY(explain(recalled, outcomes_of(recalled, {.cited = telling.cited(), .sent = {}}), reader));
    tell_route(answer, question, facts, {.model = consent::LocalModel::not_asked});
    if (sink && !sink(wire::AskDone{answer})) return fail(Code::unavailable, "the question was cancelled");
    return answer;
}

Result<wire::ApiSearchResponse> search(const wire::ApiSearchRequest& request, const recall::Limits& limits,
                                       store::Reader& reader, const Clock& clock, const Zone& zone,
                                       const Facts& facts) {
    const std::int64_t begin = clock.monotonic_us();
    const recall::Options options{.limit = request.limit,
                                  .by_document = request.by_document,
                                  .use_hints = !request.words_only,
                                  .dense = facts.dense,
                                  .spaces = facts.spaces,
                                  .reranker = facts.reranker,
                                  .files = true,
                                  .explain = request.explain};
    const recall::Recalled recalled = TRY(recall::recall(request.query, limits, options, reader, clock, zone));
    wire::ApiSearchResponse response;
    for (const recall::Candidate& candidate : recalled.candidates) {
        const store::PlacedPassage& placed = candidate.placed;
        response.hits.push_back({static_cast<std::uint32_t>(response.hits.size() + 1), candidate.score,
                                 place_of(placed), placed.document.title, placed.passage.context, placed.passage.text,
                                 placed.document.uuid, places_of(candidate.also)});
    }
    response.receipt = receipt_of(recalled, response.hits.size(), clock.monotonic_us() - begin, zone, facts);
    if (request.explain) {
        std::vector<std::string> outcomes;
        for (const wire::ApiHit& hit : response.hits) outcomes.push_back(lar::format("shown as {}", hit.rank));
        response.explanation = TRY(explain(recalled, outcomes, reader));
    }
    return response;
}

}  // namespace lar::answer
