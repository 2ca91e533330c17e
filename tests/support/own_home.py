"""A test case whose `lar` has a home of its own: no setting, variable or store of whoever runs the tests reaches it.

    class Chat(OwnHome):
        def setUp(self):
            super().setUp()

Then there are `folder`, which goes with the test, `home` in it, which is LAR_HOME, and `environment` for commands.
"""

import os
import pathlib
import tempfile
import unittest


class OwnHome(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lar-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = self.folder / "home"
        (self.home / "config").mkdir(parents=True)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("LAR_", "OLLAMA_"))}
        self.environment |= {"LAR_HOME": str(self.home), "HOME": str(self.folder)}
