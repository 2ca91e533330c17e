#include "handoff_show.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t fact_columns = 10;
constexpr std::size_t shown_value_columns = 60;

std::string address_text(const wire::ApiHandoffProvider& provider) {
    return lar::format("https://{}:{}{}", provider.host, provider.port, provider.path);
}

std::string fact(const Output& out, std::string_view name, std::string_view value) {
    return lar::format("{}{}{}\n", out.styled(Style::strong, name), std::string(fact_columns - name.size(), ' '),
                       value);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
        text.replace(at, what.size(), with);
}

std::string bytes_shown(const wire::ApiHandoff& handoff, const Output& out) {
    std::string shown = printable(handoff.body);
    const bool same = shown == handoff.body;
    // JSON has a line's end as two letters; one that is the end of a longer row of backslashes is none.
    std::string broken;
    std::size_t backslashes = 0;
    for (const char c : shown) {
        broken += c;
        if (c == 'n' && backslashes % 2 == 1) broken += '\n';
        backslashes = c == '\\' ? backslashes + 1 : 0;
    }
    for (const wire::ApiRedaction& one : handoff.redactions)
        if (one.redacted) replace_all(broken, one.placeholder, out.styled(Style::good, one.placeholder));
    if (!same) broken += "\n(what a terminal would obey is shown otherwise here; --raw gives the bytes as they are)";
    return broken;
}

std::string redactions_text(const wire::ApiHandoff& handoff, const Output& out, bool redacted, std::string_view title) {
    Table table({{"PLACEHOLDER"}, {"IT IS"}, {"TIMES", Table::Align::right}, {"STANDS FOR"}});
    for (const wire::ApiRedaction& one : handoff.redactions)
        if (one.redacted == redacted)
            table.row({one.placeholder, printable(one.reason), count_text(one.occurrences),
                       shortened(printable(one.stands_for), shown_value_columns)});
    if (table.empty()) return {};
    return lar::format("\n{}\n{}", out.styled(redacted ? Style::good : Style::warning, title), table.text(out));
}

std::string when_it_ends(const wire::ApiHandoff& handoff, const Look& look) {
    const auto expires = parse_rfc3339(handoff.expires, look.zone);
    if (!expires) return handoff.expires;
    const double left_s = static_cast<double>(expires->us - look.now_us) / 1e6;
    return left_s > 0 ? lar::format("in {}", duration_text(left_s)) : "over";
}

bool waits(std::string_view state) { return state == "proposed" || state == "edited"; }

// A ticket that ended is no longer about to leave.
std::string_view what_became_of_it(std::string_view state) {
    if (state == "answered") return "What left this machine";
    if (state == "denied" || state == "expired") return "What would have left this machine, and did not";
    // One that failed may have arrived all the same.
    return waits(state) || state == "approved" ? "What leaves this machine" : "What was on its way from this machine";
}

// What it will cost, or did; nothing for what never left, or of which nobody knows.
std::string cost_text(const wire::ApiHandoffLine& one) {
    if (one.state == "answered") return dollars_text(one.cost);
    return waits(one.state) ? "about " + dollars_text(one.expected_cost) : std::string();
}

}  // namespace

std::string handoff_preview(const wire::ApiHandoff& handoff, const Look& look) {
    const Output& out = look.output;
    const wire::ApiHandoffProvider& provider = handoff.provider;
    std::string text = fact(out, "hand-off", lar::format("{} ({})", handoff.id, handoff.state));
    text += fact(out, "to",
                 lar::format("{}, model {}: {}{}", provider.name, provider.model, address_text(provider),
                             provider.tier == "own" ? ", a server of your own" : ""));
    text += fact(out, "because", printable(handoff.why));
    const bool priced = provider.dollars_in + provider.dollars_out > 0;
    text += fact(out, "costs",
                 lar::format("{}, with {} back at most",
                             priced ? "about " + dollars_text(handoff.expected_cost) : "an amount that is not listed",
                             counted(handoff.answer_tokens, "token", "tokens")));
    if (waits(handoff.state)) text += fact(out, "ends", when_it_ends(handoff, look));
    text += fact(out, "SHA-256", handoff.hash);
    text += lar::format(
        "\n{}\n{}\n",
        out.styled(Style::strong,
                   lar::format("{}, all {} bytes of it:", what_became_of_it(handoff.state), count_text(handoff.bytes))),
        bytes_shown(handoff, out));
    const bool over = !waits(handoff.state);
    text += redactions_text(handoff, out, true,
                            over ? "What stayed here:" : "What stays here, and is filled back into the reply:");
    text += redactions_text(
        handoff, out, false,
        over ? "What was found, and was left in:" : "What was found and leaves, because it was left in:");
    return text;
}

std::string handoff_outcome(const wire::ApiHandoff& handoff, const Look& look) {
    const Output& out = look.output;
    if (const auto& reply = handoff.reply) {
        std::string text = out.styled(
            Style::warning, lar::format("from {} ({}), {} bytes left this machine; {} tokens read, {} written, {}",
                                        handoff.provider.name, printable(handoff.provider.model),
                                        count_text(handoff.bytes), count_text(reply->prompt_tokens),
                                        count_text(reply->generated_tokens), dollars_text(reply->cost)));
        text += lar::format("\n{}\n", printable(reply->text));
        if (!reply->complete) text += out.styled(Style::faint, "(it was cut at the most tokens that were asked for)\n");
        return text;
    }
    if (!handoff.outcome.empty())
        return lar::format("{}  {}\n", out.styled(Style::bad, handoff.state), printable(handoff.outcome));
    return {};
}

std::string handoff_list(const wire::ApiHandoffs& list, const Look& look) {
    Table table({{"ID"},
                 {"WHEN"},
                 {"STATE"},
                 {"TO"},
                 {"BYTES", Table::Align::right},
                 {"TAKEN OUT", Table::Align::right},
                 {"COST", Table::Align::right},
                 {"OUTCOME"}});
    for (const wire::ApiHandoffLine& one : list.handoffs)
        table.row({one.id, ago_text(one.proposed, look.now_us, look.zone), one.state,
                   lar::format("{} ({})", one.provider, one.model), count_text(one.bytes), count_text(one.redactions),
                   cost_text(one), printable(one.outcome)});
    return table.empty() ? std::string() : table.text(look.output);
}

}  // namespace lar::cli
