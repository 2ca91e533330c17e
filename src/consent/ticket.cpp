#include "consent/ticket.h"

#include <array>

#include "base/format.h"
#include "base/identity.h"
#include "base/sha256.h"

namespace lar::consent {
namespace {

constexpr std::size_t bytes_per_token = 3;  // rather too few: the price that is shown is not to be exceeded

// What may be done in which state; anything else is refused.
enum class Act : std::uint8_t { change, approve, deny, send, end };
bool allows(TicketState state, Act act) {
    switch (state) {
        case TicketState::proposed:
        case TicketState::edited: return act == Act::change || act == Act::approve || act == Act::deny;
        case TicketState::approved: return act == Act::change || act == Act::deny || act == Act::send;
        case TicketState::sent: return act == Act::end;
        case TicketState::denied:
        case TicketState::expired:
        case TicketState::answered:
        case TicketState::failed: return false;
    }
    return false;
}

std::unexpected<Error> not_now(const Ticket& ticket) {
    return fail(Code::conflict, lar::format("the ticket is {}: that cannot be done now", to_string(ticket.state)));
}

Result<> check_allowed(Ticket& ticket, Act act, std::int64_t now_us) {
    if (expire(ticket, now_us)) return fail(Code::timeout, "the ticket has expired: propose it again");
    return allows(ticket.state, act) ? Result<>() : not_now(ticket);
}

// The bytes from the text as it stands, their hash, their price. No approval outlives it.
Result<> make_body(Ticket& ticket) {
    const std::string shown = redacted(ticket.text, ticket.redactions);
    ticket.body = TRY(request_body(ticket.provider, shown, ticket.answer_tokens));
    ticket.hash = sha256_hex(ticket.body);
    ticket.expected_dollars = dollars(ticket.provider, shown.size() / bytes_per_token + 1, ticket.answer_tokens);
    ticket.approved_by.clear();
    ticket.approved_hash.clear();
    ticket.approved_us = 0;
    return {};
}

// Secrets, numbers of accounts and addresses of people are taken out whoever it goes to. A server of the user's own may
// be trusted with the rest.
Result<std::vector<Redaction>> redactions_for(const Provider& provider, std::string_view text,
                                              const RedactionRules& rules) {
    std::vector<Redaction> found = TRY(find_redactions(text, rules));
    if (provider.redact == Redact::all || provider.tier != Tier::own) return found;
    for (Redaction& one : found)
        one.applies = one.sort != Sort::name && one.sort != Sort::path && one.sort != Sort::host;
    return found;
}

}  // namespace

std::string_view to_string(TicketState state) {
    constexpr std::array<std::string_view, 8> names = {"proposed", "edited", "approved", "denied",
                                                       "expired",  "sent",   "answered", "failed"};
    return names[static_cast<std::size_t>(state)];
}

Result<Ticket> propose(const Provider& provider, const Proposal& proposal, const RedactionRules& rules,
                       std::int64_t now_us) {
    Ticket ticket{.id = new_uuid(now_us),
                  .provider = provider,
                  .why = proposal.why,
                  .proposed_us = now_us,
                  .expires_us = now_us + proposal.life_us,
                  .text = proposal.text,
                  .redactions = TRY(redactions_for(provider, proposal.text, rules)),
                  .answer_tokens = proposal.answer_tokens};
    TRY_VOID(make_body(ticket));
    return ticket;
}

Result<> edit(Ticket& ticket, std::string text, const RedactionRules& rules, std::int64_t now_us) {
    TRY_VOID(check_allowed(ticket, Act::change, now_us));
    Ticket changed = ticket;
    changed.redactions = TRY(redactions_for(changed.provider, text, rules));
    changed.text = std::move(text);
    TRY_VOID(make_body(changed));
    changed.state = TicketState::edited;
    ticket = std::move(changed);
    return {};
}

Result<> set_taken(Ticket& ticket, std::string_view placeholder, Taken taken, std::int64_t now_us) {
    TRY_VOID(check_allowed(ticket, Act::change, now_us));
    Ticket changed = ticket;
    bool found = false;
    for (Redaction& one : changed.redactions)
        if (one.placeholder == placeholder) {
            one.applies = taken == Taken::out;
            found = true;
        }
    if (!found) return fail(Code::not_found, "the ticket has no such placeholder");
    TRY_VOID(make_body(changed));
    changed.state = TicketState::edited;
    ticket = std::move(changed);
    return {};
}

Result<> approve(Ticket& ticket, std::string_view hash, std::string_view who, std::int64_t now_us) {
    TRY_VOID(check_allowed(ticket, Act::approve, now_us));
    if (hash != ticket.hash)
        return fail(Code::conflict, "the ticket has changed since it was shown: look at it again, then approve that");
    ticket.state = TicketState::approved;
    ticket.approved_by = who;
    ticket.approved_hash = hash;
    ticket.approved_us = now_us;
    return {};
}

Result<> deny(Ticket& ticket, std::int64_t now_us) {
    TRY_VOID(check_allowed(ticket, Act::deny, now_us));
    ticket.state = TicketState::denied;
    return {};
}

bool expire(Ticket& ticket, std::int64_t now_us) {
    if (now_us < ticket.expires_us || !allows(ticket.state, Act::deny)) return false;
    ticket.state = TicketState::expired;
    return true;
}

Result<std::string> take_to_send(Ticket& ticket, std::int64_t now_us) {
    TRY_VOID(check_allowed(ticket, Act::send, now_us));
    if (ticket.approved_hash != ticket.hash || sha256_hex(ticket.body) != ticket.approved_hash)
        return fail(Code::corrupt, "the ticket's bytes are not those that were approved: nothing was sent");
    ticket.state = TicketState::sent;
    return ticket.body;
}

Result<> set_answered(Ticket& ticket, ProviderReply reply) {
    if (!allows(ticket.state, Act::end)) return not_now(ticket);
    ticket.state = TicketState::answered;
    ticket.cost = dollars(ticket.provider, reply.prompt_tokens, reply.generated_tokens);
    reply.text = filled_in(ticket, reply.text);
    ticket.reply = std::move(reply);
    return {};
}

Result<> set_failed(Ticket& ticket, std::string_view why) {
    if (!allows(ticket.state, Act::end)) return not_now(ticket);
    ticket.state = TicketState::failed;
    ticket.outcome = why;
    return {};
}

std::string filled_in(const Ticket& ticket, std::string_view reply) {
    return restored(reply, ticket.text, ticket.redactions);
}

}  // namespace lar::consent
