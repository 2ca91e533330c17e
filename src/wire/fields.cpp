#include "wire/fields.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "base/format.h"
#include "wire/json.h"

namespace lar::wire {
namespace {

// Strict where glaze would skip: what is kept as text is handed on as JSON.
struct KeptOptions : glz::opts {
    bool validate_skipped = true;
    bool validate_trailing_whitespace = true;
};

std::string named(std::string_view where) {
    return where.empty() ? std::string("the request") : lar::format("'{}'", where);
}

template <class T>
Result<T> parse(std::string_view json) {
    T value{};
    const std::string copy(json);  // glaze reads up to a terminating zero
    if (const auto error = glz::read<KeptOptions{}>(value, copy); error) {
        const std::string all =
            glz::format_error(error, copy);  // "1:14: unexpected_end", then the line, which may be long
        return fail(Code::invalid, all.substr(0, all.find('\n')));
    }
    return value;
}

std::string_view trimmed(std::string_view json) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t begin = json.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return json.substr(begin, json.find_last_not_of(space) - begin + 1);
}

template <class T>
Result<> read_whole(std::string_view json, std::string_view where, T& into) {
    if (kind_of(json) != JsonKind::number) return wrong_type(where, "a whole number", json);
    const std::string_view text = trimmed(json);
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error != std::errc() || end != text.data() + text.size()) {
        double number = 0;
        const auto [last, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
        constexpr double most = 9e15;  // every whole number up to here is exact in a double
        if (wrong != std::errc() || last != text.data() + text.size() || number != std::floor(number) ||
            std::abs(number) > most)
            return fail(Code::invalid,
                        lar::format("{} must be a whole number, not {}", named(where), text.substr(0, 40)));
        whole = static_cast<std::int64_t>(number);
    }
    if (!std::in_range<T>(whole))
        return fail(Code::invalid, lar::format("{} must be from {} to {}", named(where), std::numeric_limits<T>::min(),
                                               std::numeric_limits<T>::max()));
    into = static_cast<T>(whole);
    return {};
}

}  // namespace

JsonKind kind_of(std::string_view json) {
    const std::string_view text = trimmed(json);
    if (text.empty()) return JsonKind::none;
    switch (text.front()) {
        case 'n': return JsonKind::null;
        case 't':
        case 'f': return JsonKind::boolean;
        case '"': return JsonKind::string;
        case '[': return JsonKind::array;
        case '{': return JsonKind::object;
        default: return JsonKind::number;
    }
}

std::string_view name_of(JsonKind kind) {
    switch (kind) {
        case JsonKind::none: return "nothing";
        case JsonKind::null: return "null";
        case JsonKind::boolean: return "true or false";
        case JsonKind::number: return "a number";
        case JsonKind::string: return "a string";
        case JsonKind::array: return "an array";
        case JsonKind::object: return "an object";
    }
    return "nothing";
}

std::unexpected<Error> wrong_type(std::string_view where, std::string_view expected, std::string_view json) {
    // What members hold has been read as JSON before.
    if (where.empty() && !parse<glz::raw_json>(json)) return fail(Code::invalid, "the request is not JSON");
    return fail(Code::invalid, lar::format("{} must be {}, not {}", named(where), expected, name_of(kind_of(json))));
}

Result<std::vector<std::string>> json_elements(std::string_view json, std::string_view where) {
    if (kind_of(json) != JsonKind::array) return wrong_type(where, "an array", json);
    auto parsed = TRY(parse<std::vector<glz::raw_json>>(json));
    if (parsed.size() > limit_members)
        return fail(Code::too_large, lar::format("{} has more than {} elements", named(where), limit_members));
    std::vector<std::string> out;
    out.reserve(parsed.size());
    for (glz::raw_json& element : parsed) out.push_back(std::move(element.str));
    return out;
}

Result<> read_value(std::string_view json, std::string_view where, bool& into) {
    if (kind_of(json) != JsonKind::boolean) return wrong_type(where, "true or false", json);
    into = trimmed(json) == "true";
    return {};
}

Result<> read_value(std::string_view json, std::string_view where, std::int64_t& into) {
    return read_whole(json, where, into);
}
Result<> read_value(std::string_view json, std::string_view where, std::int32_t& into) {
    return read_whole(json, where, into);
}
Result<> read_value(std::string_view json, std::string_view where, std::uint32_t& into) {
    return read_whole(json, where, into);
}

Result<> read_value(std::string_view json, std::string_view where, double& into) {
    if (kind_of(json) != JsonKind::number) return wrong_type(where, "a number", json);
    const std::string_view text = trimmed(json);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return fail(Code::invalid, lar::format("{} is a number that cannot be used here", named(where)));
    into = number;
    return {};
}

Result<> read_value(std::string_view json, std::string_view where, std::string& into) {
    if (kind_of(json) != JsonKind::string) return wrong_type(where, "a string", json);
    into = TRY(parse<std::string>(json));
    return {};
}

Result<> read_value(std::string_view json, std::string_view, Json& into) {
    into.text = json;
    return {};
}

Result<Fields> Fields::of(std::string_view json, std::string_view where) {
    Fields out;
    out.where_ = where;
    if (kind_of(json) == JsonKind::none && where.empty()) return fail(Code::invalid, "missing request body");
    if (kind_of(json) != JsonKind::object) return wrong_type(where, "a JSON object", json);
    auto parsed = parse<std::map<std::string, glz::raw_json>>(json);
    if (!parsed)
        return fail(Code::invalid, lar::format("{} is not valid JSON: {}", named(where), parsed.error().message));
    if (parsed->size() > limit_members)
        return fail(Code::too_large, lar::format("{} has more than {} members", named(where), limit_members));
    out.members_.reserve(parsed->size());
    for (auto& [name, value] : *parsed) out.members_.push_back({name, std::move(value.str)});
    return out;
}

std::string_view Fields::raw(std::string_view name) const {
    for (const Member& member : members_)
        if (member.name == name) return kind_of(member.json) == JsonKind::null ? std::string_view() : member.json;
    return {};
}

std::string Fields::path_of(std::string_view name) const {
    return where_.empty() ? std::string(name) : lar::format("{}.{}", where_, name);
}

Fields& Fields::read_texts(std::string_view name, std::vector<std::string>& into) {
    return read_with(name, [&](std::string_view json, std::string_view where) -> Result<> {
        if (kind_of(json) == JsonKind::array) return read_value(json, where, into);
        if (kind_of(json) != JsonKind::string) return wrong_type(where, "a string or an array of strings", json);
        into.resize(1);
        return read_value(json, where, into.front());
    });
}

Fields& Fields::read_object(std::string_view name, Json& into) {
    return read_with(name, [&](std::string_view json, std::string_view where) -> Result<> {
        if (kind_of(json) != JsonKind::object) return wrong_type(where, "an object", json);
        into.text = json;
        return {};
    });
}

Fields& Fields::read_objects(std::string_view name, std::size_t limit, const std::function<void(Fields&)>& read) {
    return read_with(name, [&](std::string_view json, std::string_view where) -> Result<> {
        const std::vector<std::string> elements = TRY(json_elements(json, where));
        if (elements.size() > limit)
            return fail(Code::too_large,
                        lar::format("'{}' has {} {}, {} at most", where, elements.size(), name, limit));
        for (std::size_t i = 0; i < elements.size(); ++i) {
            Fields fields = TRY(Fields::of(elements[i], lar::format("{}[{}]", where, i)));
            read(fields);
            TRY_VOID(fields.done());
        }
        return {};
    });
}

void Fields::keep(Result<> result) {
    if (result) return;
    ok_ = false;
    error_ = std::move(result).error();
}

Result<> Fields::done() const {
    if (ok_) return {};
    return std::unexpected(error_);
}

}  // namespace lar::wire
