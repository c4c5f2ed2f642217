"""Every error that publishing can report is raised once, through the command."""
import itertools
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from forges import GitHub
from publishing import BINARY, environment, error, ok, plugin, run
from servers import ROOT, Driver
from test_hostile import INDEX, Hostile, drips, endless_headers, head, sends

TABLE = (ROOT / "src" / "base" / "errors.def").read_text()
NETWORK = re.compile(r"(publish|registry|store|auth)::|usage::(invalid_location|conflicting)"
                     r"|warning::(changed|store|no_history)")
CODES = {code for _, code in re.findall(r'^ERROR\((\w+), "([^"]+)"', TABLE, re.M)
         if NETWORK.match(code)}
# Raised by a test of its own, where what it takes is at hand.
ELSEWHERE = {
    "store::host_key": "test_sftp.py",
    "store::certificate": "test_http.py",
    "store::no_space": "test_web.py",
    "store::limit_reached": "test_forge.py",
    "store::name_refused": "test_store.py",
    "store::redirect_refused": "test_http.py",
    "store::too_large": "test_store.py",
    "auth::insufficient_scope": "test_forge.py",
    "auth::exchange_failed": "test_auth_aws.py",
    "auth::invalid_credentials": "test_gcs_auth.py",
    "registry::busy": "tests/unit/test_change.c",
    "registry::condition_ignored": "test_probe.py",
}


@pytest.fixture
def hostile():
    made = []

    def make(answer):
        made.append(Hostile(answer))
        return made[-1].base + "/registry"
    yield make
    for one in made:
        one.stop()


@pytest.fixture
def registry(tmp_path):
    location = str(tmp_path / "registry")
    ok("registry", "init", location=location)
    plugin(tmp_path / "plugins", "alpha")
    ok("publish", "--root", "plugins", location=location, cwd=tmp_path)
    return Path(location)


def codes_of(found):
    """The error's code and those nested in it."""
    yield found["code"]
    for nested in found.get("diagnostics", []):
        yield from codes_of(nested)


# ---- hosts: what a web server answers ----


def status(code, **headers):
    return lambda handler: head(handler, code, Content_Length="0", **headers)


def s3_error(code, name, message=""):
    body = f"<Error><Code>{name}</Code><Message>{message}</Message></Error>".encode()
    return sends(body, code, Content_Type="application/xml")


WEB = {
    "registry::not_found": status(404),
    "store::access_denied": status(403),
    "auth::unauthorized": status(401, WWW_Authenticate='Basic realm="x"'),
    "store::rate_limited": status(429, Retry_After="3600"),
    "store::server_error": status(500),
    "store::timeout": drips,
    "store::bad_response": endless_headers,
    "registry::index_invalid": sends(b"{}"),
}
S3 = {
    "store::not_found": s3_error(404, "NoSuchBucket"),
    "store::wrong_region": s3_error(400, "AuthorizationHeaderMalformed",
                                    "the region 'us-east-1' is wrong; expecting 'eu-west-1'"),
    "store::clock_skew": s3_error(403, "RequestTimeTooSkewed"),
}
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret-of-the-tests",
        "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.mark.parametrize("code", WEB)
def test_a_web_server_answers(hostile, code):
    found = error("search", "--timeout", "4", location=hostile(WEB[code]),
                  env={"INFLUXDB3_PLUGIN_WEB_TOKEN": "token-of-the-tests"})
    assert "token-of-the-tests" not in json.dumps(found)
    assert found["code"] == code, found


@pytest.mark.parametrize("code", S3)
def test_an_s3_server_answers(hostile, code):
    endpoint = hostile(S3[code]).removesuffix("/registry")
    found = error("search", "--timeout", "10", env=KEYS,
                  location=f"s3://bucket/plugins?endpoint={endpoint}&region=us-east-1")
    assert found["code"] == code, found
    assert "secret-of-the-tests" not in json.dumps(found)


def test_nobody_answers():
    assert error("search", "--timeout", "4", location="http://127.0.0.1:1/registry")[
        "code"] == "store::unreachable"


def test_https_where_http_is_spoken(hostile):
    location = hostile(sends(INDEX)).replace("http:", "https:")
    found = error("search", location=location)
    assert found["code"] == "store::unreachable" and "does not speak TLS" in found["message"]


def test_a_server_that_takes_no_writes(hostile, tmp_path):
    def answer(handler):
        if handler.command == "GET" and handler.path.endswith("index.json"):
            sends(INDEX)(handler)
        else:
            status(404 if handler.command in ("GET", "HEAD") else 405)(handler)
    plugin(tmp_path / "plugins", "alpha")
    assert error("publish", "--root", "plugins", "--assume-exclusive", cwd=tmp_path,
                 location=hostile(answer))["code"] == "store::read_only"


def test_writing_in_the_clear(tmp_path):
    # Refused before a byte is sent: 192.0.2.1 is an address that nobody has.
    plugin(tmp_path / "plugins", "alpha")
    found = error("publish", "--root", "plugins", "--assume-exclusive", "--timeout", "5",
                  cwd=tmp_path, location="http://192.0.2.1/registry",
                  env={"INFLUXDB3_PLUGIN_WEB_TOKEN": "secret-of-the-tests"})
    assert found["code"] == "store::insecure", found


def test_no_credentials(tmp_path, hostile):
    plugin(tmp_path / "plugins", "alpha")
    endpoint = hostile(sends(INDEX)).removesuffix("/registry")
    found = error("publish", "--root", "plugins", "--timeout", "10", cwd=tmp_path,
                  env={"AWS_EC2_METADATA_DISABLED": "true"},
                  location=f"s3://bucket/plugins?endpoint={endpoint}&region=us-east-1")
    assert found["code"] == "auth::no_credentials", found


def test_a_command_that_fails():
    assert error("search", location="exec:false")["code"] == "store::command_failed"


def test_a_directory_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    assert error("search", location=str(tmp_path / "file"))["code"] in (
        "store::io_failed", "store::not_found")
    (tmp_path / "registry" / "index.json").mkdir(parents=True)
    assert error("search", location=str(tmp_path / "registry"))["code"] == "store::io_failed"


def test_a_host_that_cannot_list(hostile):
    location = hostile(lambda handler: sends(INDEX)(handler) if handler.command == "GET"
                       else status(405)(handler))
    found = set(codes_of(error("registry", "history", location=location)))
    assert found <= {"store::unsupported", "registry::no_history"}, found


# ---- registries ----


def test_a_registry_that_is_there(registry):
    assert error("registry", "init", location=str(registry))["code"] == "registry::exists"


def test_an_index_written_by_other_means(tmp_path):
    with GitHub() as server:
        location, env = server.registry("foreign")
        ok("registry", "init", location=location, env=env)
        plugin(tmp_path / "plugins", "alpha")
        with Driver(location, env) as store:
            [index] = store.list("index.json")["objects"]
            assert store.run("remove", "index.json", index["revision"])["status"] == "ok"
            assert store.put_new("index.json", INDEX)["status"] == "ok"
        words = ("publish", "--root", "plugins")
        assert error(*words, location=location, env=env, cwd=tmp_path)[
            "code"] == "registry::foreign_index"
        ok(*words, "--adopt", location=location, env=env, cwd=tmp_path)
        ok("registry", "verify", location=location, env=env)


def test_a_copy_behind_the_journal(tmp_path):
    """A publisher died between the entry that decides and the copy that readers read."""
    with GitHub() as server:
        location, env = server.registry("behind")
        ok("registry", "init", location=location, env=env)
        plugin(tmp_path / "plugins", "alpha")
        ok("publish", "--root", "plugins", location=location, env=env, cwd=tmp_path)
        with Driver(location, env) as store:
            seen = [one["name"] for one in store.list("index-")["objects"]]
            newest = store.get(seen[-1])["bytes"]
            next_name = f"index-{int(seen[-1][6:12]) + 1:06}.json"
            assert store.put_new(next_name, newest.replace(b"About alpha", b"ABOUT alpha"))[
                "status"] == "ok"
        found = error("registry", "verify", location=location, env=env)
        assert "registry::journal_behind" in codes_of(found), found
        repaired = ok("registry", "repair", location=location, env=env)
        assert "bring_forward" in [step["kind"] for step in repaired["steps"]]
        ok("registry", "verify", location=location, env=env)


def human(*words, location, env=None, cwd=None):
    done = subprocess.run([BINARY, *words, "--registry", location, "--output", "human"], cwd=cwd,
                          env=environment(env), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_release_that_is_nearly_full(tmp_path):
    with GitHub() as server:
        location, env = server.registry("full")
        ok("registry", "init", location=location, env=env)
        with Driver(location, env) as store:
            for at in range(900):
                assert store.put_new(f"filler-{at:04}.bin", b"x")["status"] == "ok"
        plugin(tmp_path / "plugins", "alpha")
        shown = human("publish", "--root", "plugins", location=location, env=env, cwd=tmp_path)
        assert "warning::store" in shown and "1,000" in shown.replace("1000", "1,000"), shown


def plain_web(folder):
    """PUT and GET, and nothing else: such a server cannot list."""
    def answer(handler):
        path = folder / handler.path.rsplit("/", 1)[-1]
        if handler.command == "PUT":
            path.write_bytes(handler.body)
            status(201)(handler)
        elif handler.command in ("GET", "HEAD") and path.is_file():
            sends(path.read_bytes())(handler)
        else:
            status(404 if handler.command in ("GET", "HEAD") else 405)(handler)
    return answer


def test_publishers_that_cannot_be_kept_apart(hostile, tmp_path):
    (tmp_path / "web").mkdir()
    location = hostile(plain_web(tmp_path / "web"))
    (tmp_path / "web" / "index.json").write_bytes(INDEX)
    plugin(tmp_path / "plugins", "alpha")
    words = ("publish", "--root", "plugins")
    assert error(*words, location=location, cwd=tmp_path)["code"] == "registry::not_exclusive"
    shown = human(*words, "--assume-exclusive", location=location, cwd=tmp_path)
    assert "warning::no_history" in shown, shown
    assert b'"alpha"' in (tmp_path / "web" / "index.json").read_bytes()


def test_no_such_moment(registry):
    assert error("registry", "rollback", "--to", "77", location=str(registry))[
        "code"] == "registry::no_such_moment"


def test_no_artifacts_url(tmp_path):
    script = ROOT / "examples" / "exec" / "directory.sh"
    (tmp_path / "d").mkdir()
    wrapper = tmp_path / "no-url.sh"
    wrapper.write_text(f'#!/bin/sh\n"{script}" {tmp_path}/d "$@" | grep -v artifacts_url\n')
    wrapper.chmod(0o755)
    found = error("registry", "init", location=f"exec:{wrapper}")
    assert found["code"] in ("registry::no_artifacts_url", "store::command_failed"), found


def old(path):
    """A file of two hours ago."""
    path.write_text("x")
    os.utime(path, (0, time.time() - 7200))


DEFECTS = {
    "registry::not_canonical": lambda path: (path / "index.json").write_text(
        json.dumps(json.loads((path / "index.json").read_text()))),
    "registry::artifact_missing": lambda path: (path / "alpha-1.0.0.tar.gz").unlink(),
    "registry::artifact_differs": lambda path: (path / "alpha-1.0.0.tar.gz").write_bytes(b"x"),
    "registry::orphan": lambda path: shutil.copy(path / "alpha-1.0.0.tar.gz",
                                                 path / "beta-1.0.0.tar.gz"),
    "registry::leftover": lambda path: old(path / "index-copy-000001-0123456789abcdef.json"),
    "registry::incomplete_upload": lambda path: old(path / ".influxdb3-plugin-0123456789abcdef"),
}



@pytest.mark.parametrize("code", DEFECTS)
def test_verify_finds(registry, code):
    DEFECTS[code](registry)
    found = error("registry", "verify", location=str(registry))
    assert found["code"] == "registry::verify_failed"
    assert code in codes_of(found), found


def test_verify_looks_into_artifacts(registry, tmp_path):
    """An artifact whose hash is right and whose content is not the entry's."""
    artifact = registry / "alpha-1.0.0.tar.gz"
    index = json.loads((registry / "index.json").read_text())
    subprocess.run(["tar", "-czf", artifact, "-C", tmp_path, "plugins"], check=True)
    digest = subprocess.run(["sha256sum", artifact], capture_output=True, text=True,
                            check=True).stdout.split()[0]
    index["plugins"][0]["hash"] = "sha256:" + digest
    (registry / "index.json").write_text(json.dumps(index, indent=2) + "\n")
    assert run("registry", "verify", location=str(registry))[0] == 0
    found = error("registry", "verify", "--deep", location=str(registry))
    assert "registry::artifact_invalid" in codes_of(found), found


def test_registries_that_differ(registry, tmp_path):
    other = str(tmp_path / "other")
    ok("registry", "init", location=other)
    plugin(tmp_path / "more", "alpha", marker="another")
    ok("publish", "--root", "more", location=other, cwd=tmp_path)
    done = subprocess.run([BINARY, "registry", "sync", "--from", str(registry), "--to", other,
                           "--output", "json"], env=environment(), capture_output=True, text=True)
    found = json.loads(done.stdout)["error"]
    assert found["code"] == "registry::sync_conflict"
    assert "registry::entry_differs" in codes_of(found), found


def test_the_helper_is_missing(tmp_path):
    alone = shutil.copy(BINARY, tmp_path / "influxdb3-plugin")
    done = subprocess.run([alone, "search", "--registry", "x", "--output", "json"],
                          env=environment(), capture_output=True, text=True)
    assert json.loads(done.stdout)["error"]["code"] == "registry::helper_missing"


def test_usage(registry):
    assert error("search", location="ftp://host/x")["code"] == "usage::invalid_location"
    assert error("search", "--index", "i.json", location=str(registry))[
        "code"] == "usage::conflicting_arguments"


# ---- plugins ----

PLUGINS = {
    "publish::invalid_plugin": lambda root: (root / "plugins" / "alpha" / "alpha.py").write_text(
        "def process_writes(:\n"),
    "publish::changed": lambda root: plugin(root / "plugins", "alpha", marker="changed"),
    "publish::collision": lambda root: plugin(root / "plugins", "ALPHA", "2.0.0"),
    "publish::duplicate": lambda root: (plugin(root / "plugins", "beta"),
                                        plugin(root / "plugins", "beta", folder="beta2")),
}


@pytest.mark.parametrize("code", PLUGINS)
def test_plugins_that_cannot_be_published(registry, tmp_path, code):
    PLUGINS[code](tmp_path)
    before = (registry / "index.json").read_bytes()
    found = error("publish", "--root", "plugins", location=str(registry), cwd=tmp_path)
    assert found["code"] == "publish::failed"
    assert code in codes_of(found), found
    assert (registry / "index.json").read_bytes() == before
    assert sorted(path.name for path in registry.glob("*.tar.gz")) == ["alpha-1.0.0.tar.gz"]


@pytest.mark.full
def test_an_artifact_that_is_too_large(registry, tmp_path):
    """More than a gigabyte that does not compress."""
    with open(plugin(tmp_path / "plugins", "beta") / "data.bin", "wb") as file:
        for _ in range(1026):
            file.write(os.urandom(1 << 20))
    found = error("publish", "--root", "plugins", location=str(registry), cwd=tmp_path)
    assert found["code"] == "publish::failed"
    [beta] = found["diagnostics"]
    assert beta["code"] == "publish::artifact_too_large", found
    assert beta["details"]["size_bytes"] > beta["details"]["limit_bytes"] == 1 << 30


def test_an_orphan_in_the_way(registry, tmp_path):
    with Driver(str(registry)) as store:
        assert store.put_new("beta-1.0.0.tar.gz", b"other bytes")["status"] == "ok"
    plugin(tmp_path / "plugins", "beta")
    found = error("publish", "--root", "plugins", location=str(registry), cwd=tmp_path)
    assert "publish::orphan_artifact" in codes_of(found), found
    ok("publish", "--root", "plugins", "--replace-orphans", location=str(registry), cwd=tmp_path)


def test_no_plugins(registry, tmp_path):
    (tmp_path / "empty").mkdir()
    assert error("publish", "--root", "empty", location=str(registry), cwd=tmp_path)[
        "code"] == "publish::no_plugins"


def test_a_changed_plugin_may_stay(registry, tmp_path):
    plugin(tmp_path / "plugins", "alpha", marker="changed")
    done = subprocess.run([BINARY, "publish", "--root", "plugins", "--changed", "warn",
                           "--registry", registry, "--output", "human"], cwd=tmp_path,
                          env=environment(), capture_output=True, text=True)
    assert done.returncode == 0 and "warning::changed" in done.stderr, done


# ---- all ----


def test_every_code_is_raised():
    """Here, or in the file that ELSEWHERE names, where the code stands in the text."""
    here = Path(__file__).read_text()
    for code in sorted(CODES):
        if code in ELSEWHERE:
            name = ELSEWHERE[code]
            path = ROOT / name if "/" in name else Path(__file__).parent / name
            text = path.read_text()
            row = code.upper().replace("::", "_")
            assert code in text or row in text, f"{code} is not raised in {name}"
        else:
            assert here.count(f'"{code}"') + here.count(code) > 0, f"{code} is raised nowhere"
    assert set(ELSEWHERE) <= CODES
    assert len(list(itertools.chain(CODES))) > 50
