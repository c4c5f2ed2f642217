"""The store suite: what every location must do, by store.h, whatever host is behind it."""
import itertools
import re
import threading

import pytest

from places import PLACES, parameters
from servers import Driver

NAMES = itertools.count()
UNKNOWN = 2**64 - 1
GZIP_LIKE = bytes(range(256)) * 4096  # 1 MiB with every byte in it


def only(*modes, lists=False):
    """For places that claim one of these modes, or that can list."""
    def mark(function):
        function.wanted = lambda place: ((not modes or place.claims in modes) and
                                         (place.lists or not lists))
        return function
    return mark


def pytest_generate_tests(metafunc):
    if "place" in metafunc.fixturenames:
        wanted = getattr(metafunc.function, "wanted", lambda place: True)
        metafunc.parametrize("place", parameters([one for one in PLACES if wanted(one)]))


@pytest.fixture
def registry(place, running):
    """A location with nothing in it, prepared, and its environment."""
    location, env = running.of(place).registry(f"store-{next(NAMES)}")
    with Driver(location, env, "--insecure") as driver:
        answer = driver.run("prepare")
        assert answer["status"] == "ok", answer
    return location, env


@pytest.fixture
def store(registry):
    with Driver(*registry, "--insecure") as driver:
        yield driver


def is_cas(store):
    return store.run("about")["mode"] == "cas"


def test_tells_its_mode(store, place):
    about = store.run("about")
    assert about["mode"] == place.claims
    assert about["lists"] == place.lists
    if place.tells_url:
        assert re.match(r"(https?|file)://", about["artifacts_url"])
    else:
        assert "artifacts_url" not in about
    assert not re.search(r":[^/]*@", about["location"].split("://")[-1])


def test_what_was_put_comes_back(store, place):
    empty = [("empty-1.0.0.tar.gz", b"")] if place.takes_empty else []
    for name, content in (("index.json", b"{}\n"), *empty, ("whole-1.0.0.tar.gz", GZIP_LIKE)):
        put = store.put_new(name, content)
        assert put["status"] == "ok"
        got = store.get(name)
        assert (got["status"], got["bytes"]) == ("ok", content)
        assert got["object"]["name"] == name
        if put["object"].get("revision") and is_cas(store):
            assert got["object"]["revision"] == put["object"]["revision"]


def test_absent_is_absent(store):
    assert store.get("nothing.json")["status"] == "absent"
    assert store.put_new("nothing.json2", b"x")["status"] == "ok"
    assert store.get("nothing.json")["status"] == "absent"


def test_put_new_never_overwrites(store):
    assert store.put_new("once-1.0.0.tar.gz", b"first")["status"] == "ok"
    assert store.put_new("once-1.0.0.tar.gz", b"second")["status"] == "exists"
    assert store.put_new("once-1.0.0.tar.gz", b"first")["status"] == "exists"
    assert store.get("once-1.0.0.tar.gz")["bytes"] == b"first"


def test_get_stops_at_its_limit(store):
    store.put_new("large-1.0.0.tar.gz", b"x" * 1001)
    answer = store.get("large-1.0.0.tar.gz", 1000)
    assert (answer["status"], answer["code"]) == ("failed", "store::too_large")
    assert store.get("large-1.0.0.tar.gz", 1001)["status"] == "ok"


@only("cas")
def test_replace_wants_what_was_seen(store):
    first = store.put_new("index.json", b"one")["object"]["revision"]
    changed = store.replace("index.json", b"two", first)
    assert changed["status"] == "ok"
    second = changed["object"]["revision"]
    assert second != first
    assert store.replace("index.json", b"three", first)["status"] == "conflict"
    got = store.get("index.json")
    assert (got["bytes"], got["object"]["revision"]) == (b"two", second)
    assert store.replace("index.json", b"three", second)["status"] == "ok"
    assert store.replace("gone.json", b"x", second)["status"] in ("conflict", "absent")
    assert store.get("gone.json")["status"] == "absent"


@only(lists=True)
def test_lists_by_prefix_in_byte_order(store):
    names = ["index-000001.json", "index-000002.json", "index.json", "b-1.0.0.tar.gz",
             "B-1.0.0.tar.gz", "b-10.0.0.tar.gz"]
    for name in names:
        assert store.put_new(name, name.encode())["status"] == "ok"
    found = store.list()["objects"]
    assert [one["name"] for one in found] == sorted(names)
    assert all(one["size"] in (len(one["name"]), UNKNOWN) for one in found)
    assert [one["name"] for one in store.list("index-")["objects"]] == names[:2]
    assert store.list("nothing")["objects"] == []


def test_removes_what_was_seen(store):
    put = store.put_new("orphan-1.0.0.tar.gz", b"x")
    revision = put["object"].get("revision") or store.list("orphan")["objects"][0]["revision"]
    assert store.run("remove", "orphan-1.0.0.tar.gz", revision)["status"] == "ok"
    assert store.get("orphan-1.0.0.tar.gz")["status"] == "absent"
    assert store.run("remove", "orphan-1.0.0.tar.gz", revision)["status"] in ("ok", "absent")
    assert store.put_new("orphan-1.0.0.tar.gz", b"y")["status"] == "ok"


@only("journal")
def test_renames_by_identity(store):
    one = store.put_new("one.json", b"1")["object"]
    two = store.put_new("two.json", b"2")["object"]
    assert store.run("rename", "one.json", one["revision"], "two.json")["status"] == "exists"
    assert store.run("rename", "one.json", one["revision"], "three.json")["status"] == "ok"
    assert store.get("one.json")["status"] == "absent"
    assert store.get("three.json")["bytes"] == b"1"
    assert store.run("remove", "two.json", two["revision"])["status"] == "ok"
    assert store.run("rename", "two.json", two["revision"], "x.json")["status"] == "absent"


def test_names_as_artifacts_have_them(store):
    plain = "A_b-c9-10.20.30-rc.1.tar.gz"
    assert store.put_new(plain, b"x")["status"] == "ok"
    assert store.get(plain)["bytes"] == b"x"
    with_build = "a-1.0.0+build.5.tar.gz"
    admitted = store.run("admit", with_build)
    if admitted["status"] == "failed":
        assert admitted["code"] == "store::name_refused"
        assert "+" in admitted["message"]
    else:
        assert store.put_new(with_build, b"y")["status"] == "ok"
        assert store.get(with_build)["bytes"] == b"y"
        assert store.get("a-1.0.0-build.5.tar.gz")["status"] == "absent"


def test_serial_stays_with_the_index(store):
    put = store.put_new("index.json", b"{}", serial=41)
    got = store.get("index.json")["object"]
    assert got["serial"] in (0, 1, 41)
    if got["serial"] == 41:
        assert store.replace("index.json", b"{ }", put["object"]["revision"],
                             serial=42)["status"] == "ok"
        assert store.get("index.json")["object"]["serial"] == 42


def race(registry, count, job):
    """Each of `count` drivers does its job at the same time; their answers."""
    drivers = [Driver(*registry, "--insecure") for _ in range(count)]
    for driver in drivers:
        driver.run("about")
    answers = [None] * count
    barrier = threading.Barrier(count)

    def run(at):
        barrier.wait()
        answers[at] = job(drivers[at], at)
    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for driver in drivers:
        assert driver.close() == 0
    return answers


@only("cas", "journal", "journal-locked")
def test_one_of_twenty_creates(registry):
    answers = race(registry, 20, lambda driver, at: driver.put_new("race.json", b"%d" % at))
    winners = [at for at, answer in enumerate(answers) if answer["status"] == "ok"]
    assert len(winners) == 1, answers
    assert {answer["status"] for answer in answers} == {"ok", "exists"}, answers
    with Driver(*registry, "--insecure") as store:
        assert store.get("race.json")["bytes"] == b"%d" % winners[0]


@only("cas")
def test_one_of_twenty_replaces(registry, store):
    seen = store.put_new("index.json", b"start")["object"]["revision"]
    answers = race(registry, 20,
                   lambda driver, at: driver.replace("index.json", b"%d" % at, seen))
    winners = [at for at, answer in enumerate(answers) if answer["status"] == "ok"]
    assert len(winners) == 1, answers
    assert {answer["status"] for answer in answers} <= {"ok", "conflict"}
    assert store.get("index.json")["bytes"] == b"%d" % winners[0]


@only("cas")
def test_counters_are_complete(registry, store):
    store.put_new("index.json", b"0")

    def count(driver, _):
        for _ in range(6):
            while True:
                got = driver.get("index.json")
                answer = driver.replace("index.json", b"%d" % (int(got["bytes"]) + 1),
                                        got["object"]["revision"])
                if answer["status"] == "ok":
                    break
                assert answer["status"] == "conflict", answer
        return True
    assert all(race(registry, 8, count))
    assert store.get("index.json")["bytes"] == b"48"


@pytest.mark.full
@only(lists=True)
def test_lists_over_many_pages(registry, store):
    count = 300 if store.run("about")["mode"] != "cas" else 2100
    chunk = count // 10
    answers = race(registry, 10, lambda driver, at: [
        driver.put_new(f"m-{at * chunk + i:05}.tar.gz", b"x")["status"] for i in range(chunk)])
    assert {status for answer in answers for status in answer} == {"ok"}
    names = [one["name"] for one in store.list("m-")["objects"]]
    assert names == [f"m-{i:05}.tar.gz" for i in range(count)]


def test_there_are_places():
    assert len({place.name for place in PLACES}) == len(PLACES) >= 6
