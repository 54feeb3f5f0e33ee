package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
)

// record is all that the bot has on record, read once it has come to rest.
type record struct {
	*simulation
	now        time.Time
	ledger     []intake.Inbound
	outbound   []intake.Outbound
	exceptions []intake.Exception
	requests   map[string]*intake.Request
	history    map[string][]intake.HistoryEntry
	reviews    map[string][]intake.Review
	copies     map[sim.Name]*sim.Copy
	taken      map[string][]*sim.Letter // by Message-ID
}

// verify checks what must be true whatever happened.
func (s *simulation) verify() {
	r, err := s.read()
	if err != nil {
		s.world.Violate("readable", "the record: %v", err)
		return
	}
	r.verifyLedger()
	r.verifyContents()
	r.verifyRequests()
	r.verifyExceptions()
	r.verifyWarnings()
	r.verifyReminders()
	r.verifySummaries()
	r.verifyLetters()
	r.verifySilence()
	r.verifyFloods()
	r.verifyTampering()
	if r.settings.Directory != nil {
		r.verifyDirectory()
	} else {
		r.verifyByHand()
	}
	r.verifyAudit()
	s.world.Trace.Note("== %d messages, %d requests, %d exceptions, %d letters", len(r.ledger), len(r.requests),
		len(r.exceptions), len(r.outbound))
	for _, m := range r.ledger {
		s.world.Trace.Note("   %d %s %s %s %s", m.ID, m.From, m.Outcome, m.Reason, m.Ref)
	}
	for _, o := range r.outbound {
		s.world.Trace.Note("   %d %s %s %s %s %d", o.ID, o.Template, o.To, o.Ref, o.State, o.Attempts)
	}
}

// verifyDirectory checks that the directory exempts those with an active exception and nobody else, once
// changes that people made by hand are corrected.
func (r *record) verifyDirectory() {
	d, err := r.bot.Enforcer.Drift(r.ctx)
	for _, m := range d.Strays {
		r.check("the directory differs only where people changed it", r.world.Directory.Meddled[m.ID], "%s is exempt", m.ID)
	}
	for _, e := range d.Unapplied {
		r.check("the directory differs only where people changed it", r.world.Directory.Meddled[e.User.Email],
			"%s is not exempt", e.User.Email)
	}
	if err == nil {
		err = r.bot.Enforcer.Mend(r.ctx, d, "The operator")
	}
	for n := 1; n > 0 && err == nil; {
		n, err = r.bot.Enforcer.Enforce(r.ctx, "")
	}
	var entitled []string
	for _, e := range r.exceptions {
		if e.StateAt(r.now) == intake.Active {
			entitled = append(entitled, e.User.Email)
		}
	}
	slices.Sort(entitled)
	exempt := r.world.Directory.Exempt()
	r.check("the directory exempts whoever has an active exception", err == nil && slices.Equal(exempt, entitled),
		"exempt: %v, active: %v (%v)", exempt, entitled, err)
}

// verifyAudit checks that the audit is as the bot wrote it, whatever went wrong meanwhile.
func (r *record) verifyAudit() {
	key, err := config.ReadKey(r.settings.KeyFile())
	r.check("the audit is whole", err == nil, "the key: %v", err)
	found, err := r.bot.Store.CheckAudit(r.ctx, key, "")
	r.check("the audit is whole", err == nil && r.tamperer.asWritten(found), "%v, %v", err, found)
}

func (s *simulation) read() (*record, error) {
	r := &record{simulation: s, now: s.world.Clock.Now(), requests: make(map[string]*intake.Request),
		history: make(map[string][]intake.HistoryEntry),
		reviews: make(map[string][]intake.Review), copies: make(map[sim.Name]*sim.Copy), taken: make(map[string][]*sim.Letter)}
	db := s.bot.Store
	var err error
	if r.ledger, err = db.Inbound(s.ctx); err != nil {
		return nil, err
	}
	if r.outbound, err = db.Outbound(s.ctx); err != nil {
		return nil, err
	}
	r.outbound = s.tamperer.sealed(r.outbound)
	for i, o := range r.outbound {
		r.outbound[i] = s.bot.Outbox.WithCode(o)
	}
	if r.exceptions, err = db.Exceptions(s.ctx); err != nil {
		return nil, err
	}
	for _, ref := range append(r.refs(), "") { // some entries are of no request
		if r.history[ref], err = db.History(s.ctx, ref); err != nil {
			return nil, err
		}
		if r.reviews[ref], err = db.Reviews(s.ctx, ref); err != nil {
			return nil, err
		}
		if req, err := db.Request(s.ctx, ref); err == nil {
			r.requests[ref] = req
		}
	}
	for _, o := range r.outbound { // also of an exception that somebody has changed
		if _, known := r.history[o.Ref]; !known {
			if r.history[o.Ref], err = db.History(s.ctx, o.Ref); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range s.world.Mail.Copies {
		for _, name := range c.Names {
			r.copies[name] = c
		}
	}
	for _, l := range s.world.Post.Accepted {
		r.taken[l.MessageID] = append(r.taken[l.MessageID], l)
	}
	return r, nil
}

// tally counts what happened, to show that the runs do something.
func (s *simulation) tally() {
	r, err := s.read()
	if err != nil {
		return
	}
	for _, m := range r.ledger {
		s.happened["message: "+string(m.Outcome)]++
	}
	for _, entries := range r.history {
		for _, h := range entries {
			s.happened["event: "+string(h.Event)]++
		}
	}
	s.happened["letter: taken by the server"] += len(s.world.Post.Accepted)
	s.happened["letter: taken more than once"] += len(s.world.Post.Accepted) - len(r.taken)
	for _, o := range r.outbound {
		s.happened["letter: "+string(o.State)]++
		if n := len(o.Facts.Warned); n > 0 {
			s.happened[fmt.Sprintf("letter: warns of %d", n)]++
		}
	}
}

// refs are all references that occur on record.
func (r *record) refs() []string {
	var refs []string
	for _, m := range r.ledger {
		refs = append(refs, strings.Split(m.Ref, ",")...)
	}
	for _, e := range r.exceptions {
		refs = append(refs, e.Ref)
	}
	slices.Sort(refs)
	return slices.DeleteFunc(slices.Compact(refs), func(ref string) bool { return ref == "" })
}

// simOutcomes are the outcomes that a message may end with, by who wrote it.
var simOutcomes = map[string][]intake.Outcome{
	bySite: {intake.OutcomeRequest, intake.OutcomeInformation, intake.OutcomeRenewal, intake.OutcomeWithdrawal,
		intake.OutcomeShortTerm},
	byReviewer: {intake.OutcomeDecision, intake.OutcomeRefused},
	byStranger: {intake.OutcomeRefused},
	byOperator: {intake.OutcomeInformation, intake.OutcomeRefused},
	byForger:   {intake.OutcomeQuarantined, intake.OutcomeIgnored}, // the latter where a machine seems to have sent it
	byOutsider: {intake.OutcomeQuarantined, intake.OutcomeIgnored},
	byMachine:  {intake.OutcomeIgnored, intake.OutcomeQuarantined},
}

// verifyLedger checks that no message vanished, and that each is where it belongs.
func (r *record) verifyLedger() {
	rows := make(map[*sim.Copy][]intake.Inbound)
	for _, m := range r.ledger {
		c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
		if c == nil {
			r.check("the ledger holds only what was in the inbox", false, "message %d is no copy that was there", m.ID)
			continue
		}
		rows[c] = append(rows[c], m)
		r.verifyRow(m, c)
	}
	for _, c := range r.world.Mail.Copies {
		r.check("every message that was in the inbox is in the ledger", len(rows[c]) > 0 || c.Touched,
			"copy %d, of %s", c.ID, r.people.mail(c).from)
		if c.Touched || len(rows[c]) == 0 {
			continue
		}
		filed := slices.ContainsFunc(rows[c], func(m intake.Inbound) bool { return r.world.Mail.Holds(string(m.Folder), c) })
		r.check("every message lies in the folder that the ledger says", filed, "copy %d is not in %s", c.ID, rows[c][0].Folder)
	}
	for _, msg := range r.world.Mail.Inbox() {
		r.check("the inbox is empty at the end", msg.Copy.Kept, "copy %d is still there", msg.Copy.ID)
	}
	r.check("the inbox is empty at the end", true, "")
}

func (r *record) verifyRow(m intake.Inbound, c *sim.Copy) {
	l := r.people.mail(c)
	stored, err := r.bot.Store.Message(r.ctx, m.ID)
	var raw []byte
	switch {
	case errors.Is(err, intake.ErrPurged):
		r.verifyPurged(m)
		raw, err = c.Raw, nil
	case err == nil:
		raw = stored.Raw
	}
	whole := bytes.Equal(raw, c.Raw) || m.HeaderOnly && len(raw) > 0 && bytes.HasPrefix(c.Raw, raw)
	r.check("raw bytes are stored as they were delivered", err == nil && whole, "message %d: %v", m.ID, err)
	r.check("a message is failed only for a fault of its own", m.Reason != "failed", "message %d, of %s: %v", m.ID, l.from, m.Checks)
	r.check("the outcome of a message fits who wrote it", slices.Contains(r.outcomes(m, l), m.Outcome) ||
		m.Outcome == intake.OutcomeIgnored && m.Reason == "duplicate" || l.by == bySite && r.waits(m),
		"message %d, of %s by a %s: %s (%s)", m.ID, l.from, l.by, m.Outcome, m.Reason)
}

// outcomes returns what may become of a message. One that somebody sends on, and that we had not read before, is as good as
// its signature.
func (r *record) outcomes(m intake.Inbound, l *letterIn) []intake.Outcome {
	read := func(before intake.Inbound) bool {
		c := r.copies[sim.Name{Validity: before.UIDValidity, UID: before.UID}]
		return before.ID < m.ID && c != nil && r.people.mail(c) == l.of
	}
	allowed := simOutcomes[l.by]
	switch {
	case l.of != nil && !slices.ContainsFunc(r.ledger, read):
		allowed = slices.Concat(allowed, r.outcomes(m, l.of))
	case l.by == byOutsider && l.answers != nil && r.isReviewer(l.from): // who is asked, at their own address
		allowed = append(slices.Clone(allowed), intake.OutcomeRefused)
	case l.by == byForger, l.by == byOutsider:
	case l.large:
		allowed = []intake.Outcome{intake.OutcomeRefused}
	case l.short:
		allowed = []intake.Outcome{intake.OutcomeShortTerm}
	}
	return allowed
}

// verifyContents checks that what was sent once took effect exactly once.
func (r *record) verifyContents() {
	effects, seen, genuine, aside := make(map[string][]intake.Inbound), make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, m := range r.ledger {
		c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
		if c == nil {
			continue
		}
		l := r.people.mail(c)
		if !seen[l.words] {
			r.check("only what was dealt with before is a duplicate", m.Reason != "duplicate", "message %d, of %s", m.ID, m.From)
		}
		seen[l.words] = true
		genuine[l.words] = genuine[l.words] || l.genuine()
		aside[l.words] = aside[l.words] || r.waits(m)
		if m.Outcome != intake.OutcomeIgnored && m.Outcome != intake.OutcomeQuarantined && l.by != byOutsider {
			effects[l.words] = append(effects[l.words], m)
		}
	}
	for words, done := range effects {
		r.check("a message has its effect once", len(done) == 1, "%d times: %v, %q", len(done), idsOf(done), sim.Field(words, "Subject"))
	}
	for words := range genuine {
		r.check("what somebody genuine wrote has an effect", !genuine[words] || len(effects[words]) > 0 || aside[words], "%q of %s",
			sim.Field(words, "Subject"), sim.Field(words, "From"))
	}
}

// isReviewer reports whether an address is a reviewer's.
func (r *record) isReviewer(from string) bool {
	_, known := r.settings.Reviewers.ByAddress(post.Bare(from))
	return known
}

func idsOf(messages []intake.Inbound) []int64 {
	var ids []int64
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	return ids
}

// count counts the letters that are queued or were, about a reference.
func (r *record) count(ref string, template intake.Template, keep func(intake.Outbound) bool) int {
	n := 0
	for _, o := range r.outbound {
		is := o.Ref == ref && o.Template == template
		if template == intake.LetterWarning {
			is = is || slices.ContainsFunc(o.Facts.Warned, func(w intake.WarnedFacts) bool { return w.Ref == ref })
		}
		if is && o.StandsFor == 0 && (keep == nil || keep(o)) {
			n++
		}
	}
	return n
}

// events counts the entries of a reference's history.
func (r *record) events(ref string, event intake.Event) []intake.HistoryEntry {
	var out []intake.HistoryEntry
	for _, h := range r.history[ref] {
		if h.Event == event {
			out = append(out, h)
		}
	}
	return out
}

// onRecord reports whether any copy of a message is in the ledger.
func (r *record) onRecord(l *letterIn) bool {
	return slices.ContainsFunc(r.ledger, func(m intake.Inbound) bool {
		c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
		return c != nil && c.Content == l.content
	})
}

// warnings are the letters that warn of an exception: with the facts of the row, where it is one of several.
func (r *record) warnings(e intake.Exception) (out []intake.Outbound) {
	for _, o := range r.outbound {
		if o.Template == intake.LetterWarning && cmp.Or(o.Facts.Elsewhere, o.Ref) == e.Ref {
			out = append(out, o)
		}
		for _, row := range o.Facts.Warned {
			if row.Ref == e.Ref {
				one := o
				one.Ref, one.Facts.Ends = row.Ref, row.Ends
				out = append(out, one)
			}
		}
	}
	return out
}

// stage returns which of its warnings a letter gives of an exception: of several it is the same, of which one at least has come, and
// the others come within a week.
func (r *record) stage(e intake.Exception, o intake.Outbound) int {
	notices := r.settings.Policy.Notices(e.Category, r.settings.Holidays)
	stage := notices.Stage(e.EndsAt, o.CreatedAt)
	for _, row := range r.warnedWith(e, o) {
		stage = max(stage, notices.Stage(row.Ends, o.CreatedAt))
	}
	r.check("who is warned with others would be warned of the same within a week",
		notices.Stage(e.EndsAt, o.CreatedAt.Add(7*24*time.Hour)) >= stage, "%s to %s: stage %d", e.Ref, o.To, stage)
	return stage
}

// warnedWith are the exceptions of which a site is warned by a letter, or by the one that was written together with it: what its
// user is told is the same warning.
func (r *record) warnedWith(e intake.Exception, o intake.Outbound) []intake.WarnedFacts {
	for _, with := range r.outbound {
		is := func(row intake.WarnedFacts) bool { return row.Ref == e.Ref }
		if with.StandsFor == 0 && with.CreatedAt.Equal(o.CreatedAt) && slices.ContainsFunc(with.Facts.Warned, is) {
			return with.Facts.Warned
		}
	}
	return o.Facts.Warned
}

// overtakenAtOnce reports whether a warning was overtaken by one that was written at the same moment, when it was time for
// that of another exception as well: it is as if it had not been written.
func (r *record) overtakenAtOnce(e intake.Exception, o intake.Outbound) bool {
	return o.LastError == intake.Overtaken && slices.ContainsFunc(r.warnings(e), func(later intake.Outbound) bool {
		return later.To == o.To && later.ID > o.ID && later.CreatedAt.Equal(o.CreatedAt)
	})
}

// verifyWarnings checks that each warning was true when it was written and when the server took it, that it came by day unless it is
// the last, that no stage was warned of twice, and that no warning was taken after a later notice was written.
func (r *record) verifyWarnings() {
	for _, e := range r.exceptions {
		warned := make(map[[2]string]int) // the stage of the last warning, by recipient and reference
		for _, o := range r.warnings(e) {
			to := [2]string{o.To, o.Ref}
			left, stage := e.EndsAt.Sub(o.CreatedAt), r.stage(e, o)
			r.check("a warning is true when it is written", stage > 0 && left > 0, "%s to %s, with %v left", e.Ref, o.To, left)
			hour := o.CreatedAt.In(r.settings.Policy.Zone).Hour()
			r.check("no warning but the last comes by night", stage == len(r.settings.Policy.Term(e.Category).Warnings) ||
				o.StandsFor > 0 || hour >= 8 && hour < 18, "%s to %s at %v", e.Ref, o.To, o.CreatedAt)
			for _, l := range r.taken[o.MessageID] {
				r.verifyTaken(e, o, l)
			}
			if r.overtakenAtOnce(e, o) {
				continue
			}
			r.check("each stage is warned of once", stage > warned[to] || o.StandsFor > 0,
				"%s to %s: stage %d after %d", e.Ref, o.To, stage,
				warned[to])
			warned[to] = max(stage, warned[to])
		}
	}
}

// verifyTaken checks a warning that the server took. What happens while a letter is on its way comes too late
// for it.
func (r *record) verifyTaken(e intake.Exception, o intake.Outbound, l *sim.Letter) {
	const onItsWay = time.Hour
	over := slices.ContainsFunc(o.Facts.Warned, func(w intake.WarnedFacts) bool { return w.Ref == e.Ref && w.Over })
	if over && !bytes.Contains(l.Raw, []byte(e.Ref)) {
		return
	}
	left := e.EndsAt.Sub(l.At)
	isTrue, nearly := r.saysWhen(e.Category, e.EndsAt, l)
	for _, row := range o.Facts.Warned { // the subject has the first end
		first, almost := r.saysWhen(e.Category, row.Ends, l)
		isTrue, nearly = isTrue || first, nearly || almost
	}
	r.check("a warning is true when it is sent", left > -onItsWay &&
		(nearly || isTrue), "%s to %s: %q, with %v left", e.Ref, o.To, l.Subject, left)
	r.check("a warning of several says when each of them ends", o.Template != intake.LetterWarnings || bytes.Contains(l.Raw, []byte(e.Ref)),
		"%s to %s: %q", e.Ref, o.To, l.Subject)
	r.check("no warning of what is over is sent", e.ClosedAt.IsZero() || l.At.Before(e.ClosedAt.Add(onItsWay)),
		"%s to %s at %v, closed at %v", e.Ref, o.To, l.At, e.ClosedAt)
	later := slices.ContainsFunc(r.warnings(e), func(n intake.Outbound) bool {
		return n.Ref == o.Ref && n.StandsFor == 0 && n.To == o.To && n.CreatedAt.After(o.CreatedAt) &&
			n.CreatedAt.Add(onItsWay).Before(l.At)
	})
	r.check("of two warnings that wait the first is not sent", !later, "%s to %s at %v", e.Ref, o.To, l.At)
}

// saysWhen reports whether the subject of a warning says how far away an end is, and whether that is about to change.
func (r *record) saysWhen(c intake.Category, ends time.Time, l *sim.Letter) (isTrue, nearly bool) {
	const onItsWay = time.Hour
	left := ends.Sub(l.At)
	days := int((left + 12*time.Hour) / (24 * time.Hour))
	said := []string{fmt.Sprintf("in %d days", days), fmt.Sprintf("ymhen %d diwrnod", days)}
	switch at := ends.In(r.settings.Policy.Zone); {
	case days == 0, c == intake.Short:
		said = []string{at.Format("15:04")}
	case days == 1:
		said[0] = "in 1 day"
	case days == 2:
		said[1] = "ymhen 2 ddiwrnod"
	}
	isTrue = slices.ContainsFunc(said, func(s string) bool { return strings.Contains(strings.ToLower(l.Subject), s) })
	return isTrue, (left+12*time.Hour)%(24*time.Hour) < onItsWay || (left+12*time.Hour)%(24*time.Hour) > 24*time.Hour-onItsWay
}

// setAside reports whether all copies of a message in the ledger were quarantined, as happens to one that the
// program ended over three times: the operator deals with it.
func (r *record) setAside(l *letterIn) bool {
	return !slices.ContainsFunc(r.ledger, func(m intake.Inbound) bool {
		c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
		return c != nil && c.Content == l.content && m.Outcome != intake.OutcomeQuarantined
	})
}

// verifySilence checks that nobody got an answer who must not.
func (r *record) verifySilence() {
	byID := make(map[string]bool) // Message-IDs that somebody genuine has used
	for _, l := range r.people.mails {
		if l.genuine() {
			byID[l.id] = true
		}
	}
	for _, l := range r.people.mails {
		if l.genuine() || byID[l.id] || l.id == "" {
			continue
		}
		answered := slices.ContainsFunc(r.outbound, func(o intake.Outbound) bool { return o.AnswersTo == l.id })
		r.check("machines and forgers are not answered", !answered, "%s, by a %s", l.id, l.by)
	}
	for _, l := range r.people.mails {
		if l.bounce == nil || !l.dead || !r.onRecord(l) || r.setAside(l) {
			continue
		}
		i := slices.IndexFunc(r.outbound, func(o intake.Outbound) bool { return o.MessageID == l.bounce.MessageID })
		r.check("a report that a letter did not arrive is on record with it", i >= 0 && !r.outbound[i].BouncedAt.IsZero(),
			"%q to %s", l.bounce.Subject, l.bounce.To)
	}
	for _, l := range r.world.Post.Accepted {
		r.check("letters go to those concerned", l.To != "x@y.test" && l.To != "z@y.test", "%q to %s", l.Subject, l.To)
	}
	// Whoever is refused is told so, each time.
	refused, answers := make(map[string]int), make(map[string]int)
	for _, m := range r.ledger {
		if r.late(m) {
			continue
		}
		if m.Outcome == intake.OutcomeRefused && m.Reason != intake.WhyUnconfirmed && m.Reason != intake.WhyWrongAddress ||
			m.Outcome == intake.OutcomeShortTerm {
			refused[m.From]++
		}
	}
	for _, o := range r.outbound {
		if o.Answer && o.StandsFor == 0 &&
			slices.Contains([]intake.Template{intake.LetterRefused, intake.LetterTooLarge, intake.LetterShortTerm,
				intake.LetterNotUnderstood, intake.LetterAlreadyDecided, intake.LetterTodoOpen}, o.Template) {
			answers[o.To]++
		}
	}
	for from, n := range refused {
		r.check("who is refused is told why", answers[from] == n, "%s was refused %d times and got %d answers", from, n, answers[from])
	}
}
