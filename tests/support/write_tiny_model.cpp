// write_tiny_model FOLDER: a model for tests that are not C++; prints its path.
#include <cstdio>
#include <filesystem>

#include "tiny_model.h"

int main(int count, char** words) {
    if (count != 2 || !std::filesystem::is_directory(words[1])) {
        std::fputs("write_tiny_model FOLDER\n", stderr);
        return 2;
    }
    // Its tokens are bytes, so that a prompt takes as many as it has letters.
    const auto files = lar::testing_support::write_tiny_model(words[1], {.context_tokens = 8192});
    std::puts(files.front().c_str());
}
