"""Credentials and refusals of Google Cloud Storage, against a double of Google's endpoints."""
import json
import subprocess
import threading

import pytest

from doubles.google import BUCKET, LIMIT, PROVIDER, ROBOT, Google, error, xml_error
from servers import Driver


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                    "rsa_keygen_bits:2048", "-out", folder / "key.pem"], check=True,
                   capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", folder / "key.pem", "-pubout", "-out",
                    folder / "public.pem"], check=True)
    return folder


@pytest.fixture
def google(keys):
    with Google(keys / "public.pem") as double:
        yield double


@pytest.fixture
def opened(google, tmp_path):
    """A driver with nothing of this machine in its environment."""
    def open_store(env, *options, bucket=BUCKET, more=""):
        alone = {"HOME": str(tmp_path), "NO_GCE_CHECK": "true"}
        return Driver(f"gs://{bucket}/plugins?endpoint={google.base}{more}", {**alone, **env},
                      *options)
    return open_store


def credentials(tmp_path, value):
    path = tmp_path / "credentials.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(path)}


def service_account(google, keys):
    return {"type": "service_account", "project_id": "project", "private_key_id": "key-id",
            "private_key": (keys / "key.pem").read_text(), "client_email": ROBOT,
            "client_id": "1", "token_uri": google.base + "/token"}


def user(google):
    return {"type": "authorized_user", "client_id": "client", "client_secret": "client-secret",
            "refresh_token": "1//refresh", "token_uri": google.base + "/token"}


def external(google, source, **more):
    return {"type": "external_account", "audience": "//iam.googleapis.com/" + PROVIDER,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": google.base + "/v1/token", "credential_source": source, **more}


def impersonation(google):
    return f"{google.base}/v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken"


def assert_works(google, store, kind):
    """Writes and reads, with tokens of this kind, fetched once."""
    assert store.put_new("index.json", b"{}", 7)["status"] == "ok"
    got = store.get("index.json")
    assert (got["status"], got["bytes"], got["object"]["serial"]) == ("ok", b"{}", 7)
    assert kind in google.good_tokens.values()
    assert list(google.good_tokens.values()).count(kind) == 1


# Where credentials come from


@pytest.mark.parametrize("name", ["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"])
def test_a_token_in_the_environment(google, opened, name):
    with opened({name: google.issue("given")}) as store:
        assert_works(google, store, "given")
    assert google.count("token") == 0


def test_a_service_account_key(google, opened, keys, tmp_path):
    with opened(credentials(tmp_path, service_account(google, keys))) as store:
        assert_works(google, store, "service-account")


def test_what_gcloud_leaves(google, opened, tmp_path):
    folder = tmp_path / ".config" / "gcloud"
    folder.mkdir(parents=True)
    (folder / "application_default_credentials.json").write_text(json.dumps(user(google)))
    with opened({}) as store:
        assert_works(google, store, "user")
    moved = tmp_path / "elsewhere"
    folder.rename(moved)
    google.good_tokens.clear()
    google.objects.clear()
    with opened({"CLOUDSDK_CONFIG": str(moved)}) as store:
        assert_works(google, store, "user")


def test_the_metadata_server(google, opened):
    host = google.base.removeprefix("http://")
    with opened({"GCE_METADATA_HOST": host, "NO_GCE_CHECK": "false"}) as store:
        assert_works(google, store, "machine")


def test_federation_with_a_token_from_a_file(google, opened, tmp_path):
    (tmp_path / "jwt").write_text("identity-token\n")
    file = credentials(tmp_path, external(google, {"file": str(tmp_path / "jwt")}))
    with opened(file) as store:
        assert_works(google, store, "federated")


def test_federation_with_a_token_from_a_json_file(google, opened, tmp_path):
    (tmp_path / "jwt").write_text(json.dumps({"token": "identity-token"}))
    source = {"file": str(tmp_path / "jwt"),
              "format": {"type": "json", "subject_token_field_name": "token"}}
    with opened(credentials(tmp_path, external(google, source))) as store:
        assert_works(google, store, "federated")


@pytest.mark.parametrize("acts", [False, True])
def test_federation_with_a_token_from_a_runner(google, opened, tmp_path, acts):
    """The file that google-github-actions/auth writes."""
    source = {"url": f"{google.base}/runner?audience=https%3A%2F%2Fiam.googleapis.com%2F"
              + PROVIDER.replace("/", "%2F"),
              "headers": {"Authorization": "Bearer runner-secret"},
              "format": {"type": "json", "subject_token_field_name": "value"}}
    more = {"service_account_impersonation_url": impersonation(google)} if acts else {}
    with opened(credentials(tmp_path, external(google, source, **more))) as store:
        assert_works(google, store, "impersonated" if acts else "federated")


@pytest.mark.parametrize("runner", ["github", "gitlab"])
@pytest.mark.parametrize("acts", [False, True])
def test_federation_without_a_file(google, opened, runner, acts):
    env = {"GCP_WORKLOAD_IDENTITY_PROVIDER": PROVIDER, "GCP_STS_URL": google.base + "/v1/token",
           "GCP_IAM_CREDENTIALS_URL": google.base}
    env |= {"GCP_SERVICE_ACCOUNT": ROBOT} if acts else {}
    env |= {"INFLUXDB3_PLUGIN_ID_TOKEN": "identity-token"} if runner == "gitlab" else {
        "ACTIONS_ID_TOKEN_REQUEST_URL": google.base + "/runner?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-secret"}
    with opened(env) as store:
        assert_works(google, store, "impersonated" if acts else "federated")


def test_a_user_who_acts_as_a_service_account(google, opened, tmp_path):
    value = {"type": "impersonated_service_account", "source_credentials": user(google),
             "service_account_impersonation_url": impersonation(google), "delegates": []}
    with opened(credentials(tmp_path, value)) as store:
        assert_works(google, store, "impersonated")


def test_the_order(google, opened, keys, tmp_path):
    file = credentials(tmp_path, service_account(google, keys))
    env = {**file, "GOOGLE_OAUTH_ACCESS_TOKEN": google.issue("second"),
           "CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("first")}
    with opened(env) as store:
        assert store.get("index.json")["status"] == "absent"
    assert google.count("/token") == 0
    del env["CLOUDSDK_AUTH_ACCESS_TOKEN"], env["GOOGLE_OAUTH_ACCESS_TOKEN"]
    env["GCP_WORKLOAD_IDENTITY_PROVIDER"] = PROVIDER
    with opened(env) as store:
        assert store.get("index.json")["status"] == "absent"
    assert set(google.good_tokens.values()) == {"first", "second", "service-account"}


def test_public_reads_need_none(google, opened):
    google.is_public = True
    google.objects["plugins/index.json"] = (5, {
        "contentType": "application/json", "cacheControl": "no-cache", "crc32c": "yZRlqg=="},
        b"hello world")
    with opened({}, "--read") as store:
        assert store.get("index.json")["bytes"] == b"hello world"
        assert store.get("none.json")["status"] == "absent"
    assert google.calls == [("GET", "/bucket/plugins/index.json"),
                            ("GET", "/bucket/plugins/none.json")]


def test_a_private_bucket_asks_the_machine_then(google, opened):
    google.objects["plugins/index.json"] = (5, {
        "contentType": "application/json", "cacheControl": "no-cache", "crc32c": "yZRlqg=="},
        b"hello world")
    host = google.base.removeprefix("http://")
    with opened({"GCE_METADATA_HOST": host, "NO_GCE_CHECK": "false"}, "--read") as store:
        assert store.get("index.json")["status"] == "ok"
        assert store.get("index.json")["status"] == "ok"
    assert google.count("computeMetadata") == 1
    assert google.count("/bucket/") == 3


def test_public_reads_do_without_what_has_ended(google, opened, tmp_path):
    """A sign-in of long ago keeps nobody from reading what is public."""
    google.objects["plugins/index.json"] = (5, {
        "contentType": "application/json", "cacheControl": "no-cache", "crc32c": "yZRlqg=="},
        b"hello world")
    file = credentials(tmp_path, {**user(google), "refresh_token": "1//ended"})
    google.is_public = True
    with opened(file, "--read") as store:
        assert store.get("index.json")["bytes"] == b"hello world"
    google.is_public = False
    with opened(file, "--read") as store:
        failure(store.get("index.json"), "auth::exchange_failed", "expired or revoked")
    with opened(file) as store:
        failure(store.get("index.json"), "auth::exchange_failed", "expired or revoked")


def test_an_emulator_takes_none(google, tmp_path):
    google.is_public = True
    env = {"HOME": str(tmp_path), "STORAGE_EMULATOR_HOST": google.base.removeprefix("http://"),
           "CLOUDSDK_AUTH_ACCESS_TOKEN": "never-sent"}
    with Driver("gs://bucket/plugins", env, "--read") as store:
        assert store.list()["objects"] == []


# Tokens that end


def test_a_token_refused_is_fetched_anew(google, opened, keys, tmp_path):
    with opened(credentials(tmp_path, service_account(google, keys))) as store:
        assert store.put_new("index.json", b"{}")["status"] == "ok"
        google.good_tokens = {token: None for token in google.good_tokens}
        assert store.get("index.json")["status"] == "ok"
    assert google.count("/token") == 2


def test_a_short_token_is_fetched_anew_before_it_ends(google, opened, keys, tmp_path):
    google.lifetime_s = 1
    with opened(credentials(tmp_path, service_account(google, keys))) as store:
        import time
        store.get("index.json")
        time.sleep(0.6)  # half of its life
        store.get("index.json")
    assert google.count("/token") == 2


# What is refused, and how it is told


def failure(answer, code, *parts):
    assert (answer["status"], answer["code"]) == ("failed", code), answer
    for part in parts:
        assert part in answer["message"], answer["message"]
    for secret in ("PRIVATE KEY", "1//refresh", "client-secret", "ya29.", "identity-token",
                   "runner-secret"):
        assert secret not in json.dumps(answer)


def refused(store):
    """The answer of a driver that cannot open its store."""
    answer = store.get("index.json")
    assert store.close() == 1
    return answer


def test_none_at_all(opened):
    with opened({}) as store:
        failure(store.get("index.json"), "auth::no_credentials",
                "CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "NO_GCE_CHECK")


def test_a_machine_of_somebody_else(google, opened):
    google.script.append(("GET", "/computeMetadata/", (404, {}, b"404 page not found")))
    host = google.base.removeprefix("http://")
    with opened({"GCE_METADATA_HOST": host, "NO_GCE_CHECK": "false"}) as store:
        failure(store.get("index.json"), "auth::no_credentials", "none of Google's")


@pytest.mark.parametrize("content, part", [
    ("{", "is not JSON"), ("[]", "`type`"), ({"type": "x"}, "`type`"),
    ({"type": "service_account", "client_email": "a"}, "no `private_key`"),
    ({"type": "authorized_user", "client_id": "a", "client_secret": "b"}, "no `refresh_token`"),
    ({"type": "external_account", "audience": "a", "subject_token_type": "b",
      "credential_source": {"executable": {"command": "x"}}}, "executables"),
])
def test_files_that_are_no_credentials(opened, tmp_path, content, part):
    failure(refused(opened(credentials(tmp_path, content))), "auth::invalid_credentials", part,
            str(tmp_path / "credentials.json"))


def test_a_key_that_is_none(google, opened, keys, tmp_path):
    value = {**service_account(google, keys), "private_key": "no key"}
    with opened(credentials(tmp_path, value)) as store:
        failure(store.get("index.json"), "auth::invalid_credentials", "cannot sign", ROBOT)


def test_a_file_that_is_not_there(opened, tmp_path):
    store = opened({"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "none")})
    failure(refused(store), "auth::invalid_credentials", "no such file",
            "GOOGLE_APPLICATION_CREDENTIALS")


def test_an_exchange_that_is_refused(google, opened, tmp_path):
    (tmp_path / "jwt").write_text("token-of-another")
    file = credentials(tmp_path, external(google, {"file": str(tmp_path / "jwt")}))
    with opened(file) as store:
        failure(store.get("index.json"), "auth::exchange_failed", "invalid_grant",
                "does not match the expected audience", str(tmp_path / "credentials.json"))


def test_acting_that_is_not_allowed(google, opened, keys, tmp_path):
    value = {"type": "impersonated_service_account",
             "source_credentials": service_account(google, keys),
             "service_account_impersonation_url": impersonation(google)}
    with opened(credentials(tmp_path, value)) as store:
        failure(store.get("index.json"), "auth::exchange_failed",
                "iam.serviceAccounts.getAccessToken")


@pytest.mark.parametrize("ahead_s, words", [(1200, "behind"), (-1200, "ahead of")])
def test_a_clock_that_is_wrong(google, opened, keys, tmp_path, ahead_s, words):
    google.clock_ahead_s = ahead_s
    with opened(credentials(tmp_path, service_account(google, keys))) as store:
        failure(store.get("index.json"), "store::clock_skew", "minutes " + words)


def test_a_runner_without_identity(opened):
    store = opened({"GCP_WORKLOAD_IDENTITY_PROVIDER": PROVIDER})
    failure(refused(store), "auth::no_credentials", "id-token: write")


def test_no_such_bucket(google, opened):
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}, bucket="other") as store:
        for answer in (store.get("index.json"), store.put_new("a", b"x"), store.list(),
                       store.run("prepare")):
            failure(answer, "store::not_found", "no bucket `other`")


def test_permissions_that_are_missing(google, opened):
    google.permissions -= {"storage.objects.create", "storage.objects.delete"}
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        failure(store.run("prepare"), "store::access_denied",
                "storage.objects.create, storage.objects.delete", "roles/storage.objectUser")
    google.permissions |= {"storage.objects.create", "storage.objects.delete"}
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        assert store.run("prepare")["status"] == "ok"


CREATE = ("robot@project.iam.gserviceaccount.com does not have storage.objects.create access to "
          "the Google Cloud Storage object. Permission 'storage.objects.create' denied on "
          "resource (or it may not exist).")


@pytest.mark.parametrize("answer, code, parts", [
    (error(403, "forbidden", CREATE), "store::access_denied",
     ["storage.objects.create", "roles/storage.objectUser", "CLOUDSDK_AUTH_ACCESS_TOKEN"]),
    (error(403, "insufficientPermissions",
           "Request had insufficient authentication scopes."), "auth::insufficient_scope",
     ["devstorage.read_write"]),
    (error(403, "accountDisabled",
           "The billing account for the owning project is disabled in state absent"),
     "store::access_denied", ["billing"]),
    (error(400, "required",
           "Bucket is a requester pays bucket but no user project provided."),
     "store::access_denied", ["?user_project=PROJECT"]),
    (error(401, "authError", "Invalid Credentials"), "auth::unauthorized",
     ["CLOUDSDK_AUTH_ACCESS_TOKEN", "Invalid Credentials"]),
    (error(413, "uploadTooLarge", "too large"), "store::too_large", []),
    ((400, {}, b"garbage"), "store::bad_response", ["400"]),
])
def test_refusals(google, opened, answer, code, parts):
    google.script += [("POST", "/upload/", answer)] * 2
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        failure(store.put_new("a-1.0.0.tar.gz", b"x"), code, *parts)


def test_who_pays(google, opened):
    token = {"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}
    seen = []
    plain = google.answer
    google.answer = lambda call: (seen.append(call.headers.get("x-goog-user-project")),
                                  plain(call))[1]
    with opened(token, more="&user_project=payer") as store:
        assert store.put_new("a", b"x")["status"] == "ok"
        assert store.get("a")["status"] == "ok"
    with opened(token) as store:
        assert store.get("a")["status"] == "ok"
    assert seen == ["payer", "payer", None]


def test_one_write_a_second_is_waited_for(google, opened):
    """429 to more tries than one request makes: the write goes through all the same."""
    google.script += [("POST", "/upload/", error(429, "rateLimitExceeded", LIMIT.format("index.json")))] * 6
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        assert store.put_new("index.json", b"{}")["status"] == "ok"
    assert google.count("/upload/") == 7


@pytest.mark.full
def test_many_who_write_one_name(google, opened):
    """Eight writers, two changes each, one write a second: all get through, none is lost."""
    google.limits_writes = True
    token = {"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}
    wrong = []

    def write(store):
        for _ in range(2):
            status = "conflict"
            while status == "conflict":
                seen = store.get("index.json")
                more = str(int(seen["bytes"]) + 1).encode()
                answer = store.replace("index.json", more, seen["object"]["revision"])
                status = answer["status"]
            if status != "ok":
                wrong.append(answer)
    with opened(token) as store:
        assert store.put_new("index.json", b"0")["status"] == "ok"
        stores = [opened(token) for _ in range(8)]
        writers = [threading.Thread(target=write, args=(one,)) for one in stores]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        assert [one.close() for one in stores] == [0] * 8
        assert (wrong, store.get("index.json")["bytes"]) == ([], b"16")


def test_an_answer_lost_after_it_took_effect(google, opened):
    """503 to a write that was made: of a new object it is there, of the index not known."""
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        first = store.put_new("index.json", b"1")["object"]["revision"]
        plain = google.answer
        lost = []

        def losing(call):
            answer = plain(call)
            if call.method == "POST" and not lost:
                lost.append(call)
                return error(500, "backendError", "Backend Error")
            return answer
        google.answer = losing
        assert store.put_new("a-1.0.0.tar.gz", b"x")["status"] == "exists"
        lost.clear()
        assert store.replace("index.json", b"2", first)["status"] == "uncertain"
        assert store.get("index.json")["bytes"] == b"2"


def test_bytes_that_are_not_those_of_the_checksum(google, opened):
    google.objects["plugins/index.json"] = (5, {
        "contentType": "application/json", "cacheControl": "no-cache", "crc32c": "yZRlqg=="},
        b"hello_world")
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        failure(store.get("index.json"), "store::bad_response", "checksum")


def test_lists_over_pages(google, opened):
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        names = [f"index-{number:06}.json" for number in range(1, 8)]
        for name in reversed(names):
            assert store.put_new(name, b"x")["status"] == "ok"
        found = store.list("index-")["objects"]
        assert [one["name"] for one in found] == names
        assert all(one["modified"] == 1795627899 and one["size"] == 1 for one in found)
    assert google.count("pageToken") == 3


def test_a_list_without_end(google, opened):
    google.answer = lambda call: (200, {}, {"items": [], "nextPageToken": str(len(google.calls))})
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        failure(store.list(), "store::bad_response", "no end")
    assert len(google.calls) == 1000


def test_how_objects_are_kept(google, opened):
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        store.put_new("index.json", b"hello world", 3)
        store.put_new("a-1.0.0+b.tar.gz", b"\r\n--x\r\n")
    _, index, _ = google.objects["plugins/index.json"]
    assert index == {"name": "plugins/index.json", "contentType": "application/json",
                     "cacheControl": "no-cache", "crc32c": "yZRlqg==",
                     "metadata": {"i3p-serial": "3"}}
    _, artifact, content = google.objects["plugins/a-1.0.0+b.tar.gz"]
    assert artifact["contentType"] == "application/gzip"
    assert artifact["cacheControl"] == "public, max-age=31536000, immutable"
    assert content == b"\r\n--x\r\n"


def test_denied_reads_of_xml(google, opened):
    google.script.append(("GET", "/bucket/", xml_error(
        403, "AccessDenied", "Access denied.", "robot does not have storage.objects.get access")))
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        failure(store.get("index.json"), "store::access_denied", "storage.objects.get",
                "roles/storage.objectUser")


@pytest.mark.parametrize("words", [("get", "index.json", "/nonexistent/out"), ("list", "")])
def test_tokens_go_over_tls_alone(tmp_path, words):
    """192.0.2.1 is nobody's: were anything sent, this would end in another error."""
    env = {"HOME": str(tmp_path), "CLOUDSDK_AUTH_ACCESS_TOKEN": "ya29.x"}
    with Driver("gs://bucket/plugins?endpoint=http://192.0.2.1", env, "--read") as store:
        answer = store.run(*words)
        failure(answer, "store::insecure")
        assert answer["requests"] == 0


def test_redirects_are_not_followed(google, opened):
    google.script.append(("GET", "/bucket/", (302, {"Location": google.base + "/elsewhere"}, b"")))
    with opened({"CLOUDSDK_AUTH_ACCESS_TOKEN": google.issue("x")}) as store:
        failure(store.get("index.json"), "store::bad_response", "302")
    assert google.count("elsewhere") == 0
