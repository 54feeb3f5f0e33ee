//go:build real

package post

import (
	"fmt"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// writePostfix writes Postfix's configuration and the folders its daemons expect, instead of running the
// package's own scripts, which also look after the system's instance.
func writePostfix(dir string, o *Office, port int, c certificate, opt RealOptions) error {
	home := filepath.Join(dir, "postfix")
	folders := []struct {
		name, owner, group string
		mode               os.FileMode
	}{
		{"", "root", "root", 0o755},
		{"data", "postfix", "root", 0o700},
		{"queue", "root", "root", 0o755},
		{"queue/pid", "root", "root", 0o755},
		{"queue/public", "postfix", "postdrop", 0o710},
		{"queue/maildrop", "postfix", "postdrop", 0o730},
	}
	for _, name := range strings.Fields("active bounce corrupt defer deferred flush hold incoming private saved trace") {
		folders = append(folders, struct {
			name, owner, group string
			mode               os.FileMode
		}{"queue/" + name, "postfix", "root", 0o700})
	}
	for _, f := range folders {
		if err := makeFolder(filepath.Join(home, f.name), f.owner, f.group, f.mode); err != nil {
			return err
		}
	}

	domains := make(map[string]bool)
	var accounts, logins strings.Builder
	for _, a := range slices.Sorted(maps.Keys(o.accounts)) {
		fmt.Fprintf(&logins, "%[1]s %[1]s\n", a)
		domains[a[strings.LastIndex(a, "@")+1:]] = true
		fmt.Fprintf(&accounts, "%[1]s %[1]s/Maildir/\n", a)
	}
	transport := map[string]string{
		Dovecot: "lmtp:unix:private/dovecot-lmtp",
		Courier: "virtual", // into maildirs
		Cyrus:   "lmtp:unix:private/cyrus-lmtp",
	}[opt.IMAPServer]
	main := fmt.Sprintf(mainCF, dir, strings.Join(slices.Sorted(maps.Keys(domains)), " "),
		c.certFile, c.keyFile, maxMessage, hostName, transport, mailID)
	if o.AuthservID != "" {
		signer := ""
		if opt.SignsOwn {
			signer = "unix:" + milterSocket(dir, "signer") + ", "
			main += fmt.Sprintf(ownCF, dir)
		}
		main += fmt.Sprintf(milterCF, signer, milterSocket(dir, "opendkim"), milterSocket(dir, "opendmarc"))
	}
	return writeFiles(home, map[string]string{
		"logins":    logins.String(),
		"main.cf":   main,
		"master.cf": fmt.Sprintf(masterCF, port),
		"accounts":  accounts.String(),
	})
}

// hostName is Postfix's own name.
const hostName = "mx.post.invalid"

// mailID is the user and the group mail, in every Debian.
const mailID = 8

// mainCF takes: the scratch folder, the domains, the certificate and its key, the size limit, Postfix's name, what
// delivers, and whose the mail is.
const mainCF = `compatibility_level = 3.6
queue_directory = %[1]s/postfix/queue
data_directory = %[1]s/postfix/data
maillog_file = %[1]s/postfix.log
maillog_file_prefixes = %[1]s
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = %[6]s
mydestination =
mynetworks =
alias_maps =
alias_database =
fast_flush_domains =

# Nothing but the accounts' own domains; what would go elsewhere, such as a
# bounce to an outside sender, goes nowhere.
virtual_mailbox_domains = %[2]s
virtual_mailbox_maps = texthash:%[1]s/postfix/accounts
virtual_transport = %[7]s
virtual_mailbox_base = %[1]s/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:%[8]d
virtual_gid_maps = static:%[8]d
default_transport = discard
smtpd_relay_restrictions = reject_unauth_destination
smtp_dns_support_level = disabled
smtpd_peername_lookup = no

smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/dovecot-auth
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = %[3]s
smtpd_tls_key_file = %[4]s

message_size_limit = %[5]d
virtual_mailbox_limit = 0
mailbox_size_limit = 0
smtpd_error_sleep_time = 0
`

// ownCF has each account write from its own address alone. It takes the scratch folder.
const ownCF = `
smtpd_sender_login_maps = texthash:%s/postfix/logins
smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch
`

// masterCF takes the port.
const masterCF = `127.0.0.1:%d inet n - n - - smtpd
cleanup  unix n - n - 0    cleanup
qmgr     unix n - n 300 1  qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
rewrite  unix - - n - -    trivial-rewrite
bounce   unix - - n - 0    bounce
defer    unix - - n - 0    bounce
trace    unix - - n - 0    bounce
verify   unix - - n - 1    verify
proxymap unix - - n - -    proxymap
error    unix - - n - -    error
retry    unix - - n - -    error
discard  unix - - n - -    discard
lmtp     unix - - n - -    lmtp
anvil    unix - - n - 1    anvil
virtual  unix - n n - -    virtual
scache   unix - - n - 1    scache
postlog  unix-dgram n - n - 1 postlogd
`

// writeDovecot writes Dovecot's configuration, accounts and mail folder.
func writeDovecot(dir string, o *Office, ports imapPorts, c certificate, opt RealOptions) error {
	if err := makeFolder(filepath.Join(dir, "mail"), "mail", "mail", 0o700); err != nil {
		return err
	}
	var passwords strings.Builder
	for _, a := range slices.Sorted(maps.Keys(o.accounts)) {
		fmt.Fprintf(&passwords, "%s:{PLAIN}%s\n", a, o.Password)
	}
	separator, prefix := "/", ""
	if opt.Separator != "" {
		separator = opt.Separator
	}
	if separator == "." {
		prefix = "INBOX."
	}
	protocols := ""
	if opt.IMAPServer == Dovecot {
		protocols = "imap lmtp"
	}
	conf := fmt.Sprintf(dovecotConf, dir, c.certFile, c.keyFile, ports.tls, ports.startTLS,
		separator, prefix, shownCapabilities(opt.HideCapabilities), protocols)
	files := map[string]string{"passwords": passwords.String()}
	if opt.Introspect != "" {
		conf += fmt.Sprintf(dovecotTokens, dir)
		files["tokens.conf"] = fmt.Sprintf(introspection, opt.Introspect)
	}
	files["dovecot.conf"] = conf
	return writeFiles(dir, files)
}

// dovecotTokens has Dovecot take access tokens too. It takes the scratch folder.
const dovecotTokens = `
auth_mechanisms = plain login xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = %[1]s/tokens.conf
}
`

// introspection takes the URL at which Dovecot asks about a token, each time.
const introspection = `introspection_mode = get
introspection_url = %s
username_attribute = username
active_attribute = active
active_value = true
`

// dovecotConf takes: the scratch folder, the certificate and its key, the ports for TLS and for STARTTLS, the
// separator and the prefix of folder names, the capabilities that Dovecot announces, and what it serves apart from
// logins.
const dovecotConf = `base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/dovecot.log
protocols = %[9]s
listen = 127.0.0.1
ssl = required
ssl_cert = <%[2]s
ssl_key = <%[3]s
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 100
first_valid_uid = 1
first_valid_gid = 1
imap_capability = %[8]s

passdb {
  driver = passwd-file
  mechanisms = none plain login
  args = %[1]s/passwords
}
userdb {
  driver = static
  args = uid=mail gid=mail home=%[1]s/mail/%%u
}
namespace inbox {
  inbox = yes
  separator = %[6]s
  prefix = %[7]s
  # Without a folder for something Dovecot does not say SPECIAL-USE.
  mailbox Sent {
    special_use = \Sent
  }
}
service imap-login {
  inet_listener imaps {
    port = %[4]d
    ssl = yes
  }
  inet_listener imap {
    port = %[5]d
  }
}
service auth {
  # So that it can read the passwords, which only root can.
  user = root
  unix_listener %[1]s/postfix/queue/private/dovecot-auth {
    mode = 0600
    user = postfix
  }
}
service lmtp {
  unix_listener %[1]s/postfix/queue/private/dovecot-lmtp {
    mode = 0600
    user = postfix
  }
}
service anvil {
  # Without it there is no waiting after failed logins.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`

// dovecotCapabilities is what Dovecot 2.3 announces by default.
const dovecotCapabilities = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES " +
	"THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS " +
	"LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY " +
	"MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE"

// shownCapabilities returns the value of imap_capability without the hidden ones; if none are hidden it is
// empty, which is Dovecot's default.
func shownCapabilities(hidden []string) string {
	if len(hidden) == 0 {
		return ""
	}
	shown := slices.DeleteFunc(strings.Fields(dovecotCapabilities), func(c string) bool {
		return slices.Contains(hidden, c)
	})
	return strings.Join(shown, " ")
}

func makeFolder(path, owner, group string, mode os.FileMode) error {
	if err := os.MkdirAll(path, mode); err != nil {
		return err
	}
	u, err := user.Lookup(owner)
	if err != nil {
		return err
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(g.Gid)
	if err != nil {
		return err
	}
	if err := os.Chown(path, uid, gid); err != nil {
		return err
	}
	// Restores whatever the umask took away.
	return os.Chmod(path, mode)
}

func writeFiles(dir string, files map[string]string) error {
	for name, content := range files {
		mode := os.FileMode(0o644)
		if name == "passwords" || name == "userdb" {
			mode = 0o600
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			return err
		}
	}
	return nil
}
