package mailbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
)

// newest is among how many of a folder's last messages a copy is looked for.
const newest = 500

// digest is the SHA-256 of a whole message.
type digest [sha256.Size]byte

// copyIn is what lies in a folder.
type copyIn struct {
	folder intake.Folder
	digest digest
}

// finishCopied ends filings that were begun on a server without MOVE: when the connection or the program ends
// after the copying, or the server does not remove what it has copied, the copy lies in its folder and the message in the
// mailbox, and filing it anew would copy it once more. It removes each message that lies in its folder byte for byte, sets
// aside what cannot be removed, and returns how many it removed, and the filings that are still to be begun. Those are all
// of them if the copies cannot be read: one copy too many is better than messages that lie there for good.
func (w *Watcher) finishCopied(ctx context.Context, filings []intake.Filing, known narrowing) (n int, left []intake.Filing, err error) {
	if len(filings) == 0 || w.s.caps.Has(imap.CapMove) {
		return 0, filings, nil
	}
	var copied []intake.Filing
	lying, likely, err := w.lookForCopies(ctx, filings)
	if err == nil && len(likely) > 0 {
		copied, left, err = w.compare(ctx, filings, lying, likely)
	}
	if err != nil && (ctx.Err() != nil || errors.Is(err, errRenumbered) || errors.As(err, new(*throttled))) {
		return 0, filings, err
	}
	if err != nil {
		w.log.Warn("what was filed before cannot be compared: it is filed anew", "error", err)
		return 0, filings, w.reopen(ctx)
	}
	if len(copied) == 0 {
		return 0, filings, nil
	}
	n, err = remove(ctx, w, copied, known)
	return n, left, err
}

// lookForCopies returns how often what may be a copy lies in its folder, and the UIDs of the messages that are as
// long as one; most often there are none. Another folder is selected meanwhile.
func (w *Watcher) lookForCopies(ctx context.Context, filings []intake.Filing) (lying map[copyIn]int, likely []uint32, err error) {
	err = w.do(ctx, "look for copies", func(s *session) (err error) {
		lying, likely, err = s.lookForCopies(filings, w.folders.filing)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return lying, likely, w.reopen(ctx)
}

// compare divides filings into those whose messages lie in their folders byte for byte, which only the likely ones may, and
// those that are still to be begun.
func (w *Watcher) compare(
	ctx context.Context, filings []intake.Filing, lying map[copyIn]int, likely []uint32,
) (copied, left []intake.Filing, err error) {
	err = w.do(ctx, "compare what is copied", func(s *session) error {
		digests, err := s.digests(likely)
		if err != nil {
			return err
		}
		for _, f := range filings {
			d, ok := digests[f.UID]
			if lies := (copyIn{f.Folder, d}); ok && lying[lies] > 0 {
				lying[lies]-- // the next that is the same is the copy of another
				copied = append(copied, f)
			} else {
				left = append(left, f)
			}
		}
		return nil
	})
	return copied, left, err
}

// lookForCopies returns how often what may be a copy lies in its folder, and the UIDs of the messages that are as
// long as one; most often there are none. It leaves another folder selected.
func (s *session) lookForCopies(filings []intake.Filing, names map[intake.Folder]string) (map[copyIn]int, []uint32, error) {
	sizes, err := s.sizes(uidsOf(filings))
	if err != nil {
		return nil, nil, err
	}
	wanted := make(map[intake.Folder]map[int64][]uint32)
	for _, f := range filings {
		size, ok := sizes[f.UID]
		if !ok {
			continue
		}
		if wanted[f.Folder] == nil {
			wanted[f.Folder] = make(map[int64][]uint32)
		}
		wanted[f.Folder][size] = append(wanted[f.Folder][size], f.UID)
	}
	lying := make(map[copyIn]int)
	var likely []uint32
	for _, folder := range slices.Sorted(maps.Keys(wanted)) {
		bySize := wanted[folder]
		copies, err := s.copies(names[folder], bySize)
		if err != nil {
			return nil, nil, err
		}
		for size, same := range copies {
			likely = append(likely, bySize[size]...)
			for _, d := range same {
				lying[copyIn{folder, d}]++
			}
		}
	}
	return lying, likely, nil
}

// copies returns the digests of the newest messages in a folder that have one of the sizes, by size. It leaves
// the folder selected. There are none in a folder that cannot be read.
func (s *session) copies(folder string, wanted map[int64][]uint32) (map[int64][]digest, error) {
	if _, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return nil, unlessRefused(err)
	}
	s.mender.forget()
	uids, err := s.search(&imap.SearchCriteria{})
	if err != nil {
		return nil, unlessRefused(err)
	}
	sizes, err := s.sizes(uids[max(0, len(uids)-newest):])
	if err != nil {
		return nil, err
	}
	var alike []uint32
	for _, uid := range slices.Sorted(maps.Keys(sizes)) {
		if wanted[sizes[uid]] != nil {
			alike = append(alike, uid)
		}
	}
	digests, err := s.digests(alike)
	if err != nil {
		return nil, err
	}
	copies := make(map[int64][]digest)
	for uid, d := range digests {
		copies[sizes[uid]] = append(copies[sizes[uid]], d)
	}
	return copies, nil
}

// sizes returns the sizes that the server gives for messages of the selected folder; none if it refuses.
func (s *session) sizes(uids []uint32) (map[uint32]int64, error) {
	sizes := make(map[uint32]int64)
	if len(uids) == 0 {
		return sizes, nil
	}
	options := &imap.FetchOptions{UID: true, RFC822Size: true}
	s.mender.ask("RFC822.SIZE", uids)
	err := s.fetch(uids, options, func(uid uint32, item imapclient.FetchItemData) error {
		if size, ok := item.(imapclient.FetchItemDataRFC822Size); ok {
			sizes[uid] = size.Size
		}
		return nil
	})
	return sizes, unlessRefused(err)
}

// digests reads messages of the selected folder whole, one at a time; it passes over what the server refuses.
func (s *session) digests(uids []uint32) (map[uint32]digest, error) {
	digests := make(map[uint32]digest)
	section := &imap.FetchItemBodySection{Peek: true}
	options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
	for _, uid := range uids {
		s.mender.ask("BODY[", []uint32{uid})
		err := s.fetch([]uint32{uid}, options, func(uid uint32, item imapclient.FetchItemData) error {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil {
				return nil
			}
			sum := sha256.New()
			if _, err := io.CopyN(sum, body.Literal, body.Literal.Size()); err != nil {
				return err
			}
			digests[uid] = digest(sum.Sum(nil))
			return nil
		})
		if unlessRefused(err) != nil {
			return nil, err
		}
	}
	return digests, nil
}

// unlessRefused drops an error that is a refusal.
func unlessRefused(err error) error {
	if isRefusal(err) {
		return nil
	}
	return err
}
