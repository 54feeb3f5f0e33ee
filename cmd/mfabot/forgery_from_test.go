package main

import "slices"

const (
	unclear = "quarantined(unclear-sender)"
	mallory = "Mallory <mallory@evil.test>"
)

// sentBy is a message that evil.test is allowed to send, as its server proves, with a reviewer's code and
// this From field.
func sentBy(from string) func(s *prelude) *draft {
	return func(s *prelude) *draft {
		return forged(s).set("From", from).by("dmarc=pass (p=none dis=none) header.from=evil.test", "spf=pass smtp.mailfrom=evil.test")
	}
}

// lookAlike is a message from an address that looks like the reviewer's, with proof of its own.
func lookAlike(address string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).set("From", "Asha Patel <"+address+">").proven() }
}

// strangers are proven senders whom a reader may take for Asha.
var strangers = []forgery{
	{name: "From names a stranger", mail: sentBy(mallory)},
	{name: "the reviewer's address as a name", mail: sentBy(`"Asha Patel <asha@helpdesk.test>" <asha@evil.test>`)},
	{name: "the reviewer's address as an encoded name", mail: sentBy("=?utf-8?q?Asha_Patel_=3Casha=40helpdesk.test=3E?= <asha@evil.test>")},
	{name: "the reviewer's address as a comment", mail: sentBy("asha@evil.test (asha@helpdesk.test)")},
	{name: "a NUL after the address", mail: sentBy("<asha@helpdesk.test\x00.evil.test>")},
	{name: "the reviewer's name at another domain", mail: lookAlike("asha@helpdesk-service.test")},
	{name: "another mailbox of the reviewer's domain", mail: lookAlike("patel@helpdesk.test")},
	{name: "a subdomain of the reviewer's", mail: lookAlike("asha@x.helpdesk.test")},
	{name: "a Cyrillic letter in the domain, as it travels", mail: lookAlike("asha@xn--hlpdesk-6of.test")},
	{name: "a Cyrillic letter in the local part", mail: lookAlike("\u0430sha@helpdesk.test")},
	{name: "Reply-To names the reviewer", mail: func(s *prelude) *draft { return sentBy(mallory)(s).set("Reply-To", asha) }},
	{name: "Sender names the reviewer", mail: func(s *prelude) *draft { return sentBy(mallory)(s).set("Sender", asha) }},
	{name: "other fields name the reviewer", mail: func(s *prelude) *draft {
		return sentBy(mallory)(s).end("Resent-From: "+asha, "X-Original-From: "+asha,
			"Return-Path: <asha@helpdesk.test>", "X-Sender: "+asha)
	}},
}

// authors are messages whose author is unclear: they name several, or one that readers understand
// differently.
var authors = []forgery{
	{name: "two From fields, the reviewer's first", mail: func(s *prelude) *draft { return forged(s).end("From: " + mallory).proven() }},
	{name: "two From fields, the reviewer's last", mail: func(s *prelude) *draft { return sentBy(mallory)(s).end("From: " + asha) }},
	{name: "two From fields, one with a blank before the colon", mail: func(s *prelude) *draft { return sentBy(mallory)(s).end("From : " + asha) }},
	{name: "two From fields in different letters", mail: func(s *prelude) *draft { return sentBy(mallory)(s).end("FROM: " + asha) }},
	{name: "From with two addresses", mail: sentBy(mallory + ", " + asha)},
	{name: "From with two addresses, the reviewer's first", mail: sentBy(asha + ", " + mallory)},
	{name: "From is a group", mail: sentBy("Reviewers: asha@helpdesk.test;")},
	{name: "From is a group and an address", mail: sentBy("Reviewers: asha@helpdesk.test; <mallory@evil.test>")},
	{name: "From is empty", mail: sentBy("")},
	{name: "From is missing", mail: func(s *prelude) *draft { return sentBy(mallory)(s).drop("From") }},
	{name: "two addresses in brackets", mail: sentBy("<asha@helpdesk.test> <mallory@evil.test>")},
	{name: "an address without brackets before one with", mail: sentBy("asha@helpdesk.test <mallory@evil.test>")},
	{name: "brackets within an address", mail: sentBy("<asha@helpdesk.test>@evil.test")},
	{name: "the reviewer's address as a quoted local part", mail: sentBy(`"asha@helpdesk.test"@evil.test`)},
	{name: "two domains", mail: sentBy("asha@helpdesk.test@evil.test")},
	{name: "a route", mail: sentBy("<@evil.test:asha@helpdesk.test>")},
	{name: "a NUL in the address", mail: sentBy("<asha@helpdesk.test\x00@evil.test>")},
	{name: "a bare CR in From", mail: sentBy("asha@helpdesk.test\r <mallory@evil.test>")},
	{name: "an encoded word for an address", mail: sentBy("=?utf-8?q?asha=40helpdesk.test?=")},
	{name: "an encoded word that holds the brackets", mail: sentBy("=?utf-8?q?=3Casha=40helpdesk.test=3E?=")},
	{name: "a comment that does not end", mail: sentBy("asha@helpdesk.test (<mallory@evil.test>")},
}

// delegates send on behalf of a reviewer who is proven.
var delegates = []forgery{
	{name: "Sender names a delegate", mail: func(s *prelude) *draft { return forged(s).set("Sender", "Pat Lee <pat.lee@helpdesk.test>").proven() }},
	{name: "Sender names another reviewer", mail: func(s *prelude) *draft { return forged(s).set("Sender", ben).proven() }},
	{name: "Sender names nobody", mail: func(s *prelude) *draft { return forged(s).set("Sender", "undisclosed").proven() }},
	{name: "Sender is empty", mail: func(s *prelude) *draft { return forged(s).set("Sender", "").proven() }},
	{name: "Sender is a mailing list's", mail: func(s *prelude) *draft { return forged(s).set("Sender", "reviewers-bounces@lists.example").proven() }},
}

// doubtful are in a reviewer's name without any proof.
var doubtful = []forgery{
	{name: "Reply-To names a stranger", mail: func(s *prelude) *draft { return forged(s).set("Reply-To", mallory).spoofed() }},
	{name: "From with a blank before the colon", mail: func(s *prelude) *draft {
		return forged(s).drop("From").end("From : "+asha).
			by("dmarc=pass (p=none dis=none) header.from=evil.test", "spf=pass smtp.mailfrom=evil.test")
	}},
	{name: "a Cyrillic letter in the domain", mail: lookAlike("asha@h\u0435lpdesk.test")},
	{name: "a NUL in the domain", mail: sentBy("<asha@helpdes\x00k.test>")},
	{name: "two Sender fields", mail: func(s *prelude) *draft { return forged(s).end("Sender: "+asha, "Sender: "+mallory).proven() }},
	{name: "two Subject fields", mail: func(s *prelude) *draft { return forged(s).end("Subject: hello").proven() }},
	{name: "two Content-Type fields", mail: func(s *prelude) *draft { return forged(s).end("Content-Type: text/plain").proven() }},
	{name: "two To fields", mail: func(s *prelude) *draft { return forged(s).end("To: kim@pharmacy.test").proven() }},
	{name: "two In-Reply-To fields", mail: func(s *prelude) *draft {
		return forged(s).end("In-Reply-To: <" + s.review(another, asha).MessageID + ">").proven()
	}},
}

// all gives every case the same outcome and the same letters.
func all(cases []forgery, want string, sent ...string) []forgery {
	for i := range cases {
		if cases[i].want == "" { // unless it says itself
			cases[i].want, cases[i].sent = want, sent
		}
	}
	return cases
}

// forgedSenders bring Asha's code from a sender who is not Asha.
var forgedSenders = slices.Concat(
	all(strangers, "refused(wrong-address) "+open, wrongHands...),
	all(authors, unclear, attempt),
	all(delegates, "refused(on-behalf) "+open, notUnderstood("on-behalf", asha)...),
	all(doubtful, unproven, attempt),
)
