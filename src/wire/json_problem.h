// What is wrong with JSON that could not be read, in words for whoever wrote it: "there is no field 'sinse'",
// "at 1:14 text in quotes is expected". Nothing of the JSON but the name of such a field comes back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lar::wire {

enum class JsonProblem : std::uint8_t {
    empty,
    unknown_field,
    missing_field,
    wants_text,
    wants_object,
    wants_list,
    wants_number,
    wants_flag,
    wants_value,
    ends_early,
    not_utf8,
    other,
};

// `at`: how many bytes had been read. `name`: what the parser says, which is told where nothing better is known.
std::string json_problem(std::string_view json, JsonProblem problem, std::size_t at, std::string_view name);

}  // namespace lar::wire
