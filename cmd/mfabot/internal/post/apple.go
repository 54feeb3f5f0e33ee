package post

import (
	"html"
	"mime"
	"strings"
)

const appleVersion = "3826.400.131.1.6"

// appleMail writes a message as Mail on a Mac does: plain text if it starts a conversation, text and HTML if
// it quotes.
func appleMail(l *letter) []byte {
	var h header
	h.add("From", formatAddress(l.from))
	l.senderField(&h)
	h.add("Mime-Version", `1.0 (Mac OS X Mail 16.0 \(`+appleVersion+`\))`)
	h.add("Subject", words(l.subject))
	h.add("Date", l.dateField())
	l.threading(&h)
	h.add("To", formatAddresses(l.to))
	h.add("Message-Id", "<"+l.uuid("message-id")+"@"+l.domain()+">")
	h.add("X-Mailer", "Apple Mail (2."+appleVersion+")")
	if l.quoted == nil {
		return assemble(h, l.appleFiles("plain", appleText("plain", l.body+"\n")))
	}

	o := l.quoted
	wrote := "On " + o.date.In(l.date.Location()).Format("2 Jan 2006, at 15:04") + ", " + shown(o.from) + " wrote:"
	text := l.body + "\n\n> " + wrote + "\n> \n" + o.textQuoted() + "\n"
	page := `<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>` +
		`<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">` +
		paragraphs(l.lines(), "<div>", "</div>", "<br>") +
		`<div><br><blockquote type="cite"><div>` + html.EscapeString(wrote) + `</div>` +
		`<br class="Apple-interchange-newline"><div>` + o.html + "</div></blockquote></div><br></body></html>\n"
	return assemble(h, multipart("alternative", l.appleBoundary("alternative"),
		appleText("plain", text), l.appleFiles("html", appleText("html", page))))
}

func (l *letter) appleBoundary(use string) string {
	return "Apple-Mail=_" + l.uuid("boundary "+use)
}

func appleText(kind, text string) node {
	if isASCII(text) && kind == "plain" {
		return leaf(quotedPrintable(text), "Content-Transfer-Encoding", "quoted-printable",
			"Content-Type", "text/plain;\r\n\tcharset=us-ascii")
	}
	return leaf(quotedPrintable(text), "Content-Transfer-Encoding", "quoted-printable",
		"Content-Type", "text/"+kind+";\r\n\tcharset=utf-8")
}

// appleFiles puts attachments after a text, each followed by an empty text where the cursor could have
// continued. In an answer, all of this is inside the HTML alternative: the text alternative has no
// attachments.
func (l *letter) appleFiles(kind string, text node) node {
	if len(l.files) == 0 {
		return text
	}
	rest := "\n\n"
	if kind == "html" {
		rest = `<html><head><meta http-equiv="content-type" content="text/html; charset=us-ascii"></head><body><br></body></html>` + "\n"
	}
	parts := []node{text}
	for _, f := range l.files {
		contentType := f.MediaType + ";\r\n\tx-unix-mode=0644;\r\n\t" + appleParam("name", f.Name)
		parts = append(parts, leaf(Base64Lines(f.Content),
			"Content-Disposition", "attachment;\r\n\t"+appleParam("filename", f.Name),
			"Content-Type", contentType,
			"Content-Transfer-Encoding", "base64"))
		parts = append(parts, leaf(crlf(rest), "Content-Transfer-Encoding", "7bit",
			"Content-Type", "text/"+kind+";\r\n\tcharset=us-ascii"))
	}
	return multipart("mixed", l.appleBoundary("mixed"), parts...)
}

// appleParam writes a parameter, in the form of RFC 2231 if it is not ASCII.
func appleParam(name, value string) string {
	formatted := mime.FormatMediaType("x/x", map[string]string{name: value})
	return strings.TrimPrefix(formatted, "x/x; ")
}
