// Values to text: JSON as Python's json.dumps writes it, str() and repr(); and JSON to values, with the order of keys
// kept. Not through src/wire: a message may carry any key, and templates show the keys in the order in which they came.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "inference/jinja_text.h"

namespace lar::inference::jinja {
namespace {

// What a text has cost is told to the budget as it grows.
class Counted {
public:
    explicit Counted(Budget& budget) : budget_(budget) {}
    Result<> settle() {
        TRY_VOID(budget_.step());
        TRY_VOID(budget_.bytes(text.size() - told_));
        told_ = text.size();
        return {};
    }
    std::string text;

private:
    Budget& budget_;
    std::size_t told_ = 0;
};

void append_scalar_key(std::string& out, const Value& key) {
    if (key.is_none())
        out += "\"null\"";
    else if (key.is_boolean())
        out += key.boolean() ? "\"true\"" : "\"false\"";
    else if (key.is_integer())
        out += '"' + std::to_string(key.integer()) + '"';
    else
        out += '"' + real_text(key.real()) + '"';
}

std::string json_real(double value) {
    const std::string text = real_text(value);
    return text == "nan" ? "NaN" : text == "inf" ? "Infinity" : text == "-inf" ? "-Infinity" : text;
}

class JsonWriter {
public:
    JsonWriter(const JsonStyle& style, Budget& budget) : style_(style), budget_(budget), out_(budget) {}

    Result<> write(const Value& value, int level) {
        TRY_VOID(out_.settle());
        std::string& out = out_.text;
        if (value.is_none())
            out += "null";
        else if (value.is_boolean())
            out += value.boolean() ? "true" : "false";
        else if (value.is_integer())
            out += std::to_string(value.integer());
        else if (value.is_real())
            out += json_real(value.real());
        else if (value.is_string())
            append_json_string(out, value.text(), style_.ascii);
        else if (value.is_mapping())
            return write_mapping(value.mapping(), level);
        else if (value.is_list() && value.list().kind <= ListKind::tuple)
            return write_list(value.list(), level);
        else
            return fail(Code::invalid, "a " + std::string(type_name(value)) + " cannot be written as JSON");
        return {};
    }

    Result<std::string> text() && {
        TRY_VOID(out_.settle());
        return std::move(out_.text);
    }

private:
    void new_line(int level) {
        if (style_.indent < 0) return;
        out_.text += '\n';
        out_.text.append(static_cast<std::size_t>(style_.indent) * static_cast<std::size_t>(level), ' ');
    }

    Result<> write_list(const List& list, int level) {
        out_.text += '[';
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            if (i > 0) out_.text += style_.item_separator;
            new_line(level + 1);
            TRY_VOID(write(list.items[i], level + 1));
        }
        if (!list.items.empty()) new_line(level);
        out_.text += ']';
        return {};
    }

    Result<> write_mapping(const Mapping& mapping, int level) {
        std::vector<const std::pair<Value, Value>*> entries;
        TRY_VOID(budget_.step(mapping.entries().size()));
        for (const auto& entry : mapping.entries()) entries.push_back(&entry);
        if (style_.sort_keys)
            std::ranges::stable_sort(entries, [](const auto* a, const auto* b) {
                return a->first.is_string() && b->first.is_string() && a->first.text() < b->first.text();
            });
        out_.text += '{';
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (i > 0) out_.text += style_.item_separator;
            new_line(level + 1);
            const Value& key = entries[i]->first;
            if (key.is_string())
                append_json_string(out_.text, key.text(), style_.ascii);
            else
                append_scalar_key(out_.text, key);
            out_.text += style_.key_separator;
            TRY_VOID(write(entries[i]->second, level + 1));
        }
        if (!entries.empty()) new_line(level);
        out_.text += '}';
        return {};
    }

    const JsonStyle& style_;
    Budget& budget_;
    Counted out_;
};

Result<> write_repr(Counted& out, const Value& value);

Result<> write_list_repr(Counted& out, const List& list) {
    const bool tuple = list.kind == ListKind::tuple;
    if (list.kind == ListKind::generator) {
        out.text += "<generator object>";
        return {};
    }
    if (list.kind == ListKind::view) out.text += "dict_items(";
    out.text += tuple ? '(' : '[';
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        if (i > 0) out.text += ", ";
        TRY_VOID(write_repr(out, list.items[i]));
    }
    if (tuple && list.items.size() == 1) out.text += ',';
    out.text += tuple ? ')' : ']';
    if (list.kind == ListKind::view) out.text += ')';
    return {};
}

Result<> write_repr(Counted& out, const Value& value) {
    TRY_VOID(out.settle());
    if (value.is_none())
        out.text += "None";
    else if (value.is_undefined())
        out.text += "Undefined";
    else if (value.is_boolean())
        out.text += value.boolean() ? "True" : "False";
    else if (value.is_integer())
        out.text += std::to_string(value.integer());
    else if (value.is_real())
        out.text += real_text(value.real());
    else if (value.is_string())
        append_quoted(out.text, value.text());
    else if (value.is_list())
        return write_list_repr(out, value.list());
    else if (value.is_mapping()) {
        out.text += '{';
        bool first = true;
        for (const auto& [key, held] : value.mapping().entries()) {
            if (!std::exchange(first, false)) out.text += ", ";
            TRY_VOID(write_repr(out, key));
            out.text += ": ";
            TRY_VOID(write_repr(out, held));
        }
        out.text += '}';
    } else {
        out.text += "<" + std::string(type_name(value)) + ">";
    }
    return {};
}

class JsonReader {
public:
    JsonReader(std::string_view json, std::string_view what, Budget& budget)
        : all_(json), rest_(json), what_(what), budget_(budget) {}

    Result<Value> read() {
        Value value = TRY(read_value(0));
        skip_space();
        if (!rest_.empty()) return wrong("something follows the value");
        return value;
    }

private:
    std::unexpected<Error> wrong(std::string_view why) const {
        return fail(Code::invalid, std::string(what_) + " are not JSON: " + std::string(why) + " at byte " +
                                       std::to_string(all_.size() - rest_.size()));
    }
    void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
    bool take(std::string_view token) {
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    Result<Value> read_value(std::uint32_t depth) {
        TRY_VOID(budget_.step());
        if (depth >= limit_value_depth) return wrong("it is nested too deeply");
        skip_space();
        if (take("{")) return read_mapping(depth);
        if (take("[")) return read_list(depth);
        if (rest_.starts_with('"')) return make_text(TRY(read_string()), budget_);
        if (take("true")) return Value(true);
        if (take("false")) return Value(false);
        if (take("null")) return Value(None{});
        return read_number();
    }

    Result<Value> read_mapping(std::uint32_t depth) {
        Mapping mapping;
        skip_space();
        if (take("}")) return make_mapping(std::move(mapping), budget_);
        do {
            skip_space();
            if (!rest_.starts_with('"')) return wrong("a key is missing");
            std::string key = TRY(read_string());
            TRY_VOID(budget_.bytes(key.size()));
            skip_space();
            if (!take(":")) return wrong("a colon is missing");
            mapping.set(Value(std::move(key)), TRY(read_value(depth + 1)));
            skip_space();
        } while (take(","));
        if (!take("}")) return wrong("an object does not end");
        return make_mapping(std::move(mapping), budget_);
    }

    Result<Value> read_list(std::uint32_t depth) {
        std::vector<Value> items;
        skip_space();
        if (take("]")) return make_list(std::move(items), ListKind::list, budget_);
        do {
            items.push_back(TRY(read_value(depth + 1)));
            skip_space();
        } while (take(","));
        if (!take("]")) return wrong("an array does not end");
        return make_list(std::move(items), ListKind::list, budget_);
    }

    Result<char32_t> read_unit() {
        unsigned value = 0;
        const auto [end, error] =
            std::from_chars(rest_.data(), rest_.data() + std::min<std::size_t>(4, rest_.size()), value, 16);
        if (error != std::errc() || end != rest_.data() + 4) return wrong("four digits are missing");
        rest_.remove_prefix(4);
        return value;
    }

    Result<> read_escape(std::string& out) {
        static constexpr std::string_view names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        if (take("u")) {
            char32_t code = TRY(read_unit());
            if (code >= 0xD800 && code < 0xDC00 && take("\\u")) {
                const char32_t low = TRY(read_unit());
                if (low >= 0xDC00 && low < 0xE000)
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                else
                    append_utf8(out, 0xFFFD), code = low;
            }
            append_utf8(out, code);  // half a pair becomes U+FFFD
            return {};
        }
        const std::size_t name = rest_.empty() ? std::string_view::npos : names.find(rest_[0]);
        if (name == std::string_view::npos) return wrong("an escape that does not exist");
        out += meanings[name];
        rest_.remove_prefix(1);
        return {};
    }

    Result<std::string> read_string() {
        rest_.remove_prefix(1);
        std::string out;
        for (;;) {
            const auto plain = static_cast<std::size_t>(
                std::ranges::find_if(
                    rest_, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }) -
                rest_.begin());
            out += rest_.substr(0, plain);
            rest_.remove_prefix(plain);
            if (take("\"")) return out;
            if (!take("\\")) return wrong("a string does not end");
            TRY_VOID(read_escape(out));
        }
    }

    Result<Value> read_number() {
        const std::size_t size = std::min(rest_.find_first_not_of("+-0123456789.eE"), rest_.size());
        const std::string_view text = rest_.substr(0, size);
        const std::size_t digits = text.starts_with('-') ? 1 : 0;
        const bool starts_well =
            text.size() > digits && text[digits] >= '0' && text[digits] <= '9' &&
            (text[digits] != '0' || text.size() == digits + 1 || text[digits + 1] < '0' || text[digits + 1] > '9');
        if (!starts_well || text.ends_with('.')) return wrong("a value is missing");
        std::int64_t integer = 0;
        const char* const end = text.data() + text.size();
        if (const auto parsed = std::from_chars(text.data(), end, integer);
            parsed.ec == std::errc() && parsed.ptr == end) {
            rest_.remove_prefix(size);
            return Value(integer);
        }
        double real = 0;
        const auto parsed = std::from_chars(text.data(), end, real);
        if (parsed.ec != std::errc() || parsed.ptr != end) return wrong("a number that cannot be read");
        rest_.remove_prefix(size);
        return Value(real);
    }

    std::string_view all_, rest_, what_;
    Budget& budget_;
};

}  // namespace

Result<std::string> to_json(const Value& value, const JsonStyle& style, Budget& budget) {
    JsonWriter writer(style, budget);
    TRY_VOID(writer.write(value, 0));
    return std::move(writer).text();
}

Result<std::string> to_repr(const Value& value, Budget& budget) {
    Counted out(budget);
    TRY_VOID(write_repr(out, value));
    TRY_VOID(out.settle());
    return std::move(out.text);
}

Result<std::string> to_text(const Value& value, Budget& budget) {
    if (value.is_undefined()) return std::string();
    if (!value.is_string()) return to_repr(value, budget);
    TRY_VOID(budget.bytes(value.text().size()));
    return value.text();
}

Result<Value> from_json(std::string_view json, std::string_view what, Budget& budget) {
    if (json.size() > limit_json_bytes) return fail(Code::too_large, std::string(what) + " are longer than 4 MiB");
    if (!is_utf8(json)) return fail(Code::invalid, std::string(what) + " are not UTF-8");
    return JsonReader(json, what, budget).read();
}

}  // namespace lar::inference::jinja
