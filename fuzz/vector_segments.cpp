// Files of vectors with any bytes. After an 's' the second byte says how many rows a whole segment has, and what
// follows is written over everything behind its header: a file that was damaged behind the header's back gives wrong
// neighbours but is never read beyond its end. After an 'f' the rest is the file as it is; after an 'i' the text that
// names the segments, with its hash; after a 'd' the rows that are dead.
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/identity.h"
#include "base/testing.h"
#include "index/vector_files.h"
#include "index/vectors.h"

namespace {

using namespace lar::index;

constexpr std::size_t dimensions = 24;
constexpr std::size_t header_page = 4096;
constexpr std::size_t limit_bytes = 1 << 18;

void write_over(const std::filesystem::path& path, std::size_t at, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void write_whole(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Searched in every way, and taken together with another segment.
void use(const std::filesystem::path& folder) {
    auto opened = Vectors::open(folder, dimensions);
    if (!opened) return;
    std::vector<float> query(dimensions);
    for (std::size_t i = 0; i < dimensions; ++i) query[i] = static_cast<float>(i % 5) - 2;
    const std::vector<KeyRange> some{{-5, 3}, {10, 1'000'000}};
    for (const auto within :
         {std::optional<std::span<const KeyRange>>(), std::optional<std::span<const KeyRange>>(some)})
        if (const auto found = opened->nearest(query, 4, within)) {
            if (found->size() > 4) std::abort();
            for (const Neighbour& neighbour : *found)
                if (!std::isfinite(neighbour.score)) std::abort();
        }
    static_cast<void>(opened->verify());
    static_cast<void>(opened->contains(7));
    static_cast<void>(Vectors::rows_besides(folder, dimensions, some, 3));
    static_cast<void>(opened->remove(std::vector<VectorKey>{1, 2}));
    static_cast<void>(opened->add(std::vector<VectorKey>{3}, query));
    static_cast<void>(opened->merge());
    static_cast<void>(opened->scrub());
    static_cast<void>(opened->keys());
}

// An index of one segment with so many rows; its file's size.
std::size_t fill(const std::filesystem::path& folder, std::size_t rows) {
    if (!Vectors::erase(folder)) std::abort();
    auto made = Vectors::open(folder, dimensions);
    if (!made) std::abort();
    std::vector<VectorKey> keys;
    std::vector<float> values;
    for (std::size_t row = 0; row < rows; ++row) {
        keys.push_back(static_cast<VectorKey>(row));
        for (std::size_t i = 0; i < dimensions; ++i) values.push_back(static_cast<float>((row * 7 + i * 3) % 11) - 5);
    }
    if (!made->add(keys, values)) std::abort();
    return std::filesystem::file_size(folder / "1.vectors");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const lar::Folder scratch;  // for the life of the process: every input is a file
    if (size < 2 || size > limit_bytes) return 0;
    const std::filesystem::path folder = scratch.path() / "vectors";
    const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t whole = fill(folder, 1 + data[1] % 80);
    switch (data[0]) {
        case 's': write_over(folder / "1.vectors", header_page, rest.substr(0, whole - header_page)); break;
        case 'f': write_whole(folder / "1.vectors", rest); break;
        case 'i': write_whole(folder / "index", std::string(rest) + lar::hash_hex(rest) + '\n'); break;
        case 'd': write_whole(folder / "1.dead", std::string(rest) + lar::hash_hex(rest)); break;
        default: return 0;
    }
    use(folder);
    return 0;
}
