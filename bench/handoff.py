#!/usr/bin/env python3
"""1,000 random hand-offs over TLS: what arrives is what was approved, to the byte, and nothing else arrives.

    bench/handoff.py --bin build/release/bin [--tickets 1000]

The test of tests/e2e/handoff_test.py with more tickets: random texts with secrets in them, edits, what was taken out left
in, both dialects and a server of one's own, denied ones, ones that changed after they were shown, ones whose time is over.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

TEST = pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e" / "handoff_test.py"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--tickets", type=int, default=1000)
    asked = parser.parse_args()
    begin = time.monotonic()
    ended = subprocess.run([sys.executable, TEST, "HandOffs.test_random_tickets_arrive_as_approved_or_not_at_all"],
                           env=dict(os.environ, LAR_BIN=os.path.abspath(asked.bin), LAR_TICKETS=str(asked.tickets)))
    print(f"{time.monotonic() - begin:.0f} s")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
