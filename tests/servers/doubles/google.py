"""A double of what Google Cloud answers: token endpoints, metadata server, and of Cloud Storage
what a registry uses, with tokens looked at, lists in pages of two, and errors as documented.
"""
import base64
import json
import re
import subprocess
import time
from email.parser import BytesParser

from doubles.cloud import CloudDouble, Wrong

SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
ROBOT = "robot@project.iam.gserviceaccount.com"
PROVIDER = "projects/123/locations/global/workloadIdentityPools/pool/providers/plugins"
BUCKET = "bucket"
LIMIT = ("The object bucket/{} exceeded the rate limit for object mutation operations (create, "
         "update, and delete). Please reduce your request rate.")


def error(status, reason, message):
    return status, {}, {"error": {"code": status, "message": message, "errors": [
        {"domain": "global", "reason": reason, "message": message}]}}


def xml_error(status, code, message, details=None):
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code>" \
        f"<Message>{message}</Message>"
    body += f"<Details>{details}</Details>" if details else ""
    return status, {"Content-Type": "application/xml; charset=UTF-8"}, \
        (body + "</Error>").encode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Google(CloudDouble):
    def __init__(self, public_key=None):
        super().__init__()
        self.public_key = public_key  # of the service account: a PEM file
        self.good_tokens = {}  # token: what it stands for
        self.subjects = {"identity-token"}
        self.is_public = False
        self.objects = {}  # name: (generation, metadata, bytes)
        self.generation = 1700000000000000
        self.lifetime_s = 3600
        self.limits_writes = False  # to one a second and name
        self.written = {}
        self.permissions = {"storage.objects.create", "storage.objects.delete",
                            "storage.objects.get", "storage.objects.list"}

    def issue(self, what):
        token = f"ya29.{what}-{len(self.good_tokens)}"
        self.good_tokens[token] = what
        return token

    def answer(self, call):
        routes = (("/token", self.oauth), ("/v1/token", self.sts), ("/runner", self.runner),
                  ("/computeMetadata/", self.metadata), ("/v1/projects/-/", self.iam))
        for path, handler in routes:
            if call.path == path or (path.endswith("/") and call.path.startswith(path)):
                return handler(call)
        return self.storage(call)

    # Tokens

    def granted(self, what):
        return 200, {}, {"access_token": self.issue(what), "expires_in": self.lifetime_s,
                         "token_type": "Bearer"}

    def oauth(self, call):
        kind = re.search(r"grant_type=([^&]*)", call.body.decode()).group(1)
        if kind == "refresh_token":
            fields = call.form("grant_type", "client_id", "client_secret", "refresh_token")
            if (fields["client_id"], fields["client_secret"],
                    fields["refresh_token"]) != ("client", "client-secret", "1//refresh"):
                return 400, {}, {"error": "invalid_grant",
                                 "error_description": "Token has been expired or revoked."}
            return self.granted("user")
        fields = call.form("grant_type", "assertion")
        if fields["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Wrong(fields["grant_type"])
        header, claims, signature = fields["assertion"].split(".")
        header_value, value = json.loads(decoded(header)), json.loads(decoded(claims))
        if header_value != {"alg": "RS256", "typ": "JWT", "kid": "key-id"}:
            raise Wrong(header_value)
        if set(value) != {"iss", "scope", "aud", "iat", "exp"} or value["scope"] != SCOPE \
                or value["aud"] != self.base + "/token" or value["exp"] - value["iat"] > 3600:
            raise Wrong(value)
        if abs(value["iat"] - time.time() - self.clock_ahead_s) > 300:
            return 400, {}, {"error": "invalid_grant", "error_description":
                             "Invalid JWT: Token must be a short-lived token (60 minutes) and in "
                             "a reasonable timeframe."}
        signature_file = self.public_key.parent / "signature"
        signature_file.write_bytes(decoded(signature))
        good = subprocess.run(["openssl", "dgst", "-sha256", "-verify", self.public_key,
                               "-signature", signature_file],
                              input=f"{header}.{claims}".encode(), capture_output=True)
        if good.returncode != 0 or value["iss"] != ROBOT:
            return 400, {}, {"error": "invalid_grant",
                             "error_description": "Invalid JWT Signature."}
        return self.granted("service-account")

    def sts(self, call):
        fields = call.form("grant_type", "requested_token_type", "audience", "scope",
                           "subject_token_type", "subject_token")
        if fields["grant_type"] != "urn:ietf:params:oauth:grant-type:token-exchange" or \
                fields["requested_token_type"] != \
                "urn:ietf:params:oauth:token-type:access_token" or \
                fields["audience"] != "//iam.googleapis.com/" + PROVIDER or \
                fields["subject_token_type"] != "urn:ietf:params:oauth:token-type:jwt" or \
                fields["scope"] not in (SCOPE, PLATFORM):
            raise Wrong(fields)
        if fields["subject_token"] not in self.subjects:
            return 400, {}, {"error": "invalid_grant", "error_description":
                             "The audience in ID Token does not match the expected audience."}
        what = "platform" if fields["scope"] == PLATFORM else "federated"
        return 200, {}, {"access_token": self.issue(what), "issued_token_type":
                         "urn:ietf:params:oauth:token-type:access_token",
                         "token_type": "Bearer", "expires_in": self.lifetime_s}

    def iam(self, call):
        if call.path != f"/v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken":
            raise Wrong("no such account")
        body = json.loads(call.body)
        if set(body) != {"scope", "lifetime"} or body["scope"] != [SCOPE] or \
                not re.fullmatch(r"\d+s", body["lifetime"]):
            raise Wrong(body)
        if self.good_tokens.get(call.bearer()) not in ("platform", "user"):
            return 403, {}, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message":
                                       "Permission 'iam.serviceAccounts.getAccessToken' denied "
                                       "on resource (or it may not exist)."}}
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + self.lifetime_s))
        return 200, {}, {"accessToken": self.issue("impersonated"), "expireTime": end}

    def runner(self, call):
        """An identity token, as GitHub's runner service gives it."""
        if call.bearer() != "runner-secret":
            return 401, {}, {"message": "no"}
        if call.query.get("audience") != "https://iam.googleapis.com/" + PROVIDER:
            return 200, {}, {"value": "token-for-somebody-else"}
        return 200, {}, {"count": 1, "value": "identity-token"}

    def metadata(self, call):
        if call.headers.get("Metadata-Flavor") != "Google":
            return 403, {"Metadata-Flavor": "Google"}, b"Missing Metadata-Flavor"
        if call.path != "/computeMetadata/v1/instance/service-accounts/default/token":
            raise Wrong("no such path")
        status, headers, body = self.granted("machine")
        return status, {"Metadata-Flavor": "Google", **headers}, body

    # Cloud Storage

    def storage(self, call):
        if call.bearer() is None and not (self.is_public and call.method == "GET"):
            message = "Anonymous caller does not have storage.objects.get access to the Google " \
                "Cloud Storage object."
            return xml_error(403, "AccessDenied", "Access denied.", message) \
                if not call.path.startswith("/storage/") else error(401, "required", message)
        if call.bearer() is not None and \
                self.good_tokens.get(call.bearer()) in (None, "platform"):
            return error(401, "authError", "Invalid Credentials")
        if call.path.startswith(f"/{BUCKET}/"):
            return self.media(call, call.path.removeprefix(f"/{BUCKET}/"))
        if call.path == f"/upload/storage/v1/b/{BUCKET}/o":
            return self.upload(call)
        if call.path == f"/storage/v1/b/{BUCKET}/o":
            return self.list(call)
        if call.path == f"/storage/v1/b/{BUCKET}/iam/testPermissions":
            asked = [value for name, value in call.parameters if name == "permissions"]
            return 200, {}, {"kind": "storage#testIamPermissionsResponse", "permissions":
                             [one for one in asked if one in self.permissions]}
        if call.raw_path.startswith(f"/storage/v1/b/{BUCKET}/o/"):
            return self.object(call, call.path.removeprefix(f"/storage/v1/b/{BUCKET}/o/"))
        if BUCKET not in call.path:
            message = "The specified bucket does not exist."
            return error(404, "notFound", message) if "/storage/v1/" in call.path else \
                xml_error(404, "NoSuchBucket", message)
        raise Wrong("no such path")

    def media(self, call, name):
        if name not in self.objects:
            return xml_error(404, "NoSuchKey", "The specified key does not exist.",
                             f"No such object: {BUCKET}/{name}")
        generation, resource, content = self.objects[name]
        headers = {"x-goog-generation": str(generation), "Content-Type": resource["contentType"],
                   "Cache-Control": resource["cacheControl"],
                   "x-goog-hash": (f"crc32c={resource['crc32c']}",
                                   "md5=1B2M2Y8AsgTpgAmY7PhCfg=="),
                   **{f"x-goog-meta-{key}": value
                      for key, value in resource.get("metadata", {}).items()}}
        return 200, headers, content

    def upload(self, call):
        unknown = set(call.query) - {"uploadType", "ifGenerationMatch", "fields"}
        if call.method != "POST" or unknown or call.query.get("uploadType") != "multipart":
            raise Wrong("no multipart upload")
        parts = BytesParser().parsebytes(
            b"Content-Type: " + call.headers["Content-Type"].encode() + b"\r\n\r\n" + call.body)
        resource_part, content_part = parts.get_payload()
        resource = json.loads(resource_part.get_payload())
        if set(resource) - {"name", "contentType", "cacheControl", "crc32c", "metadata"}:
            raise Wrong(resource)
        boundary = parts.get_boundary().encode()
        content = call.body.split(b"--" + boundary)[2].split(b"\r\n\r\n", 1)[1]
        content = content.removesuffix(b"\r\n")
        if content_part.get_content_type() != resource["contentType"]:
            raise Wrong("two content types")
        now = self.objects.get(resource["name"], (0,))[0]
        if int(call.query["ifGenerationMatch"]) != now:
            return error(412, "conditionNotMet",
                         "At least one of the pre-conditions you specified did not hold.")
        if self.limits_writes and \
                time.monotonic() - self.written.get(resource["name"], 0) < 1:
            return error(429, "rateLimitExceeded", LIMIT.format(resource["name"]))
        self.written[resource["name"]] = time.monotonic()
        self.generation += 1
        self.objects[resource["name"]] = (self.generation, resource, content)
        return 200, {}, {"generation": str(self.generation)}

    def list(self, call):
        if set(call.query) - {"prefix", "delimiter", "maxResults", "pageToken", "fields"}:
            raise Wrong(call.query)
        names = [name for name in sorted(self.objects) if name.startswith(call.query["prefix"])
                 and "/" not in name.removeprefix(call.query["prefix"])]
        start = int(call.query.get("pageToken", "page 0").removeprefix("page "))
        items = [{"name": name, "generation": str(self.objects[name][0]),
                  "size": str(len(self.objects[name][2])),
                  "updated": "2026-11-25T17:31:39.547Z"} for name in names[start:start + 2]]
        answer = {"items": items} if items else {}
        if start + 2 < len(names):
            answer["nextPageToken"] = f"page {start + 2}"
        return 200, {}, answer

    def object(self, call, name):
        if name not in self.objects:
            return error(404, "notFound", f"No such object: {BUCKET}/{name}")
        if call.method == "GET":
            return 200, {}, {"generation": str(self.objects[name][0])}
        if call.method != "DELETE" or set(call.query) != {"ifGenerationMatch"}:
            raise Wrong("no documented way to remove an object")
        if int(call.query["ifGenerationMatch"]) != self.objects[name][0]:
            return error(412, "conditionNotMet",
                         "At least one of the pre-conditions you specified did not hold.")
        del self.objects[name]
        return 204, {}, b""
