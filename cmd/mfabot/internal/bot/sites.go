package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

// registerWatch looks for changes to the register of sites while the bot runs, and has the bot use a new
// register that has no fault.
type registerWatch struct {
	*config.Register
	bot    *Bot
	inUse  *intake.Sites
	last   config.Edition
	steady bool            // the last two looks found the same
	judged string          // the ID that was dealt with last
	told   map[string]bool // the IDs that the operator was told of since the register was last right
	shrunk *intake.Sites   // refused as it looks like an accident, unless the operator accepts it; nil for none
}

func (b *Bot) newRegisterWatch() *registerWatch {
	w := &registerWatch{Register: b.Settings.Register, bot: b, inUse: b.Settings.Sites, told: make(map[string]bool)}
	if b.Service.Sites.Doubted() {
		w.shrunk = w.inUse
	}
	return w
}

// lookEvery is how often the register is looked at. A file that changed within that time may be half written.
const lookEvery = 3 * time.Second

// watchSites watches the register until ctx ends. A bot whose sites come from no file has nothing to watch.
func (b *Bot) watchSites(ctx context.Context) error {
	if b.Settings.Register == nil {
		return nil
	}
	return b.loop(ctx, "reading the register of sites", lookEvery, nil, b.newRegisterWatch().step)
}

// step is one look. What it finds counts only if the previous look found the same, so that a file that
// somebody is writing is left alone.
func (w *registerWatch) step(ctx context.Context) (int, error) {
	if err := w.accepted(ctx); err != nil || w.dealtWith() {
		return 0, err
	}
	now := w.Look()
	w.steady = now.Same(w.last)
	w.last = now.Edition
	if !w.steady || now.ID == w.judged {
		return 0, nil
	}
	if err := w.judge(ctx, now); err != nil {
		return 0, err
	}
	w.judged = now.ID
	return 0, nil
}

// dealtWith reports whether the file need not be read: it was read twice as it is now, the second time so
// long after its modification time that a later change has another.
func (w *registerWatch) dealtWith() bool {
	return w.steady && w.last.ID == w.judged && w.Register.Unchanged(w.last)
}

// judge has the bot use a register that is right. Otherwise it tells the operator once, and the register in
// use stays.
func (w *registerWatch) judge(ctx context.Context, l config.Look) error {
	w.shrunk = nil
	sites, err := w.Read(l)
	if err == nil {
		if err = w.plausible(ctx, sites); err != nil {
			w.shrunk = sites
		}
	}
	if err != nil {
		return w.refuse(ctx, l.ID, strings.Split(err.Error(), "\n"))
	}
	return w.use(ctx, sites)
}

// use has the bot use a register.
func (w *registerWatch) use(ctx context.Context, sites *intake.Sites) error {
	if err := rememberSites(ctx, w.bot, sites); err != nil {
		return err
	}
	added, removed, changed := sites.Changes(w.inUse)
	if added+removed+changed > 0 || len(w.told) > 0 {
		w.bot.log.Info("the register of sites was read again", "file", w.Path, "sites", sites.Len(), "added", added,
			"removed", removed, "changed", changed)
	}
	w.bot.Service.Sites.Use(sites)
	w.bot.Service.Sites.Doubt(false)
	w.inUse, w.shrunk = sites, nil
	clear(w.told)
	return nil
}

// accepted has the bot use a register that looked like an accident, once the operator has accepted it.
func (w *registerWatch) accepted(ctx context.Context) error {
	if w.shrunk == nil {
		return nil
	}
	good, err := goodSites(ctx, w.bot)
	if err != nil || !good.is(w.shrunk) {
		return err
	}
	return w.use(ctx, w.shrunk)
}

// smallRegister is the number of sites below which most of them may well go at once.
const smallRegister = 20

// looksLikeAccident reports whether so many sites are gone that somebody has hardly meant it.
func looksLikeAccident(before, gone, after int) bool {
	return before > 0 && after == 0 || before >= smallRegister && 2*gone > before
}

// plausible refuses a register that has no fault but looks like an accident: beside the one in use or, where that is in
// doubt itself, by what is remembered of the last that was not.
func (w *registerWatch) plausible(ctx context.Context, sites *intake.Sites) error {
	before := registerFacts{w.inUse.Len(), w.inUse.Sample(w.inUse.Len())}
	if w.bot.Service.Sites.Doubted() {
		var err error
		if before, err = goodSites(ctx, w.bot); err != nil {
			return err
		}
	}
	gone := before.gone(sites)
	if !looksLikeAccident(before.sites, gone, sites.Len()) {
		return nil
	}
	return &intake.FileError{File: w.Path, Want: fmt.Sprintf("%d of the %d sites in use are missing, which looks like an accident: "+
		"expected most of them; if they are to go, run: mfabot accept sites --as NAME", gone, before.sites)}
}

// registerFacts is what is remembered of a register: so much of it that another one is known by it.
type registerFacts struct {
	sites  int
	sample []int64 // of the sites; all of a few, of many enough to tell how many are gone to within a few in a hundred
}

// siteSample is how many sites are remembered.
const siteSample = 256

// gone is how many of the sites are none of another register, as far as can be told.
func (r registerFacts) gone(now *intake.Sites) int {
	gone := max(r.sites-now.Len(), 0)
	if len(r.sample) > 0 {
		gone = max(gone, r.sites*now.Lacks(r.sample)/len(r.sample))
	}
	return gone
}

// is reports whether it is what is remembered of a register.
func (r registerFacts) is(now *intake.Sites) bool {
	return r.sites == now.Len() && slices.Equal(r.sample, now.Sample(siteSample))
}

// goodSites returns what is remembered of the register that was used last and not doubted; nothing if there was none.
func goodSites(ctx context.Context, b *Bot) (r registerFacts, err error) {
	n, err := b.Store.Mark(ctx, intake.MarkSites)
	if errors.Is(err, intake.ErrNotFound) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.sites = int(n)
	r.sample, err = b.Store.MarksLike(ctx, intake.MarkSiteBegins)
	slices.Sort(r.sample)
	r.sample = slices.DeleteFunc(r.sample, func(d int64) bool { return d == 0 })
	return r, err
}

// rememberSites remembers a register.
func rememberSites(ctx context.Context, b *Bot, sites *intake.Sites) error {
	good, err := goodSites(ctx, b)
	if err != nil || good.is(sites) {
		return err
	}
	return b.Store.Update(ctx, func(tx *store.Tx) error { return setSites(ctx, tx, sites) })
}

// setSites is rememberSites in a transaction.
func setSites(ctx context.Context, tx *store.Tx, sites *intake.Sites) error {
	if err := tx.SetMark(ctx, intake.MarkSites, int64(sites.Len())); err != nil {
		return err
	}
	before, err := tx.MarksLike(ctx, intake.MarkSiteBegins)
	if err != nil {
		return err
	}
	sample := sites.Sample(siteSample)
	for i := range max(len(before), len(sample)) {
		d := int64(0)
		if i < len(sample) {
			d = sample[i]
		}
		if err := tx.SetMark(ctx, intake.MarkSite(i), d); err != nil {
			return err
		}
	}
	return nil
}

// AcceptSites says that the register of sites is right as it is, though it looks like an accident, and returns how many
// sites it has. A bot that runs uses it within seconds.
func (b *Bot) AcceptSites(ctx context.Context, as string) (int, error) {
	n := b.Settings.Sites.Len()
	return n, b.Store.Update(ctx, func(tx *store.Tx) error {
		if err := setSites(ctx, tx, b.Settings.Sites); err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{At: b.Service.ReadClock(), Event: intake.EventAccepted, By: as,
			Text: fmt.Sprintf("the register of sites with %d sites", n)})
	})
}

// doubtSites doubts the register that the bot starts with if it has lost most of its sites since the last start, whether or
// not it has others in their place.
func doubtSites(ctx context.Context, b *Bot) error {
	good, err := goodSites(ctx, b)
	if err == nil && looksLikeAccident(good.sites, good.gone(b.Settings.Sites), b.Settings.Sites.Len()) {
		b.Service.Sites.Doubt(true)
	}
	return err
}

// startSites remembers the register that the bot starts with or, where that is in doubt, tells the operator, once a day.
func startSites(ctx context.Context, b *Bot) error {
	n := b.Settings.Sites.Len()
	if !b.Service.Sites.Doubted() {
		return rememberSites(ctx, b, b.Settings.Sites)
	}
	good, err := goodSites(ctx, b)
	if err != nil {
		return err
	}
	b.log.Error("the register of sites has lost most of its sites: mail from others waits", "sites", n,
		"before", good.sites, "gone", good.gone(b.Settings.Sites))
	told, err := b.Store.CountLetters(ctx, []intake.Template{intake.LetterAlert}, b.Service.Operator, intake.Why(intake.AlertSites),
		b.Service.ReadClock().Add(-tellSitesEvery))
	if err != nil || told > 0 {
		return err
	}
	return b.Outbox.AlertOperator(ctx, intake.AlertSites, outbox.Cause{}.Do(
		"Put the file right: it is read again within seconds, and the mail is then dealt with.",
		"If the others are to go: mfabot accept sites --as NAME"), "The register of sites has lost most of its sites",
		fmt.Sprintf("It had %d sites when it was used last, and has %d now. About %d of those that it had are gone, which looks like "+
			"an accident.", good.sites, n, good.gone(b.Settings.Sites)),
		"Requests of the sites that are left are dealt with. Mail from anybody whom the register does not name waits in the inbox, "+
			"and nobody is refused.")
}

// tellSitesEvery is how often the operator is told at most at a start.
const tellSitesEvery = 24 * time.Hour

// maxTold is how many wrong rows an alert lists at most.
const maxTold = 20

// refuse logs all that is wrong, and tells the operator once for each ID.
func (w *registerWatch) refuse(ctx context.Context, id string, wrong []string) error {
	if w.told[id] {
		return nil
	}
	lines := append([]string{"File: " + w.Path}, wrong[:min(len(wrong), maxTold)]...)
	if more := len(wrong) - maxTold; more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more, which the log names.", more))
	}
	lines = append(lines, fmt.Sprintf("The register as it was before stays in use, with %d sites.", w.inUse.Len()))
	todo := outbox.Cause{}.Do("Put the file right: it is read again within seconds, and needs no restart.")
	if err := w.bot.Outbox.AlertOperator(ctx, intake.AlertSites, todo, "The register of sites cannot be used", lines...); err != nil {
		return err
	}
	w.bot.nudgeSender()
	for _, line := range wrong {
		w.bot.log.Error("the register of sites cannot be used", "wrong", line)
	}
	w.told[id] = true
	return nil
}
