package main

// gateway is a server through which genuine mail comes in: how it is trusted, and what it and the sender's
// own server write into a message.
type gateway struct {
	name, trust string
	deliver     func(d *draft) *draft
	// bare is a signature that covers To or Sender not, and nothing beside it: the author is asked to confirm.
	bare bool
}

// openDKIM is its result for a signature.
func openDKIM(domain string) string {
	return "\r\n\tdkim=pass (2048-bit key; unprotected) header.d=" + domain + " header.i=@" + domain +
		" header.a=rsa-sha256 header.s=mail;\r\n\tdkim-atps=neutral"
}

// mailboxOf are the fields that Postfix writes at delivery.
func mailboxOf(from string) []string {
	return []string{"Return-Path: <" + from + ">", "X-Original-To: mfa@helpdesk.test", "Delivered-To: mfa@helpdesk.test"}
}

func atPostfix(d *draft) *draft {
	domain := domainIn(d.get("From"))
	return d.signed(signing{fields: likeOpenDKIM}).
		by("dmarc=pass (p=none dis=none) header.from="+domain, "spf=pass smtp.mailfrom="+domain, openDKIM(domain)).
		top(mailboxOf("bounce@" + domain)...)
}

// gateways are those through which genuine mail comes in.
var gateways = []gateway{
	{"Postfix with OpenDKIM and OpenDMARC", byServer, atPostfix, false},
	{"Postfix with OpenDKIM and OpenDMARC, and Dovecot", byServer, func(d *draft) *draft { return atPostfix(d).top("Return-Path: <x@sender.example>", lmtpHop) }, false},
	{"Postfix with OpenDKIM and OpenDMARC, no policy published", byServer, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return d.by("dmarc=none (p=none dis=none) header.from="+domain, "spf=pass smtp.mailfrom="+domain).
			top(mailboxOf("bounce@" + domain)...)
	}, false},
	{"Postfix with OpenDKIM and OpenDMARC, relayed", byServer, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return d.signed(signing{fields: likeOpenDKIM}).
			by("dmarc=pass (p=none dis=none) header.from="+domain, "spf=none smtp.mailfrom=relay.example", openDKIM(domain))
	}, true},
	{"Postfix with OpenDKIM", byServer, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return d.signed(signing{fields: likeGmail}).by(openDKIM(domain)).top(mailboxOf("bounce@" + domain)...)
	}, true},
	{"Exim", byServer, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return d.signed(signing{fields: likeGmail}).top("Return-path: <bounce@"+domain+">", "Envelope-to: mfa@helpdesk.test",
			"Delivery-date: Mon, 23 Nov 2026 09:00:01 +0000",
			"Authentication-Results: mx.helpdesk.test;\r\n\tiprev=pass (mail.sender.example) smtp.remote-ip=192.0.2.7;\r\n\tspf=pass smtp.mailfrom="+domain+
				";\r\n\tdkim=pass header.d="+domain+" header.s=mail header.a=rsa-sha256;\r\n\tdmarc=pass header.from="+domain,
			"Received: from mail.sender.example ([192.0.2.7])\r\n\tby mx.helpdesk.test with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.96)\r\n\t(envelope-from <bounce@"+domain+
				">)\r\n\tid 1vM4Qx-0001ab-2C\r\n\tfor mfa@helpdesk.test;\r\n\tMon, 23 Nov 2026 09:00:00 +0000")
	}, false},
	{"Google Workspace", byGoogle, atGoogle, false},
	{"Exchange Online, from outside", byExchange, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return d.signed(signing{fields: likeGmail}).atExchange(exchangePass(domain)).end("Return-Path: bounce@" + domain)
	}, false},
	{"Exchange Online, no policy published", byExchange, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return d.atExchange("spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=" + domain +
			"; dkim=none (message not signed)\r\n header.d=none;dmarc=bestguesspass action=none\r\n header.from=" +
			domain + ";compauth=pass reason=109")
	}, false},
	{"Exchange Online, from another tenant", byExchange, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return fromTenant(d).atExchange(exchangePass(domain))
	}, false},
	{"Exchange Online, inside the tenant", byExchange, func(d *draft) *draft {
		d.end("X-MS-Exchange-Organization-Network-Message-Id:\r\n 2d53fecc-dfeb-4672-2fb0-08da7e9c5c34",
			"X-MS-Exchange-Organization-MessageDirectionality: Originating",
			"X-MS-Exchange-Organization-AuthSource: AM6PR05MB5555.eurprd05.prod.outlook.com", internal, "X-MS-Exchange-Organization-AuthMechanism: 04",
			"X-MS-Exchange-Organization-SCL: -1", "authentication-results: dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from="+domainIn(d.get("From"))+";")
		return d.top(exchangeInside[0], tenantHop)
	}, false},
	{"signed as by Gmail", byDKIM, func(d *draft) *draft { return d.signed(signing{fields: likeGmail}).top(borderHop) }, true},
	{"signed as by Exchange Online", byDKIM, func(d *draft) *draft { return fromTenant(d).top(borderHop) }, true},
	{"signed as by OpenDKIM", byDKIM, func(d *draft) *draft { return d.signed(signing{fields: likeOpenDKIM}).top(borderHop) }, true},
	{"signed, and passed on by a list of no marks", byDKIM, func(d *draft) *draft {
		return d.signed(signing{fields: likeGmail}).
			top("DKIM-Signature: v=1; a=rsa-sha256; d=relay.example; s=r; h=From; bh=AAAA; b=AAAA", borderHop)
	}, true},
	{"signed by a careful server", byDKIM, func(d *draft) *draft { return d.signed(signing{fields: everything}).top(borderHop) }, false},
	// Its results stand where in other mail the sender's own text stands, so that signatures must be verified
	// as well.
	{"rspamd", byServer + "\n" + byDKIM, func(d *draft) *draft {
		domain := domainIn(d.get("From"))
		return d.signed(signing{fields: likeGmail}).top("Return-Path: <bounce@"+domain+">", "Delivered-To: mfa@helpdesk.test",
			lmtpHop, "X-Original-To: mfa@helpdesk.test", borderHop,
			"Authentication-Results: mx.helpdesk.test;\r\n\tdkim=pass header.d="+domain+" header.s=mail;\r\n\tspf=pass (mx.helpdesk.test: domain of bounce@"+domain+
				" designates 192.0.2.7 as permitted sender) smtp.mailfrom=bounce@"+domain+";\r\n\tdmarc=pass (policy=none) header.from="+domain).
			end("X-Rspamd-Action: no action", "X-Rspamd-Server: mx", "X-Rspamd-Queue-Id: 4F1C7988062")
	}, true},
}

// atGoogle has a message come in through Google Workspace, which writes its results below its own Received
// field, and once more for others above it.
func atGoogle(d *draft) *draft {
	domain := domainIn(d.get("From"))
	results := "mx.google.com;\r\n       dkim=pass header.i=@" + domain + " header.s=mail;\r\n" +
		"       spf=pass (google.com: domain of bounce@" + domain +
		" designates 192.0.2.7 as permitted sender) smtp.mailfrom=bounce@" + domain + ";\r\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=" + domain
	return d.signed(signing{fields: likeOpenDKIM}).top("Delivered-To: mfa@helpdesk.test",
		"Received: by 2002:a05:7000:1234:b0:5f:1a2b:3c4d with SMTP id k20csp1234567mdf;\r\n        Mon, 23 Nov 2026 01:00:01 -0800 (PST)",
		"X-Google-Smtp-Source: AGHT+IEsource", "X-Received: by 2002:a05:6000:1789:b0:3a4:f70e:abda with SMTP id ffacd0b85a97d.17.1700000000000;\r\n        Mon, 23 Nov 2026 01:00:01 -0800 (PST)",
		"ARC-Seal: i=1; a=rsa-sha256; t=1795424401; cv=none;\r\n        d=google.com; s=arc-20240605;\r\n        b=AAAA",
		"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com; s=arc-20240605;\r\n        h=to:subject:message-id:date:from:in-reply-to:references:mime-version:dkim-signature;\r\n        bh=AAAA;\r\n        b=AAAA;\r\n        dara=google.com",
		"ARC-Authentication-Results: i=1; "+results, "Return-Path: <bounce@"+domain+">",
		"Received: from mail.sender.example (mail.sender.example. [192.0.2.7])\r\n        by mx.google.com with ESMTPS id ffacd0b85a97d-42cb7f1234si17123456f8f.100.2026.11.23.01.00.00\r\n"+
			"        for <mfa@helpdesk.test>\r\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Mon, 23 Nov 2026 01:00:00 -0800 (PST)",
		"Received-SPF: pass (google.com: domain of bounce@"+domain+" designates 192.0.2.7 as permitted sender) client-ip=192.0.2.7;",
		"Authentication-Results: "+results)
}

// tenantHop is a hop within the sender's own tenant.
const tenantHop = "Received: from AM6PR05MB5555.eurprd05.prod.outlook.com\r\n" +
	" ([fe80::1234:5678:9abc:def0]) by AM6PR05MB5555.eurprd05.prod.outlook.com\r\n" +
	" ([fe80::1234:5678:9abc:def0%6]) with mapi id 15.20.9769.017; Mon, 23 Nov 2026\r\n 08:59:59 +0000"

// fromTenant is a message as Exchange Online sends it from a tenant.
func fromTenant(d *draft) *draft {
	domain := domainIn(d.get("From"))
	return d.end("X-MS-Exchange-SenderADCheck: 1", "X-MS-Exchange-AntiSpam-Relay: 0",
		"authentication-results: dkim=none (message not signed)\r\n"+
			" header.d=none;dmarc=none action=none header.from="+domain+";").
		top(tenantHop).signed(signing{fields: likeExchange}).
		top("ARC-Seal: i=1; a=rsa-sha256; s=arcselector10001; d=microsoft.com; cv=none;\r\n b=AAAA",
			"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=microsoft.com;\r\n s=arcselector10001; h=From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck;\r\n bh=AAAA; b=AAAA",
			"ARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=pass\r\n smtp.mailfrom="+domain+"; dmarc=pass action=none\r\n header.from="+domain+"; dkim=pass header.d="+domain+"; arc=none")
}
