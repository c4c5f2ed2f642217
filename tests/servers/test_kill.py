"""SIGKILL before and after each request of a publish, then the same command again: the
registry is complete. And each request lost, before or after it took effect: one command is
enough, or a second one."""
import dataclasses
import itertools
import signal
import subprocess
import time

import pytest

from places import PLACES, parameters
from proxy import LOSE_ANSWER, LOSE_REQUEST, PASS, Proxy
from publishing import command, environment, ok, outcomes, plugin, run, seed, verify
from servers import Driver, Server

NAMES = itertools.count()
# A quick run: one host of each kind that keeps publishers apart.
QUICK = {"seaweedfs", "github"}
HTTP = [dataclasses.replace(place, is_full=place.name not in QUICK)
        for place in PLACES if issubclass(place.server, Server) and place.through_proxy]
PUBLISHED = {("first", "1.0.0"), ("second", "1.0.0")}


@pytest.fixture(params=parameters(HTTP))
def place(request):
    return request.param


@pytest.fixture
def proxy(place, running):
    with Proxy(running.of(place).base) as made:
        yield made


@pytest.fixture
def fresh(place, running, proxy):
    """Makes a new registry and its plugins; its location goes through the proxy."""
    server = running.of(place)

    def make():
        proxy.reset()
        location, env = server.registry(f"kill-{next(NAMES)}")
        location = location.replace(server.base.removeprefix("http://"),
                                    proxy.base.removeprefix("http://"))
        seed(location, env)
        proxy.reset()
        return location, env
    return make


@pytest.fixture
def plugins(tmp_path):
    for name in ("first", "second"):
        plugin(tmp_path / "plugins", name)
    return tmp_path


def publish_words(place):
    return ("publish", "--root", "plugins", "--jobs", "1", *place.options, *place.write_options)


def complete(place, location, env, plugins):
    """The same command again; then nothing is missing and nothing is wrong."""
    if place.claims == "journal-locked":
        forget_lock(location, env)
    result = ok(*publish_words(place), location=location, env=env, cwd=plugins)
    assert set(outcomes(result)) == PUBLISHED
    assert set(outcomes(result).values()) <= {"published", "unchanged"}
    status, document = run("registry", "verify", location=location, env=env,
                           options=place.options)
    left = {one["code"] for one in document.get("error", {}).get("diagnostics", [])}
    # What a dead publisher left under names of its own is no defect of what readers see.
    assert left <= {"registry::leftover", "registry::incomplete_upload"}, document
    if left:
        ok("registry", "repair", "--remove-orphans", location=location, env=env,
           options=place.options + place.write_options)
    verify(location, env, place.options, deep=True)


def forget_lock(location, env):
    """Takes away the lock that a dead publisher holds, so that the next one need not wait a
    minute for it; test_waits_for_a_lock does."""
    with Driver(location, env, "--insecure") as store:
        lock = store.get("index.lock")
        if lock["status"] == "ok":
            assert store.run("remove", "index.lock", lock["object"]["revision"])["status"] == "ok"


def requests_of_a_publish(place, fresh, proxy, plugins):
    location, env = fresh()
    result = ok(*publish_words(place), location=location, env=env, cwd=plugins)
    assert set(outcomes(result).values()) == {"published"}
    count = len(proxy.seen)
    assert result["requests"] == count
    return count


def killed(proxy, process, number, phase):
    """A rule that ends the process at one request."""
    def rule(request):
        if (request.number, request.phase) == (number, phase):
            process[0].send_signal(signal.SIGKILL)
            process[0].wait()
            return LOSE_REQUEST if phase == "before" else LOSE_ANSWER
        return PASS
    proxy.reset(rule)


def test_killed_at_each_request(place, fresh, proxy, plugins):
    count = requests_of_a_publish(place, fresh, proxy, plugins)
    for number, phase in itertools.product(range(1, count + 1), ("before", "after")):
        location, env = fresh()
        process = [None]
        killed(proxy, process, number, phase)
        held = [PASS]
        rule = proxy.rule
        proxy.rule = lambda request: (wait_for(process), rule(request))[1]
        process[0] = subprocess.Popen(
            command(*publish_words(place), location=location), cwd=plugins,
            env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        out, _ = process[0].communicate()
        assert process[0].returncode == -signal.SIGKILL, (number, phase, out, held)
        proxy.reset()
        complete(place, location, env, plugins)


def wait_for(process):
    while process[0] is None:
        time.sleep(0.001)


@pytest.mark.parametrize("fate", [LOSE_REQUEST, LOSE_ANSWER])
def test_each_request_lost(place, fresh, proxy, plugins, fate):
    count = requests_of_a_publish(place, fresh, proxy, plugins)
    for number in range(1, count + 1):
        location, env = fresh()
        phase = "before" if fate == LOSE_REQUEST else "after"
        proxy.reset(lambda request, number=number: fate if (
            request.number, request.phase) == (number, phase) else PASS)
        status, document = run(*publish_words(place), location=location, env=env, cwd=plugins)
        proxy.reset()
        if status == 0:
            assert set(outcomes(document["result"]).values()) <= {"published", "unchanged"}
        else:
            assert document["error"]["code"].startswith("store::"), document
        complete(place, location, env, plugins)


# Hosts that no proxy can stand before: a kill at moments spread over the run.
APART = [place for place in PLACES if place.name in ("directory", "exec", "sftp")]
MOMENTS = 12


def time_of(start):
    """Seconds that a run takes which nobody kills."""
    process = start()[2]
    begin = time.monotonic()
    assert process.wait() == 0
    return time.monotonic() - begin


@pytest.mark.full
@pytest.mark.parametrize("place", parameters(APART))
def test_killed_at_any_moment(place, running, plugins):
    server = running.of(place)

    def start():
        location, env = server.registry(f"kill-{next(NAMES)}")
        seed(location, env)
        return location, env, subprocess.Popen(
            command(*publish_words(place), location=location), cwd=plugins,
            env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    took = min(time_of(start) for _ in range(3))
    ends = []
    for at in range(MOMENTS):
        location, env, process = start()
        time.sleep(took * at / MOMENTS)
        process.kill()
        ends.append(process.wait())
        time.sleep(0.2)  # what its children had begun
        complete(place, location, env, plugins)
    assert ends.count(-signal.SIGKILL) >= 3, ends


LOCKED = [place for place in PLACES if place.claims == "journal-locked"]


@pytest.mark.full
@pytest.mark.parametrize("place", parameters(LOCKED))
def test_waits_for_a_lock(place, running, plugins):
    """What a dead publisher holds is broken after a minute, by who waits for it."""
    location, env = running.of(place).registry(f"kill-{next(NAMES)}")
    more = () if place.tells_url else ("--artifacts-url", "https://plugins.example.com/")
    ok("registry", "init", *more, location=location, env=env, options=place.options)
    with Driver(location, env, "--insecure") as store:
        assert store.put_new("index.lock", b"a publisher that died")["status"] == "ok"
    result = ok(*publish_words(place), location=location, env=env, cwd=plugins)
    assert set(outcomes(result).values()) == {"published"}
    with Driver(location, env, "--insecure") as store:
        assert store.list("index.lock")["objects"] == []


def test_reads_what_a_publisher_left(place, running, plugins):
    """Through the store alone, without the commands."""
    location, env = running.of(place).registry(f"kill-{next(NAMES)}")
    ok("registry", "init", location=location, env=env,
       options=place.options + place.write_options)
    ok(*publish_words(place), location=location, env=env, cwd=plugins)
    with Driver(location, env, "--insecure") as store:
        assert store.get("first-1.0.0.tar.gz")["status"] == "ok"
        assert b'"second"' in store.get("index.json")["bytes"]
