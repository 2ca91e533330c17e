#include "consent/provider.h"

#include <algorithm>

namespace lar::consent {

std::string_view to_string(Dialect dialect) { return dialect == Dialect::openai ? "openai" : "anthropic"; }
std::string_view to_string(Tier tier) { return tier == Tier::own ? "own" : "others"; }
std::string_view to_string(Redact redact) { return redact == Redact::secrets ? "secrets" : "all"; }

const Provider* find_provider(const Settings& settings, std::string_view name) {
    const auto found = std::ranges::find(settings.providers, name, &Provider::name);
    return found == settings.providers.end() ? nullptr : &*found;
}

double dollars(const Provider& provider, std::uint64_t prompt_tokens, std::uint64_t generated_tokens) {
    return (static_cast<double>(prompt_tokens) * provider.dollars_per_million_in +
            static_cast<double>(generated_tokens) * provider.dollars_per_million_out) /
           1e6;
}

}  // namespace lar::consent
