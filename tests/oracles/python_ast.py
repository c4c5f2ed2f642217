#!/usr/bin/python3
"""Python's verdicts compared with CPython's `ast`.

    python_ast.py --driver PATH [--count N] [--seed N]

First the whole standard library, verdicts and the facts of top-level functions; then N
mutated snippets of it (tokens removed, doubled, moved, replaced, characters removed or
put in). Judged by Python 3.13 where `$I3P_PYTHON` or PATH has one; an older one knows
less: of its verdicts those on f-strings and type parameters, which later versions
changed, are left out. Prints every false rejection. Fails on any, and below 99 %
agreement. The last line is `N passed, N failed`.
"""
import argparse
import ast
import io
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
import textwrap
import tokenize
import warnings
from pathlib import Path

PIECES = """( ) [ ] { } , : ; . = == != := -> * ** / // % @ @= + += - ~ < <> > <= ! & | ^ if
else elif for in not is and or lambda yield await async def class return pass break
continue del import from as with try except finally raise global nonlocal assert while
match case type print exec _ x y x.y x[0] f() (x) [x,y] None True 1 1.5 2j 0x1f 012 1_ 'a'
b'b' rb'\\x' f'{x}' f'{x!r:>{y}}' f'{x' 'a ... # \\ $ é ²""".split() + [
    "\n", "\n    ", "\n\t", "\\\n", " ", "'''", "\f"]
CHARACTERS = "()[]{}'\"\\\n\t :,.=*#@01axb_!fé\f-"
NEWER = re.compile(r"""(?i)\b(f|fr|rf)['"]|^\s*type\s|\b(def|class|type)\s+\w+\s*\[""", re.M)


def newest():
    """Goes on in Python 3.13 if there is one that runs."""
    found = os.environ.get("I3P_PYTHON") or shutil.which("python3.13")
    if sys.version_info >= (3, 13) or not found:
        return
    probe = [found, "-c", "import sys; sys.exit(sys.version_info < (3, 13))"]
    if subprocess.run(probe, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
        os.execv(found, [found, *sys.argv])


def parse(text):
    """The tree, None if it is wrong, or False if this Python cannot tell."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    except (RecursionError, MemoryError):
        return False


def facts(tree):
    """The top-level functions as the driver shows them."""
    shown = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = len(node.args.posonlyargs) + len(node.args.args)
            shown.append("{}:{}{}:{}:{}{}{}".format(
                node.name, "async:" if isinstance(node, ast.AsyncFunctionDef) else "",
                names, names - len(node.args.defaults),
                sum(default is None for default in node.args.kw_defaults),
                ":*" if node.args.vararg else "", ":**" if node.args.kwarg else ""))
    return " ".join(["ok", *shown])


def drive(driver, texts):
    encoded = [text.encode() for text in texts]
    data = b"".join(struct.pack("<I", len(text)) + text for text in encoded)
    done = subprocess.run([driver], input=data, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().splitlines()


def library():
    """Path and text of each file of the standard library that is UTF-8."""
    folder = Path(sysconfig.get_path("stdlib"))
    for path in sorted(folder.rglob("*.py")):
        if "site-packages" in path.parts or "dist-packages" in path.parts:
            continue
        try:
            yield path, path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            pass


def token_spans(text):
    """Start and end of each token, as offsets."""
    starts = [0]
    for line in text.splitlines(True):
        starts.append(starts[-1] + len(line))
    spans = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.string.strip() and token.end[0] < len(starts):
                spans.append((starts[token.start[0] - 1] + token.start[1],
                              starts[token.end[0] - 1] + token.end[1]))
    except (tokenize.TokenError, SyntaxError):
        pass
    return spans


def mutate_once(rng, text):
    spans = [span for span in token_spans(text) if span[1] <= len(text)]
    if not spans:
        return text + rng.choice(PIECES)
    start, end = rng.choice(spans)
    kind = rng.randrange(7)
    if kind == 0:
        return text[:start] + text[end:]
    if kind == 1:
        return text[:end] + " " + text[start:]
    if kind == 2:
        other = rng.choice(spans)
        return text[:start] + text[other[0]:other[1]] + text[end:]
    if kind == 3:
        return text[:start] + rng.choice(PIECES) + text[end:]
    if kind == 4:
        return text[:start] + " " + rng.choice(PIECES) + " " + text[start:]
    at = rng.randrange(len(text))
    if kind == 5:
        return text[:at] + text[at + 1:]
    return text[:at] + rng.choice(CHARACTERS) + text[at:]


def snippets(rng, files, count):
    """Statements of the library, one to three changes in each."""
    made = []
    while len(made) < count:
        text = rng.choice(files)
        tree = parse(text)
        if not tree:
            continue
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)
                 and node.end_lineno - node.lineno < 12]
        lines = text.split("\n")
        for node in rng.sample(nodes, min(len(nodes), 8)):
            piece = textwrap.dedent("\n".join(lines[node.lineno - 1:node.end_lineno])) + "\n"
            for _ in range(3):
                mutant = piece
                for _ in range(rng.choice((1, 1, 1, 2, 3))):
                    mutant = mutate_once(rng, mutant)
                made.append(mutant)
    return made[:count]


class Count:
    def __init__(self):
        self.agreed = self.differed = self.rejected = 0

    def judge(self, what, text, tree, answer):
        """One verdict; false rejections are printed."""
        good = answer.startswith("ok")
        if sys.version_info < (3, 13) and (tree is not None) != good and NEWER.search(text):
            return
        if (tree is not None) == good and (tree is None or facts(tree) == answer):
            self.agreed += 1
            return
        self.differed += 1
        if tree is not None:
            self.rejected += 1
            print(f"{what}: {answer}\n{text if what == 'snippet' else ''}")

    def close(self, name):
        total = self.agreed + self.differed
        print(f"{name}: {self.agreed} of {total} agree "
              f"({100 * self.agreed / total:.2f} %), {self.rejected} false rejections")


def compare(name, driver, pairs):
    count = Count()
    judged = [(what, text, tree) for what, text in pairs
              if (tree := parse(text)) is not False]
    answers = drive(driver, [text for _, text, _ in judged])
    assert len(answers) == len(judged)
    for (what, text, tree), answer in zip(judged, answers):
        count.judge(what, text, tree, answer)
    count.close(name)
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    newest()
    warnings.simplefilter("ignore")
    print("judged by Python", sys.version.split()[0])
    files = list(library())
    counts = [compare("standard library", args.driver, files)]
    made = snippets(random.Random(args.seed), [text for _, text in files], args.count)
    made = [text for text in made if "\ufeff" not in text]
    counts.append(compare("snippets", args.driver, [("snippet", text) for text in made]))
    passed = sum(count.agreed for count in counts)
    failed = sum(count.rejected for count in counts)
    for count in counts:
        if count.agreed < 99 * (count.agreed + count.differed) / 100:
            failed = max(failed, count.differed)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
