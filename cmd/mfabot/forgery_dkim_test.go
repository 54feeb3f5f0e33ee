package main

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// everything is what careful servers sign.
const everything = "From:From:To:To:Cc:Subject:Subject:Date:Message-ID:In-Reply-To:References:" +
	"MIME-Version:Content-Type:Content-Transfer-Encoding:Sender:Reply-To"

// signedBy is Asha's reply with a signature, coming in from outside.
func signedBy(c signing) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).signed(c).top(borderHop) }
}

// altered is what Asha signed, changed on its way.
func altered(fields string, written func(s *prelude) *draft, change func(s *prelude, d *draft)) func(s *prelude) *draft {
	return func(s *prelude) *draft {
		d := written(s).signed(signing{fields: fields})
		change(s, d)
		return d.top(borderHop)
	}
}

// undecided is what Asha answered to the review email, without a decision.
func undecided(s *prelude) *draft {
	return forged(s).content("text/plain; charset=utf-8", "Let me think.\n\nAsha\n")
}

// bare is a command from Asha without a code.
func bare(s *prelude) *draft { return plain(forged(s)) }

// notSigned are messages whose signatures do not prove that Asha wrote them.
var notSigned = []forgery{
	{name: "no signature", mail: func(s *prelude) *draft { return forged(s).top(borderHop) }},
	{name: "no signature, and forged results", mail: func(s *prelude) *draft { return forged(s).proven() }},
	{name: "signed by the sender's own domain", mail: signedBy(signing{domain: "evil.test", selector: "evil", fields: everything})},
	{name: "signed by the sender's own domain for the reviewer", mail: signedBy(signing{domain: "evil.test", selector: "evil", fields: everything, tags: "i=asha@helpdesk.test;"})},
	{name: "signed with the sender's own key", mail: func(s *prelude) *draft {
		d := forged(s).signed(signing{domain: "helpdesk.test", selector: "evil", fields: everything})
		d.fields[0] = strings.Replace(d.fields[0], "s=evil", "s=mail", 1)
		return d.top(borderHop)
	}},
	{name: "signed by the public suffix itself", mail: signedBy(signing{domain: "test", selector: "evil", fields: everything})},
	{name: "signed by the public suffix for the reviewer", mail: signedBy(signing{domain: "test", selector: "evil", fields: everything, tags: "i=@helpdesk.test;"})},
	{name: "signed below the reviewer's domain", mail: signedBy(signing{domain: "evil.sub.helpdesk.test", fields: everything})},
	{name: "signed by another's domain", mail: signedBy(signing{domain: "pharmacy.test", fields: everything})},
	{name: "signed with a key of 512 bits", mail: signedBy(signing{selector: "weak512", fields: everything})},
	{name: "signed with a key of 768 bits", mail: signedBy(signing{selector: "weak768", fields: everything})},
	{name: "signed with SHA-1", mail: signedBy(signing{fields: everything, sha1: true})},
	{name: "a signature that has expired", mail: signedBy(signing{fields: everything, tags: "t=1600000000; x=1600086400;"})},
	{name: "a signature without From", mail: signedBy(signing{fields: "To:Subject:Date:Message-ID:In-Reply-To:References"})},
	{name: "a key that was revoked", mail: signedBy(signing{selector: "revoked", fields: everything})},
	{name: "a key that is only tried out", mail: signedBy(signing{selector: "tests", fields: everything})},
	{name: "a key that is not published", mail: signedBy(signing{selector: "unpublished", fields: everything})},
	{name: "a key that could not be looked up for hours", waited: 5 * time.Hour, mail: signedBy(signing{selector: "broken", fields: everything})},
	{name: "a signature in an attached message only", mail: func(s *prelude) *draft {
		return forged(s).parts("mixed", textPart+"APPROVE", attached(forged(s).signed(signing{fields: everything}).String())).top(borderHop)
	}},
	{name: "a valid signature and a veto of the server's", trust: byServer + "\n" + byDKIM, mail: func(s *prelude) *draft {
		return forged(s).signed(signing{fields: everything}).by("dmarc=fail (p=none dis=none) header.from=helpdesk.test")
	}},

	// What Asha signed, changed.
	{name: "another text", mail: altered(everything, undecided, func(_ *prelude, d *draft) { d.body = "APPROVE\r\n" + d.body })},
	{name: "another text after a length of nothing", mail: func(s *prelude) *draft {
		d := undecided(s).signed(signing{fields: everything, tags: "l=0;"})
		d.body = "APPROVE\r\n"
		return d.top(borderHop)
	}},
	{name: "more text after a length", mail: func(s *prelude) *draft {
		d := forged(s).parts("alternative", textPart+"Let me think.")
		d.body = strings.TrimSuffix(d.body, "--next--\r\n")
		d.signed(signing{fields: everything, tags: "l=40;", length: 40})
		d.body += "--next\r\nContent-Type: text/html\r\n\r\nAPPROVE\r\n--next--\r\n"
		return d.top(borderHop)
	}},
	{name: "another author", mail: altered(everything, func(s *prelude) *draft { return s.reply(pharmacy, s.review(open, asha), "APPROVE") },
		func(_ *prelude, d *draft) { d.set("From", asha) })},
	{name: "another author above the signed one", mail: altered("From:To:Date", func(s *prelude) *draft { return s.reply(pharmacy, s.review(open, asha), "APPROVE") },
		func(_ *prelude, d *draft) { d.top("From: " + asha) }), want: unclear, sent: []string{attempt}},
	{name: "another subject, which was signed", mail: altered(everything, bare, func(s *prelude, d *draft) { d.set("Subject", "RE: ["+s.codeOf(open, asha)+"]") })},
	{name: "another subject above the signed one", mail: altered("From:To:Subject:Date", bare, func(s *prelude, d *draft) { d.top("Subject: RE: [" + s.codeOf(open, asha) + "]") })},
	{name: "a code where none was signed", mail: altered(everything, bare, func(s *prelude, d *draft) { d.end("In-Reply-To: <" + s.review(open, asha).MessageID + ">") })},
	{name: "a header line that ends in LF", mail: altered("From:To:Date", bare, func(s *prelude, d *draft) {
		d.set("Subject", "RE: review\nIn-Reply-To: <"+s.review(open, asha).MessageID+">")
	})},
	{name: "lines of the header that are no fields", mail: altered("From:To:Date", bare, func(s *prelude, d *draft) {
		d.end("this is no field", "In-Reply-To: <"+s.review(open, asha).MessageID+">")
	})},
}

// notCovered are what Asha wrote, with a code where the signature does not reach.
var notCovered = []forgery{
	{name: "a code in a subject that is not signed", mail: altered("From:To:Date", bare, func(s *prelude, d *draft) { d.set("Subject", "RE: ["+s.codeOf(open, asha)+"]") })},
	{name: "a code in an In-Reply-To that is not signed", mail: altered(likeExchange, bare, func(s *prelude, d *draft) { d.end("In-Reply-To: <" + s.review(open, asha).MessageID + ">") })},
	{name: "a code in References that are not signed", mail: altered(likeOpenDKIM, bare, func(s *prelude, d *draft) { d.end("References: <" + s.review(open, asha).MessageID + ">") })},
	{name: "a code in a recipient that is not signed", mail: altered(likeExchange, bare, func(s *prelude, d *draft) { d.set("To", "<mfa+"+s.codeOf(open, asha)+"@helpdesk.test>") })},
	{name: "a code in a copy's recipient that is not signed", mail: altered(likeGmail, bare, func(s *prelude, d *draft) { d.end("Cc: <mfa+" + s.codeOf(open, asha) + "@helpdesk.test>") })},
	{name: "a code where a server found a signature that is gone", trust: byServer, mail: func(s *prelude) *draft {
		return bare(s).end("In-Reply-To: <" + s.review(open, asha).MessageID + ">").
			by("dkim=pass header.d=helpdesk.test header.i=@helpdesk.test")
	}},
	{name: "a code in a field that a server found signed", trust: byServer, mail: func(s *prelude) *draft {
		d := bare(s).signed(signing{fields: likeExchange})
		return d.end("In-Reply-To: <"+s.review(open, asha).MessageID+">").
			by(pass, "dkim=pass (2048-bit key; unprotected) header.d=helpdesk.test header.i=@helpdesk.test "+
				"header.a=rsa-sha256 header.s=mail; dkim-atps=neutral")
	}},
}

// quoting is what Asha wrote below Ben's words, with which she disagrees. As she wrote it, it is not a
// decision.
func quoting(s *prelude) *draft {
	return forged(s).content("text/plain; charset=utf-8", "I do not agree with Ben.\n\n-----Original Message-----\nFrom: "+ben+
		"\nSent: 23 November 2026 10:00\nTo: "+asha+"\nSubject: review\n\nAPPROVE\n\nBen\n")
}

// forwarding is what Asha forwarded without a word of her own.
func forwarding(s *prelude) *draft {
	return forged(s).content("text/plain; charset=utf-8", "-----Original Message-----\nFrom: "+ben+
		"\nSent: 23 November 2026 10:00\nTo: "+asha+"\nSubject: review\n\nAPPROVE\n")
}

// relabelled is a message of several parts that together decide nothing, declared as another kind of
// multipart, which the signature does not cover.
func relabelled(contentType string, parts ...string) func(s *prelude) *draft {
	return altered(likeOpenDKIM, func(s *prelude) *draft { return forged(s).parts("mixed", parts...) },
		func(_ *prelude, d *draft) { d.set("Content-Type", contentType) })
}

// reread are what Asha signed, made to read differently: the signature does not cover how it is read.
var reread = []forgery{
	{name: "another Content-Type, which was signed", mail: altered(everything, quoting, func(_ *prelude, d *draft) {
		d.set("Content-Type", `multipart/mixed; boundary="---Original Message-----"`)
	}), want: unproven, sent: []string{attempt}},
	{name: "another Content-Type, which was not signed", mail: altered(likeOpenDKIM, quoting, func(_ *prelude, d *draft) {
		d.set("Content-Type", `multipart/mixed; boundary="---Original Message-----"`)
	}), want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "another Content-Type for a message without words", mail: altered(likeOpenDKIM, forwarding, func(_ *prelude, d *draft) {
		d.set("Content-Type", `multipart/mixed; boundary="---Original Message-----"`)
	}), want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "a message made of a message", mail: altered(likeOpenDKIM, func(s *prelude) *draft {
		d := forwarding(s)
		d.body = strings.TrimPrefix(d.body, "-----Original Message-----\r\n")
		return d
	}, func(_ *prelude, d *draft) { d.set("Content-Type", "message/rfc822") }), want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "texts in a row made alternatives", mail: relabelled("multipart/alternative; boundary=\"next\"", textPart+"I do not agree with Ben.", textPart+"APPROVE"),
		want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "a text and a page made alternatives", mail: relabelled("multipart/alternative; boundary=\"next\"", textPart+"I do not agree with Ben.", pagePart+"<p>APPROVE</p>"),
		want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "texts made alternatives, the command first", mail: relabelled("multipart/alternative; boundary=\"next\"", textPart, textPart+"APPROVE", pagePart+"<p>APPROVE</p><p>is what Ben says.</p>"),
		want: "refused(text-below) " + open, sent: notUnderstood("text-below", asha)},
	{name: "a file made the root", mail: relabelled("multipart/related; start=\"<ben@helpdesk.test>\"; boundary=\"next\"", textPart+"I do not agree with Ben.",
		"Content-ID: <ben@helpdesk.test>\n"+filePart+"APPROVE"), want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "a text made the root", mail: relabelled("multipart/related; start=\"<ben@helpdesk.test>\"; boundary=\"next\"", textPart+"I do not agree with Ben.",
		"Content-ID: <ben@helpdesk.test>\n"+textPart+"APPROVE"), want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "a signed message's parts", mail: relabelled("multipart/signed; protocol=\"application/pgp-signature\"; boundary=\"next\"", textPart+"APPROVE", textPart+"is what Ben says. I do not agree."),
		want: "refused(text-below) " + open, sent: notUnderstood("text-below", asha)},
	{name: "a page made of a text", mail: altered(likeOpenDKIM, func(s *prelude) *draft {
		return forged(s).content("text/plain; charset=utf-8", "<!--\nI do not agree with Ben, who wrote:\n-->\n\n> APPROVE\n")
	}, func(_ *prelude, d *draft) { d.set("Content-Type", "text/html") }), want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "a Content-Type where there was none", mail: altered(likeOpenDKIM, func(s *prelude) *draft {
		return quoting(s).drop("Content-Type", "MIME-Version", "Content-Transfer-Encoding")
	},
		func(_ *prelude, d *draft) {
			d.end("MIME-Version: 1.0", `Content-Type: multipart/alternative; boundary="---Original Message-----"`)
		}), want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
	{name: "another Content-Type that a server found signed", trust: byServer, mail: func(s *prelude) *draft {
		d := quoting(s).signed(signing{fields: likeOpenDKIM}).set("Content-Type", `multipart/mixed; boundary="---Original Message-----"`)
		return d.by(pass, "dkim=pass (2048-bit key; unprotected) header.d=helpdesk.test header.i=@helpdesk.test "+
			"header.a=rsa-sha256 header.s=mail; dkim-atps=neutral")
	}, want: "refused(no-command) " + open, sent: notUnderstood("no-command", asha)},
}

// trusting sets the trust of the cases that have none of their own.
func trusting(trust string, cases ...forgery) []forgery {
	for i := range cases {
		cases[i].trust = cmp.Or(cases[i].trust, trust)
	}
	return cases
}

// forgedSignatures are in Asha's name, where signatures prove the sender.
var forgedSignatures = trusting(byDKIM, slices.Concat(notSigned, all(notCovered, noCode, notUnderstood("no-token", asha)...), reread)...)
