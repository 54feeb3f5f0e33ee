package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
)

// helpdesk is a mailbox on a server of its own that knows when its reader has nothing left to do, so that two
// readers can be set off at the same moment.
type helpdesk struct {
	account string
	addr    string
	user    *imapmemserver.User
	resting chan struct{} // its reader waits for mail
	woken   chan struct{} // there is mail
}

func newHelpdesk(t testing.TB, account, password string) *helpdesk {
	t.Helper()
	d := &helpdesk{account: account, user: imapmemserver.NewUser(account, password),
		resting: make(chan struct{}), woken: make(chan struct{}, 1)}
	if err := d.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(d.user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return deskSession{memory.NewSession().(imapserver.SessionIMAP4rev2), d}, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: true,
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.addr = l.Addr().String()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return d
}

// deskSession is a connection to a helpdesk.
type deskSession struct {
	imapserver.SessionIMAP4rev2
	helpdesk *helpdesk
}

// Idle tells the test that the reader is resting, and the reader when there is mail. The memory server's own
// Idle does not report what came between the last search and now.
func (s deskSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	select {
	case s.helpdesk.resting <- struct{}{}:
	case <-stop:
		return nil
	}
	for {
		select {
		case <-s.helpdesk.woken:
			if err := s.Poll(w, true); err != nil {
				return err
			}
		case <-stop:
			return nil
		}
	}
}

// put puts a message into the inbox, of which wake tells the reader.
func (d *helpdesk) put(raw []byte) error {
	_, err := d.user.Append("INBOX", bytes.NewReader(raw), &imap.AppendOptions{})
	return err
}

// wake tells the reader that there is mail. That it rested before, as it does after each look, no longer
// counts.
func (d *helpdesk) wake() {
	select {
	case <-d.resting:
	default:
	}
	d.woken <- struct{}{}
}

// rest waits until the reader has nothing left to do, and fails if anything is left.
func (d *helpdesk) rest(ctx context.Context) error {
	select {
	case <-d.resting:
	case <-ctx.Done():
		return fmt.Errorf("the reader of %s does not rest: %w", d.account, ctx.Err())
	}
	status, err := d.user.Status("INBOX", &imap.StatusOptions{NumMessages: true})
	if err == nil && *status.NumMessages > 0 {
		err = fmt.Errorf("%d messages were left in the inbox of %s", *status.NumMessages, d.account)
	}
	return err
}

// rivalConfig has one mailbox, rivalMailbox another.
const rivalConfig = `database = "sqlite:mfabot.db"
sites    = "sites.csv"
policy   = "policy.toml"

[service]
name     = "NHSmail Helpdesk"
address  = "mfa@helpdesk.test"
operator = "ops@helpdesk.test"

[[mailbox]]
name          = %q
url           = "imap://%s@%s/INBOX"
password_file = "password"

  [mailbox.trust]
  allow_unauthenticated = true

[smtp]
url           = "smtp://%s@%s"
password_file = "password"

[[reviewer]]
address = "asha@helpdesk.test"
name    = "Asha Patel"

[[reviewer]]
address = "ben@helpdesk.test"
name    = "Ben Okafor"

[testing]
clock_offset = %q
`

const rivalMailbox = `
[[mailbox]]
name          = %q
url           = "imap://%s@%s/INBOX"
password_file = "password"

  [mailbox.trust]
  allow_unauthenticated = true
`

// limits are the lines of the policy that bound the answers to one address and the requests of one site: a reviewer
// may lose every time, and one site asks for everybody.
var limits = regexp.MustCompile(`(?m)^(answers_a_day|requests_a_day|additions_a_day)( *=) \d+`)

// arrange writes the configurations: one to read the requests and to send, and one for the helpdesks. That one
// cannot send, as the server does not let it in: no letter takes time from what is tested.
func (r *rivalry) arrange(t *testing.T) {
	t.Helper()
	policy, err := os.ReadFile(filepath.Join("..", "..", "intake", "policy.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(limits.FindAll(policy, -1)); n != 3 {
		t.Fatalf("the policy has %d of the limits", n)
	}
	config := func(name, account, imapAddr, sender, offset string) string {
		return fmt.Sprintf(rivalConfig, name, url.QueryEscape(account), imapAddr, url.QueryEscape(sender), r.office.SMTPAddr, offset)
	}
	first, second := r.desks[0], r.desks[1]
	files := map[string]string{
		"policy.toml": limits.ReplaceAllString(string(policy), "$1$2 1000"),
		"sites.csv":   demo.Sites,
		"password":    r.office.Password + "\n",
		"office.toml": config("office", service, r.office.IMAPAddr, service, "0s"),
		// By then the letters that could not be sent are due again.
		"later.toml": config("office", service, r.office.IMAPAddr, service, "2h"),
		"desks.toml": config("first", first.account, first.addr, first.account, "0s") +
			fmt.Sprintf(rivalMailbox, "second", url.QueryEscape(second.account), second.addr),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// rivalProcess is the program, running.
type rivalProcess struct {
	*exec.Cmd
	log string // a file
}

// start runs mfabot as a process of its own, with the configuration of that name.
func (r *rivalry) start(t *testing.T, config string, args ...string) *rivalProcess {
	t.Helper()
	p := &rivalProcess{log: filepath.Join(r.dir, config+".log")}
	stderr, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	p.Cmd = exec.CommandContext(r.ctx, "mfabot", append(args, "--config", filepath.Join(r.dir, config+".toml"))...)
	p.Stderr = stderr
	// Otherwise the race detector waits for a second at the end of every process.
	p.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
		if text, err := os.ReadFile(p.log); err == nil && t.Failed() {
			t.Logf("%s said at the end:\n%s", config, text[max(0, len(text)-2000):])
		}
	})
	return p
}

// raceFailures are the lines of a log that a race must not cause. That letters are put back is to be
// expected, as the server lets nobody in to send them.
var raceFailures = regexp.MustCompile(`(?m)^.*("level":"ERROR"|reading the mailbox failed|sweep failed|locked).*$`)

// end waits until the process has ended, which must succeed, with no failure except in sending.
func (p *rivalProcess) end(t *testing.T) {
	t.Helper()
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %v", p.Args, err)
	}
	text, err := os.ReadFile(p.log)
	if err != nil {
		t.Fatal(err)
	}
	if bad := raceFailures.FindAllString(string(text), -1); len(bad) > 0 {
		t.Errorf("%v failed %d times, such as:\n%s", p.Args, len(bad), strings.Join(bad[:min(len(bad), shownWrong)], "\n"))
	}
}

func (p *rivalProcess) terminate(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	p.end(t)
}

// answered is what a command that only reads prints, an object a line.
func answered[T any](t *testing.T, r *rivalry, args ...string) []T {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := runMain(append(args, "--json", "--config", filepath.Join(r.dir, "office.toml")), &stdout, &stderr); status != exitOK {
		t.Fatalf("%v: exit status %d: %s", args, status, stderr.String())
	}
	var all []T
	for dec := json.NewDecoder(&stdout); dec.More(); {
		var v T
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// inbox is what an account at the office has received.
func (r *rivalry) inbox(t *testing.T, account string) []post.Received {
	t.Helper()
	all, err := r.office.Read(r.ctx, account, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	return all
}
