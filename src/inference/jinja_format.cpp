// Python's two ways of filling a text in. What a width or a precision asks for is bounded by the budget.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "inference/jinja_text.h"

namespace lar::inference::jinja {
namespace {

constexpr int limit_width = 4096;

// [[fill]align][0][width][.precision][type], of which both ways know a part.
struct Spec {
    std::string fill = " ";
    char align = 0;  // '<', '>', '^'; 0: numbers to the right, the rest to the left
    int width = 0, precision = -1;
    char type = 0;
};

Result<int> number_at(std::string_view& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::invalid_argument) return 0;
    if (error != std::errc() || value > limit_width) return fail(Code::invalid, "a width beyond 4096 in a format");
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

Result<> size_of(Spec& spec, std::string_view& text) {
    if (text.starts_with('0') && spec.align == 0) {
        spec.fill = "0";
        spec.align = '>';
    }
    spec.width = TRY(number_at(text));
    if (!text.starts_with('.')) return {};
    text.remove_prefix(1);
    spec.precision = TRY(number_at(text));
    return {};
}

Result<std::string> fill_in(const Spec& spec, const Value& value, Budget& budget) {
    std::string text;
    const bool number = value.is_number() && !value.is_boolean();
    switch (spec.type) {
        case 'd':
        case 'i':
            if (!value.is_number())
                return fail(Code::invalid, "a format wants a number and was given " + std::string(type_name(value)));
            text =
                value.has_integer() ? std::to_string(value.integer()) : lar::format("{:.0f}", std::trunc(value.real()));
            break;
        case 'x':
        case 'X':
            if (!value.has_integer())
                return fail(Code::invalid, "a format wants an integer and was given " + std::string(type_name(value)));
            text = spec.type == 'x' ? lar::format("{:x}", value.integer()) : lar::format("{:X}", value.integer());
            break;
        case 'f':
        case 'F':
            if (!value.is_number())
                return fail(Code::invalid, "a format wants a number and was given " + std::string(type_name(value)));
            text = lar::format("{:.{}f}", value.real(), spec.precision < 0 ? 6 : spec.precision);
            break;
        case 'r': text = TRY(to_repr(value, budget)); break;
        case 0:
        case 's':
            text = TRY(to_text(value, budget));
            if (spec.precision >= 0) {
                const auto parts = characters(text);
                if (parts.size() > static_cast<std::size_t>(spec.precision)) {
                    std::string cut;
                    for (int i = 0; i < spec.precision; ++i) cut += parts[static_cast<std::size_t>(i)];
                    text = std::move(cut);
                }
            }
            break;
        default: return fail(Code::invalid, std::string("a format of type '") + spec.type + "' is not known here");
    }
    const std::size_t there = count_characters(text);
    const std::size_t missing =
        static_cast<std::size_t>(spec.width) > there ? static_cast<std::size_t>(spec.width) - there : 0;
    const char align = spec.align != 0 ? spec.align : number ? '>' : '<';
    const std::size_t before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    std::string out;
    // Zeros go between the sign and the digits.
    std::string_view rest = text;
    if (spec.fill == "0" && number && rest.starts_with('-')) {
        out += '-';
        rest.remove_prefix(1);
    }
    for (std::size_t i = 0; i < before; ++i) out += spec.fill;
    out += rest;
    for (std::size_t i = before; i < missing; ++i) out += spec.fill;
    TRY_VOID(budget.bytes(out.size()));
    return out;
}

// What a field of a brace format names: a place, a name, and then .attribute or [key].
Result<Value> field(std::string_view name, const Arguments& arguments, std::size_t& next, Budget& budget) {
    const std::size_t end = std::min(name.find_first_of(".["), name.size());
    const std::string_view first = name.substr(0, end);
    if (end != name.size()) return fail(Code::invalid, "a format that looks into a value is not known here");
    std::size_t place = 0;
    const auto [stop, error] = std::from_chars(first.data(), first.data() + first.size(), place);
    const bool numbered = !first.empty() && error == std::errc() && stop == first.data() + first.size();
    TRY_VOID(budget.step());
    if (first.empty()) place = next++;
    if (first.empty() || numbered) {
        if (place >= arguments.positional.size()) return fail(Code::invalid, "a format has more places than values");
        return arguments.positional[place];
    }
    for (const auto& [key, value] : arguments.named)
        if (key == first) return value;
    return fail(Code::invalid, "a format names '" + std::string(first) + "', which was not given");
}

Result<Spec> brace_spec(std::string_view text) {
    Spec spec;
    if (!text.empty()) {
        const std::size_t first = first_character(text).bytes;
        const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^'; };
        if (text.size() > first && is_align(text[first])) {
            spec.fill = std::string(text.substr(0, first));
            spec.align = text[first];
            text.remove_prefix(first + 1);
        } else if (is_align(text[0])) {
            spec.align = text[0];
            text.remove_prefix(1);
        }
    }
    TRY_VOID(size_of(spec, text));
    if (text.size() > 1)
        return fail(Code::invalid, "a format specification that is not known here: " + std::string(text));
    if (!text.empty()) spec.type = text[0];
    return spec;
}

}  // namespace

Result<std::string> percent_format(std::string_view format, const Value& values, Budget& budget) {
    const bool many = values.is_list() && values.list().kind == ListKind::tuple;
    std::size_t used = 0;
    std::string out;
    while (!format.empty()) {
        const std::size_t at = format.find('%');
        out += format.substr(0, at);
        if (at == std::string_view::npos) break;
        format.remove_prefix(at + 1);
        if (format.starts_with('%')) {
            out += '%';
            format.remove_prefix(1);
            continue;
        }
        Value value = values;
        if (format.starts_with('(')) {
            const std::size_t close = format.find(')');
            if (close == std::string_view::npos) return fail(Code::invalid, "a format key without its end");
            value = TRY(item_at(values, Value(std::string(format.substr(1, close - 1))), budget));
            format.remove_prefix(close + 1);
        } else if (many) {
            if (used >= values.list().items.size()) return fail(Code::invalid, "not enough arguments for the format");
            value = values.list().items[used];
        } else if (used > 0) {
            return fail(Code::invalid, "not enough arguments for the format");
        }
        ++used;
        Spec spec;
        spec.align = '>';
        if (format.starts_with('-')) {
            spec.align = '<';
            format.remove_prefix(1);
        } else if (format.starts_with('0')) {
            spec.fill = "0";
        }
        TRY_VOID(size_of(spec, format));
        if (format.empty()) return fail(Code::invalid, "a format that ends too early");
        spec.type = format[0];
        format.remove_prefix(1);
        out += TRY(fill_in(spec, value, budget));
    }
    if (many && used < values.list().items.size())
        return fail(Code::invalid, "not all arguments were used by the format");
    TRY_VOID(budget.bytes(out.size()));
    return out;
}

Result<std::string> brace_format(std::string_view format, const Arguments& arguments, Budget& budget) {
    std::string out;
    std::size_t next = 0;
    while (!format.empty()) {
        const std::size_t at = format.find_first_of("{}");
        out += format.substr(0, at);
        if (at == std::string_view::npos) break;
        const char brace = format[at];
        format.remove_prefix(at + 1);
        if (format.starts_with(brace)) {
            out += brace;
            format.remove_prefix(1);
            continue;
        }
        const std::size_t close = format.find('}');
        if (brace == '}' || close == std::string_view::npos) return fail(Code::invalid, "a single brace in a format");
        const std::string_view inside = format.substr(0, close);
        format.remove_prefix(close + 1);
        const std::size_t colon = std::min(inside.find(':'), inside.size());
        const std::size_t mark = std::min(inside.substr(0, colon).find('!'), colon);
        Spec spec = TRY(brace_spec(colon < inside.size() ? inside.substr(colon + 1) : std::string_view()));
        const std::string_view conversion = inside.substr(mark, colon - mark);
        if (conversion == "!r")
            spec.type = 'r';
        else if (conversion == "!s")
            spec.type = 's';
        else if (!conversion.empty())
            return fail(Code::invalid, "a conversion that is not known here: " + std::string(conversion));
        out += TRY(fill_in(spec, TRY(field(inside.substr(0, mark), arguments, next, budget)), budget));
    }
    TRY_VOID(budget.bytes(out.size()));
    return out;
}

}  // namespace lar::inference::jinja
