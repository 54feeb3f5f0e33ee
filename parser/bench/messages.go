package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
)

// sample is what is read as one: a message, or several that stand for the mail of a day.
type sample struct {
	name string
	raw  [][]byte
}

func (s sample) size() int {
	n := 0
	for _, raw := range s.raw {
		n += len(raw)
	}
	return n
}

// header is that of a message which two servers have passed on.
const header = "Return-Path: <asha@pharmacy.test>\r\n" +
	"Received: from mail.pharmacy.test (mail.pharmacy.test [192.0.2.25])\r\n\tby mx.helpdesk.test with ESMTPS id 4Sx1;" +
	" Tue, 3 Mar 2026 10:12:09 +0000 (GMT)\r\n" +
	"Authentication-Results: mx.helpdesk.test; dkim=pass header.d=pharmacy.test;\r\n" +
	"\tspf=pass smtp.mailfrom=pharmacy.test; dmarc=pass header.from=pharmacy.test\r\n" +
	"From: Asha Patel <asha@pharmacy.test>\r\nTo: MFA exceptions <mfa@helpdesk.test>\r\nSubject: Re: MFA exception for a colleague\r\n" +
	"Date: Tue, 3 Mar 2026 10:12:07 +0000\r\nMessage-ID: <4711@pharmacy.test>\r\nIn-Reply-To: <4710@helpdesk.test>\r\nMIME-Version: 1.0\r\n"

const (
	request = "Good morning,\r\n\r\nPlease could my colleague Ben Jones (ben.jones@pharmacy.test) be exempt from MFA." +
		" He works in the secure unit\r\n" +
		"of our prison healthcare site, where no phones are allowed, five days a week. A letter of the site's manager is attached.\r\n\r\n"
	signature = "\r\nKind regards,\r\nAsha Patel\r\nPharmacy manager\r\nHigh Street Pharmacy, 12 High Street\r\n01632 960123\r\n"
)

var sentences = []string{
	"The unit keeps a locker at its gate, and everything with a radio stays there until the end of the shift.",
	"He has been with us since 2019 and dispenses the morning doses, so that he has to sign in before eight.",
	"We asked the site whether a security key could be taken in; it may not, as it has a contact that they cannot inspect.",
	"His line manager confirmed this on Monday: see her note below the letter.",
	"Should anything else be needed, we are on the telephone from nine to five.",
}

// prose returns n lines of text, each with its own number.
func prose(n int, line string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line+"\r\n", i+1, sentences[i%len(sentences)])
	}
	return b.String()
}

func plainText(lines int) string {
	return request + prose(lines, "%d. %s") + signature +
		"\r\nOn Mon, 2 Mar 2026 at 16:40, MFA exceptions <mfa@helpdesk.test> wrote:\r\n" + prose(lines/3, "> %d. %s")
}

func htmlText(lines int) string {
	return "<html><head><meta charset=\"utf-8\"><style>p.MsoNormal {margin:0cm; font-size:11.0pt}</style></head><body lang=\"EN-GB\">\r\n" +
		prose(lines, `<p class="MsoNormal">`+
			`<span style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D">%d. %s<o:p></o:p></span></p>`) +
		"<div style=\"border:none;border-top:solid #E1E1E1 1.0pt\"><p><b>From:</b> MFA exceptions<br>" +
		"<b>Sent:</b> 2 March 2026 16:40<br><b>To:</b> Asha Patel<br><b>Subject:</b> x</p></div>\r\n" +
		prose(lines/3, "<p>%d. %s</p>") + "</body></html>\r\n"
}

// part is one part of a multipart, its content encoded as mail clients do.
func part(mediaType, more, content string) string {
	head := "Content-Type: " + mediaType + "\r\n" + more
	var b strings.Builder
	if strings.HasPrefix(mediaType, "text/") {
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte(content))
		_ = w.Close()
		return head + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b.String() + "\r\n"
	}
	for text := base64.StdEncoding.EncodeToString([]byte(content)); text != ""; {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return head + "Content-Transfer-Encoding: base64\r\n\r\n" + b.String()
}

func multipart(subtype, boundary string, parts ...string) string {
	start := "--" + boundary + "\r\n"
	return "Content-Type: multipart/" + subtype + "; boundary=\"" + boundary + "\"\r\n\r\n" +
		start + strings.Join(parts, "\r\n"+start) + "\r\n--" + boundary + "--\r\n"
}

// file is the content of a compressed document: its first bytes and noise.
func file(magic string, size int) string {
	b := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(b)
	copy(b, magic)
	return string(b)
}

func attached(mediaType, name, magic string, size int) string {
	return part(mediaType+"; name=\""+name+"\"", "Content-Disposition: attachment; filename=\""+name+"\"\r\n", file(magic, size))
}

func samples() []sample {
	utf8 := "; charset=utf-8"
	text := header + "Content-Type: text/plain" + utf8 + "\r\n\r\n" + plainText(12)
	html := header + part("text/html"+utf8, "", htmlText(125))
	pdf := attached("application/pdf", "letter.pdf", "%PDF-1.7\n", 200<<10)
	letter := header + multipart("mixed", "m", part("text/plain"+utf8, "", plainText(3)), pdf)
	large := header + multipart("mixed", "m", part("text/plain"+utf8, "", plainText(3)),
		attached("application/pdf", "scan.pdf", "%PDF-1.7\n", 10<<20))
	alternative := multipart("alternative", "a", part("text/plain"+utf8, "", plainText(9)), part("text/html"+utf8, "", htmlText(40)))
	logo := part("image/png; name=\"image001.png\"", "Content-ID: <image001.png@01DA>\r\n"+
		"Content-Disposition: inline; filename=\"image001.png\"\r\n", file("\x89PNG\r\n\x1a\n", 8<<10))
	outlook := header + multipart("mixed", "m", multipart("related; type=\"multipart/alternative\"", "r", alternative, logo), pdf)
	photo := header + multipart("mixed", "m", alternative, attached("image/jpeg", "IMG_2041.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF", 3<<20))
	reply := header + alternative
	bare := header + "Content-Type: text/plain" + utf8 + "\r\n\r\nAPPROVE\r\n" + signature

	mix := sample{name: "mix of 20 as real mail"}
	for message, times := range map[string]int{bare: 4, text: 4, reply: 6, outlook: 4, letter: 1, photo: 1} {
		for range times {
			mix.raw = append(mix.raw, []byte(message))
		}
	}
	return []sample{
		{"3 KB text", [][]byte{[]byte(text)}},
		{"30 KB HTML", [][]byte{[]byte(html)}},
		{"200 KB PDF", [][]byte{[]byte(letter)}},
		{"10 MB attachment", [][]byte{[]byte(large)}},
		mix,
	}
}
