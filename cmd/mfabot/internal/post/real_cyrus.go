//go:build real

package post

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// startCyrus starts Cyrus, to which Postfix delivers by LMTP. On failure it returns what is running.
func startCyrus(ctx context.Context, dir string, o *Office, ports imapPorts, c certificate, separator string) (servers, error) {
	b, err := newBeside(dir, Cyrus)
	if err != nil {
		return nil, err
	}
	if err := writeCyrus(dir, b, ports, c, separator); err != nil {
		return nil, err
	}
	passwords := []string{filepath.Join(b.own, "sasldb"), o.Password, cyrusAdmin, hostName}
	for a := range o.accounts {
		at := strings.LastIndex(a, "@")
		passwords = append(passwords, a[:at], a[at+1:])
	}
	if err := b.script(cyrusPasswords, passwords...); err != nil {
		return nil, fmt.Errorf("saslpasswd2: %w", err)
	}
	logFile := filepath.Join(dir, "cyrus.log")
	j, err := openJournal(filepath.Join(b.own, "run", "log"), logFile)
	if err != nil {
		return nil, err
	}
	program, args := b.run("/usr/lib/cyrus/bin/master")
	d, err := startDaemon(ctx, greets("tcp", loopback(ports.startTLS), "* OK"), logFile, program, args...)
	if err != nil {
		return servers{j}, err
	}
	asking := context.WithoutCancel(ctx) // which bounds only the start
	o.count = func(account string) int { return o.countByIMAP(asking, account) }
	return servers{j, d}, o.makeInboxes(ctx, separator)
}

// cyrusAdmin is the user who may make mailboxes.
const cyrusAdmin = "cyrus"

// cyrusPasswords takes the file of the passwords, the password, and the local part and the domain of each user.
const cyrusPasswords = `file=$1 password=$2
shift 2
while [ $# -gt 0 ]; do
	printf %s "$password" | saslpasswd2 -p -c -f "$file" -u "$2" "$1"
	shift 2
done
chown mail "$file"
`

// makeInboxes makes everybody's inbox. Left to itself, Cyrus makes one when it is first asked for, and has a message
// wait for minutes that comes while its reader logs in for the first time ("451 4.3.0 Mailbox already exists").
func (o *Office) makeInboxes(ctx context.Context, separator string) error {
	return o.withMailbox(ctx, cyrusAdmin, func(c *imapclient.Client) error {
		for a := range o.accounts {
			name := "user/" + a
			if separator == "." {
				local, domain, _ := strings.Cut(a, "@")
				name = "user." + strings.ReplaceAll(local, ".", "^") + "@" + domain
			}
			if err := c.Create(name, nil).Wait(); err != nil {
				return fmt.Errorf("making %s: %w", name, err)
			}
		}
		return nil
	})
}

func writeCyrus(dir string, b beside, ports imapPorts, c certificate, separator string) error {
	for _, folder := range []string{"lib", "spool", "run/cyrus", "run/cyrus/socket", "run/cyrus/proc", "run/cyrus/lock"} {
		if err := makeFolder(filepath.Join(b.own, folder), "mail", "mail", 0o700); err != nil {
			return err
		}
	}
	pem, err := bothPEM(c)
	if err != nil {
		return err
	}
	slashes := "yes"
	if separator == "." {
		slashes = "no"
	}
	return writeFiles(filepath.Join(b.own, "etc"), map[string]string{
		"imapd.conf": fmt.Sprintf(cyrusIMAPD, b.own, slashes, hostName, cyrusAdmin),
		"cyrus.conf": fmt.Sprintf(cyrusConf, ports.startTLS, ports.tls, dir),
		"cyrus.pem":  pem,
	})
}

// cyrusIMAPD takes the folder of the server and whether folders are separated by slashes and beside INBOX. The rest
// is as in Debian, but for ...
const cyrusIMAPD = `configdirectory: %[1]s/lib
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
defaultpartition: default
partition-default: %[1]s/spool
hashimapspool: true
altnamespace: %[2]s
unixhierarchysep: %[2]s
lmtp_downcase_rcpt: yes
virtdomains: userid
cyrus_user: mail
cyrus_group: mail
servername: %[3]s
admins: %[4]s
# Otherwise what has the Message-ID of another message is dropped.
duplicatesuppression: no
failedloginpause: 0
allowplaintext: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: %[1]s/sasldb
sasl_mech_list: PLAIN LOGIN
tls_server_cert: /etc/cyrus.pem
tls_server_key: /etc/cyrus.pem
idlesocket: /run/cyrus/socket/idle
syslog_prefix: cyrus
`

// cyrusConf takes the ports for STARTTLS and TLS, and the scratch folder.
const cyrusConf = `START {
	recover cmd="ctl_cyrusdb -r"
	idled cmd="idled"
}
SERVICES {
	imap cmd="imapd -U 30" listen="127.0.0.1:%d" prefork=0 maxchild=100
	imaps cmd="imapd -s -U 30" listen="127.0.0.1:%d" prefork=0 maxchild=100
	lmtpunix cmd="lmtpd" listen="%s/postfix/queue/private/cyrus-lmtp" prefork=0 maxchild=20
}
EVENTS {
	checkpoint cmd="ctl_cyrusdb -c" period=30
}
`

// countByIMAP counts the messages in all folders of an account; none if the server does not say.
func (o *Office) countByIMAP(ctx context.Context, account string) (n int) {
	_ = o.withMailbox(ctx, account, func(c *imapclient.Client) error {
		status := &imap.ListOptions{ReturnStatus: &imap.StatusOptions{NumMessages: true}}
		folders, err := c.List("", "*", status).Collect()
		for _, f := range folders {
			if f.Status != nil && f.Status.NumMessages != nil {
				n += int(*f.Status.NumMessages)
			}
		}
		return err
	})
	return n
}
