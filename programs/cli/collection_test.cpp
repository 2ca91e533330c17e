#include "collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace lar::cli {
namespace {

class CollectionFolder : public testing::Test {
protected:
    CollectionFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "collection-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~CollectionFolder() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path write(const char* name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }
    std::filesystem::path folder_;
};

TEST_F(CollectionFolder, JudgementsAreReadWithAndWithoutAHeader) {
    for (const char* text :
         {"query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n", "q1\td1\t2\nq1\td2\t0", "q1 0 d1 2\r\nq1 0 d2 0\r\n"}) {
        const auto all = parse_judgements(text);
        ASSERT_TRUE(all) << all.error().message;
        ASSERT_EQ(all->size(), 1U);
        EXPECT_EQ(all->at("q1"), (Judgements{{"d1", 2}, {"d2", 0}}));
    }
}

TEST_F(CollectionFolder, AWrongJudgementIsNamedByItsLine) {
    const auto all = parse_judgements("q\td\t1\nq\td\tgood\n");
    ASSERT_FALSE(all);
    EXPECT_TRUE(all.error().message.contains(":2:")) << all.error().message;
    EXPECT_FALSE(parse_judgements("q\td\t1\nq\td\n"));
}

TEST_F(CollectionFolder, LinesAcrossBlocksStayWhole) {
    std::string text;
    std::vector<std::string> written;
    for (int i = 0; i < 2000; ++i) {
        written.push_back(std::string(static_cast<std::size_t>(i % 700), 'x') + std::to_string(i));
        text += written.back() + (i % 3 == 0 ? "\r\n" : "\n");
    }
    text += "\n  \nlast";
    written.push_back("last");
    std::vector<std::string> lines;
    const auto read =
        for_each_line(write("lines", text), 100'000, [&](std::string_view line, std::uint64_t) -> Result<> {
            lines.emplace_back(line);
            return {};
        });
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(lines, written);
}

TEST_F(CollectionFolder, ALineWithoutEndIsRefused) {
    const auto read = for_each_line(write("lines", std::string(2'000'000, 'x')), 1'000'000,
                                    [](std::string_view, std::uint64_t) { return Result<>(); });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::too_large);
}

TEST_F(CollectionFolder, ABrokenDocumentEndsTheReadingWithItsLine) {
    std::vector<std::string> ids;
    const auto read = read_corpus(
        write("corpus.jsonl",
              "{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\"2\",\"title\":\"t\",\"text\":\"b\",\"more\":[1]}\nnope\n"),
        [&](wire::BeirDocument&& document) -> Result<> {
            ids.push_back(document.id);
            return {};
        });
    EXPECT_THAT(ids, testing::ElementsAre("1", "2"));
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().message.starts_with("corpus.jsonl:3:")) << read.error().message;
}

TEST_F(CollectionFolder, AFolderWithoutJudgementsSaysSo) {
    const auto judgements = read_judgements(folder_);
    ASSERT_FALSE(judgements);
    EXPECT_EQ(judgements.error().code, Code::not_found);
}

}  // namespace
}  // namespace lar::cli
