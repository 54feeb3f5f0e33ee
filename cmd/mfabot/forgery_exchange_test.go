package main

import "slices"

// exchangeEdge is the hop at which a message enters Exchange Online from outside.
const exchangeEdge = "Received: from mail.sender.example (192.0.2.7) by\r\n" +
	" CWLGBR01FT024.mail.protection.outlook.com (10.152.40.92) with Microsoft SMTP\r\n" +
	" Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9769.17\r\n via Frontend Transport; Mon, 23 Nov 2026 09:00:00 +0000"

// exchangeInside are the hops from there to the mailbox.
var exchangeInside = []string{
	"Received: from LO2P265MB0111.GBRP265.PROD.OUTLOOK.COM (2603:10a6:600:9b::8)\r\n by LO4P265MB0222.GBRP265.PROD.OUTLOOK.COM with HTTPS; Mon, 23 Nov 2026\r\n 09:00:02 +0000",
	"Received: from LO4P123CA0009.GBRP123.PROD.OUTLOOK.COM (2603:10a6:600:150::14)\r\n by LO2P265MB0111.GBRP265.PROD.OUTLOOK.COM (2603:10a6:600:9b::8) with\r\n" +
		" Microsoft SMTP Server (version=TLS1_2,\r\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.9769.17; Mon, 23 Nov\r\n 2026 09:00:01 +0000",
	"Received: from CWLGBR01FT024.eop-gbr01.prod.protection.outlook.com\r\n (2603:10a6:600:150:cafe::4c) by LO4P123CA0009.outlook.office365.com\r\n" +
		" (2603:10a6:600:150::14) with Microsoft SMTP Server (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.9769.18 via Frontend\r\n Transport; Mon, 23 Nov 2026 09:00:00 +0000",
}

// atExchange has a message enter Exchange Online from outside. Exchange writes these results above the hop,
// and its own fields below the sender's.
func (d *draft) atExchange(results string) *draft {
	d.end("X-MS-Exchange-Organization-ExpirationStartTime: 23 Nov 2026 09:00:00.5539\r\n (UTC)",
		"X-MS-Exchange-Organization-Network-Message-Id:\r\n 2d53fecc-dfeb-4672-2fb0-08da7e9c5c34", "X-EOPAttributedMessage: 0",
		"X-EOPTenantAttributedMessage: 11111111-2222-3333-4444-555555555555:0", "X-MS-Exchange-Organization-MessageDirectionality: Incoming",
		"X-MS-PublicTrafficType: Email", "X-MS-Exchange-Organization-AuthSource:\r\n CWLGBR01FT024.eop-gbr01.prod.protection.outlook.com",
		"X-MS-Exchange-Organization-AuthAs: Anonymous", "X-MS-Exchange-Organization-SCL: 1",
		"X-MS-Exchange-CrossTenant-AuthSource:\r\n CWLGBR01FT024.eop-gbr01.prod.protection.outlook.com", "X-MS-Exchange-CrossTenant-AuthAs: Anonymous",
		"X-MS-Exchange-CrossTenant-FromEntityHeader: Internet")
	edge := []string{exchangeEdge}
	if results != "" {
		edge = []string{"Authentication-Results: " + results,
			"Received-SPF: Pass (protection.outlook.com: domain of sender.example designates\r\n 192.0.2.7 as permitted sender)" +
				" receiver=protection.outlook.com;\r\n client-ip=192.0.2.7; helo=mail.sender.example; pr=C", exchangeEdge}
	}
	return d.top(slices.Concat(exchangeInside, edge)...)
}

// exchangePass are the results for a message that its domain sent and signed.
func exchangePass(domain string) string {
	return "spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=" + domain + "; dkim=pass (signature was verified)\r\n header.d=" + domain +
		";dmarc=pass action=none\r\n header.from=" + domain + ";compauth=pass reason=100"
}

// exchangeFail are those for a message that evil.test sent in somebody else's name.
func exchangeFail(domain string) string {
	return "spf=pass (sender IP is 198.51.100.66)\r\n smtp.mailfrom=evil.test; dkim=none (message not signed)\r\n" +
		" header.d=none;dmarc=fail action=oreject\r\n header.from=" + domain + ";compauth=fail reason=000"
}

// toExchange is a reply in Asha's name, with fields that the sender wrote, and what Exchange Online makes of
// it.
func toExchange(results string, fields ...string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).end(fields...).atExchange(results) }
}

const internal = "X-MS-Exchange-Organization-AuthAs: Internal"

// forgedExchange are in Asha's name, with her code, at a mailbox of Exchange Online.
var forgedExchange = trusting(byExchange,
	forgery{name: "Exchange: not from the reviewer's domain", mail: toExchange(exchangeFail("helpdesk.test"))},
	forgery{name: "Exchange: no results", mail: toExchange("")},
	forgery{name: "Exchange: a forged mark of inside mail beside its own", mail: toExchange(exchangeFail("helpdesk.test"), internal)},
	forgery{name: "Exchange: a forged mark and no results", mail: toExchange("", internal)},
	forgery{name: "Exchange: a forged mark that is all there is of the field", mail: func(s *prelude) *draft {
		return forged(s).atExchange(exchangeFail("helpdesk.test")).set("X-MS-Exchange-Organization-AuthAs", "Internal")
	}},
	forgery{name: "Exchange: inside by the other field only", mail: toExchange("", "X-MS-Exchange-CrossTenant-AuthAs: Internal")},
	forgery{name: "Exchange: inside by marks of other names", mail: func(s *prelude) *draft {
		return forged(s).atExchange("").drop("X-MS-Exchange-Organization-AuthAs").
			end("X-MS-Exchange-CrossTenant-AuthAs: Internal", "X-MS-Exchange-Organization-AuthMechanism: 04",
				"X-MS-Exchange-Organization-MessageDirectionality: Originating")
	}},
	forgery{name: "Exchange: anonymous", mail: func(s *prelude) *draft {
		return forged(s).top(exchangeInside...).end("X-MS-Exchange-Organization-AuthAs: Anonymous")
	}},
	forgery{name: "Exchange: a mark in an attached message", mail: func(s *prelude) *draft {
		return forged(s).parts("mixed", textPart+"APPROVE", attached(forged(s).end(internal).String())).
			atExchange(exchangeFail("helpdesk.test"))
	}},
	forgery{name: "Exchange: forged results below its own", mail: func(s *prelude) *draft {
		return forged(s).top("Authentication-Results: " + exchangePass("helpdesk.test")).atExchange(exchangeFail("helpdesk.test"))
	}},
	forgery{name: "Exchange: forged results alone", mail: func(s *prelude) *draft {
		return forged(s).top("Authentication-Results: " + exchangePass("helpdesk.test")).atExchange("")
	}},
	forgery{name: "Exchange: forged results below forged hops", mail: func(s *prelude) *draft {
		return forged(s).atExchange(exchangePass("helpdesk.test")).drop("X-MS-Exchange-Organization-AuthAs").atExchange("")
	}},
	forgery{name: "Exchange: forged results, and no hop from outside", mail: func(s *prelude) *draft {
		return forged(s).top("Authentication-Results: " + exchangePass("helpdesk.test")).top(exchangeInside...).
			end("X-MS-Exchange-Organization-AuthAs: Anonymous")
	}},
	forgery{name: "Exchange: forged results above a forged hop, by somebody inside", mail: func(s *prelude) *draft {
		return forged(s).top("Authentication-Results: "+exchangePass("helpdesk.test"),
			"Received: from evil by mail.evil.test with SMTP; Mon, 23 Nov 2026 08:59:00 +0000").top(exchangeInside...)
	}},
	forgery{name: "Exchange: forged results above a forged edge, by somebody inside",
		trust: "exchange_online = true\n  tenant_domains = [\"pharmacy.test\"]",
		mail: func(s *prelude) *draft {
			return forged(s).atExchange(exchangePass("helpdesk.test")).drop("X-MS-Exchange-Organization-AuthAs").
				top(exchangeInside...).end(internal)
		}},
	forgery{name: "Exchange: inside a tenant that the reviewer's domain is not of",
		trust: "exchange_online = true\n  tenant_domains = [\"pharmacy.test\"]",
		mail:  func(s *prelude) *draft { return forged(s).top(exchangeInside[:2]...).end(internal) }},
	forgery{name: "Exchange: results of a server with a name", mail: toExchange("mx.helpdesk.test; " + spfPass)},
	forgery{name: "Exchange: direct send",
		mail: toExchange("spf=softfail (sender IP is 198.51.100.66)\r\n smtp.mailfrom=helpdesk.test; dkim=none (message not signed)\r\n" +
			" header.d=none;dmarc=none action=none\r\n header.from=helpdesk.test;compauth=none reason=405")},
	forgery{name: "Exchange: only its own guess passed",
		mail: toExchange("spf=none (sender IP is 198.51.100.66)\r\n smtp.mailfrom=helpdesk.test; dkim=none (message not signed)\r\n" +
			" header.d=none;dmarc=none action=none\r\n header.from=helpdesk.test;compauth=pass reason=109")},
	forgery{name: "Exchange: the policy failed, and its own guess passed",
		mail: toExchange("spf=fail (sender IP is 198.51.100.66)\r\n smtp.mailfrom=helpdesk.test; dkim=fail (body hash did not verify)\r\n" +
			" header.d=helpdesk.test;dmarc=fail action=none\r\n header.from=helpdesk.test;compauth=pass reason=130")},
	forgery{name: "Exchange: a best guess for another domain",
		mail: toExchange("spf=pass (sender IP is 198.51.100.66)\r\n smtp.mailfrom=evil.test; dkim=none (message not signed)\r\n" +
			" header.d=none;dmarc=bestguesspass action=none\r\n header.from=helpdesk.test;compauth=pass reason=109")},
	forgery{name: "Exchange: passed for the sender's own domain",
		mail: toExchange("spf=pass (sender IP is 198.51.100.66)\r\n smtp.mailfrom=evil.test; dkim=pass (signature was verified)\r\n" +
			" header.d=evil.test;dmarc=none action=none\r\n header.from=helpdesk.test;compauth=softpass reason=202")},
	forgery{name: "Exchange: an envelope sender that poses as results",
		mail: toExchange("spf=pass (sender IP is 198.51.100.66)\r\n smtp.mailfrom=x;dmarc=pass header.from=helpdesk.test;"+
			spfPass+";@evil.test; dkim=none (message not signed)\r\n header.d=none",
			`Return-Path: <"x;dmarc=pass header.from=helpdesk.test;spf=pass smtp.mailfrom=helpdesk.test;"@evil.test>`)},
	forgery{name: "Exchange: a stranger who is proven", mail: func(s *prelude) *draft {
		return forged(s).set("From", mallory).atExchange(exchangePass("evil.test"))
	}, want: "refused(wrong-address) " + open, sent: wrongHands},
	forgery{name: "Exchange: a colleague inside the tenant", mail: func(s *prelude) *draft {
		return forged(s).set("From", "Pat Lee <pat.lee@helpdesk.test>").top(exchangeInside[:2]...).end(internal)
	}, want: "refused(wrong-address) " + open, sent: wrongHands},
	forgery{name: "Exchange: a delegate inside the tenant", mail: func(s *prelude) *draft {
		return forged(s).set("Sender", "Pat Lee <pat.lee@helpdesk.test>").top(exchangeInside[:2]...).end(internal)
	}, want: "refused(on-behalf) " + open, sent: notUnderstood("on-behalf", asha)},
	forgery{name: "a mark of Exchange where it is not trusted", trust: byServer,
		mail: func(s *prelude) *draft { return forged(s).end(internal).spoofed() }},
	forgery{name: "a mark of Exchange where it is not trusted, alone", trust: byServer,
		mail: func(s *prelude) *draft { return forged(s).end(internal).by() }},
	forgery{name: "a mark of Exchange where signatures are trusted", trust: byDKIM,
		mail: func(s *prelude) *draft { return forged(s).end(internal).top(borderHop) }},
	forgery{name: "a mark of Exchange against a server's veto", trust: byServer + "\n" + byExchange,
		mail: func(s *prelude) *draft { return forged(s).end(internal).spoofed() }},
)
