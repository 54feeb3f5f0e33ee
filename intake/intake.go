package intake

import (
	"context"
	"strconv"
	"strings"

	"mfabot/parser"
)

// Judge says whether the sender that a message names did send it. An error says
// that this cannot be known for the moment, as while a name server is down.
type Judge interface {
	Judge(ctx context.Context, m *parser.Message, raw []byte) (Verdict, error)
}

// Verdict is how a sender was judged.
type Verdict struct {
	Authentic bool
	Checks    []Check
	// Uncovered are the header fields, in lower case, that the proof says nothing
	// of, so that somebody else may have written them: a signature covers the
	// fields that it lists (RFC 6376, section 5.4).
	Uncovered []string
}

// Check is one check made on a message, and how it came out.
type Check struct {
	Name   string `json:"check"`
	Passed bool   `json:"passed"`
	Result string `json:"result"` // in words
}

// Unknown returns those of a mailbox's UIDs that are not on record, ascending.
func (in *Inbox) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	return in.store.Unknown(ctx, mailbox, uidValidity, uids)
}

// Unfiled returns filings that are committed and not yet carried out.
func (in *Inbox) Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]Filing, error) {
	return in.store.Unfiled(ctx, mailbox, uidValidity, limit)
}

// Filed records that copies have left their mailbox.
func (in *Inbox) Filed(ctx context.Context, filed []Filing) error {
	return in.store.Filed(ctx, filed, in.Now())
}

// quarantine sets a message aside and tells the operator of it.
func (in *Inbox) quarantine(ctx context.Context, w Work, m *Inbound, reason string, cause error) (Conclusion, error) {
	err := in.out.alert(ctx, w, reason, "A message was set aside", asideLines(m, reason, cause)...)
	return Conclusion{Outcome: AsQuarantined, Reason: reason, Folder: Quarantine}, err
}

// asideLines are what the operator needs to know of a message that was set aside.
func asideLines(m *Inbound, reason string, cause error) []string {
	from := m.From
	if from == "" {
		from = "nobody that can be named"
	}
	lines := []string{
		"From: " + from,
		"Subject: " + m.Subject,
		"Mailbox: " + m.Mailbox + ", message " + strconv.FormatInt(m.ID, 10) + " of the ledger",
		"Why: " + reason,
	}
	if cause != nil {
		first, _, _ := strings.Cut(cause.Error(), "\n")
		lines = append(lines, "Cause: "+first)
	}
	for _, check := range m.Checks {
		if !check.Passed {
			lines = append(lines, "What stopped it: "+check.Name+": "+check.Result)
		}
	}
	id := strconv.FormatInt(m.ID, 10)
	return append(lines, "The message is stored and lies in the folder "+string(Quarantine)+". Nobody was answered.",
		"To see every check that was made: mfabot why "+id,
		"If it is genuine, put right what stopped it, and have it read again: mfabot requeue "+id,
		"If you have asked the site by another way and it did write it: mfabot requeue "+id+" --as NAME")
}
