package main

import (
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// codeOf is the code of the newest review email of a request to a reviewer.
func (s *prelude) codeOf(ref, reviewer string) string { return s.review(ref, reviewer).Facts.Code }

// plain is a reply without any code left in it.
func plain(d *draft) *draft {
	d.drop("References", "In-Reply-To", "Thread-Index")
	d.set("Subject", "RE: review")
	return d.content("text/plain; charset=utf-8", "APPROVE\n\nAsha")
}

// passedOn is a message with Asha's own approval below it, as mail clients forward it.
func passedOn(s *prelude, from string) *draft {
	return s.note(from, "Fwd: RE: review", "APPROVE\n\n---------- Forwarded message ---------\nFrom: "+asha+
		"\nDate: Mon, 23 Nov 2026 at 10:00\nSubject: RE: review\nTo: <mfa@helpdesk.test>\n\nAPPROVE\n\nReview code: "+s.codeOf(open, asha)).proven()
}

// noCode is the outcome of a reviewer's message without a code.
const noCode = "refused(no-token)"

// foreign are messages from proven senders with somebody else's code.
var foreign = []forgery{
	{name: "another reviewer's code", mail: func(s *prelude) *draft { return s.reply(ben, s.review(open, asha), "APPROVE").proven() },
		want: "refused(not-yours) " + open, sent: notUnderstood("not-yours", ben)},
	{name: "another reviewer's code in capitals", mail: func(s *prelude) *draft {
		return plain(s.reply(ben, s.review(open, asha), "APPROVE")).
			set("Subject", "RE: ["+strings.ToUpper(s.codeOf(open, asha))+"]").proven()
	}, want: "refused(not-yours) " + open, sent: notUnderstood("not-yours", ben)},
	{name: "a reviewer's reply that another reviewer forwards", mail: func(s *prelude) *draft { return passedOn(s, ben) },
		want: "refused(not-yours) " + open, sent: notUnderstood("not-yours", ben)},
	{name: "a reviewer's reply that a site forwards", mail: func(s *prelude) *draft { return passedOn(s, pharmacy) },
		want: "refused(wrong-address) " + open, sent: wrongHands},
	{name: "a reviewer's reply that a stranger forwards", mail: func(s *prelude) *draft { return passedOn(s, mallory) },
		want: "refused(wrong-address) " + open, sent: wrongHands},
	{name: "a reviewer's reply that another reviewer attaches", mail: func(s *prelude) *draft {
		return s.note(ben, "Fwd: review", "").parts("mixed", "Content-Type: text/plain\n\nAPPROVE", attached(forged(s).String())).proven()
	}, want: "refused(not-yours) " + open, sent: notUnderstood("not-yours", ben)},
	{name: "a reviewer's reply that a site attaches to its own", mail: func(s *prelude) *draft {
		return s.reply(pharmacy, s.letter(intake.LetterReceipt, open, pharmacy), "").
			parts("mixed", "Content-Type: text/plain\n\nAPPROVE", attached(forged(s).String())).proven()
	}, want: "refused(wrong-address) " + open, sent: wrongHands},
	{name: "a reviewer's code in a site's reply", mail: func(s *prelude) *draft { return s.reply(pharmacy, s.review(open, asha), "APPROVE").proven() },
		want: "refused(wrong-address) " + open, sent: wrongHands},
	{name: "a contact of the site approves its request", mail: func(s *prelude) *draft { return s.reply(sam, s.review(open, asha), "APPROVE").proven() },
		want: "refused(wrong-address) " + open, sent: wrongHands},
	{name: "a site approves its own request", mail: func(s *prelude) *draft {
		return s.reply(pharmacy, s.letter(intake.LetterReceipt, open, pharmacy), "APPROVE").proven()
	}, want: "information " + open, sent: []string{"information > asha@helpdesk.test", "information > ben@helpdesk.test"}},
	{name: "an alias that another reviewer has now", edits: []string{`aliases = ["a.patel@trust.example"]`, "", `name    = "Ben Okafor"`, "name = \"Ben Okafor\"\naliases = [\"a.patel@trust.example\"]"},
		mail: func(s *prelude) *draft {
			return s.reply("a.patel@trust.example", s.review(open, asha), "APPROVE").proven()
		},
		want: "refused(not-yours) " + open, sent: notUnderstood("not-yours", ben)},
	{name: "revoked with another reviewer's code", mail: func(s *prelude) *draft {
		return s.reply(ben, s.letter(intake.LetterDecided, settled, asha), "REVOKE no longer needed").proven()
	}, want: "refused(not-yours) " + settled, sent: notUnderstood("not-yours", ben)},
}

// missing are a reviewer's messages without a code, or with one that the bot did not make.
var missing = []forgery{
	{name: "no code at all", mail: func(s *prelude) *draft { return plain(forged(s)).proven() }},
	{name: "a reference and no code", mail: func(s *prelude) *draft { return s.note(asha, "Re: ["+open+"] Please decide", "APPROVE").proven() }},
	{name: "a guessed code", mail: func(s *prelude) *draft {
		return s.note(asha, "Re: ["+open+"] [mfa-"+strings.Repeat("abcdefg2", 4)+"]", "APPROVE").proven()
	}},
	{name: "a code that is cut short", mail: func(s *prelude) *draft {
		code := s.codeOf(open, asha)
		return s.note(asha, "Re: ["+open+"] ["+code[:len(code)-1]+"]", "APPROVE").
			set("In-Reply-To", "<"+code[:20]+"@helpdesk.test>").proven()
	}},
	{name: "a code with one letter changed", mail: func(s *prelude) *draft {
		code := strings.Split(s.codeOf(open, asha), "")
		if code[10] == "a" {
			code[10] = "b"
		} else {
			code[10] = "a"
		}
		return s.note(asha, "Re: ["+open+"] ["+strings.Join(code, "")+"]", "APPROVE").proven()
	}},
	{name: "a code in two halves", mail: func(s *prelude) *draft {
		code := s.codeOf(open, asha)
		return s.note(asha, "Re: ["+open+"] "+code[:18]+" "+code[18:], "APPROVE").proven()
	}},
	{name: "what the database holds of a code", mail: func(s *prelude) *draft {
		return s.note(asha, "Re: ["+open+"]", "APPROVE").set("In-Reply-To", "<"+s.review(open, asha).Facts.Seed+"@helpdesk.test>").proven()
	}},
}

// untimely are a reviewer's messages with a code of their own that is not valid, or not valid for this.
var untimely = []forgery{
	{name: "another request's reference in the subject", mail: func(s *prelude) *draft { return forged(s).set("Subject", "RE: ["+another+"] Please decide").proven() },
		want: "refused(several-requests)", sent: notUnderstood("several-requests", asha)},
	{name: "codes of two requests", mail: func(s *prelude) *draft {
		return forged(s).set("In-Reply-To", "<"+s.review(another, asha).MessageID+">").proven()
	}, want: "refused(several-requests)", sent: notUnderstood("several-requests", asha)},
	{name: "codes of two requests in the text", mail: func(s *prelude) *draft {
		return s.note(asha, "Re: review", "APPROVE\n\n> Review code: "+s.codeOf(open, asha)+
			"\n> Review code: "+s.codeOf(another, asha)).proven()
	}, want: "refused(several-requests)", sent: notUnderstood("several-requests", asha)},

	{name: "the code of older evidence", mail: func(s *prelude) *draft { return s.reply(asha, s.older(changed, asha), "APPROVE").proven() },
		want: "refused(superseded) " + changed, sent: notUnderstood("superseded", asha)},
	{name: "used twice, with other words", mail: func(s *prelude) *draft {
		return s.reply(asha, s.review(joint, asha), "APPROVE UNTIL 2027-03-01").proven()
	},
		want: "refused(not-now) " + joint, sent: notUnderstood("not-now", asha)},
	{name: "used twice, from an alias", mail: func(s *prelude) *draft {
		return s.reply("a.patel@trust.example", s.review(joint, asha), "APPROVED").proven()
	},
		want: "refused(not-now) " + joint, sent: notUnderstood("not-now", asha)},
	{name: "rejected after the approval", mail: func(s *prelude) *draft {
		return s.reply(ben, s.review(settled, ben), "REJECT it is not signed").proven()
	},
		want: "refused(already-decided) " + settled, sent: []string{"already-decided already-decided > ben@helpdesk.test"}},
	{name: "approved again, for a time", mail: func(s *prelude) *draft {
		return s.reply(asha, s.review(settled, asha), "APPROVE UNTIL 2027-05-01").proven()
	},
		want: "refused(already-decided) " + settled, sent: []string{"already-decided already-decided > asha@helpdesk.test"}},
	{name: "approved with the code to revoke", mail: func(s *prelude) *draft {
		return s.reply(asha, s.letter(intake.LetterDecided, settled, asha), "APPROVE").proven()
	},
		want: "refused(already-decided) " + settled, sent: []string{"already-decided already-decided > asha@helpdesk.test"}},
	{name: "revoked with the code to decide", mail: func(s *prelude) *draft {
		return s.reply(asha, s.review(settled, asha), "REVOKE no longer needed").proven()
	},
		want: "refused(not-now) " + settled, sent: notUnderstood("not-now", asha)},
	{name: "revoked before it is decided", mail: func(s *prelude) *draft {
		return s.reply(asha, s.review(open, asha), "REVOKE no longer needed").proven()
	},
		want: "refused(not-now) " + open, sent: notUnderstood("not-now", asha)},
	{name: "after the site took it back", mail: func(s *prelude) *draft { return s.reply(asha, s.review(withdrawn, asha), "APPROVE").proven() },
		want: "refused(already-decided) " + withdrawn, sent: []string{"already-decided already-decided > asha@helpdesk.test"}},
	{name: "a code that is too old", later: 60 * 24 * time.Hour, mail: func(s *prelude) *draft { return forged(s).proven() },
		want: "refused(expired) " + open, sent: []string{"not-understood expired > asha@helpdesk.test", "review > asha@helpdesk.test"}},

	{name: "a reviewer no longer", edits: []string{`"ben@helpdesk.test"`, `"cleo@helpdesk.test"`},
		mail: func(s *prelude) *draft { return s.reply(ben, s.review(open, ben), "APPROVE").proven() },
		want: "refused(no-longer) " + open, sent: []string{"alert no-longer > ops@helpdesk.test", "not-understood no-longer > ben@helpdesk.test"}},
	{name: "a reviewer no longer, with another's code", edits: []string{`"ben@helpdesk.test"`, `"cleo@helpdesk.test"`},
		mail: func(s *prelude) *draft { return s.reply(ben, s.review(open, asha), "APPROVE").proven() },
		want: "refused(wrong-address) " + open, sent: wrongHands},
	{name: "a reviewer's alias no longer", edits: []string{`aliases = ["a.patel@trust.example"]`, ""},
		mail: func(s *prelude) *draft {
			return s.reply("a.patel@trust.example", s.review(open, asha), "APPROVE").proven()
		},
		want: "refused(wrong-address) " + open, sent: wrongHands},
	{name: "a new reviewer with an old one's code", edits: []string{`"ben@helpdesk.test"`, `"cleo@helpdesk.test"`},
		mail: func(s *prelude) *draft {
			return s.reply("Cleo Ray <cleo@helpdesk.test>", s.review(open, ben), "APPROVE").proven()
		},
		want: "refused(not-yours) " + open, sent: notUnderstood("not-yours", "cleo@helpdesk.test")},
	{name: "a reviewer of the request's own site", edits: []string{"sam.green@pharmacy.test", "sam.green@pharmacy.test;asha@helpdesk.test"},
		mail: func(s *prelude) *draft { return forged(s).proven() }, want: "refused(barred) " + open, sent: notUnderstood("barred", asha)},
	{name: "a reviewer whose own exception it is", edits: []string{`"a.patel@trust.example"`, `"rosa.lind@dental.test"`, ",rosa.lind@dental.test\n", ",\n"},
		mail: func(s *prelude) *draft { return s.reply(asha, s.review(another, asha), "APPROVE").proven() },
		want: "refused(barred) " + another, sent: notUnderstood("barred", asha)},

	{name: "written to the site", mail: func(s *prelude) *draft { return forged(s).set("To", pharmacy).proven() },
		want: "refused(not-addressed) " + open, sent: notUnderstood("not-addressed", asha)},
	{name: "written to a name that is ours", mail: func(s *prelude) *draft {
		return forged(s).set("To", `"mfa@helpdesk.test" <kim@pharmacy.test>`).proven()
	},
		want: "refused(not-addressed) " + open, sent: notUnderstood("not-addressed", asha)},
	{name: "written to another reviewer, and redirected to us", mail: func(s *prelude) *draft {
		return forged(s).set("To", ben).top("Resent-From: "+mallory, "Resent-To: "+service, "Delivered-To: "+service).proven()
	}, want: "refused(not-addressed) " + open, sent: notUnderstood("not-addressed", asha)},
	{name: "the same message twice", first: func(s *prelude) *draft { return s.reply(ben, s.review(open, asha), "APPROVE").proven() }, firstWant: "refused(not-yours) " + open,
		mail: func(s *prelude) *draft {
			return s.reply(ben, s.review(open, asha), "APPROVE").top("X-Seen: again").proven()
		}, want: "ignored(duplicate) " + open},
	{name: "forged twice within the hour", first: func(s *prelude) *draft { return forged(s).spoofed() }, firstWant: unproven,
		mail: func(s *prelude) *draft { return forged(s).spoofed() }, want: unproven},
}

// forgedCodes come from proven senders, with a code that is not theirs, not for this or not for now, or
// without one.
var forgedCodes = slices.Concat(foreign, all(missing, noCode, notUnderstood("no-token", asha)...), untimely)
