package senderauth_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"mfabot/intake/senderauth"
)

// TestAligned has a message proven by DKIM and by SPF of another domain than that of From.
func TestAligned(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const strictDKIM, strictSPF = "v=DMARC1; p=none; adkim=s", "v=DMARC1; p=none; aspf=s"
	for _, c := range []struct {
		name       string
		from, by   string
		aligned    []string
		dns        zone
		dkim, spf  bool
		unsureByIt string // words of the error
	}{
		{name: "itself", from: "a@nhs.net", by: "nhs.net", dkim: true, spf: true},
		{name: "itself, in capitals", from: "a@NHS.net", by: "nhs.net", dkim: true, spf: true},
		{name: "itself, strictly", from: "a@nhs.net", by: "nhs.net", dns: zone{"_dmarc.nhs.net": strictDKIM}, dkim: true, spf: true},
		{name: "a sister", from: "r@lothian.scot.nhs.uk", by: "ggc.scot.nhs.uk"},
		{name: "a sister in Wales", from: "r@cardiff.wales.nhs.uk", by: "evil.wales.nhs.uk"},
		{name: "a sister in Northern Ireland", from: "a@belfasttrust.hscni.net", by: "other.hscni.net"},
		{name: "a sister practice", from: "a@one.gppractice.co.uk", by: "two.gppractice.co.uk"},
		{name: "a child", from: "a@nhs.scot", by: "board.nhs.scot"},
		{name: "a grandchild", from: "a@nhs.net", by: "evil.sub.nhs.net"},
		{name: "a parent", from: "a@board.nhs.scot", by: "nhs.scot"},
		{name: "another below a public suffix", from: "a@site1.nhs.uk", by: "site2.nhs.uk"},
		{name: "another tenant", from: "a@corp.onmicrosoft.com", by: "evil.onmicrosoft.com"},

		{name: "a named parent", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dkim: true, spf: true},
		{name: "a named parent, in another form", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"NHS.Scot."}, dkim: true, spf: true},
		{name: "a named sister", from: "a@board.nhs.scot", by: "mail.nhs.scot", aligned: []string{"x.test", "mail.nhs.scot"}, dkim: true, spf: true},
		{name: "a sister of a named parent", from: "a@board.nhs.scot", by: "other.nhs.scot", aligned: []string{"nhs.scot"}},
		{name: "below a named sister", from: "a@board.nhs.scot", by: "evil.mail.nhs.scot", aligned: []string{"mail.nhs.scot"}},
		{name: "a named domain of another organisation", from: "a@site.test", by: "mail.test", aligned: []string{"mail.test"}},
		{name: "a named tenant of others", from: "a@corp.onmicrosoft.com", by: "evil.onmicrosoft.com", aligned: []string{"evil.onmicrosoft.com", "onmicrosoft.com"}},
		{name: "a named tenant of others, by its routing name", from: "a@corp.mail.onmicrosoft.com", by: "evil.mail.onmicrosoft.com", aligned: []string{"evil.mail.onmicrosoft.com", "mail.onmicrosoft.com"}},
		{name: "a shared domain that is named", from: "a@corp.sharepoint.com", by: "sharepoint.com", aligned: []string{"sharepoint.com"}},

		{name: "named, but DKIM is strict", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dns: zone{"_dmarc.board.nhs.scot": strictDKIM}, spf: true},
		{name: "named, but SPF is strict", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dns: zone{"_dmarc.board.nhs.scot": strictSPF}, dkim: true},
		{name: "named, but the organisation is strict", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dns: zone{"_dmarc.nhs.scot": "v=DMARC1; p=reject; adkim=S; aspf=s"}},
		{name: "named, and its own policy comes before the organisation's", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dns: zone{"_dmarc.board.nhs.scot": "v=DMARC1; p=none", "_dmarc.nhs.scot": strictDKIM}, dkim: true, spf: true},
		{name: "named, beside other records", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dns: zone{"_dmarc.board.nhs.scot": []string{"verification=1", strictDKIM}}, spf: true},
		{name: "named, and the policy cannot be read", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dns: zone{"_dmarc.board.nhs.scot": "v=DMARC1; p=none; p=reject"}},
		{name: "named, and the policy is not known for now", from: "a@board.nhs.scot", by: "nhs.scot", aligned: []string{"nhs.scot"}, dns: zone{"_dmarc.board.nhs.scot": errors.New("no network")}, unsureByIt: "no network"},
		{name: "itself, and the policy is not known for now", from: "a@nhs.scot", by: "nhs.scot", aligned: []string{"mail.nhs.scot"}, dns: zone{"_dmarc.nhs.scot": errors.New("no network")}, dkim: true, spf: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := zone{"mail._domainkey." + c.by: record(t, key.Public())}
			for name, answer := range c.dns {
				z[name] = answer
			}
			plain := append([]string{"From: A <" + c.from + ">"}, rest...)
			check := func(by string, trust senderauth.Trust, raw []byte, want bool) {
				trust.Aligned = c.aligned
				v, err := senderauth.New(trust, z).Judge(context.Background(), parsed(t, raw), raw)
				if v.Authentic != want {
					t.Errorf("by %s: authentic %v, want %v: %v", by, v.Authentic, want, v.Checks)
				}
				if (err != nil) != (c.unsureByIt != "") || (err != nil && !strings.Contains(err.Error(), c.unsureByIt)) {
					t.Errorf("by %s: error %v, want %q", by, err, c.unsureByIt)
				}
			}
			check("DKIM", senderauth.Trust{DKIM: true}, signer{t, key}.sign(message(plain), in(c.by, "mail")), c.dkim)
			results := func(of string) []byte {
				return message(slices.Concat([]string{"Authentication-Results: mx.helpdesk.test; " + of, fromOutside}, plain))
			}
			check("a server's DKIM", byServer, results("dkim=pass header.d="+c.by), c.dkim)
			check("SPF", byServer, results("spf=pass smtp.mailfrom=x@"+c.by), c.spf)
		})
	}
}

// TestAlignedByDMARC has servers that say whether the policy of the domain's owner was met.
func TestAlignedByDMARC(t *testing.T) {
	const server = "Authentication-Results: mx.helpdesk.test; "
	bySister := strings.ReplaceAll(signedByExchange, "d=Site.test", "d=news.site.test")
	for _, e := range []entry{
		{name: "a sister's SPF, which the policy allows", header: []string{server + "spf=pass smtp.mailfrom=x@news.site.test; dmarc=pass header.from=site.test", fromOutside}, want: true},
		{name: "a sister's DKIM, which the policy allows", header: append([]string{server + "dkim=pass header.d=news.site.test; dmarc=pass header.from=site.test", fromOutside, bySister}, rest...), want: true, uncovered: "in-reply-to references to"},
		{name: "by the organisation's policy", header: []string{server + "spf=pass smtp.mailfrom=x@site.test; dmarc=pass header.from=site.test", fromOutside, "From: a@news.site.test"}, want: true},
		{name: "a policy of a sister's", header: []string{server + "spf=pass smtp.mailfrom=x@news.site.test; dmarc=pass header.from=news.site.test", fromOutside}, says: "another domain"},
		{name: "a sister's SPF may not be what DMARC passed by", header: append([]string{server + "spf=pass smtp.mailfrom=x@evil.site.test; dkim=pass header.d=site.test; dmarc=pass header.from=site.test", fromOutside, signedByExchange}, rest...), want: true, uncovered: "in-reply-to references to"},
		{name: "no policy", header: []string{server + "spf=pass smtp.mailfrom=x@news.site.test; dmarc=none header.from=site.test", fromOutside}, says: "one is of news.site.test"},
		{name: "a guess", header: []string{server + "spf=pass smtp.mailfrom=x@news.site.test; dmarc=bestguesspass header.from=site.test", fromOutside}},
		{name: "a policy that could not be looked up", header: []string{server + "spf=pass smtp.mailfrom=x@news.site.test; dmarc=temperror header.from=site.test", fromOutside}},
		{name: "another tenant, which the server takes for a sister", header: []string{server + "dkim=pass header.d=evil.onmicrosoft.com; dmarc=pass header.from=corp.onmicrosoft.com", fromOutside, "From: a@corp.onmicrosoft.com"}},
		{name: "the policy of all tenants", header: []string{server + "spf=pass smtp.mailfrom=x@evil.onmicrosoft.com; dmarc=pass header.from=onmicrosoft.com", fromOutside, "From: a@corp.onmicrosoft.com"}},
		{name: "an identity within another's signature", header: append([]string{server + "dkim=pass header.i=@site.test", fromOutside,
			strings.ReplaceAll(signedByExchange, "d=Site.test;", "d=test; i=@site.test;")}, rest...), says: "its signature is by test"},
	} {
		e.trust = byServer
		t.Run(e.name, e.run)
	}
}

// TestNoForeignHop has results that nobody received from outside, so that whoever wrote the message may have
// written them.
func TestNoForeignHop(t *testing.T) {
	const forged = "Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=site.test; dkim=none (message not signed)" +
		" header.d=none;dmarc=pass action=none header.from=site.test;compauth=pass reason=100"
	const internal = "X-MS-Exchange-Organization-AuthAs: Internal"
	const submitted = "Received: from evil ([192.0.2.9]) by AM0PR01MB2.eurprd01.prod.outlook.com\r\n" +
		" (2603:10a6:10:36::42) with Microsoft SMTP Server id 15.20; Mon, 2 Nov 2026 10:00:00 +0000"
	for _, e := range []entry{
		{name: "no Received at all", trust: byServer, header: []string{passed}, says: "no hop from outside"},
		{name: "handed over by LMTP only", trust: byServer, header: []string{byLMTP, passed}, says: "no hop from outside"},
		{name: "Exchange, no Received at all", trust: byExchange, header: []string{forged}, says: "no hop from outside"},
		{name: "Exchange, from another server", trust: byExchange, says: "not received by Exchange Online",
			header: []string{exchangeHTTPS, forged, "Received: from evil by mail.evil.test with SMTP; Mon, 2 Nov 2026 10:00:00 +0000"}},
		{name: "Exchange, above a hop that cannot be read", trust: byExchange, says: "not received by Exchange Online",
			header: []string{exchangeHTTPS, forged, "Received: from (((; Mon, 2 Nov 2026 10:00:00 +0000"}},
		{name: "Exchange, from inside the tenant, with a forged edge", trust: byExchange, says: "only the tenant's own domains",
			header: []string{exchangeHTTPS, submitted, strings.ReplaceAll(forged, "site.test", "other.test"), exchangeEdge, internal,
				"From: a@other.test"}},
		{name: "Exchange, another domain than the tenant's", trust: byExchange, header: []string{exchangeHTTPS, internal, "From: a@other.test"},
			says: "other.test is not among them"},
		{name: "Exchange, below the tenant's domain", trust: byExchange, header: []string{exchangeHTTPS, internal, "From: a@news.site.test"},
			says: "only the tenant's own domains"},
		{name: "Exchange, the tenant's domain", trust: byExchange, header: []string{exchangeHTTPS, internal, "From: a@SITE.test"}, want: true},
		{name: "Exchange, no domain is the tenant's", trust: senderauth.Trust{ExchangeOnline: true}, header: []string{exchangeHTTPS, internal},
			says: "only the tenant's own domains"},
	} {
		t.Run(e.name, e.run)
	}
}
