package bot

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"mfabot/cmd/mfabot/internal/page"
	"mfabot/cmd/mfabot/internal/token"
	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

// submission names the submission server among the ways.
const submission = "submission"

// way is something that must work, as it is now: mail comes or goes by it, or what the bot does stands on it.
type way struct {
	name string
	// wrong is what /readyz says of it now; nothing while it can be relied on.
	wrong func(ctx context.Context) ([]page.Alarm, error)
	// look is how it is, for an alarm once it has not worked for long.
	look func(ctx context.Context, stored intake.Way) (state, error)
	// email tells the operator, by whichever way still works; nil where another alert does, or no email can.
	email func(ctx context.Context, w intake.Way) error
}

// state is how a way is now.
type state struct {
	since time.Time // when it stopped working; zero if it works
	why   string
	known bool
	doubt bool // it may work again: that is not known yet, and nobody is alarmed
}

// lookout watches the ways, and tells who runs the bot of those that have not worked for long, and when they work again.
type lookout struct {
	bot    *Bot
	ways   []way
	looked time.Time // for secrets that end
	status string    // that the service manager was told last

	// What the database could not be told, so that one which does not work is alarmed of as well.
	broken   map[string]intake.Way // as of the last step
	unstored map[string]bool       // of these, those that are not on record
	raised   map[string]bool       // alarms that were given, which is not on record
	owed     []alarm               // that something works again, which could not be told
}

func newLookout(b *Bot) *lookout {
	return &lookout{bot: b, ways: waysOf(b), broken: make(map[string]intake.Way), unstored: make(map[string]bool),
		raised: make(map[string]bool)}
}

// waysOf are the database, the submission server, the operator's address, the directory, the virus scanner, the mailboxes, what is
// signed in with, and what is wrong with the proof of who writes, the clock, the register of sites, what should have ended or been
// done by hand, and the bot itself.
func waysOf(b *Bot) []way {
	all := []way{noticed(b, "database", func(ctx context.Context) ([]page.Alarm, error) { return databaseWrong(ctx, b), nil }),
		{submission, func(context.Context) ([]page.Alarm, error) {
			return unwell(b, b.Sender.Trouble(), "submission: nothing was tried yet", "submission: nothing was taken since"), nil
		}, healthOf(func() intake.HealthState { return b.Sender.Trouble() }),
			func(ctx context.Context, w intake.Way) error { return outbox.Stopped(ctx, b.Outbox, w.Why) }},
		{intake.WayOperator, func(ctx context.Context) ([]page.Alarm, error) { return operatorWrong(ctx, b) },
			func(ctx context.Context, stored intake.Way) (state, error) { return operatorState(ctx, b, stored) },
			func(ctx context.Context, w intake.Way) error { return outbox.Unheard(ctx, b.Outbox, w) }}}
	if d := b.directory; d != nil {
		all = append(all, way{"directory", func(context.Context) ([]page.Alarm, error) {
			return unwell(b, d.health.State(), "directory: it was not asked yet", "directory: it has not answered since"), nil
		}, healthOf(d.health.State), nil})
	}
	if c := b.scans; c != nil {
		all = append(all, way{"virus scanner", func(context.Context) ([]page.Alarm, error) {
			return unwell(b, c.health.State(), "virus scanner: it was not asked yet", "virus scanner: it has not answered since"), nil
		}, healthOf(c.health.State), nil})
	}
	all = append(all, noticed(b, "proof", func(ctx context.Context) ([]page.Alarm, error) { return proofWrong(ctx, b) }),
		noticed(b, "clock", func(context.Context) ([]page.Alarm, error) { return clockWrong(b), nil }),
		noticed(b, "register of sites", func(context.Context) ([]page.Alarm, error) { return sitesWrong(b), nil }),
		noticed(b, "ends", func(ctx context.Context) ([]page.Alarm, error) { return endsWrong(ctx, b) }),
		noticed(b, "to-dos", func(ctx context.Context) ([]page.Alarm, error) { return todosWrong(ctx, b) }),
		noticed(b, "loops", func(context.Context) ([]page.Alarm, error) { return loopsWrong(b), nil }))
	for i, m := range b.Settings.Mailboxes {
		all = append(all, mailboxWay(b, i), noticed(b, "messages in mailbox "+m.Name,
			func(ctx context.Context) ([]page.Alarm, error) { return stuckIn(ctx, b, i) }))
	}
	if b.backups != nil {
		all = append(all, backupWay(b))
	}
	for _, source := range b.Settings.Tokens {
		all = append(all, signInWay(b, source))
	}
	return all
}

// mailboxWay is the way by which mail comes into the mailbox with an index.
func mailboxWay(b *Bot, i int) way {
	name, watcher := "mailbox "+b.Settings.Mailboxes[i].Name, b.Watchers[i]
	return way{name, func(context.Context) ([]page.Alarm, error) {
		switch last := watcher.LastRead(); {
		case last.IsZero():
			return []page.Alarm{{What: name + ": not read yet"}}, nil
		case b.Clock().Sub(last).Abs() > UnhealthyAge:
			return []page.Alarm{{What: name + ": last read well at", At: last}}, nil
		}
		return nil, nil
	}, func(context.Context, intake.Way) (state, error) {
		read, err := watcher.LastRead(), watcher.Trouble()
		switch {
		case err == nil:
			return state{known: !read.IsZero()}, nil
		case read.IsZero():
			read = b.Clock()
		}
		return state{since: read, why: err.Error(), known: true}, nil
	}, func(ctx context.Context, w intake.Way) error { return outbox.Unread(ctx, b.Outbox, i+1, w) }}
}

// signInWay is a sign-in that must be kept: until it is, the next start may have none.
func signInWay(b *Bot, source *token.Source) way {
	name := "sign-in " + source.Name()
	return way{name, func(context.Context) ([]page.Alarm, error) {
		since, why := source.Trouble()
		if why == nil {
			return nil, nil
		}
		return []page.Alarm{{What: name + ": not kept since", At: since}}, nil
	}, func(context.Context, intake.Way) (state, error) {
		since, why := source.Trouble()
		if why == nil {
			return state{known: true}, nil
		}
		return state{since: since, why: why.Error(), known: true}, nil
	}, func(ctx context.Context, w intake.Way) error { return outbox.Unkept(ctx, b.Outbox, w) }}
}

// backupWay is the copies that the bot makes of its database.
func backupWay(b *Bot) way {
	w := noticed(b, "backup", func(context.Context) ([]page.Alarm, error) { return backupWrong(b), nil })
	w.email = func(ctx context.Context, w intake.Way) error { return outbox.Unsaved(ctx, b.Outbox, w) }
	return w
}

// healthOf is the look at what is used now and then.
func healthOf(is func() intake.HealthState) func(context.Context, intake.Way) (state, error) {
	return func(context.Context, intake.Way) (state, error) {
		now := is()
		return state{since: now.Since, why: now.Why, known: !now.Tried.IsZero()}, nil
	}
}

// noticed is a way that does not work for as long as something is wrong with it: since then, or else since it was noticed.
func noticed(b *Bot, name string, wrong func(context.Context) ([]page.Alarm, error)) way {
	return way{name, wrong, func(ctx context.Context, _ intake.Way) (state, error) {
		all, err := wrong(ctx)
		if err != nil || len(all) == 0 {
			return state{known: err == nil}, err
		}
		is := state{since: b.Clock(), known: true}
		var lines []string
		for _, a := range all {
			if !a.At.IsZero() && a.At.Before(is.since) {
				is.since = a.At
			}
			lines = append(lines, inWords(a, true))
		}
		is.why = strings.Join(lines, "; ")
		return is, nil
	}, nil}
}

// comesBackWithin is how soon a letter comes back that an address refuses: servers on the way that must try for days before
// they give up say nothing of the address.
const comesBackWithin = time.Hour

// operatorState is how the way to the operator is. Once it did not work, it works again when a letter was taken that has not
// come back for so long. Until then nobody is alarmed, unless letter after letter comes back. While nothing can be sent at
// all, nothing is known of it.
func operatorState(ctx context.Context, b *Bot, stored intake.Way) (s state, err error) {
	if !b.Sender.Trouble().Since.IsZero() {
		return state{doubt: true}, nil
	}
	if is := b.Sender.Unheard(); !is.Since.IsZero() {
		return state{since: is.Since, why: is.Why, known: true}, nil
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
// email, and by the ways that are configured for that. It returns how many alarms it gave. What fails with one way keeps
// nobody from hearing of the others.
func (l *lookout) step(ctx context.Context) (told int, err error) {
	l.tryOut(ctx)
	broken, err := l.recall(ctx)
	for _, way := range l.ways {
		n, failed := l.watch(ctx, way, broken)
		told, err = told+n, errors.Join(err, failed)
	}
	l.broken = broken
	l.settle(ctx)
	l.tellStatus(broken)
	if now := l.bot.Clock(); due(l.looked, now, secretLook) && l.bot.clock.verdict() == clockTrusted {
		n, failed := tellOfSecrets(ctx, l.bot)
		told, err = told+n, errors.Join(err, failed)
		if failed == nil {
			l.looked = now
		}
	}
	return told, err
}

// tryOut tries what is used only now and then, so that it is known how it is: whether the database can be written, and
// whether the directory and the virus scanner answer. The sender tries its server itself.
func (l *lookout) tryOut(ctx context.Context) {
	b := l.bot
	if now := b.Clock(); b.written.State().IsStale(now, writtenEvery, 0) {
		err := b.Store.Update(ctx, func(tx *store.Tx) error { return tx.Touch(ctx) })
		switch {
		case err == nil:
			b.written.Works(now)
		case ctx.Err() == nil:
			b.written.Fails(now, err.Error())
		}
	}
	if b.directory != nil {
		b.directory.ask(ctx)
	}
	if b.scans != nil {
		b.scans.ask(ctx)
	}
}

// recall is what does not work by the record, and by the last step where that could not be put on record, or not be read.
func (l *lookout) recall(ctx context.Context) (map[string]intake.Way, error) {
	stored, err := l.bot.Store.Ways(ctx)
	if err != nil {
		return maps.Clone(l.broken), err
	}
	broken := make(map[string]intake.Way)
	for _, w := range stored {
		broken[w.Name] = w
	}
	for name := range l.unstored {
		broken[name] = l.broken[name]
	}
	return broken, nil
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
			if err = l.alarm(ctx, way, w); err == nil {
				told, w.Told = 1, now
			}
		}
		broken[way.name] = w
		return told, errors.Join(err, l.store(ctx, w))
	}
	return 0, nil
}

// store puts on record that a way does not work.
func (l *lookout) store(ctx context.Context, w intake.Way) error {
	if err := l.bot.Store.Update(ctx, func(tx *store.Tx) error { return tx.Broken(ctx, w) }); err != nil {
		l.unstored[w.Name] = true
		return err
	}
	delete(l.unstored, w.Name)
	if !w.Told.IsZero() {
		delete(l.raised, w.Name)
	}
	return nil
}

// works puts on record that a way works again, and says so where there was an alarm.
func (l *lookout) works(ctx context.Context, w intake.Way, broken map[string]intake.Way) error {
	if err := l.bot.Store.Update(ctx, func(tx *store.Tx) error { return tx.Works(ctx, w.Name) }); err != nil {
		return err
	}
	if !w.Told.IsZero() || l.raised[w.Name] {
		l.bot.log.Info("works again", "what", w.Name, "since", w.Since)
		l.owed = append(l.owed, alarmOf(l.bot.Settings, w, worksAgain, l.bot.Clock()))
	}
	delete(broken, w.Name)
	delete(l.unstored, w.Name)
	delete(l.raised, w.Name)
	return nil
}

// maxOwed bounds how many ends of alarms wait to be told.
const maxOwed = 100

// settle tells what works again. What cannot be told is told the next time.
func (l *lookout) settle(ctx context.Context) {
	owed := l.owed[max(0, len(l.owed)-maxOwed):]
	l.owed = nil
	for _, a := range owed {
		if err := raise(ctx, l.bot.Settings.Alarm, a); err != nil {
			l.bot.log.Error("the alarm could not be ended", "err", err)
			l.owed = append(l.owed, a)
		}
	}
}

// alarm alarms the operator: by the ways that are configured for that, and then by an email, for which the database must
// work. What cannot be told is told again the next time, and no more than that; the email is written once a day at most.
func (l *lookout) alarm(ctx context.Context, way way, w intake.Way) error {
	if !l.raised[w.Name] {
		l.bot.log.Error("has not worked for long", "what", w.Name, "since", w.Since, "why", w.Why)
	}
	var errs []error
	if way.email != nil {
		errs = append(errs, way.email(ctx, w))
	}
	if !l.raised[w.Name] {
		err := raise(ctx, l.bot.Settings.Alarm, alarmOf(l.bot.Settings, w, isBroken, l.bot.Clock()))
		l.raised[w.Name] = err == nil
		errs = append(errs, err)
	}
	return errors.Join(errs...)
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
