#!/usr/bin/env python3
"""Retrieval quality on collections in BEIR layout, against the BM25 figures that come with them.

    bench/retrieval.py [--bin build/release/bin] [--sets cranfield,cisi] [--eval ../shared/eval] [--json]

Runs `lar eval retrieval` on each, computes nDCG@10, recall@100, MRR and MAP once more from what was found (--run),
independently of lar, and fails where the two differ or where nDCG@10 is more than .005 below the figure for BM25 in
the README of the collections.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[1]
ALLOWED_BELOW = 0.005
ROUNDING = 1e-9


def bm25_figures(readme):
    """nDCG@10 of BM25 by collection: the third column of the table about ir/."""
    figures = {}
    for line in readme.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 4 and re.fullmatch(r"\d+ / \d+", cells[2]) and re.fullmatch(r"\.\d+", cells[3]):
            figures[cells[1].split()[0]] = float(cells[3])
    return figures


def judgements(file):
    relevant = collections.defaultdict(dict)
    for line in file.read_text().splitlines():
        query, document, score = line.split("\t")
        if score.lstrip("-").isdigit():
            relevant[query][document] = int(score)
    return {query: found for query, found in relevant.items() if max(found.values()) > 0}


def rankings(file):
    ranked = collections.defaultdict(list)
    for line in file.read_text().splitlines():
        query, document, *_ = line.split("\t")
        ranked[query].append(document)
    return ranked


def scores(ranked, relevant, queries):
    """As trec_eval has them: ndcg_cut_10, recall_100, recip_rank, map."""
    sums = collections.Counter()
    for query in queries:
        gains = relevant[query]
        wanted = sum(gain > 0 for gain in gains.values())
        found = [max(gains.get(document, 0), 0) for document in ranked.get(query, [])]
        ideal = sorted((gain for gain in gains.values() if gain > 0), reverse=True)
        gain = sum(value / math.log2(rank + 2) for rank, value in enumerate(found[:10]))
        sums["ndcg@10"] += gain / sum(value / math.log2(rank + 2) for rank, value in enumerate(ideal[:10]))
        sums["recall@100"] += sum(value > 0 for value in found[:100]) / wanted
        hits = [rank for rank, value in enumerate(found, 1) if value > 0]
        sums["mrr"] += 1 / hits[0] if hits else 0
        sums["map"] += sum(count / rank for count, rank in enumerate(hits, 1)) / wanted
    return {name: value / len(queries) for name, value in sums.items()}


def measure(lar, folder):
    with tempfile.TemporaryDirectory() as scratch:
        run = pathlib.Path(scratch) / "run.tsv"
        said = subprocess.run([lar, "eval", "retrieval", folder, "--json", "--run", run], check=True, capture_output=True, text=True)
        report = json.loads(said.stdout)
        relevant = judgements(folder / "qrels.tsv")
        queries = [query for query in (json.loads(line)["_id"] for line in (folder / "queries.jsonl").read_text().splitlines())
                   if query in relevant]
        again = scores(rankings(run), relevant, queries)
    wrong = [f"{name}: lar {report[name]:.6f}, here {value:.6f}" for name, value in again.items() if abs(report[name] - value) > ROUNDING]
    if report["queries"] != len(queries):
        wrong.append(f"queries: lar {report['queries']}, here {len(queries)}")
    return report, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--eval", type=pathlib.Path, default=TREE / ".." / "shared" / "eval")
    parser.add_argument("--sets", help="names separated by commas; all that have a figure otherwise")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.eval / "README.md").exists():
        sys.exit(f"retrieval: there are no collections at {options.eval}; name their folder with --eval")
    figures = bm25_figures(options.eval / "README.md")
    failed, reports = [], []
    for name in options.sets.split(",") if options.sets else figures:
        report, wrong = measure(os.path.join(options.bin, "lar"), options.eval / "ir" / name)
        report["bm25"] = figures.get(name)
        reports.append(report)
        failed += [f"{name}: {one}" for one in wrong]
        if figures.get(name) and report["ndcg@10"] < figures[name] - ALLOWED_BELOW:
            failed.append(f"{name}: nDCG@10 {report['ndcg@10']:.4f} is below BM25's {figures[name]:.3f} - {ALLOWED_BELOW}")
        if not options.json:
            print(f"{name:<10} nDCG@10 {report['ndcg@10']:.4f} (BM25 {report['bm25']})  R@10 {report['recall@10']:.4f}  R@100 {report['recall@100']:.4f}  "
                  f"MRR {report['mrr']:.4f}  MAP {report['map']:.4f}  p50 {report['latency_p50_ms']:.1f} ms  p95 {report['latency_p95_ms']:.1f} ms  "
                  f"{report['documents']} documents in {report['push_seconds']:.1f} s", flush=True)
    if options.json:
        print(json.dumps(reports))
    for one in failed:
        print(f"retrieval: {one}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
