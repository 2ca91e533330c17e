// Sizes as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace lar::models {

// "4.9 GB", "812 MB", "3 KB", "17 bytes": thousands, as disks and downloads are measured.
std::string human_bytes(std::uint64_t bytes);
// "1.2B", "494.03M", "8K": as Ollama shows numbers of parameters.
std::string human_count(std::uint64_t count);
// "8,192"
std::string with_commas(std::uint64_t number);

}  // namespace lar::models
