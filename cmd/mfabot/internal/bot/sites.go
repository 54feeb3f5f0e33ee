package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
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
}

func (b *Bot) newRegisterWatch() *registerWatch {
	return &registerWatch{Register: b.Settings.Register, bot: b, inUse: b.Settings.Sites, told: make(map[string]bool)}
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

// dealtWith reports whether the file need not be read: it was read twice as it is now, the second time so
// long after its modification time that a later change has another.
func (w *registerWatch) dealtWith() bool {
	return w.steady && w.last.ID == w.judged && w.Register.Unchanged(w.last)
}

// judge has the bot use a register that is right. Otherwise it tells the operator once, and the register in
// use stays.
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
		w.bot.log.Info("the register of sites was read again", "file", w.Path, "sites", sites.Len(), "added", added,
			"removed", removed, "changed", changed)
	}
	w.bot.Service.Sites.Use(sites)
	w.inUse = sites
	clear(w.told)
	return nil
}

// smallRegister is the number of sites below which most of them may well go at once.
const smallRegister = 20

// plausible refuses a register that has no fault but looks like an accident. By starting the bot with it the
// operator says that it is not one.
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
	lines = append(lines, fmt.Sprintf("The register as it was before stays in use, with %d sites.", w.inUse.Len()),
		"Put the file right: it is read again within seconds, and needs no restart.")
	if err := w.bot.Outbox.AlertOperator(ctx, intake.AlertSites, "The register of sites cannot be used", lines...); err != nil {
		return err
	}
	w.bot.nudgeSender()
	for _, line := range wrong {
		w.bot.log.Error("the register of sites cannot be used", "wrong", line)
	}
	w.told[id] = true
	return nil
}
