#include "documents/office.h"

#include <gmock/gmock.h>

#include "base/format.h"
#include "documents/fixture.h"

namespace lar::documents {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::DocumentFormat;

constexpr std::string_view relationships_begin =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)";

std::string types_of(const Members& parts) {
    std::string xml = R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)";
    for (const auto& [name, type] : parts)
        xml += lar::format(
            R"(<Override PartName="/{}" ContentType="application/vnd.openxmlformats-officedocument.{}"/>)", name, type);
    return xml + "</Types>";
}

std::string word_of(std::string_view body, std::string_view before = {}) {
    return archive_of(
        {{"[Content_Types].xml", types_of({{"word/document.xml", "wordprocessingml.document.main+xml"},
                                           {"word/styles.xml", "wordprocessingml.styles+xml"},
                                           {"word/comments.xml", "wordprocessingml.comments+xml"}})},
         {"word/styles.xml", R"(<w:styles xmlns:w="w"><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/>
                                </w:style></w:styles>)"},
         {"word/comments.xml", R"(<w:comments xmlns:w="w"><w:comment><w:p><w:r><w:t>Is that so?</w:t></w:r></w:p>
                                  </w:comment></w:comments>)"},
         {"docProps/core.xml", R"(<c xmlns:dc="dc"><dc:title>Annual report</dc:title></c>)"},
         {"word/document.xml",
          lar::format(R"({}<w:document xmlns:w="w" xmlns:mc="mc"><w:body>{}</w:body></w:document>)", before, body)}});
}

TEST(Office, AWordDocumentKeepsItsHeadingsItemsAndRows) {
    const Outcome outcome = outcome_of(DocumentFormat::package, word_of(R"(
        <w:p><w:pPr><w:pStyle w:val="berschrift2"/></w:pPr><w:r><w:t>Costs</w:t></w:r></w:p>
        <w:p><w:r><w:t xml:space="preserve">They </w:t></w:r><w:r><w:t>rose</w:t><w:tab/><w:t>twice.</w:t></w:r></w:p>
        <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>rent</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>May</w:t></w:r></w:p></w:tc>
                     <w:tc><w:p><w:r><w:t>12</w:t></w:r></w:p><w:p><w:r><w:t>euros</w:t></w:r></w:p></w:tc></w:tr></w:tbl>)"));
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_EQ(outcome.read->title, "Annual report");
    EXPECT_THAT(outcome.blocks,
                ElementsAre("h2 Costs", "They rose twice.", "- rent", "| May | 12 euros", "Is that so?"));
}

TEST(Office, WhatWasDeletedOrStandsThereTwiceIsLeftOut) {
    const Outcome outcome = outcome_of(DocumentFormat::package, word_of(R"(
        <w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>here</w:t></w:r></w:p>
        <w:p><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Choice>
             <mc:Fallback><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Fallback>
             </mc:AlternateContent><w:r><w:t>around it</w:t></w:r></w:p>)"));
    EXPECT_THAT(outcome.blocks, ElementsAre("here", "box", "around it", "Is that so?"));
}

TEST(Office, SlidesAreThePresentationsPagesInItsOrder) {
    const auto slide = [](std::string_view title, std::string_view text) {
        return lar::format(
            R"(<p:sld xmlns:p="p" xmlns:a="a"><p:sp><p:ph type="title"/><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sp>
            <p:sp><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sp></p:sld>)",
            title, text);
    };
    const Outcome outcome = outcome_of(
        DocumentFormat::package,
        archive_of({{"[Content_Types].xml", types_of({{"ppt/presentation.xml", "presentationml.presentation.main+xml"},
                                                      {"ppt/slides/slide1.xml", "presentationml.slide+xml"},
                                                      {"ppt/slides/slide2.xml", "presentationml.slide+xml"}})},
                    {"ppt/presentation.xml", R"(<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst>
                        <p:sldId id="256" r:id="rId9"/><p:sldId id="257" r:id="rId1"/></p:sldIdLst></p:presentation>)"},
                    {"ppt/_rels/presentation.xml.rels",
                     std::string(relationships_begin) +
                         R"(<Relationship Id="rId1" Type="x/slide" Target="slides/slide1.xml"/>
                           <Relationship Id="rId9" Type="x/slide" Target="/ppt/slides/slide2.xml"/></Relationships>)"},
                    {"ppt/slides/_rels/slide2.xml.rels",
                     std::string(relationships_begin) +
                         R"(<Relationship Id="rId1" Type="x/notesSlide" Target="../notes/n.xml"/></Relationships>)"},
                    {"ppt/notes/n.xml", slide("", "to be said aloud")},
                    {"ppt/slides/slide1.xml", slide("Second", "two")},
                    {"ppt/slides/slide2.xml", slide("First", "one")}}));
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_EQ(outcome.read->pages, 2U);
    EXPECT_THAT(outcome.blocks,
                ElementsAre("p1: h2 First", "p1: one", "p1: to be said aloud", "p2: h2 Second", "p2: two"));
}

TEST(Office, ASheetIsItsRowsWithTextsAndDates) {
    const Outcome outcome = outcome_of(
        DocumentFormat::package,
        archive_of({{"[Content_Types].xml", types_of({{"xl/workbook.xml", "spreadsheetml.sheet.main+xml"},
                                                      {"xl/worksheets/s.xml", "spreadsheetml.worksheet+xml"},
                                                      {"xl/styles.xml", "spreadsheetml.styles+xml"},
                                                      {"xl/shared.xml", "spreadsheetml.sharedStrings+xml"}})},
                    {"xl/workbook.xml",
                     R"(<workbook xmlns:r="r"><sheets><sheet name="Rent" sheetId="1" r:id="a"/></sheets></workbook>)"},
                    {"xl/_rels/workbook.xml.rels",
                     std::string(relationships_begin) +
                         R"(<Relationship Id="a" Type="x/worksheet" Target="worksheets/s.xml"/></Relationships>)"},
                    {"xl/styles.xml", R"(<styleSheet><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
                                         <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>)"},
                    {"xl/shared.xml", "<sst><si><t>paid</t></si><si><r><t>on </t></r><r><t>time</t></r></si></sst>"},
                    {"xl/worksheets/s.xml", R"(<worksheet><dimension ref="A1:XFD1048576"/><sheetData>
                        <row><c t="s"><v>0</v></c><c s="1"><v>45292.5</v></c><c s="0"><v>1200</v></c></row>
                        <row r="1048576"><c r="XFD1048576" t="s"><v>1</v></c><c t="inlineStr"><is><t>late</t></is></c></row>
                        </sheetData></worksheet>)"}}));
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_THAT(outcome.blocks, ElementsAre("h1 Rent", "| paid | 2024-01-01 12:00 | 1200", "| on time | late"));
}

std::string open_document_of(std::string_view body, std::string_view manifest = "<m/>") {
    return archive_of(
        {{"mimetype", "application/vnd.oasis.opendocument.text"},
         {"META-INF/manifest.xml", std::string(manifest)},
         {"content.xml",
          lar::format(R"(<o:d xmlns:o="o" xmlns:text="t" xmlns:table="b"><o:body>{}</o:body></o:d>)", body)},
         {"meta.xml", R"(<m xmlns:dc="dc"><dc:title>Letter</dc:title></m>)"}});
}

TEST(Office, AnOpenDocumentIsItsTextAndWhatIsRepeatedStandsOnce) {
    const Outcome text = outcome_of(DocumentFormat::package, open_document_of(R"(
        <text:tracked-changes><text:p>struck out</text:p></text:tracked-changes>
        <text:h text:outline-level="2">Dear</text:h><text:p>one<text:s text:c="3"/>two<text:line-break/>three</text:p>
        <text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>)"));
    ASSERT_TRUE(text.read) << text.read.error().message;
    EXPECT_EQ(text.read->title, "Letter");
    EXPECT_THAT(text.blocks, ElementsAre("h2 Dear", "one two three", "- item"));
    const Outcome sheet =
        outcome_of(DocumentFormat::package, open_document_of(R"(<o:spreadsheet><table:table table:name="S">
        <table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>
        <table:table-cell table:number-columns-repeated="16384"/></table:table-row>
        <table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384">
        <text:p>b</text:p></table:table-cell></table:table-row></table:table></o:spreadsheet>)"));
    EXPECT_THAT(sheet.blocks, ElementsAre("h1 S", "| a", "| b"));
}

TEST(Office, ABookIsReadInTheOrderOfItsSpine) {
    const Members book{
        {"META-INF/container.xml", R"(<c><rootfiles><rootfile full-path="text/book.opf"/></rootfiles></c>)"},
        {"text/book.opf", R"(<package xmlns:dc="dc"><metadata><dc:title>A Book</dc:title></metadata>
            <manifest><item id="b" href="b%20.xhtml"/><item id="a" href="a.xhtml"/></manifest>
            <spine><itemref idref="b"/><itemref idref="a"/></spine></package>)"},
        {"text/a.xhtml", "<html><body><h1>Two</h1><p>later&nbsp;on</p></body></html>"},
        {"text/b .xhtml", "<html><body><h1>One</h1><p>at first</p></body></html>"}};
    const Outcome outcome = outcome_of(DocumentFormat::package, archive_of(book));
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_EQ(outcome.read->title, "A Book");
    EXPECT_THAT(outcome.blocks, ElementsAre("h1 One", "at first", "h1 Two", "later on"));
    Members locked = book;
    locked.emplace_back("META-INF/encryption.xml", R"(<e><CipherReference URI="text/a.xhtml"/></e>)");
    EXPECT_EQ(outcome_of(DocumentFormat::package, archive_of(locked)).code(), Code::denied);
}

TEST(Office, AnEncryptedDocumentSaysSo) {
    std::string compound = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on ";
    EXPECT_EQ(outcome_of(DocumentFormat::package, compound).code(), Code::unavailable) << "an older format";
    for (const char c : std::string_view("EncryptedPackage")) (compound += c) += '\0';
    EXPECT_EQ(outcome_of(DocumentFormat::package, compound).code(), Code::denied);
    const std::string locked = open_document_of("", "<m:manifest xmlns:m='m'><m:encryption-data/></m:manifest>");
    EXPECT_EQ(outcome_of(DocumentFormat::package, locked).code(), Code::denied);
}

TEST(Office, WhatIsNoOfficeDocumentIsDamaged) {
    for (const std::string& bytes :
         {std::string("plain text"), std::string("PK\x03\x04"), archive_of({{"a.txt", "text"}}),
          word_of("<w:p>").substr(0, 900), word_of("<w:p>")})
        EXPECT_EQ(outcome_of(DocumentFormat::package, bytes).code(), Code::corrupt);
}

TEST(Office, EntitiesThatADocumentDeclaresAreRefused) {
    const Outcome outcome =
        outcome_of(DocumentFormat::package, word_of("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>",
                                                    R"(<!DOCTYPE d [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>)"));
    EXPECT_EQ(outcome.code(), Code::corrupt);
    EXPECT_THAT(outcome.read.error().message, HasSubstr("entities"));
    EXPECT_THAT(outcome.blocks, IsEmpty());
}

TEST(Office, NestingAndGrowthHaveAnEnd) {
    std::string deep;
    for (int i = 0; i < 5000; ++i) deep += "<w:sdt>";
    EXPECT_EQ(outcome_of(DocumentFormat::package, word_of(deep)).code(), Code::corrupt);
    // A hundred megabytes of one letter: a zip of a hundred kilobytes.
    std::string text;
    for (int i = 0; i < 100; ++i) text += "<w:p><w:r><w:t>" + std::string(1024 * 1024, 'a') + "</w:t></w:r></w:p>";
    const Outcome grown = outcome_of(DocumentFormat::package, word_of(text));
    EXPECT_EQ(grown.code(), Code::too_large);
    EXPECT_EQ(grown.blocks.size(), 16U) << "what fits is kept";
}

TEST(Office, ADocumentThatComputesForTooLongEndsWithWhatThereIs) {
    std::string rows;
    for (int i = 0; i < 20'000; ++i) rows += "<w:p><w:r><w:t>row</w:t></w:r></w:p>";
    const std::string bytes = word_of(rows);
    EXPECT_EQ(outcome_of(DocumentFormat::package, bytes, 0).code(), Code::timeout);
}

}  // namespace
}  // namespace lar::documents
