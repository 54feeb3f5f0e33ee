package inbound

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"regexp"
	"strings"

	"mfabot/parser"
)

// framed reports whether a message's body is divided as its author divided it. If the proof of the sender
// does not cover Content-Type, somebody else may have given another boundary (RFC 2046, section 5.1.1), so
// that a part begins in the middle of what the author wrote or quoted. They cannot change the body, so it
// must begin with the delimiter, as mail clients write it, and end with the closing one.
//
// Likewise they may have called a text a page, or given it another encoding or charset, by which a line of what
// the author quoted is not quoted any more. A body of one part must look like what it is called.
func framed(m *parser.Message, raw []byte) bool {
	contentType, encoding := fieldOf(m, "Content-Type"), strings.ToLower(strings.TrimSpace(fieldOf(m, "Content-Transfer-Encoding")))
	kind, params, err := mime.ParseMediaType(cmp.Or(contentType, "text/plain"))
	if !strings.Contains(strings.ToLower(contentType), "multipart") {
		return err == nil && onePart(kind, params["charset"], encoding, bytes.TrimSpace(bodyOf(raw)))
	}
	boundary := params["boundary"]
	if err != nil || !strings.HasPrefix(kind, "multipart/") || boundary == "" ||
		strings.Count(strings.ToLower(contentType), "boundary") != 1 {
		return false
	}
	body := bytes.TrimSpace(standardSentence.ReplaceAll(bytes.TrimSpace(bodyOf(raw)), nil))
	first, _, _ := bytes.Cut(body, []byte("\n"))
	delimiter := "--" + boundary
	return string(bytes.TrimRight(first, " \t\r")) == delimiter && bytes.HasSuffix(body, []byte("\n"+delimiter+"--"))
}

// standardSentence is what mail clients write above the first part, for readers without MIME.
var standardSentence = regexp.MustCompile(`^This is an? (multi-?part message in MIME format\.|` +
	`cryptographically signed message in MIME format\.|OpenPGP/MIME signed message \(RFC [0-9a-z ]+\))\r?\n`)

// fieldOf returns the value of a field that a message has once; empty for none.
func fieldOf(m *parser.Message, name string) string {
	for _, f := range m.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// onePart reports whether a body reads as the text or the page that it is called, in one encoding only.
func onePart(kind, charset, encoding string, body []byte) bool {
	switch encoding {
	case "", "7bit", "8bit":
		if softBreak.Match(body) {
			return false
		}
	case "quoted-printable":
		if encodedBreak.Match(body) {
			return false
		}
		decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		if err != nil {
			return false
		}
		body = decoded
	case "base64":
		decoded, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body)))
		if err != nil {
			return false
		}
		body = decoded
	default:
		return false
	}
	page := len(body) > 0 && body[0] == '<'
	return plainCharset.MatchString(charset) && (kind == "text/plain" && !page || kind == "text/html" && page)
}

var (
	// softBreak is where quoted-printable goes on with a line (RFC 2045, section 6.7), and encodedBreak what it
	// never has in a text, where lines end as lines.
	softBreak    = regexp.MustCompile(`[^=\s]=\r?\n`)
	encodedBreak = regexp.MustCompile(`(?i)=0[AD]`)
	// plainCharset are the charsets in which ASCII stands for itself.
	plainCharset = regexp.MustCompile(`(?i)^(|us-ascii|utf-8|iso-8859-\d+|windows-125\d)$`)
)
