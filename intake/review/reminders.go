package review

import (
	"context"
	"fmt"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// chasing is one run over pending requests. Who is to be reminded of several gets one letter about all of them.
type chasing struct {
	*Panel
	Tx
	asks   []standsIn
	due    []due
	waits  []waiting
	lately map[string]bool // who has been reminded, or told, lately
}

// standsIn is a deputy who is to be asked.
type standsIn struct {
	asking
	deputy intake.Reviewer
	why    intake.Why
	since  time.Time // when the reviewer was asked
}

// due is a reminder that is to be sent.
type due struct {
	req       *intake.Request
	to        asked
	days      int // working days since they were asked
	why       intake.Why
	inPlaceOf string // the name of the reviewer in whose place they were asked; empty for none
}

// waiting is a request that the operator is to be told of.
type waiting struct {
	kind     intake.AlertKind
	headline string
	req      *intake.Request
	days     int // working days
	lines    []string
}

func newChasing(p *Panel, tx Tx) *chasing {
	return &chasing{Panel: p, Tx: tx, lately: make(map[string]bool)}
}

// Nobody is reminded, nor told that something waits, more often than this: what becomes due meanwhile comes in the
// next letter. So one that is written at the same hour each day is not put off by a few minutes.
const (
	remindEvery     = 20 * time.Hour
	tellNobodyEvery = time.Hour
)

// remindedLately reports whether a reviewer has had a reminder lately. Days without work do not count.
func (run *chasing) remindedLately(ctx context.Context, address string) (bool, error) {
	reminders := []intake.Template{intake.LetterReminder, intake.LetterReminders}
	return run.wrote(ctx, reminders, address, "", run.workingSince(remindEvery))
}

// toldLately reports whether the operator has had an alert of a kind lately.
func (run *chasing) toldLately(ctx context.Context, kind intake.AlertKind) (bool, error) {
	since := run.workingSince(remindEvery)
	if kind == intake.AlertNobody {
		since = run.Now.Add(-tellNobodyEvery)
	}
	return run.wrote(ctx, []intake.Template{intake.LetterAlert}, run.Operator, intake.Why(kind), since)
}

// wrote reports whether letters were written since a moment, and before this run.
func (run *chasing) wrote(
	ctx context.Context, templates []intake.Template, to string, why intake.Why, since time.Time,
) (bool, error) {
	key := string(why) + " " + to
	if lately, known := run.lately[key]; known {
		return lately, nil
	}
	n, err := run.CountLetters(ctx, templates, to, why, since)
	run.lately[key] = n > 0
	return n > 0, err
}

// workingSince returns the moment so long ago, without the days just before on which nobody works.
func (run *chasing) workingSince(ago time.Duration) time.Time {
	since, days := run.Now.Add(-ago), run.WorkingDays()
	for day := run.Now; !days.Has(day) && run.Now.Sub(day) < 30*24*time.Hour; day = day.AddDate(0, 0, -1) {
		since = since.AddDate(0, 0, -1)
	}
	return since
}

// send sends what the run has gathered: one letter to each reviewer, and one alert of each kind.
func (run *chasing) send(ctx context.Context) error {
	if err := run.askDeputies(ctx); err != nil {
		return err
	}
	byReviewer := make(map[string][]due)
	var order []string
	for _, d := range run.due {
		if byReviewer[d.to.Address] == nil {
			order = append(order, d.to.Address)
		}
		byReviewer[d.to.Address] = append(byReviewer[d.to.Address], d)
	}
	for _, address := range order {
		send := run.remindOfAll
		if len(byReviewer[address]) == 1 {
			send = run.remindOfOne
		}
		if err := send(ctx, byReviewer[address]); err != nil {
			return err
		}
	}
	for _, kind := range []intake.AlertKind{intake.AlertUndecided, intake.AlertNobody} {
		if err := run.tellOperator(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

// joins reports whether the request can be told of in one letter with others: there is nothing more to say about it.
func (s standsIn) joins() bool { return s.req.Renews == "" && s.req.Corrects == "" }

// askDeputies asks each deputy: in one letter about the requests of one message, where these are many.
func (run *chasing) askDeputies(ctx context.Context) error {
	type group struct {
		deputy  string
		why     intake.Why
		message int64
	}
	groupOf := func(s standsIn) group { return group{s.deputy.Address, s.why, s.req.InboundID} }
	together := make(map[group][]asking)
	for _, s := range run.asks {
		if g := groupOf(s); s.joins() {
			together[g] = append(together[g], s.asking)
		}
	}
	for _, s := range run.asks {
		if all := together[groupOf(s)]; s.joins() && len(all) >= run.Policy.Review.TogetherFrom {
			if all[0].req != s.req { // the first stands for all of them
				continue
			}
			if err := run.askOfSeveral(ctx, run.Tx, s.deputy, all, s.why); err != nil {
				return err
			}
			continue
		}
		l, err := run.ReviewLetter(ctx, run.Tx, s.req, nil)
		if err != nil {
			return err
		}
		l.Facts.Why, l.Facts.InPlaceOf, l.Facts.At, l.Facts.Days = s.why, s.inPlaceOf, s.since, s.days
		if err := run.AskReviewer(ctx, run.Tx, s.req, s.deputy, l); err != nil {
			return err
		}
	}
	return nil
}

// remindOfOne sends a reminder with a code, so that an answer to it decides.
func (run *chasing) remindOfOne(ctx context.Context, all []due) error {
	d := all[0]
	review, err := run.out.NewCode(ctx, run.Work, d.req, d.to.Reviewer, intake.ToDecide)
	if err != nil {
		return err
	}
	f := run.FactsOfRequest(d.req)
	f.Audience, f.Why, f.InPlaceOf = intake.ToReviewer, d.why, d.inPlaceOf
	f.At, f.Latest = d.to.since, run.Now.Add(run.Policy.LongTerm.Duration)
	f.Days = d.days
	need, err := needOf(ctx, run.Service, run.Tx, d.req)
	if err != nil {
		return err
	}
	need.tell(&f)
	f.Seed, f.CodeHash = review.Seed, review.CodeHash
	if err := run.addPast(ctx, run.Tx, d.req, nil, &f); err != nil {
		return err
	}
	reminder := intake.Letter{Template: intake.LetterReminder, To: d.to.Address, Ref: d.req.Ref, Facts: f}
	return run.out.Send(ctx, run.Work, reminder)
}

// remindOfAll sends one reminder of several requests. The first of them can be decided from it, each by itself.
func (run *chasing) remindOfAll(ctx context.Context, all []due) error {
	f := intake.Facts{Audience: intake.ToReviewer, At: run.Now,
		ReviewFacts: intake.ReviewFacts{Latest: run.Now.Add(run.Policy.LongTerm.Duration)},
		DigestFacts: intake.DigestFacts{UndecidedTotal: len(all)}}
	for _, d := range all[:min(len(all), mostListed)] {
		review, err := run.out.NewCode(ctx, run.Work, d.req, d.to.Reviewer, intake.ToDecide)
		if err != nil {
			return err
		}
		runs, err := run.renewedEnds(ctx, run.Tx, d.req)
		if err != nil {
			return err
		}
		f.Undecided = append(f.Undecided, intake.UndecidedFacts{Ref: d.req.Ref, User: d.req.User, Site: run.FactsOfSite(d.req.SiteCode),
			Reason: run.FactsOfReason(intake.Long, d.req.Reason).Title, Days: d.days, InPlaceOf: d.inPlaceOf,
			Renews: d.req.Renews, Runs: runs, Seed: review.Seed, CodeHash: review.CodeHash})
	}
	return run.out.Send(ctx, run.Work, intake.Letter{Template: intake.LetterReminders, To: all[0].to.Address, Facts: f})
}

// tellOperator sends one alert of a kind about all that waits.
func (run *chasing) tellOperator(ctx context.Context, kind intake.AlertKind) error {
	var lines []string
	var only *waiting
	n := 0
	for i, w := range run.waits {
		if w.kind != kind {
			continue
		}
		if n++; n <= mostListed {
			lines = append(lines, fmt.Sprintf("%s, for %s, of %s: waiting since %s, %s", w.req.Ref, w.req.User.Email,
				run.FactsOfSite(w.req.SiteCode).Name, run.Moment(w.req.WaitingSince), workingDays(w.days)))
		}
		only = &run.waits[i]
	}
	switch n {
	case 0:
		return nil
	case 1:
		about := outbox.About(run.Service, only.req.User, only.req.SiteCode).Do(whileWaiting(only.req.Ref)...)
		return run.out.Alert(ctx, run.Work, kind, about, only.headline, only.lines...)
	}
	headline := fmt.Sprintf("%d requests have waited too long and are not decided", n)
	if kind == intake.AlertNobody {
		headline = fmt.Sprintf("Nobody who was asked to decide is there, for %d requests", n)
	}
	if n > mostListed {
		lines = append(lines, fmt.Sprintf("And %d more.", n-mostListed))
	}
	return run.out.Alert(ctx, run.Work, kind, outbox.Cause{}.Do(whileWaiting("REF")...), headline, lines...)
}
