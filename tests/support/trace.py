"""What locked-down processes did, told by the kernel: strace around a program, and what to read out of its lines.

    command = trace.around(["lard"], "/tmp/lines")        # the same command under strace, children and threads too
    found = trace.Lockdowns.read("/tmp/lines", "lar-engine")
    found.opened                                            # calls that opened something after the lock-down: none
"""

import re
import shutil
import subprocess

# Whatever brings in a file, a socket or another program, and what tells of the lock-down and of threads.
OPENING = ["open", "openat", "openat2", "creat", "open_by_handle_at", "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4",
           "execve", "execveat", "memfd_create", "pidfd_open", "pidfd_getfd", "io_uring_setup", "userfaultfd", "perf_event_open", "bpf",
           "inotify_init1", "fanotify_init", "ptrace", "process_vm_writev", "mkdir", "mkdirat", "unlink", "unlinkat", "rename", "renameat2",
           "truncate", "sendmsg", "fork", "vfork"]
MARKS = ["seccomp", "clone", "clone3"]
CALL = re.compile(r"^(\d+) +(\w+)\((.*?)(?:\) += (-?\d+|0x[0-9a-f]+|\?)(.*)| <unfinished \.\.\.>)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*?)\) += (-?\d+|0x[0-9a-f]+|\?)(.*)$")
VIOLATION = re.compile(r"^(\d+) +--- SIGSYS .*si_syscall=__NR_(\w+)")


def works():
    """Whether this system lets one process look at another."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(around(["true"], "/dev/null"), capture_output=True).returncode == 0


def around(command, lines):
    # What a program's own filter refuses is not in the lines then; what it lets through is.
    return ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "80", "-e", "trace=" + ",".join(OPENING + MARKS), "-o", lines, *command]


class Process:
    def __init__(self):
        self.lockdowns = 0
        self.before = 0  # calls that opened something before: what shows that the trace sees them


class Lockdowns:
    """Of every process that became `program`: calls after its lock-down that should not have succeeded."""

    def __init__(self):
        self.processes = []
        self.opened = []
        self.violations = []  # names of calls that ended a process

    @property
    def locked(self):
        return sum(process.lockdowns > 0 for process in self.processes)

    @property
    def before(self):
        return sum(process.before for process in self.processes)

    @staticmethod
    def read(path, program):
        self, running, begun = Lockdowns(), {}, {}
        with open(path, errors="replace") as lines:
            for line in lines:
                line = line.rstrip("\n")
                if violation := VIOLATION.match(line):
                    self.violations.append(violation[2])
                elif resumed := RESUMED.match(line):
                    pid, call, _, result, _ = resumed.groups()
                    self.take(running, program, pid, call, begun.pop((pid, call), ""), result, line)
                elif made := CALL.match(line):
                    pid, call, arguments, result, _ = made.groups()
                    if result is None:
                        begun[pid, call] = arguments
                    else:
                        self.take(running, program, pid, call, arguments, result, line)
        return self

    def take(self, running, program, pid, call, arguments, result, line):
        if result == "?" or result.startswith("-"):
            return
        if call in ("execve", "execveat") and f'{program}"' in arguments:
            running[pid] = Process()
            self.processes.append(running[pid])
            return
        process = running.get(pid)
        if process is None:
            return
        if call == "seccomp":
            process.lockdowns += "SET_MODE_FILTER" in arguments
        elif call in ("clone", "clone3"):
            if "CLONE_THREAD" in arguments:
                running[result] = process
            elif process.lockdowns:
                self.opened.append(line)
        elif not process.lockdowns:
            process.before += 1
        # The parts of a split model have no other names, and are opened under a first policy that knows them alone.
        elif not (process.lockdowns == 1 and call in ("open", "openat") and '"/proc/self/fd/' in arguments):
            self.opened.append(line)
