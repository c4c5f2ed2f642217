"""What was published is read back with clients that others wrote."""
import itertools
import os
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from places import PLACES
from publishing import check_registry, ok, plugin
from servers import KEY, REGION, SECRET, S3, VENV, Azurite, FakeGCS, tool

pytestmark = pytest.mark.full
NAMES = itertools.count()


def awscli(server, location, env, into):
    bucket = location.split("/")[2]
    subprocess.run([tool(VENV / "bin" / "aws"), "s3", "cp", "--quiet", "--recursive",
                    f"s3://{bucket}/plugins/", into], check=True,
                   env={**os.environ, **env, "AWS_ENDPOINT_URL": server.base})


def rclone(remote, path, into):
    """`remote` is a connection string without its closing colon."""
    subprocess.run([tool(VENV / "bin" / "rclone"), "copy", "--config", "/dev/null",
                    f"{remote}:{path}", into], check=True, capture_output=True)


def rclone_s3(server, location, env, into):
    rclone(f":s3,provider=Other,access_key_id={KEY},secret_access_key={SECRET},"
           f"region={REGION},endpoint='{server.base}'",
           location.split("/")[2] + "/plugins", into)


def rclone_azure(server, location, env, into):
    rclone(f":azureblob,account={server.ACCOUNT},key='{server.ACCOUNT_KEY}',"
           f"endpoint='{server.base}/{server.ACCOUNT}'",
           location.split("/")[3] + "/plugins", into)


def curl_gcs(server, location, env, into):
    bucket = location.split("/")[2]
    for name in ("index.json", "alpha-1.0.0.tar.gz", "beta-2.0.0.tar.gz"):
        key = urllib.parse.quote(f"plugins/{name}", safe="")
        subprocess.run(["curl", "-sSf", "-o", Path(into) / name,
                        f"{server.base}/storage/v1/b/{bucket}/o/{key}?alt=media"], check=True)


CLIENTS = [(place, client) for place in PLACES for kind, client in (
    (S3, awscli), (S3, rclone_s3), (Azurite, rclone_azure), (FakeGCS, curl_gcs))
    if issubclass(place.server, kind)]


@pytest.mark.parametrize("place, client", CLIENTS, ids=[
    f"{place.name}-{client.__name__}" for place, client in CLIENTS])
def test_reads_what_was_published(place, client, running, tmp_path):
    server = running.of(place)
    location, env = server.registry(f"clients-{next(NAMES)}")
    ok("registry", "init", location=location, env=env, options=place.options)
    plugin(tmp_path / "plugins", "alpha")
    plugin(tmp_path / "plugins", "beta", "2.0.0")
    ok("publish", "--root", "plugins", location=location, env=env, cwd=tmp_path,
       options=place.options)
    copy = tmp_path / "copy"
    copy.mkdir()
    client(server, location, env, copy)
    check_registry(lambda name: (copy / name).read_bytes(),
                   {("alpha", "1.0.0"), ("beta", "2.0.0")})


def test_each_store_has_a_client():
    assert {place.name for place, _ in CLIENTS} >= {"seaweedfs", "minio", "versitygw",
                                                    "fake-gcs", "azurite"}
