#!/bin/sh
# Installs the Debian packages that the tests on real servers need, and what the
# benchmarks compare with, without starting any of them: the tests start their own from a scratch folder.
# Run as root. Does nothing when everything is there.
set -eu

packages="postfix dovecot-core dovecot-imapd dovecot-lmtpd clamav-daemon opendkim opendmarc unbound slapd ldap-utils postgresql prometheus strace isync"

installed() {
	status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) || return 1
	[ "$status" = "ii " ]
}

missing=
for package in $packages; do
	installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "missing packages:$missing; run this script as root to install them" >&2
	exit 1
fi

# Exit status 101 of policy-rc.d keeps the packages from starting their daemons.
policy=/usr/sbin/policy-rc.d
kept=
clusterless=
restore() {
	[ -z "$clusterless" ] || rm -f "$clusterless"
	if [ -n "$kept" ]; then
		mv -f "$kept" "$policy"
	else
		rm -f "$policy"
	fi
}
if [ -e "$policy" ] || [ -L "$policy" ]; then
	kept=$policy.kept.$$
	mv "$policy" "$kept"
fi
trap restore EXIT
trap 'exit 1' HUP INT TERM
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
# Leaves /etc/postfix without a configuration, unless Postfix has one already.
installed postfix ||
	echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
# Leaves /etc/ldap/slapd.d empty, unless slapd has a configuration already.
installed slapd || echo "slapd slapd/no_configuration boolean true" | debconf-set-selections
# Makes no database cluster beside those that are there already.
clusterless=/etc/postgresql-common/createcluster.d/mfabot-tests.conf
mkdir -p "${clusterless%/*}"
echo "create_main_cluster = false" >"$clusterless"
# OpenDMARC keeps no record of what it saw, and so needs no client of a database.
installed opendmarc || installed dbconfig-mysql || missing="$missing dbconfig-no-thanks"
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
