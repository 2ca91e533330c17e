#include "consent/tickets.h"

#include <array>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "consent/kept_ticket.h"

namespace lar::consent {
namespace {

constexpr std::string_view not_known =
    "Lar ended after it had been approved, and it is not known whether it arrived: it is not sent again";
constexpr std::array waiting{TicketState::proposed, TicketState::edited, TicketState::approved};
constexpr std::array over{TicketState::denied, TicketState::expired, TicketState::answered, TicketState::failed};

std::unexpected<Error> no_such_ticket() {
    return fail(Code::not_found, "there is no hand-off of that id; 'lar handoff list' lists them");
}

store::KeptTicket row_of(const Ticket& ticket) {
    return {.uuid = ticket.id,
            .proposed_us = ticket.proposed_us,
            .state = std::string(to_string(ticket.state)),
            .json = kept_form(ticket)};
}

wire::LedgerHandoff entry_of(const Ticket& ticket) {
    return {.ticket = ticket.id,
            .provider = ticket.provider.name,
            .host = ticket.provider.host,
            .model = ticket.provider.model,
            .payload = ticket.approved_hash,
            .approved_by = ticket.approved_by,
            .approved = to_rfc3339({ticket.approved_us, 0})};
}

}  // namespace

Result<std::unique_ptr<Tickets>> Tickets::open(store::Store& store, Ledger& ledger, Sender& sender,
                                               const Settings& settings, const Clock& clock) {
    TRY_VOID(check(RedactionRules{.names = settings.names}));
    std::unique_ptr<Tickets> tickets(new Tickets(store, ledger, sender, settings, clock));
    TRY_VOID(tickets->end_interrupted());
    TRY_VOID(tickets->expire_and_remove());
    return tickets;
}

Result<> Tickets::end_interrupted() {
    store::Reader reader = TRY(store_.reader());
    for (const store::KeptTicket& row : TRY(reader.tickets_in_state(to_string(TicketState::sent)))) {
        Ticket ticket = TRY(ticket_kept_as(row.json));
        wire::LedgerHandoff entry = entry_of(ticket);
        entry.outcome = wire::handoff_unknown;
        TRY_VOID(set_failed(ticket, not_known));
        end(ticket, std::move(entry));
    }
    return {};
}

Result<std::size_t> Tickets::expire_and_remove() {
    const std::int64_t now_us = clock_.now_us();
    std::size_t still_waiting = 0;
    TRY_VOID(store_.write([&](store::Writer& writer) -> Result<> {
        for (const TicketState state : waiting)
            for (const store::KeptTicket& row : TRY(writer.tickets_in_state(to_string(state)))) {
                Ticket ticket = TRY(ticket_kept_as(row.json));
                if (expire(ticket, now_us))
                    TRY_VOID(writer.change_ticket(ticket.id, to_string(ticket.state), kept_form(ticket)));
                else
                    ++still_waiting;
            }
        for (const TicketState state : over)
            TRY_VOID(writer.remove_old_tickets(to_string(state), now_us - ticket_kept_us, limit_tickets_kept));
        return {};
    }));
    return still_waiting;
}

Result<const Provider*> Tickets::provider_named(std::string_view name) const {
    const std::vector<Provider>& all = settings_.providers;
    if (all.empty())
        return fail(Code::not_found,
                    "nobody is named to whom anything could be handed off: put a [providers.NAME] with host and model "
                    "into config.toml");
    if (name.empty() && all.size() == 1) return &all.front();
    std::string names;
    for (const Provider& one : all) names += (names.empty() ? "" : ", ") + one.name;
    if (name.empty()) return fail(Code::invalid, lar::format("name one of your providers: {}", names));
    const Provider* const found = find_provider(settings_, name);
    if (found != nullptr) return found;
    return fail(Code::not_found, lar::format("there is no provider '{}'; there are {}", printable(name), names));
}

Result<Ticket> Tickets::propose(std::string_view provider, Proposal proposal, std::vector<std::string> sources) {
    if (TRY(expire_and_remove()) >= limit_tickets_waiting)
        return fail(Code::conflict, "too many hand-offs wait already: approve, deny or forget some of them");
    proposal.life_us = settings_.ticket_life_us;
    Ticket ticket = TRY(consent::propose(*TRY(provider_named(provider)), proposal, rules(), clock_.now_us()));
    store::KeptTicket row = row_of(ticket);
    row.sources = std::move(sources);
    TRY_VOID(store_.write([&](store::Writer& writer) { return writer.add_ticket(row); }));
    return ticket;
}

Result<Ticket> Tickets::change(std::string_view id, const std::function<Result<>(Ticket&)>& act) {
    Ticket ticket;
    Result<> done;
    TRY_VOID(store_.write([&](store::Writer& writer) -> Result<> {
        const auto row = TRY(writer.ticket(id));
        if (!row) return no_such_ticket();
        ticket = TRY(ticket_kept_as(row->json));
        done = act(ticket);
        return writer.change_ticket(ticket.id, to_string(ticket.state), kept_form(ticket));
    }));
    if (!done) return std::unexpected(done.error());
    return ticket;
}

Result<Ticket> Tickets::edit(std::string_view id, std::string text) {
    return change(id, [&](Ticket& ticket) { return consent::edit(ticket, std::move(text), rules(), clock_.now_us()); });
}

Result<Ticket> Tickets::set_taken(std::string_view id, std::string_view placeholder, Taken taken) {
    return change(id, [&](Ticket& ticket) { return consent::set_taken(ticket, placeholder, taken, clock_.now_us()); });
}

Result<Ticket> Tickets::deny(std::string_view id) {
    return change(id, [&](Ticket& ticket) { return consent::deny(ticket, clock_.now_us()); });
}

Result<Ticket> Tickets::approve(std::string_view id, std::string_view hash, std::string_view who) {
    std::string bytes;
    Ticket ticket = TRY(change(id, [&](Ticket& one) -> Result<> {
        TRY_VOID(sender_.check_ready(one.provider));
        TRY_VOID(consent::approve(one, hash, who, clock_.now_us()));
        bytes = TRY(take_to_send(one, clock_.now_us()));
        return {};
    }));
    send(ticket, bytes);
    return ticket;
}

void Tickets::send(Ticket& ticket, std::string_view bytes) {
    wire::LedgerHandoff entry = entry_of(ticket);
    entry.outcome = wire::handoff_leaves;
    entry.bytes_out = bytes.size();
    const Result<> entered = ledger_.append(wire::LedgerEntry(entry));
    const Result<std::string> answer =
        entered ? sender_.send(ticket, bytes)
                : fail(entered.error().code, "the ledger could not be written, so nothing was sent");
    Result<ProviderReply> reply =
        answer ? read_reply(ticket.provider.dialect, *answer) : Result<ProviderReply>(std::unexpected(answer.error()));
    entry.bytes_out = 0;
    entry.bytes_in = answer ? answer->size() : 0;
    // The provider's words may repeat the user's: the ledger holds neither.
    entry.outcome = reply ? "answered" : to_string(reply.error().code);
    const Result<> ended = reply ? set_answered(ticket, std::move(*reply)) : set_failed(ticket, reply.error().message);
    ASSERT(ended.has_value());
    if (ticket.reply) {
        entry.prompt_tokens = ticket.reply->prompt_tokens;
        entry.generated_tokens = ticket.reply->generated_tokens;
        entry.cost = ticket.cost;
    }
    end(ticket, std::move(entry));
}

void Tickets::end(const Ticket& ticket, wire::LedgerHandoff entry) {
    const Result<> kept = store_.write([&](store::Writer& writer) {
        return writer.change_ticket(ticket.id, to_string(ticket.state), kept_form(ticket));
    });
    // Forgotten meanwhile, which is the user's right.
    if (!kept && kept.error().code != Code::not_found)
        log_error("how a hand-off ended is not kept: {}", to_string(kept.error().code));
    if (const Result<> entered = ledger_.append(wire::LedgerEntry(entry)); !entered)
        log_error("how a hand-off ended is missing in the ledger: {}", to_string(entered.error().code));
}

Result<> Tickets::forget(std::string_view id) {
    return store_.write([&](store::Writer& writer) -> Result<> {
        if (!TRY(writer.ticket(id))) return no_such_ticket();
        return writer.remove_ticket(id);
    });
}

Result<std::vector<Ticket>> Tickets::list(store::Reader& reader, std::size_t limit) const {
    std::vector<Ticket> found;
    for (const store::KeptTicket& row : TRY(reader.tickets(limit))) {
        found.push_back(TRY(ticket_kept_as(row.json)));
        expire(found.back(), clock_.now_us());
    }
    return found;
}

Result<Ticket> Tickets::find(store::Reader& reader, std::string_view id) const {
    const auto row = TRY(reader.ticket(id));
    if (!row) return no_such_ticket();
    Ticket ticket = TRY(ticket_kept_as(row->json));
    expire(ticket, clock_.now_us());
    return ticket;
}

}  // namespace lar::consent
