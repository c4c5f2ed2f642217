"""The commands over a directory registry, from end to end: no server is needed.

What is expected comes from docs/cli.md and docs/publishing.md."""
import hashlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tarfile
import time
from io import BytesIO
from pathlib import Path

import pytest

from publishing import (BINARY, check_registry, command, environment, error, ok, outcomes, plugin,
                        run)

WRITTEN = ["index_url", "serial", "attempts", "requests"]
ARTIFACTS_URL = "https://plugins.example.com/registry"


@pytest.fixture
def place(tmp_path):
    """A working directory with plugins, and an empty registry in it."""
    for name in ("first", "second"):
        plugin(tmp_path / "plugins", name)
    ok("registry", "init", "--artifacts-url", ARTIFACTS_URL, location="registry", cwd=tmp_path)
    return tmp_path


def publish(place, *words, **how):
    return ok("publish", "--root", "plugins", *words, location="registry", cwd=place, **how)


def refused(place, *words, **how):
    return error("publish", "--root", "plugins", *words, location="registry", cwd=place, **how)


def human(place, *words, env=None, location="registry"):
    args = [BINARY, *words, "--output", "human"]
    if location:
        args += ["--registry", location]
    done = subprocess.run(args, cwd=place, env=environment(env), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def fetch(place, registry="registry"):
    return lambda name: (place / registry / name).read_bytes()


def contents(folder):
    """Every file's bytes and identity: what a command that writes nothing leaves alone."""
    return {path.relative_to(folder): (path.read_bytes(), path.stat().st_ino,
                                       path.stat().st_mtime_ns)
            for path in sorted(folder.rglob("*")) if path.is_file()}


def edit(place, name, marker):
    plugin(place / "plugins", name, marker=marker)


# ---- init ----

def test_init_makes_a_registry(tmp_path):
    result = ok("registry", "init", "--artifacts-url", ARTIFACTS_URL, location="deep/registry",
                cwd=tmp_path)
    assert list(result) == ["location", "artifacts_url", "index_url", "mode", "needs_exclusive",
                            "requests"]
    assert result["artifacts_url"] == ARTIFACTS_URL
    assert result["index_url"] == (tmp_path / "deep/registry/index.json").as_uri()
    assert (result["mode"], result["needs_exclusive"]) == ("compare_and_swap", False)
    index = json.loads((tmp_path / "deep/registry/index.json").read_text())
    assert index == {"index_schema_version": "2.1", "artifacts_url": ARTIFACTS_URL, "plugins": []}
    assert {path.name for path in (tmp_path / "deep/registry").iterdir()} == {
        "index.json", ".influxdb3-plugin-lock"}


def test_init_derives_the_url(tmp_path):
    result = ok("registry", "init", location="a b", cwd=tmp_path)
    assert result["artifacts_url"] == (tmp_path / "a b").as_uri()


def test_init_leaves_a_registry_alone(place):
    before = contents(place / "registry")
    found = error("registry", "init", location="registry", cwd=place)
    assert found["code"] == "registry::exists" and set(found["details"]) == {"location"}
    assert contents(place / "registry") == before


def test_init_refuses_a_bad_url(tmp_path):
    found = error("registry", "init", "--artifacts-url", "ftp://x", location="r", cwd=tmp_path)
    assert found["code"] == "usage::invalid_artifacts_url"
    assert not (tmp_path / "r" / "index.json").exists()


@pytest.mark.parametrize("url, shown", [
    ("https://user:hunter2@x.example.com/r", "https://***@x.example.com/r"),
    ("http://hunter2@x.example.com", "http://***@x.example.com/")])
def test_a_url_for_all_readers_has_no_credentials(tmp_path, url, shown):
    found = error("registry", "init", "--artifacts-url", url, location="r", cwd=tmp_path)
    assert found["code"] == "usage::invalid_artifacts_url"
    assert found["details"]["value"] == shown and "hunter2" not in str(found)
    assert not (tmp_path / "r" / "index.json").exists()
    fine = "https://x.example.com/a@b?c=@#@"
    made = ok("registry", "init", "--artifacts-url", fine, location="r", cwd=tmp_path)
    assert made["artifacts_url"] == fine


def test_sync_gives_no_credentials_to_readers(place):
    status, found = sync(place, "--artifacts-url", "https://user:hunter2@x.example.com/r")
    assert status == 2 and found["error"]["code"] == "usage::invalid_artifacts_url"
    assert "hunter2" not in str(found) and not (place / "copy" / "index.json").exists()


# ---- publish ----

def test_publish_and_again(place):
    result = publish(place)
    assert list(result) == ["plugins", *WRITTEN]
    assert outcomes(result) == {("first", "1.0.0"): "published", ("second", "1.0.0"): "published"}
    assert result["index_url"] == (place / "registry/index.json").as_uri()
    # The index, two artifacts, the history, the index.
    assert (result["attempts"], result["requests"]) == (1, 5)
    index = check_registry(fetch(place), {("first", "1.0.0"), ("second", "1.0.0")})
    for one, entry in zip(result["plugins"], index["plugins"]):
        assert list(one) == ["dir", "name", "version", "outcome", "hash", "artifact_url",
                             "published_at"]
        assert one["dir"] == f"plugins/{one['name']}"
        assert (one["hash"], one["published_at"]) == (entry["hash"], entry["published_at"])
        assert one["artifact_url"] == f"{ARTIFACTS_URL}/{one['name']}-1.0.0.tar.gz"
    before = contents(place / "registry")
    again = publish(place)
    assert set(outcomes(again).values()) == {"unchanged"} and again["requests"] == 1
    assert [one["hash"] for one in again["plugins"]] == [one["hash"] for one in result["plugins"]]
    assert contents(place / "registry") == before


def test_directories_by_name(place):
    plugin(place / "plugins", "third")
    result = ok("publish", "plugins/third", "plugins/first/", location="registry", cwd=place)
    assert set(outcomes(result)) == {("first", "1.0.0"), ("third", "1.0.0")}
    check_registry(fetch(place), {("first", "1.0.0"), ("third", "1.0.0")})


def test_which_directories_are_found(place):
    plugin(place / "plugins", "deep", folder="group/deep")
    plugin(place / "plugins", "draft", folder="drafts")
    (place / "plugins" / "no_plugin").mkdir()
    result = publish(place, "--dry-run", "--exclude", "drafts", "--exclude", "second")
    assert set(outcomes(result)) == {("first", "1.0.0")}
    result = publish(place, "--dry-run", "--recursive", "--exclude", "drafts")
    assert set(outcomes(result)) == {(name, "1.0.0") for name in ("first", "second", "deep")}


def test_no_plugins(tmp_path):
    (tmp_path / "plugins").mkdir()
    ok("registry", "init", location="registry", cwd=tmp_path)
    assert refused(tmp_path)["code"] == "publish::no_plugins"


def test_dry_run_writes_nothing(place):
    publish(place, "--exclude", "second")
    before = contents(place)
    result = publish(place, "--dry-run")
    assert outcomes(result) == {("first", "1.0.0"): "unchanged",
                                ("second", "1.0.0"): "would_publish"}
    new = next(one for one in result["plugins"] if one["name"] == "second")
    assert "published_at" not in new and new["artifact_url"].endswith("/second-1.0.0.tar.gz")
    assert contents(place) == before


def test_a_changed_source_is_refused(place):
    first = publish(place)
    edit(place, "first", "other")
    plugin(place / "plugins", "third")
    before = contents(place / "registry")
    found = refused(place)
    assert found["code"] == "publish::failed"
    only, = found["diagnostics"]
    assert only["code"] == "publish::changed"
    assert only["details"] == {"dir": "plugins/first", "name": "first", "version": "1.0.0",
                               "files": ["first.py"]}
    assert contents(place / "registry") == before

    result = publish(place, "--changed", "warn")
    assert outcomes(result) == {("first", "1.0.0"): "changed", ("second", "1.0.0"): "unchanged",
                                ("third", "1.0.0"): "published"}
    changed = next(one for one in result["plugins"] if one["name"] == "first")
    assert changed["files"] == ["first.py"]
    assert changed["hash"] == first["plugins"][0]["hash"]
    status, out, err = human(place, "publish", "--root", "plugins", "--changed", "warn")
    assert status == 0 and "[warning::changed] " in err and "first.py" in out
    # A new version of it goes through.
    plugin(place / "plugins", "first", version="1.0.1", marker="other")
    assert outcomes(publish(place))[("first", "1.0.1")] == "published"


def test_all_defects_come_together_and_nothing_is_written(place):
    plugin(place / "plugins", "third")
    (place / "plugins/third/third.py").write_text("def process_writes(a, b):\n  x = (\n")
    bad = place / "plugins/fourth"
    plugin(place / "plugins", "fourth")
    (bad / "manifest.toml").write_text((bad / "manifest.toml").read_text()
                                       .replace('"1.0.0"', '"1"').replace(">=3.0.0", ">>"))
    before = contents(place / "registry")
    found = refused(place)
    assert found["code"] == "publish::failed" and "details" not in found
    by_dir = {one["details"]["dir"]: one for one in found["diagnostics"]}
    assert set(by_dir) == {"plugins/third", "plugins/fourth"}
    assert {one["code"] for one in found["diagnostics"]} == {"publish::invalid_plugin"}
    assert [one["code"] for one in by_dir["plugins/third"]["diagnostics"]] == [
        "validate::python_parse"]
    assert [one["field"] for one in by_dir["plugins/fourth"]["diagnostics"]] == [
        "plugin.version", "dependencies.database_version"]
    assert contents(place / "registry") == before

    status, out, err = human(place, "publish", "--root", "plugins")
    assert (status, out) == (1, "")
    lines = err.splitlines()
    assert lines[0].startswith("[publish::failed] ")
    at = next(i for i, line in enumerate(lines)
              if line.startswith("  1. [publish::invalid_plugin] "))
    assert re.match(r"     1\. \[validate::schema_reported\] plugin\.version: ", lines[at + 1])
    assert "--> plugins/fourth/manifest.toml:5:" in err
    assert "--> plugins/third/third.py:2:" in err
    assert any(re.match(r" +\| +\^$", line) for line in lines)


def test_duplicates_and_collisions(place):
    publish(place)
    plugin(place / "plugins", "first", folder="copy")
    found = refused(place)
    assert [one["code"] for one in found["diagnostics"]] == ["publish::duplicate"]
    shutil.rmtree(place / "plugins/copy")
    plugin(place / "plugins", "FIRST", version="2.0.0", folder="shout")
    shutil.rmtree(place / "plugins/first")
    found = refused(place)
    only, = found["diagnostics"]
    assert only["code"] == "publish::collision"
    assert only["details"]["existing"] == [{"name": "first", "version": "1.0.0"}]


def test_orphans(place):
    publish(place, "--exclude", "second")
    index = (place / "registry/index.json").read_bytes()
    publish(place)
    artifact = (place / "registry/second-1.0.0.tar.gz").read_bytes()
    # An interrupted run: the artifact is there, the entry is not.
    (place / "registry/index.json").write_bytes(index)
    assert outcomes(publish(place))[("second", "1.0.0")] == "published"
    assert (place / "registry/second-1.0.0.tar.gz").read_bytes() == artifact
    # The same with another source since.
    (place / "registry/index.json").write_bytes(index)
    edit(place, "second", "other")
    found = refused(place)
    assert [one["code"] for one in found["diagnostics"]] == ["publish::orphan_artifact"]
    assert outcomes(publish(place, "--replace-orphans"))[("second", "1.0.0")] == "published"
    check_registry(fetch(place), {("first", "1.0.0"), ("second", "1.0.0")})


def test_no_registry(tmp_path):
    plugin(tmp_path / "plugins", "first")
    (tmp_path / "registry").mkdir()
    found = refused(tmp_path)
    assert found["code"] == "registry::not_found" and set(found["details"]) == {"location"}


def test_an_index_that_is_not_valid(place):
    (place / "registry/index.json").write_text('{"index_schema_version": "2.1"}')
    found = refused(place)
    assert found["code"] == "registry::index_invalid" and found["diagnostics"]
    found = error("registry", "repair", location="registry", cwd=place)
    assert found["code"] == "registry::index_invalid"


@pytest.mark.parametrize("words", [["publish", "--root", "plugins"], ["registry", "init"],
                                   ["registry", "verify"]])
def test_a_file_is_no_registry(place, words):
    (place / "file").write_text("text")
    for location in ("file", "registry/index.json")[:1 if "verify" in words else 2]:
        found = error(*words, location=location, cwd=place)
        assert found["code"] == "store::io_failed"
        assert f"`{place}/{location}` is no directory" in found["message"]


# ---- yank, search, info ----

def test_yank_search_info(place):
    publish(place)
    hits = ok("search", location="registry", cwd=place)["hits"]
    assert [hit["name"] for hit in hits] == ["first", "second"]
    result = ok("yank", "first@1.0.0", location="registry", cwd=place)
    assert list(result) == ["name", "version", "published_at", "outcome", *WRITTEN]
    assert result["outcome"] == "yanked"
    before = contents(place / "registry")
    assert ok("yank", "first@1.0.0", location="registry", cwd=place)["outcome"] == "already_yanked"
    assert contents(place / "registry") == before
    assert [hit["name"] for hit in ok("search", location="registry", cwd=place)["hits"]] == [
        "second"]
    assert ok("info", "first", location="registry", cwd=place)["outcome"] == "filtered_out"
    assert ok("yank", "first@1.0.0", "--undo", location="registry", cwd=place)["outcome"] == \
        "unyanked"
    found = ok("info", "first", location="registry", cwd=place)
    assert found["plugin"]["artifact_url"] == f"{ARTIFACTS_URL}/first-1.0.0.tar.gz"
    status, document = run("yank", "first@9.9.9", location="registry", cwd=place)
    assert (status, document["error"]["code"]) == (1, "yank::entry_not_found")


def test_the_same_as_with_the_index(place):
    """--registry and --index of the same registry come to the same."""
    publish(place)
    for words in (["search"], ["search", "sec"], ["info", "first"], ["info", "nope"]):
        done = subprocess.run([BINARY, *words, "--index", "registry/index.json"], cwd=place,
                              capture_output=True, text=True, env=environment())
        assert json.loads(done.stdout)["result"] == ok(*words, location="registry", cwd=place)


def test_the_environment_names_the_registry(place):
    env = environment({"INFLUXDB3_PLUGIN_REGISTRY": str(place / "registry")})
    done = subprocess.run([BINARY, "publish", "--root", "plugins"], cwd=place, env=env,
                          capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout)["status"] == "ok"
    check_registry(fetch(place), {("first", "1.0.0"), ("second", "1.0.0")})


# ---- verify, repair ----

def test_verify(place):
    publish(place)
    # Index, list, two artifacts.
    assert ok("registry", "verify", location="registry", cwd=place) == {
        "entries": 2, "artifacts": 2, "withdrawn": 0, "deep": False, "requests": 4}
    assert ok("registry", "verify", "--deep", location="registry", cwd=place)["deep"] is True
    (place / "registry/first-1.0.0.tar.gz").unlink()
    with open(place / "registry/second-1.0.0.tar.gz", "ab") as file:
        file.write(b"\0")
    shutil.copy(place / "plugins/first/first.py", place / "registry/third-1.0.0.tar.gz")
    found = error("registry", "verify", location="registry", cwd=place)
    assert found["code"] == "registry::verify_failed"
    by_code = {one["code"]: one for one in found["diagnostics"]}
    assert set(by_code) == {"registry::artifact_missing", "registry::artifact_differs",
                            "registry::orphan"}
    assert by_code["registry::artifact_missing"]["details"] == {"name": "first",
                                                                "version": "1.0.0"}
    assert by_code["registry::orphan"]["field"] == "third-1.0.0.tar.gz"


def replace_artifact(place, name, files, version="1.0.0", keep_hash=False):
    """Puts another artifact into the registry, with its hash in the index: what only a look
    inside finds."""
    data = BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", format=tarfile.USTAR_FORMAT) as archive:
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text)
            archive.addfile(info, BytesIO(text.encode()))
    (place / f"registry/{name}-{version}.tar.gz").write_bytes(data.getvalue())
    file = place / "registry/index.json"
    index = json.loads(file.read_text())
    for one in index["plugins"]:
        if one["name"] == name and not keep_hash:
            one["hash"] = "sha256:" + hashlib.sha256(data.getvalue()).hexdigest()
    file.write_text(json.dumps(index, indent=2) + "\n")


def test_verify_deep_looks_inside(place):
    publish(place)
    manifest = (place / "plugins/first/manifest.toml").read_text()
    handler = (place / "plugins/first/first.py").read_text()
    cases = [
        ({"first-1.0.0/manifest.toml": manifest, "first-1.0.0/first.py": "x = 1\n"}, 1),
        ({"first-1.0.0/manifest.toml": manifest.replace("About", "Around"),
          "first-1.0.0/first.py": handler}, 0),
        ({"first-1.0.0/manifest.toml": manifest, "first-1.0.0/../../escaped": "x"}, 0),
        ({"first-1.0.0/manifest.toml": manifest.replace('"1.0.0"', '"1.0.1"'),
          "first-1.0.0/first.py": handler}, 0),
    ]
    for files, nested in cases:
        replace_artifact(place, "first", files)
        ok("registry", "verify", location="registry", cwd=place)
        tmp = place / "tmp"
        tmp.mkdir(exist_ok=True)
        found = error("registry", "verify", "--deep", location="registry", cwd=place,
                      env={"TMPDIR": str(tmp)})
        only, = found["diagnostics"]
        assert only["code"] == "registry::artifact_invalid"
        assert only["details"] == {"name": "first", "version": "1.0.0"}
        assert len(only.get("diagnostics", [])) == nested
        assert not list(tmp.iterdir()) and not list(place.rglob("escaped"))


def test_repair_adopts_an_orphan(place):
    publish(place, "--exclude", "second")
    index = (place / "registry/index.json").read_bytes()
    publish(place)
    (place / "registry/index.json").write_bytes(index)
    (place / "registry/junk-1.0.0.tar.gz").write_bytes(b"junk")
    before = contents(place / "registry")
    plan = ok("registry", "repair", "--dry-run", location="registry", cwd=place)
    assert list(plan) == ["steps", "dry_run", *WRITTEN] and plan["dry_run"] is True
    assert contents(place / "registry") == before
    steps = {one["name"]: one for one in plan["steps"]}
    assert steps["second-1.0.0.tar.gz"]["kind"] == "adopt"
    assert steps["junk-1.0.0.tar.gz"]["kind"] == "leave" and steps["junk-1.0.0.tar.gz"]["why"]
    done = ok("registry", "repair", location="registry", cwd=place)
    assert [(one["kind"], one["name"]) for one in done["steps"]] == [
        (one["kind"], one["name"]) for one in plan["steps"]]
    index = check_registry(fetch(place), {("first", "1.0.0"), ("second", "1.0.0")})
    assert index["plugins"][1]["description"] == "About second."
    status, out, _ = human(place, "registry", "repair", "--remove-orphans")
    assert status == 0 and "junk-1.0.0.tar.gz: remove" in out
    assert not (place / "registry/junk-1.0.0.tar.gz").exists()
    ok("registry", "verify", "--deep", location="registry", cwd=place)
    status, out, _ = human(place, "registry", "repair")
    assert (status, out) == (0, "There is nothing to mend.\n")


def test_repair_writes_in_canonical_form(place):
    publish(place)
    file = place / "registry/index.json"
    whole = file.read_bytes()
    file.write_text(json.dumps(json.loads(whole)))
    found = error("registry", "verify", location="registry", cwd=place)
    assert [one["code"] for one in found["diagnostics"]] == ["registry::not_canonical"]
    assert [one["kind"] for one in
            ok("registry", "repair", location="registry", cwd=place)["steps"]] == ["rewrite"]
    assert file.read_bytes() == whole


# ---- history, rollback ----

def test_history_and_rollback(place):
    publish(place, "--exclude", "second")
    one_entry = (place / "registry/index.json").read_bytes()
    publish(place)
    ok("yank", "first@1.0.0", location="registry", cwd=place)
    moments = ok("registry", "history", location="registry", cwd=place)["moments"]
    assert [list(one) for one in moments] == [
        ["serial", "entries", "modified", "size_bytes", "current"]] * 4
    assert [one["entries"] for one in moments] == [2, 2, 1, 0]
    assert [one["current"] for one in moments] == [True, False, False, False]
    serials = [one["serial"] for one in moments]
    assert serials == sorted(serials, reverse=True)
    back = serials[2]
    before = contents(place / "registry")
    plan = ok("registry", "rollback", "--to", back, "--dry-run", location="registry", cwd=place)
    assert list(plan) == ["to", "removed", "restored", "changed", "dry_run", *WRITTEN]
    assert plan["removed"] == [{"name": "second", "version": "1.0.0"}]
    assert plan["changed"] == [{"name": "first", "version": "1.0.0"}] and plan["restored"] == []
    assert contents(place / "registry") == before
    status, out, _ = human(place, "registry", "rollback", "--to", str(back))
    assert status == 0 and "second@1.0.0" in out and "Done: the index in force is" in out
    assert (place / "registry/index.json").read_bytes() == one_entry
    before = contents(place / "registry")
    status, out, _ = human(place, "registry", "rollback", "--to", str(back))
    assert status == 0 and "Nothing was written" in out and "Done" not in out
    assert contents(place / "registry") == before
    assert (place / "registry/second-1.0.0.tar.gz").exists()
    # What was withdrawn is no orphan, and repair does not bring it back.
    assert ok("registry", "verify", location="registry", cwd=place)["withdrawn"] == 1
    assert ok("registry", "repair", "--remove-orphans", location="registry",
              cwd=place)["steps"] == []
    # And forward again.
    done = ok("registry", "rollback", "--to", serials[1], location="registry", cwd=place)
    assert done["restored"] == [{"name": "second", "version": "1.0.0"}]
    check_registry(fetch(place), {("first", "1.0.0"), ("second", "1.0.0")})
    ok("registry", "verify", "--deep", location="registry", cwd=place)
    found = error("registry", "rollback", "--to", "999", location="registry", cwd=place)
    assert found["code"] == "registry::no_such_moment"


def test_rollback_over_an_index_that_is_not_valid(place):
    publish(place)
    whole = (place / "registry/index.json").read_bytes()
    ok("yank", "first@1.0.0", location="registry", cwd=place)
    (place / "registry/index.json").write_bytes(whole[:-40])
    moments = ok("registry", "history", location="registry", cwd=place)["moments"]
    assert [(one["serial"], one["entries"]) for one in moments] == [(2, 2), (1, 0)]
    both = [{"name": "first", "version": "1.0.0"}, {"name": "second", "version": "1.0.0"}]
    plan = ok("registry", "rollback", "--to", 2, "--dry-run", location="registry", cwd=place)
    assert (plan["removed"], plan["restored"], plan["changed"]) == ([], both, [])
    assert (place / "registry/index.json").read_bytes() == whole[:-40]
    done = ok("registry", "rollback", "--to", 2, location="registry", cwd=place)
    assert done["restored"] == both and done["serial"] == 4
    assert (place / "registry/index.json").read_bytes() == whole
    ok("registry", "verify", "--deep", location="registry", cwd=place)


def test_history_without_an_index(place):
    publish(place)
    whole = (place / "registry/index.json").read_bytes()
    ok("yank", "first@1.0.0", location="registry", cwd=place)
    (place / "registry/index.json").unlink()
    status, _, err = human(place, "registry", "history")
    assert status == 1 and "number 2" in err and "`influxdb3-plugin registry repair`" in err
    status, _, err = human(place, "publish", "--root", "plugins")
    assert status == 1 and "`influxdb3-plugin registry repair`" in err
    status, out, _ = human(place, "registry", "repair")
    assert status == 0 and "Run it again" in out
    assert (place / "registry/index.json").read_bytes() == whole
    assert "Run it again" not in human(place, "registry", "repair")[1]


# ---- sync ----

def sync(place, *words):
    done = subprocess.run([BINARY, "registry", "sync", "--from", "registry", "--to", "copy",
                           *words, "--output", "json"], cwd=place, env=environment(),
                          capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_sync(place):
    publish(place)
    ok("registry", "init", "--artifacts-url", "https://mirror.example.com/r", location="copy",
       cwd=place)
    before = contents(place / "copy")
    status, document = sync(place, "--dry-run")
    assert (status, document["result"]["copied"]) == (0, 2)
    assert contents(place / "copy") == before
    status, document = sync(place)
    result = document["result"]
    assert list(result) == ["copied", "present", "entries_added", "dry_run", *WRITTEN]
    assert (status, result["copied"], result["present"], result["entries_added"]) == (0, 2, 0, 2)
    index = check_registry(fetch(place, "copy"), {("first", "1.0.0"), ("second", "1.0.0")})
    assert index["artifacts_url"] == "https://mirror.example.com/r"
    before = contents(place / "copy")
    result = sync(place)[1]["result"]
    assert (result["copied"], result["present"], result["entries_added"]) == (0, 2, 0)
    assert contents(place / "copy") == before
    # What the target has otherwise stops everything.
    plugin(place / "other", "third", marker="theirs")
    ok("publish", "--root", "other", location="copy", cwd=place)
    plugin(place / "plugins", "third", marker="ours")
    plugin(place / "plugins", "fourth")
    publish(place)
    before = contents(place / "copy")
    status, document = sync(place)
    assert (status, document["error"]["code"]) == (1, "registry::sync_conflict")
    assert [one["code"] for one in document["error"]["diagnostics"]] == ["registry::entry_differs"]
    assert contents(place / "copy") == before


# ---- reporting ----

def github(place, **more):
    return {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_WORKSPACE": str(place),
            "GITHUB_STEP_SUMMARY": str(place / "summary.md"), **more}


def commands_in(text):
    """The workflow commands as the runner reads them: name, properties, message."""
    found = []
    for line in text.splitlines():
        hit = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        if hit:
            pairs = dict(pair.split("=", 1) for pair in hit[2].split(","))
            unescaped = {key: value.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
                         for key, value in pairs.items()}
            found.append((hit[1], unescaped, hit[3].replace("%25", "%")))
    return found


def test_annotations_in_github(place):
    folder = plugin(place / "plugins", "third", folder="100%, a:b")
    (folder / "third.py").write_text("def process_writes(a, b):\n  x = (\n")
    status, out, err = human(place / "plugins", "publish", "--root", ".", env=github(place),
                             location="../registry")
    assert (status, out) == (1, "")
    (kind, properties, message), = commands_in(err)
    assert kind == "error" and message
    assert properties["file"] == "plugins/100%, a:b/third.py"
    assert (properties["line"], properties["title"]) == ("2", "validate::python_parse")
    assert int(properties["col"]) > 0
    summary = (place / "summary.md").read_text()
    assert "publish failed" in summary and "validate::python_parse" in summary


def test_annotations_stand_where_there_is_something_to_change(place):
    publish(place)
    edit(place, "first", "other")
    status, _, err = human(place, "publish", "--root", "plugins", env=github(place))
    (kind, properties, message), = commands_in(err)
    assert (status, kind) == (1, "error")
    assert properties["file"] == "plugins/first/manifest.toml" and "first.py" in message
    status, out, err = human(place, "publish", "--root", "plugins", "--changed", "warn",
                             env=github(place))
    assert status == 0 and [kind for kind, *_ in commands_in(err)] == ["warning"]
    assert commands_in(out) == []


def test_json_in_github_stays_one_document(place):
    """CI makes JSON the default; the summary is written all the same."""
    edit(place, "first", "other")
    document = publish(place, env=github(place))
    assert set(outcomes(document).values()) == {"published"}
    summary = (place / "summary.md").read_text()
    assert summary.startswith("### Published 2 plugins\n") and "| second | 1.0.0 |" in summary
    (place / "plugins/first/first.py").write_text("x = 1\n")
    status, _ = run("publish", "--root", "plugins", location="registry", cwd=place,
                    env=github(place))
    assert status == 1
    assert (place / "summary.md").read_text().startswith(summary)  # appended
    assert "publish failed" in (place / "summary.md").read_text()[len(summary):]


def test_sections_in_gitlab(place):
    status, out, err = human(place, "publish", "--root", "plugins",
                             env={"GITLAB_CI": "true", "CI": "true"})
    assert (status, err) == (0, "")
    start = re.search(r"\x1b\[0Ksection_start:\d+:(\w+)\[collapsed=true\]\r\x1b\[0K", out)
    end = re.search(r"\x1b\[0Ksection_end:\d+:(\w+)\r\x1b\[0K", out)
    assert start and end and start[1] == end[1] and start.end() < end.start()
    assert "first" in out[start.end():end.start()]


def test_human_output(place):
    status, out, err = human(place, "publish", "--root", "plugins")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[:3] for line in lines[:2]] == [["published", "first", "1.0.0"],
                                                        ["published", "second", "1.0.0"]]
    assert lines[2].startswith("Published 2 plugins")
    assert lines[3] == "  index: " + (place / "registry/index.json").as_uri()
    status, out, _ = human(place, "publish", "--root", "plugins")
    assert out.splitlines()[2] == "Nothing new, 2 unchanged"


def test_the_lines_of_plugins_are_aligned(place):
    shutil.move(place / "plugins/first", place / "plugins/ä")
    _, out, _ = human(place, "publish", "--root", "plugins", "--dry-run")
    lines = out.splitlines()[:2]
    assert [line.split()[4] for line in lines] == ["plugins/second", "plugins/ä"]
    assert len({line.index("https://") for line in lines}) == 1


def test_a_bar_on_a_terminal(place):
    def shown(*words, env=None):
        master, slave = pty.openpty()
        with subprocess.Popen(
                [BINARY, "publish", "--root", "plugins", "--registry", "registry", *words],
                cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave,
                env=environment(env)) as process:
            os.close(slave)
            text = b""
            try:
                while chunk := os.read(master, 65536):
                    text += chunk
            except OSError:
                pass  # how the end of a terminal shows
            assert process.wait() == 0
        os.close(master)
        return text.decode()

    text = shown("--output", "human", env={"TERM": "xterm"})
    assert re.search(r"\r\x1b\[K\w+ +\[#*\.*\] \d/\d ", text)
    assert text.endswith("\r\x1b[K")
    assert shown("--output", "json", env={"TERM": "xterm"}) == ""
    assert shown("--output", "human", env={"TERM": "dumb"}) == ""
    assert shown("--output", "human", env={"TERM": "xterm", "CI": "true"}) == ""


def test_a_location_with_a_secret_shows_none_of_it(place):
    secret = "hunter2"
    for location in (f"https://me:{secret}@host/x", f"s3://b/p?token={secret}"):
        for words in (("publish", "--root", "plugins"), ("search",)):
            done = subprocess.run(command(*words, location=location), cwd=place,
                                  env=environment(github(place)), capture_output=True, text=True)
            assert done.returncode == 2 and secret not in done.stdout + done.stderr
            assert json.loads(done.stdout)["error"]["code"] == "usage::invalid_location"
    assert secret not in (place / "summary.md").read_text()


# ---- the program ----

def test_no_core_and_no_one_looks_in(place):
    """The helper's memory: no core file, and not dumpable, so that /proc/PID belongs to root."""
    fifo = place / "plugins/first/manifest.toml"
    fifo.unlink()
    os.mkfifo(fifo)  # it waits there
    with subprocess.Popen(command("publish", "plugins/first", location="registry"), cwd=place,
                          env=environment(), stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        limits = ""
        while "influxdb3-plugin-registry" not in os.readlink(f"/proc/{process.pid}/exe"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        while not re.search(r"Max core file size +0 +0 ", limits):
            assert time.monotonic() < deadline
            limits = Path(f"/proc/{process.pid}/limits").read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM


def test_a_signal_takes_along_what_was_unpacked(place):
    publish(place)
    tmp = place / "tmp"
    tmp.mkdir()
    manifest = (place / "plugins/first/manifest.toml").read_text()
    replace_artifact(place, "first", {"first-1.0.0/manifest.toml": manifest,
                                      **{f"first-1.0.0/{i}": "x" * 2048 for i in range(20000)}})
    with subprocess.Popen(command("registry", "verify", "--deep", location="registry"), cwd=place,
                          env=environment({"TMPDIR": str(tmp)}),
                          stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        # What is removed meanwhile is no error to os.walk.
        while not any("manifest.toml" in files for _, _, files in os.walk(tmp)):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        assert process.wait() == -signal.SIGINT
    assert not list(tmp.iterdir())
