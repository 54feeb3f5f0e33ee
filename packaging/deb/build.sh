#!/bin/sh
# Builds the Debian package for an architecture, from what is committed or not: bin/mfabot_VERSION_ARCH.deb.
# The same commit makes the same package. Called by make, which says which tools to run.
set -eu
cd "$(dirname "$0")/../.."
arch=$1

# A tag such as v1.2.0 is version 1.2.0. What is between tags comes before the next one, in the order of its commits.
epoch=$(git log -1 --format=%ct)
commit=$(git rev-parse --short=12 HEAD)
stamp=$(date -u -d "@$epoch" +%Y%m%d%H%M%S)
if tag=$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null); then
	version=${tag#v}
elif tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null); then
	version=${tag#v}+git$stamp.$commit
else
	version=0~git$stamp.$commit
fi
version=${VERSION:-$version}

case $arch in
amd64) triplet=x86_64-linux-gnu ;;
arm64) triplet=aarch64-linux-gnu ;;
*) echo "expected amd64 or arm64, not $arch" >&2; exit 2 ;;
esac
compiler=$triplet-gcc
if ! command -v "$compiler" >/dev/null; then
	echo "there is no $compiler: install gcc-$(echo $triplet | tr _ -) and, for another architecture, libc6-dev-$arch-cross" >&2
	exit 1
fi

stage=bin/package-$arch
rm -rf "$stage"
mkdir -p "$stage/usr/bin" "$stage/usr/share/doc/mfabot/examples" "$stage/usr/share/lintian/overrides"
GOOS=linux GOARCH=$arch CGO_ENABLED=1 CC=$compiler make -s build OUT="$stage/usr/bin/mfabot"
# What has no architecture is written by the program itself; where it is another machine's, by one of this machine.
if [ "$arch" = "$(go env GOARCH)" ]; then
	"$stage/usr/bin/mfabot" package "$stage"
else
	go run -trimpath ./cmd/mfabot package "$stage"
fi
go run "$CYCLONEDX" bin -json -noserial -output "$stage/usr/share/doc/mfabot/mfabot.cdx.json" "$stage/usr/bin/mfabot"
# The one moment in it is that of the commit.
moment=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
sed -i "s/\"timestamp\": \"[^\"]*\"/\"timestamp\": \"$moment\"/" "$stage/usr/share/doc/mfabot/mfabot.cdx.json"

doc=$stage/usr/share/doc/mfabot
cp README.md SECURITY.md docs/*.md "$doc"
cp cmd/mfabot/example/mfabot.toml cmd/mfabot/example/sites.csv intake/policy.toml "$doc/examples"
cp packaging/prometheus/mfabot.rules.yml packaging/grafana/mfabot.json "$doc/examples"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
printf 'mfabot (%s-1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- The mfabot authors <mfabot@users.noreply.github.com>  %s\n' \
	"$version" "$(LC_ALL=C date -u -d "@$epoch" '+%a, %d %b %Y %H:%M:%S +0000')" | gzip -9n >"$doc/changelog.Debian.gz"
{
	cat packaging/deb/copyright
	sed 's/^$/./; s/^/ /' LICENSE
} >"$doc/copyright"
# The licences of all that is built in ask that they come with it.
go list -tags real -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/mfabot |
	LC_ALL=C sort -u | while read -r module at dir; do
	for file in "$dir"/LICEN[CS]E* "$dir"/COPYING* "$dir"/NOTICE*; do
		[ ! -f "$file" ] || printf '\n==== %s %s: %s\n\n%s\n' "$module" "$at" "${file##*/}" "$(cat "$file")"
	done
done | gzip -9n >"$doc/licences.gz"
cp packaging/deb/lintian-overrides "$stage/usr/share/lintian/overrides/mfabot"

find "$stage" -exec touch -h -d "@$epoch" {} +
find "$stage" -type d -exec chmod 755 {} +
export VERSION="$version" ARCH="$arch" SOURCE_DATE_EPOCH="$epoch" STAGE="$stage"
go run "$NFPM" package --config packaging/deb/nfpm.yaml --packager deb --target "bin/mfabot_$version-1_$arch.deb"
