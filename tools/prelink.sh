#!/bin/sh
# Makes the static library: one relocatable object of the core and what it needs, in
# which only the functions of the public header stay global.
#     prelink.sh OUTPUT HEADER ARCHIVE... -- THIRD-PARTY...
# The first archive is taken whole; of others, and of the third-party libraries (names
# as after -l, taken from the compiler's static ones), what it needs. CC names the
# compiler.
set -eu
output=$1
header=$2
whole=$3
shift 3
cc=${CC:-cc}
archives=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    archives="$archives $1"
    shift
done
[ $# -eq 0 ] || shift
for name in "$@"; do
    archives="$archives $($cc -print-file-name="lib$name.a")"
done
work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT
grep -o 'i3p_[a-z0-9_]*(' "$header" | tr -d '(' | sort -u >"$work/public"
# shellcheck disable=SC2086 # a list of files
ld -r --force-group-allocation -o "$work/influxdb3plugin.o" \
    --whole-archive "$whole" --no-whole-archive --start-group $archives --end-group
objcopy --keep-global-symbols="$work/public" "$work/influxdb3plugin.o"
rm -f "$output"
ar rcsD "$output" "$work/influxdb3plugin.o"
