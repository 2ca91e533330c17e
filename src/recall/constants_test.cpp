#include "recall/constants.h"

#include <gmock/gmock.h>

#include "recall/testing.h"

namespace lar::recall {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Constants, lines_give_numbers) {
    EXPECT_THAT(given_numbers("#define MAX_PARSING_DEPTH 10000"), Contains("maxparsingdepth"));
    EXPECT_THAT(given_numbers("# define LIMIT_KEYS (10)"), Contains("limitkey"));
    EXPECT_THAT(given_numbers("DEFAULT_REDIRECT_LIMIT: int = 30"), Contains("defaultredirectlimit"));
    EXPECT_THAT(given_numbers("static const size_t default_async_q_size = 8192;"), Contains("defaultasyncqs"));
    EXPECT_THAT(given_numbers("const defaultMultipartMemory = 32 << 20 // 32 MB"), Contains("defaultmultipartmemori"));
    EXPECT_THAT(given_numbers("std::size_t head_bytes{16 * 1024};"), Contains("headbyt"));
    EXPECT_THAT(given_numbers("const DEPTH_MAX: usize = 0x10;"), Contains("depthmax"));
    EXPECT_THAT(given_numbers("int backlog_low = -1;"), Contains("backloglow"));
    EXPECT_THAT(given_numbers("const DefaultPort int = 8080"), Contains("defaultport"));
    EXPECT_THAT(given_numbers("retryLimit := 3"), Contains("retrylimit"));
    EXPECT_THAT(given_numbers("double pool_share = 0.5;"), Contains("poolshar"));
    for (const std::string line :
         {"if (depth > MAX_PARSING_DEPTH) return 5;", "pool_size = other_size;", "pool_size = other_size + 2;",
          "if (pool_size == 8192)", "retry_count != 3", "max_depth <= 10", "pool_size += 4096", "x => 12 * pool_size",
          "if (max_depth) x = y + 1;", "buffer[MAX_ITEMS] = {1};", "// pool_size = 5", " * pool_size = 5",
          "# pool_size = 5", "case MAX_ITEMS: count = 5;", "if pool_size: shown = 5",
          "for (int pool_size = 8; pool_size < 9; ++pool_size)", "size_t match_length = 0;", "int match_length = (0);",
          "pool_size = \"5\""})
        EXPECT_THAT(given_numbers(line), IsEmpty()) << line;
    EXPECT_THAT(given_numbers("int max_items; long b = 5;"), ElementsAre("b"));
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

TEST_F(ConstantsTest, a_name_is_made_of_whole_words) {
    memory_.file("src/limits.h", "constexpr int limit_members = 7;\nconstexpr int limit_threads = 8;");
    EXPECT_THAT(names("limit of the embedding"), IsEmpty()) << "emb is embedding, but not in members";
    EXPECT_THAT(names("limit of the reader"), IsEmpty()) << "read is in threads";
    EXPECT_THAT(names("limit of threads"), ElementsAre("limitthread"));
    memory_.file("src/other.h", "constexpr int discard_limit = 9;");
    EXPECT_THAT(names("how many are swallowed?"), IsEmpty()) << "what only helps to find makes no name";
    memory_.file("lib/lz4.h", "#define LZ4_MAX_INPUT_SIZE 0x7E000000\n#define LZ4_MAX_OUTPUT_SIZE 0x7F000000");
    EXPECT_EQ(names("how large is LZ4_MAX_INPUT_SIZE?").at(0), "lz4maxinputsize");
}

TEST_F(ConstantsTest, the_best_two_of_few_uses_come_in_their_order) {
    memory_.file("src/a.h", "constexpr int pool_threads_limit_hard = 3;");
    memory_.file("src/b.h", "constexpr int pool_threads_limit = 4;");
    memory_.file("src/c.h", "constexpr int limit_of_pool_threads_abc = 5;");
    EXPECT_THAT(names("limit of pool threads"), ElementsAre("poolthreadslimit", "poolthreadslimithard"));
    auto reader = memory_.reader();
    const Recalled found = must(recall("limit of pool threads", {}, {}, reader, standing_clock, greenwich));
    ASSERT_FALSE(found.candidates.empty());
    EXPECT_EQ(found.candidates[0].placed.document.path, "src/b.h");
    for (int i = 0; i < 110; ++i)
        memory_.file("src/many" + std::to_string(i) + ".h", "bool full() { return count > queue_limit; }");
    memory_.file("src/queue.h", "constexpr int queue_limit = 4;");
    EXPECT_THAT(names("limit of the queue"), IsEmpty()) << "used everywhere";
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
}

TEST_F(ConstantsTest, a_name_is_no_proof_that_there_is_an_answer) {
    memory_.file("src/pool.h", "#define POOLTHREADSCAP 12");
    const std::string question = "how many pool threads cap a painted flamingo of Lucerne?";
    EXPECT_THAT(names(question), ElementsAre("poolthreadscap"));
    auto reader = memory_.reader();
    EXPECT_LT(must(recall(question, {}, {}, reader, standing_clock, greenwich)).answerable, least_answerable);
}

std::string first_of(Memory& memory, const std::string& question) {
    auto reader = memory.reader();
    const Recalled found = must(recall(question, {}, {}, reader, standing_clock, greenwich));
    return found.candidates.empty() ? std::string() : found.candidates[0].placed.document.path;
}

TEST_F(ConstantsTest, a_constant_that_no_word_finds_is_found) {
    memory_.file("src/glued.h", "#define POOLTHREADSCAP 12");
    memory_.file("src/words.cpp", "// pool\n// threads\n");
    EXPECT_EQ(first_of(memory_, "how many pool threads cap"), "src/glued.h");
    EXPECT_NE(first_of(memory_, "which commit raised the pool threads cap?"), "src/glued.h") << "history tells that";
}

TEST_F(ConstantsTest, notes_come_before_the_code_of_something_else) {
    memory_.file("src/port.h", "constexpr int default_bus_port = 7000;");
    EXPECT_EQ(first_of(memory_, "default bus port"), "src/port.h");
    const store::SourceId notes = memory_.add_source("notes", "/nowhere/notes");
    memory_.put(
        {.source = notes, .path = "trip.md"},
        {{.text = "By default the bus to the port takes forty minutes; from the port the ferry takes two hours."}});
    EXPECT_EQ(first_of(memory_, "how long does the bus take to the port by default?"), "trip.md");
}

}  // namespace
}  // namespace lar::recall
