// Package pgtest runs PostgreSQL, as Debian packages it, from a scratch folder, for the tests on real servers.
package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// Server is a server of a test's own, on a socket in a folder and on no port.
type Server struct {
	Dir  string // of its socket
	bin  string
	as   *syscall.SysProcAttr
	made atomic.Int64
}

// Start starts a server, which stops when the test ends. Its programs refuse to be root: then they are the user postgres, whom the
// package makes.
func Start(t testing.TB) *Server {
	t.Helper()
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(programs) == 0 {
		t.Fatal("PostgreSQL is not installed: see install-servers.sh, as make test-real does")
	}
	dir, err := os.MkdirTemp("", "pg") // not the test's: the user postgres must get there, and a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s := &Server{Dir: dir, bin: programs[len(programs)-1], as: new(syscall.SysProcAttr)}
	if os.Geteuid() == 0 {
		if s.as.Credential, err = postgres(); err == nil {
			err = os.Chown(dir, int(s.as.Credential.Uid), int(s.as.Credential.Gid))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s.must(t, "initdb", "-D", s.data(), "--auth", "trust", "--username", "mfabot", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	s.Up(t)
	t.Cleanup(func() { s.Down(t) })
	return s
}

func postgres() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

func (s *Server) data() string { return filepath.Join(s.Dir, "data") }

// Up starts the server again after Down.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	s.must(t, "pg_ctl", "-D", s.data(), "-l", filepath.Join(s.Dir, "log"), "-w", "-o",
		"-c listen_addresses='' -c fsync=off -c max_connections=200 -k "+s.Dir, "start")
}

// Down stops the server, without a word to those who are connected.
func (s *Server) Down(t testing.TB) {
	t.Helper()
	s.must(t, "pg_ctl", "-D", s.data(), "-m", "immediate", "-w", "stop")
}

func (s *Server) must(t testing.TB, program string, args ...string) {
	t.Helper()
	if said, err := s.run("", program, args...); err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, said)
	}
}

func (s *Server) run(script, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, program), args...) // which Cleanup runs too
	cmd.Dir, cmd.SysProcAttr, cmd.Stdin = s.Dir, s.as, strings.NewReader(script)
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// SQL runs a script on a database, as the superuser mfabot.
func (s *Server) SQL(t testing.TB, database, script string) {
	t.Helper()
	if said, err := s.run(script, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", s.Dir, "-U", "mfabot", "-d", database); err != nil {
		t.Fatalf("%v: %s\n%s", err, said, script)
	}
}

// Database makes an empty database, which orders texts by another collation than mfabot, and returns its name.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.made.Add(1))
	s.SQL(t, "postgres", "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-GB'")
	return name
}

// URL is where a database is, for a role.
func (s *Server) URL(role, database string) string {
	return "postgres://" + role + "@/" + database + "?host=" + s.Dir
}

// Cut is a socket before that of a server, by which a commit is cut off.
type Cut struct {
	Dir   string
	armed atomic.Bool
}

// Next has the next commit cut off.
func (c *Cut) Next() { c.armed.Store(true) }

// Cut starts a socket that breaks off at a commit: once the server has answered, where it is to arrive there, and before it is sent
// otherwise. Then meanwhile is called, before whoever is connected hears of it.
func (s *Server) Cut(t testing.TB, arrives bool, meanwhile func()) *Cut {
	t.Helper()
	dir, err := os.MkdirTemp("", "cut")
	if err != nil {
		t.Fatal(err)
	}
	const name = ".s.PGSQL.5432"
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	c := &Cut{Dir: dir}
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
		_ = os.RemoveAll(dir)
	})
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := new(net.Dialer).DialContext(t.Context(), "unix", filepath.Join(s.Dir, name))
			if err != nil {
				_ = client.Close()
				continue
			}
			running.Go(func() { c.between(client, server, arrives, meanwhile) })
		}
	})
	return c
}

// between passes on what a client and a server say, which take turns, until either goes or a commit is cut off.
func (c *Cut) between(client, server net.Conn, arrives bool, meanwhile func()) {
	var silent atomic.Bool
	var answers sync.WaitGroup
	answered := make(chan struct{}, 1)
	answers.Go(func() {
		b := make([]byte, 64<<10)
		for {
			n, err := server.Read(b)
			if silent.Load() {
				answered <- struct{}{}
				return
			}
			if err != nil {
				_ = client.Close()
				return
			}
			_, _ = client.Write(b[:n])
		}
	})
	b := make([]byte, 64<<10)
	for {
		n, err := client.Read(b)
		if err != nil {
			break
		}
		if bytes.Contains(b[:n], []byte("commit")) && c.armed.CompareAndSwap(true, false) {
			if silent.Store(true); arrives {
				_, _ = server.Write(b[:n])
				<-answered
			}
			meanwhile()
			break
		}
		_, _ = server.Write(b[:n])
	}
	_, _ = client.Close(), server.Close()
	answers.Wait()
}

// BreakOff ends every connection that others have.
func (s *Server) BreakOff(t testing.TB) {
	t.Helper()
	s.SQL(t, "postgres", `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
}
