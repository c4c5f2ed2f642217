#!/bin/sh
# `./dev demo` and `./dev test` inside a new minimal Debian 12, from a clone of HEAD, with
# nothing of this machine in it but the clients' configuration and certificates.
set -eu
[ "$(id -u)" = 0 ] || { echo "fresh: needs root (debootstrap, chroot)" >&2; exit 1; }
command -v debootstrap >/dev/null ||
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        debootstrap >/dev/null
project=$(pwd)
root=$(mktemp -d /var/tmp/fresh-XXXXXX)
chmod 755 "$root" # as every / is: other users than root live below it
certificates=/etc/ssl/certs/ca-certificates.crt

cleanup() {
    for mounted in proc dev/pts dev; do
        umount -l "$root/$mounted" 2>/dev/null || :
    done
    rm -rf --one-file-system "$root"
}
trap cleanup EXIT INT TERM

inside() {
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        NODE_EXTRA_CA_CERTS="$certificates" SSL_CERT_FILE="$certificates" \
        DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
[ -n "$mirror" ] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\).*/\2/p' \
    /etc/apt/sources.list | head -n 1)
echo "fresh: debootstrap"
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail -n 20 "$root.log"; exit 1; }
rm -f "$root.log"

cp /etc/resolv.conf /etc/hosts "$root/etc/"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts"
mount -t proc proc "$root/proc"
rm -f "$root/etc/apt/sources.list"
cp -r /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$root/etc/apt/"
rm -f "$root"/etc/apt/apt.conf.d/*postgresql* "$root"/etc/apt/apt.conf.d/*packagekit*
cp /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || :
cp /etc/apt/sources.list.d/*.sources "$root/etc/apt/sources.list.d/" 2>/dev/null || :
echo "fresh: git and certificates"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends git ca-certificates >/dev/null
cp "$certificates" "$root$certificates"
for file in /etc/npmrc /etc/pip.conf /root/.npmrc; do
    [ ! -f "$file" ] || cp "$file" "$root$file"
done

git clone --quiet --no-hardlinks "$project" "$root/root/project"
for command in demo test; do
    echo "fresh: ./dev $command"
    inside sh -c "cd /root/project && ./dev $command"
done
