#include "help.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "manual.h"

namespace lar::cli {
namespace {

constexpr Option json_option{"--json", "", "", "print JSON, in the shape of the API"};
constexpr Option help_option{"--help", "-h", "", "this help"};

std::string option_line(const Option& option, std::size_t columns) {
    std::string names =
        option.letter.empty() ? lar::format("    {}", option.name) : lar::format("{}, {}", option.letter, option.name);
    if (!option.value.empty()) names += lar::format(" {}", option.value);
    if (!option.maybe.empty()) names += lar::format("[={}]", option.maybe);
    constexpr std::size_t help_at = 24;
    const std::string space(names.size() + 2 < help_at - 2 ? help_at - 2 - names.size() : 2, ' ');
    return "  " + names + space + wrapped(option.help, columns > help_at + 20 ? columns : 200, help_at) + "\n";
}

}  // namespace

std::string usage_line(const Verb& verb) {
    std::string line = lar::format("lar {}", verb.name);
    if (!verb.options.empty() || verb.json) line += " [OPTIONS]";
    for (const Positional& positional : verb.positionals) {
        const std::string word = lar::format("{}{}", positional.name, positional.many ? "..." : "");
        line += positional.required ? " " + word : " [" + word + "]";
    }
    return line;
}

std::string verb_help(const Verb& verb, const Output& output) {
    std::string text = lar::format("{}: {}\n\n", output.styled(Style::strong, usage_line(verb)), verb.summary);
    if (!verb.description.empty()) text += wrapped(verb.description, output.text_columns(), 0) + "\n\n";
    for (const Option& option : verb.options) text += option_line(option, output.text_columns());
    if (verb.json) text += option_line(json_option, output.text_columns());
    text += option_line(help_option, output.text_columns());
    text += "\nExample:\n";
    for (const std::string_view line : split_lines(verb.example)) text += lar::format("  {}\n", line);
    return text;
}

std::string all_help(const Output& output) {
    std::string text = "Lar answers from your own files, on your own machine, with citations.\n\n";
    std::size_t widest = 0;
    for (const Verb& verb : verbs()) widest = std::max(widest, verb.name.size());
    for (const Verb& verb : verbs())
        text += lar::format("  {}{}  {}\n", output.styled(Style::strong, lar::format("lar {}", verb.name)),
                            std::string(widest - verb.name.size(), ' '), verb.summary);
    text += "\nExamples:\n  lar add ~/notes ~/code/project\n  lar ask \"where did I leave off with the ingest job?\"\n";
    text += "\n`lar COMMAND --help` says more. Exit: 0 done, 1 error, 2 wrong usage, 3 not found in your sources.\n";
    return text;
}

Outcome<Exit> run_help(Session& session) {
    if (session.arguments.has("--man")) {
        session.out.print(manual_page());
        return Exit::ok;
    }
    if (session.arguments.positionals.empty()) {
        session.out.print(all_help(session.out));
        return Exit::ok;
    }
    const std::string& name = session.arguments.positionals[0];
    const Verb* verb = find_verb(name);
    if (verb == nullptr) {
        const std::string_view meant = nearest_verb(name);
        return wrong_usage(lar::format("lar has no command '{}'", printable(name)),
                           meant.empty() ? "`lar help` lists them" : lar::format("did you mean `lar help {}`?", meant));
    }
    session.out.print(verb_help(*verb, session.out));
    return Exit::ok;
}

}  // namespace lar::cli
