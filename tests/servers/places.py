"""Every location that the suites run against: a row each.

A row is a server class (see servers.py) and its marks. `claims` is the mode that the store
must tell, `lists` whether it can list, `is_full` whether it takes part in `--full` only.
"""
from dataclasses import dataclass

import pytest

from forges import GitHubForHours, GitLab
from servers import Azurite, Directory, FakeGCS, MinIO, SeaweedFS, VersityGW
from web_servers import Apache, ExecDirectory, Nginx, NginxJournal, OpenSSH, Rclone


@dataclass(frozen=True)
class Place:
    name: str
    server: type
    claims: str
    is_full: bool = False
    lists: bool = True
    options: tuple = ()  # for every command, as --allow-insecure
    write_options: tuple = ()  # for every command that writes
    readers_may_miss: bool = False  # index.json, for some seconds
    through_proxy: bool = True  # an HTTP server that a proxy may stand before
    takes_empty: bool = True  # objects without a byte
    tells_url: bool = True  # where readers find the objects


PLACES = [
    Place("directory", Directory, "cas"),
    Place("seaweedfs", SeaweedFS, "cas"),
    Place("versitygw", VersityGW, "cas", is_full=True),
    Place("minio", MinIO, "cas", is_full=True),
    Place("fake-gcs", FakeGCS, "cas"),
    Place("azurite", Azurite, "cas", is_full=True),
    Place("exec", ExecDirectory, "cas", through_proxy=False),
    Place("sftp", OpenSSH, "journal-locked", through_proxy=False, tells_url=False),
    Place("nginx", Nginx, "overwrite", write_options=("--assume-exclusive",)),
    Place("nginx-journal", NginxJournal, "journal-locked", is_full=True),
    Place("apache", Apache, "overwrite", write_options=("--assume-exclusive",), is_full=True),
    # It spins for ever after a client that died: no proxy, no kills.
    Place("rclone", Rclone, "overwrite", write_options=("--assume-exclusive",), is_full=True,
          through_proxy=False),
    Place("github", GitHubForHours, "journal", readers_may_miss=True, takes_empty=False),
    Place("gitlab", GitLab, "journal", readers_may_miss=True),
]


def parameters(places=None):
    return [pytest.param(place, id=place.name, marks=[pytest.mark.full] if place.is_full else [])
            for place in (PLACES if places is None else places)]


class Running:
    """The servers of a test run, each started once, when first wanted."""

    def __init__(self):
        self.servers = {}

    def of(self, place):
        if place.server not in self.servers:
            self.servers[place.server] = place.server().__enter__()
        return self.servers[place.server]

    def stop(self):
        for server in self.servers.values():
            server.__exit__(None, None, None)
