"""Help, man pages and completions say the same, for they come from one table."""
import re
import shutil
import subprocess

import pytest
from conftest import BINARY, BUILD, ROOT, base_env

COMMANDS = ["new process_writes", "new process_scheduled_call", "new process_request",
            "new index", "new list", "validate", "package", "yank", "search", "info",
            "publish", "registry init", "registry verify", "registry repair",
            "registry history", "registry rollback", "registry sync"]
GROUPS = ["", "new", "registry"]
PAGES = ["", "new", "validate", "package", "yank", "search", "info", "publish", "registry",
         "registry-init", "registry-verify", "registry-repair", "registry-history",
         "registry-rollback", "registry-sync"]
NETWORK = {"output", "registry", "timeout", "allow-insecure"}
WRITE = NETWORK | {"assume-exclusive", "adopt"}
# The contract's flags; a flag that comes or goes changes docs/cli.md too.
FLAGS = {
    "new process_writes": {"output", "force", "name", "database-version"},
    "new process_scheduled_call": {"output", "force", "name", "database-version"},
    "new process_request": {"output", "force", "name", "database-version"},
    "new index": {"output", "force", "artifacts-url"},
    "new list": {"output"},
    "validate": {"output", "index"},
    "package": {"output", "index", "out"},
    "yank": {"index", "out", "undo"} | WRITE,
    "search": {"index", "trigger-type", "database-version", "include-yanked",
               "include-incompatible"} | NETWORK,
    "info": {"index", "version", "database-version", "include-yanked",
             "include-incompatible"} | NETWORK,
    "publish": {"root", "exclude", "recursive", "dry-run", "changed", "replace-orphans",
                "jobs"} | WRITE,
    "registry init": {"artifacts-url", "assume-exclusive"} | NETWORK,
    "registry verify": {"deep", "jobs"} | NETWORK,
    "registry repair": {"remove-orphans", "dry-run"} | WRITE,
    "registry history": NETWORK,
    "registry rollback": {"to", "dry-run"} | WRITE,
    "registry sync": {"from", "to", "artifacts-url", "dry-run", "jobs"} | WRITE - {"registry"},
}


def help_of(*words):
    done = subprocess.run([BINARY, *words, "--help"], capture_output=True, text=True,
                          env=base_env(None))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def option_lines(text):
    return set(re.findall(r"^  (?:-h, )?--([a-z-]+)", text, re.M)) - {"help"}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_lists_the_flags(command):
    text = help_of(*command.split())
    assert option_lines(text) == FLAGS[command]
    assert f"Usage: influxdb3-plugin {command} " in text
    assert text == subprocess.run([BINARY, "help", *command.split()], capture_output=True,
                                  text=True).stdout
    assert text == subprocess.run([BINARY, *command.split(), "-h"], capture_output=True,
                                  text=True).stdout


def test_help_names_every_command():
    text = help_of()
    for name in ("new", "validate", "package", "yank", "search", "info", "publish", "registry",
                 "help"):
        assert re.search(rf"^  {name} +\S", text, re.M)
    assert "-V, --version" in text
    text = help_of("new")
    for name in ("process_writes", "process_scheduled_call", "process_request", "index", "list"):
        assert re.search(rf"^  {name} +\S", text, re.M)
    text = help_of("registry")
    for name in ("init", "verify", "repair", "history", "rollback", "sync", "help"):
        assert re.search(rf"^  {name} +\S", text, re.M)


def test_examples_parse(tmp_path):
    """Each line under Examples is accepted as far as its files go."""
    seen = 0
    for command in [*GROUPS[:2], *COMMANDS, "registry"]:
        text = help_of(*command.split())
        for line in re.findall(r"^      influxdb3-plugin (.*)$", text, re.M):
            script = f'b="$1"; influxdb3_plugin() {{ "$b" "$@"; }}; influxdb3_plugin {line}'
            script = script.replace("&& influxdb3-plugin", "&& influxdb3_plugin")
            done = subprocess.run(["sh", "-c", script, "sh", BINARY], cwd=tmp_path,
                                  capture_output=True, env=base_env(None))
            assert done.returncode in (0, 1), (line, done.stdout)
            seen += 1
    assert seen >= 15


@pytest.mark.parametrize("page", PAGES)
def test_man_pages_list_the_flags(page):
    name = "influxdb3-plugin" + ("-" + page if page else "")
    text = (BUILD / "src" / "cli" / f"{name}.1").read_text()
    text = re.sub(r"\\f.|\\", "", text)
    listed = set(re.findall(r"^(?:-h, )?--([a-z-]+)", text, re.M)) - {"help"}
    wanted = set().union(*(flags for command, flags in FLAGS.items()
                           if command.replace(" ", "-") == page
                           or (page == "new" and command.startswith("new "))))
    assert listed == wanted
    assert re.search(r'^\.TH "influxdb3-plugin', text, re.M)
    assert "EXIT STATUS" in text and (page == "" or "EXAMPLES" in text)


@pytest.mark.parametrize("page", PAGES)
def test_man_pages_are_well_formed(page):
    """Every line is text or a macro that man(7) knows; groff agrees where it is there."""
    name = "influxdb3-plugin" + ("-" + page if page else "")
    file = BUILD / "src" / "cli" / f"{name}.1"
    lines = file.read_text().splitlines()
    macros = {line.split()[0] for line in lines if line.startswith(".") and line[1:2] != "\\"}
    assert macros <= {".TH", ".SH", ".P", ".PP", ".RS", ".RE", ".nf", ".fi", ".ie", ".el", ".ad",
                      ".nh", ".LP"}
    assert sum(line.startswith(".RS") for line in lines) == sum(
        line.startswith(".RE") for line in lines)
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z", file], capture_output=True,
                              text=True)
        assert (done.returncode, done.stderr) == (0, "")


COMPLETIONS = {"bash": "influxdb3-plugin", "zsh": "_influxdb3-plugin",
               "fish": "influxdb3-plugin.fish"}


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_completions_name_every_flag(shell):
    text = (BUILD / "src" / "cli" / COMPLETIONS[shell]).read_text()
    for command, flags in FLAGS.items():
        assert command.split()[-1] in text
        for flag in flags:
            assert (f"-l {flag}" if shell == "fish" else f"--{flag}") in text


@pytest.mark.parametrize("shell", [shell for shell in COMPLETIONS if shutil.which(shell)])
def test_completions_parse(shell):
    file = BUILD / "src" / "cli" / COMPLETIONS[shell]
    done = subprocess.run([shell, "-n", file], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def complete(tmp_path, *words):
    """What bash offers for the last word."""
    file = BUILD / "src" / "cli" / COMPLETIONS["bash"]
    quoted = " ".join(f"'{word}'" for word in words)
    script = (f". '{file}'; COMP_WORDS=({quoted}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); "
              "_influxdb3_plugin; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("\n")) - {""}


def test_bash_completes(tmp_path):
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a.json").write_text("")
    name = "influxdb3-plugin"
    assert complete(tmp_path, name, "va") == {"validate"}
    assert complete(tmp_path, name, "new", "process_") == {
        "process_writes", "process_scheduled_call", "process_request"}
    assert complete(tmp_path, name, "yank", "--") == {
        "--" + flag for flag in FLAGS["yank"] | {"help"}}
    assert complete(tmp_path, name, "registry", "r") == {"repair", "rollback"}
    assert complete(tmp_path, name, "registry", "rollback", "--d") == {"--dry-run"}
    assert complete(tmp_path, name, "publish", "--changed", "") == {"error", "warn"}
    assert complete(tmp_path, name, "publish", "--registry", "a") == {"a folder"}
    assert complete(tmp_path, name, "validate", "--output", "") == {"human", "json"}
    assert complete(tmp_path, name, "validate", "--output", "=", "j") == {"json"}
    assert complete(tmp_path, name, "validate", "a") == {"a folder"}
    assert complete(tmp_path, name, "validate", "--index", "a") == {"a folder", "a.json"}
    assert complete(tmp_path, name, "help", "ne") == {"new"}


def markdown_files():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split()
            if not name.startswith(("src/plugin/templates/", "tests/data/"))]


def anchors(text):
    """The names that headings get."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"(?m)^#+ +(.+?) *$", text)}


def test_links_lead_somewhere():
    broken = []
    files = markdown_files()
    assert len(files) > 10
    for file in files:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", file.read_text(), flags=re.S)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = link.partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            target = file.parent / path if path else file
            if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
                broken.append(f"{file.relative_to(ROOT)}: {link}")
    assert not broken
