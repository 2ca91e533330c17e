"""A private lard for tests and measurements: own home, own processes, spoken to over its unix socket.

    with Daemon(bin_dir) as lard:
        lard.add("/some/tree")            # waits for the first sync
        lard.call("POST", "/lar/v1/search", {"query": "pool"})

The folder with the programs is $LAR_BIN or the argument. Everything lives in a temporary LAR_HOME that is
removed at the end, unless one is given.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Daemon:
    def __init__(self, bin_dir=None, home=None, arguments=("--no-tcp",), environment=None, around=None):
        """`around` makes the command that runs lard's: a tracer."""
        self.bin = os.path.abspath(bin_dir or os.environ["LAR_BIN"])
        self.owns_home = home is None
        self.home = home or tempfile.mkdtemp(prefix="lar-")
        self.arguments = list(arguments)
        self.environment = dict(os.environ, LAR_HOME=self.home, **(environment or {}))
        self.around = around or (lambda command: command)
        self.process = None

    @property
    def socket(self):
        return os.path.join(self.home, "run", "lar.sock")

    def start(self, timeout=10.0):
        """Seconds from exec to the first answer."""
        begin = time.monotonic()
        self.errors = open(os.path.join(self.home, "stderr"), "ab")
        self.process = subprocess.Popen(self.around([os.path.join(self.bin, "lard"), *self.arguments]), env=self.environment,
                                        stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
        while True:
            try:
                self.call("GET", "/lar/v1/health", timeout=1.0)
                return time.monotonic() - begin
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    raise RuntimeError(f"lard ended with {self.process.returncode}: {self.log()}")
                if time.monotonic() - begin > timeout:
                    raise RuntimeError(f"lard is not ready after {timeout} s: {self.log()}")
                time.sleep(0.002)

    def log(self):
        with open(os.path.join(self.home, "stderr"), errors="replace") as file:
            return file.read()[-4000:]

    def call(self, method, path, body=None, timeout=60.0):
        connection = UnixConnection(self.socket, timeout)
        try:
            payload = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status >= 300:
            raise Refused(response.status, text)
        return json.loads(text) if text else None

    def jobs(self):
        return self.call("GET", "/lar/v1/jobs")["jobs"]

    def wait_idle(self, timeout=600.0):
        deadline = time.monotonic() + timeout
        while any(job["state"] in ("queued", "running") for job in self.jobs()):
            if time.monotonic() > deadline:
                raise RuntimeError("jobs do not end")
            time.sleep(0.05)

    def add(self, location, name=None, timeout=600.0):
        source = self.call("POST", "/lar/v1/sources", {"location": location, "name": name or ""})
        self.wait_idle(timeout)
        return source

    def search(self, query, **more):
        return self.call("POST", "/lar/v1/search", {"query": query, **more})

    def ask(self, question, **more):
        return self.call("POST", "/lar/v1/ask", {"question": question, "stream": False, "no_model": True, **more})

    def kill(self):
        """kill -9, and wait until its children are gone too."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pid(self):
        """lard's own, also when something runs it; None when it is gone."""
        found = {self.process.pid: process_name(self.process.pid)} | children(self.process.pid)
        return next((pid for pid, name in found.items() if name == "lard"), None)

    def stop(self):
        if self.process and self.process.poll() is None:
            os.kill(self.pid() or self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise RuntimeError("lard did not end within 20 s of SIGTERM")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self.errors.close()
            if self.owns_home:
                shutil.rmtree(self.home, ignore_errors=True)


def process_name(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def children(pid):
    """The processes below pid, by name."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    name, rest = file.read().rsplit(")", 1)
                if int(rest.split()[1]) == pid:
                    found[int(entry)] = name.split("(", 1)[1]
                    found.update(children(int(entry)))
            except (OSError, IndexError):
                pass
    return found


def memory(pid, field="Pss"):
    """Bytes of a field of smaps_rollup, or of VmHWM / VmRSS where that is not ours to read."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def peak_memory(pid):
    """VmHWM in bytes, 0 when the process is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
