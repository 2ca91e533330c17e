// What registries of models answer besides manifests: tokens, and what a repository of files holds. Others write these,
// so keys that are not named here are skipped, and nothing here may be believed before src/models has checked it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lar::wire {

struct RegistryToken {
    std::optional<std::string> token, access_token;  // one of them
};

struct HubLargeFile {
    std::optional<std::string> sha256;  // 64 hex digits
    std::optional<std::uint64_t> size;
};
struct HubFile {
    std::string rfilename;  // "Q4_K_M/model-00001-of-00002.gguf"
    std::optional<HubLargeFile> lfs;
};
struct HubRepository {
    std::optional<std::string> sha;  // of the commit that these files are of
    std::vector<HubFile> siblings;
};

}  // namespace lar::wire
