// An owned file descriptor, and the few whole-file operations Lar needs.
//
// Every descriptor is opened close-on-exec; whoever holds the Fd closes it. Reads take a limit,
// because a file can be larger than anybody expected.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace lar {

class Fd {
public:
    Fd() = default;
    explicit Fd(int number) : number_(number) {}
    Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd();

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }
    void reset();

private:
    int number_ = -1;
};

Result<Fd> open_read_only(const std::filesystem::path& path);

// The bytes of a regular file; too_large beyond limit_bytes. Refuses fifos, devices and sockets.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit_bytes);
Result<std::string> read_fd(int fd, std::size_t limit_bytes);

// Writes to `path` so that a reader (or a crash) sees the old bytes or the new ones, never a part:
// temporary file, fsync, rename. Mode 0600.
Result<> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

Result<> write_all(int fd, std::string_view bytes);

// Makes a directory and its missing parents, each with mode 0700.
Result<> make_private_directory(const std::filesystem::path& path);

}  // namespace lar
