#include "sources/documents/passages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "sources/documents/format.h"

namespace lar::sources {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using wire::Block;
using wire::BlockKind;

DocumentPassages cut(std::vector<Block> blocks, std::string member = {}) {
    std::vector<DocumentPart> parts;
    parts.push_back({.member = std::move(member), .blocks = std::move(blocks)});
    return document_passages(parts, "docs/report.pdf", "Report");
}

TEST(DocumentPassages, APassageStandsOnOnePageUnderTheHeadingsOfThePagesBefore) {
    const DocumentPassages made = cut({{BlockKind::heading, 1, 1, "Costs"},
                                       {BlockKind::paragraph, 0, 1, "They rose."},
                                       {BlockKind::heading, 2, 2, "Rent"},
                                       {BlockKind::paragraph, 0, 2, "It is high."},
                                       {BlockKind::paragraph, 0, 3, "And rising."}});
    ASSERT_THAT(made.passages, SizeIs(3));
    EXPECT_EQ(made.passages[0].passage.page, 1U);
    EXPECT_EQ(made.passages[0].passage.text, "# Costs\n\nThey rose.");
    EXPECT_EQ(made.passages[0].passage.context, "");
    EXPECT_EQ(made.passages[1].passage.context, "Costs");
    EXPECT_EQ(made.passages[2].passage.page, 3U);
    EXPECT_EQ(made.passages[2].passage.context, "Costs > Rent");
    EXPECT_EQ(made.passages[2].passage.line_first, 0U) << "a page has no lines that hold";
    EXPECT_EQ(made.passages[2].passage.ordinal, 2U);
}

TEST(DocumentPassages, ALongParagraphIsCutAfterASentence) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += lar::format("This is sentence number {} of a long paragraph. ", i);
    const DocumentPassages made = cut({{BlockKind::paragraph, 0, 0, text}});
    EXPECT_GT(made.passages.size(), 3U);
    for (const store::NewPassage& passage : made.passages) EXPECT_TRUE(passage.passage.text.ends_with('.'));
}

TEST(DocumentPassages, AMemberIsNamedAndPlainTextHasItsLines) {
    const DocumentPassages made = cut({{BlockKind::plain, 0, 0, "first\nsecond\n"}}, "src/a.txt");
    ASSERT_THAT(made.passages, SizeIs(1));
    EXPECT_EQ(made.passages[0].passage.path, "docs/report.pdf/src/a.txt");
    EXPECT_EQ(made.passages[0].passage.line_last, 2U);
    EXPECT_THAT(made.passages[0].indexed.path, HasSubstr("src"));
}

TEST(DocumentPassages, SecretsInAnArchiveStayThere) {
    for (const std::string member : {"app/.env", ".ssh/id_rsa"}) {
        const DocumentPassages made = cut({{BlockKind::plain, 0, 0, "PASSWORD=1\n"}}, member);
        EXPECT_THAT(made.passages, SizeIs(0));
        ASSERT_THAT(made.left_out, SizeIs(1));
        EXPECT_EQ(made.left_out[0].reason, "secret");
        EXPECT_EQ(made.left_out[0].path, "docs/report.pdf/" + member);
    }
}

TEST(DocumentPassages, ATitleIsTheDocumentsOwnUnlessItsProgramWroteIt) {
    const std::vector<DocumentPart> parts{{.member = {}, .blocks = {{BlockKind::heading, 1, 0, "Costs"}}}};
    EXPECT_EQ(document_title("Annual report", parts, "a.pdf"), "Annual report");
    EXPECT_EQ(document_title("Microsoft Word - costs.doc", parts, "a.pdf"), "costs.doc");
    EXPECT_EQ(document_title("Untitled", parts, "a.pdf"), "Costs");
    EXPECT_EQ(document_title("", {}, "docs/a.pdf"), "a.pdf");
}

TEST(DocumentFormat, IsToldByTheName) {
    EXPECT_EQ(document_format("a/Report.PDF"), wire::DocumentFormat::pdf);
    EXPECT_EQ(document_format("backup.tar.gz"), wire::DocumentFormat::archive);
    EXPECT_EQ(document_format("data.gz"), std::nullopt);
    EXPECT_EQ(document_format("dir/.pdf"), std::nullopt);
    EXPECT_EQ(document_format("a.cpp"), std::nullopt);
}

}  // namespace
}  // namespace lar::sources
