// Package shadow shows what run would do, and does nothing: it reads mailboxes by commands that change nothing in them, has each
// message taken as if it had just come, and writes the letters into a folder in place of sending them. What it remembers is in a
// database of its own, which is in that folder while it works and is removed when it ends, so that no other database is opened.
package shadow

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/notify"
	"mfabot/parser"
)

// Options say what is shown, and to whom.
type Options struct {
	Dir   string    // to write into, made where it is missing
	Since time.Time // what came before is left alone; zero: as each mailbox says, or else before looksBack days
	Log   *slog.Logger
	// Tell is called with each message that was taken, and with letters that are about none. An error ends all.
	Tell func(Seen) error
	// Rest is called when there is nothing left to read for now. An error ends all.
	Rest func() error
}

// looksBack is from how many days ago on mail is read where nobody says.
const looksBack = 7

// letters is the folder in Dir that the letters are in.
const letters = "letters"

// Seen is a message, and what run would have done about it.
type Seen struct {
	Message  intake.Inbound  // numbered in the order in which they were taken; 0 for no message
	Read     *parser.Message // what the parser reads in it; nil if it cannot
	Requests []intake.Request
	Letters  []Letter
}

// Letter is one that would have gone out.
type Letter struct {
	File     string // in Dir; empty where it cannot be written
	To       string
	Template intake.Template
	Subject  string // without its code
	Error    string // why it cannot be written
}

// Shadow is a bot that reads and does nothing else.
type Shadow struct {
	bot      *bot.Bot
	state    string // the folder of its database
	watchers []*mailbox.Watcher
	parser   *parser.Parser
	options  Options
	clock    *clock

	mu     sync.Mutex // one message at a time, whatever mailbox it is in
	last   int64      // the number of the newest message on record
	failed error      // of our own doing, so that going on is no use
	left   map[string]int
	held   map[intake.Copy]bool
}

// clock tells the true time, or the moment at which the message came that is being taken.
type clock struct {
	real func() time.Time
	at   atomic.Pointer[time.Time]
}

func (c *clock) now() time.Time {
	if at := c.at.Load(); at != nil {
		return *at
	}
	return c.real()
}

// Open puts a bot together that does nothing. The caller closes it. The settings must be as those of run.
func Open(ctx context.Context, s *config.Settings, o Options) (_ *Shadow, err error) {
	if err := errors.Join(s.CheckTrust(), s.CheckSecrets()); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, letters), 0o700); err != nil {
		return nil, err
	}
	sh := &Shadow{options: o, clock: &clock{real: s.Now}, left: make(map[string]int), held: make(map[intake.Copy]bool)}
	if sh.state, err = os.MkdirTemp(o.Dir, ".while-it-runs-"); err != nil {
		return nil, err
	}
	own := settings(s, o, filepath.Join(sh.state, "shadow.db"))
	sh.bot, err = bot.New(ctx, own, bot.Surroundings{Clock: sh.clock.now, Log: o.Log})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(sh.state))
	}
	words := own.Policy.Vocabulary()
	words.Addresses = []string{own.Service.Address}
	sh.parser = parser.New(words)
	for _, m := range own.Mailboxes {
		cfg := m.Config
		cfg.ReadOnly, cfg.Now, cfg.Log = true, s.Now, o.Log
		cfg.Final = func(error) bool { return sh.isOver() }
		sh.watchers = append(sh.watchers, mailbox.New(cfg, &reader{sh.bot.Inbox, sh}))
	}
	return sh, nil
}

// settings are those of run, but that nothing is told or changed outside.
func settings(s *config.Settings, o Options, database string) *config.Settings {
	own := s.InFile(database)
	own.Directory, own.Trial = nil, nil
	own.Submission, own.Alarm, own.Service.Listen = notify.Submission{}, config.Alarm{}, ""
	own.Mailboxes = slices.Clone(s.Mailboxes)
	day := s.Now().In(s.Policy.Zone)
	day = time.Date(day.Year(), day.Month(), day.Day()-looksBack, 0, 0, 0, 0, s.Policy.Zone)
	for i := range own.Mailboxes {
		m := &own.Mailboxes[i]
		switch {
		case !o.Since.IsZero():
			m.Since = o.Since.UTC()
		case m.Since.IsZero():
			m.Since = day.UTC()
		}
	}
	return own
}

// Settle reads until there is nothing left to read now. A mailbox that cannot be read keeps no other from being read.
func (sh *Shadow) Settle(ctx context.Context) error {
	var errs []error
	for _, w := range sh.watchers {
		n, err := 1, error(nil)
		for n > 0 && err == nil {
			n, err = w.Step(ctx)
		}
		if errs = append(errs, err); ctx.Err() != nil || sh.isOver() {
			break
		}
	}
	return errors.Join(errs...)
}

// lookEvery is how often each mailbox is looked at where its server reports nothing.
const lookEvery = time.Minute

// Run reads what is there and what comes until ctx ends.
func (sh *Shadow) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range sh.watchers {
		g.Go(func() error {
			return w.Run(ctx, lookEvery, intake.Backoff{First: time.Second, Longest: 5 * time.Minute})
		})
	}
	return g.Wait()
}

// isOver reports whether going on is no use.
func (sh *Shadow) isOver() bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.failed != nil
}

// Close leaves the mailboxes, and removes what was remembered.
func (sh *Shadow) Close() error {
	var errs []error
	for _, w := range sh.watchers {
		errs = append(errs, w.Close())
	}
	return errors.Join(append(errs, sh.bot.Close(), os.RemoveAll(sh.state))...)
}

// Begins returns from when on a mailbox is read, and how many older messages in it were left alone.
func (sh *Shadow) Begins(name string) (from time.Time, left int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.bot.Service.Mailboxes[name].Since, sh.left[name]
}

// Held returns how many messages wait, as their sender could not be judged or their files not be checked just now.
func (sh *Shadow) Held() int {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return len(sh.held)
}
