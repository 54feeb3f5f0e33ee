package report

import (
	"context"
	"errors"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Tx is a transaction and the moment it happens at: what this package needs of the store.
type Tx struct {
	outbox.Work
	Marks
}

// Marks records what is done once.
type Marks interface {
	// Once marks the named task as done on a day; ErrStale if it already is.
	Once(ctx context.Context, name, day string) error
}

// Store is what is read before the letter of a month is written: outside a transaction, as it takes long where there is much.
type Store interface {
	Counts
	// OverdueEnds counts the ends that should have been by a moment, and those that a person was asked to make before asked.
	OverdueEnds(ctx context.Context, by, asked time.Time) ([]intake.Figure, error)
	// FirstDay returns when something was put on record first; zero if nothing is.
	FirstDay(ctx context.Context) (time.Time, error)
	// IsDone reports whether Once has marked a task.
	IsDone(ctx context.Context, name, day string) (bool, error)
}

// Config is what New needs.
type Config struct {
	*intake.Service
	Outbox *outbox.Outbox
	Store  Store
	Update intake.Update[Tx]
}

// Monthly writes to the owner of the service, once a month. It is safe for concurrent use.
type Monthly struct {
	Counter
	out    *outbox.Outbox
	store  Store
	update intake.Update[Tx]
}

// New returns a Monthly.
func New(c Config) *Monthly {
	return &Monthly{Counter: Counter{Service: c.Service, Counts: c.Store}, out: c.Outbox, store: c.Store, update: c.Update}
}

// mostMonths is how many months a letter has.
const mostMonths = 12

// Write writes the letter of last month on the first working day of a month, when the digests go out, or later if the bot was
// down then. Letters of months before are not made up for. It is marked by its month, and not by the day, so that a clock that
// goes back and forth brings none twice.
func (m *Monthly) Write(ctx context.Context) error {
	now := m.ReadClock()
	if m.Owner == "" || !m.isTime(now) {
		return nil
	}
	last := Month(now, -1, m.Policy.Zone)
	name, day := task(last), last.To.In(m.Policy.Zone).Format(time.DateOnly)
	done, err := m.store.IsDone(ctx, name, day)
	if err != nil || done {
		return err
	}
	began, err := m.store.FirstDay(ctx)
	if err != nil || began.IsZero() || !began.Before(last.To) {
		return err
	}
	f, err := m.facts(ctx, last, began)
	if err != nil {
		return err
	}
	return m.update(ctx, func(tx Tx) error {
		if !m.isTime(tx.Now) || !Month(tx.Now, -1, m.Policy.Zone).From.Equal(last.From) {
			return nil // the clock was set meanwhile
		}
		err := tx.Once(ctx, name, day)
		if errors.Is(err, intake.ErrStale) {
			return nil
		}
		if err != nil {
			return err
		}
		return m.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterReport, To: m.Owner, Facts: f})
	})
}

// task names what is done once about a month.
func task(d Days) string { return "report of " + d.From.Format(month) }

// month is how a month is written.
const month = "2006-01"

// isTime reports whether the digests of the day have gone out.
func (m *Monthly) isTime(now time.Time) bool {
	return m.WorkingDays().HasOpened(now, m.Policy.Review.DigestAt)
}

// facts are those of the letter of some days, of a bot that began then.
func (m *Monthly) facts(ctx context.Context, last Days, began time.Time) (f intake.Facts, err error) {
	r, err := m.Report(ctx, last)
	if err != nil {
		return f, err
	}
	f = intake.Facts{Audience: intake.ToOwner, At: last.Now, ReportFacts: intake.ReportFacts{
		Lacking: r.Decisions.WithoutEvidence, Repeated: r.ShortTerm.Repeated, Blocks: m.blocks(&r)}}
	if t := r.TimeToDecision; t != nil {
		f.Timed, f.Half, f.Most = true, t.Median.WorkingDays, t.P95.WorkingDays
	}
	if w := r.Waiting[forReviewers]; w.longest >= time.Duration(m.Policy.Review.DeputyAfter)*24*time.Hour && w.N > 0 {
		f.Late, f.LateDays = w.N, inWorkingDays(w.longest)
	}
	by := last.Now.Add(-intake.OverdueAfter) // of the bot's own too: others are told of those sooner
	ends, err := m.store.OverdueEnds(ctx, by, by)
	if err != nil {
		return f, err
	}
	for _, e := range ends {
		f.Overdue += e.N
	}
	if f.Months, err = m.months(ctx, last, began, &r); err != nil {
		return f, err
	}
	var csv strings.Builder
	err = r.WriteCSV(&csv)
	f.CSV = csv.String()
	return f, err
}

// months are what came and was decided in the last months, newest first: that of r, and those before that are not over before
// the bot began.
func (m *Monthly) months(ctx context.Context, last Days, began time.Time, r *Report) ([]intake.MonthFacts, error) {
	out := []intake.MonthFacts{{Month: last.From.Format(month), Requests: r.Requests.All, Approved: r.Decisions.Approved,
		Rejected: r.Decisions.Rejected}}
	for n := 1; n < mostMonths; n++ {
		d := Month(last.From, -n, m.Policy.Zone)
		if !began.Before(d.To) {
			break
		}
		f, err := m.in(ctx, d, last.Now)
		if err != nil {
			return nil, err
		}
		decided := f.decisions("decision")
		out = append(out, intake.MonthFacts{Month: d.From.Format(month), Requests: f["request"]["first"] + f["request"]["renewal"],
			Approved: decided.Approved, Rejected: decided.Rejected})
	}
	return out, nil
}
