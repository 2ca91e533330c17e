#!/usr/bin/env python3
"""Does `ask` bring the right source? `lar eval qa` on a set of questions, and the first three citations of each.

    bench/questions.py --bin build/release/bin TREE QUESTIONS.jsonl [--at COMMIT] [--json] [--show]

A question names the places that answer it: a path with a `line` or a piece of it (`anchor`), or a commit. A citation
is right when it is that commit, or when its lines hold that line. Unanswerable questions must be refused. TREE may be a
file of notes, `{"path", "text"}` a line, as the sets about notes have it. `--at`: as that repository was then, with the
history before it. The sets and what each is for: bench/questions/README.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile


def show(question, tried):
    answer = tried["answer"]
    right = 0 < tried["cited_rank"] <= 3 if tried["answerable"] else answer["outcome"] == "not_found"
    print(f"\n{'ok  ' if right else 'MISS'} {tried['id']}: {answer['question']}  [{answer['outcome']}]")
    for sentence in answer["sentences"]:
        print(f"      {sentence['text'][:160]!r} {sentence['citations']}")
    for citation in answer["citations"][:3]:
        place = citation["place"]
        print(f"      [{citation['number']}] {place['kind']} {place['commit'][:10]} {place['path']}:{place['line_first']}-{place['line_last']}")
    if not right:
        print(f"      found by search at {tried['hit_rank'] or 'none'}; expected {question['answers']}")


def unpacked(notes, folder):
    os.mkdir(folder)
    with open(notes, encoding="utf-8") as lines:
        for note in map(json.loads, lines):
            with open(os.path.join(folder, os.path.basename(note["path"])), "x", encoding="utf-8") as file:
                file.write(note["text"])
    return folder


def as_it_was(repository, commit, folder):
    """A clone that knows of nothing later."""
    def git(*command):
        return subprocess.run(["git", *command], check=True, stdout=subprocess.PIPE, text=True).stdout

    git("clone", "--quiet", "--no-checkout", repository, folder)
    git("-C", folder, "checkout", "--quiet", "--detach", commit)
    git("-C", folder, "remote", "remove", "origin")
    for ref in git("-C", folder, "for-each-ref", "--format=%(refname)").split():
        git("-C", folder, "update-ref", "-d", ref)
    git("-C", folder, "switch", "--quiet", "--create", "main")
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="print every question with what was cited")
    parser.add_argument("--at", metavar="COMMIT", help="ask TREE, a repository, as it was at this commit")
    parser.add_argument("tree")
    parser.add_argument("questions")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run = os.path.join(scratch, "run.jsonl")
        tree = unpacked(options.tree, os.path.join(scratch, "notes")) if os.path.isfile(options.tree) else options.tree
        if options.at:
            tree = as_it_was(tree, options.at, os.path.join(scratch, "then"))
        ended = subprocess.run([os.path.join(options.bin, "lar"), "eval", "qa", options.questions, "--in", tree, "--json", "--run", run],
                               stdout=subprocess.PIPE, text=True)
        if ended.returncode:
            sys.exit(ended.returncode)
        report = json.loads(ended.stdout)
        with open(run) as file:
            tried = [json.loads(line) for line in file]
    if options.show:
        with open(options.questions) as file:
            questions = [json.loads(line) for line in file if line.strip()]
        for question, one in zip(questions, tried, strict=True):
            show(question, one)
    scores = report["scores"][0]
    right, refused = round(scores["cited@3"] * scores["answerable"]), round(scores["refused"] * scores["unanswerable"])
    result = {"answerable": scores["answerable"], "right_in_3": right, "unanswerable": scores["unanswerable"], "refused": refused,
              "median_ms": round(report["ask_p50_ms"], 1), "max_ms": round(report["ask_max_ms"], 1)}
    if report["anchors_gone"]:
        print(f"{report['anchors_gone']} of the places are no longer in the tree", file=sys.stderr)
    print(json.dumps(result) if options.json else
          f"\n{right} of {scores['answerable']} with the right source among the first 3; {refused} of {scores['unanswerable']} unanswerable refused; "
          f"median {result['median_ms']} ms, slowest {result['max_ms']} ms")


if __name__ == "__main__":
    main()
