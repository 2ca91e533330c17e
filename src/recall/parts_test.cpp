#include "recall/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recall/recall.h"
#include "recall/testing.h"

namespace lar::recall {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(parts, stand_between_signs_and_before_and_with_a_word_that_asks) {
    EXPECT_THAT(parts_of("how many threads at most, and why the cap?"),
                ElementsAre("how many threads at most", "why the cap"));
    EXPECT_THAT(parts_of("when is it sorted and when not"), ElementsAre("when is it sorted", "when not"));
    EXPECT_THAT(parts_of("seccomp: why is clone3 refused"), ElementsAre("seccomp", "why is clone3 refused"));
    EXPECT_THAT(parts_of("the port – where is it set?"), ElementsAre("the port", "where is it set"));
    EXPECT_THAT(parts_of("a, b, c, d, e, f"), ElementsAre("a", "b", "c", "d"));
}

TEST(parts, names_and_lists_of_two_are_no_parts) {
    EXPECT_THAT(parts_of("which of std::sort and std::stable_sort does it use?"), IsEmpty());
    EXPECT_THAT(parts_of("read v1.2.3 of a.b.c"), IsEmpty());
    EXPECT_THAT(parts_of(""), IsEmpty());
    EXPECT_THAT(parts_of("?!"), IsEmpty());
}

class Parts : public testing::Test {
protected:
    Parts() {
        for (int i = 0; i < 40; ++i)
            memory_.file("notes/" + std::to_string(i) + ".md",
                         "ordinary words about page " + std::to_string(i) + " and the weather in town");
        memory_.file("a.md", "the uploader starts worker threads, at most four of them");
    }
    double answerable(std::string_view question) {
        auto reader = memory_.reader();
        return must(recall(question, {}, {}, reader, standing_clock, greenwich)).answerable;
    }
    Memory memory_;
};

TEST_F(Parts, a_question_is_answered_where_one_of_its_parts_is) {
    const std::string_view second = "does the zeppelin of the duchess overtake xylophones?";
    EXPECT_LT(answerable(second), least_answerable);
    EXPECT_GE(answerable("how many worker threads does the uploader start, and " + std::string(second)),
              least_answerable);
}

TEST_F(Parts, a_short_part_answers_nothing) {
    EXPECT_LT(
        answerable("how does the zeppelin of the duchess overtake painted xylophones, and where are the threads?"),
        least_answerable);
}

}  // namespace
}  // namespace lar::recall
