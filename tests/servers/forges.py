"""Doubles of code hosts as servers of the suites, and what tests say to them."""
import json
import secrets
import sys
import urllib.request
from pathlib import Path

from servers import Server

DOUBLES = Path(__file__).resolve().parent / "doubles"


class DoubleServer(Server):
    """One of tests/servers/doubles, which hears settings and faults."""
    ready_path = "/_double/requests"
    script = None
    more = ()

    def command(self):
        return [sys.executable, str(DOUBLES / self.script), "--port", str(self.port), *self.more]

    def ask(self, what, value=None):
        request = urllib.request.Request(
            f"{self.base}/_double/{what}",
            None if value is None else json.dumps(value).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def settings(self, **values):
        self.ask("settings", values)

    def faults(self, *faults):
        self.ask("faults", list(faults))

    def fill(self, tag, count):
        self.ask("fill", {"tag": tag, "count": count})

    def forget(self):
        self.ask("reset", {})

    def requests(self):
        return self.ask("requests")

    def seen(self):
        """Method and path of each, without queries' names."""
        return [(one["method"], one["path"]) for one in self.requests()]

    def wrong(self):
        """What the documentation does not know."""
        return [one for one in self.requests() if one["error"]]

    def stop(self):
        try:
            wrong = self.wrong()
        except (OSError, ValueError):
            wrong = []
        super().stop()
        assert not wrong, wrong[:5]


class GitHub(DoubleServer):
    script = "github.py"
    token = "ghs_write"

    def registry(self, name, repo="octo/plugins", token=None):
        return (f"github://{repo}/{name}?api={self.base}/api/v3",
                {"GH_ENTERPRISE_TOKEN": token or self.token})

    def index_url(self, name):
        return f"{self.base}/octo/plugins/releases/download/{name}/index.json"


class GitHubForHours(GitHub):
    """For the suites, which ask in a minute what a token may ask in hours."""

    def started(self):
        super().started()
        self.settings(primary_limit=1_000_000)


class GitLab(DoubleServer):
    script = "gitlab.py"
    token = "glpat-write"

    def registry(self, name, project="acme/plugins", token=None):
        return (f"gitlab://127.0.0.1:{self.port}/{project}/-/{name}?api={self.base}/api/v4",
                {"GITLAB_TOKEN": token or self.token})

    def index_url(self, name):
        return f"{self.base}/acme/plugins/-/releases/{name}/downloads/index.json"


def unique(prefix):
    return f"{prefix}-{secrets.token_hex(4)}"
