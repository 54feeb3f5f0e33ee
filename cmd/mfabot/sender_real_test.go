//go:build real

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// The mail servers of the people who write, as the DNS of the test knows them, and one that belongs to none
// of them.
const (
	helpdeskServer = "192.0.2.10"
	pharmacyServer = "192.0.2.11"
	dentalServer   = "192.0.2.12"
	careServer     = "192.0.2.13"
	opticalServer  = "192.0.2.14"
	forwarder      = "203.0.113.5"
	evilServer     = "198.51.100.66"

	outsider = "mallory@evil.test"
)

func senderDomains() []post.Domain {
	return []post.Domain{
		{Name: "helpdesk.test", Outgoing: helpdeskServer},
		{Name: "pharmacy.test", Outgoing: pharmacyServer},
		{Name: "dental.test", Outgoing: dentalServer},
		{Name: "care.test", Outgoing: careServer},
		{Name: "optical.test", Outgoing: opticalServer, NoDMARC: true},
		{Name: "evil.test", Outgoing: evilServer},
	}
}

// delivery is a message that is handed to the office from outside, and what must become of it.
type delivery struct {
	name     string
	raw      []byte
	claims   []string // fields that the sender wrote above the message's own
	signedBy string   // a domain; empty for nobody
	// altered is what somebody replaced in the message once it was signed.
	altered          [2]string
	server, envelope string
	want             intake.Outcome
	reason           intake.Why // empty for a genuine one
	asks             string     // who is asked whether they wrote it; empty for nobody
}

// TestRealSender has other people's software prove senders: Postfix with OpenDKIM and OpenDMARC. A forger
// knows everything else about a message, the reviewer's code included.
func TestRealSender(t *testing.T) {
	t.Run("set up with care", func(t *testing.T) {
		testSenders(t, post.RealOptions{Domains: senderDomains()}, false)
	})
	t.Run("set up as it comes", func(t *testing.T) {
		testSenders(t, post.RealOptions{Domains: senderDomains(), CredulousDMARC: true}, false)
	})
	t.Run("verified by ourselves", func(t *testing.T) {
		// Where a signature is all there is, it says to whom a message was sent, and that nobody sent it again.
		domains := senderDomains()
		for i := range domains {
			domains[i].Oversigned = []string{"Sender", "To"}
		}
		testSenders(t, post.RealOptions{Domains: domains}, true)
	})
}

func testSenders(t *testing.T, opt post.RealOptions, byDKIM bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s := newSenders(ctx, t, opt, byDKIM)
	s.handIn(ctx, t, delivery{name: "a request", raw: s.request(pharmacy, sam), signedBy: "pharmacy.test",
		server: pharmacyServer, envelope: pharmacy, want: intake.OutcomeRequest})
	// The first that a reviewer hears of is the letter that asks for a decision.
	review := s.arrived(ctx, t, post.Bare(asha), nil)
	for _, d := range append(s.requests(), s.approvals(review)...) {
		t.Run(d.name, func(t *testing.T) { s.handIn(ctx, t, d) })
	}
	s.check(ctx, t)
}

// requests are further ones from sites, or from somebody in their name. Only the server that took a message
// can know what SPF alone proves.
func (s *senders) requests() []delivery {
	bySPF := delivery{name: "a request that SPF alone proves", raw: s.request(dentist, rosa),
		server: dentalServer, envelope: dentist, want: intake.OutcomeRequest}
	forwarded := delivery{name: "a request that was forwarded", raw: s.request(careHome, tom), signedBy: "care.test",
		server: forwarder, envelope: "forwarder@elsewhere.test", want: intake.OutcomeRequest}
	if s.byDKIM {
		bySPF.want, bySPF.reason = intake.OutcomeQuarantined, intake.WhyUnauthenticated
	} else {
		// A Sender could have been taken away on the way: they did not sign that there was none.
		forwarded.want, forwarded.reason, forwarded.asks = intake.OutcomeQuarantined, intake.WhyUnconfirmed, careHome
	}
	return []delivery{
		bySPF,
		forwarded,
		{name: "a request from a domain without a DMARC record", raw: s.request(optician, nia), signedBy: "optical.test",
			server: opticalServer, envelope: optician, want: intake.OutcomeRequest},
		{name: "a forged request", raw: s.request(pharmacy, sam),
			server: evilServer, envelope: pharmacy, want: intake.OutcomeQuarantined, reason: "unauthenticated"},
		{name: "a forged request with proof of another domain", raw: s.request(pharmacy, sam), signedBy: "evil.test",
			server: evilServer, envelope: outsider, want: intake.OutcomeQuarantined, reason: "unauthenticated"},
		{name: "a forged request from a domain without a DMARC record", raw: s.request(optician, nia), signedBy: "evil.test",
			server: evilServer, envelope: outsider, want: intake.OutcomeQuarantined, reason: "unauthenticated"},
	}
}

// approvals are answers to a review email. The genuine one comes after the forged ones, which therefore have
// something to decide.
func (s *senders) approvals(review []byte) []delivery {
	results := []string{
		"Authentication-Results: " + s.office.AuthservID + "; dmarc=pass (p=reject dis=none) header.from=helpdesk.test",
		"Authentication-Results: " + s.office.AuthservID + "; spf=pass smtp.mailfrom=helpdesk.test",
		"Authentication-Results: " + s.office.AuthservID + "; dkim=pass header.d=helpdesk.test header.i=@helpdesk.test",
	}
	localHop := "Received: from " + s.office.AuthservID + " by " + s.office.AuthservID + " with LMTP id 1; " +
		time.Now().Format(time.RFC1123Z)
	spf := "Received-SPF: pass (mailfrom) identity=mailfrom; client-ip=" + evilServer + "; envelope-from=" + post.Bare(asha) +
		"; receiver=" + s.office.AuthservID
	all := []delivery{
		{name: "a forged From", envelope: asha},
		{name: "a forged From with proof of another domain", signedBy: "evil.test", envelope: outsider},
		{name: "forged results", claims: results, signedBy: "evil.test", envelope: outsider},
		{name: "forged results of an unsigned message", claims: results, envelope: asha},
		{name: "forged results below a forged hop", claims: append([]string{localHop}, results...), signedBy: "evil.test", envelope: outsider},
		// OpenDMARC ignores its own machine, so nothing genuine stands above these.
		{name: "forged results alone", claims: results, server: "127.0.0.1", envelope: asha},
		{name: "a forged result of SPF", claims: []string{spf}, envelope: asha},
		{name: "a replay with another subject", signedBy: "helpdesk.test", altered: [2]string{"\r\nSubject: ", "\r\nSubject: now "}, envelope: outsider},
		{name: "a replay with another text", signedBy: "helpdesk.test", altered: [2]string{"APPROVE", "Approve"}, envelope: outsider},
		{name: "two authors", signedBy: "helpdesk.test", altered: [2]string{"\r\nSubject: ", "\r\nFrom: " + outsider + "\r\nSubject: "},
			envelope: outsider, reason: "unclear-sender"},
	}
	for i, d := range all {
		all[i].raw, all[i].want = s.reply(review), intake.OutcomeQuarantined
		all[i].server = cmp.Or(d.server, evilServer)
		all[i].reason = cmp.Or(d.reason, "unauthenticated")
	}
	genuine := delivery{name: "an approval", raw: s.reply(review), signedBy: "helpdesk.test",
		server: helpdeskServer, envelope: asha, want: intake.OutcomeDecision}
	again := genuine
	again.name, again.server, again.envelope = "the same approval once more", evilServer, outsider
	again.want, again.reason = intake.OutcomeIgnored, "duplicate"
	return append(all, genuine, again)
}

// senders is the office, the bot on it, and how far both have got.
type senders struct {
	office  *post.Office
	bot     *bot.Bot
	byDKIM  bool // signatures are verified by the bot, and nothing else is trusted
	written int  // messages composed, each a second after the one before
	in, out int  // messages in the ledger, and letters written
}

func newSenders(ctx context.Context, t *testing.T, opt post.RealOptions, byDKIM bool) *senders {
	t.Helper()
	office, err := post.Real(ctx, "", append(demo.Accounts(), outsider), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(office.Log())
		}
		if err := office.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "mfabot.toml")
	user := url.QueryEscape(service)
	trust := fmt.Sprintf("authserv_id = %q", office.AuthservID)
	if byDKIM {
		trust = "dkim = true"
	}
	for name, text := range map[string]string{
		file: fmt.Sprintf(senderConfig, user, office.IMAPAddr, office.SMTPAddr,
			office.CAFile, trust, office.Resolver),
		filepath.Join(dir, "sites.csv"):  demo.Sites,
		filepath.Join(dir, "a.password"): office.Password + "\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.New(ctx, set, bot.Surroundings{Clock: set.Now,
		Log: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return &senders{office: office, bot: b, byDKIM: byDKIM}
}

// senderConfig takes the user, the addresses of the IMAP and the SMTP server, the authority of their
// certificates, what is trusted, and the name server.
const senderConfig = `database = "sqlite:mfabot.db"
sites    = "sites.csv"

[service]
name     = "NHSmail Helpdesk"
address  = "mfa@helpdesk.test"
operator = "ops@helpdesk.test"
resolver = "%[6]s"

[[mailbox]]
name          = "helpdesk"
url           = "imaps://%[1]s@%[2]s/INBOX"
password_file = "a.password"
ca_file       = "%[4]s"

  [mailbox.trust]
  %[5]s

[smtp]
url           = "smtp+starttls://%[1]s@%[3]s"
password_file = "a.password"
ca_file       = "%[4]s"

[[reviewer]]
address = "asha@helpdesk.test"
name    = "Asha Patel"

[[reviewer]]
address = "ben@helpdesk.test"
name    = "Ben Okafor"
`

func (s *senders) client() post.Client {
	s.written++
	return post.Client{App: post.OutlookWeb, Date: time.Now().Add(time.Duration(s.written) * time.Second)}
}

func (s *senders) request(from, subject string) []byte {
	return s.client().New(from, service, "MFA exception",
		"User: "+post.Bare(subject)+"\nReason: secure location\nDetails: works where no phone is allowed.\nAuthentication method registered: yes",
		post.Letter("letter.pdf", "Telephones may not be brought in."))
}

func (s *senders) reply(review []byte) []byte {
	return s.client().Reply(asha, review, "APPROVE", nil)
}

// inBase64 returns how the beginning of a text is written in base64, as far as nothing behind it changes that.
func inBase64(s []byte) []byte {
	return []byte(base64.StdEncoding.EncodeToString(s[:len(s)/3*3]))
}

// handIn delivers a message, lets the bot deal with it, and checks what became of it. Only the operator may
// hear of one that is not genuine, and whoever is asked whether they wrote it.
func (s *senders) handIn(ctx context.Context, t *testing.T, d delivery) {
	raw := []byte(strings.Join(append(d.claims, string(d.raw)), "\r\n"))
	if d.signedBy != "" {
		var err error
		if raw, err = s.office.Sign(ctx, d.signedBy, raw); err != nil {
			t.Fatal(err)
		}
	}
	if d.altered[0] != "" {
		from, to := []byte(d.altered[0]), []byte(d.altered[1])
		if !bytes.Contains(raw, from) { // the text is in base64, and begins with it
			from, to = inBase64(from), inBase64(to)
		}
		if !bytes.Contains(raw, from) {
			t.Fatalf("there is no %q to alter", d.altered[0])
		}
		raw = bytes.Replace(raw, from, to, 1)
	}
	if err := s.office.Deliver(ctx, d.server, d.envelope, []string{service}, raw); err != nil {
		t.Fatal(err)
	}
	id := post.MessageID(raw)
	got := s.arrived(ctx, t, service, func(raw []byte) bool { return post.MessageID(raw) == id })
	known := s.out
	letters := s.letters(ctx, t)
	ledger, err := s.bot.Store.Inbound(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if s.in++; len(ledger) != s.in {
		t.Fatalf("%d messages in the ledger, want %d", len(ledger), s.in)
	}
	last := ledger[len(ledger)-1]
	if last.Outcome != d.want || last.Reason != d.reason {
		head, _, _ := bytes.Cut(got, []byte("\r\n\r\n"))
		t.Errorf("it ended as %q (%s), want %q (%s); checks %v\n%s", last.Outcome, last.Reason, d.want, d.reason, last.Checks, head)
	}
	asked := ""
	for _, o := range letters[known:] {
		switch {
		case d.reason == "" || o.To == operations:
		case o.Template == "confirm":
			asked += o.To
		default:
			t.Errorf("%s got the letter %q", o.To, o.Template)
		}
	}
	if asked != post.Bare(d.asks) {
		t.Errorf("%q was asked whether they wrote it, want %q", asked, d.asks)
	}
}

// letters lets the bot do all there is to do, and returns all letters so far.
func (s *senders) letters(ctx context.Context, t *testing.T) []intake.Outbound {
	t.Helper()
	if err := s.bot.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	all, err := s.bot.Store.Outbound(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.out = len(all)
	return all
}

func (s *senders) arrived(ctx context.Context, t *testing.T, account string, match func([]byte) bool) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	got, err := s.office.Await(ctx, account, match)
	if err != nil {
		t.Fatal(err)
	}
	return got.Raw
}

// check compares what became of all messages together.
func (s *senders) check(ctx context.Context, t *testing.T) {
	exceptions, err := s.bot.Store.Exceptions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(exceptions) != 1 || exceptions[0].State != intake.Active || exceptions[0].User.Email != post.Bare(sam) {
		t.Errorf("exceptions %+v, want one, of %s", exceptions, sam)
	}
	totals, err := s.bot.Store.Totals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if totals.Concluded != s.in || totals.Sent != s.out {
		t.Errorf("%+v, want %d messages with an outcome, and %d sent", totals, s.in, s.out)
	}
	if n := s.office.Delivered(outsider); n != 0 {
		t.Errorf("%s got %d messages", outsider, n)
	}
}
