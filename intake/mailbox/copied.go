package mailbox

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
)

// newest is among how many of a folder's last messages a copy is looked for.
const newest = 500

// digest is the SHA-256 of a whole message.
type digest [sha256.Size]byte

// finishCopied ends filings that were begun on a server without MOVE: when the connection or the program ends
// after the copying, the copy lies in its folder and the message in the mailbox, and filing it anew would copy
// it once more. It removes each message that lies in its folder byte for byte, and returns how many, and the
// filings that are still to be begun.
func (w *Watcher) finishCopied(ctx context.Context, filings []intake.Filing) (finished int, left []intake.Filing, err error) {
	if len(filings) == 0 || w.s.caps.Has(imap.CapMove) {
		return 0, filings, nil
	}
	byFolder := make(map[intake.Folder][]intake.Filing)
	for _, f := range filings {
		byFolder[f.Folder] = append(byFolder[f.Folder], f)
	}
	var done []intake.Filing
	for folder, some := range byFolder {
		copied, rest, err := w.copied(ctx, w.folders.filing[folder], some)
		if err != nil {
			return 0, nil, err
		}
		done, left = append(done, copied...), append(left, rest...)
	}
	if len(done) == 0 {
		return 0, left, nil
	}
	var set imap.UIDSet
	for _, f := range done {
		set.AddNum(imap.UID(f.UID))
	}
	if err := w.do(ctx, "remove what is filed", func(s *session) error { return s.remove(set) }); err != nil {
		return 0, nil, err
	}
	w.s.marked = w.s.marked || w.s.expungesAll()
	return len(done), left, w.in.Filed(ctx, done)
}

// copied tells the filings of which a copy lies in the folder from the rest. Most often the sizes alone tell.
func (w *Watcher) copied(ctx context.Context, folder string, filings []intake.Filing) (copied, rest []intake.Filing, err error) {
	uids := make([]uint32, 0, len(filings))
	for _, f := range filings {
		uids = append(uids, f.UID)
	}
	var sizes map[uint32]int64
	var copies map[int64][]digest
	err = w.do(ctx, "look for copies in "+folder, func(s *session) (err error) {
		if sizes, err = s.sizes(uids); err == nil {
			copies, err = s.copies(folder, sizes)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	validity := w.uidValidity
	if err := w.selectFolder(ctx); err != nil {
		return nil, nil, err
	}
	if w.uidValidity != validity {
		return nil, nil, fmt.Errorf("mailbox %s: the server has renumbered the messages meanwhile", w.cfg.Name)
	}
	var likely []uint32
	for uid, size := range sizes {
		if len(copies[size]) > 0 {
			likely = append(likely, uid)
		}
	}
	var digests map[uint32]digest
	err = w.do(ctx, "compare with copies", func(s *session) (err error) {
		digests, err = s.digests(likely)
		return err
	})
	lies := make(map[digest]int)
	for _, same := range copies {
		for _, d := range same {
			lies[d]++
		}
	}
	for _, f := range filings {
		if d, ok := digests[f.UID]; ok && lies[d] > 0 {
			lies[d]-- // the next that is the same is the copy of another
			copied = append(copied, f)
		} else {
			rest = append(rest, f)
		}
	}
	return copied, rest, err
}

// copies returns the digests of the newest messages in a folder that have one of the sizes, by size. It leaves
// the folder selected. There are none in a folder that cannot be read.
func (s *session) copies(folder string, wanted map[uint32]int64) (map[int64][]digest, error) {
	if _, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return nil, unlessRefused(err)
	}
	uids, err := s.search(&imap.SearchCriteria{})
	if err != nil {
		return nil, unlessRefused(err)
	}
	sizes, err := s.sizes(uids[max(0, len(uids)-newest):])
	if err != nil {
		return nil, err
	}
	isWanted := make(map[int64]bool)
	for _, size := range wanted {
		isWanted[size] = true
	}
	var alike []uint32
	for uid, size := range sizes {
		if isWanted[size] {
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
	err := s.fetch(uids, &imap.FetchOptions{UID: true, RFC822Size: true}, func(uid uint32, item imapclient.FetchItemData) error {
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

// unlessRefused drops an error that is a NO.
func unlessRefused(err error) error {
	if isRefusal(err) {
		return nil
	}
	return err
}
