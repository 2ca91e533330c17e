#!/usr/bin/env python3
"""Vectors of passages, made in the background by the real lard and a real engine with a tiny embedding model.

What such a model thinks of a text is noise; that every passage gets its vector, and keeps it, is what is tested. Run:
embedding_test.py [TEST...] with LAR_BIN naming the folder of the programs, among them write_tiny_model.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
from daemon import Daemon, children  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()


class Embedding(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lar-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.notes = self.folder / "notes"
        self.notes.mkdir()
        for number in range(40):
            (self.notes / f"{number}.md").write_text(f"# Note {number}\n\nThe pool number {number} holds connections.\n")
        self.home = self.folder / "home"
        (self.home / "config").mkdir(parents=True)
        self.lard = None
        self.start()

    def start(self, setting=""):
        (self.home / "config" / "config.toml").write_text("[recall]\n" + setting)
        self.lard = Daemon(BIN, home=str(self.home))
        self.addCleanup(self.lard.stop)
        self.lard.start()

    def create(self, name, seed, architecture="bert"):
        folder = self.folder / name
        folder.mkdir()
        made = subprocess.run([BIN / "write_tiny_model", folder, architecture, "1", str(seed)], check=True, capture_output=True, text=True)
        self.lar("create", name, "--from", made.stdout.strip())

    def lar(self, *words):
        environment = dict(os.environ, LAR_HOME=str(self.home), HOME=str(self.folder))
        ended = subprocess.run([BIN / "lar", *words], env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        return ended.stdout

    def wait_for(self, fits, what, seconds=90):
        deadline = time.monotonic() + seconds
        while not fits(state := self.lard.call("GET", "/lar/v1/status")["embedding"]):
            self.assertLess(time.monotonic(), deadline, f"{what}: {state}; {self.lard.log()}")
            time.sleep(0.5)
        return state

    def wait_complete(self, model, passages):
        state = self.wait_for(lambda state: state["state"] == "complete" and state["passages"] == passages
                              and state["model"] == model, f"vectors of {passages} passages by {model}")
        self.assertEqual(state["done"], passages)
        self.assertGreater(state["bytes"], 0)

    def computed(self):
        """What models computed, as the ledger has it; entries are written behind the answers."""
        for _ in range(200):
            entries = self.lard.call("GET", "/lar/v1/ledger?limit=1000")["entries"]
            if computed := [entry["computed"] for entry in entries if entry["kind"] == "computed"]:
                return computed
            time.sleep(0.05)
        self.fail("nothing that was computed is in the ledger")

    def spaces(self):
        return sorted(path.name for path in (self.home / "cache" / "vectors").iterdir() if path.is_dir())

    def test_passages_get_vectors_and_lose_them(self):
        self.create("tiny", 1)
        self.lard.add(str(self.notes), "notes")
        self.wait_complete("tiny:latest", 40)
        self.assertIn("vectors of 40 passages by tiny:latest", self.lar("status"))
        for one in self.computed():
            self.assertEqual((one["model"], one["output"], one["generated_tokens"]), ("tiny:latest", "vectors", 0))
            self.assertGreater(one["prompt_tokens"], 0)
        self.assertEqual(self.lard.call("GET", "/lar/v1/ledger")["totals"]["answers"], 0)
        (self.notes / "7.md").unlink()
        (self.notes / "new.md").write_text("Something else.\n")
        (self.notes / "newer.md").write_text("And something more.\n")
        self.lard.call("POST", "/lar/v1/sources/notes/sync", {})
        self.wait_complete("tiny:latest", 41)

    def vector_files(self):
        return {path: path.read_bytes() for path in (self.home / "cache" / "vectors").rglob("*") if path.suffix == ".vectors"}

    def test_a_forgotten_source_takes_its_vectors_along(self):
        others = self.folder / "others"
        others.mkdir()
        for number in range(8):
            (others / f"{number}.md").write_text(f"# Other {number}\n\nWhat stays, number {number}.\n")
        self.lard.add(str(self.notes), "notes")
        self.lard.add(str(others), "others")
        self.create("tiny", 1)  # when there is all of it, so that one file holds the vectors of both
        self.wait_complete("tiny:latest", 48)
        before = self.vector_files()
        said = self.lar("forget", "notes", "--prove", "--yes")
        self.assertIn("40 vectors of passages that are gone were taken away", said)
        self.assertIn("nothing of it was found", said)
        after = self.vector_files()
        self.assertTrue(after)
        self.assertFalse(any(path in after and after[path] == content for path, content in before.items()))

    def test_forgetting_while_vectors_are_made_leaves_none(self):
        self.create("tiny", 1)
        for number in range(40, 900):
            (self.notes / f"{number}.md").write_text(f"# Note {number}\n\nThe pool number {number} holds connections.\n")
        self.lard.add(str(self.notes), "notes")
        self.wait_for(lambda state: state["done"] > 0, "a beginning")
        self.assertIn("nothing of it was found", self.lar("forget", "notes", "--prove", "--yes"))
        self.wait_for(lambda state: state["state"] == "complete", "the end of the round")
        self.assertEqual(self.vector_files(), {})

    def test_what_was_begun_goes_on_after_a_kill(self):
        self.create("tiny", 1)
        self.lard.add(str(self.notes), "notes")
        self.wait_for(lambda state: state["done"] > 0, "a beginning")
        self.lard.kill()
        self.start()
        self.wait_complete("tiny:latest", 40)

    def test_another_model_takes_over(self):
        self.create("one", 1)
        self.lard.add(str(self.notes), "notes")
        self.wait_complete("one:latest", 40)
        before = self.spaces()
        self.create("two", 2)
        # Which of the two is meant nobody can know.
        state = self.wait_for(lambda state: state["state"] == "none", "a question which one")
        self.assertIn("recall.embedding", state["detail"])
        self.lard.stop()
        self.start('embedding = "two"\n')
        self.wait_complete("two:latest", 40)
        self.assertEqual(len(self.spaces()), 1)
        self.assertNotEqual(self.spaces(), before)
        self.lard.stop()
        self.start('embedding = "none"\n')
        self.wait_for(lambda state: state["state"] == "off", "no vectors")
        self.assertEqual(self.spaces(), [])

    def why_not_reranked(self):
        found = self.lard.search("which pool holds connections", explain=True)
        return [one["reason"] for one in found["receipt"]["left_out"] if "reranked" in one["reason"]], found

    def test_a_reranking_model_is_measured_with_the_collection_and_one_of_noise_is_not_asked(self):
        for number in range(40):
            words = " ".join(f"{word}{number if index == 17 else ''}" for index, word in enumerate("abcdefghijklmnopqrstuvwxyzabcdefghi"))
            (self.notes / f"{number}.md").write_text(f"# Note {number}\n\nThe pool holds connections {words}.\n")
        self.lard.add(str(self.notes), "notes")
        self.assertEqual(self.why_not_reranked()[0], [])
        self.create("judge", 1, "bert_rank")
        deadline = time.monotonic() + 90
        while not (reasons := self.why_not_reranked()[0]):
            self.assertLess(time.monotonic(), deadline, self.lard.log())
            time.sleep(0.5)
        self.assertRegex(self.lard.log(), r"judge:latest knows \d+ of \d+ passages among others like them: trusted 0 %")
        self.assertEqual(reasons, ["not reranked by judge:latest: it was not found to tell right passages from wrong ones"])
        self.lard.stop()
        self.start('rerank = "off"\n')
        self.assertEqual(self.why_not_reranked()[0], [])

    def test_without_a_model_there_are_none_and_nobody_complains(self):
        self.lard.add(str(self.notes), "notes")
        self.assertEqual(self.lard.call("GET", "/lar/v1/status")["embedding"]["state"], "none")
        self.assertNotIn("vectors", self.lar("status"))
        self.assertNotIn("lar-engine", children(self.lard.process.pid).values())


if __name__ == "__main__":
    unittest.main()
