package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// posting is a trial whose letters go to a server that says what a test wants it to say.
type posting struct {
	*trial
	post *storyPost
	got  []string // the letters that were delivered, by their templates and recipients
}

// posts begins with an approved exception for Sam, whose letters are still to be sent.
func (s *prelude) posts(t *testing.T) *posting {
	t.Helper()
	p := &posting{post: new(storyPost)}
	p.post.accept = func(to string, raw []byte) {
		l, err := storyRead(to, raw, 0)
		if err != nil {
			t.Errorf("a letter to %s: %v", to, err)
			return
		}
		p.post.mu.Lock()
		defer p.post.mu.Unlock()
		p.got = append(p.got, to+": "+l.subject)
	}
	p.trial = s.trial(t, byServer, `"smtp://127.0.0.1"`, `"smtp://`+p.post.listen(t)+`"`)
	begins := p.clock.Now()
	c := post.Client{App: post.Outlook, Date: begins}
	p.take(parseDraft(c.New(pharmacy, service, "MFA exception", "Sam Green (sam.green@pharmacy.test) works in a prison, where "+
		"phones are not allowed. Please grant a long-term exception. The letter is attached.",
		post.Letter("letter.pdf", "So it is."))).proven().String())
	review := p.lettersAfter(0)[0]
	m := p.take(parseDraft(c.Reply("Asha Patel <"+review.To+">", review.raw, "APPROVE", nil)).proven().String())
	if got := outcomeOf(m); got != "decision LT-2026-00001" {
		t.Fatalf("the approval ended as %s\n%s", got, checksOf(m))
	}
	return p
}

// pass lets time pass, in which all is done that falls due, every so often.
func (p *posting) pass(d, every time.Duration) {
	p.t.Helper()
	for end := p.clock.Now().Add(d); p.clock.Now().Before(end); p.clock.Advance(every) {
		for _, step := range []func() (int, error){
			func() (int, error) { return p.bot.Sweep(p.t.Context()) },
			func() (int, error) { return p.bot.Enforce(p.t.Context()) },
		} {
			_, err := step()
			done(p.t, err)
		}
		for range 5 {
			if n, err := p.bot.Sender.Step(p.t.Context()); n == 0 && err == nil {
				break
			}
		}
	}
}

// taken returns the letters that were delivered since the last time.
func (p *posting) taken() []string {
	p.post.mu.Lock()
	defer p.post.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

// says has the server say something from now on.
func (p *posting) says(at, reply, to string) {
	p.post.set(nil, &storySays{At: at, Reply: reply, To: to})
}

// waiting returns how many letters wait, after it has checked that none was given up.
func (p *posting) waiting() (n int) {
	p.t.Helper()
	all, err := p.bot.Store.Outbound(p.t.Context())
	done(p.t, err)
	for _, o := range all {
		switch o.State {
		case intake.Failed:
			if o.LastError == intake.Overtaken { // by the digest of another morning
				continue
			}
			p.t.Errorf("%s to %s was given up: %s", o.Template, o.To, o.LastError)
		case intake.Queued:
			n++
		}
	}
	return n
}

// expect checks that of the letters that were delivered since the last time, one fits each pair of a recipient and words of
// the subject, and that none came twice.
func (p *posting) expect(pairs ...string) {
	p.t.Helper()
	got := p.taken()
	for pair := range slices.Chunk(pairs, 2) {
		n := 0
		for _, l := range got {
			if strings.HasPrefix(l, post.Bare(pair[0])+": ") && strings.Contains(l, pair[1]) {
				n++
			}
		}
		if n != 1 {
			p.t.Errorf("%d letters to %s with %q among:\n%s", n, pair[0], pair[1], strings.Join(got, "\n"))
		}
	}
	if once := slices.Compact(slices.Sorted(slices.Values(got))); len(once) != len(got) {
		p.t.Errorf("some came twice:\n%s", strings.Join(got, "\n"))
	}
}

const takesNothing = "Our mail server takes nothing of what we send"

// refusesUs: what a mail server says of us, at a point of the delivery, holds up every letter until it is over. None is given
// up, all go out then, and the operator gets one email about it.
func refusesUs(at, reply string) func(t *testing.T, s *prelude) {
	return func(t *testing.T, s *prelude) {
		p := s.posts(t)
		p.says(at, reply, "")
		p.pass(50*time.Hour, 2*time.Hour)
		if got := p.taken(); len(got) > 0 || p.waiting() == 0 {
			t.Errorf("delivered are %q, %d wait", got, p.waiting())
		}
		p.says("", "", "")
		p.pass(5*time.Hour, 20*time.Minute)
		p.expect(sam, "Your MFA exception", pharmacy, "Approved", asha, "Approved", operations, takesNothing)
		if n := p.waiting(); n > 0 {
			t.Errorf("%d letters wait still", n)
		}
	}
}

// refusesOperator: a server that refuses the operator alone holds up nobody else's letters. What the operator has to do
// waits, however long, and goes out when it can.
func refusesOperator(t *testing.T, s *prelude) {
	p := s.posts(t)
	p.says("rcpt", "550 5.1.1 user unknown", post.Bare(operations))
	p.pass(10*24*time.Hour, 6*time.Hour)
	p.expect(sam, "Your MFA exception", pharmacy, "Approved", asha, "Approved")
	if p.waiting() == 0 {
		t.Error("nothing waits for the operator")
	}
	p.says("", "", "")
	p.pass(24*time.Hour, time.Hour)
	p.expect(operations, "Exempt")
	if n := p.waiting(); n > 0 {
		t.Errorf("%d letters wait still", n)
	}
}

// limitToTheEnd: a limit holds up a warning, and later the end of an exception. The site, the user and the operator, who ends
// it by hand, get what is true then as soon as the limit has passed.
func limitToTheEnd(t *testing.T, s *prelude) {
	const limit = "550 5.4.5 Daily user sending limit exceeded"
	p := s.posts(t)
	p.pass(time.Hour, time.Hour)
	p.taken()
	start := p.clock.Now()
	for _, c := range []struct {
		after    time.Duration
		expected []string
	}{
		{150 * 24 * time.Hour, []string{sam, "ends in", pharmacy, "Ends in"}},
		{180 * 24 * time.Hour, []string{sam, "is over", pharmacy, "Over", operations, "End the MFA exemption"}},
	} {
		p.clock.Advance(start.Add(c.after).Sub(p.clock.Now()))
		p.says("data", limit, "")
		p.pass(20*time.Hour, 2*time.Hour)
		if got := p.taken(); len(got) > 0 {
			t.Errorf("delivered are %q", got)
		}
		p.says("", "", "")
		p.pass(5*time.Hour, 20*time.Minute)
		p.expect(append(c.expected, operations, takesNothing)...)
		p.waiting()
	}
}
