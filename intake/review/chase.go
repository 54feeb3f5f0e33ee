package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Reminders stores which reminders each reviewer has had.
type Reminders interface {
	// Chasing returns the references of pending requests that are due for another look, longest waiting first.
	Chasing(ctx context.Context, now time.Time, limit int) ([]string, error)
	// LookAgain sets when a request is next due for a look.
	LookAgain(ctx context.Context, ref string, at time.Time) error
	// Remind records a stage if it is later than the last one recorded since the same moment; else ErrStale.
	Remind(ctx context.Context, r intake.Reminded) error
}

// chaseEvery is how often each pending request is looked at, so that a change of configuration or the end of
// an absence takes effect.
const chaseEvery = 10 * time.Minute

// chaseBatch bounds how many requests are looked at in one run: so many that what is due comes in one reminder.
const chaseBatch = 1000

// asked is a reviewer who was asked to decide a request as it is now.
type asked struct {
	intake.Reviewer
	since   time.Time // when they were first asked
	decided bool
}

// chased is a pending request and the people it waits for, in one run.
type chased struct {
	*Panel
	Tx
	req     *intake.Request
	asked   []asked
	away    map[string]intake.Absence // by reviewer
	late    []asked                   // so late that their deputies were asked or reminded
	written map[string]bool           // who has had a letter in this run: nobody gets two at once
	run     *chasing
	asks    []standsIn // deputies to ask
	due     []due      // reminders
	waits   []waiting  // what the operator is told
}

// sweepReviews looks at the pending requests that are due, and sends the morning digest.
func (s *sweep) sweepReviews(ctx context.Context) error {
	refs, err := s.Chasing(ctx, s.Now, chaseBatch)
	if err != nil {
		return err
	}
	run := newChasing(s.Panel, s.Tx)
	if err := s.each(ctx, refs, run.chase); err != nil {
		return err
	}
	if err := run.send(ctx); err != nil {
		return err
	}
	return s.morning(ctx)
}

// askedNow returns the reviewers who were asked to decide the request as it is now, and may, in the order of
// the configuration. It goes by their codes, which a change to the request voids, and not by times: the clock
// may have been ahead.
func (p *Panel) askedNow(req *intake.Request, reviews []intake.Review) []asked {
	var out []asked
	for _, r := range p.Reviewers {
		a := asked{Reviewer: r}
		for _, v := range reviews {
			if v.Reviewer != r.Address || v.Purpose != intake.ToDecide || v.Digest != req.Digest || !v.VoidAt.IsZero() {
				continue
			}
			if a.since.IsZero() || v.CreatedAt.Before(a.since) {
				a.since = v.CreatedAt
			}
			a.decided = a.decided || v.Decision != ""
		}
		if !a.since.IsZero() && !p.Barred(r, req) {
			out = append(out, a)
		}
	}
	return out
}

// chase does what is due about a pending request: it asks the deputies of those who are away, and notes for the
// others the one reminder that is true now, however many were missed. It never decides anything.
func (run *chasing) chase(ctx context.Context, ref string) error {
	req, err := run.Request(ctx, ref)
	if err != nil || req.State != intake.Pending {
		return err
	}
	reviews, err := run.Reviews(ctx, ref)
	if err != nil {
		return err
	}
	away, err := run.away(ctx, run.Tx)
	if err != nil {
		return err
	}
	c := &chased{Panel: run.Panel, Tx: run.Tx, req: req, asked: run.askedNow(req, reviews), away: away,
		written: make(map[string]bool), run: run}
	for i := 0; i < len(c.asked); i++ { // chaseOne appends deputies
		if a := c.asked[i]; !a.decided {
			if err := c.chaseOne(ctx, a); err != nil {
				return err
			}
		}
	}
	for _, a := range c.late { // they may have been away until now, and so never reminded
		if err := c.remind(ctx, a, intake.Facts{ReviewFacts: intake.ReviewFacts{InPlaceOf: c.placeOf(a)}}); err != nil {
			return err
		}
	}
	if err := c.tellOfWaiting(ctx); err != nil {
		return err
	}
	run.asks, run.due, run.waits = append(run.asks, c.asks...), append(run.due, c.due...), append(run.waits, c.waits...)
	return run.LookAgain(ctx, ref, run.Now.Add(chaseEvery))
}

// chaseOne does what is due about one reviewer who has not decided.
func (c *chased) chaseOne(ctx context.Context, a asked) error {
	if absence, away := c.away[a.Address]; away {
		return c.standIn(ctx, a, absence)
	}
	days := c.WorkingDays().Between(a.since, c.Now)
	stage := c.Policy.Review.RemindersDue(days)
	if stage == 0 {
		return nil
	}
	if lately, err := c.run.remindedLately(ctx, a.Address); lately || err != nil {
		return err
	}
	err := c.Remind(ctx, intake.Reminded{Ref: c.req.Ref, Reviewer: a.Address, Since: a.since, Stage: stage, At: c.Now})
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.Policy.Review.Escalates(stage) && c.canStandIn(a, a.Deputy) {
		c.late = append(c.late, a)
		return c.askDeputy(ctx, a, a.Deputy, intake.WhyUndecided)
	}
	return c.remind(ctx, a, intake.Facts{ReviewFacts: intake.ReviewFacts{InPlaceOf: c.placeOf(a)}})
}

// placeOf returns the name of the undecided reviewer that a standby deputy stands in for; empty for anybody
// else.
func (c *chased) placeOf(a asked) string {
	i := slices.IndexFunc(c.asked, func(o asked) bool { return a.Standby && o.Deputy == a.Address && !o.decided })
	if i < 0 {
		return ""
	}
	return c.asked[i].Name
}

// canStandIn reports whether the person at an address may decide in a reviewer's place.
func (c *chased) canStandIn(a asked, address string) bool {
	deputy, ok := c.Reviewers.ByAddress(address)
	return ok && deputy.Address != a.Address && !c.Barred(deputy, c.req)
}

// standIn asks the deputy of a reviewer who is away: the one the absence names, or else the configured one.
// If the one named has left the configuration and nobody else can stand in, it tells the operator once a day.
func (c *chased) standIn(ctx context.Context, a asked, absence intake.Absence) error {
	for _, address := range []string{absence.Deputy, a.Deputy} {
		if c.canStandIn(a, address) {
			return c.askDeputy(ctx, a, address, intake.WhyAway)
		}
	}
	if _, known := c.Reviewers.ByAddress(absence.Deputy); known || absence.Deputy == "" {
		return nil
	}
	err := c.Spend(ctx, intake.NewAllowance("no-deputy:"+a.Address, 1), c.Now)
	if errors.Is(err, intake.ErrSpent) {
		return nil
	}
	if err != nil {
		return err
	}
	todo := outbox.Cause{}.Do("To have somebody stand in: mfabot delegate " + a.Address + " --to ADDRESS --as NAME")
	return c.out.Alert(ctx, c.Work, intake.AlertAway, todo, a.Address+" is away, and the deputy may not decide any more",
		"Deputy: "+absence.Deputy+", whom the configuration does not name",
		"Nobody is asked in their place.")
}

// askedADay bounds how often a day a deputy is asked to decide one request.
const askedADay = 3

// askDeputy asks a reviewer's deputy, who can stand in, to decide. A deputy who was already asked is only
// reminded, and not even that if the reviewer is away.
func (c *chased) askDeputy(ctx context.Context, a asked, address string, why intake.Why) error {
	deputy, _ := c.Reviewers.ByAddress(address)
	i := slices.IndexFunc(c.asked, func(o asked) bool { return o.Address == deputy.Address })
	if i >= 0 {
		if _, away := c.away[deputy.Address]; away || why == intake.WhyAway || c.asked[i].decided {
			return nil
		}
		return c.remind(ctx, c.asked[i], intake.Facts{Why: why, ReviewFacts: intake.ReviewFacts{InPlaceOf: a.Name}})
	}
	err := c.Spend(ctx, intake.NewAllowance("deputy:"+c.req.Ref+":"+deputy.Address, askedADay), c.Now)
	if errors.Is(err, intake.ErrSpent) {
		return nil
	}
	if err != nil {
		return err
	}
	c.asked, c.written[deputy.Address] = append(c.asked, asked{Reviewer: deputy, since: c.Now}), true
	words := "has not decided"
	if why == intake.WhyAway {
		words = "is away"
	}
	entry := intake.HistoryEntry{Ref: c.req.Ref, At: c.Now, Event: intake.EventDeputy,
		Text: deputy.Address + " was asked in place of " + a.Address + ", who " + words}
	if err := c.Record(ctx, entry); err != nil {
		return err
	}
	c.asks = append(c.asks, standsIn{deputy: deputy, why: why, since: a.since,
		asking: asking{req: c.req, inPlaceOf: a.Name, days: c.WorkingDays().Between(a.since, c.Now)}})
	return nil
}

// remind notes that a reviewer is reminded of the request. more says why, and in whose place they were asked.
func (c *chased) remind(ctx context.Context, to asked, more intake.Facts) error {
	if c.written[to.Address] {
		return nil
	}
	c.written[to.Address] = true
	d := due{req: c.req, to: to, days: c.WorkingDays().Between(to.since, c.Now), why: more.Why, inPlaceOf: more.InPlaceOf}
	c.due = append(c.due, d)
	return c.Record(ctx, intake.HistoryEntry{Ref: c.req.Ref, At: c.Now, Event: intake.EventReminded,
		Text: fmt.Sprintf("%s, after %s", to.Address, workingDays(d.days))})
}

func workingDays(n int) string {
	if n == 1 {
		return "1 working day"
	}
	return fmt.Sprintf("%d working days", n)
}

// tellOfWaiting notes that the operator is told of a request that has waited too long, or whose reviewers are all away.
func (c *chased) tellOfWaiting(ctx context.Context) error {
	waits := slices.DeleteFunc(slices.Clone(c.asked), func(a asked) bool { return a.decided })
	nobody := len(waits) > 0 && !slices.ContainsFunc(waits, func(a asked) bool {
		_, away := c.away[a.Address]
		return !away
	})
	days := c.WorkingDays().Between(c.req.WaitingSince, c.Now)
	kind := intake.AlertUndecided
	stage := c.Policy.Review.AlertsDue(days)
	headline := "A request has waited for " + workingDays(days) + " and is not decided"
	switch {
	case stage > 0:
		stage++ // stage 1 is that of the alert below
	case nobody:
		kind, stage, headline = intake.AlertNobody, 1, "Nobody who was asked to decide is there"
	default:
		return nil
	}
	if lately, err := c.run.toldLately(ctx, kind); lately || err != nil {
		return err
	}
	err := c.Remind(ctx, intake.Reminded{Ref: c.req.Ref, Since: c.req.WaitingSince, Stage: stage, At: c.Now})
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	entry := intake.HistoryEntry{Ref: c.req.Ref, At: c.Now, Event: intake.EventEscalated,
		Text: "for the operator: " + strings.ToLower(headline[:1]) + headline[1:]}
	if err := c.Record(ctx, entry); err != nil {
		return err
	}
	c.waits = append(c.waits, waiting{kind: kind, headline: headline, req: c.req, days: days, lines: c.waitingLines(waits, days)})
	return nil
}

// whileWaiting tells the operator what to do about a request that waits.
func whileWaiting(ref string) []string {
	return []string{
		"Nothing is approved because time passes. Speak to a reviewer, " +
			"or have somebody stand in: mfabot delegate REVIEWER --to ADDRESS --as NAME",
		"When email cannot: mfabot decide " + ref + " approve|reject|info --as REVIEWER",
	}
}

// waitingLines says in an alert what a request waits for, and who was asked.
func (c *chased) waitingLines(waits []asked, days int) []string {
	lines := []string{
		"Reference: " + c.req.Ref, "For: " + c.req.User.Email, "Site: " + c.FactsOfSite(c.req.SiteCode).Name,
		"Waiting since " + c.Moment(c.req.WaitingSince) + ", " + workingDays(days),
	}
	for _, a := range waits {
		line := "Asked: " + a.Address + ", on " + c.Moment(a.since)
		if a.Name != a.Address {
			line = "Asked: " + a.Name + ", " + a.Address + ", on " + c.Moment(a.since)
		}
		if _, away := c.away[a.Address]; away {
			line += "; is away"
		}
		lines = append(lines, line)
	}
	return lines
}
