#!/usr/bin/env python3
"""lar run as a person uses it: on a terminal and in a pipe, against a lard that answers from a script.

Run: run_test.py [TEST...] with LAR_BIN naming the folder of the programs.
"""

import http.server
import json
import os
import pathlib
import pty
import select
import signal
import socketserver
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
OK, ERROR, USAGE, NOT_FOUND = range(4)
PATIENCE_S = 60  # until something that must come counts as missing
CTRL_A, CTRL_C, CTRL_D, UP = "\x01", "\x03", "\x04", "\x1b[A"
DETAILS = {"parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "1B",
           "quantization_level": "Q8_0"}
TIMINGS = {"total_duration": 3_000_000_000, "load_duration": 1_000_000_000, "prompt_eval_count": 26,
           "prompt_eval_duration": 500_000_000, "eval_count": 100, "eval_duration": 2_000_000_000}
MODEL = {"modelfile": "FROM tiny\n", "parameters": "stop \"x\"", "template": "{{ .Prompt }}", "details": DETAILS,
         "system": "You are small.", "license": "Free\nas a bird", "model_info": {}, "capabilities": ["completion"],
         "modified_at": "2026-11-21T13:00:00Z"}


class Lard(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers /api from a script, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, path):
        self.asked = []  # (path, body)
        self.answers = []  # the pieces of each answer; a piece that is a number is what an error's status is
        self.models = {"tiny": MODEL}
        self.refusal = None  # (status, sentence) of loading
        self.gone = threading.Event()  # a client went away in the middle of an answer
        super().__init__(path, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *words):
        pass

    def send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(200, {"models": [{"name": f"{name}:latest", "model": name, "modified_at": "", "size": 1, "digest": "",
                                    "details": DETAILS, "capabilities": []} for name in self.server.models]})

    def do_POST(self):
        lard = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        lard.asked.append((self.path, body))
        if self.path == "/api/show":
            shown = lard.models.get(body["model"])
            return self.send(200, shown) if shown else self.send(404, {"error": f"model '{body['model']}' not found"})
        if self.path == "/api/create":
            return self.send(200, {"status": "success"})
        if lard.refusal:
            return self.send(lard.refusal[0], {"error": lard.refusal[1]})
        if self.path == "/api/generate" and not body.get("prompt"):
            return self.send(200, {"model": body["model"], "created_at": "", "response": "", "done": True,
                                   "done_reason": "load"})
        self.stream(body, lard.answers.pop(0) if lard.answers else ["Fine", "."])

    def stream(self, body, pieces):
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if pieces == "endless":
            return self.stream_until_gone(body)
        for piece in pieces:
            self.line(body, piece, {"done": False})
        self.line(body, "", {"done": True, "done_reason": "stop", **TIMINGS})
        self.wfile.write(b"0\r\n\r\n")

    def stream_until_gone(self, body):
        self.line(body, "Begun", {"done": False})
        # Nothing more is sent, so a client that closes is seen by what it sends: its end.
        if self.connection.recv(1) == b"":
            self.server.gone.set()
        self.close_connection = True

    def line(self, body, text, more):
        said = {"message": {"role": "assistant", "content": text}} if self.path == "/api/chat" else {"response": text}
        if isinstance(text, dict):
            said = {"message": {"role": "assistant", "content": "", **text}}
        line = json.dumps({"model": body["model"], "created_at": "", **said, **more}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()


class Terminal:
    """lar on a terminal of its own."""

    def __init__(self, words, environment):
        self.seen = ""
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.execve(BIN / "lar", ["lar", *words], environment)

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def prompt(self, text):
        """Types at the next prompt: before it the terminal would treat some keys itself."""
        self.wait_for(">>> ")
        self.type(text)

    def wait_for(self, text):
        """Everything up to and with the text, which is taken away."""
        while text not in self.seen:
            if not select.select([self.descriptor], [], [], PATIENCE_S)[0]:
                raise AssertionError(f"{text!r} did not come; there is {self.seen!r}")
            try:
                self.seen += os.read(self.descriptor, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"lar ended before {text!r} came; there is {self.seen!r}") from None
        before, self.seen = self.seen.split(text, 1)
        return before + text

    def end(self):
        """The exit status, and what was still printed."""
        while True:
            if not select.select([self.descriptor], [], [], PATIENCE_S)[0]:
                raise AssertionError(f"lar does not end; there is {self.seen!r}")
            try:
                got = os.read(self.descriptor, 65536)
            except OSError:
                break
            if not got:
                break
            self.seen += got.decode(errors="replace")
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lar-run-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        (self.home / "run").mkdir(mode=0o700)
        self.lard = Lard(str(self.home / "run" / "lar.sock"))
        self.addCleanup(self.lard.server_close)
        self.addCleanup(self.lard.shutdown)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("LAR_")}
        self.environment |= {"LAR_HOME": str(self.home), "TERM": "xterm", "HOME": str(self.home), "COLUMNS": ""}
        self.history = self.home / "state" / "run-history"

    def run_lar(self, *words, ends=OK, given=None):
        ended = subprocess.run([BIN / "lar", "run", *words], env=self.environment, capture_output=True, text=True,
                               input=given or "", timeout=120)
        self.assertEqual(ended.returncode, ends, f"lar run {words}: {ended.stdout}{ended.stderr}")
        self.err = ended.stderr
        return ended.stdout

    def terminal(self, *words):
        terminal = Terminal(["run", *words], self.environment)
        self.addCleanup(lambda: self.kill(terminal.process))
        return terminal

    @staticmethod
    def kill(process):
        try:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def chats(self):
        return [body for path, body in self.lard.asked if path == "/api/chat"]

    # ---- in a pipe ----
    def test_one_answer_is_plain_text(self):
        self.lard.answers = [["It is", " blue\x1b[31m", "\x07."]]
        self.assertEqual(self.run_lar("tiny", "why", "is it?"), "It is blue [31m .\n")
        self.assertEqual(self.err, "")
        self.assertEqual(self.lard.asked[-1][1]["prompt"], "why is it?")

    def test_a_text_that_is_piped_comes_before_the_prompt(self):
        self.run_lar("tiny", "summarise", given="a long file\n")
        self.assertEqual(self.lard.asked[-1][1]["prompt"], "a long file\n\nsummarise")
        self.run_lar("tiny", given="only this")
        self.assertEqual(self.lard.asked[-1][1]["prompt"], "only this")

    def test_timings_are_shown_when_asked_for(self):
        self.assertEqual(self.run_lar("tiny", "--verbose", "hello"), "Fine.\n")
        self.assertIn("total duration:       3s\n", self.err)
        self.assertIn("prompt eval rate:     52.00 tokens/s\n", self.err)
        self.assertIn("eval rate:            50.00 tokens/s\n", self.err)

    def test_json_is_one_object_with_the_exact_text(self):
        self.lard.answers = [["a\x1b", "b"]]
        answer = json.loads(self.run_lar("tiny", "--json", "hello"))
        self.assertEqual(answer["response"], "a\x1bb")
        self.assertEqual(answer["eval_count"], 100)

    def test_options_reach_the_model(self):
        self.run_lar("tiny", "--keepalive", "10m", "hello")
        self.assertEqual(self.lard.asked[-1][1]["keep_alive"], "10m")
        self.run_lar("tiny", "--keepalive", "-1", "hello")
        self.assertEqual(self.lard.asked[-1][1]["keep_alive"], -1)

    def test_what_cannot_be_is_said_and_ends_with_one(self):
        self.run_lar("tniy", "hello", ends=ERROR)
        self.assertIn("not found", self.err)
        self.assertIn("tiny:latest", self.err)
        self.assertIn("lar create", self.err)
        self.run_lar("tiny", "--format", "json", "hello", ends=ERROR)
        self.assertIn("--format", self.err)
        self.run_lar("tiny", "--think", "hello", ends=ERROR)
        self.assertIn("cannot think", self.err)
        self.lard.refusal = (400, "tiny needs 9 GB of memory; 4 GB are free")
        self.run_lar("tiny", "hello", ends=ERROR)
        self.assertIn("needs 9 GB of memory; 4 GB are free", self.err)

    def test_thoughts_are_shown_and_can_be_hidden(self):
        self.lard.models["tiny"] = dict(MODEL, capabilities=["completion", "thinking"])
        self.run_lar("tiny", "--think=high", "hello")
        self.assertEqual(self.lard.asked[-1][1]["think"], "high")
        self.run_lar("tiny", "hello")
        self.assertIs(self.lard.asked[-1][1]["think"], True)

    # ---- on a terminal ----
    def test_a_conversation_is_told_again_with_each_turn(self):
        self.lard.answers = [["Hello", " Ana."], ["Ana."]]
        terminal = self.terminal("tiny")
        terminal.prompt("I am Ana\r")
        terminal.wait_for("Hello Ana.")
        terminal.prompt("who am I?\r")
        terminal.wait_for("Ana.")
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)
        self.assertEqual(self.lard.asked[1], ("/api/generate", {"model": "tiny", "prompt": "", "stream": False}))
        self.assertEqual(self.chats()[1]["messages"],
                         [{"role": "user", "content": "I am Ana"}, {"role": "assistant", "content": "Hello Ana."},
                          {"role": "user", "content": "who am I?"}])

    def test_lines_are_edited_and_come_back(self):
        terminal = self.terminal("tiny")
        terminal.prompt("wörld" + CTRL_A + "hello \r")
        terminal.wait_for("Fine.")
        terminal.prompt(UP + "!\r")
        terminal.wait_for("Fine.")
        terminal.prompt("/bye\r")
        self.assertEqual(terminal.end(), OK)
        self.assertEqual([chat["messages"][-1]["content"] for chat in self.chats()], ["hello wörld", "hello wörld!"])
        self.assertEqual(self.history.read_text(), "hello wörld\nhello wörld!\n/bye\n")
        self.assertEqual(stat.S_IMODE(self.history.stat().st_mode), 0o600)
        again = self.terminal("tiny")
        again.prompt(UP + UP + "\r")
        again.wait_for("Fine.")
        again.prompt(CTRL_D)
        again.end()
        self.assertEqual(self.chats()[-1]["messages"][-1]["content"], "hello wörld!")

    def test_history_is_kept_only_where_it_may(self):
        terminal = self.terminal("tiny", "--no-history")
        terminal.prompt("secret\r")
        terminal.wait_for("Fine.")
        terminal.prompt("/set history\r")
        terminal.wait_for("is kept")
        terminal.prompt("open\r")
        terminal.wait_for("Fine.")
        terminal.prompt("/set nohistory\r")
        terminal.wait_for("Nothing more")
        terminal.prompt("secret too\r")
        terminal.wait_for("Fine.")
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)
        self.assertNotIn("secret", self.history.read_text())
        self.assertIn("open", self.history.read_text())

    def test_several_lines_are_one_message(self):
        terminal = self.terminal("tiny")
        terminal.prompt('"""one\r')
        terminal.wait_for("... ")
        terminal.type('two"""\r')
        terminal.wait_for("Fine.")
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)
        self.assertEqual(self.chats()[0]["messages"][-1]["content"], "one\ntwo")

    def test_ctrl_c_stops_the_answer_and_not_the_program(self):
        self.lard.answers = ["endless", ["Still", " here."]]
        terminal = self.terminal("tiny")
        terminal.prompt("go\r")
        terminal.wait_for("Begun")
        terminal.type(CTRL_C)
        terminal.wait_for(">>> ")
        self.assertTrue(self.lard.gone.wait(PATIENCE_S), "the request was not cancelled")
        terminal.type("are you there?\r")
        terminal.wait_for("Still here.")
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)
        self.assertEqual(self.chats()[1]["messages"][1], {"role": "assistant", "content": "Begun"})

    def test_ctrl_c_at_the_prompt_clears_the_line(self):
        terminal = self.terminal("tiny")
        terminal.prompt("half a line")
        terminal.wait_for("line")
        terminal.type(CTRL_C)
        terminal.wait_for("Ctrl-D or /bye ends.")
        terminal.prompt('"""begun\r')
        terminal.wait_for("... ")
        terminal.type(CTRL_C)
        terminal.prompt("whole\r")
        terminal.wait_for("Fine.")
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)
        self.assertEqual([chat["messages"][-1]["content"] for chat in self.chats()], ["whole"])

    def test_commands_change_and_show_the_session(self):
        terminal = self.terminal("tiny")

        def command(text, answer):
            terminal.prompt(text + "\r")
            terminal.wait_for(answer)

        command("/set parameter temperature 0.2", "temperature is 0.2 now")
        command("/set parameter temprature 1", "did you mean temperature?")
        command("/set system Be brief.", "is set")
        command("/show system", "Be brief.")
        command("/show parameters", "set here")
        command("/show license", "as a bird")
        command("/show info", "llama")
        command("/set format json", "later version")
        command("/claer", "did you mean /clear?")
        command("hello", "Fine.")
        command("/save mine", "lar run mine")
        command("/load other", "tiny:latest")
        command("/load tiny", "listens")
        command("/? shortcuts", "Ctrl-R")
        command("/set verbose", "shown")
        command("again", "tokens/s")
        terminal.prompt("/bye\r")
        self.assertEqual(terminal.end(), OK)
        first, second = self.chats()
        self.assertEqual(first["options"], {"temperature": 0.2})
        self.assertEqual(first["messages"][0], {"role": "system", "content": "Be brief."})
        saved = [body for path, body in self.lard.asked if path == "/api/create"][0]
        self.assertEqual((saved["model"], saved["from"], saved["system"]), ("mine", "tiny", "Be brief."))
        self.assertEqual([one["content"] for one in saved["messages"]], ["hello", "Fine."])
        self.assertEqual([one["content"] for one in second["messages"]], ["Be brief.", "again"])

    def test_nothing_of_the_model_moves_the_terminal(self):
        self.lard.answers = [["before\x1b]0;title\x07 \x9b2J", " after"]]
        terminal = self.terminal("tiny")
        terminal.prompt("go\r")
        shown = terminal.wait_for("after")
        self.assertNotIn("\x1b]", shown)
        self.assertNotIn("\x07", shown)
        self.assertNotIn("\x9b", shown)
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)

    def test_a_failure_is_told_and_the_conversation_goes_on(self):
        terminal = self.terminal("tiny")
        terminal.wait_for(">>> ")
        self.lard.refusal = (400, "the prompt has 9000 tokens, the window 4096")
        terminal.type("long\r")
        terminal.wait_for("the window 4096")
        self.lard.refusal = None
        terminal.prompt("short\r")
        terminal.wait_for("Fine.")
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)
        self.assertEqual(self.chats()[-1]["messages"], [{"role": "user", "content": "short"}])

    def test_a_model_that_does_not_fit_ends_it(self):
        self.lard.refusal = (400, "tiny needs 9 GB of memory; 4 GB are free")
        terminal = self.terminal("tiny")
        terminal.wait_for("4 GB are free")
        self.assertEqual(terminal.end(), ERROR)

    def test_a_terminal_without_a_cursor_gets_plain_lines(self):
        self.environment["TERM"] = "dumb"
        terminal = self.terminal("tiny")
        terminal.prompt("hello\n")
        terminal.wait_for("Fine.")
        terminal.prompt(CTRL_D)
        self.assertEqual(terminal.end(), OK)


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1)
