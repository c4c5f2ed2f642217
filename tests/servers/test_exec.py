"""`exec:`: the operator's command, by docs/locations/exec.md."""
import os
import shlex
import signal
import time

import pytest

from servers import Driver

CAPABILITIES = """capabilities) printf 'protocol 1\\nmode cas\\nlist\\n' ;;"""
HASH_OF_X = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@pytest.fixture
def command(tmp_path):
    """A location over a script whose `case` has these arms; it notes how it was called."""
    def make(*arms, capabilities=CAPABILITIES):
        script = tmp_path / "it's a script.sh"
        script.write_text("printf '%s|' \"$@\" >>calls; echo >>calls\ncase $1 in\n"
                          + "\n".join([*arms, capabilities]) + "\nesac\n")
        return f"exec:cd {tmp_path} && sh {shlex.quote(str(script))}"
    return make


def calls(tmp_path):
    return (tmp_path / "calls").read_text().splitlines()


def test_words_reach_the_command_as_they_are(command, tmp_path):
    with Driver(command("put-new) cat >got ;;", "replace) cat >got ;;", "get) cat got ;;",
                        "list) ;;", "remove) ;;")) as store:
        assert store.put_new("a-1.0.0+b.tar.gz", b"\0\xff\n")["status"] == "ok"
        assert (tmp_path / "got").read_bytes() == b"\0\xff\n"
        assert store.get("a-1.0.0+b.tar.gz")["bytes"] == b"\0\xff\n"
        assert store.replace("index.json", b"x", "sha256:12")["status"] == "ok"
        assert store.replace("index.json", b"x")["status"] == "ok"
        assert store.list("")["status"] == "ok"
        assert store.run("remove", "index.json", "r e v")["status"] == "ok"
        requests = store.run("about")["requests"]
    assert calls(tmp_path) == ["capabilities|", "put-new|a-1.0.0+b.tar.gz|",
                               "get|a-1.0.0+b.tar.gz|", "replace|index.json|sha256:12|",
                               "replace|index.json|-|", "list||", "remove|index.json|r e v|"]
    assert requests == 7


@pytest.mark.parametrize("status, code", [
    (6, "store::access_denied"), (7, "store::no_space"), (9, "store::unsupported"),
    (1, "store::command_failed"), (42, "store::command_failed"),
    (127, "store::command_failed"), (5, "store::bad_response")])
def test_a_status_has_its_error(command, status, code):
    with Driver(command(f"get) echo 'it says why' >&2; exit {status} ;;")) as store:
        answer = store.get("index.json")
    assert (answer["status"], answer["code"]) == ("failed", code)
    assert "`get`" in answer["message"]
    assert answer["field"] == "index.json"
    assert "it says why" in answer["message"] or status == 5


@pytest.mark.parametrize("verb", ["put-new", "replace", "remove"])
def test_a_write_that_fails_somehow_is_uncertain(command, verb, tmp_path):
    (tmp_path / "x").write_text("x")
    words = {"put-new": ("n", tmp_path / "x"), "replace": ("n", tmp_path / "x", "r"),
             "remove": ("n", "r")}[verb]
    for end, status in (("exit 1", "uncertain"), ("kill -9 $$", "uncertain"),
                        ("exit 6", "failed"), ("exit 7", "failed"), ("exit 126", "failed")):
        with Driver(command(f"{verb}) {end} ;;")) as store:
            assert store.run(verb, *words)["status"] == status, end


def test_documented_statuses(command):
    with Driver(command("put-new) exit 4 ;;", "get) exit 3 ;;", "replace) exit 5 ;;",
                        "remove) exit 3 ;;", "prepare) exit 9 ;;")) as store:
        assert store.put_new("n", b"x")["status"] == "exists"
        assert store.get("n")["status"] == "absent"
        assert store.replace("n", b"x", "r")["status"] == "conflict"
        assert store.run("remove", "n", "r")["status"] == "absent"
        assert store.run("prepare") == {"status": "ok", "requests": 6}


def test_try_again_is_tried_again(command, tmp_path):
    with Driver(command("get) [ $(wc -l <calls) -ge 5 ] || exit 8; printf x ;;")) as store:
        assert store.get("n")["bytes"] == b"x"
    assert len(calls(tmp_path)) == 5
    with Driver(command("get) exit 8 ;;")) as store:
        answer = store.get("n")
    assert answer["code"] == "store::server_error"
    assert len(calls(tmp_path)) == 5 + 1 + 5


def test_a_revision_is_the_hash_or_what_is_told(command):
    with Driver(command("get) printf x ;;")) as store:
        assert store.get("n")["object"]["revision"] == HASH_OF_X
    with Driver(command("get) printf x; echo ' \"e tag\" ' >&3; echo more >&3 ;;",
                        "put-new) cat; echo 7 >&3 ;;")) as store:
        assert store.get("n")["object"]["revision"] == '"e tag"'
        assert store.put_new("n", b"y")["object"]["revision"] == "7"
    with Driver(command("get) printf %0300d 1 >&3 ;;")) as store:
        assert store.get("n")["code"] == "store::bad_response"


def test_secrets_of_the_environment_are_not_shown(command):
    env = {"HOST_TOKEN": "s3cr3t-of-the-host", "SIGNING_KEY": "line one\nline two\n",
           "PLAIN": "in-the-clear"}
    with Driver(command("get) env >&2; exit 1 ;;"), env) as store:
        message = store.get("n")["message"]
    assert "PLAIN=in-the-clear" in message and "HOST_TOKEN=***" in message
    assert "s3cr3t" not in message and "line one" not in message and "line two" not in message


def test_long_errors_are_cut_at_their_start(command):
    with Driver(command("get) printf 'first%05000dlast' 0 >&2; exit 1 ;;")) as store:
        message = store.get("n")["message"]
    assert message.endswith("0000last") and "first" not in message and len(message) < 800


def test_one_that_hangs_is_ended_with_all_it_started(command, tmp_path):
    location = command("get) sleep 600 & echo $! >pid; wait ;;")
    with Driver(location, {"INFLUXDB3_PLUGIN_EXEC_TIMEOUT": "1"}) as store:
        answer = store.get("n")
    assert (answer["status"], answer["code"]) == ("failed", "store::timeout")
    pid = int((tmp_path / "pid").read_text())
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
        status = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
        if status == "Z":  # killed; whoever adopted it has not looked yet
            return
    os.kill(pid, signal.SIGKILL)
    pytest.fail("it still runs")


def test_what_it_leaves_behind_is_not_waited_for(command):
    with Driver(command("get) printf x; sleep 30 & ;;")) as store:
        assert store.get("n")["bytes"] == b"x"


def test_one_that_does_not_read_its_input(command):
    with Driver(command("put-new) exit 4 ;;", "replace) exit 0 ;;")) as store:
        assert store.put_new("n", b"x" * (1 << 20))["status"] == "exists"
        assert store.replace("n", b"x" * (1 << 20), "r")["status"] == "ok"


def test_endless_output_is_cut_off(command):
    with Driver(command("get) yes ;;", "list) yes 'index-000001.json' ;;")) as store:
        assert store.get("n", 100000)["code"] == "store::too_large"
        assert store.list()["code"] == "store::too_large"


def test_lists_are_read_and_sorted(command):
    lines = r"b\t5\t1700000000\trev\na\nindex-2\t\t1700000001\r\n\nb-2\t7\n"
    with Driver(command(f"list) printf '{lines}' ;;")) as store:
        found = store.list()["objects"]
        assert [one["name"] for one in found] == ["a", "b", "b-2", "index-2"]
        assert found[0]["size"] == 2**64 - 1 and found[0]["modified"] == 0
        assert "revision" not in found[0]
        assert (found[1]["size"], found[1]["modified"]) == (5, 1700000000)
        assert found[1]["revision"] == "rev"
        assert found[3]["modified"] == 1700000001
        assert [one["name"] for one in store.list("b")["objects"]] == ["b", "b-2"]


@pytest.mark.parametrize("line", ["a/b", "a\\tx", "a\\t1\\t-5", "\\t5", "a\\t99999999999999999999"])
def test_lists_that_are_not_as_documented(command, line):
    with Driver(command(f"list) printf '{line}\\n' ;;")) as store:
        assert store.list()["code"] == "store::bad_response"


@pytest.mark.parametrize("said, wanted", [
    ("protocol 1\\n", {"mode": "overwrite", "needs_exclusive": True, "lists": False}),
    ("protocol 1\\nmode journal\\nlist\\nnovelty 9\\n", {"mode": "journal-locked", "lists": True}),
    ("artifacts-url https://x/y\\n\\nprotocol 1\\n", {"artifacts_url": "https://x/y"}),
    ("mode cas\\n", {"code": "store::bad_response"}),
    ("protocol 2\\n", {"code": "store::bad_response"}),
    ("protocol 1\\nmode best\\n", {"code": "store::bad_response"}),
    ("protocol 1\\nmode journal\\n", {"code": "store::bad_response"}),
    ("protocol 1\\nparallel 0\\n", {"code": "store::bad_response"}),
    ("<html>", {"code": "store::bad_response"})])
def test_capabilities(command, said, wanted):
    store = Driver(command(capabilities=f"capabilities) printf '{said}' ;;"))
    answer = store.run("about")
    assert {key: answer.get(key) for key in wanted} == wanted
    assert store.close() == (1 if "code" in wanted else 0)


def test_a_command_that_is_not_there():
    store = Driver("exec:no-such-command-anywhere")
    answer = store.run("about")
    assert answer["code"] == "store::command_failed"
    assert "no-such-command-anywhere" in answer["message"]
    assert store.close() == 1


@pytest.mark.parametrize("name", ["-rf", ".hidden", "a b", "a/b", "../x", "$(id)", "x" * 300])
def test_names_are_as_promised(command, tmp_path, name):
    with Driver(command("get) printf x ;;")) as store:
        assert store.get(name)["code"] == "store::name_refused"
    assert calls(tmp_path) == ["capabilities|"]
