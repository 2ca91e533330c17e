// lar handoff: a question to a larger model elsewhere, after its user has seen every byte of it.
#include <span>

#include "answer_stream.h"
#include "base/format.h"
#include "base/text.h"
#include "handoff_actions.h"
#include "handoff_show.h"
#include "piped_text.h"
#include "wire/api.h"

namespace lar::cli {
namespace {

constexpr std::uint32_t limit_reply_tokens = 128 * 1024;
constexpr std::uint32_t usual_reply_tokens = 1024;

std::string target_of(const std::string& id, std::string_view action = {}) {
    return lar::format("/lar/v1/handoffs/{}{}{}", url_encoded(id), action.empty() ? "" : "/", action);
}

Outcome<std::string> id_of(Connection& lard, const std::string& word) {
    if (word != "last") return word;
    const auto list = TRY(call<wire::ApiHandoffs>(lard, "GET", "/lar/v1/handoffs?limit=1"));
    if (list.handoffs.empty())
        return failed(Code::not_found, "there are no hand-offs", "`lar handoff propose` makes one");
    return list.handoffs.front().id;
}

Outcome<wire::ApiHandoff> chosen(Connection& lard, const std::string& word) {
    return call<wire::ApiHandoff>(lard, "GET", target_of(TRY(id_of(lard, word))));
}

// A ticket that waits, with what can be done now.
Outcome<Exit> tell(Session& session, const wire::ApiHandoff& handoff) {
    if (session.json()) {
        session.out.line(wire::to_json(handoff));
        return Exit::ok;
    }
    session.out.print(handoff_preview(handoff, look_of(session)));
    if (const std::string outcome = handoff_outcome(handoff, look_of(session)); !outcome.empty())
        session.out.print("\n" + outcome);
    if (handoff.state == "proposed" || handoff.state == "edited")
        session.err.line(
            lar::format("\nNothing has left. `lar handoff approve {}` sends it, `lar handoff deny {}` ends "
                        "it; keep, redact and edit change it.",
                        handoff.id, handoff.id));
    return Exit::ok;
}

Outcome<Exit> list(Session& session, Connection& lard) {
    const auto limit = TRY(session.arguments.number("--limit", 20, wire::limit_handoffs_listed));
    const auto handoffs = TRY(call<wire::ApiHandoffs>(lard, "GET", lar::format("/lar/v1/handoffs?limit={}", limit)));
    if (session.json())
        session.out.line(wire::to_json(handoffs));
    else if (handoffs.handoffs.empty())
        session.err.line(
            "no hand-offs: `lar handoff propose QUESTION` makes one, and nothing leaves before you approve it");
    else
        session.out.print(handoff_list(handoffs, look_of(session)));
    return Exit::ok;
}

Outcome<Exit> providers(Session& session, Connection& lard) {
    const auto known = TRY(call<wire::ApiHandoffProviders>(lard, "GET", "/lar/v1/handoffs/providers"));
    if (session.json()) {
        session.out.line(wire::to_json(known));
        return Exit::ok;
    }
    if (known.providers.empty()) {
        session.err.line("config.toml names no providers: put a [providers.NAME] with host and model there");
        return Exit::ok;
    }
    Table table({{"NAME"},
                 {"HOST"},
                 {"MODEL"},
                 {"WHOSE"},
                 {"TAKEN OUT"},
                 {"IN", Table::Align::right},
                 {"OUT", Table::Align::right},
                 {"READY"}});
    for (const wire::ApiHandoffProvider& one : known.providers)
        table.row({one.name, lar::format("{}:{}", one.host, one.port), one.model,
                   one.tier == "own" ? "yours" : "others'", one.redact, dollars_text(one.dollars_in),
                   dollars_text(one.dollars_out),
                   one.has_key ? "yes" : lar::format("lar handoff key set {}", one.name)});
    session.out.print(table.text(session.out));
    session.err.line("prices for a million tokens, as config.toml has them");
    return Exit::ok;
}

Outcome<wire::ApiHandoffRequest> asked_for(Session& session, std::span<const std::string> words) {
    const Arguments& arguments = session.arguments;
    wire::ApiHandoffRequest request{.answer = arguments.value("--answer").value_or(""),
                                    .provider = arguments.value("--to").value_or(""),
                                    .why = arguments.value("--why").value_or(""),
                                    .in = arguments.values("--in"),
                                    .since = arguments.value("--since"),
                                    .until = arguments.value("--until")};
    request.answer_tokens = TRY(arguments.number("--tokens", usual_reply_tokens, limit_reply_tokens));
    for (const std::string& word : words) request.question += (request.question.empty() ? "" : " ") + word;
    const int given =
        (request.question.empty() ? 0 : 1) + (request.answer.empty() ? 0 : 1) + (arguments.has("--text") ? 1 : 0);
    if (given != 1)
        return wrong_usage(
            "lar handoff propose takes a QUESTION, --answer ID, or --text with a text on standard input");
    if (arguments.has("--text")) {
        request.text = TRY(piped_text(session));
        if (trim(request.text).empty()) return wrong_usage("the text on standard input is empty");
    }
    return request;
}

Outcome<Exit> approve(Session& session, Connection& lard, const std::string& word) {
    const auto hash = session.arguments.value("--hash");
    if (session.arguments.has("--yes") && !hash)
        return wrong_usage("--yes alone would approve what nobody looked at",
                           "say which bytes with --hash; `lar handoff show ID` has it");
    std::string id = TRY(id_of(lard, word));
    std::string approved = hash.value_or("");
    if (!hash) {
        if (!can_be_asked(session))
            return wrong_usage("nobody is there to be asked", "a script says which bytes with --hash");
        const auto handoff = TRY(chosen(lard, id));
        session.out.print(handoff_preview(handoff, look_of(session)));
        if (!says_yes(session,
                      lar::format("\nSend these {} bytes to {}?", count_text(handoff.bytes), handoff.provider.host))) {
            session.err.line(lar::format("Nothing was sent. It waits; `lar handoff deny {}` ends it.", handoff.id));
            return Exit::error;
        }
        approved = handoff.hash;
    }
    const auto over = TRY(approve_handoff(lard, id, approved));
    if (session.json())
        session.out.line(wire::to_json(over));
    else
        session.out.print(handoff_outcome(over, look_of(session)));
    return over.state == "answered" ? Exit::ok : Exit::error;
}

Outcome<Exit> edit(Session& session, Connection& lard, const std::string& word) {
    const auto before = TRY(chosen(lard, word));
    const std::string text = TRY(edited_text(session, before.text));
    if (text == before.text) {
        session.err.line("Nothing was changed.");
        return Exit::ok;
    }
    return tell(session, TRY(call<wire::ApiHandoff>(lard, "POST", target_of(before.id, "text"),
                                                    wire::to_json(wire::ApiHandoffEdit{text}))));
}

Outcome<Exit> redact(Session& session, Connection& lard, std::span<const std::string> words, bool redacted) {
    std::string placeholder = words[1];
    if (!placeholder.starts_with('[')) placeholder = "[" + placeholder + "]";  // brackets are the shell's
    const std::string body = wire::to_json(wire::ApiHandoffRedaction{placeholder, redacted});
    const std::string id = TRY(id_of(lard, words[0]));
    return tell(session, TRY(call<wire::ApiHandoff>(lard, "POST", target_of(id, "redactions"), body)));
}

Outcome<Exit> forget(Session& session, Connection& lard, const std::string& word) {
    const std::string id = TRY(id_of(lard, word));
    const auto gone = TRY(call<wire::ApiOk>(lard, "DELETE", target_of(id)));
    session.out.line(session.json() ? wire::to_json(gone) : lar::format("forgot {}, with its text", id));
    return Exit::ok;
}

Outcome<Exit> show(Session& session, Connection& lard, const std::string& word) {
    const auto handoff = TRY(chosen(lard, word));
    if (!session.arguments.has("--raw")) return tell(session, handoff);
    session.out.print(handoff.body);
    return Exit::ok;
}

// Those that take the id of a hand-off.
Outcome<Exit> act_on_one(Session& session, Connection& lard, const std::string& action,
                         std::span<const std::string> words) {
    const bool placeholder = action == "keep" || action == "redact";
    if (words.size() != (placeholder ? 2U : 1U))
        return wrong_usage(lar::format("lar handoff {} takes {}", action,
                                       placeholder ? "the ID of a hand-off and a placeholder" : "the ID of a hand-off"),
                           "`lar handoff list` lists them; last is the newest");
    if (action == "show") return show(session, lard, words[0]);
    if (action == "edit") return edit(session, lard, words[0]);
    if (action == "approve") return approve(session, lard, words[0]);
    if (action == "forget") return forget(session, lard, words[0]);
    if (placeholder) return redact(session, lard, words, action == "redact");
    const std::string id = TRY(id_of(lard, words[0]));
    const auto denied = TRY(call<wire::ApiHandoff>(lard, "POST", target_of(id, "deny")));
    session.out.line(session.json() ? wire::to_json(denied) : lar::format("denied {}: nothing of it has left", id));
    return Exit::ok;
}

bool takes_id(std::string_view action) {
    return action == "show" || action == "edit" || action == "approve" || action == "forget" || action == "keep" ||
           action == "redact" || action == "deny";
}

}  // namespace

Outcome<Exit> run_handoff(Session& session) {
    const std::vector<std::string>& all = session.arguments.positionals;
    const std::string action = all.empty() ? "list" : all[0];
    const std::span<const std::string> words = std::span(all).subspan(all.empty() ? 0 : 1);
    if (action != "approve" && (session.arguments.has("--hash") || session.arguments.has("--yes")))
        return wrong_usage("--hash and --yes belong to lar handoff approve");
    if (action == "key") return run_handoff_key(session, words);
    if (action == "propose") {
        const auto request = TRY(asked_for(session, words));
        return tell(session, TRY(call<wire::ApiHandoff>(*TRY(session.lard()), "POST", "/lar/v1/handoffs",
                                                        wire::to_json(request))));
    }
    if (takes_id(action)) return act_on_one(session, *TRY(session.lard()), action, words);
    if (action != "list" && action != "providers")
        return wrong_usage(lar::format("lar handoff does not know '{}'", printable(action)),
                           "`lar handoff --help` says what there is");
    if (!words.empty()) return wrong_usage(lar::format("lar handoff {} takes nothing more", action));
    Connection& lard = *TRY(session.lard());
    return action == "list" ? list(session, lard) : providers(session, lard);
}

}  // namespace lar::cli
