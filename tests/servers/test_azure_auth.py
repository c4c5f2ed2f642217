"""Credentials and refusals of Azure Blob Storage: tokens against a double of Azure's endpoints,
signatures against Azurite, which checks them.
"""
import base64
import datetime
import hashlib
import hmac
import json
import urllib.parse

import pytest

from doubles.microsoft import ACCOUNT, CLIENT, CONTAINER, TENANT, Microsoft, error
from servers import Azurite, Driver

LOGIN = {"AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT}


@pytest.fixture
def azure():
    with Microsoft() as double:
        yield double


@pytest.fixture
def opened(azure, tmp_path):
    """A driver with nothing of this machine in its environment."""
    def open_store(env, *options, container=CONTAINER):
        alone = {"HOME": str(tmp_path), "AZURE_AUTHORITY_HOST": azure.base,
                 "AZURE_IMDS_DISABLED": "true"}
        return Driver(f"az://{ACCOUNT}/{container}/plugins?endpoint={azure.base}",
                      {**alone, **env}, *options)
    return open_store


def assert_works(azure, store, kind):
    """Writes and reads, with tokens of this kind, fetched once."""
    assert store.put_new("index.json", b"{}", 7)["status"] == "ok"
    got = store.get("index.json")
    assert (got["status"], got["bytes"], got["object"]["serial"]) == ("ok", b"{}", 7)
    assert list(azure.good_tokens.values()) == [kind]


def secret_env(azure):
    return {**LOGIN, "AZURE_CLIENT_SECRET": "the-secret~"}


# Where credentials come from


def test_a_federated_token_from_a_file(azure, opened, tmp_path):
    (tmp_path / "jwt").write_text("identity-token\n")
    with opened({**LOGIN, "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "jwt")}) as store:
        assert_works(azure, store, "federated")


@pytest.mark.parametrize("runner", ["github", "gitlab"])
def test_a_federated_token_from_a_runner(azure, opened, runner):
    env = {"INFLUXDB3_PLUGIN_ID_TOKEN": "identity-token"} if runner == "gitlab" else {
        "ACTIONS_ID_TOKEN_REQUEST_URL": azure.base + "/runner?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-secret"}
    with opened({**LOGIN, **env}) as store:
        assert_works(azure, store, "federated")


def test_a_client_secret(azure, opened):
    with opened(secret_env(azure)) as store:
        assert_works(azure, store, "secret")


def test_managed_identity_of_a_service(azure, opened):
    env = {"IDENTITY_ENDPOINT": azure.base + "/msi/token", "IDENTITY_HEADER": "header-secret"}
    with opened(env) as store:
        assert_works(azure, store, "endpoint")


@pytest.mark.parametrize("env, kind", [({}, "machine"),
                                       ({"AZURE_CLIENT_ID": CLIENT}, "machine-" + CLIENT)])
def test_managed_identity_of_a_machine(azure, opened, env, kind):
    with opened({"AZURE_POD_IDENTITY_AUTHORITY_HOST": azure.base, "AZURE_IMDS_DISABLED": "no",
                 **env}) as store:
        assert_works(azure, store, kind)


def test_the_order(azure, opened, tmp_path):
    (tmp_path / "jwt").write_text("identity-token")
    env = {**secret_env(azure), "IDENTITY_ENDPOINT": azure.base + "/msi/token",
           "IDENTITY_HEADER": "header-secret"}
    with opened(env) as store:
        assert store.get("index.json")["status"] == "absent"
    env["AZURE_FEDERATED_TOKEN_FILE"] = str(tmp_path / "jwt")
    with opened(env) as store:
        assert store.get("index.json")["status"] == "absent"
    assert list(azure.good_tokens.values()) == ["secret", "federated"]
    env["AZURE_STORAGE_KEY"] = base64.b64encode(b"key").decode()
    env["AZURE_STORAGE_SAS_TOKEN"] = "?sv=2021-08-06&sp=r&sig=c2ln"
    azure.is_public = True
    with opened(env) as store:
        assert store.get("index.json")["status"] == "absent"
    assert azure.calls[-1] == (
        "GET", f"/{CONTAINER}/plugins/index.json?sv=2021-08-06&sp=r&sig=c2ln")
    del env["AZURE_STORAGE_SAS_TOKEN"]
    seen = []
    plain = azure.answer
    azure.answer = lambda call: (seen.append(call.headers.get("Authorization")), plain(call))[1]
    with opened(env) as store:
        assert store.get("index.json")["status"] == "absent"
    assert seen[0].startswith(f"SharedKey {ACCOUNT}:")
    assert len(azure.good_tokens) == 2


def test_public_reads_need_none(azure, opened):
    azure.is_public = True
    azure.blobs["plugins/index.json"] = ('"0x1"', {"x-ms-meta-i3pserial": "4"}, b"{}")
    with opened({}, "--read") as store:
        got = store.get("index.json")
        assert (got["bytes"], got["object"]["serial"]) == (b"{}", 4)
        assert store.get("none.json")["status"] == "absent"
    assert [target for _, target in azure.calls] == [
        f"/{CONTAINER}/plugins/index.json", f"/{CONTAINER}/plugins/none.json"]


def test_public_reads_do_without_what_has_ended(azure, opened):
    azure.blobs["plugins/index.json"] = ('"0x1"', {}, b"{}")
    ended = {**LOGIN, "AZURE_CLIENT_SECRET": "ended-secret"}
    azure.is_public = True
    with opened(ended, "--read") as store:
        assert store.get("index.json")["bytes"] == b"{}"
    azure.is_public = False
    with opened(ended, "--read") as store:
        failure(store.get("index.json"), "auth::exchange_failed", "AADSTS7000215")


def test_a_private_container_asks_the_machine_then(azure, opened):
    azure.blobs["plugins/index.json"] = ('"0x1"', {}, b"{}")
    with opened({"AZURE_POD_IDENTITY_AUTHORITY_HOST": azure.base, "AZURE_IMDS_DISABLED": "no"},
                "--read") as store:
        assert store.get("index.json")["status"] == "ok"
        assert store.get("index.json")["status"] == "ok"
    assert azure.count("/metadata/") == 1
    assert azure.count("index.json") == 3


def test_a_token_refused_is_fetched_anew(azure, opened):
    with opened(secret_env(azure)) as store:
        assert store.put_new("index.json", b"{}")["status"] == "ok"
        azure.good_tokens = {token: None for token in azure.good_tokens}
        assert store.get("index.json")["status"] == "ok"
    assert azure.count("oauth2") == 2


# What is refused, and how it is told


def failure(answer, code, *parts):
    assert (answer["status"], answer["code"]) == ("failed", code), answer
    for part in parts:
        assert part in answer["message"], answer["message"]
    for secret in ("the-secret~", "header-secret", "runner-secret", "identity-token", "eyJ0.",
                   "c2ln", Azurite.ACCOUNT_KEY):
        assert secret not in json.dumps(answer)


def refused(store):
    """The answer of a driver that cannot open its store."""
    answer = store.get("index.json")
    assert store.close() == 1
    return answer


def test_none_at_all(opened):
    with opened({}) as store:
        failure(store.get("index.json"), "auth::no_credentials", "AZURE_STORAGE_SAS_TOKEN",
                "AZURE_CLIENT_ID", "AZURE_IMDS_DISABLED")


def test_reading_what_is_private(azure, opened):
    with opened({}, "--read") as store:
        failure(store.get("index.json"), "auth::no_credentials")


@pytest.mark.parametrize("env, part", [
    ({"AZURE_STORAGE_KEY": "not base64!"}, "AZURE_STORAGE_KEY"),
    ({"AZURE_STORAGE_SAS_TOKEN": "sv=2021&sp=r"}, "`sig=`"),
    ({"AZURE_STORAGE_SAS_TOKEN": "sig=c2ln sp=r"}, "AZURE_STORAGE_SAS_TOKEN"),
    ({"AZURE_STORAGE_CONNECTION_STRING": "AccountName=account"}, "AccountKey"),
    ({"AZURE_STORAGE_CONNECTION_STRING": "AccountName=another;AccountKey=a2V5"}, "`another`"),
    ({"AZURE_CLIENT_ID": "a/b"}, "AZURE_CLIENT_ID"),
    ({"AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": "a/b", "AZURE_CLIENT_SECRET": "x"},
     "AZURE_TENANT_ID"),
])
def test_variables_that_hold_no_credentials(opened, env, part):
    failure(refused(opened(env)), "auth::invalid_credentials", part)


def test_a_token_file_that_is_not_there(opened, tmp_path):
    env = {**LOGIN, "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "none")}
    with opened(env) as store:
        failure(store.get("index.json"), "auth::invalid_credentials", "no such file",
                "AZURE_FEDERATED_TOKEN_FILE")


def test_logins_that_are_refused(azure, opened, tmp_path):
    with opened({**LOGIN, "AZURE_CLIENT_SECRET": "wrong-secret"}) as store:
        answer = store.get("index.json")
        failure(answer, "auth::exchange_failed", "AADSTS7000215", "AZURE_CLIENT_SECRET")
        assert "wrong-secret" not in answer["message"]
    (tmp_path / "jwt").write_text("token-of-another")
    with opened({**LOGIN, "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "jwt")}) as store:
        failure(store.get("index.json"), "auth::exchange_failed", "AADSTS70021")


def test_a_clock_that_is_wrong(azure, opened):
    azure.clock_ahead_s = 1200
    azure.script.append(("GET", "index.json", error(
        403, "AuthenticationFailed", "Server failed to authenticate the request.",
        "Request date header too old: 'Wed, 25 Nov 2026 17:00:00 GMT'")))
    key = {"AZURE_STORAGE_KEY": base64.b64encode(b"key").decode()}
    with opened(key) as store:
        failure(store.get("index.json"), "store::clock_skew", "20 minutes behind")


@pytest.mark.parametrize("location", ["az://UPPER/container", "az://ab/container",
                                      "az://account", "az://account/ab", "az://account/a_b_c"])
def test_names_that_none_has(location):
    store = Driver(location, {"AZURE_IMDS_DISABLED": "true"})
    failure(refused(store), "usage::invalid_location")


DENIED = "This request is not authorized to perform this operation using this permission."


@pytest.mark.parametrize("answer, code, parts", [
    (error(403, "AuthorizationPermissionMismatch", DENIED), "store::access_denied",
     ["Storage Blob Data Contributor", "AZURE_CLIENT_SECRET"]),
    (error(403, "AuthorizationFailure", "This request is not authorized to perform this "
           "operation."), "store::access_denied", ["firewall"]),
    (error(403, "KeyBasedAuthenticationNotPermitted", "Key based authentication is not "
           "permitted on this storage account."), "store::access_denied", ["Entra ID"]),
    (error(403, "AuthenticationFailed", "Server failed to authenticate the request.", "Issuer "
           "validation failed."), "auth::unauthorized", ["Issuer validation failed"]),
    (error(409, "BlobImmutableDueToPolicy", "This operation is not permitted as the blob is "
           "immutable due to a policy."), "store::access_denied", ["policy"]),
    (error(412, "LeaseIdMissing", "There is currently a lease on the blob."),
     "store::access_denied", ["lease"]),
    (error(404, "ContainerNotFound", "The specified container does not exist."),
     "store::not_found", ["no container `container`", "`account`"]),
    (error(413, "RequestBodyTooLarge", "too large"), "store::too_large", []),
    ((400, {}, b"garbage"), "store::bad_response", ["400"]),
])
def test_refusals(azure, opened, answer, code, parts):
    with opened(secret_env(azure)) as store:
        first = store.put_new("index.json", b"{}")["object"]["revision"]
        azure.script.append(("PUT", "index.json", answer))
        failure(store.replace("index.json", b"x", first), code, *parts)


def test_a_token_for_something_else(azure, opened):
    answer = error(401, "InvalidAuthenticationInfo", "Audience validation failed.")
    azure.script += [("GET", "index.json", answer)] * 2
    with opened(secret_env(azure)) as store:
        failure(store.get("index.json"), "auth::unauthorized", "https://storage.azure.com/")


def test_a_busy_server_is_asked_again(azure, opened):
    busy = error(503, "ServerBusy", "The server is busy.")
    azure.script += [("PUT", "index.json", busy)] * 2
    with opened(secret_env(azure)) as store:
        assert store.put_new("index.json", b"{}")["status"] == "ok"
    assert azure.count("index.json") == 3


def test_an_answer_lost_after_it_took_effect(azure, opened):
    with opened(secret_env(azure)) as store:
        first = store.put_new("index.json", b"1")["object"]["revision"]
        plain = azure.answer
        lost = []

        def losing(call):
            answer = plain(call)
            if call.method == "PUT" and not lost:
                lost.append(call)
                return error(500, "InternalError", "Server encountered an internal error.")
            return answer
        azure.answer = losing
        assert store.put_new("a-1.0.0.tar.gz", b"x")["status"] == "exists"
        lost.clear()
        assert store.replace("index.json", b"2", first)["status"] == "uncertain"
        assert store.get("index.json")["bytes"] == b"2"


def test_lists_over_pages(azure, opened):
    with opened(secret_env(azure)) as store:
        names = [f"index-{number:06}.json" for number in range(1, 8)]
        etags = {name: store.put_new(name, b"x")["object"]["revision"] for name in names}
        found = store.list("index-")["objects"]
        assert {one["name"]: one["revision"] for one in found} == etags
        assert [one["name"] for one in found] == names
        assert all(one["modified"] == 1795627899 and one["size"] == 1 for one in found)
    assert azure.count("marker") == 3


def test_a_list_without_end(azure, opened):
    with opened(secret_env(azure)) as store:
        assert store.get("none")["status"] == "absent"
        azure.calls.clear()
        azure.answer = lambda call: (200, {}, b"<EnumerationResults><Blobs/><NextMarker>%d"
                                     b"</NextMarker></EnumerationResults>" % len(azure.calls))
        failure(store.list(), "store::bad_response", "no end")
    assert len(azure.calls) == 1000


def test_how_blobs_are_kept(azure, opened):
    with opened(secret_env(azure)) as store:
        store.put_new("index.json", b"{}", 3)
        store.put_new("a-1.0.0+b.tar.gz", b"x")
    assert azure.blobs["plugins/index.json"][1] == {
        "Content-Type": "application/json", "Cache-Control": "no-cache",
        "x-ms-meta-i3pserial": "3"}
    assert azure.blobs["plugins/a-1.0.0+b.tar.gz"][1] == {
        "Content-Type": "application/gzip",
        "Cache-Control": "public, max-age=31536000, immutable"}


@pytest.mark.parametrize("env", [{"AZURE_STORAGE_SAS_TOKEN": "sv=2021-08-06&sp=r&sig=c2ln"},
                                 {"AZURE_STORAGE_KEY": base64.b64encode(b"key").decode()}])
def test_signatures_go_over_tls_alone(env):
    """192.0.2.1 is nobody's: were anything sent, this would end in another error."""
    with Driver("az://account/container?endpoint=http://192.0.2.1", env, "--read") as store:
        answer = store.get("index.json")
        failure(answer, "store::insecure")
        assert answer["requests"] == 0


def test_redirects_are_not_followed(azure, opened):
    azure.script.append(("GET", "index.json", (302, {"Location": azure.base + "/else"}, b"")))
    with opened(secret_env(azure)) as store:
        failure(store.get("index.json"), "store::bad_response", "302")
    assert azure.count("/else") == 0


# Signatures, which Azurite checks


@pytest.fixture(scope="module")
def azurite():
    with Azurite() as server:
        yield server


def signature(text):
    return base64.b64encode(hmac.new(base64.b64decode(Azurite.ACCOUNT_KEY), text.encode(),
                                     hashlib.sha256).digest()).decode()


def container_sas(container, permissions, hours=1):
    """A service signature for a container, by the documentation's rule for 2020-12-06."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    fields = {"sp": permissions, "se": end.strftime("%Y-%m-%dT%H:%M:%SZ"), "sv": "2020-12-06",
              "sr": "c"}
    text = "\n".join([fields["sp"], "", fields["se"], f"/blob/{Azurite.ACCOUNT}/{container}", "",
                      "", "", fields["sv"], "c", "", "", "", "", "", "", ""])
    return urllib.parse.urlencode({**fields, "sig": signature(text)})


@pytest.mark.full
def test_a_shared_access_signature(azurite):
    location, _ = azurite.registry("sas")
    for mark in ("", "?"):
        sas = mark + container_sas("registry-sas", "racwdl")
        with Driver(location, {"AZURE_STORAGE_SAS_TOKEN": sas}) as store:
            store.put_new("index.json", b"{}", 5)
            got = store.get("index.json")
            assert (got["status"], got["object"]["serial"]) == ("ok", 5)
            assert [one["name"] for one in store.list()["objects"]] == ["index.json"]


@pytest.mark.full
def test_a_signature_for_less(azurite):
    location, _ = azurite.registry("sas")
    sas = container_sas("registry-sas", "r")
    with Driver(location, {"AZURE_STORAGE_SAS_TOKEN": sas}) as store:
        answer = store.put_new("x", b"x")
        failure(answer, "store::access_denied", "Storage Blob Data Contributor")
        assert urllib.parse.parse_qs(sas)["sig"][0] not in json.dumps(answer)


@pytest.mark.full
def test_a_signature_that_has_ended(azurite):
    location, _ = azurite.registry("sas")
    sas = container_sas("registry-sas", "racwdl", hours=-1)
    with Driver(location, {"AZURE_STORAGE_SAS_TOKEN": sas}) as store:
        failure(store.get("index.json"), "auth::unauthorized", "AZURE_STORAGE_SAS_TOKEN",
                "has ended")


@pytest.mark.full
@pytest.mark.parametrize("text", [
    "DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};"
    "BlobEndpoint={base}/{account};",
    "BlobEndpoint={base}/{account}/;SharedAccessSignature={sas}"])
def test_a_connection_string(azurite, text):
    """It names the endpoint, too."""
    azurite.registry("sas")
    text = text.format(account=Azurite.ACCOUNT, key=Azurite.ACCOUNT_KEY, base=azurite.base,
                       sas=container_sas("registry-sas", "racwdl"))
    with Driver(f"az://{Azurite.ACCOUNT}/registry-sas/more", {
            "AZURE_STORAGE_CONNECTION_STRING": text}) as store:
        assert store.run("prepare")["status"] == "ok"
        assert store.get("none")["status"] == "absent"


@pytest.mark.full
def test_a_wrong_key(azurite):
    location, _ = azurite.registry("sas")
    wrong = base64.b64encode(b"another").decode()
    with Driver(location, {"AZURE_STORAGE_KEY": wrong}) as store:
        answer = store.get("index.json")
    assert answer["status"] == "failed"
    assert answer["code"] in ("auth::unauthorized", "store::access_denied")
    assert wrong not in json.dumps(answer)
