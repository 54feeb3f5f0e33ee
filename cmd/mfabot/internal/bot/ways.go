package bot

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

// submission names the submission server among the ways.
const submission = "submission"

// way is something that mail comes or goes by, as it is now.
type way struct {
	name  string
	email func(ctx context.Context, w intake.Way) error // tells the operator, by whichever way still works
	look  func() (since time.Time, why string, known bool)
}

// lookout watches the ways by which mail comes and goes.
type lookout struct {
	bot    *Bot
	ways   []way
	status string // that the service manager was told last
}

func newLookout(b *Bot) *lookout { return &lookout{bot: b, ways: waysOf(b)} }

// waysOf are the submission server and the mailboxes.
func waysOf(b *Bot) []way {
	all := []way{{submission,
		func(ctx context.Context, w intake.Way) error { return outbox.Stopped(ctx, b.Outbox, w.Why) }, b.Sender.Trouble}}
	for i, m := range b.Settings.Mailboxes {
		watcher := b.Watchers[i]
		all = append(all, way{"mailbox " + m.Name,
			func(ctx context.Context, w intake.Way) error { return outbox.Unread(ctx, b.Outbox, i+1, w) },
			func() (since time.Time, why string, known bool) {
				read, err := watcher.LastRead(), watcher.Trouble()
				switch {
				case err == nil:
					return time.Time{}, "", !read.IsZero()
				case read.IsZero():
					read = b.Clock()
				}
				return read, err.Error(), true
			}})
	}
	return all
}

// step puts on record what does not work and since when, and alarms the operator of what has not for long: by an
// email, and by the ways that are configured for that. It returns how many alarms it gave.
func (l *lookout) step(ctx context.Context) (told int, err error) {
	stored, err := l.bot.Store.Ways(ctx)
	if err != nil {
		return 0, err
	}
	broken := make(map[string]intake.Way)
	for _, w := range stored {
		broken[w.Name] = w
	}
	for _, way := range l.ways {
		n, err := l.watch(ctx, way, broken)
		if told += n; err != nil {
			return told, err
		}
	}
	l.tellStatus(broken)
	return told, nil
}

// watch is step for one, and keeps broken up to date.
func (l *lookout) watch(ctx context.Context, way way, broken map[string]intake.Way) (told int, err error) {
	now := l.bot.Clock()
	since, why, known := way.look()
	w, was := broken[way.name]
	ahead := w.Since.After(now) // by a clock that was: nobody knows since when
	if ahead {
		w.Since = now
	}
	switch {
	case known && since.IsZero() && was:
		return 0, l.works(ctx, w, broken)
	case known && !since.IsZero() && !was:
		w = intake.Way{Name: way.name, Since: since}
		fallthrough
	case was && (ahead || w.IsDue(now)), was && known && why != w.Why:
		if known {
			w.Why = why
		}
		if w.IsDue(now) {
			if err := l.alarm(ctx, way, w); err != nil {
				return 0, err
			}
			told, w.Told = 1, now
		}
		broken[way.name] = w
		return told, l.bot.Store.Update(ctx, func(tx *store.Tx) error { return tx.Broken(ctx, w) })
	}
	return 0, nil
}

// works puts on record that a way works again, and says so where there was an alarm.
func (l *lookout) works(ctx context.Context, w intake.Way, broken map[string]intake.Way) error {
	if !w.Told.IsZero() {
		l.bot.log.Info("works again", "what", w.Name, "since", w.Since)
		if err := raise(ctx, l.bot.Settings.Alarm, alarmOf(l.bot.Settings, w, "works", l.bot.Clock())); err != nil {
			l.bot.log.Error("the alarm could not be ended", "err", err)
		}
	}
	delete(broken, w.Name)
	return l.bot.Store.Update(ctx, func(tx *store.Tx) error { return tx.Works(ctx, w.Name) })
}

// alarm alarms the operator. What cannot be told by the configured way is told again the next time; the email is written
// once a day at most.
func (l *lookout) alarm(ctx context.Context, way way, w intake.Way) error {
	l.bot.log.Error("has not worked for long", "what", w.Name, "since", w.Since, "why", w.Why)
	if err := way.email(ctx, w); err != nil {
		return err
	}
	return raise(ctx, l.bot.Settings.Alarm, alarmOf(l.bot.Settings, w, "broken", l.bot.Clock()))
}

// tellStatus tells the service manager what does not work.
func (l *lookout) tellStatus(broken map[string]intake.Way) {
	status := "STATUS="
	for _, way := range l.ways {
		if w, is := broken[way.name]; is && l.bot.Clock().Sub(w.Since) >= intake.AlarmAfter {
			status += way.name + " has not worked since " + w.Since.UTC().Format(time.RFC3339) + ". "
		}
	}
	if status == l.status {
		return
	}
	if _, err := daemon.SdNotify(false, status); err != nil {
		l.bot.log.Warn("the service manager cannot be told", "err", err)
	}
	l.status = status
}
