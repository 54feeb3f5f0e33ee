#!/bin/sh
# Builds the image "mfabot" of this machine's architecture by packaging/Containerfile, with buildah, which needs neither a
# network nor another image for it.
set -eu
cd "$(dirname "$0")/.."
command -v buildah >/dev/null || { echo "there is no buildah: apt-get install buildah" >&2; exit 1; }

stage=bin/image
rm -rf "$stage"
mkdir -p "$stage/root/usr/bin" "$stage/root/etc/ssl/certs" "$stage/root/etc/mfabot" "$stage/root/tmp" "$stage/root/var/lib" "$stage/state"
make -s build OUT="$stage/root/usr/bin/mfabot"
cp /etc/ssl/certs/ca-certificates.crt "$stage/root/etc/ssl/certs/"
chmod -R a+rX "$stage"
chmod 1777 "$stage/root/tmp"
# In the format that keeps HEALTHCHECK.
buildah build -q --format docker --network none --timestamp "$(git log -1 --format=%ct)" -f packaging/Containerfile -t mfabot "$stage"
