#include "models/modelfile.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/format.h"
#include "base/nearest.h"
#include "base/text.h"
#include "models/parameters.h"

namespace lar::models {
namespace {

constexpr std::string_view three_quotes = R"(""")";
constexpr std::size_t limit_shown = 40;  // of a word that is wrong

enum class Command { from, adapter, tmpl, system, parameter, message, license, renderer, parser, requires_version };
struct Named {
    std::string_view name;
    Command command;
};
constexpr std::array<Named, 10> commands{{
    {"from", Command::from},
    {"adapter", Command::adapter},
    {"template", Command::tmpl},
    {"system", Command::system},
    {"parameter", Command::parameter},
    {"message", Command::message},
    {"license", Command::license},
    {"renderer", Command::renderer},
    {"parser", Command::parser},
    {"requires", Command::requires_version},
}};
constexpr std::array<std::string_view, 3> roles{"system", "user", "assistant"};

Result<Command> command_of(std::string_view word) {
    const std::string lower = to_lower_ascii(word);
    const auto* const found = std::ranges::find(commands, lower, &Named::name);
    if (found != commands.end()) return found->command;
    if (lower == "draft") return fail(Code::invalid, "DRAFT is not taken: Lar has no draft models yet");
    std::array<std::string_view, commands.size()> names;
    std::ranges::transform(commands, names.begin(), &Named::name);
    std::string message = lar::format("there is no command '{}'", printable(utf8_prefix(word, limit_shown)));
    if (const std::string_view meant = nearest(lower, names); !meant.empty())
        message += lar::format("; did you mean '{}'?", meant);
    return fail(Code::invalid, std::move(message));
}

// What stands between quotes; the text itself without any; nothing while quotes are open.
std::optional<std::string_view> unquote(std::string_view text) {
    for (const std::string_view quotes : {three_quotes, three_quotes.substr(0, 1)}) {
        if (!text.starts_with(quotes)) continue;
        if (text.size() < 2 * quotes.size() || !text.ends_with(quotes)) return std::nullopt;
        return text.substr(quotes.size(), text.size() - 2 * quotes.size());
    }
    return text;
}

std::string_view cut_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view word = text.substr(0, end);
    text = trim(text.substr(end));
    return word;
}

class Parser {
public:
    explicit Parser(std::string_view text) : lines_(split_lines(text)) {}

    Result<Modelfile> parse() {
        for (; at_ < lines_.size(); ++at_) {
            const std::size_t line = at_ + 1;
            if (auto taken = take_line(); !taken) {
                Error error = std::move(taken).error();
                error.message = lar::format("line {}: {}", line, error.message);
                return std::unexpected(std::move(error));
            }
        }
        if (out_.from.empty()) return fail(Code::invalid, "there is no FROM line: name a model or a GGUF file");
        return std::move(out_);
    }

private:
    Result<> take_line() {
        std::string_view rest = trim(lines_[at_]);
        if (rest.empty() || rest.starts_with('#')) return {};
        const std::string_view word = cut_word(rest);
        const Command command = TRY(command_of(word));
        std::string_view key;
        if (command == Command::parameter || command == Command::message) {
            key = cut_word(rest);
            if (rest.empty())
                return fail(Code::invalid, command == Command::parameter ? "PARAMETER needs a name and a value"
                                                                         : "MESSAGE needs a role and a text");
        }
        if (rest.empty()) return fail(Code::invalid, lar::format("{} needs a value", printable(word)));
        return take(command, key, TRY(value_from(rest)));
    }

    // The value that begins with `first` on the line at hand; at_ moves to the line where it ends.
    Result<std::string> value_from(std::string_view first) {
        if (const auto whole = unquote(first)) return std::string(*whole);
        std::string text(first);
        for (std::size_t next = at_ + 1; next < lines_.size(); ++next) {
            text += '\n';
            text += lines_[next].substr(0, lines_[next].find_last_not_of('\r') + 1);
            if (const auto whole = unquote(trim(text))) {
                at_ = next;
                return std::string(*whole);
            }
        }
        return fail(Code::invalid, "the quotes that open here never close at the end of a line");
    }

    Result<> take(Command command, std::string_view key, std::string value) {
        switch (command) {
            case Command::from: return take_place(out_.from, std::move(value));
            case Command::adapter: return take_place(out_.adapters, std::move(value));
            case Command::tmpl: out_.tmpl = std::move(value); return {};
            case Command::system: out_.system = std::move(value); return {};
            case Command::parameter: return set_parameter(out_.parameters, to_lower_ascii(key), value);
            case Command::message: return take_message(to_lower_ascii(key), std::move(value));
            case Command::license: out_.licenses.push_back(std::move(value)); return {};
            case Command::renderer: out_.renderer = std::move(value); return {};
            case Command::parser: out_.parser = std::move(value); return {};
            case Command::requires_version: out_.requires_version = std::move(value); return {};
        }
        return fail(Code::internal, "a command without a place");
    }

    static Result<> take_place(std::vector<std::string>& places, std::string value) {
        if (trim(value).empty()) return fail(Code::invalid, "no model and no file is named");
        if (value.contains('\0') || value.contains('\n')) return fail(Code::invalid, "this names no file and no model");
        places.push_back(std::move(value));
        return {};
    }

    Result<> take_message(const std::string& role, std::string text) {
        if (!std::ranges::contains(roles, role))
            return fail(Code::invalid, lar::format("a message is of system, user or assistant, not of '{}'",
                                                   printable(utf8_prefix(role, limit_shown))));
        if (out_.messages.size() == limit_messages)
            return fail(Code::too_large, lar::format("more than {} messages", limit_messages));
        out_.messages.push_back({role, std::move(text)});
        return {};
    }

    std::vector<std::string_view> lines_;
    std::size_t at_ = 0;
    Modelfile out_;
};

// Whether a parser would take the value to end before its last line.
bool ends_early(std::string_view quoted) {
    for (std::size_t end = quoted.find('\n'); end != std::string_view::npos; end = quoted.find('\n', end + 1))
        if (unquote(trim(quoted.substr(0, end)))) return true;
    return false;
}

Result<> write_value(std::string& out, std::string_view value) {
    const bool bare =
        !value.empty() && trim(value).size() == value.size() && !value.starts_with('"') && !value.contains('\n');
    if (bare) {
        out += value;
    } else {
        const std::string_view quotes = value.contains('"') ? three_quotes : three_quotes.substr(0, 1);
        const std::string quoted = lar::format("{0}{1}{0}", quotes, value);
        if (ends_early(quoted) || value.contains("\r\n"))
            return fail(Code::invalid,
                        "a text with three quotes at the end of a line, or with CR LF, has no place in a Modelfile");
        out += quoted;
    }
    out += '\n';
    return {};
}

Result<> write_line(std::string& out, std::string_view command, std::string_view value) {
    out += command;
    out += ' ';
    return write_value(out, value);
}
Result<> write_line(std::string& out, std::string_view command, const std::optional<std::string>& value) {
    return value ? write_line(out, command, std::string_view(*value)) : Result<>();
}
Result<> write_lines(std::string& out, std::string_view command, std::span<const std::string> values) {
    for (const std::string& value : values) TRY_VOID(write_line(out, command, std::string_view(value)));
    return {};
}

}  // namespace

Result<Modelfile> parse_modelfile(std::string_view text) {
    if (text.size() > limit_modelfile_bytes)
        return fail(Code::too_large,
                    lar::format("the Modelfile has {} bytes, {} at most", text.size(), limit_modelfile_bytes));
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
    if (!is_utf8(text)) return fail(Code::invalid, "the Modelfile is not UTF-8: save it as UTF-8");
    return Parser(text).parse();
}

Result<std::string> write_modelfile(const Modelfile& modelfile) {
    std::string out;
    TRY_VOID(write_lines(out, "FROM", modelfile.from));
    TRY_VOID(write_lines(out, "ADAPTER", modelfile.adapters));
    TRY_VOID(write_line(out, "TEMPLATE", modelfile.tmpl));
    TRY_VOID(write_line(out, "SYSTEM", modelfile.system));
    for (const ParameterLine& line : lines_of(modelfile.parameters))
        TRY_VOID(write_line(out, "PARAMETER " + line.name, std::string_view(line.value)));
    for (const wire::ModelMessage& message : modelfile.messages)
        TRY_VOID(write_line(out, "MESSAGE " + message.role, std::string_view(message.content)));
    TRY_VOID(write_line(out, "RENDERER", modelfile.renderer));
    TRY_VOID(write_line(out, "PARSER", modelfile.parser));
    TRY_VOID(write_line(out, "REQUIRES", modelfile.requires_version));
    TRY_VOID(write_lines(out, "LICENSE", modelfile.licenses));
    return out;
}

}  // namespace lar::models
