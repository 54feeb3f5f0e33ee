package outbox

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"mfabot/intake"
)

// avoidBounced is how long an address that refused a letter for good is not used
// in another's place.
const avoidBounced = 30 * 24 * time.Hour

// statusForm is the status of a failure for good (RFC 3463, section 2). Reports
// are anybody's to write: nothing else of one is kept.
const statusForm = `5\.[0-9]{1,3}\.[0-9]{1,3}`

var wholeStatus = regexp.MustCompile(`^` + statusForm + `$`)

// Status is the status of a failure for good, or empty where s is anything else.
func Status(s string) string { return wholeStatus.FindString(s) }

// Failure is why a letter does not reach its recipient.
type Failure struct {
	Kind     intake.AlertKind
	Headline string // of the alert
	Cause    string // a line of it
	Refused  bool   // the address, for good
	Status   string // as 5.1.1; empty where unknown
}

// GiveUp records that a letter cannot be delivered, and tells the operator,
// unless it was to the operator itself. Where the recipient was refused for good,
// another address of the site gets it.
func (out *Outbox) GiveUp(ctx context.Context, id int64, r intake.Refusal) error {
	return out.update(ctx, func(w Work) error {
		text := intake.MaskCodes(r.Text)
		o, err := w.GiveUp(ctx, id, text)
		if err != nil {
			return err
		}
		return out.Undelivered(ctx, w, o, Failure{Kind: intake.AlertUndelivered, Headline: "An email could not be delivered",
			Cause: "Cause: " + text, Refused: r.Recipient, Status: Status(r.Status)})
	})
}

// Undelivered sees to a letter that does not reach its recipient: what an address
// refused for good goes to another one of its site, and the operator is told of
// all but what was to them. A refusal that is known already is passed over.
func (out *Outbox) Undelivered(ctx context.Context, w Work, o *intake.Outbound, f Failure) error {
	done := "It will not be tried again. Tell the recipient another way, and put the address right."
	if f.Refused {
		err := w.Bounced(ctx, o.ID, f.Status, w.Now)
		if errors.Is(err, intake.ErrStale) {
			return nil
		}
		if err != nil {
			return err
		}
		switch o.Facts.Audience {
		case intake.ToSite:
			done, err = out.sendInstead(ctx, w, o)
		case intake.ToUser:
			done, err = out.siteForUser(ctx, w, o, done)
		}
		if err != nil {
			return err
		}
	}
	if o.To == out.Operator { // an alert about an alert would go round for ever
		return nil
	}
	if o.Facts.Audience == intake.ToSender {
		f.Kind = intake.AlertUnreachable
	}
	if err := w.Record(ctx, intake.HistoryEntry{Ref: o.Ref, At: w.Now, Event: intake.EventUndelivered, By: o.To, Text: intake.MaskCodes(string(o.Template) + ". " + f.Cause + ". " + done)}); err != nil {
		return err
	}
	return out.Alert(ctx, w, f.Kind, f.Headline, "To: "+o.To, "Email: "+string(o.Template), "About: "+o.Ref, f.Cause, done)
}

// sendInstead queues a letter that did not reach a site for the next of its
// addresses, which are taken from the register and nowhere else, and says what
// was done.
func (out *Outbox) sendInstead(ctx context.Context, w Work, o *intake.Outbound) (string, error) {
	if ends := o.Facts.Ends; o.Template != intake.LetterEnded && !ends.IsZero() && !w.Now.Before(ends) {
		return "Nobody gets it instead: what it says is over.", nil
	}
	if o.Template == intake.LetterWarning {
		if stale, err := out.stale(ctx, w, o); err != nil || stale {
			return "Nobody gets it instead: a later notice has been written.", err
		}
	}
	first := cmp.Or(o.StandsFor, o.ID)
	to, err := out.nextContact(ctx, w, o.Facts.Site.ODSCode, first)
	if err != nil {
		return "", err
	}
	if to == "" {
		return "The site has no other contact. Tell it another way, and put the address right.", nil
	}
	l := o.Letter
	l.To, l.AnswersTo = to, "" // it answers nothing that its new recipient wrote
	l.Facts.InsteadOf = cmp.Or(o.Facts.InsteadOf, o.To)
	role := "contact"
	if _, ok := out.Sites.Now().ByMailbox(to); ok {
		role = "mailbox"
	}
	return "The site's " + role + " " + to + " gets it instead. Put the address right.", out.queue(ctx, w, &intake.Outbound{Letter: l, StandsFor: first})
}

// stale reports whether what a warning says has been followed by something else: a
// later notice of its exception, or one that took its place.
func (out *Outbox) stale(ctx context.Context, w Work, o *intake.Outbound) (bool, error) {
	e, err := w.Exception(ctx, o.Ref)
	if err != nil || e.State != intake.Active {
		return err == nil, err
	}
	return w.LaterNotice(ctx, o.Ref, o.CreatedAt)
}

// siteForUser asks the site, once for each exception, to tell a user whose address
// refused a letter, and says what was done; otherwise where nobody can be asked.
func (out *Outbox) siteForUser(ctx context.Context, w Work, o *intake.Outbound, otherwise string) (string, error) {
	before, err := w.History(ctx, o.Ref)
	if err != nil {
		return "", err
	}
	site := o.Facts.Site.Mailbox
	told := slices.ContainsFunc(before, func(e intake.HistoryEntry) bool { return e.Event == intake.EventUndelivered && e.By == o.To })
	switch {
	case site == "":
		return otherwise, nil
	case told:
		return "The site was told before, and asked to tell the user. Put the address right.", nil
	}
	e, err := w.Exception(ctx, o.Ref)
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

// nextContact is the next address of a site for a letter: its mailbox as it is in
// the register now, then its contacts. Not one that the letter went to already,
// nor one that was found dead lately, nor a mailbox that we watch, which nobody
// else reads.
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
