// Reading JSON that programs of others send, field by field.
//
// The codec is strict and tells a place by line and column. Clients of Ollama and OpenAI send keys that a server may
// not know, write one field in several types, and have to be told by name what is wrong. So a request is taken apart
// into its members, and each field read by name:
//
//     Fields fields = TRY(Fields::of(json));
//     fields.read("model", request.model).read("stream", request.stream);
//     TRY_VOID(fields.done());
//
// A member that is absent or null leaves its field as it is; of two of one name the last counts. The first mistake is
// kept and returned by done(): "'messages[2].role' must be a string, not a number". A whole number may be written with
// a point (8192.0): many clients know no other numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/any_json.h"

namespace lar::wire {

inline constexpr std::size_t limit_members = 100'000;  // of one object, and elements of one array

enum class JsonKind : std::uint8_t { none, null, boolean, number, string, array, object };
JsonKind kind_of(std::string_view json);  // by its first character
std::string_view name_of(JsonKind kind);  // "a string"

// The elements of an array, each as its JSON.
Result<std::vector<std::string>> json_elements(std::string_view json, std::string_view where);

Result<> read_value(std::string_view json, std::string_view where, bool& into);
Result<> read_value(std::string_view json, std::string_view where, std::int64_t& into);
Result<> read_value(std::string_view json, std::string_view where, std::int32_t& into);
Result<> read_value(std::string_view json, std::string_view where, std::uint32_t& into);
Result<> read_value(std::string_view json, std::string_view where, double& into);
Result<> read_value(std::string_view json, std::string_view where, std::string& into);
Result<> read_value(std::string_view json, std::string_view where, Json& into);
template <class T>
Result<> read_value(std::string_view json, std::string_view where, std::optional<T>& into);
template <class T>
Result<> read_value(std::string_view json, std::string_view where, std::vector<T>& into);

// "'WHERE' must be EXPECTED, not a number".
std::unexpected<Error> wrong_type(std::string_view where, std::string_view expected, std::string_view json);

class Fields {
public:
    // `where`: what the object is called in messages; empty for the request itself.
    static Result<Fields> of(std::string_view json, std::string_view where = {});

    // The member's JSON; empty when it is absent or null.
    std::string_view raw(std::string_view name) const;
    bool has(std::string_view name) const { return !raw(name).empty(); }
    std::string path_of(std::string_view name) const;

    template <class T>
    Fields& read(std::string_view name, T& into) {
        if (const std::string_view json = raw(name); ok_ && !json.empty()) keep(read_value(json, path_of(name), into));
        return *this;
    }
    // A text, or a list of them.
    Fields& read_texts(std::string_view name, std::vector<std::string>& into);
    // An object that is handed on as JSON.
    Fields& read_object(std::string_view name, Json& into);
    // A list of at most `limit` objects, each read by `read`; `name` is what they are called.
    Fields& read_objects(std::string_view name, std::size_t limit, const std::function<void(Fields&)>& read);
    // For what has a reading of its own: read(json, where) → Result<>.
    template <class Read>
    Fields& read_with(std::string_view name, Read&& read) {
        if (const std::string_view json = raw(name); ok_ && !json.empty()) keep(read(json, path_of(name)));
        return *this;
    }
    Result<> done() const;

    struct Member {
        std::string name, json;
    };
    const std::vector<Member>& members() const { return members_; }

private:
    void keep(Result<> result);

    std::string where_;
    std::vector<Member> members_;
    bool ok_ = true;
    Error error_;
};

template <class T>
Result<> read_value(std::string_view json, std::string_view where, std::optional<T>& into) {
    T value{};
    TRY_VOID(read_value(json, where, value));
    into = std::move(value);
    return {};
}

template <class T>
Result<> read_value(std::string_view json, std::string_view where, std::vector<T>& into) {
    std::vector<T> values;
    for (const std::string& element : TRY(json_elements(json, where))) {
        T value{};
        TRY_VOID(read_value(element, std::string(where) + "[" + std::to_string(values.size()) + "]", value));
        values.push_back(std::move(value));
    }
    into = std::move(values);
    return {};
}

}  // namespace lar::wire
