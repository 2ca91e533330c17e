#!/usr/bin/env python3
"""The space of the collection's terms, made in the background by the real lard, kept over a restart, and gone with a source.

Run: space_test.py [TEST...] with LAR_BIN naming the folder of the programs.
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
from daemon import Daemon  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
SUBJECTS = (("vessel", "boat", "harbour sail captain anchor tide deck mast crew"), ("bread", "roll", "flour oven yeast dough crust bake salt loaf"))


class Space(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lar-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "home" / "cache" / "space" / "terms"
        (self.folder / "home").mkdir()
        self.random = random.Random(3)
        self.lard = None
        self.start()

    def start(self):
        self.lard = Daemon(BIN, home=str(self.folder / "home"))
        self.addCleanup(self.lard.stop)
        self.lard.start()

    def push(self, source, first, count, note=""):
        documents = []
        for number in range(first, first + count):
            *names, company = SUBJECTS[number % 2]
            words = [names[number // 2 % 2], *self.random.choices(company.split(), k=6)]
            documents.append({"id": f"{source}-{number}", "text": f"{note} {' '.join(words)} number {number}"})
        self.lard.call("POST", f"/lar/v1/sources/{source}/documents", {"documents": documents})

    def source(self, name):
        self.lard.call("POST", "/lar/v1/sources", {"location": f"pushed:{name}", "name": name})

    def state(self):
        return self.lard.call("GET", "/lar/v1/status")["space"]

    def wait_for(self, fits, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not fits(state := self.state()):
            self.assertLess(time.monotonic(), deadline, f"{what}: {state}; {self.lard.log()}")
            time.sleep(0.1)
        return state

    def wait_ready(self, passages):
        return self.wait_for(lambda state: state["state"] == "ready" and state["passages"] == passages, f"a space of {passages}")

    def lar(self, *words):
        environment = dict(os.environ, LAR_HOME=str(self.folder / "home"), HOME=str(self.folder))
        ended = subprocess.run([BIN / "lar", *words], env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        return ended.stdout

    def test_made_when_there_is_enough_and_anew_when_there_is_much_more(self):
        self.source("notes")
        self.push("notes", 0, 100)
        self.wait_for(lambda state: state["state"] == "none" and state["looked_at"] == 100, "too few")
        self.assertFalse(self.file.exists())
        self.push("notes", 100, 150)
        state = self.wait_ready(250)
        self.assertGreater(state["terms"], 15)
        self.assertEqual(state["bytes"], self.file.stat().st_size)
        self.assertIn("space of", self.lar("status"))
        self.push("notes", 250, 10)
        self.wait_for(lambda state: state["state"] == "ready" and state["looked_at"] == 260, "still good")
        self.assertEqual(self.state()["passages"], 250)
        self.push("notes", 260, 100)
        self.wait_ready(360)

    def test_outlives_a_restart_and_is_made_anew_when_damaged(self):
        self.source("notes")
        self.push("notes", 0, 240)
        self.wait_ready(240)
        before = self.file.read_bytes()
        self.lard.stop()
        self.start()
        self.wait_ready(240)
        self.assertEqual(self.file.read_bytes(), before)
        self.lard.stop()
        self.file.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        self.start()
        self.wait_ready(240)
        self.assertEqual(self.file.read_bytes(), before)

    def test_forgetting_a_source_takes_it_away(self):
        self.source("notes")
        self.source("secret")
        self.push("secret", 1000, 40, note="quixotic")  # too few for a space of their own
        self.push("notes", 0, 240)
        before = self.wait_ready(280)["terms"]
        said = self.lar("forget", "secret", "--prove", "--yes")
        self.assertIn("nothing of it was found", said)
        self.assertIn("the space of terms was removed", said)
        self.assertLess(self.wait_ready(240)["terms"], before, "a word of the source that is gone is still known")


if __name__ == "__main__":
    unittest.main()
