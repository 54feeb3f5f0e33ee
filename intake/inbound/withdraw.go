package inbound

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/intake/wording"
)

// withdraw withdraws a request for its site if it is undecided. If it is approved, its undecided renewal is
// withdrawn or, without one, the operator told.
func (m *siteMail) withdraw(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	err := m.panel.Withdraw(ctx, m.Tx, withdrawalBy(m, req))
	if errors.Is(err, intake.ErrNotNow) {
		if req.State == intake.Approved {
			open, err := m.panel.RenewalOf(ctx, m.Tx, req.Ref)
			if err != nil {
				return intake.Conclusion{}, err
			}
			if open != nil { // the warnings mention it too
				return m.withdraw(ctx, open)
			}
			exempt, todo, err := m.whatCanBeDone(ctx, m.Service, req.User, nothingDone)
			if err != nil {
				return intake.Conclusion{}, err
			}
			shown, err := remark{m}.raise(ctx, intake.AlertWithdraw, req.User, todo,
				m.site.Name+" wants to take back "+req.Ref+", which is approved: please answer",
				append([]string{"Reference: " + req.Ref, "From: " + m.from()}, exempt...)...)
			if err == nil && shown {
				err = remark{m}.tellPassedOn(ctx, req.Ref)
			}
			if err != nil {
				return intake.Conclusion{}, err
			}
		}
		return m.noted(ctx, req.Ref)
	}
	return intake.Conclusion{Outcome: intake.OutcomeWithdrawal, Ref: req.Ref, Folder: intake.Processed}, err
}

// withdrawalBy is that of a request by a message.
func withdrawalBy(m *siteMail, req *intake.Request) review.Withdrawal {
	return review.Withdrawal{Request: req, By: m.from(), AnswersTo: m.msg.MessageID}
}

// takingBack is a message by which a site may take back a request.
type takingBack struct{ *siteMail }

// certainty reports how plainly a message takes back the request that it is about: by the command, or in own words. With
// evidence, or somebody else's address or name, own words are not plain, nor where they can be the answer to a question.
func (m takingBack) certainty(req *intake.Request) wording.Certainty {
	if m.msg.Withdraw || m.command() == wording.Withdraw {
		return wording.Plainly
	}
	means := m.means().withdrawal
	somebodyElse := slices.ContainsFunc(addressesIn(m.msg.NewText), func(addr string) bool {
		return addr != req.User.Email && addr != m.Address && !m.site.Has(addr)
	})
	switch {
	case m.bringsEvidence():
		return wording.No
	case somebodyElse, req.State == intake.NeedsInfo, m.msg.Reason != "" && req.State == intake.Incomplete,
		req.User.Email != "" && wording.OfAnother(m.msg.NewText, wording.Person{Address: req.User.Email, Name: req.User.Name}):
		return min(means, wording.Perhaps)
	}
	return means
}

// askAbout asks the site whether it takes the request back. Meanwhile reviewers see what it wrote: where they have asked
// a question, it may be the answer.
func (m takingBack) askAbout(ctx context.Context, req *intake.Request) (c intake.Conclusion, err error) {
	// The other states have nobody who decides.
	//exhaustive:ignore
	switch req.State {
	case intake.Pending:
		c, err = m.passOn(ctx, req, "")
	case intake.NeedsInfo:
		c, err = m.advanced(ctx, req, intake.EventAnswer)
	default:
		c, err = m.noted(ctx, req.Ref)
	}
	if err != nil {
		return c, err
	}
	return c, inquiry(m).tellStatus(ctx, req.Ref, intake.WhyTakenBack)
}

// unasked withdraws what a site takes back in its own words outside a conversation about it: it is asked first. mine
// is false if the message takes back nothing, or asks for something besides.
func (m takingBack) unasked(ctx context.Context, ref string) (c intake.Conclusion, mine bool, err error) {
	means := m.means().withdrawal
	if means == wording.No || m.bringsEvidence() || m.msg.Reason != "" || m.means().said.Request {
		return c, false, nil
	}
	if means == wording.Plainly {
		c, err = m.withdrawUnnamed(ctx, ref)
	} else {
		c, err = m.siteWrote(ctx, "", intake.User{}, nothingDone)
	}
	return c, true, err
}

// withdrawUnnamed withdraws the one request that a site can mean when it does not say which. The operator is
// told instead if there are several or none, or if ref, which is not one of the site's own, is given.
func (m *siteMail) withdrawUnnamed(ctx context.Context, ref string) (intake.Conclusion, error) {
	open, err := m.openAbout(ctx)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if len(open) == 1 && ref == "" {
		req, err := m.Request(ctx, open[0])
		if err != nil {
			return intake.Conclusion{}, err
		}
		if m.foreign || !m.msg.Withdraw && m.command() != wording.Withdraw { // somebody else may have asked for the word
			return belonging{m}.ask(ctx, req)
		}
		return m.continued(ctx, req)
	}
	among := "none"
	if len(open) > 0 {
		among = strings.Join(open, ", ")
	}
	shown, err := remark{m}.raise(ctx, intake.AlertWithdraw, intake.User{}, []string{
		"Nothing was changed. The site was told that a person reads it. Ask it to reply to one of our emails about " +
			"the request with the one word WITHDRAW."},
		m.site.Name+" wants to take back a request, and does not say which",
		"Site: "+m.site.Name+" ("+m.site.ODSCode+")", "From: "+m.from(), "Subject: "+m.inbound.Subject,
		"Open requests that it can mean: "+among)
	if err == nil && shown {
		err = remark{m}.tellPassedOn(ctx, "")
	}
	if err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, "")
}

// openAbout returns a site's undecided requests: those for the users that the message names, or all if it
// names nobody.
func (m *siteMail) openAbout(ctx context.Context) ([]string, error) {
	var out []string
	somebody := false
	for _, addr := range addressesIn(m.msg.Subject + "\n" + m.msg.NewText) {
		refs, err := m.OpenRequests(ctx, m.site.ODSCode, addr)
		if err != nil {
			return nil, err
		}
		out = append(out, refs...)
		somebody = somebody || (addr != m.Address && !m.site.Has(addr))
	}
	if len(out) > 0 || somebody {
		return out, nil
	}
	return m.OpenRequests(ctx, m.site.ODSCode, "")
}

// addressesIn returns the addresses in a text. The parser does not look for users in a withdrawal, which asks
// for nobody.
func addressesIn(s string) []string {
	var out []string
	for _, addr := range addressForm.FindAllString(s, maxAddresses) {
		if addr = intake.Canonical(addr); !slices.Contains(out, addr) {
			out = append(out, addr)
		}
	}
	return out
}

// maxAddresses bounds the addresses that are looked up.
const maxAddresses = 20

var addressForm = regexp.MustCompile(`[^\s<>()\[\]:;,"'@]+@[\w-]+(?:\.[\w-]+)+`)
