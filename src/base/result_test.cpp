#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace lar {
namespace {

Result<std::unique_ptr<int>> boxed(int value) {
    if (value < 0) return fail(Code::invalid, "negative");
    return std::make_unique<int>(value);
}

Result<int> sum(int a, int b) { return *TRY(boxed(a)) + *TRY(boxed(b)); }

Result<> both(int a, int b) {
    TRY_VOID(boxed(a));
    TRY_VOID(boxed(b));
    return {};
}

TEST(Result, TryTakesTheValueOutEvenOfAMoveOnlyType) { EXPECT_EQ(sum(2, 3), 5); }

TEST(Result, TryReturnsTheFirstErrorWithItsPlace) {
    const Result<int> result = sum(1, -1);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::invalid);
    EXPECT_NE(std::string_view(result.error().where.function_name()).find("boxed"), std::string_view::npos);
    EXPECT_FALSE(both(-1, 1));
    EXPECT_TRUE(both(1, 1));
}

TEST(Result, AFullDiskIsUnavailableAndSaysSo) {
    const auto error = fail_errno("write", ENOSPC);
    EXPECT_EQ(error.error().code, Code::unavailable);
    EXPECT_EQ(error.error().message, "write: the disk is full");
}

TEST(ResultDeathTest, AFalseAssertionEndsTheProcess) { EXPECT_DEATH(ASSERT(1 == 2), "assertion failed: 1 == 2"); }

}  // namespace
}  // namespace lar
