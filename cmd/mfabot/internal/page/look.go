package page

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// How much the page shows.
const (
	waitingShown = 50
	weeksShown   = 8
	daysShown    = 14
)

// Status is all that the page says, at one moment.
type Status struct {
	Service, Version    string
	Logo, Policy        string
	Now                 time.Time
	Personal, Directory bool
	Running
	WaitingForSites, WaitingForReviewers int64
	Longest                              []Wait
	Active                               int64 // exceptions in force
	Weeks                                []Week
	Aside, GivenUp, Stuck, Changes       int64
	Days                                 []Day
	Alerts                               []Alerts // by kind, the most first
}

// Wait is a request that waits.
type Wait struct {
	Ref     string
	Renewal bool
	User    intake.User // empty where it is not shown
	Site    string
	Since   time.Time
	ForSite bool // the site must answer
	// Reviewers are who has not decided: as many names as there are, empty where they are not shown.
	Reviewers []string
}

// Week is what ends in the seven days from a day on.
type Week struct {
	From        time.Time // the beginning of the day
	Long, Short int64
}

// Day is the mail of one day.
type Day struct {
	From    time.Time // its beginning
	In, Out int64
}

// Alerts is how many there were of a kind.
type Alerts struct {
	Kind intake.AlertKind
	N    int64
}

// look reads what the page says.
func look(ctx context.Context, c Config) (Status, error) {
	now := c.Service.ReadClock()
	s := Status{Service: c.Name, Version: c.Version, Logo: c.Service.Policy.Look.Logo, Policy: c.Service.Policy.Name,
		Now: now, Personal: c.Personal, Directory: c.Directory}
	for _, read := range []func(context.Context, Config, *Status) error{
		lookRunning, lookWaiting, lookEnding, lookMail, lookByHand,
	} {
		if err := read(ctx, c, &s); err != nil {
			return Status{}, err
		}
	}
	return s, nil
}

// today is the beginning of the day, where the service is, n days from that of now.
func (s *Status) today(zone *time.Location, n int) time.Time {
	y, m, d := s.Now.In(zone).Date()
	return time.Date(y, m, d+n, 0, 0, 0, 0, zone)
}

func lookRunning(ctx context.Context, c Config, s *Status) (err error) {
	if s.Running, err = c.Running(ctx); err != nil {
		return err
	}
	if !s.Personal {
		for i := range s.Alarms {
			s.Alarms[i].Said = ""
		}
	}
	return nil
}

func lookWaiting(ctx context.Context, c Config, s *Status) (err error) {
	if s.WaitingForSites, s.WaitingForReviewers, err = c.Records.CountWaiting(ctx); err != nil {
		return err
	}
	longest, err := c.Records.LongestWaiting(ctx, waitingShown)
	if err != nil {
		return err
	}
	for _, r := range longest {
		w := Wait{Ref: r.Ref, Renewal: r.Renews != "", Site: r.SiteCode, Since: r.WaitingSince, ForSite: r.State != intake.Pending}
		if !w.ForSite {
			reviews, err := c.Records.Reviews(ctx, r.Ref)
			if err != nil {
				return err
			}
			w.Reviewers = undecided(reviews)
		}
		reveal(c, &w, &r)
		s.Longest = append(s.Longest, w)
	}
	return nil
}

// undecided are the addresses of the reviewers who have a code, and have not decided. Who was reminded, or decides by
// command, has more than one.
func undecided(reviews []intake.Review) (waited []string) {
	decided := make(map[string]bool)
	for _, r := range reviews {
		if r.Purpose == intake.ToDecide && r.VoidAt.IsZero() {
			decided[r.Reviewer] = decided[r.Reviewer] || r.Decision != ""
		}
	}
	for address, has := range decided {
		if !has {
			waited = append(waited, address)
		}
	}
	slices.Sort(waited)
	return waited
}

// reveal puts names in where they are shown, and takes out what says who somebody is where they are not.
func reveal(c Config, w *Wait, r *intake.Request) {
	if !c.Personal {
		w.Reviewers = make([]string, len(w.Reviewers))
		return
	}
	w.User = r.User
	if site, known := c.Service.Sites.Now().ByCode(r.SiteCode); known {
		w.Site = site.Name + " (" + r.SiteCode + ")"
	}
	for i, address := range w.Reviewers {
		reviewer, _ := c.Service.Reviewers.ByAddress(address)
		w.Reviewers[i] = cmp.Or(reviewer.Name, address)
	}
}

func lookEnding(ctx context.Context, c Config, s *Status) error {
	zone := c.Service.Policy.Zone
	still := s.Now.Add(time.Second) // what ends at this very moment is over
	for i := range weeksShown {
		w := Week{From: s.today(zone, 7*i)}
		from := w.From
		if from.Before(still) {
			from = still
		}
		var err error
		if w.Long, w.Short, err = c.Records.CountEnding(ctx, from, s.today(zone, 7*i+7)); err != nil {
			return err
		}
		s.Weeks = append(s.Weeks, w)
		s.Active += w.Long + w.Short
	}
	long, short, err := c.Records.CountEnding(ctx, s.today(zone, 7*weeksShown), s.Now.AddDate(100, 0, 0))
	s.Active += long + short
	return err
}

func lookMail(ctx context.Context, c Config, s *Status) (err error) {
	zone := c.Service.Policy.Zone
	for i := range daysShown {
		d := Day{From: s.today(zone, -i)}
		if d.In, d.Out, err = c.Records.CountMail(ctx, d.From, s.today(zone, 1-i)); err != nil {
			return err
		}
		s.Days = append(s.Days, d)
	}
	return nil
}

func lookByHand(ctx context.Context, c Config, s *Status) (err error) {
	since := s.today(c.Service.Policy.Zone, 1-daysShown)
	if s.Aside, s.GivenUp, err = c.Records.CountAside(ctx, since); err != nil {
		return err
	}
	if s.Stuck, s.Changes, err = c.Records.CountUndone(ctx); err != nil {
		return err
	}
	counts, err := c.Records.CountAlerts(ctx, since)
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		s.Alerts = append(s.Alerts, Alerts{kind, counts[kind]})
	}
	slices.SortStableFunc(s.Alerts, func(a, b Alerts) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return err
}
