"""A double of what Azure answers: the login endpoint, managed identity in both forms, and of Blob
Storage what a registry uses, with bearer tokens looked at, lists in pages of two, and errors as
documented. Signatures are not modelled: for these there is Azurite.
"""
import email.utils
import re
from xml.sax.saxutils import escape

from doubles.cloud import CloudDouble, Wrong

ACCOUNT = "account"
CONTAINER = "container"
TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
RESOURCE = "https://storage.azure.com/"


def error(status, code, message, detail=None):
    body = f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>' \
        f"{message}\nRequestId:0\nTime:2026-11-25T17:31:39.547Z</Message>"
    body += f"<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>" if detail else ""
    return status, {"Content-Type": "application/xml", "x-ms-error-code": code}, \
        (body + "</Error>").encode()


class Microsoft(CloudDouble):
    def __init__(self):
        super().__init__()
        self.good_tokens = {}
        self.is_public = False
        self.blobs = {}  # name: (etag, headers, bytes)
        self.changes = 0
        self.lifetime_s = 3600

    def issue(self, what):
        token = f"eyJ0.{what}-{len(self.good_tokens)}"
        self.good_tokens[token] = what
        return token

    def answer(self, call):
        routes = ((f"/{TENANT}/", self.login), ("/metadata/", self.machine),
                  ("/msi/", self.endpoint), ("/runner", self.runner))
        for path, handler in routes:
            if call.path.startswith(path):
                return handler(call)
        return self.storage(call)

    # Tokens

    def login(self, call):
        if call.path != f"/{TENANT}/oauth2/v2.0/token":
            raise Wrong("no such path")
        fields = call.form("grant_type", "client_id", "scope",
                           optional=("client_assertion_type", "client_assertion",
                                     "client_secret"))
        if (fields["grant_type"], fields["client_id"], fields["scope"]) != \
                ("client_credentials", CLIENT, RESOURCE + ".default") or \
                ("client_secret" in fields) == ("client_assertion" in fields):
            raise Wrong(fields)
        if "client_assertion" in fields:
            if fields["client_assertion_type"] != \
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
                raise Wrong(fields)
            if fields["client_assertion"] != "identity-token":
                return 401, {}, {"error": "invalid_client", "error_description":
                                 "AADSTS70021: No matching federated identity record found for "
                                 "presented assertion.\r\nTrace ID: 0"}
            what = "federated"
        elif fields["client_secret"] != "the-secret~":
            return 401, {}, {"error": "invalid_client", "error_description":
                             "AADSTS7000215: Invalid client secret provided."}
        else:
            what = "secret"
        return 200, {}, {"token_type": "Bearer", "expires_in": self.lifetime_s,
                         "ext_expires_in": self.lifetime_s, "access_token": self.issue(what)}

    def machine(self, call):
        if call.path != "/metadata/identity/oauth2/token" or call.method != "GET" or \
                call.query.get("api-version") != "2018-02-01" or \
                call.query.get("resource") != RESOURCE or \
                set(call.query) - {"api-version", "resource", "client_id"}:
            raise Wrong(call.query)
        if call.headers.get("Metadata") != "true":
            return 400, {}, {"error": "invalid_request",
                             "error_description": "Required metadata header not specified"}
        what = "machine" if "client_id" not in call.query else "machine-" + CLIENT
        return 200, {}, {"access_token": self.issue(what), "expires_in": str(self.lifetime_s),
                         "resource": RESOURCE, "token_type": "Bearer"}

    def endpoint(self, call):
        if call.headers.get("X-IDENTITY-HEADER") != "header-secret":
            return 401, {}, {"error": "no"}
        if call.path != "/msi/token" or call.query.get("api-version") != "2019-08-01" or \
                call.query.get("resource") != RESOURCE:
            raise Wrong(call.query)
        return 200, {}, {"access_token": self.issue("endpoint"), "token_type": "Bearer",
                         "expires_on": "4102444800", "resource": RESOURCE}

    def runner(self, call):
        if call.bearer() != "runner-secret":
            return 401, {}, {"message": "no"}
        good = call.query.get("audience") == "api://AzureADTokenExchange"
        return 200, {}, {"count": 1, "value": "identity-token" if good else "of-another"}

    # Blob Storage

    def storage(self, call):
        if not re.fullmatch(r"20\d\d-\d\d-\d\d", call.headers.get("x-ms-version", "")):
            raise Wrong("no x-ms-version")
        if call.bearer() is None:
            if not self.is_public:
                return error(409, "PublicAccessNotPermitted",
                             "Public access is not permitted on this storage account.")
            if call.method != "GET" or "comp" in call.query:
                return error(404, "ResourceNotFound", "The specified resource does not exist.")
        elif self.good_tokens.get(call.bearer()) is None:
            return error(401, "InvalidAuthenticationInfo",
                         "Server failed to authenticate the request.")
        if call.path == f"/{CONTAINER}" and call.method == "GET":
            return self.list(call)
        if not call.path.startswith(f"/{CONTAINER}/"):
            return error(404, "ContainerNotFound", "The specified container does not exist.")
        name = call.path.removeprefix(f"/{CONTAINER}/")
        return getattr(self, call.method.lower())(call, name)

    def get(self, call, name):
        if name not in self.blobs:
            return error(404, "BlobNotFound", "The specified blob does not exist.")
        etag, headers, content = self.blobs[name]
        return 200, {"ETag": etag, "Last-Modified": email.utils.formatdate(usegmt=True),
                     **headers}, content

    def head(self, call, name):
        return self.get(call, name)

    def put(self, call, name):
        headers = {key.lower(): value for key, value in call.headers.items()}
        known = {"host", "user-agent", "accept", "content-length", "content-type", "expect",
                 "authorization", "x-ms-version", "x-ms-date", "x-ms-blob-type",
                 "x-ms-blob-cache-control", "x-ms-meta-i3pserial", "if-match", "if-none-match"}
        if set(headers) - known or headers.get("x-ms-blob-type") != "BlockBlob" or \
                "content-length" not in headers:
            raise Wrong(headers)
        if ("if-match" in headers) == ("if-none-match" in headers):
            raise Wrong("a write without one condition")
        etag = self.blobs.get(name, (None,))[0]
        if headers.get("if-none-match") == "*" and etag is not None:
            return error(409, "BlobAlreadyExists", "The specified blob already exists.")
        if "if-match" in headers and headers["if-match"] != etag:
            return error(412, "ConditionNotMet", "The condition specified using HTTP conditional "
                         "header(s) is not met.")
        self.changes += 1
        etag = f'"0x8D{self.changes:014X}"'
        kept = {"Content-Type": headers["content-type"],
                "Cache-Control": headers["x-ms-blob-cache-control"]}
        if "x-ms-meta-i3pserial" in headers:
            kept["x-ms-meta-i3pserial"] = headers["x-ms-meta-i3pserial"]
        self.blobs[name] = (etag, kept, call.body)
        return 201, {"ETag": etag}, b""

    def delete(self, call, name):
        if name not in self.blobs:
            return error(404, "BlobNotFound", "The specified blob does not exist.")
        if call.headers.get("If-Match") != self.blobs[name][0]:
            return error(412, "ConditionNotMet", "The condition is not met.")
        del self.blobs[name]
        return 202, {}, b""

    def list(self, call):
        if call.query.get("restype") != "container" or call.query.get("comp") != "list" or \
                set(call.query) - {"restype", "comp", "prefix", "delimiter", "maxresults",
                                   "marker"}:
            raise Wrong(call.query)
        prefix = call.query.get("prefix", "")
        names = [name for name in sorted(self.blobs) if name.startswith(prefix)
                 and "/" not in name.removeprefix(prefix)]
        start = int(call.query.get("marker", "2!0").removeprefix("2!"))
        blobs = "".join(
            f"<Blob><Name>{escape(name)}</Name><Properties>"
            f"<Last-Modified>Wed, 25 Nov 2026 17:31:39 GMT</Last-Modified>"
            f"<Etag>{self.blobs[name][0].strip(chr(34))}</Etag>"
            f"<Content-Length>{len(self.blobs[name][2])}</Content-Length></Properties></Blob>"
            for name in names[start:start + 2])
        more = f"2!{start + 2}" if start + 2 < len(names) else ""
        text = f'\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ' \
            f'ServiceEndpoint="{self.base}/" ContainerName="{CONTAINER}"><Prefix>' \
            f"{escape(prefix)}</Prefix><Blobs>{blobs}</Blobs><NextMarker>{more}</NextMarker>" \
            "</EnumerationResults>"
        return 200, {"Content-Type": "application/xml"}, text.encode()
