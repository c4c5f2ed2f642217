#!/bin/sh
# Writes the header with the newest database known, if it changed:
# INFLUXDB3_PLUGIN_SDK_KNOWN_LATEST_DB, else 3.0.0. A value that is no semantic version
# fails the build.
#     known_database.sh HEADER
set -eu
version=${INFLUXDB3_PLUGIN_SDK_KNOWN_LATEST_DB:-3.0.0}
number='(0|[1-9][0-9]{0,18})'
word='(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)'
build='[0-9A-Za-z-]+'
pattern="$number\.$number\.$number(-$word(\.$word)*)?(\+$build(\.$build)*)?"
if [ "$(printf '%s' "$version" | grep -Ecx "$pattern")" != 1 ] ||
    [ "$(printf '%s\n' "$version" | wc -l)" != 1 ]; then
    echo "INFLUXDB3_PLUGIN_SDK_KNOWN_LATEST_DB is no semantic version: '$version'" >&2
    exit 1
fi
line="#define I3P_KNOWN_DATABASE \"$version\""
if [ "$(cat "$1" 2>/dev/null)" != "$line" ]; then
    echo "$line" >"$1"
fi
