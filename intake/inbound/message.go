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
func (m *message) from() string { return m.inbound.From }

// check records the result of a check on the message, for whoever asks why it ended as it did, and returns
// passed.
func (m *message) check(name string, passed bool, format string, args ...any) bool {
	m.inbound.Checks = append(m.inbound.Checks, intake.Check{Name: name, Passed: passed,
		Result: intake.MaskCodes(fmt.Sprintf(format, args...))})
	return passed
}

// either is check with its own words for each result.
func (m *message) either(name string, passed bool, yes, no string) bool {
	if passed {
		return m.check(name, true, "%s", yes)
	}
	return m.check(name, false, "%s", no)
}

// covers reports whether the proof of the sender covers a header field. If not, somebody else may have
// written it.
func (m *message) covers(field string) bool {
	return !slices.Contains(m.verdict.Uncovered, field)
}

// answered returns the Message-IDs that the message answers, nearest first, as far as the proof of its sender
// covers them.
func (m *message) answered() []string {
	var ids []string
	if m.covers("in-reply-to") {
		ids = append(ids, m.msg.InReplyTo...)
	}
	if m.covers("references") {
		ids = append(ids, backwards(m.msg.References)...)
	}
	return ids
}

// silent reports whether the message has neither new text nor attachments.
func (m *message) silent() bool { return m.msg.NewText == "" && len(m.msg.Evidence) == 0 }

// said returns the message's new text, or all its text if there is nothing new.
func (m *message) said() string { return cmp.Or(m.msg.NewText, m.msg.Text) }

// onBehalf reports whether the message says that somebody else sent it for the reviewer: a delegate, who has
// no authority.
func (m *message) onBehalf(r intake.Reviewer) bool {
	named := slices.ContainsFunc(m.msg.Header, func(f parser.Field) bool { return strings.EqualFold(f.Name, "Sender") })
	return named && !r.Has(intake.Canonical(m.msg.Sender))
}

// news returns what the message has added to a request, for the reviewers.
func (m *message) news(req *intake.Request, said string) *review.News {
	n := &review.News{InboundID: m.inbound.ID, Said: said}
	if m.was != nil && m.was.Ref == req.Ref {
		n.Was = m.was
	}
	return n
}

// evidence returns the message's attachments, whether or not they count.
func (m *message) evidence() []intake.Evidence {
	var out []intake.Evidence
	for _, a := range m.msg.Evidence {
		out = append(out, intake.Evidence{InboundID: m.inbound.ID, Part: a.Part, Filename: a.Filename, MediaType: a.MediaType,
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
