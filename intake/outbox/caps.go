package outbox

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/net/publicsuffix"

	"mfabot/intake"
)

// dailyCap is one of the limits on answers.
type dailyCap struct {
	intake.Allowance
	words   string
	telling bool // that it is reached is more than one person's doing, and told to the operator
}

// capsFor are the caps that an answer to an address comes under. The one that all
// answers share is the first: whoever has it holds up the others, so that two
// transactions never wait for each other.
func (out *Outbox) capsFor(addr string) []dailyCap {
	p := out.Policy
	caps := []dailyCap{{intake.NewAllowance("total", p.AnswersADayTotal), fmt.Sprintf("%d answers in all", p.AnswersADayTotal), true}}
	if domain := organisation(addr); !out.Registered(addr) {
		strangers := max(p.AnswersADayTotal/2, 1) // however many there are, something is left for sites and reviewers
		caps = append(caps, dailyCap{intake.NewAllowance("strangers", strangers), fmt.Sprintf("%d answers to strangers", strangers), true}, dailyCap{intake.NewAllowance("domain:"+domain, p.AnswersADayDomain),
			fmt.Sprintf("%d answers to the domain %s", p.AnswersADayDomain, domain), true})
	}
	return append(caps, dailyCap{intake.NewAllowance("address:"+addr, p.AnswersADay), fmt.Sprintf("%d answers to one address", p.AnswersADay), false})
}

// organisation is the domain that an address was registered under: whoever has it
// can make as many below it as they like.
func organisation(addr string) string {
	domain := domainOf(addr)
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return registered
	}
	return domain
}

// spend takes an answer to an address from every allowance that it comes under,
// or from none, and then returns the cap that is reached.
func (out *Outbox) spend(ctx context.Context, w Work, addr string) (reached *dailyCap, err error) {
	err = w.Savepoint(ctx, func() error {
		for _, c := range out.capsFor(addr) {
			if err := w.Spend(ctx, c.Allowance, w.Now); err != nil {
				reached = &c
				return err
			}
		}
		return nil
	})
	if errors.Is(err, intake.ErrSpent) {
		return reached, nil
	}
	return nil, err
}

// keptBack puts an answer that is not sent on record, and tells the operator where it
// is not just one address that gets no more.
func (out *Outbox) keptBack(ctx context.Context, w Work, l intake.Letter, from string, c *dailyCap) error {
	err := w.Record(ctx, intake.HistoryEntry{Ref: l.Ref, At: w.Now, Event: intake.EventUnanswered, By: l.To,
		Text: fmt.Sprintf("%s was not sent: %s in a day are the most", l.Template, c.words)})
	if err != nil || !c.telling {
		return err
	}
	return out.Alert(ctx, w, intake.AlertAnswers, "Somebody makes us answer a lot",
		"Cap: "+c.words+" in a day, about half of them at once", "Latest, not sent: "+string(l.Template)+" to "+l.To,
		"From: "+from, "What such messages ask for is done and on record as always; only automatic answers are left out until there is room again.")
}
