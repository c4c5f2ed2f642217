#!/usr/bin/python3
"""The reference implementation as an oracle over generated inputs.

    reference.py --bin OURS --reference THEIRS [--only KIND] [--seed N] [--scale F] [-v]

Kinds: manifest (mutated manifest.toml), index (mutated index.json, through info, search
and yank), requirement and url (strings, in batches), folder (plugin directories with
random trees and exclude patterns, through package). Both executables run over the same
tree; exit status, standard output, and every file written must be the same, but for the
differences that docs/deviations.md lists, which are recognized one by one, counted and
shown. Prints `N passed, N failed`.
"""
import argparse
import collections
import concurrent.futures
import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
spec = importlib.util.spec_from_file_location("run", ROOT / "tests/conformance/run.py")
conformance = importlib.util.module_from_spec(spec)
spec.loader.exec_module(conformance)

ENTRY_POINT = "".join(f"def {name}(*args):\n    pass\n" for name in
                      ("process_writes", "process_scheduled_call", "process_request"))
HASH = "sha256:" + "0123456789abcdef" * 4

NAMES = ["sample", "a", "A-b_c", "con", "Lpt9", "x" * 64, "x" * 65, "1a", "", "a b", "\u00e9", "a.b",
         "-a", "a\n", "CON1", "nul"]
VERSIONS = ["1.0.0", "1.0", "1.0.0-rc.1+b.5", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-0a", "1.0.0+",
            "1.0.0+01", "18446744073709551615.0.0", "18446744073709551616.0.0", " 1.0.0", "v1.0.0",
            "1.0.0-99999999999999999999999", "1.0.0-a..b", "1.0.0-\u00e9", "", "1.0.0+a+b"]
DESCRIPTIONS = ["A sample.", "", "two\nlines", "cr\r", "x" * 200, "x" * 201, "\u00e9" * 200,
                "\U0001f600" * 201, "\u0000", "e\u0301" * 100, "\u2028", "\u0958" * 101]
TRIGGERS = ["process_writes", "process_scheduled_call", "process_request", "Process_writes",
            "process_write", "", " process_writes"]
URLS = ["https://example.com", "HTTP://EX.com:80/a/../b", "ftp://x", "not a url", "", "https://",
        "https://a b", "https://\u00e9.com/\u00e9?\u00e9#\u00e9", "https://u:p@h", "https:/x", "https:x",
        "http://1.2.3", "http://[::1]:0080", "https://h:99999", "file:///a/b", "javascript:x",
        "https://x/%zz", "//x", "https://xn--a", "https://x/^"]
REQUIREMENTS = [">=3.0.0", "1", "1.2", "1.*", "*", "", ">=1,<2", ">= 1 , < 2", "1.2.3-rc.1", "~1", "^0.0.3",
                "=1.*.*", ">1.x", "1.*.2", "1,", "1||2", "1 - 2", "01", "=", ">=\t1", "x.1",
                "1.2.3+b", "18446744073709551616", "<=1.2.3-a", "> 1", "1.2-a", "*,1", ">*"]
PYTHON = ["requests", "a>1", "a[b]", "a @ https://x/y", "a;python_version>'3'", "a==", "", "a b",
          "a>=1,<2;os_name=='x' and (sys_platform!='y')", "a @ c:/x", "a===1.*"]
SCHEMAS = ["1.3", "1.0", "1.99", "2.0", "2.1", "2.9", "0.9", "1", "1.", ".1", "01.3", "1.3.0", "4294967296.1",
           "1.4294967296", "", "3.0"]
ODD_TOML = ["1", "1.5", "true", "[]", "{}", "[1]", "1979-05-27T07:32:00Z", "''", "[[]]", "{a = 1}", "'''x'''",
            "inf", "0x1F", "1979-05-27", "07:32:60"]



def toml_string(text):
    out = json.dumps(text, ensure_ascii=False)
    return "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in out)


def mutate_text(rng, text, alphabet):
    """A few small wounds: a character out, in, doubled, replaced, two lines swapped."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(6)
        if kind == 0 and text:
            text = text[:at] + text[at + 1:]
        elif kind == 1:
            text = text[:at] + rng.choice(alphabet) + text[at:]
        elif kind == 2 and at < len(text):
            text = text[:at] + rng.choice(alphabet) + text[at + 1:]
        elif kind == 3:
            end = min(len(text), at + rng.randrange(1, 12))
            text = text[:at] + text[at:end] * 2 + text[end:]
        elif kind == 4:
            lines = text.split("\n")
            i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
            text = "\n".join(lines)
        else:
            end = min(len(text), at + rng.randrange(1, 20))
            text = text[:at] + text[end:]
    return text


# ---------------------------------------------------------------- kinds

def manifest_text(rng):
    def some(pool, usual, chance=0.25):
        return toml_string(rng.choice(pool) if rng.random() < chance else usual)

    lines = [f"manifest_schema_version = {some(SCHEMAS, '1.3', 0.1)}", "[plugin]",
             f"name = {some(NAMES, 'sample')}", f"version = {some(VERSIONS, '1.0.0')}",
             f"description = {some(DESCRIPTIONS, 'A sample.')}",
             f"triggers = [{', '.join(some(TRIGGERS, 'process_writes') for _ in range(rng.choice((1, 1, 2, 0, 3))))}]"]
    for key in ("homepage", "repository", "documentation"):
        if rng.random() < 0.3:
            lines.append(f"{key} = {some(URLS, 'https://example.com/x', 0.5)}")
    if rng.random() < 0.2:
        lines.append("exclude = ['*.pyc', 'tests/**']")
    lines += ["[dependencies]", f"database_version = {some(REQUIREMENTS, '>=3.0.0')}"]
    if rng.random() < 0.5:
        lines.append(f"python = [{', '.join(some(PYTHON, 'requests', 0.5) for _ in range(rng.randrange(4)))}]")
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        lines += ["[[dependencies.plugins]]", f"index_url = {some(URLS, 'https://example.com/i', 0.3)}",
                  f"name = {some(NAMES, rng.choice(['other', 'Other', 'third']), 0.2)}",
                  f"version = {some(REQUIREMENTS, '1', 0.3)}"]
    if rng.random() < 0.25:
        at = rng.randrange(len(lines))
        if " = " in lines[at]:
            lines[at] = lines[at].split(" = ")[0] + " = " + rng.choice(ODD_TOML)
    if rng.random() < 0.1:
        del lines[rng.randrange(len(lines))]
    text = "\n".join(lines) + "\n"
    if rng.random() < 0.35:
        text = mutate_text(rng, text, "\"'[]{}=.,#\\\n\r\t _-x1\u00e9")
    return text


def manifest_case(rng):
    return {"files": {"p/manifest.toml": manifest_text(rng), "p/__init__.py": ENTRY_POINT},
            "argv": ["validate", "p"]}


def index_entry(rng):
    def some(pool, usual, chance=0.08):
        return rng.choice(pool) if rng.random() < chance else usual

    entry = {"name": some(NAMES, rng.choice(["alpha", "Beta", "gam-ma"])),
             "version": some(VERSIONS, f"{rng.randrange(3)}.{rng.randrange(12)}.0{rng.choice(['', '', '-rc.1', '+b', '+b.2'])}"),
             "published_at": some(["2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01t00:00:00Z", "",
                                   "2024-12-31T23:59:60Z", "0000-01-01T00:00:00Z"], "2024-02-29T23:59:59Z"),
             "description": some(DESCRIPTIONS, "About it."),
             "triggers": [some(TRIGGERS, "process_writes") for _ in range(rng.choice((1, 1, 2)))],
             "dependencies": {"database_version": some(REQUIREMENTS, rng.choice([">=3.0.0", "^3", ">=4.0.0-0", "*"])),
                              "python": [some(PYTHON, "requests") for _ in range(rng.randrange(3))]},
             "hash": some(["sha256:0", HASH.upper(), ""], HASH)}
    for key in ("homepage", "repository", "documentation"):
        if rng.random() < 0.3:
            entry[key] = some(URLS, "https://example.com/x", 0.2)
    if rng.random() < 0.3:
        entry["yanked"] = rng.random() < 0.7
    if rng.random() < 0.2:
        entry["dependencies"]["plugins"] = [{"index_url": some(URLS, "https://example.com/i"),
                                             "name": some(NAMES, "other"), "version": some(REQUIREMENTS, "1")}
                                            for _ in range(rng.randrange(3))]
    return entry


def wound(rng, value):
    """Replaces, removes or doubles a value somewhere in a JSON tree."""
    path = []
    at = value
    while isinstance(at, (dict, list)) and at and rng.random() < 0.85:
        key = rng.choice(list(at) if isinstance(at, dict) else range(len(at)))
        path.append((at, key))
        at = at[key]
    if not path:
        return
    holder, key = path[-1]
    kind = rng.randrange(3)
    if kind == 0:
        holder[key] = rng.choice([None, 1, 1.5, True, "", "x", [], {}, -0.0, 1e300])
    elif kind == 1:
        del holder[key]
    elif isinstance(holder, list):
        holder.append(holder[key])


def index_case(rng):
    index = {"index_schema_version": "2.1" if rng.random() < 0.93 else rng.choice(SCHEMAS),
             "artifacts_url": "https://example.com/a/" if rng.random() < 0.9 else rng.choice(URLS),
             "plugins": [index_entry(rng) for _ in range(rng.choice((0, 1, 2, 3, 5, 8)))]}
    if rng.random() < 0.3:
        wound(rng, index)
    text = json.dumps(index, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, 2)))
    if rng.random() < 0.25:
        text = mutate_text(rng, text, "\"[]{}:,\\ \n0123456789eE+-.truefalsn\u00e9")
    name = rng.choice(["alpha", "beta", "GAM_ma", "other"])
    version = rng.choice(["0.1.0", "1.0.0", "1.0.0-rc.1", "2.3.0+b"])
    database = rng.choice([[], [], ["--database-version", rng.choice(["3.1.0", "4.0.0-rc.1", "2.0.0"])]])
    flags = [flag for flag in ("--include-yanked", "--include-incompatible") if rng.random() < 0.3]
    argv = rng.choice([
        ["info", name, "--index", "i.json", *database, *flags],
        ["info", name, "--index", "i.json", "--version", version, *database],
        ["search", rng.choice(["", "a", "ABOUT", "m-m"]), "--index", "i.json", *database, *flags],
        ["yank", f"{name}@{version}", "--index", "i.json", "--out", "out"],
        ["yank", f"Beta@{version}", "--index", "i.json", "--out", "out", "--undo"]])
    return {"files": {"i.json": text}, "argv": argv}


def strings_case(rng, pool, alphabet, key):
    strings = []
    while len(strings) < 100:
        text = rng.choice(pool)
        if rng.random() < 0.85:
            text = mutate_text(rng, text, alphabet)
        strings.append(text)
    return strings_document(strings, key)


def strings_document(strings, key):
    lines = ['manifest_schema_version = "1.3"', "[plugin]", 'name = "sample"', 'version = "1.0.0"',
             'description = "A sample."', 'triggers = ["process_writes"]', "[dependencies]",
             'database_version = ">=3.0.0"']
    for i, text in enumerate(strings):
        given = {"index_url": "https://example.com/i", "name": f"n{i}", "version": "1", key: text}
        lines += ["[[dependencies.plugins]]"] + [f"{k} = {toml_string(v)}" for k, v in given.items()]
    return {"files": {"p/manifest.toml": "\n".join(lines) + "\n", "p/__init__.py": ENTRY_POINT,
                      "reg/i.json": '{"index_schema_version":"2.1","artifacts_url":"https://e.com/","plugins":[]}'},
            "argv": ["validate", "p"], "strings": strings, "key": key}


def requirement_case(rng):
    return strings_case(rng, REQUIREMENTS + ["1.2.3-rc.1, <=1.2", "~0.2.x"], "0123456789.,*xX<>=~^ -+abz|", "version")


def url_case(rng):
    return strings_case(rng, URLS + ["https://example.com/a/./b/%2e%2E/c?q#f", "http://0x7f.1/", "https://ex.com:443/\\a",
                                     "https://\u2603.net/x", "file://host/p"],
                        ":/?#[]@!$&'()*+,;=%.-_~ab09\\ |^<>\"{}`\u00e9\u3002\t", "index_url")


def name_part(rng):
    return rng.choice(["a", "b", "ab", "x.py", "y.txt", "z.tmp", ".h", "d1", "e e", "\u00e9", "[x]", "a*", "{q}", "#c", "!n"])


def folder_case(rng):
    files = {"p/__init__.py": ENTRY_POINT}
    for _ in range(rng.randrange(1, 14)):
        parts = [name_part(rng) for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))]
        path = "p/" + "/".join(parts)
        if any(path.startswith(other + "/") or other.startswith(path + "/") or other == path for other in files):
            continue
        files[path] = ({"text": path, "mode": "0755"} if rng.random() < 0.2 else
                       {"symlink": "__init__.py"} if rng.random() < 0.1 else
                       rng.choice(["", path, path * 200]))
    pieces = ["*", "**", "?", "/", "/", "a", "b", "x", ".py", ".txt", ".*", "!", "[a-b]", "[!a]", "[x]", "\\*",
              "d1", "e e", "**/", "/**", "{a,b}", "#", "\\#", "\u00e9", "\\ "]
    patterns = ["".join(rng.choice(pieces) for _ in range(rng.randrange(1, 5))) for _ in range(rng.randrange(4))]
    manifest = "\n".join(['manifest_schema_version = "1.3"', "[plugin]", 'name = "sample"', 'version = "1.0.0"',
                          'description = "A sample."', 'triggers = ["process_writes"]',
                          f"exclude = [{', '.join(map(toml_string, patterns))}]",
                          "[dependencies]", 'database_version = ">=3.0.0"']) + "\n"
    files["p/manifest.toml"] = manifest
    files["reg/i.json"] = '{"index_schema_version":"2.1","artifacts_url":"https://e.com/","plugins":[]}'
    return {"files": files, "argv": ["package", "p", "--index", "reg/i.json", "--out", "out"], "patterns": patterns}


KINDS = {"manifest": (manifest_case, 6000), "index": (index_case, 6000), "requirement": (requirement_case, 60),
         "url": (url_case, 60), "folder": (folder_case, 3000)}


# ---------------------------------------------------------------- known differences

# Node's URL judges these.
FILE_URL = re.compile(r"[Ff][Ii][Ll][Ee]:")
OTHER_PORT = re.compile(r"(?!https?:|file:|ftp:|wss?:)[a-z][a-z0-9+.-]*://[^/?#]*:\d*\\", re.I)


def defect_texts(seen):
    """The `parse_error` of each defect of structure."""
    if isinstance(seen, dict):
        if seen.get("schema_variant") in ("JsonParse", "TomlParse"):
            yield seen.get("parse_error", "")
        seen = list(seen.values())
    if isinstance(seen, list):
        for item in seen:
            yield from defect_texts(item)


def without_odd_urls(case):
    """The same case without the URLs that the reference reads in its own way, or None."""
    text = json.dumps(case["files"])
    if case.get("key") == "index_url":
        plain = ["http:" if FILE_URL.search(url) or OTHER_PORT.match(url) else url
                 for url in case["strings"]]
        return strings_document(plain, "index_url") if plain != case["strings"] else None
    if not FILE_URL.search(text):
        return None
    return {**case, "files": {path: FILE_URL.sub("http:", text) if isinstance(text, str) else text
                              for path, text in case["files"].items()}}


def known(kind, case, binary, theirs):
    """The row of docs/deviations.md that explains a difference, or None."""
    if theirs[0]["exit"] == 101:
        return "the reference panics"
    if kind == "folder":
        # What git says of these the gitignore oracle asks.
        for pattern in case["patterns"]:
            if re.fullmatch(r"!?/+", pattern):
                return "exclude: a pattern of slashes alone"
            if "[!" in pattern:
                return "exclude: brackets and slashes"
            if "\\ " in pattern:
                return "exclude: escaped spaces"
    if kind == "index" and any(ARRAY.search(text) for text in defect_texts(prose(binary, case))):
        return "index: an array where an object belongs"
    return None


ARRAY = re.compile("must hold objects|must be an object")


def prose(binary, case):
    """The command's own words, which the comparison leaves out."""
    with tempfile.TemporaryDirectory() as folder:
        conformance.build_tree(folder, case["files"])
        done = subprocess.run([binary, *case["argv"]], cwd=folder, capture_output=True,
                              stdin=subprocess.DEVNULL)
    return json.loads(done.stdout)


def observe_both(case, binary, reference):
    ours = conformance.observe(binary, case)
    theirs = conformance.observe(reference, case)
    conformance.name_variants(theirs)
    return theirs, conformance.differences({"all": theirs}, {"all": ours})


def compare(job):
    kind, seed, binary, reference = job
    case = KINDS[kind][0](random.Random(f"{kind} {seed}"))
    weight = len(case.get("strings", "1"))
    row = None
    theirs, differences = observe_both(case, binary, reference)
    if differences and kind in ("url", "manifest", "index"):
        other = without_odd_urls(case)
        if other is not None:
            case, row = other, "URL: file, or a backslash behind a port"
            theirs, differences = observe_both(case, binary, reference)
    if differences:
        row = known(kind, case, binary, theirs)
    elif row is None:
        return weight, None, None
    return weight, row, (kind, seed, case, differences)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    binary, reference = os.path.abspath(args.bin), os.path.abspath(args.reference)
    for path in (binary, reference):
        if not os.access(path, os.X_OK):
            sys.exit(f"{path}: not an executable")
    passed = failed = 0
    rows = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for kind, (_, count) in KINDS.items():
            if args.only not in kind:
                continue
            jobs = [(kind, args.seed * 1_000_000 + i, binary, reference) for i in range(int(count * args.scale))]
            for weight, row, story in pool.map(compare, jobs):
                if story is None:
                    passed += weight
                elif row is not None:
                    passed += weight
                    rows[row] += 1
                else:
                    failed += 1
                    if failed <= 20 or args.v:
                        kind, seed, case, differences = story
                        print(f"{kind} {seed}: {json.dumps(case['argv'])}")
                        if args.v:
                            print("  " + json.dumps(case["files"])[:3000])
                        for line in differences[:6]:
                            print("  " + line.encode("ascii", "backslashreplace").decode())
            print(f"{kind}: {len(jobs)} runs", flush=True)
    for row, count in sorted(rows.items()):
        print(f"known difference: {row}: {count}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
