#include "recall/recall.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/text.h"
#include "recall/question.h"
#include "recall/testing.h"

namespace lar::recall {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> paths(const Recalled& recalled) {
    std::vector<std::string> found;
    for (const Candidate& candidate : recalled.candidates) found.push_back(candidate.placed.document.path);
    return found;
}

class Recall : public testing::Test {
protected:
    Recalled ask(std::string_view question, const Limits& limits = {}, const Options& options = {}) {
        auto reader = memory_.reader();
        return must(recall(question, limits, options, reader, standing_clock, greenwich));
    }
    // Enough other text for the words that matter to be rare.
    void fill() {
        for (int i = 0; i < 40; ++i)
            memory_.file("notes/" + std::to_string(i) + ".md",
                         "ordinary words about page " + std::to_string(i) + " and the weather in town");
    }
    Memory memory_;
};

TEST_F(Recall, the_passage_that_holds_most_of_the_question_comes_first) {
    fill();
    memory_.file("a.md", "the retry limit of the uploader is seven");
    memory_.file("b.md", "a limit of another kind");
    memory_.file("c.md", "retry when the uploader is ready, retry, retry and retry");
    const Recalled found = ask("what is the retry limit of the uploader?");
    ASSERT_FALSE(found.candidates.empty());
    EXPECT_EQ(paths(found)[0], "a.md");
    EXPECT_GT(found.candidates[0].coverage, 0.99);
    EXPECT_GE(found.answerable, least_answerable);
    EXPECT_EQ(found.passages_in_scope, 43U);
    EXPECT_THAT(found.source_names, ElementsAre("project"));
}

TEST_F(Recall, a_question_about_what_is_not_there_is_not_answerable) {
    fill();
    memory_.file("a.md", "the retry limit of the uploader is seven");
    EXPECT_LT(ask("how do I feed the narwhal below the lighthouse?").answerable, least_answerable);
    EXPECT_LT(ask("who painted the zeppelin of the duchess?").answerable, least_answerable);
    EXPECT_EQ(ask("xylophone").answerable, 0);
}

TEST_F(Recall, a_list_of_words_is_no_place_that_answers) {
    std::string list = "constexpr words =\n";
    for (const char* line :
         {"abbey acorn adder agate alcove almond amber anchor angle anvil apron arbor armor ashes aster",
          "badge bagel baker balsam bandit banjo banner barley barrel basil basin beacon beagle beaver",
          "cabin cactus camel candle canoe canvas carbon cargo carpet castle cedar cello chalk cherry",
          "daisy damsel dancer dapper daring dawdle dazzle debris decoy defend delta denim depot derby",
          "eagle easel ebony eclipse elbow ember emblem empire enamel engine envoy ermine estate ether"})
        list += std::string("    \"") + line + "\\n\"\n";
    fill();
    memory_.file("words.cpp", list);
    memory_.file("harbour.md",
                 "The anchor of a canoe is tied at the depot, beside the barrel.\nThe castle has a candle.\n");
    const Recalled found = ask("where is the anchor of the canoe tied?");
    ASSERT_FALSE(found.candidates.empty());
    EXPECT_EQ(paths(found)[0], "harbour.md");
    EXPECT_LT(ask("do the eagle, the camel and the dancer eat almond bagel on the banjo?").answerable,
              least_answerable);
}

TEST_F(Recall, a_text_in_many_different_words_is_no_list_of_them) {
    const std::string list =
        "abbey acorn adder agate alcove almond amber angle anvil apron arbor armor ashes aster badge bagel baker "
        "balsam bandit banjo banner barley barrel basil basin beacon beagle beaver cabin cactus camel candle carbon "
        "cargo carpet castle cedar cello chalk cherry daisy damsel dancer dapper daring dawdle dazzle debris decoy "
        "defend delta denim";
    std::string written = "THE HARBOUR MASTER TIED AN ANCHOR TO THE CANOE";
    std::size_t words = 0;
    for (const std::string_view word : split(list, ' '))
        written += (++words % 2 == 0 ? " OF THE " : " AND ") + std::string(word);
    fill();
    memory_.file("written.md", written);
    memory_.file("list.txt", list + " harbour master canoe anchor tied");
    EXPECT_EQ(paths(ask("who tied the canoe in the harbour?"))[0], "written.md");
    EXPECT_GE(ask("who tied the canoe in the harbour?").answerable, least_answerable);
}

TEST_F(Recall, nothing_at_all_is_no_error) {
    EXPECT_THAT(paths(ask("anything")), IsEmpty());
    fill();
    EXPECT_THAT(paths(ask("???")), IsEmpty());
    EXPECT_THAT(paths(ask("")), IsEmpty());
}

TEST_F(Recall, an_unknown_source_is_refused_with_the_nearest_name) {
    auto reader = memory_.reader();
    const auto found = recall("anything", {.in = {"projekt"}}, {}, reader, standing_clock, greenwich);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::not_found);
    EXPECT_THAT(found.error().message, HasSubstr("did you mean 'project'?"));
}

TEST_F(Recall, a_source_named_in_the_question_is_the_one_searched) {
    const auto other = memory_.add_source("journal", "/nowhere/journal");
    memory_.put({.source = other, .path = "x.md"}, {{.text = "the meeting about the budget"}});
    memory_.file("a.md", "the meeting about the budget");
    EXPECT_THAT(paths(ask("meeting about the budget in journal")), ElementsAre("x.md"));
    EXPECT_THAT(paths(ask("meeting about the budget in journal", {.in = {"project"}})), ElementsAre("a.md"));
}

TEST_F(Recall, hints_of_time_limit_and_limits_given_win) {
    memory_.file("old.md", "the old budget of the garden", "2026-10-01");
    memory_.file("new.md", "the budget of the garden", "2026-11-20T10:00");
    EXPECT_THAT(paths(ask("budget of the garden yesterday")), ElementsAre("new.md"));
    const std::int64_t september = parse_rfc3339("2026-09-01", greenwich)->us;
    const Recalled overruled = ask("budget of the garden yesterday", {.since_us = september});
    EXPECT_EQ(overruled.candidates.size(), 2U);
    EXPECT_THAT(overruled.understood.hints, ElementsAre("yesterday: overruled by the limits given"));
    EXPECT_THAT(ask("budget of the garden yesterday").understood.hints, ElementsAre("yesterday: 2026-11-20"));
}

TEST_F(Recall, a_month_that_holds_nothing_may_be_the_subject) {
    fill();
    memory_.file("plan.md", "the harvest is in October, the sowing in April", "2026-09-09");
    const Recalled found = ask("what is to be done about the harvest in October");
    ASSERT_FALSE(found.candidates.empty());
    EXPECT_EQ(paths(found)[0], "plan.md");
    EXPECT_FALSE(found.understood.scope.window.bounded());
    // "yesterday" is not: there the answer is that there is nothing.
    EXPECT_THAT(paths(ask("the harvest yesterday")), IsEmpty());
}

TEST_F(Recall, words_only_reads_no_hints) {
    memory_.file("old.md", "yesterday all my troubles seemed so far away", "2026-01-01");
    const Recalled found = ask("yesterday troubles", {}, {.use_hints = false});
    EXPECT_THAT(paths(found), ElementsAre("old.md"));
    EXPECT_THAT(found.understood.hints, IsEmpty());
}

TEST_F(Recall, a_document_is_named_once_when_asked_by_document) {
    memory_.put({.path = "long.md"},
                {{.text = "the glacier moves"}, {.text = "the glacier melts"}, {.text = "the glacier ends"}});
    memory_.file("short.md", "a glacier");
    EXPECT_EQ(ask("glacier").candidates.size(), 4U);
    const Recalled found = ask("glacier", {}, {.by_document = true});
    EXPECT_EQ(found.candidates.size(), 2U);
    ASSERT_EQ(found.left_out.size(), 1U);
    EXPECT_EQ(found.left_out[0].reason, "same document");
    EXPECT_EQ(found.left_out[0].count, 2U);
}

TEST_F(Recall, what_does_not_fit_is_counted) {
    fill();
    const Recalled found = ask("the weather in town", {}, {.limit = 3});
    EXPECT_EQ(found.candidates.size(), 3U);
    ASSERT_EQ(found.left_out.size(), 1U);
    EXPECT_EQ(found.left_out[0].reason, "lower score");
    EXPECT_EQ(found.left_out[0].count, found.passages_matched - 3);
}

TEST_F(Recall, tests_come_after_what_they_test) {
    memory_.file("src/pool_test.cpp", "the connection pool is exhausted");
    memory_.file("src/pool.cpp", "when the connection pool is exhausted, callers wait for their turn");
    EXPECT_EQ(paths(ask("connection pool exhausted"))[0], "src/pool.cpp");
    EXPECT_EQ(paths(ask("test of connection pool exhausted"))[0], "src/pool_test.cpp");
}

TEST_F(Recall, words_side_by_side_find_the_identifier_they_make) {
    fill();
    memory_.file("a.cpp", "constexpr int retrylimit = 7;");
    EXPECT_EQ(paths(ask("what is the retry limit"))[0], "a.cpp");
}

TEST_F(Recall, code_is_found_by_the_words_it_abbreviates) {
    fill();
    memory_.file("a.c", "int max_conn = 12;");
    EXPECT_EQ(paths(ask("maximum connections"))[0], "a.c");
}

TEST_F(Recall, neighbours_come_along_when_asked_for) {
    fill();
    memory_.put({.path = "house.h"},
                {{.text = "every bound of the greenhouse"}, {.text = "int panes = 12;", .line_first = 5}});
    const Recalled alone = ask("bound of the greenhouse");
    const Recalled both = ask("bound of the greenhouse", {}, {.neighbours = true});
    EXPECT_EQ(both.candidates.size(), alone.candidates.size() + 1);
    EXPECT_EQ(both.candidates.back().placed.passage.text, "int panes = 12;");
}

class Talk : public Recall {
protected:
    void say(const std::string& id, const std::string& title, const std::string& text) {
        memory_.put({.kind = store::DocumentKind::pushed, .path = id, .title = title},
                    {{.text = text, .line_first = 0}}, "2026-05-08T13:56");
    }
};

TEST_F(Talk, a_turn_is_found_by_what_was_said_before_it) {
    say("1", "Ana, 8 May", "Good morning!");
    say("2", "Ben, 8 May", "Which instrument do you play in the orchestra?");
    say("3", "Ana, 8 May", "The violin.");
    say("4", "Ben, 8 May", "Lovely.");
    say("5", "Ana, 8 May", "And you?");
    for (int i = 6; i < 20; ++i)
        say(std::to_string(i), i % 2 == 0 ? "Ben, 8 May" : "Ana, 8 May", "The weather is fine.");
    const Recalled found = ask("which instrument is played in the orchestra");
    EXPECT_TRUE(found.conversation);
    EXPECT_THAT(paths(found), ElementsAre("2", testing::AnyOf("1", "3"), testing::AnyOf("1", "3"), "4"));
}

TEST_F(Talk, turns_outside_of_what_is_searched_stay_out) {
    say("1", "Ana, 8 May", "Good morning!");
    say("2", "Ben, 8 May", "Which instrument do you play in the orchestra?");
    memory_.put({.kind = store::DocumentKind::pushed, .path = "3", .title = "Ana, 8 May"},
                {{.text = "The violin.", .line_first = 0}}, "2026-05-08T14:01");
    const std::int64_t two = parse_rfc3339("2026-05-08T14:00", greenwich)->us;
    EXPECT_THAT(paths(ask("which instrument is played in the orchestra", {.until_us = two})),
                testing::Not(testing::Contains("3")));
    EXPECT_THAT(paths(ask("which instrument is played in the orchestra")), testing::Contains("3"));
}

TEST_F(Talk, in_a_conversation_a_month_is_what_is_asked_about) {
    say("1", "Ana, 8 May", "In April I was in Lisbon.");
    say("2", "Ben, 8 May", "Really?");
    say("3", "Ana, 8 May", "With my sister.");
    EXPECT_EQ(paths(ask("where was Ana in April"))[0], "1");
}

TEST_F(Talk, documents_with_titles_of_their_own_are_no_turns) {
    say("1", "Strings", "The violin has four strings.");
    say("2", "Orchestra", "An instrument in the orchestra is tuned before it is played.");
    say("3", "Weather", "It rains.");
    const Recalled found = ask("which instrument is played in the orchestra");
    EXPECT_FALSE(found.conversation);
    EXPECT_THAT(paths(found), ElementsAre("2"));
}

class History : public Recall {
protected:
    History() {
        memory_.file("src/ingest.cpp", "the ingest job walks the tree", "2026-11-20T18:00");
        memory_.file("src/http.cpp", "the server accepts a connection", "2026-11-21T09:00");
        memory_.commit("c1", "ingest: take up an interrupted job", "2026-11-20T17:00");
        memory_.commit("c2", "http: refuse a foreign origin", "2026-11-21T08:00");
        memory_.put({.kind = store::DocumentKind::working_tree,
                     .path = "unstaged",
                     .title = "Uncommitted changes, not staged",
                     .branch = "main"},
                    {{.text = "modified src/ingest.cpp (+1 -0)", .line_first = 0},
                     {.text = "@@ -1,1 +1,2 @@\n+the ingest job yields\n", .path = "src/ingest.cpp"}},
                    "2026-11-21T15:00");
    }
};

TEST_F(History, where_one_left_off_is_the_diff_then_commits_then_files) {
    const Recalled found = ask("where did I leave off?");
    EXPECT_TRUE(found.listing);
    EXPECT_THAT(paths(found), ElementsAre("unstaged", "unstaged", "c2", "c1", "src/http.cpp", "src/ingest.cpp"));
    EXPECT_GE(found.answerable, least_answerable);
}

TEST_F(History, where_one_left_off_with_something_leaves_out_the_rest) {
    const auto found = paths(ask("where did I leave off with the ingest job?"));
    EXPECT_THAT(found, testing::Not(testing::Contains("c2")));
    EXPECT_THAT(found, testing::Not(testing::Contains("src/http.cpp")));
    EXPECT_EQ(found.front(), "unstaged");
    EXPECT_EQ(found.back(), "src/ingest.cpp");
    EXPECT_THAT(paths(ask("where did I leave off with the spaceship?")), IsEmpty());
}

TEST_F(History, what_changed_in_a_span_of_time_is_listed) {
    EXPECT_THAT(paths(ask("what changed yesterday?")), ElementsAre("c1"));
    EXPECT_THAT(paths(ask("what changed today?")), ElementsAre("unstaged", "unstaged", "c2"));
}

TEST_F(History, what_changed_in_a_span_of_time_names_files_where_there_is_no_history) {
    const store::SourceId notes = memory_.add_source("notes", "/nowhere/notes");
    memory_.put({.source = notes, .path = "plan.md"}, {{.text = "what is to be done"}}, "2026-11-21T08:30");
    EXPECT_THAT(paths(ask("what changed today?")), ElementsAre("unstaged", "unstaged", "plan.md", "c2"));
    EXPECT_THAT(paths(ask("what changed today?", {.in = {"project"}})), ElementsAre("unstaged", "unstaged", "c2"));
    EXPECT_THAT(paths(ask("what changed today?", {.in = {"notes"}})), ElementsAre("plan.md"));
}

TEST_F(History, what_changed_about_something_prefers_history_to_files) {
    EXPECT_NE(paths(ask("what changed in the ingest job?"))[0], "src/ingest.cpp");
    EXPECT_EQ(paths(ask("how does the ingest job walk the tree?"))[0], "src/ingest.cpp");
}

TEST_F(History, a_branch_limits_to_its_commits) {
    must(memory_.store().write([&](store::Writer& writer) -> Result<> {
        return writer.put_branch_commits({1}, "feature/auth", std::vector<std::string>{"c1"});
    }));
    const Recalled found = ask("what happened on the auth branch?");
    EXPECT_THAT(paths(found), ElementsAre("c1"));
    EXPECT_THAT(found.understood.hints, ElementsAre("on the auth branch: branch feature/auth"));
}

TEST_F(Recall, any_bytes_are_a_question) {
    fill();
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        std::string question;
        for (std::size_t i = random() % 300; i > 0; --i) question += static_cast<char>(random());
        ask(question);
    }
    std::string long_question;
    for (int i = 0; i < 2000; ++i) long_question += "word" + std::to_string(i) + " ";
    EXPECT_LE(ask(long_question).understood.terms.size(), store::limit_query_terms);
}

TEST(question_terms, words_that_only_ask_are_dropped) {
    const auto terms = [](std::string_view question) {
        std::vector<std::string> names;
        for (const QuestionTerm& term : terms_of_question(question, Wording::asked).terms) names.push_back(term.term);
        return names;
    };
    EXPECT_THAT(terms("how does the pool do it when a client leaves?"), ElementsAre("pool", "client", "leav"));
    EXPECT_THAT(terms("how many threads does the pool have"), ElementsAre("thread", "pool", "limit", "max", "count"));
    EXPECT_THAT(terms("where is it?"), ElementsAre("where"));
    EXPECT_THAT(terms("\"how\" and pool and client"), ElementsAre("how", "pool", "client"));
}

TEST(question_terms, what_is_meant_from_afar_is_for_questions_and_what_is_the_same_for_all_but_plain_words) {
    const auto has = [](std::string_view text, Wording wording, std::string_view term) {
        return std::ranges::contains(terms_of_question(text, wording).aliases, term, &Alias::term);
    };
    EXPECT_TRUE(has("taken out again", Wording::asked, "revert"));
    EXPECT_FALSE(has("taken out again", Wording::named, "revert"));
    for (const Wording wording : {Wording::asked, Wording::named}) {
        EXPECT_TRUE(has("a picture", wording, "photo"));
        EXPECT_TRUE(has("the regexp", wording, "regex"));
    }
    EXPECT_FALSE(has("a picture", Wording::plain, "photo"));
}

TEST(question_terms, what_is_quoted_weighs_more) {
    const QuestionTerms terms = terms_of_question("\"pool\" client", Wording::plain);
    ASSERT_EQ(terms.terms.size(), 2U);
    EXPECT_GT(terms.terms[0].weight, terms.terms[1].weight);
}

TEST_F(Recall, the_same_text_in_two_places_is_one_candidate_that_names_both) {
    fill();
    memory_.file("a/lock.md", "The lock is held by the writer alone.\nNobody else may take it.");
    memory_.file("b/copy.md", "The  lock is held by the Writer alone. Nobody else may take it.");
    memory_.file("c/other.md", "The lock is held by the reader alone.");
    const Recalled folded = ask("who holds the writer lock", {}, {.limit = 2});
    ASSERT_EQ(folded.candidates.size(), 2U);
    ASSERT_EQ(folded.candidates[0].also.size(), 1U);
    EXPECT_NE(folded.candidates[0].also[0].document.path, folded.candidates[0].placed.document.path);
    EXPECT_EQ(folded.candidates[1].placed.document.path, "c/other.md") << "the place of what was folded is taken";
    EXPECT_TRUE(folded.candidates[1].also.empty());
    const Recalled documents = ask("who holds the writer lock", {}, {.limit = 3, .by_document = true});
    EXPECT_EQ(documents.candidates.size(), 3U) << "a copy is a document of its own";
}

TEST_F(Recall, what_a_better_passage_nearly_says_is_folded_unless_it_holds_more_of_the_question) {
    fill();
    const std::string rule =
        "The writer lock is taken before anything is read, because a reader that saw half of a change would hand it "
        "on. "
        "It is given back when the transaction has ended, whatever came of it, and nobody waits for it while asleep.";
    memory_.file("a/lock.md", rule);
    memory_.file("b/old.md", "In the version before: " + rule);
    memory_.file("c/more.md", rule + " The ledger has a lock of its own.");
    const Recalled folded = ask("when is the writer lock given back", {}, {.limit = 5});
    ASSERT_GE(folded.candidates.size(), 1U);
    EXPECT_EQ(folded.candidates[0].also.size(), 2U);
    EXPECT_THAT(folded.left_out, testing::Contains(testing::Field(&LeftOut::reason, "nearly the same text elsewhere")));
    const Recalled both = ask("is the writer lock given back before the ledger's", {}, {.limit = 5});
    ASSERT_GE(both.candidates.size(), 1U);
    EXPECT_EQ(both.candidates[0].placed.document.path, "c/more.md");
    const Recalled documents = ask("when is the writer lock given back", {}, {.limit = 5, .by_document = true});
    EXPECT_EQ(documents.candidates.size(), 3U);
}

TEST_F(Recall, the_parts_of_a_score_make_the_score) {
    fill();
    memory_.file("src/lock.md", "The lock is held by the writer alone.");
    memory_.commit("abc", "lock: why the writer holds it", "2026-11-20");
    const Recalled recalled = ask("why does the writer hold the lock?", {}, {.limit = 5, .explain = true});
    ASSERT_GE(recalled.candidates.size(), 2U);
    for (const Candidate& candidate : recalled.candidates) {
        double product = 1;
        for (const ScorePart& part : candidate.parts) product *= part.factor;
        EXPECT_NEAR(product, candidate.score, 1e-9 * candidate.score);
        EXPECT_GE(candidate.parts.size(), 2U);
    }
    EXPECT_TRUE(ask("why does the writer hold the lock?", {}, {.limit = 5}).candidates[0].parts.empty());
}

}  // namespace
}  // namespace lar::recall
