package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/intake/senderauth"
	"mfabot/notify"
	"mfabot/parser"
	"mfabot/store"
	"mfabot/templates"
)

// bot is all the parts, put together. Each of its loops is made of steps that
// can be driven one at a time.
type bot struct {
	settings *settings
	store    *store.Store
	intake   *intake.Intake
	composer *notify.Composer
	parts    *parts
	watchers []*mailbox.Watcher
	sender   *notify.Sender
	clock    func() time.Time
	log      *slog.Logger
	nudge    chan struct{} // there may be letters to send
	pulse    pulse
	troubles troubles
	unsealed bool // the seals of the audit were taken away before the start
}

// newBot opens the database and puts the parts together. The caller closes it.
func newBot(ctx context.Context, s *settings, clock func() time.Time, log *slog.Logger) (*bot, error) {
	set := s.emails
	if set == nil {
		var err error
		if set, err = templates.New(s.Policy.Zone); err != nil {
			return nil, err
		}
	}
	db, err := openStore(ctx, s)
	if err != nil {
		return nil, err
	}
	key, err := loadKey(s.keyFile())
	if err == nil {
		err = seal(ctx, db, key, s.keyFile())
	}
	unsealed := errors.Is(err, store.ErrSealsGone)
	if unsealed {
		log.Error("see `mfabot audit verify`", "err", err)
	} else if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b := &bot{settings: s, store: db, unsealed: unsealed, clock: clock, log: log, nudge: make(chan struct{}, 1), troubles: troubles{log: log}}
	c := intake.Config{Policy: s.Policy, Holidays: s.Holidays, Sites: s.Sites, Reviewers: s.Reviewers, Mailboxes: make(map[string]intake.Mailbox),
		Address: s.Service.Address, Operator: s.Service.Operator, Auditor: s.Service.Auditor, Instance: db.Instance(), Key: key.Secret, Scanner: s.Scanner, Directory: s.Directory, Clock: clock, Random: s.random, Log: log}
	dns := resolver(s.Service.Resolver)
	for _, w := range s.Mailboxes {
		c.Mailboxes[w.Name] = intake.Mailbox{Address: intake.Canonical(w.Username), Site: w.Site, Judge: senderauth.New(w.Trust, dns)}
	}
	b.intake = intake.New(c, db)
	for _, w := range s.Mailboxes {
		cfg := w.Config
		cfg.Now, cfg.Log, cfg.Batch, cfg.Final = clock, log, readBatch, broken
		b.watchers = append(b.watchers, mailbox.New(cfg, &nudging{b.intake, b, "mailbox " + w.Name}))
	}
	b.parts = &parts{store: db}
	b.composer = notify.NewComposer(set, notify.Service{Name: s.Service.Name, Address: s.Service.Address, PlusAddress: s.Service.PlusAddress, Instance: db.Instance(),
		Policy: s.Policy.Name, Telephone: s.Policy.Telephone, Authenticator: s.Policy.Authenticator}, b.parts)
	b.sender = notify.NewSender(queue{db, b.intake}, b.composer, s.Submission, clock, log)
	return b, nil
}

func openStore(ctx context.Context, s *settings) (db *store.Store, err error) {
	if s.disk != nil {
		db, err = store.OpenWith(ctx, s.Database, s.disk)
	} else {
		db, err = store.Open(ctx, s.Database)
	}
	if err == nil && s.Key != nil {
		db.UseKey(s.Key)
	}
	return db, err
}

// readBatch is how many messages are fetched, committed and filed at once: enough
// to hide the way to the server and the disk.
const readBatch = 200

// Close ends the connections and closes the database. That a server has gone
// already is no failure then.
func (b *bot) Close() error {
	if err := b.sender.Close(); err != nil {
		b.log.Debug("leaving the submission server", "err", err)
	}
	var errs []error
	for _, w := range b.watchers {
		errs = append(errs, w.Close())
	}
	return errors.Join(append(errs, b.store.Close())...)
}

// nudging tells the sender's loop when a batch may have left letters to send, and
// notes when one cannot be put on record.
type nudging struct {
	*intake.Intake
	bot  *bot
	name string
}

// Unknown is Intake's; where nothing is left to put on record, that is no trouble.
func (n *nudging) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	unknown, err := n.Intake.Unknown(ctx, mailbox, uidValidity, uids)
	if err != nil || len(unknown) == 0 {
		n.bot.troubles.note(n.name, err)
	}
	return unknown, err
}

// Take is Intake's, and then the nudge.
func (n *nudging) Take(ctx context.Context, batch []intake.Arrival) ([]intake.Filing, error) {
	filings, err := n.Intake.Take(ctx, batch)
	n.bot.troubles.note(n.name, err)
	select {
	case n.bot.nudge <- struct{}{}:
	default:
	}
	return filings, err
}

// parts gives letters the content of the evidence that they attach.
type parts struct {
	store  *store.Store
	broken error // by which the database showed itself to be broken
}

// Evidence writes the decoded content of one part of a stored message. Where that is
// encrypted to a key that is not there, no later attempt can mend it.
func (p *parts) Evidence(ctx context.Context, inboundID int64, part string, w io.Writer) error {
	err := p.extract(ctx, inboundID, part, w)
	if broken(err) {
		p.broken = err // the sender takes no fault for final, but for what a server says
	}
	if errors.Is(err, store.ErrKey) {
		return fmt.Errorf("%w: %w", notify.ErrUnsendable, err)
	}
	return err
}

func (p *parts) extract(ctx context.Context, inboundID int64, part string, w io.Writer) (err error) {
	raw, err := p.store.Raw(ctx, inboundID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	return parser.Extract(raw, part, w)
}

// queue is the outbound messages, as they are stored and as the domain gives up.
type queue struct {
	*store.Store
	intake *intake.Intake
}

// Due returns the messages whose time has come, with the codes that they bring, and
// with what the directory says now.
func (q queue) Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error) {
	due, err := q.Store.Due(ctx, now, limit)
	for i := range due {
		if err == nil {
			due[i], err = q.intake.WithDirectory(ctx, q.intake.WithCode(due[i]))
		}
	}
	return due, err
}

// Retry puts a message back until due.
func (q queue) Retry(ctx context.Context, id int64, due time.Time, lastError string) error {
	return q.Store.Retry(ctx, id, due, intake.MaskCodes(lastError))
}

// Fail records that a message is given up, and tells the operator.
func (q queue) Fail(ctx context.Context, id int64, _ time.Time, lastError string) error {
	return q.intake.GiveUp(ctx, id, lastError)
}

// settle steps every part until nothing is left to do now. A part that fails is
// left alone, and the others go on; what failed is returned at the end, or at once
// where the database is broken.
func (b *bot) settle(ctx context.Context) error {
	steps := []func(context.Context) (int, error){b.intake.Sweep, b.intake.Night}
	for _, w := range b.watchers {
		steps = append(steps, w.Step)
	}
	steps = append(steps, b.enforce, b.send)
	failed := make([]error, len(steps))
	for {
		n := 0
		for i, step := range steps {
			if failed[i] == nil {
				var done int
				done, failed[i] = step(ctx)
				n += done
				if broken(failed[i]) {
					return failed[i]
				}
			}
		}
		if n == 0 {
			return errors.Join(failed...)
		}
	}
}

// enforce is one step of what the directory is told, and of what it is compared by.
func (b *bot) enforce(ctx context.Context) (int, error) {
	n, err := b.intake.Enforce(ctx, "")
	if err == nil {
		err = b.intake.CompareDaily(ctx)
	}
	return n, err
}

// send is one step of the sender, once the rate allows it.
func (b *bot) send(ctx context.Context) (int, error) {
	if err := wait(ctx, b.sender.NextAt().Sub(b.clock()), nil); err != nil {
		return 0, err
	}
	n, err := b.sender.Step(ctx)
	if b.parts.broken != nil {
		err = b.parts.broken
	}
	return n, err
}

// How often each loop looks, when nothing tells it to look sooner.
const (
	readEvery  = time.Minute
	sweepEvery = 30 * time.Second
	sendEvery  = 5 * time.Second
	purgeEvery = time.Minute
)

// run runs every loop until ctx ends or the database is broken, and waits for them.
func (b *bot) run(ctx context.Context) error {
	b.log.Info("running", "mailboxes", len(b.watchers))
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range b.watchers {
		g.Go(func() error { return w.Run(ctx, readEvery, mailbox.Backoff{Min: time.Second, Max: 5 * time.Minute}) })
	}
	if addr := b.settings.Service.Listen; addr != "" {
		g.Go(func() error { return b.listen(ctx, addr) })
	}
	g.Go(func() error { return b.tellSystemd(ctx) })
	g.Go(func() error { return b.watchSites(ctx) })
	g.Go(func() error { return b.loop(ctx, "sweep", sweepEvery, nil, b.intake.Sweep) })
	g.Go(func() error { return b.loop(ctx, "directory", sendEvery, nil, b.enforce) })
	g.Go(func() error { return b.loop(ctx, "purge", purgeEvery, nil, b.intake.Night) })
	g.Go(func() error { return b.loop(ctx, "send", sendEvery, b.nudge, b.send) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("run: %w", err)
	}
	return nil
}

// loop steps until nothing is left, then waits for the nudge or for every. A
// step that fails is logged and tried again after the wait, unless the database is
// broken: that is returned.
func (b *bot) loop(ctx context.Context, name string, every time.Duration, nudge <-chan struct{}, step func(context.Context) (int, error)) error {
	for {
		b.pulse.beat(name)
		n, err := step(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.troubles.note(name, err)
		if broken(err) {
			return err
		}
		if n > 0 && err == nil {
			continue
		}
		sooner := nudge
		if err != nil {
			b.log.Warn(name+" failed", "err", err, "again_in", every)
			sooner = nil
		}
		if err := wait(ctx, every, sooner); err != nil {
			return err
		}
	}
}

// wait waits for d, for the nudge, or for the end of ctx, which is its error.
func wait(ctx context.Context, d time.Duration, nudge <-chan struct{}) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-nudge:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
