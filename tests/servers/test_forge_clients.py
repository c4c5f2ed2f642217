"""GitHub's own tool and GitHub's own description of its API, each with the store."""
import json
import os
import ssl
import subprocess
import urllib.request

import pytest

from forges import GitHub, unique
from servers import TOOLS, VENV, Driver, Server, free_ports, tool

pytestmark = pytest.mark.full


class GitHubTLS(GitHub):
    """As `gh` wants it: over TLS."""

    def __init__(self):
        super().__init__()
        self.base = f"https://127.0.0.1:{self.port}"
        self.certificate = self.folder / "cert.pem"
        key = self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                        "-out", self.certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"], check=True,
                       capture_output=True)
        self.more = ("--tls", str(self.certificate), str(key))

    def opened(self, request):
        context = ssl.create_default_context(cafile=str(self.certificate))
        return urllib.request.urlopen(request, timeout=30, context=context)

    def is_ready(self):
        try:
            self.opened(self.base + self.ready_path).close()
        except OSError:
            return False
        return True

    def ask(self, what, value=None):
        request = urllib.request.Request(
            f"{self.base}/_double/{what}", None if value is None else json.dumps(value).encode())
        with self.opened(request) as answer:
            return json.load(answer)

    def registry(self, name, **how):
        location, env = super().registry(name, **how)
        return location, {**env, "SSL_CERT_FILE": str(self.certificate)}


@pytest.fixture(scope="module")
def server():
    with GitHubTLS() as made:
        yield made


@pytest.fixture
def gh(server, tmp_path):
    def run(*words, expected=0):
        done = subprocess.run(
            [tool(VENV / "bin" / "gh"), *words, "-R", f"127.0.0.1:{server.port}/octo/plugins"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, env={
                "PATH": os.environ["PATH"], "HOME": str(tmp_path), "GH_NO_UPDATE_NOTIFIER": "1",
                "GH_HOST": f"127.0.0.1:{server.port}", "GH_ENTERPRISE_TOKEN": server.token,
                "SSL_CERT_FILE": str(server.certificate), "GH_PROMPT_DISABLED": "1"})
        assert done.returncode == expected, done.stderr
        return done.stdout
    return run


def test_gh_reads_what_the_store_wrote(server, gh, tmp_path):
    tag = unique("reg")
    location, env = server.registry(tag)
    content = bytes(range(256)) * 300
    with Driver(location, env) as driver:
        assert driver.run("prepare")["status"] == "ok"
        assert driver.put_new("index.json", b"{}\n")["status"] == "ok"
        assert driver.put_new("a-1.0.0.tar.gz", content)["status"] == "ok"
        digests = {one["name"]: one["digest"] for one in driver.list()["objects"]}
    gh("release", "download", tag, "--dir", "out")
    assert (tmp_path / "out" / "index.json").read_bytes() == b"{}\n"
    assert (tmp_path / "out" / "a-1.0.0.tar.gz").read_bytes() == content
    shown = json.loads(gh("release", "view", tag, "--json", "assets,isDraft,tagName"))
    assert (shown["tagName"], shown["isDraft"]) == (tag, False)
    assert {one["name"]: one["digest"] for one in shown["assets"]} == digests


def test_store_reads_what_gh_wrote(server, gh, tmp_path):
    tag = unique("reg")
    (tmp_path / "index.json").write_text("{}\n")
    (tmp_path / "a-1.0.0.tar.gz").write_bytes(b"bytes")
    gh("release", "create", tag, "--title", "Registry", "--notes", "", "index.json")
    gh("release", "upload", tag, "a-1.0.0.tar.gz")
    gh("release", "upload", tag, "a-1.0.0.tar.gz", expected=1)
    location, env = server.registry(tag)
    with Driver(location, env) as driver:
        assert driver.run("prepare")["status"] == "ok"
        assert driver.get("index.json")["bytes"] == b"{}\n"
        assert driver.put_new("a-1.0.0.tar.gz", b"other")["status"] == "exists"
        # `--clobber` is a DELETE and a POST: another asset of the same name.
        before = driver.list("a-")["objects"][0]["revision"]
        (tmp_path / "a-1.0.0.tar.gz").write_bytes(b"replaced")
        gh("release", "upload", tag, "a-1.0.0.tar.gz", "--clobber")
        assert driver.get("a-1.0.0.tar.gz")["bytes"] == b"replaced"
        assert driver.list("a-")["objects"][0]["revision"] != before
    with Driver(location, {"SSL_CERT_FILE": str(server.certificate)}, "--read") as driver:
        assert driver.get("index.json")["bytes"] == b"{}\n"


def test_certificate_that_nobody_trusts(server):
    location, env = server.registry("any")
    env = {name: value for name, value in env.items() if name != "SSL_CERT_FILE"}
    with Driver(location, env) as driver:
        assert driver.list()["code"] == "store::certificate"
    assert server.token not in [one["token"] for one in server.requests()
                                if "/tags/any" in one["path"]]


# --- GitHub's description of its API, as a proxy that refuses what it does not allow

RELEASES = "/repos/{owner}/{repo}/releases"
USED = [
    ("get", "/repos/{owner}/{repo}"),
    ("post", RELEASES),
    ("get", RELEASES + "/tags/{tag}"),
    ("get", RELEASES + "/{release_id}/assets"),
    ("post", RELEASES + "/{release_id}/assets"),
    ("get", RELEASES + "/assets/{asset_id}"),
    ("patch", RELEASES + "/assets/{asset_id}"),
    ("delete", RELEASES + "/assets/{asset_id}"),
]


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def cut_description(whole):
    """The paths used, below the prefixes that Enterprise Server has them under, and what
    these refer to. Of a repository only the request: the double shows four members. That
    an asset comes as its bytes where these are asked for stands in its prose alone."""
    cut = {"openapi": whole["openapi"], "info": whole["info"], "paths": {}, "components": {}}
    for method, path in USED:
        operation = {key: value for key, value in whole["paths"][path][method].items()
                     if key != "servers"}
        if path == USED[0][1]:
            operation["responses"] = {code: {"description": ""} for code in ("200", "404")}
        if method == "get" and path.endswith("{asset_id}"):
            operation["responses"]["200"]["content"]["application/octet-stream"] = {
                "schema": {"type": "string", "format": "binary"}}
        area = "uploads" if (method, path) == USED[4] else "v3"
        cut["paths"].setdefault(f"/api/{area}{path}", {})[method] = operation
    todo, done = [cut["paths"]], set()
    while todo:
        for reference in set(references(todo.pop())) - done:
            done.add(reference)
            _, _, kind, name = reference.split("/")
            part = whole["components"][kind][name]
            cut["components"].setdefault(kind, {})[name] = part
            todo.append(part)
    return cut


class Prism(Server):
    patience_s = 90

    def __init__(self, upstream, port):
        super().__init__()
        self.port, self.upstream = port, upstream
        self.base = f"http://127.0.0.1:{port}"

    def command(self):
        modules = TOOLS / "servers-node/node_modules"
        whole = json.loads(
            (modules / "@octokit/openapi/generated/api.github.com.json").read_text())
        (self.folder / "description.json").write_text(json.dumps(cut_description(whole)))
        return ["node", tool(modules / "@stoplight/prism-cli/dist/index.js"), "proxy", "--errors",
                "-h", "127.0.0.1", "-p", str(self.port), str(self.folder / "description.json"),
                self.upstream]

    def said(self):
        return (self.folder / "log").read_text(errors="replace")


class GitHubBehindPrism(GitHub):
    """Prism follows redirects itself, so downloads are streamed: documented, too."""

    def __init__(self):
        super().__init__()
        [self.prism_port] = free_ports(1)
        self.front = f"http://127.0.0.1:{self.prism_port}"
        self.more = ("--uploads", f"{self.front}/api/uploads", "--api", f"{self.front}/api/v3")

    def registry(self, name, **how):
        location, env = super().registry(name, **how)
        return location.replace(self.base, self.front), env


def test_requests_and_answers_are_as_github_describes_them():
    with GitHubBehindPrism() as double, Prism(double.base, double.prism_port) as prism:
        double.settings(streams=True)
        tag = unique("reg")
        location, env = double.registry(tag)
        with Driver(location, env, "--insecure") as driver:
            assert driver.list()["code"] == "store::not_found"
            assert driver.run("prepare")["status"] == "ok"
            content = b"Prism takes bodies for text." * 400
            assert driver.put_new("a-1.0.0.tar.gz", content)["status"] == "ok"
            assert driver.put_new("a-1.0.0.tar.gz", b"other")["status"] == "exists"
            assert driver.get("a-1.0.0.tar.gz")["bytes"] == content
            one = driver.put_new("index-copy.json", b"{}\n")["object"]
            assert driver.run("rename", "index-copy.json", one["revision"],
                              "index.json")["status"] == "ok"
            assert driver.get("index.json")["bytes"] == b"{}\n"
            double.fill(tag, 148)
            assert len(driver.list()["objects"]) == 150  # over pages: it is a round number
            assert driver.run("remove", "index.json", one["revision"])["status"] == "ok"
            assert driver.run("remove", "index.json", one["revision"])["status"] == "absent"
        asked = {(one["method"], one["path"].partition("?")[0]) for one in double.requests()}
        said = prism.said()
        wrong = [line for line in said.splitlines()
                 if ("violation" in line.lower() or "error" in line) and "get / " not in line]
        assert not wrong, wrong
        # All of it went through the proxy: each request that came is one that it forwarded.
        assert said.count("> Forwarding") == len([one for one in double.requests()
                                                  if not one["path"].startswith("/_double")])
        assert len({method for method, _ in asked}) == 4


def test_the_description_refuses_what_it_does_not_allow():
    """The proxy is no sieve: it would have said so."""
    with GitHubBehindPrism() as double, Prism(double.base, double.prism_port):
        request = urllib.request.Request(
            f"{double.front}/api/v3/repos/octo/plugins/releases", b'{"tag_name": 5}',
            {"Content-Type": "application/json", "Authorization": "Bearer ghs_write",
             "X-GitHub-Api-Version": "2022-11-28"})
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=30)
        assert caught.value.code == 422
        assert not [one for one in double.requests() if one["method"] == "POST"]
