// The filters that work on lists and dicts. Those that Python makes generators of give generators: they can be looped
// over and joined, but have no length and are no JSON.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/text.h"
#include "inference/jinja_interpreter.h"
#include "inference/jinja_text.h"

namespace lar::inference::jinja {
namespace {

using Given = const Arguments&;
using Filter = Result<Value> (*)(Interpreter&, const Value&, Given);

Result<std::vector<Value>> items_of(const Value& value, Budget& budget) {
    const Value all = TRY(elements(value, budget));
    TRY_VOID(budget.bytes(all.list().items.size() * sizeof(Value)));
    return all.list().items;
}

// What Python takes an empty sequence for, None above all, gives none.
Result<std::vector<Value>> items_if_any(const Value& value, Budget& budget) {
    return truth(value) ? items_of(value, budget) : std::vector<Value>{};
}

Result<Value> filter_first(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("first", {}));
    const auto items = TRY(items_of(subject, interpreter.budget()));
    return items.empty() ? Value() : items.front();
}
Result<Value> filter_last(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("last", {}));
    const auto items = TRY(items_of(subject, interpreter.budget()));
    return items.empty() ? Value() : items.back();
}
Result<Value> filter_list(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("list", {}));
    return make_list(TRY(items_of(subject, interpreter.budget())), ListKind::list, interpreter.budget());
}
Result<Value> filter_reverse(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("reverse", {}));
    auto items = TRY(items_of(subject, interpreter.budget()));
    std::ranges::reverse(items);
    if (!subject.is_string()) return make_list(std::move(items), ListKind::generator, interpreter.budget());
    std::string out;
    for (const Value& item : items) out += item.text();
    return make_text(std::move(out), interpreter.budget());
}

Result<Value> filter_items(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("items", {}));
    if (subject.is_undefined()) return make_list({}, ListKind::generator, interpreter.budget());
    if (!subject.is_mapping()) return fail(Code::invalid, "items wants a dict");
    return call_method(interpreter, subject, "items", {});
}

// Texts compare without case, unless asked.
Value folded(const Value& value, bool case_sensitive) {
    return value.is_string() && !case_sensitive ? Value(to_lower(value.text())) : value;
}

// Sorted by keys, which are made once; a comparison that fails ends the sort and is told afterwards.
Result<std::vector<Value>> sorted_by(std::vector<Value> items, const std::vector<Value>& keys, bool reverse,
                                     Budget& budget) {
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::optional<Error> problem;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        if (problem) return false;
        auto result = reverse ? compare(keys[b], keys[a], budget) : compare(keys[a], keys[b], budget);
        if (!result) problem = std::move(result).error();
        return result && *result < 0;
    });
    if (problem) return std::unexpected(*std::move(problem));
    std::vector<Value> out;
    for (const std::size_t i : order) out.push_back(items[i]);
    return out;
}

Result<Value> filter_sort(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("sort", {"reverse", "case_sensitive", "attribute"}));
    auto items = TRY(items_of(subject, budget));
    std::vector<Value> keys;
    for (const Value& item : items)
        keys.push_back(folded(a[2].is_undefined() ? item : TRY(look_up(item, a[2], budget)), truth(a[1])));
    return make_list(TRY(sorted_by(std::move(items), keys, truth(a[0]), budget)), ListKind::list, budget);
}

Result<Value> filter_dictsort(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("dictsort", {"case_sensitive", "by", "reverse"}));
    if (!subject.is_mapping()) return fail(Code::invalid, "dictsort wants a dict");
    const bool by_value = a[1].is_string() && a[1].text() == "value";
    std::vector<Value> items, keys;
    for (const auto& [key, value] : subject.mapping().entries()) {
        items.push_back(TRY(make_list({key, value}, ListKind::tuple, budget)));
        keys.push_back(folded(by_value ? value : key, truth(a[0])));
    }
    return make_list(TRY(sorted_by(std::move(items), keys, truth(a[2]), budget)), ListKind::list, budget);
}

Result<Value> filter_join(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("join", {"d", "attribute"}));
    const std::string separator = TRY(to_text(a[0], budget));
    std::string out;
    bool first = true;
    for (const Value& item : TRY(items_of(subject, budget))) {
        TRY_VOID(budget.step());
        if (!std::exchange(first, false)) out += separator;
        TRY_VOID(budget.bytes(separator.size()));
        out += TRY(to_text(a[1].is_undefined() ? item : TRY(look_up(item, a[1], budget)), budget));
    }
    return make_text(std::move(out), budget);
}

Result<Value> filter_unique(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("unique", {"case_sensitive", "attribute"}));
    std::vector<Value> out, seen;
    for (const Value& item : TRY(items_of(subject, budget))) {
        const Value key = folded(a[1].is_undefined() ? item : TRY(look_up(item, a[1], budget)), truth(a[0]));
        bool known = false;
        for (const Value& other : seen) known = known || TRY(equal(key, other, budget));
        if (known) continue;
        seen.push_back(key);
        out.push_back(item);
    }
    return make_list(std::move(out), ListKind::generator, budget);
}

Result<Value> filter_sum(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("sum", {"attribute", "start"}));
    Value sum = a[1].is_undefined() ? Value(std::int64_t{0}) : a[1];
    for (const Value& item : TRY(items_of(subject, budget))) {
        TRY_VOID(budget.step());
        sum = TRY(arithmetic("+", sum, a[0].is_undefined() || a[0].is_none() ? item : TRY(look_up(item, a[0], budget)),
                             budget));
    }
    return sum;
}

template <int sign>
Result<Value> filter_extreme(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("min", {"case_sensitive", "attribute"}));
    Value best, best_key;
    bool first = true;
    for (const Value& item : TRY(items_of(subject, budget))) {
        const Value key = folded(a[1].is_undefined() ? item : TRY(look_up(item, a[1], budget)), truth(a[0]));
        if (!first && TRY(compare(key, best_key, budget)) * sign <= 0) continue;
        first = false;
        best = item;
        best_key = key;
    }
    return best;
}

Result<Value> filter_batch(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("batch", {"linecount", "fill_with"}));
    if (!a[0].has_integer() || a[0].integer() < 1 || a[0].integer() > limit_range)
        return fail(Code::invalid, "batch wants a number of items");
    const auto size = static_cast<std::size_t>(a[0].integer());
    std::vector<Value> out, line;
    for (const Value& item : TRY(items_of(subject, budget))) {
        if (line.size() == size) out.push_back(TRY(make_list(std::exchange(line, {}), ListKind::list, budget)));
        line.push_back(item);
    }
    while (!line.empty() && line.size() < size && !a[1].is_undefined() && !a[1].is_none()) {
        TRY_VOID(budget.step());
        line.push_back(a[1]);
    }
    if (!line.empty()) out.push_back(TRY(make_list(std::move(line), ListKind::list, budget)));
    return make_list(std::move(out), ListKind::generator, budget);
}

Result<Value> filter_groupby(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    const auto a = TRY(arguments.bind("groupby", {"attribute", "default", "case_sensitive"}));
    const Value sorted = TRY(filter_sort(interpreter, subject, {.positional = {}, .named = {{"attribute", a[0]}}}));
    std::vector<Value> groups, group;
    Value key;
    const auto close = [&]() -> Result<> {
        if (group.empty()) return {};
        Value members = TRY(make_list(std::exchange(group, {}), ListKind::list, budget));
        groups.push_back(TRY(make_list({key, std::move(members)}, ListKind::tuple, budget)));
        return {};
    };
    for (const Value& item : sorted.list().items) {
        const Value own = TRY(look_up(item, a[0], budget));
        if (!group.empty() && !TRY(equal(own, key, budget))) TRY_VOID(close());
        if (group.empty()) key = own;
        group.push_back(item);
    }
    TRY_VOID(close());
    return make_list(std::move(groups), ListKind::list, budget);
}

Result<Value> filter_attr(Interpreter& interpreter, const Value& subject, Given arguments) {
    const auto a = TRY(arguments.bind("attr", {"name"}));
    return subject.is_mapping() ? Value() : look_up(subject, a[0], interpreter.budget());
}

Result<Value> filter_wordcount(Interpreter& interpreter, const Value& subject, Given arguments) {
    TRY_VOID(arguments.bind("wordcount", {}));
    const Value text(TRY(to_text(subject, interpreter.budget())));
    const Value words = TRY(call_method(interpreter, text, "split", {}));
    return Value(static_cast<std::int64_t>(words.list().items.size()));
}

// map('upper'), map(attribute='name', default='').
Result<Value> filter_map(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    std::vector<Value> out;
    const auto items = TRY(items_if_any(subject, budget));
    if (arguments.positional.empty()) {
        const auto a = TRY(arguments.bind("map", {"attribute", "default"}));
        for (const Value& item : items) {
            Value found = TRY(look_up(item, a[0], budget));
            out.push_back(found.is_undefined() && !a[1].is_undefined() ? a[1] : std::move(found));
        }
    } else {
        Arguments further = arguments;
        further.positional.erase(further.positional.begin());
        const std::string name = TRY(to_text(arguments.positional[0], budget));
        for (const Value& item : items) out.push_back(TRY(call_filter(interpreter, name, item, further)));
    }
    return make_list(std::move(out), ListKind::generator, budget);
}

// select, reject: the first argument is a test; selectattr, rejectattr: an attribute, then a test.
template <bool by_attribute, bool wanted>
Result<Value> filter_select(Interpreter& interpreter, const Value& subject, Given arguments) {
    Budget& budget = interpreter.budget();
    Arguments further = arguments;
    Value path;
    const auto next = [&]() -> Value {
        if (further.positional.empty()) return {};
        Value first = further.positional.front();
        further.positional.erase(further.positional.begin());
        return first;
    };
    if (by_attribute) {
        path = next();
        if (path.is_undefined()) return fail(Code::invalid, "an attribute to select by is missing");
    }
    const Value test = next();
    const std::string name = TRY(to_text(test, budget));
    std::vector<Value> out;
    for (const Value& item : TRY(items_if_any(subject, budget))) {
        const Value tested = by_attribute ? TRY(look_up(item, path, budget)) : item;
        TRY_VOID(budget.step());
        const bool holds = name.empty() ? truth(tested) : TRY(call_test(interpreter, name, tested, further));
        if (holds == wanted) out.push_back(item);
    }
    return make_list(std::move(out), ListKind::generator, budget);
}

const std::map<std::string_view, Filter, std::less<>>& sequence_filters() {
    static const std::map<std::string_view, Filter, std::less<>> table{
        {"attr", filter_attr},
        {"batch", filter_batch},
        {"dictsort", filter_dictsort},
        {"first", filter_first},
        {"groupby", filter_groupby},
        {"items", filter_items},
        {"join", filter_join},
        {"last", filter_last},
        {"list", filter_list},
        {"map", filter_map},
        {"max", filter_extreme<1>},
        {"min", filter_extreme<-1>},
        {"reject", filter_select<false, false>},
        {"rejectattr", filter_select<true, false>},
        {"reverse", filter_reverse},
        {"select", filter_select<false, true>},
        {"selectattr", filter_select<true, true>},
        {"sort", filter_sort},
        {"sum", filter_sum},
        {"unique", filter_unique},
        {"wordcount", filter_wordcount},
    };
    return table;
}

}  // namespace

bool is_sequence_filter(std::string_view name) { return sequence_filters().contains(name); }
Result<Value> call_sequence_filter(Interpreter& interpreter, std::string_view name, const Value& subject,
                                   const Arguments& arguments) {
    return sequence_filters().find(name)->second(interpreter, subject, arguments);
}

Result<Value> look_up(const Value& object, const Value& path, Budget& budget) {
    if (const Mapping* space = object.space(); space != nullptr && path.is_string()) {
        const Value* found = space->find(path.text());
        return found != nullptr ? *found : Value();
    }
    if (!path.is_string() || !path.text().contains('.')) return item_at(object, path, budget);
    if (object.is_mapping() && object.mapping().find(path.text()) != nullptr) return item_at(object, path, budget);
    Value value = object;
    for (const std::string_view part : split(path.text(), '.')) {
        std::int64_t index = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
        const bool number = error == std::errc() && end == part.data() + part.size();
        value = TRY(item_at(value, number ? Value(index) : Value(std::string(part)), budget));
    }
    return value;
}

}  // namespace lar::inference::jinja
