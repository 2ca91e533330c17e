// Tokens → tree, by recursive descent. The order of precedence is Jinja's own, which differs from Python's: a test
// ("is defined") and a filter bind to what stands right before them, and "~" binds tighter than "+".
#include <algorithm>
#include <array>
#include <charconv>

#include "inference/jinja_syntax.h"

namespace lar::inference::jinja {
namespace {

using Kind = Expression::Kind;

class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Result<Body> run() {
        Body body = TRY(parse_body({}));
        if (now().kind != Token::Kind::end) return wrong("'" + tokens_[at_ + 1].text + "' ends nothing");
        return body;
    }

private:
    // One level of recursion, for as long as it lives.
    class Level {
    public:
        explicit Level(std::uint32_t& depth) : depth_(depth) { ++depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        ~Level() { --depth_; }

    private:
        std::uint32_t& depth_;
    };

    const Token& now() const { return tokens_[at_]; }
    const Token& after() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
    std::unexpected<Error> wrong(std::string_view why) const {
        return fail(Code::invalid, "line " + std::to_string(now().line) + ": " + std::string(why));
    }
    std::unexpected<Error> expected(std::string_view what) const {
        const std::string there = now().text.empty() ? "the end of the tag" : "'" + now().text + "'";
        return wrong(std::string(what) + " was expected, not " + there);
    }
    Result<> not_too_deep() const {
        if (depth_ > limit_nesting)
            return fail(Code::too_large, "line " + std::to_string(now().line) + ": nested too deeply");
        return {};
    }
    bool sees(std::string_view symbol) const { return now().kind == Token::Kind::symbol && now().text == symbol; }
    bool sees_name(std::string_view name) const { return now().kind == Token::Kind::name && now().text == name; }
    bool take(std::string_view symbol) { return sees(symbol) && ++at_ != 0; }
    bool take_name(std::string_view name) { return sees_name(name) && ++at_ != 0; }
    Result<> need(std::string_view symbol) {
        if (!take(symbol)) return expected("'" + std::string(symbol) + "'");
        return {};
    }
    Result<std::string> need_name() {
        if (now().kind != Token::Kind::name) return expected("a name");
        return tokens_[at_++].text;
    }

    ExpressionPtr node(Kind kind, std::string text = {}) const {
        auto out = std::make_unique<Expression>();
        out->kind = kind;
        out->line = now().line;
        out->text = std::move(text);
        return out;
    }
    Result<> adopt(Expression& parent, ExpressionPtr part) const {
        if (part) parent.depth = std::max(parent.depth, part->depth + 1);
        if (parent.depth > limit_expression_depth)
            return fail(Code::too_large, "line " + std::to_string(parent.line) + ": an expression is too long");
        parent.parts.push_back(std::move(part));
        return {};
    }
    Result<ExpressionPtr> around(Kind kind, std::string text, ExpressionPtr left, ExpressionPtr right = nullptr) const {
        ExpressionPtr out = node(kind, std::move(text));
        TRY_VOID(adopt(*out, std::move(left)));
        if (right) TRY_VOID(adopt(*out, std::move(right)));
        return out;
    }

    // ---- expressions, loosest first

    Result<ExpressionPtr> parse_expression() {
        const Level level(depth_);
        TRY_VOID(not_too_deep());
        ExpressionPtr value = TRY(parse_or());
        while (take_name("if")) {
            ExpressionPtr condition = TRY(parse_or());
            ExpressionPtr otherwise;
            if (take_name("else")) otherwise = TRY(parse_expression());
            ExpressionPtr whole = TRY(around(Kind::conditional, {}, std::move(value), std::move(condition)));
            TRY_VOID(adopt(*whole, std::move(otherwise)));
            value = std::move(whole);
        }
        return value;
    }

    Result<ExpressionPtr> parse_or() {
        ExpressionPtr left = TRY(parse_and());
        while (take_name("or")) left = TRY(around(Kind::or_, {}, std::move(left), TRY(parse_and())));
        return left;
    }

    Result<ExpressionPtr> parse_and() {
        ExpressionPtr left = TRY(parse_not());
        while (take_name("and")) left = TRY(around(Kind::and_, {}, std::move(left), TRY(parse_not())));
        return left;
    }

    Result<ExpressionPtr> parse_not() {
        if (!take_name("not")) return parse_comparison();
        const Level level(depth_);
        TRY_VOID(not_too_deep());
        return around(Kind::not_, {}, TRY(parse_not()));
    }

    Result<ExpressionPtr> parse_comparison() {
        static constexpr std::array symbols{"==", "!=", "<", "<=", ">", ">="};
        ExpressionPtr first = TRY(parse_sum());
        ExpressionPtr whole;
        for (;;) {
            std::string op;
            if (now().kind == Token::Kind::symbol && std::ranges::contains(symbols, now().text))
                op = now().text;
            else if (sees_name("in"))
                op = "in";
            else if (sees_name("not") && after().kind == Token::Kind::name && after().text == "in")
                op = "not in";
            if (op.empty()) break;
            at_ += op == "not in" ? 2U : 1U;
            if (!whole) whole = TRY(around(Kind::comparison, {}, std::move(first)));
            whole->operators.push_back(op);
            TRY_VOID(adopt(*whole, TRY(parse_sum())));
        }
        return whole ? std::move(whole) : std::move(first);
    }

    using Below = Result<ExpressionPtr> (Parser::*)();
    Result<ExpressionPtr> parse_binary(std::initializer_list<std::string_view> operators, Below below) {
        ExpressionPtr left = TRY((this->*below)());
        while (now().kind == Token::Kind::symbol && std::ranges::contains(operators, std::string_view(now().text))) {
            std::string op = tokens_[at_++].text;
            left = TRY(around(Kind::binary, std::move(op), std::move(left), TRY((this->*below)())));
        }
        return left;
    }
    Result<ExpressionPtr> parse_sum() { return parse_binary({"+", "-"}, &Parser::parse_concatenation); }
    Result<ExpressionPtr> parse_concatenation() { return parse_binary({"~"}, &Parser::parse_product); }
    Result<ExpressionPtr> parse_product() { return parse_binary({"*", "/", "//", "%"}, &Parser::parse_power); }
    Result<ExpressionPtr> parse_power() { return parse_binary({"**"}, &Parser::parse_unary); }

    Result<ExpressionPtr> parse_unary() { return parse_signed(true); }
    Result<ExpressionPtr> parse_signed(bool with_filters) {
        ExpressionPtr value;
        if (sees("-") || sees("+")) {
            const Level level(depth_);
            TRY_VOID(not_too_deep());
            const Kind kind = tokens_[at_++].text == "-" ? Kind::negation : Kind::positive;
            value = TRY(around(kind, {}, TRY(parse_signed(false))));
        } else {
            value = TRY(parse_postfix(TRY(parse_primary())));
        }
        return with_filters ? parse_filters(std::move(value)) : std::move(value);
    }

    Result<ExpressionPtr> parse_primary() {
        const Token& token = now();
        switch (token.kind) {
            case Token::Kind::name: return parse_word();
            case Token::Kind::string: {
                ExpressionPtr out = node(Kind::literal);
                std::string text;
                while (now().kind == Token::Kind::string) text += tokens_[at_++].text;
                out->value = Value(std::move(text));
                return out;
            }
            case Token::Kind::integer:
            case Token::Kind::real: return parse_number();
            default: break;
        }
        if (take("(")) return parse_parentheses();
        if (take("[")) return parse_sequence(Kind::list, "]");
        if (take("{")) return parse_dict();
        return expected("a value");
    }

    Result<ExpressionPtr> parse_word() {
        ExpressionPtr out = node(Kind::literal);
        std::string word = tokens_[at_++].text;
        if (word == "true" || word == "True")
            out->value = Value(true);
        else if (word == "false" || word == "False")
            out->value = Value(false);
        else if (word == "none" || word == "None")
            out->value = Value(None{});
        else {
            static constexpr std::array reserved{"if", "else", "elif", "for", "in", "is", "and", "or", "not"};
            if (std::ranges::contains(reserved, word)) return --at_, expected("a value");
            out->kind = Kind::name;
            out->text = std::move(word);
        }
        return out;
    }

    Result<ExpressionPtr> parse_number() {
        ExpressionPtr out = node(Kind::literal);
        const std::string& text = now().text;
        const char* const end = text.data() + text.size();
        std::int64_t integer = 0;
        double real = 0;
        const bool whole = now().kind == Token::Kind::integer;
        const auto [stop, error] =
            whole ? std::from_chars(text.data(), end, integer) : std::from_chars(text.data(), end, real);
        if (error != std::errc() || stop != end) return wrong("a number that cannot be read");
        out->value = whole ? Value(integer) : Value(real);
        ++at_;
        return out;
    }

    // After "(": what is in parentheses, or a tuple.
    Result<ExpressionPtr> parse_parentheses() {
        if (take(")")) return node(Kind::tuple);
        ExpressionPtr first = TRY(parse_expression());
        if (take(")")) return first;
        ExpressionPtr tuple = TRY(around(Kind::tuple, {}, std::move(first)));
        while (take(",") && !sees(")")) TRY_VOID(adopt(*tuple, TRY(parse_expression())));
        TRY_VOID(need(")"));
        return tuple;
    }

    Result<ExpressionPtr> parse_sequence(Kind kind, std::string_view close) {
        ExpressionPtr out = node(kind);
        while (!sees(close)) {
            TRY_VOID(adopt(*out, TRY(parse_expression())));
            if (!take(",")) break;
        }
        TRY_VOID(need(close));
        return out;
    }

    Result<ExpressionPtr> parse_dict() {
        ExpressionPtr out = node(Kind::dict);
        while (!sees("}")) {
            TRY_VOID(adopt(*out, TRY(parse_expression())));
            TRY_VOID(need(":"));
            TRY_VOID(adopt(*out, TRY(parse_expression())));
            if (!take(",")) break;
        }
        TRY_VOID(need("}"));
        return out;
    }

    // "a, b" without parentheses, where Jinja takes a tuple.
    Result<ExpressionPtr> parse_open_tuple(bool conditional) {
        ExpressionPtr first = TRY(conditional ? parse_expression() : parse_or());
        if (!sees(",")) return first;
        ExpressionPtr tuple = TRY(around(Kind::tuple, {}, std::move(first)));
        while (take(",")) {
            if (now().kind == Token::Kind::block_end || now().kind == Token::Kind::print_end) break;
            TRY_VOID(adopt(*tuple, TRY(conditional ? parse_expression() : parse_or())));
        }
        return tuple;
    }

    Result<ExpressionPtr> parse_postfix(ExpressionPtr value) {
        for (;;) {
            if (take(".")) {
                if (now().kind == Token::Kind::integer) {
                    ExpressionPtr index = TRY(parse_number());
                    value = TRY(around(Kind::item, {}, std::move(value), std::move(index)));
                } else {
                    std::string name = TRY(need_name());
                    value = TRY(around(Kind::attribute, std::move(name), std::move(value)));
                }
            } else if (take("[")) {
                value = TRY(parse_subscript(std::move(value)));
            } else if (sees("(")) {
                value = TRY(around(Kind::call, {}, std::move(value)));
                TRY_VOID(parse_arguments(*value));
            } else {
                return value;
            }
        }
    }

    // After "[".
    Result<ExpressionPtr> parse_subscript(ExpressionPtr value) {
        ExpressionPtr out = TRY(around(Kind::item, {}, std::move(value)));
        for (int place = 0; place < 3; ++place) {
            const bool empty = sees(":") || sees("]");
            TRY_VOID(adopt(*out, empty ? nullptr : TRY(parse_expression())));
            if (!take(":")) break;
            out->kind = Kind::slice;
        }
        TRY_VOID(need("]"));
        if (out->kind == Kind::item && !out->parts[1]) return wrong("an index is missing");
        while (out->kind == Kind::slice && out->parts.size() < 4) out->parts.push_back(nullptr);
        return out;
    }

    Result<> parse_arguments(Expression& call) {
        TRY_VOID(need("("));
        while (!sees(")")) {
            Argument argument;
            if (take("**"))
                argument.kind = Argument::Kind::spread_named;
            else if (take("*"))
                argument.kind = Argument::Kind::spread;
            else if (now().kind == Token::Kind::name && after().kind == Token::Kind::symbol && after().text == "=") {
                argument.kind = Argument::Kind::named;
                argument.name = now().text;
                at_ += 2;
            }
            argument.value = TRY(parse_expression());
            call.depth = std::max(call.depth, argument.value->depth + 1);
            if (call.depth > limit_expression_depth)
                return fail(Code::too_large, "line " + std::to_string(call.line) + ": an expression is too long");
            call.arguments.push_back(std::move(argument));
            if (!take(",")) break;
        }
        return need(")");
    }

    Result<ExpressionPtr> parse_filters(ExpressionPtr value) {
        for (;;) {
            if (take("|")) {
                std::string name = TRY(need_name());
                value = TRY(around(Kind::filter, std::move(name), std::move(value)));
                if (sees("(")) TRY_VOID(parse_arguments(*value));
            } else if (take_name("is")) {
                value = TRY(parse_test(std::move(value)));
            } else if (sees("(")) {
                value = TRY(around(Kind::call, {}, std::move(value)));
                TRY_VOID(parse_arguments(*value));
            } else {
                return value;
            }
        }
    }

    Result<ExpressionPtr> parse_test(ExpressionPtr value) {
        const bool negated = take_name("not");
        std::string name = TRY(need_name());
        ExpressionPtr test = TRY(around(Kind::test, std::move(name), std::move(value)));
        static constexpr std::array ends{"else", "or", "and", "is", "if", "in", "not"};
        const bool word = now().kind == Token::Kind::name && !std::ranges::contains(ends, now().text);
        const bool constant =
            now().kind == Token::Kind::string || now().kind == Token::Kind::integer || now().kind == Token::Kind::real;
        if (sees("(")) {
            TRY_VOID(parse_arguments(*test));
        } else if (word || constant || sees("[") || sees("{")) {
            Argument argument;
            argument.value = TRY(parse_postfix(TRY(parse_primary())));
            test->arguments.push_back(std::move(argument));
        }
        if (!negated) return test;
        return around(Kind::not_, {}, std::move(test));
    }

    // ---- statements

    // Up to the block whose name is one of the ends, with the name next; without ends, to the end of the template.
    Result<Body> parse_body(std::initializer_list<std::string_view> ends) {
        const Level level(depth_);
        TRY_VOID(not_too_deep());
        Body body;
        while (now().kind != Token::Kind::end) {
            if (now().kind == Token::Kind::text) {
                Statement& text = body.emplace_back();
                text.line = now().line;
                text.text = std::move(tokens_[at_++].text);
            } else if (now().kind == Token::Kind::print_begin) {
                Statement& print = begin(body, Statement::Kind::print);
                ++at_;
                print.expression = TRY(parse_open_tuple(true));
                if (now().kind != Token::Kind::print_end) return expected("'}}'");
                ++at_;
            } else {
                if (std::ranges::contains(ends, std::string_view(after().text))) {
                    ++at_;
                    return body;
                }
                if (ends.size() == 0 && after().text.starts_with("end")) return body;
                ++at_;
                TRY_VOID(parse_block(body));
            }
        }
        if (ends.size() > 0) return wrong("'" + std::string(*(ends.end() - 1)) + "' is missing");
        return body;
    }

    Statement& begin(Body& body, Statement::Kind kind) const {
        Statement& statement = body.emplace_back();
        statement.kind = kind;
        statement.line = now().line;
        return statement;
    }
    Result<> end_block() {
        if (now().kind != Token::Kind::block_end) return expected("'%}'");
        ++at_;
        return {};
    }
    Result<> end_block(std::string_view name) {
        if (!take_name(name)) return expected("'" + std::string(name) + "'");
        return end_block();
    }

    Result<> parse_block(Body& body) {
        const std::string word = TRY(need_name());
        if (word == "if") return parse_if(body);
        if (word == "for") return parse_for(body);
        if (word == "set") return parse_set(body);
        if (word == "macro") return parse_macro(body);
        if (word == "call") return parse_call(body);
        if (word == "with") return parse_with(body);
        if (word == "filter") {
            Statement& statement = begin(body, Statement::Kind::filter);
            statement.expression = TRY(parse_block_filter());
            TRY_VOID(end_block());
            statement.body = TRY(parse_body({"endfilter"}));
            return end_block("endfilter");
        }
        if (word == "generation") {  // marks what a model wrote, for training
            Statement& statement = begin(body, Statement::Kind::group);
            TRY_VOID(end_block());
            statement.body = TRY(parse_body({"endgeneration"}));
            return end_block("endgeneration");
        }
        if (word == "break" || word == "continue") {
            if (loops_ == 0) return wrong("'" + word + "' outside of a loop");
            begin(body, word == "break" ? Statement::Kind::break_ : Statement::Kind::continue_);
            return end_block();
        }
        return wrong("a block that is not known here: '" + word + "'");
    }

    Result<> parse_if(Body& body) {
        Statement& statement = begin(body, Statement::Kind::if_);
        for (;;) {
            ExpressionPtr condition = TRY(parse_open_tuple(true));
            TRY_VOID(end_block());
            Body branch = TRY(parse_body({"elif", "else", "endif"}));
            statement.branches.emplace_back(std::move(condition), std::move(branch));
            if (!take_name("elif")) break;
        }
        if (take_name("else")) {
            TRY_VOID(end_block());
            Body branch = TRY(parse_body({"endif"}));
            statement.branches.emplace_back(nullptr, std::move(branch));
        }
        return end_block("endif");
    }

    Result<> parse_for(Body& body) {
        Statement& statement = begin(body, Statement::Kind::for_);
        statement.target = TRY(parse_target());
        if (!take_name("in")) return expected("'in'");
        statement.expression = TRY(parse_open_tuple(false));
        if (take_name("if")) statement.condition = TRY(parse_expression());
        statement.recursive = take_name("recursive");
        TRY_VOID(end_block());
        ++loops_;
        statement.body = TRY(parse_body({"else", "endfor"}));
        --loops_;
        if (take_name("else")) {
            TRY_VOID(end_block());
            statement.otherwise = TRY(parse_body({"endfor"}));
        }
        return end_block("endfor");
    }

    Result<Target> parse_target() {
        const Level level(depth_);
        TRY_VOID(not_too_deep());
        Target first = TRY(parse_one_target());
        if (!sees(",")) return first;
        Target all;
        all.parts.push_back(std::move(first));
        while (take(",")) {
            if (now().kind != Token::Kind::name && !sees("(")) break;
            if (sees_name("in")) break;
            all.parts.push_back(TRY(parse_one_target()));
        }
        return all;
    }
    Result<Target> parse_one_target() {
        if (take("(")) {
            Target inside = TRY(parse_target());
            TRY_VOID(need(")"));
            return inside;
        }
        Target target;
        target.name = TRY(need_name());
        if (take(".")) target.attribute = TRY(need_name());
        return target;
    }

    Result<> parse_set(Body& body) {
        Statement& statement = begin(body, Statement::Kind::set);
        statement.target = TRY(parse_target());
        if (take("=")) {
            statement.expression = TRY(parse_open_tuple(true));
            return end_block();
        }
        if (sees("|")) {
            ++at_;
            statement.expression = TRY(parse_block_filter());
        }
        TRY_VOID(end_block());
        statement.kind = Statement::Kind::set;
        statement.recursive = true;  // of a set: its value is its body
        statement.body = TRY(parse_body({"endset"}));
        return end_block("endset");
    }

    // "upper|indent(2)": filters whose value comes from a block.
    Result<ExpressionPtr> parse_block_filter() {
        std::string name = TRY(need_name());
        ExpressionPtr filter = node(Kind::filter, std::move(name));
        filter->parts.push_back(nullptr);
        if (sees("(")) TRY_VOID(parse_arguments(*filter));
        return parse_filters(std::move(filter));
    }

    Result<std::vector<Parameter>> parse_parameters() {
        std::vector<Parameter> out;
        TRY_VOID(need("("));
        while (!sees(")")) {
            Parameter& parameter = out.emplace_back();
            parameter.name = TRY(need_name());
            if (take("=")) parameter.otherwise = TRY(parse_expression());
            if (!take(",")) break;
        }
        TRY_VOID(need(")"));
        return out;
    }

    Result<> parse_macro(Body& body) {
        Statement& statement = begin(body, Statement::Kind::macro);
        statement.text = TRY(need_name());
        statement.parameters = TRY(parse_parameters());
        TRY_VOID(end_block());
        const std::uint32_t outer = std::exchange(loops_, 0);
        statement.body = TRY(parse_body({"endmacro"}));
        loops_ = outer;
        return end_block("endmacro");
    }

    Result<> parse_call(Body& body) {
        Statement& statement = begin(body, Statement::Kind::call);
        if (sees("(")) statement.parameters = TRY(parse_parameters());
        statement.expression = TRY(parse_expression());
        if (statement.expression->kind != Kind::call) return wrong("'call' wants a call");
        TRY_VOID(end_block());
        const std::uint32_t outer = std::exchange(loops_, 0);
        statement.body = TRY(parse_body({"endcall"}));
        loops_ = outer;
        return end_block("endcall");
    }

    Result<> parse_with(Body& body) {
        Statement& statement = begin(body, Statement::Kind::with);
        while (now().kind != Token::Kind::block_end) {
            Target target = TRY(parse_one_target());
            TRY_VOID(need("="));
            statement.assignments.emplace_back(std::move(target), TRY(parse_expression()));
            if (!take(",")) break;
        }
        TRY_VOID(end_block());
        statement.body = TRY(parse_body({"endwith"}));
        return end_block("endwith");
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::uint32_t depth_ = 0, loops_ = 0;
};

}  // namespace

Result<Body> parse(std::string_view source) { return Parser(TRY(tokens_of(source))).run(); }

}  // namespace lar::inference::jinja
