package main

import (
	"slices"
	"strings"
)

// draft is a message taken apart, so that it can be forged field by field. Methods that change it return it.
type draft struct {
	fields []string // each with its folded lines, as they stand
	body   string
}

func parseDraft(raw []byte) *draft {
	header, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	d := &draft{body: body}
	for line := range strings.SplitSeq(header, "\r\n") {
		if len(d.fields) > 0 && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
			d.fields[len(d.fields)-1] += "\r\n" + line
		} else {
			d.fields = append(d.fields, line)
		}
	}
	return d
}

func (d *draft) String() string { return strings.Join(d.fields, "\r\n") + "\r\n\r\n" + d.body }

// reply is an answer to a letter, written in Outlook.
func (s *prelude) reply(from string, l delivered, words string) *draft {
	return parseDraft(s.client().Reply(from, l.raw, words, nil))
}

// note is a plain message that does not answer anything.
func (s *prelude) note(from, subject, body string) *draft {
	return parseDraft(s.client().New(from, service, subject, body, nil)).content("text/plain; charset=utf-8", body)
}

// is reports whether a field has a name, even with blanks before its colon.
func is(field, name string) bool {
	before, _, _ := strings.Cut(field, ":")
	return strings.EqualFold(strings.TrimSpace(before), name)
}

// drop removes fields.
func (d *draft) drop(names ...string) *draft {
	for _, name := range names {
		d.fields = slices.DeleteFunc(d.fields, func(f string) bool { return is(f, name) })
	}
	return d
}

// set replaces a field in its place, or adds it.
func (d *draft) set(name, value string) *draft {
	i := slices.IndexFunc(d.fields, func(f string) bool { return is(f, name) })
	d.drop(name)
	if i < 0 {
		i = len(d.fields)
	}
	d.fields = slices.Insert(d.fields, i, name+": "+value)
	return d
}

// get is the unfolded value of a field.
func (d *draft) get(name string) string {
	for _, f := range d.fields {
		if is(f, name) {
			_, value, _ := strings.Cut(f, ":")
			return strings.TrimSpace(strings.ReplaceAll(value, "\r\n", ""))
		}
	}
	return ""
}

// top puts fields above all others, as each server on the way does.
func (d *draft) top(fields ...string) *draft {
	d.fields = append(slices.Clone(fields), d.fields...)
	return d
}

// end puts fields below all others.
func (d *draft) end(fields ...string) *draft {
	d.fields = append(d.fields, fields...)
	return d
}

// content replaces the body and what the header says about it.
func (d *draft) content(mediaType, body string) *draft {
	d.drop("Content-Type", "Content-Transfer-Encoding", "MIME-Version")
	d.body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\n", "\r\n")
	return d.end("MIME-Version: 1.0", "Content-Type: "+mediaType, "Content-Transfer-Encoding: 8bit")
}

// parts replaces the body with several parts, each a header and a text with an empty line between them.
func (d *draft) parts(subtype string, parts ...string) *draft {
	return d.content("multipart/"+subtype+"; boundary=\"next\"", "--next\n"+strings.Join(parts, "\n--next\n")+"\n--next--\n")
}

// attached is a message as a part of another.
func attached(raw string) string {
	return "Content-Type: message/rfc822\nContent-Disposition: attachment\n\n" + raw
}

// by has a message come in through a Postfix with OpenDKIM and OpenDMARC, which write these results into
// fields of their own above its Received field.
func (d *draft) by(results ...string) *draft {
	var fields []string
	for _, r := range results {
		fields = append(fields, ours+r)
	}
	return d.top(append(fields, borderHop)...)
}

const (
	ours      = "Authentication-Results: mx.helpdesk.test; "
	borderHop = "Received: from mail.sender.example (mail.sender.example [192.0.2.7])\r\n" +
		"\tby mx.helpdesk.test (Postfix) with ESMTPS id 4F1C7988062\r\n" +
		"\tfor <mfa@helpdesk.test>; " + borderTime + " (UTC)"
	borderTime = "Mon, 23 Nov 2026 09:00:00 +0000"
)

// proven has a message come in with proof that its domain sent it.
func (d *draft) proven() *draft {
	domain := domainIn(d.get("From"))
	return d.by("dmarc=pass (p=none dis=none) header.from="+domain, "spf=pass smtp.mailfrom="+domain)
}

// spoofed has a message come in from evil.test, which may send as itself.
func (d *draft) spoofed() *draft {
	return d.by("dmarc=fail (p=none dis=none) header.from="+domainIn(d.get("From")), "spf=pass smtp.mailfrom=evil.test")
}

// domainIn is the domain of the last address in a field.
func domainIn(field string) string {
	return strings.TrimRight(field[strings.LastIndexByte(field, '@')+1:], " >;")
}
