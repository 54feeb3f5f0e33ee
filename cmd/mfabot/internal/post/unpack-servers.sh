#!/bin/sh
# Unpacks Courier and Cyrus, whose Debian packages cannot be installed beside
# Dovecot's, each into a folder of its own with whatever it needs and the
# machine lacks. Nothing is installed: the tests lay the folder over the
# system for the server alone.
# Run as root, after install-servers.sh. Does nothing when both are there.
set -eu
umask 022

beside=/var/cache/mfabot-servers
fresh=

# unpack NAME PACKAGE... puts the packages into the folder of that name.
unpack() {
	name=$1
	shift
	[ ! -d "$beside/$name" ] || return 0
	if [ -z "$fresh" ]; then
		if [ "$(id -u)" -ne 0 ]; then
			echo "$beside/$name is missing; run this script as root to unpack it" >&2
			exit 1
		fi
		apt-get update -qq
		mkdir -p "$beside"
		fresh=$(mktemp -d "$beside/new.XXXXXX")
		chmod 755 "$fresh" # so that apt's own user can download into it
		trap 'rm -rf "$fresh"' EXIT
		trap 'exit 1' HUP INT TERM
	fi
	root=$fresh/$name
	mkdir -p "$root/usr/lib" "$fresh/archives/partial"
	# As on the system, so that what goes there comes to lie in usr.
	ln -s usr/lib "$root/lib"
	# apt would remove Dovecot to install them, but only downloads.
	apt-get install -y -qq --no-install-recommends --download-only -o Dir::Cache::archives="$fresh/archives" "$@" >/dev/null
	for archive in "$fresh"/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$archive" | tar -x --keep-directory-symlink -C "$root"
	done
	rm -r "$fresh/archives"
	mv "$root" "$beside/$name"
}

unpack courier courier-imap
unpack cyrus cyrus-imapd sasl2-bin
