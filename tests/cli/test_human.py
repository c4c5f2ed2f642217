"""What people read: errors with their places, warnings, results."""
import json
import re

import pytest
from conftest import HANDLER, INDEX, MANIFEST, entry, index_of


def blocks(text):
    """The numbered diagnostics of a failed validation, without their numbers."""
    head, *rest = re.split(r"(?m)^  \d+\. ", text)
    return head, rest


def place(block):
    """File, line, column, the line shown and what stands above the caret."""
    lines = block.splitlines()
    at = next(i for i, line in enumerate(lines) if "--> " in line)
    file, line, column = re.fullmatch(r" *--> (.*):(\d+):(\d+)", lines[at]).groups()
    number, shown = re.fullmatch(r" *(\d+) \| (.*)", lines[at + 1]).groups()
    assert number == line
    caret = lines[at + 2]
    assert re.fullmatch(r" *\| +\^|  *\| \^", caret), caret
    assert caret.index("|") == lines[at + 1].index("|")
    return file, int(line), int(column), shown, shown[caret.index("^") - caret.index("|") - 2:]


def test_an_error_without_a_place_is_a_line_and_advice(tree):
    status, out, err = tree.human("search", "--index", "no.json")
    assert (status, out) == (1, "")
    assert err == ("[index::index_read_failed] no.json: the index cannot be read: "
                   "no such file or directory\n"
                   "  help: check the path given with --index\n")


def test_diagnostics_are_counted_and_numbered(tree):
    tree.plugin(manifest=MANIFEST.replace('"sample"', '"1x"').replace('"1.0.0"', '"1"'))
    status, out, err = tree.human("validate", "p")
    assert (status, out) == (1, "")
    head, found = blocks(err)
    assert head == "validation failed: 2 diagnostic(s)\n"
    assert found[0].startswith("[validate::schema_reported] plugin.name: ")
    assert found[1].startswith("[validate::schema_reported] plugin.version: ")
    assert "help: " in found[0]


@pytest.mark.parametrize("old,new,line,column,above", [
    ('"sample"', '"1x"', 4, 8, '"1x"'),
    ('"1.0.0"', '"1"', 5, 11, '"1"'),
    ('["process_writes"]', '["process_writes", "x"]', 7, 31, '"x"]'),
    ('">=3.0.0"', '">>"', 10, 20, '">>"'),
    ('version = "1.0.0"', 'version = "1.0.0', 5, None, None),
])
def test_manifest_defects_have_a_caret(tree, old, new, line, column, above):
    tree.plugin(manifest=MANIFEST.replace(old, new))
    _, _, err = tree.human("validate", "p")
    file, at, found, shown, below = place(blocks(err)[1][0])
    assert (file, at) == ("p/manifest.toml", line)
    assert shown == MANIFEST.replace(old, new).splitlines()[line - 1]
    if column is not None:
        assert (found, below) == (column, above)


def test_index_defects_have_a_caret(tree):
    tree.write("i.json", INDEX.replace("https:", "ftp:"))
    _, _, err = tree.human("search", "--index", "i.json")
    assert place(err)[:4] == ("i.json", 3, 20, INDEX.replace("https:", "ftp:").splitlines()[2])


def test_json_syntax_has_a_caret(tree):
    tree.write("i.json", INDEX.replace("[]", "[}"))
    _, _, err = tree.human("validate", "p", "--index", "i.json")
    file, line, _, shown, below = place(err)
    assert (file, line, shown, below) == ("i.json", 4, '  "plugins": [}', "}")


def test_python_defects_have_a_caret(tree):
    tree.plugin(code=HANDLER + "\nx = = 1\n")
    _, _, err = tree.human("validate", "p")
    file, line, _, shown, _ = place(err)
    assert (file, line, shown) == ("p/sample.py", 4, "x = = 1")
    assert "[validate::python_parse] sample.py: " in err


def test_an_async_trigger_is_pointed_at(tree):
    tree.plugin(code="async " + HANDLER)
    _, _, err = tree.human("validate", "p")
    assert place(err)[:2] == ("p/sample.py", 1)
    assert "help: " in err


def test_the_caret_counts_columns_of_the_terminal(tree):
    """A tab, a wide character and a combining one stand before the value."""
    tree.plugin(manifest=MANIFEST.replace(
        'triggers = ["process_writes"]',
        'triggers = [\t"process_writes", "中é", "x"]'))
    _, _, err = tree.human("validate", "p")
    lines = blocks(err)[1][1].splitlines()
    shown = next(line for line in lines if " | triggers" in line)
    caret = next(line for line in lines if line.endswith("^"))
    assert "\t" not in shown
    # Two columns for the one wide character before it.
    assert caret.index("^") == shown.index('"x"') + 1


def test_a_long_line_is_cut_around_the_caret(tree):
    many = ", ".join(f'"p{i}"' for i in range(200))
    tree.plugin(manifest=MANIFEST + f'python = [{many}, "!!", {many}]\n')
    _, _, err = tree.human("validate", "p")
    shown = next(line for line in err.splitlines() if re.match(r" *\d+ \| ", line))
    assert len(shown) < 100 and shown.count("…") == 2
    *_, below = place(err)
    assert below.startswith('"!!"')


def test_paths_below_the_working_directory_are_relative(tree):
    _, _, err = tree.human("search", "--index", str(tree.root / "no.json"))
    assert "no.json" in err and str(tree.root) not in err
    _, _, err = tree.human("search", "--index", "/nowhere/no.json")
    assert err.startswith("[index::index_read_failed] /nowhere/no.json: ")


def test_control_characters_never_reach_the_terminal(tree):
    tree.plugin(manifest=MANIFEST.replace('"sample"', r'"a\u001b[2J\u202e\u0085b"'))
    status, out, err = tree.human("validate", "p")
    assert status == 1
    assert r"a\u{1b}[2J\u{202e}\u{85}b" in err
    tree.write("i.json", index_of(entry(description="a\x1b]0;x\x07b")))
    status, out, err = tree.human("search", "--index", "i.json")
    assert status == 0 and out.count("\n") == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", out + err)


@pytest.mark.parametrize("args,hint", [
    (["validat"], "did you mean `validate`?"),
    (["validate", "--indx", "x"], "did you mean `--index`?"),
    (["new", "proces_writes"], "did you mean `process_writes`?"),
    (["search", "--trigger-type", "x"], "process_scheduled_call"),
    (["--output", "human"], "follows the command's name"),
])
def test_usage_errors_help(tree, args, hint):
    status, out, err = tree.run(*args, *([] if "--output" in args else ["--output", "human"]))
    assert (status, out) == (2, "")
    first, rest = err.split("\n", 1)
    assert re.match(r"\[usage::\w+\] ", first) and hint in first
    assert "\nUsage: influxdb3-plugin " in rest and "--help" in rest


def test_a_missing_command_shows_the_help(tree):
    status, _, err = tree.run(env={"CI": ""}, stdout=open("/dev/null", "w"))
    assert status == 2
    status, _, err = tree.terminal()
    assert status == 2 and "Commands:" in err and "--help" in err


# ---------------------------------------------------------------- warnings

def test_warnings_change_nothing_else(tree):
    tree.plugin(manifest=MANIFEST.replace("description", "descripton = 1\ndescription"))
    status, out, err = tree.human("validate", "p")
    assert status == 0 and out.startswith("validation passed")
    assert err.startswith("[warning::unknown_key] ")
    assert "did you mean `plugin.description`?" in err
    assert place(err)[:3] == ("p/manifest.toml", 6, 1)
    assert tree.json("validate", "p") == (0, {"status": "ok", "result": {}})


def test_every_warning(tree):
    tree.plugin(
        manifest=MANIFEST.replace("[dependencies]", "[dependencies]\npython = ['b>=1']"),
        code="def process_writes(a):\n    pass\ndef process_request(a, b, c, d):\n    pass\n",
        **{"requirements.txt": "a==1\n"})
    status, _, err = tree.human("validate", "p")
    assert status == 0
    for code in ("requirements_differ", "trigger_signature", "undeclared_trigger"):
        assert f"[warning::{code}]" in err
    assert "p/requirements.txt:1:1" in err and "p/sample.py:1:5" in err


def test_warnings_come_with_errors_too(tree):
    tree.plugin(manifest=MANIFEST + "more = 1\n", code="x = 1\n")
    status, _, err = tree.human("validate", "p")
    assert status == 1
    assert "[warning::unknown_key]" in err and "[validate::trigger_not_implemented]" in err


def test_a_large_artifact_is_a_warning(tree):
    import random
    tree.plugin(**{"big.bin": random.Random(1).randbytes(11 << 20), "small.bin": "x"})
    status, out, err = tree.human("package", "p", "--index", "reg/index.json", "--out", "o")
    assert status == 0 and out.startswith("Packaged sample@1.0.0")
    assert err.startswith("[warning::large_artifact] ") and "big.bin" in err
    status, document = tree.json("package", "p", "--index", "reg/index.json", "--out", "o2")
    assert status == 0 and document["status"] == "ok"


# ---------------------------------------------------------------- results

def test_results(tree):
    status, out, _ = tree.human("new", "process_request", "./n")
    assert status == 0 and [line for line in out.splitlines()[1:]] == [
        "  manifest.toml", "  n.py", "  README.md"]
    assert tree.human("validate", "n") == (0, "validation passed: 0 diagnostics\n", "")
    status, out, err = tree.human("package", "n", "--index", "reg/index.json", "--out", "o")
    assert (status, err) == (0, "")
    assert "artifact: o/n-0.1.0.tar.gz\n" in out and "index:    o/index.json\n" in out
    status, out, _ = tree.human("yank", "n@0.1.0", "--index", "o/index.json", "--out", "y")
    assert out == "n@0.1.0 is now yanked\n  index: y/index.json\n"
    status, out, _ = tree.human("yank", "n@0.1.0", "--index", "y/index.json", "--out", "z")
    assert out == "n@0.1.0 was already yanked\n  index: z/index.json\n"
    status, out, _ = tree.human("search", "--index", "y/index.json")
    assert (status, out) == (0, "No matching plugins found.\n")
    status, out, _ = tree.human("info", "n", "--index", "y/index.json")
    assert (status, out) == (0, "No selectable version found for n.\n  reason: yanked\n")
    status, out, _ = tree.human("info", "m", "--index", "y/index.json")
    assert (status, out) == (0, "Plugin not found: m\n")


def test_search_aligns_its_columns(tree):
    tree.write("i.json", index_of(entry("a"), entry("longer-name", "10.20.30-rc.1"),
                                  entry("z", yanked=True, dependencies={
                                      "database_version": "^4", "python": []})))
    _, out, _ = tree.human("search", "--include-yanked", "--include-incompatible",
                           "--database-version", "3.0.0", "--index", "i.json")
    assert out.splitlines() == [
        "a            1.0.0          process_writes  About a.",
        "longer-name  10.20.30-rc.1  process_writes  About longer-name.",
        "z            1.0.0          process_writes  "
        "[yanked, incompatible: requires ^4, actual 3.0.0] About z.",
    ]


def test_many_hits_are_one_document(tree):
    """More than is buffered at a time."""
    tree.write("i.json", index_of(*(entry(f"p{i}") for i in range(3000))))
    status, document = tree.json("search", "--index", "i.json")
    assert status == 0
    assert [hit["name"] for hit in document["result"]["hits"]] == sorted(
        f"p{i}" for i in range(3000))
    assert json.dumps(document, separators=(",", ":")).count('"visible"') == 3000
