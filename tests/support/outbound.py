"""Who tried to reach whom, told by the kernel: strace around programs, and every socket out of its lines.

    command = outbound.around(["lard"], "/tmp/lines")
    tried = outbound.read("/tmp/lines")
    tried.outside            # lines that name an address beyond this machine
    tried.ports              # program → ports that it connected to
    tried.sockets            # program → families of the sockets it made: {"lard": {"AF_UNIX", "AF_INET"}, …}
"""

import collections
import ipaddress
import re

CALLS = ["socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg", "io_uring_setup", "execve", "execveat", "clone", "clone3", "fork", "vfork"]
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$")
FORKED = re.compile(r"\) += (\d+)$")
FAMILY = re.compile(r"sa_family=(\w+)")
PORT = re.compile(r"port=htons\((\d+)\)")
ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
# The names of local sockets, so that nothing in them is read as an address.
TEXT = re.compile(r'(sun_path=@?|(?<!AF_INET6)[,(] |iov_base=)"(?:[^"\\]|\\.)*"')


def around(command, lines):
    # Every call stops a program. With --seccomp-bpf only those named would, but a filter that asks somebody else goes
    # before the one that strace puts in, and the calls of couriers, which lard is asked about, would not be seen.
    return ["strace", "-f", "-qq", "-s", "200", "-e", "signal=none", "-e", "trace=" + ",".join(CALLS), "-o", lines, *command]


def is_here(address):
    return ipaddress.ip_address(address).is_loopback


class Tried:
    def __init__(self):
        self.outside = []
        self.rings = []
        self.sockets = collections.defaultdict(set)
        self.reached = collections.defaultdict(set)  # program → families of the addresses that it named
        self.ports = collections.defaultdict(set)  # program → ports that it connected to
        self.programs = set()


def read(*paths):
    tried = Tried()
    for path in paths:
        names = {}
        with open(path, errors="replace") as lines:
            for line in lines:
                take(tried, names, line.rstrip("\n"))
    return tried


def take(tried, names, line):
    made = LINE.match(line)
    if not made:
        return
    pid, call, rest = made.groups()
    name = names.get(pid, "?")
    if call in ("execve", "execveat"):
        if program := re.match(r'(?:\d+, )?"([^"]*)"', rest):
            names[pid] = program[1].rsplit("/", 1)[-1]
            tried.programs.add(names[pid])
    elif call in ("clone", "clone3", "fork", "vfork"):
        if child := FORKED.search(rest):
            names[child[1]] = name
    elif call == "io_uring_setup":
        tried.rings.append(line)
    elif call == "socket":
        if family := re.match(r"(\w+)", rest):
            tried.sockets[name].add(family[1])
    else:
        if call == "connect":
            tried.ports[name].update(int(port) for port in PORT.findall(rest))
        rest = TEXT.sub(r"\1", rest)
        for family in FAMILY.findall(rest):
            tried.reached[name].add(family)
            if family in ("AF_UNIX", "AF_UNSPEC"):
                continue
            addresses = [four or six for four, six in ADDRESS.findall(rest)]
            # A family without an address that can be read is no one that this machine's own processes need.
            if not addresses or not all(is_here(address) for address in addresses):
                tried.outside.append(f"{name}: {line}")
