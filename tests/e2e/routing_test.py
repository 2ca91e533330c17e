#!/usr/bin/env python3
"""Where a question should be answered, against the real lard and a real engine with a tiny model: the decision is told
with everything that was looked at, follows the user's rules, and sends nothing.

routing_test.py [TEST...] with LAR_BIN naming the folder of the programs, among them write_tiny_model. The one test that
wants sentences takes the trained toy of ../shared/models (or $LAR_SHARED/models), and is skipped where that is not.
"""

import json
import math
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
from daemon import UnixConnection  # noqa: E402
from own_home import OwnHome  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
QUESTION = "how many connections does the connection pool hold?"
CODE = "why did we refactor the connection pool?"
RULES = """
[providers.big]
host = "api.example"
model = "m"
[routing]
provider = "big"
tasks = ["code"]
"""
LOOKED_AT = ["task", "model", "window", "entropy", "disagreement"]
VOCABULARY = 288  # of the tiny model
TRAINED = pathlib.Path(os.environ.get("LAR_SHARED", HERE.parents[3] / "shared")) / "models" / "stories260K.gguf"


class Routing(OwnHome):
    def setUp(self):
        super().setUp()
        (self.folder / "notes").mkdir()
        (self.folder / "notes" / "pool.md").write_text("# Pool\n\nThe connection pool holds twenty connections. We refactor the connection pool because it was slow.\n")
        self.addCleanup(lambda: subprocess.run([BIN / "lar", "shutdown"], env=self.environment, capture_output=True, timeout=30))

    def begin(self, rules=""):
        (self.home / "config" / "config.toml").write_text("[server]\ntcp = false\n" + rules)
        self.lar("add", self.folder / "notes")

    def lar(self, *words):
        ended = subprocess.run([BIN / "lar", *map(str, words)], env=self.environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(ended.returncode, 0, f"lar {words}: {ended.stdout}{ended.stderr}")
        return ended.stdout

    def ask(self, *words):
        return json.loads(self.lar("ask", "--json", *words))

    def create(self, *parameters):
        made = subprocess.run([BIN / "write_tiny_model", self.folder], check=True, capture_output=True, text=True)
        # Of random words some answers would be empty, which is a failure and rightly so.
        self.create_from(made.stdout.strip(), "seed 1", "min_tokens 60", *parameters)

    def create_from(self, file, *parameters):
        modelfile = self.folder / "Modelfile"
        modelfile.write_text("\n".join([f"FROM {file}", *(f"PARAMETER {one}" for one in parameters)]) + "\n")
        self.lar("create", "tiny", "-f", modelfile)

    def looked_at(self, answer):
        self.assertEqual([one["what"] for one in answer["route"]["reasons"]], LOOKED_AT)
        return {one["what"]: one for one in answer["route"]["reasons"]}

    def test_without_a_model_and_with_none_wanted_everything_is_told_and_stays_here(self):
        self.begin()
        answer = self.ask("--explain-route", QUESTION)
        self.assertEqual((answer["route"]["decision"], answer["route"]["task"]), ("here", "answer"))
        self.assertIn("names nobody", answer["route"]["why"])
        reasons = self.looked_at(answer)
        self.assertEqual((reasons["model"]["value"], reasons["model"]["proposes"]), ("there is no model here", True))
        self.assertEqual(reasons["entropy"]["value"], "not measured")
        quoted = self.ask("--explain-route", "--no-model", QUESTION)
        self.assertFalse(self.looked_at(quoted)["model"]["proposes"])
        self.assertNotIn("route", self.ask(QUESTION))
        self.assertIn("Where it should be answered", self.lar("ask", "--explain-route", QUESTION))

    def test_a_rule_of_the_users_proposes_and_another_task_does_not(self):
        self.begin(RULES)
        self.assertNotIn("route", self.ask("--no-model", QUESTION))
        answer = self.ask("--no-model", CODE)
        self.assertEqual((answer["route"]["decision"], answer["route"]["provider"]), ("propose", "big"))
        self.assertEqual(answer["receipt"]["bytes_out"], 0)
        self.assertIn("answered", answer["outcome"])
        kept = json.loads(self.lar("answers", "--json", answer["id"]))
        self.assertEqual(kept["answer"]["route"], answer["route"])
        said = re.search(r"^big could be asked: .*`lar (handoff propose --answer \S+ --to big)`", self.lar("ask", "--no-model", CODE), re.M)
        self.assertTrue(said, "the command to go on with")
        ticket = json.loads(self.lar(*said[1].split(), "--json"))
        self.assertEqual((ticket["provider"]["host"], ticket["why"]), ("api.example", answer["route"]["why"]))
        self.assertEqual(json.loads(self.lar("ledger", "--json"))["totals"]["bytes_out"], 0, "a ticket is not sent")

    def test_how_unsure_the_model_was_is_measured_within_its_bounds(self):
        self.begin(RULES + "entropy_limit = 0.001\n")
        self.create("num_ctx 1024")
        answer = self.ask("--explain-route", QUESTION)
        reasons = self.looked_at(answer)
        # Whether there is a sentence in what it wrote is a matter of luck; that it wrote is not.
        self.assertIn("the local model", reasons["model"]["value"])
        self.assertTrue(0 < float(reasons["entropy"]["value"]) <= math.log(VOCABULARY), reasons)
        self.assertTrue(reasons["entropy"]["proposes"])

    @unittest.skipUnless(TRAINED.exists(), f"{TRAINED} is not there")
    def test_a_short_answer_is_written_twice_and_the_ledger_has_both(self):
        self.begin(RULES)
        self.create_from(TRAINED, 'stop "."')
        answer = self.ask("--explain-route", QUESTION)
        value = self.looked_at(answer)["disagreement"]["value"]
        self.assertTrue(0 <= float(value) <= 1, value)
        self.assertGreater(answer["receipt"]["model"]["compared_tokens"], 0)
        for _ in range(200):  # entries are written behind the answers
            ledger = json.loads(self.lar("ledger", "--json"))
            if ledger["totals"]["answers"] >= 2:
                break
            time.sleep(0.05)
        self.assertEqual(ledger["totals"]["answers"], 2)
        self.assertEqual(self.ask(QUESTION)["receipt"]["model"]["compared_tokens"], 0, "nobody asked")

    def test_a_window_that_does_not_hold_the_question_is_a_reason(self):
        self.begin(RULES)
        self.create("num_ctx 256")
        answer = self.ask(QUESTION)
        reasons = self.looked_at(answer)
        self.assertTrue(reasons["window"]["proposes"])
        self.assertEqual(reasons["window"]["limit"], "256 tokens")
        self.assertEqual(answer["sentences"][0]["support"], "quoted", "the answer from here is none the less")
        self.assertIn("big could be asked", answer["route"]["why"])

    def test_streamed_and_whole_answers_have_the_same_decision(self):
        self.begin(RULES)
        decisions = []
        for stream in (False, True):
            connection = UnixConnection(str(self.home / "run" / "lar.sock"), 60)
            connection.request("POST", "/lar/v1/ask", json.dumps({"question": QUESTION, "stream": stream, "explain_route": True}),
                               {"Content-Type": "application/json"})
            text = connection.getresponse().read().decode()
            connection.close()
            if stream:
                text = json.dumps(json.loads(text.split("event: answer\ndata: ")[1].splitlines()[0])["answer"])
            decisions.append(json.loads(text)["route"])
        self.assertEqual(decisions[0], decisions[1])


if __name__ == "__main__":
    unittest.main()
