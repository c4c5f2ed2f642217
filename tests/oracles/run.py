#!/usr/bin/python3
"""Run every oracle and add up their counts: `N passed, N failed`.

    run.py [NAME…]

Each compares this project's verdicts with an authority outside it; setup.sh installs
those. An oracle whose authority is missing fails.
"""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = Path(os.environ.get("I3P_TOOLS", Path.home() / ".cache" / "influxdb3-plugin-dev"))
DRIVERS = ROOT / "build-san" / "tests" / "oracles"
BINARY = ROOT / "build" / "influxdb3-plugin"
REFERENCE = TOOLS / "bin" / "influxdb3-plugin"
PYTHON = "/usr/bin/python3"

def driver(name):
    return ["--driver", DRIVERS / f"{name}_driver"]


# Name: script and arguments.
ORACLES = {
    "reference": ["reference.py", "--bin", BINARY, "--reference", REFERENCE],
    "pep508-reference": ["pep508_reference.py", "--reference", REFERENCE, *driver("pep508")],
    "pep508-packaging": ["pep508_packaging.py", *driver("pep508")],
    "gitignore": ["gitignore_oracle.py", "--full", *driver("gitignore")],
    "url-wpt": ["url_wpt.py", *driver("url")],
    "url-node": ["url_node.py", *driver("url")],
    "toml-test": ["toml_test.py", "--toml-test", TOOLS / "bin" / "toml-test", *driver("toml")],
    "json": ["json_suite.py", *driver("index")],
    "python": ["python_ast.py", *driver("python")],
}


def main():
    chosen = sys.argv[1:] or list(ORACLES)
    passed = failed = 0
    env = dict(os.environ, PYTHONPATH=str(TOOLS / "python"))
    for name in chosen:
        start = time.monotonic()
        done = subprocess.run([PYTHON, str(HERE / ORACLES[name][0]),
                               *map(str, ORACLES[name][1:])],
                              cwd=ROOT, env=env, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        last = (done.stdout.strip().splitlines() or [""])[-1]
        found = re.fullmatch(r"(\d+) passed, (\d+) failed", last)
        good, bad = (int(found[1]), int(found[2])) if found else (0, 1)
        if bad == 0 and (done.returncode != 0 or good == 0):
            bad = 1
        passed, failed = passed + good, failed + bad
        print(f"{name}: {good} passed, {bad} failed ({time.monotonic() - start:.0f} s)", flush=True)
        if bad:
            print("\n".join(done.stdout.splitlines()[-40:]), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
