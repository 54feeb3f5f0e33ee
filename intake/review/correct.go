package review

import (
	"context"
	"slices"
	"strings"

	"mfabot/intake"
)

// Corrections stores the requests for the right address of a user.
type Corrections interface {
	// NextRef returns a year's next reference, such as LT-2026-00042.
	NextRef(ctx context.Context, prefix string, year int) (string, error)
	// AddRequest stores a new request with its evidence.
	AddRequest(ctx context.Context, r *intake.Request) error
	// Correcting returns the reference of the open request for the right address of the user of an exception;
	// empty for none.
	Correcting(ctx context.Context, exception string) (string, error)
}

// Correction puts right the address of a request's user, or what else is wrong in it.
type Correction struct {
	Request   *intake.Request
	Added     []intake.Evidence // what the message brings besides; it is stored for an open request already
	User      intake.User       // with the right address and name
	Reason    string            // the right one; empty where that is not put right
	By        string            // the site's address, or the operator
	Said      string            // the site's words, which the reviewers are shown; empty for an operator's
	InboundID int64             // the message that says so; 0 for none
	AnswersTo string            // its Message-ID
}

// Correct carries out a correction, and returns the request that is for the right address from now on. Nobody
// decides by it: where reviewers were asked, their codes are void and they are asked anew, and where they have
// approved, they are asked for a new exception, on the same evidence, with which the one of the wrong address
// ends. ErrNotNow if the request is over, or its exception is, or has the right address already, or the request would renew
// one, which has the same address.
func Correct(ctx context.Context, p *Panel, tx Tx, c Correction) (*intake.Request, error) {
	return (&correcting{p, tx, c}).run(ctx)
}

// correcting is a correction being carried out.
type correcting struct {
	*Panel
	Tx
	Correction
}

func (c *correcting) run(ctx context.Context) (*intake.Request, error) {
	moved, approved := c.User.Email != c.Request.User.Email, c.Request.State == intake.Approved
	switch {
	case approved && !moved, !approved && moved && c.Request.Renews != "":
		return nil, intake.ErrNotNow
	case !approved:
		return c.Request, c.open(ctx)
	}
	e, err := c.Exception(ctx, c.Request.Ref)
	if err != nil {
		return nil, err
	}
	if e.StateAt(c.Now) != intake.Active || !c.Request.PurgedAt.IsZero() {
		return nil, intake.ErrNotNow
	}
	begun, err := c.Correcting(ctx, e.Ref)
	if err != nil {
		return nil, err
	}
	if begun == "" {
		return c.begin(ctx, e)
	}
	if c.Request, err = c.Tx.Request(ctx, begun); err != nil {
		return nil, err
	}
	return c.Request, c.open(ctx)
}

// open corrects a request that nobody has decided.
func (c *correcting) open(ctx context.Context) error {
	req, from := c.Request, c.Request.State
	was := *req
	was.Evidence = slices.Clone(req.Evidence)
	c.putRight(req)
	req.Evidence = append(req.Evidence, c.Added...)
	on := intake.EventCorrect
	if from == intake.Incomplete {
		on = c.Completeness(req)
	}
	if err := c.Advance(req, c.Now, on); err != nil {
		return err
	}
	if err := c.VoidReviews(ctx, req.Ref, c.Now); err != nil {
		return err
	}
	if err := c.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	if err := c.record(ctx, req.Ref, on, c.words(&was)); err != nil {
		return err
	}
	if req.State == intake.Pending {
		news := &News{InboundID: c.InboundID, Said: c.Said, Was: &was}
		if err := c.AskReviewers(ctx, c.Tx, req, news); err != nil {
			return err
		}
	}
	return c.tellSite(ctx, req, &was)
}

// putRight makes the correction in a request.
func (c *correcting) putRight(req *intake.Request) {
	req.User = c.User
	if c.Reason != "" && c.Reason != req.Reason {
		req.Reason, req.ReasonWords = c.Reason, nil
	}
}

// words says what is put right in a request, for the record.
func (c *correcting) words(was *intake.Request) string {
	var out []string
	for _, part := range []struct{ what, wrong, right string }{
		{"", was.User.Email, c.User.Email}, {"the name ", was.User.Name, c.User.Name}, {"the reason ", was.Reason, c.Reason},
	} {
		switch {
		case part.right == "" || part.right == part.wrong:
		case part.wrong == "":
			out = append(out, part.what+part.right+" is right")
		default:
			out = append(out, part.what+part.wrong+" is wrong, and "+part.right+" is right")
		}
	}
	return strings.Join(out, "; ")
}

// begin asks the reviewers for an exception of the right address in the place of one that has the wrong address.
func (c *correcting) begin(ctx context.Context, e *intake.Exception) (*intake.Request, error) {
	old := c.Request
	req := *old
	c.putRight(&req)
	req.State, req.Version, req.Renews, req.Corrects = intake.Received, 0, "", e.Ref
	req.ReceivedAt = c.Now
	req.Senders, req.Barred = slices.Clone(old.Senders), slices.Clone(old.Barred)
	req.Evidence = slices.DeleteFunc(slices.Concat(old.Evidence, c.Added), func(e intake.Evidence) bool { return e.Purged })
	if c.InboundID != 0 {
		req.InboundID = c.InboundID
	}
	var err error
	if req.Ref, err = c.NextRef(ctx, "LT", c.Now.In(c.Policy.Zone).Year()); err != nil {
		return nil, err
	}
	on := c.Completeness(&req)
	if err := c.Advance(&req, c.Now, on); err != nil {
		return nil, err
	}
	if err := c.AddRequest(ctx, &req); err != nil {
		return nil, err
	}
	words := c.words(old)
	if err := c.record(ctx, req.Ref, on, words+": it would take the place of "+e.Ref); err != nil {
		return nil, err
	}
	if err := c.record(ctx, e.Ref, intake.EventCorrect, words+": "+req.Ref+" asks for it"); err != nil {
		return nil, err
	}
	if req.State == intake.Pending {
		if err := c.AskReviewers(ctx, c.Tx, &req, &News{InboundID: req.InboundID, Said: c.Said}); err != nil {
			return nil, err
		}
	}
	return &req, c.tellSite(ctx, &req, old)
}

// record puts the correction on record, with the site's words.
func (c *correcting) record(ctx context.Context, ref string, on intake.Event, text string) error {
	if c.Said != "" {
		text += "\n\n" + c.Said
	}
	return c.Record(ctx, intake.HistoryEntry{Ref: ref, At: c.Now, Event: on, By: c.By, Text: text})
}

// tellSite tells the site how its request stands, and what was put right in it.
func (c *correcting) tellSite(ctx context.Context, req, was *intake.Request) error {
	f := c.FactsOfRequest(req)
	f.Audience = intake.ToSite
	if req.User.Email != was.User.Email {
		f.Corrected = was.User.Email
	}
	if c.InboundID == 0 { // the site knows what it has written itself
		f.Changed = req.Changes(was)
	}
	var err error
	if err = SetRuns(ctx, c.Panel, c.Tx, req, &f); err != nil {
		return err
	}
	l := intake.Letter{Template: intake.LetterReceipt, To: req.SiteAddress, Ref: req.Ref, AnswersTo: c.AnswersTo}
	// A correction leads to no other state.
	//exhaustive:ignore
	switch req.State {
	case intake.Incomplete:
		l.Template = intake.LetterIncomplete
		c.AddMissing(req, &f)
	case intake.Rejected: // its evidence has been deleted
		l.Template, f.Why = intake.LetterRejected, intake.WhyNoEvidence
	}
	l.Facts = f
	return c.out.Send(ctx, c.Work, l)
}

// wrong returns the address that the site has put right, with the news or before; empty for none.
func (p *records) wrong(ctx context.Context, news *News) (string, error) {
	if p.req.Corrects != "" {
		e, err := p.Exception(ctx, p.req.Corrects)
		if err != nil {
			return "", err
		}
		return e.User.Email, nil
	}
	if news != nil && news.Was != nil && news.Was.User.Email != "" && news.Was.User.Email != p.req.User.Email {
		return news.Was.User.Email, nil
	}
	return "", nil
}

// endCorrected ends the exception of the wrong address, now that the right one has its own. The wrong address
// hears of it if it takes mail.
func (d *deciding) endCorrected(ctx context.Context) error {
	if d.Request.Corrects == "" {
		return nil
	}
	e, err := d.Exception(ctx, d.Request.Corrects)
	for err == nil && e.State == intake.Superseded && e.SupersededBy != "" {
		e, err = d.Exception(ctx, e.SupersededBy) // as a renewal does
	}
	if err == nil && e.SiteCode != d.Request.SiteCode {
		return nil // another site asked for that address
	}
	if err != nil || e.StateAt(d.Now) != intake.Active || intake.UserKey(e.User.Email) == intake.UserKey(d.Request.User.Email) {
		return err
	}
	return d.Revoke(ctx, d.Tx, e, intake.WhyCorrected,
		"It was given to the wrong address. "+d.Request.Ref+" is for the right one.", d.By.Name)
}
