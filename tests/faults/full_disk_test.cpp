// A store on a disk that is really full: a tmpfs of a few megabytes, mounted in a mount namespace of this process
// alone. Where the kernel does not let an ordinary user make such a namespace, the tests say so and are skipped.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/fd.h"
#include "base/format.h"
#include "base/identity.h"
#include "store/store.h"

namespace lar::store {
namespace {

using ::testing::HasSubstr;

std::string no_small_disk;  // why there is none; empty when there is

bool write_text(const char* path, const std::string& text) {
    const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
    return file && ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Before any thread exists: a process with threads cannot enter a user namespace.
std::string enter_own_mounts() {
    const uid_t user = ::getuid();
    const gid_t group = ::getgid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
        if (!write_text("/proc/self/setgroups", "deny") ||
            !write_text("/proc/self/uid_map", lar::format("0 {} 1", user)) ||
            !write_text("/proc/self/gid_map", lar::format("0 {} 1", group))) {
            return "the user namespace cannot be set up";
        }
    } else if (::unshare(CLONE_NEWNS) != 0) {
        return std::string("no mount namespace: ") + std::strerror(errno);
    }
    // Nothing mounted here is to show anywhere else. Inside a changed root, which is no mount of its own (EINVAL),
    // whoever changed it has seen to that.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 && errno != EINVAL) {
        return std::string("the mounts cannot be made private: ") + std::strerror(errno);
    }
    return {};
}

class FixedClock final : public Clock {
public:
    std::int64_t now_us() const override { return 1'700'000'000'000'000; }
    std::int64_t monotonic_us() const override { return 0; }
};

class FullDisk : public ::testing::Test {
protected:
    void SetUp() override {
        if (!no_small_disk.empty()) GTEST_SKIP() << no_small_disk;
        std::string name = (std::filesystem::temp_directory_path() / "lar-full-disk-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        if (::mount("tmpfs", name.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=6m,mode=0700") != 0) {
            GTEST_SKIP() << "a small tmpfs cannot be mounted: " << std::strerror(errno);
        }
    }
    void TearDown() override {
        if (folder_.empty()) return;
        ::umount2(folder_.c_str(), MNT_DETACH);
        ::rmdir(folder_.c_str());
    }
    // Takes away all room, or gives it back.
    void fill() {
        const Fd file(::open((folder_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        const std::string block(4096, 'x');
        while (::write(file.number(), block.data(), block.size()) > 0) {
        }
    }
    void empty() { std::filesystem::remove(folder_ / "ballast"); }

    std::filesystem::path folder_;
    FixedClock clock_;
};

Result<SourceId> add_source(Store& store) {
    SourceId id;
    TRY_VOID(store.write([&](Writer& writer) -> Result<> {
        id = TRY(writer.add_source({.name = "notes", .location = "/notes"}));
        return {};
    }));
    return id;
}

Result<> put(Store& store, SourceId source, int number, std::size_t passages) {
    std::vector<NewPassage> made(passages);
    for (std::size_t i = 0; i < passages; ++i) {
        std::string& text = made[i].passage.text;
        text = lar::format("word{}", number);
        for (int word = 0; word < 60; ++word)
            text += " " + hash_hex(lar::format("{} {} {}", number, i, word)).substr(0, 12);
        made[i].indexed.body = text;
    }
    return store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_document({.source = source, .path = std::to_string(number), .size_bytes = 1}, made));
        return {};
    });
}

// Every document that was committed is there, whole and searchable; nothing else is.
void expect_exactly(Store& store, SourceId source, int documents, std::size_t passages) {
    auto reader = store.reader();
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->counts(source)->documents, static_cast<std::uint64_t>(documents));
    for (int number = 0; number < documents; ++number) {
        const auto hits = reader->search(std::vector<QueryTerm>{{lar::format("word{}", number)}}, {}, {}, limit_hits);
        ASSERT_TRUE(hits) << hits.error().message;
        EXPECT_EQ(hits->size(), passages) << "document " << number;
    }
    const auto integrity = store.check_integrity();
    EXPECT_TRUE(integrity) << integrity.error().message;
}

class FullDiskWithDocumentsOf : public FullDisk, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(FullDiskWithDocumentsOf, IsToldAndCostsNothingThatWasCommitted) {
    auto store = Store::open(folder_ / "lar.db", clock_);
    ASSERT_TRUE(store) << store.error().message;
    const auto source = add_source(*store);
    ASSERT_TRUE(source) << source.error().message;
    int written = 0;
    Result<> result;
    while ((result = put(*store, *source, written, GetParam())) && written < 20'000) ++written;
    ASSERT_FALSE(result) << "the disk did not fill";
    EXPECT_EQ(result.error().code, Code::unavailable);
    EXPECT_THAT(result.error().message, HasSubstr("the disk is full"));
    EXPECT_GT(written, 0);
    expect_exactly(*store, *source, written, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Passages, FullDiskWithDocumentsOf, ::testing::Values(1, 20, 400));

TEST_F(FullDisk, StoreGoesOnAsSoonAsThereIsRoom) {
    auto store = Store::open(folder_ / "lar.db", clock_);
    ASSERT_TRUE(store) << store.error().message;
    const auto source = add_source(*store);
    ASSERT_TRUE(source) << source.error().message;
    int written = 0;
    for (int round = 0; round < 3; ++round) {
        for (int more = 0; more < 5; ++more, ++written) ASSERT_TRUE(put(*store, *source, written, 3));
        fill();
        Result<> result;
        while ((result = put(*store, *source, written, 3)) && written < 20'000) ++written;
        EXPECT_EQ(result.error().code, Code::unavailable) << result.error().message;
        empty();
    }
    ASSERT_TRUE(put(*store, *source, written++, 3));
    expect_exactly(*store, *source, written, 3);
    // And again from the files alone.
    store = Store::open(folder_ / "lar.db", clock_);
    ASSERT_TRUE(store) << store.error().message;
    expect_exactly(*store, *source, written, 3);
}

TEST_F(FullDisk, NewStoreCannotBeMadeAndSaysWhy) {
    fill();
    const auto store = Store::open(folder_ / "lar.db", clock_);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::unavailable);
    EXPECT_THAT(store.error().message, HasSubstr("the disk is full"));
    empty();
    EXPECT_TRUE(Store::open(folder_ / "lar.db", clock_));
}

TEST_F(FullDisk, ForgettingWithoutRoomToRewriteIsToldAndCanBeRepeated) {
    auto store = Store::open(folder_ / "lar.db", clock_);
    ASSERT_TRUE(store) << store.error().message;
    const auto source = add_source(*store);
    ASSERT_TRUE(source) << source.error().message;
    for (int number = 0; number < 20; ++number) ASSERT_TRUE(put(*store, *source, number, 10));
    ASSERT_TRUE(store->write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_document({.source = *source, .path = "0"}, {}));
        return {};
    }));
    fill();
    const auto scrubbed = store->scrub();
    ASSERT_FALSE(scrubbed);
    EXPECT_EQ(scrubbed.error().code, Code::unavailable) << scrubbed.error().message;
    empty();
    const auto again = store->scrub();
    EXPECT_TRUE(again) << again.error().message;
    const auto integrity = store->check_integrity();
    EXPECT_TRUE(integrity) << integrity.error().message;
}

}  // namespace

static void prepare_small_disks() { no_small_disk = enter_own_mounts(); }

}  // namespace lar::store

int main(int argc, char** argv) {
    lar::store::prepare_small_disks();
    ::testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
}
