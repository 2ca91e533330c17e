#include "recall/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lar::recall {
namespace {

using testing::ElementsAre;

std::vector<double> joined(const std::vector<std::string>& texts, const std::vector<double>& scores, double share) {
    Agreement agreement;
    for (const std::string& text : texts) agreement.add(index::analyse(text));
    return agreement.join(scores, share);
}

QuestionTerms question(std::size_t words, std::uint64_t passages = 3) {
    QuestionTerms terms;
    for (std::size_t i = 0; i < words; ++i)
        terms.terms.push_back({.term = "word" + std::to_string(i), .passages = passages});
    return terms;
}

TEST(Agreement, what_stands_amid_good_passages_passes_what_stands_alone) {
    const auto scores = joined({"wing flutter at supersonic speed", "flutter of a swept wing at speed",
                                "a swept wing at supersonic speed", "heat of the harbour kitchen"},
                               {4, 4, 3, 3.2}, 0.5);
    EXPECT_GT(scores[2], scores[3]);
    EXPECT_DOUBLE_EQ(scores[3], 1.6);
}

TEST(Agreement, nothing_is_said_for_others_where_there_is_no_share) {
    EXPECT_THAT(joined({"wing flutter", "flutter of a wing", "harbour"}, {3, 2, 1}, 0), ElementsAre(3, 2, 1));
}

TEST(Agreement, passages_without_words_agree_with_nobody) {
    EXPECT_THAT(joined({"", "wing", ""}, {2, 2, 2}, 0.5), ElementsAre(1, 1, 1));
    EXPECT_TRUE(joined({}, {}, 0.5).empty());
}

TEST(Agreement, a_short_question_asks_for_one_thing) {
    EXPECT_EQ(share_of_others(question(0)), 0);
    EXPECT_EQ(share_of_others(question(2)), 0);
    EXPECT_GT(share_of_others(question(5)), share_of_others(question(3)));
    EXPECT_EQ(share_of_others(question(30)), share_of_others(question(40)));
    // Words that nothing holds do not make it longer.
    EXPECT_EQ(share_of_others(question(30, 0)), 0);
}

}  // namespace
}  // namespace lar::recall
