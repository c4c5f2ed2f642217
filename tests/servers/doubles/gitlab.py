"""A double of GitLab's releases, release links and generic packages (`/api/v4`), of the
permanent links that readers follow, and of an object storage behind the packages.

    python3 gitlab.py --port P [--tls CERT KEY]

Written from GitLab's documentation; each rule names its page:

    [links]     docs.gitlab.com/api/releases/links
    [releases]  docs.gitlab.com/api/releases
    [fields]    docs.gitlab.com/user/project/releases/release_fields
    [generic]   docs.gitlab.com/user/packages/generic_packages
    [rest]      docs.gitlab.com/api/rest, and its pages on pagination and authentication
    [job]       docs.gitlab.com/ci/jobs/ci_job_token
    [limits]    docs.gitlab.com/administration/settings/user_and_ip_rate_limits
    [protected] docs.gitlab.com/user/project/protected_tags

What the pages leave open is a setting: `race_500_ms` (a link that meets another of its name,
made less than that ago, is answered with 500 by the database's constraint, not with 400),
`embedded_cap`, `object_storage` (packages are redirected to another host), `reject_duplicates`.
"""
import hashlib
import itertools
import re
import time
import urllib.parse

from double import Answer, Double, Strict, arguments, serve

PACKAGE_NAME = re.compile(r"[A-Za-z0-9._-]+")              # [generic]
PACKAGE_VERSION = re.compile(r"\.?[\w+-]+(\.[\w+-]+)*\.?")  # [generic], without its backtracking
FILE_NAME = re.compile(r"[A-Za-z0-9._-]+")                 # [generic]
MAX_FILEPATH = 128

# Tokens: scopes and role. [rest], [job]
TOKENS = {
    "glpat-write": {"scope": "api", "role": "developer"},
    "glpat-read": {"scope": "read_api", "role": "developer"},
    "glpat-reporter": {"scope": "api", "role": "reporter"},
    "glpat-expired": {"scope": None, "role": None},
    "glcbt-job": {"scope": "job", "role": "developer"},
}


def filepath_is_valid(path):
    """[fields], and what the host answers ("Filepath is in an invalid format"): letters,
    digits, `-`, `.`, `_`, single slashes; the last is a letter or a digit. No `+`."""
    return re.fullmatch(r"/[\w./-]*[A-Za-z0-9]", path, re.ASCII) and "//" not in path


class GitLab(Double):
    server_name = "nginx"
    defaults = {
        **Double.defaults,
        "race_500_ms": 0,
        "embedded_cap": None,
        "object_storage": True,
        "reject_duplicates": False,
        "protected_tags": [],         # [protected]: this role may not write them
        "rate_per_window": None, "rate_window_s": 60, "rate_headers": {"Retry-After": "60"},
        "max_package_bytes": 5 << 30,
    }

    def __init__(self, options):
        super().__init__(options)
        self.ids = itertools.count(1)
        self.projects = {"acme/plugins": {"id": 24, "visibility": "public"},
                         "acme/deep/er/plugins": {"id": 25, "visibility": "public"},
                         "acme/secret": {"id": 26, "visibility": "private"},
                         "acme/empty": {"id": 27, "visibility": "public", "empty": True}}
        self.releases = {}   # (project, tag): release
        self.links = {}      # id: link
        self.files = {}      # (project, package, version, file): bytes
        self.uploading = set()
        self.asked = []

    # --- who asks

    def secret_of(self, request):
        return request.headers.get("PRIVATE-TOKEN") or request.headers.get("JOB-TOKEN") or ""

    def project(self, request, number, job_allowed=True):
        """The project, and the token's rights; who may not see it gets 404. [rest]"""
        path = urllib.parse.unquote(number)
        found = [key for key, value in self.projects.items()
                 if key == path or str(value["id"]) == path]
        job, private = request.headers.get("JOB-TOKEN"), request.headers.get("PRIVATE-TOKEN")
        if job and private:
            raise Strict("two kinds of token at once")
        token = TOKENS.get(job or private) if job or private else None
        if (job or private) and (token is None or bool(job) != (token["scope"] == "job")):
            raise Answer(401, {"message": "401 Unauthorized"})
        if token and token["scope"] is None:
            raise Answer(401, {"error": "invalid_token", "error_description":
                               "Token is expired. You can either do re-authorization or token "
                               "refresh."})
        if job and not job_allowed:
            token = None  # [job]: of no account elsewhere than at the endpoints listed
        if not found or (token is None and self.projects[found[0]]["visibility"] == "private"):
            raise Answer(404, {"message": "404 Project Not Found"})
        return found[0], token

    def may_write(self, request, number):
        project, token = self.project(request, number)
        if token is None:
            raise Answer(401, {"message": "401 Unauthorized"})
        if token["scope"] == "read_api":
            raise Answer(403, {"error": "insufficient_scope", "scope": "api", "error_description":
                               "The request requires higher privileges than provided by the "
                               "access token."})
        if token["role"] != "developer":  # [releases]: developer access
            raise Answer(403, {"message": "403 Forbidden"})
        return project

    def release_of(self, project, tag):
        release = self.releases.get((project, tag))
        if release is None:
            raise Answer(404, {"message": "404 Not Found"})
        return release

    def check_protected(self, tag):
        if tag in self.settings["protected_tags"]:
            raise Answer(403, {"message": "403 Forbidden"})

    # --- requests

    def handle(self, request):
        if request.raw_path.startswith("/api/v4/"):
            self.check_rate()
            for method, pattern, function in ROUTES:
                found = re.fullmatch("/api/v4/projects/([^/]+)" + pattern, request.raw_path)
                if found and method == request.method:
                    return function(self, request,
                                    *(urllib.parse.unquote(each) for each in found.groups()))
            raise Strict(f"no such path: {request.method} {request.raw_path}")
        found = re.fullmatch(r"/(.+?)/-/releases/([^/]+)/downloads/(.+)", request.raw_path)
        if found and request.method in ("GET", "HEAD"):
            return self.permalink(request, *map(urllib.parse.unquote, found.groups()))
        raise Answer(404, b"<html>404</html>", {"Content-Type": "text/html"})

    def check_rate(self):
        """[limits]: 429 with Retry-After and a text."""
        cap = self.settings["rate_per_window"]
        if cap is None:
            return
        now = time.time()
        with self.lock:
            self.asked = [at for at in self.asked if at > now - self.settings["rate_window_s"]]
            if len(self.asked) >= cap:
                raise Answer(429, b"Retry later\n", {
                    "Content-Type": "text/plain", **self.settings["rate_headers"]})
            self.asked.append(now)

    # --- projects and releases

    def get_project(self, request, number):
        project, token = self.project(request, number, job_allowed=False)
        value = self.projects[project]
        shown = {"id": value["id"], "path_with_namespace": project,
                 "visibility": value["visibility"]}
        if not value.get("empty"):
            shown["default_branch"] = "main"
        return Answer(200, shown)

    def shown_link(self, link):
        """[links]."""
        direct = link["url"]
        if link["filepath"]:
            tag = urllib.parse.quote(link["tag"], safe="")
            direct = f"{self.base}/{link['project']}/-/releases/{tag}/downloads" + link["filepath"]
        return {"id": link["id"], "name": link["name"], "url": link["url"],
                "direct_asset_url": direct, "link_type": link["link_type"]}

    def links_of(self, project, tag):
        """Newest first."""
        return sorted((each for each in self.links.values()
                       if (each["project"], each["tag"]) == (project, tag)),
                      key=lambda each: -each["id"])

    def shown_release(self, project, release):
        links = self.links_of(project, release["tag_name"])
        return {"tag_name": release["tag_name"], "name": release["name"],
                "description": release["description"], "created_at": release["created_at"],
                "released_at": release["created_at"], "upcoming_release": False,
                "author": {"id": 1, "username": "root"},
                "assets": {"count": len(links) + 4, "sources": [],
                           "links": [self.shown_link(each)
                                     for each in links[:self.settings["embedded_cap"]]]},
                "evidences": [],
                "_links": {"self": f"{self.base}/{project}/-/releases/{release['tag_name']}"}}

    def list_releases(self, request, number):
        """[releases]: newest first; `per_page`, `page`."""
        project, _ = self.project(request, number)
        if set(request.query) - {"page", "per_page", "order_by", "sort"}:
            raise Strict(f"query of a list: {request.query}")
        with self.lock:
            found = [self.shown_release(project, each)
                     for (owner, _), each in self.releases.items() if owner == project]
        return Answer(200, found[:int(request.query.get("per_page", 20))])

    def get_release(self, request, number, tag):
        project, _ = self.project(request, number)
        with self.lock:
            return Answer(200, self.shown_release(project, self.release_of(project, tag)))

    def create_release(self, request, number):
        """[releases]: 201; 409 where there is one; without `ref` the tag must exist."""
        request.read_body()
        project = self.may_write(request, number)
        value = request.json(("tag_name", "ref", "name", "description", "tag_message"))
        tag = value.get("tag_name")
        if not tag:
            raise Answer(400, {"error": "tag_name is missing"})
        self.check_protected(tag)
        with self.lock:
            if (project, tag) in self.releases:
                raise Answer(409, {"message": "Release already exists"})
            if not value.get("ref"):
                raise Answer(422, {"message": "Ref is not specified"})
            if self.projects[project].get("empty") or value["ref"] not in ("main", "0" * 40):
                raise Answer(422, {"message": "Target %s is invalid" % value["ref"]})
            release = {"tag_name": tag, "name": value.get("name") or tag,
                       "description": value.get("description"),
                       "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())}
            self.releases[project, tag] = release
            return Answer(201, self.shown_release(project, release))

    # --- links [links]

    def list_links(self, request, number, tag):
        """[rest], offset-based pagination: `per_page` of at most 100, 20 by default."""
        project, _ = self.project(request, number)
        if set(request.query) - {"page", "per_page"}:
            raise Strict(f"query of a list: {request.query}")
        with self.lock:
            self.release_of(project, tag)
            links = self.links_of(project, tag)
            size = max(1, min(100, int(request.query.get("per_page", 20))))
            page = int(request.query.get("page", 1))
            more = page * size < len(links)
            return Answer(
                200, [self.shown_link(each) for each in links[(page - 1) * size:page * size]],
                {"X-Page": page, "X-Per-Page": size, "X-Total": len(links),
                 "X-Next-Page": page + 1 if more else "",
                 "X-Total-Pages": (len(links) + size - 1) // size})

    LINK_MEMBERS = ("name", "url", "direct_asset_path", "link_type")

    def check_link(self, link):
        """400 with what is wrong; names, URLs and paths are unique in a release."""
        wrong = []
        others = [each for each in self.links_of(link["project"], link["tag"])
                  if each["id"] != link["id"]]
        if not re.match(r"(https?|ftp)://", link["url"]):
            wrong.append("Url is blocked: Only allowed schemes are http, https, ftp")
        for key, label in (("url", "Url"), ("name", "Name"), ("filepath", "Filepath")):
            taken = [each for each in others if link[key] and each[key] == link[key]]
            fresh = self.settings["race_500_ms"] / 1000
            if taken and time.time() - taken[0]["made"] < fresh and key != "filepath":
                raise Answer(500, {"message": "500 Internal Server Error"})
            if taken:
                wrong.append(f"{label} has already been taken")
        path = link["filepath"]
        if path and not filepath_is_valid(path):
            wrong.append("Filepath is in an invalid format")
        if path and len(path) > MAX_FILEPATH:
            wrong.append(f"Filepath is too long (maximum is {MAX_FILEPATH} characters)")
        if wrong:
            raise Answer(400, {"message": wrong})

    def create_link(self, request, number, tag):
        request.read_body()
        project = self.may_write(request, number)
        value = request.json(self.LINK_MEMBERS)
        for key in ("name", "url"):
            if not value.get(key):
                raise Answer(400, {"error": f"{key} is missing"})
        self.check_protected(tag)
        with self.lock:
            self.release_of(project, tag)
            link = {"id": None, "project": project, "tag": tag, "name": value["name"],
                    "url": value["url"], "filepath": value.get("direct_asset_path"),
                    "link_type": value.get("link_type", "other"), "made": time.time()}
            self.check_link(link)
            link["id"] = next(self.ids)
            self.links[link["id"]] = link
            return Answer(201, self.shown_link(link))

    def link_of(self, project, tag, link):
        self.release_of(project, tag)
        found = self.links.get(int(link))
        if found is None or (found["project"], found["tag"]) != (project, tag):
            raise Answer(404, {"message": "404 Not found"})
        return found

    def get_link(self, request, number, tag, link):
        project, _ = self.project(request, number)
        with self.lock:
            return Answer(200, self.shown_link(self.link_of(project, tag, link)))

    def update_link(self, request, number, tag, link):
        """"You have to specify at least one of name or url"; `link_type` falls back to
        `other`."""
        request.read_body()
        project = self.may_write(request, number)
        value = request.json(self.LINK_MEMBERS)
        if not value.get("name") and not value.get("url"):
            raise Answer(400, {"error": "name, url are missing, at least one parameter must be "
                               "provided"})
        self.check_protected(tag)
        with self.lock:
            found = self.link_of(project, tag, link)
            changed = {**found, "link_type": value.get("link_type", "other")}
            changed.update({key: value[key] for key in ("name", "url") if key in value})
            if "direct_asset_path" in value:
                changed["filepath"] = value["direct_asset_path"]
            self.check_link(changed)
            found.update(changed)
            return Answer(200, self.shown_link(found))

    def delete_link(self, request, number, tag, link):
        project = self.may_write(request, number)
        self.check_protected(tag)
        with self.lock:
            found = self.link_of(project, tag, link)
            del self.links[found["id"]]
            return Answer(200, self.shown_link(found))

    # --- packages [generic]

    def upload(self, request, number, package, version, file):
        """201; more than one at once into a new package and version may fail with 500."""
        key = None
        try:
            with self.lock:
                if (number, package, version) in self.uploading:
                    request.read_body()
                    raise Answer(500, {"message": "500 Internal Server Error"})
                key = (number, package, version)
                self.uploading.add(key)
            return self.store_file(request, number, package, version, file)
        finally:
            with self.lock:
                self.uploading.discard(key)

    def store_file(self, request, number, package, version, file):
        whole = request.read_body()
        project = self.may_write(request, number)
        if not whole:
            return None
        if set(request.query) - {"status", "select"}:
            raise Strict(f"query of an upload: {request.query}")
        if request.headers.get("Content-Type", "").startswith("application/x-www-form"):
            raise Strict("a file sent as a form")
        for text, rule, label in ((package, PACKAGE_NAME, "package_name"),
                                  (version, PACKAGE_VERSION, "package_version"),
                                  (file, FILE_NAME, "file_name")):
            if not rule.fullmatch(text):
                raise Answer(400, {"error": f"{label} is invalid"})
        if len(request.body) > self.settings["max_package_bytes"]:
            raise Answer(413 if self.settings["max_package_bytes"] < 100 else 400,
                         {"message": "400 Bad request - File is too large"})
        place = (project, package, version, file)
        with self.lock:
            if place in self.files and self.settings["reject_duplicates"]:
                raise Answer(400, {"message":
                                   "400 Bad request - Duplicate package is not allowed"})
            self.files[place] = request.body
        if request.query.get("select") == "package_file":
            return Answer(201, {"id": 1, "package_id": 1, "size": len(request.body),
                                "file_name": file, "file_sha256":
                                hashlib.sha256(request.body).hexdigest()})
        return Answer(201, {"message": "201 Created"})

    def download(self, request, number, package, version, file):
        project, _ = self.project(request, number)
        body = self.files.get((project, package, version, file))
        if body is None:
            raise Answer(404, {"message": "404 Not Found"})
        if self.settings["object_storage"]:
            path = "/".join((str(self.projects[project]["id"]), package, version, file))
            return Answer(302, b"", {"Location": f"{self.storage_base}/{path}?sig=s3cr3t"})
        return Answer(200, body, {"Content-Type": "application/octet-stream",
                                  "X-Checksum-SHA256": hashlib.sha256(body).hexdigest()})

    def storage(self, request):
        number, *rest = request.raw_path.strip("/").split("/")
        [project] = [key for key, value in self.projects.items() if str(value["id"]) == number]
        body = self.files.get((project, *rest))
        if body is None:
            raise Answer(404, b"")
        return Answer(200, body, {"Content-Type": "application/octet-stream"})

    def redirect(self, project, tag, path):
        self.release_of(project, tag)
        for link in self.links_of(project, tag):
            if link["filepath"] == "/" + path:
                # A link that was made through a proxy means this host.
                return Answer(302, b"", {"Location": re.sub(
                    r"^https?://127\.0\.0\.1:\d+", self.base, link["url"])})
        raise Answer(404, {"message": "404 Not Found"})

    def api_permalink(self, request, number, tag, path):
        """[releases], "Download a release asset"."""
        project, _ = self.project(request, number)
        with self.lock:
            return self.redirect(project, tag, path)

    def permalink(self, request, project, tag, path):
        """[fields], "Permanent links to release assets"; a page for browsers, which knows
        no tokens."""
        if self.secret_of(request):
            raise Strict("a token sent to a page")
        if project not in self.projects or self.projects[project]["visibility"] == "private":
            return Answer(302, b"", {"Location": f"{self.base}/users/sign_in"})
        with self.lock:
            return self.redirect(project, tag, path)

    def fill(self, tag, count):
        for _ in range(count):
            number = next(self.ids)
            self.links[number] = {
                "id": number, "project": "acme/plugins", "tag": tag,
                "name": f"filler-{number}.tar.gz", "url": f"https://example.com/{number}",
                "filepath": f"/filler-{number}.tar.gz", "link_type": "other", "made": 0}

    def state(self):
        return {"links": list(self.links.values()), "files": [list(key) for key in self.files],
                "releases": list(self.releases.values())}


ROUTES = [
    ("GET", r"", GitLab.get_project),
    ("GET", r"/releases", GitLab.list_releases),
    ("POST", r"/releases", GitLab.create_release),
    ("GET", r"/releases/([^/]+)", GitLab.get_release),
    ("GET", r"/releases/([^/]+)/assets/links", GitLab.list_links),
    ("POST", r"/releases/([^/]+)/assets/links", GitLab.create_link),
    ("GET", r"/releases/([^/]+)/assets/links/(\d+)", GitLab.get_link),
    ("PUT", r"/releases/([^/]+)/assets/links/(\d+)", GitLab.update_link),
    ("DELETE", r"/releases/([^/]+)/assets/links/(\d+)", GitLab.delete_link),
    ("GET", r"/releases/([^/]+)/downloads/(.+)", GitLab.api_permalink),
    ("PUT", r"/packages/generic/([^/]+)/([^/]+)/([^/]+)", GitLab.upload),
    ("GET", r"/packages/generic/([^/]+)/([^/]+)/([^/]+)", GitLab.download),
]


def main():
    serve(GitLab(arguments("GitLab's releases and packages")))


if __name__ == "__main__":
    main()
