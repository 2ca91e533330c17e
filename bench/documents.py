#!/usr/bin/env python3
"""Documents: how many of a folder's files lar-reader reads as another program did, how fast and in how much memory.

    bench/documents.py --bin build/release/bin [FOLDER] [--json] [--show]

FOLDER has expected.json: for each file, what other programs read of it (`chars`, `words`) or that they could not
(`oracle_error`). A file passes when nine in ten of the expected words come out; where none are expected, or the others
failed, when the reader gives text or says what is wrong. Each file gets a reader of its own, in its sandbox. --show lists
every file that does not pass, is slow or is large.
"""

import argparse
import array
import json
import os
import re
import resource
import socket
import struct
import subprocess
import sys
import time

FORMATS = {
    ".pdf": "pdf", ".html": "html", ".htm": "html", ".xhtml": "html", ".docx": "package", ".pptx": "package", ".xlsx": "package",
    ".odt": "package", ".odp": "package", ".ods": "package", ".epub": "package", ".ipynb": "notebook", ".zip": "archive",
    ".tar": "archive", ".tgz": "archive", ".tar.gz": "archive", ".tar.xz": "archive",
}
SECONDS, MEGABYTES = 2.0, 300.0
PATIENCE = 60


def format_of(path):
    return next((name for ending, name in FORMATS.items() if path.lower().endswith(ending)), None)


class Reader:
    """One lar-reader, spoken to as lard does (src/ipc/channel.h)."""

    def __init__(self, binaries):
        ours, theirs = socket.socketpair()
        self.socket = ours
        ours.settimeout(PATIENCE)

        def prepare():
            os.dup2(theirs.fileno(), 3)
            resource.setrlimit(resource.RLIMIT_CPU, (3600, 3600))

        self.process = subprocess.Popen([os.path.join(binaries, "lar-reader")], preexec_fn=prepare, close_fds=True, pass_fds=(3,), stdin=subprocess.DEVNULL)
        theirs.close()
        self.receive()
        self.send({"type": "open_documents", "id": 1})
        self.opened = self.receive()

    def send(self, message, descriptor=None):
        body = json.dumps(message, separators=(",", ":")).encode()
        frame = struct.pack("<III", len(body), 0, 0 if descriptor is None else 1) + body
        extra = [] if descriptor is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        sent = self.socket.sendmsg([frame], extra)
        self.socket.sendall(frame[sent:])

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive(self):
        size, _, _ = struct.unpack("<III", self.exactly(12))
        return json.loads(self.exactly(size))

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))

    def end(self):
        self.socket.close()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def read(binaries, path, kind):
    """What came out of one file: text, problem (or None), seconds, megabytes."""
    reader = Reader(binaries)
    size = os.path.getsize(path)
    text, problem, memory, pages = [], None, 0.0, 0
    with open(path, "rb") as file:
        begin = time.monotonic()
        try:
            cpu = min(1500 + size * (10000 if kind == "pdf" else 2000) // (1 << 20), 120000)  # as src/sources/documents/format.cpp
            reader.send({"id": 2, "format": kind, "cpu_ms": cpu}, file.fileno())
            while True:
                event = reader.receive()
                if event["type"] == "document_text":
                    text += [block["text"] for block in event["blocks"]]
                elif event["type"] == "document_failed":
                    problem = f"{event['code']}: {event['message']}"
                    break
                elif event["type"] == "document_done":
                    pages = event["pages"]
                    problem = event["cut"] or None
                    text.append(event["title"])
                    break
            seconds = time.monotonic() - begin
            memory = reader.memory()
        except (EOFError, socket.timeout, OSError):
            seconds = time.monotonic() - begin
            return {"text": "", "crash": reader.end(), "problem": "the reader stopped", "seconds": seconds, "megabytes": memory, "pages": 0}
    reader.end()
    return {"text": "\n".join(text), "crash": None, "problem": problem, "seconds": seconds, "megabytes": memory, "pages": pages}


def verdict(expected, got):
    words = expected.get("words", [])
    found = set(re.findall(r"\w+", got["text"]))
    joined = "".join(got["text"].split())
    missing = [word for word in words if word not in found and word not in joined]
    if got["crash"] is not None:
        return "crash", missing
    if words:
        return ("pass" if len(missing) <= len(words) / 10 else "words"), missing
    if expected.get("chars", 0) > 0 and not got["text"].strip():
        return "empty", missing
    return "pass", missing


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--bin", default="build/release/bin")
    arguments.add_argument("folder", nargs="?", default="../shared/eval/docs")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--show", action="store_true")
    options = arguments.parse_args()
    list_of = os.path.join(options.folder, "expected.json")
    if not os.path.exists(list_of):
        sys.exit(f"documents: {list_of} is not there; name a folder that has one")
    with open(list_of) as file:
        expected = json.load(file)
    results = {}
    for name in sorted(expected):
        kind = format_of(name)
        if kind is None:
            continue  # plain text: lard's own affair
        got = read(options.bin, os.path.join(options.folder, name), kind)
        got["verdict"], got["missing"] = verdict(expected[name], got)
        results[name] = got
    passed = [name for name, got in results.items() if got["verdict"] == "pass"]
    slowest = max(results, key=lambda name: results[name]["seconds"])
    largest = max(results, key=lambda name: results[name]["megabytes"])
    report = {
        "files": len(results), "passed": len(passed), "plain_text": len(expected) - len(results),
        "crashes": [name for name, got in results.items() if got["crash"] is not None],
        "slowest": {"file": slowest, "seconds": round(results[slowest]["seconds"], 3)},
        "largest": {"file": largest, "megabytes": round(results[largest]["megabytes"], 1)},
        "over": [n for n, got in results.items() if got["seconds"] > SECONDS or got["megabytes"] > MEGABYTES],
    }
    if options.json:
        print(json.dumps(report | {"failed": {n: g["verdict"] for n, g in results.items() if g["verdict"] != "pass"}}, indent=1))
        return
    if options.show:
        for name, got in results.items():
            if got["verdict"] != "pass" or got["problem"] or name in report["over"]:
                print(f"{got['verdict']:6} {name}: {got['problem'] or ''} {got['missing'][:8]} {got['seconds']:.2f} s {got['megabytes']:.0f} MB {got['crash'] if got['crash'] is not None else ''}")
    print(f"{report['passed']} of {report['files']} documents pass ({100 * report['passed'] / report['files']:.1f} %), {report['plain_text']} files are plain text; "
          f"{len(report['crashes'])} crashes, {len(report['over'])} over {SECONDS:.0f} s or {MEGABYTES:.0f} MB")
    print(f"slowest {report['slowest']['seconds']} s ({slowest}), largest {report['largest']['megabytes']} MB ({largest})")


if __name__ == "__main__":
    main()
