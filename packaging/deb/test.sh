#!/bin/sh
# Builds the package, looks at it and at its unit, and installs, runs, upgrades, removes and purges it in a Debian of its
# own, which systemd boots in a container, by guest.sh. As root, who installs what is missing for that. What a machine
# cannot do is said in a line each and left out; the rest is done, and fails where it fails.
set -eu
cd "$(dirname "$0")/../.."
release=${RELEASE:-bookworm}

left_out() { echo "test-package: left out: $*"; }

fails() {
	echo "test-package: failed: $*" >&2
	exit 1
}

if ! command -v dpkg-deb >/dev/null; then
	left_out "the package: this machine has no dpkg"
	exit 0
fi
arch=$(dpkg --print-architecture)

root=
[ "$(id -u)" -ne 0 ] || root=yes
missing=
command -v lintian >/dev/null || missing="$missing lintian"
command -v systemd-analyze >/dev/null || missing="$missing systemd"
command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
command -v systemd-nspawn >/dev/null || missing="$missing systemd-container"
if [ -n "$missing" ] && [ -n "$root" ]; then
	# What is missing still, where no mirror can be reached, is said where it is wanted.
	# shellcheck disable=SC2086
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null || true
fi

work=$(mktemp -d)
linting=
trap 'rm -rf "$work"; [ -z "$linting" ] || kill "$linting" 2>/dev/null || true' EXIT
trap 'exit 1' HUP INT TERM

rm -f bin/mfabot_*_"$arch".deb
make -s package ARCH="$arch"

# Beside the rest, which mostly waits.
if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning bin/mfabot_*_"$arch".deb >"$work/lint" 2>&1 &
	linting=$!
else
	left_out "lintian: it is not installed, and only root can install it"
fi

# The unit, by the systemd of this machine; the program that it starts is the one in the package.
dpkg-deb -R bin/mfabot_*_"$arch".deb "$work/next"
if command -v systemd-analyze >/dev/null; then
	mkdir "$work/unit"
	unit=$work/unit/mfabot.service
	sed "s|^ExecStart=|&$work/next|" "$work/next/usr/lib/systemd/system/mfabot.service" >"$unit"
	said=$(systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1) || fails "systemd-analyze verify: $said"
	# What it warns of is no failure of its own.
	[ -z "$said" ] || fails "systemd-analyze verify: $said"
	systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" >"$work/security" 2>&1 ||
		fails "too much is allowed: $(cat "$work/security")"
	tail -1 "$work/security"
else
	left_out "systemd-analyze verify and security: it is not installed, and only root can install it"
fi

# keep_debian makes the Debian where it is not kept from the last time, or not whole. It fails where none can be had.
keep_debian() {
	packages=systemd-sysv,dbus,ca-certificates,tzdata,procps
	kept=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mfabot
	debian=$release-$arch-$(echo "$packages" | cksum | cut -d' ' -f1).tar
	mkdir -p "$kept"
	if ! (cd "$kept" && sha256sum --status -c "$debian.sha256" 2>/dev/null); then
		rm -f "$kept/$debian" "$kept/$debian.sha256"
		mmdebstrap -q --variant=minbase --include="$packages" "$release" "$work/$debian" || return 1
		mv "$work/$debian" "$kept/$debian"
		(cd "$kept" && sha256sum "$debian" >"$debian.sha256")
	fi
	mkdir "$work/root" "$work/root/test"
	tar -C "$work/root" -xf "$kept/$debian"
}

# live has guest.sh run in the Debian: where systemd boots in a container, else without it.
live() {
	cp packaging/deb/guest.sh "$work/root/test/"
	cp bin/mfabot_*_"$arch".deb "$work/root/test/one.deb"
	# The next version, whose example of a configuration has changed.
	sed -i 's/^Version: .*/&.1/' "$work/next/DEBIAN/control"
	sed -i '1i # A newer example.' "$work/next/etc/mfabot/mfabot.toml"
	dpkg-deb --root-owner-group -Zgzip -z1 -b "$work/next" "$work/root/test/two.deb" >/dev/null

	cat >"$work/root/etc/systemd/system/test.service" <<-'UNIT'
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		ExecStart=/bin/sh -c 'if sh /test/guest.sh >/test/log 2>&1; then echo ok >/test/said; fi'
		ExecStopPost=systemctl --no-block poweroff
		[Install]
		WantedBy=default.target
	UNIT
	mkdir -p "$work/root/etc/systemd/system/default.target.wants"
	ln -s ../test.service "$work/root/etc/systemd/system/default.target.wants/test.service"

	# Where /run is no tmpfs of its own, systemd-nspawn does not clean up in it: here it gets one.
	unshare -m sh -c 'mkdir -p /run/systemd/nspawn && mount -t tmpfs none /run/systemd/nspawn && exec timeout -s KILL 600 \
		systemd-nspawn -q --register=no --keep-unit --private-network -D "$1" --boot' sh "$work/root" >"$work/boot.log" 2>&1 ||
		true
	if [ ! -e "$work/root/test/log" ]; then
		left_out "the life of the service: systemd does not boot in a container here: $(tail -1 "$work/boot.log")"
		if ! chroot "$work/root" true 2>"$work/boot.log"; then
			left_out "the life of the package: $(tail -1 "$work/boot.log")"
			return
		fi
		if chroot "$work/root" sh /test/guest.sh </dev/null >"$work/root/test/log" 2>&1; then
			echo ok >"$work/root/test/said"
		fi
	fi
	cat "$work/root/test/log"
	[ -e "$work/root/test/said" ] || fails "the life of the package, as shown above"
	steps=", $(grep -c '^== ' "$work/root/test/log") steps of its life"
}

steps=
if [ -z "$root" ]; then
	left_out "the life of the package: only root can install it in a Debian of its own"
elif keep_debian; then
	live
else
	left_out "the life of the package: no Debian can be had, as said above"
fi

if [ -n "$linting" ]; then
	wait "$linting" || fails "lintian: $(cat "$work/lint")"
	linting=
fi
echo "test-package: ok$steps"
