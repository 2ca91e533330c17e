// What is typed into `lar run`: messages, and commands that begin with a slash.
//
// TypedLines puts lines together to entries: """ begins a message of several lines, and ends it; `/set system` may
// begin one, too. parse_command takes a command apart by one table, from which its help is made; what is not in it
// is refused with the nearest that is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "failure.h"

namespace lar::cli {

inline constexpr std::size_t limit_typed_bytes = 8 * 1024 * 1024;  // of one entry

struct Entry {
    std::string text;      // as it goes to the model; of a command all of it
    bool command = false;  // begins with a slash
};

class TypedLines {
public:
    // The entry that this line ends; none while more lines belong to it, or where it is empty.
    Outcome<std::optional<Entry>> take(std::string_view line);
    bool open() const { return open_; }  // within """
    void drop();

private:
    std::string text_;
    bool open_ = false;
};

struct SetParameter {
    std::string name;
    std::vector<std::string> values;
};
struct SetSystem {
    std::string text;
};
struct SetThink {
    std::string level;  // "true", "false", or a name such as "high"
};
enum class Switch : std::uint8_t { history, verbose, word_wrap };
struct SetSwitch {
    Switch which = Switch::history;
    bool on = false;
};
enum class Part : std::uint8_t { info, license, modelfile, parameters, system, template_text };
struct Show {
    Part part = Part::info;
};
struct LoadModel {
    std::string model;
};
struct SaveModel {
    std::string model;
};
struct HandOff {
    std::string provider;  // empty: the only one
};
struct Clear {};
struct Bye {};
enum class Topic : std::uint8_t { commands, set, parameters, show, shortcuts };
struct Help {
    Topic topic = Topic::commands;
};
using RunCommand =
    std::variant<SetParameter, SetSystem, SetThink, SetSwitch, Show, LoadModel, SaveModel, HandOff, Clear, Bye, Help>;

Outcome<RunCommand> parse_command(std::string_view text);
std::string help_text(Topic topic);

// The JSON of a parameter's value, by its name and the words that were typed. invalid for a name or a kind of value
// that no model takes; whether it is within its range, lard knows.
Outcome<std::string> parameter_json(const SetParameter& parameter);

}  // namespace lar::cli
