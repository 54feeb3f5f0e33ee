package page_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
	"mfabot/store"
)

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// now is the moment of every page here: a Monday, in winter.
var now = time.Date(2026, 11, 30, 9, 12, 0, 0, time.UTC)

const day = 24 * time.Hour

// hostile is what somebody may write as their name.
const hostile = `</td><script>alert(1)</script><img src=x onerror=alert(1)> "'` + "`{{.}}\u202E" + ` Sam`

// person is somebody whose name nobody else on the page has.
const person = "Zebedee Quill"

// setup is a page on a real store.
type setup struct {
	t     *testing.T
	store *store.Store
	page.Config
}

// newSetup is a page for this machine only, with nothing on record.
func newSetup(t *testing.T) *setup {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "mfabot.db"))
	done(t, err)
	t.Cleanup(func() { done(t, db.Close()) })
	policy, err := intake.DefaultPolicy()
	done(t, err)
	sites, err := intake.ReadSites("sites.csv", strings.NewReader("ods_code,name,kind,mailbox\n"+
		"FX101,Oak Street Pharmacy,pharmacy,oakstreet@pharmacy.test\nV12345,Elm Lodge & Sons <care>,social care,elm@care.test\n"))
	done(t, err)
	s := &setup{t: t, store: db}
	s.Config = page.Config{
		Guard: page.Guard{Loopback: true}, Name: "NHSmail Helpdesk", Records: db, Version: "v1.2.3", Directory: true,
		Service: &intake.Service{Policy: policy, Sites: intake.NewRegister(sites), Clock: func() time.Time { return now },
			Reviewers: intake.Reviewers{{Address: "asha@helpdesk.test", Name: "Asha Patel"},
				{Address: "ben@helpdesk.test", Name: "Ben Okafor"}}},
		Running: func(context.Context) (page.Running, error) { return works(), nil },
		Log:     slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	return s
}

func (s *setup) handler() http.Handler { return page.New(s.Config) }

// works is what runs when all is well.
func works() page.Running {
	return page.Running{Ways: []page.Way{{Name: "submission", Tried: true, Last: now.Add(-20 * time.Minute)},
		{Name: "mailbox helpdesk", Tried: true, Last: now.Add(-time.Minute)}}}
}

// broken is what runs when little is well. What a server says may name people.
func broken() page.Running {
	return page.Running{
		Alarms: []page.Alarm{
			{What: "submission: nothing was taken since", At: now.Add(-2 * time.Hour), Said: "550 5.1.1 <zebedee.quill@pharmacy.test> <b>unknown</b>"},
			{What: "register of sites: it has lost most of its sites"},
			{What: "mailbox elm: not read yet"},
		},
		Ways: []page.Way{{Name: "submission", Tried: true, Since: now.Add(-2 * time.Hour), Last: now.Add(-3 * time.Hour)},
			{Name: "mailbox helpdesk", Tried: true, Last: now.Add(-time.Minute)}, {Name: "mailbox elm"}},
	}
}

// update changes what is on record.
func (s *setup) update(do func(ctx context.Context, tx *store.Tx) error) {
	s.t.Helper()
	done(s.t, s.store.Update(s.t.Context(), func(tx *store.Tx) error { return do(s.t.Context(), tx) }))
}

// waits puts a request on record that waits.
func (s *setup) waits(n int, state intake.State, user intake.User, site string, since time.Duration, reviewers ...string) {
	s.t.Helper()
	s.update(func(ctx context.Context, tx *store.Tx) error {
		m := s.message(n, now.Add(-since))
		if err := tx.AddInbound(ctx, m); err != nil {
			return err
		}
		r := &intake.Request{Ref: fmt.Sprintf("LT-2026-%05d", n), State: state, User: user, SiteCode: site, Reason: "accessibility",
			ReceivedAt: now.Add(-since), WaitingSince: now.Add(-since), InboundID: m.ID}
		if n == 3 {
			r.Renews = "LT-2026-00001"
		}
		if err := tx.AddRequest(ctx, r); err != nil {
			return err
		}
		for i, address := range reviewers {
			v := &intake.Review{Ref: r.Ref, Reviewer: address, Purpose: intake.ToDecide, CodeHash: fmt.Sprint(r.Ref, i), CreatedAt: now}
			if err := tx.AddReview(ctx, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *setup) message(n int, at time.Time) *intake.Inbound {
	return &intake.Inbound{Arrival: intake.Arrival{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: uint32(n)}},
		Digest: fmt.Sprint("digest ", n), MessageID: fmt.Sprintf("%d@pharmacy.test", n), From: "zebedee.quill@pharmacy.test",
		Subject: "For " + person, ReceivedAt: at}
}

// fill puts some of everything on record.
func (s *setup) fill() {
	s.t.Helper()
	s.waits(1, intake.Pending, intake.User{Name: hostile, Email: "sam@pharmacy.test"}, "FX101", 12*day+3*time.Hour,
		"asha@helpdesk.test", "ben@helpdesk.test")
	s.waits(2, intake.NeedsInfo, intake.User{Name: person, Email: "zebedee.quill@pharmacy.test"}, "V12345", 30*time.Hour)
	s.waits(3, intake.Pending, intake.User{Name: "سارة الخطيب", Email: "sara@care.test"}, "V12345", 25*time.Minute, "ben@helpdesk.test")
	s.waits(4, intake.Pending, intake.User{Name: person}, "GONE1", 30*time.Second)
	s.waits(5, intake.Approved, intake.User{Name: person}, "FX101", 40*day)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		for i, days := range []int{0, 0, 1, 6, 8, 15, 16, 17, 17, 17, 18, 30, 31, 45, 54, 55, 56, 120} {
			e := &intake.Exception{Ref: fmt.Sprintf("LT-2026-%05d", 100+i), Category: intake.Long, State: intake.Active, SiteCode: "FX101",
				User: intake.User{Name: person, Email: fmt.Sprintf("user%d@pharmacy.test", i)}, StartsAt: now.Add(-day),
				EndsAt: now.Add(time.Duration(days)*day + time.Duration(i)*time.Second)}
			if i == 1 {
				e.Category = intake.Short
			}
			if err := tx.AddException(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	s.letters()
}

// letters puts letters on record: sent, given up, and alerts.
func (s *setup) letters() {
	s.t.Helper()
	var all []*intake.Outbound
	s.update(func(ctx context.Context, tx *store.Tx) error {
		for i := range 12 {
			o := &intake.Outbound{MessageID: fmt.Sprintf("%d@helpdesk.test", i), State: intake.Queued,
				CreatedAt: now.Add(-time.Duration(i) * 9 * time.Hour), DueAt: now,
				Letter: intake.Letter{Template: intake.LetterReceipt, To: "zebedee.quill@pharmacy.test"}}
			if i > 6 {
				o.Template = intake.LetterAlert
				o.Facts.Headline, o.Facts.Why = "About "+person, intake.Why(intake.AlertUndecided.Of("request", int64(i)))
			}
			if i == 11 {
				o.Facts.Why = intake.Why(intake.AlertDirectory)
			}
			all = append(all, o)
			if err := tx.AddOutbound(ctx, o); err != nil {
				return err
			}
		}
		if err := tx.AddAction(ctx, &intake.Action{Ref: "LT-2026-00100", User: person, Kind: intake.ToApply, State: intake.ActionAsked,
			CreatedAt: now, DueAt: now}); err != nil {
			return err
		}
		m := s.message(50, now.Add(-3*day))
		if err := tx.AddInbound(ctx, m); err != nil {
			return err
		}
		return tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeQuarantined}, nil)
	})
	for i, o := range all {
		if i == 2 {
			s.update(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.GiveUp(ctx, o.ID, "550 "+person)
				return err
			})
			continue
		}
		done(s.t, s.store.Sent(s.t.Context(), intake.Accepted{ID: o.ID, At: o.CreatedAt}))
	}
}
