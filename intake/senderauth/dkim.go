package senderauth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"mfabot/parser"
)

// attempt is one signature that may prove the author, on its way to being verified.
type attempt struct {
	signature
	field   int    // its place in the header
	problem string // why it proves nothing; empty where it does
	passing bool   // the problem may be gone later
}

// signature verifies the message's own signatures by the domain of From or one that is aligned with it. The
// error is about a key that could not be looked up, if no other signature proves the sender.
func (j *Judge) signature(ctx context.Context, m *parser.Message, raw []byte, a author) (finding, error) {
	fields, body, odd := splitRaw(raw)
	if odd == "" && !sameHeader(fields, m.Header) {
		odd = "its header can be read in two ways"
	}
	if odd != "" {
		return finding{why: "the message is not formed so that a signature could prove it: " + odd}, nil
	}
	attempts := attemptsFor(m.Header, a)
	if len(attempts) == 0 {
		return finding{why: "the message has no DKIM signature of " + clip(a.domain) + " that could be read" +
			a.unnamed(signers(m.Header))}, nil
	}
	keys := j.keysFor(ctx, attempts)
	if len(keys) > 0 {
		verify(fields, body, attempts, keys)
	}
	return conclude(m, attempts)
}

// attemptsFor returns the signatures that may prove the author, bottom first: the author's is below those of the
// servers on the way. There is a limit, and signatures that can prove nothing do not count towards it.
func attemptsFor(header []parser.Field, author author) []attempt {
	var attempts []attempt
	usable, told := 0, 0
	for i, f := range slices.Backward(header) {
		if !strings.EqualFold(f.Name, "DKIM-Signature") {
			continue
		}
		s, err := parseSignature(f.Value)
		if err != nil || !author.signedBy(s.domain) {
			continue
		}
		a := attempt{signature: s, field: i}
		switch {
		case s.partial:
			a.problem = "it covers a part of the body only (l=)"
		case !slices.Contains(s.covers, "from"):
			a.problem = "it does not cover From"
		case usable == maxSignatures:
			a.problem = fmt.Sprintf("not looked at: there are more than %d", maxSignatures)
		default:
			usable++
		}
		if a.problem != "" {
			if told++; told > maxReasons {
				continue
			}
		}
		attempts = append(attempts, a)
	}
	return attempts
}

// keysFor looks up the keys of the attempts that have no problem yet, and notes the problem of those whose
// key rules them out.
func (j *Judge) keysFor(ctx context.Context, attempts []attempt) map[string]key {
	var names []string
	for _, a := range attempts {
		if a.problem == "" && !slices.Contains(names, a.keyName()) {
			names = append(names, a.keyName())
		}
	}
	keys := j.lookUpKeys(ctx, names)
	for i := range attempts {
		a := &attempts[i]
		if a.problem == "" {
			k := keys[a.keyName()]
			a.problem, a.passing = k.refuses(a.signature), k.passing
		}
	}
	return keys
}

// maxOthers is how many other signatures are left in the message while its own are verified, as these may
// cover them (RFC 6376, section 5.4).
const maxOthers = 20

// verify verifies the attempts that have no problem yet over the message's bytes.
func verify(fields []rawField, body []byte, attempts []attempt, keys map[string]key) {
	chosen := make(map[int]*attempt)
	wanted := make(map[string]bool)
	for i := range attempts {
		if a := &attempts[i]; a.problem == "" {
			chosen[a.field], wanted[a.keyName()] = a, true
		}
	}
	if len(chosen) == 0 {
		return
	}
	var header bytes.Buffer
	var order []*attempt // as the signatures stand; nil for one that is not looked at
	others := 0
	for i, f := range fields {
		if strings.EqualFold(f.name, "DKIM-Signature") {
			if chosen[i] == nil {
				if others++; others > maxOthers {
					continue
				}
			}
			order = append(order, chosen[i])
		}
		header.Write(f.text)
	}
	header.WriteString("\r\n")
	results, err := dkim.VerifyWithOptions(io.MultiReader(&header, bytes.NewReader(body)), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if name = strings.ToLower(name); !wanted[name] {
				return nil, errors.New("not wanted")
			}
			return []string{keys[name].record}, nil
		},
	})
	for i, a := range order {
		switch {
		case a == nil:
		case err != nil || i >= len(results):
			a.problem = "it could not be verified"
		case results[i].Err != nil:
			a.problem = explain(results[i].Err, len(body) == 0)
		}
	}
}

// explained are the library's findings, in words for whoever has to act on them.
var explained = []struct{ finding, words string }{
	{"key is too short", "its key is too weak: under 1024 bits"},
	{"keys are insecure", "its key is too weak: under 1024 bits"},
	{"body hash did not verify", "the body was altered after it was signed"},
	{"signature did not verify", "From or another field that it covers was altered after it was signed, or another key signed it"},
	{"signature has expired", "it has expired (x=)"},
	{"hash algorithm too weak", "it was made with SHA-1, which is too weak"},
	{"inappropriate", "the key's record allows no such signature"},
	{"key syntax error", "the key's record holds no key that can be read"},
}

func explain(err error, noBody bool) string {
	text := err.Error()
	if noBody && strings.Contains(text, "body hash") {
		return "there is only the header of the message here, since it is too large: what was signed cannot be verified"
	}
	for _, e := range explained {
		if strings.Contains(text, e.finding) {
			return e.words
		}
	}
	return clip(strings.TrimPrefix(text, "dkim: "))
}

// conclude takes the valid signature that leaves the least uncovered. Signatures are not combined: each may
// be of another message with the same body.
func conclude(m *parser.Message, attempts []attempt) (finding, error) {
	var best finding
	var problems []string
	var unsure error
	for _, a := range attempts {
		name := fmt.Sprintf("the DKIM signature of %s (selector %s)", clip(a.domain), clip(a.selector))
		switch {
		case a.problem == "":
			uncovered, missing := a.uncovered(m.Header)
			f := finding{proves: true, uncovered: uncovered, missing: missing, signed: true,
				signedAt: earliest(a.at, m, uncovered), why: name + " is valid"}
			if !best.proves || f.better(best) {
				best = f
			}
			continue
		case a.passing:
			unsure = errors.Join(unsure, fmt.Errorf("the DKIM key %s could not be looked up: %s", a.keyName(), a.problem))
		}
		problems = append(problems, name+": "+a.problem)
	}
	if best.proves {
		return best, nil
	}
	return finding{why: strings.Join(problems[:min(len(problems), maxReasons)], "; ")}, unsure
}
