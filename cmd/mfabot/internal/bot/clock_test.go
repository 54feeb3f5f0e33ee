package bot

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/intake/outbox"
)

// TestClockJudged: a long stop is one, however long; a leap is told from it by what servers and the machine say.
func TestClockJudged(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	at := time.Date(2027, 6, 1, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return at.Add(-d) }
	says := func(server, asOf time.Duration) clockSaid { return clockSaid{server: ago(server), asOf: ago(asOf)} }
	one := func(s clockSaid) map[string]clockSaid { return map[string]clockSaid{"greeting of submission": s} }
	two := func(a, b clockSaid) map[string]clockSaid {
		return map[string]clockSaid{"greeting of submission": a, "mailbox helpdesk": b}
	}
	wrong := map[string]int64{"greeting of submission": toldWrong}
	right := map[string]int64{"greeting of submission": toldRight}
	for name, c := range map[string]struct {
		facts clockFacts
		want  clockVerdict
	}{
		"the first start":                      {clockFacts{}, clockTrusted},
		"as always":                            {clockFacts{worked: ago(time.Hour), elapsed: 200 * day}, clockTrusted},
		"set back":                             {clockFacts{worked: ago(-200 * day), elapsed: -200 * day}, clockTrusted},
		"down for a week, with its mail":       {clockFacts{worked: ago(7 * day), mail: ago(7 * day), looked: true}, clockTrusted},
		"down for half a year":                 {clockFacts{worked: ago(180 * day), looked: true}, clockTrusted},
		"down for half a year, with its mail":  {clockFacts{worked: ago(180 * day), mail: ago(day), looked: true}, clockTrusted},
		"at a start, before the mailboxes":     {clockFacts{worked: ago(180 * day)}, clockUnknown},
		"a leap while it runs":                 {clockFacts{worked: ago(200 * day), elapsed: 200 * day, looked: true}, clockMachine},
		"a leap of two days while it runs":     {clockFacts{worked: ago(2 * day), elapsed: 2 * day, looked: true}, clockMachine},
		"a leap while it was down":             {clockFacts{worked: ago(200 * day), mail: ago(200 * day), looked: true}, clockMail},
		"and a server says so":                 {clockFacts{worked: ago(2 * day), said: one(says(2*day, 0)), looked: true}, clockServer},
		"a machine that slept":                 {clockFacts{worked: ago(2 * day), elapsed: 2 * day, mail: ago(0)}, clockTrusted},
		"a greeting against the machine":       {clockFacts{worked: ago(2 * day), elapsed: 2 * day, said: one(says(0, 0)), told: right, looked: true}, clockMachine},
		"a greeting against old mail":          {clockFacts{worked: ago(200 * day), mail: ago(200 * day), said: one(says(0, 0)), told: right, looked: true}, clockTrusted},
		"one that was never weighed":           {clockFacts{worked: ago(200 * day), mail: ago(200 * day), said: one(says(0, 0)), looked: true}, clockMail},
		"one that is known to be wrong":        {clockFacts{worked: ago(200 * day), mail: ago(200 * day), said: one(says(0, 0)), told: wrong, looked: true}, clockMail},
		"never weighed, against a server":      {clockFacts{worked: ago(200 * day), said: two(says(0, 0), says(200*day, 0)), looked: true}, clockServer},
		"mail that is far ahead":               {clockFacts{worked: ago(200 * day), elapsed: 200 * day, mail: ago(-9999 * day), looked: true}, clockMachine},
		"a greeting of last year, after a day": {clockFacts{worked: ago(2 * day), said: one(says(365*day, 0)), told: right, looked: true}, clockServer},
		"and for three days":                   {clockFacts{worked: ago(5 * day), leapt: ago(3 * day), said: one(says(365*day, 0)), told: right, looked: true}, clockTrusted},
		"and the machine says so":              {clockFacts{worked: ago(5 * day), leapt: ago(3 * day), elapsed: 5 * day, said: one(says(365*day, 0)), looked: true}, clockServer},
		"and new mail does":                    {clockFacts{worked: ago(5 * day), leapt: ago(3 * day), said: two(says(365*day, 0), says(365*day, 0)), looked: true}, clockServer},
		"what a server said long ago":          {clockFacts{worked: ago(2 * day), said: one(says(4*day, 2*day))}, clockTrusted},
		"doubted before a start":               {clockFacts{worked: ago(200 * day), leapt: ago(day), looked: true}, clockBefore},
		"and mail says that it is right":       {clockFacts{worked: ago(200 * day), leapt: ago(day), mail: ago(time.Hour)}, clockTrusted},
		"doubted for three days":               {clockFacts{worked: ago(200 * day), leapt: ago(3 * day), mail: ago(200 * day)}, clockTrusted},
		"doubted for three days by the server": {clockFacts{worked: ago(200 * day), leapt: ago(4 * day), said: one(says(200*day, 0))}, clockServer},
		"a server of another time zone":        {clockFacts{worked: ago(200 * day), mail: ago(200 * day), said: one(says(14*time.Hour, 0)), told: right}, clockTrusted},
		"a server that was wrong before":       {clockFacts{worked: ago(180 * day), said: one(says(400*day, 0)), told: wrong, looked: true}, clockTrusted},
		"a greeting that is always the same": {clockFacts{worked: ago(180 * day), looked: true,
			said: one(clockSaid{server: ago(180 * day), asOf: at, stands: true})}, clockTrusted},
		"two servers that agree":       {clockFacts{worked: ago(200 * day), elapsed: 200 * day, said: two(says(0, 0), says(time.Hour, 0))}, clockTrusted},
		"two servers that say so":      {clockFacts{worked: ago(200 * day), said: two(says(200*day, 0), says(200*day, 0))}, clockServer},
		"two servers that disagree":    {clockFacts{worked: ago(200 * day), looked: true, said: two(says(200*day, 0), says(0, 0))}, clockSplit},
		"and have for three days":      {clockFacts{worked: ago(200 * day), leapt: ago(3 * day), said: two(says(200*day, 0), says(0, 0))}, clockTrusted},
		"and the one was wrong":        {clockFacts{worked: ago(200 * day), said: two(says(200*day, 0), says(0, 0)), told: wrong}, clockTrusted},
		"near, whatever a server says": {clockFacts{worked: ago(time.Hour), said: one(says(200*day, 0))}, clockTrusted},
		"what a server said long ago, of a clock that went on": {clockFacts{worked: ago(200 * day), leapt: ago(9 * day), ran: 9 * day,
			said: one(says(209*day, 9*day))}, clockServer},
		"a server that will say":                  {clockFacts{worked: ago(2 * day), greets: true}, clockUnknown},
		"doubted for long, and a server will say": {clockFacts{worked: ago(200 * day), leapt: ago(9 * day), greets: true}, clockUnknown},
		"a server that said nothing":              {clockFacts{worked: ago(2 * day), greets: true, looked: true}, clockTrusted},
	} {
		c.facts.now = at
		if got := c.facts.judge(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// greeter is a connection to a server that gives the time in its greeting.
type greeter struct {
	net.Conn
	date func() string // empty for none
	done bool
}

// Read puts the date at the end of the greeting, which the servers of the tests send at once.
func (g *greeter) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if date := g.date(); !g.done && n > 0 && date != "" {
		n = copy(p, append(bytes.TrimRight(p[:n:n], "\r\n"), "; "+date+"\r\n"...))
	}
	g.done = true
	return n, err
}

type dial = func(ctx context.Context, network, addr string) (net.Conn, error)

// greets has a server's connections give a date in its greeting.
func greets(d dial, date func() string) dial {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := d(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &greeter{Conn: conn, date: date}, nil
	}
}

// leaping is a bot with an active exception, whose clock a test moves apart from the servers'.
type leaping struct {
	*watchedBot
	now, servers time.Time
	imap, smtp   string // the dates in the greetings; empty for none

	dialIMAP, dialSMTP dial
	disk               driver.Driver // under the database; nil for the usual
}

func newLeaping(t *testing.T) *leaping {
	t.Helper()
	l := &leaping{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	l.dialIMAP, l.dialSMTP = new(net.Dialer).DialContext, new(net.Dialer).DialContext
	l.servers = l.now
	l.watchedBot = newWatchedBot(t, registerHeader+"VL303,Lakeside Care Home,social care,lakeside@care.test,,\n", "")
	l.office.SetClock(func() time.Time { return l.servers })
	l.restart()
	done(t, l.bot.Settle(t.Context()))
	_, err := l.bot.Desk.Grant(t.Context(), "tom.hale@care.test", "no-signal", "VL303", "")
	done(t, err)
	l.settles(0, 0)
	return l
}

// restart has a new bot go on in the place of the old.
func (l *leaping) restart() {
	l.t.Helper()
	done(l.t, l.bot.Close())
	s := *l.bot.Settings
	s.Mailboxes = slices.Clone(s.Mailboxes)
	s.Mailboxes[0].Dial = greets(l.dialIMAP, func() string { return l.imap })
	s.Submission.Dial = greets(l.dialSMTP, func() string { return l.smtp })
	b, err := New(context.WithoutCancel(l.t.Context()), &s, Surroundings{Clock: func() time.Time { return l.now },
		Log: l.bot.log, Disk: l.disk})
	done(l.t, err)
	l.t.Cleanup(func() { done(l.t, b.Close()) })
	l.bot = b
}

// settles lets time pass for the bot and the servers, and has the bot do what there is to do.
func (l *leaping) settles(clock, servers time.Duration) {
	l.t.Helper()
	l.now, l.servers = l.now.Add(clock), l.servers.Add(servers)
	done(l.t, l.bot.Settle(l.t.Context()))
}

// writes has the site write.
func (l *leaping) writes(words string) {
	l.t.Helper()
	raw := post.Client{App: post.Outlook, Date: l.servers}.New(lakeside, mfa, "MFA", words, nil)
	done(l.t, l.office.Send(l.t.Context(), lakeside, []string{mfa}, raw))
}

// is checks how the exception is, how many messages were taken, and how often the operator was asked about the clock.
func (l *leaping) is(state string, taken, asked int) {
	l.t.Helper()
	all, err := l.bot.Store.Exceptions(l.t.Context())
	done(l.t, err)
	ledger, err := l.bot.Store.Inbound(l.t.Context())
	done(l.t, err)
	out, err := l.bot.Store.Outbound(l.t.Context())
	done(l.t, err)
	n := 0
	for _, o := range out {
		if strings.HasPrefix(o.Facts.Headline, "Is the clock right?") {
			n++
		}
	}
	got := fmt.Sprintf("%s, %d taken, asked %d times", all[0].State, len(ledger), n)
	if want := fmt.Sprintf("%s, %d taken, asked %d times", state, taken, asked); got != want {
		l.t.Fatalf("%s, want %s", got, want)
	}
}

// TestClockLeaps: with a clock that is ahead by 200 days nothing ends and nothing is taken; once it is right again all goes
// on as if it had never been wrong.
func TestClockLeaps(t *testing.T) {
	t.Parallel()
	const leap = 200 * 24 * time.Hour
	for name, around := range map[string]func(l *leaping){
		"while it runs": func(*leaping) {},
		"over a start":  func(l *leaping) { l.restart() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLeaping(t)
			l.writes("Hello, what is this?")
			l.now = l.now.Add(leap)
			around(l)
			l.settles(0, 0)
			l.is("active", 0, 1)
			l.settles(time.Hour, time.Hour)
			l.writes("Hello?")
			l.settles(time.Minute, time.Minute)
			l.is("active", 0, 1)
			l.settles(-leap, 0)
			l.is("active", 2, 1)
			l.settles(24*time.Hour, 24*time.Hour)
			l.is("ended", 2, 1)
		})
	}
}

// dates have the servers give the time in their greetings.
func (l *leaping) dates(imap, smtp bool) {
	l.imap, l.smtp = "", ""
	date := l.servers.Format(time.RFC1123Z)
	if imap {
		l.imap = "ready at " + date
	}
	if smtp {
		l.smtp = date
	}
}

// TestClockByGreeting: a server that gives the time in its greeting shows whether the clock is right, without any mail.
func TestClockByGreeting(t *testing.T) {
	t.Parallel()
	const week, leap = 7 * 24 * time.Hour, 200 * 24 * time.Hour
	for name, c := range map[string]struct {
		clock, servers time.Duration
		around         func(l *leaping) // before the start
		state          string
		asked          int
		lasts          bool // the doubt, for more than three days
	}{
		"a leap over a start":     {leap, 0, func(l *leaping) { l.dates(true, false) }, "active", 1, true},
		"a leap of a week":        {week, 0, func(l *leaping) { l.dates(true, false) }, "active", 1, false},
		"a stop":                  {leap, leap, func(l *leaping) { l.dates(true, false) }, "ended", 0, false},
		"a stop, and another day": {leap, leap - 20*time.Hour, func(l *leaping) { l.dates(true, false) }, "ended", 0, false},
		"a server that is wrong for long": {leap, leap, func(l *leaping) {
			l.imap = "since 2 Jan 2006 15:04:05 +0000"
		}, "ended", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLeaping(t)
			c.around(l)
			l.restart()
			l.settles(time.Minute, time.Minute)
			l.now, l.servers = l.now.Add(c.clock), l.servers.Add(c.servers)
			c.around(l)
			l.restart()
			l.settles(0, 0)
			l.is(c.state, 0, c.asked)
			if c.asked == 0 {
				return
			}
			l.now = l.now.Add(4 * 24 * time.Hour) // which makes a stop right that may have been one, and no longer one
			l.restart()
			l.settles(0, 0)
			if all, err := l.bot.Store.Exceptions(t.Context()); err != nil || (all[0].State == intake.Active) != c.lasts {
				t.Fatalf("%v, %v", all, err)
			}
			if c.lasts {
				_, err := l.bot.AcceptClock(t.Context(), "Jo Hill")
				done(t, err)
			}
			l.settles(time.Minute, time.Minute)
			if all, err := l.bot.Store.Exceptions(t.Context()); err != nil || all[0].State != intake.Ended {
				t.Fatalf("%v, %v", all, err)
			}

			// A server that stays behind is not heard again.
			hasAll(t, l.logged(), "a server's clock is wrong")
			l.now = l.now.Add(week)
			l.restart()
			l.settles(0, 0)
			if why := l.bot.clock.verdict(); why != clockTrusted {
				t.Errorf("not trusted: %s", why)
			}
		})
	}
}

// TestClockByTheSubmissionServer: so does that which emails are given to, beside a mailbox that says nothing.
func TestClockByTheSubmissionServer(t *testing.T) {
	t.Parallel()
	const leap = 20 * 24 * time.Hour
	for name, c := range map[string]struct {
		servers time.Duration
		want    clockVerdict
	}{
		"it says another time": {0, clockServer},
		"it agrees":            {leap, clockTrusted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLeaping(t)
			l.now, l.servers = l.now.Add(leap), l.servers.Add(c.servers)
			l.dates(false, true)
			l.restart()
			done(t, l.bot.Outbox.AlertOperator(t.Context(), intake.AlertAudit, outbox.Cause{}, "For the submission server"))
			_, err := l.bot.send(t.Context())
			done(t, err)
			l.settles(0, 0)
			if got := l.bot.clock.verdict(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if c.want != clockTrusted {
				out, err := l.bot.Store.Outbound(t.Context())
				done(t, err)
				var lines []string
				for _, o := range out {
					lines = slices.Concat(lines, o.Facts.Lines, o.Facts.Todo)
				}
				hasAll(t, strings.Join(lines, "\n"), "greeting of submission says 2 November 2026, 09:00 GMT")
			}
		})
	}
}

// TestClockAccepted: where the operator says that the clock is right the bot goes on, and so it does once mail says so.
func TestClockAccepted(t *testing.T) {
	t.Parallel()
	const leap = 200 * 24 * time.Hour
	for name, accept := range map[string]func(l *leaping){
		"by the operator": func(l *leaping) {
			_, err := l.bot.AcceptClock(l.t.Context(), "Jo Hill")
			done(l.t, err)
		},
		"by mail": func(l *leaping) {
			l.servers = l.now
			l.writes("Hello?")
		},
		"by mail, before some that is far ahead": func(l *leaping) {
			l.servers = l.now
			l.writes("Hello?")
			l.servers = l.servers.AddDate(50, 0, 0)
			l.writes("Hello from far ahead?")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLeaping(t)
			l.writes("Hello, what is this?")
			l.settles(leap, 0)
			l.is("active", 0, 1)
			accept(l)
			l.settles(time.Minute, time.Minute)
			if ledger, err := l.bot.Store.Inbound(t.Context()); err != nil || len(ledger) == 0 {
				t.Errorf("nothing was taken: %v", err)
			}
			l.settles(time.Minute, time.Minute)
			all, err := l.bot.Store.Exceptions(t.Context())
			done(t, err)
			if all[0].State != intake.Ended {
				t.Errorf("the exception is %s", all[0].State)
			}
		})
	}
}

// TestLongStop: what should have ended while the bot was down ends at once, however long that was.
func TestLongStop(t *testing.T) {
	t.Parallel()
	l := newLeaping(t)
	l.now, l.servers = l.now.Add(180*24*time.Hour), l.servers.Add(180*24*time.Hour)
	l.restart()
	l.settles(0, 0)
	l.is("ended", 0, 0)
}

// TestMarkWorked: the hour of the last work is on record, and no clock that is behind takes it back.
func TestMarkWorked(t *testing.T) {
	t.Parallel()
	l := newLeaping(t)
	l.settles(2*time.Hour, 2*time.Hour)
	worked := l.now
	l.settles(-100*24*time.Hour, 0)
	got, err := moment(t.Context(), l.bot, intake.MarkWorked)
	done(t, err)
	if !got.Equal(worked) {
		t.Errorf("at work at %v, want %v", got, worked)
	}
}
