package mailbox

import (
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
func (w *Watcher) fileLeftovers(ctx context.Context, present []uint32) (filed int, err error) {
	for {
		filings, err := w.in.Unfiled(ctx, w.cfg.Name, w.uidValidity, leftovers)
		if err != nil || len(filings) == 0 {
			return filed, err
		}
		var gone, here []intake.Filing
		for _, f := range filings {
			if _, ok := slices.BinarySearch(present, f.UID); ok {
				here = append(here, f)
			} else {
				gone = append(gone, f)
			}
		}
		if len(gone) > 0 {
			if err := w.in.Filed(ctx, gone); err != nil {
				return filed, err
			}
		}
		finished, here, err := w.finishCopied(ctx, here)
		if filed += finished; err != nil {
			return filed, err
		}
		n, err := w.file(ctx, here)
		filed += n
		if err != nil || n+finished+len(gone) == 0 || len(filings) < leftovers {
			return filed, err
		}
	}
}

// file carries out filings, folder by folder, and returns how many. A message that the server refuses to file
// stays in the mailbox and on record, and the next scan tries it again; it does not hold up the rest.
func (w *Watcher) file(ctx context.Context, filings []intake.Filing) (filed int, err error) {
	byFolder := make(map[intake.Folder][]intake.Filing)
	for _, f := range filings {
		byFolder[f.Folder] = append(byFolder[f.Folder], f)
	}
	for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
		done, err := w.fileInto(ctx, folder, byFolder[folder])
		if err != nil {
			return filed, err
		}
		if len(done) == 0 {
			continue
		}
		w.s.marked = w.s.marked || w.s.expungesAll() // also when that cannot be put on record now
		if err := w.in.Filed(ctx, done); err != nil {
			return filed, err
		}
		filed += len(done)
	}
	if filed > 0 && w.s.expungesAll() {
		err = w.expungeOurs(ctx)
	}
	return filed, err
}

// expungesAll reports whether the server can only expunge all marked messages at once.
func (s *session) expungesAll() bool {
	return !s.caps.Has(imap.CapMove) && !s.caps.Has(imap.CapUIDPlus)
}

// fileInto files into one folder, all at once; or one by one if the server refuses, as a single message may
// be at fault.
func (w *Watcher) fileInto(ctx context.Context, folder intake.Folder, filings []intake.Filing) (done []intake.Filing, err error) {
	if w.folders.filing[folder] == "" {
		return nil, fmt.Errorf("mailbox %s: the intake files into %q, which is not one of the folders", w.cfg.Name, folder)
	}
	var refusal error
	err = w.do(ctx, "file into "+string(folder), func(s *session) error {
		err := s.file(w.folders.filing[folder], filings)
		if hasCode(err, imap.ResponseCodeTryCreate, imap.ResponseCodeNonExistent) {
			// Somebody has removed or renamed the folder.
			if w.folders.filing[folder], err = s.ensure(w.folders.prefixes, folder); err != nil {
				return err
			}
			err = s.file(w.folders.filing[folder], filings)
		}
		if !isRefusal(err) {
			done = filings
			return err
		}
		refusal = err
		if len(filings) == 1 {
			return nil
		}
		for i := range filings {
			err := s.file(w.folders.filing[folder], filings[i:i+1])
			if err == nil {
				done = append(done, filings[i])
			} else if !isRefusal(err) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if left := len(filings) - len(done); left > 0 {
		w.log.Error("the server refuses to file messages; they stay where they are and are tried again",
			"folder", w.folders.filing[folder], "messages", left, "error", refusal)
	}
	return done, nil
}

// file moves messages by UID (RFC 6851). A server without MOVE copies them, marks them and, if it can do that
// by UID (RFC 4315), expunges them; otherwise they are left marked for expungeOurs. It is not an error if a
// UID is gone.
//
// A mark that a person has set is removed first: it would go along, and have the message expunged from its
// new folder. If the server does not allow that, nothing is copied either, or it would be copied over and
// over.
func (s *session) file(folder string, filings []intake.Filing) error {
	var set imap.UIDSet
	for _, f := range filings {
		set.AddNum(imap.UID(f.UID))
	}
	if err := s.markDeleted(set, imap.StoreFlagsDel); err != nil {
		return err
	}
	if s.caps.Has(imap.CapMove) {
		_, err := s.client.Move(set, folder).Wait()
		return err
	}
	if _, err := s.client.Copy(set, folder).Wait(); err != nil {
		return err
	}
	return s.remove(set)
}

// remove marks messages, and expunges them if the server can do that by UID.
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
	var marked []uint32
	err := w.do(ctx, "search for marked messages", func(s *session) (err error) {
		marked, err = s.search(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}})
		return err
	})
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
	unfiled, err := w.in.Unfiled(ctx, w.cfg.Name, w.uidValidity, leftovers)
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
