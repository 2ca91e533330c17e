#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr double relative_error = 1e-5;  // scores are floats

double idf(double passages, double with_term) { return std::log(1 + (passages - with_term + 0.5) / (with_term + 0.5)); }

TEST(Search, ScoreIsBm25ComputedByHand) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    put(store, document(source, "a"), {"pool pool connection", "connection of many words about other things"});
    put(store, document(source, "b"), {"pool"});
    Reader reader = must(store.reader());
    const auto hits = must(reader.search(std::vector<QueryTerm>{{"pool", 1}, {"connection", 2}}, {}, {}, 10));
    ASSERT_EQ(hits.size(), 3U);
    const double average = (3 + 7 + 1) / 3.0;
    const auto part = [&](double tf, double length) { return tf / (tf + 1.2 * (1 - 0.75 + 0.75 * length / average)); };
    // Both terms are in two passages of three.
    EXPECT_NEAR(hits[0].score, idf(3, 2) * (part(2, 3) + 2 * part(1, 3)), relative_error);
    EXPECT_NEAR(hits[1].score, 2 * idf(3, 2) * part(1, 7), relative_error);
    EXPECT_NEAR(hits[2].score, idf(3, 2) * part(1, 1), relative_error);
}

TEST(Search, FieldWeightCountsAsIfTheFieldWereWrittenThatOften) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_document(document(source, "a"), std::vector{passage("one two", "pool")}));
        TRY_VOID(writer.put_document(document(source, "b"), std::vector{passage("pool pool pool one two")}));
        return {};
    }));
    Reader reader = must(store.reader());
    Ranking ranking{.k1 = 0.9, .b = 0.4};
    ranking.weights.title = 3;
    const auto hits = must(reader.search(std::vector<QueryTerm>{{"pool"}}, {}, ranking, 10));
    ASSERT_EQ(hits.size(), 2U);
    EXPECT_NEAR(hits[0].score, hits[1].score, relative_error);
    EXPECT_NEAR(hits[0].score, idf(2, 2) * 3 / (3 + 0.9), relative_error);  // both are as long as the average
    ranking.weights.title = 0;
    EXPECT_EQ(must(reader.search(std::vector<QueryTerm>{{"pool"}}, {}, ranking, 10)).size(), 1U);
}

TEST(Search, BestPassagesComeFirstAndNoMoreThanAsked) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    std::vector<std::string> texts;
    for (int i = 1; i <= 40; ++i) {
        std::string text;
        for (int k = 0; k < 40; ++k) text += k < i ? "pool " : "other ";
        texts.push_back(text);
    }
    put(store, document(source, "a"), texts);
    Reader reader = must(store.reader());
    const auto hits = must(reader.search(std::vector<QueryTerm>{{"pool"}}, {}, {}, 7));
    ASSERT_EQ(hits.size(), 7U);
    const auto placed = must(reader.passages(std::vector{hits[0].passage, hits[6].passage}));
    EXPECT_EQ(placed[0].passage.ordinal, 39U);
    EXPECT_EQ(placed[1].passage.ordinal, 33U);
}

TEST(Search, TermsAreComparedAsTheyAreAndNeverAsSyntax) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    put(store, document(source, "a"), {"c++ \"quoted\" größe 接続", "or and not near*"});
    Reader reader = must(store.reader());
    EXPECT_EQ(found(reader, {{"c++"}}).size(), 1U);
    EXPECT_EQ(found(reader, {{"\"quoted\""}}).size(), 1U);
    EXPECT_EQ(found(reader, {{"größe"}}).size(), 1U);
    EXPECT_EQ(found(reader, {{"接続"}}).size(), 1U);
    EXPECT_EQ(found(reader, {{"near*"}}).size(), 1U);
    EXPECT_THAT(found(reader, {{"near"}}), IsEmpty());
    EXPECT_THAT(found(reader, {{""}, {std::string("a\0b", 3)}, {"\""}, {"body:c++"}, {"C++"}}), IsEmpty());
}

TEST(Search, MoreTermsThanTheLimitAreRefused) {
    Store store = open_store();
    Reader reader = must(store.reader());
    const std::vector<QueryTerm> terms(limit_search_terms + 1, QueryTerm{"a"});
    EXPECT_EQ(reader.search(terms, {}, {}, 10).error().code, Code::too_large);
    EXPECT_THAT(must(reader.search(std::vector<QueryTerm>{}, {}, {}, 10)), IsEmpty());
}

class ScopedSearch : public ::testing::Test {
protected:
    ScopedSearch() {
        notes_ = add_source(store_, "notes");
        code_ = add_source(store_, "code");
        put(store_, document(notes_, "old", 100), {"word old note"});
        put(store_, document(notes_, "new", 200), {"word new note"});
        put(store_, document(code_, "file", 150), {"word file"});
        for (const char* id : {"aa01", "aa02", "not hex"}) {
            Document commit = document(code_, id, 300);
            commit.kind = DocumentKind::commit;
            put(store_, commit, {std::string("word commit ") + id});
        }
        Document dirty = document(code_, "unstaged", 400);
        dirty.kind = DocumentKind::working_tree;
        dirty.branch = "auth";
        put(store_, dirty, {"word dirty"});
        must(store_.write([&](Writer& writer) -> Result<> {
            TRY_VOID(writer.put_branch_commits(code_, "main", std::vector<std::string>{"aa01", "aa02"}));
            return writer.put_branch_commits(code_, "auth", std::vector<std::string>{"aa01", "not hex", "gone"});
        }));
    }
    std::vector<std::string> in(const Scope& scope) {
        Reader reader = must(store_.reader());
        const auto texts = found(reader, {{"word"}}, scope);
        EXPECT_EQ(must(reader.passages_in(scope)), texts.size());
        return texts;
    }

    Store store_ = open_store();
    SourceId notes_, code_;
};

TEST_F(ScopedSearch, SourcesAndKindsLimitWhatIsFound) {
    EXPECT_EQ(in({}).size(), 7U);
    EXPECT_THAT(in({.sources = {notes_}}), UnorderedElementsAre("word old note", "word new note"));
    EXPECT_THAT(in({.kinds = {DocumentKind::file}}),
                UnorderedElementsAre("word old note", "word new note", "word file"));
    EXPECT_THAT(in({.sources = {code_}, .kinds = {DocumentKind::file}}), ElementsAre("word file"));
    EXPECT_THAT(in({.sources = {SourceId{99}}}), IsEmpty());
}

TEST_F(ScopedSearch, TimeWindowTakesItsStartAndNotItsEnd) {
    EXPECT_THAT(in({.window = {.since_us = 150, .until_us = 200}}), ElementsAre("word file"));
    EXPECT_THAT(in({.window = {.since_us = 400}}), ElementsAre("word dirty"));
    EXPECT_THAT(in({.window = {.until_us = 100}}), IsEmpty());
}

TEST_F(ScopedSearch, BranchLimitsToItsCommitsAndItsUncommittedWork) {
    EXPECT_THAT(in({.branch = "main"}), UnorderedElementsAre("word commit aa01", "word commit aa02"));
    EXPECT_THAT(in({.branch = "auth"}), UnorderedElementsAre("word commit aa01", "word commit not hex", "word dirty"));
    EXPECT_THAT(in({.kinds = {DocumentKind::commit}, .window = {.until_us = 300}, .branch = "main"}), IsEmpty());
    EXPECT_THAT(in({.branch = "none"}), IsEmpty());
}

TEST_F(ScopedSearch, BranchesThatAreGoneNoLongerLimit) {
    must(store_.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_branch_commits(code_, "main", std::vector<std::string>{"aa02"}));
        return writer.remove_branches_except(code_, std::vector<std::string>{"main"});
    }));
    EXPECT_THAT(in({.branch = "main"}), ElementsAre("word commit aa02"));
    EXPECT_THAT(in({.kinds = {DocumentKind::commit}, .branch = "auth"}), IsEmpty());
}

TEST_F(ScopedSearch, LatestDocumentsAreTheNewestOfTheScope) {
    Reader reader = must(store_.reader());
    const auto paths = [&](const Scope& scope, std::size_t limit) {
        std::vector<std::string> found;
        for (const Document& document : must(reader.latest_documents(scope, limit))) found.push_back(document.path);
        return found;
    };
    EXPECT_THAT(paths({}, 2), ElementsAre("unstaged", "not hex"));
    EXPECT_THAT(paths({.kinds = {DocumentKind::file}}, 2), ElementsAre("new", "file"));
    EXPECT_THAT(paths({.branch = "main"}, 5), ElementsAre("aa02", "aa01"));
    EXPECT_THAT(paths({.window = {.until_us = 151}}, 5), ElementsAre("file", "old"));
}

TEST_F(ScopedSearch, DocumentsArePagedInPathOrder) {
    Reader reader = must(store_.reader());
    std::vector<std::string> paths;
    for (std::string after;;) {
        const auto page = must(reader.documents(code_, DocumentKind::commit, after, 2));
        if (page.empty()) break;
        for (const Document& document : page) paths.push_back(document.path);
        after = paths.back();
    }
    EXPECT_THAT(paths, ElementsAre("aa01", "aa02", "not hex"));
    ASSERT_EQ(must(reader.files_with_hash(code_, hash_hex("file"))).size(), 1U);
    EXPECT_EQ(must(reader.files_with_hash(code_, hash_hex("file")))[0].path, "file");
    EXPECT_TRUE(must(reader.files_with_hash(code_, hash_hex("aa02"))).empty()) << "a commit is no file";
    EXPECT_EQ(must(reader.counts(code_)).commits, 3U);
}

}  // namespace
}  // namespace lar::store
