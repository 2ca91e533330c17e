#include "consent/kept_ticket.h"

#include <algorithm>
#include <array>
#include <utility>

#include "wire/codec.h"
#include "wire/handoff.h"

namespace lar::consent {
namespace {

constexpr std::array states{TicketState::proposed, TicketState::edited, TicketState::approved, TicketState::denied,
                            TicketState::expired,  TicketState::sent,   TicketState::answered, TicketState::failed};
constexpr std::array sorts{Sort::secret, Sort::card, Sort::account, Sort::national, Sort::email,
                           Sort::phone,  Sort::name, Sort::path,    Sort::host};
constexpr std::array dialects{Dialect::openai, Dialect::anthropic};
constexpr std::array tiers{Tier::others, Tier::own};
constexpr std::array redacts{Redact::all, Redact::secrets};

template <class T, std::size_t N>
Result<T> named(const std::array<T, N>& values, std::string_view name) {
    for (const T value : values)
        if (to_string(value) == name) return value;
    return fail(Code::corrupt, "a hand-off in the store holds a word that it cannot hold");
}

wire::KeptProvider kept(const Provider& provider) {
    return {.name = provider.name,
            .dialect = std::string(to_string(provider.dialect)),
            .tier = std::string(to_string(provider.tier)),
            .redact = std::string(to_string(provider.redact)),
            .host = provider.host,
            .path = provider.path,
            .model = provider.model,
            .port = provider.port,
            .dollars_in = provider.dollars_per_million_in,
            .dollars_out = provider.dollars_per_million_out};
}

Result<Provider> provider_of(wire::KeptProvider kept) {
    return Provider{.name = std::move(kept.name),
                    .dialect = TRY(named(dialects, kept.dialect)),
                    .tier = TRY(named(tiers, kept.tier)),
                    .redact = TRY(named(redacts, kept.redact)),
                    .host = std::move(kept.host),
                    .port = kept.port,
                    .path = std::move(kept.path),
                    .model = std::move(kept.model),
                    .dollars_per_million_in = kept.dollars_in,
                    .dollars_per_million_out = kept.dollars_out};
}

Result<std::vector<Redaction>> redactions_of(std::vector<wire::KeptRedaction> kept, std::size_t text_bytes) {
    std::vector<Redaction> redactions;
    std::uint64_t free = 0;
    for (wire::KeptRedaction& one : kept) {
        if (one.begin < free || one.end < one.begin || one.end > text_bytes)
            return fail(Code::corrupt, "a hand-off in the store takes out what is not there");
        free = one.end;
        redactions.push_back({.begin = one.begin,
                              .end = one.end,
                              .sort = TRY(named(sorts, one.sort)),
                              .reason = std::move(one.reason),
                              .placeholder = std::move(one.placeholder),
                              .applies = one.applies});
    }
    return redactions;
}

}  // namespace

std::string kept_form(const Ticket& ticket) {
    wire::KeptTicket kept_ticket{.id = ticket.id,
                                 .state = std::string(to_string(ticket.state)),
                                 .provider = kept(ticket.provider),
                                 .why = ticket.why,
                                 .proposed_us = ticket.proposed_us,
                                 .expires_us = ticket.expires_us,
                                 .text = ticket.text,
                                 .answer_tokens = ticket.answer_tokens,
                                 .body = ticket.body,
                                 .hash = ticket.hash,
                                 .expected_dollars = ticket.expected_dollars,
                                 .approved_by = ticket.approved_by,
                                 .approved_hash = ticket.approved_hash,
                                 .approved_us = ticket.approved_us,
                                 .outcome = ticket.outcome};
    for (const Redaction& one : ticket.redactions)
        kept_ticket.redactions.push_back(
            {one.begin, one.end, std::string(to_string(one.sort)), one.reason, one.placeholder, one.applies});
    if (const auto& reply = ticket.reply)
        kept_ticket.reply = {reply->text, reply->prompt_tokens, reply->generated_tokens, reply->complete, ticket.cost};
    return wire::to_json(kept_ticket);
}

Result<Ticket> ticket_kept_as(std::string_view json) {
    auto kept_ticket = wire::from_json<wire::KeptTicket>(json);
    if (!kept_ticket) return fail(Code::corrupt, "a hand-off in the store does not read");
    Ticket ticket{.id = std::move(kept_ticket->id),
                  .state = TRY(named(states, kept_ticket->state)),
                  .provider = TRY(provider_of(std::move(kept_ticket->provider))),
                  .why = std::move(kept_ticket->why),
                  .proposed_us = kept_ticket->proposed_us,
                  .expires_us = kept_ticket->expires_us,
                  .redactions = TRY(redactions_of(std::move(kept_ticket->redactions), kept_ticket->text.size())),
                  .answer_tokens = kept_ticket->answer_tokens,
                  .body = std::move(kept_ticket->body),
                  .hash = std::move(kept_ticket->hash),
                  .expected_dollars = kept_ticket->expected_dollars,
                  .approved_by = std::move(kept_ticket->approved_by),
                  .approved_hash = std::move(kept_ticket->approved_hash),
                  .approved_us = kept_ticket->approved_us,
                  .outcome = std::move(kept_ticket->outcome)};
    ticket.text = std::move(kept_ticket->text);
    if (auto& reply = kept_ticket->reply) {
        ticket.reply = {std::move(reply->text), reply->prompt_tokens, reply->generated_tokens, reply->complete};
        ticket.cost = reply->cost;
    }
    return ticket;
}

}  // namespace lar::consent
