"""Where S3 credentials come from, each way against a strict double of the service behind it."""
import contextlib
import json

import pytest

from aws_double import (AWS, CHAINED, CONTAINER_TOKEN, REGION, REQUEST_TOKEN, ROLE, SECRETS,
                        TOKENS, WEB_TOKEN, error)
from raw_server import Raw, ok
from servers import Driver

HIDDEN = [*SECRETS.values(), *TOKENS.values(), WEB_TOKEN, REQUEST_TOKEN, CONTAINER_TOKEN]


@pytest.fixture
def aws():
    with AWS() as server:
        yield server


def base_env(aws, **more):
    """All services are the double; nothing of the machine's own is seen."""
    return {"AWS_ENDPOINT_URL": aws.base, "AWS_REGION": REGION, "HOME": "/nowhere",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.base, "AWS_EC2_METADATA_DISABLED": "true",
            **more}


def shared(tmp_path, config="", credentials=""):
    (tmp_path / "config").write_text(config)
    (tmp_path / "credentials").write_text(credentials)
    return {"AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}


def read(env, *names):
    """The answers of one store; no secret may show in them."""
    with Driver("s3://bucket/plugins", env) as store:
        answers = [store.get(name) for name in names or ["index.json"]]
    for answer in answers:
        assert not any(text in json.dumps(answer, default=str) for text in HIDDEN)
    return answers if names else answers[0]


def assert_read_as(aws, key, env):
    answer = read(env)
    assert answer["status"] == "absent", (answer, aws.refusals)
    assert aws.readers == {key} and aws.refusals == []


def test_environment(aws):
    assert_read_as(aws, "AKIAENV", base_env(aws, AWS_ACCESS_KEY_ID="AKIAENV",
                                            AWS_SECRET_ACCESS_KEY=SECRETS["AKIAENV"]))


def test_environment_of_a_session(aws):
    assert_read_as(aws, "ASIAROLE", base_env(
        aws, AWS_ACCESS_KEY_ID="ASIAROLE", AWS_SECRET_ACCESS_KEY=SECRETS["ASIAROLE"],
        AWS_SESSION_TOKEN=TOKENS["ASIAROLE"]))


def test_half_an_environment(aws):
    answer = read(base_env(aws, AWS_ACCESS_KEY_ID="AKIAENV"))
    assert answer["code"] == "auth::invalid_credentials"
    assert "AWS_SECRET_ACCESS_KEY" in answer["message"] and aws.requests == []


def test_token_file(aws, tmp_path):
    (tmp_path / "token").write_text(WEB_TOKEN + "\n")
    assert_read_as(aws, "ASIAROLE", base_env(
        aws, AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=str(tmp_path / "token")))


def test_github_actions(aws):
    assert_read_as(aws, "ASIAROLE", base_env(
        aws, AWS_ROLE_ARN=ROLE, ACTIONS_ID_TOKEN_REQUEST_TOKEN=REQUEST_TOKEN,
        ACTIONS_ID_TOKEN_REQUEST_URL=aws.base + "/actions?api-version=2.0"))


def test_gitlab(aws):
    assert_read_as(aws, "ASIAROLE", base_env(aws, AWS_ROLE_ARN=ROLE,
                                             INFLUXDB3_PLUGIN_ID_TOKEN=WEB_TOKEN))


def test_profile_with_keys(aws, tmp_path):
    files = shared(tmp_path, "[profile work]\nregion = eu-central-1\n",
                   "[default]\naws_access_key_id = AKIAENV\naws_secret_access_key = wrong\n"
                   "[work]\naws_access_key_id = AKIAPROFILE\n"
                   f"aws_secret_access_key = {SECRETS['AKIAPROFILE']}\n")
    env = base_env(aws, AWS_PROFILE="work", **files)
    del env["AWS_REGION"]
    assert_read_as(aws, "AKIAPROFILE", env)


def test_default_profile_and_its_endpoint(aws, tmp_path):
    files = shared(tmp_path, f"[default]\nregion = {REGION}\nendpoint_url = {aws.base}\n"
                   "aws_access_key_id = AKIAPROFILE\n"
                   f"aws_secret_access_key = {SECRETS['AKIAPROFILE']}\n")
    env = base_env(aws, **files)
    del env["AWS_ENDPOINT_URL"]
    assert_read_as(aws, "AKIAPROFILE", env)


def chained(tmp_path, source):
    return shared(tmp_path, "[profile chained]\n" f"role_arn = {CHAINED}\n{source}\n"
                  "external_id = external/1\nrole_session_name = nightly\n"
                  "[profile base]\naws_access_key_id = AKIAPROFILE\n"
                  f"aws_secret_access_key = {SECRETS['AKIAPROFILE']}\n")


@pytest.mark.parametrize("source", ["source_profile = base", "credential_source = Environment",
                                    "credential_source = Ec2InstanceMetadata",
                                    "credential_source = EcsContainer"])
def test_profile_with_a_role(aws, tmp_path, source):
    env = base_env(aws, AWS_PROFILE="chained", AWS_EC2_METADATA_DISABLED="false",
                   AWS_CONTAINER_CREDENTIALS_FULL_URI=aws.base + "/container",
                   AWS_CONTAINER_AUTHORIZATION_TOKEN=CONTAINER_TOKEN,
                   **chained(tmp_path, source))
    if "Environment" in source:  # which comes first in the order of places, too
        env |= {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": SECRETS["AKIAENV"]}
        assert_read_as(aws, "AKIAENV", env)
        return
    assert_read_as(aws, "ASIACHAINED", env)
    [assumed] = [one for one in aws.requests if one.method == "POST"]
    assert b"RoleSessionName=nightly" in assumed.body


def test_profile_with_a_token_file(aws, tmp_path):
    (tmp_path / "token").write_text(WEB_TOKEN)
    files = shared(tmp_path, f"[default]\nrole_arn = {ROLE}\n"
                   f"web_identity_token_file = {tmp_path}/token\n")
    assert_read_as(aws, "ASIAROLE", base_env(aws, **files))


def test_profile_with_a_program(aws, tmp_path):
    answer = {"Version": 1, "AccessKeyId": "ASIAPROCESS",
              "SecretAccessKey": SECRETS["ASIAPROCESS"], "SessionToken": TOKENS["ASIAPROCESS"],
              "Expiration": "2099-01-01T00:00:00Z"}
    (tmp_path / "an answer").write_text(json.dumps(answer))
    files = shared(tmp_path, f'[default]\ncredential_process = cat "{tmp_path}/an answer"\n')
    assert_read_as(aws, "ASIAPROCESS", base_env(aws, **files))


@pytest.mark.parametrize("content, profile, said", [
    ("[profile a]\nregion = x\n", "missing", "none of the shared AWS files"),
    ("[profile a]\nsso_session = s\n", "a", "export-credentials"),
    ("[profile a]\ncredential_process = false\n", "a", "status 1"),
    ("[profile a]\ncredential_process = echo {}\n", "a", "lack"),
    ("[profile a]\ncredential_process = echo secret-text\n", "a", "JSON"),
    ("[profile a]\naws_access_key_id = AKIAENV\n", "a", "secret"),
    ("[profile a]\nrole_arn = r\n", "a", "source_profile"),
    ("[profile a]\nrole_arn = r\nsource_profile = a\n", "a", "without credentials"),
    ("[profile a]\nrole_arn = r\nsource_profile = b\n"
     "[profile b]\nrole_arn = r\nsource_profile = a\n", "a", "without end"),
    ("[profile a]\nrole_arn = r\nsource_profile = gone\n", "a", "`gone`"),
    ("[profile a]\nrole_arn = r\nmfa_serial = m\nsource_profile = a\n", "a", "second factor"),
    ("[profile a]\nrole_arn = r\ncredential_source = Moon\n", "a", "credential_source"),
    ("[profile a]\nrole_arn = r\nweb_identity_token_file = /nowhere/t\n", "a", "/nowhere/t"),
])
def test_profiles_that_are_no_good(aws, tmp_path, content, profile, said):
    answer = read(base_env(aws, AWS_PROFILE=profile, **shared(tmp_path, content)))
    assert answer["code"] == "auth::invalid_credentials"
    assert said in answer["message"] and "secret-text" not in answer["message"]
    assert aws.requests == []


def test_container(aws, tmp_path):
    env = base_env(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI=aws.base + "/container")
    assert_read_as(aws, "ASIACONTAINER",
                   {**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": CONTAINER_TOKEN})
    (tmp_path / "token").write_text(CONTAINER_TOKEN + "\n")
    assert_read_as(aws, "ASIACONTAINER",
                   {**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token")})


def test_container_that_refuses(aws):
    answer = read(base_env(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI=aws.base + "/container"))
    assert answer["code"] == "auth::exchange_failed" and "401" in answer["message"]


def test_a_container_far_away_gets_no_token(aws):
    answer = read(base_env(aws, AWS_CONTAINER_AUTHORIZATION_TOKEN=CONTAINER_TOKEN,
                           AWS_CONTAINER_CREDENTIALS_FULL_URI="http://metadata.invalid/x"))
    assert answer["code"] == "store::insecure"


def test_instance(aws):
    assert_read_as(aws, "ASIAINSTANCE", base_env(aws, AWS_EC2_METADATA_DISABLED="false"))


def test_the_order_of_places(aws, tmp_path):
    (tmp_path / "token").write_text(WEB_TOKEN)
    env = base_env(aws, AWS_EC2_METADATA_DISABLED="false")
    assert_read_as(aws, "ASIAINSTANCE", env)
    for key, more in (
            ("ASIACONTAINER", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.base + "/container",
                               "AWS_CONTAINER_AUTHORIZATION_TOKEN": CONTAINER_TOKEN}),
            ("AKIAPROFILE", shared(tmp_path, "[default]\naws_access_key_id = AKIAPROFILE\n"
                                   f"aws_secret_access_key = {SECRETS['AKIAPROFILE']}\n")),
            ("ASIAROLE", {"AWS_ROLE_ARN": ROLE,
                          "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token")}),
            ("AKIAENV", {"AWS_ACCESS_KEY_ID": "AKIAENV",
                         "AWS_SECRET_ACCESS_KEY": SECRETS["AKIAENV"]})):
        env |= more
        aws.readers.clear()
        assert_read_as(aws, key, env)


def test_nobody(aws):
    """Public reads do without; a write does not begin."""
    aws.objects["/bucket/plugins/index.json"] = b"{}"
    with Driver("s3://bucket/plugins", base_env(aws)) as store:
        assert store.get("index.json")["bytes"] == b"{}"
        answer = store.put_new("x.tar.gz", b"x")
    assert answer["code"] == "auth::no_credentials" and "AWS_ROLE_ARN" in answer["message"]
    assert [one.method for one in aws.requests] == ["GET"]
    assert aws.requests[0].header("authorization") is None


def test_credentials_are_fetched_once(aws):
    env = base_env(aws, AWS_ROLE_ARN=ROLE, INFLUXDB3_PLUGIN_ID_TOKEN=WEB_TOKEN)
    assert {one["status"] for one in read(env, "a", "b", "c")} == {"absent"}
    assert aws.count("POST /") == 1


def test_credentials_are_fetched_anew_before_they_end(aws):
    aws.lifetime_s = 120
    env = base_env(aws, AWS_ROLE_ARN=ROLE, INFLUXDB3_PLUGIN_ID_TOKEN=WEB_TOKEN)
    assert {one["status"] for one in read(env, "a", "b", "c")} == {"absent"}
    assert aws.count("POST /") == 3


def test_what_is_still_valid_outlives_a_failure(aws):
    aws.lifetime_s = 120
    env = base_env(aws, AWS_ROLE_ARN=ROLE, INFLUXDB3_PLUGIN_ID_TOKEN=WEB_TOKEN)
    with Driver("s3://bucket/plugins", env) as store:
        assert store.get("a")["status"] == "absent"
        aws.fails_now = True
        assert store.get("b")["status"] == "absent"
    assert aws.count("POST /") == 2


def test_roles_that_are_refused(aws):
    answer = read(base_env(aws, AWS_ROLE_ARN=ROLE, INFLUXDB3_PLUGIN_ID_TOKEN="another.token"))
    assert answer["code"] == "auth::exchange_failed"
    assert "InvalidIdentityToken" in answer["message"] and ROLE in answer["message"]
    assert "another.token" not in answer["message"]


def test_actions_that_refuse(aws):
    answer = read(base_env(aws, AWS_ROLE_ARN=ROLE, ACTIONS_ID_TOKEN_REQUEST_TOKEN="wrong-one",
                           ACTIONS_ID_TOKEN_REQUEST_URL=aws.base + "/actions?api-version=2.0"))
    assert answer["code"] == "auth::exchange_failed"
    assert "id-token: write" in answer["message"] and "wrong-one" not in answer["message"]


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": SECRETS["AKIAENV"]}
HERE = {"AWS_REGION": "us-east-1", "HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"}
ANSWERS = {
    "no bucket": (error("404 Not Found", "NoSuchBucket"), "store::not_found", "`bucket`"),
    "another region": (ok(b"", "301 Moved", x_amz_bucket_region="eu-west-3"),
                       "store::wrong_region", "`eu-west-3`"),
    "another region, told by the signature": (
        error("400 Bad Request", "AuthorizationHeaderMalformed", "expecting",
              "<Region>eu-west-3</Region>"), "store::wrong_region", "`eu-west-3`"),
    "another endpoint": (error("301 Moved", "PermanentRedirect"), "store::wrong_region",
                         "`us-east-1`"),
    "clock": (error("403 Forbidden", "RequestTimeTooSkewed"), "store::clock_skew", "clock"),
    "unknown key": (error("403 Forbidden", "InvalidAccessKeyId"), "auth::unauthorized",
                    "the environment"),
    "wrong secret": (error("403 Forbidden", "SignatureDoesNotMatch"), "auth::unauthorized",
                     "signature"),
    "over": (error("400 Bad Request", "ExpiredToken"), "auth::unauthorized", "expired"),
    "denied": (error("403 Forbidden", "AccessDenied"), "store::access_denied",
               "s3:ListBucket"),
    "full": (error("507 Full", "XMinioStorageFull"), "store::no_space", "507"),
    "not known": (error("501 Not Implemented", "NotImplemented"), "store::unsupported", "501"),
    "too fast": (ok(b"<Error><Code>SlowDown</Code></Error>", "503 Slow Down",
                    Retry_After="9999"), "store::rate_limited", "SlowDown"),
    "a page": (ok(b"<html>hello", "400 Bad Request"), "store::bad_response", "400"),
    "a teapot": (ok(b"", "418 Teapot"), "store::bad_response", "418"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_in_words(kind):
    answer, code, said = ANSWERS[kind]
    with Raw(answer) as server, \
            Driver(f"s3://bucket/p?endpoint={server.base}", {**HERE, **KEYS}) as store:
        got = store.get("index.json")
    assert (got["status"], got["code"]) == ("failed", code), got
    assert said in got["message"] and SECRETS["AKIAENV"] not in got["message"]
    assert len(server.requests) == 1


def test_a_private_bucket_without_credentials():
    with Raw(error("403 Forbidden", "AccessDenied")) as server, \
            Driver(f"s3://bucket/p?endpoint={server.base}", HERE) as store:
        got = store.get("index.json")
    assert got["code"] == "auth::no_credentials" and "not public" in got["message"]


def test_writes_that_may_have_happened():
    with Raw(error("500 Oops", "InternalError")) as server, \
            Driver(f"s3://bucket/p?endpoint={server.base}", {**HERE, **KEYS}) as store:
        assert store.put_new("a", b"x")["status"] == "uncertain"
        before = len(server.requests)
        assert before == 5  # it may be repeated: the condition is sent along
        assert {one.header("if-none-match") for one in server.requests} == {"*"}


def test_conflicts_of_two_writes_are_tried_again():
    busy = error("409 Conflict", "ConditionalRequestConflict")
    with Raw(busy, busy, ok(b"", ETag='"7"')) as server, \
            Driver(f"s3://bucket/p?endpoint={server.base}", {**HERE, **KEYS}) as store:
        answer = store.replace("index.json", b"{}", '"6"', 8)
    assert (answer["status"], answer["object"]["revision"]) == ("ok", '"7"')
    for request in server.requests:
        assert request.header("if-match") == '"6"'
        assert request.header("x-amz-meta-i3p-serial") == "8"
        assert request.header("cache-control") == "no-cache"
        assert request.header("content-type") == "application/json"


def test_a_replacement_that_took_effect_unheard():
    """The first try was lost, the second meets what the first wrote."""
    lost = ok(b"", "502 Bad Gateway", Retry_After="0")
    changed = error("412 Precondition Failed", "PreconditionFailed")
    own = ok(b"{}", ETag='"7"', x_amz_meta_i3p_serial="8")
    other = ok(b"[]", ETag='"9"', x_amz_meta_i3p_serial="8")
    for there, status in ((own, "ok"), (other, "conflict")):
        with Raw(lost, changed, there) as server, \
                Driver(f"s3://bucket/p?endpoint={server.base}", {**HERE, **KEYS}) as store:
            answer = store.replace("index.json", b"{}", '"6"', 8)
        assert answer["status"] == status
        assert [one.method for one in server.requests] == ["PUT", "PUT", "GET"]


def test_removing_where_the_condition_is_not_known():
    with Raw(error("501 No", "NotImplemented"), ok(b"", "204 No Content")) as server, \
            Driver(f"s3://bucket/p?endpoint={server.base}", {**HERE, **KEYS}) as store:
        assert store.run("remove", "x", '"1"')["status"] == "ok"
    assert [one.header("if-match") for one in server.requests] == ['"1"', None]


LISTS = {
    "no XML": b"hello",
    "another document": b"<Other/>",
    "cut off": b"<ListBucketResult><Contents><Key>p/a</Key>",
    "no next page": b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    "the same page for ever": b"<ListBucketResult><IsTruncated>true</IsTruncated>"
                              b"<NextContinuationToken>t</NextContinuationToken>"
                              b"</ListBucketResult>",
    "entities": b'<!DOCTYPE a [<!ENTITY x "y">]><ListBucketResult/>',
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_that_are_none(kind):
    with Raw(ok(LISTS[kind])) as server, \
            Driver(f"s3://bucket/p?endpoint={server.base}", {**HERE, **KEYS}) as store:
        answer = store.list()
    assert (answer["status"], answer["code"]) == ("failed", "store::bad_response")
    assert len(server.requests) <= 2


def about(location, env):
    with Driver(location, env) as store:
        return store.run("about")


def test_addresses():
    env = {**HERE, "AWS_REGION": "eu-central-1"}
    for location, url in (
            ("s3://bucket/a/b", "https://bucket.s3.eu-central-1.amazonaws.com/a/b"),
            ("s3://bucket", "https://bucket.s3.eu-central-1.amazonaws.com"),
            ("s3://bucket?region=cn-north-1", "https://bucket.s3.cn-north-1.amazonaws.com.cn"),
            ("s3://my.bucket/a", "https://s3.eu-central-1.amazonaws.com/my.bucket/a"),
            ("s3://bucket/a?path-style=true",
             "https://s3.eu-central-1.amazonaws.com/bucket/a"),
            ("s3://bucket/a?endpoint=https://s3.example:9000/",
             "https://s3.example:9000/bucket/a"),
            ("s3://bucket/a?endpoint=https://s3.example&path-style=false",
             "https://bucket.s3.example/a")):
        assert about(location, env)["artifacts_url"] == url
    assert about("s3://bucket?mode=journal", env)["mode"] == "journal-locked"
    overwrite = about("s3://bucket?mode=overwrite", env)
    assert overwrite["mode"] == "overwrite" and overwrite["needs_exclusive"]


def test_names_that_readers_would_not_find():
    for location, is_refused in (
            ("s3://bucket/a", True), ("s3://bucket?endpoint=http://127.0.0.1:9", False),
            ("s3://bucket?endpoint=https://s3.eu-west-1.amazonaws.com", True),
            ("s3://bucket?endpoint=https://vpce-1.s3.eu-west-1.vpce.amazonaws.com:443/", True)):
        with Driver(location, HERE) as store:
            assert store.run("admit", "a-1.0.0.tar.gz")["status"] == "ok"
            answer = store.run("admit", "a-1.0.0.tar.gz", "a-1.0.0+b.tar.gz")
        assert answer["status"] == ("failed" if is_refused else "ok")
        assert not is_refused or answer["code"] == "store::name_refused"


def test_locations_that_are_no_good():
    for location in ("s3://a", "s3://-bucket", "s3://bucket?mode=other",
                     "s3://bucket?region=a/b", "s3://bucket?path-style=maybe",
                     "s3://bucket?endpoint=ftp://x", "s3://bucket?endpoint=https://x?y"):
        driver = Driver(location, HERE)
        answer = driver.run("about")
        with contextlib.suppress(BrokenPipeError):  # it has ended by itself
            driver.close()
        assert answer["code"] == "usage::invalid_location", location
