package senderauth

import (
	"testing"

	"mfabot/parser"
)

func TestSameOrganisation(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"site.test", "site.test", true},
		{"SITE.Test.", "mail.site.test", true},
		{"mail.site.test", "news.site.test", true},
		{"my--site.test", "my--site.test", true},
		{"bücher.example", "xn--bcher-kva.example", true},
		{"BÜCHER.example", "mail.xn--bcher-kva.example", true},
		{"site.co.uk", "mail.site.co.uk", true},
		{"one.nhs.uk", "mail.one.nhs.uk", true},
		{"one.nhs.uk", "other.nhs.uk", false},
		{"evil.co.uk", "site.co.uk", false},
		{"co.uk", "site.co.uk", false},
		{"co.uk", "co.uk", false},
		{"test", "test", false},
		{"test", "site.test", false},
		{"localhost", "localhost", false},
		{"github.io", "github.io", false},
		{"evil.github.io", "victim.github.io", false},
		{"github.io", "victim.github.io", false},
		{"victim.onmicrosoft.com", "VICTIM.onmicrosoft.com", true},
		{"mail.victim.sharepoint.com", "victim.sharepoint.com", true},
		{"evil.onmicrosoft.com", "victim.onmicrosoft.com", false},
		{"onmicrosoft.com", "victim.onmicrosoft.com", false},
		{"onmicrosoft.com", "onmicrosoft.com", false},
		{"mail.onmicrosoft.com", "mail.onmicrosoft.com", false},
		{"evil.mail.onmicrosoft.com", "victim.mail.onmicrosoft.com", false},
		{"site.test", "evilsite.test", false},
		{"site.test.evil.test", "site.test", false},
		{"site.test..", "site.test", false},
		{".site.test", "site.test", false},
		{"site..test", "site..test", false},
		{"sitе.test", "site.test", false}, // a Cyrillic letter
		{"site.test\x00", "site.test", false},
		{"[192.0.2.1]", "[192.0.2.1]", false},
		{"", "", false},
		{".", ".", false},
	} {
		if got := sameOrganisation(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
		if got := sameOrganisation(c.b, c.a); got != c.want {
			t.Errorf("%q and %q: %v", c.b, c.a, got)
		}
	}
}

// FuzzHELO has every name by which a client may introduce itself, and every address by which Exim lets a
// sender write into the same field: the hop by which a message came from outside is never taken for one
// inside.
func FuzzHELO(f *testing.F) {
	for _, s := range []string{
		"mail.site.test", "with lmtp", ") by x with lmtp (", "by x with lmtp;", "x (a) by y with lmtp (",
		`"`, `\`, "from", "", "x)\r\n\tby y.prod.outlook.com with lmtp id (",
	} {
		f.Add(s, "a@site.test")
		f.Add("mail.site.test", s)
	}
	f.Fuzz(func(t *testing.T, name, sender string) {
		for _, received := range []string{
			"from " + name + " (unknown [192.0.2.9])\r\n\tby mx.helpdesk.test (Postfix) with ESMTP id 1; Mon, 2 Nov 2026 10:00:00 +0000",
			"from [192.0.2.9]\r\n\tby mx.helpdesk.test with esmtps (Exim 4.98)\r\n\t(envelope-from <" + sender + ">)\r\n\tid 1; Mon, 2 Nov 2026 10:00:00 +0000",
			"from " + name + " (192.0.2.9) by DB5.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server id 15.20; Mon, 2 Nov 2026 10:00:00 +0000",
		} {
			if handedOver(received) {
				t.Errorf("taken for local: %q", received)
			}
			if h, ok := parseHop(received); ok && h.by != "mx.helpdesk.test" && h.by != "db5.mail.protection.outlook.com" {
				t.Errorf("taken for a hop by %q: %q", h.by, received)
			}
		}
	})
}

// FuzzResults has every address that passes for harmless, written into a server's results as servers do: it
// makes no result of the attacker's own pass for another domain.
func FuzzResults(f *testing.F) {
	for _, s := range []string{"a", "bounce+1=x", "x=spf=pass", `"x y"`, "spf=pass", "a=b.c=d", "smtp.mailfrom=site.test", "x@site.test"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, local string) {
		address := local + "@evil.test"
		m := &parser.Message{From: "a@site.test", Header: []parser.Field{{Name: "Return-Path", Value: "<" + address + ">"}}}
		for _, field := range []string{
			"mx.helpdesk.test; spf=pass (domain of " + address + " designates 192.0.2.9) smtp.mailfrom=" + address,
			"mx.helpdesk.test; spf=pass (helo=x; envelope-from=" + address + "; receiver=y) smtp.mailfrom=\"" + address + "\"; dmarc=none header.from=site.test",
			"mx.helpdesk.test; dkim=pass header.i=" + address + " header.s=s header.b=AAAA; spf=none smtp.mailfrom=" + address,
		} {
			header := append([]parser.Field{{Name: "Authentication-Results", Value: field}}, m.Header...)
			if oddity(header) != "" {
				continue
			}
			of := &parser.Message{From: m.From, Header: header}
			if found := serverResults(of, author{domain: "site.test"}, "mx.helpdesk.test"); found.proves {
				t.Errorf("proven by %q: %s", field, found.why)
			}
		}
	})
}
