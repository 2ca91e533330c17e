#!/usr/bin/env python3
"""A ledger of 100,000 entries with one byte changed anywhere: found, and its entry named.

    bench/ledger.py --bin build/release/bin [--entries 100000] [--changes 200] [--json]

The entries are written here, by the format that src/store/ledger.h gives to auditors and nothing else of Lar, so a
ledger that holds shows that format to be the true one. Then bytes at random places of random columns are changed in the
file, one at a time, with the triggers that refuse it removed; each must be found and its entry named by /lar/v1/ledger/verify.
"""

import argparse
import hashlib
import json
import os
import random
import sqlite3
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from daemon import Daemon  # noqa: E402

COLUMNS = ("number", "time_us", "kind", "content", "hash")


def entry(number):
    if number % 10:
        return "computed", {"model": "tiny:latest", "prompt_tokens": 500 + number % 997, "reused_tokens": 0,
                            "generated_tokens": 200, "cpu_seconds": number % 77 / 10, "energy": "", "listed": ""}
    return "denied", {"process": "lar-engine", "attempt": "connect"}


def fill(database, entries):
    """Rows behind those that are there."""
    number, before = database.execute("SELECT number, hash FROM ledger ORDER BY number DESC LIMIT 1").fetchone() or (0, bytes(32))
    rows = []
    time_us = 1_700_000_000_000_000
    for number in range(number + 1, entries + 1):
        kind, content = entry(number)
        content = json.dumps(content, separators=(",", ":"))
        time_us += 1_000_000
        digest = hashlib.sha256(f"{before.hex()}\n{number}\n{time_us}\n{kind}\n{content}\n".encode()).digest()
        rows.append((number, time_us, kind, content, digest))
        before = digest
    with database:
        database.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", rows)


def changed(value, source):
    """The value with one byte changed."""
    if isinstance(value, int):
        return value ^ (1 << source.randrange(0, 50))
    data = bytearray(value.encode() if isinstance(value, str) else value)
    data[source.randrange(len(data))] ^= 1 << source.randrange(0, 8)
    return bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    source = random.Random(11)
    times, missed = [], []
    with Daemon(options.bin) as lard:
        database = sqlite3.connect(os.path.join(lard.home, "data", "lar.db"), timeout=30)
        fill(database, options.entries)

        def check():
            begin = time.monotonic()
            said = lard.call("GET", "/lar/v1/ledger/verify", timeout=120)
            times.append(time.monotonic() - begin)
            return said

        said = check()
        if not said["holds"] or said["entries"] != options.entries:
            raise SystemExit(f"a ledger written by the published format does not hold: {said}")
        begin = time.monotonic()
        lard.call("GET", "/lar/v1/ledger", timeout=120)
        report_s = time.monotonic() - begin
        with database:
            for trigger in ("ledger_only_grows", "ledger_is_not_changed", "ledger_is_not_deleted"):
                database.execute(f"DROP TRIGGER {trigger}")
        for _ in range(options.changes):
            number, column = source.randint(1, options.entries), source.choice(COLUMNS)
            row = database.execute("SELECT * FROM ledger WHERE number = ?", (number,)).fetchone()
            value = changed(row[COLUMNS.index(column)], source)
            if column == "number":
                value = number + (1 << source.randrange(20, 50))  # a number that no other row has
            cast = "CAST(? AS TEXT)" if column in ("kind", "content") else "?"
            with database:
                database.execute(f"UPDATE ledger SET {column} = {cast} WHERE number = ?", (value, number))
            said = check()
            if said["holds"] or said["fault"]["number"] != number or said["entries"] != number - 1:
                missed.append((number, column, said))
            with database:
                database.execute("DELETE FROM ledger WHERE number = ?", (value if column == "number" else number,))
                database.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", row)
                database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'ledger'", (options.entries,))
        with database:
            database.execute("DELETE FROM ledger WHERE number = ?", (options.entries,))
        said = check()
        if said["holds"] or said["fault"]["number"] != options.entries:
            missed.append((options.entries, "taken off the end", said))
        database.close()
    result = {"entries": options.entries, "changes": options.changes + 1, "missed": len(missed),
              "verify_median_s": round(statistics.median(times), 3), "whole_s": round(times[0], 3),
              "report_s": round(report_s, 3)}
    print(json.dumps(result) if options.json else
          f"{result['changes']} changes to a ledger of {result['entries']} entries: {result['missed']} not found or not named; "
          f"all of it verified in {result['whole_s']} s, summed up in {result['report_s']} s")
    if missed:
        raise SystemExit(f"missed: {missed[:3]}")


if __name__ == "__main__":
    main()
