package senderauth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/parser"
)

// below are the servers, by their authserv-id, that write their results below their own Received field, right
// away or after Received-SPF, and are known to do so for every message. Of any other server nothing below
// that field counts: where it was silent, the sender's own text stands there.
var below = map[string]bool{
	"mx.google.com": true,
}

// serverResults judges by the Authentication-Results of one server.
func serverResults(m *parser.Message, a author, authservID string) finding {
	if border(m.Header, handedOver) == len(m.Header) {
		return finding{silent: true, why: "the Received fields show no hop from outside, so that the results may be anybody's"}
	}
	id := strings.ToLower(authservID)
	fields := fieldsOf(m.Header, id)
	if len(fields) == 0 {
		none := fmt.Sprintf("no Authentication-Results of %s above the Received field of the hop from outside", authservID)
		if others := Atop(m.Header); len(others) > 0 {
			return finding{silent: true, why: fmt.Sprintf("%s: what stands there is of %s. If that is your own server's name, it is the "+
				"one to set as authserv_id", none, clip(strings.Join(others, ", ")))}
		}
		return finding{silent: true, why: none + "; one further down is not believed, since the sender may have written it. " +
			"If the server writes it there, have it write it at the very top, or set dkim"}
	}
	var read [][]result
	var all []result
	for _, f := range fields {
		results, err := parseResults(f)
		if err != nil {
			return finding{vetoes: true, why: "an Authentication-Results of " + authservID + " cannot be relied on: " + err.Error()}
		}
		read, all = append(read, results), append(all, results...)
	}
	if odd := contradiction(read); odd != "" {
		return finding{vetoes: true, why: authservID + " contradicts itself: " + odd}
	}
	return prove(m, a, all)
}

// Servers are the names by which Authentication-Results in a header call their servers, in the order of the fields: what
// may be trusted, and what a sender may have written too.
func Servers(header []parser.Field) (ids []string) {
	for _, f := range header {
		id := servedBy(f.Value)
		if strings.EqualFold(f.Name, "Authentication-Results") && id != "" && !strings.Contains(id, "=") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Atop are those of them above the Received field of the hop from outside, where nobody outside can have written. There are
// none without that hop.
func Atop(header []parser.Field) []string {
	at := border(header, handedOver)
	if at == len(header) {
		return nil
	}
	return Servers(header[:at])
}

// Bears reports whether a header has Authentication-Results that are believed to be those of the server of a name.
func Bears(header []parser.Field, authservID string) bool {
	return border(header, handedOver) < len(header) && len(fieldsOf(header, strings.ToLower(authservID))) > 0
}

// keyless are words by which servers say that they have not found the key of a signature, in lower case: OpenDKIM's, and those
// of others.
var keyless = []string{"key not found", "key dns query failed", "key dns reply corrupt", "no key"}

// KeyMissed is the name of the server that says above the hop from outside that it has not found the key of a signature; empty
// if none does. That serves to say what is wrong, and proves nothing.
func KeyMissed(header []parser.Field) string {
	for _, f := range header[:border(header, handedOver)] {
		text := strings.ToLower(strings.Join(blanks(f.Value), " "))
		if strings.EqualFold(f.Name, "Authentication-Results") && strings.Contains(text, "dkim=") &&
			slices.ContainsFunc(keyless, func(words string) bool { return strings.Contains(text, words) }) {
			return servedBy(f.Value)
		}
	}
	return ""
}

// fieldsOf are the values of the Authentication-Results that the server of that id wrote. Above the border
// they are one set, as filters that work for one server write a field each: nobody outside can put one there.
// Below it, for the servers known to write there, it is the one right there.
func fieldsOf(header []parser.Field, id string) []string {
	var values []string
	at := border(header, handedOver)
	for _, f := range header[:at] {
		if strings.EqualFold(f.Name, "Authentication-Results") && servedBy(f.Value) == id {
			values = append(values, f.Value)
		}
	}
	if len(values) > 0 || !below[id] || at == len(header) {
		return values
	}
	if h, ok := parseHop(header[at].Value); !ok || h.by != id {
		return nil
	}
	rest := header[at+1:]
	if len(rest) > 0 && strings.EqualFold(rest[0].Name, "Received-SPF") {
		rest = rest[1:]
	}
	if len(rest) > 0 && strings.EqualFold(rest[0].Name, "Authentication-Results") && servedBy(rest[0].Value) == id {
		return []string{rest[0].Value}
	}
	return nil
}

// prove judges by the results that a trusted server wrote. They do not say what a verified signature covers,
// so that is read from the message.
func prove(m *parser.Message, a author, results []result) finding {
	o := weigh(results, a)
	switch {
	case o.bare():
		if o.vetoes {
			break
		}
		if hint := misleading(m.Header); hint != "" {
			return finding{why: o.why + ", which says not by what, and the message has a " + hint + " that may have misled the server"}
		}
		if !signed(m.Header, a) { // so that it was by SPF
			return finding{proves: true, why: o.why}
		}
		o.dkim = []result{{}}
	case o.spf && !o.vetoes:
		return finding{proves: true, why: o.why}
	}
	if o.vetoes || len(o.dkim) == 0 {
		return finding{vetoes: o.vetoes, why: o.why}
	}
	uncovered, missing, problem := coverage(m.Header, o)
	if problem != "" {
		return finding{why: o.why + ", but " + problem}
	}
	return finding{proves: true, uncovered: uncovered, missing: missing, signed: true,
		signedAt: earliest(time.Time{}, m, uncovered), why: o.why}
}

// misleading names a field below the border that a server may have mistaken for a result of its own side
// (OpenDMARC does so by default); empty for none.
func misleading(header []parser.Field) string {
	for _, f := range header[border(header, handedOver):] {
		if strings.EqualFold(f.Name, "Authentication-Results") || strings.EqualFold(f.Name, "Received-SPF") {
			return f.Name
		}
	}
	return ""
}
