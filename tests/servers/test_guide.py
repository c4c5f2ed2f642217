"""The maintainer guide's pipeline (find, validate, package, upload with `gh`) with this
executable in the place of the reference's, against the double of GitHub's API."""
import json
import os
import subprocess

import pytest

from forges import GitHub
from publishing import BINARY, check_registry, plugin
from servers import VENV, tool

pytestmark = pytest.mark.full

PIPELINE = r"""
set -euo pipefail
work=.publish
rm -rf "$work" && mkdir -p "$work/current" "$work/artifacts"
"$GH" release download "$TAG" --repo "$REPO" --pattern index.json --dir "$work/current" --clobber
cp "$work/current/index.json" "$work/next.json"
count=0
for dir in $(find plugins -mindepth 1 -maxdepth 1 -type d | sort); do
    [ -f "$dir/manifest.toml" ] || continue
    if python3 - "$dir/manifest.toml" "$work/next.json" <<'PY'
import json, sys, tomllib
plugin = tomllib.load(open(sys.argv[1], "rb"))["plugin"]
entries = json.load(open(sys.argv[2], encoding="utf-8"))["plugins"]
sys.exit(0 if any((e["name"], e["version"]) == (plugin["name"], plugin["version"])
                  for e in entries) else 1)
PY
    then continue; fi
    rm -rf "$work/out"
    "$PLUGIN" validate "$dir" --index "$work/next.json" --output json
    "$PLUGIN" package "$dir" --index "$work/next.json" --out "$work/out" --output json
    cp "$work/out/index.json" "$work/next.json"
    cp "$work/out/"*.tar.gz "$work/artifacts/"
    count=$((count + 1))
done
[ "$count" -gt 0 ] || { echo nothing new; exit 0; }
for artifact in "$work/artifacts/"*.tar.gz; do
    "$GH" release upload "$TAG" "$artifact" --repo "$REPO"
done
cp "$work/next.json" "$work/index.json"
"$GH" release upload "$TAG" "$work/index.json" --repo "$REPO" --clobber
"""


@pytest.fixture
def github(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                    "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"], cwd=tmp_path,
                   check=True, capture_output=True)

    class Secure(GitHub):
        more = ("--tls", str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))

        def __init__(self):
            super().__init__()
            self.base = self.base.replace("http:", "https:")
    os.environ["SSL_CERT_FILE"] = str(tmp_path / "cert.pem")
    try:
        with Secure() as server:
            yield server
    finally:
        del os.environ["SSL_CERT_FILE"]


def test_the_guides_pipeline(github, tmp_path):
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GH": tool(VENV / "bin" / "gh"),
           "GH_HOST": f"127.0.0.1:{github.port}", "GH_ENTERPRISE_TOKEN": github.token,
           "SSL_CERT_FILE": str(tmp_path / "cert.pem"), "REPO": "octo/plugins",
           "TAG": "plugin-registry", "PLUGIN": BINARY, "GH_PROMPT_DISABLED": "1"}

    def shell(script):
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fetch(name):
        shell(f'"$GH" release download "$TAG" --repo "$REPO" --pattern {name} --dir got --clobber')
        return (tmp_path / "got" / name).read_bytes()

    shell('"$GH" release create "$TAG" --repo "$REPO" --title Registry --notes "Index, artifacts"')
    shell('"$PLUGIN" new index seed --artifacts-url https://github.com/octo/plugins/releases'
          '/download/plugin-registry && "$GH" release upload "$TAG" seed/index.json --repo "$REPO"')
    plugin(tmp_path / "plugins", "alpha")
    plugin(tmp_path / "plugins", "beta", "2.0.0")
    (tmp_path / "plugins" / "notes").mkdir()
    shell(PIPELINE)
    check_registry(fetch, {("alpha", "1.0.0"), ("beta", "2.0.0")})
    assert "nothing new" in shell(PIPELINE)
    plugin(tmp_path / "plugins", "alpha", "1.1.0")
    shell(PIPELINE)
    index = check_registry(fetch, {("alpha", "1.0.0"), ("alpha", "1.1.0"), ("beta", "2.0.0")})
    assert json.loads(shell('"$PLUGIN" info alpha --index got/index.json'))["result"]["plugin"][
        "hash"] == [one["hash"] for one in index["plugins"] if one["version"] == "1.1.0"][0]
