package bot

import (
	"context"
	"errors"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/enforce"
)

// The directory is asked for one account when nothing else was asked of it for so long, or sooner where it failed, so that it is
// known whether it answers before an exception has to end.
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
