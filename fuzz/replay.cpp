// Where there is no fuzzing compiler: feeds a harness every file of a folder, then each cut short at every length and
// with single bytes changed. The changes come from a fixed seed, so a failure comes back.
//
//   fuzz_NAME FOLDER
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <print>
#include <random>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t limit_cuts = 512;
constexpr std::size_t limit_changes = 512;

Bytes read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

// An exact copy, so that a sanitizer sees a read past the end.
void feed(std::span<const std::uint8_t> input) {
    const Bytes copy(input.begin(), input.end());
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

void feed_variations(const Bytes& input, std::mt19937& random) {
    feed(input);
    for (std::size_t length = 0; length < input.size() && length < limit_cuts; ++length)
        feed(std::span(input).first(length));
    if (input.empty()) return;
    for (std::size_t change = 0; change < limit_changes; ++change) {
        Bytes changed = input;
        changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
        feed(changed);
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2 || !std::filesystem::is_directory(arguments[1])) {
        std::println(stderr, "name the folder of inputs");
        return 2;
    }
    std::mt19937 random(1);  // NOLINT: the same every time is what we want
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) {
        feed_variations(read(entry.path()), random);
        ++files;
    }
    std::println("{} inputs and their variations", files);
    return files == 0 ? 2 : 0;
}
