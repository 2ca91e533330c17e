#!/usr/bin/env python3
"""Many clients who change their minds, for as long as wished: does each get its own words, and does anything grow?

    bench/clients.py [--bin build/release/bin] [--writer build/dev/bin/write_tiny_model] [--clients 32] [--minutes 30] [--json]

Two tiny models run in lard. Each client asks one of them for a greedy answer over HTTP, again and again: some read it to its
end, some leave after no, one or some pieces without a word. What was read to its end must be what the model says when it is
asked alone, at the end as at the beginning. lard and its engines may not have grown by more than --growth-mb since the
end of the first tenth, nor have more descriptors open.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

TREE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TREE / "tests" / "support"))
from daemon import Daemon, UnixConnection, children, memory  # noqa: E402

PROMPTS = [f"Once upon a time the {who} sat {where}" for who in ("cat", "dog", "big cat", "old dog", "red cat", "sad dog")
           for where in ("on the mat", "in the sun", "by the sea", "at home")]
TOKENS = 24
CUTS = (None, None, 0, 1, 2, 5, 10)  # pieces after which a client leaves


def ask(lard, model, prompt, cut=None):
    """The whole text; None when it was left before."""
    connection = UnixConnection(lard.socket, 120)
    try:
        connection.request("POST", "/api/generate", json.dumps({"model": model, "prompt": prompt, "raw": True, "options": {
            "temperature": 0, "num_predict": TOKENS, "num_ctx": 256}}), {"Content-Type": "application/json"})
        if cut == 0:
            return None
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.read()[:200]!r}")
        text, pieces = "", 0
        while line := answer.readline():
            piece = json.loads(line)
            if "error" in piece:
                raise RuntimeError(piece["error"])
            text += piece.get("response", "")
            pieces += 1
            if piece["done"]:
                return text
            if pieces == cut:
                return None
        raise RuntimeError("the answer has no end")
    finally:
        connection.close()


def sizes(lard):
    """(PSS in MB, descriptors) of lard and of each engine, by name."""
    pids = {"lard": lard.pid()} | {f"engine {pid}": pid for pid, name in children(lard.pid()).items() if name == "lar-engine"}
    return {name: (memory(pid) / 1e6, len(os.listdir(f"/proc/{pid}/fd"))) for name, pid in pids.items()}


class Crowd:
    def __init__(self, lard, alone, seconds):
        self.lard, self.alone, self.end = lard, alone, time.monotonic() + seconds
        self.lock, self.counts, self.faults = threading.Lock(), collections.Counter(), []

    def client(self, number):
        source = random.Random(number)
        while time.monotonic() < self.end:
            (model, prompt), cut = source.choice(list(self.alone)), source.choice(CUTS)
            try:
                text = ask(self.lard, model, prompt, cut)
                fate = "left" if text is None else "whole" if text == self.alone[model, prompt] else "wrong"
                fault = f"{model} to {prompt!r}: {text!r}" if fate == "wrong" else None
            except (OSError, RuntimeError, ValueError) as error:
                fate, fault = "failed", str(error)
            with self.lock:
                self.counts[fate] += 1
                if fault and len(self.faults) < 5:
                    self.faults.append(fault)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--writer", default=str(TREE / "build/dev/bin/write_tiny_model"))
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--growth-mb", type=float, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not os.path.exists(options.writer):
        raise SystemExit("clients: there is no write_tiny_model; run ./dev build write_tiny_model, or name it with --writer")
    seconds = options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="lar-clients-") as folder, Daemon(options.bin) as lard:
        for model, seed in (("one", "1"), ("two", "2")):
            place = pathlib.Path(folder) / model
            place.mkdir()
            file = subprocess.run([options.writer, str(place), "llama", "1", seed], check=True, capture_output=True, text=True).stdout.strip()
            lard.call("POST", "/api/create", {"model": model, "from": file, "stream": False})
        crowd = Crowd(lard, {(model, prompt): ask(lard, model, prompt) for model in ("one", "two") for prompt in PROMPTS}, seconds)
        threads = [threading.Thread(target=crowd.client, args=(i,)) for i in range(options.clients)]
        for thread in threads:
            thread.start()
        early, told = None, time.monotonic()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.5)
            left = crowd.end - time.monotonic()
            if early is None and left < 0.9 * seconds:
                early = sizes(lard)
            if time.monotonic() - told >= 60:
                told = time.monotonic()
                print(f"clients: {dict(crowd.counts)}, {max(left, 0) / 60:.0f} minutes to go", file=sys.stderr, flush=True)
        time.sleep(2)
        late = sizes(lard)
        crowd.faults += [f"{model} says something else afterwards" for model, prompt in crowd.alone
                         if prompt == PROMPTS[0] and ask(lard, model, prompt) != crowd.alone[model, prompt]]
    faults = crowd.faults + [f"{name} grew from {early[name]} to {late.get(name)}" for name in early
                             if name not in late or late[name][0] > early[name][0] + options.growth_mb or late[name][1] > early[name][1]]
    result = dict(crowd.counts, minutes=options.minutes, clients=options.clients, faults=faults,
                  sizes={name: {"early_mb": early[name][0], "late_mb": late[name][0], "descriptors": late[name][1]}
                         for name in early if name in late})
    if options.json:
        print(json.dumps(result))
    else:
        print(", ".join(f"{count} {fate}" for fate, count in sorted(crowd.counts.items())) + f" in {options.minutes:g} minutes")
        for name, size in result["sizes"].items():
            print(f"{name}: {size['early_mb']:.1f} MB, then {size['late_mb']:.1f} MB; {size['descriptors']} descriptors")
        for fault in faults:
            print(f"FAULT {fault}")
    return 1 if faults or not crowd.counts["whole"] else 0


if __name__ == "__main__":
    sys.exit(main())
