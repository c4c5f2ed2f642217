"""What Amazon runs, as its documentation describes it, strict, in one server: S3 (one bucket), the
security token service, an instance's metadata (version 2), a container's credentials; and GitHub
Actions' identity tokens. Whoever does not ask as documented is refused, with the reason kept in
`refusals`."""
import json
import time
from urllib.parse import parse_qs, parse_qsl, urlsplit

import sigv4
from raw_server import Raw, ok

REGION = "eu-central-1"
SECRETS = {"AKIAENV": "environment+secret/1", "AKIAPROFILE": "profile+secret/1",
           "ASIAPROCESS": "process+secret/1", "ASIAROLE": "role+secret/1",
           "ASIACHAINED": "chained+secret/1", "ASIAINSTANCE": "instance+secret/1",
           "ASIACONTAINER": "container+secret/1"}
TOKENS = {"ASIAPROCESS": "process-session", "ASIAROLE": "role-session/+=",
          "ASIACHAINED": "chained-session", "ASIAINSTANCE": "instance-session",
          "ASIACONTAINER": "container-session"}
ROLE = "arn:aws:iam::123456789012:role/publisher"
CHAINED = "arn:aws:iam::123456789012:role/chained"
WEB_TOKEN = "eyJhbGciOi.identity.of-the-pipeline"
REQUEST_TOKEN = "request-token-of-actions"
CONTAINER_TOKEN = "container-authorization"
METADATA_TOKEN = "AQAEA-metadata-session"


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def error(status, code, message="no", more=""):
    return ok(f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>'
              f'{message}</Message>{more}</Error>'.encode(), status,
              Content_Type="application/xml")


class AWS(Raw):
    def __init__(self, **options):
        super().__init__(**options)
        self.lifetime_s = 3600
        self.refusals = []
        self.fails_now = False  # STS and metadata do
        self.objects = {}
        self.readers = set()  # the keys that read

    def count(self, start):
        return sum(f"{one.method} {one.target}".startswith(start) for one in self.requests)

    def refuse(self, why, answer=None):
        self.refusals.append(why)
        return answer or ok(b"", "400 Bad Request")

    def answer_to(self, request):
        path = urlsplit(request.target).path
        if request.method == "POST" and path == "/":
            return self.sts(request)
        if path == "/actions":
            return self.actions(request)
        if path.startswith("/latest/"):
            return self.metadata(request, path)
        if path == "/container":
            return self.container(request)
        return self.s3(request, path)

    def as_json(self, key):
        return {"AccessKeyId": key, "SecretAccessKey": SECRETS[key], "Token": TOKENS[key],
                "Expiration": moment(self.lifetime_s)}

    def sts(self, request):
        form = dict(parse_qsl(request.body.decode(), strict_parsing=True))
        action = form.get("Action")
        if request.header("content-type") != "application/x-www-form-urlencoded":
            return self.refuse("content type")
        if form.get("Version") != "2011-06-15" or not 2 <= len(form["RoleSessionName"]) <= 64:
            return self.refuse(f"form {form}")
        if self.fails_now:
            return ok(b"", "400 Bad Request")
        if action == "AssumeRoleWithWebIdentity":
            key = "ASIAROLE"
            if request.header("authorization") or form["WebIdentityToken"] != WEB_TOKEN or \
                    form["RoleArn"] != ROLE:
                return self.refuse("identity", self.sts_error(
                    "InvalidIdentityToken", "Token is not from a supported provider"))
        elif action == "AssumeRole":
            key = "ASIACHAINED"
            why = self.complaint(request, "sts")
            if why or form["RoleArn"] != CHAINED or form.get("ExternalId") != "external/1":
                return self.refuse(why or f"form {form}", self.sts_error(
                    "AccessDenied", "User is not authorized to perform sts:AssumeRole"))
        else:
            return self.refuse(f"action {action}")
        return ok(f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <{action}Result>
    <AssumedRoleUser><Arn>arn</Arn><AssumedRoleId>id</AssumedRoleId></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{key}</AccessKeyId>
      <SecretAccessKey>{SECRETS[key]}</SecretAccessKey>
      <SessionToken>{TOKENS[key]}</SessionToken>
      <Expiration>{moment(self.lifetime_s)}</Expiration>
    </Credentials>
  </{action}Result>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</{action}Response>""".encode(), Content_Type="text/xml")

    @staticmethod
    def sts_error(code, message):
        return ok(f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
                  f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                  f"<RequestId>1</RequestId></ErrorResponse>".encode(), "403 Forbidden")

    def actions(self, request):
        query = parse_qs(urlsplit(request.target).query)
        if (request.method != "GET" or query != {"api-version": ["2.0"],
                                                 "audience": ["sts.amazonaws.com"]}
                or request.header("authorization") != f"Bearer {REQUEST_TOKEN}"):
            return self.refuse(f"actions {request.target}", ok(b"", "401 Unauthorized"))
        return ok(json.dumps({"count": 1, "value": WEB_TOKEN}).encode())

    def metadata(self, request, path):
        if path == "/latest/api/token":
            ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds")
            if request.method != "PUT" or not ttl or not 1 <= int(ttl) <= 21600:
                return self.refuse("metadata token")
            return ok(METADATA_TOKEN.encode())
        if request.header("x-aws-ec2-metadata-token") != METADATA_TOKEN:
            return self.refuse("metadata without token", ok(b"", "401 Unauthorized"))
        if path == "/latest/meta-data/iam/security-credentials/":
            return ok(b"the-role")
        if path != "/latest/meta-data/iam/security-credentials/the-role" or self.fails_now:
            return self.refuse(f"metadata {path}", ok(b"", "404 Not Found"))
        return ok(json.dumps({"Code": "Success", "Type": "AWS-HMAC",
                              **self.as_json("ASIAINSTANCE")}).encode())

    def container(self, request):
        if request.header("authorization") != CONTAINER_TOKEN or request.method != "GET":
            return self.refuse("container", ok(b"", "401 Unauthorized"))
        return ok(json.dumps(self.as_json("ASIACONTAINER")).encode())

    def complaint(self, request, service):
        found = sigv4.FORM.match(request.header("authorization") or "")
        key = found[1] if found else None
        return sigv4.complaint(request, SECRETS, REGION, service, TOKENS.get(key))

    def s3(self, request, path):
        if request.header("authorization"):
            why = self.complaint(request, "s3")
            if why:
                return self.refuse(why, error("403 Forbidden", "SignatureDoesNotMatch"))
            self.readers.add(sigv4.FORM.match(request.header("authorization"))[1])
        elif request.method != "GET":
            return error("403 Forbidden", "AccessDenied", "Access Denied")
        if request.method == "PUT":
            self.objects[path] = request.body
            return ok(b"", ETag='"1"')
        if path not in self.objects:
            return error("404 Not Found", "NoSuchKey", "The specified key does not exist.")
        return ok(self.objects[path], ETag='"1"')
