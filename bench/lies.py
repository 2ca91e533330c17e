#!/usr/bin/env python3
"""An engine in somebody else's hands: 100,000 messages that no honest engine sends, through the real lard.

    ./dev build lying_engine && ./dev build
    bench/lies.py [--bin build/dev/bin] [--messages 100000] [--seed 1]

lying_engine takes lar-engine's place. One model's engine sends bursts of twenty messages that are malformed, forged for
other requests, over a limit or out of their turn, and is killed for the first that is; another model's, meanwhile, is asked all
the time and has to answer right. Nothing that a lie says may come back to anybody, lard may neither end nor grow.
"""

import argparse
import http.client
import os
import shutil
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "support"))
from daemon import Daemon, Refused  # noqa: E402

BURST = 20  # as in programs/lard/lying_engine.cpp


def generate(lard, model, prompt):
    return lard.call("POST", "/api/generate", {"model": model, "prompt": prompt, "raw": True, "stream": False})


class Honest(threading.Thread):
    """Asks the other model over and over; it answers with the length of what it was asked."""

    def __init__(self, lard):
        super().__init__(daemon=True)
        self.lard, self.asked, self.wrong, self.stopped = lard, 0, [], threading.Event()

    def run(self):
        while not self.stopped.is_set():
            prompt = "x" * (1 + self.asked % 977)
            try:
                answer = generate(self.lard, "honest", prompt)["response"]
            except (Refused, OSError, http.client.HTTPException) as error:
                answer = repr(error)
            if answer != str(len(prompt)):
                self.wrong.append((len(prompt), answer[:200]))
            self.asked += 1


def memory_kib(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))


def liars(folder, binaries):
    """A folder of programs in which lar-engine lies."""
    for name in ("lard", "lar-spawner", "lar-reader"):
        shutil.copy(os.path.join(binaries, name), folder)
    shutil.copy(os.path.join(binaries, "lying_engine"), os.path.join(folder, "lar-engine"))
    if os.path.exists(os.path.join(binaries, "lar-courier")):
        shutil.copy(os.path.join(binaries, "lar-courier"), folder)
    for name in ("honest", "liar"):
        with open(os.path.join(folder, f"{name}.gguf"), "w", encoding="ascii") as file:
            file.write("right " + name)  # its facts, as lying_engine tells them


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/dev/bin")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lar-lies-") as folder:
        liars(folder, options.bin)
        with Daemon(folder) as lard:
            for name in ("honest", "liar"):
                lard.call("POST", "/api/create", {"model": name, "from": os.path.join(folder, f"{name}.gguf"), "stream": False})
            generate(lard, "honest", "once")
            honest, pid = Honest(lard), lard.pid()
            honest.start()
            refused, begin, early = {}, time.monotonic(), 0
            bursts = (options.messages + BURST - 1) // BURST
            for number in range(bursts):
                try:
                    answer = generate(lard, "liar", f"storm {options.seed * 1_000_000 + number}")
                    sys.exit(f"lies: burst {number} was believed: {answer}")
                except Refused as error:
                    if error.status < 500 or "FORGED" in str(error):
                        sys.exit(f"lies: burst {number} ended as {error}")
                    refused[error.status] = refused.get(error.status, 0) + 1
                if number == bursts // 10:
                    early = memory_kib(pid, "VmRSS")
            honest.stopped.set()
            honest.join()
            if honest.wrong:
                sys.exit(f"lies: the other model answered wrong: {honest.wrong[:3]} ({len(honest.wrong)} of {honest.asked})")
            if lard.pid() != pid:
                sys.exit("lies: lard ended")
            print(f"{bursts * BURST} messages in {bursts} bursts, each the end of its engine ({time.monotonic() - begin:.0f} s): "
                  + ", ".join(f"{count} x {status}" for status, count in sorted(refused.items()))
                  + f"; meanwhile {honest.asked} right answers of the other model; lard {early} -> {memory_kib(pid, 'VmRSS')} KiB, at most {memory_kib(pid, 'VmHWM')}")


if __name__ == "__main__":
    main()
