#include "answer/quoting.h"

#include <algorithm>
#include <array>
#include <optional>

#include "answer/marks.h"
#include "base/text.h"

namespace lar::answer {
namespace {

constexpr std::string_view angle = "‹", open_bracket = "⟦", close_bracket = "⟧";
constexpr std::size_t limit_name_bytes = 32;

bool is_name_byte(char c) { return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// Names that templates and tokenizers put between angle brackets, and ours.
constexpr auto marker_names = std::to_array<std::string_view>({"s",
                                                               "bos",
                                                               "eos",
                                                               "pad",
                                                               "unk",
                                                               "mask",
                                                               "cls",
                                                               "sep",
                                                               "start_of_turn",
                                                               "end_of_turn",
                                                               "im_start",
                                                               "im_end",
                                                               "start_header_id",
                                                               "eot_id",
                                                               "endoftext",
                                                               "end_of_text",
                                                               "sys",
                                                               "think",
                                                               "thinking",
                                                               "tool_call",
                                                               "tools",
                                                               "tool_response",
                                                               "start_of_image",
                                                               "fim_prefix",
                                                               "fim_suffix",
                                                               "fim_middle",
                                                               "system",
                                                               "user",
                                                               "assistant",
                                                               "human",
                                                               "bot",
                                                               "passage"});

// Whether text[at], a '<', begins what somebody would take for a marker.
bool begins_marker(std::string_view text, std::size_t at) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('|') || rest.starts_with("｜")) return true;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    const auto end = std::ranges::find_if_not(rest, is_name_byte);
    const auto bytes = static_cast<std::size_t>(end - rest.begin());
    if (bytes == 0 || bytes > limit_name_bytes) return false;
    return std::ranges::contains(marker_names, std::string_view(to_lower_ascii(rest.substr(0, bytes))));
}

// The bytes of "[INST]", "[/INST]", "[TOOL_CALLS]" at text[at], a '['; 0: none.
std::size_t instruction_mark(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    if (end < text.size() && text[end] == '/') ++end;
    const std::size_t first = end;
    while (end < text.size() && end - first < limit_name_bytes && (is_upper(text[end]) || text[end] == '_')) ++end;
    return end - first >= 3 && end < text.size() && text[end] == ']' ? end + 1 - at : 0;
}

}  // namespace

std::string quote(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '<' && begins_marker(text, at)) {
            out += angle;
            ++at;
        } else if (const std::size_t bytes = instruction_mark(text, at); text[at] == '[' && bytes > 0) {
            out.append(open_bracket).append(text.substr(at + 1, bytes - 2)).append(close_bracket);
            at += bytes;
        } else if (const auto mark = mark_at(text, at)) {
            out.append(open_bracket).append(mark->inside).append(close_bracket);
            at += mark->bytes;
        } else {
            out += text[at++];
        }
    }
    return out;
}

std::string quote_line(std::string_view text) {
    std::string line = quote(text);
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return line;
}

std::string unquote(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto take = [&](std::string_view sign, char instead) {
        if (!text.starts_with(sign)) return false;
        out += instead;
        text.remove_prefix(sign.size());
        return true;
    };
    while (!text.empty())
        if (!take(angle, '<') && !take(open_bracket, '[') && !take(close_bracket, ']')) {
            out += text.front();
            text.remove_prefix(1);
        }
    return out;
}

}  // namespace lar::answer
