"""Where the command starts the network helper, and what it does without one."""
import json
import os
import re
import shutil
import stat
import subprocess

import pytest
from conftest import BINARY, base_env

HELPER = "influxdb3-plugin-registry"
NETWORK = [["publish", "--registry", "r"], ["registry", "init", "--registry", "r"],
           ["registry", "verify", "--registry", "r"], ["registry", "repair", "--registry", "r"],
           ["registry", "history", "--registry", "r"],
           ["registry", "rollback", "--to", "1", "--registry", "r"],
           ["registry", "sync", "--from", "a", "--to", "b"],
           ["yank", "a@1.0.0", "--registry", "r"], ["search", "--registry", "r"],
           ["info", "a", "--registry", "r"]]


@pytest.fixture
def alone(tmp_path):
    """The command in a directory of its own, without the helper."""
    return shutil.copy(BINARY, tmp_path / "influxdb3-plugin")


def run(binary, *args, cwd=None, env=None, **how):
    done = subprocess.run([binary, *args], capture_output=True, text=True, cwd=cwd,
                          env=base_env(env), timeout=60, check=False, **how)
    return done.returncode, done.stdout, done.stderr


def with_helper(folder, script):
    """A helper of the test's own beside the command."""
    file = folder / HELPER
    file.write_text("#!/bin/sh\n" + script)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.mark.parametrize("args", NETWORK, ids=" ".join)
def test_without_the_helper_one_line_says_so(alone, args):
    status, out, err = run(alone, *args, "--output", "human")
    assert (status, out) == (1, "")
    assert re.fullmatch(rf"\[registry::helper_missing\] .*{HELPER}.*\n", err)
    status, out, err = run(alone, *args, "--output", "json")
    error = json.loads(out)
    assert (status, err, out.count("\n")) == (1, "", 1)
    assert error["status"] == "error" and error["error"]["code"] == "registry::helper_missing"
    assert set(error["error"]) == {"code", "message"}


@pytest.mark.parametrize("args", NETWORK, ids=" ".join)
def test_help_and_usage_errors_need_no_helper(alone, args):
    status, out, err = run(alone, *args, "--help")
    words = [word for word in args[:2] if re.fullmatch("[a-z]+", word) and word != "a"]
    assert (status, err) == (0, "") and f"Usage: influxdb3-plugin {' '.join(words)} " in out
    status, out, _ = run(alone, *args, "--nope")
    assert status == 2 and json.loads(out)["error"]["code"] == "usage::unknown_argument"


def test_offline_commands_lose_nothing(alone, tree):
    assert run(alone, "validate", "p", cwd=tree.root)[0] == 0
    assert run(alone, "search", "--index", "reg/index.json", cwd=tree.root)[0] == 0
    assert run(alone, "--version")[0] == 0
    assert run(alone, "search", "--index", "reg/index.json", cwd=tree.root,
               env={"INFLUXDB3_PLUGIN_REGISTRY": "s3://nowhere"})[0] == 0


def test_arguments_streams_and_status_pass_through(alone, tmp_path):
    with_helper(tmp_path, 'for word; do printf "<%s>" "$word"; done; cat; echo lost >&2; exit 7\n')
    args = ["publish", "", "a b", "--registry=s3://b?x=y", "--", "-c\n"]
    status, out, err = run(alone, *args, "-d", input="from stdin")
    # An empty path is refused before anything is started.
    assert status == 2 and json.loads(out)["error"]["code"] == "usage::invalid_value"
    args.remove("")
    status, out, err = run(alone, *args, input="from stdin")
    assert status == 7 and err == "lost\n"
    assert out == "".join(f"<{word}>" for word in args) + "from stdin"


def test_the_environment_counts_and_is_passed_on(alone, tmp_path):
    with_helper(tmp_path, 'echo "$INFLUXDB3_PLUGIN_REGISTRY $*"\n')
    env = {"INFLUXDB3_PLUGIN_REGISTRY": "/e"}
    assert run(alone, "registry", "history", env=env) == (0, "/e registry history\n", "")
    assert run(alone, "yank", "a@1.0.0", env=env) == (0, "/e yank a@1.0.0\n", "")
    status, out, _ = run(alone, "yank", "a@1.0.0", "--index", "i", env=env)
    assert status == 2 and json.loads(out)["error"]["code"] == "usage::missing_required_argument"


def test_a_registry_that_is_not_named(alone, tmp_path):
    with_helper(tmp_path, "echo no\n")
    status, out, _ = run(alone, "publish")
    found = json.loads(out)["error"]
    assert status == 2 and found["code"] == "usage::missing_required_argument"
    assert found["message"].endswith(
        "`--registry <LOCATION>` (or set INFLUXDB3_PLUGIN_REGISTRY)")


def test_a_link_to_the_command_finds_the_helper(alone, tmp_path):
    with_helper(tmp_path, "echo here\n")
    other = tmp_path / "bin"
    other.mkdir()
    (other / "i3").symlink_to(alone)
    assert run(other / "i3", "registry", "history", "--registry", "r") == (0, "here\n", "")


def test_a_helper_that_cannot_be_started_is_told(alone, tmp_path):
    with_helper(tmp_path, "").chmod(0o644)
    status, out, err = run(alone, "search", "--registry", "r", "--output", "human")
    assert (status, out) == (1, "")
    assert re.fullmatch(r"\[registry::helper_missing\] .*: permission denied\n", err)


def test_the_command_links_no_network_library():
    """Nothing at all but the C library; and the helper is another program."""
    needed = subprocess.run(["readelf", "-d", BINARY], capture_output=True, text=True,
                            check=True).stdout
    libraries = set(re.findall(r"NEEDED.*\[(.*?)\]", needed))
    assert libraries <= {"libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
    helper = BINARY.parent / HELPER
    assert helper.exists() and os.access(helper, os.X_OK)
