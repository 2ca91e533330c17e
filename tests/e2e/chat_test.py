#!/usr/bin/env python3
"""Answers that a model writes, and chats, against the real lard and a real engine with a tiny model.

What such a model writes is no answer to anything, which is what the marks are for. Run: chat_test.py [TEST...] with
LAR_BIN naming the folder of the programs, among them write_tiny_model, which makes the model. The one test that wants
sentences takes the trained toy of ../shared/models (or $LAR_SHARED/models), and is skipped where that is not.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
from daemon import UnixConnection, children  # noqa: E402
from own_home import OwnHome  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
TRAINED = pathlib.Path(os.environ.get("LAR_SHARED", HERE.parents[3] / "shared")) / "models" / "stories260K.gguf"
OK, ERROR, USAGE, NOT_FOUND = range(4)
QUESTION = "how many connections does the connection pool hold?"


class Chat(OwnHome):
    def setUp(self):
        super().setUp()
        (self.home / "config" / "config.toml").write_text("[server]\ntcp = false\n")
        notes = self.folder / "notes"
        notes.mkdir()
        (notes / "pool.md").write_text("# Pool\n\nThe connection pool holds twenty connections.\n")
        self.addCleanup(lambda: subprocess.run([BIN / "lar", "shutdown"], env=self.environment, capture_output=True, timeout=30))
        self.lar("add", notes)

    def lar(self, *words, ends=OK, typed=""):
        ended = subprocess.run([BIN / "lar", *map(str, words)], env=self.environment, capture_output=True, text=True,
                               input=typed, timeout=120)
        self.assertEqual(ended.returncode, ends, f"lar {words}: {ended.stdout}{ended.stderr}")
        return ended.stdout if ends == OK else ended.stdout + ended.stderr

    def json(self, *words, **more):
        return json.loads(self.lar(*words, "--json", **more))

    def create(self):
        made = subprocess.run([BIN / "write_tiny_model", self.folder], check=True, capture_output=True, text=True)
        # Of random words some answers would be empty or blank, which is an error and rightly so.
        (self.folder / "Tiny").write_text(f"FROM {made.stdout.strip()}\nPARAMETER seed 1\nPARAMETER min_tokens 60\n")
        self.lar("create", "tiny", "-f", self.folder / "Tiny")

    def test_without_a_model_the_way_to_one_is_said(self):
        self.assertIn("lar create NAME --from FILE.gguf", self.lar("chat", ends=ERROR, typed="hello\n"))
        answer = self.json("ask", QUESTION)
        self.assertIn("'lar pull NAME' fetches one, 'lar doctor' says which fits", answer["receipt"]["no_model"])
        models = next(check for check in self.json("doctor")["checks"] if check["name"] == "models")
        self.assertEqual(models["outcome"], "ok")
        self.assertRegex(models["detail"], r"none answers yet: with .* GB .* Q4_K_M .* lar create NAME --from FILE.gguf")
        self.assertEqual(answer["sentences"][0]["support"], "quoted")
        self.assertIn("not found", self.lar("ask", "--model", "none-such", QUESTION, ends=ERROR))

    @unittest.skipUnless(TRAINED.exists(), f"{TRAINED} is not there")
    def test_what_a_model_invents_is_marked_and_the_sources_have_the_last_word(self):
        self.lar("create", "tiny", "--from", TRAINED)
        self.assertIn("1; tiny:latest answers when none is named", self.lar("doctor"))
        answer = self.json("ask", QUESTION)
        self.assertEqual(answer["receipt"]["computed"], "on this machine, by tiny:latest")
        model = answer["receipt"]["model"]
        self.assertGreater(model["prompt_tokens"], 50)
        self.assertEqual((model["sources"], model["passages_sent"]), (["notes"], 1))
        written = [sentence for sentence in answer["sentences"] if sentence["support"] == "unsupported"]
        self.assertTrue(written, answer)
        self.assertEqual(answer["sentences"][-1]["text"], "The connection pool holds twenty connections.")
        self.assertEqual(self.json("ask", "who fed the narwhal of the duchess?", ends=NOT_FOUND)["outcome"], "not_found")
        self.assertNotIn("model", self.json("ask", "--no-model", QUESTION)["receipt"])

    def test_what_a_model_computed_is_in_the_ledger_without_a_word_of_it(self):
        self.create()
        for path, asked in (("/api/generate", {"model": "tiny", "prompt": "zanzibar", "stream": False, "options": {"num_predict": 4}}),
                            ("/v1/chat/completions", {"model": "tiny", "messages": [{"role": "user", "content": "zanzibar"}],
                                                      "max_tokens": 4})):
            connection = UnixConnection(str(self.home / "run" / "lar.sock"), 60)
            connection.request("POST", path, json.dumps(asked), {"Content-Type": "application/json"})
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
        for _ in range(200):  # entries are written behind the answers
            ledger = self.json("ledger")
            if ledger["totals"]["answers"] >= 2:
                break
            time.sleep(0.05)
        self.assertEqual(ledger["totals"]["answers"], 2)
        for entry in ledger["entries"]:
            self.assertEqual((entry["kind"], entry["computed"]["model"]), ("computed", "tiny:latest"))
            self.assertGreater(entry["computed"]["prompt_tokens"], 0)
            self.assertGreater(entry["computed"]["cpu_seconds"], 0)
        self.assertNotIn("zanzibar", json.dumps(ledger))
        self.assertTrue(self.json("ledger", "verify")["holds"])
        self.assertIn("2 answers", self.lar("ledger"))

    def test_a_chat_is_kept_resumed_found_and_deleted_without_remains(self):
        self.create()
        self.lar("chat", "tiny", "--no-sources", typed="zzqwombat once upon a time\n")
        chat = self.json("chats")["chats"][0]
        self.assertEqual((chat["title"], chat["messages"], chat["model"]), ("zzqwombat once upon a time", 2, "tiny:latest"))
        self.lar("shutdown")
        self.lar("chat", "--resume", "last", typed="and then\n")
        shown = self.json("chats", "show", chat["id"])["messages"]
        self.assertEqual([one["role"] for one in shown], ["user", "assistant"] * 2)
        self.assertEqual(self.json("chats", "search", "zzqwombat")["found"][0]["chat"], chat["id"])
        self.lar("chats", "delete", chat["id"])
        self.assertEqual(self.json("chats")["chats"], [])
        self.lar("shutdown")
        for file in self.home.rglob("lar.db*"):
            self.assertNotIn(b"zzqwombat", file.read_bytes(), file)

    def test_an_export_brings_its_chats_to_another_home(self):
        self.create()
        self.lar("chat", "tiny", "--no-sources", typed="zzqwombat once upon a time\nand then\n")
        chat = self.json("chats")["chats"][0]
        before = self.json("chats", "show", chat["id"])
        self.assertIn("1 chat", self.lar("export", self.folder / "out"))
        self.lar("shutdown")
        self.environment["LAR_HOME"] = str(self.folder / "other")
        (self.folder / "other" / "config").mkdir(parents=True)
        (self.folder / "other" / "config" / "config.toml").write_text("[server]\ntcp = false\n")
        for _ in range(2):  # what is there already stays
            self.lar("import", self.folder / "out")
            self.assertEqual(self.json("chats", "show", chat["id"]), before)
            self.assertEqual(len(self.json("chats")["chats"]), 1)
        self.assertEqual(self.json("chats", "search", "zzqwombat")["found"][0]["chat"], chat["id"])

    def test_the_settings_name_the_model_that_answers(self):
        self.create()
        self.lar("cp", "tiny", "newest")
        self.lar("shutdown")
        self.environment["LAR_MODEL"] = "tiny"
        self.lar("chat", "--no-sources", typed="hello\n")
        self.assertEqual(self.json("chats")["chats"][0]["model"], "tiny:latest")
        marked = [model["name"] for model in self.json("list")["models"] if model.get("answers")]
        self.assertEqual(marked, ["tiny:latest"])
        self.assertIn("answers when none is named", self.lar("list"))
        self.lar("shutdown")
        self.environment["LAR_MODEL"] = "none-such"
        self.assertIn("LAR_MODEL", self.lar("chat", ends=ERROR, typed="hello\n"))
        self.assertIn("weaker  models: model 'none-such:latest' not found, which the settings name", self.lar("doctor"))

    def test_a_template_without_a_system_role_is_talked_to(self):
        self.create()
        modelfile = self.folder / "Modelfile"
        modelfile.write_text('FROM tiny\nTEMPLATE """{% for m in messages %}{% if (m.role == \'user\') != (loop.index0 % 2 == 0) %}'
                             '{{ raise_exception(\'roles must alternate user and assistant\') }}{% endif %}{{ m.content }}\n{% endfor %}"""\n')
        self.lar("create", "strict", "-f", modelfile)
        self.lar("chat", "strict", "--no-sources", typed="hello\n")
        self.assertEqual(self.json("chats")["chats"][0]["messages"], 2)

    def test_without_memory_nothing_reaches_the_disk(self):
        self.create()
        self.lar("chat", "tiny", "--no-sources", "--no-memory", typed="zzqwombat once\nand then\n")
        self.assertEqual(self.json("chats")["chats"], [])
        self.assertEqual(self.json("answers")["answers"], [])
        self.lar("shutdown")
        for file in self.home.rglob("*"):
            if file.is_file():
                self.assertNotIn(b"zzqwombat", file.read_bytes(), file)

    def lard(self):
        connection = UnixConnection(str(self.home / "run" / "lar.sock"), 30)
        self.addCleanup(connection.close)
        connection.request("GET", "/lar/v1/status")
        return json.loads(connection.getresponse().read())["pid"]

    def listens(self):
        connection = UnixConnection(str(self.home / "run" / "lar.sock"), 30)
        self.addCleanup(connection.close)
        try:
            connection.connect()
        except OSError:
            return False
        return True

    def test_a_kill_loses_at_most_the_message_under_way(self):
        self.create()
        self.lar("chat", "tiny", "--no-sources", typed="first\n")
        talking = subprocess.Popen([BIN / "lar", "chat", "--resume", "last"], env=self.environment, stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        talking.stdin.write("second\n")
        talking.stdin.flush()
        time.sleep(0.05)
        os.kill(self.lard(), signal.SIGKILL)
        talking.communicate(timeout=60)
        while self.listens():  # the kernel takes a moment to end it
            time.sleep(0.01)
        chat = self.json("chats")["chats"][0]
        roles = [one["role"] for one in self.json("chats", "show", chat["id"])["messages"]]
        self.assertEqual(roles[:2], ["user", "assistant"])
        self.lar("chat", "--resume", "last", typed="third\n")
        self.assertEqual([one["role"] for one in self.json("chats", "show", chat["id"])["messages"]][-2:], ["user", "assistant"])

    def test_who_hangs_up_frees_the_engine(self):
        self.create()
        for _ in range(20):
            connection = UnixConnection(str(self.home / "run" / "lar.sock"), 30)
            connection.request("POST", "/lar/v1/chat", json.dumps({"text": "once upon a time", "settings": {"model": "tiny", "sources": False}}))
            connection.close()
        self.lar("chat", "tiny", "--no-sources", "--no-memory", typed="hello\n")
        self.lar("stop", "tiny")
        for _ in range(200):
            if not json.loads(self.lar("ps", "--json"))["models"]:
                break
            time.sleep(0.05)
        self.assertEqual(json.loads(self.lar("ps", "--json"))["models"], [], "a lease was kept")
        self.assertNotIn("lar-engine", children(self.lard()).values())


if __name__ == "__main__":
    unittest.main()
