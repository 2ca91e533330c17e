#!/usr/bin/env python3
"""kill -9 at random moments of an ingest: nothing committed is lost, and the ingest goes on by itself.

    bench/kill.py --bin build/release/bin [--rounds 200] [--seed 1]

Each round starts lard on the same home, changes some files, waits a random moment and kills it. What a client saw
as committed before the kill (documents, by id) must be there after it; at the end the store must be whole and
hold exactly what the tree holds.
"""

import argparse
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
import trees  # noqa: E402
from daemon import Daemon, Refused  # noqa: E402


def change(tree, random_source, round_number, count):
    for number in range(count):
        path = os.path.join(tree, "changing", f"{random_source.randint(0, 400)}.md")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(f"# round {round_number} {number}\n\n" + trees.text(random_source, 60))


def committed(home):
    """(kind, path) → content hash of every document, read as a stranger would while nobody serves the store.

    The index must hold exactly the passages that are committed with them."""
    with sqlite3.connect(f"file:{home}/data/lar.db?mode=ro", uri=True) as database:
        integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
        if integrity != "ok":
            raise SystemExit(f"the store is damaged: {integrity}")
        indexed, passages = database.execute("SELECT (SELECT ifnull(sum(live_documents), 0) FROM segments), count(*) FROM passages").fetchone()
        missing = [name for name, in database.execute("SELECT name FROM segments WHERE content IS NULL") if not os.path.exists(f"{home}/data/lar.index/{name}.lex")]
        if indexed != passages or missing or database.execute("SELECT 1 FROM reindexing").fetchone():
            raise SystemExit(f"the index has {indexed} of {passages} passages, and lost {len(missing)} segments")
        return dict(database.execute("SELECT kind || ':' || path, hash FROM documents"))


def one_round(options, random_source, home, tree, number):
    lard = Daemon(options.bin, home=home)
    lard.start()
    if number == 0:
        lard.call("POST", "/lar/v1/sources", {"location": tree, "name": "tree"})
    else:
        change(tree, random_source, number, 40)
        lard.call("POST", "/lar/v1/sources/tree/sync", {})
    time.sleep(random_source.random() * options.longest)
    pushed = []
    try:
        for document in range(random_source.randint(0, 3)):
            identity = f"{number}-{document}"
            lard.call("POST", "/lar/v1/sources/notes/documents", {"documents": [{"id": identity, "text": f"kept {identity}"}]})
            pushed.append(identity)
    except Refused as refused:
        if number:
            raise
        if refused.status != 404:
            raise
    if number == 0:
        lard.call("POST", "/lar/v1/sources", {"location": "pushed:notes", "name": "notes"})
    lard.kill()
    lard.errors.close()
    return pushed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--files", type=int, default=1500)
    parser.add_argument("--longest", type=float, default=0.6, help="seconds until the kill, at most")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random_source = random.Random(options.seed)
    home, tree = tempfile.mkdtemp(prefix="lar-kill-"), tempfile.mkdtemp(prefix="lar-tree-")
    try:
        trees.make_tree(tree, options.files)
        promised = set()
        for number in range(options.rounds):
            promised.update(one_round(options, random_source, home, tree, number))
            there = committed(home)
            lost = [identity for identity in promised if f"pushed:{identity}" not in there and f"5:{identity}" not in there]
            if lost:
                raise SystemExit(f"round {number}: acknowledged and lost: {lost}")
        lard = Daemon(options.bin, home=home)
        lard.start()
        lard.wait_idle()  # the interrupted sync is taken up without being asked for
        on_disk = sum(len(files) for _, _, files in os.walk(tree))
        source = next(s for s in lard.call("GET", "/lar/v1/sources")["sources"] if s["name"] == "tree")
        lard.stop()
        if source["documents"] != on_disk:
            raise SystemExit(f"{source['documents']} documents for {on_disk} files")
        committed(home)
        print(f"{options.rounds} kills: {len(promised)} acknowledged documents all there, integrity ok, {on_disk} files indexed")
    finally:
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(tree, ignore_errors=True)


if __name__ == "__main__":
    main()
