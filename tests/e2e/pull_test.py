#!/usr/bin/env python3
"""Pulling models with the real lard, real couriers and registries on loopback that misbehave in every way.

Run: pull_test.py [TEST...] with LAR_BIN naming the folder of the programs, among them write_tiny_model.
"""

import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
from daemon import Daemon, children  # noqa: E402
from proxy import Proxy  # noqa: E402
from registry import CERTIFICATES, PIECE, Registry, digest  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
KILLS = 6


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


class Pulling(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lar-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.lard = None
        self.settings = {"SSL_CERT_FILE": str(CERTIFICATES / "authority.pem")}

    def serve(self, **options):
        registry = Registry(**options)
        registry.__enter__()
        self.addCleanup(registry.__exit__)
        return registry

    def start(self, registry=None, hub=None, arguments=("--no-tcp",)):
        if registry:
            self.settings["LAR_REGISTRY"] = registry.address
        if hub:
            self.settings["LAR_HUB"] = hub.address
        self.lard = Daemon(BIN, home=str(self.home), environment=self.settings, arguments=arguments)
        self.addCleanup(self.lard.stop)
        self.lard.start()
        return self.lard

    def run_lar(self, *words):
        environment = dict(os.environ, LAR_HOME=str(self.home), HOME=str(self.folder))
        return subprocess.run([BIN / "lar", *words], env=environment, capture_output=True, text=True, timeout=120)

    def lar(self, *words):
        ended = self.run_lar(*words)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr + self.lard.log())
        return ended.stdout

    def refusal(self, *words):
        ended = self.run_lar(*words)
        self.assertNotEqual(ended.returncode, 0, ended.stdout)
        return ended.stderr

    def blob(self, name):
        return self.home / "data" / "models" / "blobs" / name.replace(":", "-")

    def partial(self, name):
        return self.home / "data" / "models" / "partial" / name.replace(":", "-")

    def assert_whole(self, name, data):
        self.assertEqual(hashlib.sha256(self.blob(name).read_bytes()).hexdigest(), digest(data)[7:])

    def tiny_model(self):
        made = subprocess.run([BIN / "write_tiny_model", self.folder], check=True, capture_output=True, text=True)
        return pathlib.Path(made.stdout.strip()).read_bytes()

    def test_a_pulled_model_answers(self):
        registry = self.serve()
        registry.add_model("library/tiny", "latest", {"model": self.tiny_model(), "params": b'{"num_predict":4}'})
        self.start(registry)
        self.assertIn("pulled tiny", self.lar("pull", "tiny"))
        self.assertIn("tiny:latest", self.lar("list"))
        answer = self.lard.call("POST", "/api/generate", {"model": "tiny", "prompt": "a", "stream": False})
        self.assertTrue(answer["done"])
        asked = len(registry.requests)
        self.lar("pull", "tiny")
        self.assertEqual(len(registry.requests), asked + 1, "what is there was fetched again")
        ledger = json.loads(self.lar("ledger", "--json"))
        fetched = [entry["download"] for entry in ledger["entries"] if entry["kind"] == "download"]
        self.assertEqual(len(fetched), asked + 1)
        self.assertEqual({entry["host"] for entry in fetched}, {"127.0.0.1"})
        self.assertEqual({entry["outcome"] for entry in fetched}, {"complete"})
        self.refusal("pull", "nobody-has-this")
        latest = json.loads(self.lar("ledger", "--json"))["entries"][-1]
        self.assertEqual(latest["download"]["outcome"], "answered with status 404")
        self.assertIn(digest(self.tiny_model())[7:], [entry["sha256"] for entry in fetched])
        self.assertTrue(json.loads(self.lar("ledger", "verify", "--json"))["holds"])

    def test_the_lines_are_those_of_ollama(self):
        registry = self.serve()
        model = noise(300_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        self.start(registry)
        lines = [json.loads(line) for line in self.lar("pull", "--json", "tiny").splitlines()]
        said = [line["status"] for line in lines]
        self.assertEqual(said[0], "pulling manifest")
        self.assertEqual(said[-3:], ["verifying sha256 digest", "writing manifest", "success"])
        of_model = [line for line in lines if line.get("digest") == name]
        self.assertEqual(of_model[0]["status"], "pulling " + name[7:19])
        self.assertEqual((of_model[-1]["total"], of_model[-1]["completed"]), (len(model), len(model)))
        self.assertEqual(self.lard.call("POST", "/api/pull", {"model": "tiny", "stream": False}), {"status": "success"})
        self.assertIn("other was not pulled: pull model manifest: file does not exist", self.refusal("pull", "other"))

    def test_a_secure_server_is_trusted_by_its_authority_alone(self):
        registry = self.serve(secure=True, host="localhost")
        name = registry.add_model("library/tiny", "latest", {"model": noise(100_000)})
        self.start(registry)
        self.lar("pull", "tiny")
        self.assert_whole(name, noise(100_000))
        self.lard.stop()
        asked = len(registry.requests)
        self.settings["SSL_CERT_FILE"] = str(CERTIFICATES / "stranger.pem")
        self.start(registry)
        self.assertIn("cannot be trusted", self.refusal("pull", "tiny"))
        self.assertEqual(len(registry.requests), asked, "a server that is not trusted was asked")
        self.lard.stop()
        self.settings["SSL_CERT_FILE"] = str(self.folder / "none.pem")
        self.start(registry)
        self.assertIn("certificate authorities", self.refusal("pull", "tiny"))
        self.assertEqual(len(registry.requests), asked)

    def test_a_proxy_leads_to_hosts_that_are_elsewhere_and_sees_nothing_of_what_goes_through(self):
        registry = self.serve(secure=True, certificate="proxied.pem")
        name = registry.add_model("library/tiny", "latest", {"model": noise(100_000)})
        registry.token = "a-token-of-the-registry"
        registry.realm = "https://models.test/token"
        proxy = Proxy({"models.test:443": registry.port})
        proxy.__enter__()
        self.addCleanup(proxy.__exit__)
        self.settings |= {"SSL_CERT_FILE": str(CERTIFICATES / "proxied.pem"), "LAR_PROXY": proxy.address,
                          "LAR_REGISTRY": "https://models.test"}
        self.start()
        self.lar("pull", "tiny")
        self.assert_whole(name, noise(100_000))
        self.assertTrue(all(head.startswith("CONNECT models.test:443 HTTP/1.1\r\n") for head in proxy.heads), proxy.heads)
        said = "".join(proxy.heads).encode() + proxy.passed
        for secret in (b"a-token-of-the-registry", b"Authorization", b"library/tiny"):
            self.assertNotIn(secret, said)
        self.assertIn("through the proxy", self.refusal("pull", "other.test/library/tiny"))
        asked = len(proxy.heads)
        self.assertIn("cannot be trusted", self.refusal("pull", f"127.0.0.1:{registry.port}/library/tiny"))
        self.assertEqual(len(proxy.heads), asked, "this machine was asked for by way of the proxy")

    def test_what_was_cut_goes_on_where_it_stopped(self):
        registry = self.serve()
        model = noise(1_000_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        registry.cut_after = 300_000
        self.start(registry)
        self.lar("pull", "tiny")
        self.assert_whole(name, model)
        begins = [headers.get("Range") for path, headers in registry.blob_requests() if path.endswith(name)]
        self.assertEqual(begins, [None, "bytes=300000-", "bytes=600000-", "bytes=900000-"])

    def test_a_server_without_ranges_sends_it_anew(self):
        registry = self.serve()
        model = noise(1_000_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        registry.cut_after = 900_000
        registry.ranges = False
        self.start(registry)
        self.assertIn("goes on from there", self.refusal("pull", "tiny"))
        registry.cut_after = None
        self.lar("pull", "tiny")
        self.assert_whole(name, model)

    def test_killed_at_any_moment_nothing_is_lost(self):
        registry = self.serve()
        model = noise(3_000_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        registry.slow_s = 0.004
        there = 0
        for kill in range(KILLS):
            self.start(registry)
            pulling = subprocess.Popen([BIN / "lar", "pull", "tiny"], env=dict(os.environ, LAR_HOME=str(self.home)),
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.Random(kill).uniform(0.02, 0.4))
            below = children(self.lard.process.pid)
            self.lard.kill()
            pulling.wait(30)
            deadline = time.monotonic() + 10
            while any(pathlib.Path(f"/proc/{pid}").exists() and program == "lar-courier" for pid, program in below.items()):
                self.assertLess(time.monotonic(), deadline, "a courier outlived lard")
                time.sleep(0.02)
            if self.partial(name).exists():
                self.assertGreaterEqual(self.partial(name).stat().st_size, there)
                there = self.partial(name).stat().st_size
                self.assertEqual(self.partial(name).read_bytes(), model[:there])
        registry.slow_s = 0
        sent = registry.bytes_out
        self.start(registry)
        self.lar("pull", "tiny")
        self.assert_whole(name, model)
        self.assertLessEqual(registry.bytes_out - sent, len(model) - there + 1000, "what was there was fetched again")

    def test_whoever_interrupts_it_can_go_on(self):
        registry = self.serve()
        model = noise(2_000_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        registry.slow_s = 0.02
        self.start(registry)
        pulling = subprocess.Popen([BIN / "lar", "pull", "tiny"], env=dict(os.environ, LAR_HOME=str(self.home)),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while not (self.partial(name).exists() and self.partial(name).stat().st_size > 5 * PIECE):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        pulling.send_signal(signal.SIGINT)
        self.assertIn(b"`lar pull tiny` goes on where it stopped", pulling.communicate(timeout=30)[1])
        while "lar-courier" in children(self.lard.process.pid).values():
            self.assertLess(time.monotonic(), deadline, "the courier goes on for nobody")
            time.sleep(0.05)
        there = self.partial(name).stat().st_size
        self.assertLess(there, len(model))
        registry.slow_s = 0
        self.lar("pull", "tiny")
        self.assertIn(f"bytes={there}-", [headers.get("Range") for _, headers in registry.blob_requests()])
        self.assert_whole(name, model)

    def test_other_bytes_than_promised_are_removed_and_said(self):
        registry = self.serve()
        model = noise(200_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        registry.wrong = True
        self.start(registry)
        self.assertIn("digest mismatch, file must be downloaded again", self.refusal("pull", "tiny"))
        self.assertFalse(self.partial(name).exists())
        self.assertFalse(self.blob(name).exists())
        self.assertNotIn("tiny", self.lar("list"))
        registry.wrong = False
        registry.extra = b"more"
        self.assertIn("sends more than", self.refusal("pull", "tiny"))
        self.assertFalse(self.blob(name).exists())
        registry.extra = b""
        self.lar("pull", "tiny")
        self.assert_whole(name, model)

    def test_a_token_goes_to_the_registry_and_not_to_where_it_sends_on(self):
        registry, storage = self.serve(), self.serve()
        model = noise(200_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        storage.blobs.update(registry.blobs)
        registry.token = "t0ken"
        registry.redirect_to = storage.address
        self.start(registry)
        self.lar("pull", "tiny")
        self.assert_whole(name, model)
        self.assertEqual(len(storage.requests), 2)
        for _, headers in storage.requests:
            self.assertNotIn("Authorization", headers)
        self.assertIn(f":{storage.port} ", self.lard.log(), "the log does not name every server")

    def test_a_manifest_may_not_name_files_of_this_machine(self):
        registry = self.serve()
        registry.add_model("library/tiny", "latest", {"model": noise(1000)},
                           annotations={"lar.path": "/etc/passwd", "lar.modified_ns": "1"})
        self.start(registry)
        self.assertIn("cannot know", self.refusal("pull", "tiny"))
        self.assertEqual(registry.blob_requests(), [])

    def test_another_server_is_for_those_who_may_read_the_users_files(self):
        registry = self.serve()
        name = registry.add_model("ana/tiny", "v1", {"model": noise(1000)})
        self.start()
        self.lar("pull", "--insecure", f"{registry.authority}/ana/tiny:v1")
        self.assert_whole(name, noise(1000))
        self.assertIn("cannot be trusted", self.refusal("pull", f"{registry.authority}/ana/tiny:v1"))

    def test_a_repository_of_the_hub_becomes_a_model(self):
        hub = self.serve()
        model = self.tiny_model()
        other = noise(50_000)
        hub.add_repository("ana/tiny-GGUF", {"tiny-Q8_0.gguf": model, "tiny-Q4_K_M.gguf": other, "mmproj-f16.gguf": other})
        self.start(hub=hub)
        self.assertIn("Q4_K_M, Q8_0", self.refusal("pull", "hf:ana/tiny-GGUF:Q2_K"))
        self.lar("pull", "hf:ana/tiny-GGUF:Q8_0")
        self.assert_whole(digest(model), model)
        answer = self.lard.call("POST", "/api/generate", {"model": "hf:ana/tiny-GGUF:Q8_0", "prompt": "a", "stream": False,
                                                          "options": {"num_predict": 3}})
        self.assertTrue(answer["done"])

    def test_two_who_pull_the_same_fetch_it_once(self):
        registry = self.serve()
        model = noise(1_000_000)
        name = registry.add_model("library/tiny", "latest", {"model": model})
        registry.slow_s = 0.005
        self.start(registry)
        environment = dict(os.environ, LAR_HOME=str(self.home))
        both = [subprocess.Popen([BIN / "lar", "pull", "tiny"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for _ in range(2)]
        for one in both:
            _, err = one.communicate(timeout=60)
            self.assertEqual(one.returncode, 0, err)
        self.assert_whole(name, model)
        self.assertEqual(len([path for path, _ in registry.blob_requests() if path.endswith(name)]), 1)

    def test_a_health_check_is_answered_meanwhile(self):
        registry = self.serve()
        registry.add_model("library/tiny", "latest", {"model": noise(2_000_000)})
        registry.slow_s = 0.01
        self.start(registry)
        pulling = subprocess.Popen([BIN / "lar", "pull", "tiny"], env=dict(os.environ, LAR_HOME=str(self.home)),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        names = set()
        while pulling.poll() is None:
            names |= {one["name"] for one in self.lard.call("GET", "/lar/v1/status")["processes"]}
            time.sleep(0.05)
        self.assertEqual(pulling.returncode, 0)
        self.assertIn("lar-courier", names)


if __name__ == "__main__":
    unittest.main()
