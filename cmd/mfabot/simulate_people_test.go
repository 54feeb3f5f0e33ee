package main

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
)

// people are everybody who writes: they know what they meant, which the bot must find out.
type people struct {
	world    *sim.World
	settings *config.Settings
	dice     *sim.Dice
	mails    []*letterIn     // by content number, from 1
	byHand   map[string]hand // decisions on the command line, by reference and reviewer
}

// Who wrote a message, as far as it matters for its outcome.
const (
	bySite     = "site"
	byReviewer = "reviewer"
	byStranger = "stranger"
	byForger   = "forger"   // in whoever's name
	byOutsider = "outsider" // who sends on what somebody else wrote and signed
	byMachine  = "machine"  // in whoever's name
)

// letterIn is a message to the service, and the truth about it.
type letterIn struct {
	by      string
	from    string // the address that it names
	id      string // Message-ID, without brackets
	verb    string // approve, reject, info, revoke; empty for what decides nothing
	answers *sim.Letter
	short   bool // asks for a short-term exception
	large   bool
	sham    bool        // with a code that nobody was given
	bounce  *sim.Letter // of which it reports that it did not arrive
	dead    bool        // and never will
	of      *letterIn   // which somebody else sent on
	words   string      // all of it but what the servers on its way add
	content int
}

// genuine reports whether a person wrote the message, and sent it to us.
func (l *letterIn) genuine() bool { return l.by != byForger && l.by != byOutsider && l.by != byMachine }

// act has somebody do something.
func (p *people) act(s *simulation) {
	acts := []func(){
		p.asks, p.asksWithout, p.asksUnclearly, p.asksShort,
		p.reviews, p.reviews, p.reviews, p.revokes,
		p.siteAnswers, p.siteAnswers, p.siteAnswers, p.withdraws,
		p.asksBack, p.saysDone, p.saysDone, func() { s.atDesk(p.doneByHand) },
		p.away, p.bounces, p.stranger, p.noise, p.large,
		func() { s.atDesk(p.grants) }, func() { s.atDesk(p.revokesByHand) }, func() { s.atDesk(p.decidesByHand) },
		func() { s.atDesk(p.requeues) }, func() { s.atDesk(p.delegates) },
	}
	acts[p.dice.IntN(len(acts))]()
}

// begin has people do the most common things: ask, and decide.
func (p *people) begin(round int) {
	if round == 0 || p.dice.Chance(.2) {
		p.asks()
	}
	if round > 0 && p.dice.Chance(.7) {
		p.reviews()
	}
	if round > 0 && p.dice.Chance(.2) {
		p.revokes()
	}
	if p.settings.Directory == nil && p.dice.Chance(.7) {
		p.saysDone()
	}
}

// simSites are the sites, each with one of its users.
var simSites = []struct{ site, user string }{{pharmacy, sam}, {dentist, rosa}, {careHome, tom}}

var simReasons = []string{"accessibility", "clinical risk", "secure location", "other"}

// write makes a message and delivers it.
func (p *people) write(l letterIn, subject, body, evidence string) {
	at := p.world.Clock.Now()
	if l.id == "" {
		l.id = fmt.Sprintf("%016x@client.test", p.dice.Uint64())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n", l.from, service, subject,
		at.Format(time.RFC1123Z), l.id)
	if l.answers != nil {
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", l.answers.MessageID, l.answers.MessageID)
	}
	if l.by == byMachine {
		b.WriteString("Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n")
	}
	b.WriteString("MIME-Version: 1.0\r\n")
	body = strings.ReplaceAll(body, "\n", "\r\n") + "\r\n"
	if evidence == "" {
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\n\r\n" + body)
	} else {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"+
			"--x\r\nContent-Type: text/plain; name=\"letter.txt\"\r\nContent-Disposition: attachment; filename=\"letter.txt\"\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--x--\r\n", body, base64.StdEncoding.EncodeToString([]byte(evidence)))
	}
	l.words = b.String()
	p.post(&l)
}

// post delivers a new message, and perhaps delivers it again.
func (p *people) post(l *letterIn) {
	l.content = len(p.mails) + 1
	p.mails = append(p.mails, l)
	p.world.Trace.Note("> %s, by a %s: %s", l.from, l.by, sim.Field(l.words, "Subject"))
	p.deliver(l)
	if p.world.Faults.Strikes(sim.MailTwice) {
		p.deliver(l)
	}
	if p.world.Faults.Strikes(sim.MailSameID) && l.by != byForger {
		p.sameID(l)
	}
	if p.world.Faults.Strikes(sim.MailReplayed) {
		p.replay()
	}
	if p.world.Faults.Strikes(sim.MailForged) && l.by != byForger {
		p.forge(l)
	}
}

// replay has an outsider who got a message that somebody else wrote, and signed, send it to us, or to us again.
func (p *people) replay() {
	of := sim.Pick(p.dice, p.mails)
	if of.by == byForger || of.by == byOutsider {
		return
	}
	l := *of
	l.by, l.of, l.content = byOutsider, of, len(p.mails)+1
	p.mails = append(p.mails, &l)
	domain := domainOf(l.from)
	p.world.Trace.Note("> %s, sent on by an outsider: %s", l.from, sim.Field(l.words, "Subject"))
	p.arrive(&l, "out.evil.test", fmt.Sprintf("spf=pass smtp.mailfrom=mallory@evil.test; dkim=pass header.d=%s; "+
		"dmarc=pass header.from=%s", domain, domain))
}

func domainOf(from string) string { return post.Bare(from)[strings.IndexByte(post.Bare(from), '@')+1:] }

// deliver puts a message into the inbox, with what the servers on its way add.
func (p *people) deliver(l *letterIn) {
	from := post.Bare(l.from)
	domain := domainOf(l.from)
	verdict := fmt.Sprintf("spf=pass smtp.mailfrom=%s; dmarc=pass header.from=%s", from, domain)
	if l.by == byForger {
		verdict = fmt.Sprintf("spf=fail smtp.mailfrom=%s; dmarc=fail header.from=%s", from, domain)
	}
	p.arrive(l, "out."+domain, verdict)
}

// arrive puts a message into the inbox that came from a server, with what ours says of it.
func (p *people) arrive(l *letterIn, server, verdict string) {
	trace := fmt.Sprintf("Authentication-Results: %s; %s\r\nReceived: from %s (%s [192.0.2.7]) by %s with ESMTPS id %x; %s\r\n",
		simAuthserv, verdict, server, server, simAuthserv, p.dice.Uint32(), p.world.Clock.Now().Format(time.RFC1123Z))
	p.world.Mail.Deliver([]byte(trace+l.words), l.content)
}

// sameID is another message with the Message-ID of one that was sent: from a client that numbers badly, or
// from somebody who wants the other message lost.
func (p *people) sameID(l *letterIn) {
	who := simSites[p.dice.IntN(len(simSites))]
	user := p.user(who.user)
	p.write(letterIn{by: bySite, from: who.site, id: l.id}, "MFA exception for "+user, p.form(user), p.evidence())
}

// forge is a copy of a message, sent by somebody else.
func (p *people) forge(l *letterIn) {
	forged := *l
	forged.by = byForger
	if p.dice.Chance(.5) { // else it is the same to the letter
		forged.words = strings.Replace(l.words, "Subject: ", "Subject: Fwd ", 1)
	}
	p.post(&forged)
}

// user is one of several colleagues of somebody.
func (p *people) user(like string) string {
	return fmt.Sprintf("user%d.%s", p.dice.IntN(simColleagues), post.Bare(like))
}

// simColleagues is how many users each site has of each name.
const simColleagues = 3

func (p *people) form(user string) string {
	return fmt.Sprintf("User: %s\nName: Sam Green\nReason: %s\nDetails: Case %d: a long story, told in short.\n"+
		"Authentication method registered: yes\n",
		user, sim.Pick(p.dice, simReasons), p.dice.IntN(1_000_000))
}

func (p *people) evidence() string {
	return fmt.Sprintf("To whom it may concern: letter %d says why the user cannot use MFA.", p.dice.IntN(1_000_000))
}

// asks is a site's request, now and then for a user of another site.
func (p *people) asks() {
	who := simSites[p.dice.IntN(len(simSites))]
	user := p.user(who.user)
	if p.dice.Chance(.2) {
		user = p.user(simSites[p.dice.IntN(len(simSites))].user)
	}
	p.write(letterIn{by: bySite, from: who.site}, "MFA exception for "+user, p.form(user), p.evidence())
}

// asksForAll is a site's requests for all its colleagues.
func (p *people) asksForAll() {
	who := simSites[p.dice.IntN(len(simSites))]
	for i := range simColleagues {
		user := fmt.Sprintf("user%d.%s", i, post.Bare(who.user))
		p.write(letterIn{by: bySite, from: who.site}, "MFA exception for "+user, p.form(user), p.evidence())
	}
}

func (p *people) asksWithout() {
	who := simSites[p.dice.IntN(len(simSites))]
	user := p.user(who.user)
	p.write(letterIn{by: bySite, from: who.site}, "MFA exception", p.form(user), "")
}

func (p *people) asksUnclearly() {
	who := simSites[p.dice.IntN(len(simSites))]
	p.write(letterIn{by: bySite, from: who.site}, "MFA", "Hello, we need an exception for a colleague.\nThank you\n", p.evidence())
}

func (p *people) asksShort() {
	who := simSites[p.dice.IntN(len(simSites))]
	p.write(letterIn{by: bySite, from: who.site, short: true}, "Lost phone",
		fmt.Sprintf("Hello, %s has lost her phone today and cannot sign in. Case %d.\n", p.user(who.user), p.dice.IntN(1_000_000)), "")
}

// letter is one that somebody has received, with one of these words in its subject; nil if there is none.
func (p *people) letter(to string, words ...string) *sim.Letter {
	var found []*sim.Letter
	for _, l := range p.world.Post.Accepted {
		for _, w := range words {
			if l.To == post.Bare(to) && strings.Contains(l.Subject, w) {
				found = append(found, l)
				break
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	if p.dice.Chance(.5) {
		return found[len(found)-1]
	}
	return sim.Pick(p.dice, found)
}

// deciders are the reviewers, and now and then a reviewer's deputy.
var deciders = append(slices.Concat(rivals, rivals), cleo)

// Answers to a review, whose first word is the verb.
var simRulings = []struct{ verb, words string }{
	{"approve", "APPROVE"}, {"approve", "Approve.\n\nThanks"}, {"approve", "APPROVED"}, {"approve", "approve"}, {"approve", "APPROVE"},
	{"approve", "APPROVE UNTIL 2026-12-24"}, {"approve", "APPROVE UNTIL 2027-02-01"},
	{"reject", "REJECT The letter is not signed."}, {"info", "INFO Who signed the letter?"},
	{"", "Looks fine to me"}, {"", "REJECT"},
}

func (p *people) reviews() {
	who := sim.Pick(p.dice, deciders)
	l := p.letter(who, "lease decide")
	if l == nil {
		return
	}
	r := sim.Pick(p.dice, simRulings)
	p.write(letterIn{by: byReviewer, from: who, verb: r.verb, answers: l}, "Re: "+l.Subject, r.words, "")
}

func (p *people) revokes() {
	who := sim.Pick(p.dice, deciders)
	if l := p.letter(who, "keep this to revoke it"); l != nil {
		p.write(letterIn{by: byReviewer, from: who, verb: "revoke", answers: l}, "Re: "+l.Subject, "REVOKE They have left.", "")
	}
}

// siteAnswers is a site's reply to a question, a form, a rejection or a warning.
func (p *people) siteAnswers() {
	who := simSites[p.dice.IntN(len(simSites))]
	l := p.letter(who.site, "A question", "lease tell us", "ot approved", "Ends in", "End soon", "Act today", "We have your request")
	if l == nil {
		p.asks()
		return
	}
	body, evidence := fmt.Sprintf("Here is more, number %d.", p.dice.IntN(1_000_000)), ""
	if strings.Contains(l.Subject, "lease tell us") {
		body = p.form(p.user(who.user))
	}
	if p.dice.Chance(.7) {
		evidence = p.evidence()
	}
	p.write(letterIn{by: bySite, from: who.site, answers: l}, "Re: "+l.Subject, body, evidence)
}

func (p *people) withdraws() {
	who := simSites[p.dice.IntN(len(simSites))]
	if l := p.letter(who.site, "We have your request", "A question"); l != nil {
		p.write(letterIn{by: bySite, from: who.site, answers: l}, "Re: "+l.Subject, "WITHDRAW", "")
	}
}

// away is an automatic reply to a letter that somebody received.
func (p *people) away() {
	who := sim.Pick(p.dice, []string{asha, ben, cleo, pharmacy, dentist, careHome})
	if l := p.letter(who, ""); l != nil {
		p.write(letterIn{by: byMachine, from: who, answers: l}, "Automatic reply: "+l.Subject,
			sim.Pick(p.dice, []string{"I am away until Monday.", "APPROVE", "I approve of holidays."}), "")
	}
}

// bounces is a report that a letter did not reach its recipient after all.
func (p *people) bounces() {
	if len(p.world.Post.Accepted) == 0 {
		return
	}
	l := sim.Pick(p.dice, p.world.Post.Accepted)
	status := sim.Pick(p.dice, []string{"5.1.1", "4.2.2"})
	m := letterIn{by: byMachine, from: "Mail <mailer-daemon@elsewhere.test>",
		id: fmt.Sprintf("%016x@elsewhere.test", p.dice.Uint64()), bounce: l}
	m.words = fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: <%s>\r\n"+
		"Auto-Submitted: auto-replied\r\n"+
		"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\r\n\r\n"+
		"--r\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"+
		"--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.elsewhere.test\r\n\r\n"+
		"Final-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: %s\r\n\r\n"+
		"--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%s>\r\n\r\n--r--\r\n", m.from, service, m.id, l.To, status, l.MessageID)
	m.dead = status[0] == '5'
	p.post(&m)
}

func (p *people) stranger() {
	who := sim.Pick(p.dice, []string{"Ann Other <ann@elsewhere.test>", sam})
	p.write(letterIn{by: byStranger, from: who}, "MFA", fmt.Sprintf("Please switch it off for me. %d", p.dice.IntN(1_000_000)), "")
}

// noise is a message that is hard to read.
func (p *people) noise() {
	l := letterIn{by: byForger, from: "x@y.test"}
	l.words = sim.Pick(p.dice, []string{
		"\r\n\r\nno header at all " + fmt.Sprint(p.dice.Uint64()),
		"From: x@y.test\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q " + fmt.Sprint(p.dice.Uint64()),
		"From: x@y.test, z@y.test\r\nSubject: two " + fmt.Sprint(p.dice.Uint64()) + "\r\n\r\nAPPROVE\r\n",
		strings.Repeat("X: y\r\n", 1500) + "\r\n" + fmt.Sprint(p.dice.Uint64()),
	})
	p.post(&l)
}

func (p *people) large() {
	who := simSites[p.dice.IntN(len(simSites))]
	p.write(letterIn{by: bySite, from: who.site, large: true}, "A large one", p.form(p.user(who.user)),
		strings.Repeat(p.evidence(), 1+simMaxMessage/60))
}

// mail is the message that a copy in the inbox is a copy of.
func (p *people) mail(c *sim.Copy) *letterIn { return p.mails[c.Content-1] }
