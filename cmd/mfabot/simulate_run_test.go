package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
	"mfabot/intake/senderauth"
	"mfabot/notify"
	"mfabot/templates"
)

// simulation is one run: the bot as it is, in simulated surroundings.
type simulation struct {
	ctx      context.Context //nolint:containedctx // of the test
	seed     uint64
	world    *sim.World
	settings *config.Settings
	emails   *templates.Set
	people   *people
	tamperer *tamperer
	bot      *bot.Bot // nil while it is down
	log      *slog.Logger
	checks   map[string]int // that were made, by rule
	happened map[string]int // in the end, by kind
}

// stage is what all runs share.
type stage struct {
	dir      string // on a RAM disk, where there is one
	template string // a new database
	policies []*intake.Policy
	holidays intake.Holidays
	sites    *intake.Sites
	emails   *templates.Set
}

// simAuthserv is the server that is trusted about senders.
const simAuthserv = "mx.helpdesk.test"

// simMaxMessage is the size limit, so small that a large message costs little.
const simMaxMessage = 20_000

func newStage(ctx context.Context, dir string) (*stage, error) {
	st := &stage{dir: dir, template: filepath.Join(dir, "template.db")}
	policy, err := intake.DefaultPolicy()
	if err != nil {
		return nil, err
	}
	small := *policy
	small.MaxMessage, small.Retention = simMaxMessage, keepingNames(policy.Retention)
	small.RequestsADay, small.AdditionsADay = simRequests, simAdditions
	strict := small // two must approve some requests, and sites are told each week
	strict.Review.SiteSummary = true
	strict.LongTerm.Reasons = slices.Clone(small.LongTerm.Reasons)
	for i := range strict.LongTerm.Reasons {
		if strict.LongTerm.Reasons[i].ID == "secure-location" {
			strict.LongTerm.Reasons[i].Approvals = 2
		}
	}
	st.policies = []*intake.Policy{&small, &strict}
	if st.holidays, err = intake.DefaultHolidays(); err != nil {
		return nil, err
	}
	if st.sites, err = intake.ReadSites("sites.csv", strings.NewReader(demo.Sites)); err != nil {
		return nil, err
	}
	if st.emails, err = templates.New(policy.Zone, templates.Look{}, nil); err != nil {
		return nil, err
	}
	world := sim.NewWorld(0, dir, nil)
	s := st.settings(world)
	s.Database = st.template
	if err := os.WriteFile(st.template+".key", []byte(strings.Repeat("5e", intake.KeySize)), 0o600); err != nil {
		return nil, err
	}
	b, err := bot.New(ctx, s, bot.Surroundings{Clock: world.Clock.Now, Log: slog.New(slog.DiscardHandler),
		Random: world.Secret, Emails: st.emails})
	if err != nil {
		return nil, err
	}
	return st, b.Close()
}

// settings are those of a bot in a simulated world.
func (st *stage) settings(w *sim.World) *config.Settings {
	password := func() (string, error) { return "secret", nil }
	m := config.Mailbox{Trust: senderauth.Trust{AuthservID: simAuthserv}}
	m.Name, m.Addr, m.Security, m.Username, m.Password = "helpdesk", "127.0.0.1:143", intake.Plain, service, password
	m.MaxSize, m.Dial = simMaxMessage, w.DialIMAP
	m.Since = w.Clock.Now().AddDate(0, 0, -14) // the clock of all is set back at times, on the first day too
	return &config.Settings{
		Policy: sim.Pick(w.People, st.policies), Holidays: st.holidays, Sites: st.sites, Mailboxes: []config.Mailbox{m},
		Service: config.Service{Name: "NHSmail Helpdesk", Address: service, Operator: operations},
		Reviewers: intake.Reviewers{{Address: post.Bare(asha), Name: "Asha Patel", Deputy: post.Bare(cleo)},
			{Address: post.Bare(ben), Name: "Ben Okafor", Deputy: post.Bare(asha)}, {Address: post.Bare(cleo), Name: "Cleo Dunn", Standby: true}},
		Submission: notify.Submission{Addr: "127.0.0.1:587", Security: intake.Plain, Username: service, Password: password,
			LocalName: "bot.helpdesk.test", Dial: w.DialSMTP},
		Directory: w.Directory,
	}
}

// newSimulation prepares the run of a seed. If log is not nil, all that happens is written to it.
func newSimulation(ctx context.Context, st *stage, seed uint64, log io.Writer) (*simulation, error) {
	w := sim.NewWorld(seed, filepath.Join(st.dir, fmt.Sprint(seed)), log)
	byHand := w.People.Chance(.2)
	s := &simulation{ctx: ctx, seed: seed, world: w, settings: st.settings(w), emails: st.emails,
		checks: make(map[string]int), happened: make(map[string]int), log: slog.New(slog.DiscardHandler)}
	if log != nil {
		s.log = slog.New(slog.NewTextHandler(&remarks{w}, &slog.HandlerOptions{Level: slog.LevelDebug,
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}}))
	}
	if byHand {
		s.settings.Directory = nil
	}
	s.people = &people{world: w, settings: s.settings, dice: w.People}
	s.tamperer = newTamperer(s)
	return s, w.Disk.Install(st.template)
}

// remarks shows the bot's log among the events.
type remarks struct{ world *sim.World }

func (r *remarks) Write(p []byte) (int, error) {
	r.world.Trace.Remark("%s", strings.TrimSpace(string(p)))
	return len(p), nil
}

// play runs all of it. Violations are in world.Violations at the end.
func (s *simulation) play() {
	defer s.world.Disk.Remove()
	d := s.world.People
	tampers, together := d.Chance(.1), d.Chance(.1)
	for round := range sim.Pick(d, []int{1, 2, 2, 3, 3, 4, 6}) {
		s.people.begin(round)
		if together && round == 0 {
			s.people.asksForAll()
		} else if together {
			s.atDesk(s.people.approvesAll)
		}
		for range d.IntN(3) {
			s.people.act(s)
		}
		if round > 0 && d.Chance(.04) {
			s.people.floods(s)
		}
		if tampers && d.Chance(.5) {
			s.tamperer.acts()
		}
		s.world.Disk.Weather()
		s.world.Directory.Drift("stray@pharmacy.test")
		s.work()
		s.noEffectYet()
		s.lookNow()
		s.pass()
	}
	if s.world.Dead() {
		s.stop()
	}
	s.world.Trace.Note("== trouble ceases")
	s.world.Faults.Cease()
	s.world.Disk.Weather()
	s.world.Clock.Move(5 * time.Minute) // for which a mail server may want to be left alone
	if tampers {                        // there is most to write to now
		s.tamperer.acts()
		s.tamperer.acts()
	}
	if s.rest() && d.Chance(.3) {
		s.verify()
	}
	if d.Chance(.25) && len(s.world.Violations()) == 0 {
		s.tamperer.changesForGood()
	}
	for i := range 12 {
		s.world.Disk.Fill(s.seed%4 == 0 && i%2 == 0) // what ends needs no room for messages
		s.world.Clock.Move(d.Between(12*time.Hour, 60*24*time.Hour))
		if len(s.world.Violations()) > 0 || !s.rest() || s.allOver() {
			break
		}
		s.lookNow()
		s.noEffectYet()
		s.endedAnyway()
	}
	if len(s.world.Violations()) == 0 {
		s.verify()
		s.tally()
	}
	s.stop()
}

// work has the bot do what there is to do, as long as it lives.
func (s *simulation) work() {
	d := s.world.People
	for range 1 + d.IntN(2) {
		if s.start() != nil {
			continue
		}
		before, trouble := s.world.Clock.Now(), s.world.Faults.Total()
		err := s.bot.Settle(s.ctx)
		if !s.world.Dead() && s.world.Disk.Works() && s.world.Faults.Total() == trouble {
			s.endedOnTime(before)
		}
		if err == nil && d.Chance(.3) {
			for _, w := range s.bot.Watchers {
				err = w.Wait(s.ctx, time.Nanosecond)
			}
		}
		if err != nil {
			s.world.Trace.Remark("the bot says: %v", err)
		}
		if s.world.Faults.Strikes(sim.CrashBetween) {
			s.world.Crash()
		}
		if s.world.Dead() || d.Chance(.1) {
			s.stop()
		}
		s.world.Clock.Move(d.Between(5*time.Second, 5*time.Minute))
	}
}

// endedOnTime checks that a bot which was at work, with no trouble but what mail makes, has ended every exception that
// was over, and told the directory at once.
func (s *simulation) endedOnTime(then time.Time) {
	ways, err := s.bot.Store.Ways(s.ctx)
	if err != nil || slices.ContainsFunc(ways, func(w intake.Way) bool { return w.Name == "clock" }) {
		return // nothing ends by a clock that is doubted, as the operator is told
	}
	exceptions, err := s.bot.Store.Exceptions(s.ctx)
	if err != nil {
		return // the disk's
	}
	for _, e := range exceptions {
		s.check("nothing that mail does delays an end", e.State != intake.Active || then.Before(e.EndsAt),
			"%s ended at %v and is active at %v", e.Ref, e.EndsAt, then)
	}
	open, err := s.bot.Store.OpenActions(s.ctx, "")
	for _, a := range open {
		s.check("nothing that mail does delays a removal", a.Kind != intake.ToRemove || a.Attempts > 0 || len(open) > 1 || err != nil ||
			then.Before(a.CreatedAt), // by a clock that was ahead
			"the removal of %s (%s) of %v was not tried by %v", a.User, a.Ref, a.CreatedAt, then)
	}
}

// start starts the bot if it is down.
func (s *simulation) start() error {
	if s.bot != nil {
		return nil
	}
	s.world.Start()
	s.settings.Database = s.world.Disk.Path()
	var err error
	s.bot, err = bot.New(s.ctx, s.settings, bot.Surroundings{Clock: s.world.Clock.Now, Log: s.log,
		Disk: s.world.Disk.Driver(), Space: s.world.Disk.Space, Random: s.world.Secret, Emails: s.emails})
	if err != nil {
		s.bot = nil
		s.world.Trace.Remark("the bot does not start: %v", err)
		return err
	}
	s.world.Trace.Note("== the bot starts")
	return nil
}

// stop stops the bot, whether or not its process lives.
func (s *simulation) stop() {
	if s.bot == nil {
		return
	}
	if err := s.bot.Close(); err != nil {
		s.world.Trace.Remark("the bot stops: %v", err)
	}
	s.bot = nil
	s.world.Trace.Note("== the bot is down")
}

// pass lets time pass, sometimes backwards.
func (s *simulation) pass() {
	d, c := s.world.People, s.world.Clock
	switch s.world.Faults.Choose(sim.ClockForward, sim.ClockBack, sim.DownForDays) {
	case sim.ClockForward:
		c.Move(d.Between(time.Hour, 20*24*time.Hour))
	case sim.ClockBack:
		c.Move(-d.Between(time.Second, 36*time.Hour))
	case sim.DownForDays:
		s.stop()
		c.Move(d.Between(24*time.Hour, 60*24*time.Hour))
	default:
		c.Move(d.Between(time.Minute, sim.Pick(d, []time.Duration{time.Hour, 24 * time.Hour, 10 * 24 * time.Hour})))
	}
}

// Bounds on how long the bot may take to come to rest: one error may be left over, such as a broken
// connection, and letters are tried for five days.
const (
	restErrors = 1
	restRounds = 200
)

// rest has the bot work without faults until nothing is left to do, and reports whether it got there.
func (s *simulation) rest() bool {
	failed := 0
	for range restRounds {
		if err := s.start(); err != nil {
			s.world.Violate("starts", "without any trouble left: %v", err)
			return false
		}
		before := s.world.Clock.Now()
		err := s.bot.Settle(s.ctx)
		s.endedOnTime(before)
		if err != nil {
			s.world.Trace.Remark("the bot says: %v", err)
			if failed++; failed > restErrors {
				s.world.Violate("recovers", "without any trouble left: %v", err)
				return false
			}
			continue
		}
		t, err := s.bot.Store.Totals(s.ctx)
		if err != nil {
			s.world.Violate("recovers", "%v", err)
			return false
		}
		open, err := s.bot.Store.OpenActions(s.ctx, "")
		if err != nil {
			s.world.Violate("recovers", "%v", err)
			return false
		}
		stuck, err := s.bot.Store.Stuck(s.ctx, s.settings.Mailboxes[0].Name)
		if err != nil {
			s.world.Violate("recovers", "%v", err)
			return false
		}
		if t.Queued == 0 && len(open)+len(stuck) == 0 && failed == 0 {
			return true
		}
		failed = 0
		s.world.Clock.Move(time.Hour)
	}
	s.world.Violate("rests", "letters or changes to the directory are still in the queue, or messages stuck")
	return false
}

// allOver reports whether no exception is active.
func (s *simulation) allOver() bool {
	exceptions, err := s.bot.Store.Exceptions(s.ctx)
	return err == nil && !slices.ContainsFunc(exceptions, func(e intake.Exception) bool { return e.State == intake.Active })
}

// lookNow checks what the bot reports at this moment, whatever state it is in.
func (s *simulation) lookNow() {
	if s.bot == nil || s.world.Dead() {
		return
	}
	exceptions, err := s.bot.Store.Exceptions(s.ctx)
	if err != nil {
		return // the disk's
	}
	now := s.world.Clock.Now()
	for _, e := range exceptions {
		v := viewException(s.settings, e, now)
		s.check("an exception whose end has passed is not reported active", v.State != string(intake.Active) || now.Before(e.EndsAt),
			"%s ended at %v and is reported %s at %v", e.Ref, e.EndsAt, v.State, now)
	}
}

// check counts a check, and records its failure.
func (s *simulation) check(rule string, holds bool, format string, args ...any) {
	s.checks[rule]++
	if !holds {
		s.world.Violate(rule, format, args...)
	}
}
