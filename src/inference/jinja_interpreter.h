// Runs a template's tree: one rendering, one Interpreter, one Budget.
//
//   Result<std::string> text = Interpreter(budget, now).render(tree, variables);
//
// Functions, filters, tests and methods are those of Jinja and of Python that templates of models use
// (jinja_builtins.cpp); what a template changes in place in Python, a list or a dict, is refused as
// Hugging Face's sandbox refuses it. A failure carries the line it happened on. raise_exception is
// invalid, with the template's own words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "inference/jinja_syntax.h"
#include "inference/jinja_value.h"

namespace lar::inference::jinja {

inline constexpr std::size_t limit_output_bytes = 8 * 1024 * 1024;
inline constexpr std::uint32_t limit_call_depth = 400;  // expressions and statements under way at a time
inline constexpr std::int64_t limit_range = 100'000;    // Jinja's sandbox has the same

// Names and what they stand for; looked up outwards. A name is the tree's own or the caller's and outlives the scope.
// Most scopes are a turn of a loop and hold two or three, so the first few are looked for one by one.
class Scope {
public:
    explicit Scope(Scope* outer) : outer_(outer) {}
    const Value* find(std::string_view name) const;
    void set(std::string_view name, Value value);

private:
    const Value* own(std::string_view name) const;
    Scope* outer_;
    std::vector<std::pair<std::string_view, Value>> few_;
    std::unordered_map<std::string_view, Value> more_;
};

// What `loop` is, inside a loop.
struct LoopState {
    const std::vector<Value>* items = nullptr;
    std::size_t index = 0;
    std::int64_t depth = 1;
    const Statement* statement = nullptr;
    Scope* scope = nullptr;  // around the loop
    Value changed;           // what loop.changed() was last given
};

class Interpreter {
public:
    Interpreter(Budget& budget, Timestamp now) : budget_(budget), now_(now), root_(nullptr) {}
    Result<std::string> render(const Body& template_body, const std::vector<std::pair<std::string, Value>>& variables);

    // For the builtins.
    Budget& budget() { return budget_; }
    Timestamp now() const { return now_; }
    Result<Value> call(const Value& callee, const Arguments& arguments);

private:
    enum class Flow : std::uint8_t { next, break_, continue_ };
    class Level;

    Result<Flow> run_body(const Body& body, Scope& scope, std::string& out);
    Result<Flow> run(const Statement& statement, Scope& scope, std::string& out);
    Result<Flow> run_if(const Statement& statement, Scope& scope, std::string& out);
    Result<> run_for(const Statement& statement, const Value& iterable, Scope& scope, std::int64_t depth,
                     std::string& out);
    Result<Value> chosen_items(const Statement& statement, const Value& iterable, Scope& scope);
    Result<> run_set(const Statement& statement, Scope& scope);
    Result<> run_call(const Statement& statement, Scope& scope, std::string& out);
    Result<Flow> run_with(const Statement& statement, Scope& scope, std::string& out);
    Result<std::string> run_apart(const Body& body, Scope& scope);  // what it prints, as a text
    Result<> write(std::string& out, std::string_view text);
    Result<> assign(const Target& target, Value value, Scope& scope);

    Result<Value> evaluate(const Expression& expression, Scope& scope);
    Result<Value> evaluate_kind(const Expression& expression, Scope& scope);
    Result<Value> evaluate_parts(const Expression& expression, Scope& scope);
    Result<Value> evaluate_name(const Expression& expression, Scope& scope);
    Result<Value> evaluate_comparison(const Expression& expression, Scope& scope);
    Result<Value> evaluate_slice(const Expression& expression, Scope& scope);
    Result<Value> evaluate_filter(const Expression& expression, Value subject, Scope& scope);
    Result<Value> evaluate_filtered(const Expression& expression, const Value& block, Scope& scope);
    Result<Value> evaluate_call(const Expression& expression, Scope& scope);
    Result<Arguments> evaluate_arguments(const std::vector<Argument>& arguments, Scope& scope);
    Result<Value> attribute(const Value& object, const std::string& name);
    Result<Value> loop_attribute(const LoopState& loop, const std::string& name);
    Result<Value> call_block(const Callable& callable, const Arguments& arguments, Scope& outer);
    Result<Value> call_loop(LoopState& loop, const std::string& method, const Arguments& arguments);

    Budget& budget_;
    Timestamp now_;
    Scope root_;
    std::uint32_t depth_ = 0;
};

// jinja_builtins.cpp and jinja_methods.cpp.
bool is_function(std::string_view name);
bool is_filter(std::string_view name);
bool is_test(std::string_view name);
bool is_method(const Value& object, std::string_view name);
Result<Value> call_function(Interpreter& interpreter, std::string_view name, const Arguments& arguments);
Result<Value> call_filter(Interpreter& interpreter, std::string_view name, const Value& subject,
                          const Arguments& arguments);
Result<bool> call_test(Interpreter& interpreter, std::string_view name, const Value& subject,
                       const Arguments& arguments);
Result<Value> call_method(Interpreter& interpreter, const Value& object, std::string_view name,
                          const Arguments& arguments);
// strftime, for a format of our own.
std::string date_text(Timestamp time, std::string_view format);
// The item or the attribute of that name or index; "a.b" goes through both.
Result<Value> look_up(const Value& object, const Value& path, Budget& budget);

}  // namespace lar::inference::jinja
