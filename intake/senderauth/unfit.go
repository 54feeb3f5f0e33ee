package senderauth

import (
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"

	"mfabot/parser"
)

// once are the fields that a message may have only once (RFC 5322, section 3.6; RFC 2045, section 3). If
// there are several, signatures cover one and readers see another.
var once = []string{"From", "Sender", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"Content-Type", "Content-Transfer-Encoding"}

// oddity says what makes a header unfit to prove anything; empty for nothing.
func oddity(header []parser.Field) string {
	for _, name := range once {
		n := 0
		for _, f := range header {
			if strings.EqualFold(f.Name, name) {
				n++
			}
		}
		if n > 1 {
			return fmt.Sprintf("the field %s stands %d times", name, n)
		}
	}
	for _, f := range header {
		switch {
		case strings.EqualFold(f.Name, "Return-Path") && !harmless(strings.Trim(strings.TrimSpace(f.Value), "<>")):
			return "Return-Path holds characters that could pose as a result"
		case strings.EqualFold(f.Name, "DKIM-Signature") && !harmless(identity(f.Value)):
			return "the identity of a DKIM-Signature holds characters that could pose as a result"
		}
	}
	return ""
}

// identity returns the decoded i= tag of a DKIM-Signature (RFC 6376, section 3.5), which servers copy into
// their results.
func identity(signature string) string {
	for tag := range strings.SplitSeq(signature, ";") {
		name, value, _ := strings.Cut(tag, "=")
		if strings.TrimSpace(name) != "i" {
			continue
		}
		value = strings.Join(blanks(value), "")
		decoded, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value)))
		if err != nil {
			return value + ";" // not to be read, and so not harmless
		}
		return string(decoded)
	}
	return ""
}

// harmless reports whether an address has no characters that could end its place in a field and begin
// another.
func harmless(address string) bool {
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`;"()\,`, c) >= 0 {
			return false
		}
	}
	return true
}
