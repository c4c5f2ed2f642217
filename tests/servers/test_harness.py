"""The servers come up, and go."""
import urllib.request

import pytest

from servers import Azurite, FakeGCS, MinIO, SeaweedFS, VersityGW

full = pytest.mark.full


@pytest.mark.parametrize("kind", [SeaweedFS, FakeGCS, *(
    pytest.param(kind, marks=full) for kind in (Azurite, MinIO, VersityGW))])
def test_comes_up_and_goes(kind):
    with kind() as server:
        location, env = server.registry("first")
        assert "://" in location and env
        assert server.registry("first") == (location, env)
        process = server.process
    assert process.returncode is not None
    with pytest.raises(OSError):
        urllib.request.urlopen(server.base, timeout=5)
