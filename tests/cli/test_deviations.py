"""Where the reference is wrong: docs/deviations.md, row by row."""
import json
import os
import subprocess
import tarfile

import pytest
from conftest import BINARY, HANDLER, MANIFEST, ROOT, base_env, entry, index_of

TABLE = [line for line in (ROOT / "docs" / "deviations.md").read_text().splitlines()
         if line.startswith("| ") and not line.startswith(("| the reference", "| ---"))]


def test_the_table_is_the_one_these_tests_know():
    """A row that is added wants a test here."""
    assert len(TABLE) == 20


def defects(tree, text, **more):
    tree.plugin(manifest=text)
    status, document = tree.json("validate", "p", **more)
    return [] if status == 0 else document["error"]["diagnostics"]


def test_odd_bytes_do_not_end_in_a_panic(tree):
    odd = os.fsdecode(b"\xff")
    assert tree.error("new", "process_writes", "x", "--name", odd)["details"] == {
        "value": "\ufffd", "reason": "invalid_format"}
    assert tree.error("package", "p", "--index", odd, "--out", "o")["code"] == "io::read_failed"
    _, _, err = tree.human("package", "p", "--index", odd, "--out", "o")
    assert r"\xff" in err


@pytest.mark.parametrize("requirement", ["a-", "a_", "a.", "a[b-]", "a[b.]>=1"])
def test_pep508_names_that_end_in_punctuation(tree, requirement):
    found = defects(tree, MANIFEST + f'python = ["{requirement}"]\n')
    assert [item["details"]["schema_variant"] for item in found] == ["InvalidPythonRequirement"]


def test_pep508_reversed_compatible_comparison(tree):
    assert defects(tree, MANIFEST + "python = [\"a; '3.8' ~= python_version\"]\n") == []


def test_pep508_urls_do_not_depend_on_the_environment(tree):
    text = MANIFEST + 'python = ["a @ https://${HOST}/x"]\n'
    before = defects(tree, text)
    assert defects(tree, text, env={"HOST": "["}) == before
    assert defects(tree, text, env={"HOST": "example.com"}) == before


@pytest.mark.parametrize("command", [
    ["package", "p", "--index", "reg/index.json"],
    ["yank", "alpha@1.0.0", "--index", "reg/index.json"],
])
def test_a_link_to_the_input_is_replaced(tree, command):
    before = index_of(entry())
    tree.write("reg/index.json", before)
    (tree.root / "out").mkdir()
    (tree.root / "out" / "index.json").symlink_to("../reg/index.json")
    status, _ = tree.json(*command, "--out", "out")
    assert status == 0
    assert (tree.root / "reg/index.json").read_text() == before
    assert not (tree.root / "out/index.json").is_symlink()
    assert json.loads((tree.root / "out/index.json").read_text())["plugins"]


@pytest.mark.parametrize("command", [["package", "p"], ["yank", "alpha@1.0.0"]])
def test_an_index_under_the_output_name_is_an_overlap(tree, command):
    before = index_of(entry())
    tree.write("reg/index.json", before)
    (tree.root / "out").mkdir()
    (tree.root / "out" / "index.json").symlink_to("../reg/index.json")
    error = tree.error(*command, "--index", "out/index.json", "--out", "out")
    assert error["code"] == "usage::input_output_overlap"
    assert (tree.root / "out/index.json").is_symlink()
    assert (tree.root / "reg/index.json").read_text() == before


def test_files_appear_whole(tree):
    """A reader that holds the old file keeps it: it is replaced, not written into."""
    tree.write("out/index.json", "old")
    tree.write("out/sample-1.0.0.tar.gz", "old")
    with open(tree.root / "out/index.json") as index, \
            open(tree.root / "out/sample-1.0.0.tar.gz") as artifact:
        assert tree.json("package", "p", "--index", "reg/index.json", "--out", "out")[0] == 0
        assert (index.read(), artifact.read()) == ("old", "old")
    assert sorted(os.listdir(tree.root / "out")) == ["index.json", "sample-1.0.0.tar.gz"]


@pytest.mark.parametrize("there", [False, True])
def test_new_is_all_or_nothing(tree, there):
    """Files over a block cannot be written; some of the template's are smaller."""
    if there:
        tree.write("n/other.txt")
    done = subprocess.run(
        ["sh", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh", BINARY, "new",
         "process_writes", "n"], cwd=tree.root, env=base_env(None), capture_output=True)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (1, "new::scaffold_failed")
    assert error["details"]["io_kind"] == "FileTooLarge"
    left = os.listdir(tree.root / "n") if there else (tree.root / "n").exists()
    assert left == (["other.txt"] if there else False)


def test_an_artifacts_url_is_escaped(tree):
    url = 'https://x.example/"\\\x07'
    status, _ = tree.json("new", "index", "n", "--artifacts-url", url)
    assert status == 0
    written = json.loads((tree.root / "n/index.json").read_text())
    assert written["artifacts_url"] == url


def test_a_sibling_is_looked_for_without_a_slash(tree):
    (tree.root / "my-plugin").mkdir()
    error = tree.error("new", "process_writes", "my_plugin")
    assert error["code"] == "usage::sibling_canonical_collision"
    assert not (tree.root / "my_plugin").exists()


def test_a_collision_at_another_version_is_a_conflict(tree):
    tree.write("i.json", index_of(entry("SAMPLE", "9.0.0")))
    error = tree.error("validate", "p", "--index", "i.json")
    assert [item["code"] for item in error["diagnostics"]] == ["validate::name_version_conflict"]


def test_unknown_fields_are_kept(tree):
    dependency = {"index_url": "https://i.example/x", "name": "q", "version": "^1", "why": "so"}
    tree.write("i.json", index_of(
        entry(stars=5, dependencies={"database_version": ">=3.0.0", "python": [],
                                     "plugins": [dependency], "conda": ["x"]}),
        mirror={"z": 1, "a": [True, None]}))
    status, _ = tree.json("yank", "alpha@1.0.0", "--index", "i.json", "--out", "o")
    assert status == 0
    written = json.loads((tree.root / "o/index.json").read_text())
    assert list(written)[-1] == "mirror" and list(written["mirror"]) == ["z", "a"]
    kept = written["plugins"][0]
    assert kept["stars"] == 5 and list(kept)[-1] == "stars"
    assert kept["dependencies"]["conda"] == ["x"]
    assert kept["dependencies"]["plugins"] == [dependency]


def test_a_newer_minor_version_stays(tree):
    tree.write("i.json", index_of(entry(), index_schema_version="2.7"))
    assert tree.json("yank", "alpha@1.0.0", "--index", "i.json", "--out", "o")[0] == 0
    assert '"index_schema_version": "2.7"' in (tree.root / "o/index.json").read_text()


def test_dependency_variants_have_names(tree):
    bad = '\n[[dependencies.plugins]]\nindex_url = "%s"\nname = "q"\nversion = "%s"\n'
    found = defects(tree, MANIFEST + bad % ("ftp://x", "1") + bad % ("https://x", "!")
                    + (bad % ("https://y", "1")) * 2)
    assert [item["details"]["schema_variant"] for item in found] == [
        "UnsupportedIndexUrlScheme", "InvalidPluginDependencyVersion",
        "DuplicatePluginDependency"]


@pytest.mark.parametrize("text", [
    MANIFEST.replace('">=3.0.0"', '">=3.0.0"\nplugins = [["https://x", "q", "1"]]'),
    'manifest_schema_version = "1.3"\nplugin = ["a", "1.0.0", "d", ["process_writes"]]\n'
    'dependencies = [">=3"]\n',
])
def test_arrays_are_no_tables(tree, text):
    assert defects(tree, text)[0]["details"]["schema_variant"] == "TomlParse"


def test_arrays_are_no_objects(tree):
    for text in ('["2.1", "https://x", []]',
                 index_of(["alpha", "1.0.0"]), index_of(entry(dependencies=[">=3", []]))):
        tree.write("i.json", text)
        error = tree.error("search", "--index", "i.json")
        assert error["diagnostics"][0]["details"]["schema_variant"] == "JsonParse"


@pytest.mark.parametrize("version", ["+1.3", "1.+3", "1.3 ", "-1.0", "1.3.0"])
def test_schema_versions_are_digits(tree, version):
    found = defects(tree, MANIFEST.replace('"1.3"', f'"{version}"'))
    assert [item["details"] for item in found] == [
        {"schema_variant": "MalformedSchemaVersion", "value": version}]


@pytest.mark.parametrize("number", ["1e5", "1.50", "-0", "1E+2"])
def test_a_numeric_publication_time_is_shown_as_written(tree, number):
    tree.write("i.json", index_of(entry(published_at="@")).replace('"@"', number))
    error = tree.error("search", "--index", "i.json")
    assert error["diagnostics"][0]["details"] == {
        "schema_variant": "InvalidPublishedAt", "value": number}


@pytest.mark.parametrize("url,href", [
    ("https://x/C:/../a", "https://x/a"), ("file://host/C:/x", "file://host/C:/x"),
    ("file:c|/x", "file:///c:/x"), ("https://x/a^b", "https://x/a^b"),
    ("file:////x", "file:////x"),
])
def test_urls_follow_the_standard(tree, url, href):
    tree.write("i.json", index_of(entry(), artifacts_url=url))
    status, _ = tree.json("yank", "alpha@1.0.0", "--index", "i.json", "--out", "o")
    assert status == 0
    assert json.loads((tree.root / "o/index.json").read_text())["artifacts_url"] == href


def test_a_backslash_ends_no_port(tree):
    """Where the Standard gives it no meaning: the URL is wrong, whatever its scheme."""
    found = defects(tree, MANIFEST.replace("triggers", r"homepage = 'other://x:443\a'" + "\ntriggers"))
    assert [defect["details"]["schema_variant"] for defect in found] == ["InvalidUrl"]


@pytest.mark.parametrize("pattern,left", [
    ("/", {"manifest.toml", "sample.py", "d/a b", "d/x"}),
    ("//", {"manifest.toml", "sample.py", "d/a b", "d/x"}),
    ("d[/]x", {"manifest.toml", "sample.py", "d/a b", "d/x"}),
    ("a\\\\ b ", {"manifest.toml", "sample.py", "d/x"}),
])
def test_exclude_follows_git(tree, pattern, left):
    tree.plugin(manifest=MANIFEST.replace("triggers", f'exclude = ["{pattern}"]\ntriggers'),
                **{"d/a b": "", "d/x": ""})
    status, document = tree.json("package", "p", "--index", "reg/index.json", "--out", "o")
    assert status == 0
    with tarfile.open(document["result"]["artifact_path"]) as archive:
        assert {name.split("/", 1)[1] for name in archive.getnames()} == left


@pytest.mark.parametrize("code", [
    "print 'x'", "exec 'x'", "raise E, 'x'", "try:\n    pass\nexcept E, e:\n    pass", "`x`",
    "1 <> 2", "0777", "1L", "def f():\n", "if x:\npass", "def f(*, *a): pass",
    "f(a=1, 2)", r'"\N{}"', r'"\N"', r'"\x1"', "(f() := 1)", "f() = 1", "try:\n    pass\n",
    "with :\n    pass", "match x:\n    case 1:\n",
])
def test_what_no_python_3_accepts_is_rejected(tree, code):
    tree.plugin(code=HANDLER + code + "\n")
    error = tree.error("validate", "p")
    assert [item["code"] for item in error["diagnostics"]] == ["validate::python_parse"]


@pytest.mark.parametrize("code", [
    "def g[T = int](x: T) -> T:\n    return x", "type A[T = str] = list[T]", "x = 1\ry = 2\r",
    "class C[T = int]: pass",
])
def test_valid_python_is_accepted(tree, code):
    tree.plugin(code=HANDLER + code + "\n")
    assert tree.json("validate", "p") == (0, {"status": "ok", "result": {}})


def test_help_help_is_help(tree):
    for args in (["help", "--help"], ["help", "-h"], ["help", "new", "--help"]):
        status, out, err = tree.run(*args)
        assert (status, err) == (0, "") and "Usage: influxdb3-plugin" in out
