#include "gold.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace lar::cli {
namespace {

wire::ApiPlace file(std::string path, std::uint32_t first, std::uint32_t last) {
    return {.kind = "file", .path = std::move(path), .line_first = first, .line_last = last};
}

TEST(Gold, APlaceIsALineAStretchAFileOrACommit) {
    const auto question = parse_gold_question(
        R"({"id":"q","question":"where?","kind":"code","answerable":true,"answers":[
            {"path":"a.c","line":12},"b.c:3-5","c.c",{"commit":"4f2a0123456789abcdef"},{"path":"d.c","line":7,"line_last":9}]})");
    ASSERT_TRUE(question) << question.error().message;
    EXPECT_EQ(question->category, "code");
    EXPECT_TRUE(is_right(*question, file("a.c", 10, 12)));
    EXPECT_FALSE(is_right(*question, file("a.c", 13, 20)));
    EXPECT_FALSE(is_right(*question, file("x/a.c", 10, 12)));
    EXPECT_TRUE(is_right(*question, file("b.c", 5, 9)));
    EXPECT_FALSE(is_right(*question, file("b.c", 6, 9)));
    EXPECT_TRUE(is_right(*question, file("c.c", 100, 101)));
    EXPECT_TRUE(is_right(*question, file("d.c", 8, 8)));
    EXPECT_TRUE(is_right(*question, {.kind = "commit", .path = "a.c", .commit = "4f2a0123456789abcdef0000"}));
    EXPECT_FALSE(
        is_right(*question, {.kind = "commit", .path = "a.c", .line_first = 12, .line_last = 12, .commit = "99"}))
        << "a hunk is not the file";
}

TEST(Gold, WithoutAnswersItMustBeRefused) {
    for (const char* json : {R"({"question":"?!","answers":"none"})", R"({"question":"?!","answers":[]})",
                             R"({"question":"?!","answers":[],"answerable":false})", R"({"question":"?!"})"}) {
        const auto question = parse_gold_question(json);
        ASSERT_TRUE(question) << json << question.error().message;
        EXPECT_TRUE(question->places.empty());
        EXPECT_FALSE(is_right(*question, file("a.c", 1, 9)));
    }
}

TEST(Gold, WhatContradictsItselfIsRefused) {
    for (const char* json :
         {R"({"answers":"none"})", R"({"question":"q","answers":"some"})", R"({"question":"q","answers":[{"line":3}]})",
          R"({"question":"q","answers":["a.c:1"],"answerable":false})",
          R"({"question":"q","answers":[],"answerable":true})",
          R"({"question":"q","answers":[{"path":"a","line":9,"line_last":3}]})",
          R"({"question":"q","answers":[{"commit":"4f"}]})", R"({"question":"q","answers":[7]})", "[]", "{"})
        EXPECT_FALSE(parse_gold_question(json)) << json;
}

TEST(Gold, AnAnchorIsEveryLineThatHoldsIt) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gold-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    std::ofstream(folder / "a.c") << "one\nint two;\nthree\nint two;\n";
    std::ofstream(folder / "questions.jsonl")
        << R"({"question":"q","answers":[{"path":"a.c","anchor":"int two"},{"path":"a.c","anchor":"int four"},{"path":"gone.c","anchor":"x"}]})";
    auto questions = read_gold_questions(folder / "questions.jsonl");
    ASSERT_TRUE(questions) << questions.error().message;
    EXPECT_EQ(questions->front().id, "line-1");
    const auto gone = find_anchors(*questions, folder);
    ASSERT_TRUE(gone) << gone.error().message;
    EXPECT_EQ(*gone, 2U);
    EXPECT_TRUE(is_right(questions->front(), file("a.c", 4, 4)));
    EXPECT_FALSE(is_right(questions->front(), file("a.c", 3, 3)));
    EXPECT_FALSE(is_right(questions->front(), file("gone.c", 1, 1)));
    std::ofstream(folder / "questions.jsonl", std::ios::app) << "\n{\"question\":5}\n";
    const auto broken = read_gold_questions(folder / "questions.jsonl");
    ASSERT_FALSE(broken);
    EXPECT_TRUE(broken.error().message.starts_with("questions.jsonl:2: ")) << broken.error().message;
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lar::cli
