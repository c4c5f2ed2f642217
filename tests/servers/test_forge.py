"""The stores on GitHub and GitLab, against strict doubles: what only these hosts do."""
import json
import socket
import urllib.error
import urllib.request

import pytest

from forges import GitHub, GitLab, unique
from publishing import ok, plugin
from servers import Driver

SECRETS = ("ghs_", "ghp_", "glpat-", "glcbt-")


@pytest.fixture(scope="module")
def github_server():
    with GitHub() as server:
        yield server


@pytest.fixture(scope="module")
def gitlab_server():
    with GitLab() as server:
        yield server


@pytest.fixture
def github(github_server):
    yield from fresh(github_server)


@pytest.fixture
def gitlab(gitlab_server):
    yield from fresh(gitlab_server)


def fresh(server):
    defaults = server.ask("state")["settings"]
    server.forget()
    yield server
    wrong = server.wrong()
    server.settings(**defaults)
    server.faults()
    assert not wrong, wrong[:3]


class Opened:
    """A prepared registry on a double and a driver for it; forgets what that took."""

    def __init__(self, server, *options, prepare=True, tag=None, env=None, **how):
        self.server = server
        self.tag = tag or unique("reg")
        self.location, own = server.registry(self.tag, **how)
        self.env = own if env is None else env
        self.options = ("--insecure", *options)
        self.prepare = prepare

    def __enter__(self):
        if self.prepare:
            _, env = self.server.registry(self.tag)
            with Driver(self.location, env, "--insecure") as driver:
                answer = driver.run("prepare")
                assert answer["status"] == "ok", answer
        self.server.forget()
        self.driver = Driver(self.location, self.env, *self.options)
        return self.driver

    def __exit__(self, kind, *_):
        status = self.driver.close()
        assert kind is not None or status in (0, 1)


def refusal(answer, code, *words):
    """It failed with this code, and says so without a secret."""
    assert (answer["status"], answer.get("code")) == ("failed", code), answer
    for word in words:
        assert word in answer["message"], answer
    assert not any(secret in json.dumps(answer) for secret in SECRETS), answer
    return answer["message"]


def unopened(location, env):
    """A store that does not even open; nothing was sent."""
    driver = Driver(location, env, "--insecure")
    answer = driver.answer()
    assert driver.close() == 1
    return answer


def names(driver):
    return [one["name"] for one in driver.list()["objects"]]


def statuses(server, method, part=""):
    return [one["status"] for one in server.requests()
            if one["method"] == method and part in one["path"]]


# --- GitHub: uploads


def test_github_sends_an_upload_again_after_502(github):
    with Opened(github) as driver:
        assert driver.list()["status"] == "ok"
        github.forget()
        github.faults({"method": "POST", "path": "/assets", "do": "starter"})
        assert driver.put_new("a-1.0.0.tar.gz", b"bytes")["status"] == "ok"
        assert [(method, path.partition("?")[0].rpartition("/")[2].isdigit())
                for method, path in github.seen()] == [
            ("POST", False), ("GET", False), ("DELETE", True), ("POST", False)]
        assert statuses(github, "POST") == [502, 201]
        [found] = driver.list()["objects"]
        assert (found["name"], found["incomplete"]) == ("a-1.0.0.tar.gz", False)
        assert driver.get("a-1.0.0.tar.gz")["bytes"] == b"bytes"


@pytest.mark.parametrize("fate", ["lose", "drop", "late-status"])
@pytest.mark.parametrize("digests", [True, False])
def test_github_finds_out_how_an_upload_went(github, fate, digests):
    github.settings(digests=digests)
    with Opened(github) as driver:
        github.faults({"method": "POST", "path": "/assets", "do": fate, "status": 500})
        answer = driver.put_new("a-1.0.0.tar.gz", b"bytes")
        # Without a digest it cannot know whose bytes these are: its caller compares.
        took_effect = fate != "drop"
        assert answer["status"] == ("exists" if took_effect and not digests else "ok")
        assert names(driver) == ["a-1.0.0.tar.gz"]
        assert driver.get("a-1.0.0.tar.gz")["bytes"] == b"bytes"


def test_github_gives_up_where_uploads_keep_failing(github):
    with Opened(github) as driver:
        github.faults({"method": "POST", "path": "/assets", "do": "status", "status": 502,
                       "times": 100})
        answer = driver.put_new("a-1.0.0.tar.gz", b"bytes")
        assert (answer["status"], answer["code"]) == ("uncertain", "store::server_error")
        assert "502" in answer["message"]
        assert statuses(github, "POST") == [502] * 5


def test_github_release_that_is_there_but_not_to_be_uploaded_to(github):
    with Opened(github) as driver:
        github.faults({"method": "POST", "path": "/assets", "do": "status", "status": 404,
                       "times": 100, "body": {"message": "Not Found"}})
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "auth::insufficient_scope",
                "`contents: write`")
        github.faults({"method": "POST", "path": "/assets", "do": "status", "status": 404})
        assert driver.put_new("a-1.0.0.tar.gz", b"x")["status"] == "ok"


def half_an_upload(server, tag):
    """Somebody whose upload broke off, and who never came back."""
    [release] = [one for one in server.ask("state")["releases"] if one["tag_name"] == tag]
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"POST /api/uploads/repos/octo/plugins/releases/{release['id']}/assets?name=index-"
            f"000002.json HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUser-Agent: dying\r\n"
            "X-GitHub-Api-Version: 2022-11-28\r\nAuthorization: Bearer ghs_write\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{".encode())
        while not server.ask("state")["assets"]:
            pass


@pytest.mark.full
def test_github_clears_what_a_dead_publisher_left(github):
    opened = Opened(github)
    with opened as driver:
        half_an_upload(github, opened.tag)
        [left] = driver.list()["objects"]
        assert left["incomplete"] and left["size"] == 0
        assert driver.get("index-000002.json")["status"] == "absent"
        assert driver.put_new("index-000002.json", b"whole")["status"] == "ok"
        [found] = driver.list()["objects"]
        assert not found["incomplete"] and found["revision"] != left["revision"]


def test_github_refuses_names_that_would_not_survive(github):
    with Opened(github) as driver:
        for name in ("a-1.0.0+build.tar.gz", "a b.json", ".hidden.json", "a~1.json"):
            refusal(driver.run("admit", name), "store::name_refused", "`+`")
            refusal(driver.put_new(name, b"x"), "store::name_refused")
        assert github.requests() == []


def test_github_notices_a_name_that_was_rewritten(github):
    """Should it rewrite what this tool holds for safe."""
    with Opened(github) as driver:
        assert driver.put_new("other.json", b"x")["status"] == "ok"
        github.faults({"method": "POST", "path": "/assets", "do": "late-status", "status": 201,
                       "body": {"id": driver.list()["objects"][0]["revision"] and int(
                           driver.list()["objects"][0]["revision"]), "name": "other.json",
                           "state": "uploaded", "size": 1}})
        refusal(driver.put_new("a_b.json", b"x"), "store::name_refused", "other.json")


def test_github_counts_its_assets(github):
    opened = Opened(github)
    with opened as driver:
        github.fill(opened.tag, 895)
        answer = driver.run("admit", "a-1.0.0.tar.gz")
        assert answer["status"] == "ok" and "warning" not in answer
        github.fill(opened.tag, 1)
        driver.list()
        answer = driver.run("admit", "a-1.0.0.tar.gz")
        assert answer["status"] == "ok" and "900 of the 1000" in answer["warning"]
        github.fill(opened.tag, 100)
        driver.list()
        assert driver.run("admit", "a-1.0.0.tar.gz")["status"] == "ok"
        github.fill(opened.tag, 1)
        driver.list()
        github.forget()
        refusal(driver.run("admit", "a-1.0.0.tar.gz"), "store::limit_reached",
                "registry sync", "another tag")
        assert github.requests() == []  # the last look told
        github.fill(opened.tag, 3)
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "store::limit_reached", "1000")


def test_github_lists_over_pages_where_the_release_shows_less(github):
    opened = Opened(github)
    with opened as driver:
        github.fill(opened.tag, 249)
        assert driver.put_new("index.json", b"{}")["status"] == "ok"
        for cap in (30, 100):
            github.settings(embedded_cap=cap)
            github.forget()
            found = names(driver)
            assert len(found) == len(set(found)) == 250 and "index.json" in found
            assert len(statuses(github, "GET", "per_page=100")) == 3
        github.settings(embedded_cap=None)
        github.fill(opened.tag, 7)
        github.forget()
        assert len(names(driver)) == 257
        assert len(github.requests()) == 1


# --- GitHub: renames and removals


@pytest.mark.parametrize("way", ["refuse", "twice", "rewrite"])
def test_github_rename_onto_a_taken_name(github, way):
    github.settings(rename_onto_taken=way)
    with Opened(github) as driver:
        driver.put_new("index.json", b"old")
        copy = driver.put_new("index-copy.json", b"new")["object"]
        answer = driver.run("rename", "index-copy.json", copy["revision"], "index.json")
        assert answer["status"] == "exists"
        assert names(driver) == ["index-copy.json", "index.json"]
        assert driver.get("index.json")["bytes"] == b"old"


@pytest.mark.parametrize("fate", ["lose", "drop", "late-status"])
@pytest.mark.parametrize("to", ["index.json", "index-copy-2.json"])
def test_github_rename_that_is_not_answered(github, fate, to):
    with Opened(github) as driver:
        copy = driver.put_new("index-copy.json", b"new")["object"]
        github.faults({"method": "PATCH", "do": fate, "status": 500})
        answer = driver.run("rename", "index-copy.json", copy["revision"], to)
        assert answer["status"] == "ok", answer
        assert names(driver) == [to]


def test_github_rename_that_keeps_failing_is_told(github):
    with Opened(github) as driver:
        copy = driver.put_new("index-copy.json", b"new")["object"]
        github.faults({"method": "PATCH", "do": "status", "status": 500, "times": 100})
        answer = driver.run("rename", "index-copy.json", copy["revision"], "index.json")
        assert (answer["status"], answer["code"]) == ("failed", "store::server_error")
        assert names(driver) == ["index-copy.json"]


def test_github_remove_that_is_not_answered(github):
    with Opened(github) as driver:
        put = driver.put_new("index-copy.json", b"new")["object"]
        github.faults({"method": "DELETE", "do": "lose"})
        # It is gone, but who did it is not known.
        assert driver.run("remove", "index-copy.json", put["revision"])["status"] == "absent"
        assert names(driver) == []


# --- GitHub: limits of rate


@pytest.mark.parametrize("status", [403, 429])
def test_github_secondary_limit_is_waited_for(github, status):
    with Opened(github) as driver:
        github.settings(secondary_per_window=2, secondary_window_s=1, secondary_status=status,
                        secondary_headers={"retry-after": "1"})
        for number in range(4):
            assert driver.put_new(f"a{number}-1.0.0.tar.gz", b"x")["status"] == "ok"
        assert statuses(github, "POST").count(201) == 4
        assert status in statuses(github, "POST")


def test_github_primary_limit_is_waited_for_until_its_reset(github):
    with Opened(github) as driver:
        github.settings(primary_limit=1, primary_window_s=2)
        assert [driver.list()["status"] for _ in range(2)] == ["ok", "ok"]
        assert 403 in statuses(github, "GET")
        github.settings(primary_window_s=3600)
    with Opened(github, "--timeout", "20000", prepare=False) as driver:
        refusal(driver.list(), "store::rate_limited", "GH_ENTERPRISE_TOKEN")


def test_github_reader_does_not_wait_to_be_told_why(github):
    """60 requests an hour are all that an address without a token has."""
    opened = Opened(github)
    with opened:
        github.settings(primary_limit=0)
        with Driver(opened.location, {}, "--insecure", "--read") as reader:
            assert reader.get("index.json")["status"] == "absent"
        assert statuses(github, "GET", "/api/v3/") == [403]


@pytest.mark.parametrize("headers", [{"retry-after": "600"}, {}])
def test_github_limit_beyond_the_deadline_is_told_at_once(github, headers):
    """Without a header the documentation says: at least a minute."""
    with Opened(github, "--timeout", "20000") as driver:
        github.settings(secondary_per_window=0, secondary_headers=headers)
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "store::rate_limited",
                "600 s" if headers else "60 s", "GH_ENTERPRISE_TOKEN", "--timeout")
        assert statuses(github, "POST") == [403]


# --- GitHub: who asks


def test_github_tokens_in_their_order(github):
    location, _ = github.registry(unique("reg"))
    every = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"]
    for at in range(4):
        env = {name: f"ghs_number{number}" for number, name in enumerate(every) if number >= at}
        github.forget()
        with Driver(location, env, "--insecure") as driver:
            refusal(driver.list(), "auth::unauthorized", every[at], "Bad credentials")
        assert {one["token"] for one in github.requests()} == {f"ghs_number{at}"}
    refusal(unopened(location, {}), "auth::no_credentials", *every)
    refusal(unopened(location, {"GH_TOKEN": "two words"}), "auth::invalid_credentials",
            "GH_TOKEN")


def test_github_token_that_may_only_read(github):
    opened = Opened(github, env={"GH_TOKEN": "ghs_read"})
    with opened as driver:
        assert driver.list()["status"] == "ok"
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "auth::insufficient_scope",
                "`contents: write`", "GH_TOKEN")
    location, _ = github.registry(unique("reg"))
    with Driver(location, {"GITHUB_TOKEN": "ghs_read"}, "--insecure") as driver:
        refusal(driver.run("prepare"), "auth::insufficient_scope", "GITHUB_TOKEN")


def test_github_says_what_is_not_there(github):
    location, env = github.registry("nothing-of-this-tag")
    with Driver(location, env, "--insecure") as driver:
        refusal(driver.list(), "store::not_found", "no release", "nothing-of-this-tag")
    location, env = github.registry("any", repo="octo/nowhere")
    with Driver(location, env, "--insecure") as driver:
        refusal(driver.list(), "store::not_found", "no repository octo/nowhere")
        refusal(driver.run("prepare"), "store::not_found", "no repository octo/nowhere")


def test_github_private_repository(github):
    opened = Opened(github, repo="octo/secret")
    with opened as driver:
        assert driver.put_new("index.json", b"{}")["status"] == "ok"
    with Driver(opened.location, opened.env, "--insecure", "--read") as driver:
        assert driver.get("index.json")["bytes"] == b"{}"
    with Driver(opened.location, {}, "--insecure", "--read") as driver:
        refusal(driver.get("index.json"), "store::not_found", "private", "GH_TOKEN")
    with Driver(opened.location, {"GH_TOKEN": "ghp_nothing"}, "--insecure", "--read") as driver:
        refusal(driver.get("index.json"), "store::not_found", "private", "GH_TOKEN")


def test_github_public_reading_is_by_public_addresses(github):
    opened = Opened(github)
    with opened as driver:
        assert driver.put_new("a-1.0.0.tar.gz", b"x")["status"] == "ok"
        github.forget()
        with Driver(opened.location, {}, "--insecure", "--read") as reader:
            assert reader.get("a-1.0.0.tar.gz")["bytes"] == b"x"
            base = reader.run("about")["artifacts_url"]
            assert [method for method, path in github.seen() if "/api/" in path] == []
            # An index that is missing for a moment is no missing release.
            assert reader.get("index.json")["status"] == "absent"
            github.forget()
            assert reader.get("index.json")["status"] == "absent"
            assert [method for method, path in github.seen() if "/api/" in path] == []
    with urllib.request.urlopen(f"{base}/a-1.0.0.tar.gz", timeout=30) as answer:
        assert answer.read() == b"x"


def test_github_tag_with_slashes(github):
    opened = Opened(github, tag="plugins/" + unique("v"))
    with opened as driver:
        assert driver.put_new("index.json", b"{}")["status"] == "ok"
        assert driver.get("index.json")["bytes"] == b"{}"
    with Driver(opened.location, {}, "--insecure", "--read") as reader:
        assert reader.get("index.json")["bytes"] == b"{}"


def test_github_immutable_releases(github):
    github.settings(immutable=True)
    location, env = github.registry(unique("reg"))
    with Driver(location, env, "--insecure") as driver:
        refusal(driver.run("prepare"), "store::read_only", "immutable")
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "store::read_only", "immutable")


@pytest.mark.parametrize("fate", ["lose", "drop", "late-status"])
def test_github_prepare_that_is_not_answered(github, fate):
    location, env = github.registry(unique("reg"))
    github.faults({"method": "POST", "path": "/releases$", "do": fate, "status": 500})
    with Driver(location, env, "--insecure") as driver:
        first = driver.run("prepare")
        assert first["status"] == ("failed" if fate == "drop" else "ok"), first
        assert driver.run("prepare")["status"] == "ok"
    tags = [one["tag_name"] for one in github.ask("state")["releases"]]
    assert tags.count(location.partition("?")[0].rpartition("/")[2]) == 1


# --- both: requests, as docs/locations counts them


@pytest.mark.parametrize("host, each", [("github", 1), ("gitlab", 2)])
def test_requests_of_commands(host, each, request, tmp_path):
    server = request.getfixturevalue(host)
    location, env = server.registry(unique("reg"))
    ok("registry", "init", location=location, env=env)

    def count(*words):
        server.forget()
        result = ok(*words, location=location, env=env, cwd=tmp_path)
        assert result.get("requests", len(server.requests())) == len(server.requests())
        return len(server.requests())

    for new in (1, 4):
        for number in range(new):
            plugin(tmp_path, f"p{new}-{number}")
        assert count("publish", "--root", ".") == each * new + 9
        assert count("publish", "--root", ".") == 3
    methods = {method for method, _ in server.seen()}
    assert methods == {"GET"}
    assert count("search", "p1") == count("info", "p1-0") == 3
    assert count("registry", "verify") == 6
    assert count("registry", "verify", "--deep") == 6 + 5 * 2
    assert count("yank", "p1-0@1.0.0") == 9


# --- both: what comes down


@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_half_a_download_is_none(host, request):
    server = request.getfixturevalue(host)
    with Opened(server, "--timeout", "20000") as driver:
        assert driver.put_new("a-1.0.0.tar.gz", b"x" * 1000)["status"] == "ok"
        server.faults({"path": "sig=", "do": "cut"})
        assert driver.get("a-1.0.0.tar.gz")["bytes"] == b"x" * 1000
        server.faults({"path": "sig=", "do": "cut", "times": 100})
        refusal(driver.get("a-1.0.0.tar.gz"), "store::bad_response")


def test_github_other_bytes_than_the_digest_says(github):
    with Opened(github) as driver:
        assert driver.put_new("a-1.0.0.tar.gz", b"good")["status"] == "ok"
        github.faults({"path": "sig=", "do": "status", "status": 200, "body": "evil"})
        refusal(driver.get("a-1.0.0.tar.gz"), "store::bad_response", "not what GitHub says")


@pytest.mark.parametrize("host", ["github", "gitlab"])
@pytest.mark.parametrize("body", ["", "[", "{}", "null", "[1]", '{"id":"x","assets":{}}',
                                  '{"id":1,"upload_url":"ftp://x","assets":[]}',
                                  '{"id":1,"upload_url":"http://x/","assets":[{"id":-1}],'
                                  '"a":{"links":[{}]}}', '{"assets":{"links":[{"id":1}]}}'])
def test_answers_that_make_no_sense(host, body, request):
    server = request.getfixturevalue(host)
    with Opened(server) as driver:
        server.faults({"method": "GET", "path": "/releases/", "do": "status", "status": 200,
                       "body": body, "times": 100})
        refusal(driver.list(), "store::bad_response")


# --- GitLab


def test_gitlab_requests_of_a_file_and_of_its_copy(gitlab):
    with Opened(gitlab) as driver:
        assert driver.put_new("index-000001.json", b"{ }")["status"] == "ok"
        assert [method for method, _ in gitlab.seen()] == ["PUT", "POST"]
        gitlab.forget()
        assert driver.put_new("index-copy.json", b"{ }")["status"] == "ok"
        assert [method for method, _ in gitlab.seen()] == ["POST"]
        assert driver.get("index-copy.json")["bytes"] == b"{ }"
        one, two = driver.list()["objects"]
        assert one["digest"] == two["digest"] != ""


def test_gitlab_same_bytes_under_a_name_that_was_given_up(gitlab):
    """Their URL is taken by the link that was renamed."""
    opened = Opened(gitlab)
    with opened as driver:
        first = driver.put_new("index.json", b"{ }")["object"]
        assert driver.run("rename", "index.json", first["revision"], "x.json")["status"] == "ok"
        assert driver.put_new("index.json", b"{ }")["status"] == "ok"
        assert driver.get("x.json")["bytes"] == driver.get("index.json")["bytes"] == b"{ }"
    with urllib.request.urlopen(gitlab.index_url(opened.tag), timeout=30) as answer:
        assert answer.read() == b"{ }"


@pytest.mark.parametrize("fate", ["lose", "drop", "late-status"])
def test_gitlab_finds_out_how_a_link_went(gitlab, fate):
    with Opened(gitlab) as driver:
        gitlab.faults({"method": "POST", "path": "/links", "do": fate, "status": 500})
        assert driver.put_new("a-1.0.0.tar.gz", b"bytes")["status"] == "ok"
        assert names(driver) == ["a-1.0.0.tar.gz"]
        assert driver.get("a-1.0.0.tar.gz")["bytes"] == b"bytes"


def test_gitlab_two_links_that_meet_in_the_database(gitlab):
    gitlab.settings(race_500_ms=600000)
    with Opened(gitlab) as driver:
        assert driver.put_new("index-000001.json", b"one")["status"] == "ok"
        other = driver.put_new("index-copy.json", b"two")["object"]
        assert driver.put_new("index-000001.json", b"three")["status"] == "exists"
        assert driver.run("rename", "index-copy.json", other["revision"],
                          "index-000001.json")["status"] == "exists"
        assert driver.get("index-000001.json")["bytes"] == b"one"


@pytest.mark.parametrize("fate", ["lose", "drop", "late-status"])
def test_gitlab_rename_that_is_not_answered(gitlab, fate):
    with Opened(gitlab) as driver:
        copy = driver.put_new("index-copy.json", b"new")["object"]
        gitlab.faults({"method": "PUT", "path": "/links", "do": fate, "status": 500})
        answer = driver.run("rename", "index-copy.json", copy["revision"], "index.json")
        assert answer["status"] == "ok", answer
        assert names(driver) == ["index.json"]
        gitlab.faults({"method": "DELETE", "do": "lose"})
        # It is gone, but who did it is not known.
        assert driver.run("remove", "index.json", copy["revision"])["status"] == "absent"
        assert names(driver) == []


def test_gitlab_lists_over_pages_where_the_release_shows_less(gitlab):
    opened = Opened(gitlab)
    with opened as driver:
        gitlab.fill(opened.tag, 250)
        for cap in (20, 100):
            gitlab.settings(embedded_cap=cap)
            gitlab.forget()
            found = names(driver)
            assert len(found) == len(set(found)) == 250
            assert len(statuses(gitlab, "GET", "per_page=100")) == 3
        gitlab.settings(embedded_cap=None)
        gitlab.fill(opened.tag, 7)
        gitlab.forget()
        assert len(names(driver)) == 257
        assert len(gitlab.requests()) == 1


def test_gitlab_refuses_names_before_anything_is_sent(gitlab):
    with Opened(gitlab) as driver:
        for name in ("a-1.0.0+build.tar.gz", "a b.json", "a-"):
            refusal(driver.run("admit", name), "store::name_refused", "`+`")
            refusal(driver.put_new(name, b"x"), "store::name_refused")
        long = "a" * 121 + ".tar.gz"
        refusal(driver.run("admit", long), "store::limit_reached", "127")
        assert gitlab.requests() == []
        assert driver.put_new(long[1:], b"x")["status"] == "ok"


def test_gitlab_job_token(gitlab):
    tag = unique("reg")
    location, _ = gitlab.registry(tag)
    job = {"CI_JOB_TOKEN": "glcbt-job", "CI_API_V4_URL": f"{gitlab.base}/api/v4",
           "CI_PROJECT_PATH": "acme/plugins", "CI_COMMIT_SHA": "0" * 40}
    with Driver(location, job, "--insecure") as driver:
        assert driver.run("prepare")["status"] == "ok"
        assert driver.put_new("index.json", b"{}")["status"] == "ok"
        assert driver.get("index.json")["bytes"] == b"{}"
    assert {one["token"] for one in gitlab.requests() if "sig=" not in one["path"]} == \
        {"glcbt-job"}
    location, _ = gitlab.registry("nothing")
    with Driver(location, job, "--insecure") as driver:
        refusal(driver.list(), "store::not_found", "no release")
    location, _ = gitlab.registry("nothing", project="acme/nowhere")
    with Driver(location, job, "--insecure") as driver:
        refusal(driver.list(), "store::not_found", "no project", "CI_JOB_TOKEN")
    # A token of one's own counts before the job's; a job's is shown to no other host.
    gitlab.forget()
    with Driver(location, {**job, "GITLAB_TOKEN": "glpat-write"}, "--insecure") as driver:
        driver.list()
    assert {one["token"] for one in gitlab.requests()} == {"glpat-write"}
    gitlab.forget()
    refusal(unopened(location, {**job, "CI_API_V4_URL": "https://gitlab.com/api/v4"}),
            "auth::no_credentials", "GITLAB_TOKEN", "CI_API_V4_URL")
    assert gitlab.requests() == []


def test_gitlab_tokens_that_may_not(gitlab):
    for token, code, words in (
            ("glpat-read", "auth::insufficient_scope", ("`api`", "GITLAB_TOKEN")),
            ("glpat-reporter", "store::access_denied", ("Developer",)),
            ("glpat-expired", "auth::unauthorized", ("expired", "GITLAB_TOKEN")),
            ("glpat-unknown", "auth::unauthorized", ("GITLAB_TOKEN",))):
        with Opened(gitlab, env={"GITLAB_TOKEN": token}) as driver:
            refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), code, *words)
            refusal(driver.run("prepare") if code.startswith("auth::u") else
                    driver.put_new("b-1.0.0.tar.gz", b"x"), code)


def test_gitlab_protected_tag(gitlab):
    opened = Opened(gitlab)
    with opened as driver:
        gitlab.settings(protected_tags=[opened.tag, "other"])
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "store::access_denied", "protected")
    location, env = gitlab.registry("other")
    with Driver(location, env, "--insecure") as driver:
        refusal(driver.run("prepare"), "store::access_denied", "protected", "`other`")


def test_gitlab_says_what_is_not_there(gitlab):
    location, env = gitlab.registry("nothing-of-this-tag")
    with Driver(location, env, "--insecure") as driver:
        refusal(driver.list(), "store::not_found", "no release", "nothing-of-this-tag")
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "store::not_found", "no release")
    with Driver(location, {}, "--insecure", "--read") as driver:
        refusal(driver.get("index.json"), "store::not_found", "no release")
    location, env = gitlab.registry("any", project="acme/nowhere")
    with Driver(location, env, "--insecure") as driver:
        refusal(driver.list(), "store::not_found", "no project acme/nowhere")
    location, env = gitlab.registry("any", project="acme/empty")
    with Driver(location, env, "--insecure") as driver:
        refusal(driver.run("prepare"), "store::unsupported", "no commit")


def test_gitlab_private_project(gitlab):
    opened = Opened(gitlab, project="acme/secret")
    with opened as driver:
        assert driver.put_new("index.json", b"{}")["status"] == "ok"
    with Driver(opened.location, opened.env, "--insecure", "--read") as driver:
        assert driver.get("index.json")["bytes"] == b"{}"
    with Driver(opened.location, {}, "--insecure", "--read") as driver:
        refusal(driver.get("index.json"), "store::not_found", "private", "GITLAB_TOKEN")


def test_gitlab_public_reading(gitlab):
    opened = Opened(gitlab, project="acme/deep/er/plugins")
    with opened as driver:
        assert driver.put_new("a-1.0.0.tar.gz", b"x")["status"] == "ok"
        gitlab.forget()
        with Driver(opened.location, {}, "--insecure", "--read") as reader:
            assert reader.get("a-1.0.0.tar.gz")["bytes"] == b"x"
            assert {one["token"] for one in gitlab.requests()} == {""}
            base = reader.run("about")["artifacts_url"]
    assert base == f"{gitlab.base}/acme/deep/er/plugins/-/releases/{opened.tag}/downloads"
    with urllib.request.urlopen(f"{base}/a-1.0.0.tar.gz", timeout=30) as answer:
        assert answer.read() == b"x"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{base}/b-1.0.0.tar.gz", timeout=30)


def test_gitlab_limit_of_rate(gitlab):
    with Opened(gitlab) as driver:
        gitlab.settings(rate_per_window=3, rate_window_s=1, rate_headers={"Retry-After": "1"})
        for number in range(3):
            assert driver.put_new(f"a{number}-1.0.0.tar.gz", b"x")["status"] == "ok"
        assert 429 in statuses(gitlab, "PUT") + statuses(gitlab, "POST")
    with Opened(gitlab, "--timeout", "20000", prepare=False) as driver:
        gitlab.settings(rate_per_window=0, rate_headers={"Retry-After": "600"})
        refusal(driver.list(), "store::rate_limited", "600 s", "GITLAB_TOKEN")


def test_gitlab_that_takes_a_package_once(gitlab):
    gitlab.settings(reject_duplicates=True)
    with Opened(gitlab) as driver:
        put = driver.put_new("a-1.0.0.tar.gz", b"x")["object"]
        assert driver.run("remove", "a-1.0.0.tar.gz", put["revision"])["status"] == "ok"
        assert driver.put_new("b-1.0.0.tar.gz", b"y")["status"] == "ok"
        assert driver.put_new("a-1.0.0.tar.gz", b"x")["status"] == "ok"
        assert 400 in statuses(gitlab, "PUT")
        assert driver.get("a-1.0.0.tar.gz")["bytes"] == b"x"


def test_gitlab_without_a_package_registry(gitlab):
    with Opened(gitlab) as driver:
        gitlab.faults({"method": "PUT", "path": "/packages/", "do": "status", "status": 404,
                       "body": {"message": "404 Not Found"}})
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x"), "store::unsupported", "turned off")


def test_gitlab_file_that_is_too_large(gitlab):
    gitlab.settings(max_package_bytes=1000)
    with Opened(gitlab) as driver:
        refusal(driver.put_new("a-1.0.0.tar.gz", b"x" * 1001), "store::too_large", "1001")
        assert names(driver) == []
