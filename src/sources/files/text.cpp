#include "sources/files/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/code_point.h"
#include "base/text.h"
#include "sources/files/passages.h"
#include "sources/files/secrets.h"

namespace lar::sources {
namespace {

constexpr std::size_t generated_size_bytes = 4 * 1024;  // smaller files are let through whatever their lines
constexpr std::size_t generated_average_line_bytes = 400;
constexpr std::size_t generated_longest_line_bytes = 64 * 1024;
constexpr std::size_t binary_one_in = 10;  // more ill-formed bytes than one in ten: not text

constexpr std::array<std::string_view, 62> binary_extensions = {
    ".png",   ".jpg",     ".jpeg", ".gif",  ".webp",  ".ico", ".bmp",    ".tif",  ".tiff", ".psd",         ".pdf",
    ".zip",   ".gz",      ".xz",   ".zst",  ".bz2",   ".7z",  ".rar",    ".tar",  ".tgz",  ".jar",         ".war",
    ".class", ".o",       ".a",    ".so",   ".dylib", ".exe", ".dll",    ".lib",  ".bin",  ".iso",         ".img",
    ".wasm",  ".pyc",     ".mp3",  ".mp4",  ".mkv",   ".avi", ".mov",    ".webm", ".ogg",  ".flac",        ".wav",
    ".m4a",   ".ttf",     ".otf",  ".woff", ".woff2", ".eot", ".sqlite", ".db",   ".gguf", ".safetensors", ".npy",
    ".npz",   ".parquet", ".docx", ".xlsx", ".pptx",  ".odt", ".deb"};

constexpr std::array<std::string_view, 17> lock_files = {"package-lock.json", "npm-shrinkwrap.json",
                                                         "yarn.lock",         "pnpm-lock.yaml",
                                                         "bun.lock",          "cargo.lock",
                                                         "poetry.lock",       "pipfile.lock",
                                                         "uv.lock",           "composer.lock",
                                                         "gemfile.lock",      "go.sum",
                                                         "flake.lock",        "mix.lock",
                                                         "podfile.lock",      "pubspec.lock",
                                                         "packages.lock.json"};

constexpr std::array<std::string_view, 6> generated_endings = {".min.js",  ".min.css",   ".js.map",
                                                               ".css.map", ".bundle.js", ".min.mjs"};

std::string from_utf16(std::string_view bytes, bool big_endian) {
    const auto unit = [&](std::size_t at) {
        const auto low = static_cast<unsigned char>(bytes[at + (big_endian ? 1 : 0)]);
        const auto high = static_cast<unsigned char>(bytes[at + (big_endian ? 0 : 1)]);
        return static_cast<std::uint32_t>(high << 8 | low);
    };
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        std::uint32_t point = unit(at);
        if (point >= 0xD800 && point < 0xDC00 && at + 3 < bytes.size()) {
            if (const std::uint32_t low = unit(at + 2); low >= 0xDC00 && low < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        append_code_point(out, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
    }
    return out;
}

std::string from_latin_1(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 16);
    for (const char c : bytes) append_code_point(out, static_cast<unsigned char>(c));
    return out;
}

// How many bytes stand in well-formed sequences of more than one byte, and how many in none.
struct Utf8Census {
    std::size_t well_formed = 0, ill_formed = 0;
};
Utf8Census take_census(std::string_view bytes) {
    Utf8Census census;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (length > 1 && is_utf8(bytes.substr(at, length)) && at + length <= bytes.size()) {
            census.well_formed += length;
            at += length;
        } else {
            if (length > 1) ++census.ill_formed;
            ++at;
        }
    }
    return census;
}

void make_line_ends_plain(std::string& text) {
    if (!text.contains('\r')) return;
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;
        out += text[at];
    }
    text = std::move(out);
}

// Minified code and data dumps: nobody cites their lines.
bool looks_generated(std::string_view text, std::string_view path) {
    if (text.size() < generated_size_bytes || shape_of(path) != TextShape::code) return false;
    std::size_t lines = 0, longest = 0;
    for (std::size_t at = 0; at < text.size(); ++lines) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        longest = std::max(longest, end - at);
        at = end + 1;
    }
    return text.size() / lines > generated_average_line_bytes || longest > generated_longest_line_bytes;
}

DecodedText left_out(std::string_view why, std::string detail = {}) { return {{}, why, std::move(detail)}; }

}  // namespace

NamedReason reason_by_name(std::string_view path) {
    const std::string name = to_lower_ascii(path.substr(path.rfind('/') + 1));
    if (const std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0) {
        const auto* found = std::ranges::find(binary_extensions, std::string_view(name).substr(dot));
        if (found != binary_extensions.end()) return {reason::binary, *found};
    }
    if (std::ranges::contains(lock_files, std::string_view(name))) return {reason::generated, "lock file"};
    for (const std::string_view ending : generated_endings)
        if (name.ends_with(ending)) return {reason::generated, ending};
    return {};
}

DecodedText decode_text(std::string bytes, std::string_view path) {
    if (bytes.empty()) return left_out(reason::empty);
    const std::string_view view = bytes;
    if (view.starts_with("\xFF\xFE") && view.size() % 2 == 0)
        bytes = from_utf16(view.substr(2), false);
    else if (view.starts_with("\xFE\xFF") && view.size() % 2 == 0)
        bytes = from_utf16(view.substr(2), true);
    else if (view.starts_with("\xEF\xBB\xBF"))
        bytes.erase(0, 3);
    if (std::string_view(bytes).contains('\0')) return left_out(reason::binary, "NUL bytes");
    if (!is_utf8(bytes)) {
        const Utf8Census census = take_census(bytes);
        if (census.ill_formed > bytes.size() / binary_one_in) return left_out(reason::binary, "not UTF-8");
        bytes = census.well_formed > census.ill_formed ? to_utf8_lossy(bytes) : from_latin_1(bytes);
    }
    make_line_ends_plain(bytes);
    if (trim(bytes).empty()) return left_out(reason::empty, "only blanks");
    if (const std::string_view rule = secret_by_content(bytes); !rule.empty())
        return left_out(reason::secret, std::string(rule));
    if (looks_generated(bytes, path)) return left_out(reason::generated, "very long lines");
    return {std::move(bytes), {}, {}};
}

}  // namespace lar::sources
