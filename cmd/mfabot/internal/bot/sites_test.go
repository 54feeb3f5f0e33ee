package bot

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// The service and a site in the configuration of the scripts.
const (
	mfa      = "mfa@helpdesk.test"
	lakeside = "lakeside@care.test"
)

const registerHeader = "ods_code,name,kind,mailbox,aliases,contacts\n"

// rows are sites with the codes F1 to Fn.
func rows(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "F%d,Pharmacy %d,pharmacy,p%d@many.test,,\n", i, i, i)
	}
	return b.String()
}

// others are as many other sites.
func others(n int) string {
	return strings.ReplaceAll(strings.NewReplacer("F", "G", "p", "q").Replace(rows(n)), "qharmacy", "other")
}

// watchedBot is the real bot with the configuration of the scripts, and the watch over its register, whose
// every step the test takes. Its mailbox is a site's own if a site is named.
type watchedBot struct {
	*registerWatch
	t      *testing.T
	office *post.Office
	log    *bytes.Buffer
}

func newWatchedBot(t *testing.T, sites, site string) *watchedBot {
	t.Helper()
	dir := t.TempDir()
	office, err := post.Embedded(context.WithoutCancel(t.Context()), []string{mfa, lakeside})
	done(t, err)
	t.Cleanup(func() { done(t, office.Close()) })
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "office", "mfabot.toml"))
	done(t, err)
	fill := strings.NewReplacer("$IMAP", office.IMAPAddr, "$SMTP", office.SMTPAddr,
		"[mailbox.trust]", fmt.Sprintf("site = %q\n[mailbox.trust]", site))
	for name, text := range map[string]string{"mfabot.toml": fill.Replace(string(text)), "sites.csv": sites, "password": office.Password} {
		done(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	s, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	done(t, err)
	w := &watchedBot{t: t, office: office, log: new(bytes.Buffer)}
	b, err := New(t.Context(), s, Surroundings{Clock: time.Now, Log: slog.New(slog.NewTextHandler(w.log, nil))})
	done(t, err)
	t.Cleanup(func() { done(t, b.Close()) })
	w.registerWatch = b.newRegisterWatch()
	return w
}

// starts has a new bot go on in the place of the old.
func (w *watchedBot) starts() {
	w.t.Helper()
	done(w.t, w.bot.Close())
	s, err := config.Load(w.bot.Settings.File)
	done(w.t, err)
	b, err := New(context.WithoutCancel(w.t.Context()), s, Surroundings{Clock: time.Now, Log: slog.New(slog.NewTextHandler(w.log, nil))})
	done(w.t, err)
	w.t.Cleanup(func() { done(w.t, b.Close()) })
	w.registerWatch = b.newRegisterWatch()
}

// TestRegisterOfManySites: of many sites a part is remembered, by which one most of which are others is known from one of
// which many are, whenever that is.
func TestRegisterOfManySites(t *testing.T) {
	t.Parallel()
	const n = 2000
	for name, c := range map[string]struct {
		file string
		want bool
	}{
		"a third are others":  {rows(n*2/3) + strings.SplitAfterN(others(n), "\n", n*2/3+1)[n*2/3], false},
		"most are others":     {rows(n/3) + strings.SplitAfterN(others(n), "\n", n/3+1)[n/3], true},
		"the mailboxes moved": {moved(n), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatchedBot(t, registerHeader+rows(n), "")
			w.replace(registerHeader + c.file)
			w.starts()
			if got := w.bot.Service.Sites.Doubted(); got != c.want {
				t.Errorf("doubted: %v, want %v", got, c.want)
			}
			w.starts()
			if got := w.bot.Service.Sites.Doubted(); got != c.want {
				t.Errorf("doubted at the next start: %v, want %v", got, c.want)
			}
		})
	}
}

// moved are the sites with new mailboxes, with the old ones as aliases.
func moved(n int) string {
	var b strings.Builder
	for i := n; i > 0; i-- {
		fmt.Fprintf(&b, "F%d,Pharmacy %d,pharmacy,new%d@many.test,p%d@many.test,\n", i, i, i, i)
	}
	return b.String()
}

// replace puts another file in the place of the register, as editors do.
func (w *watchedBot) replace(text string) {
	w.t.Helper()
	done(w.t, os.WriteFile(w.Path+".new", []byte(text), 0o600))
	done(w.t, os.Rename(w.Path+".new", w.Path))
}

// looks takes n steps.
func (w *watchedBot) looks(n int) {
	w.t.Helper()
	for range n {
		if again, err := w.step(w.t.Context()); again != 0 || err != nil {
			w.t.Fatalf("a look came to %d, %v", again, err)
		}
	}
}

// knows asks the bot whether it knows sites, by granting an exception for them.
func (w *watchedBot) knows(want bool, codes ...string) {
	w.t.Helper()
	for _, code := range codes {
		_, err := w.bot.Desk.Grant(w.t.Context(), "rosa.lind@dental.test", "other", code, "")
		unknown := err != nil && strings.Contains(err.Error(), "there is no site")
		if unknown == want {
			w.t.Errorf("the bot knows the site %s: %v, want %v (%v)", code, !unknown, want, err)
		}
	}
}

// alerts returns what the operator was told about the register, a text for each alert.
func (w *watchedBot) alerts(want int) []string {
	w.t.Helper()
	letters, err := w.bot.Store.Outbound(w.t.Context())
	done(w.t, err)
	var out []string
	for _, o := range letters {
		if o.Template == intake.LetterAlert && o.Facts.Why == "sites" && o.To == "ops@helpdesk.test" {
			out = append(out, o.Facts.Headline+"\n"+strings.Join(slices.Concat(o.Facts.Lines, o.Facts.Todo), "\n"))
		}
	}
	if len(out) != want {
		w.t.Fatalf("%d alerts, want %d:\n%s", len(out), want, strings.Join(out, "\n"))
	}
	return out
}

// logged returns what was logged since the last call.
func (w *watchedBot) logged() string {
	defer w.log.Reset()
	return w.log.String()
}

func hasAll(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("there is no %q in:\n%s", word, text)
		}
	}
}

// TestRegisterIsReadAgain: a site that was added while the bot runs may ask, as soon as the file has been the
// same twice.
func TestRegisterIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWatchedBot(t, registerHeader+rows(2), "")
	asks := func(want intake.Outcome) {
		t.Helper()
		client := post.Client{App: post.Outlook, Date: time.Now()}
		raw := client.New(lakeside, mfa, "MFA", "User: tom.hale@care.test\nReason: accessibility", nil)
		done(t, w.office.Send(t.Context(), lakeside, []string{mfa}, raw))
		done(t, w.bot.Settle(t.Context()))
		ledger, err := w.bot.Store.Inbound(t.Context())
		done(t, err)
		if got := ledger[len(ledger)-1]; got.Outcome != want {
			t.Fatalf("the message ended as %s(%s), want %s", got.Outcome, got.Reason, want)
		}
	}
	w.looks(3)
	if text := w.logged(); text != "" {
		t.Errorf("nothing changed, and it was logged: %s", text)
	}
	asks(intake.OutcomeRefused)
	w.replace(registerHeader + "F2,Pharmacy Two,pharmacy,p2@many.test,,\n" +
		"VL303,Lakeside Care Home,social care,lakeside@care.test,,\nF4,New,other,p4@many.test,,\n")
	w.looks(1)
	w.knows(false, "VL303")
	w.looks(1)
	w.knows(true, "VL303", "F2", "F4")
	w.knows(false, "F1")
	hasAll(t, w.logged(), "read again", "sites=3 added=2 removed=1 changed=1")
	asks(intake.OutcomeRequest)
	w.logged()
	w.looks(2)
	done(t, os.Chtimes(w.Path, time.Time{}, time.Now().Add(time.Hour)))
	w.looks(3)
	if text := w.logged(); text != "" {
		t.Errorf("the content is as it was, and it was logged: %s", text)
	}
	w.alerts(0)
}

// TestRegisterWhileItIsWritten: a part of a file is never used, even if its rows are right.
func TestRegisterWhileItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWatchedBot(t, registerHeader+rows(8), "")
	w.looks(2)
	whole := registerHeader + rows(9) + "F10,Ten,other,p10@many.test,,\n"
	for end := range len(whole) {
		done(t, os.WriteFile(w.Path, []byte(whole[:end]), 0o600))
		w.looks(1)
	}
	done(t, os.Remove(w.Path))
	w.looks(1)
	w.knows(true, "F1", "F8")
	w.replace(whole)
	w.looks(1)
	w.knows(false, "F10")
	w.looks(1)
	w.knows(true, "F1", "F10")
	w.alerts(0)
}

// TestRegisterRefused: the operator is told once what is wrong, and the register in use stays.
func TestRegisterRefused(t *testing.T) {
	t.Parallel()
	const own = "FX101,Oak Street Pharmacy,pharmacy,oakstreet@pharmacy.test,,\n"
	right := registerHeader + own + rows(24)
	for _, c := range []struct {
		name, file string // empty for no file
		words      []string
	}{
		{"a wrong row", registerHeader + own + rows(24) + "F25,Bakery,bakery,b@many.test,,\n", []string{"sites.csv:27: kind: expected one of pharmacy"}},
		{"the service's address", registerHeader + own + rows(24) + "F25,Us,other,mfa@helpdesk.test,MFA+x@helpdesk.test,mfa@helpdesk.test\n",
			[]string{"sites.csv:27: mailbox: mfa@helpdesk.test is the service's own address",
				"sites.csv:27: aliases: mfa+x@helpdesk.test is the", "sites.csv:27: contacts: mfa@"}},
		{"a reviewer's address", registerHeader + own + rows(24) + "F25,Asha,other,Asha@helpdesk.test,,\n", []string{"sites.csv:27: mailbox: asha@helpdesk.test belongs to the reviewer Asha Patel"}},
		{"without a mailbox's site", registerHeader + rows(24), []string{`mailbox[0].site: there is no site "fx101" in sites.csv`}},
		{"no file", "", []string{"no such file"}},
		{"empty", registerHeader, []string{`mailbox[0].site: there is no site "fx101" in sites.csv`}},
		{"most are gone", registerHeader + own + rows(11), []string{"sites.csv: 13 of the 25 sites in use are missing", "mfabot accept sites"}},
		{"others are there", registerHeader + own + strings.NewReplacer("F", "G", "p", "q").Replace(strings.ReplaceAll(rows(40), "pharmacy", "other")), []string{"24 of the 25 sites"}},
		{"as many others are there", registerHeader + own + others(24), []string{"24 of the 25 sites"}},
		{"with other addresses", registerHeader + own + strings.ReplaceAll(rows(24), "@many.test", "@elsewhere.test"), []string{"24 of the 25 sites"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWatchedBot(t, right, "fx101")
			w.looks(2)
			if c.file == "" {
				done(t, os.Remove(w.Path))
			} else {
				w.replace(c.file)
			}
			w.looks(1)
			w.alerts(0)
			w.looks(3)
			text := w.alerts(1)[0]
			hasAll(t, text, append(c.words, "The register of sites cannot be used\nFile: "+w.Path, "stays in use, with 25 sites")...)
			hasAll(t, strings.ReplaceAll(w.logged(), `\"`, `"`), append(c.words, "level=ERROR", "sites.csv")...)
			w.knows(true, "FX101", "F1", "F24")
			w.knows(false, "F25", "G30")

			// That it is right again is logged, with the changes.
			w.replace(right + "F26,New,other,new@many.test,,\n")
			w.looks(3)
			hasAll(t, w.logged(), "read again", "sites=26 added=1 removed=0 changed=0")
			w.knows(true, "F26")
			w.alerts(1)
		})
	}
}

// TestRegisterToldOnce: the alert lists the first of many wrong rows, the log all of them, and no second
// alert is sent for the same content until the register has been right.
func TestRegisterToldOnce(t *testing.T) {
	t.Parallel()
	right := registerHeader + rows(25)
	w := newWatchedBot(t, right, "")
	wrong := strings.ReplaceAll(right, "pharmacy,", "bakery,")
	w.replace(wrong)
	w.looks(4)
	text := w.alerts(1)[0]
	hasAll(t, text, "sites.csv:2: kind", "sites.csv:21: kind", "And 5 more, which the log names.")
	if strings.Contains(text, "sites.csv:22:") {
		t.Errorf("the alert lists more than 20 rows:\n%s", text)
	}
	if n := strings.Count(w.logged(), "level=ERROR"); n != 25 {
		t.Errorf("%d rows were logged, want 25", n)
	}
	another := right + "F1,Twice,other,twice@many.test,,\n"
	for _, file := range []string{another, wrong, another} {
		w.replace(file)
		w.looks(2)
	}
	w.alerts(2)
	w.replace(right)
	w.looks(2)
	hasAll(t, w.logged(), "added=0 removed=0 changed=0")
	w.replace(wrong)
	w.looks(2)
	if told := w.alerts(3); !slices.Contains(told[:2], told[2]) {
		t.Errorf("the third alert is another:\n%s", told[2])
	}
}

// TestRegisterThatShrinks: of a few sites most may go, of many half, but never all.
func TestRegisterThatShrinks(t *testing.T) {
	t.Parallel()
	w := newWatchedBot(t, registerHeader+rows(20), "")
	w.replace(registerHeader + rows(10))
	w.looks(2)
	w.knows(false, "F11")
	w.replace(registerHeader + rows(1))
	w.looks(2)
	w.knows(true, "F1")
	w.knows(false, "F2")
	w.alerts(0)
	w.replace(registerHeader)
	w.looks(2)
	w.knows(true, "F1")
	hasAll(t, w.alerts(1)[0], "1 of the 1 sites in use are missing")
}

// TestRegisterShrunkBetweenRuns: a register that has lost most of its sites is not taken at a start. Mail from whom it does
// not name waits, and nobody is refused, until the file is right again or the operator accepts it.
func TestRegisterShrunkBetweenRuns(t *testing.T) {
	t.Parallel()
	const lake = "VL303,Lakeside Care Home,social care,lakeside@care.test,,\n"
	shrunk, other := rows(3), others(25)
	fewWords, otherWords := []string{"has 3 now", "About 22 of"}, []string{"has 25 now", "About 25 of"}
	putRight := func(w *watchedBot) { w.replace(registerHeader + rows(24) + lake) }
	stillWrong := func(w *watchedBot) { w.replace(registerHeader + rows(5) + lake) }
	accepted := func(w *watchedBot) {
		_, err := w.bot.AcceptSites(w.t.Context(), "Jo Hill")
		done(w.t, err)
	}
	for name, c := range map[string]struct {
		file   string
		words  []string // of the alert
		settle func(w *watchedBot)
		want   intake.Outcome
	}{
		"put right":                {shrunk, fewWords, putRight, intake.OutcomeRequest},
		"still too few":            {shrunk, fewWords, stillWrong, ""},
		"accepted":                 {shrunk, fewWords, accepted, intake.OutcomeRefused},
		"others, put right":        {other, otherWords, putRight, intake.OutcomeRequest},
		"others, and others again": {other, otherWords, func(w *watchedBot) { w.replace(registerHeader + others(24) + lake) }, ""},
		"others, accepted":         {other, otherWords, accepted, intake.OutcomeRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatchedBot(t, registerHeader+rows(24)+lake, "")
			w.replace(registerHeader + c.file)
			w.starts()
			w.starts()
			client := post.Client{App: post.Outlook, Date: time.Now()}
			raw := client.New(lakeside, mfa, "MFA", "User: tom.hale@care.test\nReason: accessibility", nil)
			done(t, w.office.Send(t.Context(), lakeside, []string{mfa}, raw))
			outcome := func() (out intake.Outcome) {
				done(t, w.bot.Settle(t.Context()))
				ledger, err := w.bot.Store.Inbound(t.Context())
				done(t, err)
				for _, m := range ledger {
					out = m.Outcome
				}
				return out
			}
			if got := outcome(); got != "" {
				t.Fatalf("the message ended as %s", got)
			}
			hasAll(t, w.alerts(1)[0], append(c.words, "lost most of its sites", "25 sites", "mfabot accept sites")...)
			w.looks(3)
			if got := outcome(); got != "" {
				t.Fatalf("the message ended as %s", got)
			}
			c.settle(w)
			w.looks(3)
			if got := outcome(); got != c.want {
				t.Errorf("the message ended as %q, want %q", got, c.want)
			}
		})
	}
}
