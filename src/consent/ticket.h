// A ticket: one question that may be handed to one provider, and everything that has to be known to allow it.
//
// propose() takes out what should not leave, makes the exact bytes and names their SHA-256. The user looks at them,
// takes back redactions (keep), edits the text, and approves the bytes with that hash: another hash is refused, so that
// nothing is approved that was not seen. Whatever changes the bytes afterwards makes another hash and needs approval
// again. Where it goes and what it is sent to was fixed when it was proposed; a changed config.toml does not redirect
// it.
//
//     proposed ─┬─ edited ─┬─ approved ── sent ─┬─ answered
//               └──────────┴─ denied, expired   └─ failed
//
// take_to_send() gives the approved bytes once and never again, whatever becomes of them. A ticket holds what was taken
// out of it (`text`); that never leaves, and filled_in() puts it back into the reply. Time is passed in.
//
// These are values; tickets.h keeps them and has them sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "consent/handoff_body.h"
#include "consent/provider.h"
#include "consent/redaction.h"

namespace lar::consent {

enum class TicketState : std::uint8_t { proposed, edited, approved, denied, expired, sent, answered, failed };
std::string_view to_string(TicketState state);

struct Ticket {
    std::string id;
    TicketState state = TicketState::proposed;
    Provider provider;
    std::string why;  // local falls short; a sentence
    std::int64_t proposed_us = 0, expires_us = 0;
    std::string text;  // before anything was taken out: it stays here
    std::vector<Redaction> redactions;
    std::uint32_t answer_tokens = 0;
    std::string body;  // what would be sent, to the byte
    std::string hash;  // SHA-256 of it
    double expected_dollars = 0;
    std::string approved_by, approved_hash;
    std::int64_t approved_us = 0;
    std::string outcome;  // why it failed
    std::optional<ProviderReply> reply;
    double cost = 0;  // of the reply, in dollars
};

struct Proposal {
    std::string text;  // handoff_text()
    std::string why;
    std::uint32_t answer_tokens = 1024;
    std::int64_t life_us = 15 * us_per_minute;
};
Result<Ticket> propose(const Provider& provider, const Proposal& proposal, const RedactionRules& rules,
                       std::int64_t now_us);

// `conflict` in a state that does not allow it; `timeout`, and the state `expired`, when its time is over.
Result<> edit(Ticket& ticket, std::string text, const RedactionRules& rules, std::int64_t now_us);
// Whether what the placeholder stands for is taken out; not_found.
enum class Taken : std::uint8_t { out, back };
Result<> set_taken(Ticket& ticket, std::string_view placeholder, Taken taken, std::int64_t now_us);
Result<> approve(Ticket& ticket, std::string_view hash, std::string_view who, std::int64_t now_us);
Result<> deny(Ticket& ticket, std::int64_t now_us);
// True when its time was over and it has changed.
bool expire(Ticket& ticket, std::int64_t now_us);
// The approved bytes, once: the ticket counts as sent. `corrupt` when they are not those that were approved.
Result<std::string> take_to_send(Ticket& ticket, std::int64_t now_us);
// What came back, with placeholders filled in again.
Result<> set_answered(Ticket& ticket, ProviderReply reply);
Result<> set_failed(Ticket& ticket, std::string_view why);

std::string filled_in(const Ticket& ticket, std::string_view reply);

}  // namespace lar::consent
