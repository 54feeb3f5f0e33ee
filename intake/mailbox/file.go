package mailbox

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
)

// leftovers bounds how many filings are read from the record at once, and so the length of a command.
const leftovers = 200

// fileLeftovers carries out what earlier steps committed but could not file. Messages that are not among the
// present UIDs have already left the folder.
func (w *Watcher) fileLeftovers(ctx context.Context) (filed int, err error) {
	last := uint32(0)
	for {
		filings, err := w.in.Unfiled(ctx, w.cfg.Name, w.uidValidity, last, leftovers)
		if err != nil || len(filings) == 0 {
			return filed, err
		}
		last = filings[len(filings)-1].UID
		var gone, fresh, again []intake.Filing
		for _, f := range filings {
			_, here := slices.BinarySearch(w.present, f.UID)
			s, stuck := w.stuck[f.UID]
			switch {
			case !here:
				gone = append(gone, f)
			case !stuck:
				fresh = append(fresh, f)
			case s.Due(w.searched):
				again = append(again, f)
			}
		}
		if len(gone) > 0 {
			if err := w.in.Filed(ctx, gone); err != nil {
				return filed, err
			}
		}
		n, err := fileLeft(ctx, w, fresh, narrowing{})
		if filed += n; err != nil {
			return filed, err
		}
		n, err = fileLeft(ctx, w, again, oneByOne())
		if filed += n; err != nil {
			return filed, err
		}
		if len(filings) < leftovers {
			return filed, nil
		}
	}
}

// fileLeft is fileAs for filings that may have been begun before.
func fileLeft(ctx context.Context, w *Watcher, filings []intake.Filing, known narrowing) (filed int, err error) {
	finished, left, err := w.finishCopied(ctx, filings, known)
	if err != nil {
		return finished, err
	}
	filed, err = w.fileAs(ctx, left, known)
	return finished + filed, err
}

// file carries out filings, and returns how many. A message that the server refuses to file stays in the mailbox and on
// record, and is tried again; it does not hold up the rest.
func (w *Watcher) file(ctx context.Context, filings []intake.Filing) (filed int, err error) {
	return w.fileAs(ctx, filings, narrowing{})
}

// fileAs is file, folder by folder, for messages of which so much is known.
func (w *Watcher) fileAs(ctx context.Context, filings []intake.Filing, known narrowing) (filed int, err error) {
	byFolder := make(map[intake.Folder][]intake.Filing)
	for _, f := range filings {
		byFolder[f.Folder] = append(byFolder[f.Folder], f)
	}
	for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
		if w.folders.filing[folder] == "" {
			return filed, fmt.Errorf("mailbox %s: the intake files into %q, which is not one of the folders", w.cfg.Name, folder)
		}
		n, err := w.fileInto(ctx, folder, byFolder[folder], known)
		if filed += n; err != nil {
			return filed, err
		}
	}
	if filed > 0 && w.s != nil && w.s.expungesAll() {
		err = w.expungeOurs(ctx)
	}
	return filed, err
}

// expungesAll reports whether the server can only expunge all marked messages at once.
func (s *session) expungesAll() bool {
	return !s.caps.Has(imap.CapMove) && !s.caps.Has(imap.CapUIDPlus)
}

// fileInto files into one folder, as many at once as go well. On a server without MOVE what is copied is removed after that:
// if it cannot be, it is not copied again.
func (w *Watcher) fileInto(ctx context.Context, folder intake.Folder, filings []intake.Filing, known narrowing) (filed int, err error) {
	return inTurns(ctx, w, filings, known, turn{
		try: func(some []intake.Filing) (refusal, err error) { return w.fileOnce(ctx, folder, some) },
		went: func(some []intake.Filing) (int, error) {
			if w.s.caps.Has(imap.CapMove) {
				return len(some), w.recordFiled(ctx, some)
			}
			return remove(ctx, w, some, known)
		},
		lost: func(left []intake.Filing) (int, []intake.Filing, error) { return w.finishCopied(ctx, left, known) },
	})
}

// remove removes messages that are copied, as many at once as go well.
func remove(ctx context.Context, w *Watcher, copied []intake.Filing, known narrowing) (removed int, err error) {
	return inTurns(ctx, w, copied, known, turn{
		try: func(some []intake.Filing) (refusal, err error) {
			err = w.do(ctx, "remove what is copied", func(s *session) error {
				err := s.remove(uidSet(uidsOf(some)))
				if isRefusal(err) || isFull(err) {
					refusal, err = err, nil
				}
				return err
			})
			return refusal, err
		},
		went: func(some []intake.Filing) (int, error) {
			w.s.marked = w.s.marked || w.s.expungesAll() // also when that cannot be put on record now
			return len(some), w.recordFiled(ctx, some)
		},
		lost: func(left []intake.Filing) (int, []intake.Filing, error) { return 0, left, nil },
	})
}

// turn is a step of filing some messages.
type turn struct {
	try  func(some []intake.Filing) (refusal, err error)
	went func(some []intake.Filing) (filed int, err error) // ends it for those that it went well for
	// lost ends it for those that it may have gone well for when the connection was lost, and returns the others.
	lost func(some []intake.Filing) (filed int, left []intake.Filing, err error)
}

// inTurns takes a step of filing, for as many messages at once as go well, and sets aside those that it fails for alone.
func inTurns(ctx context.Context, w *Watcher, filings []intake.Filing, n narrowing, step turn) (filed int, err error) {
	if often := w.waits[question{intake.StuckFiling, filings[0].UID}]; often > 1 && n.width == 0 {
		n.width = max(len(filings)>>(often-1), 1)
	}
	for len(filings) > 0 {
		some := filings[:min(len(filings), cmp.Or(n.width, len(filings)))]
		refusal, err := step.try(some)
		finished := 0
		if refusal == nil && err == nil {
			n.went()
			filings = filings[len(some):]
			finished, err = step.went(some)
			if filed += finished; err != nil {
				return filed, err
			}
			continue
		}
		lost := err != nil
		found, cause, err := w.blame(ctx, &n,
			failure{step: intake.StuckFiling, uids: uidsOf(some), good: -1, refusal: refusal, lost: err})
		if found {
			blamed := 1
			if n.failed >= hopeless { // it is not about the message
				blamed = len(filings)
			}
			for _, f := range filings[:blamed] {
				w.setAside(culprit(f.UID, intake.StuckFiling, 0, cause))
			}
			filings = filings[blamed:]
		}
		if err == nil && lost {
			finished, filings, err = step.lost(filings)
		}
		if filed += finished; err != nil {
			return filed, err
		}
	}
	return filed, nil
}

// fileOnce files into one folder. A refusal costs the connection nothing.
func (w *Watcher) fileOnce(ctx context.Context, folder intake.Folder, filings []intake.Filing) (refusal, err error) {
	err = w.do(ctx, "file into "+string(folder), func(s *session) error {
		err := s.file(w.folders.filing[folder], filings)
		if hasCode(err, imap.ResponseCodeTryCreate, imap.ResponseCodeNonExistent) {
			// Somebody has removed or renamed the folder.
			if w.folders.filing[folder], err = s.ensure(w.folders.prefixes, folder); err != nil {
				return err
			}
			err = s.file(w.folders.filing[folder], filings)
		}
		if isRefusal(err) || isFull(err) {
			refusal, err = err, nil
		}
		return err
	})
	return refusal, err
}

// isFull reports whether a folder takes no more (RFC 5530: LIMIT, OVERQUOTA). A code says that of any limit, such as how
// often a server may be asked: that it wants to be left alone it has to say in words.
func isFull(err error) bool {
	_, _, asks := peace(fmt.Sprint(err))
	return hasCode(err, imap.ResponseCodeLimit, imap.ResponseCodeOverQuota) && !asks
}

// recordFiled puts on record that messages were filed. One that was filed before, under the same number, is still watched.
func (w *Watcher) recordFiled(ctx context.Context, filings []intake.Filing) error {
	if err := w.in.Filed(ctx, filings); err != nil {
		return err
	}
	for _, f := range filings {
		delete(w.waits, question{intake.StuckFiling, f.UID})
		_, back := slices.BinarySearch(w.back, f.UID)
		if _, stuck := w.stuck[f.UID]; stuck && !back {
			w.free(f.Copy)
		}
	}
	return nil
}

func uidsOf(filings []intake.Filing) (uids []uint32) {
	for _, f := range filings {
		uids = append(uids, f.UID)
	}
	return uids
}

// file moves messages by UID (RFC 6851). A server without MOVE copies them, and they are still to be removed. It is not an
// error if a UID is gone.
//
// A mark that a person has set is removed first: it would go along, and have the message expunged from its
// new folder. If the server does not allow that, nothing is copied either, or it would be copied over and
// over.
func (s *session) file(folder string, filings []intake.Filing) error {
	set := uidSet(uidsOf(filings))
	if err := s.markDeleted(set, imap.StoreFlagsDel); err != nil {
		return err
	}
	if s.caps.Has(imap.CapMove) {
		_, err := s.client.Move(set, folder).Wait()
		return err
	}
	_, err := s.client.Copy(set, folder).Wait()
	return err
}

// remove marks messages and, if the server can do that by UID (RFC 4315), expunges them; otherwise they are left marked for
// expungeOurs.
func (s *session) remove(set imap.UIDSet) error {
	if err := s.markDeleted(set, imap.StoreFlagsAdd); err != nil {
		return err
	}
	if s.caps.Has(imap.CapUIDPlus) {
		return s.client.UIDExpunge(set).Close()
	}
	return nil
}

func (s *session) markDeleted(set imap.UIDSet, op imap.StoreFlagsOp) error {
	return s.client.Store(set, &imap.StoreFlags{
		Op:     op,
		Silent: true,
		Flags:  []imap.Flag{imap.FlagDeleted},
	}, nil).Close()
}

// expungeOurs expunges what file has left marked, on a server that can only expunge all marked messages. It
// does so only if each of them is on record and filed. If a person has marked another, ours stay too, marked
// and on record, so that they are neither taken nor copied again.
func (w *Watcher) expungeOurs(ctx context.Context) error {
	marked, err := w.marked(ctx)
	if err != nil {
		return err
	}
	if w.s.marked = len(marked) > 0; !w.s.marked {
		return nil
	}
	unknown, err := w.in.Unknown(ctx, w.cfg.Name, w.uidValidity, marked)
	if err != nil || len(unknown) > 0 {
		return err
	}
	unfiled, err := w.in.Unfiled(ctx, w.cfg.Name, w.uidValidity, 0, leftovers)
	if err != nil || len(unfiled) == leftovers {
		return err // too many to be sure
	}
	for _, f := range unfiled {
		if _, ok := slices.BinarySearch(marked, f.UID); ok {
			return nil
		}
	}
	return w.do(ctx, "expunge", func(s *session) error {
		err := s.client.Expunge().Close()
		s.marked = s.marked && err != nil
		return err
	})
}
