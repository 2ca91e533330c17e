#!/usr/bin/env python3
"""The idle daemon: start to ready, its memory after a minute of nothing, the first query after that.

    bench/idle.py --bin build/release/bin [--tree PATH] [--seconds 60] [--json]

Nobody's page cache is touched: memory is read from /proc as it is.
"""

import argparse
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from daemon import Daemon, children, memory, peak_memory  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--tree", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = {}
    with Daemon(options.bin) as lard:
        lard.add(os.path.abspath(options.tree))
        lard.ask("how does the daemon start its workers?")
        lard.stop()
        starts = []
        for _ in range(options.starts):
            starts.append(lard.start() * 1000)
            lard.stop()
        lard.start()
        lard.ask("how does the daemon start its workers?")
        pid = lard.process.pid
        time.sleep(options.seconds)
        result["pss_mb"] = round(memory(pid) / 1e6, 2)
        result["anonymous_mb"] = round(memory(pid, "Pss_Anon") / 1e6, 2)
        result["peak_rss_mb"] = round(peak_memory(pid) / 1e6, 2)
        result["workers"] = sorted(children(pid).values())
        result["spawner_pss_mb"] = round(sum(memory(child) for child in children(pid)) / 1e6, 2)
        begin = time.monotonic()
        lard.ask("where is the length of a frame checked?")
        result["first_query_ms"] = round((time.monotonic() - begin) * 1000, 1)
        result["start_to_ready_ms"] = round(statistics.median(starts), 1)
        result["start_to_ready_ms_max"] = round(max(starts), 1)
    if options.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key:22} {value}")


if __name__ == "__main__":
    main()
