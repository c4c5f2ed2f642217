#!/bin/sh
# Fuzzes every target of build-fuzz, or the one named, for SECONDS each, two at a time.
# New inputs that reach new code go to build-fuzz/corpus/NAME; a finding ends with status 1
# and lies in build-fuzz/findings.  run.sh [SECONDS] [TARGET]; MERGE=1 minimizes the
# committed corpora with what was found.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
only=${2:-}
findings=build-fuzz/findings
mkdir -p "$findings"

one() {
    name=$1
    target=build-fuzz/fuzz/fuzz_$name
    mkdir -p "build-fuzz/corpus/$name"
    dictionary=
    [ ! -f "fuzz/$name.dict" ] || dictionary=-dict=fuzz/$name.dict
    # shellcheck disable=SC2086 # one word or none
    if ! "$target" $dictionary -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$findings/$name-" "build-fuzz/corpus/$name" "fuzz/corpus/$name" \
        >"build-fuzz/$name.log" 2>&1; then
        tail -n 30 "build-fuzz/$name.log"
        echo "fuzz_$name: a finding, see $findings"
        return 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/$name.log")
    echo "fuzz_$name: $seconds s, $runs runs, no finding"
    if [ "${MERGE:-}" = 1 ]; then
        rm -rf "build-fuzz/merged/$name"
        mkdir -p "build-fuzz/merged/$name"
        "$target" -merge=1 "build-fuzz/merged/$name" "fuzz/corpus/$name" \
            "build-fuzz/corpus/$name" >/dev/null 2>&1
    fi
}

status=0
pids=
running=0
for path in build-fuzz/fuzz/fuzz_*; do
    if [ ! -f "$path" ] || [ ! -x "$path" ]; then
        continue
    fi
    name=${path##*/fuzz_}
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    one "$name" &
    pids="$pids $!"
    running=$((running + 1))
    if [ "$running" -ge 2 ]; then
        # shellcheck disable=SC2086 # the oldest of a list
        set -- $pids
        wait "$1" || status=1
        shift
        pids=$*
        running=$((running - 1))
    fi
done
for pid in $pids; do
    wait "$pid" || status=1
done
exit "$status"
