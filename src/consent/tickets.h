// The user's tickets: kept in the store, changed one transaction at a time, sent at most once.
//
//     const Ticket ticket = TRY(tickets.propose("openai", {.text = …, .why = …}, {"notes"}));
//     …the user looks at ticket.body…
//     const Ticket over = TRY(tickets.approve(ticket.id, hash_of_what_was_shown, "user, unix socket"));
//
// Approving is sending: one transaction reads the ticket, holds the hash against its bytes and makes it `sent`, which
// is on the disk before a byte leaves. Then the ledger has it, then it leaves. Whatever ends lard in between, the bytes
// are not sent again: a ticket that is found `sent` at the start becomes `failed`, because nobody knows how far it
// came.
//
// What is over stays for ticket_kept_us, with what was taken out of it and with the reply, unless it is forgotten
// before. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "consent/ledger.h"
#include "consent/provider.h"
#include "consent/ticket.h"
#include "store/store.h"

namespace lar::consent {

inline constexpr std::int64_t ticket_kept_us = 30 * 24 * us_per_hour;
inline constexpr std::size_t limit_tickets_kept = 200;     // of each state
inline constexpr std::size_t limit_tickets_waiting = 100;  // for the user to look at

// Brings bytes to the provider of a ticket; programs/lard has the courier do it.
class Sender {
public:
    virtual ~Sender() = default;
    // What there has to be before anything is sent, such as a key. Quick.
    virtual Result<> check_ready(const Provider& provider) = 0;
    // The body of what the provider answers. An error says what the provider, or the way to it, said.
    virtual Result<std::string> send(const Ticket& ticket, std::string_view bytes) = 0;
};

class Tickets {
public:
    // Ends what was under way when lard ended. What it is given outlives it.
    static Result<std::unique_ptr<Tickets>> open(store::Store& store, Ledger& ledger, Sender& sender,
                                                 const Settings& settings, const Clock& clock);

    // An empty provider is the only one. `sources` are the names of those whose words the text holds.
    Result<Ticket> propose(std::string_view provider, Proposal proposal, std::vector<std::string> sources);
    Result<Ticket> edit(std::string_view id, std::string text);
    Result<Ticket> set_taken(std::string_view id, std::string_view placeholder, Taken taken);
    Result<Ticket> deny(std::string_view id);
    // Waits for the reply. An error says why nothing was sent; what went wrong afterwards is a ticket that failed.
    Result<Ticket> approve(std::string_view id, std::string_view hash, std::string_view who);
    Result<> forget(std::string_view id);

    // Newest first. What is too old is shown as such.
    Result<std::vector<Ticket>> list(store::Reader& reader, std::size_t limit) const;
    Result<Ticket> find(store::Reader& reader, std::string_view id) const;  // not_found
    const Settings& settings() const { return settings_; }
    bool has_key(const Provider& provider) const { return sender_.check_ready(provider).has_value(); }

private:
    Tickets(store::Store& store, Ledger& ledger, Sender& sender, const Settings& settings, const Clock& clock)
        : store_(store), ledger_(ledger), sender_(sender), settings_(settings), clock_(clock) {}

    // Reads it, lets `act` change it and writes it back, also where `act` refuses: its time may have ended.
    Result<Ticket> change(std::string_view id, const std::function<Result<>(Ticket&)>& act);
    Result<const Provider*> provider_named(std::string_view name) const;
    RedactionRules rules() const { return {.names = settings_.names}; }
    Result<> end_interrupted();
    // How many still wait for the user.
    Result<std::size_t> expire_and_remove();
    void send(Ticket& ticket, std::string_view bytes);
    // The store and the ledger have how it ended; where they cannot be written that is logged, and it ended so anyway.
    void end(const Ticket& ticket, wire::LedgerHandoff entry);

    store::Store& store_;
    Ledger& ledger_;
    Sender& sender_;
    const Settings& settings_;
    const Clock& clock_;
};

}  // namespace lar::consent
