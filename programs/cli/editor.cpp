#include "editor.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

enum class LineSyntax : std::uint8_t { plus, colon, goto_colon, line_option, short_line_option };
struct Family {
    LineSyntax syntax;
    std::string_view editors;  // separated by spaces
};
constexpr std::array families{
    Family{LineSyntax::plus,
           "vi vim nvim gvim mvim view vim.tiny vim.basic nano pico emacs emacsclient micro kak joe jed ne mg "
           "mcedit gedit gnome-text-editor geany leafpad mousepad xed pluma"},
    Family{LineSyntax::colon, "hx helix subl sublime_text zed zeditor lapce"},
    Family{LineSyntax::goto_colon, "code code-insiders code-oss codium vscodium cursor windsurf positron"},
    Family{LineSyntax::line_option, "idea pycharm clion webstorm goland rustrover phpstorm rubymine rider"},
    Family{LineSyntax::short_line_option, "kate kwrite"},
};

const Family* family_of(std::string_view program) {
    for (const Family& family : families)
        if (std::ranges::contains(split(family.editors, ' '), program)) return &family;
    return nullptr;
}

}  // namespace

std::vector<std::string> command_words(std::string_view command) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
            word += command[++i];
            in_word = true;
        } else if (quote != 0) {
            word += c;
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (c == ' ' || c == '\t') {
            if (in_word) words.push_back(std::move(word));
            word.clear();
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (in_word) words.push_back(std::move(word));
    return words;
}

std::vector<std::string> editor_command(std::string_view editor, const std::string& file, std::uint32_t line) {
    std::vector<std::string> command = command_words(editor);
    if (command.empty()) return command;
    const Family* family = family_of(std::filesystem::path(command[0]).filename().string());
    if (family == nullptr || line == 0) {
        command.push_back(file);
        return command;
    }
    const std::string place = lar::format("{}:{}", file, line);
    switch (family->syntax) {
        case LineSyntax::plus: command.insert(command.end(), {lar::format("+{}", line), file}); break;
        case LineSyntax::colon: command.push_back(place); break;
        case LineSyntax::goto_colon: command.insert(command.end(), {"-g", place}); break;
        case LineSyntax::line_option: command.insert(command.end(), {"--line", std::to_string(line), file}); break;
        case LineSyntax::short_line_option: command.insert(command.end(), {"-l", std::to_string(line), file}); break;
    }
    return command;
}

std::string choose_editor(const std::function<const char*(const char*)>& environment,
                          const std::function<bool(std::string_view)>& exists) {
    for (const char* variable : {"VISUAL", "EDITOR"})
        if (const char* value = environment(variable); value != nullptr && !trim(value).empty()) return value;
    for (const std::string_view program : {"nvim", "vim", "nano", "micro", "hx", "emacs", "vi"})
        if (exists(program)) return std::string(program);
    return {};
}

bool on_search_path(std::string_view program) {
    const char* path = std::getenv("PATH");
    if (path == nullptr) return false;
    return std::ranges::any_of(split(path, ':'), [&](std::string_view folder) {
        return !folder.empty() && ::access(lar::format("{}/{}", folder, program).c_str(), X_OK) == 0;
    });
}

}  // namespace lar::cli
