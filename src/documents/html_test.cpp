#include "documents/html.h"

#include <gmock/gmock.h>

#include "documents/fixture.h"

namespace lar::documents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Outcome page(std::string_view html) { return outcome_of(wire::DocumentFormat::html, html); }

TEST(Html, APageIsItsShownTextInOrder) {
    const Outcome outcome = page(R"(<!doctype html><title> Our  Rules </title><style>p { color: red }</style>
        <body><script>var secret = 1;</script><h1>Rules<br>of the house</h1>
        <p>Be <b>quiet</b>
           after ten.<img alt="a bell"></p><p hidden>never shown</p>
        <ul><li>No dogs<li>No cats</ul>
        <pre>if (late)
    hush();</pre><template><p>unused</p></template>
        <dl><dt>Bell<dd>rings</dl>)");
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_EQ(outcome.read->title, "Our Rules");
    EXPECT_THAT(outcome.blocks, ElementsAre("h1 Rules of the house", "Be quiet after ten. a bell", "- No dogs",
                                            "- No cats", "``` if (late)\n    hush();", "- Bell", "- rings"));
}

TEST(Html, ATableIsItsRowsUnlessItArrangesThePage) {
    EXPECT_THAT(page("<table><tr><th>Name<th>Age<tr><td><p>Ana</p><td>31<tr><td>alone</table>").blocks,
                ElementsAre("| Name | Age", "| Ana | 31", "alone"));
    EXPECT_THAT(page("<table><tr><td><a>menu</a><td><h2>News</h2><p>It rained.</p><p>Again.</p></table>").blocks,
                ElementsAre("menu", "h2 News", "It rained.", "Again."));
    EXPECT_THAT(page("<table><tr><td>side<td><table><tr><td>a<td>b</table></table>").blocks,
                ElementsAre("side", "| a | b"));
}

TEST(Html, ThePagesOwnEncodingIsFollowed) {
    EXPECT_THAT(page("<p>caf\xc3\xa9").blocks, ElementsAre("café"));
    EXPECT_THAT(page("<p>caf\xe9 \x96 bar").blocks, ElementsAre("café – bar"));
    EXPECT_THAT(page("<meta charset=koi8-r><p>\xd0\xd2\xc9\xd7\xc5\xd4").blocks, ElementsAre("привет"));
    EXPECT_THAT(page(std::string_view("\xff\xfe<\0p\0>\0\x3f\x04", 10)).blocks, ElementsAre("п"));
}

TEST(Html, LigaturesAndUnseenCharactersDoNotHideWords) {
    EXPECT_THAT(page("<p>the \xef\xac\x81rst sec\xc2\xadtion\xe2\x80\x8b of\xc2\xa0it \xe2\x80\xab"
                     "x\xe2\x80\xac")
                    .blocks,
                ElementsAre("the first section of it x"));
}

TEST(Html, NothingButScriptsIsNothing) {
    const Outcome outcome = page("<script>document.write('text')</script>");
    EXPECT_TRUE(outcome.read);
    EXPECT_THAT(outcome.blocks, IsEmpty());
}

TEST(Html, ADeepTreeIsReadAsFarDownAsItsLimitAndHurtsNobody) {
    std::string html;
    for (int i = 0; i < 100'000; ++i) html += "<div>";
    const Outcome outcome = page("<p>above</p>" + html + "deep");
    EXPECT_EQ(outcome.code(), Code::too_large);
    EXPECT_THAT(outcome.blocks, ElementsAre("above"));
    EXPECT_EQ(page(std::string(limit_html_bytes + 1, 'a')).code(), Code::too_large);
}

}  // namespace
}  // namespace lar::documents
