#!/usr/bin/env python3
"""Indexing at scale: a 20,000-file tree and a 10,000-commit history, made from a seed or given.

    bench/ingest.py --bin build/release/bin [--files 20000] [--commits 10000] [--repository PATH] [--json]

Prints MB/s, commits/s, the peak memory of lard and its reader together, how searches fared meanwhile, and how long a second
run takes when nothing changed.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
import trees  # noqa: E402
from daemon import Daemon, children, peak_memory  # noqa: E402


class Watcher(threading.Thread):
    """Samples peaks of the daemon's processes and asks it something now and then."""

    def __init__(self, lard):
        super().__init__(daemon=True)
        self.lard = lard
        self.peaks = {}
        self.searches = []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.25):
            pid = self.lard.process.pid
            for child, name in {pid: "lard", **children(pid)}.items():
                self.peaks[(name, child)] = max(self.peaks.get((name, child), 0), peak_memory(child))
            begin = time.monotonic()
            self.lard.search("bebo kibu rado")
            self.searches.append((time.monotonic() - begin) * 1000)

    def peak_of(self, *names):
        return sum(max([size for (found, _), size in self.peaks.items() if found.startswith(name)], default=0) for name in names)


def timed_sync(lard, name):
    begin = time.monotonic()
    lard.call("POST", f"/lar/v1/sources/{name}/sync", {})
    lard.wait_idle()
    return time.monotonic() - begin


def measure(binaries, location, name):
    with Daemon(binaries) as lard:
        watcher = Watcher(lard)
        watcher.start()
        begin = time.monotonic()
        lard.add(location, name, timeout=3600)
        seconds = time.monotonic() - begin
        watcher.ended.set()
        watcher.join()
        again = timed_sync(lard, name)
        source = next(s for s in lard.call("GET", "/lar/v1/sources")["sources"] if s["name"] == name)
        size = lard.call("GET", "/lar/v1/status")["database_bytes"]
    return {"seconds": round(seconds, 1), "documents": source["documents"], "passages": source["passages"],
            "commits": source["commits"], "text_mb": round(source["bytes"] / 1e6, 1), "database_mb": round(size / 1e6, 1),
            "again_seconds": round(again, 2), "peak_mb": round(watcher.peak_of("lard", "lar-reader") / 1e6),
            "searches_meanwhile": len(watcher.searches),
            "search_ms_p50": round(statistics.median(watcher.searches), 1) if watcher.searches else None,
            "search_ms_max": round(max(watcher.searches), 1) if watcher.searches else None}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--repository", help="an existing repository instead of made ones")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {}
    folder = tempfile.mkdtemp(prefix="lar-bench-")
    try:
        if options.repository:
            results["repository"] = measure(options.bin, os.path.abspath(options.repository), "repository")
        else:
            tree, history = os.path.join(folder, "tree"), os.path.join(folder, "history")
            trees.make_tree(tree, options.files)
            trees.make_history(history, options.commits)
            results["tree"] = measure(options.bin, tree, "tree")
            results["tree"]["mb_per_s"] = round(results["tree"]["text_mb"] / results["tree"]["seconds"], 2)
            results["history"] = measure(options.bin, history, "history")
            results["history"]["commits_per_s"] = round(results["history"]["commits"] / results["history"]["seconds"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(results))
    else:
        for name, result in results.items():
            print(name)
            for key, value in result.items():
                print(f"  {key:20} {value}")


if __name__ == "__main__":
    main()
