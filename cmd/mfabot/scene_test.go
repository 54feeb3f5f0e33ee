package main

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

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/templates"
)

// The requests of a prelude, each in another state.
const (
	open      = "LT-2026-00001" // the pharmacy's, for Sam: two reviewers were asked
	another   = "LT-2026-00002" // the dentist's, for Rosa: two reviewers were asked
	settled   = "LT-2026-00003" // the care home's: Asha approved it
	withdrawn = "LT-2026-00004" // the opticians took it back
	changed   = "LT-2026-00005" // the pharmacy's: more evidence came, and new review emails went out
	joint     = "LT-2026-00006" // the dentist's: Asha approved it, and another must as well
)

// How the senders of a mailbox are proven.
const (
	byServer   = `authserv_id = "mx.helpdesk.test"`
	byExchange = "exchange_online = true\n  tenant_domains = [\"helpdesk.test\", \"pharmacy.test\", \"trust.example\"]"
	byDKIM     = `dkim = true`
	byNothing  = `# nobody`
)

const preludeConfig = `database = "sqlite:mfabot.db"
sites    = "sites.csv"
policy   = "policy.toml"

[service]
name     = "NHSmail Helpdesk"
address  = "mfa@helpdesk.test"
operator = "ops@helpdesk.test"
resolver = "$RESOLVER"

[[mailbox]]
name          = "helpdesk"
url           = "imap://mfa%40helpdesk.test@127.0.0.1/INBOX"
password_file = "password"
  [mailbox.trust]
  allow_unauthenticated = true

[smtp]
url = "smtp://127.0.0.1"

[[reviewer]]
address = "asha@helpdesk.test"
name    = "Asha Patel"
aliases = ["a.patel@trust.example"]

[[reviewer]]
address = "ben@helpdesk.test"
name    = "Ben Okafor"
`

// prelude is what happened before each case: the files of the service, which each case copies, and every
// letter that was sent, as its recipient got it.
type prelude struct {
	dir     string
	clock   *demo.Clock
	letters []delivered
	emails  *templates.Set // parsed once for all trials, as that takes as long as most of them
}

// preludeBegins is when the first request comes in.
var preludeBegins = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

func newPrelude(t *testing.T) *prelude {
	t.Helper()
	s := newScene(t)
	w := &trial{t: t, clock: s.clock, bot: s.open(t, s.dir, s.clock)}
	for i, act := range preludeActs {
		s.clock.Advance(7 * time.Minute)
		m := w.take(act.mail(s).String())
		if got := outcomeOf(m); got != act.want {
			t.Fatalf("message %d of the prelude ended as %s, expected %s\n%s", i+1, got, act.want, checksOf(m))
		}
		s.letters = append(s.letters, w.lettersAfter(len(s.letters))...)
	}
	done(t, w.bot.Close())
	return s
}

// newScene is the files of a service, before anything happens.
func newScene(t *testing.T) *prelude {
	t.Helper()
	own, err := intake.DefaultPolicy()
	done(t, err)
	emails, err := templates.New(own.Zone, templates.Look{}, nil)
	done(t, err)
	s := &prelude{dir: t.TempDir(), clock: demo.NewClock(preludeBegins), emails: emails}
	policy, err := os.ReadFile("../../intake/policy.toml")
	done(t, err)
	last := bytes.LastIndex(policy, []byte("approvals = 1")) // of "other exceptional circumstances"
	policy = slices.Concat(policy[:last], []byte("approvals = 2"), policy[last+len("approvals = 1"):])
	config := strings.Replace(preludeConfig, "$RESOLVER", keyServer(t), 1)
	for name, text := range map[string]string{"mfabot.toml": config, "sites.csv": demo.Sites,
		"policy.toml": string(policy), "password": "secret\n"} {
		done(t, os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600))
	}
	return s
}

// preludeActs bring the requests into their states.
var preludeActs = []struct {
	mail func(s *prelude) *draft
	want string
}{
	{func(s *prelude) *draft { return s.asks(pharmacy, sam, "Persistent work in a secure location") }, "request " + open},
	{func(s *prelude) *draft { return s.asks(dentist, rosa, "Accessibility issue") }, "request " + another},
	{func(s *prelude) *draft { return s.asks(careHome, tom, "Disproportionate clinical risk") }, "request " + settled},
	{func(s *prelude) *draft { return s.reply(asha, s.review(settled, asha), "APPROVE") }, "decision " + settled},
	{func(s *prelude) *draft { return s.asks(optician, nia, "Accessibility issue") }, "request " + withdrawn},
	{func(s *prelude) *draft {
		return s.reply(optician, s.letter(intake.LetterReceipt, withdrawn, optician), "WITHDRAW")
	}, "withdrawal " + withdrawn},
	{func(s *prelude) *draft {
		return s.asks(pharmacy, "Kim Day <kim.day@pharmacy.test>", "Accessibility issue")
	}, "request " + changed},
	{func(s *prelude) *draft {
		receipt := s.letter(intake.LetterReceipt, changed, pharmacy)
		return parseDraft(s.client().Reply(pharmacy, receipt.raw, "And the second page.", post.Letter("second page.pdf", "signed")))
	}, "information " + changed},
	{func(s *prelude) *draft {
		return s.asks(dentist, "Max Reed <max.reed@dental.test>", "Other exceptional circumstances")
	}, "request " + joint},
	{func(s *prelude) *draft { return s.reply(asha, s.review(joint, asha), "APPROVE") }, "decision " + joint},
}

// open opens a bot on the files in a folder.
func (s *prelude) open(t *testing.T, dir string, clock *demo.Clock) *bot.Bot {
	t.Helper()
	set, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	done(t, err)
	b, err := bot.New(t.Context(), set, bot.Surroundings{Clock: clock.Now, Log: slog.New(slog.DiscardHandler), Emails: s.emails})
	done(t, err)
	return b
}

func (s *prelude) client() post.Client { return post.Client{App: post.Outlook, Date: s.clock.Now()} }

// asks is a site's request for somebody.
func (s *prelude) asks(site, who, reason string) *draft {
	name, _, _ := strings.Cut(who, " <")
	body := "User: " + post.Bare(who) + "\nName: " + name + "\nReason: " + reason +
		"\nDetails: " + name + " cannot be asked to use a telephone at work.\nAuthentication method registered: yes"
	return parseDraft(s.client().New(site, service, "MFA exception for "+name, body, post.Letter("letter for "+name+".pdf", "It is so.")))
}

// letter is the newest letter that somebody got about a request.
func (s *prelude) letter(template intake.Template, ref, to string) delivered {
	for _, l := range slices.Backward(s.letters) {
		if l.Template == template && l.Ref == ref && l.To == post.Bare(to) {
			return l
		}
	}
	panic(fmt.Sprintf("%s got no letter %q about %s", to, template, ref))
}

// review is the newest review email of a request to a reviewer.
func (s *prelude) review(ref, reviewer string) delivered {
	return s.letter(intake.LetterReview, ref, reviewer)
}

// older is the first one.
func (s *prelude) older(ref, reviewer string) delivered {
	i := slices.IndexFunc(s.letters, func(l delivered) bool {
		return l.Template == intake.LetterReview && l.Ref == ref && l.To == post.Bare(reviewer)
	})
	return s.letters[i]
}

// trial is one case: a bot on its own copy of the prelude.
type trial struct {
	t     *testing.T
	bot   *bot.Bot
	clock *demo.Clock
	uid   uint32
}

// trial copies the prelude, with the given trust. Edits are pairs of a text in the configuration or in the
// register of sites, and its replacement.
func (s *prelude) trial(t *testing.T, trust string, edits ...string) *trial {
	t.Helper()
	dir := t.TempDir()
	done(t, os.CopyFS(dir, os.DirFS(s.dir)))
	edits = append(slices.Clone(edits), "allow_unauthenticated = true", trust)
	for pair := range slices.Chunk(edits, 2) {
		edited := 0
		for _, name := range []string{"mfabot.toml", "sites.csv"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			done(t, err)
			edited += bytes.Count(text, []byte(pair[0]))
			done(t, os.WriteFile(filepath.Join(dir, name), bytes.ReplaceAll(text, []byte(pair[0]), []byte(pair[1])), 0o600))
		}
		if edited != 1 {
			t.Fatalf("%q stands %d times in the files of the prelude", pair[0], edited)
		}
	}
	w := &trial{t: t, clock: demo.NewClock(s.clock.Now().Add(time.Hour)), uid: 1000}
	w.bot = s.open(t, dir, w.clock)
	t.Cleanup(func() { untouched(t, w.bot); done(t, w.bot.Close()) })
	return w
}

// untouched says that the bot has found nothing in its database that it did not write.
func untouched(t *testing.T, b *bot.Bot) {
	t.Helper()
	all, err := b.Store.Outbound(context.Background())
	done(t, err)
	for _, o := range all {
		if o.Template == intake.LetterAlert && o.Facts.Why == intake.Why(intake.AlertSeals) {
			t.Errorf("the operator is told: %v", o.Facts.Lines)
		}
	}
	if refused := b.Store.Refusals(); len(refused) > 0 {
		t.Errorf("refused are %v", refused)
	}
}

// arrival is a message in the mailbox.
func (w *trial) arrival(raw string) intake.Arrival {
	return intake.Arrival{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 1, UID: w.uid}, Raw: []byte(raw), Size: int64(len(raw))}
}

// heldBack has the next message arrive, which must be left where it is for the moment.
func (w *trial) heldBack(raw string) {
	w.t.Helper()
	w.uid++
	filed, err := w.bot.Inbox.Take(w.t.Context(), []intake.Arrival{w.arrival(raw)})
	done(w.t, err)
	if len(filed) > 0 {
		w.t.Fatal("the message was not held back")
	}
	w.uid--
}

// take has a message arrive, and returns what the ledger says of it.
func (w *trial) take(raw string) intake.Inbound {
	w.t.Helper()
	w.uid++
	w.clock.Advance(time.Minute)
	a := w.arrival(strings.Replace(raw, borderTime, w.clock.Now().UTC().Format(time.RFC1123Z), 1)) // it has just come
	filed, err := w.bot.Inbox.Take(w.t.Context(), []intake.Arrival{a})
	done(w.t, err)
	if len(filed) != 1 {
		w.t.Fatalf("the message was held back:\n%s", head(raw))
	}
	ledger, err := w.bot.Store.Inbound(w.t.Context())
	done(w.t, err)
	return ledger[len(ledger)-1]
}

// outcomeOf is the outcome of a message with its reason and the request.
func outcomeOf(m intake.Inbound) string {
	out := string(m.Outcome)
	if m.Reason != "" {
		out += "(" + string(m.Reason) + ")"
	}
	return strings.TrimSpace(out + " " + m.Ref)
}

// checksOf tells why a message ended as it did.
func checksOf(m intake.Inbound) string {
	var b strings.Builder
	for _, c := range m.Checks {
		fmt.Fprintf(&b, "  %-5v %s: %s\n", c.Passed, c.Name, c.Result)
	}
	return b.String()
}

// state is every request, with the number of its codes that were used, and every exception.
func (w *trial) state() map[string]string {
	w.t.Helper()
	ctx := w.t.Context()
	out := make(map[string]string)
	for _, ref := range []string{open, another, settled, withdrawn, changed, joint} {
		r, err := w.bot.Store.Request(ctx, ref)
		done(w.t, err)
		reviews, err := w.bot.Store.Reviews(ctx, ref)
		done(w.t, err)
		used := len(slices.DeleteFunc(reviews, func(v intake.Review) bool { return v.DecidedAt.IsZero() }))
		out[ref] = fmt.Sprintf("%s, %d codes used", r.State, used)
	}
	all, err := w.bot.Store.Exceptions(ctx)
	done(w.t, err)
	for _, e := range all {
		out["exception "+e.Ref] = fmt.Sprintf("%s for %s until %s", e.State, e.User.Email, e.EndsAt.Format(time.DateTime))
	}
	return out
}

// written is how many letters there are.
func (w *trial) written() int {
	w.t.Helper()
	all, err := w.bot.Store.Outbound(w.t.Context())
	done(w.t, err)
	return len(all)
}

// lettersAfter are the letters after the first n, as their recipients get them.
func (w *trial) lettersAfter(n int) []delivered {
	w.t.Helper()
	all, err := w.bot.Store.Outbound(w.t.Context())
	done(w.t, err)
	var out []delivered
	for _, stored := range all[n:] {
		o, err := w.bot.Enforcer.WithDirectory(w.t.Context(), w.bot.Outbox.WithCode(stored))
		done(w.t, err)
		msg, err := w.bot.Composer.Compose(w.t.Context(), o, o.CreatedAt)
		done(w.t, err)
		var raw bytes.Buffer
		done(w.t, msg.Stream(w.t.Context(), &raw))
		out = append(out, delivered{o, raw.Bytes()})
	}
	return out
}

// named is a letter by its template, reason and recipient.
func (l delivered) named() string {
	name := string(l.Template)
	if l.Facts.Why != "" {
		kind, _, _ := strings.Cut(string(l.Facts.Why), " ") // what follows is a number of the case's own
		name += " " + kind
	}
	return name + " > " + l.To
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// head is the beginning of a message, to show.
func head(raw string) string {
	if len(raw) > 3000 {
		return raw[:3000] + "…"
	}
	return raw
}

// delivered is a letter as its recipient got it.
type delivered struct {
	intake.Outbound
	raw []byte
}
