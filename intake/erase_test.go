package intake_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/retain"
)

// everywhere returns in which columns of all tables a text is, in whatever case.
func (w *world) everywhere(text string) []string {
	w.t.Helper()
	db := must(sql.Open("sqlite3", w.file))(w.t)
	defer func() { ok(w.t, db.Close()) }()
	var where []string
	for _, column := range w.columns(db) {
		table, name, _ := strings.Cut(column, ".")
		var n int
		query := `SELECT COUNT(*) FROM ` + table + ` WHERE instr(lower(CAST(` + name + ` AS TEXT)), $1) > 0`
		ok(w.t, db.QueryRowContext(w.t.Context(), query, strings.ToLower(text)).Scan(&n))
		if n > 0 {
			where = append(where, column)
		}
	}
	slices.Sort(where)
	return where
}

// counts is how many rows there are by what became of them.
func (w *world) counts() map[string]int {
	w.t.Helper()
	db := must(sql.Open("sqlite3", w.file))(w.t)
	defer func() { ok(w.t, db.Close()) }()
	rows, err := db.QueryContext(w.t.Context(), `
		SELECT 'inbound ' || outcome, COUNT(*) FROM inbound GROUP BY outcome
		UNION ALL SELECT 'outbound ' || state, COUNT(*) FROM outbound GROUP BY state
		UNION ALL SELECT 'request ' || state, COUNT(*) FROM request GROUP BY state
		UNION ALL SELECT 'action ' || state, COUNT(*) FROM action GROUP BY state
		UNION ALL SELECT 'exception ' || state, COUNT(*) FROM exception GROUP BY state
		UNION ALL SELECT 'stuck ' || step, COUNT(*) FROM stuck GROUP BY step
		UNION ALL SELECT 'event ' || event, COUNT(*) FROM audit
			WHERE event IN ('unproven-attempt', 'wrong-address', 'no-longer') GROUP BY event`)
	ok(w.t, err)
	defer func() { ok(w.t, rows.Close()) }()
	counts := make(map[string]int)
	for rows.Next() {
		var of string
		var n int
		ok(w.t, rows.Scan(&of, &n))
		counts[of] = n
	}
	ok(w.t, rows.Err())
	ok(w.t, rows.Err())
	return counts
}

func (w *world) columns(db *sql.DB) (all []string) {
	rows, err := db.QueryContext(w.t.Context(), `
		SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'`)
	ok(w.t, err)
	defer func() { ok(w.t, rows.Close()) }()
	for rows.Next() {
		var column string
		ok(w.t, rows.Scan(&column))
		all = append(all, column)
	}
	ok(w.t, rows.Err())
	return all
}

// traces are ways in which an address comes into the database.
func traces(w *world, who string) []func() {
	id := func() string { return fmt.Sprintf("%d.%s", w.uid, who) }
	take := func(e email) { w.takeAll(w.arrival(e)) }
	return []func(){
		func() { // a user whose request is approved, and revoked
			take(email{from: corner, subject: "MFA for " + who,
				text: "User: <" + who + ">\nReason: accessibility\nDetails: a tremor\n", files: []string{pdf(fmt.Sprint(w.uid))}})
		},
		func() { take(email{from: corner, subject: "MFA", text: "An exception for " + who + ", please."}) },
		func() { take(email{from: who, subject: "MFA", text: asked, id: id()}) },
		func() {
			take(email{from: who, subject: "Away", text: "away", header: []string{"Auto-Submitted: auto-replied"}})
		},
		func() {
			take(email{header: []string{"From: " + who + ", " + stranger}, subject: "about " + strings.ToUpper(who), text: asked})
		},
		func() {
			w.judge.unproven[asha] = true
			take(email{from: asha, subject: "Fwd: " + who, text: "APPROVE", header: []string{"Sender: <" + who + ">"}})
			delete(w.judge.unproven, asha)
		},
		func() { // named in another's request, in capitals
			take(email{from: corner, subject: "MFA", text: "User: kim.day@corner.test\nReason: accessibility\n" +
				"Details: a tremor, ask \"" + strings.ToUpper(who) + "\" & <" + who + ">.\n", files: []string{pdf(fmt.Sprint(w.uid))}})
		},
		func() {
			take(email{from: corner, subject: "MFA", text: asked, header: []string{"Sender: <" + who + ">"},
				files: []string{pdf(fmt.Sprint(w.uid))}})
		},
		func() { _, _ = w.Grant(w.t.Context(), who, "no-signal", "", "called by "+who) },
		func() { _, _ = w.Grant(w.t.Context(), "rosa@dental.test", "no-signal", "", "asked by "+who) },
		func() { take(email{from: bright, subject: "LT-2026-00001", text: "what of " + who + "?"}) },
	}
}

// finish closes all that is open for an address, and delivers all letters.
func (w *world) finish(who string) {
	w.t.Helper()
	for n := 1; n <= w.count(); n++ {
		ref := fmt.Sprintf("LT-2026-%05d", n)
		r := must(w.store.Request(w.t.Context(), ref))(w.t)
		if r.User.Email == who {
			_, err := w.DecideByHand(w.t.Context(), ref, "reject", "no more for "+who, asha)
			if err != nil && !errors.Is(err, intake.ErrNotNow) {
				w.t.Fatal(err)
			}
		}
	}
	w.now = w.now.Add(20 * day) // forms lapse, grants end
	w.sweep()
	for _, todo := range must(w.store.AskedActions(w.t.Context(), "", ""))(w.t) {
		must(w.Done(w.t.Context(), "Jo Hill", todo.ID))(w.t)
	}
	w.deliverAll()
}

// TestEraseLeavesNoTrace: whatever brought an address into the database, and in whichever order, nothing
// holds it afterwards; an address that only begins or ends alike stays, and so do the numbers.
func TestEraseLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			dice := rand.New(rand.NewPCG(seed, 0))
			who := []string{"nia.vaughan@corner.test", "nia_v&co@corner.test", "o'nia+a%b@corner.test"}[seed%3]
			alike := []string{"x" + who, who + ".example"}
			ways := traces(w, who)
			for _, i := range dice.Perm(len(ways)) {
				w.now = w.now.Add(time.Minute)
				ways[i]()
			}
			for _, other := range alike {
				must(w.Grant(t.Context(), other, "no-signal", "", "a note on "+other))(t)
			}
			w.finish(who)
			if len(w.everywhere(who)) == 0 {
				t.Fatal("there is no trace to begin with")
			}
			before := w.counts()
			kept := w.everywhere(alike[0])

			done := must(w.Erase(t.Context(), strings.ToUpper(who[:1])+who[1:], "Jo Hill"))(t)
			if len(done.Refs) == 0 || done.Messages == 0 || done.Letters == 0 || done.Mentions == 0 {
				t.Errorf("erased: %+v", done)
			}
			entries := must(w.store.History(t.Context(), ""))(t)
			if last := entries[len(entries)-1]; last.Event != intake.EventErased || last.By != "Jo Hill" {
				t.Errorf("on record is %s by %q, want that Jo Hill erased it", last.Event, last.By)
			}
			same(t, "others who are called alike", kept, w.everywhere(alike[0]))
			for _, other := range alike {
				w.blank(other)
			}
			same(t, "where the address still is", []string(nil), w.everywhere(who))
			same(t, "numbers", before, w.counts())
			same(t, "nothing is left to erase", &retain.Erased{Left: done.Left}, func() *retain.Erased {
				again := must(w.Erase(t.Context(), who, "Jo Hill"))(t)
				again.Left = done.Left
				return again
			}())
		})
	}
}

// blank erases somebody else, so that they are not taken for the one looked for.
func (w *world) blank(who string) {
	w.t.Helper()
	must(w.Erase(w.t.Context(), who, "Jo Hill"))(w.t)
}

// TestEraseOfSeveral: a message that serves somebody else as well stays for them.
func TestEraseOfSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001,LT-2026-00002", email{from: corner, subject: "MFA", files: []string{pdf("both")},
		text: "User: sam.lee@corner.test\nUser: kim.day@corner.test\nReason: accessibility\nDetails: Both have a tremor.\n"})
	w.finish(sam)
	done := must(w.Erase(t.Context(), sam, "Jo Hill"))(t)
	same(t, "references", []string{"LT-2026-00001"}, done.Refs)
	if len(done.Left) != 1 || !w.raw(1) {
		t.Errorf("left: %+v, and it is kept: %v", done.Left, w.raw(1))
	}
	r := w.inState("LT-2026-00002", intake.Pending)
	same(t, "the other", kim, r.User.Email)
	w.finish(kim)
	done = must(w.Erase(t.Context(), kim, "Jo Hill"))(t)
	if len(done.Left) != 0 || w.raw(1) {
		t.Errorf("then left: %+v, and it is kept: %v", done.Left, w.raw(1))
	}
}

// TestEraseSparesWhatIsHeld: also where somebody else's request is held and names them.
func TestEraseSparesWhatIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA",
		text:  "User: sam.lee@corner.test\nReason: accessibility\nDetails: a tremor, ask nia.vaughan@corner.test\n",
		files: []string{pdf("first")}})
	w.finish("nia.vaughan@corner.test")
	ok(t, w.PlaceHold(t.Context(), "LT-2026-00001", "complaint", "Jo Hill"))
	_, err := w.Erase(t.Context(), "nia.vaughan@corner.test", "Jo Hill")
	if !errors.Is(err, retain.ErrRefused) {
		t.Errorf("%v, want ErrRefused", err)
	}
	if len(w.everywhere("nia.vaughan")) == 0 {
		t.Error("what is held was changed")
	}
}

// TestEraseFormerReviewer: of one who is a reviewer no more nothing remains but what they decided.
func TestEraseFormerReviewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	a, b, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	w.later(3 * day)
	w.sweep()
	w.take("decision "+b.Ref, reply(b, ben, "REJECT no"))
	w.asksFor(kim)
	must(w.DecideByHand(t.Context(), "LT-2026-00002", "reject", "unsigned", asha))(t)
	w.sweep()
	w.deliverAll()
	_, err := w.Erase(t.Context(), asha, "Jo Hill")
	says(t, err, asha, "remove it from the configuration first")
	w.configure(func(c *config) { c.Reviewers = c.Reviewers[1:2] })
	for _, who := range []string{asha, cleo} {
		if len(w.everywhere(who)) == 0 {
			t.Fatalf("there is no trace of %s to begin with", who)
		}
		must(w.Erase(t.Context(), who, "Jo Hill"))(t)
		same(t, "where "+who+" still is", []string(nil), w.everywhere(who))
	}
	reviews := must(w.store.Reviews(t.Context(), "LT-2026-00002"))(t)
	same(t, "the decision", true, slices.ContainsFunc(reviews,
		func(v intake.Review) bool { return v.Reviewer == "[erased]" && v.Decision == intake.EventReject }))
}

// TestAwayIsPurged: that an automatic reply told of an absence is kept no longer than what else is of no
// request.
func TestAwayIsPurged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	a, b, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	w.take("decision "+b.Ref, reply(b, ben, "REJECT no"))
	w.deliverAll()
	w.now = w.now.Add(20 * 365 * day)
	w.purged()
	for _, h := range must(w.store.History(t.Context(), ""))(t) {
		if strings.Contains(h.Text, asha) {
			t.Errorf("kept: %s %q", h.Event, h.Text)
		}
	}
}
