"""SIGKILL at random moments: never a torn or partial file under a final name.

500 runs in all; the moment is drawn over the time that a whole run takes.
"""
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess
import tarfile
import time
import tomllib
from pathlib import Path

import pytest
from conftest import ENTRY_POINT, MANIFEST, ROOT, entry

BINARY = Path(os.environ.get("I3P_BIN", ROOT / "build" / "influxdb3-plugin"))
ROUNDS = 500 // 4
ENTRIES = 3000


def big_index(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    plugins = [entry(f"plugin-{i // 10}", f"1.{i % 10}.0") for i in range(ENTRIES)]
    path.write_text(json.dumps({"index_schema_version": "2.1", "plugins": plugins,
                                "artifacts_url": "https://example.com/a"}))


def big_plugin(folder):
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "__init__.py").write_text(ENTRY_POINT)
    noise = random.Random(7)
    for i in range(20):
        (folder / f"data{i}.bin").write_bytes(noise.randbytes(200_000))


def check_index(path, names):
    index = json.loads(path.read_text(encoding="utf-8"))
    assert len(index["plugins"]) == ENTRIES + len(names)
    return {(e["name"], e["version"]): e for e in index["plugins"]}


def killed_runs(command, root, reset, rng):
    """Runs and kills `command` ROUNDS times; yields after each."""
    reset()
    start = time.monotonic()
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    takes = time.monotonic() - start
    for _ in range(ROUNDS):
        reset()
        process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, takes * 1.1))
        process.kill()
        yield process.wait() == 0


def test_package(tmp_path):
    big_plugin(tmp_path / "p")
    big_index(tmp_path / "reg/index.json")
    out = tmp_path / "out"
    command = [str(BINARY), "package", "p", "--index", "reg/index.json", "--out", "out"]
    whole = 0
    for done in killed_runs(command, tmp_path, lambda: shutil.rmtree(out, True),
                            random.Random(1)):
        artifact, index = out / "sample-1.0.0.tar.gz", out / "index.json"
        if done:
            assert artifact.exists() and index.exists()
        if index.exists():
            assert artifact.exists(), "the index came before the artifact"
            published = check_index(index, ["sample"])["sample", "1.0.0"]
            digest = hashlib.sha256(artifact.read_bytes()).hexdigest()
            assert published["hash"] == "sha256:" + digest
            whole += 1
        if artifact.exists():
            with tarfile.open(fileobj=gzip.open(artifact)) as tar:
                assert len(tar.getnames()) == 22
    assert 0 < whole < ROUNDS, "the moments must fall on both sides"


def test_yank(tmp_path):
    big_index(tmp_path / "reg/index.json")
    out = tmp_path / "out"
    command = [str(BINARY), "yank", "plugin-7@1.3.0", "--index", "reg/index.json", "--out", "out"]
    whole = 0
    for done in killed_runs(command, tmp_path, lambda: shutil.rmtree(out, True),
                            random.Random(2)):
        if (out / "index.json").exists():
            assert check_index(out / "index.json", [])["plugin-7", "1.3.0"]["yanked"] is True
            whole += 1
        else:
            assert not done
    assert 0 < whole < ROUNDS, "the moments must fall on both sides"


@pytest.mark.parametrize("existing", [False, True])
def test_new(tmp_path, existing):
    target = tmp_path / "fresh"

    def reset():
        shutil.rmtree(target, True)
        for stray in tmp_path.glob(".influxdb3-plugin-*"):
            shutil.rmtree(stray)
        if existing:
            target.mkdir()
            (target / "notes.txt").write_text("mine")

    command = [str(BINARY), "new", "process_writes", "fresh"]
    whole = 0
    for done in killed_runs(command, tmp_path, reset, random.Random(3)):
        # What a killed run was still writing has a temporary name.
        found = {path.name for path in target.glob("[!.]*")} - {"notes.txt"}
        if "manifest.toml" in found:
            # The manifest comes last: where it stands, everything does.
            assert found == {"manifest.toml", "fresh.py", "README.md"}
            whole += 1
            assert tomllib.loads((target / "manifest.toml").read_text())["plugin"]["name"] == "fresh"
            compile((target / "fresh.py").read_text(), "fresh.py", "exec")
        else:
            assert not done
            assert existing or not target.exists()
        for name in found:
            assert (target / name).read_text().endswith("\n"), f"{name} is torn"
    assert 0 < whole < ROUNDS, "the moments must fall on both sides"
