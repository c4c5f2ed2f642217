#!/usr/bin/python3
"""The reference implementation as an oracle for Python requirements.

    pep508_reference.py --reference THEIRS --driver pep508_driver [--count N] [--seed N]

Generates requirement strings, wounds most of them, and asks both for a verdict: the
reference through `validate` of a plugin whose manifest holds many strings, where each
bad one has a diagnostic of its own. Every verdict must be the same. Where the reference
panics (docs/deviations.md), the verdict is the one that the project has chosen: a name or
extra that ends in punctuation and text behind a marker are errors, a reversed `~=` counts
as any other comparison. Prints `N passed, N failed`.
"""
import argparse
import collections
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What is valid, and what is not or seldom is.
NAMES = (["a", "requests", "zope.interface", "A-b_c", "x9", "9x", "a..b", "x-.-y", "tar.gz"],
         ["x.zip", "y.tar.gz", "n.whl", "y.tar.lzma", "y.egg", "a-", "_a", "é"])
EXTRAS = (["", "", "", "", "[a]", "[]", "[ ]", "[a,b]", "[ a , b-c ]"],
          ["[a,]", "[a b]", "[a.]", "[,]", "[a][b]", "[é]", "[a", "[a.zip]"])
SPACES = (["", "", "", "", " ", " ", "  ", "\t"],
          ["\n", "\r\n", "\u00a0", "\u3000", "\u2028", "\x0b", "\x85", "\x1f", "\u200b", "\ufeff"])
OPERATORS = (["==", "!=", "<", "<=", ">", ">=", "==="],
             ["~=", "=", "<>", "=>", "!", "~", "====", "!==", "in", "^", "", "== ="])
VERSIONS = (["1", "1.0", "1.2.3", "v1.0", "1!2.0", "1.0a1", "1.0.rc-2", "1.0-1", "1.0.post2",
             "1.0.dev3", "1.0a1.post2.dev3", "01.002", "1.0_beta", "1.0rev4", "1.0pre", "1.0c3",
             "1.0a-", "1.0RC.", "18446744073709551615"],
            ["1.*", "1.2.*", "1.0+local.1", "1.0a1.post2.dev3+l-1", "1.0+a_b", "1.0.", "1..0", "1.0.x",
             "18446744073709551616.1", "1.*.2", "*", "١", "1.0+", "1.0a1.*", "1.0-1-2", "vv1"])
SCHEMES = (["https", "http", "file", "git+https", "git+ssh", "git+file", "hg+http", "hg+static-http",
            "svn+svn", "bzr+lp", "bzr+sftp"],
           ["HTTPS", "ftp", "ssh", "git", "git+foo", "svn+lp", "data", "hg+hg", "git+"])
PLACES = (["://example.com/x.whl", "://e.com", "://u:p@h/x#egg=y&z", "://${HOST_NAME}/a", "://[::1]/x",
           "://e.com:80/x?y=z", "://e.com/a b", "://e.com/a;b", "://e.com/#a", "://1.2.3.4/x",
           "://é.com/é", "://git@github.com/a/b.git@main"],
          [":", "://", ":/x", ":///srv/x", "://e.com:x", "://e com/", "//e.com", "://e.com:${PORT}/"])
URL_ENDS = (["", "", " ", " ", ";", "; ", "\n"], [" #", " x", "# ", "; ;", " \n", "\rx"])
VARIABLES = (["os_name", "sys_platform", "platform_machine", "platform_python_implementation",
              "platform_release", "platform_system", "platform_version", "python_version",
              "python_full_version", "implementation_name", "implementation_version", "extra",
              "os.name", "sys.platform", "platform.version", "platform.machine",
              "platform.python_implementation", "python_implementation"],
             ["platform.release", "group", "os", "Extra", "extras", "python_versions", "1"])
STRINGS = (["'posix'", '"3.8"', "'3.*'", "''", '"a\'b"', "'a;b'", "'é'", "'A.b'", "'-'", "'3.8 3.9'"],
           ["'3.8", '"""', "posix", "'a''b'"])
MARKER_OPERATORS = (["==", "!=", "<", "<=", ">", ">=", "~=", " in ", " not in ", " not  in\n"],
                    ["in", "===", "=", "notin", " is ", " not ", " In "])
CONNECTIVES = ([" and ", " or ", "and ", " or\n"], ["and", " and", " AND ", ", ", " && ", " not "])
ALPHABET = list("ax1.-_,;:@#()[]<>=!~*+'\" \t\n$/\\{}&|") + [
    "\u00a0", "\u3000", "\u200b", "é", " and ", " or ", " in ", " not in ", "==", ">=", "os_name", "'a'",
    "extra", ".*", "+a", "https://", "and", "or", "not", "\x00", "\x1f", "\r", "\x85", "\U0001f600"]


class Maker:
    """Makes one requirement; `odd` is how often a part is taken from the second list."""

    def __init__(self, rng, odd):
        self.rng, self.odd = rng, odd

    def some(self, lists):
        return self.rng.choice(lists[self.rng.random() < self.odd])

    def comparison(self):
        values = [self.some(VARIABLES if self.rng.random() < 0.5 else STRINGS) for _ in "ab"]
        return (values[0] + self.some(SPACES) + self.some(MARKER_OPERATORS) + self.some(SPACES)
                + values[1])

    def marker(self):
        text = self.comparison()
        while self.rng.random() < 0.4:
            text += self.some(CONNECTIVES)
            if self.rng.random() < 0.3:
                text = "(" + text + self.comparison() + self.some(SPACES) + ")"
            else:
                text += self.comparison()
        for _ in range(self.rng.choice((0, 0, 0, 1, 2))):
            text = "(" + text + self.some(([")", " )", ") "], [") or os_name == 'a'", "", "))"]))
        return text

    def specifiers(self):
        parts = []
        while not parts or self.rng.random() < 0.35:
            space = [self.some(SPACES) for _ in range(4)]
            operator, version = self.some(OPERATORS), self.some(VERSIONS)
            if operator == "~=" and self.rng.random() < 0.7:
                version = "1." + version
            if version.endswith(".*") and self.rng.random() < 0.7:
                operator = self.rng.choice(["==", "!="])
            parts.append(space[0] + operator + space[1] + version + space[2])
        return self.some((["%s", "%s", " %s", "(%s)", " ( %s ) "], ["(%s", "%s,", "%s)"])) % ",".join(parts)

    def requirement(self):
        text = self.some(SPACES) + self.some(NAMES) + self.some(SPACES) + self.some(EXTRAS)
        text += self.some(SPACES)
        kind = self.rng.random()
        if kind < 0.3:
            text += self.some((["@", "@ ", " @ "], ["@\n", "@@", "(@"]))
            text += self.some(SCHEMES) + self.some(PLACES) + self.some(URL_ENDS)
        elif kind < 0.85:
            text += self.specifiers()
        if self.rng.random() < 0.5:
            text += self.some(SPACES) + ";" + self.some(SPACES) + self.marker()
        return text + self.some(SPACES)


def wound(rng, text):
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            text = text[:at] + text[at + 1:]
        elif kind == 1:
            text = text[:at] + rng.choice(ALPHABET) + text[at:]
        elif kind == 2:
            text = text[:at] + rng.choice(ALPHABET) + text[at + 1:]
        elif kind == 3:
            end = at + rng.randrange(1, 8)
            text = text[:end] + text[at:]
        else:
            text = text[:at] + text[at + rng.randrange(1, 8):]
    return text


def generate(seed, count):
    rng = random.Random(seed)
    texts = {}
    while len(texts) < count:
        made = Maker(rng, rng.choice((0, 0.01, 0.03, 0.1))).requirement()
        texts[wound(rng, made)] = None
    return list(texts)


def toml_string(text):
    out = json.dumps(text, ensure_ascii=False)
    return "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in out)


class Reference:
    PANICS = {
        "string comparisons with ~= are ignored": "reversed",
        "validation should match PEP 508 parsing": "bad",
        "is not a char boundary": "bad",
    }
    FIELD = re.compile(r"dependencies\.python\[(\d+)\]")

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, Path(folder)
        (self.folder / "p").mkdir()
        (self.folder / "p" / "__init__.py").write_text("def process_writes(a, b):\n    pass\n")

    def run(self, texts):
        (self.folder / "p" / "manifest.toml").write_text(
            'manifest_schema_version = "1.3"\n[plugin]\nname = "sample"\nversion = "1.0.0"\n'
            'description = "A sample."\ntriggers = ["process_writes"]\n[dependencies]\n'
            'database_version = ">=3.0.0"\npython = [\n'
            + "".join(toml_string(text) + ",\n" for text in texts) + "]\n",
            encoding="utf-8", newline="")
        # Without an environment, since the reference puts its variables into URLs.
        return subprocess.run([self.binary, "validate", "--output", "json", "p"], cwd=self.folder,
                              env={}, stdin=subprocess.DEVNULL, capture_output=True)

    def verdicts(self, texts):
        """`ok`, `bad`, or `reversed` for the panic over a reversed `~=`."""
        done = self.run(texts)
        if done.returncode not in (0, 1):
            if len(texts) > 1:
                half = len(texts) // 2
                return self.verdicts(texts[:half]) + self.verdicts(texts[half:])
            said = done.stderr.decode("utf-8", "replace")
            known = [verdict for words, verdict in self.PANICS.items() if words in said]
            return known or [f"status {done.returncode}"]
        bad = {int(found) for found in self.FIELD.findall(done.stdout.decode("utf-8"))}
        # A message may quote such a path; the texts made here never hold one.
        if (done.returncode == 0) == bool(bad):
            sys.exit("pep508_reference: the reference answers in another way: " + repr(done.stdout[:500]))
        return ["bad" if at in bad else "ok" for at in range(len(texts))]

    def chosen(self, texts):
        """The verdicts that the project must have."""
        out = []
        for at in range(0, len(texts), 250):
            out += self.verdicts(texts[at:at + 250])
        for at, verdict in enumerate(out):
            if verdict == "reversed":
                out[at] = self.verdicts([texts[at].replace("~=", "==")])[0]
        return out


def ours(driver, texts):
    lines = "".join(text.encode("utf-8").hex() + "\n" for text in texts)
    done = subprocess.run([driver], input=lines, text=True, stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", required=True)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--count", type=int, default=25000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    texts = generate(options.seed, options.count)
    answers = ours(options.driver, texts)
    with tempfile.TemporaryDirectory() as folder:
        verdicts = Reference(options.reference, folder).chosen(texts)
    failed = 0
    for text, answer, verdict in zip(texts, answers, verdicts, strict=True):
        if answer.split(" ")[0] != verdict:
            failed += 1
            print(f"{text!r}: reference {verdict}, here {answer}")
    print("verdicts:", dict(collections.Counter(verdicts)))
    print(f"{len(texts) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
