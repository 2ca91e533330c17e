// A chat template taken apart: what Jinja 2 calls its syntax tree, as far as templates of models use the language.
//
// parse() reads what Hugging Face's own renderer reads: trim_blocks and lstrip_blocks on, the last newline gone,
// break and continue known. Templates that import, include or extend others are refused, as there are none, and so
// is what is nested too deeply: the tree is walked by recursion, and it comes out of a stranger's file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "inference/jinja_value.h"

namespace lar::inference::jinja {

inline constexpr std::size_t limit_template_bytes = 512 * 1024;
inline constexpr std::uint32_t limit_nesting = 64;            // brackets in brackets, blocks in blocks
inline constexpr std::uint32_t limit_expression_depth = 128;  // of a + b + c + …

struct Token {
    enum class Kind : std::uint8_t {
        text,
        print_begin,
        print_end,
        block_begin,
        block_end,
        name,
        string,
        integer,
        real,
        symbol,
        end,
    };
    Kind kind = Kind::end;
    std::string text;
    std::uint32_t line = 1;
};
Result<std::vector<Token>> tokens_of(std::string_view source);

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Argument {
    enum class Kind : std::uint8_t { positional, named, spread, spread_named };
    Kind kind = Kind::positional;
    std::string name;
    ExpressionPtr value;
};

struct Expression {
    enum class Kind : std::uint8_t {
        literal,  // value
        name,     // text
        list,
        tuple,      // parts
        dict,       // parts: key, value, key, value, …
        attribute,  // parts[0] . text
        item,       // parts[0] [ parts[1] ]
        slice,      // parts[0] [ parts[1] : parts[2] : parts[3] ], the last three may be null
        call,       // parts[0] ( arguments )
        filter,     // parts[0] | text ( arguments ); null in a {% filter %} block
        test,       // parts[0] is text ( arguments )
        negation,
        positive,
        not_,  // parts[0]
        and_,
        or_,          // parts[0], parts[1]
        binary,       // parts[0] text parts[1]
        comparison,   // parts[0] operators[0] parts[1] operators[1] parts[2] …
        conditional,  // parts[0] if parts[1] else parts[2], the last may be null
    };
    Kind kind = Kind::literal;
    std::uint32_t line = 1, depth = 1;
    std::string text;
    Value value;
    std::vector<ExpressionPtr> parts;
    std::vector<std::string> operators;
    std::vector<Argument> arguments;
};

// What a value is assigned to: a name, an attribute of a namespace, or several of these.
struct Target {
    std::string name, attribute;
    std::vector<Target> parts;
};

struct Parameter {
    std::string name;
    ExpressionPtr otherwise;  // null: none
};

struct Statement;
using Body = std::vector<Statement>;

struct Statement {
    enum class Kind : std::uint8_t {
        text,    // text
        print,   // expression
        if_,     // branches; a branch without a condition is the else
        for_,    // target in expression if condition: body, otherwise
        set,     // target = expression, or body through expression's filters
        macro,   // text ( parameters ): body
        call,    // expression with body as caller ( parameters )
        filter,  // body through expression
        with,    // assignments: body
        group,   // body, in a scope of its own
        break_,
        continue_,
    };
    Kind kind = Kind::text;
    std::uint32_t line = 1;
    std::string text;
    ExpressionPtr expression, condition;
    Target target;
    bool recursive = false;
    std::vector<std::pair<ExpressionPtr, Body>> branches;
    std::vector<std::pair<Target, ExpressionPtr>> assignments;
    std::vector<Parameter> parameters;
    Body body, otherwise;
};

Result<Body> parse(std::string_view source);

}  // namespace lar::inference::jinja
