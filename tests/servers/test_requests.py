"""How many requests a publish makes, on each host that is asked over a network; as the pages of
docs/locations say. Where requests are HTTP, a proxy counts them, too."""
import itertools

import pytest

from places import PLACES, parameters
from proxy import Proxy
from publishing import ok, outcomes, plugin, seed
from servers import Server

NAMES = itertools.count()
# Place: requests when nothing is new; requests of N new plugins as `base + each * N`.
COUNTS = {
    "seaweedfs": (1, 3, 1),
    "versitygw": (1, 3, 1),
    "minio": (1, 3, 1),
    "fake-gcs": (1, 3, 1),
    "azurite": (1, 3, 1),
    "github": (3, 9, 1),
    "gitlab": (3, 9, 2),
}
COUNTED = [place for place in PLACES if place.name in COUNTS]


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("place", parameters(COUNTED))
def test_requests_of_a_publish(place, count, running, tmp_path):
    server = running.of(place)
    nothing, base, each = COUNTS[place.name]
    location, env = server.registry(f"requests-{next(NAMES)}")
    seed(location, env)
    plugin(tmp_path / "before", "before")
    # The first publish takes over an index that was seeded by other means.
    ok("publish", "--root", "before", location=location, env=env, cwd=tmp_path)
    for at in range(count):
        plugin(tmp_path / "plugins", f"plugin_{at}")
    with Proxy(server.base) as proxy:
        location = location.replace(server.base.removeprefix("http://"),
                                    proxy.base.removeprefix("http://"))
        words = ("publish", "--root", "plugins", "--jobs", "1")
        result = ok(*words, location=location, env=env, cwd=tmp_path)
        assert set(outcomes(result).values()) == {"published"}
        assert result["attempts"] == 1
        assert result["requests"] == base + each * count == len(proxy.seen), proxy.seen
        proxy.reset()
        result = ok(*words, location=location, env=env, cwd=tmp_path)
        assert set(outcomes(result).values()) == {"unchanged"}
        assert result["requests"] == nothing == len(proxy.seen), proxy.seen
        assert {method for method, _ in proxy.seen} == {"GET"}, "nothing new, and a write"


def test_every_store_over_http_with_conditions_is_counted():
    assert set(COUNTS) == {place.name for place in PLACES if issubclass(place.server, Server)
                           and place.claims in ("cas", "journal")}
