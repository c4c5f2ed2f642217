#!/usr/bin/python3
"""PyPI's `packaging` as an oracle for Python requirements.

    pep508_packaging.py --driver pep508_driver [--count N] [--seed N] [--spaces]

Compares verdicts over generated and wounded strings and, where both accept, the parts:
name, extras, specifiers, URL, marker. The two dialects differ on purpose (docs/formats.md,
"PEP 508"). Each known difference is a rewriting that takes it out of a string; a
disagreement counts as known only if both accept what the rewritings that apply have
made of it, or if it is gone once all whitespace is spaces. `--spaces` strews all kinds
of whitespace. Prints `N passed, N failed`.
"""
import argparse
import collections
import re
import sys

import pep508_reference as made
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

ENDS = r"whl|zip|tar|tgz|tbz|txz|tlz|tar\.gz|tar\.bz2|tar\.xz|tar\.lz|tar\.lzma"
SPACE = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"

WHITESPACE = re.compile("[\n-\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def compared_text(match):
    """Behind `===` packaging takes all up to whitespace, with commas; here it is a version."""
    before, space, text = match.groups()
    version, _, rest = text.partition(",")
    try:
        Version(version)
    except InvalidVersion:
        version = None
    if version and (not rest or rest[0] in "<>=!~"):
        return f"{before}=={space}{text}"
    return f"{before}== 1{',' if text.endswith(',') else ''}"


# What each takes out, and how. Where a string holds `@`, what follows is a URL.
REWRITINGS = [
    ("whitespace other than space and tab", WHITESPACE, " "),
    ("control characters that only Python calls whitespace", re.compile("[\x1c-\x1f]"), " "),
    ("URLs: which schemes, whether they parse, what may stand in them",
     re.compile(rf"^([^;(<>=!~@]*)@{SPACE}*[^ \t].*?(?={SPACE};|$)", re.S), r"\1@https://e.com/"),
    ("=== compares any text", re.compile(r"^([^;@]*?)===(\s*)([^\s;)]*)"), compared_text),
    ("numbers of any size", re.compile(r"(?<![\w+.])(?=v?\d)[^\s,;)+]*\d{20,}[^\s,;)+]*", re.I), "1.0"),
    ("wildcards behind pre- and post-releases",
     re.compile(r"(==|!=)\s*[^\s,;)'\"]+\.\*"), r"\g<1>1.*"),
    ("a comma behind the last specifier", re.compile(rf"^([^;@]*),(?={SPACE}*(?:\)|;|$))"), r"\1"),
    ("empty parentheses", re.compile(rf"^([^;@]*)\({SPACE}*\)"), r"\1"),
    ("names and extras that end in `_`",
     re.compile(r"^([^;@<>=!~(]*_)(?=[\s\[<>=!~;@(,\]]|$)"), r"\1a"),
    ("files without a name before", re.compile(rf"^({SPACE}*)\w[\w.-]*\.(?:{ENDS})(?![\w.-])"), r"\1a"),
    ("whitespace behind `and` and `or`", re.compile(r"\b(and|or)(?=['\"(])"), r"\1 "),
    ("=== in markers", re.compile(r"^([^;]*;.*)===", re.S), r"\1=="),
    ("`not in` may touch a variable", re.compile(r"\b(not\s+in)(?=[a-z])"), r"\1 "),
    ("strings in markers that are no Python literals", re.compile(r"[\\\x00]"), ""),
    ("variables for groups", re.compile(r"\b(extras|dependency_groups)\b"), "extra"),
]


def theirs(text):
    try:
        return Requirement(text)
    except (InvalidRequirement, SyntaxError, ValueError):
        # It reads strings in markers as Python literals, and lets their errors through.
        return None


def parts(answer):
    """The driver's answer: None for an error, else the five parts, None where absent."""
    words = answer.split(" ")
    if words[0] != "ok":
        return None
    return [None if word == "-" else bytes.fromhex(word).decode("utf-8") for word in words[1:]]


def rewritten(text):
    names = []
    for name, pattern, replacement in REWRITINGS:
        # More than once, since a match may hide the next one.
        for _ in range(20):
            changed = pattern.sub(replacement, text)
            if changed == text:
                break
            text = changed
            if name not in names:
                names.append(name)
    return text, names


def agree(requirement, part):
    """The same verdict and, where both accept, the same parts."""
    if requirement is None or part is None:
        return requirement is None and part is None
    name, extras, specifiers, url, marker = part
    found = {extra.strip() for extra in extras.split(",")} - {""} if extras else set()
    return (requirement.name == name
            and requirement.extras == found
            and requirement.specifier == SpecifierSet(specifiers or "")
            and requirement.url == url
            and (requirement.marker == Marker(marker) if marker else requirement.marker is None))


class Comparison:
    """Counts agreements and known differences; keeps what is left."""

    def __init__(self, driver):
        self.driver = driver
        self.counts = collections.Counter()

    def ask(self, texts):
        return zip(texts, map(theirs, texts), map(parts, made.ours(self.driver, texts)), strict=True)

    def agreed(self, texts):
        """Takes out the texts that are judged alike; returns the others."""
        left = []
        for text, requirement, part in self.ask(texts):
            if agree(requirement, part):
                self.counts["accepted alike" if part else "rejected alike"] += 1
            else:
                left.append(text)
        return left

    def like_with_spaces(self, texts):
        """Those judged alike once all whitespace is a space, whatever the verdict: in
        packaging a URL holds line breaks and all else but space and tab."""
        spaced = [WHITESPACE.sub(" ", text) for text in texts]
        left = []
        for text, (plain, requirement, part) in zip(texts, self.ask(spaced), strict=True):
            if plain != text and agree(requirement, part):
                self.counts["known: whitespace other than space and tab"] += 1
            else:
                left.append(text)
        return left

    def like_when_rewritten(self, texts):
        """Those that both accept once what is known to differ is rewritten."""
        changed = [rewritten(text) for text in texts]
        left = []
        judged = self.ask([plain for plain, _ in changed])
        for text, (_, names), (plain, requirement, part) in zip(texts, changed, judged, strict=True):
            if names and requirement is not None and part is not None:
                self.counts.update("known: " + name for name in names)
            else:
                left.append(f"{text!r}, rewritten {plain!r}")
        return left


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--count", type=int, default=25000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spaces", action="store_true")
    options = parser.parse_args()
    if not options.spaces:
        made.SPACES = (made.SPACES[0], ["   ", "\t\t"])
    comparison = Comparison(options.driver)
    left = comparison.agreed(made.generate(options.seed, options.count))
    left = comparison.like_when_rewritten(comparison.like_with_spaces(left))
    for name, number in sorted(comparison.counts.items()):
        print(f"{number:6} {name}")
    for line in left:
        print("judged differently:", line)
    print(f"{options.count - len(left)} passed, {len(left)} failed")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
