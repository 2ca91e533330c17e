#!/usr/bin/env python3
"""What packaging/ holds is what lar says of itself, and shells and man read it. Run: packaging_test.py LAR"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LAR = sys.argv.pop(1)


class Packaging(unittest.TestCase):
    def test_the_files_are_those_of_this_lar(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([HERE / "update", LAR, folder], check=True)
            for made in sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file()):
                name = made.relative_to(folder)
                self.assertEqual((HERE / name).read_text(), made.read_text(), f"packaging/{name} is old: packaging/update LAR writes it anew")

    def complete(self, line):
        words = line.split(" ")
        script = f"""source "{HERE}/completions/lar.bash"; PATH="{pathlib.Path(LAR).parent}:$PATH"
            COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; _lar; printf '%s\\n' "${{COMPREPLY[@]}}" """
        return subprocess.run(["bash", "--norc", "-c", script], check=True, capture_output=True, text=True).stdout.split()

    def test_bash_offers_commands_options_and_choices(self):
        self.assertEqual(self.complete("lar sea"), ["search"])
        self.assertEqual(self.complete("lar search --ki"), ["--kind"])
        self.assertEqual(self.complete("lar search --kind com"), ["commit"])
        self.assertEqual(self.complete("lar completion z"), ["zsh"])
        self.assertIn("forget", self.complete("lar help f"))
        self.assertEqual(self.complete("lar jobs c"), ["cancel"])

    def test_a_press_of_the_tab_key_starts_nothing(self):
        with tempfile.TemporaryDirectory() as home:
            ended = subprocess.run([LAR, "completion", "sources"], env={"LAR_HOME": home}, capture_output=True, text=True)
            self.assertEqual((ended.returncode, ended.stdout), (1, ""))
            self.assertFalse((pathlib.Path(home) / "run" / "lar.sock").exists())

    def test_the_other_shells_find_no_error(self):
        for shell, arguments in (("zsh", ["-n", "_lar"]), ("fish", ["--no-execute", "lar.fish"])):
            if shutil.which(shell):
                subprocess.run([shell, *arguments], check=True, cwd=HERE / "completions")

    def test_the_manual_names_every_command(self):
        manual = (HERE / "man" / "lar.1").read_text()
        for line in subprocess.run([LAR, "help"], check=True, capture_output=True, text=True).stdout.splitlines():
            if line.startswith("  lar ") and "  " in line.strip():
                self.assertIn(f".SS {line.split()[0]} {line.split()[1]}", manual)
        if shutil.which("groff"):
            said = subprocess.run(["groff", "-man", "-ww", "-Tutf8", HERE / "man" / "lar.1"], check=True, capture_output=True, text=True)
            self.assertEqual(said.stderr, "")

    def test_the_unit_starts_the_installed_daemon(self):
        unit = (HERE / "systemd" / "lard.service.in").read_text()
        self.assertIn("ExecStart=@CMAKE_INSTALL_PREFIX@/bin/lard\n", unit)


if __name__ == "__main__":
    unittest.main()
