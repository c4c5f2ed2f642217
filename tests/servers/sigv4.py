"""AWS Signature Version 4 as a server checks it, from its documentation (Amazon S3 API
Reference, "Authenticating Requests: Using the Authorization Header"). Strict: every header that
must be signed is, and nothing is put right."""
import datetime
import hashlib
import hmac
import re
from urllib.parse import quote, unquote

FORM = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
                  r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$")


def canonical_query(query):
    """Each name and value decoded and encoded again, sorted."""
    pairs = [part.partition("=") for part in query.split("&")] if query else []
    return "&".join(f"{name}={value}" for name, value in sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for name, _, value in pairs))


def complaint(request, secrets, region, service, token=None):
    """None if the request is signed as it should be; else what is wrong."""
    found = FORM.match(request.header("authorization") or "")
    if not found:
        return f"no signature: {request.header('authorization')}"
    key, day, its_region, its_service, names, signature = found.groups()
    names = names.split(";")
    moment = request.header("x-amz-date")
    if key not in secrets:
        return f"unknown key {key}"
    if (its_region, its_service) != (region, service):
        return f"for {its_region}/{its_service}"
    if not moment or moment[:8] != day:
        return f"date {moment} and scope {day}"
    sent = datetime.datetime.strptime(moment, "%Y%m%dT%H%M%SZ")
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    if abs((now - sent).total_seconds()) > 900:
        return "clock"
    if names != sorted(names):
        return f"names not sorted: {names}"
    must = {"host"} | {name for name, _ in request.headers
                       if name.startswith("x-amz-") or name == "content-type"}
    if not must <= set(names):
        return f"not signed: {must - set(names)}"
    if request.header("x-amz-security-token") != token:
        return "session token"
    digest = hashlib.sha256(request.body).hexdigest()
    if request.header("x-amz-content-sha256") != digest:
        return "the body's hash"
    path, _, query = request.target.partition("?")
    if path != quote(unquote(path), safe="/-_.~"):
        return f"path {path} is not encoded as it should be"
    lines = []
    for name in names:
        value = request.header(name)
        if value is None:
            return f"{name} is signed and was not sent"
        lines.append(f"{name}:{' '.join(value.split())}\n")
    canonical = "\n".join([request.method, path, canonical_query(query), "".join(lines),
                           ";".join(names), digest])
    text = "\n".join(["AWS4-HMAC-SHA256", moment, f"{day}/{region}/{service}/aws4_request",
                      hashlib.sha256(canonical.encode()).hexdigest()])
    derived = ("AWS4" + secrets[key]).encode()
    for part in (day, region, service, "aws4_request", text):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    return None if derived.hex() == signature else f"signature over\n{canonical}"
