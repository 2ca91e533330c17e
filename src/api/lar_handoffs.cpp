// Hand-offs: proposed, looked at, changed, approved by the hash of what was shown, or denied.
//
// All of it is guarded like the user's files, which a ticket holds pieces of: the unix socket, or a token for memory.
// Nothing is proposed and nothing leaves by itself, or by asking with GET.
#include <map>
#include <set>

#include "answer/answer.h"
#include "api/lar_routes.h"
#include "api/replies.h"
#include "api/requests.h"
#include "base/format.h"
#include "ingest/forgetting.h"

namespace lar::api {
namespace {

constexpr std::uint32_t passages_handed = 8;  // with a question
constexpr std::size_t commit_digits = 12;
constexpr std::string_view handoffs_hint =
    "'lar handoff list' shows what there is, 'lar handoff show ID' what it says.";

wire::ApiHandoffProvider api_provider(const consent::Provider& provider, bool has_key) {
    return {.name = provider.name,
            .kind = std::string(to_string(provider.dialect)),
            .tier = std::string(to_string(provider.tier)),
            .redact = std::string(to_string(provider.redact)),
            .host = provider.host,
            .path = provider.path,
            .model = provider.model,
            .port = provider.port,
            .dollars_in = provider.dollars_per_million_in,
            .dollars_out = provider.dollars_per_million_out,
            .has_key = has_key};
}

// Each placeholder once, with how often it stands there.
std::vector<wire::ApiRedaction> api_redactions(const consent::Ticket& ticket) {
    std::vector<wire::ApiRedaction> all;
    std::map<std::string_view, std::size_t> known;
    for (const consent::Redaction& one : ticket.redactions) {
        const auto [at, fresh] = known.try_emplace(one.placeholder, all.size());
        if (fresh)
            all.push_back({.placeholder = one.placeholder,
                           .kind = std::string(to_string(one.sort)),
                           .reason = one.reason,
                           .stands_for = ticket.text.substr(one.begin, one.end - one.begin),
                           .redacted = one.applies});
        ++all[at->second].occurrences;
    }
    return all;
}

std::string time_text(std::int64_t us, const Zone& zone) { return to_rfc3339({us, zone.offset_min_at(us)}); }

wire::ApiHandoff api_handoff(const consent::Ticket& ticket, const Rooms& rooms) {
    wire::ApiHandoff handoff{.id = ticket.id,
                             .state = std::string(to_string(ticket.state)),
                             .provider = api_provider(ticket.provider, rooms.tickets.has_key(ticket.provider)),
                             .why = ticket.why,
                             .proposed = time_text(ticket.proposed_us, rooms.zone),
                             .expires = time_text(ticket.expires_us, rooms.zone),
                             .text = ticket.text,
                             .body = ticket.body,
                             .bytes = ticket.body.size(),
                             .hash = ticket.hash,
                             .redactions = api_redactions(ticket),
                             .answer_tokens = ticket.answer_tokens,
                             .expected_cost = ticket.expected_dollars,
                             .approved_by = ticket.approved_by,
                             .outcome = ticket.outcome};
    if (ticket.approved_us != 0) handoff.approved = time_text(ticket.approved_us, rooms.zone);
    if (const auto& reply = ticket.reply)
        handoff.reply = {reply->text, reply->prompt_tokens, reply->generated_tokens, reply->complete, ticket.cost};
    return handoff;
}

wire::ApiHandoffLine line_of(const consent::Ticket& ticket, const Zone& zone) {
    std::set<std::string_view> out;
    for (const consent::Redaction& one : ticket.redactions)
        if (one.applies) out.insert(one.placeholder);
    return {.id = ticket.id,
            .state = std::string(to_string(ticket.state)),
            .provider = ticket.provider.name,
            .host = ticket.provider.host,
            .model = ticket.provider.model,
            .tier = std::string(to_string(ticket.provider.tier)),
            .proposed = time_text(ticket.proposed_us, zone),
            .expires = time_text(ticket.expires_us, zone),
            .bytes = ticket.body.size(),
            .redactions = out.size(),
            .expected_cost = ticket.expected_dollars,
            .cost = ticket.cost,
            .outcome = ticket.outcome};
}

// How the other model is told where a passage stands.
std::string name_of(const wire::ApiPlace& place) {
    std::string name = place.path;
    if (!place.commit.empty())
        name = lar::format("commit {}{}{}", place.commit.substr(0, commit_digits), name.empty() ? "" : ", ", name);
    if (place.line_first != 0) name += lar::format(", lines {} to {}", place.line_first, place.line_last);
    if (place.page != 0) name += lar::format(", page {}", place.page);
    return name;
}

// What is to be handed off, why unless the user says so, and the names of the sources whose words it holds.
struct Material {
    std::string text;
    std::string why = "you asked for it";
    std::set<std::string> sources;
};

Material material_of(std::string_view question, const std::vector<std::pair<wire::ApiPlace, std::string>>& quoted) {
    std::vector<consent::QuotedSource> sources;
    Material material;
    for (const auto& [place, text] : quoted) {
        sources.push_back({name_of(place), text});
        material.sources.insert(place.source);
    }
    material.text = consent::handoff_text(question, sources);
    return material;
}

Result<Material> material_of_question(const wire::ApiHandoffRequest& asked, store::Reader& reader, const Rooms& rooms) {
    TRY_VOID(check_question(asked.question));
    const auto limits = TRY(limits_of(asked.in, asked.since, asked.until, {}, rooms.clock, rooms.zone));
    const wire::ApiSearchRequest search{.query = asked.question, .limit = passages_handed};
    const auto found = TRY(answer::search(
        search, limits, reader, rooms.clock, rooms.zone,
        {.air_gap = rooms.daemon.air_gap(), .dense = rooms.dense, .reranker = rooms.reranker, .spaces = rooms.spaces}));
    std::vector<std::pair<wire::ApiPlace, std::string>> quoted;
    for (const wire::ApiHit& hit : found.hits) quoted.emplace_back(hit.place, hit.text);
    return material_of(asked.question, quoted);
}

// What spoke for it when the answer was made.
void take_why(const wire::ApiAnswer& answer, Material& material) {
    if (answer.route && answer.route->decision == "propose") material.why = answer.route->why;
}

Result<Material> material_of_answer(const std::string& id, store::Reader& reader, const Rooms& rooms) {
    std::optional<store::KeptAnswer> kept;
    if (id == "last") {
        std::vector<store::KeptAnswer> latest = TRY(reader.answers(1));
        if (!latest.empty()) kept = std::move(latest.front());
    } else {
        kept = TRY(reader.answer(id));
    }
    if (!kept) return fail(Code::not_found, "there is no answer of that id; 'lar answers' lists those that are kept");
    const auto answer = TRY(wire::from_json<wire::ApiAnswer>(kept->json));
    // What the model here made of the passages was not theirs: the other one gets them, and not what it made.
    if (answer.outcome == "unsupported" && answer.citations.empty()) {
        Material material =
            TRY(material_of_question({.question = answer.question, .in = answer.receipt.sources}, reader, rooms));
        take_why(answer, material);
        return material;
    }
    std::vector<std::pair<wire::ApiPlace, std::string>> quoted;
    for (const wire::ApiCitation& one : answer.citations) quoted.emplace_back(one.place, one.quote);
    Material material = material_of(answer.question, quoted);
    take_why(answer, material);
    return material;
}

Result<Material> material_of(const wire::ApiHandoffRequest& asked, store::Reader& reader, const Rooms& rooms) {
    const int given = (asked.question.empty() ? 0 : 1) + (asked.answer.empty() ? 0 : 1) + (asked.text.empty() ? 0 : 1);
    if (given != 1) return fail(Code::invalid, "say one of question, answer (the id of one) and text");
    if (asked.question.empty() && (!asked.in.empty() || asked.since || asked.until))
        return fail(Code::invalid, "in, since and until say where to look for what answers a question");
    if (!asked.answer.empty()) return material_of_answer(asked.answer, reader, rooms);
    if (!asked.text.empty()) return Material{.text = asked.text};
    return material_of_question(asked, reader, rooms);
}

// The ledger has it: who said yes, and by which way.
std::string_view who(const http::Peer& peer) {
    return peer.transport == http::Transport::unix_socket ? "user, unix socket" : "a token, over TCP";
}

}  // namespace

void LarRoutes::reply_ticket(http::Responder& responder, const Result<consent::Ticket>& ticket, int status) {
    if (!ticket) return answer_error(responder, ticket.error(), handoffs_hint);
    responder.json(status, wire::to_json(api_handoff(*ticket, rooms_)));
}

void LarRoutes::handoffs(http::Request&& request, http::Responder responder) {
    const auto listed = [&]() -> Result<wire::ApiHandoffs> {
        const std::uint32_t limit = TRY(number_in(request, "limit", 20, wire::limit_handoffs_listed));
        auto reader = TRY(readers_.lease());
        wire::ApiHandoffs list;
        for (const consent::Ticket& ticket : TRY(rooms_.tickets.list(*reader, limit)))
            list.handoffs.push_back(line_of(ticket, rooms_.zone));
        return list;
    }();
    reply(responder, listed);
}

void LarRoutes::handoff_providers(http::Request&&, http::Responder responder) {
    wire::ApiHandoffProviders list;
    for (const consent::Provider& one : rooms_.tickets.settings().providers)
        list.providers.push_back(api_provider(one, rooms_.tickets.has_key(one)));
    responder.json(200, wire::to_json(list));
}

void LarRoutes::handoff(http::Request&& request, http::Responder responder) {
    const auto found = [&]() -> Result<consent::Ticket> {
        auto reader = TRY(readers_.lease());
        return rooms_.tickets.find(*reader, path_parameter(request, "id"));
    }();
    reply_ticket(responder, found);
}

Result<consent::Ticket> LarRoutes::propose(const wire::ApiHandoffRequest& asked) {
    Material material = TRY(material_of(asked, *TRY(readers_.lease()), rooms_));
    std::string why = asked.why.empty() ? std::move(material.why) : asked.why;
    if (asked.text.empty() && material.sources.empty())
        why += ", and nothing was found in your sources that could go with the question";
    return rooms_.tickets.propose(
        asked.provider, {.text = std::move(material.text), .why = std::move(why), .answer_tokens = asked.answer_tokens},
        {material.sources.begin(), material.sources.end()});
}

void LarRoutes::propose_handoff(http::Request&& request, http::Responder responder) {
    const auto proposed = [&]() -> Result<consent::Ticket> {
        return propose(TRY(wire::from_json<wire::ApiHandoffRequest>(request.body)));
    }();
    reply_ticket(responder, proposed, 201);
}

void LarRoutes::edit_handoff(http::Request&& request, http::Responder responder) {
    const auto edited = [&]() -> Result<consent::Ticket> {
        auto asked = TRY(wire::from_json<wire::ApiHandoffEdit>(request.body));
        if (asked.text.empty()) return fail(Code::invalid, "an empty text cannot be handed off; deny it instead");
        return rooms_.tickets.edit(path_parameter(request, "id"), std::move(asked.text));
    }();
    reply_ticket(responder, edited);
}

void LarRoutes::redact_handoff(http::Request&& request, http::Responder responder) {
    const auto changed = [&]() -> Result<consent::Ticket> {
        const auto asked = TRY(wire::from_json<wire::ApiHandoffRedaction>(request.body));
        return rooms_.tickets.set_taken(path_parameter(request, "id"), asked.placeholder,
                                        asked.redact ? consent::Taken::out : consent::Taken::back);
    }();
    reply_ticket(responder, changed);
}

// Waits for the reply also when whoever approved it goes away: it is paid for, and it is kept.
void LarRoutes::approve_handoff(http::Request&& request, http::Responder responder) {
    const auto ended = [&]() -> Result<consent::Ticket> {
        const auto asked = TRY(wire::from_json<wire::ApiHandoffApproval>(request.body));
        return rooms_.tickets.approve(path_parameter(request, "id"), asked.hash, who(request.peer));
    }();
    reply_ticket(responder, ended);
}

void LarRoutes::deny_handoff(http::Request&& request, http::Responder responder) {
    reply_ticket(responder, rooms_.tickets.deny(path_parameter(request, "id")));
}

void LarRoutes::forget_handoff(http::Request&& request, http::Responder responder) {
    const auto forgotten = [&]() -> Result<wire::ApiOk> {
        TRY_VOID(rooms_.tickets.forget(path_parameter(request, "id")));
        TRY_VOID(ingest::scrub(rooms_.store));
        return wire::ApiOk{};
    }();
    reply(responder, forgotten, 200, handoffs_hint);
}

}  // namespace lar::api
