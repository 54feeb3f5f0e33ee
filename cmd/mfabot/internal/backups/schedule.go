package backups

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

// Schedule makes the copies that [backup] asks for, one after the other. Run is its owner; whoever else asks how it is may.
type Schedule struct {
	settings *config.Settings
	folder   Folder
	clock    func() time.Time
	log      *slog.Logger
	health   intake.Health
	again    time.Time // not before, where the last one failed at tried; zero where it did not
	tried    time.Time
}

// NewSchedule is the schedule of the settings; nil where there is none.
func NewSchedule(s *config.Settings, clock func() time.Time, log *slog.Logger) *Schedule {
	if s.Backup == nil {
		return nil
	}
	return &Schedule{settings: s, folder: Folder{Dir: s.Backup.Dir, Keep: s.Backup.Keep}, clock: clock, log: log}
}

const (
	// lookEvery is how often it is looked whether a copy is due.
	lookEvery = time.Minute
	// tryEvery is how soon one that failed is tried again, or as soon as the next is due.
	tryEvery = 15 * time.Minute
)

// Run makes each copy when it is due, until ctx ends. One may take hours.
func (s *Schedule) Run(ctx context.Context) error {
	s.log.Info("the database is copied", "dir", s.folder.Dir, "every", s.settings.Backup.Every, "kept", s.folder.Keep)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		_, _ = s.Step(ctx) // which is logged, and said by State
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Step makes a copy if one is due, and returns how many it made. When the last one was made the folder tells.
func (s *Schedule) Step(ctx context.Context) (n int, err error) {
	now := s.clock()
	if now.Before(s.again) && !s.tried.After(now) {
		return 0, nil
	}
	is, err := store.Identify(ctx, s.settings.Database)
	if err != nil {
		return 0, s.ends(ctx, now, err)
	}
	last, err := s.folder.Newest(is.Instance, now)
	if err == nil && now.Sub(last) < s.settings.Backup.Every {
		if s.health.State().Tried.IsZero() {
			s.health.Works(last)
		}
		return 0, nil
	}
	s.log.Info("backup begins", "dir", s.folder.Dir)
	made, err := s.folder.Make(ctx, s.settings, now)
	if err := s.ends(ctx, now, err); err != nil {
		return 0, err
	}
	s.log.Info("backup made", "file", made.File, "bytes", made.Bytes, "messages", made.Messages, "requests", made.Requests,
		"exceptions", made.Exceptions, "removed", len(made.Pruned), "took", s.clock().Sub(now))
	if made.Unsaid != nil {
		s.log.Warn("the metrics do not say so", "err", made.Unsaid)
	}
	return 1, nil
}

// ends notes how an attempt ended.
func (s *Schedule) ends(ctx context.Context, now time.Time, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.tried, s.again = now, time.Time{}
	if err == nil {
		s.health.Works(s.clock())
		return nil
	}
	s.health.Fails(now, err.Error())
	what, pause := "no backup could be made", min(tryEvery, s.settings.Backup.Every)
	if errors.As(err, new(Faulty)) { // and so will the next one be, until somebody sees to it
		what, pause = "a backup was written that is not good: it is kept beside the good ones", s.settings.Backup.Every
	}
	s.again = now.Add(pause)
	s.log.Error(what, "dir", s.folder.Dir, "err", err, "again_in", pause)
	return err
}

// State is how the last attempts went.
func (s *Schedule) State() intake.HealthState { return s.health.State() }
