#include "wire/json_problem.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace lar::wire {
namespace {

constexpr std::size_t limit_field_bytes = 60;  // of a name that comes back

// "1:14": line and byte.
std::string spot(std::string_view json, std::size_t at) {
    const std::string_view before = json.substr(0, at);
    const std::size_t line_begin = before.rfind('\n') + 1;  // 0 where there is none
    return lar::format("{}:{}", std::ranges::count(before, '\n') + 1, before.size() - line_begin + 1);
}

// The name in quotes that was read last; empty where there is none.
std::string_view name_before(std::string_view json, std::size_t at) {
    const std::size_t last = json.substr(0, at + 1).rfind('"');
    if (last == std::string_view::npos || last == 0) return {};
    const std::size_t first = json.rfind('"', last - 1);
    return first == std::string_view::npos ? std::string_view() : json.substr(first + 1, last - first - 1);
}

}  // namespace

std::string json_problem(std::string_view json, JsonProblem problem, std::size_t at, std::string_view name) {
    at = std::min(at, json.size());
    const auto expected = [&](std::string_view what) {
        return lar::format("not the JSON expected here: at {} {} is expected", spot(json, at), what);
    };
    switch (problem) {
        case JsonProblem::empty: return "the request has no body: JSON is expected";
        case JsonProblem::unknown_field:
            if (const std::string_view field = name_before(json, at); !field.empty())
                return lar::format("there is no field '{}' here (at {})",
                                   printable(utf8_prefix(field, limit_field_bytes)), spot(json, at));
            break;
        case JsonProblem::missing_field:
            return lar::format("not the JSON expected here: a field is missing ({})", name);
        case JsonProblem::wants_text: return expected("text in quotes");
        case JsonProblem::wants_object: return expected("an object in braces");
        case JsonProblem::wants_list: return expected("a list in brackets");
        case JsonProblem::wants_number: return expected("a number that fits");
        case JsonProblem::wants_flag: return expected("true or false");
        case JsonProblem::wants_value: return expected("a value that is known here");
        case JsonProblem::ends_early: return lar::format("the JSON ends too early, at {}", spot(json, at));
        case JsonProblem::not_utf8: return lar::format("the JSON is not UTF-8, at {}", spot(json, at));
        case JsonProblem::other: break;
    }
    return lar::format("not the JSON expected here: {} at {}", name, spot(json, at));
}

}  // namespace lar::wire
