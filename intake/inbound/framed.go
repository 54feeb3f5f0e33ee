package inbound

import (
	"bytes"
	"mime"
	"regexp"
	"strings"

	"mfabot/parser"
)

// framed reports whether a message's body is divided as its author divided it. If the proof of the sender
// does not cover Content-Type, somebody else may have given another boundary (RFC 2046, section 5.1.1), so
// that a part begins in the middle of what the author wrote or quoted. They cannot change the body, so it
// must begin with the delimiter, as mail clients write it, and end with the closing one.
func framed(m *parser.Message, raw []byte) bool {
	contentType := ""
	for _, f := range m.Header {
		if strings.EqualFold(f.Name, "Content-Type") {
			contentType = f.Value
		}
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if !strings.Contains(strings.ToLower(contentType), "multipart") {
		return true
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
