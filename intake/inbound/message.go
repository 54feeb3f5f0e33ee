package inbound

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/parser"
)

// message is the handling of one message: the transaction, the time, and what was read.
type message struct {
	review.Tx
	Ledger
	Requests
	*reading
	inbound *intake.Inbound
	was     *intake.Request // that the message continues, before it changed anything; nil for none
}

// from is the address that the message names as its author, as it is compared.
func (t *message) from() string { return t.inbound.From }

// check notes how a check on the message came out, for whoever asks why it ended
// as it did, and returns whether it passed.
func (t *message) check(name string, passed bool, format string, args ...any) bool {
	t.inbound.Checks = append(t.inbound.Checks, intake.Check{Name: name, Passed: passed, Result: intake.MaskCodes(fmt.Sprintf(format, args...))})
	return passed
}

// either is check with words of its own for each way.
func (t *message) either(name string, passed bool, yes, no string) bool {
	if passed {
		return t.check(name, true, "%s", yes)
	}
	return t.check(name, false, "%s", no)
}

// covers reports whether the proof of the sender holds for a header field. What it
// does not hold for, somebody else may have put there.
func (t *message) covers(field string) bool {
	return !slices.Contains(t.verdict.Uncovered, field)
}

// answered lists the Message-IDs that a message answers, the nearest first, as far
// as the proof of its sender holds for them.
func (t *message) answered() []string {
	var ids []string
	if t.covers("in-reply-to") {
		ids = append(ids, t.msg.InReplyTo...)
	}
	if t.covers("references") {
		ids = append(ids, backwards(t.msg.References)...)
	}
	return ids
}

// silent reports whether a message says nothing and brings nothing.
func (t *message) silent() bool { return t.msg.NewText == "" && len(t.msg.Evidence) == 0 }

// said is what a message says now, or all of it where that is nothing.
func (t *message) said() string { return cmp.Or(t.msg.NewText, t.msg.Text) }

// onBehalf reports whether a message says that somebody else sent it for the
// reviewer: a delegate, who has no authority of their own.
func (t *message) onBehalf(r intake.Reviewer) bool {
	named := slices.ContainsFunc(t.msg.Header, func(f parser.Field) bool { return strings.EqualFold(f.Name, "Sender") })
	return named && !r.Has(intake.Canonical(t.msg.Sender))
}

// news is what a message has brought to a request, as reviewers are told of it.
func (t *message) news(req *intake.Request, said string) *review.News {
	n := &review.News{InboundID: t.inbound.ID, Said: said}
	if t.was != nil && t.was.Ref == req.Ref {
		n.Was = t.was
	}
	return n
}

// evidence lists the attachments of a message, as they were read.
func (t *message) evidence() []intake.Evidence {
	var out []intake.Evidence
	for _, a := range t.msg.Evidence {
		out = append(out, intake.Evidence{InboundID: t.inbound.ID, Part: a.Part, Filename: a.Filename, MediaType: a.MediaType,
			DeclaredType: a.DeclaredType, Size: a.Size, SHA256: a.SHA256, Counts: a.Counts, Why: a.Why})
	}
	return out
}

// backwards is a copy of a list, the last first.
func backwards(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}
