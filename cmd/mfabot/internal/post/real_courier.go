//go:build real

package post

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// startCourier starts Courier on the maildirs that Postfix delivers to. On failure it returns what is running.
func startCourier(ctx context.Context, dir string, o *Office, ports imapPorts, c certificate) (started servers, err error) {
	b, err := newBeside(dir, Courier)
	if err != nil {
		return nil, err
	}
	// Courier records the numbers of new messages only for who may change the folder.
	o.renumbers = true
	if err := writeCourier(dir, b, o, c); err != nil {
		return nil, err
	}
	if err := b.script(`makeuserdb -f "$1"`, filepath.Join(b.own, "etc", "courier", "userdb")); err != nil {
		return nil, fmt.Errorf("makeuserdb: %w", err)
	}
	for _, s := range []struct {
		name  string
		ready probe
		run   string
	}{
		{"authdaemond", greets("unix", filepath.Join(b.own, "run", "courier", "authdaemon", "socket"), ""),
			"exec /usr/lib/courier/courier-authlib/authdaemond"},
		{"imapd", greets("tcp", loopback(ports.startTLS), "* OK"),
			fmt.Sprintf(courierTCPD, "IMAP_STARTTLS=YES", ports.startTLS, "")},
		{"imapd-ssl", greets("tcp", loopback(ports.tls), ""),
			fmt.Sprintf(courierTCPD, "IMAP_TLS=1", ports.tls, "$COURIERTLS -server -tcpd -user=courier")},
	} {
		logFile := filepath.Join(dir, s.name+".log")
		program, args := b.run("sh", "-e", "-c", `exec 2>>"$1"`+"\n"+s.run, "sh", logFile)
		d, err := startDaemon(ctx, s.ready, logFile, program, args...)
		if err != nil {
			return started, err
		}
		started = append(started, d)
	}
	return started, nil
}

// courierTCPD takes a setting, the port, and what stands between the client and the login. It starts Courier as its
// own scripts do, but in the foreground and on loopback.
const courierTCPD = `set -a
. /etc/courier/imapd
. /etc/courier/imapd-ssl
. /etc/courier/office
%s
exec couriertcpd -address=127.0.0.1 -maxprocs=$MAXDAEMONS -maxperip=$MAXPERIP $TCPDOPTS %d \
	%s /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir
`

// courierOffice is what is otherwise than in Debian. Who waits for mail is told within a second, and not a minute.
const courierOffice = `TLS_CERTFILE=/etc/courier/office.pem
TLS_CACHEFILE=
TLS_DHPARAMS=
IMAP_IDLE_TIMEOUT=1
`

// writeCourier writes Courier's accounts and what its configuration has otherwise than in Debian, and makes the
// accounts' maildirs.
func writeCourier(dir string, b beside, o *Office, c certificate) error {
	etc := filepath.Join(b.own, "etc", "courier")
	for _, folder := range []string{etc, filepath.Join(b.own, "run", "courier", "authdaemon")} {
		if err := makeFolder(folder, "root", "root", 0o755); err != nil {
			return err
		}
	}
	if err := makeFolder(filepath.Join(dir, "mail"), "mail", "mail", 0o700); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(o.Password))
	var accounts strings.Builder
	for _, a := range slices.Sorted(maps.Keys(o.accounts)) {
		home := filepath.Join(dir, "mail", a)
		fmt.Fprintf(&accounts, "%[1]s\tuid=%[2]d|gid=%[2]d|home=%[3]s|mail=%[3]s/Maildir|imappw={SHA256}%[4]s\n",
			a, mailID, home, base64.StdEncoding.EncodeToString(sum[:]))
		for _, folder := range []string{"", "Maildir", "Maildir/cur", "Maildir/new", "Maildir/tmp"} {
			if err := makeFolder(filepath.Join(home, folder), "mail", "mail", 0o700); err != nil {
				return err
			}
		}
	}
	users, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return err
	}
	// Courier speaks TLS as the user that its package would have added.
	known := map[string]string{"passwd": fmt.Sprintf("%scourier:x:%d:%[2]d::/:/usr/sbin/nologin\n", users, mailID)}
	if err := writeFiles(filepath.Join(b.own, "etc"), known); err != nil {
		return err
	}
	pem, err := bothPEM(c)
	if err != nil {
		return err
	}
	return writeFiles(etc, map[string]string{
		"authdaemonrc": "authmodulelist=authuserdb\ndaemons=2\nauthdaemonvar=/run/courier/authdaemon\n",
		"userdb":       accounts.String(),
		"office.pem":   pem,
		"office":       courierOffice,
	})
}

// bothPEM is the certificate and its key in one file.
func bothPEM(c certificate) (string, error) {
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return "", err
	}
	cert, err := os.ReadFile(c.certFile)
	return string(key) + string(cert), err
}
