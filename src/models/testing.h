// What the tests of models share: a folder that goes away, a clock that stands still until it is
// moved. For tests only.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace lar::models {

inline constexpr std::uint64_t gigabyte = 1'000'000'000;

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "lar-models-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, std::string_view bytes) const {
        const std::filesystem::path path = path_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
        EXPECT_EQ(std::filesystem::file_size(path), bytes.size());
        return path;
    }

private:
    std::filesystem::path path_;
};

// The value of a result, or the test's end with its message.
template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class HandClock final : public Clock {
public:
    std::int64_t now_us() const override { return now; }
    std::int64_t monotonic_us() const override { return now; }
    std::int64_t now = 1'700'000'000'000'000;
};

}  // namespace lar::models
