package post

import (
	_ "embed"
	"fmt"
	"strings"
)

// logo is the picture in a signature.
//
//go:embed logo.png
var logo []byte

// outlookHead takes the charset.
const outlookHead = `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" ` +
	`xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">` +
	`<head><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=%s">` +
	`<meta name=Generator content="Microsoft Word 15 (filtered medium)"><style><!--
p.MsoNormal, li.MsoNormal, div.MsoNormal
	{margin:0cm;
	font-size:11.0pt;
	font-family:"Calibri",sans-serif;}
--></style></head><body lang=EN-GB link="#0563C1" vlink="#954F72" style='word-wrap:break-word'><div class=WordSection1>
`

// outlook writes a message as Outlook for Windows does over SMTP, with a signature that has a logo.
func outlook(l *letter) []byte {
	var h header
	high, low := filetime(l.date)
	h.add("From", formatAddress(l.from))
	l.senderField(&h)
	h.add("To", formatAddresses(l.to))
	l.threading(&h)
	h.add("Subject", words(l.subject))
	h.add("Date", l.dateField())
	h.add("Message-ID", fmt.Sprintf("<0000%08x$%08x$%s$@%s>", high, low, l.random("message-id", 8), l.domain()))
	h.add("MIME-Version", "1.0")
	h.add("X-Mailer", "Microsoft Outlook 16.0")
	h.add("Thread-Index", l.threadIndex())
	h.add("Content-Language", "en-gb")

	cid := fmt.Sprintf("image001.png@%08X.%08X", high, low)
	text, page := l.outlookBody(cid)
	content := multipart("alternative", l.outlookBoundary(2),
		outlookText("plain", text), outlookText("html", page))
	content = multipart("related", l.outlookBoundary(1), content,
		leaf(Base64Lines(logo), "Content-Type", "image/png;\r\n\tname=\"image001.png\"",
			"Content-Transfer-Encoding", "base64", "Content-ID", "<"+cid+">"))
	if len(l.files) > 0 {
		parts := []node{content}
		for _, f := range l.files {
			name := words(f.Name)
			parts = append(parts, leaf(Base64Lines(f.Content),
				"Content-Type", f.MediaType+";\r\n\tname=\""+name+"\"",
				"Content-Transfer-Encoding", "base64",
				"Content-Disposition", "attachment;\r\n\tfilename=\""+name+"\""))
		}
		content = multipart("mixed", l.outlookBoundary(0), parts...)
	}
	content.preamble = "This is a multipart message in MIME format.\r\n"
	return assemble(h, content)
}

// outlookBody returns the message as text and as the HTML that Word produces.
func (l *letter) outlookBody(cid string) (text, page string) {
	const open, closed, blank = "<p class=MsoNormal>", "<o:p></o:p></p>", "&nbsp;"
	signature := []string{l.from.Name, "Telephone: 01632 960 123"}
	text = l.body + "\n\n" + strings.Join(signature, "\n") + "\n\n"
	charset := "us-ascii"
	page = paragraphs(append(l.lines(), ""), open, closed, blank) +
		paragraphs(signature, open, closed, blank) +
		open + `<img width=120 height=40 id="Picture_x0020_1" src="cid:` + cid + `" alt="Logo">` + closed + "\n"
	if o := l.quoted; o != nil {
		fields := o.outlookFields(l.date.Location())
		text += fields.text(" \n") + "\n\n" + o.text + "\n"
		page += open + "<o:p>&nbsp;</o:p></p>\n" +
			`<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>` +
			open + `<span lang=EN-US>` + fields.html() + `</span>` + closed + "</div>\n" +
			open + "<o:p>&nbsp;</o:p></p>\n" + o.html + "\n"
	}
	if !isASCII(page) {
		charset = "utf-8"
	}
	return text, fmt.Sprintf(outlookHead, charset) + page + "</div></body></html>\n"
}

func outlookText(kind, text string) node {
	charset := "us-ascii"
	if !isASCII(text) {
		charset = "utf-8"
	}
	return leaf(quotedPrintable(text), "Content-Type", "text/"+kind+";\r\n\tcharset=\""+charset+"\"",
		"Content-Transfer-Encoding", "quoted-printable")
}

func (l *letter) outlookBoundary(level int) string {
	high, low := filetime(l.date)
	return fmt.Sprintf("----=_NextPart_%03d_%s_%08X.%08X", level, strings.ToUpper(l.random("boundary", 4)), high, low)
}
