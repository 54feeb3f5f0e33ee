package inbound

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/parser"
)

// duplicate handles another copy of a message that has been processed. An earlier copy that was ignored or
// set aside does not count, since somebody else may have sent it ahead, nor does one refused in another
// mailbox, where other people may make requests, or refused for who wrote it if that is a site by now: somebody moves
// it back into the inbox for that.
func (in *Inbox) duplicate(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	core := ""
	if m.verdict.BySignature { // so that it may be a copy with other fields of one that had any proof
		core = m.inbound.Core
	}
	first, err := m.SameContent(ctx, m.contentDigest(), core, m.Mailbox)
	if errors.Is(err, intake.ErrNotFound) {
		m.check("first copy", true, "no message with this content was processed before")
		return intake.Conclusion{}, false, nil
	}
	if err != nil {
		return intake.Conclusion{}, false, err
	}
	if _, ofSite := in.siteOf(m.Mailbox, m.from()); ofSite && first.Outcome == intake.OutcomeRefused && first.Reason.OfSender() {
		m.check("first copy", true, "message %d has the same content, and was refused when %s was no site's", first.ID, m.from())
		return intake.Conclusion{}, false, nil
	}
	m.check("first copy", false, "message %d has the same content", first.ID)
	folder := intake.Processed
	if first.Outcome == intake.OutcomeRefused {
		folder = intake.RefusedBox
	}
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyDuplicate, Ref: first.Ref, Folder: folder}, true, nil
}

// sameNumber sees to a message that comes under the number of one that has left the mailbox. It returns how that was
// concluded if it is the same one, which is then only filed again. If it is another, the number is its own from now on.
func sameNumber(ctx context.Context, in *Inbox, tx Tx, r *reading, m *intake.Inbound) (*intake.Conclusion, error) {
	before, same, err := tx.Earlier(ctx, m.Copy, [2]string{m.Digest, r.contentDigest()}, m.Core)
	switch {
	case errors.Is(err, intake.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case same:
		in.log.Warn("a message that was filed is in the mailbox again, and is filed again", "mailbox", m.Mailbox, "uid", m.UID,
			"message", before.ID)
		return &before.Conclusion, nil
	}
	if err := tx.Unnumber(ctx, before.ID); err != nil {
		return nil, err
	}
	return nil, in.out.Alert(ctx, tx.Work, intake.AlertNumber,
		outbox.Cause{}.Do("See whether messages are missing that came after the copy was made."),
		"A message has the number of another in the mailbox "+m.Mailbox,
		fmt.Sprintf("UID %d was message %d, which was filed on %s. Now it is another message, from %s, and is read as such.",
			m.UID, before.ID, in.Moment(before.ReceivedAt), m.From),
		"This happens where a mailbox was put back from a copy, or where the mail server numbers messages anew without saying so. "+
			"Nothing is lost.")
}

// digestFields are the header fields that affect processing and do not change in transit; every relay adds
// others. A mailing list's copy counts as another message.
var digestFields = []string{"from", "to", "date", "message-id", "subject", "auto-submitted", "list-id", "in-reply-to",
	"references", "content-type"}

// storedDigest is the digest under which a message is on record. One whose proof leaves something out may be a copy
// that somebody changed and sent ahead, so it is no copy of the message that comes with proof of all of it.
func storedDigest(r *reading) string {
	if r.verdict.BySignature && len(r.verdict.Uncovered)+len(r.verdict.Missing) > 0 {
		return "signed:" + coreDigest(r)
	}
	return r.contentDigest()
}

// contentDigest is contentDigest of the message, worked out once.
func (r *reading) contentDigest() string {
	if r.digest == "" {
		r.digest = contentDigest(r.msg, &r.Arrival)
	}
	return r.digest
}

// contentDigest identifies a message by its content: digestFields and the body, or its size if it was not
// fetched. Two deliveries of one message have the same digest; two messages that merely share a Message-ID do
// not. For a message that could not be read, every byte counts.
func contentDigest(m *parser.Message, a *intake.Arrival) string {
	h := sha256.New()
	if len(m.Header) == 0 {
		_, _ = h.Write(a.Raw)
		return hex.EncodeToString(h.Sum(nil))
	}
	if a.HeaderOnly {
		// The size without the header: each delivery adds lines to that.
		_, _ = io.WriteString(h, "size:"+strconv.FormatInt(a.Size-int64(len(a.Raw)), 10)+"\x00")
	}
	for _, name := range digestFields {
		for _, f := range m.Header {
			if strings.EqualFold(f.Name, name) {
				_, _ = io.WriteString(h, name+":"+strings.TrimSpace(f.Value)+"\x00")
			}
		}
	}
	if !a.HeaderOnly {
		_, _ = h.Write(bodyOf(a.Raw))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// coreDigest identifies a message by what every signature covers: From, Date, Subject and the body, in relaxed
// form (RFC 6376, section 3.4), in which a copy that still has its proof is the same. A Subject that the proof
// does not cover is left out.
func coreDigest(r *reading) string {
	if len(r.msg.Header) == 0 {
		return ""
	}
	h := sha256.New()
	for _, name := range []string{"from", "date", "subject"} {
		if slices.Contains(r.verdict.Uncovered, name) {
			continue
		}
		_, _ = io.WriteString(h, name+":"+strings.Join(strings.Fields(fieldOf(r.msg, name)), " ")+"\x00")
	}
	if r.HeaderOnly {
		_, _ = io.WriteString(h, "size:"+strconv.FormatInt(r.Size-int64(len(r.Raw)), 10))
		return hex.EncodeToString(h.Sum(nil))
	}
	empty := 0
	for line := range bytes.Lines(bodyOf(r.Raw)) {
		line = bytes.TrimRight(line, " \t\r\n")
		if len(line) == 0 {
			empty++
			continue
		}
		_, _ = io.WriteString(h, strings.Repeat("\n", empty))
		if bytes.Contains(line, []byte("  ")) || bytes.IndexByte(line, '\t') >= 0 {
			line = blanks.ReplaceAll(line, []byte(" "))
		}
		_, _ = h.Write(line)
		_, _ = io.WriteString(h, "\n")
		empty = 0
	}
	return hex.EncodeToString(h.Sum(nil))
}

var blanks = regexp.MustCompile(`[ \t]+`)

// bodyOf returns what follows the first empty line (RFC 5322, section 2.1).
func bodyOf(raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\n' {
			continue
		}
		rest := raw[i+1:]
		if len(rest) > 0 && rest[0] == '\n' {
			return rest[1:]
		}
		if len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n' {
			return rest[2:]
		}
	}
	return raw
}
