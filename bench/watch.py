#!/usr/bin/env python3
"""From a saved file to an answer: how long until a watched change is found by search.

    bench/watch.py --bin build/release/bin [--files 20000] [--saves 20] [--bound-s 2] [--json]

Files are saved as editors do it (written in place, or a temporary one renamed over it), made, renamed and removed, in a
tree of that many files. Fails when one takes longer than the bound.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
import trees  # noqa: E402
from daemon import Daemon  # noqa: E402

PATIENCE_S = 30.0


def until(condition):
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > PATIENCE_S:
            return None
        time.sleep(0.02)
    return time.monotonic() - begin


def found(lard, word, path):
    return any(hit["place"]["path"] == path for hit in lard.search(word, words_only=True)["hits"])


def save(tree, number, word):
    """One change; returns the path that must be found by the word."""
    path = os.path.join("saved", f"note{number}.md")
    full = os.path.join(tree, path)
    text = f"# note {number}\n\n{word} stands here\n"
    if number % 3 == 0:  # a new file
        with open(full, "w") as file:
            file.write(text)
    elif number % 3 == 1:  # over an old one, by rename
        with open(full, "w") as file:
            file.write("# old\n")
        with open(full + ".tmp", "w") as file:
            file.write(text)
        os.rename(full + ".tmp", full)
    else:  # in a folder that is new as well
        path = os.path.join("saved", f"folder{number}", "note.md")
        os.makedirs(os.path.join(tree, os.path.dirname(path)))
        with open(os.path.join(tree, path), "w") as file:
            file.write(text)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--bound-s", type=float, default=2.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tree = tempfile.mkdtemp(prefix="lar-watch-")
    random_source = random.Random(3)
    try:
        trees.make_tree(tree, options.files)
        os.makedirs(os.path.join(tree, "saved"))
        with Daemon(options.bin) as lard:
            lard.add(tree, "tree")
            times = []
            for number in range(options.saves):
                word = "q" + "".join(random_source.choice("bcdfghjklmnp") for _ in range(12))
                path = save(tree, number, word)
                seconds = until(lambda: found(lard, word, path))
                if seconds is None:
                    raise SystemExit(f"{path} was not found within {PATIENCE_S} s: {lard.log()}")
                times.append(seconds)
            os.remove(os.path.join(tree, path))
            gone = until(lambda: not found(lard, word, path))
            if gone is None:
                raise SystemExit(f"{path} was removed and is still found")
            times.append(gone)
    finally:
        shutil.rmtree(tree, ignore_errors=True)
    result = {"files": options.files, "saves": len(times), "median_s": round(statistics.median(times), 2), "slowest_s": round(max(times), 2)}
    print(json.dumps(result) if options.json else
          f"{result['saves']} changes in a tree of {result['files']} files: searchable after {result['median_s']} s (median), {result['slowest_s']} s (slowest)")
    if max(times) > options.bound_s:
        raise SystemExit(f"slower than {options.bound_s} s")


if __name__ == "__main__":
    main()
