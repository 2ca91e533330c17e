#include "base/nearest.h"

#include <gtest/gtest.h>

#include <string>

namespace lar {
namespace {

TEST(Nearest, IsTheNameThatWasMeantOrNone) {
    constexpr std::string_view known[] = {"temperature", "top_k", "top_p", "num_ctx"};
    EXPECT_EQ(nearest("temprature", known), "temperature");
    EXPECT_EQ(nearest("num_ctxt", known), "num_ctx");
    EXPECT_EQ(nearest("xyzzy", known), "");
    EXPECT_EQ(nearest("a", known), "");
    EXPECT_EQ(nearest(std::string(10'000, 't'), known), "");
}

}  // namespace
}  // namespace lar
