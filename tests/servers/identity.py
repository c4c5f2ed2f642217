"""The services that give a CI job its identity, in one strict server: GitHub's OIDC endpoint,
AWS's and Google's token services. Written from their documentation (GitHub: "OpenID Connect
reference"; AWS STS: "AssumeRoleWithWebIdentity"; Google: "Security Token Service API, token").
"""
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers import KEY, SECRET

REQUEST_TOKEN = "request-token-of-the-job"
ROLE = "arn:aws:iam::123456789012:role/publisher"
AUDIENCE = ("//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github"
            "/providers/plugins")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        path, _, query = self.path.partition("?")
        given = urllib.parse.parse_qs(query)
        if path != "/oidc" or self.headers["Authorization"] != f"Bearer {REQUEST_TOKEN}":
            return self.answer(401, "{}")
        [audience] = given["audience"]
        self.server.identity.audiences.append(audience)
        return self.answer(200, json.dumps({"value": f"jwt-for {audience}", "count": 1}))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
        if self.path.startswith("/gcp/"):
            return self.google(given, body)
        return self.aws(given)

    def aws(self, given):
        wanted = {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15",
                  "RoleArn": ROLE, "WebIdentityToken": self.server.identity.aws_token}
        wrong = {name: value for name, value in wanted.items() if given.get(name) != value}
        if wrong or not given.get("RoleSessionName"):
            return self.answer(400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code>"
                               f"<Message>{sorted(wrong)}</Message></Error></ErrorResponse>",
                               "text/xml")
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        self.server.identity.sessions += 1
        return self.answer(200, f"""\
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Credentials><SessionToken>{self.server.identity.session}</SessionToken>
      <SecretAccessKey>{SECRET}</SecretAccessKey><Expiration>{ends}</Expiration>
      <AccessKeyId>{KEY}</AccessKeyId></Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>""", "text/xml")

    def google(self, given, body):
        if self.headers["Content-Type"].startswith("application/json"):
            given = json.loads(body)
            given = {"".join("_" + c.lower() if c.isupper() else c for c in name): value
                     for name, value in given.items()}
        wanted = {"audience": AUDIENCE,
                  "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                  "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
                  "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                  "subject_token": f"jwt-for https:{AUDIENCE}"}
        wrong = {name: given.get(name) for name, value in wanted.items()
                 if given.get(name) != value}
        if wrong:
            return self.answer(400, json.dumps({"error": "invalid_request",
                                                "error_description": str(wrong)}))
        self.server.identity.sessions += 1
        return self.answer(200, json.dumps({
            "access_token": "google-session-token", "token_type": "Bearer", "expires_in": 3600,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}))


class Identity:
    def __init__(self, aws_token="jwt-for sts.amazonaws.com", session="session-of-the-job"):
        self.aws_token = aws_token
        self.session = session
        self.audiences = []
        self.sessions = 0

    def __enter__(self):
        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.listener.identity = self
        self.base = f"http://127.0.0.1:{self.listener.server_port}"
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.listener.server_close()
