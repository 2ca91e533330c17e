// What `lar` can be told to do: one table, from which the parser, --help, the completions and the list in the
// manual page are made. A verb that is not in it does not exist; commands.h has the function behind each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lar::cli {

// What a shell offers for a word.
enum class Offer : std::uint8_t { nothing, path, folder, source, model, choice };

struct Option {
    std::string_view name;    // "--in"
    std::string_view letter;  // "-n", or empty
    std::string_view value;   // what it takes, as help shows it: "SOURCE"; empty: a flag
    std::string_view help;
    bool repeats = false;
    Offer offer = Offer::nothing;
    std::string_view choices = {};  // for Offer::choice, separated by spaces
    std::string_view maybe = {};    // of a flag: what may follow it behind a '=', as in --think=LEVEL
};

struct Positional {
    std::string_view name;  // as help shows it: "PATH"
    bool required = true;
    bool many = false;  // takes all the words that are left
    Offer offer = Offer::nothing;
    std::string_view choices = {};
};

struct Verb {
    std::string_view name;
    std::string_view summary;      // one line, for the list
    std::string_view description;  // one paragraph, for its own help
    std::vector<Positional> positionals;
    std::vector<Option> options;              // besides --json and --help, which each verb has
    std::string_view example;                 // lines of a shell
    bool json = true;                         // has --json
    bool runs_programs = false;               // after it has talked to lard, such as the user's editor: not locked down
    std::string_view runs_programs_for = {};  // only with this first word
};

std::span<const Verb> verbs();
const Verb* find_verb(std::string_view name);

// The nearest of the known words, when it is near enough to be what was meant; empty otherwise.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);
std::string_view nearest_verb(std::string_view word);

}  // namespace lar::cli
