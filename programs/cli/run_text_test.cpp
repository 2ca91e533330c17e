#include "run_text.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

namespace lar::cli {
namespace {

// What a terminal shows after these bytes, as far as WordWrap uses one.
std::string shown(std::string_view bytes) {
    std::vector<std::string> rows(1);
    std::size_t column = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        if (bytes[at] == '\n') {
            rows.emplace_back();
            column = 0;
            ++at;
        } else if (bytes.substr(at).starts_with("\033[K")) {
            rows.back().resize(column);
            at += 3;
        } else if (bytes[at] == '\033') {
            const std::size_t end = bytes.find('D', at);
            column -= static_cast<std::size_t>(std::stoi(std::string(bytes.substr(at + 2, end - at - 2))));
            at = end + 1;
        } else {
            rows.back().resize(column);
            rows.back() += bytes[at++];
            ++column;
        }
    }
    std::string all;
    for (const std::string& row : rows) all += (all.empty() ? "" : "\n") + row;
    return all;
}

std::string wrapped_at(std::size_t columns, std::string_view text, std::size_t piece_bytes = 1) {
    WordWrap wrap(columns);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += piece_bytes) out += wrap.take(text.substr(at, piece_bytes));
    return out;
}

TEST(WordWrap, WordsThatDoNotFitMoveToTheNextLine) {
    for (const std::size_t piece : {1UZ, 3UZ, 100UZ})
        EXPECT_EQ(shown(wrapped_at(11, "one two three four\nfive six seven", piece)),
                  "one two\nthree four\nfive six\nseven");
}

TEST(WordWrap, APieceOfAWordIsPrintedAtOnce) {
    WordWrap wrap(12);
    EXPECT_EQ(wrap.take("some"), "some");
    EXPECT_EQ(wrap.take(" wo"), " wo");
    EXPECT_EQ(wrap.take("rd"), "rd");
    EXPECT_EQ(wrap.take("s."), "s.");
    EXPECT_EQ(wrap.take("x"), "\033[7D\033[K\nwords.x");
}

TEST(WordWrap, CodeKeepsItsLines) {
    const std::string code = "```sh\na long line of code\n```\n    another long line\n| a | table of columns |\n";
    EXPECT_EQ(wrapped_at(10, code), code);
    EXPECT_EQ(shown(wrapped_at(10, code + "after the code")), code + "after the\ncode");
}

TEST(WordWrap, CodeWithinALineIsNotBroken) {
    EXPECT_EQ(shown(wrapped_at(12, "say `a b c` twice")), "say `a b c`\ntwice");
}

TEST(WordWrap, AWordLongerThanTheLineIsLeftWhole) {
    const std::string url = "https://example.org/a/long/path";
    EXPECT_EQ(shown(wrapped_at(12, "see " + url)), "see\n" + url);
    EXPECT_EQ(wrapped_at(12, url), url);
}

TEST(WordWrap, WideLettersBreakBetweenAnyTwo) { EXPECT_EQ(WordWrap(9).take("日本語日本語"), "日本語日\n本語"); }

TEST(WordWrap, IndentedListsKeepTheirIndent) {
    EXPECT_EQ(shown(wrapped_at(12, "- one\n  - two three")), "- one\n  - two\nthree");
}

class Printed : public testing::Test {
protected:
    std::string text() {
        ::lseek(file.number(), 0, SEEK_SET);
        return *read_fd(file.number(), 1 << 20);
    }
    Fd file{::memfd_create("out", 0)};
    Output out{file.number(), {}};
};

TEST_F(Printed, NothingThatAModelSaysReachesTheTerminalAsASequence) {
    AnswerPrinter printer(out, {});
    printer.thought("hm\033]0;title\a");
    printer.text(
        "a\033[31mred\r\x9b\xc2\x9b"
        "2J\n");
    printer.end();
    EXPECT_EQ(text().find_first_of("\033\a\r"), std::string::npos);
    EXPECT_FALSE(text().contains("\xc2\x9b"));
}

TEST_F(Printed, ThoughtsAreMarkedAndTheAnswerEndsItsLine) {
    AnswerPrinter printer(out, {});
    printer.thought("let me");
    printer.thought(" see");
    printer.text("Four");
    printer.text(".");
    printer.end();
    EXPECT_EQ(text(), "Thinking...\nlet me see\n...done thinking.\n\nFour.\n");
}

TEST_F(Printed, ThoughtsCanBeHidden) {
    AnswerPrinter printer(out, {.columns = 0, .thoughts = false});
    printer.thought("secret");
    printer.text("Four.\n");
    printer.end();
    EXPECT_EQ(text(), "Four.\n");
}

TEST(Timings, AreShownAsOllamaShowsThem) {
    const std::string text = timings_text({.total_ns = 61'500'000'000,
                                           .load_ns = 2'500'000,
                                           .prompt_ns = 500'000'000,
                                           .answer_ns = 2'000'000'000,
                                           .prompt_tokens = 26,
                                           .answer_tokens = 100});
    EXPECT_EQ(text,
              "total duration:       1m1.5s\n"
              "load duration:        2.5ms\n"
              "prompt eval count:    26 token(s)\n"
              "prompt eval duration: 500ms\n"
              "prompt eval rate:     52.00 tokens/s\n"
              "eval count:           100 token(s)\n"
              "eval duration:        2s\n"
              "eval rate:            50.00 tokens/s\n");
}

TEST(Timings, WithoutTimeThereIsNoRate) {
    EXPECT_TRUE(timings_text({}).contains("eval rate:            0.00 tokens/s"));
}

}  // namespace
}  // namespace lar::cli
