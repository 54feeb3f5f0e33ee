package senderauth

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"mfabot/parser"
)

// signature is what a DKIM-Signature field says (RFC 6376, section 3.5).
type signature struct {
	domain, selector string    // d= and s=, in lower case
	identity         string    // the domain of i=, in lower case
	covers           []string  // h=, in lower case
	bytes            string    // b=
	partial          bool      // l= is there: the body may go on after what was signed
	at               time.Time // t=; zero where it is not there
}

// parseSignature reads a DKIM-Signature field strictly, as servers differ in how they read a malformed one.
func parseSignature(field string) (signature, error) {
	tags, err := parseTags(field)
	if err != nil {
		return signature{}, err
	}
	for _, name := range []string{"v", "a", "b", "bh", "d", "h", "s"} {
		if tags[name] == "" {
			return signature{}, fmt.Errorf("it has no %s=", name)
		}
	}
	s := signature{domain: strings.ToLower(tags["d"]), selector: strings.ToLower(tags["s"]), bytes: squeeze(tags["b"])}
	_, s.partial = tags["l"]
	for name := range strings.SplitSeq(strings.ToLower(tags["h"]), ":") {
		s.covers = append(s.covers, strings.TrimSpace(name))
	}
	if t, err := strconv.ParseInt(tags["t"], 10, 64); err == nil && t > 0 {
		s.at = time.Unix(t, 0).UTC()
	}
	s.identity = s.domain
	if _, given := tags["i"]; given {
		s.identity = strings.ToLower(domainOf(identity(field)))
	}
	switch {
	case tags["v"] != "1":
		err = errors.New("its version is not 1")
	case !isName(s.domain) || !isName(s.selector):
		err = errors.New("its d= or s= is no domain name")
	case !isBase64(s.bytes) || !isBase64(squeeze(tags["bh"])):
		err = errors.New("its b= or bh= is no base64")
	case s.identity != s.domain && !strings.HasSuffix(s.identity, "."+s.domain):
		err = errors.New("its i= is not within its d=")
	case slices.Contains(s.covers, ""):
		err = errors.New("its h= names no field in one place")
	}
	return s, err
}

// keyName returns where the key of a signature is published (RFC 6376, section 3.6.2.1).
func (s signature) keyName() string { return s.selector + "._domainkey." + s.domain }

// parseTags reads a tag list (RFC 6376, section 3.2). No tag may occur twice.
func parseTags(list string) (map[string]string, error) {
	tags := make(map[string]string)
	parts := strings.Split(list, ";")
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		name = strings.Trim(name, " \t\r\n")
		if !ok && name == "" && i == len(parts)-1 {
			break
		}
		if !ok || !isTag(name) {
			return nil, errors.New("it is no list of tags")
		}
		if _, twice := tags[name]; twice {
			return nil, fmt.Errorf("the tag %s= stands twice", name)
		}
		tags[name] = strings.Trim(value, " \t\r\n")
	}
	return tags, nil
}

func isTag(name string) bool {
	for i := range len(name) {
		if c := name[i] | 0x20; (c < 'a' || c > 'z') && (i == 0 || (name[i] != '_' && (name[i] < '0' || name[i] > '9'))) {
			return false
		}
	}
	return name != "" && len(name) <= 20
}

// isName reports whether s is a domain name as it is looked up (RFC 1035, section 2.3.1), or one with
// underscores, which are in use.
func isName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return len(name) <= 200
}

// isBase64 reports whether s is Base64 that every server reads the same, padded or not.
func isBase64(s string) bool {
	digits := strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	for i := range len(digits) {
		if c := digits[i] | 0x20; (c < 'a' || c > 'z') && (digits[i] < '0' || digits[i] > '9') && digits[i] != '+' && digits[i] != '/' {
			return false
		}
	}
	return digits != ""
}

// squeeze removes white space.
func squeeze(s string) string { return strings.Join(blanks(s), "") }

// carriers are the fields that may carry a review code, say to whom or when a message was written, or say how
// its body is to be read.
var carriers = []string{"Subject", "In-Reply-To", "References", "To", "Cc", "Reply-To", "Sender", "Date", "Message-ID",
	"Content-Type", "Content-Transfer-Encoding"}

// uncovered are those carriers and marks of machines, in lower case, of which the message has more than the
// signature lists: it covers so many of them, from the bottom up (RFC 6376, section 5.4.2). missing are the
// carriers that the message lacks and the signature does not list: somebody may have taken them away.
func (s signature) uncovered(header []parser.Field) (uncovered, missing []string) {
	for i, name := range slices.Concat(carriers, parser.MachineFields()) {
		has, covered := 0, 0
		for _, f := range header {
			if strings.EqualFold(f.Name, name) {
				has++
			}
		}
		for _, c := range s.covers {
			if strings.EqualFold(c, name) {
				covered++
			}
		}
		switch {
		case has > covered:
			uncovered = append(uncovered, strings.ToLower(name))
		case has == 0 && covered == 0 && i < len(carriers):
			missing = append(missing, strings.ToLower(name))
		}
	}
	return uncovered, missing
}

// earliest returns the earlier of two dates of a message that a signature covers: its own and that of the Date
// field. It is zero if it covers neither.
func earliest(signed time.Time, m *parser.Message, uncovered []string) time.Time {
	if m.Date.IsZero() || slices.Contains(uncovered, "date") {
		return signed
	}
	if signed.IsZero() || m.Date.Before(signed) {
		return m.Date
	}
	return signed
}

// signaturesOf returns the signatures of a message, each with why it cannot be read.
func signaturesOf(header []parser.Field) iter.Seq2[signature, error] {
	return func(yield func(signature, error) bool) {
		for _, f := range header {
			if strings.EqualFold(f.Name, "DKIM-Signature") && !yield(parseSignature(f.Value)) {
				return
			}
		}
	}
}

// coverage says what the signatures leave uncovered that a server can have meant by the results of DKIM that
// passed. It names none for certain, and a stranger may have added more: so what any of them leaves uncovered
// is. The problem says why they prove nothing; empty where they do.
func coverage(header []parser.Field, o opinion) (uncovered, missing []string, problem string) {
	found := false
	add := func(to *[]string, names []string) {
		for _, name := range names {
			if !slices.Contains(*to, name) {
				*to = append(*to, name)
			}
		}
	}
	for s, err := range signaturesOf(header) {
		switch {
		case err != nil:
			return nil, nil, "what was signed is not known: a DKIM-Signature cannot be relied on: " + err.Error()
		case !slices.ContainsFunc(o.dkim, s.isMeant):
			continue
		case !o.signedBy(s.domain):
			if slices.ContainsFunc(o.dkim, s.isMeantByIdentity) {
				return nil, nil, "its signature is by " + clip(s.domain)
			}
			continue
		case s.partial:
			return nil, nil, "its signature covers a part of the body only (l=)"
		case !slices.Contains(s.covers, "from"):
			return nil, nil, "its signature does not cover From"
		}
		found = true
		more, gone := s.uncovered(header)
		add(&uncovered, more)
		add(&missing, gone)
	}
	if !found { // one's own side has removed it; what every signer covers is certain only
		uncovered, missing = signature{covers: []string{"from", "subject", "date"}}.uncovered(header)
	}
	return uncovered, missing, ""
}

// KeyNames are the names under which the keys are published by which the author's own domain has signed a message, as far as
// its signatures can be read.
func KeyNames(m *parser.Message) (names []string) {
	for s, err := range signaturesOf(m.Header) {
		if err == nil && s.domain == domainOf(m.From) && !slices.Contains(names, s.keyName()) {
			names = append(names, s.keyName())
		}
	}
	return names
}

// signers returns the domains that signed a message, as far as its signatures can be read.
func signers(header []parser.Field) (domains []string) {
	for s, err := range signaturesOf(header) {
		if err == nil {
			domains = append(domains, s.domain)
		}
	}
	return domains
}

// signed reports whether a message has a signature by which DMARC may have passed.
func signed(header []parser.Field, a author) bool {
	for s, err := range signaturesOf(header) {
		if err != nil || a.relaxed(s.domain) {
			return true
		}
	}
	return false
}

// isMeant reports whether a server's result may be about this signature: whether it names no other domain,
// selector or value (RFC 8601, section 2.7.1; RFC 6008).
func (s signature) isMeant(r result) bool {
	if d := r.props["header.d"]; d != "" && d != s.domain {
		return false
	}
	if i := r.props["header.i"]; i != "" && strings.Trim(domainOf(i), ".") != s.identity {
		return false
	}
	if selector := r.props["header.s"]; selector != "" && selector != s.selector {
		return false
	}
	b := r.props["header.b"]
	return strings.Contains(b, "_") || strings.HasPrefix(strings.ToLower(s.bytes), b)
}

// isMeantByIdentity reports whether a server's result is about this signature and names only the identity
// that it signs for (i=), which may be of a domain below the one that signs.
func (s signature) isMeantByIdentity(r result) bool {
	return r.props["header.d"] == "" && r.props["header.i"] != "" && s.isMeant(r)
}
