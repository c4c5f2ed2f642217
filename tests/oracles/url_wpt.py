#!/usr/bin/python3
"""The Web Platform Tests' URLs and Unicode's IDNA test as oracles.

    url_wpt.py --driver url_driver [--cache FOLDER]

Reads urltestdata.json and IdnaTestV2.txt, which the Rust packages url and idna carry; what
the folder does not hold yet is fetched into it with `cargo vendor`. The folder is
$I3P_TOOLS/url unless given. Of the URLs those count whose outcome no base can change.
Prints `N passed, N failed`.

Differences that are meant: `^` in a path is kept, and a file URL's path of slashes alone
becomes one (docs/formats.md). Of Unicode's statuses
those are no errors here that come from rules which the URL Standard switches off.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "2.5.8"
SPECIAL = {"http", "https", "ws", "wss", "ftp", "file"}
SWITCHED_OFF = {"A4_1", "A4_2", "X4_2", "V2", "V3", "U1"}  # DNS lengths, hyphens, STD3


def fetch(cache):
    """Puts both files into the cache folder."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "src").mkdir()
        (scratch / "src" / "lib.rs").touch()
        (scratch / "Cargo.toml").write_text(
            '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n'
            f'[dependencies]\nurl = "={VERSION}"\n')
        subprocess.run(["cargo", "vendor", "--quiet", "vendor"], cwd=scratch, check=True,
                       stdout=subprocess.DEVNULL)
        cache.mkdir(parents=True, exist_ok=True)
        for package, name in (("url", "urltestdata.json"), ("idna", "IdnaTestV2.txt")):
            found = next((scratch / "vendor" / package).rglob(name))
            shutil.copyfile(found, cache / name)


def text_of(units):
    """What a JSON string says in scalar values: lone surrogates become U+FFFD."""
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def ask(driver, texts, *args):
    """The driver's verdicts: the result as text, or None."""
    lines = "".join(text_of(text).encode().hex() + "\n" for text in texts)
    done = subprocess.run([driver, *args], input=lines, text=True, check=True,
                          stdout=subprocess.PIPE)
    answers = done.stdout.splitlines()
    if len(answers) != len(texts):
        sys.exit(f"the driver gave {len(answers)} answers to {len(texts)} questions")
    return [bytes.fromhex(a[3:]).decode() if a.startswith("ok ") else None for a in answers]


def stands_alone(case):
    """Whether the outcome is the same without the case's base."""
    base = case.get("base")
    if base is None:
        return True
    cleaned = re.sub("[\t\n\r]", "", case["input"].strip("".join(map(chr, range(0x21)))))
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", cleaned)
    if not found:
        return False
    scheme = found[1].lower()
    if scheme not in SPECIAL or scheme != base.split(":")[0].lower():
        return True
    return scheme != "file" and cleaned[found.end():].startswith("//")


def wanted_url(case):
    if case.get("failure"):
        return None
    href, path = case["href"], case["pathname"]
    if "^" in case["input"] and "%5E" in path and "%5E" not in case["input"]:
        href = href.replace(path, path.replace("%5E", "^"), 1)
    if case["protocol"] == "file:" and not path.strip("/"):
        host = len("file://" + case["host"])
        href = href[:host] + "/" + href[host + len(path):]
    return href


def url_cases(path):
    for case in json.loads(path.read_text(encoding="utf-8")):
        if isinstance(case, dict) and stands_alone(case):
            yield case["input"], wanted_url(case)


def unescape(column):
    if column == '""':
        return ""
    column = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1], 16)), column)
    return re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: chr(int(m[1], 16)), column)


def host_cases(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        columns = [column.strip() for column in line.split("#")[0].split(";")]
        if len(columns) < 5:
            continue
        source = unescape(columns[0])
        ascii_form = unescape(columns[3] or columns[1] or columns[0])
        errors = set(re.findall(r"\w+", columns[4] or columns[2])) - SWITCHED_OFF
        yield source, None if errors else ascii_form


def judge(driver, cases, *args):
    cases = list(cases)
    failed = 0
    for (text, want), got in zip(cases, ask(driver, [text for text, _ in cases], *args)):
        if got != want:
            failed += 1
            print(f"{ascii(text)}: expected {ascii(want)}, got {ascii(got)}")
    return len(cases) - failed, failed


def main():
    tools = os.environ.get("I3P_TOOLS", Path.home() / ".cache" / "influxdb3-plugin-dev")
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--cache", type=Path, default=Path(tools) / "url")
    options = parser.parse_args()
    urls, hosts = options.cache / "urltestdata.json", options.cache / "IdnaTestV2.txt"
    if not (urls.is_file() and hosts.is_file()):
        fetch(options.cache)
    passed, failed = judge(options.driver, url_cases(urls))
    more = judge(options.driver, host_cases(hosts), "host")
    print(f"{passed + more[0]} passed, {failed + more[1]} failed")
    return 1 if failed + more[1] or not passed or not more[0] else 0


if __name__ == "__main__":
    sys.exit(main())
