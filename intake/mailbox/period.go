package mailbox

import (
	"context"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
)

// within returns those of the new messages that may have come within the intake's period. A search by days finds most
// of the others, without reading anything of them: the days of a server may be any time zone's, so that the days at the
// edges are left to kept, which knows the moment.
func within(ctx context.Context, w *Watcher, unknown []uint32) ([]uint32, error) {
	period, err := w.in.Period(ctx, w.cfg.Name)
	if err != nil {
		return nil, err
	}
	if period != w.period || w.uidValidity != w.leftIn {
		w.left, w.period, w.leftIn = nil, period, w.uidValidity
	}
	left := make(map[uint32]bool, len(w.left))
	fresh := 0
	for _, uid := range unknown {
		if w.left[uid] {
			left[uid] = true
		} else {
			fresh++
		}
	}
	w.left = left
	if fresh > 0 {
		err = w.do(ctx, "search "+w.folders.watched+" by day", func(s *session) error { return outside(w, s) })
	}
	if err == nil {
		err = tellLeft(ctx, w)
	}
	var out []uint32
	for _, uid := range unknown {
		if !w.left[uid] {
			out = append(out, uid)
		}
	}
	return out, err
}

// outside notes what surely did not come within the period. A server that cannot search by day leaves that to kept, and
// so does one that only seems to: of what it finds, the newest must have come when it says.
func outside(w *Watcher, s *session) error {
	if w.guesses {
		return nil
	}
	var all []imap.SearchCriteria
	if from := w.period.From; !from.IsZero() {
		all = append(all, imap.SearchCriteria{Before: from.UTC().AddDate(0, 0, -1)})
	}
	if until := w.period.Until; !until.IsZero() {
		all = append(all, imap.SearchCriteria{Since: until.UTC().AddDate(0, 0, 2)})
	}
	for _, criteria := range all {
		uids, err := s.search(&criteria)
		if isRefusal(err) {
			continue
		}
		if err != nil {
			return err
		}
		if len(uids) == 0 {
			continue
		}
		w.guesses = true // also if it hangs up on the question
		at, err := s.came(slices.Max(uids))
		switch {
		case isRefusal(err), err == nil && (at.IsZero() || w.period.Has(at)):
			return nil
		case err != nil:
			return err
		}
		w.guesses = false
		for _, uid := range uids {
			w.left[uid] = true
		}
	}
	return nil
}

// came returns when a message came; zero if the server does not say.
func (s *session) came(uid uint32) (at time.Time, err error) {
	uids := []uint32{uid}
	s.mender.ask("INTERNALDATE", uids)
	err = s.fetch(uids, &imap.FetchOptions{UID: true, InternalDate: true}, func(of uint32, item imapclient.FetchItemData) error {
		if date, ok := item.(imapclient.FetchItemDataInternalDate); ok && of == uid {
			at = date.Time.UTC()
		}
		return nil
	})
	return at, err
}

// kept returns those of a batch that came within the period, by the moment.
func kept(ctx context.Context, w *Watcher, arrivals []intake.Arrival) (out []intake.Arrival, err error) {
	for _, a := range arrivals {
		if w.period.Has(a.At) {
			out = append(out, a)
		} else {
			w.left[a.UID] = true
		}
	}
	return out, tellLeft(ctx, w)
}

// tellLeft tells the intake how many messages stay where they are, if that has changed.
func tellLeft(ctx context.Context, w *Watcher) error {
	if len(w.left) == w.toldLeft {
		return nil
	}
	err := w.in.Left(ctx, w.cfg.Name, len(w.left))
	if err == nil {
		w.toldLeft = len(w.left)
	}
	return err
}
