#include "bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "address.h"
#include "bench_answer.h"
#include "bench_figures.h"
#include "bench_plot.h"
#include "bench_server.h"
#include "bench_show.h"
#include "bench_words.h"
#include "help.h"
#include "wire/codec.h"

namespace lar::cli::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Outcome<wire::BenchSettings> settings(std::vector<std::string> words) {
    words.insert(words.begin(), "bench");
    const auto arguments = parse_arguments(words);
    if (!arguments) return std::unexpected(arguments.error());
    return settings_of(*arguments);
}

std::string piece(std::string_view text) {
    return R"({"choices":[{"index":0,"delta":{"content":")" + std::string(text) + R"("},"finish_reason":null}]})";
}
constexpr const char* last_piece = R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}]})";
constexpr const char* usage =
    R"({"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}})";

// The events come 10 ms apart, the first 10 ms after the question.
Outcome<Answer> read(const std::vector<std::string>& events, std::uint32_t max_tokens = 3) {
    AnswerReader reader("box:80", max_tokens);
    std::int64_t now_us = 1'000'000;
    for (const std::string& event : events)
        if (!reader.take({"", event}, now_us += 10'000)) break;
    return std::move(reader).finish(1'000'000);
}

TEST(BenchOptions, DefaultsAreThoseOfTheHelp) {
    const auto given = settings({});
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_EQ(given->prompt_tokens, 512U);
    EXPECT_THAT(given->depth, ElementsAre(0, 2000));
    EXPECT_THAT(given->concurrency, ElementsAre(1, 2, 4, 8, 16));
    const std::string help = testing::PrintToString(verb_help(*find_verb("bench"), Output(1, {})));
    for (const char* said : {"(512)", "(128)", "(0,2000)", "(1,2,4,8,16)", "(3)", "(1)"})
        EXPECT_THAT(help, HasSubstr(said));
}

TEST(BenchOptions, ListsAndNumbersAreTakenApart) {
    const auto given = settings({"--depth", "0, 100,30", "--concurrency=3", "--warmup", "0", "--tokens", "2"});
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_THAT(given->depth, ElementsAre(0, 100, 30));
    EXPECT_THAT(given->concurrency, ElementsAre(3));
    EXPECT_EQ(given->warmup, 0U);
    EXPECT_EQ(given->tokens, 2U);
}

TEST(BenchOptions, WhatMakesNoSenseIsWrongUsage) {
    for (std::vector<std::string> words : {std::vector<std::string>{"--depth", "1,,2"},
                                           {"--depth", "-1"},
                                           {"--depth", "0,0"},
                                           {"--concurrency", "0"},
                                           {"--concurrency", "257"},
                                           {"--tokens", "1"},
                                           {"--repeat", "0"},
                                           {"--repeat", "many"},
                                           {"--prompt-tokens", "0"},
                                           {"--depth", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"},
                                           {"--prompt-tokens", "99999999999999999999"}}) {
        const auto given = settings(words);
        ASSERT_FALSE(given) << words[1];
        EXPECT_EQ(given.error().exit, Exit::usage) << words[1];
        EXPECT_THAT(given.error().message, HasSubstr(words[0]));
    }
}

TEST(BenchUrl, IsTakenApart) {
    const auto plain = parse_url("http://example.test:8080/v1/");
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_EQ(plain->host, "example.test");
    EXPECT_EQ(plain->port, 8080);
    EXPECT_EQ(plain->path, "/v1");
    EXPECT_EQ(plain->text, "http://example.test:8080/v1");
    EXPECT_EQ(parse_url("HTTP://10.0.0.1")->text, "http://10.0.0.1/v1");
    const auto six = parse_url("http://[::1]:9/api/openai");
    ASSERT_TRUE(six) << six.error().message;
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->port, 9);
    EXPECT_EQ(six->path, "/api/openai");
}

TEST(BenchUrl, WhatCannotBeReachedIsRefusedWithASentence) {
    EXPECT_THAT(parse_url("https://api.example.test/v1").error().message, HasSubstr("no TLS"));
    for (const char* wrong : {"", "localhost:8080", "ftp://a", "http://", "http:///v1", "http://:80",
                              "http://a:", "http://a:0", "http://a:65536", "http://a:8x", "http://[::1", "http://[]:1",
                              "http://[::1]x", "http://u:p@a/", "http://a/?q", "http://a b"}) {
        const auto url = parse_url(wrong);
        ASSERT_FALSE(url) << wrong;
        EXPECT_EQ(url.error().exit, Exit::usage) << wrong;
    }
}

TEST(BenchAddress, AddressesAndLocalhostNeedNobody) {
    EXPECT_THAT(*addresses_of("10.1.2.3"), ElementsAre("10.1.2.3"));
    EXPECT_THAT(*addresses_of("::1"), ElementsAre("::1"));
    EXPECT_THAT(*addresses_of("LocalHost"), ElementsAre("127.0.0.1", "::1"));
    for (const char* wrong : {"", "-x", "a/b", "a b", "$(x)"})
        EXPECT_EQ(addresses_of(wrong).error().exit, Exit::usage) << wrong;
}

TEST(BenchAddress, AListingOfGetentIsReadOnce) {
    EXPECT_THAT(listed_addresses("10.0.0.1       STREAM box\n10.0.0.1       DGRAM\nfe80::1 STREAM\nnonsense here\n\n"),
                ElementsAre("10.0.0.1", "fe80::1"));
    EXPECT_THAT(listed_addresses(""), ElementsAre());
}

TEST(BenchAnswer, IsReadFromTheEventsOfAStream) {
    const auto answer = read({R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})", piece("a"),
                              piece("b"), piece("c"), last_piece, usage, "[DONE]"});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->text, "abc");
    EXPECT_EQ(answer->tokens, 3U);
    EXPECT_TRUE(answer->counted_by_server);
    EXPECT_EQ(answer->cached_tokens, 4U);
    EXPECT_EQ(answer->first_token_ms(), 20) << "a role is not a token";
    EXPECT_EQ(answer->end_us, 1'050'000);
}

TEST(BenchAnswer, WithoutUsageThePiecesAreCounted) {
    const auto answer = read({piece("a"), piece("b"), last_piece});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->tokens, 2U);
    EXPECT_FALSE(answer->counted_by_server);
}

TEST(BenchAnswer, ThoughtsAreTokensButNotText) {
    const auto answer = read({R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})", piece("a"), last_piece});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->tokens, 2U);
    EXPECT_EQ(answer->text, "a");
}

TEST(BenchAnswer, TokensMayHaveNoText) {
    const auto answer = read({R"({"choices":[{"delta":{"role":"assistant"}}]})", last_piece, usage});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->tokens, 3U);
    EXPECT_EQ(answer->first_token_ms(), 10);
    EXPECT_EQ(answer->end_us, 1'020'000);
}

TEST(BenchAnswer, WhatAServerDoesWrongIsASentence) {
    const auto message = [](const std::vector<std::string>& events) {
        const auto answer = read(events);
        return answer ? "an answer" : answer.error().message;
    };
    EXPECT_EQ(message({piece("a"), R"({"error":{"message":"out of memory","code":500}})"}),
              "box:80 broke off its answer with an error: out of memory");
    EXPECT_THAT(message({piece("a")}), HasSubstr("in the middle of an answer"));
    EXPECT_THAT(message({}), HasSubstr("in the middle of an answer"));
    EXPECT_THAT(message({last_piece, "[DONE]"}), HasSubstr("without a single token"));
    EXPECT_THAT(message({piece("a"), "<html>"}), HasSubstr("not a chunk of OpenAI's API: <html>"));
    EXPECT_THAT(message(std::vector<std::string>(1000, piece("a"))), HasSubstr("does not heed max_tokens"));
    EXPECT_THAT(
        message({piece("a"), last_piece, R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":99}})"}),
        HasSubstr("it gave 99 tokens where 3 were asked for"));
}

TEST(BenchAnswer, ARefusalIsQuotedInAnyShape) {
    EXPECT_EQ(refusal_text(R"({"error":{"code":400,"message":"too long"}})"), "too long");
    EXPECT_EQ(refusal_text(R"({"error":"no such model"})"), "no such model");
    EXPECT_EQ(refusal_text(R"({"detail":"Not Found"})"), "Not Found");
    EXPECT_EQ(refusal_text("<h1>\x1b[31mBad</h1>").find('\x1b'), std::string::npos);
    EXPECT_EQ(refusal_text(""), "without a word");
    EXPECT_LE(refusal_text(std::string(100'000, 'x')).size(), 1000U);
}

TEST(BenchWords, AreAsManyAsTheirSizeSays) {
    const WordSize size = word_size(12 + 2 * short_sample_words, 12 + 2 * long_sample_words);
    EXPECT_NEAR(size.per_word, 2, 1e-9);
    EXPECT_NEAR(size.per_prompt, 12, 1e-9);
    EXPECT_EQ(size.words_for(512), 250U);
    EXPECT_EQ(size.words_for(3), 1U) << "the template alone is longer";
    EXPECT_EQ(size.more_words_for(30), 15U);
    EXPECT_EQ(word_size(0, 0).words_for(7), 7U) << "a server that does not count";
}

TEST(BenchWords, EveryPromptBeginsAnew) {
    Words words(1), others(2);
    std::vector<std::string> prompts;
    for (int i = 0; i < 100; ++i) prompts.push_back(words.draw(8));
    for (int i = 0; i < 100; ++i) prompts.push_back(others.draw(8));
    std::ranges::sort(prompts);
    EXPECT_TRUE(std::ranges::adjacent_find(prompts) == prompts.end());
    EXPECT_EQ(std::ranges::count(words.draw(5), ' '), 4);
}

// Asked at `asked`, first piece after `first`, then a piece every `gap`, all in milliseconds.
Answer answer_of(std::int64_t asked, std::int64_t first, std::int64_t gap, std::uint64_t tokens) {
    Answer answer{.asked_us = asked * 1000, .prompt_tokens = 110, .cached_tokens = 10, .tokens = tokens};
    for (std::uint64_t i = 0; i < tokens; ++i)
        answer.pieces_us.push_back((asked + first + gap * static_cast<std::int64_t>(i)) * 1000);
    answer.end_us = answer.pieces_us.back();
    answer.counted_by_server = true;
    return answer;
}

TEST(BenchFigures, AreThoseOfAHandWorkedExample) {
    const DepthAnswers answers{
        .depth = 7,
        .cold = {answer_of(0, 200, 20, 11), answer_of(0, 100, 10, 11), answer_of(0, 400, 40, 11)},
        .warm = {answer_of(0, 8, 1, 2)},
        .turn = {}};
    const wire::BenchDepth row = figures_of(answers);
    EXPECT_EQ(row.depth, 7U);
    EXPECT_NEAR(*row.ttft_cold_ms, 200, 1e-9);
    EXPECT_NEAR(*row.prefill_tokens_per_second, 500, 1e-9) << "100 tokens that were not cached in 0.2 s";
    EXPECT_NEAR(*row.decode_tokens_per_second, 50, 1e-9) << "10 tokens after the first, 20 ms each";
    EXPECT_NEAR(*row.inter_token_p50_ms, 20, 1e-9);
    EXPECT_NEAR(*row.inter_token_p95_ms, 40, 1e-9);
    EXPECT_NEAR(*row.ttft_warm_ms, 8, 1e-9);
    EXPECT_FALSE(row.ttft_turn_ms) << "not measured";
    EXPECT_EQ(row.prompt_tokens, 110U);
    EXPECT_EQ(row.cold_cached_tokens, 10U);
    EXPECT_THAT(row.samples.ttft_cold_ms, ElementsAre(200, 100, 400));
}

TEST(BenchFigures, ClientsAtOnceShareTheSameSeconds) {
    // From 0 to 1,000 ms: the second client begins late and ends last.
    const LevelAnswers level{2, {answer_of(0, 100, 10, 11), answer_of(500, 300, 20, 11)}};
    const wire::BenchLevel row = figures_of(level);
    EXPECT_EQ(row.tokens, 22U);
    EXPECT_NEAR(row.seconds, 1.0, 1e-9);
    EXPECT_NEAR(row.tokens_per_second, 22, 1e-9);
    EXPECT_NEAR(row.ttft_p50_ms, 100, 1e-9);
    EXPECT_NEAR(row.ttft_p95_ms, 300, 1e-9);
    EXPECT_EQ(figures_of(LevelAnswers{4, {}}).tokens_per_second, 0);
}

TEST(BenchFigures, RatesThatCannotBeKnownAreAbsent) {
    Answer silent = answer_of(0, 100, 10, 1);
    silent.prompt_tokens = 0;
    silent.cached_tokens.reset();
    const wire::BenchDepth row = figures_of(DepthAnswers{.cold = {silent}});
    EXPECT_FALSE(row.prefill_tokens_per_second);
    EXPECT_FALSE(row.decode_tokens_per_second);
    EXPECT_FALSE(row.inter_token_p50_ms);
    EXPECT_TRUE(row.ttft_cold_ms);
    EXPECT_FALSE(figures_of(DepthAnswers{.cold = {answer_of(0, 100, 0, 11)}}).decode_tokens_per_second)
        << "eleven tokens in no time are not infinitely many a second";
}

TEST(BenchFigures, NotesSayWhatAReaderMustKnow) {
    wire::BenchSettings asked;
    asked.tokens = 11;
    const auto notes = [&](Answer answer) {
        return testing::PrintToString(
            notes_on(std::vector{DepthAnswers{.cold = {answer}, .warm = {answer}}}, {}, asked));
    };
    EXPECT_THAT(notes(answer_of(0, 1, 1, 5)), HasSubstr("1 of 1 answers ended before 11 tokens"));
    Answer uncounted = answer_of(0, 1, 1, 11);
    uncounted.counted_by_server = false;
    EXPECT_THAT(notes(uncounted), HasSubstr("sends no usage"));
    Answer lumped = answer_of(0, 1, 1, 11);
    lumped.pieces_us.resize(2);
    EXPECT_THAT(notes(lumped), HasSubstr("5.5 tokens in a piece"));
    EXPECT_THAT(notes(answer_of(0, 1, 0, 11)), HasSubstr("1 of 1 answers arrived in one go"));
    EXPECT_THAT(notes(answer_of(0, 1, 1, 11)), HasSubstr("10 of 110 tokens from its cache"));
    Answer kept = answer_of(0, 1, 1, 11);
    kept.cached_tokens = 100;
    EXPECT_EQ(notes(kept), "{}");
}

wire::BenchReport report_of_two() {
    wire::BenchReport report{.complete = true};
    report.settings.concurrency = {1, 2};
    for (const std::int64_t slower : {1, 2}) {
        wire::BenchServer server{.url = "http://a<b>&\"c\"", .model = "m\x01\x1b[31m", .notes = {}};
        server.depths.push_back(
            figures_of(DepthAnswers{.depth = 0, .cold = {answer_of(0, 100 * slower, 10 * slower, 11)}, .warm = {}}));
        for (const std::uint32_t clients : {1U, 2U})
            server.concurrency.push_back(
                figures_of(LevelAnswers{clients, {answer_of(0, 100 * slower, 10 * slower, 11)}}));
        report.servers.push_back(server);
    }
    report.ratios = ratios_of(report.servers[0], report.servers[1]);
    return report;
}

TEST(BenchFigures, RatiosAreFirstOverSecond) {
    const wire::BenchReport report = report_of_two();
    EXPECT_NEAR(*report.ratios->depths.at(0).decode, 2, 1e-9);
    EXPECT_NEAR(*report.ratios->depths.at(0).ttft_cold, 0.5, 1e-9);
    EXPECT_FALSE(report.ratios->depths.at(0).ttft_warm);
    EXPECT_NEAR(*report.ratios->concurrency.at(1).tokens_per_second, 2, 1e-9);
    wire::BenchServer unmeasured;
    EXPECT_TRUE(ratios_of(report.servers[0], unmeasured).depths.empty());
}

TEST(BenchReport, TheTableShowsBothAndTheirRatio) {
    const std::string text = report_text(report_of_two(), Output(1, {}));
    EXPECT_THAT(text, HasSubstr("A÷B"));
    EXPECT_THAT(text, HasSubstr("×2.00"));
    EXPECT_THAT(text, HasSubstr("clients"));
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << "a server's words cannot steer the terminal";
}

TEST(BenchReport, ItsJsonIsReadBack) {
    const auto report = wire::from_json<wire::BenchReport>(wire::to_json(report_of_two()));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->servers.size(), 2U);
    EXPECT_FALSE(report->servers[0].depths[0].ttft_warm_ms);
    EXPECT_EQ(report->servers[0].concurrency[1].clients, 2U);
}

// Whether every element is closed in order, and text and attributes hold no bare < or &.
bool is_well_formed(std::string_view xml) {
    std::vector<std::string> open;
    bool seen_root = false;
    for (std::size_t at = 0; at < xml.size();) {
        if (xml[at] != '<') {
            const std::string_view text = xml.substr(at, xml.find('<', at) - at);
            for (std::size_t amp = text.find('&'); amp != text.npos; amp = text.find('&', amp + 1))
                if (text.substr(amp).find(';') > 6) return false;
            if (open.empty() && !text.empty() && text.find_first_not_of('\n') != text.npos) return false;
            at += text.size();
            continue;
        }
        const std::size_t end = xml.find('>', at);
        if (end == xml.npos) return false;
        const std::string_view tag = xml.substr(at + 1, end - at - 1);
        if (tag.contains('<') || std::ranges::count(tag, '"') % 2 != 0) return false;
        const std::string name(
            tag.substr(tag.starts_with('/') ? 1 : 0, tag.find_first_of(" /", 1) - (tag.starts_with('/') ? 1 : 0)));
        if (tag.starts_with('/')) {
            if (open.empty() || open.back() != tag.substr(1)) return false;
            open.pop_back();
        } else if (!tag.starts_with('?') && !tag.ends_with('/')) {
            if (open.empty() && std::exchange(seen_root, true)) return false;
            open.push_back(name);
        }
        at = end + 1;
    }
    return seen_root && open.empty() &&
           std::ranges::none_of(xml, [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; });
}

TEST(BenchPlot, IsWellFormedWhateverAServerIsCalled) {
    const std::string svg = report_svg(report_of_two());
    EXPECT_TRUE(is_well_formed(svg)) << svg;
    EXPECT_THAT(svg, HasSubstr("http://a&lt;b&gt;&amp;&quot;c&quot;"));
    EXPECT_FALSE(is_well_formed("<svg><g></svg>")) << "the check itself can fail";
    EXPECT_FALSE(is_well_formed("<svg>a & b</svg>"));
}

TEST(BenchPlot, DrawsOnlyWhatWasMeasured) {
    wire::BenchReport report = report_of_two();
    EXPECT_THAT(report_svg(report), HasSubstr("Decode"));
    EXPECT_EQ(report_svg(report).find("incomplete"), std::string::npos);
    report.complete = false;
    for (wire::BenchServer& server : report.servers) server.depths.clear();
    EXPECT_EQ(report_svg(report).find("Decode"), std::string::npos);
    EXPECT_THAT(report_svg(report), HasSubstr("incomplete"));
    EXPECT_EQ(report_svg(report).find("nan"), std::string::npos);
    report.servers[1].concurrency.pop_back();
    EXPECT_TRUE(is_well_formed(report_svg(report))) << "interrupted between the two";
}

TEST(BenchPlot, AnAxisEndsAtARoundNumber) {
    EXPECT_EQ(axis_end(0), 1);
    EXPECT_EQ(axis_end(0.7), 1);
    EXPECT_EQ(axis_end(1), 1);
    EXPECT_EQ(axis_end(1.1), 2);
    EXPECT_EQ(axis_end(230), 250);
    EXPECT_EQ(axis_end(9999), 10000);
}

}  // namespace
}  // namespace lar::cli::bench
