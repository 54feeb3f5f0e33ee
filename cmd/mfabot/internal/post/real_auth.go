//go:build real

package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	unbound   = "/usr/sbin/unbound"
	opendkim  = "/usr/sbin/opendkim"
	opendmarc = "/usr/sbin/opendmarc"
)

// milterCF takes what comes before, and the sockets of OpenDKIM and OpenDMARC. OpenDMARC relies on the results that OpenDKIM has
// added, so it comes after it. Only XCLIENT puts senders outside: SPF passes every client on loopback.
const milterCF = `
smtpd_milters = %sunix:%s, unix:%s
milter_default_action = tempfail
smtpd_authorized_xclient_hosts = 127.0.0.1
`

// milterSocket is where one of the milters listens, inside their jail.
func milterSocket(dir, name string) string { return filepath.Join(jail(dir), "run", name, "socket") }

// jail is the root folder of the milters. OpenDMARC uses only the DNS server in /etc/resolv.conf, and both
// log only to /dev/log.
func jail(dir string) string { return filepath.Join(dir, "jail") }

// startChecks starts a DNS server that knows the domains, and the milters that use it to check who sent a
// message. On failure it returns the ones that are running.
func startChecks(ctx context.Context, dir string, o *Office, opt RealOptions) (started servers, err error) {
	keys := filepath.Join(dir, "keys")
	records, err := makeKeys(keys, opt.Domains)
	if err != nil {
		return nil, err
	}
	// resolv.conf cannot name a port, so an address is drawn instead.
	address := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
	o.AuthservID, o.Resolver = hostName, net.JoinHostPort(address, "53")
	o.sign = func(ctx context.Context, domain string, raw []byte) ([]byte, error) {
		return sign(ctx, keys, domain, raw)
	}
	if err := writeUnbound(dir, address, records); err != nil {
		return nil, err
	}
	if err := writeMilters(dir, address, opt); err != nil {
		return nil, err
	}
	d, err := startDaemon(ctx, greets("tcp", o.Resolver, ""), filepath.Join(dir, "unbound.log"),
		unbound, "-d", "-c", filepath.Join(dir, "unbound.conf"))
	if err != nil {
		return nil, err
	}
	logFile := filepath.Join(dir, "milters.log")
	j, err := openJournal(filepath.Join(jail(dir), "dev", "log"), logFile)
	if err != nil {
		return servers{d}, err
	}
	started = servers{d, j}
	milters := [][]string{
		{"opendkim", opendkim, "-f", "-x", filepath.Join(dir, "opendkim.conf")},
		{"opendmarc", opendmarc, "-f", "-c", filepath.Join(dir, "opendmarc.conf")},
	}
	if opt.SignsOwn {
		socket := milterSocket(dir, "signer")
		if err := makeFolder(filepath.Dir(socket), "root", "root", 0o755); err != nil {
			return started, err
		}
		milters = append(milters, []string{"signer", opendkim, "-f", "-x", filepath.Join(keys, opt.Domains[0].Name+".own"),
			"-p", "local:" + socket})
	}
	for _, m := range milters {
		d, err := startDaemon(ctx, greets("unix", milterSocket(dir, m[0]), ""), logFile, m[1], m[2:]...)
		if err != nil {
			return started, err
		}
		// libmilter takes five seconds to end on SIGTERM, and has nothing to tidy up.
		d.quit = syscall.SIGKILL
		started = append(started, d)
	}
	return started, nil
}

// writeMilters writes the configurations of OpenDKIM and OpenDMARC, and their jail.
func writeMilters(dir, resolver string, opt RealOptions) error {
	root := jail(dir)
	for _, f := range []struct{ name, owner string }{
		{"", "root"}, {"etc", "root"}, {"dev", "root"}, {"run", "root"}, {"run/opendkim", "opendkim"}, {"run/opendmarc", "opendmarc"},
	} {
		if err := makeFolder(filepath.Join(root, f.name), f.owner, "root", 0o755); err != nil {
			return err
		}
	}
	return errors.Join(
		writeFiles(filepath.Join(root, "etc"), map[string]string{
			"resolv.conf":  "nameserver " + resolver + "\n",
			"unbound.conf": fmt.Sprintf(resolverConf, resolver),
		}),
		writeFiles(dir, map[string]string{
			"opendkim.conf":  fmt.Sprintf(opendkimConf, root, hostName),
			"opendmarc.conf": fmt.Sprintf(opendmarcConf, root, hostName, !opt.CredulousDMARC, filepath.Join(dir, "opendmarc-own")),
			"opendmarc-own":  strings.Join(append([]string{"127.0.0.1"}, opt.OwnHosts...), "\n") + "\n",
		}))
}

// resolverConf takes the address of the DNS server. It configures the resolver inside OpenDKIM, which by
// default asks no server on loopback, and none about .test.
const resolverConf = `server:
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "test." nodefault
forward-zone:
  name: "."
  forward-addr: %s
`

// opendkimConf takes the jail and the name of the mail server.
const opendkimConf = `ChangeRootDirectory %s
AuthservID %s
Mode v
Socket local:/run/opendkim/socket
UMask 000
UserID opendkim
ResolverConfiguration /etc/unbound.conf
Syslog yes
LogWhy yes
`

// opendmarcConf takes the jail, the name of the mail server, whether SPF results in the header are
// ignored, which the sender may have written, and the file with the addresses of which it says nothing.
const opendmarcConf = `ChangeRootDirectory %[1]s
AuthservID %[2]s
TrustedAuthservIDs %[2]s
Socket local:/run/opendmarc/socket
UMask 000
UserID opendmarc
SPFSelfValidate true
SPFIgnoreResults %[3]t
IgnoreHosts %[4]s
Syslog true
`

// sign has OpenDKIM sign a message as if it were a test file: it then prints the field it would add.
func sign(ctx context.Context, keys, domain string, raw []byte) ([]byte, error) {
	cmd := exec.CommandContext(ctx, opendkim, "-x", filepath.Join(keys, domain+".conf"), "-t", "-", "-v")
	cmd.Stdin = bytes.NewReader(raw)
	var said bytes.Buffer
	cmd.Stderr = &said
	printed, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, said.String())
	}
	at := bytes.Index(printed, []byte("DKIM-Signature: "))
	if at < 0 {
		return nil, fmt.Errorf("OpenDKIM added no signature\n%s%s", printed, said.String())
	}
	// Its lines end in LF or CRLF, and the last one in neither.
	field := bytes.ReplaceAll(bytes.TrimSpace(printed[at:]), []byte("\r\n"), []byte("\n"))
	field = append(bytes.ReplaceAll(field, []byte("\n"), []byte("\r\n")), "\r\n"...)
	return append(field, raw...), nil
}

// journal writes to a file what is logged to a socket that stands in for /dev/log.
type journal struct {
	conn *net.UnixConn
	done chan struct{}
}

func openJournal(socket, file string) (*journal, error) {
	// A failed attempt to start may have left it behind.
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	j := &journal{conn: conn, done: make(chan struct{})}
	go func() {
		defer close(j.done)
		defer func() { _ = out.Close() }()
		line := make([]byte, 8192)
		for {
			n, err := conn.Read(line)
			if err != nil {
				return
			}
			_, _ = out.Write(append(bytes.TrimRight(line[:n], "\x00\n"), '\n'))
		}
	}()
	// The milters run as their own users.
	if err := os.Chmod(socket, 0o666); err != nil {
		return nil, errors.Join(err, j.stop())
	}
	return j, nil
}

func (j *journal) stop() error {
	err := j.conn.Close()
	<-j.done
	return err
}
