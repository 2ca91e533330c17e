// Functions, filters and tests: Jinja's own, those that Hugging Face's renderer adds (tojson with its options,
// raise_exception, strftime_now), each with Python's arguments.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "inference/jinja_interpreter.h"
#include "inference/jinja_text.h"

namespace lar::inference::jinja {
namespace {

using Given = const Arguments&;
using Function = Result<Value> (*)(Interpreter&, Given);
using Filter = Result<Value> (*)(Interpreter&, const Value&, Given);
using Test = Result<bool> (*)(Interpreter&, const Value&, Given);

Result<std::string> wants_text(const Value& value, std::string_view what, Budget& budget) {
    if (value.is_undefined() || value.is_string()) return to_text(value, budget);
    return fail(Code::invalid, std::string(what) + " wants a text, not " + std::string(type_name(value)));
}
Result<std::int64_t> wants_integer(const Value& value, std::int64_t otherwise, std::string_view what) {
    if (value.is_undefined() || value.is_none()) return otherwise;
    if (!value.has_integer()) return fail(Code::invalid, std::string(what) + " wants a whole number");
    return value.integer();
}
bool given(const Value& value) { return !value.is_undefined(); }

// ---- functions

Result<Value> function_range(Interpreter& interpreter, Given arguments) {
    const auto a = TRY(arguments.bind("range", {"start", "stop", "step"}));
    const bool one = !given(a[1]);
    const std::int64_t start = one ? 0 : TRY(wants_integer(a[0], 0, "range"));
    const std::int64_t stop = TRY(wants_integer(one ? a[0] : a[1], 0, "range"));
    const std::int64_t step = TRY(wants_integer(a[2], 1, "range"));
    if (step == 0) return fail(Code::invalid, "range cannot go by zero");
    std::vector<Value> items;
    for (std::int64_t i = start; step > 0 ? i < stop : i > stop;) {
        if (items.size() == limit_range) return fail(Code::too_large, "a range is longer than 100000");
        items.emplace_back(i);
        if (__builtin_add_overflow(i, step, &i)) break;
    }
    TRY_VOID(interpreter.budget().step(items.size()));
    return make_list(std::move(items), ListKind::list, interpreter.budget());
}

Result<Value> function_dict(Interpreter& interpreter, Given arguments) {
    Mapping mapping;
    if (arguments.positional.size() > 1) return fail(Code::invalid, "dict takes one value");
    for (const Value& value : arguments.positional) {
        if (!value.is_mapping()) return fail(Code::invalid, "dict wants a dict");
        for (const auto& [key, held] : value.mapping().entries()) mapping.set(key, held);
    }
    for (const auto& [name, value] : arguments.named) mapping.set(Value(name), value);
    return make_mapping(std::move(mapping), interpreter.budget());
}

Result<Value> function_namespace(Interpreter& interpreter, Given arguments) {
    // Checked as a dict, so that it holds nothing transient.
    const Value values = TRY(function_dict(interpreter, arguments));
    return Value(std::make_shared<Mapping>(values.mapping()));
}

Result<Value> function_raise(Interpreter& interpreter, Given arguments) {
    const auto a = TRY(arguments.bind("raise_exception", {"message"}));
    return fail(Code::invalid, "the chat template says: " + TRY(to_text(a[0], interpreter.budget())));
}

constexpr std::string_view month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                            "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view day_names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

// One conversion of strftime, in the C locale; "-" in front of it drops the zeros.
Result<std::string> time_part(char what, bool plain, const CivilTime& time) {
    const auto two = [&](int value) { return plain ? std::to_string(value) : lar::format("{:02}", value); };
    const std::string_view month = month_names[std::clamp(time.month, 1, 12) - 1],
                           day = day_names[std::clamp(time.weekday, 0, 6)];
    const int hour = time.hour % 12 == 0 ? 12 : time.hour % 12;
    switch (what) {
        case 'Y': return std::to_string(time.year);
        case 'y': return two(time.year % 100);
        case 'm': return two(time.month);
        case 'd': return two(time.day);
        case 'e': return plain ? std::to_string(time.day) : lar::format("{:2}", time.day);
        case 'H': return two(time.hour);
        case 'I': return two(hour);
        case 'M': return two(time.minute);
        case 'S': return two(time.second);
        case 'p': return std::string(time.hour < 12 ? "AM" : "PM");
        case 'B': return std::string(month);
        case 'b':
        case 'h': return std::string(month.substr(0, 3));
        case 'A': return std::string(day);
        case 'a': return std::string(day.substr(0, 3));
        case 'w': return std::to_string(time.weekday);
        case 'u': return std::to_string(time.weekday == 0 ? 7 : time.weekday);
        case 'F': return lar::format("{}-{:02}-{:02}", time.year, time.month, time.day);
        case 'T': return lar::format("{:02}:{:02}:{:02}", time.hour, time.minute, time.second);
        case 'R': return lar::format("{:02}:{:02}", time.hour, time.minute);
        case 'D': return lar::format("{:02}/{:02}/{:02}", time.month, time.day, time.year % 100);
        case 'n': return std::string("\n");
        case 't': return std::string("\t");
        case '%': return std::string("%");
        default: return fail(Code::invalid, std::string("strftime_now does not know %") + what);
    }
}

Result<std::string> time_text(Timestamp moment, std::string_view format) {
    const CivilTime time = civil_in(FixedZone(moment.offset_min), moment.us);
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            out += format[i];
            continue;
        }
        const bool plain = format[i + 1] == '-' && i + 2 < format.size();
        i += plain ? 2 : 1;
        out += TRY(time_part(format[i], plain, time));
    }
    return out;
}

Result<Value> function_strftime_now(Interpreter& interpreter, Given arguments) {
    const auto a = TRY(arguments.bind("strftime_now", {"format"}));
    const std::string format = TRY(wants_text(a[0], "strftime_now", interpreter.budget()));
    return make_text(TRY(time_text(interpreter.now(), format)), interpreter.budget());
}

// ---- filters on texts

template <auto change>
Result<Value> changed_text(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("a filter of texts", {}));
    const std::string text = TRY(to_text(subject, interpreter.budget()));
    return make_text_like(subject, std::string(change(text)), interpreter.budget());
}

Result<Value> filter_trim(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("trim", {"chars"}));
    const std::string text = TRY(to_text(subject, interpreter.budget()));
    if (!a[0].is_string()) return make_text_like(subject, std::string(strip(text, Side::both)), interpreter.budget());
    return make_text_like(subject, std::string(strip_of(text, a[0].text(), Side::both)), interpreter.budget());
}

Result<Value> filter_escape(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("escape", {}));
    return Value(Markup{std::make_shared<const std::string>(TRY(escaped_text(subject, interpreter.budget())))});
}

Result<Value> filter_safe(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("safe", {}));
    return Value(Markup{std::make_shared<const std::string>(TRY(to_text(subject, interpreter.budget())))});
}

Result<Value> filter_replace(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("replace", {"old", "new", "count"}));
    const Value text(TRY(to_text(subject, interpreter.budget())));
    Arguments further{.positional = {a[0], a[1]}};
    if (a[2].has_integer()) further.positional.push_back(a[2]);
    return call_method(interpreter, text, "replace", further);
}

Result<Value> filter_indent(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("indent", {"width", "first", "blank"}));
    const std::int64_t width = a[0].is_string() ? 0 : TRY(wants_integer(a[0], 4, "indent"));
    if (width > 1024) return fail(Code::too_large, "an indent is wider than 1024");
    const std::string indent =
        a[0].is_string() ? a[0].text() : std::string(static_cast<std::size_t>(std::max<std::int64_t>(width, 0)), ' ');
    const std::string text = TRY(to_text(subject, interpreter.budget()));
    const auto lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n')) + 1;
    TRY_VOID(interpreter.budget().bytes(lines * indent.size()));
    std::string out;
    bool first = true;
    for (const std::string_view line : split(text, '\n')) {
        if (!first) out += '\n';
        if (first ? truth(a[1]) : (truth(a[2]) || !line.empty())) out += indent;
        out += line;
        first = false;
    }
    return make_text_like(subject, std::move(out), interpreter.budget());
}

Result<Value> filter_tojson(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("tojson", {"ensure_ascii", "indent", "separators", "sort_keys"}));
    JsonStyle style{.ascii = truth(a[0]), .sort_keys = truth(a[3])};
    const std::int64_t indent = TRY(wants_integer(a[1], -1, "tojson"));
    if (indent > 64) return fail(Code::too_large, "tojson indents by at most 64");
    style.indent = static_cast<int>(std::max<std::int64_t>(indent, -1));
    if (style.indent >= 0) style.item_separator = ",";
    if (a[2].is_list() && a[2].list().items.size() == 2) {
        style.item_separator = TRY(wants_text(a[2].list().items[0], "tojson", interpreter.budget()));
        style.key_separator = TRY(wants_text(a[2].list().items[1], "tojson", interpreter.budget()));
    }
    return make_text(TRY(to_json(subject, style, interpreter.budget())), interpreter.budget());
}

Result<Value> filter_format(Interpreter& interpreter, const Value& subject, Given arguments) {
    const std::string text = TRY(to_text(subject, interpreter.budget()));
    if (!arguments.named.empty()) {
        Mapping mapping;
        for (const auto& [name, value] : arguments.named) mapping.set(Value(name), value);
        const Value values = TRY(make_mapping(std::move(mapping), interpreter.budget()));
        return make_text(TRY(percent_format(text, values, interpreter.budget())), interpreter.budget());
    }
    const Value values = TRY(make_list(arguments.positional, ListKind::tuple, interpreter.budget()));
    return make_text(TRY(percent_format(text, values, interpreter.budget())), interpreter.budget());
}

Result<Value> filter_string(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("string", {}));
    return make_text_like(subject, TRY(to_text(subject, interpreter.budget())), interpreter.budget());
}

Result<Value> filter_int(Interpreter&, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("int", {"default", "base"}));
    const Value otherwise = given(a[0]) ? a[0] : Value(std::int64_t{0});
    if (subject.has_integer()) return Value(subject.integer());
    double real = 0;
    if (subject.is_real()) {
        real = subject.real();
    } else {
        if (!subject.is_string()) return otherwise;
        const std::string_view text = strip(subject.text(), Side::both);
        std::int64_t integer = 0;
        const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
        const auto whole = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
        if (whole.ec == std::errc() && whole.ptr == digits.data() + digits.size()) return Value(integer);
        const auto part = std::from_chars(digits.data(), digits.data() + digits.size(), real);
        if (part.ec != std::errc() || part.ptr != digits.data() + digits.size()) return otherwise;
    }
    if (!(std::abs(real) < 9e18)) return otherwise;
    return Value(static_cast<std::int64_t>(real));
}

Result<Value> filter_float(Interpreter&, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("float", {"default"}));
    const Value otherwise = given(a[0]) ? a[0] : Value(0.0);
    if (subject.is_number()) return Value(subject.real());
    if (!subject.is_string()) return otherwise;
    const std::string_view text = strip(subject.text(), Side::both);
    double real = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
    return error == std::errc() && end == text.data() + text.size() ? Value(real) : otherwise;
}

Result<Value> filter_abs(Interpreter&, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("abs", {}));
    if (!subject.is_number()) return fail(Code::invalid, "abs wants a number");
    return subject.real() < 0 ? negated(subject) : Result<Value>(subject);
}

Result<Value> filter_round(Interpreter&, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("round", {"precision", "method"}));
    if (!subject.is_number()) return fail(Code::invalid, "round wants a number");
    const double scale =
        std::pow(10.0, static_cast<double>(std::clamp<std::int64_t>(TRY(wants_integer(a[0], 0, "round")), -15, 15)));
    const std::string_view method = a[1].is_string() ? std::string_view(a[1].text()) : "common";
    const double scaled = subject.real() * scale;
    const double whole = method == "ceil"    ? std::ceil(scaled)
                         : method == "floor" ? std::floor(scaled)
                                             : std::nearbyint(scaled);
    return Value(whole / scale);
}

Result<Value> filter_default(Interpreter&, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("default", {"default_value", "boolean"}));
    const bool use = truth(a[1]) ? !truth(subject) : subject.is_undefined();
    if (!use) return subject;
    return given(a[0]) ? a[0] : Value(std::string());
}

Result<Value> filter_length(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("length", {}));
    return Value(TRY(length(subject, interpreter.budget())));
}

// ---- tests

template <auto holds>
Result<bool> test_type(Interpreter&, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("a test", {}));
    return holds(subject);
}

template <auto holds>
Result<bool> test_order(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("a test", {"other"}));
    return holds(TRY(compare(subject, a[0], interpreter.budget())));
}

Result<bool> test_equal(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("equalto", {"other"}));
    return equal(subject, a[0], interpreter.budget());
}
Result<bool> test_unequal(Interpreter& interpreter, const Value& subject, Given arguments) {
    return !TRY(test_equal(interpreter, subject, arguments));
}
Result<bool> test_in(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("in", {"seq"}));
    return contains(a[0], subject, interpreter.budget());
}
Result<bool> test_sameas(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("sameas", {"other"}));
    return type_name(subject) == type_name(a[0]) && TRY(equal(subject, a[0], interpreter.budget()));
}
template <int rest>
Result<bool> test_parity(Interpreter&, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("odd", {}));
    if (!subject.has_integer()) return fail(Code::invalid, "'odd' and 'even' want a whole number");
    return (subject.integer() & 1) == rest;
}
Result<bool> test_divisible(Interpreter&, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("divisibleby", {"num"}));
    if (!subject.has_integer() || !a[0].has_integer() || a[0].integer() == 0)
        return fail(Code::invalid, "'divisibleby' wants whole numbers");
    return a[0].integer() == -1 || subject.integer() % a[0].integer() == 0;
}
template <auto change>
Result<bool> test_case(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("a test", {}));
    const std::string text = TRY(to_text(subject, interpreter.budget()));
    return change(text) == text && to_upper(text) != to_lower(text);
}
template <auto known>
Result<bool> test_known(Interpreter&, const Value& subject, Given) {
    return subject.is_string() && known(std::string_view(subject.text()));
}

template <class T>
using Table = std::map<std::string_view, T, std::less<>>;

const Table<Function>& functions() {
    static const Table<Function> table{
        {"range", function_range},
        {"dict", function_dict},
        {"namespace", function_namespace},
        {"raise_exception", function_raise},
        {"strftime_now", function_strftime_now},
    };
    return table;
}

const Table<Filter>& text_filters() {
    static const Table<Filter> table{
        {"abs", filter_abs},
        {"capitalize", changed_text<to_capitalized>},
        {"count", filter_length},
        {"d", filter_default},
        {"default", filter_default},
        {"e", filter_escape},
        {"escape", filter_escape},
        {"float", filter_float},
        {"format", filter_format},
        {"indent", filter_indent},
        {"int", filter_int},
        {"length", filter_length},
        {"lower", changed_text<to_lower>},
        {"replace", filter_replace},
        {"round", filter_round},
        {"safe", filter_safe},
        {"string", filter_string},
        {"title", changed_text<to_title>},
        {"tojson", filter_tojson},
        {"trim", filter_trim},
        {"upper", changed_text<to_upper>},
    };
    return table;
}

const Table<Test>& tests() {
    static const Table<Test> table{
        {"!=", test_unequal},
        {"<", test_order<[](int order) { return order < 0; }>},
        {"<=", test_order<[](int order) { return order <= 0; }>},
        {"==", test_equal},
        {">", test_order<[](int order) { return order > 0; }>},
        {">=", test_order<[](int order) { return order >= 0; }>},
        {"boolean", test_type<[](const Value& v) { return v.is_boolean(); }>},
        {"callable", test_type<[](const Value& v) { return v.callable() != nullptr; }>},
        {"defined", test_type<[](const Value& v) { return !v.is_undefined(); }>},
        {"divisibleby", test_divisible},
        {"eq", test_equal},
        {"equalto", test_equal},
        {"even", test_parity<0>},
        {"false", test_type<[](const Value& v) { return v.is_boolean() && !v.boolean(); }>},
        {"filter", test_known<is_filter>},
        {"float", test_type<[](const Value& v) { return v.is_real(); }>},
        {"ge", test_order<[](int order) { return order >= 0; }>},
        {"greaterthan", test_order<[](int order) { return order > 0; }>},
        {"gt", test_order<[](int order) { return order > 0; }>},
        {"in", test_in},
        {"integer", test_type<[](const Value& v) { return v.is_integer(); }>},
        {"iterable",
         test_type<[](const Value& v) { return v.is_list() || v.is_mapping() || v.is_string() || v.is_undefined(); }>},
        {"le", test_order<[](int order) { return order <= 0; }>},
        {"lessthan", test_order<[](int order) { return order < 0; }>},
        {"lower", test_case<to_lower>},
        {"lt", test_order<[](int order) { return order < 0; }>},
        {"mapping", test_type<[](const Value& v) { return v.is_mapping(); }>},
        {"ne", test_unequal},
        {"none", test_type<[](const Value& v) { return v.is_none(); }>},
        {"number", test_type<[](const Value& v) { return v.is_number(); }>},
        {"odd", test_parity<1>},
        {"sameas", test_sameas},
        {"sequence", test_type<[](const Value& v) {
             return v.is_string() || v.is_mapping() || (v.is_list() && v.list().kind <= ListKind::tuple);
         }>},
        {"string", test_type<[](const Value& v) { return v.is_string(); }>},
        {"test", test_known<is_test>},
        {"true", test_type<[](const Value& v) { return v.is_boolean() && v.boolean(); }>},
        {"undefined", test_type<[](const Value& v) { return v.is_undefined(); }>},
        {"upper", test_case<to_upper>},
    };
    return table;
}

}  // namespace

// jinja_sequences.cpp
bool is_sequence_filter(std::string_view name);
Result<Value> call_sequence_filter(Interpreter& interpreter, std::string_view name, const Value& subject,
                                   const Arguments& arguments);

std::string date_text(Timestamp time, std::string_view format) {
    const auto text = time_text(time, format);
    ASSERT(text.has_value());
    return *text;
}

bool is_function(std::string_view name) { return functions().contains(name); }
bool is_filter(std::string_view name) { return text_filters().contains(name) || is_sequence_filter(name); }
bool is_test(std::string_view name) { return tests().contains(name); }

Result<Value> call_function(Interpreter& interpreter, std::string_view name, const Arguments& arguments) {
    return functions().find(name)->second(interpreter, arguments);
}

Result<Value> call_filter(Interpreter& interpreter, std::string_view name, const Value& subject,
                          const Arguments& arguments) {
    TRY_VOID(interpreter.budget().step());
    const auto found = text_filters().find(name);
    if (found != text_filters().end()) return found->second(interpreter, subject, arguments);
    if (is_sequence_filter(name)) return call_sequence_filter(interpreter, name, subject, arguments);
    return fail(Code::invalid, "there is no filter '" + std::string(name) + "'");
}

Result<bool> call_test(Interpreter& interpreter, std::string_view name, const Value& subject,
                       const Arguments& arguments) {
    TRY_VOID(interpreter.budget().step());
    const auto found = tests().find(name);
    if (found == tests().end()) return fail(Code::invalid, "there is no test '" + std::string(name) + "'");
    return found->second(interpreter, subject, arguments);
}

}  // namespace lar::inference::jinja
