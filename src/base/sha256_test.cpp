#include "base/sha256.h"

#include <gtest/gtest.h>

namespace lar {
namespace {

TEST(Sha256, GivesTheHashesOfTheStandard) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
    const std::string text(100'000, 'x');
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += 777) hash.add(std::string_view(text).substr(at, 777));
    EXPECT_EQ(hash.finish(), sha256_hex(text));
}

}  // namespace
}  // namespace lar
