package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"

	"mfabot/intake"
	"mfabot/parser"
)

// duplicate is another copy of a message that is dealt with. A message is none
// of one that was ignored or set aside, which may have been sent ahead by somebody
// else, nor of one that was refused in another mailbox, where other people may ask.
func (in *Inbox) duplicate(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	first, err := t.SameContent(ctx, t.inbound.Digest, t.Mailbox)
	if errors.Is(err, intake.ErrNotFound) {
		t.check("first copy", true, "no message of this content was dealt with before")
		return intake.Conclusion{}, false, nil
	}
	if err != nil {
		return intake.Conclusion{}, false, err
	}
	t.check("first copy", false, "message %d has the same content", first.ID)
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyDuplicate, Ref: first.Ref, Folder: first.Folder}, true, nil
}

// digestFields are the header fields that a message keeps on its way to a
// mailbox, and by which it is dealt with; every relay adds others. A mailing
// list's copy of a message is another.
var digestFields = []string{"from", "to", "date", "message-id", "subject", "auto-submitted", "list-id", "in-reply-to", "references", "content-type"}

// contentDigest names a message by its content: the fields that do not change in
// delivery, and the body, or its size where it was not fetched. Two deliveries of
// one message have the same digest; two messages that merely share a Message-ID do
// not. Of a message that could not be read, all the bytes count.
func contentDigest(m *parser.Message, a *intake.Arrival) string {
	h := sha256.New()
	if len(m.Header) == 0 {
		_, _ = h.Write(a.Raw)
		return hex.EncodeToString(h.Sum(nil))
	}
	if a.HeaderOnly {
		// Without the header, to which each delivery adds lines of its own.
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

// bodyOf is what follows the first empty line (RFC 5322, section 2.1).
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
