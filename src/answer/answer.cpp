#include "answer/answer.h"

#include <algorithm>
#include <format>
#include <map>
#include <span>

#include "answer/citations.h"
#include "answer/extract.h"
#include "answer/listing.h"
#include "answer/receipt.h"
#include "base/identity.h"
#include "base/text.h"

namespace lar::answer {
namespace {

constexpr std::size_t passages_recalled = 40;
constexpr std::size_t limit_sentence_bytes = 600;

// In the user's zone, as everywhere that Lar names a day.
std::string day_of(Timestamp time, const Zone& zone) {
    const CivilTime civil = civil_in(zone, time.us);
    return std::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

// A history passage is introduced by what it is part of.
std::string introduced(const store::PlacedPassage& placed, const std::string& text, const Zone& zone) {
    const store::Document& document = placed.document;
    if (document.kind == store::DocumentKind::commit) {
        const std::string said =
            std::format("{}, {}: {}", day_of(document.time, zone), document.author, document.title);
        return text.empty() || text == document.title ? said : said + " — " + text;
    }
    const bool diff = document.kind == store::DocumentKind::working_tree || document.kind == store::DocumentKind::stash;
    return diff && !text.empty() ? document.title + " — " + text : text;
}

// How a piece reads in an answer: code and changes between backquotes, or as they stand when they have lines.
std::string worded(const Unit& unit) {
    const std::string text(utf8_prefix(unit.text, limit_sentence_bytes));
    const std::string cut = text.size() < unit.text.size() ? text + "…" : text;
    if (unit.form != Form::code && unit.form != Form::change) return cut;
    return cut.contains('\n') ? cut : "`" + cut + "`";
}

// Passages side by side, cited as one; their state is the worst of them.
wire::ApiCitation citation_of(std::uint32_t number, const std::vector<const store::PlacedPassage*>& passages) {
    const store::PlacedPassage& first = *passages.front();
    wire::ApiCitation citation{number, place_of(first), first.document.title, first.passage.text, {}};
    CitedState state = check(first);
    std::uint32_t last_line = first.passage.line_last;
    for (const store::PlacedPassage* passage : std::span(passages).subspan(1)) {
        // Only blank lines lie between.
        citation.quote.append(passage->passage.line_first - last_line, '\n');
        citation.quote += passage->passage.text;
        last_line = passage->passage.line_last;
        state = std::max(state, check(*passage));
    }
    if (passages.size() > 1) {
        citation.place.line_last = last_line;
        citation.place.hash = hash_hex(citation.quote);
    }
    citation.state = to_string(state);
    return citation;
}

// The answer as it takes shape: each sentence goes to the sink after the citation it brings.
class Telling {
public:
    Telling(wire::ApiAnswer& answer, const recall::Recalled& recalled, const Sink& sink)
        : answer_(answer), recalled_(recalled), sink_(sink) {}

    // `candidates`: what the sentence is cited from.
    Result<> say(std::string text, const std::vector<std::size_t>& candidates) {
        const auto [known, is_new] =
            numbers_.try_emplace(candidates.front(), static_cast<std::uint32_t>(numbers_.size() + 1));
        if (is_new) {
            std::vector<const store::PlacedPassage*> passages;
            for (const std::size_t candidate : candidates) passages.push_back(&recalled_.candidates[candidate].placed);
            answer_.citations.push_back(citation_of(known->second, passages));
            TRY_VOID(tell(wire::AskCitation{answer_.citations.back()}));
        }
        answer_.sentences.push_back({std::move(text), {known->second}});
        return tell(wire::AskSentence{answer_.sentences.back()});
    }

private:
    Result<> tell(const wire::AskEvent& event) {
        if (sink_ && !sink_(event)) return fail(Code::unavailable, "the question was cancelled");
        return {};
    }

    wire::ApiAnswer& answer_;
    const recall::Recalled& recalled_;
    const Sink& sink_;
    std::map<std::size_t, std::uint32_t> numbers_;
};

Result<> tell_extracts(Telling& telling, const recall::Recalled& recalled, const Extracts& found, const Zone& zone) {
    std::size_t before = SIZE_MAX;
    for (const Extract& extract : found.extracts) {
        const std::string text = worded(extract.unit);
        const bool first = extract.citation != before;
        before = extract.citation;
        TRY_VOID(telling.say(first ? introduced(recalled.candidates[extract.candidate].placed, text, zone) : text,
                             found.citations[extract.citation]));
    }
    return {};
}

}  // namespace

Result<wire::ApiAnswer> ask(const Question& question, store::Reader& reader, const Clock& clock, const Zone& zone,
                            const Facts& facts, const Sink& sink) {
    const std::int64_t begin = clock.monotonic_us();
    const recall::Options options{.limit = passages_recalled, .neighbours = true};
    const recall::Recalled recalled = TRY(recall::recall(question.text, question.limits, options, reader, clock, zone));
    wire::ApiAnswer answer{.id = new_uuid(clock.now_us()), .question = question.text, .outcome = "not_found"};
    Telling telling(answer, recalled, sink);
    if (recalled.answerable >= recall::least_answerable) {
        const std::size_t sources = std::max<std::size_t>(question.sources_limit, 1);
        if (recalled.listing) {
            for (const Listed& listed : list(recalled, sources, zone))
                TRY_VOID(telling.say(listed.text, {listed.candidate}));
        } else {
            TRY_VOID(tell_extracts(telling, recalled, TRY(extract(question.text, recalled, sources, reader)), zone));
        }
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
    const recall::Options options{
        .limit = request.limit, .by_document = request.by_document, .use_hints = !request.words_only};
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
