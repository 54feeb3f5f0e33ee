// Package bot puts the parts of mfabot together on one database and the configured mailboxes, and runs them:
// New is the wiring, Run the loops, Settle the same work one step at a time. It also opens the database for
// commands, answers health checks and scrapes, and talks to systemd.
package bot

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/notify"
	"mfabot/store"
	"mfabot/store/nearby"
	"mfabot/templates"
)

// Bot is all the parts, put together. Its loops consist of steps that can also be driven one at a time.
type Bot struct {
	Settings *config.Settings
	Store    *store.Store
	*Domain
	Composer    *notify.Composer
	Attachments *Attachments
	Watchers    []*mailbox.Watcher
	Sender      *notify.Sender
	Clock       func() time.Time
	log         *slog.Logger
	nudge       chan struct{} // there may be letters to send
	pulse       pulse
	troubles    troubles
	room        room
	written     intake.Health // the database
	lookout     *lookout
	backups     *backups.Schedule // nil where it makes none
	waiting     []*waitingMail    // in each mailbox
	gauge       readingShown
	counters    *counters
	expiries    expiries
	unsealed    bool // the seals of the audit were removed before the start
	key         store.SealKey
	seals       seals
	clock       clockWatch
	lock        *nearby.Lock // nil unless it runs
}

// Surroundings are what a bot finds around it. Clock and Log are required. The other fields let a test
// replace the usual, which nil stands for.
type Surroundings struct {
	Clock  func() time.Time
	Log    *slog.Logger
	Disk   driver.Driver  // under the database
	Random io.Reader      // the source of review codes and Message-IDs
	Emails *templates.Set // parsed already
	// Elapsed is how long the bot has run, by no clock that can be set; nil if that is not known.
	Elapsed func() time.Duration
	// Space measures the disk under the database, in bytes.
	Space func() (free, total int64, err error)
}

// New opens the database and puts the parts together. The caller closes it.
func New(ctx context.Context, s *config.Settings, around Surroundings) (*Bot, error) {
	return newFor(ctx, s, around, Verified)
}

// newFor is New for a command that may need less of the database.
func newFor(ctx context.Context, s *config.Settings, around Surroundings, n Need) (*Bot, error) {
	clock, log := around.Clock, around.Log
	set := around.Emails
	if set == nil {
		var err error
		if set, err = emailsFor(s, n); err != nil {
			return nil, err
		}
	}
	if n == OrNew && s.Server == nil && exists(s.Database) {
		n = Existing
	}
	db, err := openDatabase(ctx, s, around, n)
	if err != nil {
		return nil, err
	}
	if n != Looking {
		beside, err := db.CheckSchema(ctx)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		if len(beside) > 0 && n == Verified {
			log.Warn("the database has tables or indexes that are not mfabot's", "what", strings.Join(beside, ", "))
		}
	}
	key, err := keyOf(ctx, s, db, n, clock())
	unsealed := errors.Is(err, store.ErrSealsGone)
	if unsealed {
		log.Error("see `mfabot audit verify`", "err", err)
	} else if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b := &Bot{Settings: s, Store: db, unsealed: unsealed, key: key, Clock: clock, log: log, nudge: make(chan struct{}, 1),
		troubles: troubles{log: log}, room: room{space: around.Space}, counters: newCounters(),
		clock: clockWatch{elapsed: around.Elapsed, begun: clock(), started: time.Now()}}
	if b.room.space == nil && s.Server == nil {
		b.room.space = SpaceOf(s.Database)
	}
	typist := ""
	if n != Verified {
		typist = typedBy()
	}
	db.Command, db.Counts = typist, counting(context.WithoutCancel(ctx), b)
	b.Domain = newDomain(s, db, key, around, typist, b)
	if err := begin(ctx, b, n); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	watchMailboxes(b)
	b.Attachments = NewAttachments(db)
	b.Composer = notify.NewComposer(set, introduced(s, db.Instance()), b.Attachments)
	to := s.Submission
	to.Heard, to.TLS = greeted(b, submission), b.expiries.seen(submission, to.Security, to.TLS)
	b.Sender = notify.NewSender(queue{db, b.Domain}, b.Composer, to, clock, log)
	b.backups = backups.NewSchedule(s, clock, log)
	b.lookout = newLookout(b)
	return b, nil
}

// watchMailboxes adds a watcher of each mailbox.
func watchMailboxes(b *Bot) {
	for _, w := range b.Settings.Mailboxes {
		name := "mailbox " + w.Name
		cfg := w.Config
		cfg.Now, cfg.Log, cfg.Batch, cfg.Final, cfg.Heard = b.Clock, b.log, readBatch, broken, greeted(b, name)
		cfg.TLS = b.expiries.seen(name, cfg.Security, cfg.TLS)
		r := &recorder{Inbox: b.Inbox, bot: b, name: name}
		b.waiting = append(b.waiting, &r.waiting)
		b.Watchers = append(b.Watchers, mailbox.New(cfg, r))
	}
}

// introduced is what letters say of the service.
func introduced(s *config.Settings, instance string) notify.Service {
	return notify.Service{Name: s.Service.Name, Address: s.Service.Address, Operator: s.Service.Operator,
		PlusAddress: s.Service.PlusAddress, Instance: instance, Policy: s.Policy.Name, Telephone: s.Policy.Telephone,
		Hours: s.Policy.Hours, Relay: s.Policy.Relay, OtherMethods: s.Policy.OtherMethods, Authenticator: s.Policy.Authenticator,
		ShortHours: wholeHours(s.Policy.ShortTerm.Duration), Calendar: s.Policy.Calendar, Welsh: s.Policy.Welsh, Trial: s.Trial,
		Logo: s.Policy.Look.Logo, Privacy: s.Policy.Look.Privacy, PrivacyPage: s.Policy.Look.PrivacyPage, Footer: s.Policy.Look.Footer}
}

// wholeHours is how many hours a time is; 0 where that is no whole number.
func wholeHours(d time.Duration) int {
	if d%time.Hour != 0 {
		return 0
	}
	return int(d / time.Hour)
}

// begin looks at what is remembered of earlier starts. If the bot is to run, each mailbox is read from now on, even if it
// cannot be looked at for days.
func begin(ctx context.Context, b *Bot, n Need) error {
	if err := doubtSites(ctx, b); err != nil || n != Verified {
		return err
	}
	if err := startSites(ctx, b); err != nil {
		return err
	}
	for _, m := range b.Settings.Mailboxes {
		if _, err := b.Inbox.Period(ctx, m.Name); err != nil {
			return err
		}
	}
	return nil
}

// keyOf reads the key of a database, and seals the audit and the rows with it. For a command that only looks it makes
// no key and no seal: without a key there are no codes. It returns store.ErrSealsGone if the audit's seals were removed.
func keyOf(ctx context.Context, s *config.Settings, db *store.Store, n Need, now time.Time) (store.SealKey, error) {
	if n == Looking {
		key, err := follow(ctx, s, db)
		if err == nil && key.Used { // so that there is nothing left to seal
			err = db.Seal(ctx, key)
		}
		return key, err
	}
	if sealed, err := db.Sealed(ctx); err != nil || sealed && !exists(s.KeyFile()) {
		return store.SealKey{}, errors.Join(err, s.WrongKey(fs.ErrNotExist))
	}
	key, err := config.LoadKey(s.KeyFile())
	if err == nil {
		err = seal(ctx, s, db, key, n, now)
	}
	return key, err
}

// follow reads the key of a database for somebody who only looks, and has the rows checked with it. Without a key none is.
func follow(ctx context.Context, s *config.Settings, db *store.Store) (store.SealKey, error) {
	key, err := config.ReadKey(s.KeyFile())
	if errors.Is(err, fs.ErrNotExist) {
		return key, nil
	}
	if err == nil {
		_, err = db.FollowSeals(ctx, key)
	}
	return key, permitted(s, s.WrongKey(err))
}

// seal seals the audit and the rows with the key, which the key's file says from before the rows are. It returns
// store.ErrSealsGone if the audit's seals were removed.
func seal(ctx context.Context, s *config.Settings, db *store.Store, key store.SealKey, n Need, now time.Time) error {
	gone := db.Seal(ctx, key)
	if gone != nil && !errors.Is(gone, store.ErrSealsGone) {
		return gone
	}
	sealed, err := db.FollowSeals(ctx, key)
	switch {
	case err != nil:
	case sealed && !key.Rows:
		// Nothing is sealed again for want of the mark, as long as it cannot be set.
		if err = config.MarkSealed(s.KeyFile(), ""); errors.Is(err, config.ErrUnmarked) {
			err = nil
		}
	case sealed:
	case n == Existing:
		err = sealAlone(ctx, s, db, now)
	default:
		err = sealRows(ctx, s, db, key, now)
	}
	return cmp.Or(s.WrongKey(err), gone)
}

// sealRows seals the rows, for whoever has the lock.
func sealRows(ctx context.Context, s *config.Settings, db *store.Store, key store.SealKey, now time.Time) error {
	return db.SealRows(ctx, key, now, func(content string) error { return config.MarkSealed(s.KeyFile(), content) })
}

// errSealing is what a command says beside a bot that seals the rows.
var errSealing = errors.New("what mfabot acts on is being sealed: run the command again once that is done")

// sealAlone seals the rows for a command that works beside run, which may have begun with it.
func sealAlone(ctx context.Context, s *config.Settings, db *store.Store, now time.Time) error {
	lock, err := lockFor(s, Verified)
	var held *nearby.LockedError
	if errors.As(err, &held) {
		return errSealing
	}
	if err != nil {
		return err
	}
	key, err := config.ReadKey(s.KeyFile())
	if err == nil {
		err = sealRows(ctx, s, db, key, now)
	}
	return errors.Join(err, lock.Release())
}

// readBatch is how many messages are fetched, committed and filed at once: enough to hide the latency of the
// server and the disk.
const readBatch = 200

// Close ends the connections and closes the database. A submission server that has already gone does not make
// it fail.
func (b *Bot) Close() error {
	errs := []error{b.Sender.Close()}
	for _, w := range b.Watchers {
		errs = append(errs, w.Close())
	}
	errs = append(errs, b.Store.Close())
	if b.lock != nil {
		errs = append(errs, b.lock.Release())
	}
	return errors.Join(errs...)
}
