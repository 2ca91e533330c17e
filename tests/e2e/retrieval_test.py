#!/usr/bin/env python3
"""What search finds must not get worse: the figures of README, less a little, are floors.

Two small collections lie beside this file. collection/ has prose, code, mail and five languages, with words that mislead;
languages/ has passages in eleven languages besides English and code, and asks for them in other forms of their words, some
without their accents.
The five collections of ../shared/eval/ir and the conversations of ../shared/eval/locomo (or $LAR_SHARED) are those of
README's figures; where they are not, their tests are skipped. nDCG@10 is computed twice, by lar and here. Which files a
change touches needs two repositories and is left to bench/localise.py. Run: retrieval_test.py [TEST...] with LAR_BIN
naming the folder of the programs.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2] / "bench"))
from retrieval import measure  # noqa: E402

LAR = pathlib.Path(os.environ["LAR_BIN"]).resolve() / "lar"
SHARED = pathlib.Path(os.environ.get("LAR_SHARED", HERE.parents[3] / "shared")) / "eval"
ALLOWED_BELOW = 0.005
# nDCG@10 of README; who raises one raises it here as well. Of aeslc's 5,880 queries every fourth is asked, for the time it
# takes: of those it is .779, of all .781.
FIGURES = {"cranfield": 0.429, "cisi": 0.444, "time": 0.784, "cosqa": 0.398, "aeslc": 0.779}
ONE_OF = {"aeslc": 4}
SMALL = 0.989
LANGUAGES = 0.889  # with English stems alone it was .646
REMEMBERED = {"recall@10": 0.742, "recall@50": 0.877}  # of all questions about the conversations


class Retrieval(unittest.TestCase):
    def check(self, folder, figure):
        report, wrong = measure(LAR, folder)
        self.assertEqual(wrong, [], "lar computes other figures than this script")
        found = report["ndcg@10"]
        print(f"{folder.name}: nDCG@10 {found:.4f}, at least {figure - ALLOWED_BELOW:.3f}", flush=True)
        self.assertGreaterEqual(found, figure - ALLOWED_BELOW, f"{folder.name}: search finds less than it did")

    def shared(self, name):
        if (SHARED / name).is_dir():
            return SHARED / name
        print(f"{name}: skipped, it is neither in ../shared/eval nor in $LAR_SHARED/eval", flush=True)
        return self.skipTest(f"{name} is not here")

    def check_shared(self, name):
        folder = self.shared(f"ir/{name}")
        if name not in ONE_OF:
            return self.check(folder, FIGURES[name])
        with tempfile.TemporaryDirectory(prefix="lar-e2e-") as scratch:
            some = pathlib.Path(scratch) / name
            some.mkdir()
            for file in ("corpus.jsonl", "qrels.tsv"):
                (some / file).symlink_to(folder / file)
            queries = (folder / "queries.jsonl").read_text().splitlines(keepends=True)
            (some / "queries.jsonl").write_text("".join(queries[::ONE_OF[name]]))
            return self.check(some, FIGURES[name])

    def test_small_collection(self):
        self.check(HERE.parent / "collection", SMALL)

    def test_other_languages(self):
        self.check(HERE.parent / "languages", LANGUAGES)

    def test_cranfield(self):
        self.check_shared("cranfield")

    def test_cisi(self):
        self.check_shared("cisi")

    def test_time(self):
        self.check_shared("time")

    def test_cosqa(self):
        self.check_shared("cosqa")

    def test_aeslc(self):
        self.check_shared("aeslc")

    def test_conversations(self):
        said = subprocess.run([LAR, "eval", "memory", self.shared("locomo"), "--json"], check=True, capture_output=True, text=True)
        found = next(one for one in json.loads(said.stdout)["scores"] if one["category"] == "all")
        for name, figure in REMEMBERED.items():
            print(f"locomo: {name} {found[name]:.4f}, at least {figure - ALLOWED_BELOW:.3f}", flush=True)
            self.assertGreaterEqual(found[name], figure - ALLOWED_BELOW, "search remembers less than it did")


if __name__ == "__main__":
    unittest.main()
