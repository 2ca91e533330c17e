#!/usr/bin/env python3
"""How much memory an engine takes beside weights and window, and whether lard's arithmetic knew.

    bench/memory.py [--bin build/release/bin] [--types q4_k] [--windows 2048,8192] [--sequences 1,8] [--json]

The model is bench/engine.py's: the shape of a 1B Llama, random weights. lard loads it as for any client and answers one
prompt that fills a step, and one for each sequence. Then the kernel is asked:

    mapped     pages of the model's file that the engine has; without tiles most weights are packed in memory of its own
    window     what the shape says: layers x KV heads x (key + value) x 2 bytes x tokens x sequences
    rest       what the engine has (PSS) beyond the file's size and the window: at most 150 MB
    off        what lard reckons (src/models/fit.h; window and computing as the engine said them, as /api/ps tells) beside what
               it came to

Fails where the rest is more than --bound-mb, or the reckoning is off by more than --off-percent.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TREE / "tests" / "support"), str(TREE / "bench")]
import engine as shape  # noqa: E402
from daemon import Daemon, children, memory  # noqa: E402


def window_bytes(tokens, sequences):
    head = shape.WIDTH // shape.HEADS
    return shape.LAYERS * shape.KV_HEADS * 2 * head * 2 * tokens * sequences


def mapped_bytes(pid, path):
    """Resident pages of that file."""
    resident, ours = 0, False
    with open(f"/proc/{pid}/smaps") as lines:
        for line in lines:
            if "-" in line.split(" ", 1)[0]:
                ours = line.rstrip().endswith(str(path))
            elif ours and line.startswith("Rss:"):
                resident += int(line.split()[1]) * 1024
    return resident


def ask(lard, prompt, window):
    return lard.call("POST", "/api/generate", {"model": "bench", "prompt": prompt, "raw": True, "stream": False,
                                               "options": {"num_ctx": window, "num_predict": 2}}, timeout=600)


def one(options, model, window, sequences):
    with Daemon(options.bin, environment={"OLLAMA_NUM_PARALLEL": str(sequences), "OLLAMA_MODELS": "/nonexistent"}) as lard:
        lard.call("POST", "/api/create", {"model": "bench", "from": str(model), "stream": False}, timeout=600)
        ask(lard, "x " * 400, window)
        with concurrent.futures.ThreadPoolExecutor(sequences) as pool:
            list(pool.map(lambda i: ask(lard, f"{i} " * 20, window), range(sequences)))
        running = lard.call("GET", "/api/ps")["models"][0]
        pid = next(pid for pid, name in children(lard.pid()).items() if name == "lar-engine")
        mapped = mapped_bytes(pid, model)
        total = memory(pid)
        idle_mb = memory(lard.pid()) / 1e6
    rest = total - os.path.getsize(model) - window_bytes(window, sequences)
    return {"window": running["context_length"], "sequences": sequences, "pss_mb": total / 1e6, "mapped_mb": mapped / 1e6,
            "window_mb": window_bytes(window, sequences) / 1e6, "rest_mb": rest / 1e6, "reckoned_mb": running["size"] / 1e6,
            "off_percent": (running["size"] / total - 1) * 100, "lard_mb": idle_mb}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--types", default="q4_k")
    parser.add_argument("--windows", default="2048,8192")
    parser.add_argument("--sequences", default="1,8")
    parser.add_argument("--bound-mb", type=float, default=150)
    parser.add_argument("--off-percent", type=float, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    windows = [int(word) for word in options.windows.split(",")]
    shape.CONTEXT = max(windows)
    rows, wrong = [], 0
    with tempfile.TemporaryDirectory(prefix="lar-memory-") as folder:
        for kind in options.types.split(","):
            model = pathlib.Path(folder) / f"random-1b-{kind}.gguf"
            shape.make_model(model, kind)
            for window in windows:
                for sequences in map(int, options.sequences.split(",")):
                    row = {"type": kind} | one(options, model, window, sequences)
                    bad = row["rest_mb"] > options.bound_mb or abs(row["off_percent"]) > options.off_percent or row["window"] != window
                    wrong += bad
                    rows.append(row)
                    if not options.json:
                        print("  ".join(f"{key} {value:.1f}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items()) +
                              ("  TOO MUCH" if bad else ""), flush=True)
            model.unlink()
    if options.json:
        print(json.dumps(rows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
