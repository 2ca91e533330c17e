// What is taken out of a text before it may leave: secrets, and what names people and places.
//
// find_redactions() reads the text once and names the spans that should not leave, each with its class, its reason and
// what stands in its place; the user looks at them and may take back any one (`applies`). redacted() is the text with
// the others replaced, restored() fills the placeholders of a reply with what they stand for. The same value has the
// same placeholder, wherever it occurs; a placeholder is ASCII ("[SECRET_1]") and occurs nowhere in the text, so that
// what is taken out comes back exactly.
//
// Secrets are found by the formats that their issuers publish (secret_formats.h), by the name in front of them
// (assignments.h) and, once found, wherever else they stand; cards, accounts and national numbers by their check digits
// (numbers.h); the rest by shape (places.h). Nothing here is certain: what no rule knows stays, and the preview is
// shown for that reason. Time is linear in the text, whatever it holds: each rule looks a bounded way back and ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lar::consent {

inline constexpr std::size_t limit_redacted_bytes = 4 * 1024 * 1024;  // of one text
inline constexpr std::size_t limit_names = 1000;                      // of the user's list
inline constexpr std::size_t limit_name_bytes = 200;

enum class Sort : std::uint8_t { secret, card, account, national, email, phone, name, path, host };
std::string_view to_string(Sort sort);

struct Redaction {
    std::size_t begin = 0, end = 0;  // bytes of the text
    Sort sort = Sort::secret;
    std::string reason;       // "GitHub token"
    std::string placeholder;  // "[SECRET_1]"
    bool applies = true;      // false: the user wants it to stay
};

struct RedactionRules {
    std::vector<std::string> names;  // of people, projects, customers; found as whole words, whatever their case
};

Result<> check(const RedactionRules& rules);
// In order, none within another. too_large over limit_redacted_bytes; invalid for rules over their limits.
Result<std::vector<Redaction>> find_redactions(std::string_view text, const RedactionRules& rules);

std::string redacted(std::string_view text, const std::vector<Redaction>& redactions);
// `text` is the one that they were found in. Placeholders of those that the user took back stay as they are.
std::string restored(std::string_view reply, std::string_view text, const std::vector<Redaction>& redactions);

}  // namespace lar::consent
