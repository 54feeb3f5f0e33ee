package main

const (
	// pass is what an attacker would like the server to say about the reviewers' domain.
	pass = "dmarc=pass (p=none dis=none) header.from=helpdesk.test"
	// spfPass suffices by itself.
	spfPass = "spf=pass smtp.mailfrom=helpdesk.test"
	// lmtpHop is the last hop into the mailbox, on the server itself.
	lmtpHop = "Received: from mx.helpdesk.test\r\n\tby mx.helpdesk.test with LMTP\r\n\tid 8Ff2Bk; Mon, 23 Nov 2026 09:00:01 +0000"
)

// forged is a reply in Asha's name, with her code.
func forged(s *prelude) *draft { return s.reply(asha, s.review(open, asha), "APPROVE") }

// below is forged, with fields that the sender wrote, and with the server's verdict on it.
func below(fields ...string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).top(fields...).spoofed() }
}

// silently is below, where the server writes nothing, as OpenDKIM alone does for a message without a
// signature.
func silently(fields ...string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).top(fields...).by() }
}

// saying is forged, where the server says this, which may include text from the sender.
func saying(results ...string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).by(results...) }
}

// forgedResults are in a reviewer's name, with the reviewer's own code, and with results that the sender
// wrote or made the server write.
var forgedResults = []forgery{
	{name: "nothing says who sent it", mail: silently()},
	{name: "the server says who did not send it", mail: below()},
	{name: "the server's results, and no hop at all", mail: func(s *prelude) *draft { return forged(s).top(ours + pass + "; " + spfPass) }},
	{name: "the server's results, and a hop on the server only", mail: func(s *prelude) *draft { return forged(s).top(ours + pass + "; " + spfPass).top(lmtpHop) }},
	{name: "SPF passed below the reviewer's domain", mail: saying("spf=pass smtp.mailfrom=evil.sub.helpdesk.test")},
	{name: "DKIM passed below the reviewer's domain", mail: saying("dkim=pass header.d=evil.sub.helpdesk.test")},
	{name: "SPF passed below the reviewer's domain, whose policy is not known", mail: saying("spf=pass smtp.mailfrom=evil.sub.helpdesk.test; dmarc=temperror header.from=helpdesk.test")},
	{name: "SPF passed below a domain that is named", trust: byServer + "\n  aligned = [\"sub.helpdesk.test\"]",
		mail: saying("spf=pass smtp.mailfrom=evil.sub.helpdesk.test")},
	{name: "SPF passed for a named domain of others", trust: byServer + "\n  aligned = [\"evil.test\"]", mail: saying("spf=pass smtp.mailfrom=evil.test")},
	{name: "nothing is trusted", trust: byNothing, mail: func(s *prelude) *draft { return forged(s).proven() }},

	// Written by the sender, below the border.
	{name: "a lone forged result", mail: silently(ours + pass)},
	{name: "a lone forged result of SPF", mail: silently(ours + spfPass)},
	{name: "a forged result below the server's", mail: below(ours + pass)},
	{name: "three forged results below the server's", mail: below(ours+pass, ours+spfPass, ours+"dkim=pass header.d=helpdesk.test")},
	{name: "three forged results alone", mail: silently(ours+pass, ours+spfPass, ours+"dkim=pass header.d=helpdesk.test")},
	{name: "all results in one forged field", mail: silently(ours + "dkim=pass header.d=helpdesk.test; " + spfPass + "; " + pass)},
	{name: "forged in capitals", mail: silently("AUTHENTICATION-RESULTS: MX.HELPDESK.TEST; SPF=PASS SMTP.MAILFROM=HELPDESK.TEST")},
	{name: "forged and folded", mail: silently("Authentication-Results:\r\n\tmx.helpdesk.test;\r\n\tspf=pass\r\n\tsmtp.mailfrom=helpdesk.test")},
	{name: "forged with a blank before the colon", mail: silently("Authentication-Results : mx.helpdesk.test; " + spfPass)},
	{name: "forged below a forged hop of the server", mail: silently(lmtpHop, ours+spfPass, borderHop)},
	{name: "forged below a forged hop without a from clause", mail: silently("Received: by mx.helpdesk.test (Postfix, from userid 1000) id 77; Mon, 23 Nov 2026 08:59:00 +0000", ours+spfPass, borderHop)},
	{name: "forged, and delivered by LMTP", mail: func(s *prelude) *draft { return forged(s).top(ours + spfPass).spoofed().top(lmtpHop) }},
	{name: "forged alone, and delivered by LMTP", mail: func(s *prelude) *draft { return forged(s).top(lmtpHop, ours+spfPass).by().top(lmtpHop) }},
	{name: "at the end of the header", mail: func(s *prelude) *draft { return forged(s).end(ours + spfPass).by() }},
	{name: "in the body", mail: func(s *prelude) *draft { return forged(s).content("text/plain", ours+spfPass+"\n\nAPPROVE").by() }},
	{name: "in an attached message", mail: func(s *prelude) *draft {
		return forged(s).parts("mixed", "Content-Type: text/plain\n\nAPPROVE", attached(forged(s).proven().String())).spoofed()
	}},
	{name: "in the header of a part", mail: func(s *prelude) *draft {
		return forged(s).parts("mixed", ours+spfPass+"\nContent-Type: text/plain\n\nAPPROVE").by()
	}},

	// From another server, or in another field.
	{name: "of a server whose name ends in ours", mail: silently("Authentication-Results: evil-mx.helpdesk.test; " + spfPass)},
	{name: "of servers with other names, above the border", mail: func(s *prelude) *draft {
		return forged(s).by().top("Authentication-Results: mx.evil.test; "+spfPass,
			"Authentication-Results: mx.helpdesk.test.evil.test; "+spfPass,
			"Authentication-Results: evil-mx.helpdesk.test; "+spfPass, "Authentication-Results: helpdesk.test; "+spfPass,
			"Authentication-Results: (mx.helpdesk.test;) mx.evil.test; "+spfPass)
	}},
	{name: "in the form of Exchange Online", mail: silently("Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=helpdesk.test; dkim=pass (signature was verified) header.d=helpdesk.test;" +
		"dmarc=pass action=none header.from=helpdesk.test;compauth=pass reason=100")},
	{name: "in fields with other names", mail: silently("X-Original-Authentication-Results: mx.helpdesk.test; "+spfPass,
		"Authentication-Results-Original: mx.helpdesk.test; "+spfPass, "X-Authentication-Results: mx.helpdesk.test; "+spfPass,
		"Received-SPF: pass (mx.helpdesk.test: domain of asha@helpdesk.test designates 192.0.2.7 as permitted sender) client-ip=192.0.2.7")},
	{name: "above the border, in fields with other names", mail: func(s *prelude) *draft {
		return forged(s).by().top("ARC-Authentication-Results: i=1; mx.helpdesk.test; "+spfPass+"; "+pass,
			"X-Original-Authentication-Results: mx.helpdesk.test; "+spfPass)
	}},
	{name: "in a chain of ARC", mail: silently("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=evil.test; s=arc; b=AAAA",
		"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=evil.test; s=arc; h=from:to; bh=AAAA; b=AAAA",
		"ARC-Authentication-Results: i=1; mx.helpdesk.test; dkim=pass header.d=helpdesk.test; "+pass)},

	// Written by the server, with text from the sender in it.
	{name: "pass in a comment", mail: saying("dmarc=fail (; " + spfPass + ") header.from=helpdesk.test")},
	{name: "pass in nested comments", mail: saying("dmarc=fail (a (b) ; " + spfPass + "; x=) header.from=helpdesk.test")},
	{name: "pass in a reason", mail: saying(`dkim=fail reason="; ` + spfPass + `" header.d=evil.test`)},
	{name: "dmarc=pass in a reason", mail: saying(`dkim=fail reason="dmarc=pass header.from=helpdesk.test" header.d=helpdesk.test`)},
	{name: "a reason that ends its quotes", mail: saying(`dkim=fail reason="a\"; ` + spfPass + `; x=\"" header.d=evil.test`)},
	{name: "an envelope sender that poses as a result", mail: func(s *prelude) *draft {
		return forged(s).by(`spf=pass smtp.mailfrom="x; ` + spfPass + `"@evil.test`).top(`Return-Path: <"x; ` + spfPass + `"@evil.test>`)
	}},
	{name: "an envelope sender that poses as a property", mail: saying("spf=pass smtp.mailfrom=x smtp.mailfrom=helpdesk.test y@evil.test")},
	{name: "an envelope sender that ends a comment", mail: saying("spf=pass (mx: domain of a)@evil.test; " + spfPass + " (b@evil.test designates) smtp.mailfrom=evil.test")},
	{name: "an identity that poses as results", mail: func(s *prelude) *draft {
		return forged(s).end("DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=s; " +
			"i=x=3B=20spf=3Dpass=20smtp.mailfrom=3Dhelpdesk.test=3B=20dkim=3Dpass=20header.i=3D@evil.test; h=From; b=x").
			by("dkim=pass header.d=evil.test header.i=x; " + spfPass + "; dkim=pass header.i=@evil.test header.a=rsa-sha256")
	}},
	{name: "blanks that are none", mail: saying("spf=pass smtp.mailfrom=a\u00a0smtp.mailfrom=helpdesk.test\u00a0b=@evil.test")},
	{name: "a greeting that says it is local", mail: func(s *prelude) *draft {
		return forged(s).top("Received: from with lmtp (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3", ours+spfPass)
	}},
	{name: "a greeting that poses as the server's", mail: func(s *prelude) *draft {
		return forged(s).top("Received: from mx.helpdesk.test (evil.test [192.0.2.9])\r\n"+
			"\tby mx.helpdesk.test (Postfix) with ESMTP id 3", ours+spfPass)
	}},

	// True results that prove something else.
	{name: "the sender's own domain passed", mail: saying("dmarc=none (p=none dis=none) header.from=helpdesk.test", "spf=pass smtp.mailfrom=evil.test",
		"dkim=pass (2048-bit key) header.d=evil.test header.i=@evil.test header.s=mail header.b=C/+aqr8y; dkim-atps=neutral")},
	{name: "only the greeting passed", mail: saying("spf=pass smtp.helo=helpdesk.test")},
	{name: "the policy failed, although SPF is aligned", mail: saying("dmarc=fail (p=none dis=none) header.from=helpdesk.test", "spf=pass smtp.mailfrom=news.helpdesk.test")},
	{name: "the policy passed for another domain", mail: saying("dmarc=pass (p=none dis=none) header.from=evil.test", "spf=pass smtp.mailfrom=evil.test")},
	{name: "an identity of a domain that did not sign", mail: saying("dkim=pass header.d=evil.test header.i=@helpdesk.test")},
	{name: "signed by the public suffix", mail: saying("dkim=pass header.d=test header.i=@test", "spf=pass smtp.mailfrom=test")},
	{name: "a domain that ends in the reviewers'", mail: saying("dkim=pass header.d=evilhelpdesk.test", "spf=pass smtp.mailfrom=evilhelpdesk.test")},
	{name: "a domain that begins with the reviewers'", mail: saying("dkim=pass header.d=helpdesk.test.evil.test", "spf=pass smtp.mailfrom=helpdesk.test.evil.test")},
	{name: "results that did not pass", mail: saying("spf=softfail smtp.mailfrom=helpdesk.test", "dkim=neutral header.d=helpdesk.test")},
	{name: "results that contradict each other", mail: saying("spf=softfail smtp.mailfrom=helpdesk.test", spfPass)},

	// What OpenDMARC says when it believes the sender's own fields, as it does by default: its pass stands
	// alone, without one of SPF or DKIM.
	{name: "the policy passed by a forged result of SPF", mail: func(s *prelude) *draft { return forged(s).top(ours + spfPass).by(pass) }},
	{name: "the policy passed by a forged Received-SPF", mail: func(s *prelude) *draft {
		return forged(s).top("Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=198.51.100.66; helo=x; " +
			"envelope-from=asha@helpdesk.test; receiver=mx.helpdesk.test").by(pass)
	}},
	{name: "the policy passed by a forged result of DKIM", mail: func(s *prelude) *draft {
		return forged(s).top(ours+"dkim=pass header.d=helpdesk.test").by(pass, "spf=pass smtp.mailfrom=evil.test",
			"dkim=pass (2048-bit key; unprotected) header.d=evil.test header.i=@evil.test header.a=rsa-sha256 header.s=mail header.b=C/+aqr8y;\r\n\tdkim-atps=neutral")
	}},

	// At Google, which writes its results below its own Received field.
	{name: "Google: forged results below its own", trust: byGoogle, mail: func(s *prelude) *draft {
		return googled(forged(s).top("Authentication-Results: mx.google.com; "+spfPass),
			"mx.google.com;\r\n       spf=pass (google.com: domain of x@evil.test designates 192.0.2.7 as permitted sender) "+
				"smtp.mailfrom=x@evil.test;\r\n       dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=helpdesk.test")
	}},
	{name: "Google: forged results where it wrote none", trust: byGoogle, mail: func(s *prelude) *draft {
		return googled(forged(s).top("X-Forged: between", "Authentication-Results: mx.google.com; "+spfPass), "")
	}},
	{name: "Google: forged results below a forged hop of its own", trust: byGoogle, mail: func(s *prelude) *draft {
		return googled(googled(forged(s), "mx.google.com; "+spfPass), "mx.google.com; spf=pass smtp.mailfrom=x@evil.test")
	}},
	{name: "Google: an envelope sender that poses as results", trust: byGoogle, mail: func(s *prelude) *draft {
		return googled(forged(s),
			`mx.google.com; spf=pass (google.com: domain of "x) smtp.mailfrom=helpdesk.test; ("@evil.test `+
				`designates 192.0.2.7 as permitted sender) smtp.mailfrom="x) smtp.mailfrom=helpdesk.test; ("@evil.test`)
	}},
}

const byGoogle = `authserv_id = "mx.google.com"`

// googled has a message come in through Google Workspace, which writes these results.
func googled(d *draft, results string) *draft {
	if results != "" {
		d.top("Authentication-Results: " + results)
	}
	return d.top("Received: by 2002:a05:7000:1234:b0:5f:1a2b:3c4d with SMTP id k20csp1234567mdf;\r\n"+
		"        Mon, 23 Nov 2026 01:00:01 -0800 (PST)",
		"Received: from mail.sender.example (mail.sender.example. [192.0.2.7])\r\n        by mx.google.com with ESMTPS id ffacd0b85a97d-42cb7f1234si17123456f8f.100.2026.11.23.01.00.00\r\n"+
			"        for <mfa@helpdesk.test>\r\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Mon, 23 Nov 2026 01:00:00 -0800 (PST)",
		"Received-SPF: pass (google.com: domain of x@evil.test designates 192.0.2.7 as permitted sender) client-ip=192.0.2.7;")
}
