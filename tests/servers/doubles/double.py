"""What the doubles of code hosts share: HTTP, a log of requests, faults on script.

A double is an HTTP/1.1 server written from an API's documentation, and strict: what the
documentation does not know is answered with 418 and lands in the log as an error, so that a
client that leaves the documented ground fails its test.

For tests, below `/_double/` and never part of what is modelled:

    GET  /_double/requests   all requests since the last reset: method, path, status, token, error
    POST /_double/reset      forgets them
    POST /_double/settings   changes members of Double.settings
    POST /_double/faults     replaces the script: a list of
        {"method": "POST", "path": REGEX, "skip": N, "times": N, "do": ACTION, …}
        ACTION: "status" (with "status", "headers", "body"; before anything took effect),
        "drop" (the connection is closed before it takes effect), "lose" (it takes effect, then
        the connection is closed without an answer), "late-status" (it takes effect, then
        the answer is "status"), "cut" (half of the answer's body), or one of the double's own
    GET  /_double/state      what it holds
    POST /_double/fill       {"tag": TAG, "count": N}: as if N objects had been put there
"""
import argparse
import json
import re
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(Exception):
    """An answer; raised where one is in the middle of something."""

    def __init__(self, status, body=b"", headers=None):
        super().__init__(status)
        self.status = status
        self.headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            self.headers.setdefault("Content-Type", "application/json; charset=utf-8")
        self.body = body


class Strict(Exception):
    """The request is not what the documentation describes."""


class Request:
    def __init__(self, handler):
        self.method = handler.command
        self.target = handler.path
        path, _, query = handler.path.partition("?")
        self.raw_path = path
        try:
            self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True,
                                                     strict_parsing=bool(query)))
        except ValueError:
            raise Strict(f"a query that cannot be read: {query}") from None
        self.headers = handler.headers
        self.handler = handler
        self.body = b""
        self.fault = None

    def read_body(self):
        """True: all of it came."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            raise Answer(411, {"message": "Length Required"})
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.handler.rfile.read(length)
        return len(self.body) == length

    def json(self, known):
        """A JSON object of known members."""
        kind = self.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            raise Strict(f"a JSON body sent as {kind!r}")
        try:
            value = json.loads(self.body)
        except ValueError:
            raise Answer(400, {"message": "Problems parsing JSON"}) from None
        if not isinstance(value, dict):
            raise Answer(400, {"message": "Body should be a JSON object"})
        unknown = set(value) - set(known)
        if unknown:
            raise Strict(f"members that are not documented: {sorted(unknown)}")
        return value


class Double:
    """The state and its rules; subclasses answer `handle`."""
    defaults = {"latency_ms": 0}
    server_name = "double"

    def __init__(self, arguments):
        self.arguments = arguments
        self.settings = dict(self.defaults)
        self.faults = []
        self.log = []
        self.lock = threading.RLock()
        self.scheme = "https" if arguments.tls else "http"
        self.local = threading.local()

    @property
    def base(self):
        """This server as the client called it, so that a proxy before it stays there."""
        return f"{self.scheme}://{self.local.host}"

    @property
    def storage_base(self):
        """The same port by another name: to a client that is another host."""
        return self.base.replace("127.0.0.1", "localhost")

    def handle(self, request):
        raise NotImplementedError

    def storage(self, request):
        """What the storage host answers, which wants no token beside its signed URL."""
        raise NotImplementedError

    def handle_any(self, request):
        self.local.host = request.headers.get("Host", "")
        if not self.local.host.startswith("localhost"):
            return self.handle(request)
        private = ["Authorization", "PRIVATE-TOKEN", "JOB-TOKEN", "Cookie"]
        if not request.headers.get("User-Agent", "").startswith("GitHub CLI"):
            private.append("X-GitHub-Api-Version")  # which `gh` does take along
        for name in private:
            if name in request.headers:
                raise Strict(f"{name} sent to the storage host")
        if request.query.get("sig") != "s3cr3t":
            raise Answer(403, b"<Error><Code>AuthenticationFailed</Code></Error>")
        return self.storage(request)

    def state(self):
        return {}

    def fill(self, tag, count):
        raise NotImplementedError

    def secret_of(self, request):
        return ""

    def fault_of(self, request):
        with self.lock:
            for fault in self.faults:
                if fault.get("method", request.method) != request.method or \
                        not re.search(fault.get("path", ""), request.target):
                    continue
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    continue
                if fault.get("times", 1) > 0:
                    fault["times"] = fault.get("times", 1) - 1
                    return dict(fault)
        return None

    def admin(self, request):
        request.read_body()
        what = request.raw_path.removeprefix("/_double/")
        value = json.loads(request.body) if request.body else None
        with self.lock:
            if what == "requests":
                return Answer(200, self.log)
            if what == "reset":
                self.log = []
            elif what == "settings":
                unknown = set(value) - set(self.settings)
                if unknown:
                    return Answer(400, {"unknown": sorted(unknown)})
                self.settings.update(value)
            elif what == "faults":
                self.faults = value
            elif what == "fill":
                self.fill(value["tag"], value["count"])
            elif what == "state":
                return Answer(200, {"settings": self.settings, **self.state()})
            else:
                return Answer(404)
        return Answer(200, {})


def status_answer(fault):
    body = fault.get("body", {"message": "Server Error"})
    return Answer(fault["status"], body.encode() if isinstance(body, str) else body,
                  fault.get("headers"))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double = None  # of a subclass made for each server
    # Small answers in one packet, at once.
    wbufsize = 64 << 10
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle_expect_100(self):
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def version_string(self):
        return self.double.server_name

    def answer_of(self, request):
        fault = request.fault = self.double.fault_of(request)
        action = fault and fault["do"]
        if action == "drop":
            return None
        if action == "status":
            request.read_body()
            return status_answer(fault)
        answer = self.double.handle_any(request)
        if action == "lose":
            return None
        if action == "late-status":
            return status_answer(fault)
        return answer

    def answer(self):
        double = self.double
        error = ""
        try:
            request = Request(self)
            if request.raw_path.startswith("/_double/"):
                self.send(double.admin(request), request)
                return
            if double.settings["latency_ms"]:
                time.sleep(double.settings["latency_ms"] / 1000)
            answer = self.answer_of(request)
        except Answer as raised:
            answer = raised
        except Strict as strict:
            error = str(strict)
            answer = Answer(418, {"message": f"not documented: {error}"})
        if not request.body and int(self.headers.get("Content-Length") or 0) > 0:
            self.close_connection = True  # an unread body would be taken for a request
        with double.lock:
            double.log.append({
                "method": self.command, "path": self.path, "error": error,
                "status": answer.status if answer else 0, "token": double.secret_of(request),
                "bytes": len(request.body), "agent": self.headers.get("User-Agent", "")})
        if answer is None:
            self.close_connection = True
            return
        self.send(answer, request)

    def send(self, answer, request):
        body = b"" if answer.status in (204, 304) else answer.body
        cut = request.fault and request.fault["do"] == "cut"
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, str(value))
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:len(body) // 2] if cut else body)
        self.wfile.flush()
        if cut:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # clients that go away are part of the tests


def serve(double):
    """Until it is ended."""
    handler = type("BoundHandler", (Handler,), {"double": double})
    server = Server(("127.0.0.1", double.arguments.port), handler)
    if double.arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*double.arguments.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    server.serve_forever()


def arguments(description, *more):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    for flag, options in more:
        parser.add_argument(flag, **options)
    return parser.parse_args()

