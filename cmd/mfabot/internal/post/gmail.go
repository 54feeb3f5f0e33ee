package post

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
)

// gmail writes a message as Gmail on the web does.
func gmail(l *letter) []byte {
	var h header
	h.add("MIME-Version", "1.0")
	l.threading(&h)
	l.senderField(&h)
	h.add("From", formatAddress(l.from))
	h.add("Date", l.dateField())
	id, _ := hex.DecodeString(l.random("message-id", 48))
	h.add("Message-ID", "<CA"+base64.RawURLEncoding.EncodeToString(id)+"@mail.gmail.com>")
	h.add("Subject", words(l.subject))
	h.add("To", formatAddresses(l.to))

	text := l.body + "\n"
	page := `<div dir="ltr">` + paragraphs(l.lines(), "<div>", "</div>", "<br>") + "</div>\n"
	if o := l.quoted; o != nil {
		on := "On " + o.date.In(l.date.Location()).Format("Mon, 2 Jan 2006 at 15:04")
		text += "\n" + wrap(on+", "+shown(o.from)+" wrote:", 76) + "\n\n" + o.textQuoted() + "\n"
		page += gmailQuote(on, o)
	}
	content := multipart("alternative", l.gmailBoundary("alternative"),
		gmailText("plain", wrap(text, 78)), gmailText("html", page))
	if len(l.files) > 0 {
		parts := []node{content}
		for i, f := range l.files {
			parts = append(parts, l.gmailFile(i, f))
		}
		content = multipart("mixed", l.gmailBoundary("mixed"), parts...)
	}
	return assemble(h, content)
}

func (l *letter) gmailBoundary(use string) string {
	return "000000000000" + l.random("boundary "+use, 16)
}

func gmailText(kind, text string) node {
	contentType := `text/` + kind + `; charset="UTF-8"`
	if isASCII(text) && kind == "plain" {
		return leaf(crlf(text), "Content-Type", contentType)
	}
	return leaf(quotedPrintable(text), "Content-Type", contentType,
		"Content-Transfer-Encoding", "quoted-printable")
}

// gmailFile returns an attachment, which Gmail gives a Content-ID although nothing refers to it.
func (l *letter) gmailFile(i int, f File) node {
	name := words(f.Name)
	id := "f_" + l.random(fmt.Sprintf("attachment %d", i), 9)
	return leaf(Base64Lines(f.Content),
		"Content-Type", f.MediaType+`; name="`+name+`"`,
		"Content-Disposition", `attachment; filename="`+name+`"`,
		"Content-Transfer-Encoding", "base64",
		"X-Attachment-Id", id,
		"Content-ID", "<"+id+">")
}

func gmailQuote(on string, o *original) string {
	mailbox := html.EscapeString(o.from.Address)
	who := `&lt;<a href="mailto:` + mailbox + `">` + mailbox + `</a>&gt;`
	if o.from.Name != "" {
		who = html.EscapeString(o.from.Name) + " " + who
	}
	return `<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">` +
		on + ", " + who + ` wrote:<br></div><blockquote class="gmail_quote" ` +
		`style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">` +
		o.html + "</blockquote></div>\n"
}
