// The system calls of Landlock, which the C library does not wrap, and what each version of it knows.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/fd.h"
#include "base/result.h"

namespace lar::sandbox {

// Rights on what is beneath a directory, or on one file. Those that a version lacks are left out.
std::uint64_t landlock_read();
std::uint64_t landlock_read_file();
std::uint64_t landlock_write();  // includes reading
std::uint64_t landlock_execute_file();

// The version to use: what the kernel has, at most what this file knows. 0: none, or switched off at boot.
int landlock_abi();

// Whether these rules speak of connecting over TCP at all. Rules are inherited and nobody can widen them, so those of a
// process whose children may connect, each to a port of its own, leave it to the rules that the children add.
enum class Connecting { refused, left_to_heirs };

class LandlockRules {
public:
    // Everything that this version can refuse is refused, but for the places and ports added.
    static Result<LandlockRules> refuse_all(int abi, Connecting connecting = Connecting::refused);
    // Only TCP, abstract sockets and signals beyond its own processes; files stay as they are. `abi` at least 4.
    static Result<LandlockRules> refuse_others(int abi);
    Result<> allow(const std::filesystem::path& path, std::uint64_t access);
    // Does nothing where the version knows no ports.
    Result<> allow_connecting(std::uint16_t port);
    Result<> enforce() const;  // on this thread and those it starts; needs no_new_privs

private:
    LandlockRules(Fd fd, std::uint64_t handled, bool ports) : fd_(std::move(fd)), handled_(handled), ports_(ports) {}
    Fd fd_;
    std::uint64_t handled_;
    bool ports_;
};

}  // namespace lar::sandbox
