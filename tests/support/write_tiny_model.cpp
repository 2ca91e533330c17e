// write_tiny_model FOLDER [ARCHITECTURE [PARTS [SEED]]]: a model for tests that are not C++, or with "adapter" a LoRA
// for the llama; prints its paths, one on a line.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "tiny_model.h"

using lar::testing_support::Architecture;

int main(int count, char** words) {
    const std::map<std::string, Architecture> architectures{{"llama", Architecture::llama},
                                                            {"gemma3", Architecture::gemma3},
                                                            {"mamba", Architecture::mamba},
                                                            {"bert", Architecture::bert},
                                                            {"bert_rank", Architecture::bert_rank}};
    const std::string wanted = count > 2 ? words[2] : "llama";
    const int parts = count > 3 ? std::atoi(words[3]) : 1;
    const auto seed = static_cast<std::uint32_t>(count > 4 ? std::strtoul(words[4], nullptr, 10) : 1);
    const bool adapter = wanted == "adapter";
    if (count < 2 || count > 5 || !std::filesystem::is_directory(words[1]) || parts < 1 || parts > 2 ||
        (!adapter && !architectures.contains(wanted))) {
        std::fputs("write_tiny_model FOLDER [llama|gemma3|mamba|bert|bert_rank|adapter [PARTS [SEED]]]\n", stderr);
        return 2;
    }
    if (adapter) {
        std::puts(lar::testing_support::write_tiny_adapter(words[1]).c_str());
        return 0;
    }
    // Tokens are bytes, so that a prompt takes as many as it has letters. Vectors are of a text's beginning.
    const bool writes = wanted != "bert" && wanted != "bert_rank";
    const auto files = lar::testing_support::write_tiny_model(words[1], {.architecture = architectures.at(wanted),
                                                                         .seed = seed,
                                                                         .context_tokens = writes ? 8192U : 512U,
                                                                         .parts = static_cast<std::uint32_t>(parts)});
    for (const std::filesystem::path& file : files) std::puts(file.c_str());
}
