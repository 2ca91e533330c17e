#!/usr/bin/env python3
"""Programs written for Ollama and for OpenAI's API against the real lard, engine and a really trained model.

The clients are npm's `ollama` and `openai`, installed into $LAR_CLIENTS from package-lock.json; the checks are those of
../shared/eval/clients. A check of what this version refuses by name must fail by that refusal; every other one must
pass. Skipped, saying so, where node or npm, the checks or the model are not there.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from daemon import Daemon  # noqa: E402

SHARED = pathlib.Path(os.environ.get("LAR_SHARED", HERE.parents[2] / "shared"))
CHECKS = SHARED / "eval" / "clients"
MODEL = SHARED / "models" / "stories260K.gguf"
# What this version does not have, with the words in which it says so.
REFUSED = {
    "json_schema output": "cannot do 'response_format' yet",
    "json_object output": "cannot do 'response_format' yet",
    "tool_choice required": "cannot do 'tools' yet",
    "tool stream deltas": "cannot do 'tools' yet",
    "tool result round trip": "cannot do 'tools' yet",
    "responses API": "/v1/responses is not in this Lar yet",
    "chat tools": "cannot do 'tools' yet",
    "chat tool result": "cannot do 'messages[1].tool_calls' yet",
    "format json schema": "cannot do 'format' yet",
    'format "json"': "cannot do 'format' yet",
}


def skip(why):
    print("LAR_SKIPPED:", why, flush=True)  # for ctest, which unittest tells nothing
    raise unittest.SkipTest(why)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for program in ("node", "npm"):
            if not shutil.which(program):
                skip(f"there is no {program} here")
        for path in (CHECKS, MODEL):
            if not path.exists():
                skip(f"{path.name} is not here")
        cls.folder = pathlib.Path(os.environ["LAR_CLIENTS"]) / "npm"
        cls.folder.mkdir(parents=True, exist_ok=True)
        for file in [HERE / "package.json", HERE / "package-lock.json", *CHECKS.glob("*.mjs")]:
            shutil.copyfile(file, cls.folder / file.name)
        installed = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"], cwd=cls.folder,
                                   capture_output=True, text=True)
        if installed.returncode != 0:
            skip("npm could not get the clients: " + installed.stderr[-300:])
        cls.port = free_port()
        cls.lard = Daemon(arguments=("--port", str(cls.port)))
        cls.lard.start()
        cls.addClassCleanup(cls.lard.stop)
        cls.lard.call("POST", "/api/create", {"model": "stories", "from": str(MODEL), "stream": False})

    def play(self, script):
        ended = subprocess.run(["node", script, f"http://127.0.0.1:{self.port}", "stories:latest"], cwd=self.folder,
                               capture_output=True, text=True, timeout=280)
        results = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
        checks = [result for result in results if "name" in result]
        self.assertGreater(len(checks), 20, ended.stdout + ended.stderr)
        for check in checks:
            with self.subTest(check["name"]):
                refusal = REFUSED.get(check["name"])
                if refusal is None:
                    self.assertTrue(check["pass"], check)
                else:
                    self.assertFalse(check["pass"], f"{check} is done now: take it off the list")
                    self.assertIn(refusal, check["error"])

    def test_openai(self):
        self.play("01-openai.mjs")

    def test_ollama(self):
        self.play("02-ollama.mjs")


if __name__ == "__main__":
    unittest.main(verbosity=1)
