#include "consent/computed.h"

#include "base/format.h"

namespace lar::consent {
namespace {

std::string_view name_of(Output output) {
    switch (output) {
        case Output::text: return "text";
        case Output::vectors: return "vectors";
        case Output::scores: return "scores";
    }
    return "text";
}

}  // namespace

wire::LedgerComputed computed_entry(const Computed& computed, const Settings& settings) {
    wire::LedgerComputed entry{.model = computed.model,
                               .output = std::string(name_of(computed.output)),
                               .prompt_tokens = computed.prompt_tokens,
                               .reused_tokens = computed.reused_tokens,
                               .generated_tokens = computed.generated_tokens,
                               .cpu_seconds = computed.cpu_seconds};
    if (computed.joules) {
        entry.joules = computed.joules;
        entry.energy = "measured, whole processor";
    } else if (settings.watts) {
        entry.joules = computed.cpu_seconds * *settings.watts;
        entry.energy = lar::format("estimated at {} W for each second of a core", *settings.watts);
    }
    if (computed.output != Output::text) return entry;
    if (const Provider* const other = find_provider(settings, settings.listed)) {
        entry.listed_cost = dollars(*other, computed.prompt_tokens, computed.generated_tokens);
        entry.listed = lar::format("{} {}", other->name, other->model);
    }
    return entry;
}

}  // namespace lar::consent
