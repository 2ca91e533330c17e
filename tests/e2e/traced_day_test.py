#!/usr/bin/env python3
"""A day with Lar under a trace of its system calls: no process of it ever names an address beyond this machine.

lard runs under strace with everything that it starts, and so does every command. The day has files, a repository and
documents, questions, chats with a model, other programs' APIs, a model that is pulled, a hand-off, what fails, and the end. Run: traced_day_test.py with
LAR_BIN naming the folder of the programs, among them write_tiny_model.
"""

import http.client
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
import outbound  # noqa: E402
import trace  # noqa: E402
from daemon import Daemon  # noqa: E402
from own_home import OwnHome  # noqa: E402
from provider import CERTIFICATES, Provider  # noqa: E402
from registry import Registry  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
OK, ERROR, USAGE, NOT_FOUND = range(4)


@unittest.skipUnless(trace.works(), "strace cannot look at processes here")
class TracedDay(OwnHome):
    def setUp(self):
        super().setUp()
        self.environment["EDITOR"] = "true"
        self.traces = []
        self.registry = Registry()
        self.registry.__enter__()
        self.addCleanup(self.registry.__exit__)
        self.provider = Provider()
        self.provider.__enter__()
        self.addCleanup(self.provider.__exit__)
        (self.home / "config" / "config.toml").write_text(self.provider.section("big"))
        self.lard = Daemon(BIN, home=str(self.home), arguments=("--port", str(self.free_port())), around=self.traced,
                           environment={"LAR_REGISTRY": self.registry.address, "LAR_HUB": self.registry.address,
                                        "SSL_CERT_FILE": str(CERTIFICATES / "authority.pem")})
        self.addCleanup(self.lard.stop)
        self.lard.start(60)

    def free_port(self):
        import socket
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        return self.port

    def traced(self, command):
        self.traces.append(str(self.folder / f"trace-{len(self.traces)}"))
        return outbound.around([str(word) for word in command], self.traces[-1])

    def lar(self, *words, ends=OK, typed=""):
        """`ends` None: however it ends, as with a model whose weights are noise."""
        ended = subprocess.run(self.traced([BIN / "lar", *words]), env=self.environment, capture_output=True, text=True,
                               input=typed, timeout=300)
        self.assertIn(ended.returncode, (OK, ERROR) if ends is None else (ends,), f"lar {words}: {ended.stdout}{ended.stderr}")
        return ended.stdout

    def http(self, method, path, body=None, status=200):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        token = (self.home / "data" / "token").read_text()
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.assertEqual(answer.status, status, text)

    def git(self, *words):
        subprocess.run(["git", "-C", self.project, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", *words], check=True,
                       capture_output=True)

    def sources(self):
        self.project = self.folder / "project"
        self.project.mkdir()
        self.git("init", "-q")
        (self.project / "pool.md").write_text("# Pool\n\nThe connection pool holds twenty connections. See https://pool.example.org/limits\n")
        (self.project / "page.html").write_text('<html><body><p>A page about retries.</p><img src="http://192.0.2.7/seen.png"></body></html>')
        self.git("remote", "add", "origin", "https://git.example.org/project.git")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "the pool holds twenty")
        (self.project / "pool.md").write_text("# Pool\n\nThe connection pool holds thirty connections now.\n")

    def test_nobody_outside_is_ever_named(self):
        self.sources()
        made = subprocess.run([BIN / "write_tiny_model", self.folder], check=True, capture_output=True, text=True)
        self.lar("add", self.project)
        recipe = self.folder / "Modelfile"
        recipe.write_text(f"FROM {made.stdout.strip()}\nPARAMETER num_predict 8\n")
        self.lar("create", "tiny", "--file", recipe)
        self.lar("ask", "how many connections does the connection pool hold?")
        self.lar("ask", "--no-model", "--explain", "--since", "2d", "how many connections does the pool hold now?")
        self.lar("search", "retries")
        self.lar("chat", "tiny", typed="how many connections?\n", ends=None)
        self.lar("run", "tiny", "hello", ends=None)
        self.lar("run", "nobody/has-this", "hello", ends=ERROR)
        # The one who may go out, to the one host that it was sent to.
        self.registry.add_model("library/small", "latest", {"model": pathlib.Path(made.stdout.strip()).read_bytes()})
        self.lar("pull", "small")
        self.lar("pull", "nobody-has-this", ends=ERROR)
        # A hand-off leaves when it is approved, and no sooner.
        self.lar("handoff", "key", "set", "big", typed="sk-traced\n")
        self.lar("handoff", "propose", "how many connections does the connection pool hold?")
        self.lar("handoff", "edit", "last", typed="how many connections?\n")
        self.assertEqual(self.provider.heard, [])
        ticket = json.loads(self.lar("handoff", "show", "last", "--json"))
        self.assertIn("how many connections?", self.lar("handoff", "approve", "last", "--hash", ticket["hash"]))
        self.assertEqual([one.body for one in self.provider.heard], [ticket["body"].encode()])
        self.lar("handoff")
        self.lar("open", "1")
        self.lar("answers")
        (self.project / "more.md").write_text("Saved while it watches.\n")
        self.lar("sync")
        for verb in ("sources", "status", "doctor", "list", "ps", "chats", "jobs"):
            self.lar(verb)
        self.lar("export", self.folder / "export")
        # Other programs, and addresses that somebody hopes to have fetched.
        self.http("POST", "/api/chat", {"model": "tiny", "messages": [{"role": "user", "content": "hi"}], "stream": False, "options": {"num_predict": 4}})
        self.http("POST", "/v1/chat/completions", {"model": "tiny", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 4})
        self.http("POST", "/v1/chat/completions", status=400, body={
            "model": "tiny", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://192.0.2.7/a.png"}}]}]})
        self.http("POST", "/lar/v1/sources", {"location": "https://git.example.org/project.git"}, status=400)
        self.http("POST", "/lar/v1/ask", {"question": "how many connections?", "stream": False})
        self.lar("forget", "project", "--yes", "--prove")
        self.lar("rm", "tiny")
        self.lar("shutdown")
        deadline = time.monotonic() + 30
        while self.lard.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)

        tried = outbound.read(*self.traces)
        self.assertEqual(tried.outside, [])
        self.assertEqual(tried.rings, [])
        # The trace saw them all, and that lard listens.
        self.assertLessEqual({"lard", "lar", "lar-spawner", "lar-reader", "lar-engine"}, tried.programs)
        self.assertIn("AF_INET", tried.sockets["lard"])
        self.assertEqual(tried.sockets["lar"] - {"AF_UNIX"}, set())
        for worker in ("lar-spawner", "lar-reader", "lar-engine"):
            self.assertEqual(tried.sockets[worker], set(), worker)
        self.assertIn("lar-courier", tried.programs)
        self.assertGreater(len(self.registry.requests), 1)
        # Couriers went where they were sent, and nowhere else.
        self.assertLessEqual(tried.ports["lar-courier"], {self.registry.port, self.provider.port})
        self.assertIn(self.provider.port, tried.ports["lar-courier"])
        # Nobody but couriers, and lard that listens, named an address at all.
        self.assertEqual({name for name, families in tried.reached.items() if families - {"AF_UNIX", "AF_UNSPEC"}} - {"lar-courier", "lard"}, set())

    def test_the_trace_would_see_it(self):
        self.lard.stop()
        subprocess.run(self.traced(["python3", "-c",
                                    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setblocking(False)\n"
                                    "try: s.sendto(b'x', ('192.0.2.1', 9))\nexcept OSError: pass"]), check=True)
        self.assertEqual(len(outbound.read(self.traces[-1]).outside), 1)


if __name__ == "__main__":
    unittest.main()
