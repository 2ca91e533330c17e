#!/usr/bin/env python3
"""`lar doctor --air-gap` on this machine: it proves what it says, as a table and as a report that can be handed on.

    air_gap_test.py          with the folder of the programs in $LAR_BIN
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import trace  # noqa: E402
from daemon import Daemon  # noqa: E402

BIN = os.environ["LAR_BIN"]


def doctor(*words, home=None, **more):
    environment = dict(os.environ, HOME=home, LAR_HOME=os.path.join(home, "lar"))
    return subprocess.run([os.path.join(BIN, "lar"), "doctor", "--air-gap", *words], env=environment, capture_output=True, text=True, **more)


class AirGap(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.home = self.folder.name

    def test_every_process_of_lar_is_held(self):
        done = doctor("--json", home=self.home)
        report = json.loads(done.stdout)["report"]
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(report["holds"])
        self.assertEqual({p["process"] for p in report["processes"]}, {"lard", "lar-spawner", "lar-reader", "lar-engine", "lar-courier", "lar"})
        names = [attempt["name"] for attempt in report["attempts"]]
        for process in report["processes"]:
            self.assertEqual([outcome["attempt"] for outcome in process["outcomes"]], names)
            self.assertIn("seccomp", process["layers"])
            for outcome in process["outcomes"]:
                self.assertIn(outcome["outcome"], ("refused", "its_work", "impossible"), (process["process"], outcome))
                # What goes to other machines is nobody's work.
                if outcome["attempt"].startswith(("tcp", "udp", "icmp", "dns", "raw", "packet", "vsock")):
                    self.assertIn(outcome["outcome"], ("refused", "impossible"), (process["process"], outcome))

    def test_the_attempts_would_get_through_without_a_policy(self):
        report = json.loads(doctor("--json", home=self.home).stdout)["report"]
        free = {attempt["name"]: attempt["without_policy"] for attempt in report["attempts"]}
        for name in ("unix", "abstract", "inherited", "exec", "fork", "signal", "write-home", "write-temporary", "change", "read"):
            self.assertEqual(free[name], "through", name)
        # Nothing leaves the machine for the sake of a comparison.
        for name in ("tcp4-outside", "tcp6-outside", "dns"):
            self.assertEqual(free[name], "not_made", name)

    def test_the_report_has_its_hash(self):
        text = doctor("--json", home=self.home).stdout.strip()
        document = json.loads(text)
        report = json.dumps(document["report"], separators=(",", ":"), ensure_ascii=False)
        self.assertEqual(hashlib.sha256(report.encode()).hexdigest(), document["sha256"])
        self.assertIn(report, text)

    def test_a_table_for_people_and_nothing_left_behind(self):
        done = doctor(home=self.home)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("The air gap holds", done.stdout)
        self.assertIn("SIGSYS", done.stdout)
        self.assertEqual([name for name in os.listdir(self.home) if name != "lar"], [])

    def test_a_hole_is_seen(self):
        # An ordinary program in the place of one of Lar's: what it says is not believed, and the doctor fails.
        folder = os.path.join(self.home, "bin")
        os.mkdir(folder)
        for name in ("lar", "lar-spawner", "lar-reader", "lar-engine", "lar-courier"):
            shutil.copy(os.path.join(BIN, name), folder)
        lines = ["layers seccomp, landlock 7"] + ["tried tcp4 through 0"] + ["done", ""]
        with open(os.path.join(folder, "lard"), "w") as file:
            file.write("#!/bin/sh\nprintf '%s\\n' " + " ".join(f"'{line}'" for line in lines[:-1]) + " >&3\n")
        os.chmod(os.path.join(folder, "lard"), 0o700)
        environment = dict(os.environ, HOME=self.home, LAR_HOME=os.path.join(self.home, "lar"))
        done = subprocess.run([os.path.join(folder, "lar"), "doctor", "--air-gap", "--json"], env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        report = json.loads(done.stdout)["report"]
        self.assertFalse(report["holds"])
        lard = report["processes"][0]
        self.assertEqual(lard["outcomes"][0]["outcome"], "through")
        self.assertEqual(lard["outcomes"][1]["outcome"], "unclear", "what was not tried is not proven")

    def test_where_every_layer_is_there_it_may_be_required(self):
        layers = json.loads(doctor("--json", home=self.home).stdout)["report"]["missing"]
        if layers:
            self.skipTest(f"this kernel lacks {layers}")
        home = os.path.join(self.home, "required")
        os.mkdir(home)
        with Daemon(BIN, home=home, arguments=("--no-tcp", "--require-air-gap")) as lard:
            self.assertEqual(lard.call("GET", "/lar/v1/health"), {"ok": True})

    @unittest.skipUnless(trace.works(), "strace cannot look at processes here")
    def test_a_kernel_without_landlock_is_refused_on_demand(self):
        environment = dict(os.environ, HOME=self.home, LAR_HOME=os.path.join(self.home, "lar"))
        without = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=landlock_create_ruleset",
                   "-e", "inject=landlock_create_ruleset:error=EOPNOTSUPP"]
        done = subprocess.run([*without, os.path.join(BIN, "lard"), "--no-tcp", "--require-air-gap"], env=environment, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no landlock in this kernel", done.stderr)
        self.assertIn("--require-air-gap", done.stderr)

    def test_it_cannot_be_mixed_with_a_rebuild(self):
        self.assertEqual(doctor("--rebuild", home=self.home).returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
