#include "recall/shingles.h"

#include <gtest/gtest.h>

#include <string>

namespace lar::recall {
namespace {

const std::string paragraph =
    "A failed upload is tried again after one second, then after two, then after four. The wait doubles each time and "
    "never exceeds a minute, because whoever waits longer has gone home. What was sent already is not sent again.";

bool says_all(const std::string& one, const std::string& other) { return Shingles(one).say_all_of(Shingles(other)); }

TEST(Shingles, a_quoted_text_says_nothing_that_the_original_does_not) {
    const std::string quoted =
        "> A failed upload is tried again after one second,\n> then after two, then after four. The wait doubles each\n"
        "> time and NEVER exceeds a minute, because whoever waits longer has gone home. What was sent\n> already is "
        "not "
        "sent again.";
    EXPECT_TRUE(says_all(paragraph, quoted));
    EXPECT_TRUE(says_all(quoted, paragraph));
    const std::string reply =
        quoted + "\nI do not like that at all. Let the user decide how long it is to wait, and when.";
    EXPECT_TRUE(says_all(reply, paragraph)) << "the reply has all of it";
    EXPECT_FALSE(says_all(paragraph, reply)) << "and more";
}

TEST(Shingles, a_word_that_differs_matters_only_where_facts_do) {
    std::string other = paragraph;
    other.replace(other.find("whoever"), 7, "anybody who");
    EXPECT_TRUE(says_all(paragraph, other));
    EXPECT_FALSE(says_all(paragraph + " At most 20 megabytes.", paragraph + " At most 30 megabytes.")) << "a number";
    std::string denied = paragraph;
    denied.replace(denied.find("has gone"), 8, "has not gone");
    EXPECT_TRUE(says_all(paragraph, denied)) << "it denies elsewhere as well";
    denied.replace(denied.find("tried again"), 11, "nicht again");
    EXPECT_FALSE(says_all(paragraph, denied));
}

TEST(Shingles, short_texts_are_never_alike) {
    EXPECT_FALSE(says_all("The lock is held by the writer alone.", "The lock is held by the writer alone."));
    EXPECT_FALSE(says_all(paragraph, ""));
    EXPECT_EQ(Shingles("one two three").size(), 0U);
}

TEST(Shingles, scripts_without_spaces_are_compared_by_characters) {
    const std::string text = "东京办事处将于四月搬迁到新的大楼所有设备由物流公司运输";
    EXPECT_TRUE(says_all(text, text + "。"));
    EXPECT_FALSE(says_all(text, "会议记录由秘书整理后发送给所有参加者并存档于办公室的柜子"));
}

TEST(Shingles, any_bytes_are_a_text) {
    EXPECT_EQ(Shingles(std::string("\xe4\xb8", 2)).size(), 0U);
    EXPECT_EQ(Shingles(std::string(300, '\xff')).size(), 297U - 296U);
}

}  // namespace
}  // namespace lar::recall
