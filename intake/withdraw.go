package intake

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// withdraw takes a request back for its site, as long as it is not decided.
func (in *Inbox) withdraw(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	err := in.panel.takeBack(ctx, t.ReviewTx, req, t.from(), "", t.msg.MessageID)
	if errors.Is(err, ErrNotNow) {
		if req.State == IsApproved {
			open, err := in.panel.renewalOf(ctx, t.ReviewTx, req.Ref)
			if err != nil {
				return Conclusion{}, err
			}
			if open != nil { // of which the warnings speak as well
				return in.withdraw(ctx, t, open)
			}
			lines, err := in.whatCanBeDone(ctx, t, req.Subject, unanswered)
			if err != nil {
				return Conclusion{}, err
			}
			if err := in.out.alertQuoting(ctx, t.Work, "withdraw", t.said(), "A site wants to take back an exception that is approved",
				append([]string{"Reference: " + req.Ref, "From: " + t.from()}, lines...)...); err != nil {
				return Conclusion{}, err
			}
		}
		return in.noted(ctx, t, req.Ref)
	}
	return Conclusion{Outcome: AsWithdrawal, Ref: req.Ref, Folder: Processed}, err
}

// takeBack takes a request back, and tells its site and the reviewers. why is empty
// where the site has asked for it. ErrNotNow where it is decided.
func (p *Panel) takeBack(ctx context.Context, tx ReviewTx, req *Request, by, why, answersTo string) error {
	from := req.State
	if err := p.settle(req, tx.Now, Withdraw); err != nil {
		return err
	}
	f := p.requestFacts(req)
	f.Audience, f.Decision, f.By, f.At, f.Why = ToSite, string(IsWithdrawn), by, tx.Now, why
	var err error
	if f.Runs, err = p.runs(ctx, tx, req); err != nil {
		return err
	}
	return errors.Join(
		tx.VoidReviews(ctx, req.Ref, tx.Now),
		tx.UpdateRequest(ctx, req, from),
		tx.Record(ctx, HistoryEntry{Ref: req.Ref, At: tx.Now, Event: string(Withdraw), By: by, Text: why}),
		p.out.send(ctx, tx.Work, Letter{Template: Withdrawn, To: req.SiteAddress, Ref: req.Ref, AnswersTo: answersTo, Facts: f}),
		p.tellReviewers(ctx, tx, req, f, ""),
	)
}

// withdrawUnnamed takes back the one request that a site can mean when it names
// none. ref is a reference that it gives and that is not its own; the operator
// asks what is meant then, and where there are several requests or none.
func (in *Inbox) withdrawUnnamed(ctx context.Context, t *turn, site *Site, ref string) (Conclusion, error) {
	open, err := in.openAbout(ctx, t, site)
	if err != nil {
		return Conclusion{}, err
	}
	if len(open) == 1 && ref == "" {
		req, err := t.Request(ctx, open[0])
		if err != nil {
			return Conclusion{}, err
		}
		return in.continued(ctx, t, site, req)
	}
	among := "none"
	if len(open) > 0 {
		among = strings.Join(open, ", ")
	}
	if err := in.out.alertQuoting(ctx, t.Work, "withdraw", t.said(), "A site wants to take back a request, and does not say which",
		"Site: "+site.Name+" ("+site.ODSCode+")", "From: "+t.from(), "Subject: "+t.inbound.Subject, "Open requests that it can mean: "+among,
		"Nothing was changed. Ask the site to reply to one of our emails about the request with the one word WITHDRAW."); err != nil {
		return Conclusion{}, err
	}
	return in.noted(ctx, t, "")
}

// openAbout lists a site's open requests: those for the users that a message
// names, or all where it names nobody.
func (in *Inbox) openAbout(ctx context.Context, t *turn, site *Site) ([]string, error) {
	var out []string
	somebody := false
	for _, addr := range addressesIn(t.msg.Subject + "\n" + t.msg.NewText) {
		refs, err := t.OpenRequests(ctx, site.ODSCode, addr)
		if err != nil {
			return nil, err
		}
		out = append(out, refs...)
		somebody = somebody || (addr != in.Address && !site.Has(addr))
	}
	if len(out) > 0 || somebody {
		return out, nil
	}
	return t.OpenRequests(ctx, site.ODSCode, "")
}

// addressesIn lists the addresses in words of which the parser reads none: who
// takes a request back asks for nobody.
func addressesIn(s string) []string {
	var out []string
	for _, addr := range addressForm.FindAllString(s, maxAddresses) {
		if addr = Canonical(addr); !slices.Contains(out, addr) {
			out = append(out, addr)
		}
	}
	return out
}

// maxAddresses bounds the addresses that are looked up.
const maxAddresses = 20

var addressForm = regexp.MustCompile(`[^\s<>()\[\]:;,"'@]+@[\w-]+(?:\.[\w-]+)+`)
