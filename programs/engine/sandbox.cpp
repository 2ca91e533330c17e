#include "sandbox.h"

#include <sys/sysinfo.h>

#include <cerrno>
#include <cstdint>

namespace lar::engine {
namespace {

// A header with the largest vocabularies takes a tenth of it.
constexpr std::uint64_t facts_memory_bytes = 1ULL << 30;

// What there is: a file that asks for more is refused instead of ending other programs.
Result<std::uint64_t> machine_memory_bytes() {
    struct sysinfo about{};
    if (::sysinfo(&about) != 0) return fail_errno("sysinfo", errno);
    return (std::uint64_t{about.totalram} + about.totalswap) * about.mem_unit;
}

Result<sandbox::Policy> work(Memory memory) {
    sandbox::Policy policy;
    // Memory, futexes and clocks; reading the model from the descriptor it was handed, which may be mapped.
    policy.allow_common_runtime();
    // Requests in, text out. Descriptors come with the first request alone, which is before this.
    policy.allow_ipc();
    // libllama says of the model's file that it will read it from beginning to end.
    policy.allow_read_ahead();
    // OpenMP makes its threads at the first computation; they inherit all of this.
    policy.allow_threads();
    // Some processors compute small matrices at once, and have to be asked.
    policy.allow_matrix_registers();
    if (memory == Memory::is_locked) policy.allow_locking_memory();
    policy.limit({.memory_bytes = TRY(machine_memory_bytes())});
    return policy;
}

}  // namespace

Result<sandbox::Layers> lock_down_for_facts() {
    sandbox::Policy policy;
    policy.allow_common_runtime().allow_ipc();
    policy.limit({.memory_bytes = facts_memory_bytes});
    return policy.apply();
}

Result<sandbox::Layers> lock_down_for_parts(const std::vector<std::string>& files, Memory memory) {
    sandbox::Policy policy = TRY(work(memory));
    // libllama loads the parts of a split model only by name: these, and nothing else, until they are loaded.
    policy.allow_read_only_open();
    for (const std::string& file : files) policy.read_file(file);
    // Then it takes that from itself.
    policy.allow_narrowing();
    return policy.apply();
}

Result<sandbox::Layers> lock_down_for_work(Memory memory) { return TRY(work(memory)).apply(); }

}  // namespace lar::engine
