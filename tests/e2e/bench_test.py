#!/usr/bin/env python3
"""lar bench against a small server that speaks OpenAI's API from a script: what is counted, refused and printed.

No time is asserted. Run: bench_test.py [TEST...] with LAR_BIN naming the folder of the programs.
"""

import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from own_home import OwnHome  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
OK, ERROR, USAGE = range(3)
TEMPLATE_TOKENS = 5  # what the server adds to each message
# Of each side: the two that size prompts (one, for the second side), then three for each conversation.
SMALL = ["--prompt-tokens", "40", "--tokens", "6", "--depth", "0,20", "--concurrency", "1,3", "--repeat", "2", "--warmup", "1"]


class Server(http.server.ThreadingHTTPServer):
    """Answers with as many words as were asked for; a word of the prompt is a token. What is set here it does wrong."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, **script):
        super().__init__(("127.0.0.1", 0), Handler)
        self.models = ["tiny"]
        self.key = None
        self.usage = True
        self.refuses_ignore_eos = False
        self.breaks_at = None  # the request after which every answer breaks off
        self.breaks_with = "error"
        self.ignores_max_tokens = False
        self.streams = True
        self.refuses = None  # (status, body) to every chat
        self.hangs_at = None
        self.pause = 0.002  # seconds before each word: an answer that arrives in one go has no rate
        self.__dict__.update(script)
        self.lock = threading.Lock()
        self.requests = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def json(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunk(self, text):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text.encode()), text.encode()))

    def event(self, value):
        self.chunk(f"data: {json.dumps(value)}\n\n")

    def refused(self):
        if self.server.key is not None and self.headers["Authorization"] != f"Bearer {self.server.key}":
            self.json(401, {"error": {"message": "wrong key"}})
            return True
        return False

    def do_GET(self):
        if self.refused():
            return
        if self.path == "/v1/models":
            self.json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.server.models]})
        else:
            self.json(404, {"detail": "Not Found"})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        if self.refused():
            return
        if self.path != "/v1/chat/completions":
            return self.json(404, {"detail": "Not Found"})
        if server.refuses:
            return self.json(*server.refuses)
        if server.refuses_ignore_eos and "ignore_eos" in request:
            return self.json(400, {"error": {"message": "Unrecognized request argument supplied: ignore_eos"}})
        with server.lock:
            server.requests.append(request)
            number = len(server.requests)
        if server.hangs_at is not None and number > server.hangs_at:
            time.sleep(60)
        if not server.streams:
            return self.json(200, {"choices": [{"message": {"content": "hello"}}]})
        self.answer(request, server.breaks_at is not None and number > server.breaks_at)

    def answer(self, request, breaks):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}, "finish_reason": None}]})
        count = request["max_tokens"] * (100 if self.server.ignores_max_tokens else 1)
        try:
            for i in range(count):
                time.sleep(self.server.pause)
                self.event({"choices": [{"index": 0, "delta": {"content": f"word{i} "}, "finish_reason": None}]})
                if breaks and self.server.breaks_with == "error":
                    return self.event({"error": {"message": "the kettle is empty"}})
                if breaks:
                    self.close_connection = True
                    return self.connection.shutdown(2)
            self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]})
            if self.server.usage:
                prompt = sum(TEMPLATE_TOKENS + len(message["content"].split()) for message in request["messages"])
                self.event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": count}})
            self.chunk("data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass  # the client has heard enough


class Bench(OwnHome):
    def serve(self, **script):
        server = Server(**script)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def bench(self, *words, ends=OK):
        ended = subprocess.run([BIN / "lar", "bench", *map(str, words)], env=self.environment, capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, timeout=120)
        self.assertEqual(ended.returncode, ends, f"{words}: {ended.stdout}{ended.stderr}")
        self.err = ended.stderr
        return ended.stdout

    def test_a_server_is_asked_what_was_promised_and_reported(self):
        server = self.serve()
        report = json.loads(self.bench("--url", server.url, *SMALL, "--json"))
        self.assertTrue(report["complete"])
        self.assertEqual(report["settings"]["depth"], [0, 20])
        measured = report["servers"][0]
        self.assertEqual((measured["url"], measured["model"], measured["notes"]), (server.url, "tiny", []))
        self.assertEqual([(row["depth"], row["prompt_tokens"], row["tokens"]) for row in measured["depths"]], [(0, 40, 6), (20, 60, 6)])
        for row in measured["depths"]:
            self.assertEqual({name: len(values) for name, values in row["samples"].items()},
                             dict.fromkeys(["prefill_tokens_per_second", "decode_tokens_per_second", "ttft_cold_ms", "ttft_warm_ms",
                                            "ttft_turn_ms"], 2))
            for figure in ("prefill_tokens_per_second", "decode_tokens_per_second", "ttft_cold_ms", "ttft_warm_ms", "ttft_turn_ms",
                           "inter_token_p50_ms", "inter_token_p95_ms"):
                self.assertGreater(row[figure], 0, figure)
        self.assertEqual([(row["clients"], row["requests"], row["tokens"]) for row in measured["concurrency"]], [(1, 2, 12), (3, 3, 18)])
        self.assertNotIn("ratios", report)
        # Two that size prompts, a conversation to warm up, two at each of two depths, and the clients.
        self.assertEqual(len(server.requests), 2 + 3 + 2 * 2 * 3 + 2 + 3)
        for request in server.requests:
            self.assertTrue(request["stream"] and request["stream_options"]["include_usage"] and request["ignore_eos"])
            self.assertEqual((request["model"], request["temperature"]), ("tiny", 0))

    def test_what_is_cold_is_new_what_is_warm_is_the_same_and_a_turn_goes_on(self):
        server = self.serve()
        self.bench("--url", server.url, *SMALL)
        talks = server.requests[2:2 + 5 * 3]
        beginnings = set()
        for cold, warm, turn in zip(talks[0::3], talks[1::3], talks[2::3]):
            self.assertEqual(cold["messages"], warm["messages"])
            self.assertEqual(turn["messages"][0], cold["messages"][0])
            self.assertEqual([message["role"] for message in turn["messages"]], ["user", "assistant", "user"])
            self.assertTrue(turn["messages"][1]["content"].startswith("word0 word1"), "the server's own words")
            self.assertEqual(len(turn["messages"][2]["content"].split()), 30)
            beginnings.add(" ".join(cold["messages"][0]["content"].split()[:8]))
        for request in server.requests[2 + 5 * 3:]:
            beginnings.add(" ".join(request["messages"][0]["content"].split()[:8]))
        self.assertEqual(len(beginnings), 5 + 5, "no two prompts begin alike")

    def test_two_servers_take_turns(self):
        first, second = self.serve(), self.serve(models=["other"])
        picture = self.folder / "picture.svg"
        report = json.loads(self.bench("--url", first.url, "--compare", second.url, *SMALL, "--json", "--svg", picture))
        self.assertEqual([server["model"] for server in report["servers"]], ["tiny", "other"])
        self.assertEqual([row["depth"] for row in report["ratios"]["depths"]], [0, 20])
        self.assertEqual([row["clients"] for row in report["ratios"]["concurrency"]], [1, 3])
        self.assertGreater(report["ratios"]["depths"][0]["decode"], 0)
        self.assertEqual(len(first.requests), len(second.requests) + 1, "the first alone sizes prompts, for both")
        self.assertEqual(xml.etree.ElementTree.parse(picture).getroot().tag, "{http://www.w3.org/2000/svg}svg")
        table = self.bench("--url", first.url, "--compare", second.url, *SMALL)
        self.assertIn("A÷B", table)
        self.assertEqual(self.err, "", "quiet where there is no terminal")

    def test_where_a_server_counts_nothing_pieces_are_counted_and_it_is_said(self):
        report = json.loads(self.bench("--url", self.serve(usage=False).url, *SMALL, "--json"))["servers"][0]
        self.assertIn("sends no usage", report["notes"][0])
        self.assertEqual(report["depths"][0]["tokens"], 6)
        self.assertNotIn("prefill_tokens_per_second", report["depths"][0])

    def test_what_a_server_does_not_take_is_left_out_and_said(self):
        server = self.serve(refuses_ignore_eos=True)
        self.assertIn("does not take ignore_eos", self.bench("--url", server.url, *SMALL))
        self.assertFalse(any("ignore_eos" in request for request in server.requests))

    def test_a_key_comes_from_the_environment_and_goes_only_where_it_belongs(self):
        server = self.serve(key="s3cret")
        self.bench("--url", server.url, *SMALL, ends=ERROR)
        self.assertIn("401", self.err)
        self.assertIn("--api-key-env", self.err)
        self.environment["BENCH_KEY"] = "s3cret"
        self.bench("--url", server.url, "--api-key-env", "BENCH_KEY", *SMALL)
        self.environment["BENCH_KEY"] = "wrong"
        self.bench("--url", server.url, "--api-key-env", "BENCH_KEY", *SMALL, ends=ERROR)
        self.assertIn("the key came from $BENCH_KEY", self.err)
        self.assertNotIn("wrong\n", self.err.replace("wrong key", ""))
        self.bench("--url", server.url, "--api-key-env", "NO_SUCH_KEY", *SMALL, ends=USAGE)
        self.environment["BENCH_KEY"] = "s3cret"
        self.bench("--url", server.url, "--compare", server.url, "--api-key-env", "BENCH_KEY", *SMALL, ends=ERROR)
        self.bench("--url", server.url, "--compare", server.url, "--api-key-env", "BENCH_KEY", "--api-key-env", "BENCH_KEY", *SMALL)

    def test_models_are_named_as_the_server_names_them(self):
        server = self.serve(models=["small", "large:latest"])
        self.bench("--url", server.url, *SMALL, ends=ERROR)
        self.assertIn("several models", self.err)
        self.assertIn("small, large:latest", self.err)
        self.bench("--url", server.url, "--model", "huge", *SMALL, ends=ERROR)
        self.assertIn("no model 'huge'", self.err)
        self.bench("--url", server.url, "--model", "large", *SMALL)
        self.bench("--url", self.serve(models=[]).url, *SMALL, ends=ERROR)
        self.assertIn("has no model", self.err)

    def test_every_failure_is_a_sentence(self):
        nobody = self.serve()
        nobody.shutdown()
        nobody.server_close()
        for script, said in [({"refuses": (404, {"error": {"message": "model not found"}})}, "model not found"),
                             ({"refuses": (400, {"error": "the context is 512 tokens"})}, "choose smaller --prompt-tokens"),
                             ({"refuses": (503, {"message": "overloaded"})}, "smaller --concurrency"),
                             ({"refuses": (500, "")}, "(500)"),
                             ({"streams": False}, "answered in one piece"),
                             ({"ignores_max_tokens": True}, "does not heed max_tokens"),
                             ({"breaks_at": 0}, "the kettle is empty"),
                             ({"breaks_at": 0, "breaks_with": "silence"}, "in the middle of an answer")]:
            with self.subTest(script=script):
                self.assertEqual(self.bench("--url", self.serve(**script).url, *SMALL, ends=ERROR), "")
                self.assertIn(said, self.err)
                self.assertNotIn("Lar", self.err)
        self.bench("--url", nobody.url, *SMALL, ends=ERROR)
        self.assertIn(f"nobody answers at {nobody.url[7:-3]} (Connection refused)", self.err)
        self.bench("--url", nobody.url.replace("127.0.0.1", "no-such-machine.invalid"), *SMALL, ends=ERROR)
        self.assertIn("no-such-machine.invalid", self.err)
        self.bench("--url", self.serve().url + "/elsewhere", *SMALL, ends=ERROR)
        self.assertIn("It usually ends in /v1", self.err)
        self.bench("--url", nobody.url.replace("http", "https"), ends=USAGE)
        self.assertIn("no TLS", self.err)
        self.bench("--url", nobody.url, "--depth", "many", "--json", ends=USAGE)
        self.assertEqual(json.loads(self.err)["error"]["code"], "invalid")

    def test_what_was_measured_before_a_failure_is_kept(self):
        server = self.serve(breaks_at=2 + 3 + 2 * 3)
        report = json.loads(self.bench("--url", server.url, *SMALL, "--json", ends=ERROR))
        self.assertFalse(report["complete"])
        self.assertEqual([row["depth"] for row in report["servers"][0]["depths"]], [0])
        self.assertEqual(report["servers"][0]["concurrency"], [])
        self.assertIn("the kettle is empty", json.loads(self.err)["error"]["message"])
        crowded = self.serve(breaks_at=2 + 3 + 2 * 2 * 3 + 2)
        self.assertIn("clients", self.bench("--url", crowded.url, *SMALL, ends=ERROR))
        self.assertIn("with 3 clients at once", self.err)

    def test_an_interrupt_prints_what_was_measured(self):
        for hangs_at in (2 + 3 + 3, 2 + 3 + 2 * 2 * 3 + 2):
            with self.subTest(hangs_at=hangs_at):
                server = self.serve(hangs_at=hangs_at)
                running = subprocess.Popen([BIN / "lar", "bench", "--url", server.url, *SMALL], env=self.environment,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(3000):
                    if len(server.requests) > hangs_at or running.poll() is not None:
                        break
                    time.sleep(0.01)
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=20)
                self.assertEqual(running.returncode, ERROR, err)
                self.assertIn("interrupted", err)
                self.assertIn("decode", out)

    def test_an_address_of_six_and_a_name_are_reached(self):
        server = self.serve()
        self.bench("--url", server.url.replace("127.0.0.1", "localhost"), *SMALL)
        self.bench("--url", server.url.replace("127.0.0.1", "[::ffff:127.0.0.1]"), *SMALL)
        self.assertEqual(json.loads(self.bench("--url", server.url[:-3], *SMALL, "--json"))["servers"][0]["url"], server.url)


if __name__ == "__main__":
    unittest.main()
