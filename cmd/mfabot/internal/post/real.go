//go:build real

package post

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	startWithin = 30 * time.Second
	stopWithin  = 10 * time.Second
)

// The IMAP servers that people's mail may lie on.
const (
	Dovecot = "dovecot"
	Courier = "courier"
	Cyrus   = "cyrus"
)

// RealOptions says how the real servers behave.
type RealOptions struct {
	// IMAPServer is Dovecot, Courier or Cyrus; empty is Dovecot.
	IMAPServer string
	// IMAPSecurity is TLS or StartTLS; empty is TLS.
	IMAPSecurity string
	// HideCapabilities are left out of the capabilities that Dovecot announces.
	HideCapabilities []string
	// Separator separates folder names; empty means "/". With "." the folders are below INBOX, as they always
	// are in Courier.
	Separator string
	// Domains are the ones a DNS server knows. If there are any, OpenDKIM and OpenDMARC use it to check who
	// sent the mail that Deliver hands in.
	Domains []Domain
	// CredulousDMARC leaves OpenDMARC at its default, which is to believe the SPF results in the header,
	// whoever wrote them.
	CredulousDMARC bool
	// SignsOwn has an OpenDKIM before the others sign what people submit, for the first of the domains: so the others verify
	// that as well. Without, nothing proves mail of the office's own users.
	SignsOwn bool
	// OwnHosts are addresses, besides this machine, of which OpenDMARC says nothing, whatever SPF says of them.
	OwnHosts []string
	// Introspect is the beginning of a URL, which ends in an access token, where Dovecot asks whether that is good, for IMAP
	// and for Postfix. Empty: it takes none.
	Introspect string
}

// Real starts an office of Postfix and Dovecot 2.3, with Unbound, OpenDKIM and OpenDMARC if senders are
// checked. Courier 5.0 or Cyrus 3.6 may take Dovecot's place, which then only knows the passwords for Postfix.
// The servers must be installed or unpacked (see install-servers.sh and unpack-servers.sh), and it must run as
// root. All their files are in dir, which every user must be able to enter and whose name must be short,
// because of the unix sockets in it; if dir is empty, a folder is made for them, and Close removes it. People
// submit with STARTTLS; mail from outside arrives on the same port without a login. The office runs until Close
// is called or ctx ends.
func Real(ctx context.Context, dir string, accounts []string, opt RealOptions) (*Office, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("starting real servers: only root can do that")
	}
	opt.IMAPServer = cmp.Or(opt.IMAPServer, Dovecot)
	if err := installed(opt); err != nil {
		return nil, err
	}
	o, err := newOffice(accounts)
	if err != nil {
		return nil, err
	}
	remove := func() error { return nil }
	if dir == "" {
		if dir, err = os.MkdirTemp("", "post"); err != nil {
			return nil, err
		}
		remove = func() error { return os.RemoveAll(dir) }
	}
	servers, err := startServers(ctx, dir, o, opt)
	// Another process may have taken a port since it was found free.
	for range 2 {
		if err == nil || !strings.Contains(err.Error(), "Address already in use") {
			break
		}
		servers, err = startServers(ctx, dir, o, opt)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting real servers: %w", err), remove())
	}
	o.log = func() string { return logs(dir) }
	o.cut = func() { // that nobody is there is no error
		_ = exec.CommandContext(ctx, doveadm, "-c", filepath.Join(dir, "dovecot.conf"), "kick", "*").Run()
	}
	o.stopOnce(ctx, func() error { return errors.Join(servers.stop(), remove()) })
	return o, nil
}

// installed returns an error that names the missing server, if any.
func installed(opt RealOptions) error {
	programs := []string{postfixMaster, dovecot}
	if opt.IMAPServer != Dovecot {
		programs = append(programs, filepath.Join(besideFolder, opt.IMAPServer))
	}
	if len(opt.Domains) > 0 {
		programs = append(programs, unbound, opendkim, opendmarc)
	}
	for _, program := range programs {
		if _, err := os.Stat(program); err != nil {
			return fmt.Errorf("starting real servers: %w: it is made by install-servers.sh or unpack-servers.sh, "+
				"as make test-real and make test-imap do", err)
		}
	}
	return nil
}

const (
	postfixMaster = "/usr/lib/postfix/sbin/master"
	dovecot       = "/usr/sbin/dovecot"
	doveadm       = "/usr/bin/doveadm"
)

// servers are the running servers, in the order in which they were started.
type servers []interface{ stop() error }

func (s servers) stop() error {
	var errs []error
	for _, server := range slices.Backward(s) {
		errs = append(errs, server.stop())
	}
	return errors.Join(errs...)
}

func startServers(ctx context.Context, dir string, o *Office, opt RealOptions) (started servers, err error) {
	if err := enterable(dir); err != nil {
		return nil, err
	}
	certificate, err := makeCertificate(dir)
	if err != nil {
		return nil, err
	}
	o.CAFile, o.RootCAs = certificate.caFile, certificate.roots
	ports, err := freePorts(ctx, 3)
	if err != nil {
		return nil, err
	}
	o.SMTPAddr, o.SMTPSecurity = loopback(ports[0]), StartTLS
	o.IMAPAddr, o.IMAPSecurity = loopback(ports[1]), TLS
	if opt.IMAPSecurity == StartTLS {
		o.IMAPAddr, o.IMAPSecurity = loopback(ports[2]), StartTLS
	}

	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	defer func() {
		if err != nil {
			err = errors.Join(err, started.stop())
			started = nil
		}
	}()
	if len(opt.Domains) > 0 {
		if started, err = startChecks(ctx, dir, o, opt); err != nil {
			return started, err
		}
	}
	// The IMAP servers put their sockets into Postfix's queue folder.
	if err := writePostfix(dir, o, ports[0], certificate, opt); err != nil {
		return started, err
	}
	more, err := startIMAP(ctx, dir, o, imapPorts{tls: ports[1], startTLS: ports[2]}, certificate, opt)
	if started = append(started, more...); err != nil {
		return started, err
	}
	d, err := startDaemon(ctx, greets("tcp", o.SMTPAddr, "220 "), filepath.Join(dir, "postfix.log"),
		postfixMaster, "-d", "-c", filepath.Join(dir, "postfix"))
	if err != nil {
		return started, err
	}
	return append(started, d), nil
}

// imapPorts are those of the IMAP server.
type imapPorts struct{ tls, startTLS int }

// startIMAP starts the IMAP server, and Dovecot in any case, as it knows the passwords of who submits. On failure
// it returns what is running.
func startIMAP(ctx context.Context, dir string, o *Office, ports imapPorts, c certificate, opt RealOptions) (servers, error) {
	if err := writeDovecot(dir, o, ports, c, opt); err != nil {
		return nil, err
	}
	ready := greets("unix", filepath.Join(dir, "postfix", "queue", "private", "dovecot-auth"), "VERSION")
	if opt.IMAPServer == Dovecot {
		ready = greets("tcp", loopback(ports.startTLS), "* OK")
	}
	d, err := startDaemon(ctx, ready, filepath.Join(dir, "dovecot.log"),
		dovecot, "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	if err != nil {
		return nil, err
	}
	var more servers
	o.count = func(account string) int { return countMaildir(dir, account) }
	switch opt.IMAPServer {
	case Courier:
		more, err = startCourier(ctx, dir, o, ports, c)
	case Cyrus:
		more, err = startCyrus(ctx, dir, o, ports, c, opt.Separator)
	}
	return append(servers{d}, more...), err
}

// logs returns the ends of all logs in a folder.
func logs(dir string) string {
	// The pattern is well formed, which is all that Glob complains of.
	files, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	var all strings.Builder
	for _, file := range files {
		fmt.Fprintf(&all, "%s:\n%s\n", filepath.Base(file), tail(file))
	}
	return all.String()
}

// enterable makes dir a folder that every user may enter, as the servers' own users must, and returns an
// error if a folder above it is not.
func enterable(dir string) error {
	if len(dir) > 60 {
		return fmt.Errorf("%s: the name is too long for unix sockets below it", dir)
	}
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("%s: not an absolute path", dir)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	for above := filepath.Dir(dir); above != "/"; above = filepath.Dir(above) {
		info, err := os.Stat(above)
		if err != nil {
			return err
		}
		if info.Mode()&0o001 == 0 {
			return fmt.Errorf("%s: the servers' users may not enter %s", dir, above)
		}
	}
	return nil
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// freePorts finds ports on which nobody listens.
func freePorts(ctx context.Context, n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		// Kept open until all are found, so that they differ.
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// countMaildir counts the messages in all folders of an account.
func countMaildir(dir, account string) int {
	n := 0
	for _, pattern := range []string{"cur/*", "new/*", ".*/cur/*", ".*/new/*"} {
		// The pattern is well formed, which is all that Glob complains of.
		files, _ := filepath.Glob(filepath.Join(dir, "mail", account, "Maildir", pattern))
		n += len(files)
	}
	return n
}
