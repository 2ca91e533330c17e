#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "inference/jinja_interpreter.h"
#include "inference/jinja_syntax.h"
#include "inference/jinja_value.h"

namespace lar::inference::jinja {
namespace {

constexpr Timestamp january{.us = 1'768'478'400'000'000};  // 2026-01-15T12:00:00Z

Result<std::string> rendered(std::string_view source, std::string_view variables = "{}") {
    const Body body = TRY(parse(source));
    Budget budget;
    const Value values = TRY(from_json(variables, "variables", budget));
    std::vector<std::pair<std::string, Value>> named;
    for (const auto& [name, value] : values.mapping().entries()) named.emplace_back(name.text(), value);
    return Interpreter(budget, january).render(body, named);
}

// The text, or the error's sentence after "!".
std::string shown(std::string_view source, std::string_view variables = "{}") {
    auto text = rendered(source, variables);
    return text ? *std::move(text) : "!" + text.error().message;
}
Code code_of(std::string_view source, std::string_view variables = "{}") {
    const auto text = rendered(source, variables);
    EXPECT_FALSE(text) << source;
    return text ? Code::internal : text.error().code;
}

TEST(Jinja, WhiteSpaceAroundBlocksGoesAsTrimAndLstripSay) {
    EXPECT_EQ(shown("a\n  {% if true %}\nb\n  {% endif %}\nc\n"), "a\nb\nc");
    EXPECT_EQ(shown("a  {%- if true -%}  b  {%- endif -%}  c"), "abc");
    EXPECT_EQ(shown("  {{ 1 }}\n  {#- x -#}  y"), "  1y");
    EXPECT_EQ(shown("a\n  {%+ if true %}b{% endif +%}\nc"), "a\n  b\nc");
    EXPECT_EQ(shown("{# one #}\n{# two #}\nx\r\ny\n\n"), "x\ny\n");
    EXPECT_EQ(shown("{% raw %}{{ x }}{% endraw %}"), "{{ x }}");
}

TEST(Jinja, OperatorsBindAsInJinja) {
    EXPECT_EQ(shown("{{ 1 + 2 * 3 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }}"), "19 3 -4 2 3.5");
    EXPECT_EQ(shown("{{ 'a' ~ 1 + 2 }}"), "!line 1: '+' does not take str and int");
    EXPECT_EQ(shown("{{ not x is defined }} {{ 1 < 2 < 3 }} {{ 2 in [1, 2] and 'z' not in 'abc' }}"), "True True True");
    EXPECT_EQ(shown("{{ 'x' if false else 'y' if true else 'z' }}{{ 'n' if false }}"), "y");
    EXPECT_EQ(shown("{{ [] or 'other' }} {{ 'a' and 0 }}"), "other 0");
    EXPECT_EQ(shown("{{ -1 | abs }} {{ (1, 2)[-1] }} {{ 'ab' 'cd' }}"), "1 2 abcd");
}

TEST(Jinja, ValuesPrintAsPythonPrintsThem) {
    EXPECT_EQ(shown("{{ [1, 2.0, 'a', \"it's\", none, true, {'k': (1,)}] }}"),
              R"([1, 2.0, 'a', "it's", None, True, {'k': (1,)}])");
    EXPECT_EQ(shown("{{ 1e16 }} {{ 0.1 }} {{ 1e-5 }} {{ 1.0 }} {{ x }}"), "1e+16 0.1 1e-05 1.0 ");
    EXPECT_EQ(shown("{{ ['é\\n\\u200b'] }}"), "['é\\n\\u200b']");
}

TEST(Jinja, JsonKeepsKeysInOrderAndTakesItsOptions) {
    EXPECT_EQ(shown("{{ v | tojson }}", R"({"v":{"b":1,"a":[true,null,1.5,"é\""]}})"),
              R"({"b": 1, "a": [true, null, 1.5, "é\""]})");
    EXPECT_EQ(shown("{{ v | tojson(ensure_ascii=true) }}", R"({"v":"é😀"})"), R"("\u00e9\ud83d\ude00")");
    EXPECT_EQ(shown("{{ v | tojson(indent=2) }}", R"({"v":{"a":[1],"b":{}}})"),
              "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
    EXPECT_EQ(shown("{{ v | tojson(separators=(',', ':'), sort_keys=true) }}", R"({"v":{"b":1,"a":2}})"),
              R"({"a":2,"b":1})");
    EXPECT_EQ(code_of("{{ [1] | map('string') | tojson }}"), Code::invalid);
}

TEST(Jinja, UndefinedIsNotNoneAndFailsWhenLookedInto) {
    EXPECT_EQ(
        shown(
            "{{ x is defined }} {{ n is defined }} {{ n is none }} {{ x is undefined }} {{ x | default('d') }} {{ n }}",
            R"({"n":null})"),
        "False True True True d None");
    EXPECT_EQ(shown("a\n{{ x.y }}"), "!line 2: 'x' is undefined");
    EXPECT_EQ(shown("{{ v.a is defined }} {{ v.b.c }}", R"({"v":{}})"), "!line 1: 'dict' has no 'b'");
    EXPECT_EQ(shown("{% for i in x %}{{ i }}{% else %}none{% endfor %}"), "none");
}

TEST(Jinja, LoopsKnowWhereTheyAre) {
    EXPECT_EQ(shown("{% for i in [3, 4, 5] if i != 4 %}{{ loop.index0 }}{{ loop.last }}{{ loop.length }}{{ "
                    "loop.nextitem }} {% endfor %}"),
              "0False25 1True2 ");
    EXPECT_EQ(shown("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% if k == 'a' %}{% continue %}{% endif "
                    "%}!{% endfor %}"),
              "a1b2!");
    EXPECT_EQ(
        shown("{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ loop.cycle('x', 'y') }}{% endfor %}"),
        "xy");
    EXPECT_EQ(shown("{% for n in t recursive %}{{ n.v }}{{ loop.depth }}{{ loop(n.c) }}{% endfor %}",
                    R"({"t":[{"v":1,"c":[{"v":2,"c":[]}]}]})"),
              "1122");
    EXPECT_EQ(shown("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}"), "1");
    EXPECT_EQ(shown("{% set n = namespace(x=1) %}{% for i in [1, 2] %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}"),
              "4");
}

TEST(Jinja, MacrosTakeDefaultsAndCallers) {
    EXPECT_EQ(shown("{% macro m(a, b='x') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(b=2, a=3) }}"), "1x32");
    EXPECT_EQ(shown("{% macro m() %}[{{ caller('v') }}]{% endmacro %}{% call(x) m() %}<{{ x }}>{% endcall %}"),
              "[<v>]");
    EXPECT_EQ(shown("{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}"), "3210");
    EXPECT_EQ(shown("{% set b | upper %}x{% endset %}{{ b }}{% filter trim | title %} abc def {% endfilter %}"),
              "XAbc Def");
}

TEST(Jinja, TextsAreCountedInCharacters) {
    EXPECT_EQ(
        shown("{{ 'é日本' | length }} {{ 'é日本'[1] }} {{ 'é日本'[::-1] }} {{ 'abcdef'[1:-1:2] }} {{ 'abc'[5:1:-1] }}"),
        "3 日 本日é bd c");
    EXPECT_EQ(
        shown("{{ 'a--b'.split('-') }} {{ ' a  b '.split() }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'x=1'.partition('=') }}"),
        "['a', '', 'b'] ['a', 'b'] ['a,b', 'c'] ('x', '=', '1')");
    EXPECT_EQ(shown("{{ '\\n x \\t'.strip() }}|{{ 'xxaxx'.lstrip('x') }}|{{ 'aXbX'.replace('X', 'é', 1) }}|{{ "
                    "'straße'.upper() }}"),
              "x|axx|aébX|STRASSE");
    EXPECT_EQ(
        shown(
            "{{ 'ab'.startswith(('x', 'a')) }} {{ 'a1'.isalnum() }} {{ 'abc'.find('c') }} {{ '-'.join(['a', 'b']) }}"),
        "True True 2 a-b");
}

TEST(Jinja, FormatsFillTextsIn) {
    EXPECT_EQ(shown("{{ '{}-{:>3}-{n!r}-{{}}'.format('a', 7, n='x') }}"), "a-  7-'x'-{}");
    EXPECT_EQ(shown("{{ '%s %03d %.2f%%' % ('a', 7, 1.005) }} {{ '%s' | format(1) }}"), "a 007 1.00% 1");
    EXPECT_EQ(code_of("{{ '%99999d' % 1 }}"), Code::invalid);
}

TEST(Jinja, FiltersWorkOnListsAndDicts) {
    constexpr std::string_view people = R"({"p":[{"n":"Bo","a":3},{"n":"al","a":1},{"n":"Cy","a":3}]})";
    EXPECT_EQ(shown("{{ p | map(attribute='n') | sort | join(',') }} {{ p | selectattr('a', 'eq', 3) | "
                    "map(attribute='n') | list }}",
                    people),
              "al,Bo,Cy ['Bo', 'Cy']");
    EXPECT_EQ(
        shown("{{ p | sum(attribute='a') }} {{ (p | first).n }} {{ p | rejectattr('a', 'gt', 1) | list | length }}",
              people),
        "7 Bo 1");
    EXPECT_EQ(
        shown("{% for g, ps in p | groupby('a') %}{{ g }}{{ ps | map(attribute='n') | join }} {% endfor %}", people),
        "1al 3BoCy ");
    EXPECT_EQ(
        shown("{{ {'b': 1, 'a': 2} | dictsort }} {{ [3, 1, 2] | sort(reverse=true) }} {{ [1, 1, 2] | unique | list }}"),
        "[('a', 2), ('b', 1)] [3, 2, 1] [1, 2]");
    EXPECT_EQ(
        shown(
            "{{ 'a\nb' | indent(2) }} {{ '7x' | int(9) }} {{ 2.567 | round(1) }} {{ none | selectattr('x') | list }}"),
        "a\n  b 9 2.6 []");
}

TEST(Jinja, MarkupEscapesWhatIsAddedToIt) {
    EXPECT_EQ(shown("{{ '<'|safe + '<' }} {{ '<'|safe ~ '<' }} {{ ('<' | e) + '\"' }}"), "<&lt; << &lt;&#34;");
}

TEST(Jinja, TimeIsTheCallersTime) {
    EXPECT_EQ(shown("{{ strftime_now('%d %b %Y %H:%M %A %-d') }}"), "15 Jan 2026 12:00 Thursday 15");
    EXPECT_EQ(code_of("{{ strftime_now('%Q') }}"), Code::invalid);
}

TEST(Jinja, WhatChangesAListInPlaceIsRefused) {
    EXPECT_EQ(shown("{% set x = [] %}{% set y = x.append(1) %}"),
              "!line 1: a chat template may not change a list in place");
    EXPECT_EQ(code_of("{{ v.update({}) }}", R"({"v":{}})"), Code::invalid);
}

TEST(Jinja, MistakesNameTheirLine) {
    EXPECT_EQ(shown("a\nb\n{% if %}"), "!line 3: a value was expected, not the end of the tag");
    EXPECT_EQ(shown("{% for x in y %}\n"), "!line 1: 'endfor' is missing");
    EXPECT_EQ(shown("x\n{{ 'abc }}"), "!line 2: a string does not end");
    EXPECT_EQ(shown("{{ 1 | nothing }}"), "!line 1: there is no filter 'nothing'");
    EXPECT_EQ(shown("\n{% include 'x' %}"), "!line 2: a block that is not known here: 'include'");
    EXPECT_EQ(shown("{% endif %}"), "!line 1: 'endif' ends nothing");
}

TEST(Jinja, ArithmeticThatCannotBeIsAnError) {
    for (const std::string_view source :
         {"{{ 1 // 0 }}", "{{ 1 % 0 }}", "{{ 1 / 0 }}", "{{ 9223372036854775807 + 1 }}", "{{ 2 ** 64 }}",
          "{{ (-9223372036854775807 - 1) // -1 }}", "{{ range(1, 2, 0) }}", "{{ 'abc'[::0] }}"})
        EXPECT_EQ(code_of(source), Code::invalid) << source;
    EXPECT_EQ(shown("{{ (-9223372036854775807 - 1) % -1 }}"), "0");
}

TEST(Jinja, NoTemplateRunsForEver) {
    for (const std::string_view source : {
             "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
             "{% for a in range(10 ** 12) %}{% endfor %}",
             "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
             "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(30) }}",
             "{{ 'a' * 10 ** 12 }}",
             "{{ [1] * 10 ** 12 }}",
             "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
             "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
             "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
             "{% set n = namespace(x=[1]) %}{% for i in range(999) %}{% set n.x = [n.x] %}{% endfor %}",
             "{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}",
         })
        EXPECT_EQ(code_of(source), Code::too_large) << source;
}

TEST(Jinja, DeepNestingIsRefusedBeforeItIsWalked) {
    const auto many = [](std::string_view part, int count) {
        std::string out;
        for (int i = 0; i < count; ++i) out += part;
        return out;
    };
    EXPECT_EQ(code_of("{{ " + many("(", 50000) + "1" + many(")", 50000) + " }}"), Code::too_large);
    EXPECT_EQ(code_of("{{ " + many("-", 50000) + "1 }}"), Code::too_large);
    EXPECT_EQ(code_of("{{ " + many("not ", 50000) + "1 }}"), Code::too_large);
    EXPECT_EQ(code_of("{{ 1" + many("+1", 50000) + " }}"), Code::too_large);
    EXPECT_EQ(code_of("{{ x" + many(".x", 50000) + " }}"), Code::too_large);
    EXPECT_EQ(code_of(many("{% if 1 %}", 30000)), Code::too_large);
    EXPECT_EQ(code_of(many("x", limit_template_bytes + 1)), Code::too_large);
    EXPECT_EQ(code_of("", "{\"v\":" + many("[", 100000)), Code::invalid);
}

TEST(Jinja, NothingOutlivesTheBlockItBelongsTo) {
    for (const std::string_view source : {
             "{% set n = namespace() %}{% set n.self = n %}{{ n }}",
             "{% set n = namespace() %}{% set n.self = [n] %}",
             "{% set n = namespace() %}{% for i in [1] %}{% set n.l = loop %}{% endfor %}{{ n.l.index }}",
             "{% set n = namespace() %}{% for i in [1] %}{% set n.c = loop.cycle %}{% endfor %}{{ n.c(1) }}",
             "{% set n = namespace() %}{% macro m() %}{% set n.c = caller %}{% endmacro %}{% call m() %}x{% endcall "
             "%}{{ n.c() }}",
         })
        EXPECT_EQ(code_of(source), Code::invalid) << source;
}

}  // namespace
}  // namespace lar::inference::jinja
