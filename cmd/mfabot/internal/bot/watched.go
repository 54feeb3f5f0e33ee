package bot

import (
	"context"
	"errors"
	"io"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/enforce"
	"mfabot/intake/inbound"
)

// What is used only now and then is tried when it was not for so long, or sooner where it failed: so it is known whether the
// directory answers before an exception has to end, and the virus scanner before evidence comes.
const (
	askedEvery   = time.Hour
	failedEvery  = 5 * time.Minute
	answerWithin = time.Minute
)

// watchedDirectory is a directory of which it is known whether it answers.
type watchedDirectory struct {
	enforce.Directory
	clock   func() time.Time
	address string // our own, which is asked for
	health  intake.Health
	counts  *counters
}

// note notes how a call ended. What the directory refuses of one user is an answer, and says nothing of the rest.
func (d *watchedDirectory) note(ctx context.Context, operation string, begun time.Time, err error) {
	well := err == nil || errors.Is(err, intake.ErrNoAccount)
	d.counts.directoryAnswered(operation, time.Since(begun), well)
	var says interface{ Temporary() bool }
	switch {
	case well:
		d.health.Works(d.clock())
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
	case errors.As(err, &says) && !says.Temporary():
	default:
		d.health.Fails(d.clock(), err.Error())
	}
}

// Apply is that of the directory.
func (d *watchedDirectory) Apply(ctx context.Context, user string) (id string, err error) {
	defer func(begun time.Time) { d.note(ctx, "apply", begun, err) }(time.Now())
	return d.Directory.Apply(ctx, user)
}

// Remove is that of the directory.
func (d *watchedDirectory) Remove(ctx context.Context, user string) (err error) {
	defer func(begun time.Time) { d.note(ctx, "remove", begun, err) }(time.Now())
	return d.Directory.Remove(ctx, user)
}

// Account is that of the directory.
func (d *watchedDirectory) Account(ctx context.Context, user string) (a intake.Account, err error) {
	defer func(begun time.Time) { d.note(ctx, "account", begun, err) }(time.Now())
	return d.Directory.Account(ctx, user)
}

// Names is that of the directory.
func (d *watchedDirectory) Names(ctx context.Context, user string) (names []string, err error) {
	defer func(begun time.Time) { d.note(ctx, "names", begun, err) }(time.Now())
	return d.Directory.Names(ctx, user)
}

// Groups is that of the directory.
func (d *watchedDirectory) Groups(ctx context.Context, user string) (groups []string, err error) {
	defer func(begun time.Time) { d.note(ctx, "groups", begun, err) }(time.Now())
	return d.Directory.Groups(ctx, user)
}

// Members is that of the directory.
func (d *watchedDirectory) Members(ctx context.Context) (members []intake.Member, err error) {
	defer func(begun time.Time) { d.note(ctx, "members", begun, err) }(time.Now())
	return d.Directory.Members(ctx)
}

// Expel is that of the directory.
func (d *watchedDirectory) Expel(ctx context.Context, id string) (err error) {
	defer func(begun time.Time) { d.note(ctx, "expel", begun, err) }(time.Now())
	return d.Directory.Expel(ctx, id)
}

// watched is the directory of the settings; nil if there is none.
func watched(s *config.Settings, clock func() time.Time, counts *counters) *watchedDirectory {
	if s.Directory == nil {
		return nil
	}
	return &watchedDirectory{Directory: s.Directory, clock: clock, address: s.Service.Address, counts: counts}
}

// ask asks for our own account where nothing is known of the directory, whether or not there is one: here any error says
// that it does not do what it should.
func (d *watchedDirectory) ask(ctx context.Context) {
	now := d.clock()
	if !d.health.State().IsStale(now, askedEvery, failedEvery) {
		return
	}
	within, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	_, err := d.Account(within, d.address)
	if err != nil && !errors.Is(err, intake.ErrNoAccount) && ctx.Err() == nil {
		d.health.Fails(now, err.Error())
	}
}

// watchedScanner is a virus scanner of which it is known whether it answers.
type watchedScanner struct {
	inbound.Scanner
	clock  func() time.Time
	health intake.Health
}

// watchedScans is the virus scanner of the settings; nil if there is none.
func watchedScans(s *config.Settings, clock func() time.Time) *watchedScanner {
	if s.Scanner == nil {
		return nil
	}
	return &watchedScanner{Scanner: s.Scanner, clock: clock}
}

// Scan is that of the scanner. What it says of one file is an answer.
func (w *watchedScanner) Scan(ctx context.Context, content func(io.Writer) error) (virus string, err error) {
	virus, err = w.Scanner.Scan(ctx, content)
	switch {
	case err == nil || errors.Is(err, intake.ErrNotScanned):
		w.health.Works(w.clock())
	case ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded):
		w.health.Fails(w.clock(), err.Error())
	}
	return virus, err
}

// ask has a few bytes scanned where nothing is known of the scanner.
func (w *watchedScanner) ask(ctx context.Context) {
	if !w.health.State().IsStale(w.clock(), askedEvery, failedEvery) {
		return
	}
	within, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	// Its answer is on record in its health.
	_, _ = w.Scan(within, func(out io.Writer) error { _, err := io.WriteString(out, "mfabot"); return err })
}
