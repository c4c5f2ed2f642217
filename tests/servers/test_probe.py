"""A host that claims more than it keeps: `registry init` notices, and says what to write into
the location instead. s3s-fs answers conditions right in sequence and loses races."""
import pytest

from proxy import Proxy
from publishing import error, ok, plugin
from servers import KEY, S3, SECRET, OpenSeaweedFS, TOOLS, tool


class S3sFs(S3):
    def command(self):
        (self.folder / "root").mkdir()
        return [tool(TOOLS / "bin" / "s3s-fs"), "--host", "127.0.0.1", "--port", str(self.port),
                "--access-key", KEY, "--secret-key", SECRET, str(self.folder / "root")]


@pytest.mark.full
def test_races_that_are_lost():
    """Its races are lost most of the time, not always: within a few tries it is caught."""
    with S3sFs() as server:
        for at in range(8):
            location, env = server.registry(f"probe-{at}")
            found = None
            try:
                ok("registry", "init", location=location, env=env)
            except AssertionError:
                found = error("registry", "init", location=location, env=env)
                break
        assert found is not None, "the probe believed eight times what is not so"
        assert found["code"] == "registry::condition_ignored", found
        assert "mode=" in found["message"]


class Deaf(Proxy):
    """Takes a condition off each request, so that the server behind never sees it."""

    def __init__(self, base, header):
        super().__init__(base)
        self.drops = {header.lower()}


@pytest.mark.full
@pytest.mark.parametrize("header, mode", [("If-None-Match", "overwrite"), ("If-Match", "journal")])
def test_conditions_that_are_ignored(tmp_path, header, mode):
    with OpenSeaweedFS() as server, Deaf(server.base, header) as proxy:
        location, env = server.registry(f"deaf-{mode}")
        deaf = location.replace(server.base, proxy.base)
        found = error("registry", "init", location=deaf, env=env)
        assert found["code"] == "registry::condition_ignored", found
        assert f"mode={mode}" in found["message"], found
        # What it says works.
        more = ("--assume-exclusive",) if mode == "overwrite" else ()
        ok("registry", "init", *more, location=f"{deaf}&mode={mode}", env=env)
        plugin(tmp_path / "plugins", "alpha")
        ok("publish", "--root", "plugins", *more, location=f"{deaf}&mode={mode}", env=env,
           cwd=tmp_path)
        ok("registry", "verify", location=f"{deaf}&mode={mode}", env=env)
