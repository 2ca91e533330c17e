// What a process may still do once it has set itself up: its policy, built by verbs, then applied.
//
// A program's sandbox.cpp names the verbs with the reason beside each, and calls apply() once, before
// the first thread, before the first foreign byte. Three layers then hold until the process ends, and
// for all it starts: seccomp (a system call no verb names ends the process with SIGSYS), Landlock
// (files, TCP ports, abstract sockets and signals beyond the named places are refused) and limits.
// Without any verb nothing is allowed, not even exit.
//
// apply() refuses, and the program must then end, when a layer that the kernel has cannot be put in
// place. What the kernel does not have is no error: Layers says so, and status and doctor report it.
// A verb widens; none narrows what another allowed. Landlock names directories, not paths: one that is
// removed and made again after apply() is a foreign place.
//
// Kept out whatever the verbs: memory both writable and executable (but for a loader's sake), binding
// and listening, ptrace, io_uring, openat2, keyrings, namespaces, mounts, modules. A socket that reaches
// further than this process's own channels is made only by whom lard gives leave (sandbox/leave.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace lar::sandbox {

// The layers that hold. landlock_abi 0: the kernel has none.
struct Layers {
    bool seccomp = false;
    int landlock_abi = 0;              // the version of the rules in force; a newer kernel may offer more
    std::vector<std::string> missing;  // what the kernel lacks, a short phrase each
};
// "seccomp, landlock 7", and what is missing: "seccomp, no landlock in this kernel".
std::string to_string(const Layers& layers);

// Both soft and hard; what is left out stays as it is. Memory is what the process itself fills (RLIMIT_DATA),
// not files that it maps.
struct Limits {
    std::optional<std::uint64_t> memory_bytes;
    std::optional<std::uint64_t> address_space_bytes;
    std::optional<std::uint64_t> cpu_s;
    std::optional<std::uint64_t> file_bytes;  // of a file it writes
    std::optional<std::uint64_t> open_files;
};
Result<> apply(const Limits& limits);

class Policy {
public:
    Policy();
    // The other way around, for a program in its user's own hands (lar): everything passes but what no client of lard's
    // needs. Refused, with EPERM: sockets that are not AF_UNIX, io_uring, other programs, tracing, others' memory and
    // descriptors, namespaces, keyrings; by Landlock, TCP, abstract sockets and signals to others. What
    // is open already stays open. Verbs and places add nothing to it.
    static Policy of_a_client();

    // Memory that is never executable, clocks, its own signals, read and write on what it holds, exit.
    Policy& allow_common_runtime();
    // Threads of its own process; never another process.
    Policy& allow_threads();
    // Keep its memory from being swapped out, as far as its limit goes.
    Policy& allow_locking_memory();
    // Tell the kernel how it will read the files that it holds.
    Policy& allow_read_ahead();
    // Compute with the processor's matrix registers (AMX), which a process has to ask for.
    Policy& allow_matrix_registers();
    // Lower its own threads' priority.
    Policy& allow_lower_priority();
    // Open files and directories for reading, and look at what is there. Landlock says where.
    Policy& allow_read_only_open();
    // Make, write, rename and remove files. Landlock says where; without it, wherever the user may.
    Policy& allow_file_writing();
    // What SQLite does besides: positioned writes, locks, syncing, the shared memory of a WAL.
    Policy& allow_sqlite_files();
    // Wait for descriptors: epoll, eventfd, timerfd.
    Policy& allow_event_loop();
    // Talk over the socket it was given; take descriptors from it, never send one.
    Policy& allow_ipc();
    // Talk to workers: make socket pairs (which reach nobody else) and send descriptors over them.
    Policy& allow_ipc_with_descriptors();
    // Serve: accept on sockets that listen already, and talk to who came.
    Policy& allow_accept();
    Policy& allow_inotify();
    // Read how much of the machine it uses: rusage, limits, memory.
    Policy& allow_own_facts();
    // Say how much processor time it may use from now on, within what it was given.
    Policy& allow_limiting_own_time();
    // Start programs, end them, hear how they ended. Landlock says which.
    Policy& allow_process_creation();
    // What a dynamic program does between exec and main: map libraries, executable ones too.
    Policy& allow_dynamic_loader();
    // Put a narrower policy on top of this one, as a worker does.
    Policy& allow_narrowing();

    // The door. Sockets over TCP and UDP, and connections, each only when whoever holds the questions that apply()
    // gives out says yes; those of other families are refused. Connecting is then as free as the policies on top leave
    // it.
    Policy& allow_sockets_with_leave();
    // Answer those questions.
    Policy& allow_giving_leave();
    // On top of allow_sockets_with_leave: connect over TCP to one port, and talk.
    Policy& allow_connecting(std::uint16_t port);
    // And ask a resolver, over UDP, or TCP where an answer is long. Landlock has no say over UDP.
    Policy& allow_looking_up_names();
    // Opening a file is refused instead of ending the process, for libraries that ask whether there is one.
    Policy& refuse_opening();

    // Places for Landlock. Each must exist when apply() is called.
    Policy& read_beneath(std::filesystem::path directory);
    Policy& read_file(std::filesystem::path file);
    Policy& write_beneath(std::filesystem::path directory);  // and read
    Policy& execute_file(std::filesystem::path file);        // and read

    Policy& limit(Limits limits);

    // Of the calling process, which must have one thread. Not dumpable, no new privileges, limits, Landlock, seccomp.
    // With allow_sockets_with_leave, `questions` becomes the descriptor to answer from, and stays empty where the
    // kernel has no such thing; without one every such socket is refused, here and in whoever inherits this.
    Result<Layers> apply(Fd* questions = nullptr) const;

private:
    // Masked arguments must equal a value for the call to pass.
    struct Argument {
        unsigned index = 0;
        std::uint64_t mask = 0;
        std::uint64_t value = 0;
        bool own_pid = false;  // the value is the process that applies the policy
        bool differs = false;  // must not equal it, all 64 bits counted
    };
    struct Rule {
        std::string call;
        std::vector<Argument> arguments;
        int error_number = 0;  // not 0: refused with it instead of allowed
        bool asks = false;     // whoever holds the questions decides
    };
    struct Place {
        std::filesystem::path path;
        std::uint64_t access = 0;
    };

    void allow(std::initializer_list<const char*> calls);
    void allow_if(const char* call, std::initializer_list<Argument> arguments);
    void refuse(const char* call, int error_number, std::initializer_list<Argument> arguments = {});
    void refuse(std::initializer_list<const char*> calls, int error_number);
    void ask_for(const char* call, std::initializer_list<Argument> arguments);

    // A negative errno, as libseccomp has it; with `ask` false whatever would ask is refused.
    Result<int> load_filter(bool ask, Fd* questions) const;
    Result<> load_seccomp(Fd* questions) const;
    Result<> load_landlock(Layers& layers) const;

    bool passes_what_is_not_named_ = false;
    std::vector<Rule> rules_;
    std::vector<Place> places_;
    std::vector<std::uint16_t> ports_;
    bool heirs_connect_ = false;
    Limits limits_;
};

}  // namespace lar::sandbox
