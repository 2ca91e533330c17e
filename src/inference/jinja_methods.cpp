// What Python's str, dict and list offer by a dot, as far as it changes nothing in place.
#include <algorithm>
#include <map>

#include "inference/jinja_interpreter.h"
#include "inference/jinja_text.h"

namespace lar::inference::jinja {
namespace {

using Given = const Arguments&;
struct Subject {
    const Value& value;
    const std::string& text() const { return value.text(); }
    const Mapping& mapping() const { return value.mapping(); }
};
using Method = Result<Value> (*)(Interpreter&, Subject, Given);
using Table = std::map<std::string_view, Method, std::less<>>;

Result<std::string_view> wants_text(const Value& value, std::string_view method) {
    if (!value.is_string())
        return fail(Code::invalid, std::string(method) + " wants a text, not " + std::string(type_name(value)));
    return std::string_view(value.text());
}

Result<Value> texts(const std::vector<std::string_view>& parts, Budget& budget) {
    std::vector<Value> items;
    TRY_VOID(budget.bytes(parts.size() * sizeof(std::string)));
    for (const std::string_view part : parts) items.emplace_back(std::string(part));
    return make_list(std::move(items), ListKind::list, budget);
}

template <Side side>
Result<Value> text_strip(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("strip", {"chars"}));
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    const bool spaces = a[0].is_undefined() || a[0].is_none();
    const std::string_view out =
        spaces ? strip(subject.text(), side) : strip_of(subject.text(), TRY(wants_text(a[0], "strip")), side);
    return make_text_like(subject.value, std::string(out), interpreter.budget());
}

// Words between white space; the last takes the rest when there may be no more.
std::vector<std::string_view> words_of(std::string_view text, std::int64_t most) {
    std::vector<std::string_view> out;
    for (text = strip(text, Side::left); !text.empty(); text = strip(text, Side::left)) {
        if (most >= 0 && static_cast<std::int64_t>(out.size()) == most) {
            out.push_back(strip(text, Side::right));
            break;
        }
        std::size_t end = 0;
        while (end < text.size() && !is_space(first_character(text.substr(end)).code))
            end += first_character(text.substr(end)).bytes;
        out.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return out;
}

template <bool from_right>
Result<Value> text_split(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("split", {"sep", "maxsplit"}));
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    const std::int64_t most = a[1].has_integer() ? a[1].integer() : -1;
    if (a[0].is_undefined() || a[0].is_none()) {
        if (from_right && most >= 0) return fail(Code::invalid, "rsplit wants a separator with its limit");
        return texts(words_of(subject.text(), most), interpreter.budget());
    }
    const std::string_view separator = TRY(wants_text(a[0], "split"));
    if (separator.empty()) return fail(Code::invalid, "split wants a separator that is not empty");
    std::vector<std::string_view> parts;
    std::string_view rest = subject.text();
    while (most < 0 || static_cast<std::int64_t>(parts.size()) < most) {
        const std::size_t at = from_right ? rest.rfind(separator) : rest.find(separator);
        if (at == std::string_view::npos) break;
        parts.push_back(from_right ? rest.substr(at + separator.size()) : rest.substr(0, at));
        rest = from_right ? rest.substr(0, at) : rest.substr(at + separator.size());
    }
    parts.push_back(rest);
    if (from_right) std::ranges::reverse(parts);
    return texts(parts, interpreter.budget());
}

template <bool from_right>
Result<Value> text_partition(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("partition", {"sep"}));
    const std::string_view separator = TRY(wants_text(a[0], "partition")), text = subject.text();
    if (separator.empty()) return fail(Code::invalid, "partition wants a separator that is not empty");
    TRY_VOID(interpreter.budget().bytes(text.size()));
    const std::size_t at = from_right ? text.rfind(separator) : text.find(separator);
    std::vector<Value> out;
    if (at != std::string_view::npos) {
        for (const auto part : {text.substr(0, at), separator, text.substr(at + separator.size())})
            out.emplace_back(std::string(part));
    } else {
        for (const auto part : {from_right ? "" : text, std::string_view(), from_right ? text : ""})
            out.emplace_back(std::string(part));
    }
    return make_list(std::move(out), ListKind::tuple, interpreter.budget());
}

Result<Value> text_splitlines(Interpreter& interpreter, Subject subject, Given arguments) {
    TRY_VOID(arguments.bind("splitlines", {}));
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    return texts(split_lines_python(subject.text()), interpreter.budget());
}

template <bool at_end>
Result<Value> text_begins(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind(at_end ? "endswith" : "startswith", {"what"}));
    const auto holds = [&](const Value& what) -> Result<bool> {
        const std::string_view part = TRY(wants_text(what, at_end ? "endswith" : "startswith"));
        TRY_VOID(interpreter.budget().bytes(part.size()));
        return at_end ? subject.text().ends_with(part) : subject.text().starts_with(part);
    };
    if (!a[0].is_list() || a[0].list().kind != ListKind::tuple) return Value(TRY(holds(a[0])));
    for (const Value& one : a[0].list().items)
        if (TRY(holds(one))) return Value(true);
    return Value(false);
}

template <auto change>
Result<Value> text_changed(Interpreter& interpreter, Subject subject, Given arguments) {
    TRY_VOID(arguments.bind("this method", {}));
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    return make_text_like(subject.value, std::string(change(std::string_view(subject.text()))), interpreter.budget());
}

Result<Value> text_replace(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("replace", {"old", "new", "count"}));
    const std::string_view from = TRY(wants_text(a[0], "replace")), to = TRY(wants_text(a[1], "replace"));
    const std::int64_t asked = a[2].has_integer() ? a[2].integer() : -1;
    const std::uint64_t places = from.empty() ? subject.text().size() + 1 : subject.text().size() / from.size();
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    // What it may come to, before it is made.
    if (to.size() > from.size() && places > limit_work_bytes / to.size())
        return fail(Code::too_large, "a replacement makes too long a text");
    return make_text(replace_all(subject.text(), from, to, asked < 0 ? std::int64_t{limit_work_bytes} : asked),
                     interpreter.budget());
}

template <bool from_right, bool must_be_there>
Result<Value> text_find(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("find", {"sub"}));
    const std::string_view part = TRY(wants_text(a[0], "find")), text = subject.text();
    TRY_VOID(interpreter.budget().bytes(text.size()));
    const std::size_t at = from_right ? text.rfind(part) : text.find(part);
    if (at != std::string_view::npos) return Value(static_cast<std::int64_t>(count_characters(text.substr(0, at))));
    if (must_be_there) return fail(Code::invalid, "a text was not found in another");
    return Value(std::int64_t{-1});
}

Result<Value> text_count(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("count", {"sub"}));
    const std::string_view part = TRY(wants_text(a[0], "count"));
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    if (part.empty()) return Value(static_cast<std::int64_t>(count_characters(subject.text()) + 1));
    std::int64_t count = 0;
    std::string_view rest = subject.text();
    for (std::size_t at = 0; (at = rest.find(part)) != std::string_view::npos; ++count)
        rest.remove_prefix(at + part.size());
    return Value(count);
}

Result<Value> text_join(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("join", {"iterable"}));
    const Value all = TRY(elements(a[0], interpreter.budget()));
    std::string out;
    bool first = true;
    for (const Value& item : all.list().items) {
        const std::string_view part = TRY(wants_text(item, "join"));
        TRY_VOID(interpreter.budget().bytes(part.size() + subject.text().size()));
        if (!std::exchange(first, false)) out += subject.text();
        out += part;
    }
    return make_text(std::move(out), interpreter.budget());
}

Result<Value> text_format(Interpreter& interpreter, Subject subject, Given arguments) {
    return make_text(TRY(brace_format(subject.text(), arguments, interpreter.budget())), interpreter.budget());
}

template <bool prefix>
Result<Value> text_remove(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind(prefix ? "removeprefix" : "removesuffix", {"what"}));
    const std::string_view part = TRY(wants_text(a[0], "removeprefix"));
    std::string_view text = subject.text();
    if (prefix && text.starts_with(part)) text.remove_prefix(part.size());
    if (!prefix && text.ends_with(part)) text.remove_suffix(part.size());
    return make_text(std::string(text), interpreter.budget());
}

template <auto holds>
Result<Value> text_all(Interpreter& interpreter, Subject subject, Given arguments) {
    TRY_VOID(arguments.bind("this method", {}));
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    std::string_view rest = subject.text();
    if (rest.empty()) return Value(false);
    for (; !rest.empty(); rest.remove_prefix(first_character(rest).bytes))
        if (!holds(first_character(rest).code)) return Value(false);
    return Value(true);
}
constexpr bool is_digit(char32_t code) { return code >= '0' && code <= '9'; }
bool is_letter(char32_t code) {
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || (code >= 0x80 && !is_space(code));
}

template <auto change>
Result<Value> text_is_case(Interpreter& interpreter, Subject subject, Given arguments) {
    TRY_VOID(arguments.bind("this method", {}));
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    return Value(change(subject.text()) == subject.text() && to_upper(subject.text()) != to_lower(subject.text()));
}

// ljust, rjust, center, zfill
template <int where>
Result<Value> text_filled(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("ljust", {"width", "fillchar"}));
    constexpr std::int64_t limit_width = 4096;
    if (!a[0].has_integer() || a[0].integer() > limit_width)
        return fail(Code::invalid, "a width is wanted, of at most 4096");
    TRY_VOID(interpreter.budget().bytes(subject.text().size()));
    const auto there = static_cast<std::int64_t>(count_characters(subject.text()));
    const std::int64_t missing = std::max<std::int64_t>(a[0].integer() - there, 0);
    const std::string_view fill = a[1].is_string() ? std::string_view(a[1].text()) : " ";
    TRY_VOID(interpreter.budget().bytes(static_cast<std::uint64_t>(missing) * fill.size()));
    const std::int64_t before = where < 0 ? 0 : where > 0 ? missing : missing / 2;
    std::string out;
    for (std::int64_t i = 0; i < before; ++i) out += fill;
    out += subject.text();
    for (std::int64_t i = before; i < missing; ++i) out += fill;
    return make_text(std::move(out), interpreter.budget());
}

// ---- dicts and lists

enum class Part : std::uint8_t { keys, values, items };
template <Part part>
Result<Value> dict_view(Interpreter& interpreter, Subject subject, Given arguments) {
    TRY_VOID(arguments.bind("this method", {}));
    std::vector<Value> out;
    TRY_VOID(interpreter.budget().step(subject.mapping().entries().size()));
    for (const auto& [key, value] : subject.mapping().entries()) {
        if (part == Part::items)
            out.push_back(TRY(make_list({key, value}, ListKind::tuple, interpreter.budget())));
        else
            out.push_back(part == Part::keys ? key : value);
    }
    return make_list(std::move(out), ListKind::view, interpreter.budget());
}

Result<Value> dict_get(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("get", {"key", "default"}));
    if (!a[0].is_string()) TRY_VOID(interpreter.budget().step(subject.mapping().entries().size()));
    const Value* found = subject.mapping().find_key(a[0]);
    if (found != nullptr) return *found;
    return a[1].is_undefined() ? Value(None{}) : a[1];
}

Result<Value> unchanged_copy(Interpreter&, Subject subject, Given arguments) {
    TRY_VOID(arguments.bind("copy", {}));
    return subject.value;
}

Result<Value> list_index(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("index", {"value"}));
    const auto& items = subject.value.list().items;
    for (std::size_t i = 0; i < items.size(); ++i)
        if (TRY(equal(items[i], a[0], interpreter.budget()))) return Value(static_cast<std::int64_t>(i));
    return fail(Code::invalid, "a value is not in the list");
}
Result<Value> list_count(Interpreter& interpreter, Subject subject, Given arguments) {
    const auto a = TRY(arguments.bind("count", {"value"}));
    std::int64_t count = 0;
    for (const Value& item : subject.value.list().items) count += TRY(equal(item, a[0], interpreter.budget())) ? 1 : 0;
    return Value(count);
}

// As the sandbox of Hugging Face's renderer says it.
Result<Value> refused(Interpreter&, Subject subject, Given) {
    return fail(Code::invalid,
                "a chat template may not change a " + std::string(type_name(subject.value)) + " in place");
}

const Table& text_methods() {
    static const Table table{
        {"capitalize", text_changed<to_capitalized>},
        {"center", text_filled<0>},
        {"count", text_count},
        {"endswith", text_begins<true>},
        {"find", text_find<false, false>},
        {"format", text_format},
        {"index", text_find<false, true>},
        {"isalnum", text_all<[](char32_t code) { return is_letter(code) || is_digit(code); }>},
        {"isalpha", text_all<is_letter>},
        {"isdecimal", text_all<is_digit>},
        {"isdigit", text_all<is_digit>},
        {"islower", text_is_case<to_lower>},
        {"isnumeric", text_all<is_digit>},
        {"isspace", text_all<is_space>},
        {"isupper", text_is_case<to_upper>},
        {"join", text_join},
        {"ljust", text_filled<-1>},
        {"lower", text_changed<to_lower>},
        {"lstrip", text_strip<Side::left>},
        {"partition", text_partition<false>},
        {"removeprefix", text_remove<true>},
        {"removesuffix", text_remove<false>},
        {"replace", text_replace},
        {"rfind", text_find<true, false>},
        {"rindex", text_find<true, true>},
        {"rjust", text_filled<1>},
        {"rpartition", text_partition<true>},
        {"rsplit", text_split<true>},
        {"rstrip", text_strip<Side::right>},
        {"split", text_split<false>},
        {"splitlines", text_splitlines},
        {"startswith", text_begins<false>},
        {"strip", text_strip<Side::both>},
        {"title", text_changed<to_title>},
        {"upper", text_changed<to_upper>},
    };
    return table;
}
const Table& dict_methods() {
    static const Table table{
        {"clear", refused},
        {"copy", unchanged_copy},
        {"get", dict_get},
        {"items", dict_view<Part::items>},
        {"keys", dict_view<Part::keys>},
        {"pop", refused},
        {"popitem", refused},
        {"setdefault", refused},
        {"update", refused},
        {"values", dict_view<Part::values>},
    };
    return table;
}
const Table& list_methods() {
    static const Table table{
        {"append", refused}, {"clear", refused},    {"copy", unchanged_copy}, {"count", list_count},
        {"extend", refused}, {"index", list_index}, {"insert", refused},      {"pop", refused},
        {"remove", refused}, {"reverse", refused},  {"sort", refused},
    };
    return table;
}

const Table* methods_of(const Value& object) {
    if (object.is_string()) return &text_methods();
    if (object.is_mapping()) return &dict_methods();
    if (object.is_list() && object.list().kind <= ListKind::tuple) return &list_methods();
    return nullptr;
}

}  // namespace

bool is_method(const Value& object, std::string_view name) {
    const Table* methods = methods_of(object);
    return methods != nullptr && methods->contains(name);
}

Result<Value> call_method(Interpreter& interpreter, const Value& object, std::string_view name,
                          const Arguments& arguments) {
    TRY_VOID(interpreter.budget().step());
    return methods_of(object)->find(name)->second(interpreter, Subject{object}, arguments);
}

}  // namespace lar::inference::jinja
