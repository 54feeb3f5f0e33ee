package post

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"html"
	"strings"
	"time"
)

const (
	exchangeStyle = `<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>`
	exchangeDiv   = `<div class="elementToProof" style="font-family: Aptos, Calibri, Helvetica, sans-serif; ` +
		`font-size: 12pt; color: rgb(0, 0, 0);">`
)

// outlookWeb writes a message as Outlook on the web does; Exchange composes it.
func outlookWeb(l *letter) []byte {
	h := l.exchangeHeader()
	h.add("X-MS-TNEF-Correlator", "")
	text := l.body + "\n"
	body := paragraphs(l.lines(), exchangeDiv, "</div>", "<br>")
	if o := l.quoted; o != nil {
		fields := o.outlookFields(l.date.Location())
		text += "\n________________________________\n" + fields.text("\n") + "\n\n" + o.text + "\n"
		body += `<div id="appendonsend"></div>` + "\n" + `<hr style="display:inline-block;width:98%" tabindex="-1">` +
			`<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">` +
			fields.html() + "</font>\n<div>&nbsp;</div>\n</div>\n" + o.html + "\n"
	}
	content := l.exchangeText(text, body)
	if len(l.files) > 0 {
		parts := []node{content}
		for _, f := range l.files {
			name := words(f.Name)
			parts = append(parts, leaf(Base64Lines(f.Content),
				"Content-Type", f.MediaType+`; name="`+name+`"`,
				"Content-Description", name,
				"Content-Disposition", fmt.Sprintf("attachment; filename=\"%s\";\r\n\tsize=%d", name, len(f.Content)),
				"Content-Transfer-Encoding", "base64"))
		}
		content = multipart("mixed", "_004_"+l.exchangeID()+"_", parts...)
	}
	return assemble(h, content)
}

// outOfOffice writes an automatic reply as Exchange does: it quotes nothing.
func outOfOffice(l *letter) []byte {
	h := l.exchangeHeader()
	h.add("X-Auto-Response-Suppress", "All")
	h.add("X-MS-Exchange-Inbox-Rules-Loop", l.from.Address)
	h.add("X-MS-TNEF-Correlator", "")
	h.add("auto-submitted", "auto-generated")
	return assemble(h, l.exchangeText(l.body+"\n", paragraphs(l.lines(), "<p>", "</p>", "&nbsp;")))
}

func (l *letter) exchangeHeader() header {
	var h header
	h.add("From", formatAddress(l.from))
	l.senderField(&h)
	h.add("To", formatAddresses(l.to))
	h.add("Subject", words(l.subject))
	topic := l.subject
	if l.quoted != nil {
		topic = l.quoted.topic()
	}
	h.add("Thread-Topic", words(topic))
	h.add("Thread-Index", l.threadIndex())
	h.add("Date", l.dateField())
	server := strings.ToUpper("LO2P265MB" + l.random("server", 4))
	h.add("Message-ID", "<"+server+l.exchangeID()+"@"+server+".GBRP265.PROD.OUTLOOK.COM>")
	l.threading(&h)
	h.add("Accept-Language", "en-GB, en-US")
	h.add("Content-Language", "en-GB")
	if len(l.files) > 0 {
		h.add("X-MS-Has-Attach", "yes")
	} else {
		h.add("X-MS-Has-Attach", "")
	}
	h.add("MIME-Version", "1.0")
	return h
}

// exchangeID is used in the Message-ID and the boundaries.
func (l *letter) exchangeID() string { return strings.ToUpper(l.random("id", 32)) }

// exchangeText returns a text and its HTML, in ISO 8859-1 if that suffices.
func (l *letter) exchangeText(text, body string) node {
	part := func(kind, s string) node {
		if encoded, ok := latin1(s); ok {
			return leaf(quotedPrintable(encoded), "Content-Type", "text/"+kind+`; charset="iso-8859-1"`,
				"Content-Transfer-Encoding", "quoted-printable")
		}
		return leaf(Base64Lines([]byte(crlf(s))), "Content-Type", "text/"+kind+`; charset="utf-8"`,
			"Content-Transfer-Encoding", "base64")
	}
	charset := "utf-8"
	if _, ok := latin1(body); ok {
		charset = "iso-8859-1"
	}
	page := "<html>\n<head>\n" + `<meta http-equiv="Content-Type" content="text/html; charset=` + charset + `">` + "\n" +
		exchangeStyle + "\n</head>\n" + `<body dir="ltr">` + "\n" + body + "</body>\n</html>\n"
	return multipart("alternative", "_000_"+l.exchangeID()+"_", part("plain", text), part("html", page))
}

// threadIndex returns Outlook's own conversation identifier: the time and a GUID, and five more bytes for
// each answer.
func (l *letter) threadIndex() string {
	if l.quoted != nil {
		if index, err := base64.StdEncoding.DecodeString(l.quoted.threadIndex); err == nil && len(index) >= 22 {
			more, _ := hex.DecodeString(l.random("thread answer", 10))
			return base64.StdEncoding.EncodeToString(append(index, more...))
		}
	}
	high, low := filetime(l.date)
	index := binary.BigEndian.AppendUint32(nil, high)
	index = append(index, byte(low>>24), byte(low>>16))
	guid, _ := hex.DecodeString(l.random("thread", 32))
	return base64.StdEncoding.EncodeToString(append(index, guid...))
}

// filetime returns a time as Windows counts it, in units of 100 ns since 1601.
func filetime(t time.Time) (high, low uint32) {
	const from1601 = 11_644_473_600 // seconds until 1970
	ft := uint64(t.Unix()+from1601)*10_000_000 + uint64(t.Nanosecond()/100)
	return uint32(ft >> 32), uint32(ft)
}

// outlookFields is the block of header fields that Outlook puts above a quotation, as pairs of name and
// value.
type outlookFields [][2]string

func (o original) outlookFields(zone *time.Location) outlookFields {
	return outlookFields{
		{"From", shown(o.from)},
		{"Sent", o.date.In(zone).Format("02 January 2006 15:04")},
		{"To", shownAll(o.to)},
		{"Subject", o.subject},
	}
}

func (f outlookFields) text(end string) string {
	var lines []string
	for _, field := range f {
		lines = append(lines, field[0]+": "+field[1])
	}
	return strings.Join(lines, end)
}

func (f outlookFields) html() string {
	var lines []string
	for _, field := range f {
		lines = append(lines, "<b>"+field[0]+":</b> "+html.EscapeString(field[1]))
	}
	return strings.Join(lines, "<br>\n")
}
