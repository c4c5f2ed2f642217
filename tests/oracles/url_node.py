#!/usr/bin/python3
"""The URL Standard's reference implementation and Node's URL as oracles for generated URLs.

    url_node.py --driver url_driver [--count N] [--seed N] [--node NODE] [--cache FOLDER]

Builds URLs from parts, wounds most of them, and compares the verdicts and serializations
with the npm package whatwg-url, which is installed into the folder if it is not there
($I3P_TOOLS/node unless given), and with the URL that Node itself has. Prints
`N passed, N failed`, a URL counting once for each.

The differences that are meant: `^` in a path is kept here, where the others write `%5E`,
and a file URL's path of slashes alone becomes one (docs/formats.md). Where Node 20 is behind
the Standard is listed in node_is_behind; the reference implementation has one known fault,
see model_miscounts. Characters newer than Unicode 14 are not generated: the
three may know different versions.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

WHATWG_URL = "whatwg-url@16.0.1"
NODE = r"""
if (process.argv.length > 1) globalThis.URL = require(process.argv[1]).URL;
const lines = require('readline').createInterface({ input: process.stdin });
lines.on('line', line => {
  let answer = null;
  try {
    const url = new URL(JSON.parse(line));
    answer = [url.href, url.pathname];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
});
"""

SCHEMES = ["http", "https", "https", "https", "file", "file", "ftp", "ws", "wss", "x", "mailto", "HTTP",
           "File", "a+b-c.1", "data", "javascript", "blob", "git+https"]
SLASHES = ["://", "://", "://", "://", ":", ":/", ":///", "::", ":\\\\", ":/\\", ":////", ":\\", "", "//"]
CREDENTIALS = ["", "", "", "", "u@", "u:p@", ":@", "@", ":p@", "u:@", "a@b@", "u:p:q@", "u%40:@", "é:é@",
               "u/p@", "u\\p@", "[u]@", "|^`{}<>\"' ;=@"]
HOSTS = ["", "example.com", "EXAMPLE.Com", "a.b", "localhost", "LocalHost", "a..b", ".", "..", "a.b.", "_a",
         "a--b", "-a-", "ex%41mple", "a%2fb", "a%00", "%ff", "%", "%4", "a b", "a^b", "a|b", "[", "]",
         "1", "1.2", "1.2.3", "1.2.3.4", "1.2.3.4.", "1.2.3.4.5", "1.2.3.4..", "256", "1.256", "1.2.65536",
         "4294967295", "4294967296", "0x", "0x7f.1", "0X10", "0xg", "010", "08", "a.08", "a.0x1", "1..2",
         "00000000000000000001", "99999999999999999999", "0.0.0.0x100", "1.a", "%31", "１．２", "1。2",
         "[::]", "[::1]", "[1::]", "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[0:0::0]",
         "[1:0:0:2:0:0:0:3]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", "[::1.2.3]", "[::01.2.3.4]",
         "[::1.2.3.256]", "[1:2]", "[:::]", "[::g]", "[::1%25a]", "[FFFF::00AB]", "[12345::]", "[::1]a", "[::",
         "bücher", "BÜCHER", "straße", "☃", "faß.de", "日本語", "a\u0301", "\u0301a", "é", "%c3%a9",
         "xn--bcher-kva", "XN--N3H", "xn--", "xn--a", "xn--9", "xn--a-", "xn--n3h.é", "xn--u-ccb", "xn--é",
         "א", "אa", "aא", "1א", "א1", "א.1", "א.a", "ا١", "ا1١", "نامه\u200cای", "a\u200cb", "क\u094d\u200dष",
         "a\u00adb", "\u00ad", "ﬁ", "①", "℀", "㎏", "İ", "ς", "K", "Å", "ａ", "。", "a｡b", "\u200b", "\ufeff",
         "\u2060", "😀", "👨\u200d👩", "\ue000", "\u0378", "C:", "C|", "c%7C", "⒈"]
PORTS = ["", "", "", "", ":", ":80", ":443", ":21", ":0", ":65535", ":65536", ":00080", ":x", ":8x", ":-1",
         ":٣", ":80:80"]
SEGMENTS = ["", "a", "b", "a b", ".", "..", "%2e", "%2E.", ".%2e", "%2e%2e", "...", "..a", ".a", "C:", "C|",
            "c:", "C:x", "c%7C", "é", "%", "%zz", "%41", "\"<>`{}", "|^[]~", "'", ";=:@", "\x7f", "\x01", "日",
            "a\tb", "\\", "a\\..\\b", "+-_.", "//"]
QUERIES = ["", "", "", "?", "?q", "?a=b&c", "?'\"<>`{}|^", "?é", "??", "?/../", "?a b ", "?%zz", "?\\"]
FRAGMENTS = ["", "", "", "#", "#f", "#'\"<>`{}|^", "#é", "##", "#?", "# ", "#%zz", "#\\"]
AROUND = ["", "", "", "", " ", "\t", "\n", "\x00", "\x1f", "\u00a0", "\u200b"]
ALPHABET = list("aZ09 /\\?#:@[].%-_~!$&'()*+,;=|^`{}<>\"\t\n\r\x00\x01\x7f") + [
    "..", "%2e", "xn--", "://", "C|", "é", "\u0301", "א", "\u200c", "\u200d", "。", "ß", "0x", "::", "%00"]


def build(rng):
    path = "".join(rng.choice("//\\/") + rng.choice(SEGMENTS) for _ in range(rng.randrange(5)))
    host = ".".join(rng.choice(HOSTS) for _ in range(1 if rng.random() < 0.7 else 2))
    return "".join([rng.choice(AROUND), rng.choice(SCHEMES), rng.choice(SLASHES),
                    rng.choice(CREDENTIALS), host, rng.choice(PORTS), path,
                    rng.choice(QUERIES), rng.choice(FRAGMENTS), rng.choice(AROUND)])


def wound(rng, text):
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        end = at if rng.random() < 0.6 else min(len(text), at + rng.randrange(1, 4))
        text = text[:at] + (rng.choice(ALPHABET) if rng.random() < 0.8 else "") + text[end:]
    return text


def agree(text, ours, theirs):
    if theirs is None or ours is None:
        return ours == theirs
    href, path = theirs
    if href.startswith("file:") and len(path) > 1 and not path.strip("/"):
        return ours == re.sub("/+(?=[?#]|$)", "/" if "://" + path not in href else "///", href, count=1)
    if "^" in text and "%5E" in path:
        return ours.replace("^", "%5E") == href.replace("^", "%5E")
    return ours == href


def node_is_behind(text, ours, rule, theirs):
    """Where Node 20 departs from the Standard, found with its reference implementation."""
    if theirs is None:
        return False
    href, path = theirs
    scheme = href.split(":")[0]
    if ours is None:
        # It asks less than UTS #46 of directions, of joiners and of a needless `xn--`, and
        # takes an empty part before the last hyphen.
        return "xn---" in text.lower() or rule in ("host label mixes writing directions",
                        "host label has a misplaced joiner",
                        "host label `xn--` stands for plain ASCII")
    if re.search(r"/\.\.?(/|$)", path):  # leaves dot segments behind `/.a`
        return True
    if scheme == "file":  # takes `C:x` for a drive letter that `..` leaves
        return re.match(r"/[A-Za-z]:[^/]", path) is not None
    if path == "":  # drops the slash where `/..` leaves nothing, in other schemes
        return re.sub("/(?=[?#]|$)", "", ours, count=1) == href
    # It keeps the space that ends an opaque path.
    return re.match(r"[^:]*:[^/]", href) and ours == re.sub(r" ([?#])", r"%20\1", href, count=1)


def model_miscounts(text, ours, other):
    """whatwg-url counts code points of credentials but steps over UTF-16 units."""
    return re.search("[\U00010000-\U0010ffff].*@", text, re.S) and agree(text, ours, other)


def implementation(node, texts, *args):
    done = subprocess.run([node, "-e", NODE, *args], text=True, check=True,
                          input="".join(json.dumps(text) + "\n" for text in texts),
                          stdout=subprocess.PIPE)
    answers = done.stdout.splitlines()
    if len(answers) != len(texts):
        sys.exit(f"{len(texts)} URLs, {len(answers)} answers")
    return [json.loads(answer) for answer in answers]


def own(driver, texts):
    """Result or None, and the rule that was broken."""
    done = subprocess.run([driver], text=True, check=True,
                          input="".join(text.encode().hex() + "\n" for text in texts),
                          stdout=subprocess.PIPE)
    answers = done.stdout.splitlines()
    if len(answers) != len(texts):
        sys.exit(f"{len(texts)} URLs, {len(answers)} answers of the driver")
    for answer in answers:
        if answer.startswith("ok "):
            yield bytes.fromhex(answer[3:]).decode(), ""
        else:
            yield None, answer.split(" ", 2)[2]


def whatwg_url(cache):
    package = cache / "node_modules" / "whatwg-url"
    if not package.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund",
                        "--ignore-scripts", "--prefix", cache, WHATWG_URL], check=True,
                       stdout=subprocess.DEVNULL)
    return package


def main():
    tools = os.environ.get("I3P_TOOLS", Path.home() / ".cache" / "influxdb3-plugin-dev")
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--node", default="node")
    parser.add_argument("--cache", type=Path, default=Path(tools) / "node")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    texts = [wound(rng, build(rng)) for _ in range(options.count)]
    verdicts = list(own(options.driver, texts))
    standard = implementation(options.node, texts, whatwg_url(options.cache).resolve())
    node = implementation(options.node, texts)
    failures = []
    behind = 0
    for text, (ours, rule), model, other in zip(texts, verdicts, standard, node):
        if not agree(text, ours, model) and not model_miscounts(text, ours, other):
            failures.append(f"{ascii(text)}: here {ascii(ours or rule)}, whatwg-url {ascii(model)}")
        if not agree(text, ours, other):
            if node_is_behind(text, ours, rule, other):
                behind += 1
            else:
                failures.append(f"{ascii(text)}: here {ascii(ours or rule)}, Node {ascii(other)}")
    print("\n".join(failures[:50]))
    valid = sum(ours is not None for ours, _ in verdicts)
    print(f"{valid} of {len(texts)} are valid, Node is behind the Standard in {behind}")
    print(f"{2 * len(texts) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures or not valid else 0


if __name__ == "__main__":
    sys.exit(main())
