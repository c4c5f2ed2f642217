#!/usr/bin/python3
"""Check what the house promises about the source tree and about what is built.

    check_rooms.py [BUILD-DIR]

Source: who includes whom (the graph of docs/architecture.md), how long files and
functions are. With a build directory: the executable needs nothing but libc, the
libraries show the public header's functions and no other symbol, and the core calls
nothing that prints, ends the process, or reads or changes its surroundings.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What a room may include besides itself. `public` is include/influxdb3_plugin.h.
BELOW = ["base", "grammar", "schema", "plugin", "registry"]
GRAPH = {room: set(BELOW[:at]) for at, room in enumerate(BELOW)}
GRAPH["api"] = set(BELOW) | {"public"}
GRAPH["cli"] = set(BELOW) | {"public"}
GRAPH["net"] = {"base"}
GRAPH["stores"] = GRAPH["consumer"] = set(BELOW) | {"net"}
# Options, help and output are the command's own: the helper is the same command further on,
# and fills the results that it prints itself.
GRAPH["helper"] = set(BELOW) | {"net", "stores", "consumer", "public", "cli", "api"}

# Headers that belong to one file of one room.
KEPT = {
    "nettle/": "base",
    "libdeflate": "plugin",
    "curl/": "net",
    "openssl/": "net",
    "archive": "helper",
}

FILE_LINES = 500
FUNCTION_LINES = 66
# What neither the core nor, for the second group, anything here may call.
LOUD = {
    "printf", "fprintf", "puts", "putchar", "fputs", "fwrite", "perror", "stdout", "stderr",
    "exit", "_exit", "abort", "getenv", "secure_getenv", "setenv", "setlocale", "signal",
    "sigaction", "chdir", "fchdir", "umask", "fork", "system", "dlopen", "rand", "srand",
}
UNSAFE = {"strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "atoi", "system",
          "tmpnam", "mktemp", "alloca"}

# path: why it is longer
LONG_FILES = {}
LONG_FUNCTIONS = {}

SOURCES = (".c", ".h", ".cpp", ".def")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
FUNCTION = re.compile(r"^(?!typedef|struct|enum|union|static const|const|extern)[A-Za-z_].*?\b(\w+)\([^;{}]*?\) \{\n"
                      r"(.*?)^\}", re.M | re.S)


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, good, complaint):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(complaint)


def target_of(mark, name):
    """The room that an include line enters, or None for a system header."""
    if name == "influxdb3_plugin.h":
        return "public"
    return name.split("/")[0] if mark == '"' and "/" in name else None


def check_includes(checks, path, room, text):
    for mark, name in INCLUDE.findall(text):
        target = target_of(mark, name)
        if target is not None:
            checks.that(target == room or target in GRAPH[room],
                        f"{path}: {room} must not include {name}")
        for prefix, home in KEPT.items():
            if name.startswith(prefix):
                checks.that(room == home, f"{path}: only {home} includes {name}")


def check_length(checks, path, text):
    lines = text.count("\n")
    checks.that(lines <= FILE_LINES or path in LONG_FILES,
                f"{path}: {lines} lines, {FILE_LINES} are allowed")
    for name, body in FUNCTION.findall(text):
        lines = body.count("\n")
        checks.that(lines <= FUNCTION_LINES or f"{path}:{name}" in LONG_FUNCTIONS,
                    f"{path}: {name} has {lines} lines, {FUNCTION_LINES} are allowed")


def check_sources(checks):
    for file in sorted((ROOT / "src").rglob("*")):
        if file.suffix not in SOURCES:
            continue
        path = file.relative_to(ROOT).as_posix()
        room = path.split("/")[1]
        text = file.read_text(encoding="utf-8")
        checks.that(room in GRAPH, f"{path}: no such room")
        check_includes(checks, path, room, text)
        check_length(checks, path, text)
        if file.suffix == ".h":
            checks.that(text.startswith("/* "), f"{path}: no comment at its head")


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed(file):
    return set(re.findall(r"\(NEEDED\).*\[(.*?)\]", output_of("readelf", "-d", str(file))))


def symbols(*options):
    return {line.split()[-1] for line in output_of("nm", *options).splitlines()
            if len(line.split()) >= 3}


def check_calls(checks, build):
    """Undefined symbols of the core and of the command; fortified names count as plain."""
    for archive, forbidden in ((build / "src" / "libi3p-core.a", LOUD | UNSAFE),
                               (build / "src" / "cli" / "libi3p-cli.a", UNSAFE)):
        called = {re.sub(r"^__(\w+)_chk$", r"\1", line.split()[-1])
                  for line in output_of("nm", "-u", str(archive)).splitlines()
                  if line.strip().startswith("U ")}
        checks.that(len(called) > 30, f"{archive.name}: no symbols found")
        checks.that(not called & forbidden,
                    f"{archive.name} calls {', '.join(sorted(called & forbidden))}")


def check_products(checks, build):
    libc = {"libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
    header = (ROOT / "include" / "influxdb3_plugin.h").read_text(encoding="utf-8")
    public = set(re.findall(r"I3P_API[^;(]*?\b(i3p_\w+)\(", header))
    checks.that(len(public) > 50, "the public header declares too little")
    shared, static = build / "libinfluxdb3plugin.so.0", build / "libinfluxdb3plugin.a"
    for file in (build / "influxdb3-plugin", shared):
        more = needed(file) - libc
        checks.that(not more, f"{file.name} needs {', '.join(sorted(more))}")
    for file, found in ((shared, symbols("-D", "--defined-only", str(shared))),
                        (static, symbols("-g", "--defined-only", str(static)))):
        checks.that(found == public, f"{file.name} shows other symbols: "
                    f"{sorted(found - public)[:10]}, lacks {sorted(public - found)[:10]}")


def main():
    checks = Checks()
    check_sources(checks)
    if len(sys.argv) > 1:
        check_products(checks, ROOT / sys.argv[1])
        check_calls(checks, ROOT / sys.argv[1])
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
