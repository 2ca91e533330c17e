#!/usr/bin/env python3
"""What an embedding model adds to retrieval on collections in BEIR layout: nDCG@10 by words alone and with it.

    bench/nearness.py --model FILE.gguf [--bin build/release/bin] [--sets cranfield,time] [--eval ../shared/eval] [--queries 500]

For each set one lard, first without vectors, then with the model's. Says how far the model was trusted (src/recall/trust.h), and
fails where a set is worse with the model than without it by more than .005.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TREE / "tests" / "support"))
sys.path.insert(0, str(TREE / "bench"))
from daemon import Daemon  # noqa: E402
from retrieval import judgements, scores  # noqa: E402

ALLOWED_BELOW = 0.005
BATCH = 200


def lines_of(file):
    with open(file) as lines:
        return [json.loads(line) for line in lines]


def configure(home, embedding):
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "config.toml").write_text(f'[recall]\nembedding = "{embedding}"\n')


def push(lard, folder):
    lard.call("POST", "/lar/v1/sources", {"location": "pushed:eval", "name": "eval"})
    documents = [{"id": d["_id"], "title": d.get("title", ""), "text": d["text"]} for d in lines_of(folder / "corpus.jsonl")]
    for first in range(0, len(documents), BATCH):
        lard.call("POST", "/lar/v1/sources/eval/documents", {"documents": documents[first:first + BATCH]}, timeout=300)


def ranked(lard, queries):
    return {query["_id"]: [hit["place"]["path"] for hit in lard.search(query["text"], limit=100, by_document=True, words_only=True,
                                                                       **{"in": ["eval"]})["hits"]] for query in queries}


def wait_complete(lard):
    begin = time.monotonic()
    while (state := lard.call("GET", "/lar/v1/status")["embedding"])["state"] != "complete":
        if state["state"] == "failed" or time.monotonic() - begin > 3600:
            raise SystemExit(f"no vectors: {state}")
        time.sleep(2)
    return state, round(time.monotonic() - begin, 1)


def measure(options, name):
    folder = options.eval / "ir" / name
    relevant = judgements(folder / "qrels.tsv")
    queries = [query for query in lines_of(folder / "queries.jsonl") if query["_id"] in relevant][:options.queries]
    with tempfile.TemporaryDirectory(prefix="lar-nearness-") as place:
        home = pathlib.Path(place)
        configure(home, "none")
        with Daemon(options.bin, home=place) as lard:
            push(lard, folder)
            before = scores(ranked(lard, queries), relevant, [query["_id"] for query in queries])
        environment = dict(os.environ, LAR_HOME=place, HOME=place)
        configure(home, "model")
        with Daemon(options.bin, home=place) as lard:
            subprocess.run([options.bin / "lar", "create", "model", "--from", options.model], env=environment, check=True,
                           stdout=subprocess.DEVNULL)
            state, seconds = wait_complete(lard)
            after = scores(ranked(lard, queries), relevant, [query["_id"] for query in queries])
            said = [line for line in lard.log().splitlines() if "trusted" in line]
    return {"set": name, "queries": len(queries), "passages": state["passages"], "embedded_in_seconds": seconds,
            "ndcg_10_words": round(before["ndcg@10"], 4), "ndcg_10_both": round(after["ndcg@10"], 4), "trust": said[-1].split(": ", 1)[-1] if said else ""}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--bin", default="build/release/bin", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--sets", default="cranfield,cisi,time,cosqa,aeslc")
    parser.add_argument("--eval", default=TREE.parent / "shared" / "eval", type=pathlib.Path)
    parser.add_argument("--queries", type=int, default=500)
    options = parser.parse_args()
    worse = False
    for name in options.sets.split(","):
        result = measure(options, name)
        print(json.dumps(result), flush=True)
        worse = worse or result["ndcg_10_both"] < result["ndcg_10_words"] - ALLOWED_BELOW
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
