package mailbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
	"mfabot/parser"
)

// Whole returns all of a message, by the SHA-256 that its Whole has, from the folder that it was filed into. It may
// have been moved about in between, so that its UID says nothing. It changes nothing in the mailbox.
func (w *Watcher) Whole(ctx context.Context, m *intake.Inbound) (raw []byte, err error) {
	err = w.lookWhere(ctx, m, func(s *session) (err error) {
		raw, err = s.whole(m, w.cfg.MaxSize)
		return err
	})
	if err == nil && raw == nil {
		err = fmt.Errorf("message %d is not in the folder %s of mailbox %s any more, and only its beginning is stored: "+
			"put it back there, or ask the sender to send it again", m.ID, m.Folder, w.cfg.Name)
	}
	return raw, err
}

// Original returns the message in whose place the server handed over a note, by the subject that the note names, from the
// folder that it was filed into. It changes nothing in the mailbox.
func (w *Watcher) Original(ctx context.Context, m *intake.Inbound, note parser.ServerNote) (raw []byte, err error) {
	var criteria imap.SearchCriteria
	if note.Subject != "" {
		criteria.Header = []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: note.Subject}}
	}
	found := 0
	err = w.lookWhere(ctx, m, func(s *session) error {
		uids, err := s.search(&criteria)
		if err != nil {
			return err
		}
		return s.each(uids, w.cfg.MaxSize, func(one []byte) bool {
			if _, still := parser.InPlace(one); !still && isAbout(one, note) {
				raw = one
				found++
			}
			return found > 1
		})
	})
	if err == nil && found != 1 {
		return nil, fmt.Errorf("message %d is a note that the mail server handed over in the place of another, %q from %s, "+
			"and the folder %s of mailbox %s holds %d such messages that can be read: "+
			"open it in a mail client, and move it to the inbox if it can be read "+
			"there, or ask its sender to send it again", m.ID, note.Subject, note.From, m.Folder, w.cfg.Name, found)
	}
	return raw, err
}

// isAbout reports whether a message may be the one that a note is about.
func isAbout(raw []byte, note parser.ServerNote) bool {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil || note.Subject == "" {
		return false
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	return err == nil && strings.HasPrefix(strings.TrimSpace(subject), strings.TrimSuffix(note.Subject, "…"))
}

// lookWhere looks into the folder that a message was filed into.
func (w *Watcher) lookWhere(ctx context.Context, m *intake.Inbound, look func(s *session) error) error {
	if err := w.selectFolder(ctx); err != nil { // which finds the folders
		return err
	}
	folder := w.folders.filing[m.Folder]
	return w.do(ctx, "look for a message in "+folder, func(s *session) error {
		if _, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
			return err
		}
		s.mender.forget()
		return look(s)
	})
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
	err = s.each(uids, limit, func(raw []byte) bool {
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) == digest {
			found = raw
		}
		return found != nil
	})
	return found, err
}

// each reads the messages one after the other, those that the server hands over and that are not above the limit, until
// one is enough.
func (s *session) each(uids []uint32, limit int64, enough func(raw []byte) bool) error {
	section := &imap.FetchItemBodySection{Peek: true}
	options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
	for _, uid := range uids {
		done := false
		s.mender.ask("BODY[", []uint32{uid})
		err := s.fetch([]uint32{uid}, options, func(_ uint32, item imapclient.FetchItemData) error {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil || body.Literal.Size() > limit {
				return nil
			}
			raw, err := io.ReadAll(body.Literal)
			done = err == nil && enough(raw)
			return err
		})
		if done || err != nil && !isRefusal(err) {
			return err
		}
	}
	return nil
}
