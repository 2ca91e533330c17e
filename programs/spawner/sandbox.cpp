#include "sandbox.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/fd.h"
#include "base/format.h"

namespace lar::spawner {
namespace {

constexpr std::size_t limit_program_headers = 64;
constexpr std::size_t limit_loader_bytes = 4096;

Result<> read_at(const Fd& file, std::uint64_t place, void* into, std::size_t size) {
    const ssize_t n = ::pread(file.number(), into, size, static_cast<off_t>(place));
    if (n != static_cast<ssize_t>(size))
        return fail(Code::corrupt, "a program of Lar's is cut short; install Lar again");
    return {};
}

}  // namespace

Result<sandbox::Layers> lock_down(const std::vector<std::filesystem::path>& workers, Fd* questions) {
    sandbox::Policy policy;
    policy.allow_common_runtime();
    // Requests and a descriptor each come in, endings go out.
    policy.allow_ipc();
    // fork and exec, which programs is Landlock's; limits and a death signal for the child; wait and kill.
    policy.allow_process_creation();
    for (const std::filesystem::path& worker : workers) {
        // One that was not built, as in the demonstration: whoever asks for it is told that it is not there.
        std::error_code error;
        if (!std::filesystem::exists(worker, error)) continue;
        policy.execute_file(worker);
        const std::filesystem::path loader = TRY(loader_of(worker));
        if (!loader.empty()) policy.execute_file(loader);
    }
    // The rest is not for itself: a filter is inherited and can only become narrower, so what a worker does between
    // exec and its own policy must pass here. Its loader maps libraries; then it adds its own filter and rules.
    policy.allow_dynamic_loader().allow_narrowing();
    // An engine may be asked to keep its model from being swapped out.
    policy.allow_locking_memory();
    // A reader is told which repository only after it runs, and may then see that one alone.
    policy.allow_read_only_open().read_beneath("/");
    // A courier makes sockets, each with lard's leave, which the spawner itself and other workers never have; what it
    // may connect to, its own policy says. The descriptor that lard answers from is made with the filter, so it is sent
    // up the channel afterwards.
    policy.allow_sockets_with_leave();
    return policy.apply(questions);
}

Result<std::filesystem::path> loader_of(const std::filesystem::path& program) {
    const Fd file = TRY(open_read_only(program));
    Elf64_Ehdr header{};
    TRY_VOID(read_at(file, 0, &header, sizeof(header)));
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(Elf64_Phdr) ||
        header.e_phnum > limit_program_headers)
        return fail(Code::corrupt, lar::format("{} is not a program of this system", program.string()));
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr part{};
        TRY_VOID(read_at(file, header.e_phoff + i * sizeof(part), &part, sizeof(part)));
        if (part.p_type != PT_INTERP) continue;
        if (part.p_filesz == 0 || part.p_filesz > limit_loader_bytes)
            return fail(Code::corrupt, "the name of a loader is too long");
        std::string name(part.p_filesz, '\0');
        TRY_VOID(read_at(file, part.p_offset, name.data(), name.size()));
        return std::filesystem::path(name.c_str());
    }
    return std::filesystem::path();
}

}  // namespace lar::spawner
