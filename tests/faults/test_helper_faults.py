"""The network helper over a directory: allocations, writes, syncs and renames fail.

After each failure: no crash and no leak (the build has the sanitizers in it), an exit status
of the contract's, a word of explanation; the index is a whole one, nothing that it names is
missing, and the same command, with nothing failing, then brings all to its end. Its threads
allocate in an order of their own, so it is not each allocation that fails here, but many.
"""
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ENTRY_POINT, MANIFEST, ROOT

FAULTY = Path(os.environ.get("I3P_HELPER_FAULTS",
                             ROOT / "build-san/tests/faults/influxdb3-plugin-registry-faults"))
MOST_RUNS = 40  # of each kind, spread over all calls
INDEX = """\
{
  "index_schema_version": "2.1",
  "artifacts_url": "https://p.example.com/",
  "plugins": []
}
"""
PUBLISH = ["publish", "--root", "plugins", "--registry", "registry", "--jobs", "1"]


def run(folder, argv, output="json", **env):
    keep = {name: value for name, value in os.environ.items()
            if name.startswith(("ASAN_", "UBSAN_"))}
    tmp = folder / "tmp"
    tmp.mkdir(exist_ok=True)
    return subprocess.run([FAULTY, *argv, "--output", output], cwd=folder, timeout=120,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          env={"PATH": os.defpath, "TMPDIR": str(tmp), **keep, **env})


def ok(folder, *argv):
    done = run(folder, argv)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)["result"]


def plugin(folder, name, code=ENTRY_POINT):
    home = folder / "plugins" / name
    home.mkdir(parents=True, exist_ok=True)
    (home / "manifest.toml").write_text(MANIFEST.replace('"sample"', f'"{name}"'))
    (home / "__init__.py").write_text(code)


def empty(folder):
    plugin(folder, "first")
    plugin(folder, "second")
    (folder / "registry").mkdir()
    (folder / "registry/index.json").write_text(INDEX)


def published(folder):
    empty(folder)
    ok(folder, *PUBLISH)


def orphaned(folder):
    empty(folder)
    index = (folder / "registry/index.json").read_bytes()
    ok(folder, *PUBLISH)
    (folder / "registry/index.json").write_bytes(index)
    for history in (folder / "registry").glob("index-*.json"):
        history.unlink()


def broken(folder):
    published(folder)
    plugin(folder, "first", "def other(:\n")
    plugin(folder, "second", ENTRY_POINT + "x = 1\n")


def nothing(folder):
    plugin(folder, "first")


SCENARIOS = {
    "init": (nothing, ["registry", "init", "--registry", "registry"], 0),
    "publish": (empty, PUBLISH, 0),
    "publish-again": (published, PUBLISH, 0),
    "publish-broken": (broken, PUBLISH, 1),
    "verify-deep": (published, ["registry", "verify", "--deep", "--registry", "registry"], 0),
    "repair": (orphaned, ["registry", "repair", "--registry", "registry"], 0),
    "history": (published, ["registry", "history", "--registry", "registry"], 0),
    "rollback": (published, ["registry", "rollback", "--to", "1", "--registry", "registry"], 0),
    "sync": (published, ["registry", "sync", "--from", "registry", "--to", "copy"], 0),
    "yank": (published, ["yank", "first@1.0.0", "--registry", "registry"], 0),
    "search": (published, ["search", "--registry", "registry"], 0),
}


def check_whole(folder):
    """Every index in sight is one, and what it names is there with its hash."""
    for registry in ("registry", "copy"):
        index = folder / registry / "index.json"
        if not index.exists():
            continue
        for one in json.loads(index.read_text())["plugins"]:
            artifact = folder / registry / f"{one['name']}-{one['version']}.tar.gz"
            digest = hashlib.sha256(artifact.read_bytes()).hexdigest()
            assert one["hash"] == "sha256:" + digest, artifact


def one_failure(seed, folder, name, kind, plan):
    """What is wrong with the outcome, or None."""
    _, argv, status = SCENARIOS[name]
    shutil.copytree(seed, folder)
    done = run(folder, argv, I3P_FAULT=f"{kind}:{plan}")
    text = done.stdout + done.stderr
    where = f"{kind}:{plan}: status {done.returncode}: "
    try:
        if b"Sanitizer" in text or b"runtime error" in text:
            return where + text.decode(errors="replace")[-3000:]
        if done.returncode not in (0, 1, 2) or not text.strip():
            return where + "no status of the contract's, or no word"
        if done.returncode == 0 and status != 0:
            return where + "success"
        check_whole(folder)
        if name != "init" or not (folder / "registry/index.json").exists():
            again = run(folder, argv)
            if again.returncode != status:
                return where + "again: " + again.stdout.decode(errors="replace")[-2000:]
        check_whole(folder)
        return None
    except AssertionError as problem:
        return where + str(problem)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("kind", ["alloc", "write", "sync", "rename"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_failures_of_the_helper(name, kind, tmp_path):
    make, argv, status = SCENARIOS[name]
    seed = tmp_path / "seed"
    seed.mkdir()
    make(seed)
    whole = tmp_path / "whole"
    shutil.copytree(seed, whole)
    done = run(whole, argv, I3P_FAULT_COUNT=str(tmp_path / "count"))
    assert done.returncode == status, done.stdout
    numbers = dict(line.split() for line in (tmp_path / "count").read_text().splitlines())
    count = int(numbers[kind])
    step = max(1, -(-count // MOST_RUNS))
    plans = [str(at) for at in range(1, count + 1, step)]
    plans += [plan + "+" for plan in plans[::4]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(one_failure, seed, tmp_path / f"r{at}", name, kind, plan)
                for at, plan in enumerate(plans)]
        problems = [job.result() for job in jobs if job.result()]
    assert not problems, f"{len(problems)} of {len(plans)}\n" + "\n".join(problems[:5])
