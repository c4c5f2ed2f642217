#!/bin/sh
# The maintainer's walk with a folder as the registry: demo.sh PATH-OF-influxdb3-plugin
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset CI
count=0

step() {
    count=$((count + 1))
    printf '\n%d. %s\n' "$count" "$1"
}

run() {
    shown=$*
    printf '   $ influxdb3-plugin %s\n' "$shown" | sed "s#$here/##"
    status=0
    "$bin" "$@" --output human >output 2>&1 || status=$?
    sed "s#$work/##; s/^/     /" output
    return "$status"
}

"$bin" --version

step 'Seed an empty index: the registry is a folder'
run new index registry --artifacts-url https://plugins.example.com/artifacts

step 'Scaffold a plugin; it validates as it stands'
run new process_writes my_first_plugin
run validate my_first_plugin

step 'Validate and package the scaffold and the example plugins, one after the other'
for plugin in my_first_plugin "$here"/plugins/*/; do
    run validate "$plugin" --index registry/index.json
    run package "$plugin" --index registry/index.json --out next
    mv next/*.tar.gz registry/
    mv next/index.json registry/index.json
done

step 'A published version never changes: packaging it again is refused'
if run package "$here/plugins/downsampler" --index registry/index.json --out next; then
    echo 'It was not refused.' >&2
    exit 1
fi

step 'Find plugins'
run search --index registry/index.json
run search forecast --index registry/index.json
run search --index registry/index.json --trigger-type process_request

step 'Show one'
run info forecast-report --index registry/index.json

step 'Withdraw a version, and look again'
run yank threshold_alert@0.4.1 --index registry/index.json --out next
mv next/index.json registry/index.json
run search alert --index registry/index.json
run search alert --index registry/index.json --include-yanked

step 'Install by hand: unpack an artifact'
mkdir plugins
tar -xzf registry/forecast_report-0.9.0.tar.gz -C plugins
find plugins -type f | LC_ALL=C sort | sed 's/^/     /'

step 'Publish: start a registry on its own, and put every example into it at once'
cp -R "$here/plugins" examples
run registry init --registry shared --artifacts-url https://plugins.example.com/shared
run publish --root examples --registry shared --dry-run
run publish --root examples --registry shared

step 'Again: nothing is new, and nothing is written'
before=$(ls -i shared)
run publish --root examples --registry shared
[ "$before" = "$(ls -i shared)" ]

step 'A source that changed under a published version is refused'
printf '\n# changed\n' >>examples/downsampler/downsampler.py
if run publish --root examples --registry shared; then
    echo 'It was not refused.' >&2
    exit 1
fi

step 'Under a new version it goes through'
sed 's/^version = .*/version = "9.0.0"/' examples/downsampler/manifest.toml >manifest
mv manifest examples/downsampler/manifest.toml
run publish --root examples --registry shared
run search downsampler --registry shared

step 'It was a mistake: back to the index before it'
run registry history --registry shared
run registry rollback --to 2 --registry shared
run search downsampler --registry shared

step 'Everything there, with its hash, and each a valid plugin'
run registry verify --deep --registry shared

versions=$(grep -c '"version": "[0-9]' registry/index.json)
artifacts=$(find registry -name '*.tar.gz' | wc -l)
printf '\nDone: %d steps; the registry holds %d artifacts and an index of %s.\n' \
    "$count" "$artifacts" "$(wc -c <registry/index.json | tr -d ' ') bytes"
[ "$artifacts" = 5 ] && [ "$versions" -ge 5 ]
