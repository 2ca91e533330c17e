#!/usr/bin/env python3
"""lar as a person uses it, against the real lard: what it prints, how it ends, what it leaves behind.

Run: cli_test.py [TEST...] with LAR_BIN naming the folder of the programs.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from daemon import UnixConnection, children  # noqa: E402
from own_home import OwnHome  # noqa: E402
from terminal import Terminal  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
OK, ERROR, USAGE, NOT_FOUND = range(4)
NOTES = """# Retries

A request that fails is tried again after a pause that doubles each time.
The pause never exceeds thirty seconds, so that a person sees what happens.

# Storage

Everything is kept in a single SQLite database in write-ahead mode.
"""


def git(folder, *words):
    identity = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "Ana",
                "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, env=dict(os.environ, **identity))


class Cli(OwnHome):
    def setUp(self):
        super().setUp()
        (self.home / "config" / "config.toml").write_text("[server]\ntcp = false\n")
        self.notes = self.folder / "notes"
        self.notes.mkdir()
        (self.notes / "design.md").write_text(NOTES)
        self.addCleanup(self.stop)

    def stop(self):
        subprocess.run([BIN / "lar", "shutdown"], env=self.environment, capture_output=True, timeout=30)

    def lar(self, *words, ends=OK, **more):
        ended = subprocess.run([BIN / "lar", *map(str, words)], env=self.environment, capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, timeout=120, **more)
        self.assertEqual(ended.returncode, ends, f"lar {words}: {ended.stdout}{ended.stderr}")
        self.err = ended.stderr
        return ended.stdout

    def json(self, *words, ends=OK):
        return json.loads(self.lar(*words, "--json", ends=ends))

    def call(self, method, path, body=None):
        connection = UnixConnection(str(self.home / "run" / "lar.sock"), 30)
        connection.request(method, path, json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        self.assertLess(response.status, 300, text)
        return json.loads(text)

    def lards(self):
        """Processes of lard that belong to this test's home."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                name = pathlib.Path("/proc", entry, "comm").read_text().strip()
                environment = pathlib.Path("/proc", entry, "environ").read_bytes()
            except OSError:
                continue
            if name == "lard" and f"LAR_HOME={self.home}".encode() in environment.split(b"\0"):
                found.append(int(entry))
        return found

    def test_tokens_let_programs_in_as_far_as_they_say(self):
        made = self.json("token", "create", "editor", "--per-minute", "600")
        self.assertEqual(made["about"]["scope"], "chat")
        self.assertIn("editor", self.lar("token"))
        self.assertNotIn(made["token"], self.lar("token", "list"))
        self.lar("token", "create", "editor", ends=ERROR)
        self.lar("token", "create", "other", "--scope", "all", ends=USAGE)
        self.lar("token", "revoke", "editor")
        self.assertEqual(self.json("token")["tokens"], [])
        self.lar("token", "revoke", "editor", ends=ERROR)
        self.lar("token", "lend", ends=USAGE)

    def test_from_a_folder_to_a_cited_answer_and_to_nothing_again(self):
        self.assertIn("added notes: 1 document", self.lar("add", self.notes))
        self.assertEqual(self.err, "", "quiet where there is no terminal")
        said = self.lar("ask", "When is a failed request tried again?")
        self.assertIn("doubles each time", said)
        self.assertRegex(said, r"\n\[1\] design\.md:\d+(-\d+)?, line \d+  \(file in notes, changed ")
        self.assertIn("bytes out: 0", said)
        place = self.lar("open", "1").strip()
        path, line = place.rsplit(":", 1)
        self.assertEqual(path, str(self.notes / "design.md"))
        self.assertIn("doubles each time", (self.notes / "design.md").read_text().split("\n")[int(line) - 1])
        self.assertIn("design.md", self.lar("search", "write-ahead", "database"))
        (self.notes / "new.md").write_text("The deployment key is rotated every Thursday by Ines.\n")
        self.assertIn("notes: ", self.lar("sync", "notes"))
        self.assertIn("Thursday", self.lar("ask", "When is the deployment key rotated?"))
        self.assertIn("nothing of it was found", self.lar("forget", "notes", "--prove", "--yes"))
        self.lar("search", "deployment", ends=NOT_FOUND)
        self.assertEqual(self.json("sources")["sources"], [])
        self.assertTrue((self.notes / "design.md").exists(), "the user's own files stay")

    def test_what_the_sources_do_not_hold_is_not_answered(self):
        self.lar("add", self.notes)
        said = self.lar("ask", "Which vitamins does a zebra need in winter?", ends=NOT_FOUND)
        self.assertTrue(said.startswith("I did not find it in your sources."), said)

    def test_what_a_refusal_shows_as_nearest_goes_with_its_source(self):
        for number in range(20):  # so that the words of the one note are rare
            (self.notes / f"{number}.md").write_text(f"Page {number} is about the garden and the weather in town.\n")
        self.lar("add", self.notes, "--name", "notes")
        question = "Which zebra of the giraffe waits for thirty seconds before a request is tried again?"
        refused = self.json("ask", question, ends=NOT_FOUND)
        self.assertEqual((refused["sentences"], refused["citations"]), ([], []))
        self.assertEqual(refused["nearest"][0]["citation"]["place"]["path"], "design.md")
        self.assertIn("design.md:", self.lar("open", "1", "last"))
        self.lar("forget", "notes", "--yes")
        self.assertEqual(self.json("answers")["answers"], [])

    def test_a_repository_brings_its_history(self):
        git(self.notes, "init", "-q", "-b", "main")
        git(self.notes, "add", ".")
        git(self.notes, "commit", "-q", "-m", "Describe retries and storage")
        (self.notes / "design.md").write_text(NOTES.replace("thirty", "ninety"))
        git(self.notes, "commit", "-qam", "Wait longer because the billing gateway throttles us")
        self.lar("add", self.notes, "--name", "project")
        found = self.json("search", "billing gateway throttles", "--kind", "commit")["hits"]
        self.assertEqual(found[0]["place"]["kind"], "commit")
        self.assertEqual(found[0]["place"]["author"], "Ana")
        said = self.lar("ask", "--in", "project", "why do we wait longer?")
        self.assertRegex(said, r"commit [0-9a-f]{10}.*Wait longer because the billing gateway throttles us, Ana")

    def test_what_an_answer_says_of_its_sources_is_true_whatever_happens_to_them(self):
        self.lar("add", self.notes)
        design, moved = self.notes / "design.md", self.notes / "kept" / "plan.md"
        moved.parent.mkdir()
        longer = "A line above.\n\n" + NOTES
        changes = [lambda: design.write_text(longer), lambda: design.write_text(longer.replace("doubles", "trebles")),
                   lambda: design.rename(moved), lambda: moved.unlink(), lambda: design.write_text(NOTES)]
        states = []
        # Asked at once, before the index knows of a change, and again when it does: both times what is said must hold.
        for change in changes:
            change()
            for synced in (False, True):
                if synced:
                    self.lar("sync", "notes")
                ended = subprocess.run([BIN / "lar", "ask", "When is a failed request tried again?", "--no-model", "--json"], env=self.environment,
                                       capture_output=True, text=True, timeout=60)
                for citation in json.loads(ended.stdout)["citations"]:
                    place = citation["place"]
                    states.append(citation["state"])
                    path = pathlib.Path(place["absolute_path"])
                    self.assertEqual(path.exists(), citation["state"] != "missing", citation)
                    if path.exists():
                        there = "\n".join(path.read_text().split("\n")[place["line_first"] - 1:place["line_last"]])
                        self.assertEqual(there == citation["quote"], citation["state"] == "unchanged", citation)
        self.assertIn("unchanged", states)

    def test_an_answer_kept_shows_what_became_of_its_sources(self):
        self.lar("add", self.notes)
        self.lar("ask", "When is a failed request tried again?")
        design = self.notes / "design.md"
        self.assertTrue(self.lar("open", "1").strip().endswith("design.md:3"))
        design.write_text("One line above.\n\n" + NOTES)
        self.assertTrue(self.lar("open", "1").strip().endswith("design.md:5"))
        self.assertEqual(self.json("open", "1")["state"], "unchanged")
        design.write_text(NOTES.replace("doubles", "trebles"))
        self.assertEqual(self.json("open", "1")["state"], "changed")
        self.lar("open", "1")
        self.assertIn("has changed since", self.err)
        design.unlink()
        self.assertEqual(self.json("open", "1")["state"], "missing")
        self.assertIn("doubles", self.json("open", "1")["quote"])

    def test_what_cannot_be_written_is_an_error(self):
        self.lar("add", self.notes)
        for words in (["sources"], ["ask", "When is a failed request tried again?"], ["search", "request", "--json"]):
            with open("/dev/full", "w") as full:
                ended = subprocess.run([BIN / "lar", *words], env=self.environment, stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(ended.returncode, ERROR, words)
            self.assertIn("could not be written", ended.stderr)

    def test_a_home_that_is_none_is_named_at_once(self):
        self.environment["LAR_HOME"] = str(self.notes / "design.md")
        self.lar("sources", ends=ERROR)
        self.assertIn("lard did not start: it ended with status 1", self.err)
        self.assertIn("design.md is there and is not a directory", self.err)

    def test_the_next_command_after_a_kill_starts_lard_anew(self):
        # A page cache that is taken down makes the end of lard last a moment, in which it still lets itself be connected to.
        (self.notes / "long.txt").write_text("".join(f"Line {i} of the log says nothing new.\n" for i in range(20000)))
        self.lar("add", self.notes)
        for _ in range(5):
            os.kill(self.json("status")["pid"], signal.SIGKILL)
            self.assertIn("notes", self.lar("sources"))

    def test_a_commit_opens_in_the_repository_that_lies_below_the_source(self):
        deep = self.notes / "code" / "gauge"
        deep.mkdir(parents=True)
        (deep / "gauge.md").write_text("The gauge reads forty.\n")
        git(deep, "init", "-q", "-b", "main")
        git(deep, "add", ".")
        git(deep, "commit", "-q", "-m", "Calibrate the gauge against mercury")
        self.lar("add", self.notes)
        self.lar("ask", "why calibrate the gauge against mercury?")
        numbers = [one["number"] for one in self.json("answers", "last")["answer"]["citations"]
                   if one["place"]["kind"] == "commit" and not one["place"]["path"]]
        self.assertTrue(numbers, "the commit is not cited")
        terminal = Terminal([BIN / "lar", "open", str(numbers[0])], dict(self.environment, GIT_PAGER="cat", TERM="dumb"))
        self.assertEqual(terminal.end(), OK, terminal.seen)
        self.assertIn("Calibrate the gauge against mercury", terminal.seen)

    def test_a_rewritten_history_is_no_longer_cited(self):
        git(self.notes, "init", "-q", "-b", "main")
        git(self.notes, "add", ".")
        git(self.notes, "commit", "-q", "-m", "Describe retries and storage")
        (self.notes / "design.md").write_text(NOTES.replace("thirty", "ninety"))
        git(self.notes, "commit", "-qam", "Wait longer because the billing gateway throttles us")
        self.lar("add", self.notes)
        why = ("ask", "why do we wait longer, billing gateway?", "--no-model", "--json")
        before = json.loads(self.lar(*why))["citations"][0]["place"]["commit"]
        git(self.notes, "commit", "-q", "--amend", "-m", "Wait longer because the billing gateway is slow")
        git(self.notes, "reflog", "expire", "--expire=now", "--all")
        git(self.notes, "gc", "-q", "--prune=now")
        self.lar("sync", "notes")
        answer = json.loads(self.lar(*why))
        commits = [citation["place"]["commit"] for citation in answer["citations"] if citation["place"]["commit"]]
        self.assertTrue(commits)
        self.assertNotIn(before, commits)
        for commit in commits:
            git(self.notes, "cat-file", "-e", commit)

    def test_lard_starts_by_itself_once_and_stops_when_told(self):
        self.assertEqual(self.lar("status", ends=ERROR), "")
        self.assertIn("does not run", self.err)
        at_once = [subprocess.Popen([BIN / "lar", "sources"], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                   for _ in range(6)]
        for process in at_once:
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, OK, err)
        # One that came second may still be on its way out.
        for _ in range(500):
            if len(self.lards()) == 1:
                break
            time.sleep(0.01)
        self.assertEqual(self.lards(), [self.json("status")["pid"]])
        self.lar("shutdown")
        for _ in range(500):
            if not self.lards():
                break
            time.sleep(0.01)
        self.assertEqual(self.lards(), [])
        self.lar("shutdown")
        self.assertIn("does not run", self.err)

    def test_a_lard_that_cannot_start_says_why(self):
        (self.home / "config" / "config.toml").write_text("[server]\nprot = 1\n")
        self.lar("sources", ends=ERROR)
        self.assertIn("lard did not start", self.err)
        self.assertIn("prot", self.err)

    def test_a_taken_port_is_explained_and_everything_else_works(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            (self.home / "config" / "config.toml").write_text("")
            with open(self.folder / "said", "wb") as said:
                serve = subprocess.Popen([BIN / "lar", "serve", "--port", str(port)], env=self.environment, stdout=said, stderr=said)
            try:
                for _ in range(500):
                    if (self.home / "run" / "lar.sock").exists() or serve.poll() is not None:
                        break
                    time.sleep(0.02)
                self.lar("add", self.notes)
                status = self.json("status")
                self.assertTrue(any(str(port) in problem for problem in status["problems"]), status)
                self.assertIn(str(port), self.lar("status"))
            finally:
                serve.terminate()
                self.assertEqual(serve.wait(20), 0)
            self.assertIn(str(port), (self.folder / "said").read_text())

    def test_every_json_is_json(self):
        self.json("add", self.notes)
        self.json("ask", "how long is the pause of retries?")
        for words in (["search", "pause"], ["sources"], ["sources", "--why", self.notes / "design.md"], ["sources", "--left-out", "notes"],
                      ["sync"], ["jobs"], ["answers"], ["open", "1"], ["status"], ["version"],
                      ["export", self.folder / "out"], ["import", self.folder / "out"], ["forget", "notes", "--yes"], ["shutdown"]):
            with self.subTest(words=words):
                self.json(*words)
        checks = json.loads(subprocess.run([BIN / "lar", "doctor", "--json"], env=self.environment, capture_output=True, text=True).stdout)
        self.assertTrue(all(check["outcome"] in ("ok", "weaker", "failed") for check in checks["checks"]))
        self.lar("ask", "x", "--since", "soonish", "--json", ends=USAGE)
        error = json.loads(self.err)["error"]
        self.assertEqual(error["code"], "invalid")
        self.lar("sources", "--left-out", "nots", "--json", ends=ERROR)
        self.assertEqual(json.loads(self.err)["error"]["code"], "not_found")

    def test_an_index_made_again_finds_the_same(self):
        self.lar("add", self.notes)
        found = self.json("search", "pause of retries")["hits"]
        self.assertTrue(found)
        self.assertIn("indexed again", self.lar("doctor", "--rebuild"))
        self.assertEqual([hit["place"] for hit in self.json("search", "pause of retries")["hits"]],
                         [hit["place"] for hit in found])

    def test_why_a_file_is_not_there(self):
        (self.notes / ".env").write_text("TOKEN=abc\n")
        (self.notes / "picture.bin").write_bytes(bytes(range(256)) * 8)
        self.lar("add", self.notes)
        self.assertIn("included", self.lar("sources", "--why", self.notes / "design.md"))
        self.assertIn("secret", self.lar("sources", "--why", self.notes / ".env", ends=NOT_FOUND))
        self.lar("sources", "--why", self.folder / "elsewhere", ends=NOT_FOUND)
        listed = self.lar("sources", "--left-out", "notes")
        self.assertIn(".env", listed)
        self.assertIn("picture.bin", listed)

    def test_mistakes_are_answered_with_what_was_meant(self):
        self.lar("serach", "x", ends=USAGE)
        self.assertIn("did you mean `lar search`?", self.err)
        self.lar("add", self.folder / "no-such-folder", ends=ERROR)
        self.lar("forget", "notes", ends=ERROR)
        self.lar("ask", "q", "--in", "nowhere", ends=ERROR)
        self.assertIn("nowhere", self.err)
        self.assertEqual(self.lar("add", self.notes).count("added"), 1)
        self.lar("forget", "notes", ends=USAGE)
        self.assertIn("--yes", self.err)

    def test_an_export_can_be_imported_elsewhere(self):
        self.lar("add", "pushed:mail")
        documents = [{"id": f"m{i:03}", "title": f"Mail {i}", "text": f"The {i}th invoice\n\nof the ferry company\n", "time": "2026-03-01T10:00:00Z"}
                     for i in range(450)]
        for begin in range(0, 450, 150):
            self.call("POST", "/lar/v1/sources/mail/documents", {"documents": documents[begin:begin + 150]})
        self.lar("add", self.notes)
        self.lar("ask", "how long is the pause of retries?")
        out = self.folder / "out"
        self.assertIn("450 documents", self.lar("export", out))
        self.lar("export", out, ends=ERROR)
        lines = [json.loads(line) for line in (out / "documents" / "mail.jsonl").read_text().splitlines()]
        self.assertEqual([line["id"] for line in lines], [document["id"] for document in documents])
        self.assertEqual(lines[7]["text"].strip(), documents[7]["text"].strip())
        self.lar("shutdown")
        self.environment["LAR_HOME"] = str(self.folder / "other")
        self.home = self.folder / "other"
        (self.home / "config").mkdir(parents=True)
        (self.home / "config" / "config.toml").write_text("[server]\ntcp = false\n")
        self.lar("import", out)
        self.assertEqual(sorted(source["name"] for source in self.json("sources")["sources"]), ["mail", "notes"])
        self.assertEqual(len(self.json("answers")["answers"]), 1)
        self.assertEqual(self.json("search", "ferry invoice", "--in", "mail", "--limit", "3")["hits"][0]["place"]["kind"], "pushed")
        self.lar("import", out)

    def collection(self):
        folder = self.folder / "tiny"
        folder.mkdir()
        texts = ["ferries cross the strait at dawn", "a recipe for bread with rye", "the strait is closed in storms", "engines of old ferries"]
        (folder / "corpus.jsonl").write_text("".join(json.dumps({"_id": f"d{i}", "title": "", "text": text, "metadata": {}}) + "\n"
                                                     for i, text in enumerate(texts)))
        (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "rye bread"}\n{"_id": "q2", "text": "ferries strait"}\n{"_id": "q3", "text": "unjudged"}\n')
        (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td0\t2\n")
        return folder

    def test_a_collection_is_measured_in_a_store_of_its_own(self):
        self.environment["TMPDIR"] = str(self.folder)
        report = self.json("eval", "retrieval", self.collection())
        self.assertEqual((report["queries"], report["documents"]), (2, 4))
        for measure in ("ndcg@10", "recall@5", "recall@10", "recall@50", "recall@100", "mrr", "map"):
            self.assertEqual(report[measure], 1, report)
        self.assertGreater(report["latency_p95_ms"], 0)
        self.assertEqual(list(self.folder.glob("lar-eval-*")), [])
        self.assertFalse((self.home / "run" / "lar.sock").exists(), "the user's own daemon was not needed")

    def test_memory_of_conversations_is_measured_by_category(self):
        self.environment["TMPDIR"] = str(self.folder)
        said = {"Ana": ["I planted tomatoes behind the shed last week", "My brother Karl moved to Bergen"],
                "Ben": ["I bought a violin from a shop in Cremona", "The exam about tides went badly"]}
        said["Ana"][2:] = [f"Nothing happened on page {i} of the weather report" for i in range(40)]
        said["Ben"][2:] = [f"The weather in town was ordinary on day {i}" for i in range(40)]
        turns = [{"speaker": speaker, "dia_id": f"D1:{i}{k}", "text": text}
                 for k, speaker in enumerate(said, 1) for i, text in enumerate(said[speaker], 1)]
        questions = [("Where is the shop that Ben bought a violin from?", 4, ["D1:12"]), ("Where did Karl, the brother, move?", 1, ["D1:21"]),
                     ("Which vitamins does a zebra need in winter?", 5, ["D1:11"]),
                     ("Where is the shop that she bought a violin from?", 5, ["D1:12"]), ("Why?", 3, [])]
        (self.folder / "talk.json").write_text(json.dumps([{"sample_id": "talk", "qa": [
            {"question": question, "category": category, "evidence": evidence} for question, category, evidence in questions],
            "conversation": {"speaker_a": "Ana", "speaker_b": "Ben", "session_1_date_time": "1:56 pm on 8 May, 2023", "session_1": turns}}]))
        report = self.json("eval", "memory", self.folder / "talk.json", "--run", self.folder / "run.tsv")
        self.assertEqual((report["conversations"], report["turns"], report["questions"], report["without_evidence"]), (1, 84, 4, 1))
        by_category = {scores["category"]: scores for scores in report["scores"]}
        self.assertEqual(sorted(by_category), ["adversarial", "all", "answerable", "multi-hop", "single-hop"])
        self.assertEqual(by_category["answerable"]["recall@5"], 1, report)
        self.assertEqual(by_category["answerable"]["cited"], 1, report)
        self.assertEqual(report["adversarial"], {"questions": 2, "refused": 0.5, "corrected": 0.5, "misled": 0}, report)
        self.assertIn("talk-q000\tD1:12\t1\t", (self.folder / "run.tsv").read_text())
        self.assertIn("adversarial: 0.500 refused", self.lar("eval", "memory", self.folder / "talk.json"))
        self.lar("eval", "memory", self.folder / "talk.json", "--queries", "x", ends=USAGE)
        self.lar("eval", "memory", ends=USAGE)
        self.assertEqual(list(self.folder.glob("lar-eval-*")), [])

    def test_questions_about_a_tree_are_measured_by_their_places(self):
        self.environment["TMPDIR"] = str(self.folder)
        git(self.notes, "init", "-q", "-b", "main")
        git(self.notes, "add", ".")
        git(self.notes, "commit", "-q", "-m", "Pause longer because the billing gateway throttles us")
        commit = subprocess.run(["git", "-C", self.notes, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        questions = [{"id": "q1", "question": "When is a failed request tried again?", "answers": [{"path": "design.md", "anchor": "doubles each time"}], "kind": "docs"},
                     {"question": "what is everything kept in?", "answers": ["design.md:8-9", "gone.md"]},
                     {"question": "why did we pause longer?", "answers": [{"commit": commit}], "kind": "history"},
                     {"question": "Which vitamins does a zebra need in winter?", "answers": "none", "kind": "docs"},
                     {"question": "When is a failed request tried again?", "answers": [{"path": "design.md", "anchor": "no such line"}]}]
        file = self.folder / "questions.jsonl"
        file.write_text("".join(json.dumps(question) + "\n" for question in questions))
        report = self.json("eval", "qa", file, "--in", self.notes, "--run", self.folder / "run.jsonl")
        self.assertEqual((report["questions"], report["anchors_gone"]), (5, 1))
        by_category = {scores["category"]: scores for scores in report["scores"]}
        self.assertEqual(sorted(by_category), ["all", "docs", "history"])
        self.assertEqual(by_category["history"]["cited@3"], 1, report)
        self.assertEqual(by_category["docs"]["refused"], 1, report)
        self.assertEqual((by_category["all"]["answerable"], by_category["all"]["unanswerable"]), (4, 1))
        self.assertEqual(by_category["all"]["hit@10"], 0.75, report)
        run = [json.loads(line) for line in (self.folder / "run.jsonl").read_text().splitlines()]
        self.assertEqual([one["id"] for one in run], ["q1", "line-2", "line-3", "line-4", "line-5"])
        self.assertEqual(run[0]["cited_rank"], 1)
        self.assertEqual(run[3]["answer"]["outcome"], "not_found")
        self.assertIn("cited@3", self.lar("eval", "qa", file, "--in", self.notes, "--limit", "1"))
        self.lar("eval", "qa", file, ends=USAGE)
        self.lar("eval", "qa", file, "--in", self.folder / "gone", ends=ERROR)
        file.write_text('{"question": 5}\n')
        self.lar("eval", "qa", file, "--in", self.notes, ends=ERROR)
        self.assertIn("questions.jsonl:1:", self.err)
        self.assertEqual(list(self.folder.glob("lar-eval-*")), [])

    def test_latency_is_measured_in_a_store_of_that_size(self):
        self.environment["TMPDIR"] = str(self.folder)
        report = self.json("eval", "latency", "--passages", "500", "--limit", "20", "--idle", "1", "--while-ingesting")
        self.assertEqual((report["passages"], report["words"]), (500, 60))
        self.assertEqual(report["search"]["queries"], 20)
        self.assertEqual(report["search_while_ingesting"]["queries"], 20)
        for figure in ("text_bytes", "push_mb_per_second", "database_bytes", "first_after_idle_ms", "ingesting_mb_per_second"):
            self.assertGreater(report[figure], 0, figure)
        self.assertLessEqual(report["search"]["p50_ms"], report["search"]["p99_ms"])
        self.lar("eval", "latency", "somewhere", ends=USAGE)
        self.lar("eval", "speed", ends=USAGE)
        self.assertEqual(list(self.folder.glob("lar-eval-*")), [])

    def test_an_interrupted_measurement_leaves_nothing(self):
        folder = self.collection()
        with open(folder / "queries.jsonl", "a") as queries, open(folder / "qrels.tsv", "a") as judgements:
            for i in range(20_000):
                queries.write(json.dumps({"_id": f"x{i}", "text": f"ferries strait {i}"}) + "\n")
                judgements.write(f"x{i}\td0\t1\n")
        self.environment["TMPDIR"] = str(self.folder)
        measuring = subprocess.Popen([BIN / "lar", "eval", "retrieval", folder], env=self.environment, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)
        for _ in range(500):
            if list(self.folder.glob("lar-eval-*/run/lar.sock")):
                break
            time.sleep(0.02)
        below = children(measuring.pid)
        self.assertIn("lard", below.values())
        measuring.send_signal(signal.SIGINT)
        _, err = measuring.communicate(timeout=20)
        self.assertEqual(measuring.returncode, ERROR, err)
        self.assertIn("interrupted", err)
        self.assertEqual(list(self.folder.glob("lar-eval-*")), [])
        self.assertFalse([pid for pid in below if os.path.exists(f"/proc/{pid}") and below[pid] == "lard"])

    def test_a_model_is_made_listed_copied_let_go_and_removed(self):
        gguf = self.shared_model()
        self.lar("list")
        self.assertIn("no models yet", self.err)
        self.assertEqual(self.lar("create", "stories", "--from", gguf), "created stories\n")
        self.assertIn("stories:latest", self.lar("list"))
        self.assertIn("llama", self.lar("show", "stories"))
        self.assertEqual(self.json("list")["models"][0]["details"]["format"], "gguf")
        self.lar("cp", "stories", "tales")
        modelfile = self.folder / "Modelfile"
        modelfile.write_text("FROM tales\nPARAMETER num_predict 3\nSYSTEM Be brief.\n")
        self.lar("create", "brief", "--file", modelfile)
        self.assertIn("num_predict", self.lar("show", "brief", "--parameters"))
        self.assertIn("Be brief.", self.lar("show", "brief", "--modelfile"))
        self.call("POST", "/api/generate", {"model": "brief", "prompt": "Once", "stream": False})
        self.assertEqual(len(self.json("ps")["models"]), 1)
        self.lar("stop", "brief")
        self.lar("rm", "stories", "tales", "brief")
        self.assertTrue(gguf.exists())
        self.assertEqual(self.json("list")["models"], [])

    def test_what_cannot_be_done_with_a_model_is_said_in_a_sentence(self):
        self.lar("show", "nothing", ends=ERROR)
        self.assertIn("model 'nothing' not found", self.err)
        self.assertIn("lar list", self.err)
        self.lar("create", "x", "--from", self.folder / "none.gguf", ends=ERROR)
        self.lar("create", "x", "--from", "a", "--file", "b", ends=USAGE)
        (self.folder / "text.gguf").write_text("this is no model")
        self.lar("create", "x", "--from", self.folder / "text.gguf", ends=USAGE)
        self.assertIn("GGUF", self.err)
        self.assertEqual(self.json("list")["models"], [])

    def shared_model(self):
        shared = pathlib.Path(os.environ.get("LAR_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))
        gguf = shared / "models" / "stories260K.gguf"
        if not gguf.exists():
            self.skipTest(f"{gguf.name} is not here")
        return gguf


if __name__ == "__main__":
    unittest.main()
