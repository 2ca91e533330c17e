// Attempts to get out of a policy, each made for real: what `lar doctor --air-gap` and the tests of the policies try.
//
// An attempt either gets through or is refused, by an error or by the end of the process. Whoever asks makes it in a
// child (prove(), below), first without any policy, to know that it would get through on this machine, then under one.
// Nothing is sent to anybody else: its targets are listeners of whoever asks, on this machine, but for those that
// `leaves_machine` names, whose addresses belong to nobody (RFC 5737, RFC 3849) or to the system's own resolver.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/policy.h"

namespace lar::sandbox {

// Where attempts are aimed at. Listeners of whoever asks; on none of them anything is expected to arrive.
struct Targets {
    std::uint16_t tcp4 = 0, tcp6 = 0, udp4 = 0, udp6 = 0;  // ports on loopback; 0: this machine has none
    std::string resolver;                                  // of the system, "192.168.1.1"; empty: none is known
    std::string unix_path, abstract_name;                  // stream sockets that listen
    std::string private_file;                              // of the user's, which may be read without a policy
    std::string new_file;                                  // which may be made without a policy; a name in $HOME
    std::string new_temporary_file;                        // the same in the system's folder for such files
    std::string program;                                   // "/usr/bin/curl", or another that ends well without doing
    int inherited = -1;                                    // a descriptor left open for the process to find
};
// As one word of a command line, and back. corrupt: not what the former made.
std::string to_word(const Targets& targets);
Result<Targets> targets_of(std::string_view word);

enum class AttemptGroup : std::uint8_t { network, processes, files };
std::string_view to_string(AttemptGroup group);

struct Attempt {
    std::string_view name;  // "tcp4"
    AttemptGroup group;
    std::string_view what;  // "connect to an IPv4 address over TCP"
    bool leaves_machine = false;
};
std::span<const Attempt> attempts();

// What came of one. through: it got out. The rest are refusals, but for impossible: an error that says nothing of a
// policy (no such protocol in this kernel, nobody listening).
enum class AttemptOutcome : std::uint8_t { through, killed, refused, impossible };
std::string_view to_string(AttemptOutcome outcome);
struct Tried {
    std::string attempt;
    AttemptOutcome outcome = AttemptOutcome::impossible;
    std::int32_t detail = 0;  // killed: the signal; refused, impossible: the errno
};

// Under a policy, or (nullptr) under none: a child for each attempt locks itself down and makes it. In a process with
// one thread. internal: the policy could not be applied, and then nothing was tried.
using LockDown = std::function<Result<Layers>()>;
struct Proof {
    std::string layers;  // "seccomp, landlock 7"; empty without a policy
    std::vector<Tried> tried;
};
Result<Proof> prove(const LockDown& lock_down, const Targets& targets, std::span<const std::string_view> names);

// The same for a program that was started for it, `PROGRAM --air-gap ROLE TARGETS`: every attempt, as lines on a
// descriptor, which it finds as the one named here. Returns the status to exit with. And what reads the lines.
inline constexpr std::string_view proof_flag = "--air-gap";
inline constexpr int proof_descriptor = 3;
int prove_to(int descriptor, const LockDown& lock_down, std::string_view targets_word);
Result<Proof> proof_of_lines(std::string_view lines);
Result<Proof> read_proof(int descriptor);  // to the end of a pipe; unavailable: nothing came

// Closes every descriptor from `first` on: whatever whoever started this program had left open.
Result<> close_inherited(int first);

}  // namespace lar::sandbox
