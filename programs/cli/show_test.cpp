#include "show.h"

#include <gtest/gtest.h>

namespace lar::cli {
namespace {

TEST(Show, PlacesReadAsTheyAreOpened) {
    EXPECT_EQ(place_text({.kind = "file", .path = "a.c", .line_first = 3, .line_last = 3}), "a.c:3");
    EXPECT_EQ(place_text({.kind = "file", .path = "a.c", .line_first = 3, .line_last = 9}), "a.c:3-9");
    EXPECT_EQ(place_text({.kind = "file", .path = "a.pdf", .page = 12}), "a.pdf p. 12");
    EXPECT_EQ(place_text({.kind = "working_tree", .path = "a.c", .line_first = 3, .line_last = 3}),
              "uncommitted a.c:3");
    EXPECT_EQ(place_text({.kind = "commit", .commit = "0123456789abcdef"}), "commit 0123456789");
    EXPECT_EQ(place_text({.kind = "pushed", .path = "mail-7"}), "mail-7");
}

}  // namespace
}  // namespace lar::cli
