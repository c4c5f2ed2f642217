#!/usr/bin/python3
"""Put the recipes together from their parts (recipes/README.md).

    recipes.py          write docs/recipes/*.md
    recipes.py --check  fail where a page is not what its parts make
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "recipes"
RECIPES = [
    ("gcs", "github-actions"),
    ("github-releases", "github-actions"),
    ("gitlab-releases", "gitlab-ci"),
    ("https", "jenkins"),
    ("s3", "github-actions"),
    ("s3", "gitlab-ci"),
]
PART = re.compile(r"^\[\[(.+?)\]\]\n(.*?)(?=^\[\[.+?\]\]\n|\Z)", re.M | re.S)
# A part's name never has a dot or a space around it, so a runner's own `${{ … }}` stays.
ALONE = re.compile(r"^([ ]*)\{\{(\w+)\}\}\n", re.M)
INLINE = re.compile(r"\{\{(\w+)\}\}")


def parts_of(path):
    return {name: text.rstrip("\n") for name, text in PART.findall(path.read_text("utf-8"))}


def indented(text, indent):
    return "".join(indent + line if line else line
                   for line in (text + "\n").splitlines(keepends=True)) if text else ""


def filled(text, parts):
    """Every part in its place; parts may hold parts."""
    for pattern, made in ((ALONE, lambda match: indented(parts[match[2]], match[1])),
                          (INLINE, lambda match: parts[match[1]])):
        while pattern.search(text):
            text = pattern.sub(made, text)
    return text


def page(host, runner):
    mine = parts_of(ROOT / "recipes" / "runners" / f"{runner}.md")
    theirs = parts_of(ROOT / "recipes" / "hosts" / f"{host}.md")
    parts = {name: text for name, text in {**mine, **theirs}.items() if " " not in name}
    for name, text in theirs.items():
        if name.endswith(" " + runner):
            parts[name.split()[0]] = text
    parts["concurrency"] = mine["concurrency"] + "\n" + theirs["concurrency host"]
    return filled((ROOT / "recipes" / "page.md").read_text("utf-8"), parts)


def main():
    wrong = 0
    PAGES.mkdir(exist_ok=True)
    made = {f"{host}--{runner}.md": page(host, runner) for host, runner in RECIPES}
    for name, text in made.items():
        path = PAGES / name
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            print(f"{path.relative_to(ROOT)} is not what recipes/ makes: run tools/recipes.py")
            wrong += 1
    for path in PAGES.glob("*--*.md"):
        if path.name not in made:
            print(f"{path.relative_to(ROOT)} is no recipe of tools/recipes.py")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
