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

// message is a message being handled: the transaction at its moment, what was read, and the entry in the
// ledger.
type message struct {
	review.Tx
	Ledger
	Requests
	*reading
	inbound *intake.Inbound
	was     *intake.Request // the request it continues, as it was before; nil for none
}

// from returns the author's address, in canonical form.
func (t *message) from() string { return t.inbound.From }

// check records the result of a check on the message, for whoever asks why it ended as it did, and returns
// passed.
func (t *message) check(name string, passed bool, format string, args ...any) bool {
	t.inbound.Checks = append(t.inbound.Checks, intake.Check{Name: name, Passed: passed,
		Result: intake.MaskCodes(fmt.Sprintf(format, args...))})
	return passed
}

// either is check with its own words for each result.
func (t *message) either(name string, passed bool, yes, no string) bool {
	if passed {
		return t.check(name, true, "%s", yes)
	}
	return t.check(name, false, "%s", no)
}

// covers reports whether the proof of the sender covers a header field. If not, somebody else may have
// written it.
func (t *message) covers(field string) bool {
	return !slices.Contains(t.verdict.Uncovered, field)
}

// answered returns the Message-IDs that the message answers, nearest first, as far as the proof of its sender
// covers them.
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

// silent reports whether the message has neither new text nor attachments.
func (t *message) silent() bool { return t.msg.NewText == "" && len(t.msg.Evidence) == 0 }

// said returns the message's new text, or all its text if there is nothing new.
func (t *message) said() string { return cmp.Or(t.msg.NewText, t.msg.Text) }

// onBehalf reports whether the message says that somebody else sent it for the reviewer: a delegate, who has
// no authority.
func (t *message) onBehalf(r intake.Reviewer) bool {
	named := slices.ContainsFunc(t.msg.Header, func(f parser.Field) bool { return strings.EqualFold(f.Name, "Sender") })
	return named && !r.Has(intake.Canonical(t.msg.Sender))
}

// news returns what the message has added to a request, for the reviewers.
func (t *message) news(req *intake.Request, said string) *review.News {
	n := &review.News{InboundID: t.inbound.ID, Said: said}
	if t.was != nil && t.was.Ref == req.Ref {
		n.Was = t.was
	}
	return n
}

// evidence returns the message's attachments, whether or not they count.
func (t *message) evidence() []intake.Evidence {
	var out []intake.Evidence
	for _, a := range t.msg.Evidence {
		out = append(out, intake.Evidence{InboundID: t.inbound.ID, Part: a.Part, Filename: a.Filename, MediaType: a.MediaType,
			DeclaredType: a.DeclaredType, Size: a.Size, SHA256: a.SHA256, Counts: a.Counts, Why: a.Why})
	}
	return out
}

// backwards returns a reversed copy of a list.
func backwards(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}
