#!/usr/bin/env python3
"""A disk that fills up under lard: it says so, loses nothing, and goes on by itself when there is room again.

    full_disk_daemon.py     programs in $LAR_BIN; needs to be allowed to mount (root, or root of a user namespace)
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import trees  # noqa: E402
from daemon import Daemon  # noqa: E402

SKIPPED = 77
DISK_MB = 12
PATIENCE_S = 90


def fill(folder):
    """Leaves about 300 KB."""
    with open(os.path.join(folder, "filler"), "wb") as file:
        free = os.statvfs(folder)
        file.write(b"x" * (free.f_bavail * free.f_frsize - 300_000))


def main():
    home, tree = tempfile.mkdtemp(prefix="lar-disk-"), tempfile.mkdtemp(prefix="lar-tree-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", home], capture_output=True, text=True)
    if mounted.returncode != 0:
        print(f"skipped: cannot mount a small disk: {mounted.stderr.strip()}")
        return SKIPPED
    try:
        with Daemon(home=home) as lard:
            with open(os.path.join(tree, "first.md"), "w") as file:
                file.write("# first\n\nkept before the disk was full\n")
            lard.add(tree, "tree")
            fill(home)
            trees.make_tree(tree, 600)
            lard.call("POST", "/lar/v1/sources/tree/sync", {})
            deadline = time.monotonic() + PATIENCE_S
            while not any("disk is full" in problem for problem in lard.call("GET", "/lar/v1/status")["problems"]):
                assert time.monotonic() < deadline, f"nobody says that the disk is full: {lard.jobs()}"
                time.sleep(0.1)
            assert lard.search("kept before the disk was full")["hits"], "what was stored cannot be searched on a full disk"
            os.remove(os.path.join(home, "filler"))
            while lard.call("GET", "/lar/v1/sources")["sources"][0]["documents"] < 601:
                assert time.monotonic() < deadline, f"the sync did not go on by itself: {lard.jobs()}"
                time.sleep(0.2)
            lard.wait_idle()
            problems = lard.call("GET", "/lar/v1/status")["problems"]
            assert not any("disk is full" in problem for problem in problems), problems
            checks = {check["name"]: check["outcome"] for check in lard.call("GET", "/lar/v1/doctor")["checks"]}
            assert checks["the database is whole"] == "ok", checks
        print("the full disk was named, nothing was lost, and the sync went on by itself")
        return 0
    finally:
        subprocess.run(["umount", home], check=False)
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(tree, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
