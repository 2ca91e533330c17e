// How to_json and from_json are made: glaze with our settings. Included by the codec files of this
// room alone, each of which instantiates the types of one channel.
#pragma once

#include <glaze/json/read.hpp>
#include <glaze/json/write.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "wire/any_json.h"
#include "wire/codec.h"
#include "wire/json_problem.h"

template <>
struct glz::from<glz::JSON, lar::wire::Json> {
    template <auto options>
    static void op(lar::wire::Json& value, auto&&... rest) {
        raw_json raw;
        parse<JSON>::op<options>(raw, rest...);
        value.text = std::move(raw.str);
    }
};
template <>
struct glz::to<glz::JSON, lar::wire::Json> {
    template <auto options>
    static void op(const lar::wire::Json& value, auto&&... rest) {
        serialize<JSON>::op<options>(raw_json_view{value.present() ? std::string_view(value.text) : "null"}, rest...);
    }
};
template <>
struct glz::from<glz::JSON, lar::wire::OrNull> {
    template <auto options>
    static void op(lar::wire::OrNull& value, auto&&... rest) {
        parse<JSON>::op<options>(value.text, rest...);
    }
};
template <>
struct glz::to<glz::JSON, lar::wire::OrNull> {
    template <auto options>
    static void op(const lar::wire::OrNull& value, auto&&... rest) {
        serialize<JSON>::op<options>(value.text, rest...);
    }
};

namespace lar::wire {

// Whether a key that is not in the JSON is an error. Between our own processes it is; for people's
// requests a field may be left out and keeps its default, and the handler says which it cannot do without.
enum class Missing { is_error, keeps_default };
template <class T>
inline constexpr Missing missing_keys = Missing::keeps_default;
// Whether a key that we do not know is an error. Among ourselves it is; files in a format of others may say more.
enum class Unknown { is_error, is_skipped };
template <class T>
inline constexpr Unknown unknown_keys = Unknown::is_error;

inline JsonProblem problem_of(glz::error_code code) {
    using enum glz::error_code;
    switch (code) {
        case no_read_input: return JsonProblem::empty;
        case unknown_key: return JsonProblem::unknown_field;
        case missing_key: return JsonProblem::missing_field;
        case expected_quote: return JsonProblem::wants_text;
        case expected_brace: return JsonProblem::wants_object;
        case expected_bracket: return JsonProblem::wants_list;
        case parse_number_failure: return JsonProblem::wants_number;
        case expected_true_or_false: return JsonProblem::wants_flag;
        case unexpected_enum: return JsonProblem::wants_value;
        case unexpected_end: return JsonProblem::ends_early;
        case invalid_utf8: return JsonProblem::not_utf8;
        default: return JsonProblem::other;
    }
}

struct ReadOptions : glz::opts {
    bool linear_search = true;
    bool validate_trailing_whitespace = true;  // nothing but space may follow the value
};

struct WriteOptions : glz::opts {
    bool escape_control_characters = true;  // a file may hold any; JSON may not
};

template <class T>
std::string to_json(const T& value) {
    std::string out;
    constexpr WriteOptions options{{.skip_null_members = true}};
    // Writing fails only for numbers that JSON cannot say, and glaze writes those as null.
    if (const auto error = glz::write<options>(value, out); error) ASSERT(!"a wire struct cannot be written");
    return out;
}

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

template <class T>
Result<T> from_json(std::string_view json) {
    // Without a tag glaze would guess the alternative from the keys. Ours is always written first.
    if (is_variant<T> && !json.starts_with(R"({"type":")"))
        return fail(Code::invalid, "not a message: it does not begin with its type");
    constexpr ReadOptions options{{
        .error_on_unknown_keys = unknown_keys<T> == Unknown::is_error,
        .error_on_missing_keys = missing_keys<T> == Missing::is_error,
    }};
    T value{};
    std::string copy(json);  // glaze reads up to a terminating zero
    if (const auto error = glz::read<options>(value, copy); error)
        return fail(Code::invalid, json_problem(json, problem_of(error.ec), error.count, glz::format_error(error)));
    return value;
}

}  // namespace lar::wire

#define LAR_WIRE_TYPE(T)                                  \
    template std::string lar::wire::to_json<T>(const T&); \
    template lar::Result<T> lar::wire::from_json<T>(std::string_view)
