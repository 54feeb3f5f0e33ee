package senderauth_test

import "testing"

// signed is a DKIM-Signature of site.test as mail programs make it: it covers few fields.
const signed = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=site.test;\r\n" +
	"\ts=mail; t=1795356308; h=From:To:Subject:Date:From;\r\n" +
	"\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\tb=Sv6sX9S477ImBdzYmS+4y9V93YtJuTt70/GxBLzkWE+URHySOxHwV85sx/ziZe6C\r\n\t k8uE="

// relayed is what a server says of it when SPF says nothing.
const relayed = "Authentication-Results: mx.helpdesk.test;\r\n" +
	"\tdkim=pass (2048-bit key; unprotected) header.d=site.test header.i=@site.test header.a=rsa-sha256 header.s=mail header.b=Sv6sX9S4;\r\n" +
	"\tdkim-atps=neutral"

// rest are fields as they come with most messages.
var rest = []string{
	"To: mfa@helpdesk.test", "Subject: Re: [LT-2026-00042]", "Date: Mon, 2 Nov 2026 09:59:59 +0000",
	"Message-ID: <1@site.test>",
	"In-Reply-To: <code@helpdesk.test>", "References: <code@helpdesk.test>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"}

func lines(first ...string) []string { return append(first, rest...) }

// TestGenuine holds headers as servers add them, where these let a genuine message pass, and where they
// cannot.
func TestGenuine(t *testing.T) {
	for _, e := range []entry{
		{name: "dmarc and spf", trust: byServer, header: lines(passed, fromOutside), want: true, says: "spf=pass for site.test"},
		{name: "after local delivery", trust: byServer, header: lines("Return-Path: <a+b=c@site.test>", "Delivered-To: mfa@helpdesk.test", byLMTP, passed, fromOutside), want: true},
		{name: "after Cyrus", trust: byServer, header: lines("Received: from mx.helpdesk.test (localhost [127.0.0.1])\r\n\t by mx.helpdesk.test (Cyrus 3.6) with LMTPA; Mon, 2 Nov 2026 10:00:01 +0000", passed, fromOutside), want: true},
		{name: "after an alias", trust: byServer, header: lines(byLMTP, "Received: by mx.helpdesk.test (Postfix)\r\n\tid 4CGyBr10; Mon, 2 Nov 2026 10:00:01 +0000", passed, fromOutside), want: true},
		{name: "names in capitals, folded", trust: byServer, header: lines("AUTHENTICATION-RESULTS: MX.Helpdesk.TEST\r\n ;\r\n SPF=Pass\r\n smtp.MailFrom=A@SITE.test", fromOutside), want: true},
		{name: "with version and comment", trust: byServer, header: lines("Authentication-Results: (ours) mx.helpdesk.test 1; spf=pass smtp.mailfrom=site.test", fromOutside), want: true},
		{name: "a subdomain, by DMARC", trust: byServer, header: lines("Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=bounce@mail.site.test; dmarc=pass header.from=site.test", fromOutside), want: true},
		{name: "fields of others between", trust: byServer, header: lines("Authentication-Results: scanner.test; spf=fail smtp.mailfrom=site.test", passed, "X-Spam: no", fromOutside), want: true},

		{name: "OpenDKIM and OpenDMARC, signed", trust: byServer, header: lines("Return-Path: <a@site.test>",
			"Authentication-Results: mx.helpdesk.test; dmarc=pass (p=none dis=none) header.from=site.test",
			"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test", relayed, fromOutside, signed), want: true},
		{name: "OpenDKIM and OpenDMARC, relayed", trust: byServer, header: lines("Return-Path: <x@relay.test>",
			"Authentication-Results: mx.helpdesk.test; dmarc=pass (p=none dis=none) header.from=site.test",
			"Authentication-Results: mx.helpdesk.test; spf=none smtp.mailfrom=relay.test", relayed, fromOutside, signed),
			want: true, uncovered: "in-reply-to references message-id content-type", says: "dkim=pass for site.test"},
		{name: "OpenDKIM and OpenDMARC, no policy", trust: byServer, header: lines("Return-Path: <a@site.test>",
			"Authentication-Results: mx.helpdesk.test; dmarc=none (p=none dis=none) header.from=site.test",
			"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test", "Authentication-Results: mx.helpdesk.test; dkim=none; dkim-atps=neutral", fromOutside), want: true},
		{name: "OpenDKIM and OpenDMARC, forged fields left below", trust: byServer, header: lines("Return-Path: <attacker@evil.test>",
			"Authentication-Results: mx.helpdesk.test; dmarc=fail (p=none dis=none) header.from=site.test",
			"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=evil.test", fromOutside, passed)},
		{name: "OpenDKIM, altered", trust: byServer, header: lines("Authentication-Results: mx.helpdesk.test; dmarc=fail (p=none dis=none) header.from=site.test",
			"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=evil.test",
			`Authentication-Results: mx.helpdesk.test;`+"\r\n\t"+`dkim=fail reason="signature verification failed" (2048-bit key; unprotected) header.d=site.test header.i=@site.test header.a=rsa-sha256 header.s=mail header.b=Sv6sX9S4;`+"\r\n\tdkim-atps=neutral", fromOutside, signed), says: "dkim=fail for site.test (signature verification failed)"},
		{name: "a server of another name", trust: byServer, header: lines("Authentication-Results: mail.helpdesk.test; spf=pass smtp.mailfrom=site.test", fromOutside),
			says: "what stands there is of mail.helpdesk.test. If that is"},
		{name: "a server of another name, below", trust: byServer, header: lines(fromOutside, "Authentication-Results: mail.helpdesk.test; spf=pass smtp.mailfrom=site.test"),
			says: "one further down is not believed"},
		{name: "Postfix' policy server for SPF", trust: byServer, header: lines("Authentication-Results: mx.helpdesk.test; spf=pass (sender SPF authorized)\r\n smtp.mailfrom=site.test (client-ip=192.0.2.7; helo=mail.site.test;\r\n envelope-from=a@site.test; receiver=<UNKNOWN>)", fromOutside), want: true},
		{name: "rspamd, above", trust: byServer, header: lines("Authentication-Results: mx.helpdesk.test;\r\n\tdkim=pass header.d=site.test header.s=mail header.b=Sv6sX9S4;\r\n"+
			"\tspf=pass (mx.helpdesk.test: domain of \"bounce+1=x@site.test\" designates 192.0.2.7 as permitted sender) smtp.mailfrom=\"bounce+1=x@site.test\";\r\n"+
			"\tdmarc=pass (policy=none) header.from=site.test;\r\n\tarc=reject (\"signature check failed: fail, {[1] = sig:relay.test:reject}\")", fromOutside, signed), want: true},
		{name: "rspamd, below", trust: byServer, header: lines(fromOutside, "Authentication-Results: mx.helpdesk.test;\r\n\tspf=pass smtp.mailfrom=site.test;\r\n\tdmarc=pass (policy=none) header.from=site.test"), says: "further down is not believed"},
		{name: "Exim", trust: byServer, header: lines("Authentication-Results: mx.helpdesk.test;\r\n\tiprev=pass (mail.site.test) smtp.remote-ip=192.0.2.7;\r\n\tspf=pass smtp.mailfrom=site.test;\r\n\tdkim=pass header.d=site.test header.s=mail header.a=rsa-sha256;\r\n\tdmarc=pass header.from=site.test;\r\n\tarc=none",
			"Received: from mail.site.test ([192.0.2.7])\r\n\tby mx.helpdesk.test with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.98)\r\n\t(envelope-from <a@site.test>)\r\n\tid 1u8Jep-0000000FOHA-1KmS\r\n\tfor mfa@helpdesk.test; Mon, 2 Nov 2026 10:00:00 +0000"), want: true},
		{name: "a gateway's, above its own hop", trust: byServer, header: lines("Authentication-Results: mx.helpdesk.test;\r\n\tdkim=pass header.s=mail header.d=site.test header.b=\"Sv6sX9S4\";\r\n\tspf=pass smtp.mailfrom=a@site.test;\tdmarc=pass header.from=site.test", fromOutside), want: true},
		{name: "a gateway's, below the store's hop", trust: byServer, header: lines("Received: from mx.helpdesk.test (mx.helpdesk.test [192.0.2.25]) by store.helpdesk.test with ESMTP id 5; Mon, 2 Nov 2026 10:00:02 +0000", passed, fromOutside), says: "above the Received field of the hop from outside"},

		{name: "Google", trust: byGoogle, header: lines("Delivered-To: mfa@helpdesk.test", "Received: by 2002:a05:7108:1c2:b0:345:6789 with SMTP id ab12csp345678wrd;\r\n        Mon, 2 Nov 2026 02:00:01 -0800 (PST)",
			"X-Received: by 2002:a5d:4a8b:0:b0:3a5:1234 with SMTP id o11-20020a5d4a8b;\r\n        Mon, 2 Nov 2026 02:00:00 -0800 (PST)",
			"ARC-Authentication-Results: i=1; mx.google.com;\r\n       dkim=pass header.i=@site.test header.s=mail header.b=\"Sv6sX9S4\"", "Return-Path: <a@site.test>", google, "Received-SPF: pass (google.com: domain of a@site.test designates 192.0.2.7 as permitted sender) client-ip=192.0.2.7;",
			"Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@site.test header.s=mail header.b=\"Sv6sX9S4\";\r\n       spf=pass (google.com: domain of a@site.test designates 192.0.2.7 as permitted sender) smtp.mailfrom=a@site.test;\r\n       dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from=site.test;\r\n       dara=pass header.i=@helpdesk.test", signed), want: true},
		{name: "Google, no SPF", trust: byGoogle, header: lines(google, "Received-SPF: none (google.com: x does not designate permitted sender hosts) client-ip=192.0.2.7;",
			"Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@site.test header.s=mail header.b=\"Sv6sX9S4\";\r\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=site.test", signed), want: true, uncovered: "in-reply-to references message-id content-type"},
		{name: "Google, the sender's field below", trust: byGoogle, header: lines(google, "Received-SPF: none", "Authentication-Results: mx.google.com; dmarc=fail header.from=site.test",
			"Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=site.test"), says: "policy of the domain's owner"},
		{name: "Google, another field in between", trust: byGoogle, header: lines(google, "Subject: x", "Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=site.test")[:3]},
		{name: "Google, but another server received it", trust: byGoogle, header: lines(fromOutside, google, "Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=site.test")},
		{name: "Google, a name that poses as Google's", trust: byGoogle, header: lines("Received: from by mx.google.com (evil [192.0.2.9]) by mx.helpdesk.test with ESMTP id 3; Mon, 2 Nov 2026 10:00:00 +0000", "Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=site.test")},
		{name: "believed", trust: believed, header: rest, want: true},
	} {
		t.Run(e.name, e.run)
	}
}

const google = "Received: from mail.site.test (mail.site.test. [192.0.2.7])\r\n" +
	"        by mx.google.com with SMTPS id ffacd0b85a97d-3b7641fed89sor1506395f8f.5.2026.11.02.02.00.00\r\n" +
	"        for <mfa@helpdesk.test>\r\n        (Google Transport Security);\r\n        Mon, 2 Nov 2026 02:00:00 -0800 (PST)"

// TestCoverage is about what a signature that a server verified says nothing of.
func TestCoverage(t *testing.T) {
	signature := func(covers, more string) string {
		return "DKIM-Signature: v=1; a=rsa-sha256; d=site.test; s=mail; h=" + covers +
			"; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Sv6sX9S4" + more
	}
	all := signature("from:to:subject:date:message-id:in-reply-to:references:content-type:cc", "")
	for _, e := range []entry{
		{name: "all", header: lines(relayed, fromOutside, all), want: true},
		{name: "another selector does not matter", header: lines(relayed, fromOutside, all, "DKIM-Signature: v=1; a=rsa-sha256; d=site.test; s=other; h=from; bh=AAAA; b=AAAA"), want: true},
		{name: "another value does not matter", header: lines(relayed, fromOutside, all, "DKIM-Signature: v=1; a=rsa-sha256; d=site.test; s=mail; h=from; bh=AAAA; b=AAAA"), want: true},
		{name: "another domain does not matter", header: lines(relayed, fromOutside, all, "DKIM-Signature: v=1; a=rsa-sha256; d=relay.test; s=mail; h=from; l=1; bh=AAAA; b=AAAA"), want: true},
		{name: "one that may be meant takes away", header: lines(relayed, fromOutside, all, signature("From:To:Subject", "AAAA")), want: true, uncovered: "in-reply-to references date message-id content-type"},
		{name: "one that may be meant does not add", header: lines(relayed, fromOutside, signature("From:To:Subject", "AAAA"), all), want: true, uncovered: "in-reply-to references date message-id content-type"},
		{name: "a field twice, covered once", header: lines(relayed, fromOutside, all, "Cc: a@site.test", "Cc: b@site.test"), want: true, uncovered: "cc"},
		{name: "a field added", header: lines(relayed, fromOutside, all, "Reply-To: b@evil.test", "Sender: b@evil.test"), want: true, uncovered: "reply-to sender"},
		{name: "the marks of an automatic reply added", header: lines(relayed, fromOutside, all, "Auto-Submitted: auto-replied", "precedence: bulk"), want: true, uncovered: "auto-submitted precedence"},
		{name: "the marks of an automatic reply covered", header: lines(relayed, fromOutside, signature("from:to:subject:date:message-id:in-reply-to:references:content-type:auto-submitted", ""), "Auto-Submitted: auto-replied"), want: true},
		{name: "a part of the body", header: lines(relayed, fromOutside, signature("from:to", "; l=5")), says: "a part of the body only"},
		{name: "a part of the body, beside another", header: lines(relayed, fromOutside, all, signature("from:to", "; l=5")), says: "a part of the body only"},
		{name: "From not covered", header: lines(relayed, fromOutside, signature("to:subject", "")), says: "does not cover From"},
		{name: "the signature is gone", header: lines(relayed, fromOutside), want: true, uncovered: "in-reply-to references to message-id content-type"},
		{name: "only another domain's is left", header: lines(relayed, fromOutside, "DKIM-Signature: v=1; a=rsa-sha256; d=relay.test; s=mail; h=from; bh=AAAA; b=AAAA"), want: true, uncovered: "in-reply-to references to message-id content-type"},
		{name: "a tag twice", header: lines(relayed, fromOutside, signature("from", "; h=from:subject")), says: "stands twice"},
		{name: "not to be read", header: lines(relayed, fromOutside, all, "DKIM-Signature: d=site.test"), says: "it has no"},
		{name: "SPF beside it covers all", header: lines("Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=site.test", relayed, fromOutside, signature("from", "; l=5")), want: true},
		{name: "SPF of another domain covers nothing", header: lines("Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=relay.test", relayed, fromOutside, signed), want: true, uncovered: "in-reply-to references message-id content-type"},
		{name: "two fields that contradict", header: lines("Authentication-Results: mx.helpdesk.test; dkim=fail header.d=site.test header.i=@site.test header.s=mail header.b=Sv6sX9S4", relayed, fromOutside, signed), says: "contradicts itself: dkim=fail and dkim=pass"},
		{name: "two signatures, one of them broken", header: lines("Authentication-Results: mx.helpdesk.test; dkim=neutral header.d=site.test header.s=ed header.b=AAAA", relayed, fromOutside, signed), want: true, uncovered: "in-reply-to references message-id content-type"},
	} {
		e.trust = byServer
		t.Run(e.name, e.run)
	}
}
