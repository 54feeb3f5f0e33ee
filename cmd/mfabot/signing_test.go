package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // what must not be believed is signed here as well
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// rsaKey is an RSA key of any size: crypto/rsa refuses to make weak ones, but attackers have them.
type rsaKey struct{ n, d *big.Int }

var publicExponent = big.NewInt(65537)

func newRSAKey(bits int) rsaKey {
	for {
		p, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			panic(err)
		}
		q, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			panic(err)
		}
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		if d := new(big.Int).ModInverse(publicExponent, phi); d != nil && p.Cmp(q) != 0 {
			return rsaKey{new(big.Int).Mul(p, q), d}
		}
	}
}

// digestInfo are the DER prefixes of RSASSA-PKCS1-v1_5 (RFC 8017, section 9.2).
var digestInfo = map[crypto.Hash]string{
	crypto.SHA1:   "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
	crypto.SHA256: "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
}

func (k rsaKey) sign(hash crypto.Hash, digest []byte) []byte {
	size := (k.n.BitLen() + 7) / 8
	tail := digestInfo[hash] + string(digest)
	block := "\x00\x01" + strings.Repeat("\xff", size-3-len(tail)) + "\x00" + tail
	return new(big.Int).Exp(new(big.Int).SetBytes([]byte(block)), k.d, k.n).FillBytes(make([]byte, size))
}

// record is how the key is published.
func (k rsaKey) record() string {
	der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: k.n, E: int(publicExponent.Int64())})
	if err != nil {
		panic(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// keys are those that domains sign with, each published below _domainkey under its own name.
var keys = sync.OnceValue(func() map[string]rsaKey {
	good := newRSAKey(1024)
	out := map[string]rsaKey{"evil": newRSAKey(1024), "weak512": newRSAKey(512), "weak768": newRSAKey(768)}
	for _, name := range []string{"mail", "revoked", "tests", "unpublished", "broken"} {
		out[name] = good
	}
	return out
})

// published are the records in the DNS, by name.
func published() map[string]string {
	k := keys()
	good := k["mail"].record()
	out := map[string]string{
		"mail._domainkey.evil.sub.helpdesk.test.": good,
		"evil._domainkey.evil.test.":              k["evil"].record(),
		"evil._domainkey.test.":                   k["evil"].record(),
		"weak512._domainkey.helpdesk.test.":       k["weak512"].record(),
		"weak768._domainkey.helpdesk.test.":       k["weak768"].record(),
		"revoked._domainkey.helpdesk.test.":       "v=DKIM1; p=",
		"tests._domainkey.helpdesk.test.":         strings.Replace(good, "k=rsa", "t=y; k=rsa", 1),
	}
	for _, domain := range []string{"helpdesk.test", "trust.example", "pharmacy.test", "dental.test"} {
		out["mail._domainkey."+domain+"."] = good
	}
	return out
}

// keyServer is a name server with the published keys, on loopback.
func keyServer(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	done(t, err)
	records := published()
	served := make(chan struct{})
	go func() {
		defer close(served)
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer, err := answerKey(buf[:n], records); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() { done(t, conn.Close()); <-served })
	return conn.LocalAddr().String()
}

func answerKey(query []byte, records map[string]string) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil, fmt.Errorf("no question: %w", err)
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	if strings.HasPrefix(q.Name.String(), "broken.") {
		m.RCode = dnsmessage.RCodeServerFailure
		return m.Pack()
	}
	record, found := records[strings.ToLower(q.Name.String())]
	if !found {
		m.RCode = dnsmessage.RCodeNameError
		return m.Pack()
	}
	var pieces []string
	for piece := range slices.Chunk([]byte(record), 255) {
		pieces = append(pieces, string(piece))
	}
	m.Answers = []dnsmessage.Resource{{
		Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
		Body:   &dnsmessage.TXTResource{TXT: pieces},
	}}
	return m.Pack()
}

// signing is how a message is signed (RFC 6376), in relaxed form.
type signing struct {
	domain   string // of From where it is empty
	selector string // mail where it is empty
	fields   string // h=, separated by colons
	tags     string // more tags, such as x=1; or l=0;
	sha1     bool
	length   int // of the body that is signed, where tags have l=
}

// The fields that servers sign.
const (
	likeGmail    = "to:subject:message-id:date:from:in-reply-to:references:mime-version"
	likeExchange = "From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck"
	likeOpenDKIM = "From:To:Subject:Date:From"
)

// signed puts a signature above the header.
func (d *draft) signed(c signing) *draft {
	if c.domain == "" {
		c.domain = domainIn(d.get("From"))
	}
	if c.selector == "" {
		c.selector = "mail"
	}
	hash, algorithm := crypto.SHA256, "rsa-sha256"
	if c.sha1 {
		hash, algorithm = crypto.SHA1, "rsa-sha1"
	}
	sum := func(s string) []byte {
		h := hash.New()
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	body := relaxedBody(d.body)
	if strings.Contains(c.tags, "l=") {
		body = body[:c.length]
	}
	field := fmt.Sprintf("DKIM-Signature: v=1; a=%s; c=relaxed/relaxed; d=%s; s=%s; %s\r\n\th=%s;\r\n\tbh=%s;\r\n\tb=",
		algorithm, c.domain, c.selector, c.tags, c.fields, base64.StdEncoding.EncodeToString(sum(body)))
	text := ""
	left := slices.Clone(d.fields)
	for name := range strings.SplitSeq(c.fields, ":") {
		for i, f := range slices.Backward(left) {
			if is(f, name) {
				text += relaxedField(f) + "\r\n"
				left = slices.Delete(left, i, i+1)
				break
			}
		}
	}
	signature := keys()[c.selector].sign(hash, sum(text+relaxedField(field)))
	return d.top(field + base64.StdEncoding.EncodeToString(signature))
}

func relaxedField(f string) string {
	name, value, _ := strings.Cut(f, ":")
	return strings.ToLower(strings.TrimSpace(name)) + ":" + strings.Join(strings.Fields(value), " ")
}

func relaxedBody(body string) string {
	var lines []string
	for line := range strings.SplitSeq(body, "\r\n") {
		begins := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		line = strings.Join(strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' }), " ")
		if begins && line != "" {
			line = " " + line
		}
		lines = append(lines, line)
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}
