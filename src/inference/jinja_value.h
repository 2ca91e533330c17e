// The values that a chat template computes with: Python's, as Jinja shows them.
//
// Values are immutable and shared, so handing a message of megabytes around copies a pointer; only a
// Namespace changes, and it may not hold itself. Strings are UTF-8 and are counted in characters, as
// Python does. Whatever makes or walks values takes the Budget of the rendering: templates come out of
// strangers' files, and a few lines of Jinja can ask for any amount of time and memory. A budget that
// is spent is too_large; an operation that Python would refuse is invalid.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lar::inference::jinja {

inline constexpr std::uint64_t limit_steps = 4'000'000;                  // of one rendering
inline constexpr std::uint64_t limit_work_bytes = 128ULL * 1024 * 1024;  // made or searched, in one rendering
inline constexpr std::uint32_t limit_value_depth = 64;                   // lists in lists
inline constexpr std::size_t limit_json_bytes = 4ULL * 1024 * 1024;

class Budget {
public:
    Budget() = default;
    Budget(std::uint64_t steps, std::uint64_t bytes) : steps_left_(steps), bytes_left_(bytes) {}
    Result<> step(std::uint64_t count = 1);
    Result<> bytes(std::uint64_t count);

private:
    std::uint64_t steps_left_ = limit_steps, bytes_left_ = limit_work_bytes;
};

class Value;
struct LoopState;  // the interpreter's
struct Statement;  // of the syntax

struct Undefined {
    std::shared_ptr<const std::string> why;  // the sentence of whoever computes with it
};
struct None {};
// A text that |safe or |escape made: what is put to it is escaped for HTML, as in Python's markupsafe.
struct Markup {
    std::shared_ptr<const std::string> text;
};
// What Python gives for a list and for what only looks like one: JSON cannot say a generator.
enum class ListKind : std::uint8_t { list, tuple, generator, view };
struct List;
class Mapping;
struct Callable;

// shared_ptr throughout: the values of a rendering form a graph without owners, and without cycles.
class Value {
public:
    Value() = default;
    Value(None none) : value_(none) {}
    Value(Undefined undefined) : value_(std::move(undefined)) {}
    Value(bool value) : value_(value) {}
    Value(std::int64_t value) : value_(value) {}
    Value(double value) : value_(value) {}
    Value(std::string text) : value_(std::make_shared<const std::string>(std::move(text))) {}
    Value(Markup markup) : value_(std::move(markup)) {}
    Value(std::shared_ptr<const List> list) : value_(std::move(list)) {}
    Value(std::shared_ptr<const Mapping> mapping) : value_(std::move(mapping)) {}
    Value(std::shared_ptr<Mapping> space) : value_(std::move(space)) {}  // a namespace: the mapping that changes
    Value(std::shared_ptr<const Callable> callable) : value_(std::move(callable)) {}
    Value(LoopState* loop) : value_(loop) {}
    template <class T>
    Value(T*) = delete;  // no pointer is a bool

    bool is_undefined() const { return holds<Undefined>(); }
    bool is_none() const { return holds<None>(); }
    bool is_boolean() const { return holds<bool>(); }
    bool is_integer() const { return holds<std::int64_t>(); }
    bool is_real() const { return holds<double>(); }
    bool is_number() const { return is_boolean() || is_integer() || is_real(); }
    bool is_string() const { return holds<std::shared_ptr<const std::string>>() || is_markup(); }
    bool is_markup() const { return holds<Markup>(); }
    bool is_list() const { return holds<std::shared_ptr<const List>>(); }
    bool is_mapping() const { return holds<std::shared_ptr<const Mapping>>(); }
    // Lives only as long as the block that made it, so it may not be kept in a container.
    bool is_transient() const;

    const std::string& text() const {
        return is_markup() ? *std::get<Markup>(value_).text : *std::get<std::shared_ptr<const std::string>>(value_);
    }
    const List& list() const { return *std::get<std::shared_ptr<const List>>(value_); }
    const Mapping& mapping() const { return *std::get<std::shared_ptr<const Mapping>>(value_); }
    Mapping* space() const;  // null: not a namespace
    const Callable* callable() const;
    LoopState* loop() const;
    const Undefined& undefined() const { return std::get<Undefined>(value_); }
    bool boolean() const { return std::get<bool>(value_); }
    // Of a number; a boolean is 0 or 1.
    std::int64_t integer() const { return is_boolean() ? std::int64_t{boolean()} : std::get<std::int64_t>(value_); }
    double real() const { return is_real() ? std::get<double>(value_) : static_cast<double>(integer()); }
    bool has_integer() const { return is_boolean() || is_integer(); }

private:
    template <class T>
    bool holds() const {
        return std::holds_alternative<T>(value_);
    }
    std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const std::string>, Markup,
                 std::shared_ptr<const List>, std::shared_ptr<const Mapping>, std::shared_ptr<Mapping>,
                 std::shared_ptr<const Callable>, LoopState*>
        value_;
};

struct List {
    std::vector<Value> items;
    ListKind kind = ListKind::list;
    std::uint32_t depth = 1;
};

// Keys in the order in which they came, as in Python.
class Mapping {
public:
    using Entries = std::vector<std::pair<Value, Value>>;
    const Entries& entries() const { return entries_; }
    const Value* find(std::string_view key) const;
    const Value* find_key(const Value& key) const;  // of any type that Python can hash
    void set(Value key, Value value);
    std::uint32_t depth() const { return depth_; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::size_t place_of(const Value& key) const;
    Entries entries_;
    std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places_;  // of the keys that are strings
    std::uint32_t depth_ = 1;
};

struct Callable {
    enum class Kind : std::uint8_t { function, method, macro, caller };
    Kind kind = Kind::function;
    std::string name;
    Value self;                            // of a method
    const Statement* statement = nullptr;  // of a macro and a caller; the template outlives the rendering
    void* frame = nullptr;                 // of a caller: where its block stands
};

struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    // One value for each of the names, undefined where none was given; more than these is invalid.
    Result<std::vector<Value>> bind(std::string_view function, std::initializer_list<std::string_view> names) const;
};

// Containers, with their depth checked.
Result<Value> make_list(std::vector<Value> items, ListKind kind, Budget& budget);
Result<Value> make_mapping(Mapping mapping, Budget& budget);
Result<Value> make_text(std::string text, Budget& budget);
// A text that is markup where `like` is.
Result<Value> make_text_like(const Value& like, std::string text, Budget& budget);
// What a value adds to markup.
Result<std::string> escaped_text(const Value& value, Budget& budget);

std::string_view type_name(const Value& value);  // Python's
bool truth(const Value& value);
// What str() and repr() give; of what is undefined, nothing.
Result<std::string> to_text(const Value& value, Budget& budget);
Result<std::string> to_repr(const Value& value, Budget& budget);

Result<bool> equal(const Value& left, const Value& right, Budget& budget);
// Negative, zero, positive; invalid for what has no order.
Result<int> compare(const Value& left, const Value& right, Budget& budget);
Result<bool> contains(const Value& container, const Value& item, Budget& budget);
// "+", "-", "*", "/", "//", "%", "**", "~"
Result<Value> arithmetic(std::string_view op, const Value& left, const Value& right, Budget& budget);
Result<Value> negated(const Value& value);

// The elements that a loop sees: of a list its own, of a mapping the keys, of a string the characters.
Result<Value> elements(const Value& value, Budget& budget);
Result<Value> item_at(const Value& container, const Value& key, Budget& budget);  // undefined where there is none
Result<Value> slice(const Value& container, const Value& start, const Value& stop, const Value& step, Budget& budget);
Result<std::int64_t> length(const Value& value, Budget& budget);

struct JsonStyle {
    bool ascii = false;
    bool sort_keys = false;
    int indent = -1;  // negative: on one line
    std::string item_separator = ", ", key_separator = ": ";
};
// As Python's json.dumps.
Result<std::string> to_json(const Value& value, const JsonStyle& style, Budget& budget);
// `what` names the text in the message.
Result<Value> from_json(std::string_view json, std::string_view what, Budget& budget);

}  // namespace lar::inference::jinja
