#include "models/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fd.h"
#include "base/format.h"
#include "base/sha256.h"
#include "models/blobs.h"
#include "models/sizes.h"
#include "models/testing.h"

namespace lar::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string digest = "sha256:" + std::string(64, 'a');

std::string manifest_with(std::string_view layer) {
    return R"({"schemaVersion":2,"mediaType":"x","config":{"mediaType":"c","digest":")" + digest +
           R"(","size":3},"layers":[)" + std::string(layer) + "]}";
}
std::string layer_with(std::string_view layer_digest, std::string_view more = "") {
    return lar::format(R"({{"mediaType":"m","digest":"{}","size":5{}}})", layer_digest, more);
}

TEST(Manifest, OfOllamaIsReadWithKeysThatNobodyNamed) {
    const auto manifest = parse_manifest(manifest_with(layer_with(digest, R"(,"from":"/old","urls":[1])")));
    ASSERT_TRUE(manifest) << manifest.error().message;
    ASSERT_EQ(manifest->layers.size(), 1U);
    EXPECT_EQ(manifest->layers[0].size, 5U);
    EXPECT_FALSE(adopted(manifest->layers[0]));
}

TEST(Manifest, WithADigestASizeOrAPlaceThatCannotBeIsRefused) {
    EXPECT_FALSE(parse_manifest(manifest_with(layer_with("sha256:../../etc/passwd"))));
    EXPECT_FALSE(parse_manifest(manifest_with(layer_with("sha256:" + std::string(64, 'A')))));
    EXPECT_FALSE(parse_manifest(manifest_with(R"({"mediaType":"m","digest":")" + digest + R"(","size":-1})")));
    EXPECT_FALSE(
        parse_manifest(manifest_with(R"({"mediaType":"m","digest":")" + digest + R"(","size":9007199254740993000})")));
    EXPECT_FALSE(parse_manifest(
        manifest_with(layer_with(digest, R"(,"annotations":{"lar.path":"relative","lar.modified_ns":"1"})"))));
    EXPECT_FALSE(parse_manifest(manifest_with(layer_with(digest, R"(,"annotations":{"lar.path":"/a"})"))));
    EXPECT_FALSE(parse_manifest("{}"));
    EXPECT_EQ(parse_manifest("not json").error().code, Code::corrupt);
}

TEST(Manifest, SaysWhereAnAdoptedFileLies) {
    const auto manifest = parse_manifest(
        manifest_with(layer_with(digest, R"(,"annotations":{"lar.path":"/m/a.gguf","lar.modified_ns":"17"})")));
    ASSERT_TRUE(manifest) << manifest.error().message;
    const auto place = adopted(manifest->layers[0]);
    ASSERT_TRUE(place);
    EXPECT_EQ(place->path, "/m/a.gguf");
    EXPECT_EQ(place->modified_ns, 17);
    wire::ModelLayer again;
    set_adopted(again, *place);
    EXPECT_EQ(again.annotations, manifest->layers[0].annotations);
}

TEST(Layout, ListsWhatMayBeAModelAndNothingElse) {
    const Folder folder;
    EXPECT_THAT(must(references_in(folder.path())), ElementsAre());
    const std::string usual = std::string(default_host) + "/library/a/latest";
    for (const std::string_view name :
         {std::string_view("h.example/ana/b/v1"), std::string_view(usual), std::string_view("h.example/ana/b/.hidden"),
          std::string_view("h.example/ana/b/latest.d/x"), std::string_view("h.example/stray")})
        folder.write(std::string("manifests/") + std::string(name), "{}");
    const auto references = must(references_in(folder.path()));
    ASSERT_EQ(references.size(), 2U);
    EXPECT_EQ(canonical(references[0]), "h.example/ana/b:v1");
    EXPECT_EQ(short_form(references[1]), "a:latest");
    EXPECT_EQ(manifest_path(folder.path(), references[0]), folder.path() / "manifests/h.example/ana/b/v1");
}

TEST(Blobs, AreNamedByTheirBytesAndPrivate) {
    const Folder folder;
    const std::string hex = must(write_small_blob(folder.path(), "hello"));
    EXPECT_EQ(hex, sha256_hex("hello"));
    const auto path = blob_path(folder.path(), hex);
    EXPECT_EQ(must(read_file(path, 10)), "hello");
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "tmp"));
}

TEST(Blobs, WhoseBytesChangedAreRefused) {
    const Folder folder;
    const std::string hex = must(write_small_blob(folder.path(), "hello"));
    wire::ModelLayer layer{.digest = digest_of(hex), .size = 5};
    EXPECT_EQ(must(read_small_blob(folder.path(), layer)), "hello");
    folder.write("blobs/sha256-" + hex, "jello");
    EXPECT_EQ(read_small_blob(folder.path(), layer).error().code, Code::corrupt);
}

TEST(Blobs, ThatDoNotArriveWholeLeaveNothing) {
    const Folder folder;
    {
        BlobWriter writer = must(BlobWriter::start(folder.path(), 5, 0));
        must(writer.add("hel"));
        EXPECT_EQ(writer.finish(sha256_hex("hello")).error().code, Code::conflict);
    }
    {
        BlobWriter writer = must(BlobWriter::start(folder.path(), std::nullopt, 0));
        must(writer.add("hello"));
        const Staged dropped = must(writer.finish(sha256_hex("hello")));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "tmp"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "blobs"));
}

TEST(Blobs, AreCopiedWithTheHashOfWhatWasCopiedAndTellHowFarTheyAre) {
    const Folder folder;
    const std::string bytes = std::string(copy_step_bytes + 7, 'x');
    const auto original = folder.write("original", bytes);
    const Fd file = must(open_read_only(original));
    std::uint64_t told = 0;
    Staged staged =
        must(copy_blob(folder.path(), file.number(), 0, [&](std::uint64_t done, std::uint64_t of) -> Result<> {
            told = done;
            EXPECT_EQ(of, bytes.size());
            return {};
        }));
    EXPECT_EQ(told, bytes.size());
    EXPECT_EQ(staged.hex(), sha256_hex(bytes));
    must(staged.move_to(blob_path(folder.path(), staged.hex())));
    EXPECT_EQ(must(read_file(blob_path(folder.path(), staged.hex()), 2 * bytes.size())), bytes);
}

TEST(Blobs, AreNotBegunWhereThereIsNoRoom) {
    const Folder folder;
    const auto refused = BlobWriter::start(folder.path(), 1'000'000, std::uint64_t{1} << 62);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("the disk is full: 1 MB are needed"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "tmp"));
    BlobWriter unsure = must(BlobWriter::start(folder.path(), std::nullopt, std::uint64_t{1} << 62));
    EXPECT_EQ(unsure.add("x").error().code, Code::unavailable) << "room is looked for before the first byte";
}

TEST(Blobs, AreNotCopiedByWhoIsToldToStop) {
    const Folder folder;
    const auto original = folder.write("original", "bytes");
    const Fd file = must(open_read_only(original));
    const auto stop = [](std::uint64_t, std::uint64_t) -> Result<> { return fail(Code::unavailable, "cancelled"); };
    EXPECT_EQ(copy_blob(folder.path(), file.number(), 0, stop).error().message, "cancelled");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "tmp"));
}

TEST(Sizes, AreWrittenAsPeopleReadThem) {
    EXPECT_EQ(human_bytes(999), "999 bytes");
    EXPECT_EQ(human_bytes(1'000'000), "1 MB");
    EXPECT_EQ(human_bytes(999'900'000), "1.0 GB");
    EXPECT_EQ(human_bytes(4'920'000'000), "4.9 GB");
    EXPECT_EQ(human_bytes(49'200'000'000), "49 GB");
    EXPECT_EQ(human_count(1'235'814'432), "1.2B");
    EXPECT_EQ(human_count(494'032'768), "494.03M");
    EXPECT_EQ(human_count(70'000'000'000), "70B");
    EXPECT_EQ(human_count(260'032), "260K");
    EXPECT_EQ(with_commas(8192), "8,192");
    EXPECT_EQ(with_commas(131'072), "131,072");
    EXPECT_EQ(with_commas(7), "7");
}

}  // namespace
}  // namespace lar::models
