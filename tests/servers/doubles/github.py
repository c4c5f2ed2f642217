"""A double of GitHub's Releases: the API of Enterprise Server (`/api/v3`, `/api/uploads`), the
public download URLs, and the storage host that they redirect to.

    python3 github.py --port P [--tls CERT KEY] [--uploads URL] [--api URL]

Written from GitHub's documentation; each rule names its page:

    [assets]     docs.github.com/en/rest/releases/assets
    [releases]   docs.github.com/en/rest/releases/releases
    [limits]     docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    [trouble]    docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    [pages]      docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
    [versions]   docs.github.com/en/rest/about-the-rest-api/api-versions
    [about]      docs.github.com/en/repositories/releasing-projects-on-github/about-releases
    [immutable]  docs.github.com/en/code-security/concepts/supply-chain-security/immutable-releases

What is not documented is a setting, so that a client can be tested against each way it may
be: `rename_onto_taken` ("refuse", "twice", "rewrite"), `embedded_cap` (how many assets a
release shows within itself; null: all), `reserves` (does an upload under way hold its name?).
"""
import hashlib
import itertools
import re
import time
import urllib.parse

from double import Answer, Double, Strict, arguments, serve

VERSIONS = ("2022-11-28", "2026-03-10")  # [versions]
MAX_ASSETS = 1000                        # [about]
MAX_BYTES = 2 << 30                      # [about]: each must be under 2 GiB
SAFE = re.compile(r"[A-Za-z0-9._-]")

# Tokens, and what the tests' repositories let them do.
TOKENS = {
    "ghs_write": "write",          # contents: write
    "ghs_read": "read",            # contents: read
    "ghp_nothing": "none",         # of somebody else
}


def rewritten(name):
    """[assets]: renames "special characters, non-alphanumeric characters, and leading or
    trailing periods"; what survives beside letters and digits is what every release on
    the host shows: `.`, `-` and `_`."""
    kept = "".join(c if SAFE.match(c) else "." for c in name)
    return re.sub(r"\.{2,}", ".", kept).strip(".") or "default"


class GitHub(Double):
    server_name = "github.com"
    defaults = {
        **Double.defaults,
        "rename_onto_taken": "refuse",
        "embedded_cap": None,
        "reserves": True,
        "digests": True,           # older servers tell none
        "immutable": False,        # releases made from now on
        "streams": False,          # [assets]: a download may be streamed instead of redirected
        # [limits]: requests that create content; null: no limit
        "secondary_per_window": None, "secondary_window_s": 60, "secondary_status": 403,
        "secondary_headers": {"retry-after": "60"},
        "primary_limit": 5000, "primary_window_s": 3600,
        "asset_cap": MAX_ASSETS,
    }

    def __init__(self, options):
        super().__init__(options)
        self.ids = itertools.count(1001)
        self.releases = {}   # id: release
        self.assets = {}     # id: asset
        # [trouble]: a private repository is not found by who may not see it
        self.repos = {"octo/plugins": "public", "octo/secret": "private"}
        self.created = []    # times of requests that create content
        self.used = 0
        self.window_start = time.time()

    # --- who asks

    def secret_of(self, request):
        return request.headers.get("Authorization", "").partition(" ")[2]

    def rights(self, request, repo):
        """"none", "read" or "write" of this repository."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        right = "none"
        if kind:
            if kind.lower() not in ("bearer", "token") or token not in TOKENS:
                raise Answer(401, {"message": "Bad credentials", "status": "401",
                                   "documentation_url": "https://docs.github.com/rest"})
            right = TOKENS[token]
        if repo is not None:
            if repo not in self.repos or (right == "none" and self.repos[repo] == "private"):
                raise self.not_found()
            right = "read" if right == "none" else right
        return right

    def need_write(self, request, repo):
        right = self.rights(request, repo)
        if right == "write":
            return
        if "Authorization" not in request.headers:
            raise Answer(401, {"message": "Requires authentication", "status": "401"})
        # [trouble], "Resource not accessible"; who may not even see a thing gets 404
        raise Answer(403, {"message": "Resource not accessible by integration",
                           "status": "403"},
                     {"X-Accepted-GitHub-Permissions": "contents=write"})

    @staticmethod
    def not_found():
        return Answer(404, {"message": "Not Found", "status": "404",
                            "documentation_url": "https://docs.github.com/rest"})

    # --- limits

    def check_limits(self, request):
        """[limits]: 403 or 429; `x-ratelimit-remaining: 0` and when it resets, or a secondary
        limit, with `retry-after` or without."""
        now = time.time()
        with self.lock:
            if now - self.window_start > self.settings["primary_window_s"]:
                self.window_start, self.used = now, 0
            self.used += 1
            if self.used > self.settings["primary_limit"]:
                raise Answer(403, {"message": "API rate limit exceeded for installation."},
                             {"x-ratelimit-limit": self.settings["primary_limit"],
                              "x-ratelimit-remaining": 0,
                              "x-ratelimit-reset":
                              int(self.window_start + self.settings["primary_window_s"]) + 1})
            cap = self.settings["secondary_per_window"]
            if request.method in ("POST", "PATCH", "PUT", "DELETE") and cap is not None:
                start = now - self.settings["secondary_window_s"]
                self.created = [each for each in self.created if each > start]
                if len(self.created) >= cap:
                    raise Answer(self.settings["secondary_status"],
                                 {"message": "You have exceeded a secondary rate limit. Please "
                                  "wait a few minutes before you try again."},
                                 self.settings["secondary_headers"])
                self.created.append(now)

    def limit_headers(self):
        limit = self.settings["primary_limit"]
        return {"x-ratelimit-limit": limit, "x-ratelimit-used": self.used,
                "x-ratelimit-remaining": max(0, limit - self.used),
                "x-ratelimit-reset": int(self.window_start + self.settings["primary_window_s"]),
                "x-ratelimit-resource": "core"}

    # --- requests

    def handle(self, request):
        if request.raw_path.startswith(("/api/v3/", "/api/uploads/", "/api/graphql")):
            return self.handle_api(request)
        found = re.fullmatch(r"/([^/]+/[^/]+)/releases/download/([^/]+)/([^/]+)",
                             request.raw_path)
        if found and request.method in ("GET", "HEAD"):
            return self.download(request, *map(urllib.parse.unquote, found.groups()))
        raise Answer(404, b"Not Found", {"Content-Type": "text/html"})

    def handle_api(self, request):
        # [trouble]: "Requests without a valid User-Agent header will be rejected"
        if not request.headers.get("User-Agent"):
            raise Answer(403, b"Request forbidden by administrative rules.")
        version = request.headers.get("X-GitHub-Api-Version")
        if version is None and not request.headers["User-Agent"].startswith("GitHub CLI"):
            raise Strict("no X-GitHub-Api-Version")  # [versions]: "You should use" it
        if version is not None and version not in VERSIONS:
            raise Answer(400, {"message": f"{version} is not a supported version"})
        self.check_limits(request)
        area, _, path = request.raw_path.removeprefix("/api/").partition("/")
        for where, method, pattern, function in ROUTES:
            found = re.fullmatch(pattern, path)
            asked = "GET" if request.method == "HEAD" else request.method
            if where == area and method == asked and found:
                # [trouble]: path parameters are to be percent-encoded
                repo = f"{found[1]}/{found[2]}" if found.lastindex else None
                more = [urllib.parse.unquote(each) for each in found.groups()[2:]]
                answer = function(self, request, repo, *more)
                answer.headers.update(self.limit_headers())
                return answer
        raise Strict(f"no such path: {request.method} {request.raw_path}")

    def accepts(self, request, *kinds):
        """[assets]: `Accept: application/vnd.github+json` is recommended."""
        value = request.headers.get("Accept", "*/*")
        for kind in (each.split(";")[0].strip() for each in value.split(",")):
            if kind in kinds:
                return kind
            if kind in ("*/*", "application/json") or \
                    re.fullmatch(r"application/vnd\.github(\.v3|\.[a-z-]+-preview)?\+json", kind):
                return "json"
        raise Answer(415, {"message": f"Unsupported 'Accept' header: '{value}'. "
                           "Must accept 'application/json'."})

    # --- what is shown

    def user(self):
        at = f"{self.base}/api/v3/users/octo"
        return {"login": "octo", "id": 1, "node_id": "MDQ6VXNlcjE=", "gravatar_id": "",
                "avatar_url": f"{self.base}/avatars/1", "url": at, "type": "User",
                "html_url": f"{self.base}/octo", "site_admin": False,
                **{f"{each}_url": f"{at}/{each}" for each in (
                    "followers", "following", "gists", "starred", "subscriptions",
                    "organizations", "repos", "events", "received_events")}}

    def shown_asset(self, asset):
        release = self.releases[asset["release"]]
        at = f"{self.api_url()}/repos/{release['repo']}/releases/assets/{asset['id']}"
        shown = {key: asset[key] for key in (
            "id", "name", "label", "state", "content_type", "size", "created_at", "updated_at")}
        quoted = urllib.parse.quote(release["tag_name"], safe="")
        shown.update({
            "url": at, "node_id": f"RA_{asset['id']}", "download_count": 0,
            "uploader": self.user(),
            "browser_download_url": f"{self.base}/{release['repo']}/releases/download/"
                                    f"{quoted}/{asset['name']}"})
        if self.settings["digests"]:
            shown["digest"] = "sha256:" + hashlib.sha256(asset["bytes"]).hexdigest() \
                if asset["state"] == "uploaded" else None
        return shown

    def assets_of(self, release):
        return [each for each in self.assets.values() if each["release"] == release["id"]]

    def api_url(self):
        return self.arguments.api or f"{self.base}/api/v3"

    def shown_release(self, release):
        at = f"{self.api_url()}/repos/{release['repo']}/releases/{release['id']}"
        uploads = self.arguments.uploads or f"{self.base}/api/uploads"
        assets = self.assets_of(release)[:self.settings["embedded_cap"]]
        shown = {key: release[key] for key in (
            "id", "tag_name", "target_commitish", "name", "body", "draft", "prerelease",
            "created_at", "published_at", "immutable")}
        shown.update({
            "url": at, "assets_url": f"{at}/assets", "node_id": f"RE_{release['id']}",
            "upload_url": f"{uploads}/repos/{release['repo']}/releases/{release['id']}"
                          "/assets{?name,label}",
            "html_url": f"{self.base}/{release['repo']}/releases/tag/{release['tag_name']}",
            "tarball_url": None, "zipball_url": None, "author": self.user(),
            "assets": [self.shown_asset(each) for each in assets]})
        return shown

    def page(self, request, items):
        """[pages]: `per_page` of at most 100, 30 by default; `link` names the next."""
        try:
            size = int(request.query.get("per_page", 30))
            number = int(request.query.get("page", 1))
        except ValueError:
            raise Strict("a page that is no number") from None
        size = max(1, min(100, size))
        headers = {}
        if number * size < len(items):
            query = urllib.parse.urlencode({**request.query, "page": number + 1})
            headers["Link"] = f'<{self.base}{request.raw_path}?{query}>; rel="next"'
        return items[(number - 1) * size:number * size], headers

    def release_of(self, repo, number):
        release = self.releases.get(int(number)) if number.isdigit() else None
        if release is None or release["repo"] != repo:
            raise self.not_found()
        return release

    # --- releases [releases]

    def get_repo(self, request, repo):
        self.rights(request, repo)
        self.accepts(request)
        return Answer(200, {"id": 1, "name": repo.split("/")[1], "full_name": repo,
                            "private": self.repos[repo] == "private", "default_branch": "main"})

    def list_releases(self, request, repo):
        right = self.rights(request, repo)
        self.accepts(request)
        items, headers = self.page(request, [
            self.shown_release(each) for each in self.releases.values()
            if each["repo"] == repo and (right == "write" or not each["draft"])])
        return Answer(200, items, headers)

    def get_by_tag(self, request, repo, tag):
        """A published release; drafts are not found by tag."""
        self.rights(request, repo)
        self.accepts(request)
        for release in self.releases.values():
            if release["repo"] == repo and release["tag_name"] == tag and not release["draft"]:
                return Answer(200, self.shown_release(release))
        raise self.not_found()

    def get_release(self, request, repo, number):
        self.rights(request, repo)
        self.accepts(request)
        return Answer(200, self.shown_release(self.release_of(repo, number)))

    RELEASE_MEMBERS = ("tag_name", "target_commitish", "name", "body", "draft", "prerelease",
                       "discussion_category_name", "generate_release_notes", "make_latest")

    def create_release(self, request, repo):
        request.read_body()
        self.need_write(request, repo)
        self.accepts(request)
        value = request.json(self.RELEASE_MEMBERS)
        tag = value.get("tag_name")
        if not isinstance(tag, str) or not tag:
            raise Answer(422, {"message": "Invalid request.\n\n\"tag_name\" wasn't supplied."})
        if value.get("make_latest", "true") not in ("true", "false", "legacy"):
            raise Answer(422, {"message": "Invalid request."})
        with self.lock:
            if not value.get("draft") and any(
                    each["repo"] == repo and each["tag_name"] == tag and not each["draft"]
                    for each in self.releases.values()):
                raise self.invalid("Release", "already_exists", "tag_name")
            release = self.add_release(repo, tag, value)
        return Answer(201, self.shown_release(release))

    def add_release(self, repo, tag, value):
        now = self.now()
        release = {"id": next(self.ids), "repo": repo, "tag_name": tag,
                   "target_commitish": value.get("target_commitish", "main"),
                   "name": value.get("name"), "body": value.get("body"),
                   "draft": value.get("draft", False), "created_at": now,
                   "prerelease": value.get("prerelease", False),
                   "immutable": self.settings["immutable"] and not value.get("draft", False),
                   "published_at": None if value.get("draft") else now}
        self.releases[release["id"]] = release
        return release

    def update_release(self, request, repo, number):
        request.read_body()
        self.need_write(request, repo)
        value = request.json(self.RELEASE_MEMBERS)
        with self.lock:
            release = self.release_of(repo, number)
            release.update({key: value[key] for key in value if key in release})
            if not release["draft"] and release["published_at"] is None:
                release["published_at"] = self.now()
                release["immutable"] = self.settings["immutable"]
            return Answer(200, self.shown_release(release))

    # --- assets [assets]

    def list_assets(self, request, repo, number):
        self.rights(request, repo)
        self.accepts(request)
        with self.lock:
            items, headers = self.page(request, [
                self.shown_asset(each) for each in self.assets_of(self.release_of(repo, number))])
        return Answer(200, items, headers)

    @staticmethod
    def now():
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    @staticmethod
    def invalid(resource, code, field, message=None):
        """[trouble], "Validation Failed"."""
        error = {"resource": resource, "code": code, "field": field}
        if message:
            error["message"] = message
        return Answer(422, {"message": "Validation Failed", "errors": [error],
                            "documentation_url": "https://docs.github.com/rest", "status": "422"})

    def begin_upload(self, request, release, name, kind, label):
        """The asset, in state `starter` until its bytes are there."""
        with self.lock:
            if release["immutable"]:
                raise Answer(422, {"message": "Cannot upload assets to an immutable release.",
                                   "status": "422"})
            present = self.assets_of(release)
            if any(each["name"] == name for each in present):
                raise self.invalid("ReleaseAsset", "already_exists", "name")
            if len(present) >= self.settings["asset_cap"]:
                raise self.invalid("ReleaseAsset", "custom", "file_count",
                                   f"file_count limited to {self.settings['asset_cap']} assets "
                                   "per release")
            asset = {"id": next(self.ids), "release": release["id"], "name": name,
                     "label": label, "state": "starter", "content_type": kind, "size": 0,
                     "bytes": b"", "created_at": self.now(), "updated_at": self.now()}
            self.assets[asset["id"]] = asset
        return asset

    def upload(self, request, repo, number):
        """201; 422 for a taken name; "When an upstream failure occurs, you will receive a 502
        Bad Gateway status. This may leave an empty asset with a state of starter"."""
        kind = request.headers.get("Content-Type")
        if not kind or not re.fullmatch(r"[\w.+-]+/[\w.+-]+(;.*)?", kind):
            raise Strict(f"an upload's media type: {kind}")
        if set(request.query) - {"name", "label"}:
            raise Strict(f"query of an upload: {request.query}")
        name = request.query.get("name")
        length = int(request.headers.get("Content-Length") or 0)
        reserves = self.settings["reserves"]
        if not reserves:
            whole = request.read_body()
        self.need_write(request, repo)
        release = self.release_of(repo, number)
        if not name:
            raise self.invalid("ReleaseAsset", "missing_field", "name")
        if length == 0:
            raise Answer(400, {"message": "Bad Content-Length"})
        if length >= MAX_BYTES:
            raise self.invalid("ReleaseAsset", "custom", "size", "size must be less than 2 GB")
        asset = self.begin_upload(request, release, rewritten(name), kind,
                                  request.query.get("label"))
        if reserves:
            whole = request.read_body()
        if not whole:
            return None  # who sent it went away: the starter stays
        if request.fault and request.fault["do"] == "starter":
            raise Answer(502, b"<html>502 Bad Gateway</html>", {"Content-Type": "text/html"})
        with self.lock:
            if asset["id"] not in self.assets:
                raise self.not_found()  # deleted meanwhile
            asset.update(state="uploaded", bytes=request.body, size=len(request.body),
                         updated_at=self.now())
            return Answer(201, self.shown_asset(asset))

    def asset_of(self, repo, number):
        asset = self.assets.get(int(number)) if number.isdigit() else None
        if asset is None or self.releases[asset["release"]]["repo"] != repo:
            raise self.not_found()
        return asset

    def get_asset(self, request, repo, number):
        """As JSON, or its bytes: "the API will either redirect the client to the location, or
        stream it directly", 200 or 302."""
        self.rights(request, repo)
        kind = self.accepts(request, "application/octet-stream")
        with self.lock:
            asset = self.asset_of(repo, number)
            if kind == "json":
                return Answer(200, self.shown_asset(asset))
            if asset["state"] != "uploaded":
                raise self.not_found()
            return self.redirect(asset)

    def redirect(self, asset):
        if self.settings["streams"]:
            return Answer(200, asset["bytes"], {"Content-Type": "application/octet-stream"})
        return Answer(302, b"", {"Location": f"{self.storage_base}/{asset['id']}?sig=s3cr3t"})

    def storage(self, request):
        asset = self.assets.get(int(request.raw_path.strip("/") or 0))
        if asset is None:
            raise Answer(404, b"")
        return Answer(200, asset["bytes"], {"Content-Type": "application/octet-stream"})

    def update_asset(self, request, repo, number):
        """200. What it answers for a taken name is not documented."""
        request.read_body()
        self.need_write(request, repo)
        self.accepts(request)
        value = request.json(("name", "label", "state"))
        with self.lock:
            asset = self.asset_of(repo, number)
            release = self.releases[asset["release"]]
            if release["immutable"]:
                raise Answer(422, {"message": "Cannot update assets of an immutable release."})
            name = rewritten(value.get("name", asset["name"]))
            others = {each["name"] for each in self.assets_of(release) if each is not asset}
            if name in others:
                way = self.settings["rename_onto_taken"]
                if way == "refuse":
                    raise self.invalid("ReleaseAsset", "already_exists", "name")
                if way == "rewrite":
                    name = "1." + name
            asset["name"] = name
            asset["updated_at"] = self.now()
            return Answer(200, self.shown_asset(asset))

    def delete_asset(self, request, repo, number):
        """204."""
        self.need_write(request, repo)
        with self.lock:
            asset = self.asset_of(repo, number)
            if self.releases[asset["release"]]["immutable"]:
                raise Answer(422, {"message": "Cannot delete assets of an immutable release."})
            del self.assets[asset["id"]]
        return Answer(204)

    def download(self, request, repo, tag, name):
        """[about]: anyone with read access may download; of a private repository, or where
        there is none, a browser without a session finds nothing."""
        if "Authorization" in request.headers:
            raise Strict("a token sent to a public download URL")
        if self.repos.get(repo) != "public":
            raise Answer(404, b"Not Found")
        with self.lock:
            for asset in self.assets.values():
                release = self.releases[asset["release"]]
                if (release["repo"], release["tag_name"], asset["name"], asset["state"]) == \
                        (repo, tag, name, "uploaded") and not release["draft"]:
                    return self.redirect(asset)
        raise Answer(404, b"Not Found")

    def graphql(self, request, *_):
        """What `gh` asks besides: is there a draft of this name, what may be done."""
        request.read_body()
        self.rights(request, None)
        query = request.json(("query", "variables"))["query"]
        if "release(" in query or "Release" in query:
            return Answer(200, {"data": {"repository": {"release": None, "ref": None}}})
        return Answer(200, {"data": {"repository": {"id": "R_1", "ref": None}}})

    def fill(self, tag, count):
        [release] = [each for each in self.releases.values() if each["tag_name"] == tag]
        for number in range(count):
            self.begin_upload(None, release, f"filler-{next(self.ids)}-{number}.tar.gz",
                              "application/gzip", None).update(state="uploaded", bytes=b"x",
                                                               size=1)

    def state(self):
        return {"releases": list(self.releases.values()),
                "assets": [{**each, "bytes": None} for each in self.assets.values()]}


ROUTES = [
    ("v3", "GET", r"repos/([^/]+)/([^/]+)", GitHub.get_repo),
    ("v3", "GET", r"repos/([^/]+)/([^/]+)/releases", GitHub.list_releases),
    ("v3", "POST", r"repos/([^/]+)/([^/]+)/releases", GitHub.create_release),
    ("v3", "GET", r"repos/([^/]+)/([^/]+)/releases/tags/([^/]+)", GitHub.get_by_tag),
    ("v3", "GET", r"repos/([^/]+)/([^/]+)/releases/(\d+)", GitHub.get_release),
    ("v3", "PATCH", r"repos/([^/]+)/([^/]+)/releases/(\d+)", GitHub.update_release),
    ("v3", "GET", r"repos/([^/]+)/([^/]+)/releases/(\d+)/assets", GitHub.list_assets),
    ("uploads", "POST", r"repos/([^/]+)/([^/]+)/releases/(\d+)/assets", GitHub.upload),
    ("v3", "GET", r"repos/([^/]+)/([^/]+)/releases/assets/(\d+)", GitHub.get_asset),
    ("v3", "PATCH", r"repos/([^/]+)/([^/]+)/releases/assets/(\d+)", GitHub.update_asset),
    ("v3", "DELETE", r"repos/([^/]+)/([^/]+)/releases/assets/(\d+)", GitHub.delete_asset),
    ("graphql", "POST", r"", GitHub.graphql),
]


def main():
    options = arguments(
        "GitHub's Releases",
        ("--uploads", {"help": "base of the upload URLs, where a proxy stands before it"}),
        ("--api", {"help": "base of the API's URLs, where a proxy stands before it"}))
    serve(GitHub(options))


if __name__ == "__main__":
    main()
