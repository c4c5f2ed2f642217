"""A server that means harm, or is broken: an error, bounded memory and time, and nothing sent
that should not be. (Single answers of HTTP are test_http.py's.)"""
import gzip
import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from publishing import command, environment, plugin

INDEX = json.dumps({"index_schema_version": "2.1", "artifacts_url": "https://a.example/",
                    "plugins": []}).encode()
SECRET = "secret-of-the-tests-5b1f"
PEAK_MB = 300
ENDLESS = b"x" * 65536


class Hostile:
    """Answers every GET with `answer(handler)`, remembers every request."""

    def __init__(self, answer):
        outer = self
        self.requests = []
        self.answer = answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.body = body
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                try:
                    outer.answer(self)
                except OSError:
                    pass  # the client had enough
                self.close_connection = True

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = any
            do_MOVE = do_PROPFIND = do_MKCOL = do_OPTIONS = any

        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.listener.server_port}"
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()


@pytest.fixture
def hostile():
    made = []

    def make(answer):
        made.append(Hostile(answer))
        return made[-1]
    yield make
    for one in made:
        one.stop()


def head(handler, status=200, **headers):
    """It closes every connection, and says so: a client may not send the next request into it."""
    handler.send_response(status)
    for name, value in {"Connection": "close", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def sends(body, status=200, **headers):
    def answer(handler):
        head(handler, status, Content_Length=str(len(body)), **headers)
        handler.wfile.write(body)
    return answer


def endless(handler):
    head(handler, Content_Type="application/json", Connection="close")
    while True:
        handler.wfile.write(ENDLESS)


def endless_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-More: " + b"y" * 8000 + b"\r\n")


def longer_than_said(handler):
    head(handler, Content_Length=str(len(INDEX) + 1000))
    handler.wfile.write(INDEX)


def drips(handler):
    head(handler, Content_Length="1000000")
    for byte in INDEX:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.5)


def deep(handler):
    sends(b'{"x":' + b"[" * 5_000_000 + b"]" * 5_000_000 + b"}")(handler)


def bomb(handler):
    sends(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")(handler)


def says_two_gigabytes(handler):
    head(handler, Content_Length=str(3 << 30))
    while True:
        handler.wfile.write(ENDLESS)


def run(words, location, env, cwd):
    """Exit status, document, peak memory in MB; standard error must be empty."""
    with subprocess.Popen(command(*words, location=location), cwd=cwd, env=environment(env),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        out = process.stdout.read()
        err = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert err == b"", err
    assert SECRET.encode() not in out
    return process.returncode, json.loads(out), usage.ru_maxrss / 1024


ANSWERS = {
    "endless headers": (endless_headers, {"store::bad_response", "store::too_large"}),
    "longer than said": (longer_than_said, {"store::bad_response", "store::unreachable",
                                            "store::timeout"}),
    "slow drips": (drips, {"store::timeout"}),
    "deep nesting": (deep, {"registry::index_invalid"}),
    "a gzip bomb": (bomb, {"registry::index_invalid", "store::bad_response"}),
    "garbage": (sends(b"\x00\xff" * 5000), {"registry::index_invalid"}),
    "an HTML page": (sends(b"<!doctype html><title>Hello</title>", Content_Type="text/html"),
                     {"registry::index_invalid", "store::bad_response"}),
    "truncated JSON": (sends(INDEX[:-5]), {"registry::index_invalid"}),
    "nothing": (sends(b""), {"registry::index_invalid"}),
    "more than an index may have": (says_two_gigabytes, {"store::too_large"}),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("words", [
    ("search",), ("publish", "--root", "plugins", "--assume-exclusive")], ids=lambda w: w[0])
def test_an_index_that_is_none(hostile, tmp_path, name, words):
    answer, codes = ANSWERS[name]
    server = hostile(answer)
    plugin(tmp_path / "plugins", "alpha")
    status, document, peak = run((*words, "--timeout", "5"), server.base + "/registry", {},
                                 tmp_path)
    assert status == 1
    assert document["error"]["code"] in codes, document
    assert peak < PEAK_MB
    # Nothing is sent to a host whose index could not be read.
    assert {request[0] for request in server.requests} <= {"GET", "HEAD", "OPTIONS", "PROPFIND"}


def test_an_endless_body_ends(hostile, tmp_path):
    """Of an object whose size is bounded tightly: an artifact, as verify reads it."""
    entry = {"name": "alpha", "version": "1.0.0", "published_at": "2024-02-29T23:59:59Z",
             "description": "A.", "triggers": ["process_writes"],
             "dependencies": {"database_version": ">=3.0.0", "python": []},
             "hash": "sha256:" + "0" * 64}
    index = json.dumps({"index_schema_version": "2.1", "artifacts_url": "https://a.example/",
                        "plugins": [entry]}).encode()
    server = hostile(lambda handler: sends(index)(handler) if handler.path.endswith(".json")
                     else endless(handler))
    status, document, _ = run(("registry", "verify", "--timeout", "5"),
                              server.base + "/registry", {}, tmp_path)
    assert status == 1 and document["status"] == "error", document


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_credentials_stay_with_their_host(hostile, tmp_path, status):
    other = hostile(sends(INDEX))

    def answer(handler):
        if "Authorization" not in handler.headers:
            head(handler, 401, Content_Length="0", WWW_Authenticate="Bearer")
        else:
            head(handler, status, Content_Length="0",
                 Location=other.base.replace("127.0.0.1", "localhost") + handler.path)
    first = hostile(answer)
    env = {"INFLUXDB3_PLUGIN_WEB_TOKEN": SECRET}
    code, document, _ = run(("search",), first.base + "/registry", env, tmp_path)
    assert code == 0, document
    assert any(SECRET in str(request[2]) for request in first.requests)
    assert other.requests
    assert not any(SECRET in str(request) for request in other.requests)


def test_a_write_is_not_redirected(hostile, tmp_path):
    other = hostile(sends(b""))
    first = hostile(lambda handler: sends(INDEX)(handler) if handler.command == "GET"
                    and handler.path.endswith("index.json")
                    else head(handler, 404, Content_Length="0")
                    if handler.command in ("GET", "HEAD", "PROPFIND", "OPTIONS")
                    else head(handler, 307, Content_Length="0", Location=other.base + "/x"))
    plugin(tmp_path / "plugins", "alpha")
    code, document, _ = run(("publish", "--root", "plugins", "--assume-exclusive"),
                            first.base + "/registry", {"INFLUXDB3_PLUGIN_WEB_TOKEN": SECRET},
                            tmp_path)
    assert code == 1, document
    assert other.requests == []


def test_an_index_that_shrinks_is_noticed(hostile, tmp_path):
    """A server that says yes to every write and keeps none of them."""
    server = hostile(lambda handler: sends(INDEX)(handler) if handler.command == "GET"
                     and handler.path.endswith("index.json")
                     else head(handler, 404, Content_Length="0")
                     if handler.command in ("GET", "HEAD", "PROPFIND", "OPTIONS")
                     else head(handler, 201, Content_Length="0"))
    plugin(tmp_path / "plugins", "alpha")
    code, document, _ = run(("publish", "--root", "plugins", "--assume-exclusive", "--timeout",
                             "20"), server.base + "/registry", {}, tmp_path)
    assert code == 1, document
    assert document["error"]["code"].startswith(("registry::", "store::")), document
