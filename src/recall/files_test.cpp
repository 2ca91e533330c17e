#include "recall/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recall/recall.h"
#include "recall/testing.h"

namespace lar::recall {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FilesOfAChange : public testing::Test {
protected:
    FilesOfAChange() {
        for (int i = 0; i < 40; ++i)
            memory_.file("notes/" + std::to_string(i) + ".md", "ordinary words about page " + std::to_string(i));
    }
    // As sources/git/drafts.h writes one that changed `path`.
    void change(const std::string& id, const std::string& message, const std::string& path,
                const std::string& time = "2026-10-01") {
        memory_.put({.kind = store::DocumentKind::commit, .path = id, .title = id, .author = "Ana"},
                    {{.text = message + "\n\nmodified " + path + " (+1 -1)\n", .line_first = 0},
                     {.text = "@@ -1,1 +1,1 @@\n-int old;\n+int " + id + ";\n", .path = path}},
                    time);
    }
    std::vector<std::string> found(std::string_view text, bool files = true) {
        auto reader = memory_.reader();
        const Recalled recalled =
            must(recall(text, {}, {.limit = 30, .files = files}, reader, standing_clock, greenwich));
        std::vector<std::string> paths;
        for (const Candidate& candidate : recalled.candidates) {
            if (candidate.placed.document.kind != store::DocumentKind::file) continue;
            if (const std::string& path = candidate.placed.document.path; !std::ranges::contains(paths, path))
                paths.push_back(path);
        }
        return paths;
    }
    Memory memory_;
};

TEST_F(FilesOfAChange, a_file_that_was_changed_for_such_a_reason_is_found_without_a_word_of_it) {
    memory_.file("src/a.c", "int encode(struct part *p);");
    memory_.file("src/b.c", "the quoting of nothing");
    change("c1", "fix quoting of addresses in headers", "src/a.c");
    change("c2", "quoting of addresses: allow a comma", "src/a.c");
    const std::string_view subject = "correct quoting of addresses in long headers";
    ASSERT_FALSE(found(subject).empty());
    EXPECT_EQ(found(subject).front(), "src/a.c");
    EXPECT_THAT(found(subject, false), ElementsAre("src/b.c"));
}

TEST_F(FilesOfAChange, a_question_is_answered_by_passages) {
    memory_.file("src/a.c", "int encode(struct part *p);");
    memory_.file("src/b.c", "the quoting of nothing");
    change("c1", "fix quoting of addresses in headers", "src/a.c");
    EXPECT_THAT(found("where is the quoting of addresses in headers corrected?"), ElementsAre("src/b.c"));
    EXPECT_EQ(found("corrected quoting of addresses in headers").front(), "src/a.c");
}

TEST_F(FilesOfAChange, what_was_done_to_a_file_at_its_old_place_counts_where_it_is_now) {
    memory_.file("src/util/a.c", "int encode(struct part *p);");
    change("c1", "fix quoting of addresses in headers", "src/libsphinx/util/a.c");
    EXPECT_THAT(found("correct quoting of addresses in long headers"), testing::Contains("src/util/a.c"));
}

TEST_F(FilesOfAChange, what_was_done_later_counts_more) {
    memory_.file("src/a.c", "int encode(struct part *p);");
    memory_.file("src/b.c", "int decode(struct part *p);");
    change("c1", "fix quoting of addresses in headers", "src/a.c", "2011-10-01");
    change("c2", "fix quoting of addresses in headers", "src/b.c", "2026-10-01");
    const auto paths = found("correct quoting of addresses in long headers");
    ASSERT_GE(paths.size(), 2U);
    EXPECT_THAT(std::vector(paths.begin(), paths.begin() + 2), ElementsAre("src/b.c", "src/a.c"));
}

TEST_F(FilesOfAChange, ten_hits_are_ten_files_before_one_comes_again) {
    std::vector<Text> pieces;
    for (int i = 0; i < 8; ++i)
        pieces.push_back(
            {.text = "quoting of addresses, part " + std::to_string(i), .line_first = std::uint32_t(10 * i + 1)});
    memory_.put({.path = "src/a.c"}, pieces);
    for (const char* name : {"src/b.c", "src/d.c", "src/e.c"})
        memory_.file(name, "one line on quoting in " + std::string(name));
    change("c1", "fix quoting of addresses", "src/a.c");
    change("c2", "quoting of addresses: allow a comma", "src/a.c");
    auto reader = memory_.reader();
    const auto found = must(recall("correct quoting of addresses in long headers", {}, {.limit = 4, .files = true},
                                   reader, standing_clock, greenwich));
    std::vector<std::string> paths;
    for (const Candidate& candidate : found.candidates) paths.push_back(candidate.placed.document.path);
    EXPECT_THAT(paths, testing::UnorderedElementsAre("src/a.c", "src/b.c", "src/d.c", "src/e.c"));
}

TEST_F(FilesOfAChange, a_commit_that_says_all_of_it_is_among_the_first) {
    for (const char* name : {"src/b.c", "src/d.c", "src/e.c"})
        memory_.file(name, "one line on quoting in " + std::string(name));
    change("c1", "fix quoting of addresses in headers", "src/a.c");
    change("c2", "some quoting", "src/a.c");
    const auto first_commit = [&](std::string_view text) -> std::size_t {
        auto reader = memory_.reader();
        const auto found = must(recall(text, {}, {.limit = 10, .files = true}, reader, standing_clock, greenwich));
        for (std::size_t i = 0; i < found.candidates.size(); ++i)
            if (found.candidates[i].placed.document.path == "c1" && found.candidates[i].placed.passage.path.empty())
                return i;
        return found.candidates.size();
    };
    EXPECT_LT(first_commit("fix quoting of addresses in headers"), 2U);
    EXPECT_GE(first_commit("quoting of odd commas"), 3U);
}

TEST(FilesChanged, are_those_that_a_commit_lists_and_does_not_add) {
    EXPECT_THAT(files_changed("subject\n\nmodified said in the message\n\nadded a.c (+9 -0)\nmodified b c.h (+1 -2)\n"
                              "renamed new/d.c from d.c\ntype changed e\nand 3 more files\n"),
                ElementsAre("b c.h", "new/d.c", "e"));
    EXPECT_THAT(files_changed("a message alone"), IsEmpty());
}

}  // namespace
}  // namespace lar::recall
