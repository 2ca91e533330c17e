#include "documents/pdf.h"

#include <gmock/gmock.h>

#include "base/format.h"
#include "documents/fixture.h"

namespace lar::documents {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Pdf : public testing::Test {
protected:
    static void SetUpTestSuite() { prepare_pdf(); }
    static Outcome read_all(const std::string& bytes) { return outcome_of(wire::DocumentFormat::pdf, bytes); }
};

TEST_F(Pdf, EachPageIsItsParagraphsWithLinesJoinedAgain) {
    const Outcome outcome =
        read_all(pdf_of(pages_of({{"The answer is known and docu-", "mented on this page."}, {"The end."}})));
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_EQ(outcome.read->pages, 2U);
    EXPECT_THAT(outcome.blocks, ElementsAre("p1: The answer is known and documented on this page.", "p2: The end."));
}

TEST_F(Pdf, WhatTheOutlineNamesIsAHeading) {
    std::vector<std::string> objects = pages_of({{"2. Retries", "A request is tried again."}}, {}, "/Outlines 6 0 R");
    objects.push_back("<</Type /Outlines /First 7 0 R /Last 7 0 R /Count 1>>");
    objects.push_back("<</Title (2 Retries) /Parent 6 0 R /Dest [4 0 R /Fit]>>");
    EXPECT_THAT(read_all(pdf_of(objects)).blocks, ElementsAre("p1: h1 2. Retries", "p1: A request is tried again."));
}

TEST_F(Pdf, OneThatWantsAPasswordIsDenied) {
    const std::string unknown(64, 'a');
    const std::string bytes = pdf_of(
        pages_of({{"secret"}}),
        lar::format("/ID [<{0}> <{0}>] /Encrypt <</Filter /Standard /V 1 /R 2 /P -4 /O <{0}> /U <{0}>>>", unknown));
    const Outcome outcome = read_all(bytes);
    EXPECT_EQ(outcome.code(), Code::denied) << outcome.read.error().message;
    EXPECT_THAT(outcome.blocks, IsEmpty());
}

TEST_F(Pdf, PagesThatAreMiscountedAreFound) {
    EXPECT_THAT(read_all(pdf_of(pages_of({{"one"}}, "9999999999"))).blocks, ElementsAre("p1: one"));
    EXPECT_THAT(read_all(pdf_of(pages_of({{"one"}}, "3 0 R"))).blocks, ElementsAre("p1: one"));
}

TEST_F(Pdf, WhatIsNoPdfIsDamagedAndOneWithoutTextHasNone) {
    EXPECT_EQ(read_all("%PDF-1.4 and nothing else").code(), Code::corrupt);
    EXPECT_EQ(read_all("text").code(), Code::corrupt);
    const Outcome empty = read_all(pdf_of(pages_of({{}})));
    EXPECT_TRUE(empty.read);
    EXPECT_THAT(empty.blocks, IsEmpty());
}

TEST_F(Pdf, ADocumentThatComputesForTooLongSaysHowFarItWasRead) {
    const Outcome outcome = outcome_of(wire::DocumentFormat::pdf, pdf_of(pages_of({{"one"}, {"two"}})), 0);
    EXPECT_EQ(outcome.code(), Code::timeout);
    EXPECT_THAT(outcome.read.error().message, HasSubstr("0 of its 2 pages"));
}

}  // namespace
}  // namespace lar::documents
