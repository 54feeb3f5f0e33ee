package doctor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/cmd/mfabot/internal/bot"
)

// ward is a clinic whose bot runs, on a clock that the test moves, with a webhook that hears its alarms.
type ward struct {
	*clinic
	bot     *bot.Bot
	now     time.Time
	ahead   time.Duration // by how much the bot's clock is wrong
	free    int64         // bytes of the disk
	wrote   int
	answers string // a field of what arrives that says which letter it answers

	stopClamd func()

	mu    sync.Mutex
	heard []string
}

func newWard(t *testing.T, edits ...func(*clinic)) *ward {
	t.Helper()
	w := &ward{clinic: newClinic(t), now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), free: 1 << 39}
	w.mail, w.smtp.loses = nil, true
	hook := httptest.NewServer(http.HandlerFunc(w.hears))
	t.Cleanup(hook.Close)
	w.graph("")
	for _, edit := range edits {
		edit(w.clinic)
	}
	w.toml += "[alarm]\nwebhook = \"" + hook.URL + "\"\n[evidence]\nclamd = \"tcp:" + w.clamd() + "\"\n"
	s := w.opens()
	s.Mailboxes[0].Dial, s.Submission.Dial = w.dial, w.dial
	var err error
	w.bot, err = bot.New(t.Context(), s, bot.Surroundings{Log: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return w.now.Add(w.ahead) },
		Space: func() (free, total int64, err error) { return w.free, 1 << 40, nil }})
	done(t, err)
	t.Cleanup(func() { done(t, w.bot.Close()) })
	w.goesOn(6 * time.Minute)
	return w
}

// clamd has a virus scanner that finds nothing, until it is closed.
func (w *ward) clamd() string {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	done(w.t, err)
	w.t.Cleanup(func() { _ = l.Close() }) // it may be closed already
	w.stopClamd = func() { done(w.t, l.Close()) }
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = scanned(conn) // the other side says what went wrong
		}
	}()
	return l.Addr().String()
}

// scanned takes one file, and finds nothing.
func scanned(conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	if _, err := in.ReadString(0); err != nil {
		return err
	}
	for {
		var size uint32
		if err := binary.Read(in, binary.BigEndian, &size); err != nil {
			return err
		}
		if size == 0 {
			_, err := io.WriteString(conn, "stream: OK\x00")
			return err
		}
		if _, err := io.CopyN(io.Discard, in, int64(size)); err != nil {
			return err
		}
	}
}

// hears is the webhook.
func (w *ward) hears(_ http.ResponseWriter, r *http.Request) {
	var a struct{ What, State string }
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, a.What+" "+a.State)
}

// alarms are what the webhook has heard.
func (w *ward) alarms() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.heard)
}

// goesOn lets time pass in steps of three minutes, and has the bot do what it can.
func (w *ward) goesOn(d time.Duration) {
	w.t.Helper()
	const step = 3 * time.Minute
	for range d / step {
		w.now = w.now.Add(step)
		_ = w.bot.Settle(w.t.Context()) // it fails where the test has broken something
	}
}

// arrives has mail come in, with what the server puts above it.
func (w *ward) arrives(from, above string) {
	w.t.Helper()
	w.wrote++
	raw := fmt.Sprintf("%s%s%sFrom: %s\r\nTo: mfa@helpdesk.test\r\nMessage-ID: <ward-%d@%s>\r\nDate: %s\r\nSubject: MFA\r\n\r\n"+
		"Any news?\r\n", above, received, w.answers, from, w.wrote, from[strings.Index(from, "@")+1:], w.now.Format(time.RFC1123Z))
	_, err := w.user.Append("INBOX", bytes.NewReader([]byte(raw)), &imap.AppendOptions{Time: w.now})
	done(w.t, err)
}

// readyz is what it answers.
func (w *ward) readyz() (code int, text string) {
	w.t.Helper()
	answer := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/readyz", nil)
	w.bot.Handler(context.WithoutCancel(w.t.Context())).ServeHTTP(answer, r)
	return answer.Code, answer.Body.String()
}

const (
	oakStreet = "oakstreet@pharmacy.test"
	pharmacy  = "Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=pharmacy.test; spf=pass smtp.mailfrom=pharmacy.test\r\n"
)

// anew breaks the servers, which are started anew like that.
func anew(breaks func(c *clinic)) func(w *ward) {
	return func(w *ward) {
		breaks(w.clinic)
		w.serve()
	}
}

// refusing is an IMAP server that refuses a command from now on, when there is mail to file.
func refusing(command string, code imap.ResponseCode) func(w *ward) {
	return func(w *ward) {
		anew(func(c *clinic) { c.imap.refuses = map[string]error{command: no(code, "not now")} })(w)
		w.arrives(oakStreet, pharmacy)
	}
}

// writes has messages come in, one after the other, with what the server puts above each.
func writes(n int, from, above string) func(w *ward) {
	return func(w *ward) {
		for range n {
			w.arrives(from, above)
			w.goesOn(3 * time.Minute)
		}
	}
}

// underIt is something that breaks under a bot that runs.
type underIt struct {
	name   string
	breaks func(w *ward)
	what   string // the name of the alarm
	says   string // on /readyz
}

// waysUnderIt: a server is not where it was, or its TLS is not right any more.
func waysUnderIt() []underIt {
	const imapRead, taken = "mailbox helpdesk: last read well at", "submission: nothing was taken since"
	gone := func(addr string) func(w *ward) {
		return func(w *ward) {
			w.serve()
			w.clinic.mu.Lock()
			defer w.clinic.mu.Unlock()
			w.moved[addr] = closedPort(w.t)
		}
	}
	return []underIt{
		{"IMAP port", gone("imap.helpdesk.test:993"), "mailbox helpdesk", imapRead},
		{"SMTP port", gone("smtp.helpdesk.test:465"), "submission", taken},
		{"no such server", func(w *ward) { w.serve(); w.lost("imap.helpdesk.test:993") }, "mailbox helpdesk", imapRead},
		{"no such submission server", func(w *ward) { w.serve(); w.lost("smtp.helpdesk.test:465") }, "submission", taken},
		{"TLS on plain", anew(func(c *clinic) { c.imap.plain = true }), "mailbox helpdesk", imapRead},
		{"SMTP TLS on plain", anew(func(c *clinic) { c.smtp.plain = true }), "submission", taken},
		{"expired", anew(func(c *clinic) { c.leaf.NotAfter = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }), "submission", taken},
		{"wrong name", anew(func(c *clinic) { c.leaf.DNSNames = []string{"smtp.helpdesk.test"} }), "mailbox helpdesk", imapRead},
		{"unknown CA", anew(func(c *clinic) { c.unknown = true }), "mailbox helpdesk", imapRead},
		{"IMAP password", anew(func(c *clinic) {
			c.imap.refuses = map[string]error{"login": no(imap.ResponseCodeAuthenticationFailed, "no")}
		}), "mailbox helpdesk", imapRead},
		{"SMTP password", anew(func(c *clinic) { c.smtp.password = "another" }), "submission", taken},
		{"password file gone", func(w *ward) { done(w.t, os.Remove(w.file("password"))); w.serve() }, "mailbox helpdesk", imapRead},
	}
}

// doingsUnderIt: what lets the bot in does not do what it did.
func doingsUnderIt() []underIt {
	const unfiled = "mailbox helpdesk: message 1 is not filed since"
	return []underIt{
		{"may not move", refusing("move", imap.ResponseCodeNoPerm), "messages in mailbox helpdesk", unfiled},
		{"full mailbox", refusing("move", imap.ResponseCodeOverQuota), "messages in mailbox helpdesk", unfiled},
		{"sender refused", func(w *ward) {
			anew(func(c *clinic) { c.smtp.refuses = []string{"from mfa@helpdesk.test"} })(w)
			w.arrives(oakStreet, pharmacy) // which has an answer
		}, "submission", "submission: nothing was taken since"},
		{"operator refused", func(w *ward) {
			anew(func(c *clinic) { c.smtp.refuses = []string{"ops@helpdesk.test"} })(w)
			w.arrives("asha@helpdesk.test", "") // of which the operator hears
		}, "operator", "operator: emails to the operator do not arrive since"},
		{"virus scanner", func(w *ward) { w.stopClamd() }, "virus scanner", "virus scanner: it has not answered since"},
		{"directory without rights", func(w *ward) { w.forbids(http.MethodGet) }, "directory", "directory: it has not answered since"},
		{"full disk", func(w *ward) { w.free = 1 << 10; w.arrives(oakStreet, pharmacy) }, "mailbox helpdesk", "database, at mailbox helpdesk"},
		{"clock far ahead", func(w *ward) { w.ahead = 200 * 24 * time.Hour; w.arrives(oakStreet, pharmacy) }, "clock", "clock: not trusted"},
		{"clock behind", func(w *ward) { w.ahead = -time.Hour; writes(2, oakStreet, pharmacy)(w) }, "clock",
			"minutes behind the mail in mailbox helpdesk"},
		{"clock ahead", anew(func(c *clinic) { c.smtp.says = " 2 Nov 2026 09:10:00 +0000" }), "clock",
			"minutes ahead of the greeting of submission"},
		{"wrong authserv_id", writes(3, oakStreet, strings.ReplaceAll(pharmacy, "mx.", "mail.")), "proof",
			"proof: the newest 3 messages from registered addresses in mailbox helpdesk prove nobody, the first since"},
		{"no results", writes(3, oakStreet, ""), "proof", "in mailbox helpdesk prove nobody, the first since"},
		{"reviewers not proven", func(w *ward) {
			for range 3 {
				writes(1, "asha@helpdesk.test", "")(w)
				writes(1, oakStreet, pharmacy)(w)
			}
		}, "proof", "proof: the newest 3 messages from registered addresses at helpdesk.test in mailbox helpdesk prove nobody"},
	}
}

// TestBrokenWhileItRuns: what breaks under a bot that runs is on /readyz in words, and an alarm tells of it that is no email.
func TestBrokenWhileItRuns(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(waysUnderIt(), doingsUnderIt()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t)
			if code, text := w.readyz(); code != http.StatusOK {
				t.Fatalf("before: %s", text)
			}
			c.breaks(w)
			w.goesOn(90 * time.Minute) // what is not in use is tried every hour
			if _, text := w.readyz(); !strings.Contains(text, c.says) {
				t.Errorf("/readyz does not say %q:\n%s", c.says, text)
			}
			if !slices.Contains(w.alarms(), c.what+" broken") {
				t.Errorf("no alarm of %q: %q", c.what, w.alarms())
			}
		})
	}
}
