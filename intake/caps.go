package intake

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/net/publicsuffix"
)

// OneLetter is what one letter takes from an allowance.
const OneLetter = 1_000_000

// Allowance is how many letters may go out, as a bucket that is full at first and
// fills up evenly as time passes.
type Allowance struct {
	Name   string
	Burst  int64 // what it holds, in millionths of a letter
	Refill int64 // what comes back in 24 hours, likewise
}

// NewAllowance returns the allowance that lets out at most n letters, 1 or more,
// in any 24 hours, whenever they begin.
//
// In 24 hours there goes out what was in it, Burst at most, and what came in,
// Refill at most. So half of n, rounded up, may go out at once. The rest of n
// comes back over a day, and all but a millionth of one letter more, as only whole
// letters go out: Burst + Refill is just less than n + 1. Without that more, the
// allowance for one letter a day would never come back.
//
//	n      at once  in the 24 hours after, evenly
//	1      1        1, a little late: in 24 hours and one second
//	2      1        2, a little late
//	50     25       26, a little late
//
// Burst is thus no more than what comes back in a little over a day.
func NewAllowance(name string, n int) Allowance {
	atOnce := int64(n+1) / 2
	return Allowance{Name: name, Burst: atOnce * OneLetter, Refill: (int64(n)+1-atOnce)*OneLetter - 1}
}

// ErrSpent says that there is no letter left in an allowance.
var ErrSpent = errors.New("the allowance is spent")

// dailyCap is one of the limits on answers.
type dailyCap struct {
	Allowance
	words   string
	telling bool // that it is reached is more than one person's doing, and told to the operator
}

// kindAnswers is the kind of alert that says that a cap is reached.
const kindAnswers = "many-answers"

// capsFor are the caps that an answer to an address comes under. The one that all
// answers share is the first: whoever has it holds up the others, so that two
// transactions never wait for each other.
func (out *Outbox) capsFor(addr string) []dailyCap {
	p := out.Policy
	caps := []dailyCap{{NewAllowance("total", p.AnswersADayTotal), fmt.Sprintf("%d answers in all", p.AnswersADayTotal), true}}
	if domain := organisation(addr); !out.registered(addr) {
		strangers := max(p.AnswersADayTotal/2, 1) // however many there are, something is left for sites and reviewers
		caps = append(caps, dailyCap{NewAllowance("strangers", strangers), fmt.Sprintf("%d answers to strangers", strangers), true}, dailyCap{NewAllowance("domain:"+domain, p.AnswersADayDomain),
			fmt.Sprintf("%d answers to the domain %s", p.AnswersADayDomain, domain), true})
	}
	return append(caps, dailyCap{NewAllowance("address:"+addr, p.AnswersADay), fmt.Sprintf("%d answers to one address", p.AnswersADay), false})
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
	if errors.Is(err, ErrSpent) {
		return reached, nil
	}
	return nil, err
}

// unanswered puts an answer that is not sent on record, and tells the operator
// where it is not just one address that gets no more.
func (in *Inbox) unanswered(ctx context.Context, t *turn, l Letter, c *dailyCap) error {
	t.check("within the caps", false, "%s to %s is not sent: %s in a day are the most", l.Template, l.To, c.words)
	err := t.Record(ctx, HistoryEntry{Ref: l.Ref, At: t.Now, Event: "unanswered", By: l.To,
		Text: fmt.Sprintf("%s was not sent: %s in a day are the most", l.Template, c.words)})
	if err != nil || !c.telling {
		return err
	}
	return in.out.alert(ctx, t.Work, kindAnswers, "Somebody makes us answer a lot",
		"Cap: "+c.words+" in a day, about half of them at once", "Latest, not sent: "+string(l.Template)+" to "+l.To,
		"From: "+t.from(), "What such messages ask for is done and on record as always; only automatic answers are left out until there is room again.")
}

// passable reports whether one more message of a site may be passed on to people
// today. Signed mail can be sent again and again by whoever has a copy.
func (in *Inbox) passable(ctx context.Context, t *turn, siteCode string) (bool, error) {
	n := in.Policy.AnswersADay
	err := t.Spend(ctx, NewAllowance("passed on:"+siteCode, n), t.Now)
	if !errors.Is(err, ErrSpent) {
		return err == nil, err
	}
	t.check("within the caps", false, "it is on record and not passed on: %d messages of one site in a day are the most", n)
	return false, in.out.alert(ctx, t.Work, kindAnswers, "A site writes a lot",
		"Site: "+siteCode, "From: "+t.from(), "What it wrote is on record, and not passed on any more until there is room again: `mfabot inbound` lists it.")
}
