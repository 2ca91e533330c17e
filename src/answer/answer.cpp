#include "answer/answer.h"

#include "answer/quotation.h"
#include "answer/receipt.h"
#include "answer/telling.h"
#include "base/identity.h"

namespace lar::answer {

Result<wire::ApiAnswer> ask(const Question& question, store::Reader& reader, const Clock& clock, const Zone& zone,
                            const Facts& facts, const Sink& sink) {
    const std::int64_t begin = clock.monotonic_us();
    const recall::Options options{.limit = passages_recalled, .dense = facts.dense, .neighbours = true};
    const recall::Recalled recalled = TRY(recall::recall(question.text, question.limits, options, reader, clock, zone));
    wire::ApiAnswer answer{.id = new_uuid(clock.now_us()), .question = question.text, .outcome = "not_found"};
    Telling telling(answer, recalled, sink);
    if (recalled.answerable >= recall::least_answerable) {
        TRY_VOID(tell_quotations(telling, question, recalled, reader, zone));
        if (!answer.sentences.empty()) answer.outcome = "answered";
    }
    answer.receipt = receipt_of(recalled, answer.citations.size(), clock.monotonic_us() - begin, zone, facts);
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
                                  .dense = facts.dense};
    const recall::Recalled recalled = TRY(recall::recall(request.query, limits, options, reader, clock, zone));
    wire::ApiSearchResponse response;
    for (const recall::Candidate& candidate : recalled.candidates) {
        const store::PlacedPassage& placed = candidate.placed;
        response.hits.push_back({static_cast<std::uint32_t>(response.hits.size() + 1), candidate.score,
                                 place_of(placed), placed.document.title, placed.passage.context, placed.passage.text,
                                 placed.document.uuid});
    }
    response.receipt = receipt_of(recalled, response.hits.size(), clock.monotonic_us() - begin, zone, facts);
    return response;
}

}  // namespace lar::answer
