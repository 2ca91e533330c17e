// What lar-engine may do, in the order in which it loses the rest. sandbox.cpp is its whole argument.
//
// Before: load ggml's compute library and look at the processor; no foreign byte is read. Then one of
//     lock_down_for_facts()     and it reads what one file says of itself;
//     lock_down_for_work()      and it loads a model of one file, and computes;
//     lock_down_for_parts()     where libllama opens the files of a split model by name, loads them, and then
//     lock_down_for_work()      before the first prompt.
#pragma once

#include <string>
#include <vector>

#include "sandbox/policy.h"

namespace lar::engine {

enum class Memory { may_be_swapped, is_locked };

Result<sandbox::Layers> lock_down_for_facts();
Result<sandbox::Layers> lock_down_for_parts(const std::vector<std::string>& files, Memory memory);
Result<sandbox::Layers> lock_down_for_work(Memory memory);

}  // namespace lar::engine
