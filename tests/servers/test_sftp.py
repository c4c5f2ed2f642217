"""`sftp://`: through OpenSSH's sftp program, against OpenSSH's server."""
import os
import socket
import subprocess

import pytest

from publishing import ok, plugin, seed
from servers import Driver, free_ports
from web_servers import OpenSSH


@pytest.fixture(scope="module")
def server():
    with OpenSSH() as running:
        yield running


class ReadOnly(OpenSSH):
    sftp_options = "-R"


class NoLinks(OpenSSH):
    sftp_options = "-P hardlink"


class NoPosixRename(OpenSSH):
    sftp_options = "-P posix-rename"


def batch(server, commands):
    """What an independent client sees: sftp, called by hand."""
    return subprocess.run(
        ["sftp", "-q", "-b", "-", "-F", server.config, "-i", server.folder / "key",
         f"-oUserKnownHostsFile={server.known_hosts}", "-P", str(server.port),
         f"{server.user}@127.0.0.1"], input=commands, capture_output=True, text=True, check=True)


@pytest.mark.parametrize("name", ["plain", "a b  c", "br[a]ck*et?s", "quo\"te's", "back\\sl\\\\ash",
                                  "ümläut ☃", "-dash", "#hash", "per%cent", "deep/er/than/one"])
def test_any_directory_will_do(server, name):
    with Driver(server.location(server.root / name)) as store:
        assert store.run("prepare")["status"] == "ok"
        assert store.run("prepare")["status"] == "ok"
        assert store.put_new("index.json", b"one")["status"] == "ok"
        assert store.put_new("index.json", b"two")["status"] == "exists"
        assert store.replace("index.json", b"three")["status"] == "ok"
        assert store.put_new("a-1.0.0+b.5.tar.gz", b"\0" * 100000)["status"] == "ok"
        assert [one["name"] for one in store.list()["objects"]] == ["a-1.0.0+b.5.tar.gz",
                                                                   "index.json"]
        assert store.get("index.json")["bytes"] == b"three"
        assert store.run("remove", "a-1.0.0+b.5.tar.gz", "")["status"] == "ok"
    assert {path.name: path.read_bytes() for path in (server.root / name).iterdir()} == {
        "index.json": b"three"}


def test_readers_may_read_what_is_written(server, tmp_path):
    with Driver(server.location(server.root / "modes")) as store:
        store.run("prepare")
        store.put_new("index.json", b"content")
        store.replace("index.json", b"replaced")
    written = server.root / "modes" / "index.json"
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert written.stat().st_mode == plain.stat().st_mode
    assert written.stat().st_nlink == 1
    batch(server, f'get "{written}" "{tmp_path}/fetched"\n')
    assert (tmp_path / "fetched").read_bytes() == b"replaced"


def test_history_tells_when_each_came(server, tmp_path):
    location, env = server.registry("dated")
    seed(location, env)
    plugin(tmp_path, "alpha")
    ok("publish", "--root", tmp_path, location=location, env=env)
    moments = ok("registry", "history", location=location, env=env)["moments"]
    assert [one["serial"] for one in moments] == [2, 1]
    assert all(one["modified"] for one in moments)


def test_listings_tell_size_time_and_what_is_incomplete(server):
    folder = server.root / "listed"
    folder.mkdir()
    (folder / "sub").mkdir()
    (folder / ".influxdb3-plugin-00ff").write_bytes(b"12")
    for name, moment in (("new.json", 1), ("old.json", 0)):
        (folder / name).write_bytes(b"12345")
        if not moment:
            os.utime(folder / name, (1_600_000_000, 1_600_000_000))
    with Driver(server.location(folder)) as store:
        found = {one["name"]: one for one in store.list()["objects"]}
    assert sorted(found) == [".influxdb3-plugin-00ff", "new.json", "old.json"]
    assert [found[name]["incomplete"] for name in sorted(found)] == [True, False, False]
    assert found["new.json"]["size"] == 5
    changed = int((folder / "new.json").stat().st_mtime)
    assert found["new.json"]["modified"] == changed - changed % 60
    assert found["old.json"]["modified"] == 1_600_000_000 - 1_600_000_000 % 86400


def test_nothing_is_there(server):
    with Driver(server.location(server.root / "never-made")) as store:
        assert store.get("index.json")["status"] == "absent"
        assert store.list()["code"] == "store::not_found"
        answer = store.put_new("index.json", b"x")
        assert (answer["status"], answer["code"]) == ("failed", "store::not_found")


def test_a_path_below_the_home_directory(server):
    with Driver(server.location("/~/no-such-directory-of-the-tests")) as store:
        answer = store.put_new("index.json", b"x")
    assert answer["code"] == "store::not_found"
    assert '"/' in answer["message"] and "/~/" not in answer["message"]


def test_a_removal_takes_only_what_was_seen(server):
    with Driver(server.location(server.root / "locks")) as store:
        store.run("prepare")
        mine = store.put_new("index.lock", b"mine")["object"]["revision"]
        store.replace("index.lock", b"another's")
        assert store.run("remove", "index.lock", mine)["status"] == "conflict"
        got = store.get("index.lock")
        assert got["bytes"] == b"another's"
        assert store.run("remove", "index.lock", got["object"]["revision"])["status"] == "ok"
        assert store.run("remove", "index.lock", mine)["status"] == "absent"
    assert list((server.root / "locks").iterdir()) == []


def test_a_host_that_may_only_be_read():
    with ReadOnly() as server:
        (server.root / "index.json").write_bytes(b"x")
        with Driver(server.location(server.root)) as store:
            assert store.get("index.json")["bytes"] == b"x"
            for answer in (store.put_new("a", b"x"), store.replace("index.json", b"x"),
                           store.run("remove", "index.json", "")):
                assert (answer["status"], answer["code"]) == ("failed", "store::access_denied")
        assert [path.name for path in server.root.iterdir()] == ["index.json"]


@pytest.mark.parametrize("kind, verb", [(NoLinks, "put_new"), (NoPosixRename, "replace")])
def test_a_host_without_what_it_takes(kind, verb):
    with kind() as server:
        (server.root / "index.json").write_bytes(b"old")
        with Driver(server.location(server.root)) as store:
            answer = getattr(store, verb)("new.json" if verb == "put_new" else "index.json", b"x")
        assert answer["status"] == "failed"
        assert answer["code"] in ("store::unsupported", "store::access_denied",
                                  "store::io_failed")
        assert {path.name: path.read_bytes() for path in server.root.iterdir()} == {
            "index.json": b"old"}


def refused(location):
    with Driver(location) as store:
        answer = store.get("index.json")
    assert answer["status"] == "failed"
    return answer["code"], answer["message"]


def test_an_unknown_host_key_is_refused(server, tmp_path):
    for text in ("", "StrictHostKeyChecking no\n", "StrictHostKeyChecking ask\n"):
        config = tmp_path / "config"
        config.write_text(text)
        code, message = refused(server.location(server.root, **{
            "known-hosts": tmp_path / "none yet", "config": config}))
        assert code == "store::host_key", text
        assert "known" in message
    assert not (tmp_path / "none yet").exists()
    config.write_text("StrictHostKeyChecking accept-new\n")
    known = tmp_path / "known hosts %h"
    with Driver(server.location(server.root, **{"known-hosts": known, "config": config})) as store:
        assert store.get("nothing")["status"] == "absent"
    assert known.read_text().startswith(f"[127.0.0.1]:{server.port} ssh-ed25519 ")


def test_a_changed_host_key_is_refused(server, tmp_path):
    key = (server.folder / "key.pub").read_text()
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {key}")
    (tmp_path / "config").write_text("StrictHostKeyChecking no\n")
    code, _ = refused(server.location(server.root, **{"known-hosts": tmp_path / "known",
                                                      "config": tmp_path / "config"}))
    assert code == "store::host_key"


def test_another_key_is_refused(server, tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"],
                   check=True)
    code, message = refused(server.location(server.root, identity=tmp_path / "other"))
    assert code == "auth::unauthorized"
    assert "?identity=" in message


def test_nobody_answers():
    [port] = free_ports(1)
    code, message = refused(f"sftp://nobody@127.0.0.1:{port}/x")
    assert code == "store::unreachable"
    assert "refused" in message


def test_silence_ends_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        location = f"sftp://nobody@127.0.0.1:{silent.getsockname()[1]}/x"
        with Driver(location, None, "--timeout", "1500") as store:
            assert store.get("index.json")["code"] == "store::timeout"


def test_a_connection_that_breaks_is_made_again(server):
    with Driver(server.location(server.root / "broken")) as store:
        store.run("prepare")
        store.put_new("index.json", b"x")
        before = store.run("about")["requests"]
        children = subprocess.run(["pgrep", "-P", str(store.process.pid)], capture_output=True,
                                  text=True, check=True).stdout.split()
        assert len(children) == 1
        os.kill(int(children[0]), 9)
        assert store.get("index.json")["bytes"] == b"x"
        assert store.run("about")["requests"] > before + 1


def test_too_much_is_not_taken(server):
    folder = server.root / "large"
    folder.mkdir()
    with open(folder / "index.json", "wb") as file:
        file.truncate(1 << 30)
    with Driver(server.location(folder)) as store:
        assert store.get("index.json", 1 << 20)["code"] == "store::too_large"
        (folder / "index.json").write_bytes(b"small")
        assert store.get("index.json", 1 << 20)["bytes"] == b"small"


def test_without_the_program(server):
    with Driver(server.location(server.root), {"PATH": "/nonexistent"}) as store:
        answer = store.get("index.json")
    assert answer["code"] == "store::command_failed"
    assert "sftp" in answer["message"]


def test_no_files_are_left_behind(server, tmp_path):
    with Driver(server.location(server.root / "clean"), {"TMPDIR": str(tmp_path)}) as store:
        store.run("prepare")
        store.put_new("index.json", b"x")
        store.put_new("index.json", b"y")
        store.get("index.json")
        store.get("nothing")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["", "/", "/" + "x" * 900])
def test_paths_that_are_none(server, path):
    store = Driver(f"sftp://nobody@127.0.0.1:{server.port}{path}")
    answer = store.run("about")
    assert (answer.get("code") == "usage::invalid_location") == (path != "/")
    store.close()


@pytest.mark.parametrize("name", ["a\rrm index.json", "../index.json", "a/b", "", "x" * 300])
def test_names_that_are_none(server, name):
    with Driver(server.location(server.root / "names")) as store:
        store.run("prepare")
        answer = store.put_new(name, b"x")
    assert (answer["status"], answer["code"]) == ("failed", "store::name_refused")
    assert list((server.root / "names").iterdir()) == []
