package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// registerWatch looks for changes of the register while the bot runs, and puts
// what is wholly right in place of the register in use.
type registerWatch struct {
	*config.Register
	bot    *Bot
	inUse  *intake.Sites
	last   config.Edition
	steady bool            // the last look was like the one before
	judged string          // the id that was dealt with last
	told   map[string]bool // the ids of which the operator knows, since the register was right
}

func (b *Bot) newRegisterWatch() *registerWatch {
	return &registerWatch{Register: b.Settings.Register, bot: b, inUse: b.Settings.Sites, told: make(map[string]bool)}
}

// lookEvery is how often the register is looked at. What was written within that
// time may be half of a file.
const lookEvery = 3 * time.Second

// watchSites watches the register until ctx ends. A bot that was given its sites
// without a file has none to watch.
func (b *Bot) watchSites(ctx context.Context) error {
	if b.Settings.Register == nil {
		return nil
	}
	return b.loop(ctx, "reading the register of sites", lookEvery, nil, b.newRegisterWatch().step)
}

// step is one look. What it finds counts when the look before found the same: a
// file that somebody is writing is left alone.
func (w *registerWatch) step(ctx context.Context) (int, error) {
	if w.dealtWith() {
		return 0, nil
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

// dealtWith spares reading a file that was read twice as it is now, the second
// time long after its time of change, so that no later change has the same.
func (w *registerWatch) dealtWith() bool {
	return w.steady && w.last.ID == w.judged && w.Register.Unchanged(w.last)
}

// judge takes a register that is right. Of another the operator is told once, and
// the one in use stays.
func (w *registerWatch) judge(ctx context.Context, l config.Look) error {
	sites, err := w.Read(l)
	if err == nil {
		err = w.plausible(sites)
	}
	if err != nil {
		return w.refuse(ctx, l.ID, strings.Split(err.Error(), "\n"))
	}
	added, removed, changed := sites.Changes(w.inUse)
	if added+removed+changed > 0 || len(w.told) > 0 {
		w.bot.log.Info("the register of sites was read anew", "file", w.Path, "sites", sites.Len(), "added", added, "removed", removed, "changed", changed)
	}
	w.bot.Service.Sites.Use(sites)
	w.inUse = sites
	clear(w.told)
	return nil
}

// smallRegister is a number of sites of which most may well go at once.
const smallRegister = 20

// plausible refuses a register that is right and still looks like an accident. It
// is for the operator to say that it is none, by starting the bot with it.
func (w *registerWatch) plausible(sites *intake.Sites) error {
	_, gone, _ := sites.Changes(w.inUse)
	before := w.inUse.Len()
	emptied := sites.Len() == 0 && before > 0
	if !emptied && (before < smallRegister || 2*gone <= before) {
		return nil
	}
	return &intake.FileError{File: w.Path, Want: fmt.Sprintf("%d of the %d sites in use are missing, which looks like an accident: "+
		"expected most of them; if they are to go, restart mfabot, which starts with the file as it is", gone, before)}
}

// maxTold is how many wrong rows an alert lists.
const maxTold = 20

// refuse names all that is wrong in the log, and tells the operator.
func (w *registerWatch) refuse(ctx context.Context, id string, wrong []string) error {
	if w.told[id] {
		return nil
	}
	lines := append([]string{"File: " + w.Path}, wrong[:min(len(wrong), maxTold)]...)
	if more := len(wrong) - maxTold; more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more, which the log names.", more))
	}
	lines = append(lines, fmt.Sprintf("The register as it was before stays in use, with %d sites.", w.inUse.Len()),
		"Put the file right: it is read again within seconds, and needs no restart.")
	if err := w.bot.Outbox.AlertOperator(ctx, "sites", "The register of sites cannot be used", lines...); err != nil {
		return err
	}
	select {
	case w.bot.nudge <- struct{}{}:
	default:
	}
	for _, line := range wrong {
		w.bot.log.Error("the register of sites is not taken", "wrong", line)
	}
	w.told[id] = true
	return nil
}
