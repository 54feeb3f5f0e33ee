package senderauth_test

import "testing"

// Received fields as Exchange Online adds them: between its hosts, and by the one that receives from outside.
const (
	exchangeHTTPS = "Received: from DB9PR05MB1234.eurprd05.prod.outlook.com (2603:10a6:10:36::42)\r\n" +
		" by AS8PR05MB5678.eurprd05.prod.outlook.com with HTTPS; Mon, 2 Nov 2026 10:00:02 +0000"
	exchangeFront = "Received: from DB5PEPF00014B9C.eurprd02.prod.outlook.com\r\n" +
		" (2603:10a6:10:36:cafe::7) by DB7PR05CA0029.outlook.office365.com\r\n" +
		" (2603:10a6:10:36::42) with Microsoft SMTP Server (version=TLS1_3,\r\n" +
		" cipher=TLS_AES_256_GCM_SHA384) id 15.20.9700.12 via Frontend Transport; Mon,\r\n" +
		" 2 Nov 2026 10:00:01 +0000"
	exchangeEdge = "Received: from mail.site.test (192.0.2.7) by\r\n" +
		" DB5PEPF00014B9C.mail.protection.outlook.com (10.167.8.100) with Microsoft\r\n" +
		" SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9700.12\r\n" +
		" via Frontend Transport; Mon, 2 Nov 2026 10:00:00 +0000"
	exchangeMAPI = "Received: from DB9PR05MB1234.EURPRD05.PROD.OUTLOOK.COM\r\n" +
		" ([fe80::346b:2daf:d648:2e11]) by DB9PR05MB1234.EURPRD05.PROD.OUTLOOK.COM\r\n" +
		" ([fe80::346b:2daf:d648:2e11%6]) with mapi id 15.20.9115.018; Mon, 2 Nov 2026\r\n" +
		" 10:00:00 +0000"
	spfResult = "Received-SPF: Pass (protection.outlook.com: domain of site.test designates\r\n" +
		" 192.0.2.7 as permitted sender) receiver=protection.outlook.com;\r\n" +
		" client-ip=192.0.2.7; helo=mail.site.test; pr=C"
	unsignedMail = "Authentication-Results: dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from=site.test;"
)

// signedByExchange is a DKIM-Signature as Exchange Online makes it for a domain.
const signedByExchange = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=Site.test;\r\n" +
	" s=selector2;\r\n" +
	" h=From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck;\r\n" +
	" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n b=RjlmcPNiqXA89qDlwg8qC16D1K69hGH7mOQq3GQixC65EqThi1wzHUTsz7U54lYmqvIrR14g"

// arrived is a message from outside, with the results that Exchange wrote.
func arrived(results string, below ...string) []string {
	above := []string{exchangeHTTPS, exchangeFront, "Authentication-Results: " + results, spfResult, exchangeEdge}
	return append(above, append(below, rest...)...)
}

func TestExchangeOnline(t *testing.T) {
	const internal, anonymous = "X-MS-Exchange-Organization-AuthAs: Internal", "X-MS-Exchange-Organization-AuthAs: Anonymous"
	const pass = "spf=pass (sender IP is 192.0.2.7)\r\n" +
		" smtp.mailfrom=site.test; dkim=pass (signature was verified)\r\n" +
		" header.d=site.test;dmarc=pass action=none\r\n" +
		" header.from=site.test;compauth=pass reason=100"
	const byPolicy = "spf=none (sender IP is 192.0.2.7)\r\n" +
		" smtp.mailfrom=relay.test; dkim=pass (signature was verified)\r\n" +
		" header.d=site.test;dmarc=pass action=none\r\n" +
		" header.from=site.test;compauth=pass reason=100"
	for _, e := range []entry{
		{name: "from outside", header: arrived(pass), want: true, says: "spf=pass for site.test"},
		{name: "from outside, marked so", header: arrived(pass, anonymous), want: true},
		{name: "from another tenant, relayed", header: arrived(byPolicy, signedByExchange, unsignedMail, exchangeMAPI), want: true, uncovered: "in-reply-to references to"},
		{name: "as it was written in older years", header: arrived("spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=site.test; helpdesk.test; dkim=none\r\n (message not signed) header.d=none;helpdesk.test; dmarc=bestguesspass\r\n action=none header.from=site.test;helpdesk.test; compauth=pass reason=109"), want: true},
		{name: "best guess", header: arrived("spf=none (sender IP is 192.0.2.7)\r\n smtp.mailfrom=site.test; dkim=none (message not signed)\r\n header.d=none;dmarc=bestguesspass action=none header.from=site.test;compauth=pass reason=109"), says: "neither DKIM nor SPF passed"},
		{name: "best guess beside an aligned SPF", header: arrived("spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=site.test; dkim=none (message not signed)\r\n header.d=none;dmarc=bestguesspass action=none header.from=site.test;compauth=pass reason=109"), want: true},
		{name: "no policy, SPF of another domain", header: arrived("spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=evil.test; dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from=site.test;compauth=pass reason=703")},
		{name: "failed", header: arrived("spf=fail (sender IP is 192.0.2.9)\r\n smtp.mailfrom=site.test; dkim=none (message not signed)\r\n header.d=none;dmarc=fail action=none header.from=site.test;compauth=pass reason=202"), says: "policy of the domain's owner"},
		{name: "failed, overridden", header: arrived("spf=pass (sender IP is 192.0.2.9)\r\n smtp.mailfrom=site.test; dkim=none (message not signed)\r\n header.d=none;dmarc=fail action=oreject header.from=site.test;compauth=none reason=451")},
		{name: "the attacker's domain", header: arrived("spf=pass (sender IP is 192.0.2.9)\r\n smtp.mailfrom=evil.test; dkim=pass (signature was verified)\r\n header.d=evil.test;dmarc=pass action=none header.from=evil.test;compauth=pass reason=100")},
		{name: "compauth alone", header: arrived("spf=none (sender IP is 192.0.2.9)\r\n smtp.mailfrom=site.test; dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from=site.test;compauth=pass reason=702")},
		{name: "two results of SPF", header: arrived("spf=pass (sender IP is 192.0.2.9)\r\n smtp.mailfrom=evil.test;spf=pass smtp.mailfrom=site.test;dmarc=pass action=none header.from=site.test"), says: "2 results of spf"},
		{name: "not to be read", header: arrived("spf=pass (sender IP is 192.0.2.9)\r\n smtp.mailfrom=x site.test;dmarc=pass action=none header.from=site.test"), says: "cannot be relied on"},

		{name: "below the edge", header: append([]string{exchangeHTTPS, exchangeFront, exchangeEdge, "Authentication-Results: " + pass}, rest...), says: "no Authentication-Results of Exchange Online"},
		{name: "below the edge, with hops of Exchange's above it", header: append([]string{exchangeHTTPS, exchangeFront, exchangeEdge, exchangeFront, "Authentication-Results: " + pass}, rest...)},
		{name: "a name that poses as a host inside", header: append([]string{exchangeHTTPS, "Received: from x.prod.outlook.com (192.0.2.9) by\r\n DB5.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server id 15.20; Mon, 2 Nov 2026 10:00:00 +0000", "Authentication-Results: " + pass}, rest...)},
		{name: "a name that holds the clause of a host inside", header: append([]string{exchangeHTTPS, "Received: from x by y.prod.outlook.com (192.0.2.9) by\r\n DB5.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server id 15.20; Mon, 2 Nov 2026 10:00:00 +0000", "Authentication-Results: " + pass}, rest...)},
		{name: "a name that hides the host at the edge", header: append([]string{exchangeHTTPS, "Received: from x (a) by y.prod.outlook.com ( (192.0.2.9) by\r\n DB5.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server id 15.20; Mon, 2 Nov 2026 10:00:00 +0000", "Authentication-Results: " + pass}, rest...)},
		{name: "a host whose name ends alike", header: append([]string{"Received: from x (192.0.2.9) by y-prod.outlook.com.evil.test with SMTP; Mon, 2 Nov 2026 10:00:00 +0000", "Authentication-Results: " + pass}, rest...)},
		{name: "with a server's name", header: arrived("mx.evil.test; " + pass)},

		{name: "inside the tenant", header: append([]string{exchangeHTTPS, unsignedMail, exchangeMAPI, internal}, rest...), want: true, says: "AuthAs is Internal"},
		{name: "inside the tenant, in small letters", header: append([]string{"x-ms-exchange-organization-authas: internal"}, rest...), want: true},
		{name: "marked as inside, but disowned", header: arrived("spf=fail (sender IP is 192.0.2.9)\r\n smtp.mailfrom=site.test; dkim=none (message not signed)\r\n header.d=none;dmarc=fail action=none header.from=site.test", internal), says: "policy of the domain's owner"},
		{name: "outside the tenant", header: append([]string{anonymous}, rest...), says: "AuthAs is Anonymous"},
		{name: "two marks", header: append([]string{anonymous, internal}, rest...), says: "2 marks"},
		{name: "another mark", header: append([]string{"X-MS-Exchange-CrossTenant-AuthAs: Internal"}, rest...), says: "not marked as sent inside"},
		{name: "a mark with more in it", header: append([]string{"X-MS-Exchange-Organization-AuthAs: Internal74"}, rest...)},
	} {
		e.trust = byExchange
		t.Run(e.name, e.run)
	}
}
