package report

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"mfabot/intake"
)

// How many a report names at most.
const (
	mostSites     = 10
	mostReviewers = 20
)

// Counts counts what is on record.
type Counts interface {
	// CountedIn counts what came, was decided and ended at from or later, and before to, by what it is; and the exceptions in force
	// at by.
	CountedIn(ctx context.Context, from, to, by time.Time) ([]intake.Figure, error)
	// BusiestSites returns at most limit of the sites that sent requests then, most first, and how many sites did.
	BusiestSites(ctx context.Context, from, to time.Time, limit int) (busiest []intake.Figure, sites int64, err error)
	// Repeated counts the users who were given more than one short-term exception then, and the most that one was given.
	Repeated(ctx context.Context, from, to time.Time) (users, most int64, err error)
	// EachDecided passes when a request came and when reviewers decided it to do, of all that were decided then.
	EachDecided(ctx context.Context, from, to time.Time, do func(came, decided time.Time)) error
	// Figures counts what is in hand at now.
	Figures(ctx context.Context, now, soon time.Time) ([]intake.Figure, error)
	// AwaitedReviewers counts the requests that wait for each reviewer, most first.
	AwaitedReviewers(ctx context.Context) ([]intake.Figure, error)
}

// Counter counts for a service.
type Counter struct {
	*intake.Service
	Counts Counts
}

// figures are what was counted, by what it is.
type figures map[string]map[string]int64

// in are the figures of some days.
func (c *Counter) in(ctx context.Context, d Days, at time.Time) (figures, error) {
	counted, err := c.Counts.CountedIn(ctx, d.From, d.To, at)
	f := make(figures)
	for _, c := range counted {
		if f[c.What] == nil {
			f[c.What] = make(map[string]int64)
		}
		f[c.What][c.Of] += c.N
	}
	return f, err
}

// Report counts what a report says.
func (c *Counter) Report(ctx context.Context, d Days) (r Report, err error) {
	at := d.To
	if d.Now.Before(at) {
		at = d.Now
	}
	f, err := c.in(ctx, d, at)
	if err != nil {
		return r, err
	}
	requests, active, over := f["request"], f["in force"], f["over"]
	r = Report{From: d.From.Format(time.DateOnly), To: d.To.AddDate(0, 0, -1).Format(time.DateOnly), Zone: c.Policy.Zone.String(),
		At: d.Now.UTC().Truncate(time.Second), zone: c.Policy.Zone,
		Requests: Requests{requests["first"] + requests["renewal"], requests["renewal"]}, Decisions: f.decisions("decision"),
		Reasons: f.most("reason"), Refusals: f.most("refusal"), Renewals: f.decisions("renewal"),
		ShortTerm: ShortTerm{Reasons: f.most("short")},
		Exceptions: Exceptions{at.UTC().Truncate(time.Second), active[string(intake.Long)], active[string(intake.Short)],
			over[string(intake.Ended)], over[string(intake.Revoked)], over[string(intake.Superseded)]}}
	for _, n := range r.ShortTerm.Reasons {
		r.ShortTerm.All += n.N
	}
	if r.ShortTerm.Repeated, r.ShortTerm.Most, err = c.Counts.Repeated(ctx, d.From, d.To); err != nil {
		return r, err
	}
	if err := c.readSites(ctx, &r, d); err != nil {
		return r, err
	}
	if r.TimeToDecision, err = c.times(ctx, d); err != nil {
		return r, err
	}
	return r, c.readWaiting(ctx, &r, d.Now)
}

// decisions are the decisions among the figures.
func (f figures) decisions(what string) Decisions {
	n := func(e intake.Event) int64 { return f[what][string(e)] }
	return Decisions{n(intake.EventApprove), n(intake.EventReject), n(intake.EventNoEvidence), n(intake.EventAsk)}
}

// most are the figures of a kind, the largest first.
func (f figures) most(what string) []Count {
	out := []Count{}
	for name, n := range f[what] {
		out = append(out, Count{name, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return out
}

// readSites counts the requests of the sites with the most, and of all others.
func (c *Counter) readSites(ctx context.Context, r *Report, d Days) error {
	busiest, sites, err := c.Counts.BusiestSites(ctx, d.From, d.To, mostSites)
	r.Sites = []SiteCount{}
	others := OtherSites{sites - int64(len(busiest)), r.Requests.All}
	for _, f := range busiest {
		site := SiteCount{ODSCode: f.Of, N: f.N}
		if known, ok := c.Sites.Now().ByCode(f.Of); ok {
			site.Name = known.Name
		}
		r.Sites = append(r.Sites, site)
		others.N -= f.N
	}
	if others.Sites > 0 {
		r.OtherSites = &others
	}
	return err
}

// times is how long decisions took; nil where there is none.
func (c *Counter) times(ctx context.Context, d Days) (*Times, error) {
	days := c.WorkingDays()
	worked, whole := make(durations), make(durations)
	err := c.Counts.EachDecided(ctx, d.From, d.To, func(came, decided time.Time) {
		worked.add(days.Worked(came, decided))
		whole.add(max(0, decided.Sub(came)))
	})
	if err != nil || len(whole) == 0 {
		return nil, err
	}
	least := func(part float64) Time {
		return Time{inWorkingDays(worked.least(part)), tenths(whole.least(part).Hours())}
	}
	return &Times{whole.n(), least(0.5), least(0.95)}, nil
}

// durations counts durations by whole minutes, so that a report of many years takes no more room than one of a month.
type durations map[time.Duration]int64

func (d durations) add(t time.Duration) { d[t.Truncate(time.Minute)]++ }

func (d durations) n() (n int64) {
	for _, times := range d {
		n += times
	}
	return n
}

// least is the least time that is enough for this part of them.
func (d durations) least(part float64) (t time.Duration) {
	need := int64(math.Ceil(part * float64(d.n())))
	for _, t = range slices.Sorted(maps.Keys(d)) {
		if need -= d[t]; need <= 0 {
			break
		}
	}
	return t
}

// inWorkingDays is a time on working days, in days of 24 hours.
func inWorkingDays(t time.Duration) float64 { return tenths(t.Hours() / 24) }

// tenths rounds to a tenth.
func tenths(x float64) float64 { return math.Round(x*10) / 10 }

// For whom something waits, in the order of a report.
const (
	forSites = iota
	forReviewers
	forOperator
	forDirectory
)

// readWaiting counts what waits now, and for whom.
func (c *Counter) readWaiting(ctx context.Context, r *Report, now time.Time) error {
	in, err := c.Counts.Figures(ctx, now, now)
	if err != nil {
		return err
	}
	days := c.WorkingDays()
	r.Waiting = []Waiting{forSites: {For: "site", name: "sites"}, forReviewers: {For: "reviewers", name: "reviewers"},
		forOperator: {For: "operator", name: "the operator, by hand"}, forDirectory: {For: "directory", name: "the directory"}}
	whom := map[[2]string]int{{"request", string(intake.Pending)}: forReviewers, {"request", string(intake.Incomplete)}: forSites,
		{"request", string(intake.NeedsInfo)}: forSites, {"by hand", string(intake.ToApply)}: forOperator,
		{"by hand", string(intake.ToRemove)}: forOperator, {"by hand", string(intake.ToCall)}: forOperator,
		{"directory", string(intake.ToApply)}: forDirectory, {"directory", string(intake.ToRemove)}: forDirectory}
	for _, f := range in {
		i, waits := whom[[2]string{f.What, f.Of}]
		if !waits {
			continue
		}
		w := &r.Waiting[i]
		if w.N += f.N; w.Since.IsZero() || f.Oldest.Before(w.Since) {
			w.Since, w.longest = f.Oldest, days.Worked(f.Oldest, now)
		}
	}
	awaited, err := c.Counts.AwaitedReviewers(ctx)
	r.Reviewers = []Waiting{}
	for _, f := range awaited[:min(len(awaited), mostReviewers)] {
		known, _ := c.Reviewers.ByAddress(f.Of)
		r.Reviewers = append(r.Reviewers, Waiting{For: f.Of, N: f.N, Since: f.Oldest, name: cmp.Or(known.Name, f.Of),
			longest: days.Worked(f.Oldest, now)})
	}
	return err
}
