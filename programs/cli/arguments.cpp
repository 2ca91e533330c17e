#include "arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

std::string hint_for(const Verb& verb) { return lar::format("`lar {} --help` says how it is used", verb.name); }

std::string option_names(const Option& option) {
    return option.letter.empty() ? std::string(option.name) : lar::format("{},{}", option.letter, option.name);
}

bool is_known(const Verb& verb, std::string_view word) {
    const std::string_view name = word.substr(0, word.find('='));
    if (name == "--help" || name == "-h" || (verb.json && name == "--json")) return true;
    return std::ranges::any_of(verb.options,
                               [&](const Option& option) { return name == option.name || name == option.letter; });
}

// What was meant by a word that begins with a dash and is not an option of the verb.
std::unexpected<Failure> unknown_option(const Verb& verb, const std::string& word) {
    std::vector<std::string_view> known{"--help"};
    if (verb.json) known.push_back("--json");
    for (const Option& option : verb.options) known.push_back(option.name);
    const std::string_view meant = nearest(std::string_view(word).substr(0, word.find('=')), known);
    const std::string hint =
        !meant.empty() ? lar::format("did you mean {}?", meant)
        : verb.positionals.empty()
            ? hint_for(verb)
            : lar::format("write -- before words that begin with a dash, or see `lar {} --help`", verb.name);
    return wrong_usage(lar::format("lar {} has no option {}", verb.name, word), hint);
}

Outcome<> check_positionals(const Arguments& arguments) {
    const Verb& verb = *arguments.verb;
    std::size_t required = 0;
    bool many = false;
    for (const Positional& positional : verb.positionals) {
        required += positional.required ? 1 : 0;
        many = many || positional.many;
    }
    if (arguments.positionals.size() < required)
        return wrong_usage(
            lar::format("lar {} needs {}", verb.name, verb.positionals[arguments.positionals.size()].name),
            hint_for(verb));
    if (!many && arguments.positionals.size() > verb.positionals.size())
        return wrong_usage(lar::format("lar {} does not know what to do with '{}'", verb.name,
                                       printable(arguments.positionals[verb.positionals.size()])),
                           hint_for(verb));
    return {};
}

Outcome<Arguments> parse_verb(const Verb& verb, std::span<const std::string> words) {
    Arguments arguments{.verb = &verb};
    CLI::App app;
    app.set_help_flag();
    app.add_flag("--help,-h", arguments.help);
    if (verb.json) app.add_flag("--json", arguments.json);
    app.add_option("words", arguments.positionals);
    // std::map keeps the addresses that CLI11 writes to.
    std::map<std::string, std::vector<std::string>, std::less<>> values;
    std::map<std::string, bool, std::less<>> flags;
    std::map<std::string, std::string, std::less<>> said;  // flags that may have a value
    for (const Option& option : verb.options) {
        const std::string name(option.name);
        if (!option.maybe.empty())
            app.add_flag(option_names(option) + "{true}", said[name]);
        else if (option.value.empty())
            app.add_flag(option_names(option), flags[name]);
        else
            // One word each: `--in a b` must leave b to the question.
            app.add_option(option_names(option), values[name])->expected(1)->take_all()->allow_extra_args(false);
    }
    try {
        std::vector<std::string> reversed(words.rbegin(), words.rend());
        app.parse(std::move(reversed));
    } catch (const CLI::ExtrasError&) {
        for (const std::string& word : words)
            if (word.starts_with("-") && !is_known(verb, word)) return unknown_option(verb, word);
        return wrong_usage(lar::format("lar {}: too many words", verb.name), hint_for(verb));
    } catch (const CLI::ParseError& error) {
        return wrong_usage(lar::format("lar {}: {}", verb.name, error.what()), hint_for(verb));
    }
    for (auto& [name, given] : values)
        if (!given.empty()) arguments.options[name] = std::move(given);
    for (const auto& [name, given] : flags)
        if (given) arguments.options[name] = {"1"};
    for (auto& [name, given] : said)
        if (!given.empty()) arguments.options[name] = {std::move(given)};
    if (arguments.help) return arguments;
    for (const Option& option : verb.options)
        if (!option.repeats && arguments.values(option.name).size() > 1)
            return wrong_usage(lar::format("{} is given twice", option.name), hint_for(verb));
    if (auto checked = check_positionals(arguments); !checked) return std::unexpected(std::move(checked).error());
    return arguments;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::values(std::string_view option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::vector<std::string>{} : found->second;
}

Outcome<std::uint32_t> Arguments::number(std::string_view option, std::uint32_t otherwise, std::uint32_t most) const {
    const auto given = value(option);
    if (!given) return otherwise;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), number);
    if (error != std::errc() || end != given->data() + given->size() || number == 0 || number > most)
        return wrong_usage(
            lar::format("{} takes a whole number from 1 to {}, not '{}'", option, most, printable(*given)));
    return number;
}

bool Arguments::runs_programs() const {
    return verb->runs_programs || (!positionals.empty() && positionals[0] == verb->runs_programs_for);
}

std::string Arguments::words() const {
    std::string all;
    for (const std::string& word : positionals) {
        if (!all.empty()) all += ' ';
        all += word;
    }
    return all;
}

Outcome<Arguments> parse_arguments(std::span<const std::string> words) {
    if (words.empty() || words[0] == "--help" || words[0] == "-h") return Arguments{.verb = find_verb("help")};
    if (words[0] == "--version" || words[0] == "-V") return Arguments{.verb = find_verb("version")};
    const Verb* verb = find_verb(words[0]);
    if (verb == nullptr && words[0].starts_with('-'))
        return wrong_usage(lar::format("lar takes a command before {}", printable(words[0])),
                           "options come after the command, as in `lar status --json`");
    if (verb == nullptr) {
        const std::string_view meant = nearest_verb(words[0]);
        return wrong_usage(lar::format("lar has no command '{}'", printable(words[0])),
                           meant.empty() ? "`lar help` lists them" : lar::format("did you mean `lar {}`?", meant));
    }
    return parse_verb(*verb, words.subspan(1));
}

}  // namespace lar::cli
