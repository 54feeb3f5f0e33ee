package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
)

// Visit is a look at a mailbox beside the watcher that may be reading it. What it reads leaves no trace, and what it
// changes is a message of its own, in a folder to file into. Only one goroutine may use it.
type Visit struct{ link }

// NewVisit returns a visit that has not begun.
func NewVisit(cfg Config) *Visit { return &Visit{newLink(cfg)} }

// Enter connects and logs in.
func (v *Visit) Enter(ctx context.Context) error { return v.connect(ctx) }

// Leave ends the connection.
func (v *Visit) Leave() { v.drop() }

// Lacks returns those of the capabilities that the server has not.
func (v *Visit) Lacks(names ...string) (lacking []string) {
	for _, name := range names {
		if !v.s.caps.Has(imap.Cap(name)) {
			lacking = append(lacking, name)
		}
	}
	return lacking
}

// Folders finds the folders to file into, and creates those that are missing, as the watcher does.
func (v *Visit) Folders(ctx context.Context) ([]string, error) {
	if err := v.again(ctx); err != nil {
		return nil, err
	}
	if err := v.do(ctx, "find folders", v.findFolders); err != nil {
		return nil, err
	}
	return v.names()[1:], nil
}

// again connects again after a failure.
func (v *Visit) again(ctx context.Context) error {
	if v.s != nil {
		return nil
	}
	return v.connect(ctx)
}

// all are the folders, by what they are: the watched one first.
func all() []intake.Folder {
	return []intake.Folder{"", intake.Processed, intake.RefusedBox, intake.Quarantine}
}

// names are the server's names of the folders.
func (v *Visit) names() (names []string) {
	for _, folder := range all() {
		names = append(names, v.name(folder))
	}
	return names
}

func (v *Visit) name(folder intake.Folder) string {
	if folder == "" {
		return v.folders.watched
	}
	return v.folders.filing[folder]
}

// MayFile reports whether messages may leave the watched folder, as far as the server says when it is opened.
func (v *Visit) MayFile(ctx context.Context) (may bool, err error) {
	if err = v.again(ctx); err != nil {
		return false, err
	}
	err = v.do(ctx, "select "+v.folders.watched, func(s *session) error {
		_, err := s.client.Select(v.folders.watched, nil).Wait()
		may = !s.stream.endsWith("[READ-ONLY]")
		return err
	})
	return may, err
}

// Rehearse puts a message into one of the folders to file into, moves it to another, and removes it: what filing needs. It
// is marked as deleted from the beginning, so that nothing remains where a step fails. came is when it came, as the server
// says. The message names itself by a Message-ID that no other has.
func (v *Visit) Rehearse(ctx context.Context, id string, raw []byte) (came time.Time, err error) {
	if err := v.again(ctx); err != nil {
		return came, err
	}
	from, to := v.folders.filing[intake.Processed], v.folders.filing[intake.RefusedBox]
	err = v.do(ctx, "put a test message into "+from, func(s *session) error {
		put := s.client.Append(from, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}})
		_, err := put.Write(raw)
		if err == nil {
			err = put.Close()
		}
		if err != nil {
			_ = put.Close()
		}
		_, said := put.Wait()
		if said != nil {
			return said
		}
		return err
	})
	if err != nil {
		return came, err
	}
	err = v.do(ctx, "move a test message from "+from+" to "+to, func(s *session) error {
		uids, err := s.named(from, id, false)
		if err != nil || len(uids) == 0 {
			return orGone(err, from)
		}
		if came, err = s.came(uids[0]); err != nil {
			return err
		}
		if s.caps.Has(imap.CapMove) {
			_, err = s.client.Move(uidSet(uids), to).Wait()
			return err
		}
		if _, err = s.client.Copy(uidSet(uids), to).Wait(); err != nil {
			return err
		}
		return s.purge(uids)
	})
	if err != nil {
		return came, err
	}
	return came, v.do(ctx, "remove a test message from "+to, func(s *session) error {
		uids, err := s.named(to, id, false)
		if err != nil || len(uids) == 0 {
			return orGone(err, to)
		}
		if err := s.markDeleted(uidSet(uids), imap.StoreFlagsAdd); err != nil {
			return err
		}
		if err := s.purge(uids); err != nil {
			return err
		}
		if left, err := s.named(to, id, false); err != nil || s.caps.Has(imap.CapUIDPlus) && len(left) > 0 {
			return orGone(err, to)
		}
		return nil
	})
}

// orGone is err, or else that a message is not as the server has said that it is.
func orGone(err error, folder string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("the server said that it was done, and the message in %s is not as it should be", folder)
}

// purge expunges messages that are marked. Where the server can only expunge all that are, it does so only if none is
// another's: ours stay marked otherwise.
func (s *session) purge(uids []uint32) error {
	if s.caps.Has(imap.CapUIDPlus) {
		return s.client.UIDExpunge(uidSet(uids)).Close()
	}
	marked, err := s.search(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}})
	if err != nil || slices.ContainsFunc(marked, func(uid uint32) bool { return !slices.Contains(uids, uid) }) {
		return err
	}
	return s.client.Expunge().Close()
}

// named opens a folder and returns the messages of a Message-ID, ascending.
func (s *session) named(folder, id string, readOnly bool) ([]uint32, error) {
	if err := s.look(folder, readOnly); err != nil {
		return nil, err
	}
	return s.search(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}}})
}

// look opens a folder.
func (s *session) look(folder string, readOnly bool) error {
	s.mender.forget()
	_, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: readOnly}).Wait()
	return err
}

// Found is a message that was read in a folder, or in the watched one where that is empty.
type Found struct {
	Raw    []byte
	Folder intake.Folder
	At     time.Time // when it came, as the server says; zero if it does not
}

// Newest returns the newest messages of the watched folder and of each folder to file into, at most so many of each and
// none above MaxSize, newest first: those whose From contains a text, if that is not empty.
func (v *Visit) Newest(ctx context.Context, most int, from string) ([]Found, error) {
	var criteria imap.SearchCriteria
	if from != "" {
		criteria.Header = []imap.SearchCriteriaHeaderField{{Key: "From", Value: from}}
	}
	return v.read(ctx, most, &criteria)
}

// Find returns the message of a Message-ID, wherever it has been filed; ok is false where it has not come.
func (v *Visit) Find(ctx context.Context, id string) (m Found, ok bool, err error) {
	found, err := v.read(ctx, 1, &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}}})
	if err != nil || len(found) == 0 {
		return m, false, err
	}
	return found[0], true, nil
}

// read is what both do.
func (v *Visit) read(ctx context.Context, most int, criteria *imap.SearchCriteria) (found []Found, err error) {
	if err := v.again(ctx); err != nil {
		return nil, err
	}
	for _, folder := range all() {
		err := v.do(ctx, "read in "+v.name(folder), func(s *session) error {
			some, err := s.newest(v.name(folder), most, criteria, v.cfg.MaxSize)
			for _, f := range some {
				f.Folder = folder
				found = append(found, f)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found, func(a, b Found) int { return b.At.Compare(a.At) })
	return found, nil
}

// newest reads the newest messages of a folder that fit.
func (s *session) newest(folder string, most int, criteria *imap.SearchCriteria, limit int64) (found []Found, err error) {
	if err := s.look(folder, true); err != nil {
		return nil, err
	}
	uids, err := s.search(criteria)
	if err != nil {
		return nil, err
	}
	slices.Reverse(uids)
	for _, uid := range uids[:min(most, len(uids))] {
		at, err := s.came(uid)
		if err != nil && !isRefusal(err) {
			return nil, err
		}
		err = s.each([]uint32{uid}, limit, func(raw []byte) bool {
			found = append(found, Found{Raw: raw, At: at})
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
