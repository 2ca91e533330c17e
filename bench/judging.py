#!/usr/bin/env python3
"""Is what cannot be answered refused, and nothing else? Sets of questions against their own trees and each other's.

    bench/judging.py --bin build/release/bin TREE=QUESTIONS.jsonl[,QUESTIONS.jsonl…] … [--least .45]

Indexes each tree once and asks it its own questions and those about all other trees, which it cannot answer: a second
measure of refusing with many more questions than anybody writes, beside the few that were written to be nearly
answerable. Odd questions are counted apart from even ones: what is tuned is tuned on the odd ones. Needs `./dev build
--preset release judging lar lard lar-spawner lar-reader`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = "eval"


def index(programs, tree, home):
    """A store of the tree; the path of its database."""
    run = home / "run"
    run.mkdir(mode=0o700)
    folders = {"HOME": home, "XDG_RUNTIME_DIR": run, **{f"XDG_{kind}_HOME": home / kind.lower() for kind in ("DATA", "CONFIG", "CACHE", "STATE")}}
    environment = {**os.environ, **{name: str(folder) for name, folder in folders.items()}}
    for command in (["add", str(tree), "--name", SOURCE], ["shutdown"]):
        subprocess.run([programs / "lar", *command], env=environment, check=True, stdout=subprocess.DEVNULL)
    return home / "data" / "lar" / "lar.db"


def places_of(question, tree):
    """Right places as is_right() wants them: anchors as lines."""
    places = []
    for answer in question["answers"]:
        if "anchor" not in answer:
            places.append(answer)
            continue
        file = tree / answer["path"]
        lines = file.read_text(errors="replace").split("\n") if file.exists() else []
        places += [{"path": answer["path"], "line": i + 1} for i, line in enumerate(lines) if answer["anchor"] in line]
    return places


def is_right(places, place):
    return any(place["commit"].startswith(one["commit"][:12]) if "commit" in one else
               place["kind"] == "file" and place["path"] == one["path"] and
               place["line_first"] <= one.get("line_last", one["line"]) and one["line"] <= place["line_last"] for one in places)


def ask(programs, database, questions):
    asked = "".join(question["question"].replace("\n", " ") + "\n" for question in questions)
    said = subprocess.run([programs / "judging", database], input=asked, text=True, check=True, stdout=subprocess.PIPE).stdout
    return [json.loads(line) for line in said.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--least", type=float, default=0.45, help="least_answerable of recall/recall.h")
    parser.add_argument("sets", nargs="+", metavar="TREE=FILES")
    options = parser.parse_args()
    sets = {}
    for one in options.sets:
        tree, _, files = one.partition("=")
        questions = []
        for file in files.split(","):
            with open(file) as lines:
                questions += [{**json.loads(line), "odd": number % 2 == 0} for number, line in enumerate(filter(str.strip, lines))]
        sets[pathlib.Path(tree).resolve()] = questions
    counts = {}

    def count(what, odd, good):
        good_and_all = counts.setdefault((what, "odd" if odd else "even"), [0, 0])
        good_and_all[0] += good
        good_and_all[1] += 1

    for tree, own in sets.items():
        foreign = [question for other, questions in sets.items() if other != tree for question in questions if question["answerable"]]
        with tempfile.TemporaryDirectory() as home:
            said = ask(options.bin, index(options.bin, tree, pathlib.Path(home)), own + foreign)
        for question, one in zip(own + foreign, said, strict=True):
            refused = one["answerable"] < options.least
            if question in own and question["answerable"]:
                places = places_of(question, tree)
                count("right in 3", question["odd"], not refused and any(is_right(places, c["place"]) for c in one["answer"]["citations"][:3]))
                count("refused, though answered", question["odd"], refused)
            else:
                count("unanswerable refused" if question in own else "of other trees refused", question["odd"], refused)
    for (what, half), (good, of) in sorted(counts.items()):
        print(f"{what:26} {half:5} {good:4} of {of}")


if __name__ == "__main__":
    sys.exit(main())
