#include "answer/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "answer/citations.h"
#include "base/fd.h"
#include "recall/testing.h"

namespace lar::answer {
namespace {

using recall::greenwich;
using recall::Memory;
using recall::must;
using recall::standing_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "lar-answer-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string location() const { return path_.string(); }
    void write(const std::string& name, const std::string& text) const {
        must(write_file_atomically(path_ / name, text));
    }
    void remove(const std::string& name) const { std::filesystem::remove(path_ / name); }

private:
    std::filesystem::path path_;
};

class Answers : public testing::Test {
protected:
    Answers() : memory_("project", folder_.location()) {
        for (int i = 0; i < 40; ++i)
            memory_.file("notes/" + std::to_string(i) + ".md",
                         "Ordinary words about page " + std::to_string(i) + " and the weather in town.");
    }
    void file(const std::string& path, const std::string& text) {
        folder_.write(path, text + "\n");
        memory_.file(path, text);
    }
    Result<wire::ApiAnswer> try_ask(const std::string& question, const Sink& sink = {}) {
        auto reader = memory_.reader();
        return ask({.text = question}, reader, standing_clock, greenwich, {.air_gap = "seccomp, landlock 7"}, sink);
    }
    wire::ApiAnswer ask_for(const std::string& question) { return must(try_ask(question)); }
    std::string state_of(const std::string& question) {
        const wire::ApiAnswer answer = ask_for(question);
        return answer.citations.empty() ? "none" : answer.citations[0].state;
    }

    Folder folder_;
    Memory memory_;
};

constexpr std::string_view guide =
    "# Uploads\n"
    "\n"
    "The uploader sends files to the server. When the server\n"
    "does not answer, the uploader tries again, at most seven times. Then it gives up.\n"
    "\n"
    "Nothing else is said here.";

TEST_F(Answers, the_sentence_that_answers_is_quoted_with_its_place) {
    file("guide.md", std::string(guide));
    const wire::ApiAnswer answer =
        ask_for("how many times does the uploader try again when the server does not answer?");
    EXPECT_EQ(answer.outcome, "answered");
    ASSERT_FALSE(answer.sentences.empty());
    EXPECT_EQ(answer.sentences[0].text,
              "When the server does not answer, the uploader tries again, at most seven times.");
    EXPECT_THAT(answer.sentences[0].citations, ElementsAre(1U));
    ASSERT_FALSE(answer.citations.empty());
    const wire::ApiCitation& citation = answer.citations[0];
    EXPECT_EQ(citation.number, 1U);
    EXPECT_EQ(citation.place.kind, "file");
    EXPECT_EQ(citation.place.path, "guide.md");
    EXPECT_EQ(citation.place.absolute_path, folder_.location() + "/guide.md");
    EXPECT_EQ(citation.place.line_first, 1U);
    EXPECT_EQ(citation.place.line_last, 6U);
    EXPECT_EQ(citation.place.hash, hash_hex(guide));
    EXPECT_EQ(citation.quote, guide);
    EXPECT_EQ(citation.state, "unchanged");
}

TEST_F(Answers, a_sentence_of_another_language_is_quoted_for_other_forms_of_its_words) {
    file("dorf.md",
         "Im Dorf steht eine Mühle, die niemand mehr braucht.\n"
         "Die Häuser am Fluss wurden im letzten Jahr verkauft, weil die Brücke dort gebaut wird.\n"
         "Der Bäcker öffnet um sieben.");
    const wire::ApiAnswer answer = ask_for("Welches Haus wird an den Flüssen verkauft?");
    EXPECT_EQ(answer.outcome, "answered");
    ASSERT_FALSE(answer.sentences.empty());
    EXPECT_EQ(answer.sentences[0].text,
              "Die Häuser am Fluss wurden im letzten Jahr verkauft, weil die Brücke dort gebaut wird.");
    EXPECT_EQ(ask_for("Welche Nashörner werden gefüttert?").outcome, "not_found");
}

TEST_F(Answers, a_question_of_one_word_is_answered_where_the_word_stands) {
    file("adler.md", "# Project Adler\n\nBudget: 12,000 euros until March.\n\nContact: Ines.");
    for (const auto& [question, said] : {std::pair("what is the budget?", "Budget: 12,000 euros until March."),
                                         std::pair("who is our contact?", "Contact: Ines.")}) {
        const wire::ApiAnswer answer = ask_for(question);
        ASSERT_EQ(answer.outcome, "answered") << question;
        EXPECT_EQ(answer.sentences[0].text, said);
    }
    EXPECT_EQ(ask_for("what is the invoice?").outcome, "not_found");
}

TEST_F(Answers, what_no_source_supports_is_not_found) {
    file("guide.md", std::string(guide));
    for (const std::string question : {"how do I feed the narwhal below the lighthouse?",
                                       "who painted the zeppelin of the duchess?", "xylophone", "what is it?"}) {
        const wire::ApiAnswer answer = ask_for(question);
        EXPECT_EQ(answer.outcome, "not_found") << question;
        EXPECT_THAT(answer.sentences, IsEmpty());
        EXPECT_THAT(answer.citations, IsEmpty());
    }
}

TEST_F(Answers, what_is_refused_tells_what_comes_nearest_unless_hardly_a_word_was_found) {
    file("guide.md", std::string(guide));
    const std::string question =
        "which zeppelin tells the uploader that the server does not answer its narwhal lighthouse?";
    const wire::ApiAnswer answer = ask_for(question);
    ASSERT_EQ(answer.outcome, "not_found");
    EXPECT_THAT(answer.citations, IsEmpty());
    EXPECT_THAT(answer.nearest, IsEmpty());
    const wire::ApiAnswer closer =
        ask_for("does the uploader of the zeppelin send narwhal files when the server does not answer?");
    ASSERT_EQ(closer.outcome, "not_found");
    ASSERT_FALSE(closer.nearest.empty());
    EXPECT_EQ(closer.nearest[0].citation.place.path, "guide.md");
    EXPECT_EQ(closer.nearest[0].citation.state, "unchanged");
    EXPECT_THAT(std::string(guide), HasSubstr(closer.nearest[0].text.substr(0, 12)));
    EXPECT_THAT(ask_for("how many times does the uploader try again when the server does not answer?").nearest,
                IsEmpty());
}

TEST_F(Answers, a_citation_shows_that_its_file_changed_or_went_away) {
    file("guide.md", std::string(guide));
    const std::string question = "how many times does the uploader try again when the server does not answer?";
    EXPECT_EQ(state_of(question), "unchanged");
    folder_.write("guide.md", std::string(guide) + "\n\nA line more, below.\n");
    EXPECT_EQ(state_of(question), "unchanged");
    folder_.write("guide.md", "short\n");
    EXPECT_EQ(state_of(question), "changed");
    folder_.remove("guide.md");
    EXPECT_EQ(state_of(question), "missing");
}

TEST_F(Answers, lines_that_only_moved_are_cited_where_they_are) {
    file("guide.md", std::string(guide));
    const std::string question = "how many times does the uploader try again when the server does not answer?";
    folder_.write("guide.md", "One line more,\nand another, above.\n" + std::string(guide) + "\n");
    const wire::ApiCitation down = ask_for(question).citations.at(0);
    EXPECT_EQ(down.state, "unchanged");
    EXPECT_EQ(down.place.line_first, 3U);
    EXPECT_EQ(down.place.line_last, 8U);
    // Of two copies the nearer one.
    folder_.write("guide.md", "x\n" + std::string(guide) + "\n" + std::string(guide) + "\n");
    EXPECT_EQ(ask_for(question).citations.at(0).place.line_first, 2U);
    // Part of another line is not the line.
    folder_.write("guide.md", "x\ny" + std::string(guide) + "\n");
    EXPECT_EQ(state_of(question), "changed");
    folder_.write("guide.md", "x\n" + std::string(guide) + "z\n");
    EXPECT_EQ(state_of(question), "changed");
}

TEST_F(Answers, one_word_changed_is_a_change) {
    file("guide.md", std::string(guide));
    std::string text(guide);
    text.replace(text.find("seven"), 5, "eight");
    folder_.write("guide.md", text);
    const std::string question = "how many times does the uploader try again when the server does not answer?";
    EXPECT_EQ(state_of(question), "changed");
    folder_.write("guide.md", std::string(guide) + " But see above: this is no longer true.\n");
    EXPECT_EQ(state_of(question), "changed") << "the last line says more now";
}

TEST_F(Answers, a_piece_of_a_very_long_line_stands_within_it) {
    std::string before, after;
    for (int i = 0; i < 1000; ++i) before += "word" + std::to_string(i) + " ", after += " more" + std::to_string(i);
    const std::string piece = "The uploader tries again at most seven times when the server does not answer.";
    folder_.write("long.md", before + piece + after + "\n");
    memory_.file("long.md", piece);
    const std::string question = "how many times does the uploader try again when the server does not answer?";
    EXPECT_EQ(state_of(question), "unchanged");
    folder_.write("long.md", before + after + "\n");
    EXPECT_EQ(state_of(question), "changed");
}

TEST_F(Answers, a_file_under_another_name_is_missing_under_this_one) {
    file("guide.md", std::string(guide));
    folder_.write("handbook.md", std::string(guide));
    folder_.remove("guide.md");
    EXPECT_EQ(state_of("how many times does the uploader try again when the server does not answer?"), "missing");
}

TEST_F(Answers, a_file_that_became_a_folder_or_cannot_be_read_has_changed) {
    file("guide.md", std::string(guide));
    const std::string question = "how many times does the uploader try again when the server does not answer?";
    folder_.remove("guide.md");
    std::filesystem::create_directory(folder_.location() + "/guide.md");
    EXPECT_NE(state_of(question), "unchanged");
    folder_.remove("guide.md");
    folder_.write("guide.md", std::string("\0\1\2", 3) + std::string(guide));
    EXPECT_EQ(state_of(question), "changed") << "binary now";
}

TEST_F(Answers, line_ends_of_another_system_are_no_change) {
    file("guide.md", std::string(guide));
    std::string text;
    for (const char c : guide) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    folder_.write("guide.md", text);
    EXPECT_EQ(state_of("how many times does the uploader try again when the server does not answer?"), "unchanged");
}

TEST_F(Answers, a_commit_cannot_change) {
    memory_.commit("0123456789abcdef0123456789abcdef01234567", "uploader: give up after seven attempts",
                   "2026-11-20T10:00");
    const wire::ApiAnswer answer = ask_for("why does the uploader give up after seven attempts?");
    ASSERT_FALSE(answer.citations.empty());
    EXPECT_EQ(answer.citations[0].state, "unchanged");
    EXPECT_EQ(answer.citations[0].place.commit, "0123456789abcdef0123456789abcdef01234567");
    EXPECT_EQ(answer.citations[0].place.path, "");
    EXPECT_EQ(answer.citations[0].place.author, "Ana");
    EXPECT_EQ(answer.sentences[0].text, "2026-11-20, Ana: uploader: give up after seven attempts");
}

TEST_F(Answers, an_uncommitted_hunk_is_checked_against_the_file) {
    folder_.write("up.cpp", "one\ntwo uploader attempts\nthree\n");
    memory_.put(
        {.kind = store::DocumentKind::working_tree, .path = "unstaged", .title = "Uncommitted changes, not staged"},
        {{.text = "@@ -1,2 +1,3 @@\n one\n+two uploader attempts\n three\n", .path = "up.cpp"}});
    const std::string question = "what changed in the uploader attempts?";
    EXPECT_EQ(state_of(question), "unchanged");
    folder_.write("up.cpp", "one\nthree\n");
    EXPECT_EQ(state_of(question), "changed");
    folder_.remove("up.cpp");
    EXPECT_EQ(state_of(question), "missing");
}

TEST_F(Answers, a_source_of_a_single_file_is_found_where_it_is) {
    folder_.write("diary.md", "The uploader was repaired.\n");
    const auto source = memory_.add_source("diary", folder_.location() + "/diary.md");
    memory_.put({.source = source, .path = "diary.md"}, {{.text = "The uploader was repaired."}});
    const wire::ApiAnswer answer = ask_for("when was the uploader repaired?");
    ASSERT_FALSE(answer.citations.empty());
    EXPECT_EQ(answer.citations[0].place.absolute_path, folder_.location() + "/diary.md");
    EXPECT_EQ(answer.citations[0].state, "unchanged");
}

TEST_F(Answers, the_stream_brings_each_citation_before_its_sentence_and_the_whole_last) {
    file("guide.md", std::string(guide));
    std::vector<wire::AskEvent> events;
    const wire::ApiAnswer answer =
        must(try_ask("how many times does the uploader try again when the server does not answer?",
                     [&](const wire::AskEvent& event) {
                         events.push_back(event);
                         return true;
                     }));
    std::size_t sentences = 0;
    std::vector<std::uint32_t> known;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (const auto* citation = std::get_if<wire::AskCitation>(&events[i]))
            known.push_back(citation->citation.number);
        if (const auto* sentence = std::get_if<wire::AskSentence>(&events[i])) {
            ++sentences;
            for (const std::uint32_t number : sentence->sentence.citations)
                EXPECT_THAT(known, testing::Contains(number));
        }
        EXPECT_EQ(std::holds_alternative<wire::AskDone>(events[i]), i + 1 == events.size());
    }
    EXPECT_EQ(sentences, answer.sentences.size());
    EXPECT_EQ(known.size(), answer.citations.size());
}

TEST_F(Answers, a_question_can_be_cancelled) {
    file("guide.md", std::string(guide));
    const auto answer =
        try_ask("how many times does the uploader try again?", [](const wire::AskEvent&) { return false; });
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::unavailable);
}

TEST_F(Answers, the_receipt_says_what_was_done) {
    file("guide.md", std::string(guide));
    const wire::ApiReceipt receipt = ask_for("how often does the uploader try again in project this year?").receipt;
    EXPECT_EQ(receipt.computed, "on this machine, without a model");
    EXPECT_EQ(receipt.air_gap, "seccomp, landlock 7");
    EXPECT_EQ(receipt.bytes_out, 0U);
    EXPECT_THAT(receipt.sources, ElementsAre("project"));
    EXPECT_THAT(receipt.hints, ElementsAre("this year: 2026-01-01 to 2026-12-31", "in project: source project"));
    EXPECT_EQ(receipt.since, "2026-01-01T00:00:00+00:00");
    EXPECT_EQ(receipt.passages_searched, 41U);
    EXPECT_EQ(receipt.passages_used, 1U);
    std::uint64_t left_out = 0;
    for (const wire::LeftOut& one : receipt.left_out) left_out += one.count;
    EXPECT_EQ(receipt.passages_used + left_out, receipt.passages_considered);
}

TEST_F(Answers, where_one_left_off_is_told_line_by_line) {
    memory_.commit("c0ffee", "http: refuse a foreign origin", "2026-11-20T17:00");
    memory_.put({.kind = store::DocumentKind::working_tree,
                 .path = "unstaged",
                 .title = "Uncommitted changes, not staged",
                 .branch = "main"},
                {{.text = "modified src/up.cpp (+3 -1)", .line_first = 0}}, "2026-11-21T15:00");
    const wire::ApiAnswer answer = ask_for("where did I leave off?");
    EXPECT_EQ(answer.outcome, "answered");
    ASSERT_GE(answer.sentences.size(), 3U);
    EXPECT_EQ(answer.sentences[0].text, "Uncommitted changes, not staged on branch main: modified src/up.cpp (+3 -1)");
    EXPECT_EQ(answer.sentences[1].text, "2026-11-20 17:00, Ana: http: refuse a foreign origin");
    EXPECT_THAT(answer.sentences[2].text, HasSubstr("Edited 2026-11-01 00:00: notes/"));
}

TEST_F(Answers, what_is_uncommitted_is_told_with_its_first_changed_line) {
    memory_.put({.kind = store::DocumentKind::working_tree,
                 .path = "unstaged",
                 .title = "Uncommitted changes, not staged",
                 .branch = "main"},
                {{.text = "@@ -7,2 +7,4 @@ int f()\n one\n+int attempts = 7;\n+int pause = 2;\n three\n",
                  .path = "src/up.cpp",
                  .line_first = 7}},
                "2026-11-21T15:00");
    const wire::ApiAnswer answer = ask_for("where did I leave off?");
    ASSERT_FALSE(answer.sentences.empty());
    EXPECT_EQ(answer.sentences[0].text,
              "Uncommitted changes, not staged on branch main: src/up.cpp:8: `+ int attempts = 7;` and 1 line more");
}

TEST_F(Answers, passages_side_by_side_are_cited_as_one) {
    const std::string first = "// Every bound of the greenhouse.", second = "int greenhouse_panes = 12;";
    folder_.write("green.h", first + "\n\n" + second + "\n");
    memory_.put({.path = "green.h"}, {{.text = first}, {.text = second, .line_first = 3}});
    const wire::ApiAnswer answer = ask_for("how many panes does the greenhouse have?");
    ASSERT_EQ(answer.citations.size(), 1U);
    EXPECT_EQ(answer.citations[0].place.line_first, 1U);
    EXPECT_EQ(answer.citations[0].place.line_last, 3U);
    EXPECT_EQ(answer.citations[0].quote, first + "\n\n" + second);
    EXPECT_EQ(answer.citations[0].state, "unchanged");
    const auto cited = [&] { return ask_for("how many panes does the greenhouse have?").citations.at(0); };
    folder_.write("green.h", "#pragma once\n" + first + "\n\n" + second + "\n");
    EXPECT_EQ(cited().state, "unchanged");
    EXPECT_EQ(cited().place.line_first, 2U);
    EXPECT_EQ(cited().place.line_last, 4U);
    folder_.write("green.h", first + "\n\nint between = 1;\n" + second + "\n");
    EXPECT_EQ(cited().state, "changed") << "no longer side by side";
    folder_.write("green.h", first + "\n\nint greenhouse_panes = 13;\n");
    EXPECT_EQ(ask_for("how many panes does the greenhouse have?").citations[0].state, "changed");
}

TEST_F(Answers, a_kept_answer_is_checked_again_and_only_within_its_source) {
    file("guide.md", std::string(guide));
    wire::ApiAnswer answer = ask_for("how many times does the uploader try again when the server does not answer?");
    auto reader = memory_.reader();
    folder_.write("guide.md", "above\n" + std::string(guide));
    must(check_again(answer, reader));
    EXPECT_EQ(answer.citations[0].state, "unchanged");
    EXPECT_EQ(answer.citations[0].place.line_first, 2U);
    EXPECT_EQ(answer.citations[0].place.line_last, 7U);
    folder_.write("guide.md", "short\n");
    must(check_again(answer, reader));
    EXPECT_EQ(answer.citations[0].state, "changed");
    // An answer of another Lar may name a file that is none of ours.
    answer.citations[0].state = "unchanged";
    for (const char* path : {"../../etc/passwd", "/etc/passwd"}) {
        answer.citations[0].place.path = path;
        answer.citations[0].place.absolute_path = path[0] == '/' ? path : folder_.location() + "/" + path;
        must(check_again(answer, reader));
        EXPECT_EQ(answer.citations[0].state, "unchanged") << "not looked at";
    }
}

TEST_F(Answers, a_copy_is_named_beside_what_is_cited) {
    file("guide.md", std::string(guide));
    file("copy.md", std::string(guide));
    const wire::ApiAnswer answer =
        ask_for("how many times does the uploader try again when the server does not answer?");
    ASSERT_EQ(answer.citations.size(), 1U);
    ASSERT_EQ(answer.citations[0].also.size(), 1U);
    EXPECT_NE(answer.citations[0].also[0].path, answer.citations[0].place.path);
    EXPECT_EQ(answer.citations[0].also[0].line_first, 1U);
    auto reader = memory_.reader();
    const auto found = must(search({.query = "uploader server"}, {}, reader, standing_clock, greenwich, {}));
    ASSERT_EQ(found.hits.size(), 1U);
    EXPECT_EQ(found.hits[0].also.size(), 1U);
}

TEST_F(Answers, an_explanation_says_what_became_of_every_candidate) {
    file("guide.md", std::string(guide));
    file("other.md", "The uploader has a server of its own in the cellar.");
    auto reader = memory_.reader();
    const auto explained = [&](const std::string& question) {
        return must(ask({.text = question, .explain = true}, reader, standing_clock, greenwich, {}, {}));
    };
    const wire::ApiAnswer answer =
        explained("how many times does the uploader try again this year when the server does not answer?");
    ASSERT_TRUE(answer.explanation);
    const wire::ApiExplanation& why = *answer.explanation;
    EXPECT_EQ(why.intent, "find");
    EXPECT_FALSE(why.searched.contains("this year")) << "a hint is no word";
    EXPECT_GE(why.answerable, why.least_answerable);
    const auto uploader = std::ranges::find(why.terms, "upload", &wire::ApiTerm::term);
    ASSERT_NE(uploader, why.terms.end());
    EXPECT_EQ(uploader->sort, "word");
    EXPECT_EQ(uploader->passages, 2U);
    EXPECT_GT(uploader->information, 0);
    ASSERT_GE(why.candidates.size(), 2U);
    EXPECT_EQ(why.candidates[0].place.path, "guide.md");
    EXPECT_EQ(why.candidates[0].outcome, "cited as [1]");
    EXPECT_FALSE(why.candidates[0].parts.empty());
    for (const wire::ApiCandidate& candidate : why.candidates) EXPECT_FALSE(candidate.outcome.empty());

    const wire::ApiAnswer refused = explained("how does the uploader feed the narwhal below the lighthouse?");
    ASSERT_TRUE(refused.explanation);
    EXPECT_LT(refused.explanation->answerable, refused.explanation->least_answerable);
    for (const wire::ApiCandidate& candidate : refused.explanation->candidates)
        EXPECT_EQ(candidate.outcome, "not used: does not answer");
    EXPECT_FALSE(ask_for("how does the uploader try again?").explanation);

    const auto found =
        must(search({.query = "uploader server", .explain = true}, {}, reader, standing_clock, greenwich, {}));
    ASSERT_TRUE(found.explanation);
    ASSERT_EQ(found.explanation->candidates.size(), found.hits.size());
    EXPECT_EQ(found.explanation->candidates[0].outcome, "shown as 1");
}

TEST_F(Answers, search_gives_passages_as_they_are) {
    file("guide.md", std::string(guide));
    auto reader = memory_.reader();
    const auto found =
        must(search({.query = "uploader server", .limit = 3}, {}, reader, standing_clock, greenwich, {}));
    ASSERT_EQ(found.hits.size(), 1U);
    EXPECT_EQ(found.hits[0].rank, 1U);
    EXPECT_GT(found.hits[0].score, 0);
    EXPECT_EQ(found.hits[0].place.path, "guide.md");
    EXPECT_EQ(found.hits[0].text, guide);
    EXPECT_THAT(found.receipt.terms, ElementsAre("upload", "server"));
    EXPECT_EQ(found.receipt.passages_used, 1U);
}

}  // namespace
}  // namespace lar::answer
