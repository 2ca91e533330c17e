#!/usr/bin/env python3
"""Hand-offs with the real lard, real couriers and a provider of this test over TLS: what arrives is what was approved.

Run: handoff_test.py [TEST...] with LAR_BIN naming the folder of the programs. LAR_TICKETS says how many random tickets
there are (60).
"""

import contextlib
import hashlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
from daemon import Daemon, Refused, children  # noqa: E402
from own_home import OwnHome  # noqa: E402
from provider import CERTIFICATES, PATHS, Provider  # noqa: E402
from terminal import Terminal  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
TICKETS = int(os.environ.get("LAR_TICKETS", "60"))
OK, ERROR, USAGE, NOT_FOUND = range(4)
GITHUB = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class HandOffs(OwnHome):
    def setUp(self):
        super().setUp()
        self.provider = Provider()
        self.provider.__enter__()
        self.addCleanup(self.provider.__exit__)
        self.environment |= {"TERM": "dumb", "VISUAL": "", "EDITOR": ""}
        self.lard = None

    def start(self, sections=None, authorities="authority.pem"):
        if sections is not None:
            (self.home / "config" / "config.toml").write_text(sections)
        self.lard = Daemon(BIN, home=str(self.home), environment={"SSL_CERT_FILE": str(CERTIFICATES / authorities), "HOME": str(self.folder)})
        self.addCleanup(self.lard.stop)
        self.lard.start()

    def lar(self, *words, typed="", ends=OK):
        ended = subprocess.run([BIN / "lar", *words], env=self.environment, capture_output=True, text=True, input=typed, timeout=120)
        self.assertEqual(ended.returncode, ends, f"lar {words}: {ended.stdout}{ended.stderr}{self.lard.log()}")
        self.err = ended.stderr
        return ended.stdout

    def json(self, *words, **options):
        return json.loads(self.lar(*words, "--json", **options))

    def terminal(self, *words):
        terminal = Terminal([BIN / "lar", *words], self.environment)
        self.addCleanup(terminal.kill)
        return terminal

    def refusal(self, method, path, body=None):
        with self.assertRaises(Refused) as raised:
            self.lard.call(method, path, body)
        return raised.exception

    def approve(self, ticket):
        return self.lard.call("POST", f"/lar/v1/handoffs/{ticket['id']}/approve", {"hash": ticket["hash"]})

    # ---- the whole life, by the command line ----
    def test_from_a_question_to_the_reply(self):
        notes = self.folder / "notes"
        notes.mkdir()
        (notes / "pool.md").write_text(f"# Connection pool\n\nThe pool of Projekt Adler holds twenty connections; ana@firma.example owns it. token = {GITHUB}\n")
        self.start(self.provider.section("big") + '[handoff]\nnames = ["Projekt Adler"]\n')
        self.lard.add(str(notes), "notes")
        self.lar("handoff", "key", "set", "big", typed="sk-test-1\n")
        self.assertTrue(self.json("handoff", "providers")["providers"][0]["has_key"])
        shown = self.lar("handoff", "propose", "how", "many", "connections", "does", "the", "pool", "hold?")
        self.assertIn("[SECRET_1]", shown)
        self.assertIn("lar handoff approve", self.err)
        raw = self.lar("handoff", "show", "last", "--raw")
        for word in (GITHUB, "Projekt Adler", "ana@firma.example"):
            self.assertNotIn(word, raw)
            self.assertIn(word[:40], shown)  # what stays here is shown as such
        ticket = self.json("handoff", "keep", "last", "EMAIL_1")
        self.assertIn("ana@firma.example", ticket["body"])
        ticket = self.json("handoff", "redact", "last", "[EMAIL_1]")
        self.assertEqual(ticket["body"], raw)
        ticket = self.json("handoff", "edit", "last", typed=ticket["text"] + "\nAnswer Brief.\n")
        self.assertEqual(ticket["state"], "edited")
        # Nobody is there to be asked, so the hash has to say what was looked at.
        for words in ((), ("--yes",)):
            self.lar("handoff", "approve", "last", *words, ends=USAGE)
        self.lar("handoff", "approve", "last", "--hash", sha256(raw.encode()), ends=ERROR)
        self.assertIn("has changed since it was shown", self.err)
        self.assertEqual(self.provider.heard, [])
        raw = self.lar("handoff", "show", "last", "--raw")
        answer = self.lar("handoff", "approve", "last", "--yes", "--hash", sha256(raw.encode()))
        self.assertIn(f"from big (model-of-big), {len(raw):,} bytes left this machine; 20 tokens read, 5 written, $0.000090", answer)
        self.assertIn(GITHUB, answer, "filled in again, here")
        heard = self.provider.heard
        self.assertEqual([one.body for one in heard], [raw.encode()])
        self.assertEqual(heard[0].path, "/v1/chat/completions")
        self.assertEqual(heard[0].key, "sk-test-1")
        self.assertEqual({name.lower() for name in heard[0].headers},
                         {"host", "user-agent", "content-type", "accept", "authorization", "content-length"})
        self.lar("handoff", "approve", "last", "--hash", sha256(raw.encode()), ends=ERROR)
        self.assertEqual(len(heard), 1)
        ledger = self.json("ledger")
        self.assertEqual((ledger["totals"]["handoffs"], ledger["totals"]["bytes_out"]), (1, len(raw)))
        self.assertEqual([one["handoff"]["outcome"] for one in ledger["entries"]], ["leaving", "answered"])
        self.assertEqual(ledger["totals"]["downloads"], 0)
        self.lar("ledger", "verify")
        self.assertEqual(self.json("handoff")["handoffs"][0]["state"], "answered")
        # What it was made from goes, and it with it.
        self.lar("forget", "notes", "--yes", "--prove")
        self.assertEqual(self.json("handoff", "list")["handoffs"], [])

    def test_an_answer_goes_with_what_it_cites_and_is_forgotten_when_asked(self):
        notes = self.folder / "notes"
        notes.mkdir()
        (notes / "pool.md").write_text("# Connection pool\n\nThe connection pool holds twenty connections.\n")
        self.start(self.provider.section("big"))
        self.lard.add(str(notes), "notes")
        self.lard.ask("how many connections does the pool hold?")
        ticket = self.json("handoff", "propose", "--answer", "last", "--why", "it is short")
        self.assertIn("[1] pool.md, lines ", ticket["text"])
        self.assertIn("twenty connections", ticket["text"])
        self.lar("handoff", "deny", "last")
        self.lar("handoff", "forget", "last")
        database = (self.home / "data" / "lar.db").read_bytes()
        self.assertNotIn(b"it is short", database)
        self.lar("handoff", "show", ticket["id"], ends=ERROR)
        alone = self.json("handoff", "propose", "zebra?")
        self.assertIn("nothing was found in your sources", alone["why"])
        self.lar("handoff", "deny", "last")
        self.lar("handoff", "propose", "--text", "a", "question", ends=USAGE)
        self.lar("handoff", "key", "set", "small", typed="x", ends=ERROR)
        self.lar("handoff", "key", "set", "big", "sk-on-the-command-line", ends=USAGE)
        self.assertIn("have your provider make another", self.err)
        for bad in ("", "two words", "x" * 5000, "\x00"):
            self.lar("handoff", "key", "set", "big", typed=bad, ends=USAGE)
        self.lar("handoff", "key", "remove", "big", ends=ERROR)
        self.assertEqual(self.provider.heard, [])

    # ---- on a terminal ----
    def test_somebody_is_asked_and_the_key_is_not_shown(self):
        self.start(self.provider.section("big"))
        key = self.terminal("handoff", "key", "set", "big")
        key.wait_for("not shown): ")
        key.type("sk-typed-by-hand\n")
        self.assertNotIn("sk-typed", key.wait_for("only you can read"))
        self.assertEqual(key.end(), OK)
        self.assertEqual((self.home / "data" / "provider-keys" / "big").stat().st_mode & 0o777, 0o600)
        self.lar("handoff", "propose", "--text", typed="is it blue?")
        for said, ends in (("n", ERROR), ("", ERROR), ("yes please", ERROR), ("y", OK)):
            self.assertEqual(self.provider.heard, [])
            asked = self.terminal("handoff", "approve", "last")
            self.assertIn("is it blue?", asked.wait_for("[y/N] "))
            asked.type(said + "\n")
            self.assertEqual(asked.end(), ends)
        self.assertIn("You asked: is it blue?", asked.seen)
        self.assertEqual(self.provider.heard[0].key, "sk-typed-by-hand")

    def test_the_text_is_changed_in_the_users_editor(self):
        self.start(self.provider.section("big"))
        self.lar("handoff", "propose", "--text", typed="is it blue?")
        editor = self.folder / "editor"
        editor.write_text('#!/bin/sh\nstat -c %a "$1" > "$0.mode"\nsed -i s/blue/green/ "$1"\n')
        editor.chmod(0o700)
        self.environment["EDITOR"] = str(editor)
        edited = self.terminal("handoff", "edit", "last")
        edited.wait_for("is it green?")
        self.assertEqual(edited.end(), OK)
        self.assertEqual((self.folder / "editor.mode").read_text(), "600\n")
        self.assertEqual([file.name for file in (self.home / "run").iterdir() if "handoff" in file.name], [])

    def test_within_a_conversation(self):
        self.start(self.provider.section("big"))
        self.lar("handoff", "key", "set", "big", typed="k")
        made = subprocess.run([BIN / "write_tiny_model", self.folder], check=True, capture_output=True, text=True)
        recipe = self.folder / "Modelfile"
        recipe.write_text(f"FROM {made.stdout.strip()}\nPARAMETER num_predict 4\nPARAMETER seed 1\n")
        self.lar("create", "tiny", "--file", recipe)
        talk = self.terminal("run", "tiny")
        talk.wait_for(">>> ")
        talk.type("/handoff\n")
        talk.wait_for("nothing has been asked yet")
        talk.wait_for(">>> ")
        talk.type("is it blue?\n")
        talk.wait_for(">>> ")
        talk.type("/handoff\n")
        talk.wait_for("[y/N] ")
        talk.type("n\n")
        talk.wait_for("Nothing was sent.")
        talk.wait_for(">>> ")
        talk.type("/handoff big\n")
        talk.wait_for("[y/N] ")
        self.assertEqual(self.provider.heard, [])
        talk.type("y\n")
        talk.wait_for("bytes left this machine")
        talk.wait_for("You asked: is it blue?")
        talk.wait_for(">>> ")
        talk.type("/bye\n")
        self.assertEqual(talk.end(), OK)
        talk = self.terminal("chat", "tiny", "--no-sources")
        talk.wait_for("> ")
        talk.type("is it red?\n")
        talk.wait_for("is it red?")
        talk.wait_for("\n> ")
        talk.type("/handoff\n")
        talk.wait_for("[y/N] ")
        talk.type("y\n")
        talk.wait_for("You asked: is it red?")
        talk.wait_for("> ")
        talk.type("/bye\n")
        self.assertEqual(talk.end(), OK)
        self.assertEqual([one.text for one in self.provider.heard], ["is it blue?", "is it red?"])
        # With sources their words go along, whatever the model here made of them.
        notes = self.folder / "notes"
        notes.mkdir()
        (notes / "pool.md").write_text("# Connection pool\n\nThe connection pool holds twenty connections.\n")
        self.lard.add(str(notes), "notes")
        talk = self.terminal("chat", "tiny")
        talk.wait_for("> ")
        talk.type("how many connections does the connection pool hold?\n")
        talk.wait_for("pool hold?")
        talk.wait_for("\n> ")
        talk.type("/handoff\n")
        self.assertIn("twenty connections", talk.wait_for("[y/N] "))
        talk.type("\n")
        talk.wait_for("Nothing was sent.")
        talk.wait_for("> ")
        talk.type("/bye\n")
        self.assertEqual(talk.end(), OK)
        # A pipe is nobody who could be asked.
        piped = subprocess.run([BIN / "lar", "chat", "tiny", "--no-sources"], env=self.environment, capture_output=True, text=True,
                               input="is it grey?\n/handoff\ny\n", timeout=120)
        self.assertNotEqual(piped.returncode, OK, piped.stdout)
        self.assertEqual(len(self.provider.heard), 2)

    # ---- the key ----
    def test_the_key_is_in_no_place_but_its_own(self):
        key = "sk-" + random.Random(9).randbytes(20).hex()
        self.start(self.provider.section("big"))
        self.lar("handoff", "key", "set", "big", typed=key)
        ticket = self.lard.call("POST", "/lar/v1/handoffs", {"text": "is it blue?"})
        self.provider.hold = True
        asking = threading.Thread(target=lambda: self.approve(ticket))
        asking.start()
        self.assertTrue(self.provider.arrived.wait(30))
        lard = self.lard.pid()
        processes = {lard: "lard"} | children(lard)
        self.assertIn("lar-courier", processes.values())
        for pid, name in processes.items():
            for facts in ("cmdline", "environ"):
                self.assertNotIn(key.encode(), self.read_of(pid, facts), name)
            if name != "lar-courier":
                self.assertNotIn(key.encode(), self.memory_of(pid), name)
        self.provider.release()
        asking.join()
        self.assertEqual(self.provider.heard[0].key, key)
        self.lar("handoff", "list")
        self.lar("export", self.folder / "export")
        said = self.lar("status", "--json") + self.lar("handoff", "show", "last", "--json") + self.lar("handoff", "key", "list", "--json") + \
            self.lar("ledger", "--json")
        self.assertNotIn(key, said)
        holds = [file for folder in (self.home, self.folder / "export") for file in folder.rglob("*")
                 if file.is_file() and key.encode() in file.read_bytes()]
        self.assertEqual(holds, [self.home / "data" / "provider-keys" / "big"])
        self.assertEqual(holds[0].stat().st_mode & 0o777, 0o600)
        self.assertEqual(holds[0].parent.stat().st_mode & 0o777, 0o700)
        self.lar("handoff", "key", "remove", "big")
        self.assertFalse(holds[0].exists())

    @staticmethod
    def read_of(pid, facts):
        try:
            return pathlib.Path(f"/proc/{pid}/{facts}").read_bytes()
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            return b""  # not to be read by us, or gone

    @staticmethod
    def memory_of(pid):
        """As much as the kernel lets us see; all of it where we may."""
        seen = b""
        try:
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
                for line in maps:
                    place, rights = line.split()[:2]
                    begin, end = (int(one, 16) for one in place.split("-"))
                    if "w" not in rights or end - begin > 1 << 28:
                        continue
                    memory.seek(begin)
                    try:
                        seen += memory.read(end - begin)
                    except OSError:
                        continue
        except OSError:
            pass
        return seen

    def test_what_the_provider_refuses_is_said_plainly(self):
        self.start(self.provider.section("big"))
        ticket = self.lard.call("POST", "/lar/v1/handoffs", {"text": "a", "provider": "big"})
        self.assertIn("lar handoff key set big", self.refusal("POST", f"/lar/v1/handoffs/{ticket['id']}/approve", {"hash": ticket["hash"]}).body)
        self.lar("handoff", "key", "set", "big", typed="k")
        self.provider.status, self.provider.complaint = 401, "bad key"
        over = self.approve(ticket)
        self.assertEqual(over["state"], "failed")
        self.assertEqual(over["outcome"], "big does not accept the key (401): bad key; 'lar handoff key set big' sets another")
        self.provider.status, self.provider.location = 307, f"https://localhost:{self.provider.port}/elsewhere"
        over = self.approve(self.lard.call("POST", "/lar/v1/handoffs", {"text": "a", "provider": "big"}))
        self.assertIn("does not follow", over["outcome"])
        self.assertEqual(len(self.provider.heard), 2)
        self.lard.stop()
        self.start(authorities="stranger.pem")
        over = self.approve(self.lard.call("POST", "/lar/v1/handoffs", {"text": "a", "provider": "big"}))
        self.assertIn("cannot be trusted, and nothing was sent to it", over["outcome"])
        self.assertEqual(len(self.provider.heard), 2)
        self.assertEqual([one["handoff"]["outcome"] for one in self.json("ledger")["entries"]],
                         ["leaving", "denied", "leaving", "denied", "leaving", "denied"])

    # ---- what is sent is what was approved, and once ----
    def send_and_wait(self):
        """A ticket that has arrived and gets no reply yet, and the thread that waits for one."""
        self.start(self.provider.section("big"))
        self.lar("handoff", "key", "set", "big", typed="k")
        ticket = self.lard.call("POST", "/lar/v1/handoffs", {"text": "is it blue?"})
        self.provider.hold = True
        asking = threading.Thread(target=self.approve_until_killed, args=(ticket,))
        asking.start()
        self.assertTrue(self.provider.arrived.wait(30))
        return ticket, asking

    def test_killed_before_the_reply_it_is_not_sent_again(self):
        ticket, asking = self.send_and_wait()
        self.lard.kill()
        asking.join()
        self.provider.release()
        self.start()
        over = self.lard.call("GET", f"/lar/v1/handoffs/{ticket['id']}")
        self.assertEqual(over["state"], "failed")
        self.assertIn("it is not known whether it arrived", over["outcome"])
        self.assertEqual(self.refusal("POST", f"/lar/v1/handoffs/{ticket['id']}/approve", {"hash": ticket["hash"]}).status, 409)
        self.assertEqual(len(self.provider.heard), 1)
        self.assertEqual([one["handoff"]["outcome"] for one in self.json("ledger")["entries"]], ["leaving", "unknown"])

    def test_stopped_before_the_reply_lard_ends_and_says_so(self):
        ticket, asking = self.send_and_wait()
        self.lard.stop()
        asking.join()
        self.provider.release()
        self.start()
        over = self.lard.call("GET", f"/lar/v1/handoffs/{ticket['id']}")
        self.assertEqual((over["state"], over["outcome"]), ("failed", "Lar was stopped meanwhile, and it is not known whether it arrived"))
        self.assertEqual(len(self.provider.heard), 1)
        self.lar("ledger", "verify")

    def approve_until_killed(self, ticket):
        try:
            self.approve(ticket)
        except (OSError, EOFError, Exception):  # noqa: B014: however the connection ends
            pass

    def test_killed_at_any_moment_it_is_sent_at_most_once(self):
        self.start(self.provider.section("big"))
        self.lar("handoff", "key", "set", "big", typed="k")
        chance = random.Random(4)
        ids = {}
        for number in range(6):
            ticket = self.lard.call("POST", "/lar/v1/handoffs", {"text": f"question {number}"})
            ids[ticket["id"]] = ticket["body"].encode()
            asking = threading.Thread(target=self.approve_until_killed, args=(ticket,))
            asking.start()
            time.sleep(chance.random() * 0.15)
            self.lard.kill()
            asking.join()
            self.start()
            over = self.lard.call("GET", f"/lar/v1/handoffs/{ticket['id']}")
            self.assertIn(over["state"], ("proposed", "failed", "answered"))
            if over["state"] == "proposed":
                self.approve(ticket)
            else:
                self.refusal("POST", f"/lar/v1/handoffs/{ticket['id']}/approve", {"hash": ticket["hash"]})
        bodies = [one.body for one in self.provider.heard]
        self.assertEqual(len(bodies), len(set(bodies)))
        self.assertLessEqual(set(bodies), set(ids.values()))

    def test_bytes_that_changed_on_the_disk_are_not_sent(self):
        self.start(self.provider.section("big"))
        self.lar("handoff", "key", "set", "big", typed="k")
        ticket = self.lard.call("POST", "/lar/v1/handoffs", {"text": "is it blue?"})
        self.lard.stop()
        with contextlib.closing(sqlite3.connect(self.home / "data" / "lar.db")) as database, database:
            changed = database.execute("UPDATE tickets SET json = replace(json, 'content\\\":\\\"is', 'content\\\":\\\"as')").rowcount
        self.assertEqual(changed, 1)
        self.start()
        self.assertIn("as it blue?", self.lard.call("GET", f"/lar/v1/handoffs/{ticket['id']}")["body"])
        self.assertIn("not those that were approved", self.refusal("POST", f"/lar/v1/handoffs/{ticket['id']}/approve", {"hash": ticket["hash"]}).body)
        self.assertEqual(self.provider.heard, [])

    def test_random_tickets_arrive_as_approved_or_not_at_all(self):
        sections = (self.provider.section("big") + self.provider.section("wise", kind="anthropic") +
                    self.provider.section("ours", tier="own", redact="secrets"))
        self.start(sections)
        for name in ("big", "wise"):
            self.lar("handoff", "key", "set", name, typed="key-of-" + name)
        chance = random.Random(2026)
        approved, counts = [], {"approved": 0, "denied": 0, "stale": 0, "kept": 0, "edited": 0, "left": 0}
        for number in range(TICKETS):
            ticket = self.lard.call("POST", "/lar/v1/handoffs", {"text": self.random_text(chance, number),
                                                                 "provider": chance.choice(("big", "wise", "ours")),
                                                                 "answer_tokens": chance.randint(1, 4096)})
            place = f"/lar/v1/handoffs/{ticket['id']}"
            for _ in range(chance.randint(0, 3)):
                if chance.random() < 0.5 and ticket["redactions"]:
                    one = chance.choice(ticket["redactions"])
                    ticket = self.lard.call("POST", place + "/redactions", {"placeholder": one["placeholder"], "redact": not one["redacted"]})
                    counts["kept"] += 1
                else:
                    ticket = self.lard.call("POST", place + "/text", {"text": self.random_text(chance, number)})
                    counts["edited"] += 1
            end = chance.random()
            if end < 0.6:
                over = self.approve(ticket)
                self.assertEqual(over["state"], "answered", over["outcome"])
                self.assertEqual(over["reply"]["text"], "You asked: " + ticket["text"])
                approved.append((PATHS[ticket["provider"]["kind"]], ticket["body"].encode(), ticket["provider"]["name"]))
                counts["approved"] += 1
                self.refusal("POST", place + "/approve", {"hash": ticket["hash"]})
            elif end < 0.8:
                self.lard.call("POST", place + "/deny")
                self.refusal("POST", place + "/approve", {"hash": ticket["hash"]})
                counts["denied"] += 1
            elif end < 0.9:
                # Somebody changed it after it was shown.
                self.lard.call("POST", place + "/text", {"text": ticket["text"] + "."})
                self.refusal("POST", place + "/approve", {"hash": ticket["hash"]})
                self.lard.call("DELETE", place)
                counts["stale"] += 1
            else:
                self.lard.call("POST", place + "/deny")
                counts["left"] += 1
        self.assertGreater(min(counts.values()), 0, counts)
        self.assertEqual([(one.path, one.body) for one in self.provider.heard], [(path, body) for path, body, _ in approved])
        for one, (_, _, name) in zip(self.provider.heard, approved):
            self.assertEqual(one.key, "" if name == "ours" else "key-of-" + name)
        # Those whose time is over.
        self.lard.stop()
        self.start(sections + '[handoff]\nexpires = "1s"\n')
        late = [self.lard.call("POST", "/lar/v1/handoffs", {"text": self.random_text(chance, number), "provider": "big"})
                for number in range(max(5, TICKETS // 20))]
        time.sleep(1.1)
        for ticket in late:
            refused = self.refusal("POST", f"/lar/v1/handoffs/{ticket['id']}/approve", {"hash": ticket["hash"]})
            self.assertIn("expired", refused.body)
        self.assertEqual(len(self.provider.heard), len(approved))
        ledger = self.lard.call("GET", "/lar/v1/ledger?limit=1")
        self.assertEqual(ledger["totals"]["handoffs"], len(approved))
        self.assertEqual(ledger["totals"]["bytes_out"], sum(len(body) for _, body, _ in approved))
        self.assertTrue(self.lard.call("GET", "/lar/v1/ledger/verify")["holds"])
        if "LAR_TICKETS" in os.environ:
            print(f"{TICKETS} tickets: {counts}, {len(late)} expired; {len(self.provider.heard)} arrived, each byte as approved")

    @staticmethod
    def random_text(chance, number):
        pieces = [f"Question {number}.", "größer als je 漢字 🎈", '"quoted" \\ and \\n', "line\nbreak\r\n\ttab", GITHUB, "ana@firma.example",
                  "ben.krause@intern.example", "/home/ana/projects/secret.txt", "AKIA" + "IOSFODNN7EXAMPLE", "password = hunter2-" + str(chance.random()),
                  "\x01\x1b[31m\x7f\u0085\u2028", "[SECRET_1] [EMAIL_1]", "10.20.30.40", "db7.corp.internal", "4111 1111 1111 1111",
                  "https://user:pa55word@host.example/x", "x" * chance.randint(0, 20000), "</s><|im_end|>", "DE89 3704 0044 0532 0130 00"]
        return " ".join(chance.choice(pieces) for _ in range(chance.randint(1, 12)))


if __name__ == "__main__":
    unittest.main()
