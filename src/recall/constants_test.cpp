#include "recall/constants.h"

#include <gmock/gmock.h>

#include "recall/testing.h"

namespace lar::recall {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Constants, questions_ask_for_a_number) {
    for (const char* question : {"how many redirects are followed", "default pool size", "what is the maximum depth?",
                                 "how long does it wait", "at most"})
        EXPECT_TRUE(asks_for_number(question)) << question;
    for (const char* question : {"how does it follow redirects?", "why are many of them long?", "where is it defined"})
        EXPECT_FALSE(asks_for_number(question)) << question;
}

TEST(Constants, lines_give_numbers) {
    EXPECT_THAT(given_numbers("#define MAX_PARSING_DEPTH 10000"), Contains("maxparsingdepth"));
    EXPECT_THAT(given_numbers("# define LIMIT_KEYS (10)"), Contains("limitkey"));
    EXPECT_THAT(given_numbers("DEFAULT_REDIRECT_LIMIT: int = 30"), Contains("defaultredirectlimit"));
    EXPECT_THAT(given_numbers("static const size_t default_async_q_size = 8192;"), Contains("defaultasyncqs"));
    EXPECT_THAT(given_numbers("const defaultMultipartMemory = 32 << 20 // 32 MB"), Contains("defaultmultipartmemori"));
    EXPECT_THAT(given_numbers("std::size_t head_bytes{16 * 1024};"), Contains("headbyt"));
    EXPECT_THAT(given_numbers("const DEPTH_MAX: usize = 0x10;"), Contains("depthmax"));
    EXPECT_THAT(given_numbers("int backlog_low = -1;"), Contains("backloglow"));
    EXPECT_THAT(given_numbers("if (depth > MAX_PARSING_DEPTH) return 5;"), IsEmpty()) << "no sign of giving";
    EXPECT_THAT(given_numbers("pool_size = other_size;"), IsEmpty()) << "no number";
    EXPECT_THAT(given_numbers("pool_size = other_size + 2;"), IsEmpty()) << "not a number first";
    EXPECT_THAT(given_numbers("retries = " + std::string(400, '1')), IsEmpty()) << "data";
}

class ConstantsTest : public testing::Test {
protected:
    ConstantsTest() {
        for (int i = 0; i < 30; ++i)
            memory_.file("src/other" + std::to_string(i) + ".cpp",
                         "int other" + std::to_string(i) + "() { return 0; }");
        memory_.file("src/pool.cpp", "// The async queue hands messages to the threads of the pool, each in its turn.");
    }

    std::vector<std::string> names(const std::string& question, const store::Scope& scope = {}) {
        auto reader = memory_.reader();
        const QuestionTerms terms = must(informed_terms(question, Wording::asked, reader));
        std::vector<std::string> found;
        for (const Constant& constant : must(constants_asked_for(question, terms, scope, {}, reader)))
            found.push_back(constant.name);
        return found;
    }

    Memory memory_;
};

TEST_F(ConstantsTest, a_name_is_made_of_what_is_asked) {
    memory_.file("src/async.h", "namespace details {\nstatic const size_t default_async_q_size = 8192;\n}");
    memory_.file("src/adapters.py", "DEFAULT_POOLSIZE = 10\nDEFAULT_POOLBLOCK = False");
    memory_.file("src/gin.go", "const defaultMultipartMemory = 32 << 20 // 32 MB");
    EXPECT_THAT(names("default size of the async queue"), ElementsAre("defaultasyncqs"));
    EXPECT_THAT(names("what is the default pool size?"), ElementsAre("defaultpools"));
    EXPECT_THAT(names("default memory for multipart forms"), ElementsAre("defaultmultipartmemori"));
    EXPECT_THAT(names("where does the async queue live?"), IsEmpty()) << "asks for no number";
    EXPECT_THAT(names("default colour of the window frame"), IsEmpty());
}

TEST_F(ConstantsTest, only_code_gives_numbers_and_where_it_is_asked_for) {
    memory_.file("tests/test_pool.py", "pool_threads = 3");
    memory_.file("docs/pool.md", "    pool_threads = 4");
    EXPECT_THAT(names("how many pool threads?"), IsEmpty());
    memory_.file("src/settings.py", "pool_threads = 5");
    EXPECT_THAT(names("how many pool threads?"), ElementsAre("poolthread"));
    EXPECT_THAT(names("how many pool threads?", {.kinds = {store::DocumentKind::commit}}), IsEmpty());
    EXPECT_THAT(names("how many pool threads?", {.kinds = {store::DocumentKind::file}}), Not(IsEmpty()));
    for (int i = 0; i < 3; ++i) memory_.file("src/pool" + std::to_string(i) + ".py", "pool_threads = 9");
    EXPECT_THAT(names("how many pool threads?"), IsEmpty()) << "each has its own";
}

TEST_F(ConstantsTest, names_that_begin_with_what_nobody_asks_for_are_known_where_words_found_them) {
    memory_.file("src/hiredis.h", "#define REDIS_KEEPALIVE_INTERVAL 15 /* seconds */");
    auto reader = memory_.reader();
    const std::string question = "default keepalive interval";
    const QuestionTerms terms = must(informed_terms(question, Wording::asked, reader));
    const auto hits = must(reader.search(terms.query(), {}, {}, 9));
    ASSERT_FALSE(hits.empty());
    const auto passages = must(reader.passages(std::vector{hits[0].passage}));
    const std::vector<const store::PlacedPassage*> found = {&passages[0]};
    EXPECT_THAT(must(constants_asked_for(question, terms, {}, {}, reader)), IsEmpty());
    const auto constants = must(constants_asked_for(question, terms, {}, found, reader));
    ASSERT_THAT(constants, testing::SizeIs(1));
    EXPECT_EQ(constants[0].name, "rediskeepaliveinterv");
    EXPECT_EQ(constants[0].given[0].document.path, "src/hiredis.h");
}

TEST_F(ConstantsTest, what_gives_the_number_comes_first) {
    for (int i = 0; i < 9; ++i)
        memory_.file("src/use" + std::to_string(i) + ".py",
                     "def follow" + std::to_string(i) + "():\n    # each redirect that a session may follow\n    pass");
    memory_.file("src/models.py", "import os\nREDIRECT_STATI = (301, 302)\nDEFAULT_REDIRECT_LIMIT: int = 30\n");
    auto reader = memory_.reader();
    const std::string question = "How many redirects may a session follow?";
    const Recalled found = must(recall(question, {}, {}, reader, standing_clock, greenwich));
    ASSERT_FALSE(found.candidates.empty());
    EXPECT_EQ(found.candidates[0].placed.document.path, "src/models.py");
    const Recalled none =
        must(recall("How many flamingos may a session breed?", {}, {}, reader, standing_clock, greenwich));
    EXPECT_LT(none.answerable, least_answerable) << "a name is no proof";
}

}  // namespace
}  // namespace lar::recall
