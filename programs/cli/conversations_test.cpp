#include "conversations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace lar::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// As LoCoMo was published: a list, sessions by number, several ways to write evidence, answers of any type.
constexpr std::string_view published = R"([{"sample_id":"conv-1","qa":[
    {"question":"When?","answer":2022,"evidence":["D1:2; D2:1"],"category":2},
    {"question":"What did Ben plant?","adversarial_answer":"roses","evidence":["D10:01","D9:9"],"category":5},
    {"question":"Who?","answer":"Ana","evidence":["D:2:1 D1:1"],"category":1},
    {"question":"Why?","answer":"?","evidence":[],"category":3},
    {"question":"Which?","answer":"?","evidence":["D"],"category":9}],
  "conversation":{"speaker_a":"Ana","speaker_b":"Ben",
    "session_10_date_time":"12:05 am on 3 March, 2023","session_10":[{"speaker":"Ana","dia_id":"D10:1","text":"roses"}],
    "session_2_date_time":"1:56 pm on 8 May, 2022","session_2":[{"speaker":"Ben","dia_id":"D2:1","text":"hello","img_url":["x"],"blip_caption":"a photo of a garden"}],
    "session_1_date_time":"12:00 pm on 1 January, 2022","session_1":[{"speaker":"Ana","dia_id":"D1:1","text":"hi"},{"speaker":"Ben","dia_id":"D1:2","text":"hi"}],
    "session_3_date_time":"1:00 pm on 9 May, 2022"},
  "event_summary":{},"observation":{},"session_summary":{}}])";

TEST(Conversations, ThePublishedLayoutLoads) {
    const auto all = parse_conversations(published);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 1U);
    const RecordedConversation& one = all->front();
    EXPECT_EQ(one.id, "conv-1");
    ASSERT_EQ(one.turns.size(), 4U);
    EXPECT_EQ(one.turns[2].id, "D2:1");
    EXPECT_EQ(one.turns[2].caption, "a photo of a garden");
    EXPECT_EQ(one.turns[2].time, "2022-05-08T13:56:00");
    EXPECT_EQ(one.turns[3].id, "D10:1") << "sessions go by number, not by letter";
    EXPECT_EQ(one.turns[3].time, "2023-03-03T00:05:00");
    ASSERT_EQ(one.questions.size(), 5U);
    EXPECT_THAT(one.questions[0].evidence, ElementsAre("D1:2", "D2:1"));
    EXPECT_THAT(one.questions[1].evidence, ElementsAre("D10:1")) << "a turn that is not there is no evidence";
    EXPECT_THAT(one.questions[2].evidence, ElementsAre("D2:1", "D1:1"));
    EXPECT_THAT(one.questions[3].evidence, IsEmpty());
    EXPECT_EQ(one.questions[0].category, "temporal");
    EXPECT_EQ(one.questions[1].category, "adversarial");
    EXPECT_EQ(one.questions[4].category, "9");
    EXPECT_NE(one.questions[0].id, one.questions[1].id);
}

TEST(Conversations, TheFlatLayoutLoads) {
    const auto all = parse_conversations(
        R"({"sample_id":"c","speakers":["Ana","Ben"],"turns":[
            {"id":"t1","session":1,"date_time":"9:00 am on 2 June, 2024","speaker":"Ana","text":"hi","image_caption":"a cat"}],
            "qa":[{"id":"q","category":"single-hop","question":"Who?","answer":null,"evidence":["t1","t1"]}]})");
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(all->front().turns[0].said, "9:00 am on 2 June, 2024");
    EXPECT_EQ(all->front().turns[0].time, "2024-06-02T09:00:00");
    EXPECT_EQ(all->front().questions[0].id, "q");
    EXPECT_EQ(all->front().questions[0].category, "single-hop");
    EXPECT_THAT(all->front().questions[0].evidence, ElementsAre("t1"));
}

TEST(Conversations, WhatIsWrongIsNamedByItsPlace) {
    const std::pair<const char*, const char*> wrong[] = {
        {R"([{"conversation":{"session_1":[{"dia_id":"D1:1","text":5}]}}])", "$[0].conversation.session_1[0].text"},
        {R"({"turns":[{"id":"a","text":"x"}],"qa":[{"category":1}]})", "$.qa[0]"},
        {R"({"turns":[{"id":"a"},{"id":"a"}]})", "two turns"},
        {R"({"turns":[{"text":"x"}]})", "neither 'id'"},
        {R"({"messages":[]})", "no turns"},
        {R"({"turns":[)", ""},
        {"5", ""},
    };
    for (const auto& [json, said] : wrong) {
        const auto all = parse_conversations(json);
        ASSERT_FALSE(all) << json;
        EXPECT_TRUE(all.error().message.contains(said)) << all.error().message;
    }
}

TEST(Conversations, AMomentThatIsNotWrittenLikeOneIsNoMoment) {
    EXPECT_EQ(moment_said("12:30 pm on 31 December, 1999"), "1999-12-31T12:30:00");
    for (const char* text :
         {"", "yesterday", "13:00 pm on 1 May, 2023", "1:00 pm on 1 Mai, 2023", "1:60 pm on 1 May, 2023",
          "1 pm on 1 May, 2023", "1:00 on 1 May, 2023", "1:00 pm on 0 May, 2023", "1:00 pm on May, 2023"})
        EXPECT_EQ(moment_said(text), "") << text;
}

TEST(Conversations, AFolderIsReadWholeOrNotAtAll) {
    std::string pattern = (std::filesystem::temp_directory_path() / "conversations-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    EXPECT_FALSE(read_conversations(folder)) << "nothing in it";
    std::ofstream(folder / "b.json") << R"({"sample_id":"b","turns":[{"id":"1"}]})";
    std::ofstream(folder / "a.json") << R"([{"sample_id":"a","turns":[{"id":"1"}]}])";
    std::ofstream(folder / "README.md") << "not one";
    const auto all = read_conversations(folder);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ(all->front().id, "a");
    std::ofstream(folder / "c.json") << "{}";
    const auto broken = read_conversations(folder);
    ASSERT_FALSE(broken);
    EXPECT_TRUE(broken.error().message.starts_with("c.json: ")) << broken.error().message;
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lar::cli
