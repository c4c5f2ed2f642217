"""`http(s)://`: nginx, Apache, rclone's WebDAV, and servers that answer as told."""
import base64
import hashlib
import http.server
import itertools
import json
import subprocess
import threading

import pytest

from servers import Driver
from web_servers import Apache, Nginx, Rclone

NAMES = itertools.count()


@pytest.fixture(scope="module")
def nginx():
    with Nginx() as running:
        yield running


@pytest.fixture(scope="module")
def apache():
    with Apache() as running:
        yield running


def curl(*words):
    return subprocess.run(["curl", "-sS", "--fail", *words], capture_output=True,
                          check=True).stdout


def opened(server, query="", env=None, *options):
    location, _ = server.registry(f"web-{next(NAMES)}")
    return Driver(location.split("?")[0] + query, env, *options)


# --- real servers ---

@pytest.mark.parametrize("kind", [Nginx, Apache, Rclone])
def test_directories_are_made_and_read_by_others(kind):
    with kind() as server, Driver(f"{server.base}/a b/c/d") as store:
        assert store.run("prepare")["status"] == "ok"
        assert store.run("prepare")["status"] == "ok"
        assert store.put_new("a-1.0.0+b.tar.gz", b"\x1f\x8b\0")["status"] == "ok"
        assert store.put_new("index.json", b"{}")["status"] == "ok"
        folder = server.root / "a b" / "c" / "d"
        assert {one.name for one in folder.iterdir()} == {"a-1.0.0+b.tar.gz", "index.json"}
        assert curl(f"{server.base}/a%20b/c/d/a-1.0.0+b.tar.gz") == b"\x1f\x8b\0"
        assert store.run("about")["artifacts_url"] == f"{server.base}/a%20b/c/d"


@pytest.mark.parametrize("kind", [Nginx, Apache, Rclone])
def test_listings_are_of_this_directory_s_files(kind):
    with kind() as server, Driver(f"{server.base}/r") as store:
        store.run("prepare")
        for name in ("index.json", "index-000001.json"):
            store.put_new(name, name.encode())
        folder = server.root / "r"
        for name in ("white space", "\u00fcml\u00e4ut & <tag>.x", "50%25.y"):
            (folder / name).write_bytes(b"123")
        (folder / "influxdb3-plugin-00ff.tmp").write_bytes(b"")
        (folder / "below").mkdir()
        (folder / "below" / "index-000009.json").write_bytes(b"")
        found = {one["name"]: one for one in store.list()["objects"]}
        assert list(found) == sorted(found, key=str.encode)
        assert set(found) == {one.name for one in folder.iterdir() if one.is_file()}
        assert found["white space"]["size"] == 3
        changed = (folder / "white space").stat().st_mtime
        assert abs(found["white space"]["modified"] - changed) <= 1
        assert [name for name in found if found[name]["incomplete"]] == [
            "influxdb3-plugin-00ff.tmp"]
        assert [one["name"] for one in store.list("index-")["objects"]] == ["index-000001.json"]


def torn(server, seconds_of_writes=60):
    """What a reader saw that was never written, while a writer replaced the index."""
    with opened(server) as writer:
        writer.run("prepare")
        location = writer.run("about")["location"]
        versions = [json.dumps({"n": n, "text": "x" * 300_000}).encode() for n in range(2)]
        writer.put_new("index.json", versions[0])
        seen, over = [], threading.Event()

        def read():
            with Driver(location, None, "--read") as reader:
                while not over.is_set():
                    seen.append(reader.get("index.json"))
        thread = threading.Thread(target=read)
        thread.start()
        for n in range(seconds_of_writes):
            assert writer.replace("index.json", versions[n % 2])["status"] == "ok"
        over.set()
        thread.join()
    assert len(seen) > 5
    return [one for one in seen if one.get("bytes") not in versions]


def test_readers_of_nginx_and_apache_see_whole_files(nginx, apache):
    assert torn(nginx) == []
    assert torn(apache) == []


def test_what_rclone_tears_is_no_index():
    with Rclone() as server:
        for one in torn(server):
            if one["status"] == "ok":
                with pytest.raises(ValueError):
                    json.loads(one["bytes"])
            else:
                assert one["status"] in ("absent", "failed")


def test_a_removal_takes_only_what_was_seen(nginx):
    with opened(nginx, "?mode=journal") as store:
        store.run("prepare")
        mine = store.put_new("index.lock", b"mine")["object"]["revision"]
        store.replace("index.lock", b"another's")
        assert store.run("remove", "index.lock", mine)["status"] == "conflict"
        got = store.get("index.lock")
        assert got["bytes"] == b"another's"
        assert store.run("remove", "index.lock", got["object"]["revision"])["status"] == "ok"
        assert store.run("remove", "index.lock", mine)["status"] == "absent"
        assert store.list()["objects"] == []


def test_conditions_of_apache_in_sequence(apache):
    with opened(apache, "?mode=cas") as store:
        store.run("prepare")
        assert store.run("about")["mode"] == "cas"
        assert store.put_new("index.json", b"one")["status"] == "ok"
        assert store.put_new("index.json", b"two")["status"] == "exists"
        seen = store.get("index.json")["object"]["revision"]
        assert not seen.startswith("W/")
        assert store.replace("index.json", b"two", '"another"')["status"] == "conflict"
        assert store.replace("index.json", b"three", seen)["status"] == "ok"
        assert store.replace("index.json", b"four", seen)["status"] == "conflict"
        assert store.get("index.json")["bytes"] == b"three"


class NginxReadOnly(Nginx):
    module = methods = ""


class NginxSmall(Nginx):
    more = "client_max_body_size 1k;"


class NginxPlain(Nginx):
    """The module that Debian's nginx has by itself: no listing."""
    module = ""
    methods = "dav_methods PUT DELETE MKCOL COPY MOVE;"


class NginxGuarded(Nginx):
    more = "limit_except GET HEAD { deny all; }"


def test_a_server_that_only_serves():
    with NginxReadOnly() as server:
        (server.root / "index.json").write_bytes(b"{}")
        with Driver(server.base) as store:
            assert store.get("index.json")["bytes"] == b"{}"
            assert store.run("about")["lists"] is False
            for answer in (store.put_new("new.json", b""), store.replace("index.json", b"")):
                assert (answer["status"], answer["code"]) == ("failed", "store::read_only")


def test_a_server_that_does_not_allow_it():
    with NginxGuarded() as server, Driver(server.base) as store:
        answer = store.put_new("new.json", b"")
        assert (answer["status"], answer["code"]) == ("failed", "store::access_denied")


def test_a_server_that_takes_small_files_only():
    with NginxSmall() as server, Driver(server.base) as store:
        assert store.put_new("small.json", b"x" * 1000)["status"] == "ok"
        answer = store.put_new("large.json", b"x" * 2000)
        assert (answer["status"], answer["code"]) == ("failed", "store::too_large")
        assert "client_max_body_size" in answer["message"]


def test_a_server_without_listings():
    with NginxPlain() as server, Driver(f"{server.base}/r") as store:
        assert store.run("about")["lists"] is False
        assert store.run("prepare")["status"] == "ok"
        assert store.put_new("index.json", b"one")["status"] == "ok"
        assert store.put_new("index.json", b"two")["status"] == "exists"
        assert [one.name for one in (server.root / "r").iterdir()] == ["index.json"]


def test_a_directory_that_is_not_there(nginx, apache):
    with opened(apache) as store:
        answer = store.put_new("index.json", b"x")
        assert (answer["status"], answer["code"]) == ("failed", "store::not_found")
        assert store.get("index.json")["status"] == "absent"
        assert store.list()["code"] == "store::not_found"
    with opened(nginx) as store:
        assert store.get("index.json")["status"] == "absent"


# --- who one is ---

class ApacheWithUsers(Apache):
    def configured(self):
        (self.folder / "users").write_text("ann:{SHA}" + base64.b64encode(
            hashlib.sha1(b"secret of ann").digest()).decode() + "\n")
        self.more = f"""AuthType Basic
    AuthName registry
    AuthUserFile {self.folder}/users
    <LimitExcept GET HEAD>
        Require valid-user
    </LimitExcept>"""
        return super().configured()


def test_credentials_of_the_variables_and_of_netrc(tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text('machine 127.0.0.1 login ann password "secret of ann"\n')
    good = {"INFLUXDB3_PLUGIN_WEB_USER": "ann", "INFLUXDB3_PLUGIN_WEB_PASSWORD": "secret of ann"}
    with ApacheWithUsers() as server:
        (server.root / "index.json").write_bytes(b"{}")
        for env in (good, {"NETRC": str(netrc)},
                    {**good, "INFLUXDB3_PLUGIN_WEB_HOST": f"127.0.0.1:{server.port}"},
                    {**good, "INFLUXDB3_PLUGIN_WEB_HOST": "127.0.0.1"}):
            with Driver(server.base, env) as store:
                assert store.put_new(f"new-{next(NAMES)}.json", b"x")["status"] == "ok", env
        for env, code, said in (
                ({}, "auth::no_credentials", "INFLUXDB3_PLUGIN_WEB_TOKEN"),
                ({**good, "INFLUXDB3_PLUGIN_WEB_HOST": "other.example"}, "auth::no_credentials",
                 "netrc"),
                ({**good, "INFLUXDB3_PLUGIN_WEB_PASSWORD": "wrong-one"}, "auth::unauthorized",
                 "INFLUXDB3_PLUGIN_WEB_PASSWORD"),
                ({"INFLUXDB3_PLUGIN_WEB_TOKEN": "wrong-one"}, "auth::unauthorized",
                 "INFLUXDB3_PLUGIN_WEB_TOKEN")):
            with Driver(server.base, {"HOME": str(tmp_path), **env}) as store:
                answer = store.put_new("refused.json", b"x")
                assert (answer["status"], answer["code"]) == ("failed", code), env
                assert said in answer["message"] and "wrong-one" not in answer["message"]
                assert store.get("index.json")["bytes"] == b"{}"
        assert not (server.root / "refused.json").exists()


class Told(http.server.ThreadingHTTPServer):
    """Answers as `answers` says: (method, path) to (status, headers, body); notes requests."""

    def __init__(self, answers):
        self.answers, self.seen = answers, []
        told = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                told.seen.append((self.command, self.path, dict(self.headers),
                                  self.rfile.read(size)))
                found = told.answers.get((self.command, self.path),
                                         told.answers.get(self.command, (404, {}, b"")))
                status, headers, body = found(self) if callable(found) else found
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_PUT = do_MOVE = do_DELETE = do_OPTIONS = do_PROPFIND = answer
            do_MKCOL = answer

            def log_message(self, *_):
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def authorizations(self):
        return [headers.get("Authorization") for _, _, headers, _ in self.seen]


TOKEN = {"INFLUXDB3_PLUGIN_WEB_TOKEN": "token-of-the-tests"}


def test_public_reads_tell_nobody_who_one_is():
    with Told({"GET": (200, {}, b"{}")}) as server:
        with Driver(server.base, TOKEN, "--read") as store:
            assert store.get("index.json")["bytes"] == b"{}"
        assert server.authorizations() == [None]


def test_private_reads_tell_when_asked():
    def guarded(request):
        good = request.headers.get("Authorization") == "Bearer token-of-the-tests"
        return (200, {}, b"{}") if good else (401, {}, b"")
    with Told({"GET": guarded}) as server:
        with Driver(server.base, TOKEN, "--read") as store:
            assert store.get("index.json")["bytes"] == b"{}"
            assert store.get("index.json")["bytes"] == b"{}"
        token = "Bearer token-of-the-tests"
        assert server.authorizations() == [None, token, token]


# --- servers that answer as told ---

@pytest.mark.parametrize("status, code, outcome", [
    (403, "store::access_denied", "failed"), (409, "store::not_found", "failed"),
    (413, "store::too_large", "failed"), (507, "store::no_space", "failed"),
    (423, "store::server_error", "failed"), (302, "store::redirect_refused", "failed"),
    (418, "store::bad_response", "failed"), (501, "store::unsupported", "failed")])
def test_a_status_has_its_error(status, code, outcome):
    answer = (status, {"Location": "http://127.0.0.1:1/x"}, b"")
    with Told({"PUT": answer, "MOVE": answer}) as server, Driver(server.base) as store:
        for got in (store.put_new("a.json", b"x"), store.replace("a.json", b"x")):
            assert (got["status"], got["code"]) == (outcome, code)
            assert str(status) in got["message"]


PAGE = (200, {"Content-Type": "text/html; charset=utf-8"}, b"<!doctype html><p>Welcome")


def test_a_page_is_no_index():
    with Told({"GET": PAGE, "HEAD": PAGE}) as server, Driver(server.base, None, "--read") as store:
        answer = store.get("index.json")
        assert (answer["status"], answer["code"]) == ("failed", "store::bad_response")
        assert "page" in answer["message"]
        assert store.get("a-1.0.0.tar.gz")["status"] == "absent"


def test_a_server_with_put_alone():
    files = {}

    def put(request):
        files[request.path] = True
        return 201, {}, b""

    def head(request):
        return (200, {}, b"") if request.path in files else (404, {}, b"")
    answers = {"PUT": put, "HEAD": head, "MOVE": (501, {}, b""), "DELETE": (204, {}, b"")}
    with Told(answers) as server:
        with Driver(server.base) as store:
            assert store.put_new("a.json", b"x")["status"] == "ok"
            assert store.put_new("a.json", b"x")["status"] == "exists"
            assert store.put_new("b.json", b"x")["status"] == "ok"
        methods = [(method, path) for method, path, _, _ in server.seen]
        assert methods[-5:] == [("HEAD", "/a.json"), ("PUT", "/a.json"), ("HEAD", "/a.json"),
                                ("HEAD", "/b.json"), ("PUT", "/b.json")]
        assert [method for method, _ in methods].count("MOVE") == 1
        with Driver(server.base + "?mode=journal") as store:
            answer = store.put_new("c.json", b"x")
            assert (answer["status"], answer["code"]) == ("failed", "store::unsupported")


def test_the_url_of_an_index_is_read_as_it_is():
    body = b'{"plugins": []}'
    with Told({("GET", "/x/registry.json?ref=main&raw"): (200, {}, body),
               ("GET", "/x/a-1.0.0.tar.gz"): (200, {}, b"artifact")}) as server:
        url = f"{server.base}/x/registry.json?ref=main&raw"
        with Driver(url, None, "--read") as store:
            about = store.run("about")
            assert (about["artifacts_url"], about["location"]) == (f"{server.base}/x", url)
            assert store.get("index.json")["bytes"] == body
            assert store.get("a-1.0.0.tar.gz")["bytes"] == b"artifact"
        store = Driver(url)
        assert store.run("about")["code"] == "usage::invalid_location"
        store.close()


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"<multistatus>", b"{}",
                                  b"<!DOCTYPE x [<!ENTITY a 'b'>]><multistatus>&a;</multistatus>"])
def test_a_listing_that_is_none(body):
    answers = {"OPTIONS": (200, {"DAV": "1"}, b""), "PROPFIND": (207, {}, body)}
    with Told(answers) as server, Driver(server.base) as store:
        assert store.list()["code"] == "store::bad_response"


def test_a_listing_of_another_kind_of_server():
    body = b"""<?xml version="1.0"?>
<D:multistatus xmlns:D="DAV:" xmlns:x="urn:x">
 <D:response><D:href>/r</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>
  </D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
 <D:response><D:href>http://other.example/r/b%2B1.json</D:href>
  <D:propstat><D:status>HTTP/1.1 404 Not Found</D:status><D:prop>
   <D:getcontentlength>99</D:getcontentlength></D:prop></D:propstat>
  <D:propstat><D:prop><D:resourcetype/><D:getlastmodified>Wed, 25 Nov 2026 18:00:00 GMT
   </D:getlastmodified></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
 <x:more/>
 <D:response><D:href>/r/a&amp;1.json?x</D:href><D:propstat><D:prop><D:resourcetype/>
  <D:getcontentlength>12</D:getcontentlength></D:prop></D:propstat></D:response>
</D:multistatus>"""
    answers = {"OPTIONS": (200, {"Allow": "GET, PROPFIND"}, b""), "PROPFIND": (207, {}, body)}
    with Told(answers) as server, Driver(server.base + "/r") as store:
        found = store.list()["objects"]
    assert [one["name"] for one in found] == ["a&1.json", "b+1.json"]
    assert (found[0]["size"], found[1]["size"]) == (12, 2**64 - 1)
    assert (found[0]["modified"], found[1]["modified"]) == (0, 1795629600)
