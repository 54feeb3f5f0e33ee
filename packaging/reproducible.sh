#!/bin/sh
# Builds the commit twice, each time in a folder and with a cache of its own, and compares the programs.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
for folder in one another/folder; do
	git clone -q . "$work/$folder"
	GOCACHE="$work/cache-${folder%%/*}" make -s -C "$work/$folder" build
	sha256sum "$work/$folder/bin/mfabot"
done
cmp "$work/one/bin/mfabot" "$work/another/folder/bin/mfabot"
"$work/one/bin/mfabot" version
echo "reproducible: ok"
