//go:build real

package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"mfabot/store"
)

// TestRealPostgreSQL runs the contract: both engines promise the same.
func TestRealPostgreSQL(t *testing.T) {
	t.Parallel()
	server := startPostgreSQL(t)
	contract(t, func(t *testing.T) opener { return inServer(server.database(t)) })
}

// TestRealPostgreSQLSchema: what is compared at a start is what the migrations make.
func TestRealPostgreSQLSchema(t *testing.T) {
	t.Parallel()
	writtenDown(t, inServer(startPostgreSQL(t).database(t))(t), "schema_postgresql.json")
}

// inServer opens a database of a server's.
func inServer(s store.Server) opener {
	return func(t *testing.T) *store.Store {
		t.Helper()
		return closing(t, must(s.Open(t.Context()))(t))
	}
}

// pgServer is a server of the test's own.
type pgServer struct {
	dir  string // of its socket
	psql func(database, script string) (said string, err error)
	made *atomic.Int64
}

// database makes an empty database.
func (s pgServer) database(t *testing.T) store.Server {
	t.Helper()
	name := fmt.Sprintf("test%d", s.made.Add(1))
	if said, err := s.psql("postgres", "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-GB'"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return store.Server{URL: "postgres://mfabot@/" + name + "?host=" + s.dir}
}

// startPostgreSQL starts a server of the test's own, on a socket in a folder and on no port. Its programs refuse to be root: then they are the user postgres, whom the package makes.
func startPostgreSQL(t *testing.T) pgServer {
	t.Helper()
	programs := must(filepath.Glob("/usr/lib/postgresql/*/bin"))(t)
	if len(programs) == 0 {
		t.Fatal("PostgreSQL is not installed: see install-servers.sh, as make test-real does")
	}
	dir := must(os.MkdirTemp("", "pg"))(t) // not the test's: the user postgres must get there, and a socket's path is short
	t.Cleanup(func() { ok(t, os.RemoveAll(dir)) })
	as := new(syscall.SysProcAttr)
	if os.Geteuid() == 0 {
		postgres := must(user.Lookup("postgres"))(t)
		uid, gid := must(strconv.Atoi(postgres.Uid))(t), must(strconv.Atoi(postgres.Gid))(t)
		ok(t, os.Chown(dir, uid, gid))
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	run := func(script, program string, args ...string) (string, error) {
		cmd := exec.Command(filepath.Join(programs[len(programs)-1], program), args...)
		cmd.Dir, cmd.SysProcAttr, cmd.Stdin = dir, as, strings.NewReader(script)
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	data := filepath.Join(dir, "data")
	for _, step := range [][]string{
		{"initdb", "-D", data, "--auth", "trust", "--username", "mfabot", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"},
		{"pg_ctl", "-D", data, "-l", filepath.Join(dir, "log"), "-w", "-o", "-c listen_addresses='' -c fsync=off -k " + dir, "start"},
	} {
		if said, err := run("", step[0], step[1:]...); err != nil {
			t.Fatalf("%q: %v\n%s", step, err, said)
		}
	}
	t.Cleanup(func() {
		if said, err := run("", "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"); err != nil {
			t.Errorf("stopping PostgreSQL: %v\n%s", err, said)
		}
	})
	return pgServer{dir: dir, made: new(atomic.Int64), psql: func(database, script string) (string, error) {
		return run(script, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", dir, "-U", "mfabot", "-d", database)
	}}
}
