#!/usr/bin/python3
"""Exclude patterns against git: random patterns and paths, verdict by verdict.

    gitignore_oracle.py --driver PROGRAM [--full] [--seed N]

A list of patterns is written to .git/info/exclude of a scratch repository that holds all
paths as files, and `git check-ignore --no-index` says for each file and directory which
pattern decides. The two rules differ by design in three places (docs/formats.md), so:

- git never brings back a file below an excluded directory. A path is compared only where
  git excludes none of its ancestors: then in both rules the last pattern that matches the
  file decides, and nothing else can. Below an excluded directory it is compared if the
  list has no `!`: both must exclude it.
- Braces, unclosed brackets, backslashes and named classes in brackets, chained ranges,
  three stars, tabs at the end, a backslash before the last `/`, and a lone `!` mean
  something else here, or nothing in git: they are not generated. Nor is `a**/b`: git
  compares the text before the first wildcard by itself, and what is left begins with
  `**/`, which then matches as if it stood alone; its manual says it does not.
- A directories-only pattern of stars alone matches the plugin directory itself here.

The last line is `N passed, N failed`, counting pairs of a pattern list and a path.
"""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ["a", "b", "c", "ab", "ba", "abc", "a.b", "x", "x.y", "-", "a-b", "[a", "[", "]",
         "a]", "\\", "a\\", "!a", "#a", " a", "a ", "a b", "*", "**", "?", "a*", "^", "\u00e9",
         "\u00e8", "\u65e5", b"\xff", b"a\xe9", "A", "B.C", "a,b", "{a}"]
ATOMS = ["a", "b", "c", "x", "y", ".", "-", ",", " ", "!", "#", "^", "A", "\u00e9", "\u65e5",
         "]", "*", "*", "*", "?", "/", "/", "\\*", "\\?", "\\[", "\\a", "\\\\", "\\ ", "\\{",
         "\\}", "[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[!]a]", "[a-]", "[-a]", "[--a]",
         "[a-a]", "[!a-c]", "[*]", "[?]", "[[]", "[#]", "[ ]", "[a/b]", "[!/]", "[+-a]",
         "[\u00e9]", "[a-\u00e9]", "[\u00e8-\u00e9]", "[!\u00e9]", "**", "**/", "/**", "/**/",
         "a*", "*b", "a/b", "a/", "/a", "*.b"]


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def ordinary(pattern):
    """Does git give this pattern the meaning that it has here?"""
    outside = re.sub(r"\\.|\[[!^]?\]?[^\]]*\]", "_", pattern)
    body = pattern.rstrip(" ").lstrip("!")
    return not ("***" in pattern or re.search(r"\\\\ +$", pattern)
                or re.search(r"\\/*$", outside) or re.search(r"\\/ *$", pattern)
                or "**\\" in pattern or re.search(r"[^/!]\*\*(/| *$)", pattern)
                or re.fullmatch(r"!*", pattern.rstrip(" "))
                or (body.endswith("/") and not body.strip("/*")))


def like(rng, path):
    """A pattern that comes close to the path."""
    parts = path.decode("utf-8", "replace").replace("\ufffd", "?").split("/")
    text = "/".join(parts[-rng.randrange(1, len(parts) + 1):])
    units = ["\\" + c if c in "*?[\\{}" else c for c in text]
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        at = rng.randrange(len(units))
        units[at] = rng.choice(["*", "?", "[a-c]", "[!a]", "**", "/**/", "", units[at]])
    return "".join(units)


def make_pattern(rng, files):
    while True:
        if rng.random() < 0.5:
            pattern = like(rng, rng.choice(files))
        else:
            pattern = "".join(rng.choice(ATOMS) for _ in range(rng.choice([1, 1, 2, 3, 4, 6])))
        pattern = rng.choice(["", "", "", "", "!", "/", "\\!", "\\#"]) + pattern
        pattern += rng.choice(["", "", "", "", "/", " ", "  "])
        if ordinary(pattern):
            return pattern


def make_tree(rng, folder):
    """Creates about sixty files; returns files and directories as paths."""
    files = {b"/".join(as_bytes(rng.choice(NAMES)) for _ in range(rng.choice([1, 1, 2, 2, 3, 4])))
             for _ in range(70)}
    folders = {path[:at] for path in files for at in range(len(path)) if path[at:at + 1] == b"/"}
    files -= folders
    for path in files:
        full = os.path.join(os.fsencode(folder), path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        open(full, "wb").close()
    return sorted(files), sorted(folders)


def git(folder, *arguments, **more):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "GIT_CONFIG_GLOBAL": "/dev/null",
           "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", "-C", folder, *arguments], env=env, capture_output=True, **more)


def ask_git(folder, patterns, paths):
    """Path -> whether git excludes it, itself or through a directory above."""
    Path(folder, ".git/info/exclude").write_bytes(b"".join(as_bytes(p) + b"\n" for p in patterns))
    done = git(folder, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin",
               input=b"".join(path + b"\0" for path in paths))
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    fields = done.stdout.split(b"\0")[:-1]
    return {fields[i + 3]: fields[i + 2] != b"" and not fields[i + 2].startswith(b"!")
            for i in range(0, len(fields), 4)}


def ask_ours(driver, patterns, paths):
    def listed(items):
        return "".join(as_bytes(item).hex() + "," for item in items)
    driver.stdin.write(f"{listed(patterns)} {listed(paths)}\n".encode())
    driver.stdin.flush()
    return driver.stdout.readline().decode().rstrip("\n")


def comparable(path, git_says, has_includes):
    above = [path[:at] for at in range(len(path)) if path[at:at + 1] == b"/"]
    return not has_includes or not any(git_says[folder] for folder in above)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", default=ROOT / "build-san/tests/oracles/gitignore_driver")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    driver = subprocess.Popen([str(options.driver)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    passed = failed = 0
    for _ in range(40 if options.full else 4):
        with tempfile.TemporaryDirectory() as folder:
            git(folder, "init", "-q", check=True)
            files, folders = make_tree(rng, folder)
            for _ in range(40):
                patterns = [make_pattern(rng, files) for _ in range(rng.choice([1, 1, 2, 3, 5]))]
                git_says = ask_git(folder, patterns, files + folders)
                ours = ask_ours(driver, patterns, files)
                has_includes = any(pattern.startswith("!") for pattern in patterns)
                for at, path in enumerate(files):
                    if not comparable(path, git_says, has_includes):
                        continue
                    if ours[at:at + 1] == (b"x" if git_says[path] else b".").decode():
                        passed += 1
                    else:
                        failed += 1
                        print(f"{patterns!r} {path!r}: git {git_says[path]}, ours {ours}")
    driver.stdin.close()
    driver.wait()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
