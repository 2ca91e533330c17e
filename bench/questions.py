#!/usr/bin/env python3
"""Does `ask` bring the right source? Asks every question of a set and looks at the first three citations.

    bench/questions.py --bin build/release/bin TREE QUESTIONS.jsonl [--json] [--show]

A question names the places that answer it: a path with a `line` or a piece of it (`anchor`), or a commit. A citation
is right when it is that commit, or when its lines hold that line. Unanswerable questions must be refused. The sets and
what each is for: bench/questions/README.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from daemon import Daemon  # noqa: E402


def lines_with(tree, path, anchor):
    try:
        with open(os.path.join(tree, path), encoding="utf-8", errors="replace") as file:
            return [number for number, line in enumerate(file, 1) if anchor in line]
    except OSError:
        return []


def is_right(tree, answer, place):
    if answer.get("commit"):
        return place["commit"].startswith(answer["commit"][:12])
    if place["path"] != answer["path"] or place["kind"] != "file":
        return False
    lines = [answer["line"]] if "line" in answer else lines_with(tree, answer["path"], answer["anchor"])
    return any(place["line_first"] <= line <= place["line_last"] for line in lines)


def show(question, answer, rank):
    print(f"\n{'ok  ' if rank else 'MISS'} {question['id']}: {question['question']}  [{answer['outcome']}]")
    for sentence in answer["sentences"]:
        print(f"      {sentence['text'][:160]!r} {sentence['citations']}")
    for citation in answer["citations"][:3]:
        place = citation["place"]
        print(f"      [{citation['number']}] {place['kind']} {place['commit'][:10]} {place['path']}:{place['line_first']}-{place['line_last']}")
    if not rank:
        print(f"      expected {question['answers']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="print every question with what was cited")
    parser.add_argument("tree")
    parser.add_argument("questions")
    options = parser.parse_args()
    with open(options.questions) as file:
        questions = [json.loads(line) for line in file if line.strip()]
    with Daemon(options.bin) as lard:
        lard.add(os.path.abspath(options.tree))
        right = refused = answerable = unanswerable = 0
        times = []
        for question in questions:
            begin = time.monotonic()
            answer = lard.ask(question["question"])
            times.append((time.monotonic() - begin) * 1000)
            if question["answerable"]:
                answerable += 1
                rank = next((i for i, c in enumerate(answer["citations"][:3], 1)
                             if any(is_right(options.tree, a, c["place"]) for a in question["answers"])), 0)
                right += rank > 0
            else:
                unanswerable += 1
                rank = answer["outcome"] == "not_found"
                refused += rank
            if options.show:
                show(question, answer, rank)
    result = {"answerable": answerable, "right_in_3": right, "unanswerable": unanswerable, "refused": refused,
              "median_ms": round(statistics.median(times), 1), "max_ms": round(max(times), 1)}
    print(json.dumps(result) if options.json else
          f"\n{right} of {answerable} with the right source among the first 3; {refused} of {unanswerable} unanswerable refused; "
          f"median {result['median_ms']} ms, slowest {result['max_ms']} ms")


if __name__ == "__main__":
    main()
