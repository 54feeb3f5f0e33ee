package intake_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"mfabot/intake"
)

// statementFails makes the world's database refuse a statement, as it refuses one that breaks a constraint.
func (w *world) statementFails(when string) {
	w.t.Helper()
	db := must(sql.Open("sqlite3", w.file))(w.t)
	must(db.ExecContext(w.t.Context(), `CREATE TRIGGER fails `+when+` BEGIN SELECT RAISE(ABORT, 'it breaks a constraint'); END`))(w.t)
	ok(w.t, db.Close())
}

// TestUnstorable: a message that the database refuses is set aside, with the operator told, and what comes with it and
// after it is taken as always: wherever in its handling that is.
func TestUnstorable(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]string{
		"its request":    `BEFORE INSERT ON request WHEN NEW.site_code = 'FA001'`,
		"its evidence":   `BEFORE INSERT ON evidence WHEN NEW.inbound_id = 2`,
		"its letter":     `BEFORE INSERT ON outbound WHEN NEW.recipient = '` + corner + `'`,
		"its conclusion": `BEFORE UPDATE ON inbound WHEN NEW.outcome = 'request' AND NEW.from_address = '` + corner + `'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.statementFails(when)
			got := w.takeAll(w.arrival(email{from: stranger, subject: "MFA", text: "Hello"}),
				w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}),
				w.arrival(email{from: bright, subject: "MFA", text: form("lee@bright.test", "accessibility"), files: []string{pdf("y")}}))
			same(t, "outcomes", []string{"refused(not-registered)", "quarantined(failed)", "request LT-2026-00001"},
				[]string{outcome(got[0]), outcome(got[1]), outcome(got[2])})
			w.expect("refused not-registered > "+stranger, "alert failed > "+ops, toAsha, "receipt > "+bright)
			w.take("refused(not-registered)", email{from: "other@elsewhere.test", subject: "MFA", text: "Hello"})
		})
	}
}

// TestUnrecordable: a message that cannot even be put on record waits in the inbox, and the operator is told.
func TestUnrecordable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.statementFails(`BEFORE INSERT ON inbound WHEN NEW.from_address = '` + corner + `'`)
	a := w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}})
	b := w.arrival(email{from: bright, subject: "MFA", text: form("lee@bright.test", "accessibility"), files: []string{pdf("y")}})
	same(t, "filed", []intake.Filing{{Copy: b.Copy, Folder: intake.Processed}}, must(w.Take(t.Context(), []intake.Arrival{a, b}))(t))
	w.expect("alert held > "+ops, toAsha, "receipt > "+bright)
	same(t, "filed", 0, len(must(w.Take(t.Context(), []intake.Arrival{a}))(t)))
}

// TestConfirmedUnstorable: one that was confirmed and fails is set aside again, and costs no other its filing.
func TestConfirmedUnstorable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.judge.uncovered = []string{"to"}
	w.take("quarantined(unconfirmed)", email{from: corner, subject: "MFA", text: form(kim, "accessibility"), files: []string{pdf("x")}})
	c := w.expect("confirm > " + corner)[0]
	same(t, "in time until", w.now.Add(w.config.Policy.LapseAfter), c.Facts.Ends)
	w.judge.uncovered = nil
	w.statementFails(`BEFORE INSERT ON request`)
	w.take("information", email{from: corner, subject: "Re: [" + c.Facts.Code + "]", text: "CONFIRM"})
	w.expect("alert failed > " + ops)
	same(t, "outcome", "quarantined(failed)", outcome(must(w.store.Inbound(t.Context()))(t)[0]))
	w.take("refused(not-registered)", email{from: stranger, subject: "x", text: "hello"})
}

// slowDirectory takes its time for each look-up, and cannot say of some users in which groups they are.
type slowDirectory struct {
	*people
	w      *world
	takes  time.Duration
	fails  map[string]error
	asked  []string
	atOnce int // the most look-ups since it was set to 0
}

func (d *slowDirectory) Groups(ctx context.Context, user string) ([]string, error) {
	d.asked = append(d.asked, user)
	d.atOnce++
	d.w.now = d.w.now.Add(d.takes)
	if err := d.fails[user]; err != nil {
		return nil, err
	}
	return d.people.Groups(ctx, user)
}

func newSlow(t *testing.T) (*world, *slowDirectory) {
	t.Helper()
	d := &slowDirectory{people: newPeople(), fails: make(map[string]error)}
	d.w = newWorld(t, protecting(t, `"group:Tier 0"`, intake.ForeignAllow), func(c *config) { c.directory = d })
	return d.w, d
}

// TestOneUserUnanswered: a user of whom the directory cannot tell holds up only the message that is about them. Where
// it answers about others it is set aside, with the reason; where trying again may help, it waits its time.
func TestOneUserUnanswered(t *testing.T) {
	t.Parallel()
	const twin = "twin@corner.test"
	twins := errors.New("more than one user has the address " + twin)
	for name, c := range map[string]struct {
		err  error
		want string // what becomes of the message in the end
	}{
		"for good":   {refusing{twins}, "quarantined(failed)"},
		"may answer": {errors.New("it takes too long"), "quarantined(failed)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := newSlow(t)
			a, _, _ := w.pending()
			w.now = w.now.Add(time.Hour)
			d.fails[twin] = c.err
			poison := w.arrival(email{from: corner, subject: "MFA", text: form(twin, "accessibility"), files: []string{pdf("x")}})
			batch := []intake.Arrival{poison, w.arrival(reply(a, asha, "APPROVE")),
				w.arrival(email{from: bright, subject: "MFA", text: form("lee@bright.test", "accessibility"), files: []string{pdf("y")}})}
			takes := 0
			take := func() {
				for _, f := range must(w.Take(t.Context(), batch))(t) {
					batch = slices.DeleteFunc(batch, func(a intake.Arrival) bool { return a.Copy == f.Copy })
				}
				takes++
				w.now = w.now.Add(61 * time.Second)
			}
			for range 4 {
				take()
			}
			w.inState(a.Ref, intake.Approved)
			w.inState("LT-2026-00002", intake.Pending)
			for len(batch) > 0 && takes < 1500 {
				take()
			}
			m := must(w.store.Inbound(t.Context()))(t)
			i := slices.IndexFunc(m, func(m intake.Inbound) bool { return m.Copy == poison.Copy })
			if i < 0 {
				t.Fatalf("the message waits after %d looks", takes)
			}
			same(t, "outcome", c.want, outcome(m[i]))
			told := false
			for _, l := range w.sent() {
				told = told || l.Facts.Why == "failed" && strings.Contains(strings.Join(l.Facts.Lines, "\n"), c.err.Error())
			}
			same(t, "told", true, told)
			if n := len(d.asked); n > 400 {
				t.Errorf("%d look-ups in %d looks", n, takes)
			}
		})
	}
}

// TestSlowDirectory: however many users a batch names and however slow the directory is, a look ends, asks for a bounded
// time, takes what is answered, and goes on where the last one ended until all is taken.
func TestSlowDirectory(t *testing.T) {
	t.Parallel()
	w, d := newSlow(t)
	a, _, _ := w.pending()
	w.now = w.now.Add(time.Hour)
	d.takes, d.asked = 9*time.Second, nil
	var batch []intake.Arrival
	for i := range 2 {
		var b strings.Builder
		for j := range 48 {
			fmt.Fprintf(&b, "User: u%dx%d@corner.test\n", i, j)
		}
		batch = append(batch, w.arrival(email{from: []string{corner, bright}[i], subject: "MFA", text: b.String() +
			"Reason: accessibility\n" +
			"Details: x\nAuthentication method registered: yes\n", files: []string{pdf(fmt.Sprint(i))}}))
	}
	batch = append(batch, w.arrival(reply(a, asha, "APPROVE")),
		w.arrival(email{from: bright, subject: "MFA", text: form("lee@bright.test", "accessibility"), files: []string{pdf("y")}}))
	for looks := 0; len(batch) > 0; looks++ {
		d.atOnce = 0
		for _, f := range must(w.Take(t.Context(), batch))(t) {
			batch = slices.DeleteFunc(batch, func(a intake.Arrival) bool { return a.Copy == f.Copy })
		}
		if d.atOnce > 8 {
			t.Fatalf("%d look-ups in one look", d.atOnce)
		}
		if looks == 2 {
			w.inState(a.Ref, intake.Approved)
			w.inState("LT-2026-00002", intake.Pending)
		}
		if looks > 30 {
			t.Fatalf("%d messages wait after %d look-ups", len(batch), len(d.asked))
		}
		w.now = w.now.Add(time.Minute)
	}
	same(t, "look-ups", 98, len(d.asked))
	same(t, "requests", 98, w.count())
}

// TestShortTransactions: a batch is taken in as many transactions as it takes for none to last much longer than a second,
// in the order of the messages.
func TestShortTransactions(t *testing.T) {
	t.Parallel()
	var w *world
	var step time.Duration
	w = newWorld(t, func(c *config) {
		c.Clock = func() time.Time { w.now = w.now.Add(step); return w.now }
	})
	updates := 0
	w.through(&trouble{update: func(context.Context) error { updates++; return nil },
		forgive: func(context.Context) error { return nil }})
	var batch []intake.Arrival
	for i := range 12 {
		batch = append(batch, w.arrival(email{from: stranger, subject: fmt.Sprint(i), text: "Hello"}))
	}
	w.takeAll(batch[:6]...)
	same(t, "of quick messages", 1, updates)
	updates, step = 0, 400*time.Millisecond
	got := w.takeAll(batch[6:]...)
	same(t, "of slow ones", true, updates >= 2 && updates <= 6)
	same(t, "last", "11", got[5].Subject)
}

// TestLongTextForAPerson: of a text that is too long to be read for its meaning a person reads the rest, and nothing is done
// by what only the rest says. A shorter one means what it always did.
func TestLongTextForAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		padding int // sentences
		want    []string
	}{
		"short": {60, []string{"status taken-back > " + corner, "information > " + asha, "information > " + ben}},
		"long":  {600, []string{"alert site-wrote > " + ops, "passed-on > " + corner, "information > " + asha, "information > " + ben}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, _, receipt := w.pending()
			w.take("information LT-2026-00001", reply(receipt, corner,
				strings.Repeat("The dispensary has a new computer now. ", c.padding)+"Please cancel this request."))
			w.inState("LT-2026-00001", intake.Pending)
			w.expect(c.want...)
		})
	}
}
