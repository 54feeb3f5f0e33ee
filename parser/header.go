package parser

import (
	"strings"
	"time"

	"mfabot/parser/internal/mime"
)

// readHeader reads the message's header fields, apart from those that identify a machine.
func (r *reading) readHeader(h mime.Header) {
	m := r.m
	if ids := mime.MessageIDs(h.First("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = mime.MessageIDs(h.First("In-Reply-To"))
	m.References = mime.MessageIDs(h.First("References"))
	m.Subject = mime.Shorten(strings.TrimSpace(mime.CleanText(mime.DecodeWords(h.First("Subject")))), mime.MaxSubject)
	if date := h.First("Date"); date != "" {
		if t, err := mime.Date(date); err == nil {
			m.Date = t.UTC().Truncate(time.Second)
		} else {
			r.warn("the date is malformed")
		}
	}
	r.readFrom(h.All("From"))
	sender, name := mime.Address(h.First("Sender"))
	m.Sender = sender
	r.author.Name = m.FromName + " " + name
	if local, _, ok := strings.Cut(m.From, "@"); ok && m.FromName == "" {
		r.author.Name += strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(local)
	}
	m.To = r.addresses(h, "To")
	m.Cc = r.addresses(h, "Cc")
}

// readFrom reads the author. Anything but one field with one plain address leaves From empty: the sender
// shown is the one authenticated, or nobody.
func (r *reading) readFrom(values []string) {
	if len(values) != 1 {
		r.warn("the message has %d From fields: nobody is taken for its sender", len(values))
		return
	}
	address, name := mime.Address(values[0])
	if address == "" {
		r.warn("the From field does not hold exactly one address: nobody is taken for the sender")
		return
	}
	if strings.ContainsAny(name, "@＠﹫") && !strings.EqualFold(name, address) {
		r.warn("the sender's display name holds an address and was left out")
		name = ""
	}
	r.m.From, r.m.FromName = address, name
}

// addresses reads the addresses of a recipient field one at a time, so that a malformed one does not hide the
// others.
func (r *reading) addresses(h mime.Header, field string) []string {
	var out []string
	for _, value := range h.All(field) {
		for _, s := range mime.SplitAddresses(value) {
			if len(out) >= mime.MaxAddresses {
				r.warn("the %s field has more than %d addresses", field, mime.MaxAddresses)
				return out
			}
			if address, _ := mime.Address(s); address != "" {
				out = append(out, address)
			}
		}
	}
	return out
}
