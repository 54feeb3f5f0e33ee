package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// avoidBounced is how long an address that refused a letter for good does not stand in for another.
const avoidBounced = 30 * 24 * time.Hour

// statusForm is the status of a permanent failure (RFC 3463, section 2). Anybody can write a report, so nothing
// else in one is kept.
const statusForm = `5\.[0-9]{1,3}\.[0-9]{1,3}`

var wholeStatus = regexp.MustCompile(`^` + statusForm + `$`)

// Status returns s if it is the status of a permanent failure, and otherwise an empty string.
func Status(s string) string { return wholeStatus.FindString(s) }

// Undelivered stores which outbound messages did not reach their recipients.
type Undelivered interface {
	// GiveUp records that a message will not be sent, and returns it.
	GiveUp(ctx context.Context, id int64, lastError string) (*intake.Outbound, error)
	// LaterNotice reports whether an exception's user or site was warned, or told that it is over, since a
	// moment. Letters that stand for another do not count.
	LaterNotice(ctx context.Context, ref string, since time.Time) (bool, error)
	// OutboundByID returns a message as stored, or ErrNotFound.
	OutboundByID(ctx context.Context, id int64) (*intake.Outbound, error)
	// SendAgain puts a message that was given up or sent into the queue again, for due, and returns it; ErrStale if it is in
	// the queue, was overtaken or is purged.
	SendAgain(ctx context.Context, id int64, due time.Time) (*intake.Outbound, error)
	// TryNow has a message that waits in the queue tried at once, whatever the sender waits for, after those that must go before it;
	// ErrStale if it does not wait.
	TryNow(ctx context.Context, id int64) (*intake.Outbound, error)
	// Bounced records that a message was refused for good, and with what status; ErrStale if that is already
	// recorded.
	Bounced(ctx context.Context, id int64, status string, now time.Time) error
	// BouncedLately reports whether a message to an address was refused for good since a moment.
	BouncedLately(ctx context.Context, address string, since time.Time) (bool, error)
	// BouncedBetween reports whether a message to an address was refused for good after since and no later than until.
	BouncedBetween(ctx context.Context, address string, since, until time.Time) (bool, error)
	// CameBack records that a way does not work, since when unless that is on record, and why.
	CameBack(ctx context.Context, w intake.Way) error
	// TriedFor returns the addresses that a message and those standing for it went to.
	TriedFor(ctx context.Context, id int64) ([]string, error)
	// Exception returns one exception, or ErrNotFound.
	Exception(ctx context.Context, ref string) (*intake.Exception, error)
}

// HowToResend says how a letter is sent again.
func HowToResend(o *intake.Outbound) string {
	return fmt.Sprintf("To send it again: mfabot resend %d", o.ID)
}

// CameBack reports whether it is on record that a letter did not arrive, which was sent: its address refused it, or the
// operator was told how to send it again since.
func CameBack(ctx context.Context, w Work, o *intake.Outbound) (bool, error) {
	if !o.BouncedAt.IsZero() {
		return true, nil
	}
	refs := o.Refs()
	if len(refs) == 0 { // it is purged
		return false, nil
	}
	entries, err := w.History(ctx, refs[0])
	return slices.ContainsFunc(entries, func(e intake.HistoryEntry) bool {
		return e.Event == intake.EventUndelivered && e.By == o.To && !e.At.Before(o.SentAt) && strings.HasSuffix(e.Text, HowToResend(o))
	}), err
}

// Failure says why a letter did not reach its recipient.
type Failure struct {
	Kind     intake.AlertKind
	Headline string // of the alert
	Cause    string // a line of it
	Refused  bool   // the address was refused for good
	Status   string // such as 5.1.1; empty if unknown
	Instead  string // what is done instead, in words, where the caller does it
}

// GiveUp records that a letter cannot be delivered, returns it, and tells the operator, and what is done instead, in
// words of the caller's where it does something, unless the letter was to the operator. If the recipient was refused for
// good, another address of the site gets it.
func (out *Outbox) GiveUp(
	ctx context.Context, w Work, id int64, r intake.Refusal,
	instead func(o *intake.Outbound) (words string, err error),
) (*intake.Outbound, error) {
	text := intake.MaskCodes(r.Text)
	o, err := w.GiveUp(ctx, id, text)
	if err != nil {
		return nil, err
	}
	words, err := instead(o)
	if err != nil {
		return nil, err
	}
	return o, out.Undelivered(ctx, w, o, Failure{Kind: intake.AlertUndelivered, Headline: "An email could not be delivered",
		Cause: "Cause: " + text, Refused: r.Recipient && (intake.Reply{Status: r.Status}).Blame() != intake.BlameUs,
		Status: Status(r.Status), Instead: words})
}

// Undelivered deals with a letter that did not reach its recipient. A letter that an address refused for good goes
// to another address of its site. The operator is told, unless the letter was to them. A refusal that is already
// on record changes nothing.
func (out *Outbox) Undelivered(ctx context.Context, w Work, o *intake.Outbound, f Failure) error {
	lost := "It will not be tried again. Tell the recipient another way, and put the address right. " + HowToResend(o)
	done := cmp.Or(f.Instead, lost)
	if f.Refused {
		err := w.Bounced(ctx, o.ID, f.Status, w.Now)
		if errors.Is(err, intake.ErrStale) {
			return nil
		}
		if err != nil {
			return err
		}
		if done, err = out.toSomebodyElse(ctx, w, o, done); err != nil {
			return err
		}
	}
	if o.To == out.Operator { // alerts about alerts would never end
		if f.Kind != intake.AlertBounce {
			return nil
		}
		return w.CameBack(ctx, intake.Way{Name: intake.WayOperator, Since: w.Now,
			Why: fmt.Sprintf("an email to %s came back: %s", o.To, f.Cause)})
	}
	if o.Facts.Audience == intake.ToSender {
		f.Kind = intake.AlertUnreachable
	}
	text := intake.MaskCodes(string(o.Template) + ". " + f.Cause + ". " + done)
	for _, ref := range o.Refs() {
		if err := w.Record(ctx, intake.HistoryEntry{Ref: ref, At: w.Now, Event: intake.EventUndelivered, By: o.To,
			Text: text}); err != nil {
			return err
		}
	}
	var calls []string
	if told := o.Facts.Audience; (told == intake.ToSite || told == intake.ToUser) && (done == lost || done == noContact) {
		var err error
		if calls, err = askToCall(ctx, w, o); err != nil {
			return err
		}
	}
	about := Cause{User: o.Facts.User, Site: o.Facts.Site, Urgent: done == lost && o.Facts.Audience != intake.ToSender}
	lines := []string{"To: " + o.To, "Email: " + string(o.Template),
		"About: " + cmp.Or(strings.Join(o.Refs(), ", "), "no request"), f.Cause}
	if done == lost {
		about = about.Do(append([]string{done}, calls...)...)
	} else {
		lines = append(lines, done)
		about = about.Do(calls...)
	}
	return out.Alert(ctx, w, f.Kind, about, f.Headline, lines...)
}

// toSomebodyElse sends a refused letter to somebody who can act on it, and returns what was done in words; otherwise if
// there is nobody.
func (out *Outbox) toSomebodyElse(ctx context.Context, w Work, o *intake.Outbound, otherwise string) (string, error) {
	switch o.Facts.Audience {
	case intake.ToSite:
		return out.sendInstead(ctx, w, o)
	case intake.ToUser:
		return out.siteForUser(ctx, w, o, otherwise)
	case intake.ToReviewer, intake.ToSender, intake.ToOperator, intake.ToAuditor, intake.ToOwner: // only the operator can help
	}
	return otherwise, nil
}

// noContact is what is done where a site has no other address that a letter could go to.
const noContact = "The site has no other contact. Tell it another way, and put the address right."

// sendInstead queues a letter that did not reach a site for the next of the site's addresses, and returns what was
// done in words. Only addresses in the register are used.
func (out *Outbox) sendInstead(ctx context.Context, w Work, o *intake.Outbound) (string, error) {
	if ends := o.Facts.Ends; o.Template != intake.LetterEnded && !ends.IsZero() && !w.Now.Before(ends) {
		return "Nobody gets it instead: what it says is over.", nil
	}
	l := o.Letter
	if still, err := stillTrue(ctx, w, o, &l); err != nil || !still {
		return "Nobody gets it instead: a later notice has been written.", err
	}
	first := cmp.Or(o.StandsFor, o.ID)
	to, err := out.nextContact(ctx, w, o.Facts.Site.ODSCode, first)
	if err != nil {
		return "", err
	}
	if to == "" {
		return noContact, nil
	}
	l.To, l.AnswersTo = to, "" // its new recipient wrote nothing that it answers
	l.Facts.InsteadOf = cmp.Or(o.Facts.InsteadOf, o.To)
	role := "contact"
	if _, ok := out.Sites.Now().ByMailbox(to); ok {
		role = "mailbox"
	}
	return "The site's " + role + " " + to + " gets it instead. Put the address right.",
		out.queue(ctx, w, &intake.Outbound{Letter: l, StandsFor: first})
}

// stillTrue reports whether a letter still says what is true. A warning of several exceptions does without those of which it
// no longer does, which are taken out of l.
func stillTrue(ctx context.Context, w Work, o *intake.Outbound, l *intake.Letter) (bool, error) {
	//exhaustive:ignore
	switch o.Template {
	case intake.LetterWarning:
		stale, err := stale(ctx, w, cmp.Or(o.Facts.Elsewhere, o.Ref), o.Ref, o.CreatedAt)
		return !stale, err
	case intake.LetterWarnings:
		l.Facts.Warned = nil
		for _, row := range o.Facts.Warns() {
			stale, err := stale(ctx, w, row.Ref, row.Ref, o.CreatedAt)
			if err != nil {
				return false, err
			}
			if !stale {
				l.Facts.Warned = append(l.Facts.Warned, row)
			}
		}
		return len(l.Facts.Warned) > 0, nil
	}
	return true, nil
}

// stale reports whether a warning no longer says what is true of an exception: a later notice has been written under the reference
// that it was told by, or the exception is over.
func stale(ctx context.Context, w Work, exception, ref string, written time.Time) (bool, error) {
	e, err := w.Exception(ctx, exception)
	if errors.Is(err, intake.ErrNotFound) { // somebody has changed it: no letter waits for that
		return true, nil
	}
	if err != nil || e.State != intake.Active {
		return err == nil, err
	}
	return w.LaterNotice(ctx, ref, written)
}

// siteForUser asks the site, once for each exception, to tell a user whose address refused a letter, and returns
// what was done in words; otherwise if there is no site to ask.
func (out *Outbox) siteForUser(ctx context.Context, w Work, o *intake.Outbound, otherwise string) (string, error) {
	before, err := w.History(ctx, o.Ref)
	if err != nil {
		return "", err
	}
	site := o.Facts.Site.Mailbox
	told := slices.ContainsFunc(before, func(e intake.HistoryEntry) bool {
		return e.Event == intake.EventUndelivered && e.By == o.To
	})
	switch {
	case site == "":
		return otherwise, nil
	case told:
		return "The site was told before, and asked to tell the user. Put the address right.", nil
	}
	e, err := w.Exception(ctx, o.Ref)
	if errors.Is(err, intake.ErrNotFound) {
		return otherwise, nil
	}
	if err != nil {
		return "", err
	}
	if e.StateAt(w.Now) != intake.Active {
		return "The site is told of the end by itself. Put the address right.", nil
	}
	f := o.Facts
	f.Audience, f.At, f.Said, f.By = intake.ToSite, w.Now, "", ""
	return "The site, at " + site + ", is asked to tell the user. Put the address right.",
		out.Send(ctx, w, intake.Letter{Template: intake.LetterUnreachable, To: site, Ref: o.Ref, Facts: f})
}

// nextContact returns the next address of a site for a letter: its mailbox in the register as it is now, then its
// contacts. It passes over addresses that the letter has already gone to, those that bounced lately, and a mailbox
// that we watch, which nobody else reads. It is empty if none is left.
func (out *Outbox) nextContact(ctx context.Context, w Work, siteCode string, first int64) (string, error) {
	site, ok := out.Sites.Now().ByCode(siteCode)
	if !ok {
		return "", nil
	}
	not, err := w.TriedFor(ctx, first)
	if err != nil {
		return "", err
	}
	not = append(not, out.Address)
	for _, m := range out.Mailboxes {
		if m.Site == site.ODSCode {
			not = append(not, site.Mailbox)
		}
	}
	for _, addr := range append([]string{site.Mailbox}, site.Contacts...) {
		if slices.Contains(not, addr) {
			continue
		}
		bounced, err := w.BouncedLately(ctx, addr, w.Now.Add(-avoidBounced))
		if err != nil {
			return "", err
		}
		if !bounced {
			return addr, nil
		}
	}
	return "", nil
}
