package mailbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
	"mfabot/parser"
)

const (
	batchBytes = 8 << 20   // of a batch together, unless its first message alone is larger
	maxHeader  = 256 << 10 // bytes read of the header of a message above the limit
	maxUIDs    = 4 << 20   // in one folder; a server that claims more is not believed
)

func (s *session) search(criteria *imap.SearchCriteria) ([]uint32, error) {
	var options *imap.SearchOptions
	if s.caps.Has(imap.CapESearch) {
		options = &imap.SearchOptions{ReturnAll: true} // ranges instead of a long list
	}
	s.mender.seek()
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

// haul is what became of an attempt to read messages.
type haul struct {
	arrivals []intake.Arrival // ascending
	tried    []uint32         // as many of the UIDs as fit a batch
	missing  []uint32         // of them: the server says that it is done, and has handed nothing over, but they are there
	instead  []stuckOn        // of them: something else came in their place
	refusal  error            // the server's, of all that was tried
	good     int              // if it failed: how many of the first were read; -1 if nothing is known of them
	size     int64            // if it failed for one: what the server says of it
}

// fetch reads as many of the given messages as fit a batch: their sizes first, then the bodies with one command.
func (w *Watcher) fetch(ctx context.Context, uids []uint32) (h haul, err error) {
	b := &batch{limit: w.cfg.MaxSize, room: &w.room, messages: make(map[uint32]*message), dates: make(map[uint32]time.Time)}
	err = w.do(ctx, "fetch from "+w.folders.watched, func(s *session) (err error) {
		h.tried = uids
		if h.missing, err = b.readAll(s, uids, &h.tried); err == nil && len(h.missing) < len(h.tried) {
			return nil
		}
		asked := s.peaceful()
		switch {
		case err == nil && len(h.missing) == 1: // of one
			h.refusal = cmp.Or(s.warning(), errNothing)
		case isRefusal(err):
			h.refusal = err
		case err != nil:
			return err
		}
		return asked
	})
	if h.refusal == nil && err == nil {
		w.gather(b, &h)
		return h, nil
	}
	h.good = b.good(h.tried)
	if m := b.messages[h.tried[0]]; m != nil {
		h.size = max(m.arrival.Size, 0)
	}
	return h, err
}

// errNothing is what is wrong with a server that neither hands over a message nor says why.
var errNothing = errors.New("the server says that it is done, and hands nothing over")

// gather sorts what was read.
func (w *Watcher) gather(b *batch, h *haul) {
	for _, uid := range h.tried {
		m := b.messages[uid]
		switch {
		case m == nil:
		case m.why != "":
			h.instead = append(h.instead, stuckOn{uid: uid, step: intake.StuckReading, size: max(m.arrival.Size, 0), cause: m.why})
		case m.read:
			m.arrival.Copy, m.arrival.At = w.copyOf(uid), b.dates[uid]
			h.arrivals = append(h.arrivals, m.arrival)
		}
	}
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
	reading  uint32               // whose bytes arrive
	doubtful []uint32             // not of the size that was given
	sure     bool                 // each is asked for alone
}

// good is how many of the messages, from the first, were read; -1 if the one that follows may not be the one that failed.
func (b *batch) good(uids []uint32) int {
	for i, uid := range uids {
		if m := b.messages[uid]; m == nil || !m.read {
			if i == 0 && b.reading != uid {
				return -1
			}
			return i
		}
	}
	return -1
}

// readAll reads as many of the messages as fit, which it sets tried to. It returns those that were not handed over, and
// are there.
func (b *batch) readAll(s *session, uids []uint32, tried *[]uint32) (missing []uint32, err error) {
	if err := b.sizes(s, uids); err != nil {
		return nil, err
	}
	if len(uids) == 1 && b.messages[uids[0]] == nil {
		b.messages[uids[0]] = &message{arrival: intake.Arrival{Size: unknownSize}}
	}
	*tried = uids[:b.choose(uids)]
	if err := b.bodies(s); err != nil {
		return nil, err
	}
	var without imap.UIDSet
	for _, uid := range *tried {
		if m := b.messages[uid]; m == nil || !m.read && !m.later && m.why == "" {
			without.AddNum(imap.UID(uid))
		}
	}
	if len(without) == 0 || s.peaceful() != nil {
		return nil, s.peaceful()
	}
	here, err := s.search(&imap.SearchCriteria{UID: []imap.UIDSet{without}})
	return slices.DeleteFunc(here, func(uid uint32) bool { return !without.Contains(imap.UID(uid)) }), err
}

// unknownSize is that of a message of which the server gives none.
const unknownSize = -1

// message is absent from a batch if the server has not told of it.
type message struct {
	arrival intake.Arrival // its Copy is not set yet
	read    bool
	later   bool   // there was no room for it
	why     string // something else was handed over in its place
}

// sizes asks for RFC822.SIZE and INTERNALDATE.
func (b *batch) sizes(s *session, uids []uint32) error {
	options := &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}
	s.mender.ask("RFC822.SIZE", uids)
	return s.fetch(uids, options, func(uid uint32, item imapclient.FetchItemData) error {
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
		cost := max(m.arrival.Size, 0)
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
	read := func(uid uint32, item imapclient.FetchItemData) error {
		body, ok := item.(imapclient.FetchItemDataBodySection)
		m := b.messages[uid]
		switch {
		case !ok || m == nil:
			return nil
		case body.Literal == nil:
			m.why = "the server hands over NIL in place of the message"
			return nil
		}
		b.reading = uid
		return b.read(m, body.Literal)
	}
	ask := func(uids []uint32, section imap.FetchItemBodySection) error {
		if len(uids) == 0 {
			return nil
		}
		section.Peek = true
		s.mender.ask("BODY[", uids)
		return s.fetch(uids, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{&section}}, read)
	}
	if err := ask(b.whole, imap.FetchItemBodySection{}); err != nil {
		return err
	}
	b.sure = true
	header := imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Partial: &imap.SectionPartial{Size: maxHeader}}
	for _, uid := range b.headers { // whose size says nothing of what arrives
		if err := ask([]uint32{uid}, header); err != nil {
			return err
		}
	}
	for _, uid := range b.doubtful {
		if err := ask([]uint32{uid}, imap.FetchItemBodySection{}); err != nil {
			return err
		}
	}
	return nil
}

// read reads a literal. Some servers, such as Exchange, only estimate sizes, so the limits are applied again
// to what really arrives; the IMAP client discards what is not read here. Nothing in the place of a message that has a
// size is asked for once more before it is believed, and so is what came beside others and has another size than was
// given: a literal that is announced too short may have let an email speak for the server.
func (b *batch) read(m *message, literal imap.LiteralReader) error {
	size := literal.Size()
	switch {
	case !b.sure && size != m.arrival.Size && (size == 0 || len(b.whole) > 1):
		b.doubtful = append(b.doubtful, b.reading)
		return nil
	case m.arrival.Size > b.limit || size > b.limit:
		header := make([]byte, min(size, maxHeader))
		if _, err := io.ReadFull(literal, header); err != nil {
			return err
		}
		if end := bytes.Index(header, []byte("\r\n\r\n")); end >= 0 {
			header = header[:end+4]
		}
		m.arrival.Raw, m.arrival.HeaderOnly = header, true
		m.arrival.Size = max(m.arrival.Size, size)
	case b.taken > 0 && b.taken+size > batchBytes:
		m.later = true // a later batch begins with it
		return nil
	default:
		m.arrival.Raw = b.space(size)
		if _, err := io.ReadFull(literal, m.arrival.Raw); err != nil {
			return err
		}
		if m.arrival.Size == unknownSize {
			m.arrival.Size = size
		}
	}
	if note, instead := parser.InPlace(m.arrival.Raw); instead {
		m.why = fmt.Sprintf("the server hands over a note in its place, as it cannot retrieve it: %q from %s", note.Subject, note.From)
		return nil
	}
	m.read, m.why = true, ""
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
