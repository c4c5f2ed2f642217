"""A server that answers with whatever bytes a test wants, and a driver of the HTTP client.

    with Raw(answer, answer…) as server: …

The n-th request is answered by the n-th answer, later ones by the last. An answer is bytes, or a
function of the connection. `server.requests` has what came, in order.
"""
import json
import os
import socket
import ssl
import struct
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Request:
    method: str
    target: str
    headers: list  # (name in lowercase, value)
    body: bytes
    connection: int  # the how-manieth

    def header(self, name):
        found = [value for key, value in self.headers if key == name]
        assert len(found) <= 1, found
        return found[0] if found else None


def ok(body=b"", status="200 OK", **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(location, status="302 Found"):
    return ok(b"", status, Location=location)


def reset(connection):
    """Ends it so that the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection):
    connection.close()


class Raw:
    def __init__(self, *answers, tls=None, keep=True, greeting=None):
        self.answers = answers
        self.requests = []
        self.connections = 0
        self.keep = keep
        self.greeting = greeting  # sent at once, instead of any answer
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.tls = tls
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        # Wakes the thread that accepts, which would else take one more.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection, self.connections),
                             daemon=True).start()

    def serve(self, connection, number):
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            rest = b""
            if self.greeting is not None:
                connection.sendall(self.greeting)
                connection.recv(65536)
                return
            while True:
                request, rest = self.read(connection, rest, number)
                if request is None:
                    return
                with self.lock:
                    self.requests.append(request)
                    answer = self.answer_to(request)
                if callable(answer):
                    answer(connection)
                    return
                connection.sendall(answer)
                if not self.keep:
                    return
        except (OSError, ssl.SSLError):
            pass
        finally:
            try:
                connection.close()
            except OSError:
                pass

    def answer_to(self, _):
        return self.answers[min(len(self.requests), len(self.answers)) - 1]

    @staticmethod
    def read(connection, data, number):
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None, b""
            data += more
        head, data = data.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = [(name.lower(), value.strip()) for name, value in
                   (line.split(":", 1) for line in lines)]
        length = int(dict(headers).get("content-length", 0))
        while len(data) < length:
            more = connection.recv(65536)
            if not more:
                return None, b""
            data += more
        return Request(method, target, headers, data[:length], number), data[length:]


class Client:
    """The HTTP client, through http_driver.c."""

    def __init__(self, *options, env=None):
        binary = Path(os.environ["I3P_BIN_SANITIZED"]).parent / "tests/servers/http_driver"
        keep = {name: value for name, value in os.environ.items()
                if name.startswith(("ASAN_", "UBSAN_")) or name == "PATH"}
        self.process = subprocess.Popen([binary, *map(str, options)], text=True,
                                        env={**keep, **(env or {})}, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def line(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def send(self, method, url, *words, **more):
        return self.line("\t".join([method, url, *words,
                                    *(f"{key.replace('_', '-')}={value}"
                                      for key, value in more.items())]))

    def get(self, url, *words, **more):
        return self.send("GET", url, *words, **more)

    def requests(self):
        return self.line("requests")

    def peak_kb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0])

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait(60)
        self.process.stdout.close()
        assert kind is not None or status == 0
