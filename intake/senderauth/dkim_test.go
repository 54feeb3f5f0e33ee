package senderauth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"mfabot/intake"
	"mfabot/intake/senderauth"
)

// zone answers from a map, as a name server would; a function in it answers itself.
type zone map[string]any

func (z zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	switch a := z[name].(type) {
	case string:
		return []string{a}, nil
	case []string:
		return a, nil
	case error:
		return nil, a
	case func(context.Context) ([]string, error):
		return a(ctx)
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

var (
	errTimeout  = &net.DNSError{Err: "i/o timeout", Name: "mail._domainkey.site.test", IsTimeout: true}
	errServfail = &net.DNSError{Err: "server misbehaving", Name: "mail._domainkey.site.test", IsTemporary: true}
)

func record(t *testing.T, public crypto.PublicKey) string {
	t.Helper()
	if p, ok := public.(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(p)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// weak is the record of an RSA key of so many bits.
func weak(t *testing.T, bits int) string {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return record(t, &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537})
}

// signer signs messages with one key.
type signer struct {
	t   *testing.T
	key crypto.Signer
}

func (s signer) sign(raw []byte, change ...func(*dkim.SignOptions)) []byte {
	s.t.Helper()
	o := &dkim.SignOptions{Domain: "site.test", Selector: "mail", Signer: s.key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}
	for _, c := range change {
		c(o)
	}
	var out bytes.Buffer
	if err := dkim.Sign(&out, bytes.NewReader(raw), o); err != nil {
		s.t.Fatal(err)
	}
	return out.Bytes()
}

func covering(keys ...string) func(*dkim.SignOptions) {
	return func(o *dkim.SignOptions) { o.HeaderKeys = keys }
}

func in(domain, selector string) func(*dkim.SignOptions) {
	return func(o *dkim.SignOptions) { o.Domain, o.Selector = domain, selector }
}

func replace(raw []byte, old, with string) []byte {
	return bytes.Replace(raw, []byte(old), []byte(with), 1)
}

// junk are signatures that look like those of a domain.
func junk(n int, domain string) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=s%d; h=From; bh=AAAA; b=AAAA\r\n", domain, i)
	}
	return b.Bytes()
}

func TestDKIM(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, ed := signer{t, rsaKey}, signer{t, edKey}
	good := record(t, rsaKey.Public())
	published := zone{
		"mail._domainkey.site.test": good, "ed._domainkey.site.test": record(t, edKey.Public()),
		"mail._domainkey.evil.test":      good,
		"mail._domainkey.mail.site.test": good, "mail._domainkey.test": good, "mail._domainkey.victim.github.io": good, "mail._domainkey.github.io": good,
	}
	with := func(answer any) zone {
		z := maps.Clone(published)
		z["mail._domainkey.site.test"] = answer
		return z
	}
	plain := message(rest)
	signed := r.sign(plain)
	simple := func(o *dkim.SignOptions) {
		o.HeaderCanonicalization, o.BodyCanonicalization = dkim.CanonicalizationSimple, dkim.CanonicalizationSimple
	}
	identity := func(i string) func(*dkim.SignOptions) { return func(o *dkim.SignOptions) { o.Identifier = i } }
	expired := func(o *dkim.SignOptions) { o.Expiration = time.Unix(1600000000, 0) }
	fromIn := func(domain string) []byte { return message(append([]string{"From: a@" + domain}, rest...)) }

	for _, c := range []struct {
		name      string
		raw       []byte
		dns       zone // published where nil
		want      bool
		uncovered string
		says      string
		err       string // of a lookup that failed for now
	}{
		{name: "relaxed", raw: signed, want: true, says: "the DKIM signature of site.test (selector mail) is valid"},
		{name: "simple", raw: r.sign(plain, simple), want: true},
		{name: "Ed25519", raw: ed.sign(plain, in("site.test", "ed")), want: true},
		{name: "of a subdomain", raw: r.sign(plain, in("mail.site.test", "mail")), says: "one is of mail.site.test"},
		{name: "for an identity in a subdomain", raw: r.sign(plain, identity("x@news.site.test")), want: true},
		{name: "names in capitals", raw: r.sign(fromIn("SITE.Test"), in("Site.TEST", "Mail")), want: true},
		{name: "header folded otherwise on the way", raw: replace(signed, "Subject: Re: [", "SUBJECT:\r\n\tRe:   ["), want: true},
		{name: "a key's record in several lines of text", raw: signed, dns: with(strings.Replace(good, "; p=", "; n=our key; h=sha256; s=email; t=s; p= ", 1)), want: true},
		{name: "few fields", raw: r.sign(plain, covering("From", "Subject")), want: true, uncovered: "in-reply-to references to date message-id content-type"},
		{name: "a field added that was left out", raw: append([]byte("Cc: x@evil.test\r\n"), signed...), want: true, uncovered: "cc"},
		{name: "a field added that was ruled out", raw: append([]byte("Cc: x@evil.test\r\n"), r.sign(plain, covering("From", "Cc"))...), says: "altered after it was signed"},
		{name: "the better of two", raw: r.sign(r.sign(plain), covering("From")), want: true},
		{name: "not the sum of two", raw: r.sign(r.sign(plain, covering("From", "Subject", "To", "Date")), covering("From", "In-Reply-To")), want: true, uncovered: "in-reply-to references message-id content-type"},

		{name: "none", raw: plain, says: "no DKIM signature of site.test"},
		{name: "of another domain", raw: r.sign(plain, in("evil.test", "mail")), says: "no DKIM signature of site.test"},
		{name: "of the public suffix", raw: r.sign(plain, in("test", "mail")), says: "no DKIM signature"},
		{name: "of a private suffix", raw: r.sign(fromIn("victim.github.io"), in("github.io", "mail")), says: "no DKIM signature"},
		{name: "of a neighbour under a private suffix", raw: r.sign(fromIn("other.github.io"), in("victim.github.io", "mail")), says: "no DKIM signature"},
		{name: "body altered", raw: append(bytes.Clone(signed), "\r\nmore\r\n"...), says: "body was altered"},
		{name: "only the header fetched", raw: bytes.SplitAfter(signed, []byte("\r\n\r\n"))[0], says: "only the header of the message"},
		{name: "From altered", raw: replace(signed, "From: A <a@", "From: A <b@"), says: "altered after it was signed"},
		{name: "subject altered", raw: replace(signed, "00042", "00043"), says: "altered after it was signed"},
		{name: "From not covered", raw: replace(r.sign(plain, covering("From", "To")), "From:To", "To:To"), says: "does not cover From"},
		{name: "From twice", raw: append([]byte("From: a@site.test\r\n"), signed...), says: "exactly one author"},
		{name: "a part of the body", raw: replace(signed, "c=relaxed/relaxed;", "c=relaxed/relaxed; l=5;"), says: "part of the body only (l=)"},
		{name: "SHA-1", raw: replace(signed, "rsa-sha256", "rsa-sha1"), says: "SHA-1"},
		{name: "expired", raw: r.sign(plain, expired), says: "expired"},
		{name: "an identity elsewhere", raw: replace(r.sign(plain, identity("x@news.site.test")), "x@news.site.test", "x@news.evil.test"), says: "no DKIM signature of site.test"},
		{name: "a tag twice", raw: replace(signed, "v=1;", "v=1; v=1;"), says: "could be read"},
		{name: "another version", raw: replace(signed, "v=1;", "v=2;"), says: "could be read"},
		{name: "RSA of 512 bits", raw: signed, dns: with(weak(t, 512)), says: "under 1024 bits"},
		{name: "RSA of 768 bits", raw: signed, dns: with(weak(t, 768)), says: "under 1024 bits"},
		{name: "RSA of 1020 bits", raw: signed, dns: with(weak(t, 1020)), says: "under 1024 bits"},
		{name: "another key", raw: signed, dns: with(published["ed._domainkey.site.test"]), says: "allows no such signature"},
		{name: "a key for another hash", raw: signed, dns: with(good + "; h=sha1"), says: "allows no such signature"},
		{name: "a key for another service", raw: signed, dns: with(good + "; s=other"), says: "allows no such signature"},
		{name: "a key revoked", raw: signed, dns: with("v=DKIM1; k=rsa; p="), says: "revoked"},
		{name: "a key only tested", raw: signed, dns: with(good + "; t=s:y"), says: "only tests"},
		{name: "a key not for subdomains", raw: r.sign(plain, identity("x@news.site.test")), dns: with(good + "; t=s"), says: "not hold for subdomains"},
		{name: "a key with a tag twice", raw: signed, dns: with(good + "; p=AAAA"), says: "stands twice"},
		{name: "a key that is none", raw: signed, dns: with("v=DKIM1; k=rsa; p=AAAA"), says: "holds no key"},
		{name: "a record that is none", raw: signed, dns: with("hello"), says: "cannot be relied on"},
		{name: "a record without end", raw: signed, dns: with(good + "; n=" + strings.Repeat("x", 10_000)), says: "too long"},
		{name: "two records", raw: signed, dns: with([]string{good, good}), says: "2 records"},
		{name: "no record", raw: signed, dns: zone{}, says: "no such key is published"},

		{name: "one broken, one good", raw: replace(r.sign(ed.sign(plain, in("site.test", "ed"))), "s=mail;", "s=mail; y=;"), want: true},
		{name: "100 of other domains above", raw: append(junk(100, "evil.test"), signed...), want: true},
		{name: "100 of the same above", raw: append(junk(100, "site.test"), signed...), want: true},
		{name: "one that covers another", raw: r.sign(r.sign(plain, in("evil.test", "x"))), want: true},
		{name: "100 that cover a part above", raw: append(bytes.ReplaceAll(junk(100, "site.test"), []byte("h=From;"), []byte("h=From; l=1;")), signed...), want: true},

		{name: "timeout", raw: signed, dns: with(errTimeout), says: "i/o timeout", err: "mail._domainkey.site.test"},
		{name: "SERVFAIL", raw: signed, dns: with(errServfail), says: "server misbehaving", err: "mail._domainkey.site.test"},
		{name: "any other failure", raw: signed, dns: with(errors.New("the network is down")), err: "the network is down"},
		{name: "SERVFAIL, but another one proves it", raw: r.sign(ed.sign(plain, in("site.test", "ed"))), dns: with(errServfail), want: true},
		{name: "SERVFAIL for another domain's", raw: r.sign(plain, in("evil.test", "mail")), dns: zone{"mail._domainkey.evil.test": errServfail}, says: "no DKIM signature"},

		{name: "bare line feeds", raw: bytes.ReplaceAll(signed, []byte("\r\n"), []byte("\n")), says: "CR LF"},
		{name: "a carriage return in the header", raw: replace(signed, "[LT-", "\r[LT-"), says: "CR LF"},
		{name: "a blank before a colon", raw: replace(signed, "\r\nSubject:", "\r\nSubject :"), says: "no field"},
		{name: "a line of a mailbox file", raw: append([]byte("From a@site.test Mon Nov  2 10:00:00 2026\r\n"), signed...), says: "no field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.dns == nil {
				c.dns = published
			}
			v, err := senderauth.New(senderauth.Trust{DKIM: true}, c.dns).Judge(context.Background(), parsed(t, c.raw), c.raw)
			if (v.Proof == intake.ProofSignature) != v.Authentic {
				t.Errorf("authentic %v by %q", v.Authentic, v.Proof)
			}
			if v.Authentic != c.want || strings.Join(v.Uncovered, " ") != c.uncovered {
				t.Errorf("authentic %v, want %v; uncovered %q, want %q", v.Authentic, c.want, v.Uncovered, c.uncovered)
			}
			if (err != nil) != (c.err != "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if len(v.Checks) != 1 || !strings.Contains(v.Checks[0].Result, c.says) || v.Checks[0].Passed != c.want {
				t.Errorf("checks %v, want %q", v.Checks, c.says)
			}
		})
	}
}

// TestDKIMBesideResults is about which of several proofs decides, and what is looked up for it.
func TestDKIMBesideResults(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := signer{t, key}.sign(message(rest))
	good := zone{"mail._domainkey.site.test": record(t, key.Public())}
	down := zone{"mail._domainkey.site.test": errServfail}
	partly := "Authentication-Results: mx.helpdesk.test; dkim=pass header.d=site.test"
	for _, c := range []struct {
		name      string
		above     []string
		dns       zone
		want      bool
		uncovered string
		looked    int64
		err       bool
	}{
		{name: "results prove all", above: []string{passed, fromOutside}, dns: down, want: true},
		{name: "results say nothing", above: []string{fromOutside}, dns: good, want: true, looked: 1},
		{name: "results disown", above: []string{failed, fromOutside}, dns: good},
		{name: "results disown while the name server is down", above: []string{failed, fromOutside}, dns: down},
		{name: "results cannot be read", above: []string{"Authentication-Results: mx.helpdesk.test; spf", fromOutside}, dns: good},
		{name: "results say nothing while the name server is down", above: []string{fromOutside}, dns: down, looked: 1, err: true},
		{name: "results prove some", above: []string{partly, fromOutside, signed}, dns: good, want: true, looked: 1},
		{name: "results prove some while the name server is down", above: []string{partly, fromOutside, signed}, dns: down, want: true,
			uncovered: "message-id in-reply-to references content-type", looked: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := append([]byte(strings.Join(c.above, "\r\n")+"\r\n"), own...)
			var looked atomic.Int64
			v, err := senderauth.New(senderauth.Trust{AuthservID: "mx.helpdesk.test", DKIM: true}, counted{c.dns, &looked}).
				Judge(context.Background(), parsed(t, raw), raw)
			missing := strings.Fields(c.uncovered)
			if v.Authentic != c.want || (err != nil) != c.err || len(v.Uncovered) != len(missing) || looked.Load() != c.looked {
				t.Errorf("authentic %v, uncovered %q, error %v, %d lookups; checks %v",
					v.Authentic, v.Uncovered, err, looked.Load(), v.Checks)
			}
		})
	}
}

type counted struct {
	zone
	n *atomic.Int64
}

func (c counted) LookupTXT(ctx context.Context, name string) ([]string, error) {
	if c.n.Add(1); !strings.HasSuffix(name, "._domainkey.site.test") {
		return nil, errors.New("a name that is no business of ours: " + name)
	}
	return c.zone.LookupTXT(ctx, name)
}

// TestLookupsAreBounded has a sender with many signatures whose name server never answers.
func TestLookupsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := append(junk(100, "site.test"), message(rest)...)
		var looked atomic.Int64
		silent := func(ctx context.Context) ([]string, error) { <-ctx.Done(); return nil, ctx.Err() }
		dns := zone{}
		for i := range 100 {
			dns[fmt.Sprintf("s%d._domainkey.site.test", i)] = silent
		}
		begun := time.Now()
		v, err := senderauth.New(senderauth.Trust{DKIM: true}, counted{dns, &looked}).Judge(context.Background(), parsed(t, raw), raw)
		if took := time.Since(begun); took > 10*time.Second || looked.Load() > 5 {
			t.Errorf("%v, %d lookups", took, looked.Load())
		}
		if err == nil || v.Authentic || !strings.Contains(err.Error(), "_domainkey.site.test") {
			t.Errorf("authentic %v, error %v", v.Authentic, err)
		}
	})
}

// TestLookupsEndWithoutTheResolver has a resolver that heeds no deadline.
func TestLookupsEndWithoutTheResolver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := append(junk(1, "site.test"), message(rest)...)
		release := make(chan struct{})
		dns := zone{"s0._domainkey.site.test": func(context.Context) ([]string, error) { <-release; return nil, errTimeout }}
		begun := time.Now()
		_, err := senderauth.New(senderauth.Trust{DKIM: true}, dns).Judge(context.Background(), parsed(t, raw), raw)
		if err == nil || time.Since(begun) > 10*time.Second {
			t.Errorf("error %v after %v", err, time.Since(begun))
		}
		close(release)
	})
}
