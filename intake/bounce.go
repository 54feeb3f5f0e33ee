package intake

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"time"
)

// avoidBounced is how long an address that refused a letter for good is not used
// in another's place.
const avoidBounced = 30 * 24 * time.Hour

// kindUnreachable is the kind of alert about answers that did not arrive: a
// stranger can write from an address that takes no mail as often as they like.
const kindUnreachable = "answer-undelivered"

// eventUndelivered is in the history of what a letter was about that did not arrive.
const eventUndelivered = "undelivered"

// statusForm is the status of a failure for good (RFC 3463, section 2). Reports
// are anybody's to write: nothing else of one is kept.
const statusForm = `5\.[0-9]{1,3}\.[0-9]{1,3}`

var (
	wholeStatus = regexp.MustCompile(`^` + statusForm + `$`)
	// refusedRecipient is the error of a submission server that refuses the recipient for
	// good, with the status that it may give. Other refusals say nothing of the
	// recipient, and another would fare no better.
	refusedRecipient = regexp.MustCompile(`^(?:RCPT TO <[^>]*>: )?5[0-9]{2}\b(?:[ -]"?(` + statusForm + `)\b)?`)
)

// failure is why a letter does not reach its recipient.
type failure struct {
	kind, headline string // of the alert
	cause          string // a line of it
	refused        bool   // the address, for good
	status         string // as 5.1.1; empty where unknown
}

// bounce reports that a message was not delivered. Anybody can write one: it
// changes nothing unless it names a letter of ours and who that was sent to, and
// each letter counts once. Where it can still arrive, nothing is done.
func (in *Inbox) bounce(ctx context.Context, t *turn) (Conclusion, bool, error) {
	if !t.msg.Bounce {
		return Conclusion{}, false, nil
	}
	c := Conclusion{Outcome: AsIgnored, Reason: becauseBounce, Folder: Processed}
	for _, b := range t.msg.Bounced {
		o, err := in.out.outboundOf(ctx, t, b.MessageID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return c, true, err
		}
		if !t.check("letter known", err == nil && o.To == Canonical(b.Recipient), "it is about a letter with the Message-ID %q to %s", b.MessageID, b.Recipient) ||
			!t.check("refused for good", b.Permanent, "the status is %s", cmp.Or(b.Status, "not given")) {
			continue
		}
		c.Ref = o.Ref
		f := failure{kind: becauseBounce, headline: "An email of ours was not delivered", refused: true, status: wholeStatus.FindString(b.Status)}
		f.cause = "Status: " + cmp.Or(f.status, "not given")
		if err := in.out.undelivered(ctx, t.Work, o, f); err != nil {
			return c, true, err
		}
	}
	return c, true, nil
}

// outboundOf finds the letter of ours that went out with a Message-ID, or ErrNotFound.
func (out *Outbox) outboundOf(ctx context.Context, t *turn, messageID string) (*Outbound, error) {
	id, err := out.sealed(ctx, t.Work, messageID)
	if err != nil {
		return nil, err
	}
	return t.OutboundByMessageID(ctx, id)
}

// undelivered sees to a letter that does not reach its recipient: what an address
// refused for good goes to another one of its site, and the operator is told of
// all but what was to them. A refusal that is known already is passed over.
func (out *Outbox) undelivered(ctx context.Context, w Work, o *Outbound, f failure) error {
	done := "It will not be tried again. Tell the recipient another way, and put the address right."
	if f.refused {
		err := w.Bounced(ctx, o.ID, f.status, w.Now)
		if errors.Is(err, ErrStale) {
			return nil
		}
		if err != nil {
			return err
		}
		switch o.Facts.Audience {
		case ToSite:
			done, err = out.sendInstead(ctx, w, o)
		case ToUser:
			done, err = out.siteForUser(ctx, w, o, done)
		}
		if err != nil {
			return err
		}
	}
	if o.To == out.Operator { // an alert about an alert would go round for ever
		return nil
	}
	if o.Facts.Audience == ToSender {
		f.kind = kindUnreachable
	}
	return errors.Join(
		w.Record(ctx, HistoryEntry{Ref: o.Ref, At: w.Now, Event: eventUndelivered, By: o.To, Text: MaskCodes(string(o.Template) + ". " + f.cause + ". " + done)}),
		out.alert(ctx, w, f.kind, f.headline, "To: "+o.To, "Email: "+string(o.Template), "About: "+o.Ref, f.cause, done),
	)
}

// sendInstead queues a letter that did not reach a site for the next of its
// addresses, which are taken from the register and nowhere else, and says what
// was done.
func (out *Outbox) sendInstead(ctx context.Context, w Work, o *Outbound) (string, error) {
	if ends := o.Facts.Ends; o.Template != Ended && !ends.IsZero() && !w.Now.Before(ends) {
		return "Nobody gets it instead: what it says is over.", nil
	}
	if o.Template == Warning {
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
	return "The site's " + role + " " + to + " gets it instead. Put the address right.", out.queue(ctx, w, &Outbound{Letter: l, StandsFor: first})
}

// stale reports whether what a warning says has been followed by something else: a
// later notice of its exception, or one that took its place.
func (out *Outbox) stale(ctx context.Context, w Work, o *Outbound) (bool, error) {
	e, err := w.Exception(ctx, o.Ref)
	if err != nil || e.State != Active {
		return err == nil, err
	}
	return w.LaterNotice(ctx, o.Ref, o.CreatedAt)
}

// siteForUser asks the site, once for each exception, to tell a user whose address
// refused a letter, and says what was done; otherwise where nobody can be asked.
func (out *Outbox) siteForUser(ctx context.Context, w Work, o *Outbound, otherwise string) (string, error) {
	before, err := w.History(ctx, o.Ref)
	if err != nil {
		return "", err
	}
	site := o.Facts.Site.Mailbox
	told := slices.ContainsFunc(before, func(e HistoryEntry) bool { return e.Event == eventUndelivered && e.By == o.To })
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
	if e.StateAt(w.Now) != Active {
		return "The site is told of the end by itself. Put the address right.", nil
	}
	f := o.Facts
	f.Audience, f.At, f.Said, f.By = ToSite, w.Now, "", ""
	return "The site, at " + site + ", is asked to tell the user. Put the address right.",
		out.send(ctx, w, Letter{Template: Unreachable, To: site, Ref: o.Ref, Facts: f})
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
