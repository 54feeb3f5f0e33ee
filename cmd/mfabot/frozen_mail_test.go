package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/rogpeppe/go-internal/testscript"

	"mfabot/cmd/mfabot/internal/post"
)

// uidsFile holds, in a folder's directory, its UIDVALIDITY and the UID that comes next.
const uidsFile = "uids"

// save writes what lies in the folders of all accounts to ADDRESS/FOLDER/UID.eml.
func (s *scene) save(ts *testscript.TestScript, dir string) {
	for _, account := range strings.Fields(ts.ReadFile("accounts")) {
		c := s.login(ts, account)
		folders, err := c.List("", "*", nil).Collect()
		ts.Check(err)
		for _, f := range folders {
			to := filepath.Join(dir, account, f.Mailbox)
			ts.Check(os.MkdirAll(to, 0o700))
			at, err := c.Select(f.Mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
			ts.Check(err)
			ts.Check(os.WriteFile(filepath.Join(to, uidsFile), fmt.Appendln(nil, at.UIDValidity, at.UIDNext), 0o600))
			messages, err := s.office.Read(patiently(ts), account, f.Mailbox)
			ts.Check(err)
			for _, m := range messages {
				ts.Check(os.WriteFile(filepath.Join(to, fmt.Sprint(m.UID, ".eml")), m.Raw, 0o600))
			}
		}
		ts.Check(c.Close())
	}
}

// restore puts into new accounts what save found in them, so that they are the same to
// whoever knows them: each folder has its UIDVALIDITY, each message its UID, and the
// next one will.
func (s *scene) restore(ts *testscript.TestScript, dir string) {
	kept, err := filepath.Glob(filepath.Join(dir, "*", "*", uidsFile))
	ts.Check(err)
	folders := make(map[string][]keptFolder)
	for _, file := range kept {
		f := keptFolder{dir: filepath.Dir(file)}
		text, err := os.ReadFile(file)
		ts.Check(err)
		_, err = fmt.Sscan(string(text), &f.uidValidity, &f.uidNext)
		ts.Check(err)
		account := filepath.Base(filepath.Dir(f.dir))
		folders[account] = append(folders[account], f)
	}
	for account, all := range folders {
		c := s.login(ts, account)
		slices.SortFunc(all, func(a, b keptFolder) int { return cmp.Compare(a.uidValidity, b.uidValidity) })
		for _, f := range all { // in the order in which they were made
			f.restore(ts, c)
		}
		ts.Check(c.Close())
	}
}

// keptFolder is a folder as it was.
type keptFolder struct {
	dir                  string // with its messages, and named as it
	uidValidity, uidNext uint32
}

// restore makes the folder, and appends its messages: in place of each that is gone one
// that then is gone too.
func (f keptFolder) restore(ts *testscript.TestScript, c *imapclient.Client) {
	name := filepath.Base(f.dir)
	if name != "INBOX" {
		ts.Check(c.Create(name, nil).Wait())
	}
	for uid := uint32(1); uid < f.uidNext; uid++ {
		raw, err := os.ReadFile(filepath.Join(f.dir, fmt.Sprint(uid, ".eml")))
		if errors.Is(err, os.ErrNotExist) {
			appendTo(ts, c, name, []byte("Subject: gone\r\n\r\n"), time.Time{}, imap.FlagDeleted)
			continue
		}
		ts.Check(err)
		appendTo(ts, c, name, raw, time.Time{})
	}
	at, err := c.Select(name, nil).Wait()
	ts.Check(err)
	if at.UIDValidity != f.uidValidity || uint32(at.UIDNext) != f.uidNext {
		ts.Fatalf("%s has UIDVALIDITY %d and %d as its next UID", f.dir, at.UIDValidity, at.UIDNext)
	}
	ts.Check(c.Expunge().Close())
}

// cmdAsks has a site ask for somebody, with the form filled in. A reason that is empty
// is left out:
//
//	asks SITE USER REASON [ATTACHMENT...]
func cmdAsks(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "asks SITE USER REASON [ATTACHMENT...]")
	s := sceneOf(ts)
	name, _, _ := strings.Cut(args[1], " <")
	body := "User: " + post.Bare(args[1]) + "\nName: " + name + "\n"
	if args[2] != "" {
		body += "Reason: " + args[2] + "\n"
	}
	body += "Details: " + name + " cannot use a telephone at work.\nAuthentication method registered: yes\n"
	s.deliver(ts, args[0], s.outlook().New(args[0], service, "MFA exception for "+name, body, attachments(ts, args[3:])))
}

// cmdAway has somebody's out-of-office reply answer the newest message in their inbox
// whose subject matches:
//
//	away ADDRESS SUBJECTPATTERN
func cmdAway(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "away ADDRESS SUBJECTPATTERN")
	s := sceneOf(ts)
	s.deliver(ts, args[0], post.OutOfOffice(args[0], s.newest(ts, args[0], args[1]), s.now()))
}

// cmdDies runs a command, and kills it as soon as it asks the virus scanner at $CLAMD:
//
//	dies COMMAND ARG...
func cmdDies(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "dies COMMAND ARG...")
	s := sceneOf(ts)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s.config["CLAMD"] = l.Addr().String()
	s.configure(ts)
	ctx, kill := context.WithCancel(patiently(ts))
	var asked net.Conn
	var serving sync.WaitGroup
	serving.Go(func() {
		asked, _ = l.Accept()
		kill()
	})
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "MFABOT_CONFIG="+ts.Getenv("MFABOT_CONFIG"))
	out, err := cmd.CombinedOutput()
	ts.Check(l.Close())
	serving.Wait()
	if asked == nil {
		ts.Fatalf("it did not ask: %v\n%s", err, out)
	}
	ts.Check(asked.Close())
}

// cmdCuts has the connection to the service's own mailbox break, from now on, whenever
// a message is to be moved:
//
//	cuts
func cmdCuts(ts *testscript.TestScript, _ []string) {
	s := sceneOf(ts)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { untilMove(conn, s.office.IMAPAddr) })
		}
	})
	ts.Defer(func() {
		ts.Check(l.Close())
		serving.Wait()
	})
	s.config["HELPDESK"] = l.Addr().String()
	s.configure(ts)
}

// untilMove passes a connection on to an IMAP server, until a message is to be moved.
func untilMove(conn net.Conn, server string) {
	defer func() { _ = conn.Close() }()
	up, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { _, _ = io.Copy(conn, up) })
	defer back.Wait()
	defer func() { _ = up.Close() }()
	for r := bufio.NewReader(conn); ; {
		line, err := r.ReadString('\n')
		if err != nil || strings.Contains(line, " MOVE ") {
			return
		}
		if _, err := io.WriteString(up, line); err != nil {
			return
		}
	}
}
