package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
)

// Whole returns all of a message, by the SHA-256 that its Whole has, from the folder that it was filed into. It may
// have been moved about in between, so that its UID says nothing. It changes nothing in the mailbox.
func (w *Watcher) Whole(ctx context.Context, m *intake.Inbound) (raw []byte, err error) {
	if err := w.selectFolder(ctx); err != nil { // which finds the folders
		return nil, err
	}
	folder := w.folders.filing[m.Folder]
	err = w.do(ctx, "look for a message in "+folder, func(s *session) error {
		if _, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
			return err
		}
		raw, err = s.whole(m, w.cfg.MaxSize)
		return err
	})
	if err == nil && raw == nil {
		err = fmt.Errorf("message %d is not in the folder %s of mailbox %s any more, and only its beginning is stored: "+
			"put it back there, or ask the sender to send it again", m.ID, folder, w.cfg.Name)
	}
	return raw, err
}

// whole looks for a message in the selected folder; nil where it is not there. The server is asked for the
// Message-ID first. It may have another idea of what a strange one is: then all messages of that size are compared.
func (s *session) whole(m *intake.Inbound, limit int64) ([]byte, error) {
	if m.MessageID != "" {
		uids, err := s.search(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: m.MessageID}}})
		if err != nil && !isRefusal(err) {
			return nil, err
		}
		if raw, err := s.first(uids, m.Whole, limit); raw != nil || err != nil {
			return raw, err
		}
	}
	uids, err := s.search(&imap.SearchCriteria{Larger: m.Size - 1, Smaller: m.Size + 1})
	if err != nil {
		return nil, err
	}
	return s.first(uids, m.Whole, limit)
}

// first reads the messages one after the other until one has the digest; nil where none has.
func (s *session) first(uids []uint32, digest string, limit int64) (found []byte, err error) {
	section := &imap.FetchItemBodySection{Peek: true}
	options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
	for _, uid := range uids {
		s.mender.ask("BODY[", []uint32{uid})
		err := s.fetch([]uint32{uid}, options, func(_ uint32, item imapclient.FetchItemData) error {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil || body.Literal.Size() > limit {
				return nil
			}
			raw, err := io.ReadAll(body.Literal)
			if sum := sha256.Sum256(raw); err == nil && hex.EncodeToString(sum[:]) == digest {
				found = raw
			}
			return err
		})
		if found != nil || err != nil && !isRefusal(err) {
			return found, err
		}
	}
	return nil, nil
}
