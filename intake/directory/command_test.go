package directory_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/directory"
)

// program is a directory that a shell script is. It runs in a folder of its own, DIR.
func program(t *testing.T, script string) (c *directory.Command, dir string) {
	t.Helper()
	dir = t.TempDir()
	path := filepath.Join(dir, "mfa-exempt")
	// A child that is forked meanwhile would hold the file open for writing, and nobody could run it (ETXTBSY).
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte("#!/bin/sh\nDIR="+dir+"\n"+script), 0o755)
	syscall.ForkLock.RUnlock()
	succeeds(t, err)
	return directory.NewCommand([]string{path, "--of", "two words; $HOME"}), dir
}

func TestCommand(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, dir := program(t, `
echo "$# $2" >>$DIR/args
tee -a $DIR/calls | {
read -r call
case $call in
*nobody@*) exit 67 ;;
*account*) echo '{"exists": true, "enabled": false, "methods": "no", "name": "Sam Green", "department": "Dispensary", "more": 1}' ;;
*members*)
	echo '{"id": "7", "addresses": ["Sam@pharmacy.test", "no address"], "name": "Sam Green"}'
	echo '{"id": "8"}' ;;
esac
}`)
	succeeds(t, apply(c)(ctx, "sam@pharmacy.test"))
	succeeds(t, c.Remove(ctx, "sam@pharmacy.test"))
	succeeds(t, c.Expel(ctx, "7"))
	a, err := c.Account(ctx, "sam@pharmacy.test")
	succeeds(t, err)
	equal(t, a, intake.Account{Exists: true, Methods: intake.No, Name: "Sam Green", Department: "Dispensary"})
	names, err := c.Names(ctx, "sam@pharmacy.test") // which it need not give
	succeeds(t, err)
	equal(t, len(names), 0)
	members, err := c.Members(ctx)
	succeeds(t, err)
	equal(t, members, []intake.Member{{ID: "7", Addresses: []string{"sam@pharmacy.test"}, Name: "Sam Green"}, {ID: "8"}})
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	succeeds(t, err)
	equal(t, string(calls), `{"action":"apply","user":"sam@pharmacy.test"}
{"action":"remove","user":"sam@pharmacy.test"}
{"action":"expel","id":"7"}
{"action":"account","user":"sam@pharmacy.test"}
{"action":"account","user":"sam@pharmacy.test"}
{"action":"members"}
`)
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	succeeds(t, err)
	equal(t, string(args), strings.Repeat("2 two words; $HOME\n", 6))

	fails(t, apply(c)(ctx, "nobody@pharmacy.test"), intake.ErrNoAccount, false,
		"apply: nobody@pharmacy.test: the directory knows no such user")
	succeeds(t, c.Remove(ctx, "nobody@pharmacy.test"))
	a, err = c.Account(ctx, "nobody@pharmacy.test")
	succeeds(t, err)
	equal(t, a, intake.Account{Methods: intake.Unknown})
}

// TestCommandNames: a program may give the name to sign in with, and the addresses.
func TestCommandNames(t *testing.T) {
	t.Parallel()
	c, _ := program(t, `read -r call
case $call in
*nobody@*) exit 67 ;;
*other@*) echo '{"exists": true, "enabled": true, "methods": "yes", "addresses": "admin@pharmacy.test"}' ;;
*) echo '{"exists": true, "enabled": true, "methods": "yes", "sign_in": "admin-sam", "addresses": ["Help@pharmacy.test", "no address"]}' ;;
esac`)
	names, err := c.Names(t.Context(), "help@pharmacy.test")
	succeeds(t, err)
	equal(t, names, []string{"help@pharmacy.test", "admin-sam"})
	a, err := c.Account(t.Context(), "help@pharmacy.test")
	succeeds(t, err)
	equal(t, a, intake.Account{Exists: true, Enabled: true, Methods: intake.Yes, SignIn: "admin-sam"})
	names, err = c.Names(t.Context(), "nobody@pharmacy.test")
	succeeds(t, err)
	equal(t, len(names), 0)
	_, err = c.Names(t.Context(), "other@pharmacy.test")
	fails(t, err, nil, false, "account: expected sign_in to be a string, and addresses a list of them")
}

func TestCommandFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script    string
		temporary bool
		words     string
	}{
		"for the moment": {"echo 'the database is locked' >&2; exit 75", true, "apply: it failed for the moment (exit status 75): the database is locked"},
		"for good":       {`printf 'first\n\033[31mno such\tgroup\n' >&2; exit 1`, false, "apply: it failed (exit status 1): first [31mno such group"},
		"silently":       {"exit 3", false, "apply: it failed (exit status 3)"},
		"killed":         {"kill -9 $$", false, "it failed (signal: killed)"},
		"many words":     {`i=0; while [ $i -lt 2000 ]; do echo "line $i" >&2; i=$((i+1)); done; exit 1`, false, "line 1999"},
		"much output":    {"exec yes", false, "it says more than 8388608 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := program(t, c.script)
			err := apply(d)(t.Context(), "sam@pharmacy.test")
			fails(t, err, nil, c.temporary, c.words)
			if len(err.Error()) > 900 {
				t.Errorf("it says too much: %v", err)
			}
		})
	}
	for name, out := range map[string]string{"no JSON": "yes", "nothing": "", "no knowledge": `{"exists": true, "methods": "maybe"}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := program(t, "echo '"+out+"'")
			_, err := d.Account(t.Context(), "sam@pharmacy.test")
			fails(t, err, nil, false, "account: expected ")
		})
	}
	for _, out := range []string{"yes", `{"id": ""}`, `{"id": "7"} {"id"`} {
		d, _ := program(t, "echo '"+out+"'")
		_, err := d.Members(t.Context())
		fails(t, err, nil, false, "members: ")
	}
	gone := directory.NewCommand([]string{filepath.Join(t.TempDir(), "mfa-exempt")})
	fails(t, apply(gone)(t.Context(), "sam@pharmacy.test"), os.ErrNotExist, false, "it cannot be run")
}

// TestCommandIsEnded: a program that takes too long is ended with all that it started, which would otherwise
// hold the pipe open.
func TestCommandIsEnded(t *testing.T) {
	t.Parallel()
	const script = `
sleep 1000 &
echo $! >$DIR/child
mv $DIR/child $DIR/started
echo waiting >&2
wait`
	for name, stop := range map[string]func(c *directory.Command, started string) error{
		"its time is over": func(c *directory.Command, started string) error {
			for timeout := 100 * time.Millisecond; ; timeout *= 2 {
				directory.SetTimeout(c, timeout)
				err := apply(c)(context.Background(), "sam@pharmacy.test")
				if _, missing := os.Stat(started); missing == nil {
					return err
				}
			}
		},
		"the caller gives up": func(c *directory.Command, started string) error {
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				defer cancel()
				until(t, "it has started", func() bool {
					_, err := os.Stat(started)
					return err == nil
				})
			}()
			return apply(c)(ctx, "sam@pharmacy.test")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, dir := program(t, script)
			err := stop(c, filepath.Join(dir, "started"))
			fails(t, err, nil, true, "mfa-exempt: apply: ")
			pid, err := os.ReadFile(filepath.Join(dir, "started"))
			succeeds(t, err)
			until(t, "what it started is gone", func() bool {
				stat, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", strings.TrimSpace(string(pid))))
				return err != nil || strings.Contains(string(stat), ") Z ")
			})
		})
	}
}

// until waits until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	late := time.After(30 * time.Second)
	for tick := time.NewTicker(5 * time.Millisecond); !so(); {
		select {
		case <-tick.C:
		case <-late:
			t.Errorf("not yet: %s", what)
			return
		}
	}
}
