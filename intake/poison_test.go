package intake_test

import (
	"context"
	"errors"
	"testing"

	"mfabot/intake"
)

// dying is a store that is gone in the middle of a transaction, as when the program is killed, or that fails,
// as on a full disk.
type dying struct {
	failing bool // the next transactions, and what would forgive them
	ends    bool // the program, with the next transaction
}

var errFull = errors.New("the disk is full")

func (d *dying) trouble() *trouble {
	return &trouble{
		update: func(context.Context) error {
			if d.failing || d.ends {
				return errFull
			}
			return nil
		},
		forgive: func(context.Context) error {
			if d.failing {
				return errFull
			}
			return nil
		},
	}
}

// killed is what a message does to the program three times, where a test needs it.
func (w *world) killed(batch ...intake.Arrival) {
	w.t.Helper()
	var copies []intake.Copy
	for _, a := range batch {
		copies = append(copies, a.Copy)
	}
	ok(w.t, w.store.Begin(w.t.Context(), copies))
}

// TestPoison: a message on which the program ended three times is quarantined unread, and those that were in
// hand with it are not.
func TestPoison(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}
	a, b := w.arrival(email{from: corner, subject: "poison", text: "x"}), w.arrival(good)
	w.killed(a, b)
	w.killed(a)
	w.killed(a)
	got := w.takeAll(a, b)
	same(t, "outcomes", "quarantined(unreadable), request LT-2026-00001", outcome(got[0])+", "+outcome(got[1]))
	w.expect("alert unreadable > "+ops, toAsha, toBen, "receipt > "+corner)
	same(t, "forgotten", []int{0, 0}, must(w.store.Begun(t.Context(), []intake.Copy{a.Copy, b.Copy}))(t))
}

// TestFullDisk: a fault of the surroundings is no message's own, however often.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := new(dying)
	w.through(d.trouble())
	a := w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}})
	for range 5 {
		d.failing = true
		if _, err := w.Take(t.Context(), []intake.Arrival{a}); !errors.Is(err, errFull) {
			t.Fatalf("error %v", err)
		}
		d.failing = false
		if _, err := w.Take(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "begun", []int{0}, must(w.store.Begun(t.Context(), []intake.Copy{a.Copy}))(t))
	same(t, "outcome", "request LT-2026-00001", outcome(w.takeAll(a)[0]))
}

// TestEndedWhileCommitting: a message that was read is not what ended the program, however often it ended
// after that.
func TestEndedWhileCommitting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}})
	for range 4 {
		w.through((&dying{ends: true}).trouble()) // the parts anew each time
		if _, err := w.Take(t.Context(), []intake.Arrival{a}); !errors.Is(err, errFull) {
			t.Fatalf("error %v", err)
		}
	}
	w.through(nil)
	same(t, "outcome", "request LT-2026-00001", outcome(w.takeAll(a)[0]))
}
