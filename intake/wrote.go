package intake

import (
	"cmp"
	"context"
	"slices"
)

// siteWrote brings to the operator what a site writes when nothing waits for it
// any more: nobody else would read it. Thanks stay on record only. done is what the
// operator is told of what was done about it.
func (in *Inbox) siteWrote(ctx context.Context, t *turn, site *Site, ref string, subject Person, done string) (Conclusion, error) {
	passable, err := in.passable(ctx, t, site.ODSCode)
	if err != nil {
		return Conclusion{}, err
	}
	if !t.silent() && !merelyThanks(t.msg.NewText) && passable {
		lines, err := in.whatCanBeDone(ctx, t, subject, done)
		if err != nil {
			return Conclusion{}, err
		}
		lines = append([]string{"Reference: " + ref, "Site: " + site.Name + " (" + site.ODSCode + ")", "From: " + t.from()}, lines...)
		for _, a := range t.msg.Evidence {
			lines = append(lines, "Attached, and no evidence: "+a.Filename)
		}
		if err := in.out.alertQuoting(ctx, t.Work, "site-wrote", t.said(), "A site wrote about what is decided already", lines...); err != nil {
			return Conclusion{}, err
		}
	}
	return in.noted(ctx, t, ref)
}

// unanswered is what was done about most of what reaches the operator.
const unanswered = "Nothing was changed, and the site was not answered. Please answer it."

// silent reports whether a message says nothing and brings nothing.
func (t *turn) silent() bool { return t.msg.NewText == "" && len(t.msg.Evidence) == 0 }

// whatCanBeDone tells the operator how to end what a user has, and what was done.
func (in *Inbox) whatCanBeDone(ctx context.Context, t *turn, subject Person, done string) ([]string, error) {
	unclosed, err := t.Unclosed(ctx, subject.Email)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, e := range unclosed {
		if e.StateAt(t.Now) == Active {
			lines = append(lines, "Active until "+in.moment(e.EndsAt)+": "+e.Ref+" for "+subject.Email,
				"To end it now: mfabot revoke "+e.Ref+" REASON --as NAME")
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "There is no active exception for "+cmp.Or(subject.Email, "anybody")+".")
	}
	return append(lines, done), nil
}

// said is what a message says now, or all of it where that is nothing.
func (t *turn) said() string { return cmp.Or(t.msg.NewText, t.msg.Text) }

// askedAgain continues the open request of a user for whom the site wrote anew.
// While reviewers decide, the site is told again that its request is there.
func (in *Inbox) askedAgain(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
	if req.State != Pending || in.bringsNew(t, req) {
		return in.continued(ctx, t, site, req)
	}
	if err := in.remember(ctx, t, req); err != nil {
		return Conclusion{}, err
	}
	before, err := t.History(ctx, req.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	tell := in.passOn
	if slices.ContainsFunc(before, func(e HistoryEntry) bool { return e.Text == t.msg.NewText }) { // reviewers have read it
		tell = in.notedFor
	}
	c, err := tell(ctx, t, req)
	if err != nil {
		return c, err
	}
	f := in.requestFacts(req)
	f.Audience = ToSite
	if f.Runs, err = in.panel.runs(ctx, t.ReviewTx, req); err != nil {
		return c, err
	}
	return c, in.answer(ctx, t, Letter{Template: Receipt, To: in.answerable(t, site), Ref: req.Ref, AnswersTo: t.msg.MessageID, Facts: f})
}
