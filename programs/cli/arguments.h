// The words after `lar`, taken apart by the table of verbs. What does not fit it is refused with a suggestion,
// before anything is done.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "failure.h"
#include "verbs.h"

namespace lar::cli {

struct Arguments {
    const Verb* verb = nullptr;
    bool json = false;
    bool help = false;
    std::vector<std::string> positionals;
    std::map<std::string, std::vector<std::string>, std::less<>> options;  // by long name; a flag that is set is {"1"}

    bool has(std::string_view option) const { return options.contains(option); }
    std::optional<std::string> value(std::string_view option) const;
    std::vector<std::string> values(std::string_view option) const;
    // A whole number from 1 to `most`; `otherwise` where the option is not given.
    Outcome<std::uint32_t> number(std::string_view option, std::uint32_t otherwise, std::uint32_t most) const;
    // Whether other programs have to be started after lard was talked to.
    bool runs_programs() const;
    // All positionals as one text: `lar ask where is the lock` needs no quotes.
    std::string words() const;
};

Outcome<Arguments> parse_arguments(std::span<const std::string> words);

}  // namespace lar::cli
