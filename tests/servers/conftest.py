"""What the tests of publishing share."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
ROOT = Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("I3P_BIN", str(ROOT / "build" / "influxdb3-plugin"))
os.environ.setdefault("I3P_BIN_SANITIZED", str(ROOT / "build-san" / "influxdb3-plugin"))


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true",
                     help="with the servers that are slow to install or to run")


def pytest_configure(config):
    config.addinivalue_line("markers", "full: needs what only `./dev test --full` installs")


def pytest_collection_modifyitems(config, items):
    """A quick run leaves the marked ones out; it does not skip them."""
    if config.getoption("--full"):
        return
    left = [item for item in items if item.get_closest_marker("full")]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def running():
    from places import Running
    servers = Running()
    yield servers
    servers.stop()
