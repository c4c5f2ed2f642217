"""A directory has no requests: SIGKILL at each system call that changes a file, then the same
command again. `strace` kills the process as it enters the N-th call of a kind."""
import itertools
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from publishing import command, environment, ok, outcomes, plugin, run, verify

CALLS = ["write", "fsync", "link,linkat", "rename,renameat,renameat2", "unlink,unlinkat",
         "mkdir,mkdirat"]
EVERY_CALL_ENDS = 500


@pytest.fixture
def seed(tmp_path):
    """A registry with one entry, and plugins of which one is new, one changed nothing."""
    for name in ("first", "second", "third"):
        plugin(tmp_path / "plugins", name)
    location = str(tmp_path / "seed")
    ok("registry", "init", location=location)
    ok("publish", str(tmp_path / "plugins" / "first"), location=location)
    return tmp_path


def whole_index(folder):
    """What a reader sees at this moment: always a whole index."""
    document = json.loads((folder / "index.json").read_bytes())
    return {one["name"] for one in document["plugins"]}


def killed_at(words, calls, number, location, cwd):
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e",
         f"inject={calls}:signal=KILL:when={number}", *command(*words, location=location)],
        cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)


def each_kill(seed, words):
    """Kills at the first, second, … call of each kind, in a copy of the registry of its own."""
    assert shutil.which("strace"), "strace is not installed"
    count = 0
    for calls in CALLS:
        for number in itertools.count(1):
            assert number < EVERY_CALL_ENDS
            folder = seed / f"registry-{count}"
            shutil.copytree(seed / "seed", folder)
            if not killed_at(words, calls, number, str(folder), seed):
                break
            count += 1
            yield folder
            shutil.rmtree(folder)
        shutil.rmtree(folder)
    assert count > 10, "too few calls were hit"


def test_publish(seed):
    words = ("publish", "--root", "plugins", "--jobs", "1")
    for folder in each_kill(seed, words):
        assert whole_index(folder) in ({"first"}, {"first", "second", "third"})
        result = ok(*words, location=str(folder), cwd=seed)
        assert set(outcomes(result)) == {(name, "1.0.0")
                                         for name in ("first", "second", "third")}
        assert set(outcomes(result).values()) <= {"published", "unchanged"}
        assert whole_index(folder) == {"first", "second", "third"}
        clean(folder)


def test_yank(seed):
    words = ("yank", "first@1.0.0")
    for folder in each_kill(seed, words):
        assert whole_index(folder) == {"first"}
        assert ok(*words, location=str(folder))["outcome"] in ("yanked", "already_yanked")
        clean(folder)


def clean(folder):
    """Nothing is wrong now; what the dead process left under names of its own is seen an hour
    later, and repair takes it away."""
    verify(str(folder), None, deep=True)
    left = {path for path in folder.iterdir() if path.name.startswith(".")}
    left.discard(folder / ".influxdb3-plugin-lock")
    for path in left:
        os.utime(path, (0, time.time() - 4000))
    if left:
        status, document = run("registry", "verify", location=str(folder))
        assert status == 1
        assert {one["code"] for one in document["error"]["diagnostics"]} == {
            "registry::incomplete_upload"}
        ok("registry", "repair", "--remove-orphans", location=str(folder))
    assert not any(path.exists() for path in left)
    verify(str(folder), None)
