package parser

import (
	"cmp"
	"strings"

	"mfabot/parser/internal/container"
	"mfabot/parser/internal/reply"
	"mfabot/parser/internal/text"
)

// readDecision reads the command in both renditions of the message. It accepts a command on which both agree,
// unless something about the message speaks against it.
func (r *reading) readDecision(n, other reply.Newest, b *text.Body) {
	m := r.m
	d, undone := r.author.Decide(n)
	withdraw, done := r.author.Withdraws(n), r.author.Finishes(n)
	if b.Differ {
		o, otherUndone := r.author.Decide(other)
		undone = cmp.Or(undone, otherUndone)
		if !reply.SameDecision(d, o) {
			r.warn("the plain text and the HTML of the message decide differently: neither counts")
			d = nil
		}
		withdraw, done = withdraw && r.author.Withdraws(other), done && r.author.Finishes(other)
	}
	switch {
	case d == nil && undone != "" && !m.Automatic && !m.Bounce:
		m.Undone = undone
		r.warn("there is more text below %s that may change it: it is no decision", strings.ToUpper(undone))
	case d == nil && !withdraw && !done:
	case m.Automatic || m.Bounce:
		r.warn("a machine sent the message: what it says is no decision")
	case m.From == "":
		r.warn("nobody is taken for the sender: what the message says is no decision")
	case !n.Quoted && reply.IsForward(m.Subject):
		r.warn("the message looks like a forwarded one: what it says is no decision")
	case b.Broken:
		r.warn("the HTML of the message is broken: what it says is no decision")
	case n.Doubtful() || other.Doubtful():
		r.warn("some of the text may not be shown as it reads: what the message says is no decision")
	case !r.alternativesAgree(d, withdraw, done, b):
		r.warn("another rendition of the text cannot be read, or decides otherwise: what the message says is no decision")
	case b.Silent:
		r.warn("the HTML of the message shows nothing: what its plain text says is no decision")
	case r.addsInPieces():
		r.warn("a part of the text comes as a file and says more: what the message says is no decision")
	case r.cut:
		r.warn("not all of the message was read: what it says is no decision")
	default:
		m.Decision, m.Withdraw, m.Done = (*Decision)(d), withdraw && d == nil, done && d == nil
	}
}

// alternativesAgree reports whether the renditions besides plain text and HTML, of which a mail client may have
// shown any to the author, can be read and say the same.
func (r *reading) alternativesAgree(d *reply.Decision, withdraw, done bool, b *text.Body) bool {
	says := b.Others
	for _, f := range r.files {
		if !f.IsAlternative() {
			continue
		}
		head, whole := f.Beginning()
		said, read := container.RTFText(head)
		if !whole || !read {
			return false
		}
		says = append(says, text.PieceLines(said, false))
	}
	for _, lines := range says {
		n := r.author.Newest(lines)
		same, _ := r.author.Decide(n)
		if n.Doubtful() || !reply.SameDecision(d, same) || withdraw && !r.author.Withdraws(n) || done && !r.author.Finishes(n) {
			return false
		}
	}
	return true
}

// addsInPieces reports whether text that belongs to the message, but arrives as a file, says more than
// courtesies: a mail client shows such text to its author, so it may limit a decision or take it back.
func (r *reading) addsInPieces() bool {
	for _, f := range r.files {
		if !f.IsPiece() {
			continue
		}
		head, whole := f.Beginning()
		if !whole || r.author.Adds(text.PieceLines(string(head), f.Part.MediaType == "text/html")) {
			return true
		}
	}
	return false
}
