package bot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/senderauth"
	"mfabot/store"
	"mfabot/store/nearby"
)

// Open finds the database of the settings as a command needs it, and puts the bot together, with the clock of
// the settings. If the bot is to run, every mailbox must be able to prove its senders, nobody else may read the
// secrets and the database, it is the only one that runs on it (a nearby.LockedError says who does otherwise), and
// the operator is told of seals that were removed. The caller closes it.
func Open(ctx context.Context, s *config.Settings, n Need, log *slog.Logger) (*Bot, error) {
	if n == Verified {
		if err := errors.Join(s.CheckTrust(), s.CheckSecrets()); err != nil {
			return nil, err
		}
		warn(s, log)
	}
	lock, err := lockFor(s, n)
	if err != nil {
		return nil, err
	}
	if lock == nil { // a server's is the Store's
		return openLocked(ctx, s, n, log)
	}
	open := openLocked
	if n == Verified {
		open = openRestored
	}
	b, err := open(ctx, s, n, log)
	if err != nil || n != Verified {
		return b, errors.Join(err, lock.Release())
	}
	b.lock = lock
	return b, nil
}

// openRestored is openLocked for run, once a restore of the database that was cut short is done. Whoever runs the bot is told of
// what was restored.
func openRestored(ctx context.Context, s *config.Settings, n Need, log *slog.Logger) (*Bot, error) {
	done, cut, err := backups.Finish(s)
	if err != nil {
		return nil, err
	}
	if cut {
		log.Warn("a restore of the database was cut short before it had changed anything: the database is that "+
			"of before", "file", s.Database)
	}
	b, err := openLocked(ctx, s, n, log)
	if err != nil || done == nil {
		return b, err
	}
	if err = isMeant(ctx, b, *done); err == nil {
		err = tellRestored(ctx, b, *done)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// isMeant returns an error where the database is not the one that a restore has put there, or where the restore is an earlier one,
// whose note somebody has kept: it goes back from what was noted beside the key then, and from nothing that was since.
func isMeant(ctx context.Context, b *Bot, r backups.Restored) error {
	had := []*store.Noted{r.Meant}
	if n := b.key.Noted; n != nil && (r.Over == nil || b.key.SealOf(*n) != b.key.SealOf(*r.Over)) {
		had = append(had, n)
	}
	for _, n := range had {
		if n == nil {
			continue
		}
		short, err := b.Store.ShortOf(ctx, *n)
		if err != nil {
			return err
		}
		if short != nil {
			return fmt.Errorf("the database %s is not the one that the restore of %s put there: %s. Give the command again: mfabot "+
				"restore FILE. If you restored nothing, see who can write to it, and remove the note %s.restore",
				b.Settings.Database, r.From, shortBy(b.Service.Moment, *n, short), b.Settings.Database)
		}
	}
	return nil
}

// tellRestored puts on record that a backup has taken the database's place, and tells the operator what is left to do.
func tellRestored(ctx context.Context, b *Bot, r backups.Restored) error {
	lines := r.Lines(b.Service.Moment)
	b.log.Warn("a backup has taken the place of the database", "file", r.From, "as_of", r.AsOf, "before", r.Aside,
		"finished_now", r.CutShort,
		"messages", r.Messages, "requests", r.Requests, "active", r.Active)
	if kept := r.Kept(); kept != "" {
		lines = append(lines, kept)
	}
	err := b.Store.Update(ctx, func(tx *store.Tx) error {
		now := b.Clock()
		err := tx.Record(ctx, intake.HistoryEntry{At: now, Event: intake.EventRestored,
			Text: fmt.Sprintf("from %s, which is as of %s", r.From, b.Service.Moment(r.AsOf))})
		if err != nil {
			return err
		}
		return b.Outbox.Alert(ctx, letters(tx, now), intake.AlertRestore, outbox.Cause{}.Do(r.Steps()...),
			"A backup has taken the place of the database", append([]string{"Backup: " + r.From}, lines...)...)
	})
	if err != nil {
		return err
	}
	n, err := b.Store.NewestEntry(ctx)
	if err != nil {
		return err
	}
	if b.key.Noted = n; n != nil {
		if err := config.WriteNoted(b.Settings.KeyFile(), *n); err != nil {
			b.log.Warn("it cannot be noted how far the restored database has come", "err", err)
		}
	}
	return backups.Told(b.Settings.Database)
}

// openLocked is Open with the lock that it takes.
func openLocked(ctx context.Context, s *config.Settings, n Need, log *slog.Logger) (*Bot, error) {
	if err := findDatabase(ctx, s, n, log); err != nil {
		return nil, err
	}
	begun := time.Now()
	b, err := newFor(ctx, s, Surroundings{Clock: s.Now, Log: log, Elapsed: func() time.Duration { return time.Since(begun) }}, n)
	if err == nil && n == Verified && b.unsealed {
		err = b.Outbox.AlertOperator(ctx, intake.AlertAudit, outbox.Cause{}.Do("`mfabot audit verify` tells more."),
			"The seals of the audit are gone",
			"The audit was sealed before, and no seal is in the database "+s.Database+" any more: "+
				"somebody has changed it, or it is from a backup of before the audit was sealed.",
			"What it says of the time until now is not to be trusted.")
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}
	return b, ExplainedFor(s, n, permitted(s, err))
}

// lockFor takes the lock on a database in a file that a command needs: run's, for as long as it runs, and that of a command which
// creates the database, for so long. It returns nil for others, and where there is no folder for the database,
// which findDatabase explains.
func lockFor(s *config.Settings, n Need) (*nearby.Lock, error) {
	if s.Server != nil || n != Verified && !(n == OrNew && !exists(s.Database)) {
		return nil, nil
	}
	lock, err := nearby.TakeLock(s.Database, holder(s))
	var held *nearby.LockedError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.As(err, &held) && n == OrNew:
		return nil, fmt.Errorf("%w\nit is creating the database: run the command again", err)
	case errors.As(err, &held):
		return nil, occupied(err)
	}
	return lock, permitted(s, err)
}

// holder is what this process calls itself where it has the lock on the database.
func holder(s *config.Settings) string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed machine"
	}
	return fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, s.Now().In(s.Policy.Zone).Format("2 January 2006, 15:04:05 MST"))
}

// occupied says what to do where another bot runs on the database.
func occupied(err error) error {
	return fmt.Errorf("%w\nstop that one first, or leave the work to it; "+
		"queue, grant, decide and the other commands work beside it", err)
}

// logStart logs what is started, with which database, and whom it believes in which mailbox.
func logStart(log *slog.Logger, what string, s *config.Settings) {
	var boxes []any
	for _, m := range s.Mailboxes {
		boxes = append(boxes, slog.String(m.Name, fmt.Sprintf("%s at %s (%s), login by %s; who wrote is proven by %s", m.Username, m.Addr,
			m.Security, loginBy(m.Password != nil, m.Token != nil), trusted(m.Trust))))
	}
	directory := "none"
	if s.Directory != nil {
		directory = strings.TrimPrefix(fmt.Sprintf("%T", s.Directory), "*directory.")
	}
	log.Info(what, "version", Version(), "config", s.File, "database", s.Database, slog.Group("mailboxes", boxes...),
		"submission", fmt.Sprintf("%s at %s (%s), login by %s", s.Submission.Username, s.Submission.Addr, s.Submission.Security,
			loginBy(s.Submission.Password != nil, s.Submission.Token != nil)),
		"directory", directory, "sites", s.Sites.Len(), "reviewers", len(s.Reviewers))
}

// loginBy says how it is logged in.
func loginBy(password, token bool) string {
	switch {
	case token:
		return "token"
	case password:
		return "password"
	}
	return "nothing"
}

// trusted says what proves who wrote.
func trusted(t senderauth.Trust) string {
	var by []string
	if t.AuthservID != "" {
		by = append(by, "authserv_id "+t.AuthservID)
	}
	if t.ExchangeOnline {
		by = append(by, "exchange_online for "+strings.Join(t.TenantDomains, " and "))
	}
	if t.DKIM {
		by = append(by, "dkim")
	}
	if t.AllowUnauthenticated {
		by = append(by, "nothing: everybody is believed")
	}
	if len(t.Aligned) > 0 {
		by = append(by, "also of "+strings.Join(t.Aligned, " and "))
	}
	if len(by) == 0 {
		return "nothing: nobody is believed"
	}
	return strings.Join(by, ", ")
}

// warn logs loudly what is only for tests, or may be meant otherwise.
func warn(s *config.Settings, log *slog.Logger) {
	for _, m := range s.Mailboxes {
		if m.Trust.AllowUnauthenticated {
			log.Warn("THIS MAILBOX BELIEVES EVERY SENDER (allow_unauthenticated = true): anybody can approve", "mailbox", m.Name)
		}
	}
	if s.Service.ListensOutside() {
		log.Warn("OTHER MACHINES REACH /healthz AND /metrics (service.listen), where nobody logs in", "listen", s.Service.Listen)
	}
	if s.Trial != nil {
		log.Warn("THIS IS A TRIAL: all letters go to the operator, but those to whom trial.only names", "only", s.Trial.Only)
	}
	if s.ClockOffset != 0 {
		log.Warn("THE CLOCK IS MOVED (testing.clock_offset)", "by", s.ClockOffset)
	}
}
