"""32 publishers at once, 20 plugins each, one registry: none lost, none twice, and a reader
who looks all the time never sees anything but a whole index."""
import itertools
import json
import os
import subprocess
import threading
import time

import pytest

from places import PLACES, parameters
from publishing import check_registry, command, environment, ok, plugin, verify
from servers import Driver

NAMES = itertools.count()
# A quick run: fewer publishers. The full one: as many as the promise says.
PUBLISHERS, PLUGINS = 8, 5
FULL_PUBLISHERS, FULL_PLUGINS = 32, 20


class Reader(threading.Thread):
    """Reads index.json over and over; keeps what is wrong with what it saw."""

    def __init__(self, place, location, env):
        super().__init__(daemon=True)
        self.driver = Driver(location, env, "--insecure", "--read")
        self.may_miss = place.readers_may_miss
        self.is_over = threading.Event()
        self.wrong = []
        self.looks = self.misses = 0
        self.last = set()

    def look(self):
        answer = self.driver.get("index.json")
        self.looks += 1
        if answer["status"] == "absent" and self.may_miss:
            self.misses += 1
            self.missing_since = self.missing_since or time.monotonic()
            if time.monotonic() - self.missing_since > 10:
                self.wrong.append("index.json was missing for more than ten seconds")
            return
        self.missing_since = None
        if answer["status"] != "ok":
            self.wrong.append(answer)
            return
        document = json.loads(answer["bytes"])
        found = {(one["name"], one["version"]) for one in document["plugins"]}
        if len(found) != len(document["plugins"]):
            self.wrong.append("an entry stands twice")
        if not self.last <= found:
            self.wrong.append(f"entries went: {self.last - found}")
        self.last = found

    def run(self):
        self.missing_since = None
        while not self.is_over.is_set():
            try:
                self.look()
            except ValueError as error:
                self.wrong.append(f"no JSON: {error}")

    def finish(self):
        self.is_over.set()
        self.join()
        self.driver.close()
        return self.wrong


def load(place, running, tmp_path, publishers, plugins):
    location, env = running.of(place).registry(f"load-{next(NAMES)}")
    more = () if place.tells_url else ("--artifacts-url", "https://plugins.example.com/")
    ok("registry", "init", *more, location=location, env=env,
       options=place.options + place.write_options)
    wanted = set()
    for at, number in itertools.product(range(publishers), range(plugins)):
        plugin(tmp_path / f"p{at:02}", f"plugin_{at:02}_{number:02}", marker=f"{at}-{number}")
        wanted.add((f"plugin_{at:02}_{number:02}", "1.0.0"))
    reader = Reader(place, location, env)
    reader.start()
    start = time.monotonic()
    processes = [subprocess.Popen(
        command("publish", "--root", f"p{at:02}", *place.options, *place.write_options,
                location=location),
        cwd=tmp_path, env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        for at in range(publishers)]
    documents = [json.loads(process.communicate()[0]) for process in processes]
    took = time.monotonic() - start
    wrong = reader.finish()
    failed = [document for document in documents if document["status"] != "ok"]
    assert not failed, failed
    results = [document["result"] for document in documents]
    for result in results:
        assert {one["outcome"] for one in result["plugins"]} == {"published"}
    with Driver(location, env, "--insecure") as store:
        check_registry(lambda name: store.get(name)["bytes"], wanted)
    verify(location, env, place.options, deep=True)
    assert not wrong, wrong[:5]
    assert reader.looks > 5
    note = (f"{place.name}: {publishers} x {plugins} in {took:.1f} s, "
            f"{sum(result['attempts'] for result in results)} attempts, "
            f"{sum(result['requests'] for result in results)} requests, "
            f"{reader.looks} looks, {reader.misses} misses")
    with open(os.environ.get("I3P_LOAD_NOTES", os.devnull), "a", encoding="utf-8") as notes:
        print(note, file=notes)
    print(note)


ALONE = [place for place in PLACES if place.claims != "overwrite"]


@pytest.mark.parametrize("place", parameters(ALONE))
def test_some_at_once(place, running, tmp_path):
    load(place, running, tmp_path, PUBLISHERS, PLUGINS)


@pytest.mark.full
@pytest.mark.parametrize("place", parameters(ALONE))
def test_many_at_once(place, running, tmp_path):
    load(place, running, tmp_path, FULL_PUBLISHERS, FULL_PLUGINS)
