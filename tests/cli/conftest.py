"""What the tests of the command share: the executable, and a tree to work in."""
import json
import os
import pty
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("I3P_BIN", ROOT / "build" / "influxdb3-plugin")).resolve()
BUILD = BINARY.parent

MANIFEST = """\
manifest_schema_version = "1.3"

[plugin]
name = "sample"
version = "1.0.0"
description = "A sample."
triggers = ["process_writes"]

[dependencies]
database_version = ">=3.0.0"
"""
HANDLER = "def process_writes(influxdb3_local, table_batches, args=None):\n    pass\n"
INDEX = """\
{
  "index_schema_version": "2.1",
  "artifacts_url": "https://registry.example.com/artifacts",
  "plugins": []
}
"""


def entry(name="alpha", version="1.0.0", **more):
    return {"name": name, "version": version, "published_at": "2024-02-29T23:59:59Z",
            "description": f"About {name}.", "triggers": ["process_writes"],
            "dependencies": {"database_version": ">=3.0.0", "python": []},
            "hash": "sha256:" + "0123456789abcdef" * 4, **more}


def index_of(*entries, **more):
    return json.dumps({"index_schema_version": "2.1",
                       "artifacts_url": "https://registry.example.com/artifacts",
                       "plugins": list(entries), **more})


class Tree:
    """A directory, and the command run in it."""

    def __init__(self, root):
        self.root = root

    def write(self, path, content=""):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        file.write_bytes(content)
        return file

    def plugin(self, folder="p", manifest=MANIFEST, code=HANDLER, **files):
        self.write(f"{folder}/manifest.toml", manifest)
        if code is not None:
            self.write(f"{folder}/sample.py", code)
        for name, content in files.items():
            self.write(f"{folder}/{name}", content)

    def run(self, *args, env=None, **how):
        """Returns status, stdout and stderr, as text."""
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
               "stderr": subprocess.PIPE, "cwd": self.root, **how}
        done = subprocess.run([BINARY, *args], env=base_env(env), timeout=60, **how)
        return (done.returncode, *((text or b"").decode("utf-8", "surrogateescape")
                                   for text in (done.stdout, done.stderr)))

    def human(self, *args, env=None, **how):
        return self.run(*args, "--output", "human", env=env, **how)

    def json(self, *args, env=None, **how):
        """Returns status and document; standard error must be empty."""
        status, out, err = self.run(*args, "--output", "json", env=env, **how)
        assert err == ""
        assert out.endswith("\n") and out.count("\n") == 1
        return status, json.loads(out)

    def error(self, *args, **how):
        """The error object of a run that fails."""
        status, document = self.json(*args, **how)
        assert status in (1, 2) and document["status"] == "error"
        return document["error"]

    def terminal(self, *args, env=None, streams="out"):
        """Runs with streams on a terminal; what is not comes back as text."""
        master, slave = pty.openpty()
        with tempfile.TemporaryFile() as other:
            out, err = (slave, other) if streams == "out" else (other, slave)
            with subprocess.Popen([BINARY, *args], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=err, cwd=self.root, env=base_env(env)) as process:
                os.close(slave)
                shown = b""
                try:
                    while chunk := os.read(master, 65536):
                        shown += chunk
                except OSError:
                    pass  # how the end of a terminal shows
                status = process.wait()
            os.close(master)
            other.seek(0)
            return status, shown.decode().replace("\r\n", "\n"), other.read().decode()


def base_env(env):
    keep = {name: value for name, value in os.environ.items()
            if name.startswith(("ASAN_", "UBSAN_"))}
    return {"PATH": os.environ.get("PATH", os.defpath), **keep, **(env or {})}


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    made = Tree(root)
    made.plugin()
    made.write("reg/index.json", INDEX)
    return made
