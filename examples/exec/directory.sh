#!/bin/sh
# A registry host for `exec:` locations, to start from: a directory.
#
#   influxdb3-plugin publish --registry 'exec:sh examples/exec/directory.sh /srv/registry'
#
# It is called as `directory.sh DIRECTORY VERB [NAME [REVISION]]`; what each verb has to do
# is in docs/locations/exec.md. Needs flock (util-linux) and sha256sum (coreutils).
set -u
LC_ALL=C
export LC_ALL

done=0 absent=3 taken=4 conflict=5 denied=6 no_space=7 unsupported=9

directory=${1:?give the directory}
verb=${2:?this is called by influxdb3-plugin}
name=${3-}
revision=${4-}
file=$directory/$name
temporary=

trap '[ -z "$temporary" ] || rm -f "$temporary"' EXIT
trap 'exit 130' HUP INT TERM

# Standard input, whole and on the disk, under a name that readers do not see.
receive() {
    [ -w "$directory" ] || {
        echo "$directory cannot be written" >&2
        exit $denied
    }
    temporary=$(mktemp "$directory/.new-XXXXXXXXXX") || exit 1
    if ! cat >"$temporary" || ! sync "$temporary"; then
        exit $no_space
    fi
    chmod 644 "$temporary"
}

revision_of() {
    sum=$(sha256sum <"$1") || exit 1
    echo "sha256:${sum%% *}"
}

# One at a time from here on, until this process ends.
lock() {
    exec 9>"$directory/.lock" || exit $denied
    flock 9 || exit 1
}

# Ends with the status for it unless the file is the one that was seen.
expect_seen() {
    [ -e "$file" ] || exit $absent
    [ "$revision" = - ] || [ "$(revision_of "$file")" = "$revision" ] || exit $conflict
}

case $verb in
capabilities)
    echo 'protocol 1'
    echo 'mode cas'
    echo 'list'
    echo 'parallel 8'
    case $directory in
    /*) echo "artifacts-url file://$directory" ;;
    esac
    ;;
prepare)
    mkdir -p "$directory" || exit $denied
    ;;
get)
    [ -e "$file" ] || exit $absent
    cat "$file" || exit 1
    ;;
put-new)
    receive
    # A second name for the file that is complete: one of several that try gets it.
    if ! message=$(ln "$temporary" "$file" 2>&1); then
        [ -e "$file" ] && exit $taken
        echo "$message" >&2
        exit 1
    fi
    sync "$directory"
    ;;
replace)
    receive
    lock
    expect_seen
    mv -f "$temporary" "$file" || exit 1
    temporary=
    sync "$directory"
    ;;
list)
    cd "$directory" || exit 1
    find . -maxdepth 1 -type f ! -name '.*' -exec stat -c '%n	%s	%Y' {} + |
        sed 's|^\./||'
    ;;
remove)
    lock
    expect_seen
    rm -f "$file" || exit $denied
    ;;
*)
    exit $unsupported
    ;;
esac
exit $done
