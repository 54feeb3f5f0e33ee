//go:build real

package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
)

const (
	direct    = "requests@helpdesk.test" // the account of a mailbox that nothing happens to
	silence   = time.Second              // how long a server may be silent
	slack     = time.Second              // that a busy machine takes besides
	toxicSeed = 20261124
)

// sick is a bot whose network is in trouble.
type sick struct {
	ctx     context.Context //nolint:containedctx // of the test
	bot     *bot.Bot
	people  *crowd
	network *toxiproxy
	ahead   atomic.Int64 // of the machine's clock
	log     journal
	failed  map[string]int // what the log said of letters that were put back, by step
}

// TestRealToxics has everything happen that can between the bot and the servers while messages come in:
// nothing is lost or takes effect twice, other mailboxes go on, and once it is over the bot recovers by
// itself.
func TestRealToxics(t *testing.T) {
	s := newSick(t, silence)
	s.people.toSend = append(s.people.toSend, s.people.request(service, 0), s.people.request(direct, 0))
	done(t, s.people.send(s.ctx, 2))
	s.rest(t)
	for _, server := range []string{"imap", "smtp"} {
		for _, stream := range []string{"upstream", "downstream"} {
			t.Run("costs of a silent server/"+server+" "+stream, func(t *testing.T) { s.silent(t, server, stream) })
		}
	}
	s.sufferAll(t, hardships())
}

// TestRealDelays has the network be slow: nothing fails, with servers that may be silent for as long as they usually may.
func TestRealDelays(t *testing.T) {
	s := newSick(t, time.Minute)
	s.sufferAll(t, delays())
	if len(s.failed) > 0 {
		t.Errorf("put back: %v", s.failed)
	}
}

// sufferAll has one happen after the other, and then everything answered.
func (s *sick) sufferAll(t *testing.T, all []hardship) {
	t.Helper()
	copies := 0
	for _, h := range all {
		t.Run(h.name, func(t *testing.T) { copies = s.suffer(t, h) })
	}
	for more := true; more; { // until nobody has an answer left to give
		done(t, s.people.send(s.ctx, len(s.people.toSend)))
		s.rest(t)
		s.people.look(s.ctx, t, service)
		more = len(s.people.toSend) > 0
	}
	o := s.people.check(s.ctx, t, s.bot)
	if len(o.undecided) > 0 {
		t.Errorf("undecided: %v", o.undecided)
	}
	t.Logf("%d messages: %v", o.messages, o.concluded)
	t.Logf("%d requests, decided: %v, %d exceptions", o.requests, o.decisions, o.exceptions)
	t.Logf("%d letters, of which %d arrived again (%d copies), each with its own Message-ID; put back: %v",
		o.letters, len(o.again), copies, s.failed)
}

func newSick(t *testing.T, silence time.Duration) *sick {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	everybody := slices.Concat(demo.Accounts()[1:], []string{outsider})
	for i := range 200 {
		everybody = append(everybody, userOf(i))
	}
	office, err := post.Real(context.WithoutCancel(ctx), "", append([]string{service, direct}, everybody...), post.RealOptions{})
	done(t, err)
	t.Cleanup(func() {
		if err := office.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &sick{ctx: ctx, network: startToxiproxy(ctx, t), failed: make(map[string]int),
		people: newCrowd(newAccounts(office, map[string]string{"helpdesk": service, "direct": direct}, everybody), toxicSeed)}
	set, err := demo.Settings(office, filepath.Join(t.TempDir(), "mfabot.db"))
	done(t, err)
	set.Policy.AnswersADay = 1000
	m := set.Mailboxes[0]
	m.Timeout = silence
	second := m
	second.Name, second.Username = "direct", direct
	m.Addr = s.network.way(t, "imap", office.IMAPAddr)
	set.Mailboxes = []config.Mailbox{m, second}
	set.Submission.Addr, set.Submission.Timeout = s.network.way(t, "smtp", office.SMTPAddr), silence
	s.bot, err = bot.New(ctx, set, bot.Surroundings{Clock: s.now, Log: slog.New(slog.NewTextHandler(&s.log, nil))})
	done(t, err)
	t.Cleanup(func() {
		if err := s.bot.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *sick) now() time.Time                     { return time.Now().Add(time.Duration(s.ahead.Load())) }
func (s *sick) advance(d time.Duration)            { s.ahead.Add(int64(d)) }
func (s *sick) await(t *testing.T, so func() bool) { t.Helper(); s.people.await(s.ctx, t, so) }

// suffer lets messages come in while the network is in trouble, until the bot has noticed or dealt with them
// all, and then waits for it to recover. It returns how many copies of letters there are by then.
func (s *sick) suffer(t *testing.T, h hardship) int {
	s.log.forget()
	s.people.look(s.ctx, t, service)
	var off []func()
	begin := func() {
		for _, x := range h.toxics {
			off = append(off, s.network.put(t, x))
		}
	}
	if h.before {
		begin()
	}
	stop := s.run(t)
	if !h.before {
		began := s.now()
		s.await(t, func() bool {
			return s.bot.Watchers[0].LastRead().After(began) && s.bot.Watchers[1].LastRead().After(began)
		})
		begin()
	}
	s.write(t, s.people.request(service, 400), s.people.request(service, 400), s.people.request(service, 400),
		s.people.request(direct, 400))
	s.await(t, func() bool {
		noticed := h.notices != "" && s.log.count(h.notices) > 0
		return noticed || s.counted(t, "") == s.people.messages() && s.unsent(t) == 0
	})
	if h.notices == notRead {
		s.checkHealth(t)
	}
	for _, f := range off {
		f()
	}
	if h.notices != setAside { // which is tried again in its own time
		s.await(t, func() bool { return s.counted(t, "") == s.people.messages() })
	}
	stop()
	for _, step := range s.log.steps() {
		s.failed[step]++
	}
	s.advance(time.Hour) // what was put back is due again
	s.rest(t)
	o := s.people.check(s.ctx, t, s.bot)
	for id, more := range o.again {
		if more >= o.attempts[id] {
			t.Errorf("letter %d arrived %d times, and was tried %d times", id, more+1, o.attempts[id])
		}
	}
	s.checkLeftOver(t)
	return o.copies()
}

// run runs the bot until stop is called, which waits for it.
func (s *sick) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.bot.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		late := time.NewTimer(bot.StopWithin)
		defer late.Stop()
		select {
		case err := <-ended:
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		case <-late.C:
			t.Fatal("it does not stop")
		}
	}
}

func (s *sick) write(t *testing.T, more ...mailing) {
	t.Helper()
	s.people.toSend = append(s.people.toSend, more...)
	done(t, s.people.send(s.ctx, len(s.people.toSend)))
}

// rest lets the bot do all that is left to do, without any fault.
func (s *sick) rest(t *testing.T) {
	t.Helper()
	s.await(t, func() bool {
		done(t, s.bot.Settle(s.ctx))
		return s.counted(t, "") == s.people.messages() && s.unsent(t) == 0
	})
}

// counted is how many messages of a mailbox are on record; of all mailboxes for an empty name.
func (s *sick) counted(t *testing.T, mailbox string) (n int) {
	t.Helper()
	ledger, err := s.bot.Store.Inbound(s.ctx)
	done(t, err)
	for _, m := range ledger {
		if mailbox == "" || m.Mailbox == mailbox {
			n++
		}
	}
	return n
}

func (s *sick) unsent(t *testing.T) int {
	t.Helper()
	totals, err := s.bot.Store.Totals(s.ctx)
	done(t, err)
	return totals.Queued
}

// checkHealth requires that the other mailbox is read while this one cannot be, and that the health check
// complains of this one only.
func (s *sick) checkHealth(t *testing.T) {
	t.Helper()
	failures, known := s.log.count(notRead), s.counted(t, "direct")
	s.advance(bot.UnhealthyAge + time.Minute)
	began := s.now()
	s.write(t, s.people.request(direct, 0))
	s.await(t, func() bool {
		// The message is on record before the step that took it has gone well.
		read := s.counted(t, "direct") > known && s.bot.Watchers[1].LastRead().After(began)
		return read && s.log.count(notRead) > failures
	})
	answer := httptest.NewRecorder()
	s.bot.Handler(s.ctx).ServeHTTP(answer, httptest.NewRequestWithContext(s.ctx, http.MethodGet, "/readyz", nil))
	text := answer.Body.String()
	if answer.Code != http.StatusServiceUnavailable || !strings.Contains(text, "mailbox helpdesk: last read well at") ||
		strings.Contains(text, "direct") {
		t.Errorf("health: %d %s", answer.Code, text)
	}
}

// silent measures how long a server that says or hears nothing holds the bot up: for one wait on a new
// connection, and for one more on an existing one.
func (s *sick) silent(t *testing.T, server, stream string) {
	step := s.bot.Watchers[0].Step
	if server == "smtp" {
		step = s.bot.Sender.Step
	}
	for _, c := range []struct {
		name  string
		waits time.Duration
	}{{"from the middle on", 2}, {"from the start", 1}} {
		s.write(t, s.people.request(direct, 0))
		s.await(t, func() bool {
			_, err := s.bot.Watchers[1].Step(s.ctx)
			done(t, err)
			return s.counted(t, "") == s.people.messages()
		})
		off := s.network.put(t, toxic{server, "timeout", stream, map[string]int{"timeout": 0}})
		began := time.Now()
		_, err := step(s.ctx)
		took := time.Since(began)
		off()
		if err == nil || took > c.waits*silence+slack || took < silence {
			t.Errorf("%s: it took %v, with %v", c.name, took, err)
		}
		t.Logf("%s: %v, %v", c.name, took.Round(time.Millisecond), err)
	}
	s.advance(time.Hour)
	s.rest(t)
}

// lasting are the packages whose goroutines end with their connections.
var lasting = regexp.MustCompile(`mfabot/intake/mailbox|mfabot/notify|go-imap/v2/imapclient|go-mail`)

// checkLeftOver requires that closed connections leave no goroutine behind.
func (s *sick) checkLeftOver(t *testing.T) {
	t.Helper()
	for _, w := range s.bot.Watchers {
		done(t, w.Close())
	}
	done(t, s.bot.Sender.Close())
	var stacks []byte
	s.await(t, func() bool {
		stacks = make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return !lasting.Match(stacks)
	})
	if lasting.Match(stacks) {
		t.Errorf("something was left:\n%s", stacks)
	}
}

// journal is a log that the test reads.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.Reset()
}

func (j *journal) count(what string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), what)
}

var putBack = regexp.MustCompile(`msg="put back".* error="?(\S+( FROM| TO| content)?)`)

// steps are the steps at which letters were put back.
func (j *journal) steps() (all []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, m := range putBack.FindAllStringSubmatch(j.text.String(), -1) {
		all = append(all, strings.TrimSuffix(m[1], ":"))
	}
	return all
}
