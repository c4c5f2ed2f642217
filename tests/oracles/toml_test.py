#!/usr/bin/python3
"""Compare the TOML parser with toml-test, the test suite of the TOML project.

    toml_test.py --toml-test PATH --driver PATH

Every invalid document must be rejected; every valid one must be accepted with the keys,
types and strings that the suite says. The last line is `N passed, N failed`.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TYPES = {"integer": "integer", "float": "float", "bool": "boolean", "date-local": "date",
         "time-local": "time", "datetime": "date-time", "datetime-local": "date-time"}


def is_text(data):
    """Not run otherwise: what is not UTF-8 is refused where files are read."""
    try:
        data.decode()
        return True
    except UnicodeDecodeError:
        return False


def expected(value):
    """The suite's tagged JSON in the driver's form."""
    if isinstance(value, list):
        return ["array", *map(expected, value)]
    if set(value) == {"type", "value"} and isinstance(value["type"], str):
        if value["type"] == "string":
            return ["string", value["value"]]
        return [TYPES[value["type"]]]
    return {key: expected(item) for key, item in value.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--toml-test", required=True)
    parser.add_argument("--driver", required=True)
    args = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([args.toml_test, "copy", "-toml", "1.0", folder], check=True,
                       stdout=subprocess.DEVNULL)
        paths = sorted(path for kind in ("valid", "invalid")
                       for path in Path(folder, kind).rglob("*.toml"))
        documents = [path.read_bytes() for path in paths]
        answers = {path: json.loads(path.with_suffix(".json").read_text())
                   for path in paths if path.with_suffix(".json").exists()}
    names = [str(path.relative_to(folder)) for path in paths]
    done = subprocess.run([args.driver], input="".join(d.hex() + "\n" for d in documents),
                          text=True, stdout=subprocess.PIPE, check=True)
    # A string may hold what splitlines would split at.
    lines = done.stdout.split("\n")[:-1]
    assert len(lines) == len(names) > 600, (len(lines), len(names))
    for name, path, document, line in zip(names, paths, documents, lines):
        if not is_text(document):
            continue
        verdict, _, rest = line.partition(" ")
        if path in answers:
            good = verdict == "ok" and json.loads(rest) == expected(answers[path])
        else:
            good = verdict == "bad"
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"{name}: {line[:300]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
