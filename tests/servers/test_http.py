"""The HTTP client against servers that are slow, broken or mean harm."""
import hashlib
import subprocess
import time

import gzip
import pytest
import ssl

import sigv4
from raw_server import Client, Raw, hang_up, ok, redirect, reset

MEBI = 1 << 20
SLACK_KB = 60 << 10  # of a sanitized build


@pytest.fixture
def client():
    with Client("--tries", 3) as one:
        yield one


def test_sends_what_it_should_and_no_more(client):
    with Raw(ok(b"hello", X_Some_Thing="  Some Value  ")) as server:
        answer = client.get(server.base + "/a%20b?c=d", "header=X-Own: 7")
    [request] = server.requests
    assert (request.method, request.target) == ("GET", "/a%20b?c=d")
    names = {name for name, _ in request.headers}
    assert names == {"host", "user-agent", "accept", "x-own"}
    assert request.header("user-agent").startswith("influxdb3-plugin/")
    assert (answer["status"], answer["text"], answer["tries"]) == (200, "hello", 1)
    assert answer["headers"]["x-some-thing"] == "Some Value"


def test_uploads_whole(client, tmp_path):
    content = bytes(range(256)) * 12288  # 3 MiB: more than any that asks first
    (tmp_path / "body").write_bytes(content)
    with Raw(ok()) as server:
        assert client.send("PUT", server.base, body_file=tmp_path / "body")["status"] == 200
        assert client.send("POST", server.base)["status"] == 200
        assert client.send("DELETE", server.base)["status"] == 200
        assert client.send("PROPFIND", server.base, body="<x/>")["status"] == 200
    put, post, delete, find = server.requests
    assert put.body == content and put.header("content-length") == str(len(content))
    assert put.header("content-type") is None and put.header("expect") is None
    assert post.header("content-length") == "0"
    assert delete.header("content-length") is None
    assert find.body == b"<x/>"


def test_bodies_are_never_unpacked(client):
    packed = gzip.compress(b" " * 100 * MEBI)
    with Raw(ok(packed, Content_Encoding="gzip")) as server:
        before = client.peak_kb()
        answer = client.get(server.base)
    assert answer["length"] == len(packed)
    assert answer["digest"] == "sha256:" + hashlib.sha256(packed).hexdigest()
    assert client.peak_kb() - before < SLACK_KB


def endless(start, chunk):
    def answer(connection):
        connection.sendall(start)
        while True:
            connection.sendall(chunk)
    return answer


ENDLESS = {
    "until the connection ends": (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "in chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                  b"10000\r\n" + b"x" * 65536 + b"\r\n"),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_endless_bodies_end_at_the_cap(client, kind):
    with Raw(endless(*ENDLESS[kind])) as server:
        before = client.peak_kb()
        answer = client.get(server.base, max=MEBI)
    assert (answer["code"], answer["tries"]) == ("store::too_large", 1)
    assert str(MEBI) in answer["note"]
    assert client.peak_kb() - before < SLACK_KB


def test_the_cap_is_exact(client):
    with Raw(ok(b"x" * 1000)) as server:
        assert client.get(server.base, max=1000)["length"] == 1000
        assert client.get(server.base, max=999)["code"] == "store::too_large"


def test_declared_giants_are_not_read(client):
    with Raw(endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                     b"x" * 65536)) as server:
        assert client.get(server.base, max=MEBI)["code"] == "store::too_large"


def test_of_error_pages_the_beginning_is_enough(client):
    with Raw(endless(b"HTTP/1.1 404 Not Found\r\n\r\n", b"no " * 9999)) as server:
        answer = client.get(server.base, max=10 * MEBI)
    assert (answer["status"], answer["length"]) == (404, 65536)


def test_bodies_that_break_off_are_no_bodies(client):
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"
    with Raw(short, keep=False) as server:
        answer = client.get(server.base)
    assert (answer["code"], answer["tries"]) == ("store::bad_response", 3)
    assert "5 of 10 bytes" in answer["note"]
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"
    with Raw(chunked, keep=False) as server:
        answer = client.get(server.base)
    assert not answer["ok"] and answer["tries"] == 3
    with Raw(short, ok(b"1234567890"), keep=False) as server:
        answer = client.get(server.base)
    assert (answer["text"], answer["tries"]) == ("1234567890", 2)


BAD_ANSWERS = {
    "garbage": b"\x00\x01\x02 garbage \xff\r\n\r\n",
    "no HTTP": b"220 mail.example ESMTP\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "a length in words": b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
    "a giant length": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
}


@pytest.mark.parametrize("kind", BAD_ANSWERS)
def test_what_is_not_http_is_refused(client, kind):
    with Raw(BAD_ANSWERS[kind], keep=False) as server:
        answer = client.get(server.base)
    assert (answer.get("code"), answer["tries"]) == ("store::bad_response", 1), answer


ENDLESS_HEADS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"y" * 8000 + b"\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX-More: ", b"y" * 8000),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
}


@pytest.mark.parametrize("kind", ENDLESS_HEADS)
def test_endless_headers_end(client, kind):
    with Raw(endless(*ENDLESS_HEADS[kind])) as server:
        before = client.peak_kb()
        answer = client.get(server.base)
    assert not answer["ok"] and answer["code"] in ("store::bad_response", "store::unreachable")
    assert client.peak_kb() - before < SLACK_KB


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def silence(connection):
    connection.recv(1)


@pytest.mark.parametrize("answer", [drip, drip_headers, silence])
def test_slow_servers_are_given_up(answer):
    with Client("--stall", 400, "--tries", 2) as client, Raw(answer) as server:
        got = client.get(server.base)
        assert (got["code"], got["tries"]) == ("store::timeout", 2)
        put = client.send("PUT", server.base, body="x")
        assert (put["code"], put["tries"], put["may_have_happened"]) == (
            "store::timeout", 1, True)


def test_the_time_for_all_requests_ends_them():
    with Client("--total", 700) as client, Raw(silence) as server:
        answer = client.get(server.base)
        assert (answer["code"], answer["tries"]) == ("store::timeout", 1)
        answer = client.get(server.base)
        assert (answer["code"], answer["tries"]) == ("store::timeout", 0)
    assert len(server.requests) == 1


def test_no_wait_goes_past_the_end_of_time():
    with Client("--total", 5000) as client, \
            Raw(ok(b"", "503 Slow Down", Retry_After="60")) as server:
        answer = client.get(server.base)
    assert (answer["status"], answer["tries"]) == (503, 1)


def test_connections_that_nobody_takes():
    import socket
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        port = deaf.getsockname()[1]
        fill = [socket.socket() for _ in range(8)]
        for one in fill:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        with Client("--connect", 300, "--tries", 2) as client:
            answer = client.send("PUT", f"http://127.0.0.1:{port}/", body="x")
        for one in fill:
            one.close()
    assert (answer["code"], answer["tries"]) == ("store::timeout", 2)
    assert not answer["may_have_happened"]


def test_refused_and_unknown(client):
    with Raw(ok()) as server:
        pass
    answer = client.send("PUT", server.base, body="x")
    assert (answer["code"], answer["tries"]) == ("store::unreachable", 3)
    assert "refused" in answer["note"] and not answer["may_have_happened"]
    answer = client.get("https://no-such-host.invalid/")
    assert answer["code"] == "store::unreachable" and "no-such-host.invalid" in answer["note"]
    for url in ("ftp://127.0.0.1/", "file:///etc/passwd", "nonsense", "http://",
                "http://user:word@127.0.0.1/"):
        answer = client.get(url)
        assert (answer["code"], answer["tries"]) == ("store::unreachable", 0), url
        assert "word" not in answer["note"]


@pytest.mark.parametrize("end", [reset, hang_up])
def test_broken_connections_are_tried_again(client, end):
    with Raw(end, end, ok(b"at last")) as server:
        answer = client.get(server.base)
    assert (answer["text"], answer["tries"], answer["was_repeated"]) == ("at last", 3, True)
    with Raw(end, ok()) as server:
        answer = client.send("POST", server.base, body="x")
    assert (answer["ok"], answer["tries"], answer["may_have_happened"]) == (False, 1, True)
    assert len(server.requests) == 1
    with Raw(end, ok()) as server:
        answer = client.send("PUT", server.base, "repeatable", body="x")
    assert (answer["status"], answer["tries"], answer["was_repeated"]) == (200, 2, True)


def test_a_kept_connection_that_breaks_repeats_nothing_in_secret(client):
    with Raw(ok(), hang_up, ok(b"second")) as server:
        assert client.get(server.base)["status"] == 200
        answer = client.send("POST", server.base, body="x")
        assert (answer["ok"], answer["tries"], answer["may_have_happened"]) == (False, 1, True)
    assert [request.method for request in server.requests] == ["GET", "POST"]
    assert [request.connection for request in server.requests] == [1, 1]
    assert client.requests() == 2


def test_a_kept_connection_that_was_closed_is_replaced(client):
    def answer_and_close(connection):
        connection.sendall(ok(b"1"))
        connection.close()
    with Raw(answer_and_close, ok(b"2")) as server:
        assert client.get(server.base)["text"] == "1"
        time.sleep(0.2)
        answer = client.send("POST", server.base, body="x")
    assert (answer["text"], answer["tries"]) == ("2", 1)


def test_connections_are_kept(client):
    with Raw(ok(b"x")) as server:
        for _ in range(5):
            assert client.get(server.base)["status"] == 200
    assert server.connections == 1 and len(server.requests) == 5


def test_many_at_once(client):
    with Raw(ok(b"y" * 100_000)) as server:
        answers = client.get(server.base, times=32)
        more = client.get(server.base, times=32)
    assert len(answers) == 32
    assert {(one["status"], one["length"]) for one in answers + more} == {(200, 100_000)}
    assert len(server.requests) == 64 and server.connections <= 64
    assert client.requests() == 64


@pytest.mark.parametrize("status, method, words, tries, final", [
    ("429 Too Many", "POST", [], 2, 200),
    ("503 Busy", "POST", [], 2, 200),
    ("403 Slower", "POST", [], 2, 200),
    ("500 Oops", "POST", [], 1, 500),
    ("502 Bad", "PUT", ["repeatable"], 2, 200),
    ("504 Late", "GET", [], 2, 200),
    ("408 Timeout", "GET", [], 2, 200),
    ("501 Never", "GET", [], 1, 501),
    ("404 None", "GET", [], 1, 404),
    ("412 Not So", "PUT", ["repeatable"], 1, 412),
])
def test_statuses_that_are_tried_again(client, status, method, words, tries, final):
    with Raw(ok(b"", status, Retry_After="0"), ok()) as server:
        answer = client.send(method, server.base, *words)
    assert (answer["status"], answer["tries"], len(server.requests)) == (final, tries, tries)
    may_have_taken_effect = tries == 2 and status[:3] in ("502", "504", "408")
    assert answer["was_repeated"] == may_have_taken_effect


def test_the_last_answer_counts(client):
    with Raw(ok(b"sorry", "503 Busy", Retry_After="0")) as server:
        answer = client.get(server.base)
    assert (answer["status"], answer["text"], answer["tries"]) == (503, "sorry", 3)
    assert client.requests() == len(server.requests) == 3


def test_hosts_that_ask_for_too_long_a_wait(client):
    for asked in ("3600", "Fri, 31 Dec 9999 23:59:59 GMT"):
        with Raw(ok(b"", "429 Slow", Retry_After=asked), ok()) as server:
            answer = client.get(server.base)
        assert (answer["status"], answer["tries"]) == (429, 1)
    with Raw(ok(b"", "429 Slow", Retry_After="Sun, 06 Nov 1994 08:49:37 GMT"), ok()) as server:
        assert client.get(server.base)["tries"] == 2


CREDENTIALS = {"bearer": "token-1", "basic": "me:word-1", "auth-header": "PRIVATE-TOKEN:glpat-1",
               "sigv4": "KEY:secret-1:session-1:eu-central-1:s3"}


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_credentials_stay_with_the_first_host(client, kind):
    with Raw(ok(b"elsewhere")) as other, Raw(redirect(other.base + "/signed?x=1")) as first:
        answer = client.get(first.base + "/asset", "follow", "header=X-Own: 1",
                            f"{kind}={CREDENTIALS[kind]}")
    assert answer["text"] == "elsewhere"
    sent = {name for name, _ in first.requests[0].headers}
    assert "x-own" in sent and ("authorization" in sent or "private-token" in sent)
    [request] = other.requests
    assert request.target == "/signed?x=1"
    assert {name for name, _ in request.headers} == {"host", "user-agent", "accept"}
    assert not any("-1" in value for _, value in request.headers)


def test_credentials_do_not_come_back(client):
    """Nor on the way back to the first host, where the other one chose the address."""
    with Raw(ok()) as first:
        with Raw(redirect(first.base + "/chosen")) as other:
            first.answers = [redirect(other.base), ok(b"end")]
            answer = client.get(first.base, "follow", bearer="token-1")
    assert answer["text"] == "end"
    assert [request.header("authorization") for request in first.requests] == [
        "Bearer token-1", None]


def test_redirects_within_a_host_keep_credentials(client):
    with Raw(redirect("../b?q=1#part"), ok(b"here")) as server:
        answer = client.get(server.base + "/a/x", "follow", bearer="token-1")
    assert answer["text"] == "here"
    assert server.requests[1].target == "/b?q=1"
    assert server.requests[1].header("authorization") == "Bearer token-1"


def test_redirects_have_an_end(client):
    with Raw(redirect("/again")) as server:
        answer = client.get(server.base, "follow")
    assert answer["code"] == "store::redirect_refused" and len(server.requests) == 6


def test_redirects_that_are_not_followed(client):
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/", "http://me:word@127.0.0.1/", "",
                   "gopher://127.0.0.1/x"):
        with Raw(redirect(target)) as server:
            answer = client.get(server.base, "follow")
        assert answer["code"] == "store::redirect_refused", target
        assert "word" not in answer["note"]
    with Raw(redirect("/b", "307 Temporary Redirect"), ok()) as server:
        assert client.send("PUT", server.base, "follow", body="x")["status"] == 307
        assert len(server.requests) == 1
    with Raw(redirect("/b"), ok()) as server:
        assert client.get(server.base)["status"] == 302


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An issuer of our own, and what it signed: for 127.0.0.1, for another name, one that is
    over; as contexts of servers, and the issuer's file."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out",
            "ca.pem", "-subj", "/CN=Issuer of the tests", "-days", "30")
    made = {"issuer": folder / "ca.pem"}
    for name, subject, days in (("good", "IP:127.0.0.1", "10"), ("other", "DNS:a.example", "10"),
                                ("over", "IP:127.0.0.1", "-1")):
        (folder / "ext").write_text(f"subjectAltName={subject}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                f"{name}.csr", "-subj", "/CN=server")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", days, "-extfile", "ext")
        made[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made[name].load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return made


def test_certificates_are_verified(certificates):
    issuer = {"SSL_CERT_FILE": str(certificates["issuer"])}
    for name, env, code in (("good", issuer, None),
                            ("good", {"CURL_CA_BUNDLE": str(certificates["issuer"])}, None),
                            ("good", {}, "store::certificate"),
                            ("other", issuer, "store::certificate"),
                            ("over", issuer, "store::certificate")):
        with Raw(ok(b"safe"), tls=certificates[name]) as server, Client(env=env) as client:
            answer = client.send("PUT", server.base, body="x", bearer="token-1")
        if code is None:
            assert answer["status"] == 200, answer
        else:
            assert (answer["code"], answer["tries"]) == (code, 1)
            assert f"127.0.0.1:{server.port}" in answer["note"]
            assert not answer["may_have_happened"] and server.requests == []


def test_a_folder_of_certificates(certificates, tmp_path):
    name = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", certificates["issuer"]],
                          capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / f"{name}.0").write_bytes(certificates["issuer"].read_bytes())
    with Raw(ok(b"safe"), tls=certificates["good"]) as server, \
            Client(env={"SSL_CERT_DIR": str(tmp_path)}) as client:
        assert client.get(server.base)["text"] == "safe"


def test_https_never_becomes_http(certificates):
    with Raw(ok(b"plain")) as plain, Raw(redirect(plain.base), tls=certificates["good"]) as safe, \
            Client(env={"SSL_CERT_FILE": str(certificates["issuer"])}) as client:
        answer = client.get(safe.base, "follow")
    assert answer["code"] == "store::redirect_refused" and plain.requests == []


def test_no_tls_at_all(client):
    with Raw(greeting=b"this is no TLS at all\r\n") as server:
        answer = client.get(server.base.replace("http:", "https:"))
    assert answer["code"] == "store::unreachable" and server.requests == []


def test_plain_http_carries_no_secrets_and_writes_nothing():
    url = "http://registry.invalid/"
    with Client("--hide", "hidden-1", "--tries", 1) as client:
        for words in (["PUT", url, "body=x"], ["DELETE", url], ["POST", url], ["MOVE", url],
                      ["GET", url, "bearer=t"], ["GET", url, "basic=a:b"],
                      ["GET", url, "auth-header=X:y"], ["GET", url, "header=X-A: hidden-1"],
                      ["GET", url + "?sig=hidden-1"]):
            answer = client.send(*words)
            assert (answer["code"], answer["tries"]) == ("store::insecure", 0), words
        for words in (["GET", url], ["HEAD", url], ["PROPFIND", url]):
            assert client.send(*words)["code"] == "store::unreachable"
        assert client.requests() == 0
    with Client("--insecure", "--tries", 1) as client:
        assert client.send("PUT", url, body="x")["code"] == "store::unreachable"
    with Client("--tries", 1) as client:
        with Raw(ok()) as server:
            for host in ("127.0.0.1", "localhost"):
                answer = client.send("PUT", f"http://{host}:{server.port}/", body="x",
                                     bearer="t")
                assert answer["status"] == 200


def test_proxies(certificates):
    with Raw(ok(b"by proxy")) as proxy, Raw(ok(b"direct")) as server:
        env = {"http_proxy": proxy.base, "https_proxy": proxy.base}
        with Client("--tries", 1, env=env) as client:
            assert client.get("http://registry.invalid/x")["text"] == "by proxy"
            assert proxy.requests[0].target == "http://registry.invalid/x"
            # What stays on this machine goes past it.
            assert client.get(server.base)["text"] == "direct"
        with Client("--tries", 1, env={**env, "no_proxy": "registry.invalid"}) as client:
            assert client.get("http://registry.invalid/x")["code"] == "store::unreachable"
        assert len(proxy.requests) == 1
    with Raw(ok(b"", "403 Forbidden")) as proxy:
        with Client("--tries", 1, env={"https_proxy": proxy.base}) as client:
            answer = client.get("https://registry.invalid/x", bearer="token-1")
    assert answer["code"] == "store::unreachable" and not answer["ok"]
    assert (proxy.requests[0].method, proxy.requests[0].target) == (
        "CONNECT", "registry.invalid:443")
    assert not any("token-1" in value for _, value in proxy.requests[0].headers)


def test_secrets_never_show():
    with Client("--hide", "hush", "--hide", "hush-hush", "--tries", 1) as client:
        with Raw(redirect("ftp://x/")) as server:
            assert client.get(server.base, "follow")["code"] == "store::redirect_refused"
        with Raw(redirect("http://hush-hush.invalid/")) as server:
            answer = client.get(server.base, "follow")
        assert "hush" not in answer["note"] and "***" in answer["note"]


def test_headers_cannot_be_smuggled(client):
    with Raw(ok()) as server:
        for words in (r"header=X-A: b\nX-Evil: 1", r"bearer=t\nX-Evil: 1",
                      r"auth-header=X-A\n: t", r"header=X-A\n: t"):
            answer = client.get(server.base, words)
            assert answer["code"] == "auth::invalid_credentials", words
    assert server.requests == []


SIGNED = [
    ("GET", "/", []),
    ("GET", "/bucket/?delimiter=%2F&list-type=2&max-keys=1000&prefix=a%20b%2Bc", []),
    ("GET", "/bucket?versioning=", []),
    ("PUT", "/bucket/a%20b/c%2Bd-1.0.0~x.tar.gz", ["body=hello", "header=If-None-Match: *",
                                                  "header=Content-Type: application/gzip",
                                                  "header=Cache-Control: no-cache",
                                                  "header=x-amz-meta-i3p-serial: 12"]),
    ("PUT", "/bucket/index.json", ['header=If-Match: "0123"', "body="]),
    ("DELETE", "/bucket/x", []),
    ("HEAD", "/bucket/x", []),
    ("POST", "/", ["body=Action=AssumeRole&Version=2011-06-15",
                   "header=Content-Type: application/x-www-form-urlencoded"]),
]


@pytest.mark.parametrize("token", [None, "session/token+with=signs"])
@pytest.mark.parametrize("method, target, words", SIGNED)
def test_signatures(client, method, target, words, token):
    with Raw(ok()) as server:
        answer = client.send(method, server.base + target, *words,
                             sigv4=f"KEYID:se/cr+et:{token or ''}:eu-central-1:s3")
    assert answer["status"] == 200
    [request] = server.requests
    assert request.target == target
    assert sigv4.complaint(request, {"KEYID": "se/cr+et"}, "eu-central-1", "s3", token) is None


def test_large_signed_uploads(client, tmp_path):
    (tmp_path / "body").write_bytes(b"z" * 3 * MEBI)
    with Raw(ok(b"", "503 Busy", Retry_After="0"), ok()) as server:
        answer = client.send("PUT", server.base + "/b/x", body_file=tmp_path / "body",
                             sigv4="K:s::us-east-1:s3")
    assert (answer["status"], answer["tries"]) == (200, 2)
    for request in server.requests:
        assert len(request.body) == 3 * MEBI
        assert sigv4.complaint(request, {"K": "s"}, "us-east-1", "s3") is None


def test_the_verifier_finds_what_is_wrong(client):
    with Raw(ok()) as server:
        client.send("PUT", server.base + "/b/x", body="x", sigv4="K:s::us-east-1:s3")
    [request] = server.requests
    assert "signature" in sigv4.complaint(request, {"K": "other"}, "us-east-1", "s3")
    request.body = b"y"
    assert "hash" in sigv4.complaint(request, {"K": "s"}, "us-east-1", "s3")
