package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// register is the file with the register of sites, and what the configuration
// asks of it. It is immutable.
type register struct {
	path      string
	own       ownAddresses
	reviewers intake.Reviewers
	needed    []neededSite
}

// neededSite is a site that the configuration names.
type neededSite struct {
	code    string
	missing error // what is wrong where there is none
}

// fileLook is what one look at the file found.
type fileLook struct {
	info fs.FileInfo // nil where it could not be read
	data []byte
	err  error
	id   string // the same for the same content, or the same error
}

func (r *register) look() fileLook {
	var l fileLook
	l.info, l.err = os.Stat(r.path)
	if l.err == nil && !l.info.Mode().IsRegular() {
		l.err = fmt.Errorf("%s is no regular file", r.path) // a pipe would keep us for ever
	}
	if l.err == nil {
		l.data, l.err = os.ReadFile(r.path)
	}
	if l.err != nil {
		return fileLook{err: l.err, id: l.err.Error()}
	}
	l.id = fmt.Sprintf("%x", sha256.Sum256(l.data))
	return l
}

// read makes a register of what a look found, at the start and later alike. All
// that is wrong with it comes back in one error, a line each.
func (r *register) read(l fileLook) (*intake.Sites, error) {
	if l.err != nil {
		return nil, l.err
	}
	sites, err := intake.ReadSites(r.path, bytes.NewReader(l.data))
	if sites == nil {
		return nil, err
	}
	problems := append([]error{err}, r.clashes(sites)...)
	for _, n := range r.needed {
		// A row that is wrong is named already, and may be the one.
		if _, there := sites.ByCode(n.code); !there && err == nil {
			problems = append(problems, n.missing)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return sites, nil
}

// clashes names the rows whose addresses have another use already.
func (r *register) clashes(sites *intake.Sites) []error {
	var problems []error
	for line, site := range sites.All() {
		check := func(column string, addresses ...string) {
			for _, addr := range addresses {
				if want := r.clash(site, column, addr); want != "" {
					problems = append(problems, &intake.FileError{File: r.path, Line: line, Key: column, Want: want})
				}
			}
		}
		check("mailbox", site.Mailbox)
		check("aliases", site.Aliases...)
		check("contacts", site.Contacts...)
	}
	return problems
}

// clash says why an address cannot be a site's; empty where it can. Our own cannot,
// but for the watched mailbox that is that site's. A reviewer's cannot be a shared
// mailbox: anybody who reads it could decide, and mail from it could be a request
// or a decision. It may be a contact's: that reviewer does not decide on that site.
func (r *register) clash(site *intake.Site, column, addr string) string {
	if own, found := r.own.find(addr); found && own.site != site.ODSCode {
		return fmt.Sprintf("%s is %s, so that mail to the site would come back to the bot: expected the site's own", addr, own.what)
	}
	if name := r.reviewer(addr); name != "" && column != "contacts" {
		return fmt.Sprintf("%s belongs to %s of the configuration, so that mail from it could be a request or a decision: "+
			"expected a mailbox that nobody decides from", addr, name)
	}
	return ""
}

// reviewer names who decides from an address; empty for nobody.
func (r *register) reviewer(addr string) string {
	if rev, found := r.reviewers.Regular().ByAddress(addr); found {
		return "the reviewer " + rev.Name
	}
	if i := slices.IndexFunc(r.reviewers, func(rev intake.Reviewer) bool { return rev.Deputy == addr && addr != "" }); i >= 0 {
		return "the deputy of the reviewer " + r.reviewers[i].Name
	}
	return ""
}

// registerWatch looks for changes of the register while the bot runs, and puts
// what is wholly right in place of the register in use.
type registerWatch struct {
	*register
	bot    *bot
	inUse  *intake.Sites
	last   fileLook
	steady bool            // the last look was like the one before
	judged string          // the id that was dealt with last
	told   map[string]bool // the ids of which the operator knows, since the register was right
}

func (b *bot) newRegisterWatch() *registerWatch {
	return &registerWatch{register: b.settings.Register, bot: b, inUse: b.settings.Sites, told: make(map[string]bool)}
}

// lookEvery is how often the register is looked at. What was written within that
// time may be half of a file.
const lookEvery = 3 * time.Second

// watchSites watches the register until ctx ends. A bot that was given its sites
// without a file has none to watch.
func (b *bot) watchSites(ctx context.Context) error {
	if b.settings.Register == nil {
		return nil
	}
	return b.loop(ctx, "reading the register of sites", lookEvery, nil, b.newRegisterWatch().step)
}

// step is one look. What it finds counts when the look before found the same: a
// file that somebody is writing is left alone.
func (w *registerWatch) step(ctx context.Context) (int, error) {
	if w.unchanged() {
		return 0, nil
	}
	now := w.look()
	w.steady = now.id == w.last.id && sameFile(now.info, w.last.info)
	w.last = fileLook{info: now.info, id: now.id}
	if !w.steady || now.id == w.judged {
		return 0, nil
	}
	if err := w.judge(ctx, now); err != nil {
		return 0, err
	}
	w.judged = now.id
	return 0, nil
}

// unchanged spares reading a file that was read twice as it is now, the second
// time long after its time of change, so that no later change has the same.
func (w *registerWatch) unchanged() bool {
	if !w.steady || w.last.id != w.judged || w.last.info == nil {
		return false
	}
	info, err := os.Stat(w.path)
	return err == nil && sameFile(info, w.last.info)
}

// sameFile reports whether a file was neither replaced nor written to.
func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// judge takes a register that is right. Of another the operator is told once, and
// the one in use stays.
func (w *registerWatch) judge(ctx context.Context, l fileLook) error {
	sites, err := w.read(l)
	if err == nil {
		err = w.plausible(sites)
	}
	if err != nil {
		return w.refuse(ctx, l.id, strings.Split(err.Error(), "\n"))
	}
	added, removed, changed := sites.Changes(w.inUse)
	if added+removed+changed > 0 || len(w.told) > 0 {
		w.bot.log.Info("the register of sites was read anew", "file", w.path, "sites", sites.Len(), "added", added, "removed", removed, "changed", changed)
	}
	w.bot.intake.UseSites(sites)
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
	return &intake.FileError{File: w.path, Want: fmt.Sprintf("%d of the %d sites in use are missing, which looks like an accident: "+
		"expected most of them; if they are to go, restart mfabot, which starts with the file as it is", gone, before)}
}

// maxTold is how many wrong rows an alert lists.
const maxTold = 20

// refuse names all that is wrong in the log, and tells the operator.
func (w *registerWatch) refuse(ctx context.Context, id string, wrong []string) error {
	if w.told[id] {
		return nil
	}
	lines := append([]string{"File: " + w.path}, wrong[:min(len(wrong), maxTold)]...)
	if more := len(wrong) - maxTold; more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more, which the log names.", more))
	}
	lines = append(lines, fmt.Sprintf("The register as it was before stays in use, with %d sites.", w.inUse.Len()),
		"Put the file right: it is read again within seconds, and needs no restart.")
	if err := w.bot.intake.AlertOperator(ctx, "sites", "The register of sites cannot be used", lines...); err != nil {
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
