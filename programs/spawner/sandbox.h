// What lar-spawner may do: start Lar's own workers, end them, and nothing else. sandbox.cpp is its whole argument.
#pragma once

#include <filesystem>
#include <vector>

#include "sandbox/policy.h"

namespace lar::spawner {

// `workers` are the programs it may start; their loaders are found in them.
Result<sandbox::Layers> lock_down(const std::vector<std::filesystem::path>& workers);

// The loader that a program names (PT_INTERP); empty when it needs none.
Result<std::filesystem::path> loader_of(const std::filesystem::path& program);

}  // namespace lar::spawner
