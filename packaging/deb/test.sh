#!/bin/sh
# Installs, runs, upgrades, removes and purges the package in a Debian of its own, which systemd boots in a container,
# by guest.sh. As root; installs what it needs to make that Debian.
set -eu
cd "$(dirname "$0")/../.."
release=${RELEASE:-bookworm}
arch=$(dpkg --print-architecture)

if [ "$(id -u)" -ne 0 ]; then
	echo "expected root, who alone can boot a container" >&2
	exit 1
fi
missing=
command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
command -v systemd-nspawn >/dev/null || missing="$missing systemd-container"
command -v lintian >/dev/null || missing="$missing lintian"
# shellcheck disable=SC2086
[ -z "$missing" ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null

debian=bin/$release-$arch.tar
if [ ! -e "$debian" ]; then
	mkdir -p bin
	mmdebstrap -q --variant=minbase --include=systemd-sysv,dbus,ca-certificates,tzdata,procps "$release" "bin/new-$release-$arch.tar"
	mv "bin/new-$release-$arch.tar" "$debian"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

rm -f bin/mfabot_*_"$arch".deb
make -s package ARCH="$arch"
lintian --allow-root --fail-on error,warning bin/mfabot_*_"$arch".deb

# The next version, whose example of a configuration has changed.
mkdir "$work/root" "$work/root/test"
tar -C "$work/root" -xf "$debian"
cp packaging/deb/guest.sh "$work/root/test/"
cp bin/mfabot_*_"$arch".deb "$work/root/test/one.deb"
dpkg-deb -R "$work/root/test/one.deb" "$work/next"
sed -i 's/^Version: .*/&.1/' "$work/next/DEBIAN/control"
sed -i '1i # A newer example.' "$work/next/etc/mfabot/mfabot.toml"
dpkg-deb --root-owner-group -Zgzip -z1 -b "$work/next" "$work/root/test/two.deb" >/dev/null

cat >"$work/root/etc/systemd/system/test.service" <<'END'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'if sh /test/guest.sh >/test/log 2>&1; then echo ok >/test/said; fi'
ExecStopPost=systemctl --no-block poweroff
[Install]
WantedBy=default.target
END
mkdir -p "$work/root/etc/systemd/system/default.target.wants"
ln -s ../test.service "$work/root/etc/systemd/system/default.target.wants/test.service"

# Where /run is no tmpfs of its own, systemd-nspawn does not clean up in it: here it gets one.
mkdir -p /run/systemd/nspawn
unshare -m sh -c 'mount -t tmpfs none /run/systemd/nspawn && exec timeout -s KILL 600 \
	systemd-nspawn -q --register=no --keep-unit --private-network -D "$1" --boot' sh "$work/root" >"$work/boot.log" 2>&1 ||
	tail -20 "$work/boot.log"
cat "$work/root/test/log"
[ -e "$work/root/test/said" ] || { echo "test-package: failed" >&2; exit 1; }
echo "test-package: ok, $(grep -c '^== ' "$work/root/test/log") steps"
