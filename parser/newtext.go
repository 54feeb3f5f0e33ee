package parser

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/reply"
	"mfabot/parser/internal/request"
	"mfabot/parser/internal/text"
)

// readText reads what the sender wrote: the newest text, and the decision and request in it.
func (r *reading) readText(b *text.Body, root *mime.Part) {
	m, a := r.m, r.author
	n := r.newestOf(b)
	chosen := b.HTML
	other := n
	if b.Differ {
		other = a.Newest(b.Plain)
		if text.Blank(n.Lines) && !text.Blank(other.Lines) {
			n = n.WithSignature()
		}
		if text.Blank(n.Lines) && !text.Blank(other.Lines) {
			n, other, chosen = other, n, b.Plain
		}
	}
	r.newest = &n
	m.Text = text.Join(chosen) + r.attachedText(root, b)
	m.NewText = mime.Shorten(text.Join(n.Lines), reply.MaxNewText)
	r.readDecision(n, other, b)
	if m.Bounce {
		return
	}
	if signer := Signer(n.Signer()); signer != (Signer{}) {
		m.Signer = &signer
	}
	if m.Withdraw || m.Decision != nil && m.Decision.Verb == reply.Approve {
		return
	}
	r.readRequest(n, chosen)
}

// ours matches what stands in the subject of a letter of ours about a request or an exception.
var ours = regexp.MustCompile(`\[[LS]T-\d{4}-\d{5,}\]`)

// theirSubject is the subject, if its words are the sender's: an answer has those of the letter that it answers, which ask
// for nothing and give no reason.
func (m *Message) theirSubject() string {
	if ours.MatchString(m.Subject) {
		return ""
	}
	return m.Subject
}

// readRequest reads what the message requests.
func (r *reading) readRequest(n reply.Newest, all []text.Line) {
	m := r.m
	asked, quoted := r.parser.requests.Read(request.Message{
		From: m.From, Sender: m.Sender, Own: r.parser.own, To: m.To, Cc: m.Cc, Subject: m.theirSubject(), Title: m.Subject,
		NewText: m.NewText, Lines: n.Lines, Tail: n.Tail, Forwarded: n.Forwarded(m.Subject), All: all, Decides: m.Decision != nil,
		Taken: r.taken, Warn: r.warn,
	})
	m.Reason, m.ShortTerm, m.LongReason = asked.Reason, asked.ShortTerm, asked.LongReason
	m.ReasonWords = asked.ReasonWords
	m.Justification, m.AuthMethodRegistered = asked.Justification, asked.Registered
	m.Subjects, m.Kind = people(asked.People), Kind(asked.Kind)
	if quoted != nil {
		m.QuotedForm = &Form{ShortTerm: quoted.ShortTerm, Subjects: people(quoted.People), Reason: quoted.Reason,
			LongReason: quoted.LongReason, ReasonWords: quoted.ReasonWords, Justification: quoted.Justification,
			AuthMethodRegistered: quoted.Registered}
	}
}

func people(found []request.Person) []Person {
	var out []Person
	for _, p := range found {
		out = append(out, Person(p))
	}
	return out
}

// attachedText returns the text of attached messages, which is only for people to read.
func (r *reading) attachedText(root *mime.Part, b *text.Body) string {
	var out strings.Builder
	var visit func(p *mime.Part)
	visit = func(p *mime.Part) {
		if p.IsMessage() {
			for _, child := range p.Children {
				inner := r.readBody(child)
				b.Broken = b.Broken || inner.Broken
				r.within[p] = append(r.within[p], inner.HTML...)
				if said := text.Join(inner.HTML); said != "" {
					out.WriteString("\n\n" + said)
				}
			}
		}
		for _, child := range p.Children {
			visit(child)
		}
	}
	visit(root)
	return out.String()
}
