#include "inference/jinja_interpreter.h"

#include <utility>

namespace lar::inference::jinja {

using Kind = Expression::Kind;

// One level of recursion, for as long as it lives: the machine's stack is as limited as everything else.
class Interpreter::Level {
public:
    explicit Level(std::uint32_t& depth) : depth_(depth) { ++depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --depth_; }

private:
    std::uint32_t& depth_;
};

namespace {

// The innermost line is the one to tell.
std::unexpected<Error> on_line(Error error, std::uint32_t line) {
    if (!error.message.starts_with("line ")) error.message = "line " + std::to_string(line) + ": " + error.message;
    return std::unexpected(std::move(error));
}

Value undefined(std::string why) { return Value(Undefined{std::make_shared<const std::string>(std::move(why))}); }

}  // namespace

const Value* Scope::own(std::string_view name) const {
    for (const auto& [known, value] : few_)
        if (known == name) return &value;
    if (more_.empty()) return nullptr;
    const auto found = more_.find(name);
    return found == more_.end() ? nullptr : &found->second;
}

const Value* Scope::find(std::string_view name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer_)
        if (const Value* found = scope->own(name); found != nullptr) return found;
    return nullptr;
}

void Scope::set(std::string_view name, Value value) {
    constexpr std::size_t limit_few = 8;
    if (const Value* known = own(name); known != nullptr)
        *const_cast<Value*>(known) = std::move(value);
    else if (few_.size() < limit_few)
        few_.emplace_back(name, std::move(value));
    else
        more_.emplace(name, std::move(value));
}

Result<std::string> Interpreter::render(const Body& template_body,
                                        const std::vector<std::pair<std::string, Value>>& variables) {
    for (const auto& [name, value] : variables) root_.set(name, value);
    std::string out;
    TRY_VOID(run_body(template_body, root_, out));
    return out;
}

Result<> Interpreter::write(std::string& out, std::string_view text) {
    TRY_VOID(budget_.bytes(text.size()));
    if (out.size() + text.size() > limit_output_bytes)
        return fail(Code::too_large, "the chat template writes more than 8 MiB");
    out += text;
    return {};
}

Result<Interpreter::Flow> Interpreter::run_body(const Body& body, Scope& scope, std::string& out) {
    for (const Statement& statement : body) {
        auto flow = run(statement, scope, out);
        if (!flow) return on_line(std::move(flow).error(), statement.line);
        if (*flow != Flow::next) return *flow;
    }
    return Flow::next;
}

Result<std::string> Interpreter::run_apart(const Body& body, Scope& scope) {
    std::string out;
    TRY_VOID(run_body(body, scope, out));
    return out;
}

Result<Interpreter::Flow> Interpreter::run(const Statement& statement, Scope& scope, std::string& out) {
    TRY_VOID(budget_.step());
    const Level level(depth_);
    if (depth_ > limit_call_depth) return fail(Code::too_large, "the chat template calls itself too often");
    switch (statement.kind) {
        case Statement::Kind::text: TRY_VOID(write(out, statement.text)); break;
        case Statement::Kind::print: {
            const Value value = TRY(evaluate(*statement.expression, scope));
            if (value.is_string())
                TRY_VOID(write(out, value.text()));
            else
                TRY_VOID(write(out, TRY(to_text(value, budget_))));
            break;
        }
        case Statement::Kind::if_: return run_if(statement, scope, out);
        case Statement::Kind::for_:
            TRY_VOID(run_for(statement, TRY(evaluate(*statement.expression, scope)), scope, 1, out));
            break;
        case Statement::Kind::set: TRY_VOID(run_set(statement, scope)); break;
        case Statement::Kind::macro:
            scope.set(statement.text,
                      Value(std::make_shared<const Callable>(
                          Callable{.kind = Callable::Kind::macro, .name = statement.text, .statement = &statement})));
            break;
        case Statement::Kind::call: TRY_VOID(run_call(statement, scope, out)); break;
        case Statement::Kind::filter: {
            Scope inside(&scope);
            const Value block(TRY(run_apart(statement.body, inside)));
            TRY_VOID(write(out, TRY(to_text(TRY(evaluate_filtered(*statement.expression, block, scope)), budget_))));
            break;
        }
        case Statement::Kind::with: return run_with(statement, scope, out);
        case Statement::Kind::group: {
            Scope inside(&scope);
            return run_body(statement.body, inside, out);
        }
        case Statement::Kind::break_: return Flow::break_;
        case Statement::Kind::continue_: return Flow::continue_;
    }
    return Flow::next;
}

Result<Interpreter::Flow> Interpreter::run_if(const Statement& statement, Scope& scope, std::string& out) {
    for (const auto& [condition, body] : statement.branches)
        if (!condition || truth(TRY(evaluate(*condition, scope)))) return run_body(body, scope, out);
    return Flow::next;
}

Result<Interpreter::Flow> Interpreter::run_with(const Statement& statement, Scope& scope, std::string& out) {
    Scope inside(&scope);
    for (const auto& [target, expression] : statement.assignments)
        TRY_VOID(assign(target, TRY(evaluate(*expression, scope)), inside));
    return run_body(statement.body, inside, out);
}

// What the loop goes through once its condition has spoken: `loop.length` counts only these.
Result<Value> Interpreter::chosen_items(const Statement& statement, const Value& iterable, Scope& scope) {
    Value all = TRY(elements(iterable, budget_));
    if (!statement.condition) return all;
    std::vector<Value> chosen;
    for (const Value& item : all.list().items) {
        Scope inside(&scope);
        TRY_VOID(assign(statement.target, item, inside));
        if (truth(TRY(evaluate(*statement.condition, inside)))) chosen.push_back(item);
    }
    return make_list(std::move(chosen), ListKind::generator, budget_);
}

Result<> Interpreter::run_for(const Statement& statement, const Value& iterable, Scope& scope, std::int64_t depth,
                              std::string& out) {
    const Value chosen = TRY(chosen_items(statement, iterable, scope));
    const std::vector<Value>& items = chosen.list().items;
    if (items.empty()) {
        Scope inside(&scope);
        TRY_VOID(run_body(statement.otherwise, inside, out));
        return {};
    }
    LoopState loop{.items = &items, .depth = depth, .statement = &statement, .scope = &scope};
    for (; loop.index < items.size(); ++loop.index) {
        TRY_VOID(budget_.step());
        Scope inside(&scope);
        inside.set("loop", Value(&loop));
        TRY_VOID(assign(statement.target, items[loop.index], inside));
        if (TRY(run_body(statement.body, inside, out)) == Flow::break_) break;
    }
    return {};
}

Result<> Interpreter::run_set(const Statement& statement, Scope& scope) {
    if (!statement.recursive) return assign(statement.target, TRY(evaluate(*statement.expression, scope)), scope);
    Scope inside(&scope);
    Value block(TRY(run_apart(statement.body, inside)));
    if (statement.expression) block = TRY(evaluate_filtered(*statement.expression, block, scope));
    return assign(statement.target, std::move(block), scope);
}

Result<> Interpreter::assign(const Target& target, Value value, Scope& scope) {
    if (!target.parts.empty()) {
        const Value values = TRY(elements(value, budget_));
        const auto& items = values.list().items;
        if (items.size() != target.parts.size())
            return fail(Code::invalid,
                        std::to_string(items.size()) + " values for " + std::to_string(target.parts.size()) + " names");
        for (std::size_t i = 0; i < items.size(); ++i) TRY_VOID(assign(target.parts[i], items[i], scope));
        return {};
    }
    TRY_VOID(budget_.bytes(sizeof(Value)));
    if (target.attribute.empty()) {
        scope.set(target.name, std::move(value));
        return {};
    }
    const Value* object = scope.find(target.name);
    Mapping* space = object == nullptr ? nullptr : object->space();
    if (space == nullptr)
        return fail(Code::invalid, "'" + target.name + "' is no namespace, so its attributes cannot be set");
    // A namespace that held itself, or a block that is over, would outlive what it stands on.
    if (value.is_transient())
        return fail(Code::invalid, "a " + std::string(type_name(value)) + " cannot be kept in a namespace");
    space->set(Value(target.attribute), std::move(value));
    return {};
}

// {% call(user) list_users() %}…{% endcall %}: the macro calls what stands in the block as `caller`.
Result<> Interpreter::run_call(const Statement& statement, Scope& scope, std::string& out) {
    const Expression& call_expression = *statement.expression;
    const Value callee = TRY(evaluate(*call_expression.parts[0], scope));
    if (callee.callable() == nullptr || callee.callable()->kind != Callable::Kind::macro)
        return fail(Code::invalid, "'call' wants a macro");
    Arguments arguments = TRY(evaluate_arguments(call_expression.arguments, scope));
    arguments.named.emplace_back(
        "caller", Value(std::make_shared<const Callable>(Callable{
                      .kind = Callable::Kind::caller, .name = "caller", .statement = &statement, .frame = &scope})));
    const Value text = TRY(call(callee, arguments));
    return write(out, text.text());
}

Result<Value> Interpreter::call(const Value& callee, const Arguments& arguments) {
    if (callee.loop() != nullptr) return call_loop(*callee.loop(), "", arguments);
    const Callable* callable = callee.callable();
    if (callable == nullptr) {
        if (callee.is_undefined() && callee.undefined().why) return fail(Code::invalid, *callee.undefined().why);
        return fail(Code::invalid, "a " + std::string(type_name(callee)) + " cannot be called");
    }
    switch (callable->kind) {
        case Callable::Kind::function: return call_function(*this, callable->name, arguments);
        case Callable::Kind::method:
            if (LoopState* loop = callable->self.loop(); loop != nullptr)
                return call_loop(*loop, callable->name, arguments);
            return call_method(*this, callable->self, callable->name, arguments);
        // A macro sees what stands at the top of the template, not where it is called.
        case Callable::Kind::macro: return call_block(*callable, arguments, root_);
        case Callable::Kind::caller: return call_block(*callable, arguments, *static_cast<Scope*>(callable->frame));
    }
    std::unreachable();
}

Result<Value> Interpreter::call_block(const Callable& callable, const Arguments& arguments, Scope& outer) {
    const Statement& statement = *callable.statement;
    Scope scope(&outer);
    std::vector<Value> rest;
    for (std::size_t i = statement.parameters.size(); i < arguments.positional.size(); ++i)
        rest.push_back(arguments.positional[i]);
    Mapping more;
    for (const auto& [name, value] : arguments.named) {
        bool known = name == "caller";
        for (const Parameter& parameter : statement.parameters) known = known || parameter.name == name;
        if (name == "caller") scope.set("caller", value);
        if (!known) more.set(Value(name), value);
    }
    for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
        const Parameter& parameter = statement.parameters[i];
        const Value* given = i < arguments.positional.size() ? &arguments.positional[i] : nullptr;
        for (const auto& [name, value] : arguments.named)
            if (name == parameter.name) given = &value;
        if (given != nullptr)
            scope.set(parameter.name, *given);
        else if (parameter.otherwise)
            scope.set(parameter.name, TRY(evaluate(*parameter.otherwise, scope)));
        else
            scope.set(parameter.name, undefined("parameter '" + parameter.name + "' was not provided"));
    }
    scope.set("varargs", TRY(make_list(std::move(rest), ListKind::tuple, budget_)));
    scope.set("kwargs", TRY(make_mapping(std::move(more), budget_)));
    return make_text(TRY(run_apart(statement.body, scope)), budget_);
}

Result<Value> Interpreter::call_loop(LoopState& loop, const std::string& method, const Arguments& arguments) {
    if (method == "cycle") {
        if (arguments.positional.empty()) return fail(Code::invalid, "loop.cycle wants values");
        return arguments.positional[loop.index % arguments.positional.size()];
    }
    if (method == "changed") {
        const Value now = TRY(make_list(arguments.positional, ListKind::tuple, budget_));
        const bool same = loop.changed.is_list() && TRY(equal(loop.changed, now, budget_));
        loop.changed = now;
        return Value(!same);
    }
    if (!loop.statement->recursive) return fail(Code::invalid, "this loop is not recursive");
    const std::vector<Value> bound = TRY(arguments.bind("loop", {"iterable"}));
    std::string out;
    TRY_VOID(run_for(*loop.statement, bound[0], *loop.scope, loop.depth + 1, out));
    return make_text(std::move(out), budget_);
}

Result<Value> Interpreter::loop_attribute(const LoopState& loop, const std::string& name) {
    const auto index = static_cast<std::int64_t>(loop.index), count = static_cast<std::int64_t>(loop.items->size());
    if (name == "index") return Value(index + 1);
    if (name == "index0") return Value(index);
    if (name == "revindex") return Value(count - index);
    if (name == "revindex0") return Value(count - index - 1);
    if (name == "first") return Value(index == 0);
    if (name == "last") return Value(index == count - 1);
    if (name == "length") return Value(count);
    if (name == "depth") return Value(loop.depth);
    if (name == "depth0") return Value(loop.depth - 1);
    if (name == "previtem") return index > 0 ? (*loop.items)[loop.index - 1] : undefined("there is no previous item");
    if (name == "nextitem")
        return index + 1 < count ? (*loop.items)[loop.index + 1] : undefined("there is no next item");
    if (name == "cycle" || name == "changed")
        return Value(std::make_shared<const Callable>(
            Callable{.kind = Callable::Kind::method, .name = name, .self = Value(const_cast<LoopState*>(&loop))}));
    return undefined("'loop' has no '" + name + "'");
}

Result<Value> Interpreter::attribute(const Value& object, const std::string& name) {
    if (const LoopState* loop = object.loop(); loop != nullptr) return loop_attribute(*loop, name);
    if (const Mapping* space = object.space(); space != nullptr) {
        const Value* found = space->find(name);
        return found != nullptr ? *found : undefined("the namespace has no '" + name + "'");
    }
    if (is_method(object, name))
        return Value(
            std::make_shared<const Callable>(Callable{.kind = Callable::Kind::method, .name = name, .self = object}));
    return item_at(object, Value(name), budget_);
}

Result<Value> Interpreter::evaluate(const Expression& expression, Scope& scope) {
    TRY_VOID(budget_.step());
    const Level level(depth_);
    if (depth_ > limit_call_depth) return fail(Code::too_large, "the chat template calls itself too often");
    auto value = evaluate_kind(expression, scope);
    if (!value) return on_line(std::move(value).error(), expression.line);
    return value;
}

Result<Value> Interpreter::evaluate_kind(const Expression& expression, Scope& scope) {
    const auto& parts = expression.parts;
    switch (expression.kind) {
        case Kind::literal: return expression.value;
        case Kind::name: return evaluate_name(expression, scope);
        case Kind::list:
        case Kind::tuple:
        case Kind::dict: return evaluate_parts(expression, scope);
        case Kind::attribute: return attribute(TRY(evaluate(*parts[0], scope)), expression.text);
        case Kind::item: {
            const Value object = TRY(evaluate(*parts[0], scope)), key = TRY(evaluate(*parts[1], scope));
            return look_up(object, key, budget_);
        }
        case Kind::slice: return evaluate_slice(expression, scope);
        case Kind::call: return evaluate_call(expression, scope);
        case Kind::filter: return evaluate_filter(expression, TRY(evaluate(*parts[0], scope)), scope);
        case Kind::test: {
            const Value subject = TRY(evaluate(*parts[0], scope));
            return Value(
                TRY(call_test(*this, expression.text, subject, TRY(evaluate_arguments(expression.arguments, scope)))));
        }
        case Kind::negation: return negated(TRY(evaluate(*parts[0], scope)));
        case Kind::positive: return arithmetic("+", Value(std::int64_t{0}), TRY(evaluate(*parts[0], scope)), budget_);
        case Kind::not_: return Value(!truth(TRY(evaluate(*parts[0], scope))));
        case Kind::and_: {
            Value left = TRY(evaluate(*parts[0], scope));
            return truth(left) ? evaluate(*parts[1], scope) : std::move(left);
        }
        case Kind::or_: {
            Value left = TRY(evaluate(*parts[0], scope));
            return truth(left) ? std::move(left) : evaluate(*parts[1], scope);
        }
        case Kind::binary: {
            const Value left = TRY(evaluate(*parts[0], scope)), right = TRY(evaluate(*parts[1], scope));
            return arithmetic(expression.text, left, right, budget_);
        }
        case Kind::comparison: return evaluate_comparison(expression, scope);
        case Kind::conditional:
            if (truth(TRY(evaluate(*parts[1], scope)))) return evaluate(*parts[0], scope);
            return parts[2] ? evaluate(*parts[2], scope) : undefined("a condition was false and there is no 'else'");
    }
    std::unreachable();
}

Result<Value> Interpreter::evaluate_name(const Expression& expression, Scope& scope) {
    if (const Value* found = scope.find(expression.text); found != nullptr) return *found;
    if (is_function(expression.text))
        return Value(
            std::make_shared<const Callable>(Callable{.kind = Callable::Kind::function, .name = expression.text}));
    return undefined("'" + expression.text + "' is undefined");
}

Result<Value> Interpreter::evaluate_parts(const Expression& expression, Scope& scope) {
    if (expression.kind == Kind::dict) {
        Mapping mapping;
        for (std::size_t i = 0; i < expression.parts.size(); i += 2) {
            Value key = TRY(evaluate(*expression.parts[i], scope));
            mapping.set(std::move(key), TRY(evaluate(*expression.parts[i + 1], scope)));
        }
        return make_mapping(std::move(mapping), budget_);
    }
    std::vector<Value> items;
    for (const ExpressionPtr& part : expression.parts) items.push_back(TRY(evaluate(*part, scope)));
    return make_list(std::move(items), expression.kind == Kind::list ? ListKind::list : ListKind::tuple, budget_);
}

Result<Value> Interpreter::evaluate_comparison(const Expression& expression, Scope& scope) {
    Value left = TRY(evaluate(*expression.parts[0], scope));
    for (std::size_t i = 0; i < expression.operators.size(); ++i) {
        const std::string& op = expression.operators[i];
        Value right = TRY(evaluate(*expression.parts[i + 1], scope));
        bool holds = false;
        if (op == "==" || op == "!=")
            holds = TRY(equal(left, right, budget_)) == (op == "==");
        else if (op == "in" || op == "not in")
            holds = TRY(contains(right, left, budget_)) == (op == "in");
        else {
            const int order = TRY(compare(left, right, budget_));
            holds = op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
        }
        if (!holds) return Value(false);
        left = std::move(right);
    }
    return Value(true);
}

Result<Value> Interpreter::evaluate_slice(const Expression& expression, Scope& scope) {
    const Value object = TRY(evaluate(*expression.parts[0], scope));
    std::vector<Value> bounds(3);
    for (std::size_t i = 0; i < bounds.size(); ++i)
        if (expression.parts[i + 1]) bounds[i] = TRY(evaluate(*expression.parts[i + 1], scope));
    return slice(object, bounds[0], bounds[1], bounds[2], budget_);
}

Result<Value> Interpreter::evaluate_filter(const Expression& expression, Value subject, Scope& scope) {
    return call_filter(*this, expression.text, subject, TRY(evaluate_arguments(expression.arguments, scope)));
}

// The filters of a block: the innermost one is given the block's text.
Result<Value> Interpreter::evaluate_filtered(const Expression& expression, const Value& block, Scope& scope) {
    const Level level(depth_);
    if (depth_ > limit_call_depth) return fail(Code::too_large, "the chat template calls itself too often");
    if (expression.kind != Kind::filter) return fail(Code::invalid, "a block takes filters only");
    if (!expression.parts[0]) return evaluate_filter(expression, block, scope);
    return evaluate_filter(expression, TRY(evaluate_filtered(*expression.parts[0], block, scope)), scope);
}

Result<Arguments> Interpreter::evaluate_arguments(const std::vector<Argument>& arguments, Scope& scope) {
    Arguments out;
    for (const Argument& argument : arguments) {
        Value value = TRY(evaluate(*argument.value, scope));
        switch (argument.kind) {
            case Argument::Kind::positional: out.positional.push_back(std::move(value)); break;
            case Argument::Kind::named: out.named.emplace_back(argument.name, std::move(value)); break;
            case Argument::Kind::spread: {
                const Value all = TRY(elements(value, budget_));
                TRY_VOID(budget_.bytes(all.list().items.size() * sizeof(Value)));
                out.positional.append_range(all.list().items);
                break;
            }
            case Argument::Kind::spread_named:
                if (!value.is_mapping()) return fail(Code::invalid, "'**' wants a dict");
                for (const auto& [key, held] : value.mapping().entries()) {
                    TRY_VOID(budget_.step());
                    out.named.emplace_back(TRY(to_text(key, budget_)), held);
                }
                break;
        }
    }
    return out;
}

Result<Value> Interpreter::evaluate_call(const Expression& expression, Scope& scope) {
    const Value callee = TRY(evaluate(*expression.parts[0], scope));
    return call(callee, TRY(evaluate_arguments(expression.arguments, scope)));
}

}  // namespace lar::inference::jinja
