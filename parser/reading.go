package parser

import "strings"

// readText reads what the sender wrote: the newest text, the decision in it and the request.
func (r *reading) readText(b *body, root *part) {
	m, a := r.m, r.author
	n := a.newest(b.html)
	chosen := b.html
	other := n
	if b.differ {
		other = a.newest(b.plain)
		if blank(n.lines) && !blank(other.lines) {
			n = n.withSignature()
		}
		if blank(n.lines) && !blank(other.lines) {
			n, other, chosen = other, n, b.plain
		}
	}
	m.Text = joinLines(chosen) + r.attachedText(root, b)
	m.NewText = cutBytes(joinLines(n.lines), maxNewText)
	r.readDecision(n, other, b)
	if m.Bounce {
		return
	}
	if m.Withdraw || m.Decision != nil && m.Decision.Verb == approve {
		return
	}
	r.readRequest(n, chosen)
}

// readRequest reads what the message asks for.
func (r *reading) readRequest(n newest, all []textLine) {
	m := r.m
	asked := r.parser.requests.read(requestMail{from: m.From, sender: m.Sender, to: m.To, subject: m.Subject, newText: m.NewText,
		lines: n.lines, tail: n.tail, all: all, decides: m.Decision != nil, warn: r.warn})
	m.Reason, m.ShortTerm, m.Justification, m.AuthMethodRegistered = asked.reason, asked.shortTerm, asked.justification, asked.registered
	for _, p := range asked.people {
		m.Subjects = append(m.Subjects, Person(p))
	}
}

// withSignature takes for text what stands in an element for the signature, where the plain text shows that somebody wrote there.
func (n newest) withSignature() newest {
	var rest []textLine
	for _, ln := range n.tail {
		if ln.mark == signature {
			n.lines = append(n.lines, ln)
		} else {
			rest = append(rest, ln)
		}
	}
	n.tail = rest
	return n
}

// readDecision reads the command in both renditions of the message and believes it when they agree.
func (r *reading) readDecision(n, other newest, b *body) {
	m := r.m
	d := r.author.decide(n)
	withdraw := r.author.withdraws(n)
	if b.differ {
		if o := r.author.decide(other); !sameDecision(d, o) {
			r.warn("the plain text and the HTML of the message decide differently: neither counts")
			d = nil
		}
		withdraw = withdraw && r.author.withdraws(other)
	}
	switch {
	case d == nil && !withdraw:
	case m.Automatic || m.Bounce:
		r.warn("a machine sent the message: what it says is no decision")
	case m.From == "":
		r.warn("nobody is taken for the sender: what the message says is no decision")
	case !n.quoted && isForward(m.Subject):
		r.warn("the message looks like a forwarded one: what it says is no decision")
	case b.broken:
		r.warn("the HTML of the message is broken: what it says is no decision")
	case b.silent:
		r.warn("the HTML of the message shows nothing: what its plain text says is no decision")
	case r.addsInPieces():
		r.warn("a part of the text comes as a file and says more: what the message says is no decision")
	case r.cut:
		r.warn("not all of the message was read: what it says is no decision")
	default:
		m.Decision, m.Withdraw = (*Decision)(d), withdraw && d == nil
	}
}

// attachedText is the text of attached messages, which is for reading only.
func (r *reading) attachedText(root *part, b *body) string {
	var out strings.Builder
	var visit func(p *part)
	visit = func(p *part) {
		if p.isMessage() {
			for _, child := range p.children {
				inner := r.readBody(child)
				b.broken = b.broken || inner.broken
				if text := joinLines(inner.html); text != "" {
					out.WriteString("\n\n" + text)
				}
			}
		}
		for _, child := range p.children {
			visit(child)
		}
	}
	visit(root)
	return out.String()
}

// isForward reports whether the subject is that of a forwarded message.
func isForward(subject string) bool { return startsWithAny(simplify(subject), forwardPrefixes) }
