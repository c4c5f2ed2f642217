"""What the doubles of Google Cloud and of Azure share: HTTP in this process, a log, answers on
script. Strict: what the documentation does not describe is answered 418, and ends up in `wrong`.
"""
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Wrong(Exception):
    """The request is not what the documentation describes."""


class Call:
    """One request, its body read."""

    def __init__(self, handler):
        self.method = handler.command
        self.target = handler.path
        path, _, query = handler.path.partition("?")
        self.path = urllib.parse.unquote(path)
        self.raw_path = path
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.parameters = urllib.parse.parse_qsl(query, keep_blank_values=True)
        self.headers = handler.headers
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))

    def form(self, *names, optional=()):
        """The fields of a form, exactly these."""
        kind = self.headers.get("Content-Type", "")
        if self.method != "POST" or kind != "application/x-www-form-urlencoded":
            raise Wrong(f"a form by {self.method} as {kind!r}")
        fields = dict(urllib.parse.parse_qsl(self.body.decode(), strict_parsing=True))
        if not set(names) <= set(fields) <= set(names) | set(optional):
            raise Wrong(f"fields {sorted(fields)}, wanted {sorted(names)}")
        return fields

    def bearer(self):
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if kind == "Bearer" else None


class CloudDouble:
    """Answers `answer(call)` with (status, headers, body); the body may be a dict."""

    def __init__(self):
        self.calls = []  # (method, target)
        self.wrong = []
        self.script = []  # (method, part of the target, answer): each used once, in order
        self.lock = threading.RLock()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 64 << 10
            disable_nagle_algorithm = True

            def handle_any(self):
                call = Call(self)
                status, headers, body = double.respond(call)
                if isinstance(body, dict):
                    body = json.dumps(body).encode()
                    headers = {"Content-Type": "application/json; charset=UTF-8", **headers}
                self.send_response(status)
                for name, value in headers.items():
                    # Two of one name: `("a", "b")`.
                    for one in value if isinstance(value, tuple) else (value,):
                        self.send_header(name, one)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def handle_expect_100(self):
                going_on = super().handle_expect_100()
                self.wfile.flush()
                return going_on

            def date_time_string(self, timestamp=None):
                import email.utils
                import time
                return email.utils.formatdate(time.time() + double.clock_ahead_s, usegmt=True)

            def log_message(self, *_):
                pass

        self.clock_ahead_s = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02},
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.server.shutdown()
        self.server.server_close()
        assert kind is not None or not self.wrong, self.wrong

    def respond(self, call):
        with self.lock:
            self.calls.append((call.method, call.target))
            for one in self.script:
                if one[0] == call.method and one[1] in call.target:
                    self.script.remove(one)
                    return one[2]
            try:
                return self.answer(call)
            except Wrong as error:
                self.wrong.append(f"{call.method} {call.target}: {error}")
                return 418, {}, b"not documented"

    def answer(self, call):
        raise NotImplementedError

    def count(self, part):
        return sum(part in target for _, target in self.calls)
