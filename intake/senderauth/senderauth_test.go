package senderauth_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/intake/senderauth"
	"mfabot/parser"
)

// entry is one message and how it must be judged.
type entry struct {
	name      string
	trust     senderauth.Trust
	header    []string // from the top; a From field of a@site.test follows where it has none
	want      bool
	uncovered string // joined by blanks
	says      string // words of a check
}

const (
	fromOutside = "Received: from mail.site.test (mail.site.test [192.0.2.7])\r\n" +
		"\tby mx.helpdesk.test (Postfix) with ESMTP id 1; Mon, 2 Nov 2026 10:00:00 +0000"
	byLMTP = "Received: from mx.helpdesk.test by mx.helpdesk.test with LMTP id 2\r\n" +
		"\t(envelope-from <a@site.test>) for <b@helpdesk.test>; Mon, 2 Nov 2026 10:00:01 +0000"
	passed = "Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test; spf=pass smtp.mailfrom=a@site.test"
	failed = "Authentication-Results: mx.helpdesk.test; dmarc=fail header.from=site.test; spf=fail smtp.mailfrom=a@site.test"
)

var (
	byServer   = senderauth.Trust{AuthservID: "mx.helpdesk.test"}
	byGoogle   = senderauth.Trust{AuthservID: "mx.google.com"}
	byExchange = senderauth.Trust{ExchangeOnline: true, TenantDomains: []string{"site.test"}}
	believed   = senderauth.Trust{AllowUnauthenticated: true}
)

// message is what the lines of a header make, with a body.
func message(header []string) []byte {
	if !strings.Contains("\n"+strings.ToLower(strings.Join(header, "\n")), "\nfrom:") {
		header = append(header[:len(header):len(header)], "From: A <a@site.test>")
	}
	return []byte(strings.Join(header, "\r\n") + "\r\n\r\nGood morning\r\n")
}

func parsed(t *testing.T, raw []byte) *parser.Message {
	t.Helper()
	m, err := parser.New(parser.Vocabulary{}).Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// proof is what proves an author by what is trusted, where that is one thing.
func (e entry) proof() intake.Proof {
	switch t := e.trust; {
	case t.AllowUnauthenticated:
		return intake.ProofNone
	case t.AuthservID != "":
		return intake.ProofServer
	case t.ExchangeOnline:
		return intake.ProofExchange
	}
	return intake.ProofSignature
}

func (e entry) run(t *testing.T) {
	raw := message(e.header)
	v, err := senderauth.New(e.trust, nil).Judge(context.Background(), parsed(t, raw), raw)
	if err != nil || v.Authentic != e.want || strings.Join(v.Uncovered, " ") != e.uncovered {
		t.Errorf("authentic %v, want %v; uncovered %q, want %q; error %v; checks %v",
			v.Authentic, e.want, v.Uncovered, e.uncovered, err, v.Checks)
	}
	if want := e.proof(); v.Authentic && want != v.Proof || !v.Authentic && v.Proof != "" {
		t.Errorf("authentic %v by %q, want %q", v.Authentic, v.Proof, want)
	}
	var said strings.Builder
	for _, c := range v.Checks {
		said.WriteString(c.Name + ": " + c.Result + "\n")
	}
	if said.Len() == 0 || !strings.Contains(said.String(), e.says) {
		t.Errorf("the checks do not say %q:\n%s", e.says, said.String())
	}
}

func TestForgeries(t *testing.T) {
	for _, e := range []entry{
		{name: "nothing trusted", header: []string{passed, fromOutside}, says: "nothing is trusted"},
		{name: "a second From below more fields than are read", trust: byServer,
			header: slices.Concat([]string{passed, fromOutside, "From: A <a@site.test>"},
				slices.Repeat([]string{"X: 1"}, 1000), []string{"From: <k@evil.test>"}), says: "longer than is read"},
		{name: "an unknown word beside a result", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass d=1 smtp.mailfrom=site.test x-bits=2048", fromOutside}, want: true},
		{name: "no field at all", trust: byServer, header: []string{fromOutside}, says: "no Authentication-Results of mx.helpdesk.test"},
		{name: "below the hop from outside", trust: byServer, header: []string{fromOutside, passed}, says: "further down is not believed"},
		{name: "below, after local delivery", trust: byServer, header: []string{byLMTP, fromOutside, passed}},
		{name: "below, with a hop of one's own above it", trust: byServer, header: []string{fromOutside, byLMTP, passed}},
		{name: "only the topmost", trust: byServer, header: []string{failed, passed, fromOutside}, says: "contradicts itself"},
		{name: "only the topmost, of DMARC", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=none header.from=site.test", passed, fromOutside}, says: "several results of DMARC"},
		{name: "a failure below a pass", trust: byServer, header: []string{passed, failed, fromOutside}, says: "contradicts itself"},
		{name: "of another server", trust: byServer, header: []string{strings.ReplaceAll(passed, "mx.helpdesk.test", "mx.evil.test"), fromOutside}},
		{name: "of a server whose name begins alike", trust: byServer, header: []string{strings.ReplaceAll(passed, "mx.helpdesk.test", "mx.helpdesk.test.evil.test"), fromOutside}},
		{name: "of a server whose name ends alike", trust: byServer, header: []string{strings.ReplaceAll(passed, "mx.helpdesk.test", "evil-mx.helpdesk.test"), fromOutside}},
		{name: "of another server, named in a comment", trust: byServer, header: []string{strings.ReplaceAll(passed, "mx.helpdesk.test;", "mx.evil.test (mx.helpdesk.test);"), fromOutside}},
		{name: "of another version", trust: byServer, header: []string{strings.ReplaceAll(passed, "mx.helpdesk.test;", "mx.helpdesk.test 2;"), fromOutside}, says: "version other than 1"},
		{name: "without a server's name", trust: byServer, header: []string{strings.ReplaceAll(passed, "mx.helpdesk.test; ", ""), fromOutside}},
		{name: "a field of another name", trust: byServer, header: []string{"X-" + passed, fromOutside}},
		{name: "ARC's field", trust: byServer, header: []string{"ARC-Authentication-Results: i=1; " + strings.TrimPrefix(passed, "Authentication-Results: "), fromOutside}},

		{name: "the attacker's own domain", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=evil.test; spf=pass smtp.mailfrom=evil.test", fromOutside}, says: "another domain"},
		{name: "the attacker's own SPF, no policy", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=none header.from=site.test; spf=pass smtp.mailfrom=evil.test", fromOutside}, says: "neither DKIM nor SPF passed for site.test"},
		{name: "a policy of another domain beside an aligned SPF", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=none header.from=evil.test; spf=pass smtp.mailfrom=site.test", fromOutside}},
		{name: "a pass that nothing bears out", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass (p=none dis=none) header.from=site.test", fromOutside,
			"Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=198.51.100.66; helo=x; envelope-from=a@site.test; receiver=mx.helpdesk.test"}, says: "may have misled the server"},
		{name: "a pass that says not by what", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test", fromOutside}, want: true},
		{name: "a pass that says not by what, beside results of its own id further down", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test", fromOutside, "Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test"}, says: "may have misled the server"},
		{name: "a pass beside a result of SPF that is none", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test; spf=fail smtp.mailfrom=site.test", fromOutside}, says: "neither DKIM nor SPF passed"},
		{name: "a pass that OpenDMARC took from the sender's own field", trust: byServer, header: []string{
			"Authentication-Results: mx.helpdesk.test;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=evil.test header.i=@evil.test header.a=rsa-sha256 header.s=mail header.b=mbtnWEqS;\r\n\tdkim-atps=neutral",
			"Authentication-Results: mx.helpdesk.test; dmarc=pass (p=none dis=none) header.from=site.test", "Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=evil.test", fromOutside}},
		{name: "dmarc=fail although SPF is aligned", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=fail header.from=site.test; spf=pass smtp.mailfrom=x@news.site.test", fromOutside}, says: "policy of the domain's owner"},
		{name: "a result of DMARC that is none", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=reject header.from=site.test; spf=pass smtp.mailfrom=site.test", fromOutside}},
		{name: "two results of DMARC", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test; dmarc=pass header.from=site.test; spf=pass smtp.mailfrom=site.test", fromOutside}},
		{name: "SPF of the name in HELO", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.helo=site.test", fromOutside}},
		{name: "softfail", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=softfail smtp.mailfrom=site.test", fromOutside}},
		{name: "a result that begins like a pass", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=passed smtp.mailfrom=site.test", fromOutside}},
		{name: "compauth alone", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; compauth=pass reason=703", fromOutside}},

		{name: "in a comment", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=fail (; spf=pass smtp.mailfrom=site.test) smtp.mailfrom=x@evil.test", fromOutside}},
		{name: "in a comment that the sender's address ends", trust: byServer, header: []string{
			`Authentication-Results: mx.helpdesk.test; spf=pass (client-ip=192.0.2.7; envelope-from="a) ; spf=pass smtp.mailfrom=site.test; x=y ("@evil.test) smtp.mailfrom=evil.test`, fromOutside}, says: "leaves a quote open"},
		{name: "in a comment that a backslash ends", trust: byServer, header: []string{
			`Authentication-Results: mx.helpdesk.test; spf=pass (envelope-from="a\") ; spf=pass smtp.mailfrom=site.test; x=y (\""@evil.test) smtp.mailfrom=evil.test`, fromOutside}, says: "backslash"},
		{name: "a comment that does not end", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test (", fromOutside}, says: "does not end"},
		{name: "a bracket out of place", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test )", fromOutside}, says: "out of place"},
		{name: "in a quoted string", trust: byServer, header: []string{`Authentication-Results: mx.helpdesk.test; spf=fail reason="; spf=pass smtp.mailfrom=site.test" smtp.mailfrom=x@evil.test`, fromOutside}},
		{name: "a quoted string that does not end", trust: byServer, header: []string{`Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test reason="x`, fromOutside}},
		{name: "a quoted word is no result", trust: byServer, header: []string{`Authentication-Results: mx.helpdesk.test; "spf=pass" smtp.mailfrom=site.test`, fromOutside}},
		{name: "an unreadable field is not passed over", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=a\u00a0b@evil.test", passed, fromOutside}, says: "not printable ASCII"},
		{name: "a blank that is none", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=a\u00a0smtp.mailfrom=site.test\u00a0b=@evil.test", fromOutside}},
		{name: "a property twice", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=evil.test smtp.mailfrom=site.test", fromOutside}, says: "stands twice"},
		{name: "a word that is no property", trust: byServer, header: []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test and more", fromOutside}},
		{name: "an identity that poses as a property", trust: byServer, header: []string{
			"Authentication-Results: mx.helpdesk.test; dkim=pass (2048-bit key) header.d=evil.test header.i=x header.d=site.test y@evil.test header.a=rsa-sha256", fromOutside}},
		{name: "an identity that poses as well-formed results", trust: byServer, header: []string{
			"Authentication-Results: mx.helpdesk.test; dkim=pass header.d=evil.test header.i=x; spf=pass smtp.mailfrom=site.test; dkim=pass header.i=@evil.test", fromOutside,
			"DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=s; i=x=3B=20spf=3Dpass=20smtp.mailfrom=3Dsite.test=3B=20dkim=3Dpass=20header.i=3D@evil.test; h=From; b=x"}, says: "pose as a result"},
		{name: "a return path that poses as results", trust: byServer, header: []string{`Return-Path: <"x; spf=pass smtp.mailfrom=site.test"@evil.test>`, passed, fromOutside}, says: "pose as a result"},

		{name: "a hop that says it is local", trust: byServer, header: []string{"Received: from x\u00a0with\u00a0lmtp (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3", passed}},
		{name: "a name that says it is local", trust: byServer, header: []string{"Received: from with lmtp (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3", passed}},
		{name: "a name that hides who received", trust: byServer, header: []string{"Received: from x) by y with lmtp ( (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3", passed}},
		{name: "a name that hides who received, in brackets", trust: byServer, header: []string{"Received: from x (a) by y with lmtp ((b) (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3)", passed}},
		{name: "an address that says it is local", trust: byServer, header: []string{
			`Received: from [192.0.2.9] (helo=x)` + "\r\n\t" + `by mx.helpdesk.test with esmtps (Exim 4.96) (envelope-from <"a) by z with lmtp (x"@evil.test>) id 1; Mon, 2 Nov 2026 10:00:00 +0000`, passed}},
		{name: "a name that ends the clauses", trust: byServer, header: []string{"Received: from x by y with lmtp; (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3", passed}},
		{name: "submitted by a program of the server's", trust: byServer, header: []string{"Received: by mx.helpdesk.test (Postfix, from userid 33)\r\n\tid 4; Mon, 2 Nov 2026 10:00:00 +0000", passed}},
		{name: "submitted by a program of the server's, sendmail", trust: byServer, header: []string{"Received: (from www@localhost) by mx.helpdesk.test (8.17/8.17/Submit) id 4; Mon, 2 Nov 2026 10:00:00 +0000", passed}},
		{name: "submitted by a client whose address is left out", trust: byServer, header: []string{"Received: by mx.helpdesk.test (Postfix) with ESMTPSA id 4; Mon, 2 Nov 2026 10:00:00 +0000", passed}},

		{name: "two From fields", trust: byServer, header: []string{passed, fromOutside, "From: a@site.test", "From: a@evil.test"}, says: "exactly one author"},
		{name: "two authors", trust: byServer, header: []string{passed, fromOutside, "From: a@site.test, b@site.test"}},
		{name: "a group", trust: byServer, header: []string{passed, fromOutside, "From: us: a@site.test;"}},
		{name: "two Content-Type fields", trust: byServer, header: []string{passed, fromOutside, "Content-Type: multipart/mixed; boundary=x", "Content-Type: text/plain"}, says: "stands 2 times"},
		{name: "believed without an author", trust: believed, header: []string{"From: nobody"}, says: "exactly one author"},
	} {
		t.Run(e.name, e.run)
	}
}

func TestTrustAny(t *testing.T) {
	if (senderauth.Trust{}).Any() {
		t.Error("nothing is something")
	}
	for _, trust := range []senderauth.Trust{byServer, byExchange, believed, {DKIM: true}} {
		if !trust.Any() {
			t.Errorf("%+v is nothing", trust)
		}
	}
}
