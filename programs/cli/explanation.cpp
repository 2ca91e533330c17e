#include "explanation.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : "; ") + printable(word);
    return text;
}

// "words (BM25) 7.21 × shelf 0.50".
std::string parts_text(const std::vector<wire::ApiScorePart>& parts) {
    std::string text;
    for (const wire::ApiScorePart& part : parts)
        text += lar::format("{}{} {:.2f}", text.empty() ? "" : " × ", printable(part.name), part.factor);
    return text;
}

std::string terms_table(const std::vector<wire::ApiTerm>& terms, const Look& look) {
    using enum Table::Align;
    Table table({{"TERM"}, {"SORT"}, {"WEIGHT", right}, {"INFORMATION", right}, {"PASSAGES", right}});
    for (const wire::ApiTerm& term : terms) {
        const bool own = term.sort != "spelling" && term.sort != "synonym";
        table.row({printable(term.term), printable(term.sort), lar::format("{:.2f}", term.weight),
                   own ? lar::format("{:.2f}", term.information) : "", own ? count_text(term.passages) : ""});
    }
    return table.text(look.output);
}

}  // namespace

std::string explanation_text(const wire::ApiExplanation& explanation, const wire::ApiReceipt& receipt,
                             const Look& look) {
    const auto head = [&](std::string_view text) { return "\n" + look.output.styled(Style::strong, text) + "\n"; };
    std::string text = head("The question as understood");
    text += lar::format("searched for: {}\n", printable(trim(explanation.searched)));
    text += lar::format("intent: {}", printable(explanation.intent));
    if (!explanation.wants.empty()) text += "; wants " + listed(explanation.wants);
    text += "\n";
    if (!receipt.hints.empty()) text += "hints: " + listed(receipt.hints) + "\n";
    if (receipt.since || receipt.until)
        text += lar::format("time: {} to {}\n", printable(receipt.since.value_or("any")),
                            printable(receipt.until.value_or("any")));
    if (!explanation.terms.empty()) text += terms_table(explanation.terms, look);
    const bool answers = explanation.answerable >= explanation.least_answerable;
    text += lar::format("answerable: {:.3f}, {} the {:.3f} that an answer needs\n", explanation.answerable,
                        answers ? "at least" : "below", explanation.least_answerable);

    text += head("Candidates, best first");
    const std::size_t shown = std::min(explanation.candidates.size(), shown_candidates);
    for (std::size_t i = 0; i < shown; ++i) {
        const wire::ApiCandidate& one = explanation.candidates[i];
        text += lar::format("{:>2}. {:.2f}  {}  {}\n", i + 1, one.score,
                            look.output.styled(Style::place, place_text(one.place)), printable(one.outcome));
        std::string facts = "    " + parts_text(one.parts);
        // Of a neighbour nobody has looked.
        if (one.coverage > 0) facts += lar::format(" · holds {:.0f} % of the question", one.coverage * 100);
        text += look.output.styled(Style::faint, facts) + "\n";
    }
    if (explanation.candidates.empty()) text += "none\n";
    if (shown < explanation.candidates.size())
        text += lar::format("and {} more (--json shows them)\n", count_text(explanation.candidates.size() - shown));
    for (const wire::LeftOut& one : receipt.left_out)
        if (one.count > 0) text += lar::format("left out: {} {}\n", count_text(one.count), printable(one.reason));
    return text;
}

std::string route_text(const wire::ApiRoute& route, const Look& look) {
    std::string text =
        "\n" + look.output.styled(Style::strong, "Where it should be answered") + "\n" + printable(route.why) + "\n";
    Table table({{"LOOKED AT"}, {"VALUE"}, {"LIMIT"}, {"SPEAKS FOR"}});
    for (const wire::ApiRouteReason& reason : route.reasons)
        table.row({printable(reason.what), printable(reason.value), printable(reason.limit),
                   reason.proposes ? "another model" : "nothing"});
    text += table.text(look.output);
    if (route.decision == "propose")
        text += lar::format("`lar handoff propose --answer last --to {}` shows what asking there would send.\n",
                            printable(route.provider));
    return text;
}

}  // namespace lar::cli
