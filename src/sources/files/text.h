// From the bytes of a file to text that can be cut into passages, or the reason why it is left out.
//
// Text is UTF-8 with "\n" at the end of lines and no byte order mark; UTF-16 with a mark and Latin-1 are
// converted. Binary bytes, empty files, private keys and generated text (very long lines) are refused
// with a short fixed phrase. Whoever wants to see whether a cited line still stands must read the file
// through decode_text too, or the same line may look different.
#pragma once

#include <string>
#include <string_view>

namespace lar::sources {

// Why something is left out: the phrases that `lar sources` shows.
namespace reason {
inline constexpr std::string_view ignored = "ignored";
inline constexpr std::string_view secret = "secret";
inline constexpr std::string_view binary = "binary";
inline constexpr std::string_view too_large = "too large";
inline constexpr std::string_view generated = "generated";
inline constexpr std::string_view empty = "empty";
inline constexpr std::string_view symbolic_link = "symbolic link";
inline constexpr std::string_view special_file = "special file";
inline constexpr std::string_view unreadable = "unreadable";
inline constexpr std::string_view version_control = "version control";
inline constexpr std::string_view other_work_tree = "another work tree";
inline constexpr std::string_view cache = "cache";
inline constexpr std::string_view too_deep = "too deep";
inline constexpr std::string_view too_many = "too many";
inline constexpr std::string_view strange_name = "name is not text";
// Of documents that a reader takes apart.
inline constexpr std::string_view encrypted = "encrypted";
inline constexpr std::string_view damaged = "damaged";
inline constexpr std::string_view too_slow = "takes too long";
inline constexpr std::string_view no_text = "no text";
inline constexpr std::string_view unknown_format = "unknown format";
inline constexpr std::string_view reader_stopped = "its reader stopped";
inline constexpr std::string_view read_in_part = "read in part";  // the rest of it is indexed
}  // namespace reason

struct DecodedText {
    std::string text;
    std::string_view reason;  // empty: the text is fit
    std::string detail;
};

DecodedText decode_text(std::string bytes, std::string_view path);

// What the name alone tells: "binary" for pictures and archives, "generated" for lock files and minified
// code. Empty reason: the bytes must be looked at.
struct NamedReason {
    std::string_view reason;
    std::string_view detail;
};
NamedReason reason_by_name(std::string_view path);

}  // namespace lar::sources
