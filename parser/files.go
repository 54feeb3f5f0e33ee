package parser

import (
	"mfabot/parser/internal/container"
	"mfabot/parser/internal/machine"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// content returns the destination of a leaf's decoded content.
func (r *reading) content(p *mime.Part) mime.Sink {
	switch {
	case p.IsBody():
		return r.inside.Text(p, &keeper{reading: r, p: p, limit: mime.MaxText})
	case machine.IsReport(p):
		if p.Nested == 0 {
			r.reports = append(r.reports, p)
		}
		return mime.Both{First: &keeper{p: p, limit: machine.MaxReportBytes}, Second: r.newFile(p, false)}
	}
	to := r.newFile(p, false)
	if inner := r.inside.Unwrap(p); inner != nil && to != (mime.Nowhere{}) {
		return mime.Both{First: to, Second: inner}
	}
	return to
}

func (r *reading) rawMessage(p *mime.Part) mime.Sink { return r.newFile(p, true) }

func (r *reading) newFile(p *mime.Part, raw bool) mime.Sink {
	if len(r.files) >= mime.MaxFiles {
		r.warn("the message has more than %d files: the rest was left out", mime.MaxFiles)
		p.Unread = true
		return mime.Nowhere{}
	}
	f := container.NewFile(p, raw)
	r.files = append(r.files, f)
	return f
}

// keeper keeps the decoded content of a part up to a limit; body text has one limit for the whole message.
type keeper struct {
	reading *reading
	p       *mime.Part
	limit   int
}

func (k *keeper) Take(b []byte) {
	room := k.limit - len(k.p.Text)
	if k.reading != nil {
		room = k.limit - k.reading.kept
	}
	keep := b[:min(len(b), max(room, 0))]
	if k.p.Text == nil && len(keep) > 0 {
		k.p.Text = make([]byte, 0, textPiece)
	}
	k.p.Text = append(k.p.Text, keep...)
	if k.reading != nil {
		k.reading.kept += len(keep)
		k.reading.cut = k.reading.cut || len(keep) < len(b)
	}
}

// readEvidence describes the files attached to the message, and what stands in the place of one.
func (r *reading) readEvidence(root *mime.Part, b *text.Body) {
	files := make([]container.Attachment, 0, len(r.files))
	in := r.readEnvelope(root, b)
	for i, f := range r.files {
		a := f.Describe(i+1, r.names, b.Images)
		if why := in.why(f, &a); why != "" {
			a.Counts, a.Why = false, why
		}
		files = append(files, a)
	}
	container.RefuseWhole(files)
	r.refuseNotes(files)
	for _, a := range files {
		r.m.Evidence = append(r.m.Evidence, Attachment(a))
	}
	r.readMissing(in)
}
