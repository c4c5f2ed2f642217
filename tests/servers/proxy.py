"""A proxy that sees each HTTP request, may hold it up, and may lose it or its answer.

    with Proxy(server.base) as proxy:
        proxy.rule = lambda request: LOSE_ANSWER if request.number == 3 else PASS

Bytes pass unchanged, `Host` too, so that signatures stay valid. A rule may do anything, as
killing the client, before it says what becomes of the request.
"""
import http.client
import itertools
import socket
import threading
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASS = "pass"
LOSE_REQUEST = "lose the request"  # the server never sees it
LOSE_ANSWER = "lose the answer"  # it took effect, nobody hears of it


@dataclass
class Request:
    number: int  # from 1
    method: str
    path: str
    phase: str  # "before" the server sees it, or "after" it answered
    status: int = 0  # of the answer, after


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def lose(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def forward(self):
        proxy = self.server.proxy
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body = self.body()
        number = next(proxy.numbers)
        proxy.seen.append((self.command, self.path))
        before = Request(number, self.command, self.path, "before")
        if proxy.rule(before) == LOSE_REQUEST:
            return self.lose()
        upstream = http.client.HTTPConnection(proxy.host, proxy.port, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {"connection", "transfer-encoding", "expect",
                                    "content-length"} | proxy.drops:
                upstream.putheader(name, value)
        if body or self.command in ("PUT", "POST", "PATCH"):
            upstream.putheader("Content-Length", str(len(body)))
        upstream.endheaders(body)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        after = Request(number, self.command, self.path, "after", answer.status)
        if proxy.rule(after) == LOSE_ANSWER:
            return self.lose()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else len(content)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        return None

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:  # the client is gone, as it may be
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = forward
    do_MOVE = do_MKCOL = do_PROPFIND = do_COPY = do_OPTIONS = forward


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Proxy:
    def __init__(self, base):
        target = urllib.parse.urlsplit(base)
        self.host, self.port = target.hostname, target.port
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.listener.proxy = self
        self.base = f"http://127.0.0.1:{self.listener.server_port}"
        self.drops = set()  # headers of requests, in lowercase, that do not pass
        self.reset()

    def reset(self, rule=None):
        self.numbers = itertools.count(1)
        self.seen = []
        self.rule = rule or (lambda request: PASS)

    def __enter__(self):
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.listener.server_close()
