"""Plugins to publish, the command, and an independent look at what was published."""
import hashlib
import json
import os
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from servers import Driver

BINARY = os.environ.get("I3P_BIN") or str(
    Path(__file__).resolve().parent.parent.parent / "build" / "influxdb3-plugin")
MANIFEST = """\
manifest_schema_version = "1.3"

[plugin]
name = "{name}"
version = "{version}"
description = "About {name}."
triggers = ["process_writes"]

[dependencies]
database_version = ">=3.0.0"
"""
HANDLER = """\
def process_writes(influxdb3_local, table_batches, args=None):
    influxdb3_local.info("{marker}")
"""


def plugin(root, name, version="1.0.0", marker="first", folder=None):
    """A plugin's directory below `root`."""
    path = Path(root) / (folder or name)
    path.mkdir(parents=True, exist_ok=True)
    (path / "manifest.toml").write_text(MANIFEST.format(name=name, version=version))
    (path / f"{name}.py").write_text(HANDLER.format(marker=marker))
    return path


def environment(env=None):
    keep = {name: value for name, value in os.environ.items()
            if name.startswith(("ASAN_", "UBSAN_", "LSAN_"))}
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", **keep,
            **(env or {})}


def command(*words, location, options=()):
    return [BINARY, *map(str, words), "--registry", location, "--output", "json", *options]


def run(*words, location, env=None, options=(), cwd=None, timeout=300):
    """Exit status and the one document of standard output; standard error is empty."""
    done = subprocess.run(command(*words, location=location, options=options), cwd=cwd,
                          env=environment(env), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout)
    assert done.stderr == "", done.stderr
    assert done.stdout.count("\n") == 1, done.stdout
    return done.returncode, json.loads(done.stdout)


def ok(*words, **how):
    status, document = run(*words, **how)
    assert (status, document["status"]) == (0, "ok"), document
    return document["result"]


def error(*words, **how):
    status, document = run(*words, **how)
    assert status in (1, 2) and document["status"] == "error", document
    return document["error"]


def outcomes(result):
    return {(one["name"], one["version"]): one["outcome"] for one in result["plugins"]}


def seed(location, env=None):
    """The empty index that `registry init` writes, without its probe of the host."""
    text = ('{\n  "index_schema_version": "2.1",\n'
            '  "artifacts_url": "https://plugins.example.com/",\n  "plugins": []\n}\n')
    with Driver(location, env, "--insecure") as store:
        assert store.run("prepare")["status"] == "ok"
        assert store.put_new("index.json", text.encode(), serial=1)["status"] == "ok"


def verify(location, env, options=(), deep=False):
    words = ("registry", "verify", *(("--deep",) if deep else ()))
    return ok(*words, location=location, env=env, options=options)


def check_registry(fetch, wanted):
    """By this file's own means: the entries are those `wanted` ((name, version) pairs), and
    each artifact has its entry's hash and holds its plugin. `fetch(name)` gives bytes."""
    index = json.loads(fetch("index.json"))
    found = [(one["name"], one["version"]) for one in index["plugins"]]
    assert len(found) == len(set(found)), "an entry stands twice"
    assert set(found) == set(wanted), (set(found) ^ set(wanted))
    for one in index["plugins"]:
        stem = f"{one['name']}-{one['version']}"
        artifact = fetch(stem + ".tar.gz")
        assert "sha256:" + hashlib.sha256(artifact).hexdigest() == one["hash"], stem
        with tarfile.open(fileobj=BytesIO(artifact), mode="r:gz") as archive:
            assert f"{stem}/manifest.toml" in archive.getnames()
    return index
