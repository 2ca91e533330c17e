#!/usr/bin/env python3
"""A hostile client of lard: malformed requests, slow clients, foreign pages and missing tokens.

    http_abuse.py [--socket PATH [--base http://127.0.0.1:PORT --token TOKEN]] [--requests N] [--slow N] [--bound-ms MS]

Without --socket it starts a lard of its own from the folder $LAR_BIN names and, at the end, says what memory that took. While all that goes on, /lar/v1/status is asked for over the unix socket (and over TCP where there is one), and its
times are printed. Fails when a request that must be refused is not, when lard stops answering, or when the slowest
status takes longer than the bound. The mutations come from --seed, so a failure comes back.
"""

import argparse
import http.client
import json
import os
import random
import re
import resource
import select
import socket
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from daemon import Daemon, UnixConnection

STATUS = "/lar/v1/status"
ANSWER_SECONDS = 5.0  # to a request that is complete or broken; a held one is cut off here
INTERESTING = [b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"%", b"\xff", b"\x7f", b"-1", b"chunked", b"/", b"../",
               b"Content-Length: 7\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: x\r\n", b"A" * 5000, b"HTTP/1.1", b"HTTP/9.9", b"0\r\n\r\n",
               b"ffffffffffffffff\r\n", b"Expect: 100-continue\r\n", b" folded\r\n"]


class Target:
    def __init__(self, path, base, token):
        self.path = path
        self.token = token or ""
        self.port = urllib.parse.urlsplit(base).port if base else None

    def transports(self):
        return ["unix"] + (["tcp"] if self.port else [])

    def connect(self, transport, timeout=ANSWER_SECONDS):
        if transport == "unix":
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            address = self.path
        else:
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            address = ("127.0.0.1", self.port)
        sock.settimeout(timeout)
        sock.connect(address)
        return sock

    def host(self):
        return f"127.0.0.1:{self.port or 80}"

    def status(self, transport, timeout=ANSWER_SECONDS):
        """Milliseconds that one status took, with a connection of its own."""
        begin = time.monotonic()
        headers = {"Host": self.host()}
        if transport == "unix":
            connection = UnixConnection(self.path, timeout)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request("GET", STATUS, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise AssertionError(f"status answered {answer.status} over {transport}")
        finally:
            connection.close()
        return (time.monotonic() - begin) * 1000


class Poller(threading.Thread):
    """Asks for the status over and over, taking turns between the transports."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target = target
        self.times = {transport: [] for transport in target.transports()}
        self.failures = []
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.is_set():
            for transport in self.times:
                try:
                    self.times[transport].append(self.target.status(transport))
                except (OSError, http.client.HTTPException, AssertionError) as error:
                    self.failures.append(f"{transport}: {error!r}")
            self.stopped.wait(0.005)

    def finish(self, what):
        self.stopped.set()
        self.join()
        slowest = 0.0
        for transport, times in self.times.items():
            if not times:
                self.failures.append(f"{transport}: no status at all")
                continue
            times.sort()
            slowest = max(slowest, times[-1])
            print(f"  status over {transport} meanwhile: n={len(times)} p50={times[len(times) // 2]:.1f} ms "
                  f"p95={times[int(len(times) * 0.95)]:.1f} ms p99={times[int(len(times) * 0.99)]:.1f} ms max={times[-1]:.1f} ms", flush=True)
        if self.failures:
            raise AssertionError(f"status failed during {what}: {self.failures[:3]} ({len(self.failures)} in all)")
        return slowest


def exchange(target, transport, data, hang_up):
    """Everything that comes back for these bytes; None where lard keeps waiting for more, which is its right."""
    with target.connect(transport, 0.25 if not hang_up else ANSWER_SECONDS) as sock:
        answer = b""
        try:
            sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            if hang_up:
                sock.shutdown(socket.SHUT_WR)
            while chunk := sock.recv(65536):
                answer += chunk
                if not hang_up and b"\r\n\r\n" in answer:
                    break
        except (TimeoutError, ConnectionResetError):
            pass
        except OSError as error:
            if error.errno != 107:  # not connected: it closed first
                raise
        return answer


def seeds(target):
    auth = f"Authorization: Bearer {target.token}\r\n"
    body = b'{"query":"pool","limit":1}'
    host = target.host()
    return [
        f"GET {STATUS} HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n".encode(),
        f"POST /lar/v1/search HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body,
        f"POST /lar/v1/search HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
        f"GET /lar/v1/sources/a%20b?x=1&y=%41 HTTP/1.0\r\nHost: {host}\r\n{auth}\r\n".encode(),
        f"DELETE /lar/v1/jobs/none HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n".encode(),
    ]


def mutate(random_, data):
    data = bytearray(data)
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(data) + 1)
        kind = random_.randrange(5)
        if kind == 0:
            data[at:at] = random_.choice(INTERESTING)
        elif kind == 1 and at < len(data):
            data[at] = random_.randrange(256)
        elif kind == 2:
            del data[at:at + random_.randint(1, 8)]
        elif kind == 3:
            data[at:at] = data[:random_.randrange(len(data) + 1)]
        else:
            del data[at:]
    return bytes(data)


def malformed(target, count, seed):
    random_ = random.Random(seed)
    originals = seeds(target)
    statuses = {}
    for number in range(count):
        data = mutate(random_, random_.choice(originals))
        transport = random_.choice(target.transports())
        answer = exchange(target, transport, data, hang_up=True)
        first = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
        if answer and not first:
            raise AssertionError(f"request {number} was answered with something that is not HTTP: {data!r} -> {answer[:80]!r}")
        status = first[1].decode() if first else "none"
        if status.startswith("5") and status not in ("501", "503", "505"):
            raise AssertionError(f"request {number} made lard fail: {data!r} -> {answer[:200]!r}")
        statuses[status] = statuses.get(status, 0) + 1
    print(f"  {count} mutated requests: " + ", ".join(f"{statuses[key]} x {key}" for key in sorted(statuses)), flush=True)


def expect(target, what, data, allowed, transport="tcp"):
    answer = exchange(target, transport, data, hang_up=False)
    first = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    status = int(first[1]) if first else 0
    if status not in allowed:
        raise AssertionError(f"{what}: expected {sorted(allowed)}, got {status or answer[:60]!r}")


def malformed_by_hand(target):
    """What must be refused, each for its own reason. Ambiguous lengths are how requests are smuggled."""
    transport = target.transports()[-1]
    auth = f"Authorization: Bearer {target.token}\r\n" if transport == "tcp" else ""
    head = f"POST /lar/v1/search HTTP/1.1\r\nHost: {target.host()}\r\n{auth}"
    cases = [
        ("a length and an encoding", head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
        ("two lengths", head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", {400}),
        ("a negative length", head + "Content-Length: -5\r\n\r\n", {400}),
        ("a space before the colon", head + "Content-Length : 5\r\n\r\nhello", {400}),
        ("a folded header", head + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", {400}),
        ("a bare line feed", head.replace("\r\n", "\n") + "\n\r\n\r\n", {400}),
        ("a NUL", head + "X: a\0b\r\nContent-Length: 0\r\n\r\n", {400}),
        ("two hosts", head + "Host: other\r\nContent-Length: 0\r\n\r\n", {400}),
        ("an encoding that is not known", head + "Transfer-Encoding: gzip, chunked\r\n\r\n", {501}),
        ("a broken chunk", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
        ("no length", head + "\r\n", {411}),
        ("a body that is too large", head + "Content-Length: 99999999999\r\n\r\n", {413}),
        ("an address that is too long", f"GET /{'a' * 9000} HTTP/1.1\r\nHost: {target.host()}\r\n\r\n", {414}),
        ("headers that are too long", head + f"X: {'a' * 17000}\r\n\r\n", {431}),
        ("too many headers", head + "X: a\r\n" * 200 + "\r\n", {431}),
        ("a version of the future", f"GET / HTTP/2.0\r\nHost: {target.host()}\r\n\r\n", {505}),
        ("no host", "GET / HTTP/1.1\r\n\r\n", {400}),
        ("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
        ("a wrong method", head.replace("POST", "PUT") + "Content-Length: 0\r\n\r\n", {405}),
        ("JSON that is none", head + "Content-Length: 1\r\n\r\n{", {400}),
        ("an address outside", f"GET /lar/v1/sources/%2e%2e%2f%00 HTTP/1.1\r\nHost: {target.host()}\r\n{auth}\r\n", {404}),
    ]
    for what, data, allowed in cases:
        expect(target, what, data.encode("latin-1"), allowed, transport)
    print(f"  {len(cases)} malformed requests by hand: all refused", flush=True)


def foreign_pages(target):
    """What a page in the user's browser, or a program without the token, can send to the TCP port."""
    if not target.port:
        print("  no TCP: foreign pages not tried", flush=True)
        return
    auth = f"Authorization: Bearer {target.token}\r\n"
    host = f"Host: {target.host()}\r\n"
    body = "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\n" + '{"query":"x"}'
    cases = []
    for rebound in ("evil.example", f"evil.example:{target.port}", f"localhost.evil.example:{target.port}", f"127.0.0.1.evil.example:{target.port}",
                    "127.0.0.1", "localhost:1", f"0.0.0.0:{target.port}"):
        cases.append((f"Host {rebound}", f"GET {STATUS} HTTP/1.1\r\nHost: {rebound}\r\n{auth}\r\n", {403}))
        cases.append((f"Host {rebound} for /", f"GET / HTTP/1.1\r\nHost: {rebound}\r\n\r\n", {403}))
    cases.append(("an absolute address elsewhere", f"GET http://evil.example{STATUS} HTTP/1.1\r\n{host}{auth}\r\n", {403}))
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{target.port}", "http://localhost:3000"):
        cases.append((f"Origin {origin}, POST", f"POST /lar/v1/search HTTP/1.1\r\n{host}{auth}Origin: {origin}\r\n{body}", {403}))
        cases.append((f"Origin {origin}, GET", f"GET {STATUS} HTTP/1.1\r\n{host}{auth}Origin: {origin}\r\n\r\n", {403}))
        cases.append((f"Origin {origin}, preflight", f"OPTIONS /lar/v1/search HTTP/1.1\r\n{host}Origin: {origin}\r\n"
                      "Access-Control-Request-Method: POST\r\n\r\n", {403}))
    for site in ("cross-site", "same-site"):
        cases.append((f"Sec-Fetch-Site {site}", f"GET {STATUS} HTTP/1.1\r\n{host}{auth}Sec-Fetch-Site: {site}\r\n\r\n", {403}))
    for what, header in (("no token", ""), ("a wrong token", "Authorization: Bearer 0123456789abcdef\r\n"), ("an empty token", "Authorization: Bearer \r\n"),
                         ("a cut token", f"Authorization: Bearer {target.token[:-1]}\r\n"), ("a token as a password", f"Authorization: Basic {target.token}\r\n")):
        for method, path in (("GET", STATUS), ("GET", "/lar/v1/sources"), ("GET", "/lar/v1/nothing"), ("DELETE", "/lar/v1/sources/x")):
            cases.append((f"{what}, {method} {path}", f"{method} {path} HTTP/1.1\r\n{host}{header}\r\n", {401}))
        cases.append((f"{what}, POST", f"POST /lar/v1/search HTTP/1.1\r\n{host}{header}{body}", {401}))
    for what, data, allowed in cases:
        expect(target, what, data.encode(), allowed)
    expect(target, "health without a token", f"GET /lar/v1/health HTTP/1.1\r\n{host}\r\n".encode(), {200})
    expect(target, "/ without a token", f"GET / HTTP/1.1\r\n{host}\r\n".encode(), {200})
    print(f"  {len(cases)} foreign pages and missing tokens: all refused", flush=True)


TRAVERSALS = ["../../../../../../etc/passwd", "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cetc%5cpasswd",
              "%252e%252e%252fetc%252fpasswd", "....//....//etc/passwd", "%2fetc%2fpasswd", "/etc/passwd", "..;/etc/passwd", "%c0%ae%c0%ae/etc/passwd",
              "x%00.json", "file:%2f%2f%2fetc%2fpasswd", "sha256:..%2f..%2f..%2fetc%2fpasswd"]
API = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "api.md")


def endpoints():
    """What docs/api.md documents, method and path; and what is not an endpoint at all."""
    with open(API, encoding="utf-8") as file:
        found = set(re.findall(r"(GET|POST|PUT|DELETE|HEAD) (/[\w/{}.-]*)", file.read()))
    return sorted((found | {("GET", "/"), ("GET", "/static/")}) - {("POST", "/lar/v1/shutdown")})


def whole_answer(target, transport, data):
    with target.connect(transport) as sock:
        answer = b""
        try:
            sock.sendall(data)
            while chunk := sock.recv(65536):
                answer += chunk
                if b"text/event-stream" in answer:
                    break  # news, which go on for ever
        except (BrokenPipeError, ConnectionResetError):
            pass
        return answer


def traversal(target):
    """A path out of the tree in every place of every endpoint: refused, and nothing of a file comes back."""
    transport = target.transports()[-1]
    auth = f"Authorization: Bearer {target.token}\r\n" if transport == "tcp" else ""
    sent, statuses = 0, {}
    for method, path in endpoints():
        places = [re.sub(r"\{\w+\}", "{}", path)] if "{" in path else [path.rstrip("/") + "/{}", path.rstrip("/") + "?name={}&path={}&in={}"]
        for place in places:
            for hostile in TRAVERSALS:
                # Not "location" and "from": whoever holds the user's token may name any file of the user's there.
                body = json.dumps({"name": hostile, "model": hostile, "in": [hostile], "path": hostile, "id": hostile, "question": hostile,
                                   "query": hostile, "documents": []}) if method in ("POST", "PUT") else ""
                data = (f"{method} {place.replace('{}', hostile)} HTTP/1.1\r\nHost: {target.host()}\r\n{auth}Content-Type: application/json\r\n"
                        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
                answer = whole_answer(target, transport, data.encode("latin-1"))
                first = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
                status = int(first[1]) if first else 0
                if b"root:" in answer or b"/bin/" in answer or (status >= 500 and status not in (501, 503)) or not first:
                    raise AssertionError(f"{method} {place} with {hostile}: {answer[:200]!r}")
                statuses[status] = statuses.get(status, 0) + 1
                sent += 1
    print(f"  {sent} paths out of the tree over {transport}: " + ", ".join(f"{statuses[key]} x {key}" for key in sorted(statuses)), flush=True)


def many_connections(target, count):
    """Connections that say nothing, more than lard keeps: the oldest go, and whoever has something to say gets in."""
    transport = target.transports()[-1]
    held, refused = [], 0
    for _ in range(count):
        try:
            held.append(target.connect(transport, 1.0))
        except OSError:
            refused += 1
    closed = sum(readable(sock) for sock in held)
    expect(target, "a request among them", f"GET /lar/v1/health HTTP/1.1\r\nHost: {target.host()}\r\n\r\n".encode(), {200}, transport)
    print(f"  {count} connections over {transport}: {len(held) - closed} held, {closed} closed by lard, {refused} refused", flush=True)
    for sock in held:
        sock.close()


def readable(sock):
    poll = select.poll()  # not select: there are more descriptors than it can take
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def slow_clients(target, count, seconds):
    """Clients that send a head, a body, or read an answer, a byte now and then, all at once."""
    transport = target.transports()[-1]
    auth = f"Authorization: Bearer {target.token}\r\n" if transport == "tcp" else ""
    head = f"POST /lar/v1/search HTTP/1.1\r\nHost: {target.host()}\r\n{auth}".encode()
    kinds = [
        ("head", head),
        ("body", head + b"Content-Length: 60000\r\n\r\n{"),
        ("reader", f"GET /lar/v1/jobs/events HTTP/1.1\r\nHost: {target.host()}\r\n{auth}\r\n".encode() * 20),
    ]
    clients = []
    cut_off = {name: 0 for name, _ in kinds}
    for number in range(count):
        name, start = kinds[number % len(kinds)]
        sock = target.connect(transport)
        sock.sendall(start)
        clients.append((name, sock))
    end = time.monotonic() + seconds
    while time.monotonic() < end and clients:
        kept = []
        for name, sock in clients:
            try:
                if name == "head":
                    sock.sendall(b"X: a\r\n" if random.random() < 0.01 else b"")
                elif name == "body":
                    sock.sendall(b" ")
                if name != "reader" and readable(sock):
                    raise ConnectionResetError  # it was answered, which can only be a refusal
                kept.append((name, sock))
            except OSError:
                cut_off[name] += 1
                sock.close()
        clients = kept
        time.sleep(0.2)
    print(f"  {count} slow clients for {seconds:.0f} s over {transport}: {len(clients)} still held, cut off "
          + ", ".join(f"{cut_off[name]} {name}" for name, _ in kinds), flush=True)
    for _, sock in clients:
        sock.close()


def abuse(target, given):
    """The slowest status, in milliseconds."""
    slowest = 0.0
    for what, work in (
            ("malformed requests", lambda: (malformed_by_hand(target), malformed(target, given.requests, given.seed))),
            ("foreign pages", lambda: foreign_pages(target)),
            ("paths out of the tree", lambda: traversal(target)),
            ("many connections", lambda: many_connections(target, given.connections)),
            ("slow clients", lambda: slow_clients(target, given.slow, given.slow_seconds))):
        print(f"{what}:", flush=True)
        poller = Poller(target)
        poller.start()
        try:
            work()
        finally:
            slowest = max(slowest, poller.finish(what))
    return slowest


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def abuse_own_lard(given):
    port = free_port()
    with Daemon(arguments=("--port", str(port))) as lard:
        with open(os.path.join(lard.home, "data", "token"), encoding="ascii") as file:
            token = file.read().strip()
        slowest = abuse(Target(lard.socket, f"http://127.0.0.1:{port}", token), given)
        with open(f"/proc/{lard.process.pid}/status", encoding="ascii") as file:
            peak = next(line.split(":")[1].strip() for line in file if line.startswith("VmHWM"))
        print(f"lard's peak of memory: {peak}", flush=True)
    return slowest


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--socket")
    arguments.add_argument("--base", help="http://127.0.0.1:PORT")
    arguments.add_argument("--token", help="the token itself, or the file that holds it")
    arguments.add_argument("--requests", type=int, default=500)
    arguments.add_argument("--connections", type=int, default=2000)
    arguments.add_argument("--slow", type=int, default=1000)
    arguments.add_argument("--slow-seconds", type=float, default=5.0)
    arguments.add_argument("--bound-ms", type=float, default=0.0, help="fail when a status takes longer; 0: only say")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    if given.socket:
        token = given.token
        if token and os.path.exists(token):
            with open(token, encoding="ascii") as file:
                token = file.read().strip()
        slowest = abuse(Target(given.socket, given.base, token), given)
    else:
        slowest = abuse_own_lard(given)
    if given.bound_ms and slowest > given.bound_ms:
        raise AssertionError(f"the slowest status took {slowest:.1f} ms, more than {given.bound_ms:.0f}")
    print(f"all refused, and status always answered; the slowest took {slowest:.1f} ms")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        print(f"http_abuse: {error}", file=sys.stderr)
        sys.exit(1)
