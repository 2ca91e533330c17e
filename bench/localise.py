#!/usr/bin/env python3
"""Which files will a change touch? A commit's subject as the question, the files that it changed as the answer.

    bench/localise.py [--bin build/release/bin] [--sets ../shared/eval/git] [--repositories FOLDER] [--json]

A set names a repository, the commit whose tree and history are indexed, and later commits. The repository is
looked for in FOLDER (otherwise the folder beside this tree, or $LAR_REPOSITORIES) as OWNER/NAME or OWNER+NAME, bare or
not; it is cloned so that nothing later than that commit can be reached. Each subject is searched for through
/lar/v1/search as any client would, with ten hits and with two hundred, and the distinct paths of the hits are the files
found, in the order of the hits: the path of a passage of a file, or of a hunk, also when that file is gone by now. What a
commit says of itself has no path and is passed over. R@10 is the share of the changed files among the first ten, as a mean over the questions; "at limit
10" is that of ten hits. Weights were chosen on the questions in odd places of each set, counted from 0.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TREE / "tests" / "support"))
from daemon import Daemon  # noqa: E402

WANTED = 0.60  # R@10 on each
DEPTHS = (1, 5, 10, 20)
LIMIT = 10  # what a client gets that asks for no number
PASSAGES = 200  # ten files are among them


def repository_at(folder, name):
    """The git folder of OWNER/NAME, or None."""
    for place in (folder / name, folder / name.replace("/", "+")):
        for git in (place, place / "repo", place / ".git"):
            if (git / "objects").is_dir():
                return git
    return None


def check_out(git, commit, folder):
    """A clone at `folder` whose only branch ends at the commit. Objects are copied, and what can be is checked out: a mirror may lack large files."""
    def run(*words):
        subprocess.run(["git", "-C", folder, *words], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder], check=True)
    shutil.copytree(git / "objects", os.path.join(folder, ".git", "objects"), dirs_exist_ok=True)
    run("update-ref", "refs/heads/main", commit)
    run("read-tree", "HEAD")
    subprocess.run(["git", "-C", folder, "checkout-index", "--all"], stderr=subprocess.DEVNULL)


def files_of(hits):
    """Distinct paths, best first."""
    return list(dict.fromkeys(hit["place"]["path"] for hit in hits if hit["place"]["path"]))


def recall(found, changed, depth):
    return len(changed.intersection(found[:depth])) / len(changed)


def mean(values):
    return sum(values) / len(values) if values else 0.0


def measure(programs, set_file, git):
    with open(set_file) as file:
        questions = json.load(file)
    with tempfile.TemporaryDirectory() as scratch:
        tree = os.path.join(scratch, set_file.stem)
        check_out(git, questions["index_commit"], tree)
        milliseconds, tried, few = [], [], []
        with Daemon(programs) as lard:
            lard.add(tree)
            for query in questions["queries"]:
                begin = time.monotonic()
                hits = lard.search(query["text"], limit=LIMIT)["hits"]
                milliseconds.append((time.monotonic() - begin) * 1000)
                changed = set(query["files"])
                few.append(recall(files_of(hits), changed, 10))
                tried.append((files_of(lard.search(query["text"], limit=PASSAGES)["hits"]), changed))
    at_10 = [recall(found, changed, 10) for found, changed in tried]
    report = {"set": set_file.stem, "queries": len(tried)}
    report |= {f"recall@{depth}": mean([recall(found, changed, depth) for found, changed in tried]) for depth in DEPTHS}
    report["recall@10_at_limit_10"] = mean(few)
    report |= {"recall@10_odd": mean(at_10[1::2]), "recall@10_even": mean(at_10[0::2])}
    return report | {"median_ms": sorted(milliseconds)[len(milliseconds) // 2], "max_ms": max(milliseconds)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--sets", type=pathlib.Path, default=TREE / ".." / "shared" / "eval" / "git")
    parser.add_argument("--repositories", type=pathlib.Path, default=os.environ.get("LAR_REPOSITORIES", TREE / ".."))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sets = sorted(options.sets.glob("*.json")) if options.sets.is_dir() else []
    if not sets:
        print(f"localise: skipped: there are no sets at {options.sets}; name their folder with --sets", file=sys.stderr)
    reports = []
    for set_file in sets:
        name = json.loads(set_file.read_text())["repo"]
        git = repository_at(options.repositories, name)
        if git is None:
            print(f"localise: {set_file.stem} skipped: {name} is not in {options.repositories}; name the folder with --repositories", file=sys.stderr)
            continue
        report = measure(options.bin, set_file, git)
        reports.append(report)
        if not options.json:
            print(f"{report['set']:<14} R@10 {report['recall@10']:.3f} (odd {report['recall@10_odd']:.3f}, even {report['recall@10_even']:.3f}), "
                  f"at limit 10 {report['recall@10_at_limit_10']:.3f}  "
                  f"R@1 {report['recall@1']:.3f}  R@5 {report['recall@5']:.3f}  R@20 {report['recall@20']:.3f}  {report['queries']} questions, "
                  f"median {report['median_ms']:.0f} ms, slowest {report['max_ms']:.0f} ms", flush=True)
    if options.json:
        print(json.dumps(reports))
    low = [report["set"] for report in reports if report["recall@10"] < WANTED]
    if low:
        print(f"localise: R@10 below {WANTED:.2f}: {', '.join(low)}", file=sys.stderr)
    sys.exit(1 if low else 0)


if __name__ == "__main__":
    main()
