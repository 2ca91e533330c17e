// In place of programs/engine/sandbox.cpp, for bench/sandbox.py alone: an engine that is not locked down, to see what
// being locked down costs. It is built when it is named, into a folder of its own, and never installed.
#include "../programs/engine/sandbox.h"

namespace lar::engine {

Result<sandbox::Layers> lock_down_for_facts() { return sandbox::Layers{}; }
Result<sandbox::Layers> lock_down_for_parts(const std::vector<std::string>&, Memory) { return sandbox::Layers{}; }
Result<sandbox::Layers> lock_down_for_work(Memory) { return sandbox::Layers{}; }

}  // namespace lar::engine
