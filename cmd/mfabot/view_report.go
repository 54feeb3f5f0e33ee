package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

// reportView is what a report says. It names no user.
type reportView struct {
	From     string            `json:"from"` // the first day
	To       string            `json:"to"`   // the last day
	Zone     string            `json:"zone"` // of both
	At       time.Time         `json:"at"`   // when it was counted
	Requests requestCountsView `json:"requests"`

	Decisions      decisionCountsView  `json:"decisions"`
	TimeToDecision *timesView          `json:"time_to_decision,omitempty"` // left out where nothing was decided
	Reasons        []countView         `json:"reasons"`                    // of the requests
	Sites          []siteCountView     `json:"sites"`                      // those with the most requests, most first
	OtherSites     *otherSitesView     `json:"other_sites,omitempty"`
	Refusals       []countView         `json:"refusals"` // messages, by the cause
	ShortTerm      shortTermView       `json:"short_term"`
	Renewals       decisionCountsView  `json:"renewals"` // decisions on them
	Exceptions     exceptionCountsView `json:"exceptions"`
	Waiting        []waitingView       `json:"waiting"`   // now
	Reviewers      []waitingView       `json:"reviewers"` // whom requests wait for now, most first
}

type (
	requestCountsView struct {
		All      int64 `json:"all"`
		Renewals int64 `json:"renewals"`
	}
	decisionCountsView struct {
		Approved        int64 `json:"approved"`
		Rejected        int64 `json:"rejected"`                  // by reviewers
		WithoutEvidence int64 `json:"rejected_without_evidence"` // by the bot
		Asked           int64 `json:"asked"`
	}
	// timesView is how long it took from when a request came, or came back after a rejection, to the decision of its reviewers.
	timesView struct {
		Decisions int64    `json:"decisions"`
		Median    timeView `json:"median"`
		P95       timeView `json:"p95"`
	}
	timeView struct {
		WorkingDays float64 `json:"working_days"`
		Hours       float64 `json:"hours"` // by the clock
	}
	countView struct {
		Name string `json:"name"` // an id; empty where a request gives none that is known
		N    int64  `json:"n"`
	}
	siteCountView struct {
		siteView
		N int64 `json:"n"`
	}
	otherSitesView struct {
		Sites int64 `json:"sites"`
		N     int64 `json:"n"`
	}
	shortTermView struct {
		All      int64       `json:"all"`
		Reasons  []countView `json:"reasons"`
		Repeated int64       `json:"users_with_several"`
		Most     int64       `json:"most_for_one_user"` // 0 where no user had several
	}
	exceptionCountsView struct {
		At         time.Time `json:"at"` // the moment of the next two
		Long       int64     `json:"active_long"`
		Short      int64     `json:"active_short"`
		Ended      int64     `json:"ended"`
		Revoked    int64     `json:"revoked"`
		Superseded int64     `json:"superseded"`
	}
	waitingView struct {
		For   string    `json:"for"` // site, reviewers, operator, directory; or a reviewer's address
		N     int64     `json:"n"`
		Since time.Time `json:"since,omitzero"` // the longest

		name    string        // for whom, as people have it
		longest time.Duration // on working days
	}
)

// figures are what was counted, by what it is.
type figures map[string]map[string]int64

// viewReport counts what a report says.
func viewReport(ctx context.Context, db *store.Store, s *config.Settings, p reportedDays) (v reportView, err error) {
	at := p.to
	if p.now.Before(at) {
		at = p.now
	}
	counted, err := db.CountedIn(ctx, p.from, p.to, at)
	if err != nil {
		return v, err
	}
	f := make(figures)
	for _, c := range counted {
		if f[c.What] == nil {
			f[c.What] = make(map[string]int64)
		}
		f[c.What][c.Of] += c.N
	}
	requests, active, over := f["request"], f["in force"], f["over"]
	v = reportView{From: p.from.Format(time.DateOnly), To: p.to.AddDate(0, 0, -1).Format(time.DateOnly), Zone: s.Policy.Zone.String(),
		At:       p.now.UTC().Truncate(time.Second),
		Requests: requestCountsView{requests["first"] + requests["renewal"], requests["renewal"]}, Decisions: f.decisions("decision"),
		Reasons: f.most("reason"), Refusals: f.most("refusal"), Renewals: f.decisions("renewal"),
		ShortTerm: shortTermView{Reasons: f.most("short")},
		Exceptions: exceptionCountsView{at.UTC().Truncate(time.Second), active[string(intake.Long)], active[string(intake.Short)],
			over[string(intake.Ended)], over[string(intake.Revoked)], over[string(intake.Superseded)]}}
	for _, c := range v.ShortTerm.Reasons {
		v.ShortTerm.All += c.N
	}
	if v.ShortTerm.Repeated, v.ShortTerm.Most, err = db.Repeated(ctx, p.from, p.to); err != nil {
		return v, err
	}
	if err := v.readSites(ctx, db, s, p); err != nil {
		return v, err
	}
	if v.TimeToDecision, err = viewTimes(ctx, db, s, p); err != nil {
		return v, err
	}
	return v, v.readWaiting(ctx, db, s, p.now)
}

// decisions are the decisions among the figures.
func (f figures) decisions(what string) decisionCountsView {
	n := func(e intake.Event) int64 { return f[what][string(e)] }
	return decisionCountsView{n(intake.EventApprove), n(intake.EventReject), n(intake.EventNoEvidence), n(intake.EventAsk)}
}

// most are the figures of a kind, the largest first.
func (f figures) most(what string) []countView {
	out := []countView{}
	for name, n := range f[what] {
		out = append(out, countView{name, n})
	}
	slices.SortFunc(out, func(a, b countView) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return out
}

// readSites counts the requests of the sites with the most, and of all others.
func (v *reportView) readSites(ctx context.Context, db *store.Store, s *config.Settings, p reportedDays) error {
	busiest, sites, err := db.BusiestSites(ctx, p.from, p.to, reportedSites)
	v.Sites = []siteCountView{}
	others := otherSitesView{sites - int64(len(busiest)), v.Requests.All}
	for _, f := range busiest {
		site := siteCountView{siteView{ODSCode: f.Of}, f.N}
		if known := viewSite(s.Sites, f.Of); known != nil {
			site.siteView = *known
		}
		v.Sites = append(v.Sites, site)
		others.N -= f.N
	}
	if others.Sites > 0 {
		v.OtherSites = &others
	}
	return err
}

// viewTimes is how long decisions took; nil where there is none.
func viewTimes(ctx context.Context, db *store.Store, s *config.Settings, p reportedDays) (*timesView, error) {
	days := intake.WorkingDays{Zone: s.Policy.Zone, Holidays: s.Holidays}
	worked, whole := make(durations), make(durations)
	err := db.EachDecided(ctx, p.from, p.to, func(came, decided time.Time) {
		worked.add(days.Worked(came, decided))
		whole.add(max(0, decided.Sub(came)))
	})
	if err != nil || len(whole) == 0 {
		return nil, err
	}
	least := func(part float64) timeView {
		return timeView{inWorkingDays(worked.least(part)), tenths(whole.least(part).Hours())}
	}
	return &timesView{whole.n(), least(0.5), least(0.95)}, nil
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

// readWaiting counts what waits now, and for whom.
func (v *reportView) readWaiting(ctx context.Context, db *store.Store, s *config.Settings, now time.Time) error {
	in, err := db.Figures(ctx, now, now)
	if err != nil {
		return err
	}
	days := intake.WorkingDays{Zone: s.Policy.Zone, Holidays: s.Holidays}
	v.Waiting = []waitingView{{For: "site", name: "sites"}, {For: "reviewers", name: "reviewers"},
		{For: "operator", name: "the operator, by hand"}, {For: "directory", name: "the directory"}}
	whom := map[[2]string]int{{"request", string(intake.Pending)}: 1, {"request", string(intake.Incomplete)}: 0,
		{"request", string(intake.NeedsInfo)}: 0, {"by hand", string(intake.ToApply)}: 2, {"by hand", string(intake.ToRemove)}: 2, {"by hand", string(intake.ToCall)}: 2,
		{"directory", string(intake.ToApply)}: 3, {"directory", string(intake.ToRemove)}: 3}
	for _, f := range in {
		i, waits := whom[[2]string{f.What, f.Of}]
		if !waits {
			continue
		}
		w := &v.Waiting[i]
		if w.N += f.N; w.Since.IsZero() || f.Oldest.Before(w.Since) {
			w.Since, w.longest = f.Oldest, days.Worked(f.Oldest, now)
		}
	}
	awaited, err := db.AwaitedReviewers(ctx)
	v.Reviewers = []waitingView{}
	for _, f := range awaited[:min(len(awaited), reportedReviewers)] {
		r, _ := s.Reviewers.ByAddress(f.Of)
		v.Reviewers = append(v.Reviewers, waitingView{For: f.Of, N: f.N, Since: f.Oldest, name: cmp.Or(r.Name, f.Of),
			longest: days.Worked(f.Oldest, now)})
	}
	return err
}

// numbers are the numbers of a report for people, in order.
func (v *reportView) numbers(s *config.Settings) (out []reportNumber) {
	count := func(section, name string, n int64) {
		out = append(out, reportNumber{section, name, strconv.FormatInt(n, 10)})
	}
	number := func(section, name string, x float64) {
		out = append(out, reportNumber{section, name, strconv.FormatFloat(x, 'f', 1, 64)})
	}
	out = append(out, reportNumber{"period", "first day", v.From}, reportNumber{"period", "last day", v.To},
		reportNumber{"period", "counted at", moment(s, v.At)})
	count("requests", "all", v.Requests.All)
	count("requests", "of these, renewals", v.Requests.Renewals)
	decided := func(section string, d decisionCountsView) {
		count(section, "approved", d.Approved)
		count(section, "rejected", d.Rejected)
		count(section, "rejected for lack of evidence", d.WithoutEvidence)
		count(section, "site asked", d.Asked)
	}
	decided("decisions", v.Decisions)
	if t := v.TimeToDecision; t != nil {
		number("time to decision", "median, working days", t.Median.WorkingDays)
		number("time to decision", "median, hours by the clock", t.Median.Hours)
		number("time to decision", "95 of 100 within, working days", t.P95.WorkingDays)
		number("time to decision", "95 of 100 within, hours by the clock", t.P95.Hours)
	}
	for _, c := range v.Reasons {
		count("reasons", cmp.Or(c.Name, "not clear"), c.N)
	}
	for _, c := range v.Sites {
		count("sites", c.ODSCode+" "+c.Name, c.N)
	}
	if o := v.OtherSites; o != nil {
		count("sites", fmt.Sprintf("others (%d)", o.Sites), o.N)
	}
	for _, c := range v.Refusals {
		count("refusals", cmp.Or(c.Name, "not said"), c.N)
	}
	count("short term", "all", v.ShortTerm.All)
	for _, c := range v.ShortTerm.Reasons {
		count("short term", c.Name, c.N)
	}
	count("short term", "users with more than one", v.ShortTerm.Repeated)
	count("short term", "most for one user with several", v.ShortTerm.Most)
	decided("renewals", v.Renewals)
	count("exceptions", "active at the end, long term", v.Exceptions.Long)
	count("exceptions", "active at the end, short term", v.Exceptions.Short)
	count("exceptions", "ended", v.Exceptions.Ended)
	count("exceptions", "revoked", v.Exceptions.Revoked)
	count("exceptions", "superseded", v.Exceptions.Superseded)
	for _, w := range slices.Concat(v.Waiting, v.Reviewers) {
		count("waiting now", "for "+w.name, w.N)
		if w.N > 0 {
			number("waiting now", "longest, working days, for "+w.name, inWorkingDays(w.longest))
		}
	}
	return out
}
