// Hand-offs: what is sent to other people's models, in the two dialects that they speak, how the store keeps a ticket,
// and what /lar/v1/handoffs says of it. Of all this only OpenAiHandoff and AnthropicHandoff leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lar::wire {

struct HandoffMessage {
    std::string role;  // user
    std::string content;
};
// POST /v1/chat/completions
struct OpenAiHandoff {
    std::string model;
    std::vector<HandoffMessage> messages;
    std::uint32_t max_tokens = 0;
    bool stream = false;
};
// POST /v1/messages
struct AnthropicHandoff {
    std::string model;
    std::uint32_t max_tokens = 0;
    std::vector<HandoffMessage> messages;
    bool stream = false;
};

// ---- the key of a provider ----

// A folder beneath the data directory with one file for each provider that has a key, named like it. `lar` writes it,
// lard opens it and hands the descriptor to the one courier that needs it, and nobody else reads it.
inline constexpr std::string_view provider_keys_folder = "provider-keys";
inline constexpr std::size_t limit_provider_key_bytes = 4096;

// ---- as the store keeps a ticket ----

struct KeptProvider {
    std::string name, dialect, tier, redact, host, path, model;
    std::uint16_t port = 443;
    double dollars_in = 0, dollars_out = 0;
};
struct KeptRedaction {
    std::uint64_t begin = 0, end = 0;
    std::string sort, reason, placeholder;
    bool applies = true;
};
struct KeptReply {
    std::string text;
    std::uint64_t prompt_tokens = 0, generated_tokens = 0;
    bool complete = true;
    double cost = 0;
};
struct KeptTicket {
    std::string id, state;
    KeptProvider provider;
    std::string why;
    std::int64_t proposed_us = 0, expires_us = 0;
    std::string text;
    std::vector<KeptRedaction> redactions;
    std::uint32_t answer_tokens = 0;
    std::string body, hash;
    double expected_dollars = 0;
    std::string approved_by, approved_hash;
    std::int64_t approved_us = 0;
    std::string outcome;
    std::optional<KeptReply> reply;
};

// ---- /lar/v1/handoffs ----

inline constexpr std::uint32_t limit_handoffs_listed = 1000;

// POST handoffs. One of the first three says what is to be handed off.
struct ApiHandoffRequest {
    std::string question;  // with the passages that answer it here
    std::string answer;    // id of an earlier answer: its question, with what it cites
    std::string text;      // as it is
    std::string provider;  // of config.toml; empty: the only one
    std::string why;       // local falls short; empty: the user asked for it
    std::vector<std::string> in;
    std::optional<std::string> since, until;  // as in ask
    std::uint32_t answer_tokens = 1024;       // at most, in the reply
};
struct ApiHandoffEdit {
    std::string text;
};
struct ApiHandoffRedaction {
    std::string placeholder;
    bool redact = true;  // false: what it stands for stays in and leaves
};
struct ApiHandoffApproval {
    std::string hash;  // of the bytes that were shown
};

struct ApiHandoffProvider {
    std::string name;
    std::string kind;    // openai, anthropic: how it is spoken to
    std::string tier;    // others; own: the user's own server
    std::string redact;  // all; secrets: paths, hosts and names may be seen there
    std::string host, path, model;
    std::uint16_t port = 443;
    double dollars_in = 0, dollars_out = 0;  // for a million tokens
    bool has_key = false;
};
struct ApiHandoffProviders {
    std::vector<ApiHandoffProvider> providers;
};
struct ApiRedaction {
    std::string placeholder;  // "[SECRET_1]"
    std::string kind;         // secret, card, account, national, email, phone, name, path, host
    std::string reason;       // "GitHub token"
    std::string stands_for;   // stays on this machine, unless `redacted` is false
    std::uint64_t occurrences = 0;
    bool redacted = true;
};
struct ApiHandoffReply {
    std::string text;  // placeholders filled in again
    std::uint64_t prompt_tokens = 0, generated_tokens = 0;
    bool complete = true;
    double cost = 0;
};
struct ApiHandoff {
    std::string id;
    std::string state;  // proposed, edited, approved, denied, expired, sent, answered, failed
    ApiHandoffProvider provider;
    std::string why;
    std::string proposed, expires;  // RFC 3339
    std::string text;               // before anything was taken out: it stays on this machine
    std::string body;               // what leaves, to the byte
    std::uint64_t bytes = 0;        // of it
    std::string hash;               // SHA-256 of it
    std::vector<ApiRedaction> redactions;
    std::uint32_t answer_tokens = 0;
    double expected_cost = 0;           // at most, in dollars
    std::string approved_by, approved;  // empty: nobody
    std::string outcome;                // why it failed
    std::optional<ApiHandoffReply> reply;
};
// Of a list: without texts.
struct ApiHandoffLine {
    std::string id, state, provider, host, model;
    std::string tier;
    std::string proposed, expires;
    std::uint64_t bytes = 0, redactions = 0;  // placeholders that stand for something
    double expected_cost = 0, cost = 0;
    std::string outcome;
};
struct ApiHandoffs {
    std::vector<ApiHandoffLine> handoffs;  // newest first
};

}  // namespace lar::wire
