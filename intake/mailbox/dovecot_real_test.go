//go:build real

package mailbox

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mfabot/intake"
)

// TestDovecot runs the suite on Dovecot as Debian packages it, and on what it looks like when it hides its
// extensions.
func TestDovecot(t *testing.T) {
	for name, d := range map[string]*dovecot{
		"everything":   {separator: "/"},
		"bare":         {separator: "/", capability: "IMAP4rev1"},
		"uidplus":      {separator: "/", capability: "IMAP4rev1 NAMESPACE UIDPLUS IDLE"},
		"dots":         {separator: ".", prefix: "INBOX."},
		"dots, bare":   {separator: ".", prefix: "INBOX.", capability: "IMAP4rev1"},
		"like Courier": {separator: ".", prefix: "INBOX.", capability: "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE IDLE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d.start(t)
			runSuite(t, d)
		})
	}
}

// dovecot is a Dovecot of its own configuration in a scratch folder. Any user may log in with testPassword.
type dovecot struct {
	separator, prefix string
	capability        string // empty: all
	passwords         string // extra configuration of the password database
	extra             string // configuration that goes last

	dir, conf string
	addr      string // without TLS from the first byte
	addrTLS   string // with; in use only if extra turns TLS on
	users     atomic.Int64
}

func (d *dovecot) start(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("dovecot"); err != nil {
		t.Fatal("dovecot-imapd is not installed: make test-real installs it")
	}
	dir, err := os.MkdirTemp("", "dovecot")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d.dir, d.conf = dir, filepath.Join(dir, "dovecot.conf")
	host, port := freePort(t)
	_, portTLS := freePort(t)
	d.addr, d.addrTLS = net.JoinHostPort(host, port), net.JoinHostPort(host, portTLS)
	capability := ""
	if d.capability != "" {
		capability = "imap_capability = " + d.capability
	}
	conf := fmt.Sprintf(`
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = /dev/stderr
protocols = imap
listen = %[2]s
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:%[1]s/mail/%%u
mail_max_userip_connections = 100
%[6]s
namespace inbox {
  inbox = yes
  separator = %[4]s
  prefix = %[5]s
}
passdb {
  driver = static
  %[10]s
  args = password=%[7]s
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=%[1]s/mail/%%u
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[3]s
  }
  inet_listener imaps {
    port = %[9]s
    ssl = yes
  }
}
%[8]s
`, dir, host, port, d.separator, d.prefix, capability, testPassword, d.extra, portTLS, d.passwords)
	for _, err := range []error{
		os.WriteFile(d.conf, []byte(conf), 0o600),
		os.Chmod(dir, 0o755),
		os.Mkdir(filepath.Join(dir, "mail"), 0o777),
		os.Chmod(filepath.Join(dir, "mail"), 0o777),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.run(t)
}

// run starts Dovecot and returns when it serves.
func (d *dovecot) run(t testing.TB) {
	t.Helper()
	cmd := exec.Command("dovecot", "-F", "-c", d.conf)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, drained := make(chan bool, 1), make(chan struct{})
	var said []string
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			said = append(said, lines.Text())
			if strings.Contains(lines.Text(), "starting up") {
				ready <- true
			}
		}
		ready <- false
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(strings.Join(said, "\n"))
		}
	})
	select {
	case ok := <-ready:
		if !ok {
			t.Fatal("dovecot did not start")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("dovecot took too long to start")
	}
}

// freePort returns a loopback port that was free just now.
func freePort(t testing.TB) (host, port string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	host, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

func (d *dovecot) config(t testing.TB) Config {
	cfg := baseConfig(t, d.addr)
	cfg.Username = fmt.Sprintf("helpdesk%d@example.test", d.users.Add(1))
	return cfg
}

func (d *dovecot) renumber(t testing.TB, cfg Config) {
	t.Helper()
	out, err := exec.Command("doveadm", "-c", d.conf, "mailbox", "update",
		"-u", cfg.Username, "--uid-validity", "4200000000", "INBOX").CombinedOutput()
	if err != nil {
		t.Fatalf("doveadm: %v: %s", err, out)
	}
}

func (d *dovecot) folder(f intake.Folder) string { return d.prefix + string(f) }

func BenchmarkDovecot(b *testing.B) {
	for name, size := range map[string]int{"5KB": 5 << 10, "200KB": 200 << 10} {
		d := &dovecot{separator: "/"}
		d.start(b)
		b.Run(name, func(b *testing.B) { benchmarkStep(b, d, size) })
	}
}
