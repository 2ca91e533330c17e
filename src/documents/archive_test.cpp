#include "documents/archive.h"

#include <gmock/gmock.h>

#include "base/format.h"
#include "documents/fixture.h"

namespace lar::documents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Outcome read_all(std::string_view bytes) { return outcome_of(wire::DocumentFormat::archive, bytes); }

TEST(Archive, TextsAndDocumentsInItAreReadAndPicturesPassedOver) {
    const Members members{{"notes/a.txt", "one\ntwo\n"},
                          {"page.html", "<h1>Title</h1>"},
                          {"letter.pdf", pdf_of(pages_of({{"Dear reader"}}))},
                          {"picture.png", std::string("\x89PNG\0\0", 6)}};
    for (const Container container : {Container::zip, Container::tar_gz}) {
        const Outcome outcome = read_all(archive_of(members, container));
        ASSERT_TRUE(outcome.read) << outcome.read.error().message;
        EXPECT_THAT(outcome.blocks,
                    ElementsAre("notes/a.txt: = one\ntwo\n", "page.html: h1 Title", "letter.pdf: p1: Dear reader"));
        EXPECT_THAT(outcome.failed, IsEmpty());
    }
}

TEST(Archive, WhatIsWrongWithAMemberIsSaidOfItAndTheRestGoesOn) {
    const Outcome outcome = read_all(archive_of({{"../../etc/passwd", "root"},
                                                 {"inner.zip", archive_of({{"a.txt", "a"}})},
                                                 {"broken.pdf", "%PDF-1.4 and nothing"},
                                                 {"large.txt", std::string(2 * 1024 * 1024, 'a')},
                                                 {"good.txt", "good"}}));
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_THAT(outcome.blocks, ElementsAre("good.txt: = good"));
    EXPECT_THAT(outcome.failed, ElementsAre("../../etc/passwd: invalid", "inner.zip: unavailable",
                                            "broken.pdf: corrupt", "large.txt: too_large"));
}

TEST(Archive, WhatGrowsWithoutEndIsLeftWhereItIs) {
    // Each member is within its limit; all of them are not.
    Members members;
    for (int i = 0; i < 17; ++i) members.emplace_back(lar::format("{}.txt", i), std::string(limit_member_bytes, ' '));
    EXPECT_EQ(read_all(archive_of(members)).code(), Code::too_large);
    EXPECT_THAT(read_all(archive_of({{"a", std::string(limit_member_bytes + 1, ' ')}})).failed,
                ElementsAre("a: too_large"));
    Members many;
    for (std::size_t i = 0; i <= limit_members; ++i) many.emplace_back(lar::format("{}", i), "");
    EXPECT_EQ(read_all(archive_of(many)).code(), Code::too_large);
}

TEST(Archive, ADamagedOneKeepsWhatCameBefore) {
    Members members;
    for (int i = 0; i < 50; ++i) members.emplace_back(lar::format("{}.txt", i), lar::format("text {}", i));
    const std::string whole = archive_of(members, Container::tar_gz);
    const Outcome cut = read_all(whole.substr(0, whole.size() / 2));
    EXPECT_EQ(cut.code(), Code::corrupt);
    EXPECT_EQ(read_all("no archive").code(), Code::corrupt);
    EXPECT_THAT(read_all(whole).blocks, SizeIs(50));
}

}  // namespace
}  // namespace lar::documents
