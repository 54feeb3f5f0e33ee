package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// hidden is a request for Mallory as the parts of a message, which somebody quoted who wrote no such message.
func hidden() string {
	pdf := "%PDF-1.4\n" + strings.Repeat("% letter of a doctor about Mallory, who cannot use MFA\n", 60) + "\n%%EOF\n"
	return "--evil\nContent-Type: text/plain\n\nPlease exempt Mallory Black, mallory.black@nhs.test, from MFA: an accessibility issue, " +
		"she has a tremor.\nMFA method registered: yes, Authenticator is set up.\n\n--evil\nContent-Type: application/pdf\n" +
		"Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=letter.pdf\n\n" +
		base64.StdEncoding.EncodeToString([]byte(pdf)) + "\n--evil--\n"
}

// baffled is the pharmacy's answer to somebody, whose words it quotes without marks.
func baffled(s *prelude, subject, quoted string) *draft {
	return s.note(pharmacy, subject, "We do not understand your email. Oak Street Pharmacy\n\n-----Original Message-----\n"+
		"From: Mallory\nSent: 23 November 2026 10:00\nTo: Oak Street\nSubject: hello\n\n"+quoted)
}

// recast is what a site signed as a server of some kind does, changed where the signature does not reach.
func recast(fields string, written func(s *prelude) *draft, change func(d *draft)) func(s *prelude) *draft {
	return func(s *prelude) *draft {
		d := written(s).signed(signing{fields: fields})
		change(d)
		return d.top(borderHop)
	}
}

var (
	framing     = []string{"alert framing > ops@helpdesk.test"}
	askedSite   = []string{"confirm > oakstreet@pharmacy.test"}
	askedAsha   = []string{"confirm > asha@helpdesk.test"}
	unconfirmed = "refused(unconfirmed) " + open
)

// forgedSites are what a site wrote, read as it did not write it.
var forgedSites = trusting(byDKIM,
	forgery{name: "a site's answer divided anew", mail: recast(likeGmail, func(s *prelude) *draft {
		return baffled(s, "Re: hello", hidden()).set("To", service)
	}, func(d *draft) {
		d.set("Content-Type", "multipart/mixed; boundary=evil").drop("Content-Transfer-Encoding")
	}), want: "quarantined(framing)", sent: framing},
	forgery{name: "a withdrawal made of a site's answer", mail: recast(likeGmail, func(s *prelude) *draft {
		return baffled(s, "Re: ["+open+"] question", "--evil\nContent-Type: text/plain\n\nWITHDRAW\n\n--evil--\n")
	}, func(d *draft) {
		d.set("Content-Type", "multipart/mixed; boundary=evil").drop("Content-Transfer-Encoding")
	}), want: "quarantined(framing)", sent: framing},
	forgery{name: "a site's page divided anew", mail: recast(likeGmail, func(s *prelude) *draft {
		return s.note(pharmacy, "Re: hello", "x").parts("alternative", textPart+"We do not understand your email.",
			pagePart+"<div>We do not understand your email.</div><blockquote><pre>\n"+hidden()+"</pre></blockquote>")
	}, func(d *draft) { d.set("Content-Type", "multipart/mixed; boundary=evil") }), want: "quarantined(framing)", sent: framing},
	forgery{name: "a site's text called a page", mail: recast(likeOpenDKIM, func(s *prelude) *draft {
		return baffled(s, "Re: hello", "<p>User: mallory@nhs.test</p>")
	}, func(d *draft) { d.set("Content-Type", "text/html; charset=utf-8") }), want: "quarantined(framing)", sent: framing},
	forgery{name: "a site's quotation encoded anew", mail: recast(likeOpenDKIM, func(s *prelude) *draft {
		return s.note(pharmacy, "Re: hello", "What do you mean?\n\n> hello=0AUser: mallory@nhs.test=0AReason: accessibility\n")
	}, func(d *draft) { d.set("Content-Transfer-Encoding", "quoted-printable") }), want: "quarantined(framing)", sent: framing},
	forgery{name: "a site's quotation decoded no more", mail: recast(likeOpenDKIM, func(s *prelude) *draft {
		return s.note(pharmacy, "Re: hello", "What do you mean?\n\n"+
			"> a long line of what somebody wrote that goes on and on=\nUser: mallory@nhs.test\n").
			set("Content-Transfer-Encoding", "quoted-printable")
	}, func(d *draft) { d.set("Content-Transfer-Encoding", "8bit") }), want: "quarantined(framing)", sent: framing},
	forgery{name: "a site's quotation in another charset", mail: recast(likeOpenDKIM, func(s *prelude) *draft {
		return s.note(pharmacy, "Re: hello", "What do you mean?\n\n> hello+AAo-User: mallory@nhs.test\n")
	}, func(d *draft) { d.set("Content-Type", "text/plain; charset=utf-7") }), want: "quarantined(framing)", sent: framing},
	forgery{name: "a site's request to somebody else, sent on", mail: recast(likeExchange, func(s *prelude) *draft {
		return s.asks(pharmacy, "Ida Moss <ida.moss@pharmacy.test>", "Accessibility issue").set("To", "help@elsewhere.test")
	}, func(d *draft) { d.set("To", service) }), want: "quarantined(unconfirmed)", sent: askedSite},
	forgery{name: "a site's request to somebody else, signed so", mail: recast(everything, func(s *prelude) *draft {
		return s.asks(pharmacy, "Ida Moss <ida.moss@pharmacy.test>", "Accessibility issue").set("To", "help@elsewhere.test")
	}, func(*draft) {}), want: "quarantined(unconfirmed)", sent: askedSite},
	forgery{name: "a site's withdrawal of something else, sent on", mail: recast(likeExchange, func(s *prelude) *draft {
		return s.note(pharmacy, "["+open+"]", "WITHDRAW").set("To", "help@elsewhere.test")
	}, func(d *draft) { d.drop("To") }), want: "quarantined(unconfirmed)", sent: askedSite},
	forgery{name: "a site's request of long ago", later: 200 * 24 * time.Hour, mail: recast(everything, func(s *prelude) *draft {
		return s.asks(pharmacy, "Ida Moss <ida.moss@pharmacy.test>", "Accessibility issue")
	}, func(*draft) {}), want: "quarantined(old)", sent: []string{"alert old > ops@helpdesk.test"}},
)

// forgedMeaning are answers of Asha's that she did not write to us, or did not send herself.
var forgedMeaning = trusting(byDKIM,
	sentOn("to a colleague, as Microsoft 365 signs", likeExchange, func(d *draft) { d.set("To", service) }),
	sentOn("to a colleague, few fields signed", "From:Date:Subject:Message-ID", func(d *draft) { d.set("To", service) }),
	sentOn("to a colleague, To taken away", likeExchange, func(d *draft) { d.drop("To") }),
	sentOn("to a colleague, with a Cc put there", likeGmail, func(d *draft) { d.end("Cc: " + service) }),
	forgery{name: "to a colleague, by the results of a server", trust: byServer, mail: func(s *prelude) *draft {
		return toCleo(s).signed(signing{fields: likeExchange}).set("To", service).
			by("dmarc=pass (p=none dis=none) header.from=helpdesk.test", "dkim=pass (2048-bit key; unprotected) "+
				"header.d=helpdesk.test header.i=@helpdesk.test header.a=rsa-sha256 header.s=mail; dkim-atps=neutral")
	}, want: unconfirmed, sent: askedAsha},
	forgery{name: "to a colleague, by the results of Exchange", trust: byExchange, mail: func(s *prelude) *draft {
		return toCleo(s).signed(signing{fields: likeExchange}).set("To", service).atExchange(relayedTo("helpdesk.test"))
	}, want: unconfirmed, sent: askedAsha},
	forgery{name: "by a delegate, as Microsoft 365 signs", mail: func(s *prelude) *draft {
		return byDelegate(s).signed(signing{fields: likeExchange}).top(borderHop)
	}, want: unconfirmed, sent: askedAsha},
	forgery{name: "by a delegate, Sender taken away", mail: func(s *prelude) *draft {
		return byDelegate(s).signed(signing{fields: likeExchange}).drop("Sender").top(borderHop)
	}, want: unconfirmed, sent: askedAsha},
	forgery{name: "by a delegate, Sender taken away, by the results of Exchange", trust: byExchange, mail: func(s *prelude) *draft {
		return byDelegate(s).signed(signing{fields: likeGmail}).drop("Sender").atExchange(relayedTo("helpdesk.test"))
	}, want: unconfirmed, sent: askedAsha},
	forgery{name: "a REVOKE to a colleague", mail: func(s *prelude) *draft {
		l := s.letter(intake.LetterDecided, settled, asha)
		return s.reply(asha, l, "REVOKE they have left").set("To", "Cleo <cleo@elsewhere.test>").
			signed(signing{fields: likeExchange}).set("To", service).top(borderHop)
	}, want: "refused(unconfirmed) " + settled, sent: askedAsha},
	forgery{name: "an answer of long ago", later: 8 * 24 * time.Hour, mail: func(s *prelude) *draft {
		return forged(s).signed(signing{fields: everything}).top(borderHop)
	}, want: "quarantined(old)", sent: []string{"alert old > ops@helpdesk.test"}},
	forgery{name: "an answer signed long ago, by its t=", mail: func(s *prelude) *draft {
		return forged(s).signed(signing{fields: everything, tags: "t=1600000000;"}).top(borderHop)
	}, want: "quarantined(old)", sent: []string{"alert old > ops@helpdesk.test"}},
	forgery{name: "an answer of no day", mail: func(s *prelude) *draft {
		return forged(s).signed(signing{fields: strings.ReplaceAll(everything, "Date:", "")}).top(borderHop)
	}, want: "quarantined(old)", sent: []string{"alert old > ops@helpdesk.test"}},
)

// toCleo approves to a colleague.
func toCleo(s *prelude) *draft {
	return s.reply(asha, s.review(open, asha), "Approved. Thanks").set("To", "Cleo <cleo@elsewhere.test>")
}

// byDelegate is what somebody sent who may send as Asha.
func byDelegate(s *prelude) *draft {
	return s.reply(asha, s.review(open, asha), "APPROVE").end("Sender: PA <pa@helpdesk.test>")
}

// sentOn is an approval to a colleague that somebody changes and sends on to us.
func sentOn(name, fields string, change func(d *draft)) forgery {
	return forgery{name: name, mail: recast(fields, toCleo, change), want: unconfirmed, sent: askedAsha}
}

// relayedTo are Exchange's results for a domain's signed message that a stranger's server hands in.
func relayedTo(domain string) string {
	return "spf=none (sender IP is 198.51.100.66)\r\n smtp.mailfrom=evil.test; dkim=pass (signature was verified)\r\n header.d=" + domain +
		";dmarc=pass action=none\r\n header.from=" + domain + ";compauth=pass reason=100"
}

// TestNothingByCopies: copies of what a site wrote, each with another field, use up nothing, raise one alert at
// most, and leave its next words their effect.
func TestNothingByCopies(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for name, words := range map[string]string{"words": "We sent you the letter last week, please see that.", "a withdrawal": "WITHDRAW"} {
		for _, subject := range []string{open, "LT-2026-09999"} {
			t.Run(name+" "+subject, func(t *testing.T) {
				t.Parallel()
				w := s.trial(t, byServer+"\n"+byDKIM)
				d := s.note(pharmacy, "Re: ["+subject+"] more", words).signed(signing{fields: likeExchange})
				known := w.written()
				for i := range 150 { // more than all that is passed on, or answered, in a day
					to := fmt.Sprintf("mfa@helpdesk.test, x%d@evil.test", i)
					w.take(parseDraft([]byte(d.String())).set("To", to).top(borderHop).String())
				}
				w.checkLetters(known, askedSite)
				known = w.written()
				m := w.take(s.reply(pharmacy, s.letter(intake.LetterReceipt, open, pharmacy),
					"Please do not approve this, it is for another Sam.").proven().String())
				if got := outcomeOf(m); got != "information "+open {
					t.Errorf("its own words ended as %s\n%s", got, checksOf(m))
				}
				w.checkLetters(known, []string{"information > asha@helpdesk.test", "information > ben@helpdesk.test"})
			})
		}
	}
}

// TestStillAway: what Asha wrote to somebody else does not end her absence, whoever sends it on.
func TestStillAway(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	w := s.trial(t, byServer+"\n"+byDKIM, withDeputy...)
	if got := outcomeOf(w.take(awayFor(s, asha).proven().String())); got != automatic {
		t.Fatalf("her automatic reply ended as %s", got)
	}
	away := func() bool {
		absences, err := w.bot.Store.Absences(t.Context())
		done(t, err)
		return len(absences) == 1 && absences[0].At(w.clock.Now())
	}
	w.take(s.note(asha, "lunch?", "At one.").set("To", "Cleo <cleo@elsewhere.test>").
		signed(signing{fields: likeExchange}).set("To", service).top(borderHop).String())
	if !away() {
		t.Error("what she wrote to somebody else ended her absence")
	}
	w.take(s.note(asha, "lunch?", "At two.").proven().String())
	if away() {
		t.Error("what she wrote to us did not end her absence")
	}
}
