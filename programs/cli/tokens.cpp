// lar token: tokens of programs that reach Lar over TCP.
#include "wire/tokens.h"
#include "base/format.h"
#include "base/text.h"
#include "commands.h"

namespace lar::cli {
namespace {

std::string rate_text(const wire::ApiToken& token) {
    return token.per_minute == 0 ? "any" : lar::format("{} a minute", count_text(token.per_minute));
}

Outcome<Exit> list_tokens(Session& session, Connection& lard) {
    const auto list = TRY(call<wire::ApiTokens>(lard, "GET", "/lar/v1/tokens"));
    if (session.json()) {
        session.out.line(wire::to_json(list));
        return Exit::ok;
    }
    Table table({{"NAME"}, {"REACHES"}, {"REQUESTS"}, {"CREATED"}});
    for (const wire::ApiToken& token : list.tokens)
        table.row({token.name, token.scope == "memory" ? "models and memory" : "models", rate_text(token),
                   date_text(token.created, session.zone)});
    session.out.print(table.empty() ? "no tokens but your own, which is in the file token of the data folder\n"
                                    : table.text(session.out));
    return Exit::ok;
}

Outcome<Exit> create_token(Session& session, Connection& lard, const std::string& name) {
    const wire::ApiTokenRequest request{
        .name = name,
        .scope = session.arguments.value("--scope").value_or("chat"),
        .per_minute = static_cast<std::uint32_t>(TRY(session.arguments.number("--per-minute", 0, 1'000'000)))};
    const auto made = TRY(call<wire::ApiNewToken>(lard, "POST", "/lar/v1/tokens", wire::to_json(request)));
    if (session.json()) {
        session.out.line(wire::to_json(made));
        return Exit::ok;
    }
    session.out.line(made.token);
    session.err.line(lar::format("This is shown once. '{}' reaches {}; `lar token revoke {}` ends it.", made.about.name,
                                 made.about.scope == "memory" ? "models and all of your memory" : "models alone",
                                 made.about.name));
    return Exit::ok;
}

Outcome<Exit> revoke_token(Session& session, Connection& lard, const std::string& name) {
    const auto revoked = TRY(call<wire::ApiToken>(lard, "DELETE", "/lar/v1/tokens/" + url_encoded(name)));
    session.out.line(session.json() ? wire::to_json(revoked)
                                    : lar::format("revoked '{}': who holds it is nobody from now on", revoked.name));
    return Exit::ok;
}

}  // namespace

Outcome<Exit> run_token(Session& session) {
    const std::vector<std::string>& words = session.arguments.positionals;
    const std::string action = words.empty() ? "list" : words[0];
    const std::size_t wanted = action == "list" ? 1 : 2;
    if (action != "list" && action != "create" && action != "revoke")
        return wrong_usage(lar::format("lar token takes create, list or revoke, not '{}'", printable(action)));
    if (words.size() > wanted || (wanted == 2 && words.size() < 2))
        return wrong_usage(lar::format("lar token {} takes {}", action, wanted == 2 ? "one NAME" : "no name"));
    if (action != "create" && (session.arguments.has("--scope") || session.arguments.has("--per-minute")))
        return wrong_usage("--scope and --per-minute belong to lar token create");
    Connection& lard = *TRY(session.lard());
    if (action == "list") return list_tokens(session, lard);
    return action == "create" ? create_token(session, lard, words[1]) : revoke_token(session, lard, words[1]);
}

}  // namespace lar::cli
