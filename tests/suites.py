#!/usr/bin/python3
"""Run the test suites one after another and add up what they count.

    suites.py [--full] [--only NAME]

Each suite's output is kept in build/suites/NAME.log and shown when it fails. A suite that
counts nothing has failed. The last line is `total: N passed, N failed`.
"""
import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"
RELEASE = ROOT / "build" / "influxdb3-plugin"
SANITIZED = ROOT / "build-san" / "influxdb3-plugin"
TOOLS = Path(os.environ.get("I3P_TOOLS", Path.home() / ".cache" / "influxdb3-plugin-dev"))
REFERENCE = TOOLS / "bin" / "influxdb3-plugin"

# Each of the forms in which a suite may close.
PLAIN = re.compile(r"(\d+) passed, (\d+) failed")
MESON = re.compile(r"^(Ok|Fail|Timeout|Unexpected Pass):\s+(\d+)", re.M)
CMOCKA = re.compile(r"^\[  (PASSED|FAILED)  \] (\d+) test\(s\)", re.M)
PYTEST = re.compile(r"(\d+) (passed|failed|error|errors|skipped)\b")


def conformance(binary, *more):
    return [PYTHON, "tests/conformance/run.py", "--bin", str(binary), *more]


def pytest(folder, *more):
    return [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder, *more]


QUICK = [
    ("unit", ["meson", "test", "-C", "build-san", "--no-rebuild", "--verbose"]),
    ("rooms", [PYTHON, "tools/check_rooms.py", "build"]),
    ("cli", pytest("tests/cli")),
    ("faults", pytest("tests/faults")),
    ("conformance", conformance(RELEASE)),
    ("conformance-sanitized", conformance(SANITIZED)),
]
# Publishing, against real servers.
SERVERS = ("servers", pytest("tests/servers"))
SERVERS_FULL = ("servers", pytest("tests/servers", "--full"))
FULL = [
    # The long search: faults and deaths together, 100,000 schedules of five publishers.
    ("interleavings", ["env", "I3P_SCHEDULES=100000",
                       "build-san/tests/unit/test_change_explore"]),
    ("oracles", [PYTHON, "tests/oracles/run.py"]),
]


def count(name, output):
    """Passed and failed, in the form the suite's runner closes with."""
    if name in ("unit", "interleavings"):
        # The programs' own counts where they show, so that a number is a test.
        tests = {"PASSED": 0, "FAILED": 0}
        for word, number in CMOCKA.findall(output):
            tests[word] += int(number)
        programs = dict.fromkeys(("Ok", "Fail", "Timeout", "Unexpected Pass"), 0)
        programs.update((word, int(number)) for word, number in MESON.findall(output))
        failed = sum(number for word, number in programs.items() if word != "Ok")
        return tests["PASSED"], max(failed, tests["FAILED"])
    lines = output.strip().splitlines() or [""]
    plain = PLAIN.fullmatch(lines[-1].strip())
    if plain:
        return int(plain[1]), int(plain[2])
    passed = failed = 0
    for number, word in PYTEST.findall(lines[-1]):
        if word == "passed":
            passed += int(number)
        elif word != "deselected":  # a skipped test has not passed
            failed += int(number)
    return passed, failed


def run(name, command):
    log = ROOT / "build" / "suites" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    env = dict(os.environ, I3P_BIN=str(RELEASE), I3P_BIN_SANITIZED=str(SANITIZED),
               I3P_REFERENCE=str(REFERENCE),
               ASAN_OPTIONS="detect_leaks=1:abort_on_error=1:allocator_may_return_null=1",
               UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    start = time.monotonic()
    with open(log, "w+", encoding="utf-8", errors="replace") as out:
        status = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                                stdout=out, stderr=subprocess.STDOUT).returncode
        out.seek(0)
        output = out.read()
    passed, failed = count(name, output)
    if (status != 0 or passed == 0) and failed == 0:
        failed = 1
    took = time.monotonic() - start
    print(f"{name:<24} {passed:>7} passed, {failed} failed  ({took:.0f} s)", flush=True)
    if failed:
        print("\n".join(output.splitlines()[-80:]), flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    more = [SERVERS_FULL, *FULL] if args.full else [SERVERS]
    suites = [suite for suite in QUICK + more
              if args.only in suite[0]]
    counts = [run(name, command) for name, command in suites]
    passed, failed = (sum(column) for column in zip(*counts)) if counts else (0, 0)
    print(f"total: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
