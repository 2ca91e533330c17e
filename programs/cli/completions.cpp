#include "completions.h"

#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "verbs.h"
#include "wire/api.h"
#include "wire/ollama.h"

namespace lar::cli {
namespace {

constexpr std::string_view source_names_command = "lar completion sources 2>/dev/null";
constexpr std::string_view model_names_command = "lar completion models 2>/dev/null";

std::string verb_names() {
    std::string names;
    for (const Verb& verb : verbs()) names += (names.empty() ? "" : " ") + std::string(verb.name);
    return names;
}

std::string_view choices_of(const Verb& verb, const Positional& positional, const std::string& all_verbs) {
    return verb.name == "help" ? std::string_view(all_verbs) : positional.choices;
}

std::string option_words(const Verb& verb) {
    std::string words;
    for (const Option& option : verb.options) {
        if (!option.letter.empty()) words += lar::format("{} ", option.letter);
        words += lar::format("{} ", option.name);
    }
    if (verb.json) words += "--json ";
    return words + "--help";
}

// What bash runs to offer words of a kind.
std::string bash_offer(Offer offer, std::string_view choices) {
    switch (offer) {
        case Offer::path: return "COMPREPLY=($(compgen -f -- \"$word\")); compopt -o filenames 2>/dev/null";
        case Offer::folder: return "COMPREPLY=($(compgen -d -- \"$word\")); compopt -o filenames 2>/dev/null";
        case Offer::source:
            return lar::format("COMPREPLY=($(compgen -W \"$({})\" -- \"$word\"))", source_names_command);
        case Offer::model: return lar::format("COMPREPLY=($(compgen -W \"$({})\" -- \"$word\"))", model_names_command);
        case Offer::choice: return lar::format("COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))", choices);
        case Offer::nothing: return "COMPREPLY=()";
    }
    return "";
}

std::string bash_script() {
    const std::string all = verb_names();
    std::string text = lar::format(R"(# bash completion for lar: `lar completion bash` writes it.
_lar() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} verb=${{COMP_WORDS[1]}}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{} --help --version" -- "$word"))
        return
    fi
    case "$verb" in
)",
                                   all);
    for (const Verb& verb : verbs()) {
        text += lar::format("        {})\n            case \"$before\" in\n", verb.name);
        for (const Option& option : verb.options) {
            if (option.value.empty()) continue;
            const std::string names =
                option.letter.empty() ? std::string(option.name) : lar::format("{}|{}", option.letter, option.name);
            text += lar::format("                {}) {}; return ;;\n", names, bash_offer(option.offer, option.choices));
        }
        text += lar::format(
            "            esac\n            case \"$word\" in\n                -*) COMPREPLY=($(compgen -W \"{}\" -- "
            "\"$word\")); return ;;\n"
            "            esac\n",
            option_words(verb));
        for (std::size_t i = 0; i < verb.positionals.size(); ++i) {
            const Positional& positional = verb.positionals[i];
            if (positional.offer == Offer::nothing) continue;
            const std::string offer = bash_offer(positional.offer, choices_of(verb, positional, all));
            if (positional.many || verb.positionals.size() == 1)
                text += lar::format("            {}\n", offer);
            else
                text += lar::format("            [ \"$COMP_CWORD\" -ne {} ] || {{ {}; }}\n", i + 2, offer);
        }
        text += "            ;;\n";
    }
    return text + "    esac\n}\ncomplete -F _lar lar\n";
}

std::string zsh_quoted(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else if (c == '[' || c == ']' || c == ':')
            out += std::string("\\") + c;
        else
            out += c;
    }
    return out;
}

std::string zsh_offer(Offer offer, std::string_view choices) {
    switch (offer) {
        case Offer::path: return "_files";
        case Offer::folder: return "_files -/";
        case Offer::source: return "_lar_sources";
        case Offer::model: return "_lar_models";
        case Offer::choice: return lar::format("({})", choices);
        case Offer::nothing: return " ";
    }
    return " ";
}

std::string zsh_option(const Option& option) {
    const std::string repeats = option.repeats ? "*" : "";
    std::string what = lar::format("[{}]", zsh_quoted(option.help));
    if (!option.value.empty()) what += lar::format(":{}:{}", option.value, zsh_offer(option.offer, option.choices));
    std::string text = lar::format(" '{}{}{}'", repeats, option.name, what);
    if (!option.letter.empty()) text += lar::format(" '{}{}{}'", repeats, option.letter, what);
    return text;
}

std::string zsh_script() {
    const std::string all = verb_names();
    std::string text = lar::format(R"zsh(#compdef lar
# zsh completion for lar: `lar completion zsh` writes it.
_lar_sources() {{
    local -a names
    names=(${{(f)"$({})"}})
    compadd -a names
}}
_lar_models() {{
    local -a names
    names=(${{(f)"$({})"}})
    compadd -a names
}}
_lar() {{
    local -a commands
    commands=(
)zsh",
                                   source_names_command, model_names_command);
    for (const Verb& verb : verbs()) text += lar::format("        '{}:{}'\n", verb.name, zsh_quoted(verb.summary));
    text +=
        "    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
        "    local verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $verb in\n";
    for (const Verb& verb : verbs()) {
        text += lar::format("        {}) _arguments", verb.name);
        for (const Option& option : verb.options) text += zsh_option(option);
        if (verb.json) text += " '--json[print JSON]'";
        text += " '--help[how it is used]'";
        for (const Positional& positional : verb.positionals)
            text += lar::format(" '{}:{}:{}'",
                                positional.many       ? "*"
                                : positional.required ? ""
                                                      : ":",
                                positional.name, zsh_offer(positional.offer, choices_of(verb, positional, all)));
        text += " ;;\n";
    }
    return text + "    esac\n}\n_lar \"$@\"\n";
}

std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string fish_offer(Offer offer, std::string_view choices) {
    switch (offer) {
        case Offer::path: return " -F";
        case Offer::folder: return " -xa '(__fish_complete_directories)'";
        case Offer::source: return lar::format(" -xa '({})'", source_names_command);
        case Offer::model: return lar::format(" -xa '({})'", model_names_command);
        case Offer::choice: return lar::format(" -xa '{}'", choices);
        case Offer::nothing: return " -x";
    }
    return "";
}

std::string fish_script() {
    const std::string all = verb_names();
    std::string text = "# fish completion for lar: `lar completion fish` writes it.\ncomplete -c lar -f\n";
    for (const Verb& verb : verbs())
        text +=
            lar::format("complete -c lar -n __fish_use_subcommand -a {} -d {}\n", verb.name, fish_quoted(verb.summary));
    for (const Verb& verb : verbs()) {
        const std::string when = lar::format("complete -c lar -n '__fish_seen_subcommand_from {}'", verb.name);
        for (const Option& option : verb.options) {
            text += lar::format("{} -l {}", when, option.name.substr(2));
            if (!option.letter.empty()) text += lar::format(" -s {}", option.letter.substr(1));
            if (!option.value.empty()) text += fish_offer(option.offer, option.choices);
            text += lar::format(" -d {}\n", fish_quoted(option.help));
        }
        if (verb.json) text += when + " -l json -d 'print JSON'\n";
        for (const Positional& positional : verb.positionals)
            if (positional.offer != Offer::nothing)
                text += when + fish_offer(positional.offer, choices_of(verb, positional, all)) + "\n";
    }
    return text;
}

}  // namespace

Outcome<std::string> completion_script(std::string_view shell) {
    if (shell == "bash") return bash_script();
    if (shell == "zsh") return zsh_script();
    if (shell == "fish") return fish_script();
    return wrong_usage(lar::format("lar has completions for bash, zsh and fish, not '{}'", printable(shell)));
}

Outcome<Exit> run_completion(Session& session) {
    const std::string& shell = session.arguments.positionals[0];
    if (shell == "sources") {  // what the scripts ask for
        auto lard = session.running_lard();
        if (!lard) return Exit::error;  // said nothing: the shell shows what it has
        for (const wire::ApiSource& source : TRY(call<wire::ApiSources>(**lard, "GET", "/lar/v1/sources")).sources)
            session.out.line(printable(source.name));
        return Exit::ok;
    }
    if (shell == "models") {
        auto lard = session.running_lard();
        if (!lard) return Exit::error;
        for (const wire::OllamaModel& model : TRY(call<wire::OllamaTags>(**lard, "GET", "/api/tags")).models) {
            // Without the tag that is meant anyway: shells break words at a colon.
            constexpr std::string_view usual = ":latest";
            const std::string name = printable(model.name);
            session.out.line(name.ends_with(usual) ? name.substr(0, name.size() - usual.size()) : name);
        }
        return Exit::ok;
    }
    session.out.print(TRY(completion_script(shell)));
    return Exit::ok;
}

}  // namespace lar::cli
