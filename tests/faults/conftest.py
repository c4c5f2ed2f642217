"""Scenarios that the fault and kill tests run: each builds a tree and names a command."""
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

MANIFEST = """\
manifest_schema_version = "1.3"
[plugin]
name = "sample"
version = "1.0.0"
description = "A sample of things \u00e9."
triggers = ["process_writes"]
homepage = "HTTPS://Example.com"
exclude = ["*.{pyc,tmp}"]
unknown = 1
[dependencies]
database_version = ">=3.0.0,<4"
python = ["requests[socks]>=2.31; python_version >= '3.9'"]
[[dependencies.plugins]]
index_url = "https://example.com/index.json"
name = "other"
version = "1.X"
"""
ENTRY_POINT = """\
import math
def process_writes(influxdb3_local, table_batches, args=None):
    for batch in table_batches:
        influxdb3_local.info(f"{batch['table_name']}: {len(batch['rows'])}")
"""


def entry(name, version, **more):
    return {"name": name, "version": version, "published_at": "2024-02-29T23:59:59Z",
            "description": f"About {name} \\ \u00e9.", "triggers": ["process_writes"],
            "dependencies": {"database_version": ">=3.0.0", "python": ["a>1"]},
            "hash": "sha256:" + "0" * 64, "homepage": "https://Example.com/\u00e9", **more}


INDEX = json.dumps({"index_schema_version": "2.1", "artifacts_url": "https://example.com/a",
                    "plugins": [entry("beta", "1.0.0", yanked=True, extra=[1, {"a": None}]),
                                entry("alpha", "2.0.0-rc.1+b"), entry("alpha", "1.0.0")]})


@dataclass
class Scenario:
    name: str
    argv: list
    ok: int = 0  # exit status when nothing fails
    files: dict = field(default_factory=dict)
    writes: tuple = ()  # paths that the command may create or replace

    def build(self, root):
        everything = {"p/manifest.toml": MANIFEST, "p/__init__.py": ENTRY_POINT,
                      "p/pkg/data.txt": "x" * 5000, "p/requirements.txt": "flask\n",
                      "reg/index.json": INDEX, **self.files}
        for path, text in everything.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


SCENARIOS = [
    Scenario("validate", ["validate", "p", "--index", "reg/index.json"]),
    Scenario("validate-human", ["validate", "p", "--output", "human"]),
    Scenario("validate-defects", ["validate", "p", "--output", "human"], ok=1, files={
        "p/manifest.toml": MANIFEST.replace('"1.0.0"', '"1.0"').replace("requests", "re quests")}),
    Scenario("validate-syntax", ["validate", "p", "--output", "human"], ok=1,
             files={"p/__init__.py": "def f(:\n  pass\n"}),
    Scenario("package", ["package", "p", "--index", "reg/index.json", "--out", "out"],
             writes=("out/sample-1.0.0.tar.gz", "out/index.json")),
    Scenario("package-over", ["package", "p", "--index", "reg/index.json", "--out", "out"],
             files={"out/index.json": "old index", "out/sample-1.0.0.tar.gz": "old artifact"},
             writes=("out/sample-1.0.0.tar.gz", "out/index.json")),
    Scenario("yank", ["yank", "alpha@1.0.0", "--index", "reg/index.json", "--out", "out"],
             writes=("out/index.json",)),
    Scenario("search", ["search", "a", "--index", "reg/index.json", "--database-version",
                        "3.1.0", "--include-yanked", "--output", "human"]),
    Scenario("info", ["info", "alpha", "--index", "reg/index.json"]),
    Scenario("index-defects", ["info", "alpha", "--index", "reg/index.json"], ok=1,
             files={"reg/index.json": INDEX.replace("2024-02-29", "2023-02-29")}),
    Scenario("new-fresh", ["new", "process_writes", "deep/down/fresh"],
             writes=("deep/down/fresh/manifest.toml", "deep/down/fresh/fresh.py",
                     "deep/down/fresh/README.md")),
    Scenario("new-existing", ["new", "process_request", "there"], files={"there/notes.txt": "n"},
             writes=("there/manifest.toml", "there/there.py", "there/README.md")),
    Scenario("new-force", ["new", "process_scheduled_call", "there", "--force"],
             files={"there/manifest.toml": "old", "there/README.md": "old"},
             writes=("there/manifest.toml", "there/there.py", "there/README.md")),
    Scenario("new-index", ["new", "index", "seed"], writes=("seed/index.json",)),
    Scenario("usage", ["validat", "p", "--output", "human"], ok=2),
    Scenario("help", ["help", "package"]),
]


def snapshot(root):
    """Relative path -> bytes of every file; None for directories."""
    tree = {}
    for folder, folders, files in os.walk(root):
        for name in folders:
            tree[os.path.relpath(os.path.join(folder, name), root)] = None
        for name in files:
            path = os.path.join(folder, name)
            with open(path, "rb") as handle:
                tree[os.path.relpath(path, root)] = handle.read()
    return tree


def run(binary, scenario, root, **env):
    return subprocess.run([str(binary), *scenario.argv], cwd=root, capture_output=True,
                          env={**os.environ, **env}, timeout=120, check=False)


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: scenario.name)
def scenario(request):
    return request.param
