#include "inference/jinja_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "inference/jinja_text.h"

namespace lar::inference::jinja {
namespace {

// "unsupported operand type(s) for +: 'int' and 'str'", as people who write templates know it.
std::unexpected<Error> no_operands(std::string_view op, const Value& left, const Value& right) {
    return fail(Code::invalid, "'" + std::string(op) + "' does not take " + std::string(type_name(left)) + " and " +
                                   std::string(type_name(right)));
}
std::unexpected<Error> too_big() { return fail(Code::invalid, "a number is too large to compute with"); }

std::unexpected<Error> fail_undefined(const Value& value) {
    const auto& why = value.undefined().why;
    return fail(Code::invalid, why ? *why : "a value is undefined");
}

}  // namespace

Result<> Budget::step(std::uint64_t count) {
    if (count > steps_left_) return fail(Code::too_large, "the chat template does not come to an end");
    steps_left_ -= count;
    return {};
}

Result<> Budget::bytes(std::uint64_t count) {
    if (count > bytes_left_) return fail(Code::too_large, "the chat template works through more text than is allowed");
    bytes_left_ -= count;
    return {};
}

Mapping* Value::space() const {
    const auto* space = std::get_if<std::shared_ptr<Mapping>>(&value_);
    return space == nullptr ? nullptr : space->get();
}

const Callable* Value::callable() const {
    const auto* callable = std::get_if<std::shared_ptr<const Callable>>(&value_);
    return callable == nullptr ? nullptr : callable->get();
}

LoopState* Value::loop() const {
    const auto* loop = std::get_if<LoopState*>(&value_);
    return loop == nullptr ? nullptr : *loop;
}

bool Value::is_transient() const { return space() != nullptr || callable() != nullptr || loop() != nullptr; }

std::size_t Mapping::place_of(const Value& key) const {
    if (key.is_string()) {
        const auto found = places_.find(std::string_view(key.text()));
        return found == places_.end() ? entries_.size() : found->second;
    }
    std::size_t place = 0;
    for (; place < entries_.size(); ++place) {
        const Value& there = entries_[place].first;
        if (key.is_number() && there.is_number() && key.real() == there.real()) break;
        if (key.is_none() && there.is_none()) break;
    }
    return place;
}

const Value* Mapping::find(std::string_view key) const {
    const auto found = places_.find(key);
    return found == places_.end() ? nullptr : &entries_[found->second].second;
}

const Value* Mapping::find_key(const Value& key) const {
    const std::size_t place = place_of(key);
    return place == entries_.size() ? nullptr : &entries_[place].second;
}

void Mapping::set(Value key, Value value) {
    if (value.is_list()) depth_ = std::max(depth_, value.list().depth + 1);
    if (value.is_mapping()) depth_ = std::max(depth_, value.mapping().depth() + 1);
    const std::size_t place = place_of(key);
    if (place < entries_.size()) {
        entries_[place].second = std::move(value);
        return;
    }
    if (key.is_string()) places_.emplace(key.text(), place);
    entries_.emplace_back(std::move(key), std::move(value));
}

Result<std::vector<Value>> Arguments::bind(std::string_view function,
                                           std::initializer_list<std::string_view> names) const {
    if (positional.size() > names.size()) return fail(Code::invalid, std::string(function) + " takes fewer arguments");
    std::vector<Value> out = positional;
    out.resize(names.size());
    for (const auto& [name, value] : named) {
        const auto found = std::ranges::find(names, std::string_view(name));
        if (found == names.end()) return fail(Code::invalid, std::string(function) + " has no argument '" + name + "'");
        const auto place = static_cast<std::size_t>(found - names.begin());
        if (place < positional.size())
            return fail(Code::invalid, std::string(function) + " was given '" + name + "' twice");
        out[place] = value;
    }
    return out;
}

Result<Value> make_list(std::vector<Value> items, ListKind kind, Budget& budget) {
    TRY_VOID(budget.bytes(items.size() * sizeof(Value)));
    List list{.items = std::move(items), .kind = kind};
    for (const Value& item : list.items) {
        if (item.is_transient())
            return fail(Code::invalid, "a " + std::string(type_name(item)) + " cannot be kept in a list");
        if (item.is_list()) list.depth = std::max(list.depth, item.list().depth + 1);
        if (item.is_mapping()) list.depth = std::max(list.depth, item.mapping().depth() + 1);
    }
    if (list.depth > limit_value_depth) return fail(Code::too_large, "lists are nested too deeply");
    return Value(std::make_shared<const List>(std::move(list)));
}

Result<Value> make_mapping(Mapping mapping, Budget& budget) {
    TRY_VOID(budget.bytes(mapping.entries().size() * 2 * sizeof(Value)));
    for (const auto& [key, value] : mapping.entries()) {
        if (value.is_transient())
            return fail(Code::invalid, "a " + std::string(type_name(value)) + " cannot be kept in a dict");
        if (!key.is_string() && !key.is_number() && !key.is_none())
            return fail(Code::invalid, "a " + std::string(type_name(key)) + " cannot be a key");
    }
    if (mapping.depth() > limit_value_depth) return fail(Code::too_large, "dicts are nested too deeply");
    return Value(std::make_shared<const Mapping>(std::move(mapping)));
}

Result<Value> make_text(std::string text, Budget& budget) {
    TRY_VOID(budget.bytes(text.size()));
    return Value(std::move(text));
}

Result<Value> make_text_like(const Value& like, std::string text, Budget& budget) {
    if (!like.is_markup()) return make_text(std::move(text), budget);
    TRY_VOID(budget.bytes(text.size()));
    return Value(Markup{std::make_shared<const std::string>(std::move(text))});
}

Result<std::string> escaped_text(const Value& value, Budget& budget) {
    std::string text = TRY(to_text(value, budget));
    if (value.is_markup()) return text;
    text = html_escaped(text);
    TRY_VOID(budget.bytes(text.size()));
    return text;
}

std::string_view type_name(const Value& value) {
    if (value.is_undefined()) return "undefined";
    if (value.is_none()) return "none";
    if (value.is_boolean()) return "bool";
    if (value.is_integer()) return "int";
    if (value.is_real()) return "float";
    if (value.is_string()) return "str";
    if (value.is_mapping()) return "dict";
    if (value.space() != nullptr) return "namespace";
    if (value.loop() != nullptr) return "loop";
    if (value.callable() != nullptr) return value.callable()->kind == Callable::Kind::macro ? "macro" : "function";
    switch (value.list().kind) {
        case ListKind::list: return "list";
        case ListKind::tuple: return "tuple";
        case ListKind::generator: return "generator";
        case ListKind::view: return "dict view";
    }
    return "list";
}

bool truth(const Value& value) {
    if (value.is_undefined() || value.is_none()) return false;
    if (value.is_number()) return value.is_real() ? value.real() != 0 : value.integer() != 0;
    if (value.is_string()) return !value.text().empty();
    if (value.is_list()) return value.list().kind == ListKind::generator || !value.list().items.empty();
    if (value.is_mapping()) return !value.mapping().entries().empty();
    return true;
}

Result<bool> equal(const Value& left, const Value& right, Budget& budget) {
    TRY_VOID(budget.step());
    if (left.is_number() && right.is_number())
        return left.is_real() || right.is_real() ? left.real() == right.real() : left.integer() == right.integer();
    if (left.is_string() && right.is_string()) {
        TRY_VOID(budget.bytes(std::min(left.text().size(), right.text().size())));
        return left.text() == right.text();
    }
    if (left.is_list() && right.is_list()) {
        const List &a = left.list(), &b = right.list();
        if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
        for (std::size_t i = 0; i < a.items.size(); ++i)
            if (!TRY(equal(a.items[i], b.items[i], budget))) return false;
        return true;
    }
    if (left.is_mapping() && right.is_mapping()) {
        if (left.mapping().entries().size() != right.mapping().entries().size()) return false;
        for (const auto& [key, value] : left.mapping().entries()) {
            TRY_VOID(budget.step());
            const Value* other = right.mapping().find_key(key);
            if (other == nullptr || !TRY(equal(value, *other, budget))) return false;
        }
        return true;
    }
    if (left.space() != nullptr) return left.space() == right.space();
    if (left.callable() != nullptr) return left.callable() == right.callable();
    if (left.loop() != nullptr) return left.loop() == right.loop();
    return (left.is_none() && right.is_none()) || (left.is_undefined() && right.is_undefined());
}

Result<int> compare(const Value& left, const Value& right, Budget& budget) {
    TRY_VOID(budget.step());
    if (left.is_undefined()) return fail_undefined(left);
    if (right.is_undefined()) return fail_undefined(right);
    if (left.has_integer() && right.has_integer())
        return left.integer() < right.integer() ? -1 : left.integer() > right.integer() ? 1 : 0;
    if (left.is_number() && right.is_number())
        return left.real() < right.real() ? -1 : left.real() > right.real() ? 1 : 0;
    if (left.is_string() && right.is_string()) {
        TRY_VOID(budget.bytes(std::min(left.text().size(), right.text().size())));
        return left.text().compare(right.text());
    }
    if (left.is_list() && right.is_list() && left.list().kind == right.list().kind) {
        const auto &a = left.list().items, &b = right.list().items;
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            if (const int order = TRY(compare(a[i], b[i], budget)); order != 0) return order;
        return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
    }
    return no_operands("<", left, right);
}

Result<bool> contains(const Value& container, const Value& item, Budget& budget) {
    TRY_VOID(budget.step());
    if (container.is_undefined()) return false;
    if (container.is_string()) {
        if (!item.is_string()) return no_operands("in", item, container);
        TRY_VOID(budget.bytes(container.text().size()));
        return container.text().contains(item.text());
    }
    if (container.is_list()) {
        for (const Value& one : container.list().items)
            if (TRY(equal(one, item, budget))) return true;
        return false;
    }
    if (container.is_mapping()) {
        if (!item.is_string()) TRY_VOID(budget.step(container.mapping().entries().size()));
        return container.mapping().find_key(item) != nullptr;
    }
    return fail(Code::invalid, "'in' does not look into a " + std::string(type_name(container)));
}

namespace {

Result<Value> repeated(const Value& what, std::int64_t count, Budget& budget) {
    const auto times = static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
    const std::size_t size = what.is_string() ? what.text().size() : what.list().items.size();
    if (size == 0 || times == 0)
        return what.is_string() ? make_text("", budget) : make_list({}, what.list().kind, budget);
    if (times > limit_work_bytes / size) return fail(Code::too_large, "a repetition is too long");
    TRY_VOID(budget.bytes(times * size));
    if (what.is_string()) {
        std::string out;
        out.reserve(times * size);
        for (std::uint64_t i = 0; i < times; ++i) out += what.text();
        return make_text_like(what, std::move(out), budget);
    }
    TRY_VOID(budget.bytes(times * size * sizeof(Value)));
    std::vector<Value> out;
    out.reserve(times * size);
    for (std::uint64_t i = 0; i < times; ++i) out.append_range(what.list().items);
    return make_list(std::move(out), what.list().kind, budget);
}

Result<Value> integer_arithmetic(std::string_view op, std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    if (op == "+") return __builtin_add_overflow(a, b, &out) ? Result<Value>(too_big()) : Value(out);
    if (op == "-") return __builtin_sub_overflow(a, b, &out) ? Result<Value>(too_big()) : Value(out);
    if (op == "*") return __builtin_mul_overflow(a, b, &out) ? Result<Value>(too_big()) : Value(out);
    if (op == "**") {
        if (b < 0) return Value(std::pow(static_cast<double>(a), static_cast<double>(b)));
        out = 1;
        if (a == 0 || a == 1) return Value(b == 0 ? std::int64_t{1} : a);
        if (a == -1) return Value(std::int64_t{b % 2 == 0 ? 1 : -1});
        for (std::int64_t i = 0; i < b; ++i)
            if (__builtin_mul_overflow(out, a, &out)) return too_big();
        return Value(out);
    }
    if (b == 0) return fail(Code::invalid, "division by zero");
    if (op == "/") return Value(static_cast<double>(a) / static_cast<double>(b));
    if (b == -1) {  // the one quotient that does not fit
        if (op == "%") return Value(std::int64_t{0});
        return __builtin_sub_overflow(std::int64_t{0}, a, &out) ? Result<Value>(too_big()) : Value(out);
    }
    // Python rounds towards minus infinity.
    const std::int64_t rest = a % b;
    const bool other_side = rest != 0 && (rest < 0) != (b < 0);
    if (op == "%") return Value(other_side ? rest + b : rest);
    return Value(a / b - (other_side ? 1 : 0));
}

Result<Value> real_arithmetic(std::string_view op, double a, double b) {
    if (op == "+") return Value(a + b);
    if (op == "-") return Value(a - b);
    if (op == "*") return Value(a * b);
    if (op == "**") return Value(std::pow(a, b));
    if (b == 0) return fail(Code::invalid, "division by zero");
    if (op == "/") return Value(a / b);
    if (op == "//") return Value(std::floor(a / b));
    const double rest = std::fmod(a, b);
    return Value(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}

}  // namespace

Result<Value> arithmetic(std::string_view op, const Value& left, const Value& right, Budget& budget) {
    if (op == "+" && left.is_string() && right.is_string() && (left.is_markup() || right.is_markup())) {
        std::string out = TRY(escaped_text(left, budget));
        out += TRY(escaped_text(right, budget));
        return make_text_like(left.is_markup() ? left : right, std::move(out), budget);
    }
    if (op == "~") {
        std::string out = TRY(to_text(left, budget));
        out += TRY(to_text(right, budget));
        return make_text(std::move(out), budget);
    }
    if (left.is_undefined()) return fail_undefined(left);
    if (op == "%" && left.is_string()) return make_text(TRY(percent_format(left.text(), right, budget)), budget);
    if (right.is_undefined()) return fail_undefined(right);
    if (left.has_integer() && right.has_integer()) return integer_arithmetic(op, left.integer(), right.integer());
    if (left.is_number() && right.is_number()) return real_arithmetic(op, left.real(), right.real());
    if (op == "+" && left.is_string() && right.is_string()) return make_text(left.text() + right.text(), budget);
    const bool lists = left.is_list() && right.is_list() && left.list().kind == right.list().kind;
    if (op == "+" && lists && left.list().kind <= ListKind::tuple) {
        TRY_VOID(budget.bytes((left.list().items.size() + right.list().items.size()) * sizeof(Value)));
        std::vector<Value> items = left.list().items;
        items.append_range(right.list().items);
        return make_list(std::move(items), left.list().kind, budget);
    }
    const auto repeats = [](const Value& what) {
        return what.is_string() || (what.is_list() && what.list().kind <= ListKind::tuple);
    };
    if (op == "*" && repeats(left) && right.has_integer()) return repeated(left, right.integer(), budget);
    if (op == "*" && repeats(right) && left.has_integer()) return repeated(right, left.integer(), budget);
    return no_operands(op, left, right);
}

Result<Value> negated(const Value& value) {
    if (value.is_undefined()) return fail_undefined(value);
    if (value.is_real()) return Value(-value.real());
    if (value.has_integer()) return integer_arithmetic("-", 0, value.integer());
    return fail(Code::invalid, "'-' does not take " + std::string(type_name(value)));
}

Result<Value> elements(const Value& value, Budget& budget) {
    if (value.is_list()) return value;
    std::vector<Value> items;
    if (value.is_mapping()) {
        TRY_VOID(budget.step(value.mapping().entries().size()));
        for (const auto& [key, held] : value.mapping().entries()) items.push_back(key);
        return make_list(std::move(items), ListKind::view, budget);
    }
    if (value.is_string()) {
        TRY_VOID(budget.bytes(value.text().size() * sizeof(Value)));
        for (const std::string_view one : characters(value.text())) items.emplace_back(std::string(one));
        return make_list(std::move(items), ListKind::generator, budget);
    }
    if (value.is_undefined()) return make_list({}, ListKind::generator, budget);
    return fail(Code::invalid, "a " + std::string(type_name(value)) + " cannot be looped over");
}

Result<Value> item_at(const Value& container, const Value& key, Budget& budget) {
    TRY_VOID(budget.step());
    if (container.is_undefined()) return fail_undefined(container);
    if (container.is_mapping()) {
        if (!key.is_string()) TRY_VOID(budget.step(container.mapping().entries().size()));
        if (const Value* found = container.mapping().find_key(key); found != nullptr) return *found;
    }
    if (key.has_integer() && container.is_list() && container.list().kind <= ListKind::tuple) {
        const auto& items = container.list().items;
        const std::int64_t index =
            key.integer() < 0 ? key.integer() + static_cast<std::int64_t>(items.size()) : key.integer();
        if (index >= 0 && static_cast<std::size_t>(index) < items.size()) return items[static_cast<std::size_t>(index)];
    }
    if (key.has_integer() && container.is_string()) {
        TRY_VOID(budget.bytes(container.text().size()));
        const std::int64_t index = key.integer() >= 0
                                       ? key.integer()
                                       : key.integer() + static_cast<std::int64_t>(count_characters(container.text()));
        std::string_view rest = container.text();
        for (std::int64_t i = 0; i < index && !rest.empty(); ++i) rest.remove_prefix(first_character(rest).bytes);
        if (index >= 0 && !rest.empty()) return Value(std::string(rest.substr(0, first_character(rest).bytes)));
    }
    const std::string name = key.is_string() ? key.text() : TRY(to_text(key, budget));
    return Value(Undefined{
        std::make_shared<const std::string>("'" + std::string(type_name(container)) + "' has no '" + name + "'")});
}

Result<Value> slice(const Value& container, const Value& start, const Value& stop, const Value& step, Budget& budget) {
    if (container.is_undefined()) return fail_undefined(container);
    for (const Value* bound : {&start, &stop, &step})
        if (!bound->is_undefined() && !bound->is_none() && !bound->has_integer())
            return fail(Code::invalid, "a slice goes by whole numbers");
    const bool text = container.is_string();
    if (!text && (!container.is_list() || container.list().kind > ListKind::tuple))
        return fail(Code::invalid, "a " + std::string(type_name(container)) + " cannot be sliced");
    const std::size_t text_bytes = text ? container.text().size() : 0;
    TRY_VOID(budget.bytes(text_bytes * sizeof(std::string_view)));
    const std::vector<std::string_view> parts = text ? characters(container.text()) : std::vector<std::string_view>{};
    const auto size = static_cast<std::int64_t>(text ? parts.size() : container.list().items.size());
    const std::int64_t by = step.has_integer() ? step.integer() : 1;
    if (by == 0) return fail(Code::invalid, "a slice cannot go by zero");
    const std::int64_t lowest = by > 0 ? 0 : -1, highest = by > 0 ? size : size - 1;
    const auto bound = [&](const Value& value, std::int64_t otherwise) {
        if (!value.has_integer()) return otherwise;
        const std::int64_t place = value.integer();
        return std::clamp(place < 0 ? std::max(place, -size - 1) + size : place, lowest, highest);
    };
    const std::int64_t first = bound(start, by > 0 ? 0 : size - 1), last = bound(stop, by > 0 ? size : -1);
    std::string out;
    std::vector<Value> items;
    for (std::int64_t i = first; by > 0 ? i < last : i > last;) {
        if (text)
            out += parts[static_cast<std::size_t>(i)];
        else
            items.push_back(container.list().items[static_cast<std::size_t>(i)]);
        if (__builtin_add_overflow(i, by, &i)) break;
    }
    if (text) return make_text_like(container, std::move(out), budget);
    return make_list(std::move(items), container.list().kind, budget);
}

Result<std::int64_t> length(const Value& value, Budget& budget) {
    if (value.is_undefined()) return 0;
    if (value.is_string()) {
        TRY_VOID(budget.bytes(value.text().size()));
        return static_cast<std::int64_t>(count_characters(value.text()));
    }
    if (value.is_mapping()) return static_cast<std::int64_t>(value.mapping().entries().size());
    if (value.is_list() && value.list().kind != ListKind::generator)
        return static_cast<std::int64_t>(value.list().items.size());
    return fail(Code::invalid, "a " + std::string(type_name(value)) + " has no length");
}

}  // namespace lar::inference::jinja
