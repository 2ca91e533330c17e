// What lar-spawner may do: start Lar's own workers, end them, and nothing else. sandbox.cpp is its whole argument.
#pragma once

#include <filesystem>
#include <vector>

#include "sandbox/policy.h"

namespace lar::spawner {

// `workers` are the programs it may start; their loaders are found in them. `questions` becomes what lard answers for
// sockets from; without it, and where the kernel cannot ask, every socket is refused.
Result<sandbox::Layers> lock_down(const std::vector<std::filesystem::path>& workers, Fd* questions = nullptr);

// The loader that a program names (PT_INTERP); empty when it needs none.
Result<std::filesystem::path> loader_of(const std::filesystem::path& program);

}  // namespace lar::spawner
