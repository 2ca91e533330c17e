"""A program on a terminal of its own, typed to and read from by a test."""

import os
import pty
import select
import signal

PATIENCE_S = 60


class Terminal:
    def __init__(self, words, environment):
        self.seen = ""
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.execve(words[0], [str(word) for word in words], environment)

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def wait_for(self, text):
        """Everything up to and with the text, which is taken away."""
        while text not in self.seen:
            if not self.more():
                raise AssertionError(f"the program ended before {text!r} came; there is {self.seen!r}")
        before, self.seen = self.seen.split(text, 1)
        return before + text

    def end(self):
        """The exit status; what was still printed is in `seen`."""
        while self.more():
            pass
        os.close(self.descriptor)
        status, self.process = os.waitpid(self.process, 0)[1], None
        return os.waitstatus_to_exitcode(status)

    def more(self):
        if not select.select([self.descriptor], [], [], PATIENCE_S)[0]:
            raise AssertionError(f"nothing more comes; there is {self.seen!r}")
        try:
            got = os.read(self.descriptor, 65536)
        except OSError:
            return False
        self.seen += got.decode(errors="replace")
        return bool(got)

    def kill(self):
        if self.process is None:
            return
        try:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
