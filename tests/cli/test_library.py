"""The library from outside: header, symbols, installed files, the example program; and
what the executable needs of the system."""
import os
import re
import shutil
import subprocess

import pytest
from conftest import BINARY, BUILD, HANDLER, INDEX, MANIFEST, ROOT

HEADER = ROOT / "include" / "influxdb3_plugin.h"


def output_of(*command, **how):
    done = subprocess.run(command, capture_output=True, text=True, **how)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The build, installed below a directory of its own."""
    root = tmp_path_factory.mktemp("installed")
    output_of("meson", "install", "-C", str(BUILD), "--no-rebuild", "--destdir", str(root),
              "--strip")
    return root


def pkg_config(root, *options):
    [folder] = {path.parent for path in root.rglob("influxdb3plugin.pc")}
    env = dict(os.environ, PKG_CONFIG_PATH=str(folder), PKG_CONFIG_SYSROOT_DIR=str(root))
    return output_of("pkg-config", *options, "influxdb3plugin", env=env).split()


@pytest.mark.parametrize("compiler,standard", [
    ("gcc", "c99"), ("gcc", "c17"), ("g++", "c++17"), ("g++", "c++11"),
])
def test_the_header_is_clean(tmp_path, compiler, standard):
    source = tmp_path / ("use.c" if compiler == "gcc" else "use.cc")
    source.write_text("#include <influxdb3_plugin.h>\n"
                      "struct i3p_query q = I3P_QUERY_INIT;\n"
                      "struct i3p_new_options n = I3P_NEW_OPTIONS_INIT;\n"
                      "struct i3p_package_options p = I3P_PACKAGE_OPTIONS_INIT;\n")
    output_of(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
              "-fsyntax-only", f"-I{HEADER.parent}", str(source))


def test_what_is_installed(installed):
    files = {path.relative_to(installed).as_posix() for path in installed.rglob("*")
             if not path.is_dir()}
    for name in ("bin/influxdb3-plugin", "include/influxdb3_plugin.h", "libinfluxdb3plugin.a",
                 "libinfluxdb3plugin.so", "libinfluxdb3plugin.so.0", "influxdb3plugin.pc",
                 "man1/influxdb3-plugin.1", "man1/influxdb3-plugin-package.1",
                 "completions/influxdb3-plugin", "site-functions/_influxdb3-plugin",
                 "vendor_completions.d/influxdb3-plugin.fish"):
        assert any(file.endswith(name) for file in files), name
    executable = next(installed.rglob("bin/influxdb3-plugin"))
    assert executable.stat().st_size < 2 << 20


@pytest.mark.parametrize("linkage", ["shared", "static"])
def test_the_example_runs(installed, tmp_path, linkage):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "manifest.toml").write_text(MANIFEST.replace("[plugin]", "[plugin]\nx = 1"))
    (tmp_path / "p" / "sample.py").write_text(HANDLER)
    (tmp_path / "index.json").write_text(INDEX)
    options = pkg_config(installed, "--cflags", "--libs")
    env = dict(os.environ)
    if linkage == "static":
        [archive] = installed.rglob("libinfluxdb3plugin.a")
        private = pkg_config(installed, "--static", "--libs")
        more = [option for option in private if option not in options]
        options = [option for option in options if option != "-linfluxdb3plugin"]
        options += [str(archive), *more]
    else:
        [library] = installed.rglob("libinfluxdb3plugin.so.0")
        env["LD_LIBRARY_PATH"] = str(library.parent)
    program = tmp_path / "embed"
    output_of("gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
              str(ROOT / "examples" / "embed.c"), *options, "-o", str(program))
    out = output_of(str(program), "p", "index.json", "out", cwd=tmp_path, env=env)
    assert "valid, 1 warnings\n" in out and "warning::unknown_key" in out
    assert "1 of 1 entries\n" in out and "hash sha256:" in out
    assert (tmp_path / "out" / "sample-1.0.0.tar.gz").exists()
    done = subprocess.run([program, "p", "out/index.json", "o2"], cwd=tmp_path, env=env,
                          capture_output=True, text=True)
    assert done.returncode == 1
    assert "package failed\n  package::already_published\n" in done.stdout


def needed(file):
    return set(re.findall(r"\(NEEDED\).*\[(.*?)\]", output_of("readelf", "-d", str(file))))


def test_nothing_but_libc_is_needed():
    libc = re.compile(r"libc\.so\.6|ld-linux.*")
    for file in (BINARY, BUILD / "libinfluxdb3plugin.so.0"):
        assert all(libc.fullmatch(name) for name in needed(file)), file


def test_the_executable_is_hardened():
    headers = output_of("readelf", "-lWd", str(BINARY))
    assert "GNU_RELRO" in headers and "BIND_NOW" in headers
    assert re.search(r"GNU_STACK.*RW ", headers)
    assert "DYN" in output_of("readelf", "-h", str(BINARY))


def test_it_runs_without_a_file_system_of_its_own(tmp_path):
    """One file: copied elsewhere it works, whatever the environment."""
    copy = shutil.copy(BINARY, tmp_path / "x")
    out = output_of(str(copy), "--version", env={}, cwd="/")
    assert re.fullmatch(r"influxdb3-plugin \d+\.\d+\.\d+, revision ([0-9a-f]{40}|unknown)\n", out)


def cycles(calls):
    """The groups of functions that call each other, and those that call themselves."""
    number, low, open_, found = {}, {}, [], []
    for root in calls:
        work = [(root, None)] if root not in number else []
        while work:
            at, left = work.pop()
            if left is None:
                number[at] = low[at] = len(number)
                open_.append(at)
                left = iter(calls.get(at, ()))
            for callee in left:
                if callee not in number:
                    work += [(at, left), (callee, None)]
                    break
                if callee in open_:
                    low[at] = min(low[at], number[callee])
            else:
                if low[at] == number[at]:
                    group = {open_.pop()}
                    while at not in group:
                        group.add(open_.pop())
                    if len(group) > 1 or at in calls.get(at, ()):
                        found.append(group)
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
    return found


def test_cycles_are_found():
    assert cycles({"a": ["b", "d"], "b": ["c"], "c": ["a"], "d": ["d", "e"], "e": []}) == [
        {"d"}, {"a", "b", "c"}]


# Third-party; the manifest's loader, as deep as the manifest's known tables; and errors that
# hold errors, which lie two deep.
BOUNDED = ("utf8proc_", "load_table", "render_list")


def test_no_function_calls_itself():
    """Nor through others: what is nested in input takes no stack."""
    calls = {}
    inside = None
    for line in output_of("objdump", "-d", "--no-show-raw-insn",
                          str(BUILD / "libinfluxdb3plugin.so.0")).splitlines():
        if start := re.match(r"[0-9a-f]+ <(.+)>:", line):
            inside = start[1]
            calls[inside] = set()
        elif target := re.search(r"\b(call|jmp)\w* +[0-9a-f]+ <([^+>]+)>", line):
            if target[1] == "call" or target[2] != inside:  # else it may be a loop
                calls[inside].add(target[2])
    assert len(calls) > 500
    assert [group for group in cycles(calls)
            if not any(name.startswith(BOUNDED) for name in group)] == []


def build_script(name, tmp_path, *args, **env):
    header = tmp_path / "header.h"
    done = subprocess.run([ROOT / "tools" / name, header, *args], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], **env})
    return done.returncode, header.read_text() if header.exists() else None


@pytest.mark.parametrize("version", ["3.2.0", "4.0.0-rc.1", "10.20.30+b.1"])
def test_the_known_database_is_built_in(tmp_path, version):
    status, text = build_script("known_database.sh", tmp_path,
                                INFLUXDB3_PLUGIN_SDK_KNOWN_LATEST_DB=version)
    assert (status, text) == (0, f'#define I3P_KNOWN_DATABASE "{version}"\n')


def test_the_known_database_has_a_default(tmp_path):
    assert build_script("known_database.sh", tmp_path) == (
        0, '#define I3P_KNOWN_DATABASE "3.0.0"\n')


@pytest.mark.parametrize("version", ["3", "3.2", "v3.2.0", "03.2.0", "3.2.0-01", ">=3.0.0",
                                     "3.2.0 ", "3.2.0\n4.0.0", '3.2.0"', "3.2.0+", "x"])
def test_a_bad_known_database_fails_the_build(tmp_path, version):
    status, text = build_script("known_database.sh", tmp_path,
                                INFLUXDB3_PLUGIN_SDK_KNOWN_LATEST_DB=version)
    assert (status, text) == (1, None)


def test_the_revision(tmp_path):
    digits = "0123456789abcdef0123456789abcdef01234567"
    assert build_script("revision.sh", tmp_path, tmp_path, GIT_HASH=digits) == (
        0, f'#define I3P_REVISION "{digits}"\n')
    assert build_script("revision.sh", tmp_path, tmp_path) == (
        0, '#define I3P_REVISION "unknown"\n')
    status, text = build_script("revision.sh", tmp_path, ROOT)
    assert status == 0 and re.fullmatch(r'#define I3P_REVISION "([0-9a-f]{40}|unknown)"\n', text)
    assert build_script("revision.sh", tmp_path, ROOT, GIT_HASH="HEAD")[0] == 1


def test_headers_are_left_alone_when_nothing_changed(tmp_path):
    build_script("known_database.sh", tmp_path)
    os.utime(tmp_path / "header.h", (1, 1))
    build_script("known_database.sh", tmp_path)
    assert (tmp_path / "header.h").stat().st_mtime == 1
