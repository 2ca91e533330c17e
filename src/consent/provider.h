// Whom a question may be handed to, as config.toml names them, and what they charge.
//
// A provider is named by the user, one [providers.NAME] each; Lar knows none by itself. Prices are the listed ones, in
// US dollars for a million tokens. They also say what an answer that was computed here would have cost elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "consent/routing_rules.h"

namespace lar::consent {

inline constexpr std::size_t limit_providers = 32;

enum class Dialect : std::uint8_t { openai, anthropic };  // of requests and responses
// Of a private one (the team's own server) the user has said that it may see what others may not.
enum class Tier : std::uint8_t { others, own };

// What is taken out before it is shown. Secrets are, whoever it goes to.
enum class Redact : std::uint8_t {
    all,
    secrets,  // paths, hosts and names stay in; only for one's own
};

struct Provider {
    std::string name;
    Dialect dialect = Dialect::openai;
    Tier tier = Tier::others;
    Redact redact = Redact::all;
    std::string host;
    std::uint16_t port = 443;
    std::string path;  // "/v1/chat/completions"
    std::string model;
    double dollars_per_million_in = 0, dollars_per_million_out = 0;
};

struct Settings {
    std::vector<Provider> providers;  // in the order of their names
    std::string listed;               // whose prices answers computed here are compared with; empty: nobody's
    std::optional<double> watts;      // of a core at work; for machines that do not measure their energy
    RoutingRules routing;             // when one of them is proposed
    std::vector<std::string> names;   // that are taken out of what is handed off
    std::int64_t ticket_life_us = 15 * us_per_minute;
};

std::string_view to_string(Dialect dialect);
std::string_view to_string(Tier tier);
std::string_view to_string(Redact redact);
const Provider* find_provider(const Settings& settings, std::string_view name);
double dollars(const Provider& provider, std::uint64_t prompt_tokens, std::uint64_t generated_tokens);

}  // namespace lar::consent
