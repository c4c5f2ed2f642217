"""Every row of errors.def is raised once through the command, or a reason says why not."""
import json
import os
import re
import subprocess

import pytest
from conftest import BINARY, HANDLER, MANIFEST, ROOT, base_env, entry, index_of

TABLE = (ROOT / "src" / "base" / "errors.def").read_text()
# What only publishing raises is raised in tests/servers.
NETWORK = re.compile(r"(publish|registry|store|auth)::|usage::(invalid_location|conflicting)"
                     r"|warning::(changed|store|no_history)")
ERRORS = {row: code for row, code in re.findall(r'^ERROR\((\w+), "([^"]+)"', TABLE, re.M)
          if not NETWORK.match(code)}
VARIANTS = dict(re.findall(r'^VARIANT\((\w+), "(\w+)"', TABLE, re.M))

# Rows that the command cannot raise.
NOT_RAISED = {
    "SCHEMA_REPORTED": "the code of every variant, never without one",
    "HASH_FAILED": "a digest cannot fail here; the code is the contract's",
    "YANK_IO_FAILED": "reading and writing have codes of their own; the code is the contract's",
    "USAGE_MISSING_SUBCOMMAND": "a missing command is a usage::parse_error",
    "USAGE_TOO_FEW_VALUES": "no option takes several values",
    "MEMORY_EXHAUSTED": "tests/faults fail every allocation",
    "CANONICALIZE_FAILED": "needs a directory that vanishes between two calls",
}
DEPENDENCY = '\n[[dependencies.plugins]]\nindex_url = "https://i.example"\nname = "q"\nversion = "1"\n'


def manifest(old, new):
    return lambda tree: (tree.plugin(manifest=MANIFEST.replace(old, new)), ["validate", "p"])[1]


def index(*entries, **more):
    return lambda tree: (tree.write("i.json", index_of(*entries, **more)),
                         ["search", "--index", "i.json"])[1]


def package(**files):
    def build(tree):
        tree.plugin(**files)
        return ["package", "p", "--index", "reg/index.json", "--out", "o"]
    return build


def plain(*args):
    return lambda tree: list(args)


def with_file(path, content, *args):
    return lambda tree: (tree.write(path, content), list(args))[1]


def large_file(tree):
    with open(tree.root / "p" / "large", "wb") as file:
        file.truncate(8 << 30)  # sparse
    return ["package", "p", "--index", "reg/index.json", "--out", "o"]


def long_path(tree):
    # Through the directory, for a path may not be that long at once.
    deep = "/".join(["d" * 60] * 5)
    tree.write(f"p/{deep}/f.txt")
    return ["package", "p", "--index", "reg/index.json", "--out", "o"]


def own_index(content, *args):
    return with_file("reg/index.json", content, *args)


PACKAGE = ("package", "p", "--index", "reg/index.json", "--out", "o")
SCENARIOS = {
    "VALIDATE_FAILED": plain("validate", "nowhere"),
    "MISSING_REQUIRED_FILE": plain("validate", "nowhere"),
    "NO_ENTRY_POINT": lambda tree: ((tree.root / "p/sample.py").unlink(), ["validate", "p"])[1],
    "AMBIGUOUS_ENTRY_POINT": with_file("p/other.py", "", "validate", "p"),
    "PYTHON_PARSE": with_file("p/sample.py", "def", "validate", "p"),
    "TRIGGER_NOT_IMPLEMENTED": with_file("p/sample.py", "", "validate", "p"),
    "ASYNC_TRIGGER_FN": with_file("p/sample.py", "async " + HANDLER, "validate", "p"),
    "NAME_VERSION_CONFLICT": with_file("i.json", index_of(entry("Sample")), "validate", "p",
                                       "--index", "i.json"),
    "VALIDATE_INDEX_READ_FAILED": plain("validate", "p", "--index", "no.json"),
    "VALIDATE_IO_FAILED": with_file("p/manifest.toml", b"\xff", "validate", "p"),
    "VALIDATE_INVALID_EXCLUDE": manifest("triggers", 'exclude = ["[z-a]"]\ntriggers'),
    "ALREADY_PUBLISHED": own_index(index_of(entry("sample")), *PACKAGE),
    "CANONICAL_COLLISION": own_index(index_of(entry("Sample")), *PACKAGE),
    "PATH_TOO_LONG": long_path,
    "ARCHIVE_FAILED": large_file,
    "PACKAGE_SCHEMA": own_index(index_of(entry(description="\u0344" * 150)), *PACKAGE),
    "PACKAGE_INDEX_PARSE": own_index("{", *PACKAGE),
    "PACKAGE_IO_FAILED": with_file("p/manifest.toml", b"\xff", *PACKAGE),
    "PACKAGE_INVALID_EXCLUDE": package(
        manifest=MANIFEST.replace("triggers", 'exclude = ["a\\\\"]\ntriggers')),
    "ENTRY_NOT_FOUND": plain("yank", "a@1.0.0", "--index", "reg/index.json", "--out", "o"),
    "YANK_INDEX_PARSE": own_index("", "yank", "a@1.0.0", "--index", "reg/index.json",
                                  "--out", "o"),
    "YANK_SCHEMA": own_index(index_of(entry(description="\u0344" * 150)), "yank",
                             "alpha@1.0.0", "--index", "reg/index.json", "--out", "o"),
    "INDEX_READ_FAILED": plain("search", "--index", "no.json"),
    "INDEX_PARSE_FAILED": own_index("[]", "info", "a", "--index", "reg/index.json"),
    "SCAFFOLD_FAILED": plain("new", "index", "reg"),
    "DERIVED_NAME_INVALID": plain("new", "process_writes", "1x"),
    "DERIVED_NAME_UNAVAILABLE": plain("new", "process_writes", ".."),
    "PATH_RESOLUTION_NEW": ["new", "process_writes", "x"],
    "READ_FAILED": plain("package", "p", "--index", "no.json", "--out", "o"),
    "WRITE_FAILED": plain("package", "p", "--index", "reg/index.json", "--out",
                          "p/sample.py"),
    "RESOLUTION_FAILED": ["search", "--index", "x"],
    "USAGE_MISSING_ARGUMENT": plain("search"),
    "USAGE_INVALID_VALUE": plain("validate", ""),
    "USAGE_VALUE_VALIDATION": plain("info", "a", "--version", "1", "--index", "x"),
    "USAGE_UNKNOWN_ARGUMENT": plain("validate", "--nope"),
    "USAGE_INVALID_SUBCOMMAND": plain("nope"),
    "USAGE_TOO_MANY_VALUES": plain("new", "index", "--force=1"),
    "USAGE_PARSE_ERROR": plain(),
    "USAGE_INVALID_NAME": plain("info", "1x", "--index", "x"),
    "USAGE_INVALID_ARTIFACTS_URL": plain("new", "index", "r", "--artifacts-url", "x"),
    "USAGE_INVALID_DATABASE_VERSION": plain("search", "--database-version", "x", "--index", "x"),
    "USAGE_INVALID_TARGET": plain("yank", "a"),
    "USAGE_INPUT_OUTPUT_OVERLAP": plain("package", "p", "--index", "reg/index.json",
                                        "--out", "reg"),
    "USAGE_SIBLING_COLLISION": plain("new", "process_writes", "P"),
    "WARNING_UNKNOWN_KEY": manifest("triggers", "trigers = 1\ntriggers"),
    "WARNING_REQUIREMENTS": with_file("p/requirements.txt", "a\n", "validate", "p"),
    "WARNING_SIGNATURE": with_file("p/sample.py", "def process_writes(): pass\n", "validate", "p"),
    "WARNING_UNDECLARED_TRIGGER": with_file(
        "p/sample.py", HANDLER + "def process_request(a, b, c, d, e=None): pass\n",
        "validate", "p"),
    "WARNING_LARGE_ARTIFACT": lambda tree: (tree.write("p/x", os.urandom(11 << 20)),
                                            list(PACKAGE))[1],

    "INVALID_PLUGIN_NAME": manifest('"sample"', '"1"'),
    "RESERVED_PLUGIN_NAME": manifest('"sample"', '"NUL"'),
    "INVALID_VERSION": manifest('"1.0.0"', '"1"'),
    "DESCRIPTION_EMPTY": manifest('"A sample."', '""'),
    "DESCRIPTION_MULTILINE": manifest('"A sample."', r'"a\nb"'),
    "DESCRIPTION_TOO_LONG": manifest('"A sample."', f'"{"x" * 201}"'),
    "EMPTY_TRIGGERS": manifest('["process_writes"]', "[]"),
    "UNKNOWN_TRIGGER_TYPE": manifest('["process_writes"]', '["x"]'),
    "INVALID_URL": manifest("triggers", 'homepage = "x"\ntriggers'),
    "INVALID_URL_SCHEME": manifest("triggers", 'homepage = "ftp://x"\ntriggers'),
    "UNSUPPORTED_ARTIFACT_SCHEME": index(artifacts_url="ftp://x"),
    "UNSUPPORTED_INDEX_URL_SCHEME": manifest(
        '">=3.0.0"', '">=3"' + DEPENDENCY.replace("https", "ftp")),
    "INVALID_DATABASE_VERSION": manifest('">=3.0.0"', '">>"'),
    "INVALID_PLUGIN_DEPENDENCY_VERSION": manifest(
        '">=3.0.0"', '">=3"' + DEPENDENCY.replace('"1"', '"x.1"')),
    "INVALID_PYTHON_REQUIREMENT": manifest('">=3.0.0"', '">=3"\npython = ["!"]'),
    "DUPLICATE_PLUGIN_DEPENDENCY": manifest('">=3.0.0"', '">=3"' + DEPENDENCY * 2),
    "INVALID_HASH": index(entry(hash="x")),
    "INVALID_PUBLISHED_AT": index(entry(published_at="x")),
    "DUPLICATE_INDEX_ENTRY": index(entry(), entry()),
    "INDEX_CANONICAL_COLLISION": index(entry("a-b"), entry("a_b")),
    "UNSUPPORTED_MANIFEST_MAJOR": manifest('"1.3"', '"2.0"'),
    "UNSUPPORTED_INDEX_MAJOR": index(index_schema_version="1.0"),
    "MALFORMED_SCHEMA_VERSION": manifest('"1.3"', '"1"'),
    "TOML_PARSE": manifest("[plugin]", "[plugin"),
    "JSON_PARSE": own_index("{", "search", "--index", "reg/index.json"),
}

def run_nowhere(tree, args):
    """In a working directory that is gone."""
    done = subprocess.run(
        ["sh", "-c", 'mkdir gone; cd gone; rmdir ../gone; exec "$@"', "sh", BINARY, *args],
        cwd=tree.root, env=base_env(None), capture_output=True)
    return done.returncode, json.loads(done.stdout)


def test_every_row_has_a_scenario_or_a_reason():
    rows = set(ERRORS) | set(VARIANTS)
    assert len(rows) > 70
    assert set(SCENARIOS) | set(NOT_RAISED) == rows
    assert not set(SCENARIOS) & set(NOT_RAISED)


@pytest.mark.parametrize("row", SCENARIOS)
def test_row(tree, row):
    code = ERRORS.get(row)
    scenario = SCENARIOS[row]
    if isinstance(scenario, list):
        status, document = run_nowhere(tree, scenario)
        assert (status, document["error"]["code"]) == (1, code)
        return
    args = scenario(tree)
    if row.startswith("WARNING_"):
        status, _, err = tree.human(*args)
        assert status == 0 and f"[{code}] " in err
        return
    status, out, err = tree.run(*args)
    error = json.loads(out)["error"]
    found = [error, *error.get("diagnostics", [])]
    if code is not None:
        hit = next(item for item in found if item["code"] == code)
        assert status == (2 if code.startswith("usage::") else 1)
    else:
        hit = next(item for item in found
                   if item.get("details", {}).get("schema_variant") == VARIANTS[row])
        assert status == 1
    assert hit["message"] and err == ""
    # And in words.
    mode = [] if not args or args == ["nope"] else ["--output", "human"]
    if mode:
        _, out, err = tree.run(*args, *mode)
        label = "validation failed" if "diagnostics" in hit else f"[{hit['code']}] "
        assert out == "" and label in err
