#include "answer/telling.h"

#include <algorithm>
#include <utility>

#include "answer/citations.h"
#include "base/identity.h"

namespace lar::answer {
namespace {

wire::ApiCitation citation_of(std::uint32_t number, const std::vector<const store::PlacedPassage*>& passages) {
    const store::PlacedPassage& first = *passages.front();
    wire::ApiCitation citation{number, place_of(first), first.document.title, first.passage.text, {}};
    Checked checked = check(first);
    std::uint32_t last_line = first.passage.line_last;
    for (const store::PlacedPassage* passage : std::span(passages).subspan(1)) {
        // Only blank lines lie between.
        citation.quote.append(passage->passage.line_first - last_line, '\n');
        citation.quote += passage->passage.text;
        last_line = passage->passage.line_last;
        const Checked next = check(*passage);
        checked.state = std::max(checked.state, next.state);
        // Both stand, but no longer side by side: the quote stands nowhere.
        if (next.lines_moved != checked.lines_moved) checked.state = std::max(checked.state, CitedState::changed);
    }
    if (passages.size() > 1) {
        citation.place.line_last = last_line;
        citation.place.hash = hash_hex(citation.quote);
    }
    if (checked.state == CitedState::unchanged) {
        citation.place.line_first = static_cast<std::uint32_t>(citation.place.line_first + checked.lines_moved);
        citation.place.line_last = static_cast<std::uint32_t>(citation.place.line_last + checked.lines_moved);
    }
    citation.state = to_string(checked.state);
    return citation;
}

}  // namespace

Result<> Telling::say(wire::ApiSentence sentence, std::span<const std::vector<std::size_t>> cited) {
    sentence.citations.clear();
    for (const auto& candidates : cited) sentence.citations.push_back(TRY(cite(candidates)));
    std::ranges::sort(sentence.citations);
    answer_.sentences.push_back(std::move(sentence));
    return tell(wire::AskSentence{answer_.sentences.back()});
}

Result<std::uint32_t> Telling::cite(const std::vector<std::size_t>& candidates) {
    const auto [known, is_new] =
        numbers_.try_emplace(candidates.front(), static_cast<std::uint32_t>(numbers_.size() + 1));
    if (is_new) {
        std::vector<const store::PlacedPassage*> passages;
        cited_.resize(recalled_.candidates.size());
        for (const std::size_t candidate : candidates) {
            passages.push_back(&recalled_.candidates[candidate].placed);
            cited_[candidate] = known->second;
        }
        answer_.citations.push_back(citation_of(known->second, passages));
        // Of passages cited as one a copy of each would have to stand side by side too: nothing is claimed.
        if (candidates.size() == 1)
            answer_.citations.back().also = places_of(recalled_.candidates[candidates.front()].also);
        TRY_VOID(tell(wire::AskCitation{answer_.citations.back()}));
    }
    return known->second;
}

Result<> Telling::tell(const wire::AskEvent& event) {
    if (sink_ && !sink_(event)) return fail(Code::unavailable, "the question was cancelled");
    return {};
}

}  // namespace lar::answer
