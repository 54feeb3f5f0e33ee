package main

import "mfabot/cmd/mfabot/internal/post"

const automatic = "ignored(automatic)"

// marked is a reviewer's approval with the marks of a machine.
func marked(fields ...string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).end(fields...).proven() }
}

// titled is a reviewer's approval with another subject, which keeps the code.
func titled(subject string) func(s *prelude) *draft {
	return func(s *prelude) *draft {
		return forged(s).set("Subject", subject+" ["+open+"] Please decide ["+s.codeOf(open, asha)+"]").proven()
	}
}

// onList is a message as Mailman passes it on.
func onList(d *draft) *draft {
	return d.set("Subject", "[Reviewers] "+d.get("Subject")).set("Sender", "Reviewers <reviewers-bounces@lists.example>").
		end("Precedence: list", "List-Id: For reviewers <reviewers.lists.example>", "List-Post: <mailto:reviewers@lists.example>",
			"List-Unsubscribe: <https://lists.example/options/reviewers>, <mailto:reviewers-request@lists.example?subject=unsubscribe>", "Errors-To: reviewers-bounces@lists.example")
}

// brokenOnTheWay are the results for a message that was forwarded and changed.
var brokenOnTheWay = []string{"dmarc=fail (p=none dis=none) header.from=helpdesk.test", "spf=pass smtp.mailfrom=lists.example",
	`dkim=fail reason="signature verification failed" header.d=helpdesk.test`, "arc=pass smtp.remote-ip=192.0.2.7"}

// byMachines were not sent by a person. Nobody gets an answer, and there is no alert.
var byMachines = []forgery{
	{name: "an out-of-office reply", mail: func(s *prelude) *draft {
		return parseDraft(post.OutOfOffice(asha, s.review(open, asha).raw, s.clock.Now())).proven()
	}},
	{name: "an out-of-office reply that approves", mail: func(s *prelude) *draft {
		return parseDraft(post.OutOfOffice(asha, s.review(open, asha).raw, s.clock.Now())).
			content("text/plain", "Approve.\n\n> Review code: "+s.codeOf(open, asha)).proven()
	}},
	{name: "Auto-Submitted", mail: marked("Auto-Submitted: auto-replied")},
	{name: "Auto-Submitted in capitals, with a comment", mail: marked("AUTO-SUBMITTED: (a rule) Auto-Generated; x=no")},
	{name: "Auto-Submitted: no, on a mailing list", mail: marked("Auto-Submitted: no", "List-Id: <reviewers.lists.example>")},
	{name: "Auto-Submitted: no, and two weak signs", mail: marked("Auto-Submitted: no", "X-Auto-Response-Suppress: All", "Precedence: bulk")},
	{name: "Auto-Submitted: no, and then yes", mail: marked("Auto-Submitted: no", "Auto-Submitted: auto-replied")},
	{name: "X-Autoreply", mail: marked("X-Autoreply: yes")},
	{name: "Precedence: auto_reply", mail: marked("Precedence: auto_reply")},
	{name: "a mailbox rule of Exchange", mail: marked("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent")},
	{name: "a null return path", mail: marked("Return-Path: <>")},
	{name: "a subject that says so", mail: titled("Automatic reply:")},
	{name: "a subject that says so in Welsh", mail: titled("Ateb awtomatig:")},
	{name: "a subject that says so in German", mail: titled("Automatische Antwort:")},
	{name: "a mailing list", mail: func(s *prelude) *draft { return onList(forged(s)).proven() }},
	{name: "a mailing list that broke the signature", mail: func(s *prelude) *draft { return onList(forged(s)).by(brokenOnTheWay...) }},
	{name: "a mailing list that rewrote From", mail: func(s *prelude) *draft {
		return onList(forged(s).set("From", `"Asha Patel via Reviewers" <reviewers@lists.example>`).set("Reply-To", asha)).proven()
	}},
	{name: "a receipt of reading", mail: func(s *prelude) *draft {
		return titled("Read:")(s).parts("report; report-type=disposition-notification",
			"Content-Type: text/plain\n\nAPPROVE", "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; asha@helpdesk.test\nDisposition: manual-action/MDN-sent-manually; displayed")
	}},
	{name: "an accepted invitation", mail: func(s *prelude) *draft {
		return titled("Accepted:")(s).parts("alternative", "Content-Type: text/plain\n\nAPPROVE",
			"Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nATTENDEE;PARTSTAT=ACCEPTED:mailto:asha@helpdesk.test\nEND:VEVENT\nEND:VCALENDAR")
	}},
}

// nearMachines look like mail from machines, but end in another way.
var nearMachines = []forgery{
	{name: "an absence without any mark", want: "refused(text-below) " + open, sent: notUnderstood("text-below", asha), mail: func(s *prelude) *draft {
		return s.reply(asha, s.review(open, asha), "Approve.\nI am out of the office until Monday and Ben decides meanwhile.").proven()
	}},
	{name: "a forwarder that broke the signature, with ARC", mail: func(s *prelude) *draft {
		return forged(s).top("ARC-Authentication-Results: i=1; mx.lists.example; dkim=pass header.d=helpdesk.test; " +
			"dmarc=pass header.from=helpdesk.test").by(brokenOnTheWay...)
	}},
	{name: "a report of non-delivery", want: "ignored(bounce) " + open, sent: []string{"alert bounce > ops@helpdesk.test"}, mail: func(s *prelude) *draft {
		return s.note("Mail Delivery System <MAILER-DAEMON@helpdesk.test>", "Undelivered Mail Returned to Sender", "").
			parts("report; report-type=delivery-status", "Content-Type: text/plain\n\nAPPROVE",
				"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.helpdesk.test\n\nFinal-Recipient: rfc822; asha@helpdesk.test\nAction: failed\nStatus: 5.1.1",
				"Content-Type: message/rfc822\n\n"+string(s.review(open, asha).raw)).top("Return-Path: <>").proven()
	}},
	{name: "our own letter, come back", want: "ignored(our-own)", mail: func(s *prelude) *draft { return parseDraft(s.review(open, asha).raw).proven() }},
	{name: "our own mark on a reply", want: "ignored(our-own)", mail: func(s *prelude) *draft {
		return forged(s).end("X-Mfabot: " + parseDraft(s.review(open, asha).raw).get("X-Mfabot")).proven()
	}},
	{name: "from our own address", want: "ignored(our-own)", mail: func(s *prelude) *draft { return forged(s).set("From", service).proven() }},
}

// forgedMachines come from a reviewer's proven mailbox, with the reviewer's code and a command on the first
// line.
var forgedMachines = append(all(byMachines, automatic), nearMachines...)
