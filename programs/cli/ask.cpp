// lar ask, lar search, lar answers: questions and what came of them.

#include "answer_stream.h"
#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "explanation.h"
#include "show.h"
#include "wire/api.h"

namespace lar::cli {
namespace {

constexpr std::string_view no_model_line =
    "No model was used: these are sentences of your sources, quoted. `lar open N` opens a source.";

// What no source holds is as good as not found.
Exit exit_of(const wire::ApiAnswer& answer) { return answer.outcome == "answered" ? Exit::ok : Exit::not_found; }

void say_without_model(Session& session, const wire::ApiReceipt& receipt) {
    const auto say = [&](const std::string& text) {
        session.out.line(session.out.styled(
            Style::faint, session.out.interactive() ? wrapped(text, session.out.text_columns(), 2) : text));
    };
    say(std::string(no_model_line));
    if (!receipt.no_model.empty()) say("Why none: " + printable(receipt.no_model) + ".");
}

// The answer stands; whether to go on is the user's.
void say_proposal(Session& session, const wire::ApiAnswer& answer) {
    if (!answer.route || answer.route->decision != "propose") return;
    session.out.line(lar::format("{}. `lar handoff propose --answer {} --to {}` shows what would be sent.",
                                 printable(answer.route->why), printable(answer.id),
                                 printable(answer.route->provider)));
}

Outcome<std::string> question_of(const Session& session) {
    std::string text = session.arguments.words();
    if (trim(text).empty()) return wrong_usage(lar::format("lar {} needs some words", session.arguments.verb->name));
    if (text.size() > wire::limit_question_bytes)
        return wrong_usage(lar::format("the text is longer than {} bytes", wire::limit_question_bytes),
                           "ask a shorter question; `lar add` takes long texts");
    if (!is_utf8(text)) return wrong_usage("the text is not UTF-8");
    return text;
}

Outcome<Exit> show_answers(Session& session, Connection& lard) {
    const auto limit = TRY(session.arguments.number("--limit", 20, 1000));
    const auto answers = TRY(call<wire::ApiAnswers>(lard, "GET", lar::format("/lar/v1/answers?limit={}", limit)));
    if (session.json()) {
        session.out.line(wire::to_json(answers));
        return Exit::ok;
    }
    if (answers.answers.empty()) {
        session.err.line("no answers yet: `lar ask \"question\"` gives the first");
        return Exit::ok;
    }
    Table table({{"ID"}, {"WHEN"}, {"OUTCOME"}, {"QUESTION"}});
    std::size_t shown = 0;
    for (const wire::ApiStored& stored : answers.answers) {
        if (shown++ == limit) break;
        table.row({stored.answer.id, ago_text(stored.time, session.clock.now_us(), session.zone), stored.answer.outcome,
                   printable(stored.answer.question)});
    }
    session.out.print(table.text(session.out));
    return Exit::ok;
}

}  // namespace

Outcome<Exit> run_ask(Session& session) {
    wire::ApiAskRequest request;
    request.question = TRY(question_of(session));
    request.in = session.arguments.values("--in");
    request.since = session.arguments.value("--since");
    request.until = session.arguments.value("--until");
    request.limit = TRY(session.arguments.number("--limit", request.limit, wire::limit_results));
    request.model = session.arguments.value("--model").value_or("");
    request.no_model = session.arguments.has("--no-model");
    request.explain = session.arguments.has("--explain");
    request.explain_route = session.arguments.has("--explain-route");
    if (request.no_model && !request.model.empty()) return wrong_usage("--model and --no-model exclude each other");
    request.stream = !session.json();
    Connection& lard = *TRY(session.lard());
    if (session.json()) {
        const auto answer = TRY(call<wire::ApiAnswer>(lard, "POST", "/lar/v1/ask", wire::to_json(request)));
        session.out.line(wire::to_json(answer));
        return exit_of(answer);
    }
    const wire::ApiAnswer answer = TRY(streamed_answer(session, lard, "/lar/v1/ask", wire::to_json(request)));
    session.out.print(grounds_text(answer, look_of(session)));
    if (answer.outcome == "answered" && !answer.receipt.model) say_without_model(session, answer.receipt);
    say_proposal(session, answer);
    if (answer.explanation) session.out.print(explanation_text(*answer.explanation, answer.receipt, look_of(session)));
    if (answer.route && request.explain_route) session.out.print(route_text(*answer.route, look_of(session)));
    return exit_of(answer);
}

Outcome<Exit> run_search(Session& session) {
    wire::ApiSearchRequest request;
    request.query = TRY(question_of(session));
    request.in = session.arguments.values("--in");
    request.since = session.arguments.value("--since");
    request.until = session.arguments.value("--until");
    request.kinds = session.arguments.values("--kind");
    request.limit = TRY(session.arguments.number("--limit", request.limit, wire::limit_results));
    request.explain = session.arguments.has("--explain");
    Connection& lard = *TRY(session.lard());
    const auto found = TRY(call<wire::ApiSearchResponse>(lard, "POST", "/lar/v1/search", wire::to_json(request)));
    const Exit exit = found.hits.empty() ? Exit::not_found : Exit::ok;
    if (session.json()) {
        session.out.line(wire::to_json(found));
        return exit;
    }
    const Look look = look_of(session);
    if (found.hits.empty()) session.out.print(not_found_text(found.receipt));
    for (const wire::ApiHit& hit : found.hits) session.out.print(hit_text(hit, look) + "\n");
    // Where the output goes on to another program the passages are what was asked for.
    if (session.out.interactive()) session.out.print(receipt_text(found.receipt, look));
    if (found.explanation) session.out.print(explanation_text(*found.explanation, found.receipt, look));
    return exit;
}

Outcome<Exit> run_answers(Session& session) {
    Connection& lard = *TRY(session.lard());
    if (session.arguments.positionals.empty()) return show_answers(session, lard);
    const auto stored = TRY(answer_named(lard, session.arguments.positionals[0]));
    if (session.json()) {
        session.out.line(wire::to_json(stored));
        return Exit::ok;
    }
    session.out.line(
        session.out.styled(Style::strong, printable(stored.answer.question)) +
        session.out.styled(Style::faint, "  " + ago_text(stored.time, session.clock.now_us(), session.zone)));
    session.out.print(answer_text(stored.answer, look_of(session)));
    return Exit::ok;
}

}  // namespace lar::cli
