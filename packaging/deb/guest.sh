#!/bin/sh
# What test.sh runs in a Debian of its own: the life of the package, as an operator lives it. Where systemd has not booted
# that Debian, the bot is run as the unit would run it, and what only systemd shows is left out.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

step() { printf '\n== %s\n' "$*"; }

# Where systemd has not booted, nobody else ends them.
demo=
bot=
trap 'for left in $demo $bot; do kill "$left" 2>/dev/null || true; done' EXIT

booted() { [ -d /run/systemd/system ]; }

fails() {
	echo "FAIL: $*"
	log | tail -20
	exit 1
}

# log shows what the bot says to systemd.
log() {
	if booted; then
		journalctl -q -u mfabot --no-pager -o cat
	elif [ -e /test/bot.log ]; then
		cat /test/bot.log
	fi
}

# says has a command that says something, and shows what it says.
says() {
	want=$1
	shift
	"$@" >/test/out 2>&1 || fails "$* ended with $?: $(cat /test/out)"
	cat /test/out
	grep -qE -- "$want" /test/out || fails "$* does not say: $want"
}

# until_says has a command that says something within a minute.
until_says() {
	want=$1
	shift
	for _ in $(seq 60); do
		if "$@" >/test/out 2>&1 && grep -qE -- "$want" /test/out; then
			return
		fi
		sleep 1
	done
	cat /test/out
	fails "$* never says: $want"
}

as_bot() { runuser -u mfabot -- "$@"; }

# start has the bot run, and waits until it says that it does.
start() {
	if booted; then
		systemctl enable --now mfabot
		says '^active$' state
	else
		systemctl enable mfabot
		install -d -m 700 -o mfabot -g mfabot /var/lib/mfabot /test/secrets
		install -m 400 -o mfabot /etc/mfabot/*.password /test/secrets/
		# It takes the place of setpriv, so that what is ended is the bot.
		CREDENTIALS_DIRECTORY=/test/secrets MFABOT_CONFIG=/etc/mfabot/mfabot.toml \
			setpriv --reuid=mfabot --regid=mfabot --clear-groups mfabot run >>/test/bot.log 2>&1 &
		bot=$!
	fi
	until_says . mfabot health
}

# stop is what systemd does where it runs.
stop() {
	if ! booted; then
		kill "$bot"
		wait "$bot" || fails "the bot ended with $?"
		bot=
	fi
}

state() { systemctl is-active mfabot || true; }

step installed, and not started
says 'Next: mfabot init /etc/mfabot --service' dpkg -i /test/one.deb
! booted || says '^inactive$' state
says 'disabled' sh -c 'systemctl is-enabled mfabot || true'
says '^mfabot:x:[0-9]+:[0-9]+:MFA exceptions by email:/var/lib/mfabot:/usr/sbin/nologin$' getent passwd mfabot
says '^mfabot ' mfabot version
[ -s /usr/share/bash-completion/completions/mfabot ] || fails "there is no completion"
for page in man1/mfabot.1.gz man1/mfabot-run.1.gz man5/mfabot.toml.5.gz; do
	[ -s /usr/share/man/$page ] || grep -rq 'path-exclude.*/man' /etc/dpkg || fails "there is no $page"
done

if booted; then
	step started before anything is filled in, it says what is missing
	systemctl start mfabot && fails "it was started"
	until_says 'imap.password has no secret yet' log
	systemctl stop mfabot
fi

step configured
mfabot demo --keep >/test/demo 2>&1 &
demo=$!
until_says 'Interrupt to stop' cat /test/demo
imap=$(sed -n 's/^IMAP \(127[0-9.:]*\),.*/\1/p' /test/demo)
smtp=$(sed -n 's/.*, SMTP \(127[0-9.:]*\),.*/\1/p' /test/demo)
says 'systemctl enable --now mfabot ' mfabot init /etc/mfabot --service --name Helpdesk --address mfa@helpdesk.test \
	--operator ops@helpdesk.test --reviewers 'Asha Patel <asha@helpdesk.test>' --authserv-id mx.helpdesk.test \
	--imap "$imap" --smtp "$smtp"
[ ! -e /etc/mfabot/mfabot.service ] || fails "there are two units"
grep -q useradd /test/out && fails "the user is there already"
sed -i 's/"imaps:/"imap:/; s/"smtp+starttls:/"smtp:/' /etc/mfabot/mfabot.toml
sed -n 's/.*, password \([A-Z0-9]*\),.*/\1/p' /test/demo | tee /etc/mfabot/imap.password >/etc/mfabot/smtp.password
echo 'FX101;Oak Street Pharmacy;pharmacy;oakstreet@pharmacy.test' | sed '1i ODS code;name;kind;mailbox' >/etc/mfabot/sites.csv
says '1 site, semicolons' env CREDENTIALS_DIRECTORY=/etc/mfabot mfabot check

step running
start
says 'ST-[0-9]+-00001' as_bot mfabot grant --user sam.green@pharmacy.test --reason no-signal --as Jo
until_says 'sent' as_bot mfabot outbound
says '^700 mfabot$' stat -c '%a %U' /var/lib/mfabot
! booted || pid=$(systemctl show -P MainPID mfabot)

step upgraded: the configuration and the register stay, and the bot is restarted
cp /etc/mfabot/mfabot.toml /test/mfabot.toml
stop
dpkg --force-confold -i /test/two.deb
cmp /etc/mfabot/mfabot.toml /test/mfabot.toml
grep -q '^FX101;' /etc/mfabot/sites.csv
[ -e /etc/mfabot/mfabot.toml.dpkg-dist ] || fails "the new example is not beside the configuration"
if booted; then
	until_says '^active$' state
	[ "$(systemctl show -P MainPID mfabot)" != "$pid" ] || fails "the old one still runs"
fi
start
says 'sam.green@pharmacy.test' as_bot mfabot exceptions

step removed: it is stopped, and what is on record stays
stop
dpkg -r mfabot
! booted || says 'inactive|failed' state
[ -e /var/lib/mfabot/mfabot.db ] && [ -e /var/lib/mfabot/mfabot.db.key ] && [ -e /etc/mfabot/mfabot.toml ] || fails "something is gone"
step installed again: it goes on
dpkg -i /test/two.deb
says enabled systemctl is-enabled mfabot
start
says 'sam.green@pharmacy.test' as_bot mfabot exceptions

stop
step purged: it says what stays
says '/var/lib/mfabot stays, with: .*mfabot.db .*mfabot.db.key' dpkg -P mfabot
grep -q '/etc/mfabot stays, with: .*imap.password .*sites.csv' /test/out || fails "it does not say what is in /etc/mfabot"
grep -q 'rm -r /var/lib/mfabot /etc/mfabot' /test/out || fails "it does not say how to remove it"
[ -e /var/lib/mfabot/mfabot.db ] || fails "the record is gone"
[ ! -e /etc/mfabot/mfabot.toml ] || fails "the configuration is there"
[ ! -e /etc/systemd/system/multi-user.target.wants/mfabot.service ] || fails "it is still enabled"

step purged where nothing is on record: nothing stays
rm -r /var/lib/mfabot /etc/mfabot
dpkg -i /test/one.deb
rm /etc/mfabot/sites.csv
says . dpkg -P mfabot
grep -q stays /test/out && fails "it says that something stays"
[ ! -e /etc/mfabot ] && [ ! -e /var/lib/mfabot ] || fails "something stays"
