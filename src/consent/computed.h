// What one request took to compute here, as the ledger tells it: measured, estimated or unknown, and said which.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "consent/provider.h"
#include "wire/ledger.h"

namespace lar::consent {

enum class Output : std::uint8_t { text, vectors, scores };
struct Computed {
    std::string model;
    Output output = Output::text;
    std::uint64_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0;
    double cpu_seconds = 0;
    std::optional<double> joules;  // as the machine measured it
};
// Without a measurement the energy is that of the configured watts for as long as a core was at work; without those it
// is not told. The price elsewhere counts the whole prompt, as others do; those that are listed are for text.
wire::LedgerComputed computed_entry(const Computed& computed, const Settings& settings);

}  // namespace lar::consent
