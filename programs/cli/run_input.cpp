#include "run_input.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/format.h"
#include "base/nearest.h"
#include "base/text.h"
#include "wire/codec.h"
#include "wire/models.h"

namespace lar::cli {
namespace {

constexpr std::string_view quotes = R"(""")";
constexpr std::string_view set_system = "/set system ";

// A command as it is typed, without what it takes; the same words in the same order as in its help.
struct Known {
    std::string_view words, takes, help;
    RunCommand command;  // of those that take nothing
};

const std::vector<Known>& set_commands() {
    static const std::vector<Known> table{
        {"parameter", "NAME VALUE", "a parameter of the model, for this session", SetParameter{}},
        {"system", "TEXT", R"(the system text; """ begins one of several lines)", SetSystem{}},
        {"history", "", "keep what is typed, for the arrow keys of later sessions", SetSwitch{Switch::history, true}},
        {"nohistory", "", "keep nothing of what is typed from now on", SetSwitch{Switch::history, false}},
        {"wordwrap", "", "move words that do not fit to the next line", SetSwitch{Switch::word_wrap, true}},
        {"nowordwrap", "", "leave lines as the model writes them", SetSwitch{Switch::word_wrap, false}},
        {"verbose", "", "show the timings of each answer", SetSwitch{Switch::verbose, true}},
        {"quiet", "", "do not", SetSwitch{Switch::verbose, false}},
        {"think", "[LEVEL]", "let the model think first: high, medium or low where it knows levels", SetThink{"true"}},
        {"nothink", "", "have it answer at once", SetThink{"false"}},
    };
    return table;
}

const std::vector<Known>& show_commands() {
    static const std::vector<Known> table{
        {"info", "", "what the model is", Show{Part::info}},
        {"license", "", "its licence", Show{Part::license}},
        {"modelfile", "", "its Modelfile", Show{Part::modelfile}},
        {"parameters", "", "its parameters, and those set here", Show{Part::parameters}},
        {"system", "", "the system text", Show{Part::system}},
        {"template", "", "its template", Show{Part::template_text}},
    };
    return table;
}

const std::vector<Known>& commands() {
    static const std::vector<Known> table{
        {"/set", "...", "change this session; `/? set` says what there is", Help{Topic::set}},
        {"/show", "...", "show what the model is made of; `/? show`", Help{Topic::show}},
        {"/load", "MODEL", "go on with another model, from the beginning", LoadModel{}},
        {"/save", "MODEL", "keep model, settings and conversation as a new model", SaveModel{}},
        {"/handoff", "[PROVIDER]", "show what asking a larger model elsewhere would send, and ask", HandOff{}},
        {"/clear", "", "forget this conversation", Clear{}},
        {"/bye", "", "end", Bye{}},
        {"/help", "[TOPIC]", "this, or of set, show, parameters, shortcuts", Help{}},
        {"/?", "[TOPIC]", "the same", Help{}},
        {"/exit", "", "as /bye", Bye{}},
    };
    return table;
}

struct Line {
    std::string_view words, help;
};
constexpr std::array<Line, 11> parameters{{
    {"num_ctx", "tokens of the window"},
    {"num_predict", "tokens of an answer at most"},
    {"temperature", "how freely words are chosen; 0: always the likeliest"},
    {"seed", "where chance begins; the same seed gives the same answer"},
    {"top_k", "choose among this many words"},
    {"top_p", "choose among the likeliest that together reach this probability"},
    {"min_p", "leave out words less likely than this share of the likeliest"},
    {"repeat_penalty", "how much to avoid what was just said"},
    {"repeat_last_n", "how far back that looks, in tokens"},
    {"num_thread", "threads that compute"},
    {"stop", "end the answer where one of these texts comes"},
}};
constexpr std::array<Line, 9> shortcuts{{
    {"Ctrl-A, Ctrl-E", "to the beginning, to the end of the line"},
    {"Alt-B, Alt-F", "back, forward by a word"},
    {"Ctrl-K, Ctrl-U", "cut what is after the cursor, the whole line"},
    {"Ctrl-W", "cut the word before the cursor"},
    {"Ctrl-Y", "paste what was cut"},
    {"Up, Down", "lines typed before"},
    {"Ctrl-R", "look for one of them"},
    {"Ctrl-C", "stop the answer; at the prompt: clear the line"},
    {"Ctrl-D", "end, as /bye"},
}};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != text.npos;) {
        const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
        words.push_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

// What follows the first `count` words, as it was typed.
std::string_view after_words(std::string_view text, std::size_t count) {
    for (; count > 0; --count) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        text.remove_prefix(std::min(text.find_first_of(" \t"), text.size()));
    }
    return trim(text);
}

std::unexpected<Failure> unknown(std::string_view before, std::string_view word, std::span<const Known> table) {
    std::vector<std::string_view> names;
    for (const Known& known : table) names.push_back(known.words);
    const std::string_view meant = nearest(word, names);
    const std::string message = lar::format("there is no command {}{}", before, printable(word));
    if (!meant.empty()) return wrong_usage(message, lar::format("did you mean {}{}?", before, meant));
    return wrong_usage(message, before.empty() ? std::string(R"(/? lists them; a message that begins with / goes )"
                                                             R"(between """ and """)")
                                               : lar::format("/? {} lists them", trim(before.substr(1))));
}

const Known* find(std::span<const Known> table, std::string_view word) {
    const auto found = std::ranges::find(table, word, &Known::words);
    return found == table.end() ? nullptr : &*found;
}

std::unexpected<Failure> takes(std::string_view before, const Known& known) {
    return wrong_usage(
        lar::format("{}{} {}", before, known.words,
                    known.takes.empty() ? std::string("takes nothing more") : lar::format("takes {}", known.takes)));
}

Outcome<RunCommand> parse_set(std::string_view text, std::span<const std::string_view> words) {
    if (words.size() == 1) return Help{Topic::set};
    constexpr std::string_view before = "/set ";
    if (words[1] == "format" || words[1] == "noformat")
        return wrong_usage("/set format is not there yet: answers in a given format come in a later version of Lar");
    const Known* known = find(set_commands(), words[1]);
    if (known == nullptr) return unknown(before, words[1], set_commands());
    if (words[1] == "parameter") {
        if (words.size() == 2) return Help{Topic::parameters};
        if (words.size() == 3) return takes(before, *known);
        SetParameter parameter{std::string(words[2]), {}};
        for (const std::string_view word : words.subspan(3)) parameter.values.emplace_back(word);
        return parameter;
    }
    if (words[1] == "system") {
        std::string_view system = after_words(text, 2);
        if (system.empty()) return takes(before, *known);
        if (system.starts_with(quotes)) system.remove_prefix(quotes.size());
        if (system.ends_with(quotes)) system.remove_suffix(quotes.size());
        return SetSystem{std::string(system)};
    }
    if (words[1] == "think" && words.size() == 3) return SetThink{std::string(words[2])};
    if (words.size() > 2) return takes(before, *known);
    return known->command;
}

Outcome<RunCommand> parse_show(std::span<const std::string_view> words) {
    if (words.size() == 1) return Help{Topic::show};
    const Known* known = find(show_commands(), words[1]);
    if (known == nullptr) return unknown("/show ", words[1], show_commands());
    if (words.size() > 2) return takes("/show ", *known);
    return known->command;
}

Outcome<RunCommand> parse_help(std::span<const std::string_view> words) {
    static constexpr std::pair<std::string_view, Topic> topics[] = {{"set", Topic::set},
                                                                    {"/set", Topic::set},
                                                                    {"show", Topic::show},
                                                                    {"/show", Topic::show},
                                                                    {"shortcuts", Topic::shortcuts},
                                                                    {"shortcut", Topic::shortcuts},
                                                                    {"parameters", Topic::parameters},
                                                                    {"parameter", Topic::parameters}};
    if (words.size() > 1)
        for (const auto& [word, topic] : topics)
            if (words.back() == word) return Help{topic};
    return Help{Topic::commands};
}

template <class Row>
std::string rows(std::string_view before, std::span<const Row> table) {
    std::size_t widest = 0;
    std::vector<std::string> names;
    for (const Row& row : table) {
        std::string name = lar::format("{}{}", before, row.words);
        if constexpr (requires { row.takes; })
            if (!row.takes.empty()) name += lar::format(" {}", row.takes);
        widest = std::max(widest, name.size());
        names.push_back(std::move(name));
    }
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += lar::format("  {:<{}}  {}\n", names[i], widest, table[i].help);
    return text;
}

bool is_list(std::string_view name) { return name == "stop"; }

// Whether JSON writes it without quotes.
bool is_bare(std::string_view text) {
    return text == "true" || text == "false" ||
           (!text.empty() && text.find_first_not_of("+-.0123456789eE") == text.npos);
}

}  // namespace

Outcome<std::optional<Entry>> TypedLines::take(std::string_view line) {
    if (text_.size() + line.size() > limit_typed_bytes) {
        drop();
        return failed(Code::too_large, lar::format("a message is at most {} bytes", limit_typed_bytes));
    }
    std::string_view rest = line;
    if (!open_) {
        const std::string_view begun = trim(line);
        if (begun.empty()) return std::nullopt;
        const bool system = begun.starts_with(set_system) && trim(begun.substr(set_system.size())).starts_with(quotes);
        if (!begun.starts_with(quotes) && !system)
            return Entry{std::string(begun.starts_with('/') ? begun : line), begun.starts_with('/')};
        open_ = true;
        const std::size_t from = line.find(quotes) + quotes.size();
        if (system) text_ = line.substr(0, from);  // it is a command still
        rest = line.substr(from);
    }
    if (!rest.ends_with(quotes)) {
        text_ += rest;
        text_ += '\n';
        return std::nullopt;
    }
    text_ += rest.substr(0, rest.size() - quotes.size());
    Entry entry{std::exchange(text_, {}), false};
    entry.command = entry.text.starts_with(set_system) && entry.text.contains(quotes);
    open_ = false;
    if (trim(entry.text).empty()) return std::nullopt;
    return entry;
}

void TypedLines::drop() {
    text_.clear();
    open_ = false;
}

Outcome<RunCommand> parse_command(std::string_view text) {
    const std::vector<std::string_view> words = words_of(text);
    if (words.empty()) return wrong_usage("no command");
    const Known* known = find(commands(), words[0]);
    if (known == nullptr) return unknown("", words[0], commands());
    if (words[0] == "/set") return parse_set(text, words);
    if (words[0] == "/show") return parse_show(words);
    if (words[0] == "/help" || words[0] == "/?") return parse_help(words);
    if (words[0] == "/handoff" && words.size() <= 2)
        return HandOff{words.size() == 2 ? std::string(words[1]) : std::string()};
    const bool model =
        std::holds_alternative<LoadModel>(known->command) || std::holds_alternative<SaveModel>(known->command);
    if (words.size() != (model ? 2U : 1U)) return takes("", *known);
    if (std::holds_alternative<LoadModel>(known->command)) return LoadModel{std::string(words[1])};
    if (std::holds_alternative<SaveModel>(known->command)) return SaveModel{std::string(words[1])};
    return known->command;
}

std::string help_text(Topic topic) {
    switch (topic) {
        case Topic::commands:
            return rows<Known>("", commands()) +
                   "\nA message of several lines goes between \"\"\" and \"\"\". `/? shortcuts` lists the keys.\n";
        case Topic::set: return rows<Known>("/set ", set_commands());
        case Topic::parameters:
            return rows<Line>("/set parameter ", parameters) + "\nSuch as: /set parameter temperature 0.2\n";
        case Topic::show: return rows<Known>("/show ", show_commands());
        case Topic::shortcuts: return rows<Line>("", shortcuts);
    }
    std::unreachable();
}

Outcome<std::string> parameter_json(const SetParameter& parameter) {
    const std::string& name = parameter.name;
    const auto known = [&](const std::string& json) {
        return wire::from_json<wire::ModelOptions>(lar::format("{{\"{}\":{}}}", name, json)).has_value();
    };
    const bool is_name = !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos;
    if (is_name && is_list(name)) return wire::to_json(parameter.values);
    if (!is_name || (!known("0") && !known("true"))) {
        std::vector<std::string_view> names;
        for (const Line& line : parameters) names.push_back(line.words);
        const std::string_view meant = nearest(name, names);
        return wrong_usage(
            lar::format("there is no parameter '{}'", printable(name)),
            meant.empty() ? "/? parameters lists the common ones" : lar::format("did you mean {}?", meant));
    }
    const std::string& value = parameter.values.front();
    if (parameter.values.size() > 1) return wrong_usage(lar::format("the parameter '{}' takes one value", name));
    if (!is_bare(value) || !known(value))
        return wrong_usage(lar::format("'{}' is not a value of the parameter '{}': it takes {}", printable(value), name,
                                       known("true")  ? "true or false"
                                       : known("0.5") ? "a number"
                                                      : "a whole number"));
    return value;
}

}  // namespace lar::cli
