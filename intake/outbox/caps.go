package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/net/publicsuffix"

	"mfabot/intake"
)

// Allowances stores how many letters may still be sent, and the alerts that were not.
type Allowances interface {
	// Spend takes one letter from an allowance; ErrSpent if none is left.
	Spend(ctx context.Context, a intake.Allowance, now time.Time) error
	// TidyAllowances deletes at most limit allowances that are full again, and frees those that were spent
	// while the clock was ahead.
	TidyAllowances(ctx context.Context, now time.Time, limit int) error
	// KeepAlert adds to the alerts that are not sent by themselves.
	KeepAlert(ctx context.Context, k intake.KeptAlerts) error
	// TakeAlerts returns the alerts of a kind that were kept back, by cause, and forgets them; none where there are none.
	TakeAlerts(ctx context.Context, kind intake.AlertKind) ([]intake.KeptAlerts, error)
	// KeptSince returns the kinds of which alerts with lines were kept back at before or earlier.
	KeptSince(ctx context.Context, before time.Time) ([]intake.AlertKind, error)
	// Savepoint runs fn, and undoes what it did if it returns an error.
	Savepoint(ctx context.Context, fn func() error) error
}

// dailyCap is a limit on answers.
type dailyCap struct {
	intake.Allowance
	words   string
	telling bool // more than one person is behind it when it is reached, so that the operator is told
}

// forward are the answers without which a request does not go on. They have allowances of their own, which nothing else
// that makes us answer can use up.
var forward = []intake.Template{intake.LetterIncomplete, intake.LetterRejected}

// capsFor returns the caps on an answer. The one that all answers share comes first: transactions then wait for each
// other there, and never in a circle.
func (out *Outbox) capsFor(l intake.Letter) []dailyCap {
	p, addr, pool := out.Policy, l.To, ""
	if slices.Contains(forward, l.Template) {
		pool = "forward:"
	}
	daily := func(name string, most int, words string, telling bool) dailyCap {
		return dailyCap{intake.NewAllowance(pool+name, most), fmt.Sprintf("%d answers %s", most, words), telling}
	}
	caps := []dailyCap{daily("total", p.AnswersADayTotal, "in all", true)}
	if domain := Organisation(addr); !out.Registered(addr) {
		// However many strangers write, something is left for sites and reviewers.
		caps = append(caps, daily("strangers", max(p.AnswersADayTotal/2, 1), "to strangers", true),
			daily("domain:"+domain, p.AnswersADayDomain, "to the domain "+domain, true))
	}
	return append(caps, daily("address:"+addr, p.AnswersADay, "to one address", false))
}

// Organisation returns the domain that an address was registered under: its owner can make as many below it
// as they like.
func Organisation(addr string) string {
	domain := domainOf(addr)
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return registered
	}
	return domain
}

// spend takes an answer from every allowance that covers it, and returns nil; or, if one is spent, takes it from none
// and returns that cap.
func (out *Outbox) spend(ctx context.Context, w Work, l intake.Letter) (reached *dailyCap, err error) {
	err = w.Savepoint(ctx, func() error {
		for _, c := range out.capsFor(l) {
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

// keptBack records an answer that a cap kept back, and tells the operator if more than one address gets no
// answers.
func (out *Outbox) keptBack(ctx context.Context, w Work, l intake.Letter, from string, c *dailyCap) error {
	err := w.Record(ctx, intake.HistoryEntry{Ref: l.Ref, At: w.Now, Event: intake.EventUnanswered, By: l.To,
		Text: fmt.Sprintf("%s was not sent: %s in a day are the most", l.Template, c.words)})
	if err != nil || !c.telling {
		return err
	}
	return out.Alert(ctx, w, intake.AlertAnswers, Cause{}, "Somebody makes us answer a lot",
		"Cap: "+c.words+" in a day, about half of them at once", "Latest, not sent: "+string(l.Template)+" to "+l.To,
		"From: "+from, "What such messages ask for is done and on record as always; "+
			"only automatic answers are left out until there is room again.")
}
