#!/usr/bin/env python3
"""A disk without room for a model: the pull says so with both figures before the first byte; one that fills up on the
way says so, keeps what came, and the next pull goes on from there.

    full_disk_pull.py     programs in $LAR_BIN; needs to be allowed to mount (root, or root of a user namespace)
"""

import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from daemon import Daemon, Refused  # noqa: E402
from registry import Registry  # noqa: E402

SKIPPED = 77
RESERVE_MB = 256  # that Lar leaves alone (src/models/pull.h)
MODEL = random.Random(1).randbytes(6_000_000)
PATIENCE_S = 60


def pull(lard):
    try:
        return lard.call("POST", "/api/pull", {"model": "tiny", "stream": False})["status"]
    except Refused as refused:
        return refused.body


def fill(folder, leave):
    """One file that leaves so much; its blocks are taken without being written."""
    disk = os.statvfs(folder)
    subprocess.run(["fallocate", "-l", str(disk.f_bavail * disk.f_frsize - leave), os.path.join(folder, "filler")], check=True)


def main():
    home = tempfile.mkdtemp(prefix="lar-disk-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={RESERVE_MB + 40}m", "tmpfs", home], capture_output=True, text=True)
    if mounted.returncode != 0:
        print(f"skipped: cannot mount a small disk: {mounted.stderr.strip()}")
        return SKIPPED
    try:
        with Registry() as registry:
            name = registry.add_model("library/tiny", "latest", {"model": MODEL})
            filler = pathlib.Path(home, "filler")
            with Daemon(home=home, environment={"LAR_REGISTRY": registry.address}) as lard:
                fill(home, 100_000_000)
                said = pull(lard)
                assert "the disk is full" in said and "are needed" in said, said
                assert not registry.blob_requests(), "something was fetched without room for it"
                filler.unlink()

                registry.slow_s = 0.01
                partial = pathlib.Path(home, "data", "models", "partial", name.replace(":", "-"))
                answers = []
                pulling = threading.Thread(target=lambda: answers.append(pull(lard)))
                pulling.start()
                deadline = time.monotonic() + PATIENCE_S
                while not (partial.exists() and partial.stat().st_size > 500_000):
                    assert time.monotonic() < deadline, "nothing comes"
                    time.sleep(0.01)
                fill(home, 200_000)
                pulling.join(PATIENCE_S)
                assert answers and "the disk is full" in answers[0], answers
                there = partial.stat().st_size
                assert there < len(MODEL) and partial.read_bytes() == MODEL[:there]
                filler.unlink()
                registry.slow_s = 0
                assert pull(lard) == "success"
                assert any(headers.get("Range") == f"bytes={there}-" for _, headers in registry.blob_requests())
        print("no room was named before the first byte, a disk that filled up was named, and the pull went on from there")
        return 0
    finally:
        subprocess.run(["umount", home], check=False)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
