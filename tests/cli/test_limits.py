"""Caps on input, each with an error that names it; and memory that does not grow with
what is packaged, and little more than an index when that is read."""
import os
import subprocess
import sys

import pytest
from conftest import BINARY, MANIFEST, ROOT

MIB = 1 << 20


def peak(tree, *args):
    """Peak memory of a successful run, in bytes. The shell between has little itself."""
    script = ("import os, sys; "
              "pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions="
              "[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]); "
              "_, status, usage = os.wait4(pid, 0); print(status, usage.ru_maxrss)")
    done = subprocess.run([sys.executable, "-c", script, BINARY, *args], cwd=tree.root,
                          check=True, capture_output=True, text=True)
    status, kib = map(int, done.stdout.split())
    assert status == 0
    return kib * 1024


def sparse(path, size):
    with open(path, "wb") as file:
        file.truncate(size)


def test_a_manifest_has_at_most_a_mebibyte(tree):
    full = MANIFEST + "#" * (MIB - len(MANIFEST))
    tree.plugin(manifest=full)
    assert tree.human("validate", "p")[0] == 0
    tree.plugin(manifest=full + "#")
    status, _, err = tree.human("validate", "p")
    assert status == 1 and "[validate::io_failed] p/manifest.toml" in err and "1 MiB" in err


def test_an_entry_point_has_at_most_64_mebibytes(tree):
    sparse(tree.root / "p/sample.py", 64 * MIB + 1)
    status, _, err = tree.human("validate", "p")
    assert status == 1 and "p/sample.py" in err and "64 MiB" in err


@pytest.mark.parametrize("args", [["validate", "p"], ["package", "p", "--out", "o"], ["search"],
                                  ["info", "a"], ["yank", "a@1.0.0", "--out", "o"]],
                         ids=lambda args: args[0])
def test_an_index_has_at_most_two_gibibytes(tree, args):
    sparse(tree.root / "i.json", 2048 * MIB + 1)
    status, _, err = tree.human(*args, "--index", "i.json")
    assert status == 1 and "read_failed] i.json: " in err and "2 GiB" in err
    assert tree.json(*args, "--index", "i.json")[0] == 1
    assert not (tree.root / "o").exists()


def test_a_requirement_has_at_most_32_comparators(tree):
    for count, wanted in ((32, 0), (33, 1)):
        many = ",".join([">=3.0.0"] * count)
        tree.plugin(manifest=MANIFEST.replace(">=3.0.0", many))
        status, _, err = tree.human("validate", "p")
        assert status == wanted
    assert "more than 32 comparators" in err


def test_a_plugin_has_at_most_100_000_files(tree):
    folder = tree.root / "p/data"
    folder.mkdir()
    for i in range(99_998):  # and the manifest and the entry point
        first = folder / str(i - i % 50_000)  # a file has so many names
        if i % 50_000 == 0:
            first.touch()
        else:
            os.link(first, folder / str(i))
    assert tree.human("validate", "p")[0] == 0
    tree.write("p/one-more")
    for args in (["validate", "p"], ["package", "p", "--index", "reg/index.json", "--out", "o"]):
        status, _, err = tree.human(*args)
        assert status == 1 and "more than 100000 files" in err and "plugin.exclude" in err
    tree.plugin(manifest=MANIFEST.replace("[dep", "exclude = ['one-more']\n[dep"))
    assert tree.human("validate", "p")[0] == 0


def test_a_gigabyte_is_packaged_in_little_memory(tree):
    for i in range(4):
        sparse(tree.root / f"p/{i}.bin", 256 * MIB)
    assert peak(tree, "package", "p", "--index", "reg/index.json", "--out", "o") < 24 * MIB


def test_a_search_needs_little_more_than_the_index(tree):
    subprocess.run([sys.executable, ROOT / "bench/make_index.py", "--plugins", "3000",
                    "--versions", "10", "-o", tree.root / "i.json"], check=True)
    size = (tree.root / "i.json").stat().st_size
    assert peak(tree, "search", "sens", "--index", "i.json") < 1.5 * size
