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
	look  func(ctx context.Context, stored intake.Way) (state, error)
}

// state is how a way is now.
type state struct {
	since time.Time // when it stopped working; zero if it works
	why   string
	known bool
	doubt bool // it may work again: that is not known yet, and nobody is alarmed
}

// lookout watches the ways by which mail comes and goes.
type lookout struct {
	bot    *Bot
	ways   []way
	looked time.Time // for secrets that end
	status string    // that the service manager was told last
}

func newLookout(b *Bot) *lookout { return &lookout{bot: b, ways: waysOf(b)} }

// waysOf are the submission server, the operator's address and the mailboxes, and what is signed in with.
func waysOf(b *Bot) []way {
	all := []way{{submission,
		func(ctx context.Context, w intake.Way) error { return outbox.Stopped(ctx, b.Outbox, w.Why) },
		func(context.Context, intake.Way) (s state, err error) {
			s.since, s.why, s.known = b.Sender.Trouble()
			return s, nil
		}}, {intake.WayOperator,
		func(ctx context.Context, w intake.Way) error { return outbox.Unheard(ctx, b.Outbox, w) },
		func(ctx context.Context, stored intake.Way) (state, error) { return operatorState(ctx, b, stored) }}}
	for i, m := range b.Settings.Mailboxes {
		watcher := b.Watchers[i]
		all = append(all, way{"mailbox " + m.Name,
			func(ctx context.Context, w intake.Way) error { return outbox.Unread(ctx, b.Outbox, i+1, w) },
			func(context.Context, intake.Way) (state, error) {
				read, err := watcher.LastRead(), watcher.Trouble()
				switch {
				case err == nil:
					return state{known: !read.IsZero()}, nil
				case read.IsZero():
					read = b.Clock()
				}
				return state{since: read, why: err.Error(), known: true}, nil
			}})
	}
	for _, source := range b.Settings.Tokens {
		all = append(all, way{"sign-in " + source.Name(),
			func(ctx context.Context, w intake.Way) error { return outbox.Unkept(ctx, b.Outbox, w) },
			func(context.Context, intake.Way) (state, error) {
				since, why := source.Trouble()
				if why == nil {
					return state{known: true}, nil
				}
				return state{since: since, why: why.Error(), known: true}, nil
			}})
	}
	return all
}

// comesBackWithin is how soon a letter comes back that an address refuses: servers on the way that must try for days before
// they give up say nothing of the address.
const comesBackWithin = time.Hour

// operatorState is how the way to the operator is. Once it did not work, it works again when a letter was taken that has not
// come back for so long. Until then nobody is alarmed, unless letter after letter comes back. While nothing can be sent at
// all, nothing is known of it.
func operatorState(ctx context.Context, b *Bot, stored intake.Way) (s state, err error) {
	if stopped, _, _ := b.Sender.Trouble(); !stopped.IsZero() {
		return state{doubt: true}, nil
	}
	if s.since, s.why, _ = b.Sender.Unheard(); !s.since.IsZero() {
		s.known = true
		return s, nil
	}
	if stored.Name == "" {
		return s, nil
	}
	taken, err := b.Store.Reached(ctx, b.Service.Operator, stored.Since)
	if err != nil || taken.IsZero() {
		return s, err
	}
	now := b.Clock()
	s.known = now.Sub(taken) >= comesBackWithin
	s.doubt = !s.known && now.Sub(stored.Since) < comesBackWithin+intake.AlarmAfter
	return s, nil
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
	if now := l.bot.Clock(); due(l.looked, now, secretLook) && l.bot.clock.verdict() == clockTrusted {
		n, err := tellOfSecrets(ctx, l.bot)
		if told += n; err != nil {
			return told, err
		}
		l.looked = now
	}
	return told, nil
}

// watch is step for one, and keeps broken up to date.
func (l *lookout) watch(ctx context.Context, way way, broken map[string]intake.Way) (told int, err error) {
	w, was := broken[way.name]
	s, err := way.look(ctx, w)
	if err != nil {
		return 0, err
	}
	now := l.bot.Clock()
	ahead := w.Since.After(now) // by a clock that was: nobody knows since when
	if ahead {
		w.Since = now
	}
	due := func() bool { return w.IsDue(now) && !s.doubt }
	switch {
	case s.known && s.since.IsZero() && was:
		return 0, l.works(ctx, w, broken)
	case s.known && !s.since.IsZero() && !was:
		w = intake.Way{Name: way.name, Since: s.since}
		fallthrough
	case was && (ahead || due()), was && s.known && s.why != w.Why:
		if s.known {
			w.Why = s.why
		}
		if due() {
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
