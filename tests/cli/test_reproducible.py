"""Artifact bytes depend on paths, bytes and execute bits, and on nothing else; and what
GNU tar and bsdtar make of an artifact is what went in."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("I3P_BIN", ROOT / "build" / "influxdb3-plugin")).resolve()

MANIFEST = """\
manifest_schema_version = "1.3"
[plugin]
name = "sample"
version = "1.0.0"
description = "A sample."
triggers = ["process_writes"]
exclude = ["*.tmp"]
[dependencies]
database_version = ">=3.0.0"
"""
LONG = "d" * 60 + "/" + "e" * 60 + "/" + "f" * 60 + ".txt"  # split into prefix and name
LONGER = "g" * 150 + ".txt"  # needs a long-name record
FILES = {
    "manifest.toml": MANIFEST.encode(),
    "__init__.py": b"def process_writes(influxdb3_local, table_batches, args=None):\n    pass\n",
    "run.sh": b"#!/bin/sh\n",
    "empty": b"",
    "block": b"b" * 512,
    ".hidden/deep/x": b"x" * 1000,
    "\u00e9\u0301 space.txt": "\u00e9".encode(),
    LONG: b"long",
    LONGER: b"longer",
    "large.bin": random.Random(1).randbytes(3_000_000),
    "left.tmp": b"never packaged",
}
EXECUTABLE = {"run.sh"}


def build(folder, order=None, mode=0o644):
    for path in order or FILES:
        target = folder / "p" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(FILES[path])
        target.chmod(mode | (0o100 if path in EXECUTABLE else 0))
    (folder / "index.json").write_text(json.dumps(
        {"index_schema_version": "2.1", "artifacts_url": "https://example.com/a", "plugins": []}))
    return folder


def package(folder, prefix=(), plugin="p", cwd=None, **env):
    out = folder / "out"
    argv = [*prefix, str(BINARY), "package", plugin, "--index", str(folder / "index.json"),
            "--out", str(out), "--output", "json"]
    done = subprocess.run(argv, cwd=cwd or folder, env={**os.environ, **env},
                          capture_output=True)
    assert done.returncode == 0, done.stdout
    artifact = (out / "sample-1.0.0.tar.gz").read_bytes()
    digest = "sha256:" + hashlib.sha256(artifact).hexdigest()
    assert json.loads(done.stdout)["result"]["hash"] == digest
    shutil.rmtree(out)
    return artifact


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return package(build(tmp_path_factory.mktemp("plain")))


def test_twice(expected, tmp_path):
    assert package(build(tmp_path)) == expected


def test_order_of_creation(expected, tmp_path):
    for seed in range(5):
        order = list(FILES)
        random.Random(seed).shuffle(order)
        assert package(build(tmp_path / str(seed), order)) == expected


def test_clock_and_file_times(expected, tmp_path):
    build(tmp_path)
    for i, path in enumerate((tmp_path / "p").rglob("*")):
        os.utime(path, (i * 1e6, time.time() + 1e8 - i * 1e7))
    assert package(tmp_path, TZ="Pacific/Kiritimati", SOURCE_DATE_EPOCH="1") == expected


def test_locale(expected, tmp_path):
    build(tmp_path)
    for locale in ("C", "C.UTF-8", "tr_TR.UTF-8", "de_DE.ISO-8859-1"):
        assert package(tmp_path, LC_ALL=locale, LANG=locale, LANGUAGE=locale) == expected


def test_umask_and_modes(expected, tmp_path):
    for i, (umask, mode) in enumerate([("000", 0o666), ("077", 0o600), ("022", 0o444)]):
        folder = build(tmp_path / str(i), mode=mode)
        assert package(folder, prefix=("sh", "-c", f'umask {umask}; exec "$@"', "sh")) == expected


def test_any_execute_bit_is_the_execute_bit(expected, tmp_path):
    build(tmp_path)
    for mode in (0o645, 0o654, 0o755, 0o4711):
        (tmp_path / "p/run.sh").chmod(mode)
        assert package(tmp_path) == expected
    (tmp_path / "p/run.sh").chmod(0o644)
    assert package(tmp_path) != expected


def test_working_directory_and_spelling_of_the_path(expected, tmp_path):
    build(tmp_path)
    (tmp_path / "link").symlink_to("p")
    assert package(tmp_path, plugin=str(tmp_path / "p")) == expected
    assert package(tmp_path, plugin="./p/../p//") == expected
    assert package(tmp_path, plugin="link") == expected
    assert package(tmp_path, plugin=".", cwd=tmp_path / "p") == expected


def test_user(expected):
    """As another user, whose files they are; in a place that is open to all."""
    assert os.geteuid() == 0 and shutil.which("setpriv"), "needs root"
    assert os.stat("/").st_mode & 0o001, "/ is closed to others"
    shared = Path("/dev/shm") / f"user-{os.getpid()}"
    # Its rights end in exec, so that the program itself may lie where only root goes.
    prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    try:
        build(shared)
        for path in [shared, *shared.rglob("*")]:
            os.chown(path, 65534, 65534)
        assert package(shared, prefix=prefix) == expected
    finally:
        shutil.rmtree(shared)


def test_file_system(expected, tmp_path):
    """Another file system lists directories in another order."""
    shared = Path("/dev/shm") / f"reproducible-{os.getpid()}"
    assert os.stat("/dev/shm").st_dev != os.stat(tmp_path).st_dev
    try:
        assert package(build(shared)) == expected
    finally:
        shutil.rmtree(shared)


def test_bytes_and_paths_do_matter(expected, tmp_path):
    build(tmp_path)
    (tmp_path / "p/empty").write_bytes(b"x")
    assert package(tmp_path) != expected
    (tmp_path / "p/empty").write_bytes(b"")
    assert package(tmp_path) == expected
    (tmp_path / "p/empty").rename(tmp_path / "p/emptier")
    assert package(tmp_path) != expected


@pytest.mark.parametrize("tar", ["tar", "bsdtar"])
def test_tar_programs_agree(expected, tmp_path, tar):
    assert shutil.which(tar), f"{tar} is not installed"
    artifact = tmp_path / "a.tar.gz"
    artifact.write_bytes(expected)
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    listed = subprocess.run([tar, "-tzf", artifact], capture_output=True, check=True, env=env)
    assert listed.stderr == b""
    subprocess.run([tar, "-xzf", artifact, "-C", tmp_path], check=True, env=env)
    want = {f"sample-1.0.0/{path}": content for path, content in FILES.items()
            if not path.endswith(".tmp")}
    names = [path.relative_to(tmp_path).as_posix() for path in (tmp_path / "sample-1.0.0").rglob("*")
             if path.is_file()]
    assert sorted(names) == sorted(want)
    assert len(listed.stdout.splitlines()) == len(want)
    for name, content in want.items():
        path = tmp_path / name
        assert path.read_bytes() == content
        executable = name.removeprefix("sample-1.0.0/") in EXECUTABLE
        assert path.stat().st_mode & 0o777 == (0o755 if executable else 0o644)
    assert subprocess.run(["gzip", "-t", artifact]).returncode == 0


def test_the_tar_programs_list_alike(expected, tmp_path):
    artifact = tmp_path / "a.tar.gz"
    artifact.write_bytes(expected)
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    lists = [subprocess.run([tar, "-tzf", artifact, *more], capture_output=True, check=True,
                            env=env).stdout for tar, *more in
             (["tar", "--quoting-style=literal"], ["bsdtar"])]
    assert lists[0] == lists[1]
    assert lists[0].count(b"\n") == len(FILES) - 1


def extracted(tar, artifact, folder):
    """Path -> bytes and mode of what a tar program makes of an artifact; and its list."""
    folder.mkdir()
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    quoting = ["--quoting-style=literal"] if tar == "tar" else []
    listed = subprocess.run([tar, "-tzf", artifact, *quoting], capture_output=True, check=True, env=env)
    done = subprocess.run([tar, "-xzf", artifact, "-C", folder], capture_output=True, check=True, env=env)
    assert listed.stderr == done.stderr == b""
    found = {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o7777)
             for path in folder.rglob("*") if path.is_file()}
    return listed.stdout, found


def random_tree(seed):
    """Paths around every length at which a header's form changes, and odd names."""
    rng = random.Random(seed)
    files = {"manifest.toml": MANIFEST.encode(), "__init__.py": FILES["__init__.py"]}
    letters = ["a", "b", "-", " ", "\u00e9", "\u65e5", "\U0001f600", "~", "'", '"', "$", "*", "[", "#"]
    top = len("sample-1.0.0/")
    for total in [*rng.sample(range(90, 112), 6), *rng.sample(range(150, 165), 4),
                  *rng.sample(range(230, 256), 4), *(rng.randrange(20, 256) for _ in range(12))]:
        parts, left = [], total - top
        while left > 0:
            size = min(left, rng.choice((1, 7, 30, 99, 100, 101, 154, 155, 156, 200)))
            name = ""
            while len(name.encode()) < size - 4:
                name += rng.choice(letters)
            parts.append("x" + name + "y" * (size - 1 - len(name.encode())))
            left -= size + 1
        path = "/".join(parts)
        if not any(other == path or other.startswith(path + "/") or path.startswith(other + "/")
                   for other in files):
            files[path] = rng.randbytes(rng.choice((0, 1, 511, 512, 513, 1024, 70_000)))
    return files


@pytest.mark.parametrize("seed", range(12))
def test_the_tar_programs_agree_on_any_tree(tmp_path, seed):
    files = random_tree(seed)
    for at, (path, content) in enumerate(files.items()):
        target = tmp_path / "p" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if at % 3 == 0 else 0o644)
    (tmp_path / "index.json").write_text(json.dumps(
        {"index_schema_version": "2.1", "artifacts_url": "https://example.com/a", "plugins": []}))
    artifact = tmp_path / "a.tar.gz"
    artifact.write_bytes(package(tmp_path))
    gnu, bsd = (extracted(tar, artifact, tmp_path / tar) for tar in ("tar", "bsdtar"))
    assert gnu == bsd
    assert gnu[1] == {f"sample-1.0.0/{path}": (content, 0o755 if at % 3 == 0 else 0o644)
                      for at, (path, content) in enumerate(files.items())}
    assert gnu[0].decode().splitlines() == sorted(gnu[1], key=os.fsencode)


@pytest.mark.parametrize("plugin", sorted(path.name for path in (ROOT / "examples/plugins").iterdir()))
def test_the_tar_programs_agree_on_the_examples(tmp_path, plugin):
    (tmp_path / "index.json").write_text(json.dumps(
        {"index_schema_version": "2.1", "artifacts_url": "https://example.com/a", "plugins": []}))
    subprocess.run([BINARY, "package", ROOT / "examples/plugins" / plugin, "--index", "index.json",
                    "--out", "out"], cwd=tmp_path, check=True, capture_output=True)
    [artifact] = (tmp_path / "out").glob("*.tar.gz")
    gnu, bsd = (extracted(tar, artifact, tmp_path / tar) for tar in ("tar", "bsdtar"))
    assert gnu == bsd and len(gnu[1]) >= 2
