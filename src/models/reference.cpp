#include "models/reference.h"

#include <optional>

#include "base/format.h"
#include "base/text.h"

namespace lar::models {
namespace {

constexpr std::string_view hub_prefix = "hf:";
constexpr std::size_t limit_reference_bytes = limit_host_bytes + 3 * limit_part_bytes + 3;

constexpr bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr std::string_view to_string(Part part) {
    switch (part) {
        case Part::host: return "host";
        case Part::name_space: return "namespace";
        case Part::name: return "name";
        case Part::tag: return "tag";
    }
    return "part";
}

constexpr std::string_view allowed_in(Part part) {
    switch (part) {
        case Part::host: return "letters, digits, '_', '-', '.' and ':'";
        case Part::name_space: return "letters, digits, '_' and '-'";
        case Part::name:
        case Part::tag: return "letters, digits, '_', '-' and '.'";
    }
    return "nothing";
}

constexpr std::size_t limit_of(Part part) { return part == Part::host ? limit_host_bytes : limit_part_bytes; }

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return fail(Code::invalid, lar::format("'{}' is no name of a model: {}", printable(text), why));
}

Result<> check(std::string_view whole, Part part, std::string_view text) {
    if (may_be(part, text)) return {};
    const std::string_view name = to_string(part);
    if (text.empty()) return refuse(whole, lar::format("its {} is empty", name));
    if (text.size() > limit_of(part))
        return refuse(whole, lar::format("its {} has {} characters, {} at most", name, text.size(), limit_of(part)));
    return refuse(whole,
                  lar::format("its {} may have {}, and begins with a letter, a digit or '_'", name, allowed_in(part)));
}

// The text after the last separator, which is cut off with it; nothing if there is none.
std::optional<std::string_view> cut_last(std::string_view& text, char separator) {
    const std::size_t at = text.rfind(separator);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view last = text.substr(at + 1);
    text = text.substr(0, at);
    return last;
}

Result<> refuse_addresses(std::string_view text) {
    if (text.contains("://"))
        return refuse(text, "write HOST/OWNER/NAME:TAG, or hf:OWNER/REPOSITORY:TAG, without an address's https://");
    if (text.contains('@')) return refuse(text, "a model is named by its tag here, not by a digest");
    return {};
}

}  // namespace

bool may_be(Part part, std::string_view text) {
    if (text.empty() || text.size() > limit_of(part) || !is_word(text.front())) return false;
    for (const char c : text) {
        const bool allowed =
            is_word(c) || c == '-' || (c == '.' && part != Part::name_space) || (c == ':' && part == Part::host);
        if (!allowed) return false;
    }
    return true;
}

Result<Reference> parse_reference(std::string_view text) {
    if (text.empty()) return fail(Code::invalid, "no model is named");
    if (text.size() > limit_reference_bytes)
        return refuse(utf8_prefix(text, 40), lar::format("it is longer than {} characters", limit_reference_bytes));
    TRY_VOID(refuse_addresses(text));
    Reference out{std::string(default_host), std::string(default_namespace), "", std::string(default_tag)};
    std::string_view rest = text;
    // A colon that is no tag's, and a host that is left out.
    const bool of_hub = rest.starts_with(hub_prefix) && rest.contains('/');
    if (of_hub) rest.remove_prefix(hub_prefix.size());
    // A colon before the last slash belongs to a host's port.
    if (rest.rfind(':') != std::string_view::npos && (!rest.contains('/') || rest.rfind(':') > rest.rfind('/')))
        out.tag = *cut_last(rest, ':');
    const std::optional<std::string_view> name = cut_last(rest, '/');
    out.name = name.value_or(rest);
    if (name) {
        const std::optional<std::string_view> name_space = cut_last(rest, '/');
        out.name_space = name_space.value_or(rest);
        if (name_space) out.host = rest;
    }
    if (of_hub) {
        if (out.host != default_host) return refuse(text, "it is hf:OWNER/REPOSITORY:TAG");
        out.host = hub_host;
    }
    TRY_VOID(check(text, Part::host, out.host));
    TRY_VOID(check(text, Part::name_space, out.name_space));
    TRY_VOID(check(text, Part::name, out.name));
    TRY_VOID(check(text, Part::tag, out.tag));
    return out;
}

std::string canonical(const Reference& reference) {
    return lar::format("{}/{}/{}:{}", reference.host, reference.name_space, reference.name, reference.tag);
}

std::string short_form(const Reference& reference) {
    const bool local = to_lower_ascii(reference.host) == default_host;
    if (!local) return canonical(reference);
    if (to_lower_ascii(reference.name_space) != default_namespace)
        return lar::format("{}/{}:{}", reference.name_space, reference.name, reference.tag);
    return lar::format("{}:{}", reference.name, reference.tag);
}

std::string key_of(const Reference& reference) { return to_lower_ascii(canonical(reference)); }

}  // namespace lar::models
