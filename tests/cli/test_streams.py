"""Modes, colours, streams that cannot be written, arguments of odd bytes."""
import json
import os
import re
import subprocess

import pytest
from conftest import BINARY, HANDLER, MANIFEST, base_env, entry, index_of

COLOR = re.compile(r"\x1b\[[0-9;]*m")


# ---------------------------------------------------------------- modes

@pytest.mark.parametrize("env,is_json", [
    ({}, False), ({"CI": "true"}, True), ({"CI": "1"}, True), ({"CI": "0"}, False),
    ({"CI": "TRUE"}, False), ({"CI": ""}, False), ({"GITHUB_ACTIONS": "true"}, False),
])
def test_the_mode_on_a_terminal(tree, env, is_json):
    status, shown, _ = tree.terminal("validate", "p", env=env)
    assert status == 0 and shown.startswith("{") == is_json


def test_the_mode_off_a_terminal(tree):
    status, out, err = tree.run("validate", "p")
    assert (status, out, err) == (0, '{"status":"ok","result":{}}\n', "")


@pytest.mark.parametrize("args,is_json", [
    (["search", "--index", "no", "--", "--output=human"], False),
    (["search", "--output", "json", "--index", "no", "--", "x"], True),
    (["search", "--index", "no", "--", "--output"], True),
    (["search", "--index", "no", "--output=human"], False),
])
def test_the_mode_of_errors_is_scanned(tree, args, is_json):
    status, out, err = tree.run(*args)
    assert status == 1
    assert (out.startswith("{"), err == "") == (is_json, is_json)


def test_the_mode_of_results_is_parsed(tree):
    status, out, err = tree.run("search", "--index", "reg/index.json", "--", "--output=human")
    assert (status, out, err) == (0, '{"status":"ok","result":{"hits":[]}}\n', "")


# ---------------------------------------------------------------- colours

@pytest.mark.parametrize("env,colored", [
    ({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True),
    ({"TERM": "dumb"}, False), ({"TERM": "xterm"}, True),
    ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False), ({"TERM": "dumb", "FORCE_COLOR": "1"}, False),
])
def test_colour_on_a_terminal(tree, env, colored):
    tree.write("i.json", index_of(entry()))
    _, shown, _ = tree.terminal("search", "--index", "i.json", env=env)
    assert bool(COLOR.search(shown)) == colored
    assert COLOR.sub("", shown) == "alpha  1.0.0  process_writes  About alpha.\n"
    status, shown, _ = tree.terminal("validate", "nowhere", "--output", "human", env=env,
                                     streams="err")
    assert status == 1 and bool(COLOR.search(shown)) == colored


@pytest.mark.parametrize("env,colored", [
    ({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": ""}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": "x"}, False),
])
def test_colour_off_a_terminal(tree, env, colored):
    tree.write("i.json", index_of(entry()))
    _, out, _ = tree.human("search", "--index", "i.json", env=env)
    assert bool(COLOR.search(out)) == colored
    _, _, err = tree.human("validate", "nowhere", env=env)
    assert bool(COLOR.search(err)) == colored


def test_json_and_help_are_never_coloured(tree):
    tree.write("i.json", index_of(entry()))
    for args in (["search", "--index", "i.json", "--output", "json"],
                 ["validate", "nowhere", "--output", "json"], ["--help"], ["--version"],
                 ["yank", "--help"]):
        _, shown, _ = tree.terminal(*args, env={"FORCE_COLOR": "1"})
        assert shown and "\x1b" not in shown, args


# ---------------------------------------------------------------- failing streams

COMMANDS = [["--version"], ["--help"], ["new", "list"], ["validate", "p"],
            ["search", "--index", "reg/index.json"], ["validate", "nowhere"], ["nope"]]


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_a_full_disk_is_no_success(tree, args):
    with open("/dev/full", "wb") as full:
        status, _, err = tree.run(*args, stdout=full)
    assert status == 1
    assert err == "[io::write_failed] cannot write the output: no space left on device\n"


@pytest.mark.parametrize("args", [["validate", "nowhere"], ["nope"]], ids=" ".join)
def test_an_error_that_cannot_be_told_is_a_failure(tree, args):
    with open("/dev/full", "wb") as full:
        status, out, _ = tree.run(*args, "--output", "human", stderr=full)
    assert (status, out) == (1, "")


def test_a_closed_standard_output_is_no_success(tree):
    for args in COMMANDS:
        done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", BINARY, *args], cwd=tree.root,
                              env=base_env(None), stderr=subprocess.PIPE)
        assert done.returncode == 1, args
        assert b"[io::write_failed]" in done.stderr


def test_a_closed_stream_never_becomes_a_file(tree):
    """The first file that is opened would get the free number."""
    for close in (">&-", "2>&-", "<&-", "<&- >&- 2>&-"):
        out = f"o{close.count('&')}{close[0]}"
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {close}', "sh", BINARY, "package", "p", "--index",
             "reg/index.json", "--out", out], cwd=tree.root, env=base_env(None),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == (1 if ">&-" in close.replace("2>&-", "") else 0), close
        assert json.loads((tree.root / out / "index.json").read_text())["plugins"]


def test_a_closed_pipe_is_no_success(tree):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        status, _, err = tree.run("--help", stdout=pipe)
    assert status == 1
    assert "cannot write the output: broken pipe" in err


# ---------------------------------------------------------------- odd bytes

def test_odd_bytes_in_arguments_are_shown(tree):
    bad = os.fsdecode(b"a\xff\x1b")
    error = tree.error("validate", bad, "--nope")
    assert error["details"] == {"argument": "--nope"}
    assert tree.error(f"--{bad}")["details"] == {"argument": "--a\ufffd\x1b"}
    assert tree.error(bad)["details"] == {"subcommand": "a\ufffd\x1b"}
    assert tree.error("yank", bad)["details"]["value"] == "a\ufffd\x1b"
    assert tree.error("info", bad, "--index", "x")["details"]["value"] == "a\ufffd\x1b"
    assert tree.error("search", "--index", bad)["field"].endswith("/a\ufffd\x1b")
    _, _, err = tree.run(bad, "--output", "human")
    assert r"`a\xff\u{1b}`" in err
    _, _, err = tree.human("search", "--index", bad)
    assert err.startswith(r"[index::index_read_failed] a\xff\u{1b}: ")
    assert r"\x1b" not in err and "\x1b" not in err


def test_odd_bytes_in_paths_work(tree):
    odd = os.fsdecode(b"d\xe9\xff")
    (tree.root / odd).mkdir()
    for name, content in (("manifest.toml", MANIFEST), ("sample.py", HANDLER)):
        (tree.root / odd / name).write_text(content)
    status, document = tree.json("package", odd, "--index", "reg/index.json", "--out", odd + "o")
    assert status == 0
    assert document["result"]["index_path"].endswith("/d\ufffd\ufffdo/index.json")
    status, document = tree.json("search", os.fsdecode(b"\xff"), "--index", "reg/index.json")
    assert (status, document["result"]) == (0, {"hits": []})
    status, document = tree.json("new", "process_writes", odd + "/n", "--name", "ok")
    assert status == 0
