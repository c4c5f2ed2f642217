#!/bin/sh
# Writes the header with the source revision, if it changed: GIT_HASH, else the
# checkout's HEAD, else "unknown".
#     revision.sh HEADER SOURCE-ROOT
set -eu
revision=${GIT_HASH:-}
if [ -z "$revision" ] && [ -e "$2/.git" ]; then
    revision=$(git -c "safe.directory=$2" -C "$2" rev-parse HEAD 2>/dev/null || true)
fi
revision=${revision:-unknown}
if [ "$revision" != unknown ] && ! echo "$revision" | grep -Eqx '[0-9a-f]{40}'; then
    echo "GIT_HASH must be 40 lowercase hexadecimal digits, not '$revision'" >&2
    exit 1
fi
line="#define I3P_REVISION \"$revision\""
if [ "$(cat "$1" 2>/dev/null)" != "$line" ]; then
    echo "$line" >"$1"
fi
