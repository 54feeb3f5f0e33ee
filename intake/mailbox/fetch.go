package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
)

const (
	batchBytes = 8 << 20   // of a batch together, unless its first message alone is larger
	maxHeader  = 256 << 10 // bytes read of the header of a message above the limit
	maxUIDs    = 4 << 20   // in one folder; a server that claims more is not believed
)

// search returns the UIDs of all messages in the selected folder, ascending.
func (w *Watcher) search(ctx context.Context) (uids []uint32, err error) {
	err = w.do(ctx, "search "+w.folders.watched, func(s *session) error {
		uids, err = s.search(&imap.SearchCriteria{})
		return err
	})
	return uids, err
}

func (s *session) search(criteria *imap.SearchCriteria) ([]uint32, error) {
	var options *imap.SearchOptions
	if s.caps.Has(imap.CapESearch) {
		options = &imap.SearchOptions{ReturnAll: true} // ranges instead of a long list
	}
	data, err := s.client.UIDSearch(criteria, options).Wait()
	if err != nil {
		return nil, err
	}
	set, _ := data.All.(imap.UIDSet)
	var uids []uint32
	for _, r := range set {
		if r.Start == 0 || r.Stop < r.Start || uint64(r.Stop-r.Start) >= uint64(maxUIDs-len(uids)) {
			return nil, fmt.Errorf("the server claims messages %d to %d, which can't be", r.Start, r.Stop)
		}
		for n := range r.Stop - r.Start + 1 {
			uids = append(uids, uint32(r.Start+n))
		}
	}
	return uids, nil
}

// fetch reads as many of the given messages as fit a batch: their sizes first, then the bodies with one
// command. It returns what arrived, ascending, and how many of the UIDs it tried. Messages that the server
// would not hand over do not hold up the rest, and the next scan finds them again. If it refuses all of
// several, the trouble is the server's, and an error.
func (w *Watcher) fetch(ctx context.Context, uids []uint32) (arrivals []intake.Arrival, tried int, err error) {
	b := &batch{limit: w.cfg.MaxSize, room: &w.room, messages: make(map[uint32]*message),
		dates: make(map[uint32]time.Time)}
	err = w.do(ctx, "fetch from "+w.folders.watched, func(s *session) error {
		if err := b.sizes(s, uids); err != nil {
			return err
		}
		tried = b.choose(uids)
		if err := b.bodies(s); err != nil {
			return err
		}
		if b.refusal != nil && tried > 1 && b.taken == 0 {
			return fmt.Errorf("none of %d messages can be read: %w", tried, b.refusal)
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	var left []uint32
	for _, uid := range uids[:tried] {
		m := b.messages[uid]
		if m == nil || !m.read {
			left = append(left, uid)
			continue
		}
		m.arrival.Copy, m.arrival.At = w.copyOf(uid), b.dates[uid]
		arrivals = append(arrivals, m.arrival)
	}
	if b.refusal != nil {
		w.log.Error("the server refuses to hand over messages; they stay where they are and are tried again",
			"uids", left, "error", b.refusal)
	}
	return arrivals, tried, nil
}

// batch is what is known of the messages of one batch.
type batch struct {
	limit    int64   // bytes, above which only the header is read
	room     *[]byte // for a message that is a batch by itself
	messages map[uint32]*message
	dates    map[uint32]time.Time // when they came, as far as the server says
	whole    []uint32             // to read whole
	headers  []uint32             // to read the header of
	taken    int64                // bytes read
	refusal  error                // the server's, for some of the messages
}

// message is absent from a batch if the server gave no size for it: it is gone.
type message struct {
	arrival intake.Arrival // its Copy is not set yet
	read    bool
}

// sizes asks for RFC822.SIZE and INTERNALDATE.
func (b *batch) sizes(s *session, uids []uint32) error {
	options := &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}
	have := func(uid uint32) bool { return b.messages[uid] != nil }
	return b.fetch(s, uids, options, have, func(uid uint32, item imapclient.FetchItemData) error {
		switch item := item.(type) {
		case imapclient.FetchItemDataRFC822Size:
			b.messages[uid] = &message{arrival: intake.Arrival{Size: item.Size}}
		case imapclient.FetchItemDataInternalDate:
			b.dates[uid] = item.Time.UTC()
		}
		return nil
	})
}

// choose decides how much of the first messages to read, up to batchBytes in all but at least one message,
// and returns how many of the UIDs that covers.
func (b *batch) choose(uids []uint32) (tried int) {
	total := int64(0)
	for i, uid := range uids {
		m := b.messages[uid]
		if m == nil {
			continue
		}
		large := m.arrival.Size > b.limit
		cost := m.arrival.Size
		if large {
			cost = min(cost, maxHeader)
		}
		if total > 0 && total+cost > batchBytes {
			return i
		}
		total += max(cost, 1)
		if large {
			b.headers = append(b.headers, uid)
		} else {
			b.whole = append(b.whole, uid)
		}
	}
	return len(uids)
}

// bodies reads what was chosen, with BODY.PEEK so that no flag changes.
func (b *batch) bodies(s *session) error {
	have := func(uid uint32) bool { return b.messages[uid].read }
	read := func(uid uint32, item imapclient.FetchItemData) error {
		body, ok := item.(imapclient.FetchItemDataBodySection)
		m := b.messages[uid]
		if !ok || body.Literal == nil || m == nil {
			return nil
		}
		return b.read(m, body.Literal)
	}
	if len(b.whole) > 0 {
		section := &imap.FetchItemBodySection{Peek: true}
		options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
		if err := b.fetch(s, b.whole, options, have, read); err != nil {
			return err
		}
	}
	if len(b.headers) > 0 {
		section := &imap.FetchItemBodySection{
			Specifier: imap.PartSpecifierHeader,
			Partial:   &imap.SectionPartial{Size: maxHeader},
			Peek:      true,
		}
		options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
		return b.fetch(s, b.headers, options, have, read)
	}
	return nil
}

// read reads a literal. Some servers, such as Exchange, only estimate sizes, so the limits are applied again
// to what really arrives; the IMAP client discards what is not read here.
func (b *batch) read(m *message, literal imap.LiteralReader) error {
	size := literal.Size()
	if m.arrival.Size > b.limit || size > b.limit {
		header := make([]byte, min(size, maxHeader))
		if _, err := io.ReadFull(literal, header); err != nil {
			return err
		}
		if end := bytes.Index(header, []byte("\r\n\r\n")); end >= 0 {
			header = header[:end+4]
		}
		m.arrival.Raw, m.arrival.HeaderOnly = header, true
		m.arrival.Size = max(m.arrival.Size, size)
	} else {
		if b.taken > 0 && b.taken+size > batchBytes {
			return nil // no room: a later batch begins with it
		}
		m.arrival.Raw = b.space(size)
		if _, err := io.ReadFull(literal, m.arrival.Raw); err != nil {
			return err
		}
	}
	m.read = true
	b.taken += max(int64(len(m.arrival.Raw)), 1)
	return nil
}

// space returns memory for a message. Messages so large that each is a batch by itself share the same memory,
// as that of the last would not be free again before the next arrives. It has room for the largest from the
// start; the system provides only as much as is written to.
func (b *batch) space(size int64) []byte {
	if size <= batchBytes {
		return make([]byte, size)
	}
	if *b.room == nil {
		*b.room = make([]byte, b.limit)
	}
	return (*b.room)[:size:size]
}

// fetch runs UID FETCH and passes every item to got. If the server refuses, it asks again for the missing
// ones, one at a time: one message that the server cannot read must not hide the others.
func (b *batch) fetch(s *session, uids []uint32, options *imap.FetchOptions, have func(uint32) bool,
	got func(uint32, imapclient.FetchItemData) error) error {
	err := s.fetch(uids, options, got)
	if !isRefusal(err) {
		return err
	}
	b.refusal = err
	if len(uids) == 1 {
		return nil
	}
	for _, uid := range uids {
		if have(uid) {
			continue
		}
		if err := s.fetch([]uint32{uid}, options, got); err != nil && !isRefusal(err) {
			return err
		}
	}
	return nil
}

// fetch runs UID FETCH once. A server may name the message after other items, which then wait for its UID; the
// IMAP client passes on no literal of a message that is not named yet. An error of got must be from reading a
// literal: the connection is then broken, and the client's own way to end the command would race with its
// reader.
func (s *session) fetch(uids []uint32, options *imap.FetchOptions,
	got func(uint32, imapclient.FetchItemData) error) error {
	cmd := s.client.Fetch(uidSet(uids), options)
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		var uid uint32
		var items []imapclient.FetchItemData // waiting for the UID
		for item := msg.Next(); item != nil; item = msg.Next() {
			if id, ok := item.(imapclient.FetchItemDataUID); ok {
				uid = uint32(id.UID)
			} else {
				items = append(items, item)
			}
			if uid == 0 {
				continue
			}
			for _, item := range items {
				if err := got(uid, item); err != nil {
					return err
				}
			}
			items = nil
		}
	}
	return cmd.Close()
}

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}
