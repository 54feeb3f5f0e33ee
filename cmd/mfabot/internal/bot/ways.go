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

// ways are the submission server and the mailboxes.
func (b *Bot) ways() []way {
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

// watchWays puts on record what does not work and since when, and alarms the operator of what has not for long: by an
// email, and by the ways that are configured for that. It returns how many alarms it gave.
func (b *Bot) watchWays(ctx context.Context) (told int, err error) {
	stored, err := b.Store.Ways(ctx)
	if err != nil {
		return 0, err
	}
	broken := make(map[string]intake.Way)
	for _, w := range stored {
		broken[w.Name] = w
	}
	for _, way := range b.ways() {
		n, err := b.watchWay(ctx, way, broken)
		if told += n; err != nil {
			return told, err
		}
	}
	b.tellStatus(broken)
	return told, nil
}

// watchWay is watchWays for one, and keeps broken up to date.
func (b *Bot) watchWay(ctx context.Context, way way, broken map[string]intake.Way) (told int, err error) {
	since, why, known := way.look()
	w, was := broken[way.name]
	switch now := b.Clock(); {
	case known && since.IsZero() && was:
		return 0, b.works(ctx, w, broken)
	case known && !since.IsZero() && !was:
		w = intake.Way{Name: way.name, Since: since}
		fallthrough
	case was && w.IsDue(now), was && known && why != w.Why:
		if known {
			w.Why = why
		}
		if w.IsDue(now) {
			if err := b.alarm(ctx, way, w); err != nil {
				return 0, err
			}
			told, w.Told = 1, now
		}
		broken[way.name] = w
		return told, b.Store.Update(ctx, func(tx *store.Tx) error { return tx.Broken(ctx, w) })
	}
	return 0, nil
}

// works puts on record that a way works again, and says so where there was an alarm.
func (b *Bot) works(ctx context.Context, w intake.Way, broken map[string]intake.Way) error {
	if !w.Told.IsZero() {
		b.log.Info("works again", "what", w.Name, "since", w.Since)
		if err := raise(ctx, b.Settings.Alarm, alarmOf(b.Settings, w, "works", b.Clock())); err != nil {
			b.log.Error("the alarm could not be ended", "err", err)
		}
	}
	delete(broken, w.Name)
	return b.Store.Update(ctx, func(tx *store.Tx) error { return tx.Works(ctx, w.Name) })
}

// alarm alarms the operator. What cannot be told by the configured way is told again the next time; the email is written
// once a day at most.
func (b *Bot) alarm(ctx context.Context, way way, w intake.Way) error {
	b.log.Error("has not worked for long", "what", w.Name, "since", w.Since, "why", w.Why)
	if err := way.email(ctx, w); err != nil {
		return err
	}
	return raise(ctx, b.Settings.Alarm, alarmOf(b.Settings, w, "broken", b.Clock()))
}

// tellStatus tells the service manager what does not work.
func (b *Bot) tellStatus(broken map[string]intake.Way) {
	status := "STATUS="
	for _, way := range b.ways() {
		if w, is := broken[way.name]; is && b.Clock().Sub(w.Since) >= intake.AlarmAfter {
			status += way.name + " has not worked since " + w.Since.UTC().Format(time.RFC3339) + ". "
		}
	}
	if status == b.status {
		return
	}
	if _, err := daemon.SdNotify(false, status); err != nil {
		b.log.Warn("the service manager cannot be told", "err", err)
	}
	b.status = status
}
