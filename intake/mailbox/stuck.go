package mailbox

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
)

// trying is a list of messages that a step is tried on, with what is known of what the server can do.
type trying struct {
	uids []uint32 // ascending, still to be tried
	narrowing
}

// drop takes messages off the list.
func (t *trying) drop(uids ...uint32) {
	t.uids = slices.DeleteFunc(t.uids, func(uid uint32) bool { return slices.Contains(uids, uid) })
}

// stuckOn is what the server does not do with one of the messages.
type stuckOn struct {
	uid   uint32
	step  intake.StuckStep
	size  int64
	cause string
	// passing says that it is likely to pass.
	passing bool
}

// culprit is a message that the server failed on when it was alone.
func culprit(uid uint32, step intake.StuckStep, size int64, err error) stuckOn {
	return stuckOn{uid: uid, step: step, size: size, cause: inWords(err), passing: passes(err)}
}

// passes reports whether a refusal says that the server is likely to get over it.
func passes(err error) bool {
	return hasCode(err, imap.ResponseCodeUnavailable, imap.ResponseCodeInUse)
}

// inWords returns the cause of an error, without where it happened.
func inWords(err error) string {
	if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "mailbox ") {
		err = inner
	}
	return strings.TrimPrefix(err.Error(), "imap: ")
}

// shelf keeps the messages that are stuck.
type shelf struct {
	link    *link
	in      Intake
	stuck   map[uint32]intake.Stuck
	changed map[intake.Copy]bool // since this was last put on record
	waits   map[question]int     // how often the answer was to wait, since the step last went well for the message
}

// failure is what failed for some messages: by the server's refusal, or by a lost connection.
type failure struct {
	step          intake.StuckStep
	uids          []uint32
	good          int // how many of the first went well; -1 if nothing is known of that
	refusal, lost error
}

// question is what a server was asked, by the first of the messages that it was about.
type question struct {
	step  intake.StuckStep
	first uint32
}

// saidAgain notes that a server says how long it wants to be left alone, and reports whether it has said that before to the
// same question.
func (h *shelf) saidAgain(f failure) bool {
	q := question{f.step, f.uids[0]}
	h.waits[q]++
	return h.waits[q] > 1
}

// setAside notes that messages are stuck. They are tried again later, less and less often, and hold up no other.
func (h *shelf) setAside(on ...stuckOn) {
	now := h.link.cfg.Now()
	for _, o := range on {
		s, before := h.stuck[o.uid]
		if !before || s.Step != o.step {
			s = intake.Stuck{Copy: h.link.copyOf(o.uid), Step: o.step}
		}
		s.Size, s.Cause, s.Passing = o.size, o.cause, o.passing && s.Tries == 0
		s = s.Again(now)
		h.stuck[o.uid], h.changed[s.Copy] = s, true
		h.link.log.Error("the server does not do with a message what it should: it stays where it is, and is tried again",
			"uid", o.uid, "what", o.step, "bytes", o.size, "cause", o.cause, "tries", s.Tries, "again_at", s.NextAt)
	}
}

// free notes that messages are no longer stuck.
func (h *shelf) free(copies ...intake.Copy) {
	for _, c := range copies {
		if s, stuck := h.stuck[c.UID]; stuck && s.Copy == c {
			delete(h.stuck, c.UID)
		}
		h.changed[c] = true
	}
}

// recall reads which messages are stuck, and forgets those that are not in the folder any more, or are read by now, or
// are new under the number of one that was not filed.
func (h *shelf) recall(ctx context.Context, present, unknown, back []uint32) error {
	if err := h.record(ctx); err != nil { // what the step has found so far
		return err
	}
	all, err := h.in.Stuck(ctx, h.link.cfg.Name)
	if err != nil {
		return err
	}
	h.stuck, h.changed = make(map[uint32]intake.Stuck), make(map[intake.Copy]bool)
	maps.DeleteFunc(h.waits, func(q question, _ int) bool { _, here := slices.BinarySearch(present, q.first); return !here })
	for _, s := range all {
		_, here := slices.BinarySearch(present, s.UID)
		_, isNew := slices.BinarySearch(unknown, s.UID)
		_, isBack := slices.BinarySearch(back, s.UID)
		if s.UIDValidity == h.link.uidValidity && here && (isNew || isBack || s.Step == intake.StuckFiling) &&
			(!isNew || s.Step == intake.StuckReading) {
			h.stuck[s.UID] = s
		} else {
			h.free(s.Copy)
		}
	}
	return nil
}

// record puts on record what has changed.
func (h *shelf) record(ctx context.Context) error {
	var stuck []intake.Stuck
	var over []intake.Copy
	for c := range h.changed {
		if s, is := h.stuck[c.UID]; is && s.Copy == c {
			stuck = append(stuck, s)
		} else {
			over = append(over, c)
		}
	}
	if len(stuck)+len(over) == 0 {
		return nil
	}
	slices.SortFunc(stuck, func(a, b intake.Stuck) int { return cmp.Compare(a.UID, b.UID) })
	slices.SortFunc(over, func(a, b intake.Copy) int { return cmp.Compare(a.UID, b.UID) })
	err := h.in.NoteStuck(ctx, stuck, over)
	if err == nil {
		clear(h.changed)
	}
	return err
}

// due divides messages into those that may be tried now, as they are not stuck, and stuck ones whose time has come.
func (h *shelf) due(uids []uint32) (fresh, again []uint32) {
	now := h.link.cfg.Now()
	for _, uid := range uids {
		if s, stuck := h.stuck[uid]; !stuck {
			fresh = append(fresh, uid)
		} else if s.Due(now) {
			again = append(again, uid)
		}
	}
	return fresh, again
}
