package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/intake/senderauth"
	"mfabot/parser"
)

// sampled is how many messages of each folder are looked at.
const sampled = 20

// letter is a message that was read.
type letter struct {
	*parser.Message
	mailbox.Found
}

// newest are the newest messages of the mailbox, which are read once.
func (b *box) newest(ctx context.Context) (all []letter, err error) {
	if b.read == nil {
		b.read, err = b.letters(ctx, "")
	}
	return b.read, err
}

// letters reads those of a mailbox that name an author.
func (b *box) letters(ctx context.Context, from string) (out []letter, err error) {
	found, err := b.visit.Newest(ctx, sampled, from)
	for _, f := range found {
		if m, err := b.doctor.reader.Parse(bytes.NewReader(f.Raw)); err == nil && m.From != "" {
			out = append(out, letter{m, f})
		}
	}
	return out, err
}

// judge judges the sender of a message.
func (d *Doctor) judge(ctx context.Context, t senderauth.Trust, l letter) (intake.Verdict, error) {
	return senderauth.New(t, d.keys).Judge(ctx, l.Message, l.Raw)
}

// isOurTest reports whether a message is one that a doctor has sent.
func (l letter) isOurTest() bool { return isTest(l.MessageID) }

// proven counts the messages whose senders are proven.
func (d *Doctor) proven(ctx context.Context, t senderauth.Trust, all []letter) (n int) {
	for _, l := range all {
		if v, err := d.judge(ctx, t, l); err == nil && v.Authentic {
			n++
		}
	}
	return n
}

// standing is how the senders of some messages stand by what is configured.
type standing struct {
	unproven []letter
	proven   int
	unsure   int  // how many of the proven have authors who would be asked to confirm what they write
	ours     bool // of these some write from our own domain and are no reviewers, of whom another check says so
}

// standing judges by what is configured. Of the signatures of a domain the newest tells how it signs: what is older may be from
// before that was mended.
func (b *box) standing(ctx context.Context, all []letter) (out standing) {
	s := b.doctor.settings
	open := make(map[string]bool) // by the domain, whether its newest signature leaves something open
	for _, l := range all {
		v, err := b.doctor.judge(ctx, b.settings.Trust, l)
		if err != nil || !v.Authentic {
			out.unproven = append(out.unproven, l)
			continue
		}
		out.proven++
		if !v.BySignature {
			continue
		}
		domain := intake.DomainOf(l.From)
		if _, known := open[domain]; !known {
			open[domain] = leftOpen(v) != ""
		}
		if !open[domain] || leftOpen(v) == "" {
			continue
		}
		out.unsure++
		_, reviews := s.Reviewers.ByAddress(l.From)
		out.ours = out.ours || !reviews && domain == intake.DomainOf(s.Service.Address)
	}
	return out
}

// leftOpen says which of the fields a signature leaves open that tell to whom a message was written, and who handed it in;
// empty if none. Whoever has such a message can send it on, so that its author is asked to confirm what it decides.
func leftOpen(v intake.Verdict) string {
	var open []string
	for _, name := range []string{"To", "Sender"} {
		switch field := strings.ToLower(name); {
		case slices.Contains(v.Uncovered, field):
			open = append(open, "does not cover "+name)
		case slices.Contains(v.Missing, field):
			open = append(open, "does not say that there is no "+name)
		}
	}
	return strings.Join(open, " and ")
}

// closeIt is what to do about what the signatures of a domain leave open.
func closeIt(domain string) string {
	return fmt.Sprintf("Have the server that signs for %s cover To and Sender, whether or not a message has them. With OpenDKIM: "+
		"OversignHeaders From,To,Sender. With rspamd: (o)from, (o)to and (o)sender in sign_headers (docs/running.md). Where it cannot, "+
		"as with Microsoft 365 and Gmail, nothing is lost: they confirm each with one reply.", domain)
}

// trust holds what is trusted against what the mailbox holds.
func (b *box) trust(ctx context.Context) finding {
	if b.settings.Trust.AllowUnauthenticated {
		return bad("every sender is believed: anybody can approve", fmt.Sprintf(
			"Take allow_unauthenticated out of [mailbox.trust] of %q, and run doctor again: it then says what to put there.",
			b.settings.Name))
	}
	all, err := b.newest(ctx)
	all = slices.DeleteFunc(slices.Clone(all), letter.isOurTest) // of which the round trip says whether it is proven
	switch other := b.notByExchange(all); {
	case err != nil:
		return bad(last(err), "See the server's log for why.")
	case other != "":
		return bad("what Exchange Online says is believed, and "+other+": whoever writes to that mailbox can say so too", fmt.Sprintf(
			"Take exchange_online out of [mailbox.trust] of %q, and run doctor again: it then says what to put there.",
			b.settings.Name))
	case len(all) == 0:
		return untried("there is no mail to judge by", b.writeToUs())
	}
	is := b.standing(ctx, all)
	found := fmt.Sprintf("none of the newest %d messages is proven (%s)", len(all), configuredBy(b.settings.Trust))
	if is.proven > 0 {
		found = fmt.Sprintf("the senders of %d of the newest %d messages are proven (%s)", is.proven, len(all),
			configuredBy(b.settings.Trust))
	}
	if f, is := b.misnamed(ctx, all, is, found); is {
		return f
	}
	options := b.options(ctx, all, is)
	if is.proven > 0 {
		found += others(options)
		if is.unsure > 0 {
			found += fmt.Sprintf("; of these %d by a signature alone that does not say to whom or by whom it was sent: such senders "+
				"are asked to confirm each request", is.unsure)
		}
		if is.ours {
			return poor(found, closeIt(intake.DomainOf(b.doctor.settings.Service.Address)))
		}
		return fine("%s", found)
	}
	if mend := b.keyMissed(ctx, all); mend != "" {
		return bad(found+": "+b.why(ctx, all[0])+others(options), mend)
	}
	if len(options) > 0 {
		return bad(found+others(options), b.trustIn(options[0].proposal, ""))
	}
	return bad(found+": "+b.why(ctx, all[0]), b.noResults(ctx, all))
}

// fileIt is what to do with what was written for doctor to judge by.
const fileIt = "File that message in a folder of your own, or delete it, before mfabot runs, which would answer it."

// writeToUs is what to do where there is no mail to judge by.
func (b *box) writeToUs() string {
	mend := fmt.Sprintf("Have somebody write to %s, and run doctor again. %s", b.doctor.settings.Service.Address, fileIt)
	if !b.doctor.around.Send {
		mend += " --send shows without it whether mail of your own users is proven."
	}
	return mend
}

// notByExchange says why a mailbox cannot be the one of Exchange Online that it is said to be; empty if it can. A server of
// another name may only pass on what is there, and mail from before may have been moved there: one of the two alone proves
// nothing.
func (b *box) notByExchange(all []letter) string {
	others := 0
	for _, l := range all {
		if !senderauth.ByExchange(l.Header) {
			others++
		}
	}
	switch named := !b.settings.Mistaken(); {
	case !b.settings.Trust.ExchangeOnline:
	case len(all) == 0 && !named:
		return b.settings.Addr + " is none of its servers"
	case others > 0 && (!named || others == len(all)):
		return fmt.Sprintf("%d of the newest %d messages did not come by it", others, len(all))
	}
	return ""
}

// configuredBy lists what is trusted.
func configuredBy(t senderauth.Trust) string {
	var by []string
	if t.AuthservID != "" {
		by = append(by, "authserv_id = "+t.AuthservID)
	}
	if t.ExchangeOnline {
		by = append(by, "exchange_online")
	}
	if t.DKIM {
		by = append(by, "dkim")
	}
	if len(by) == 0 {
		return "nothing is trusted"
	}
	return strings.Join(by, ", ")
}

// why is the reason for which a message is not proven.
func (b *box) why(ctx context.Context, l letter) string {
	v, err := b.doctor.judge(ctx, b.settings.Trust, l)
	var said []string
	for _, c := range v.Checks {
		if !c.Passed {
			said = append(said, c.Name+": "+c.Result)
		}
	}
	if err != nil {
		said = append(said, err.Error())
	}
	return strings.Join(said, "; ")
}

// noKey is what to do about the first key that is not found of those by which senders' domains have signed; empty where all
// are. It may be published nowhere, or in a zone that the name server asked here does not know.
func (b *box) noKey(ctx context.Context, all []letter) string {
	d := b.doctor
	for _, l := range all[:min(len(all), lookedUp)] {
		for _, name := range senderauth.KeyNames(l.Message) {
			within, cancel := context.WithTimeout(ctx, d.around.Silence)
			_, err := d.keys.LookupTXT(within, name)
			cancel()
			var dns *net.DNSError
			switch {
			case err == nil:
			case errors.As(err, &dns) && dns.IsNotFound:
				return fmt.Sprintf("The mail of %s is signed, and the key is not in the DNS as the name server asked here (%s) answers. "+
					"If nobody finds it, have its public half published as the TXT record %s (opendkim-genkey has written it into a "+
					".txt file). If others find it (dig TXT %[3]s), the zone is one that this name server does not know: put the "+
					"address of one that does into service.resolver.", l.From, d.asked(), name)
			default:
				return fmt.Sprintf("The mail of %s is signed, and the name server asked here (%s) does not say "+
					"whether there is the key %s: see why (dig TXT %[3]s), or put the address of another into service.resolver.",
					l.From, d.asked(), name)
			}
		}
	}
	return ""
}

// keyMissed is what to do where the server that verifies signatures does not find a key that is found here; empty where it does.
func (b *box) keyMissed(ctx context.Context, all []letter) string {
	for _, l := range all[:min(len(all), lookedUp)] {
		server := senderauth.KeyMissed(l.Header)
		if server == "" || len(senderauth.KeyNames(l.Message)) == 0 || b.noKey(ctx, []letter{l}) != "" {
			continue
		}
		return fmt.Sprintf("The mail of %s is signed, and the name server asked here (%s) finds the key, but the one that your verifier "+
			"(%s) asks does not. Have it ask one that does. OpenDKIM passes over /etc/resolv.conf: name one in Nameservers of the "+
			"file of the one that verifies (docs/running.md, Your own users on Postfix).", l.From, b.doctor.asked(), server)
	}
	return ""
}

// noResults is what to do where nothing proves anybody.
func (b *box) noResults(ctx context.Context, all []letter) string {
	if mend := b.noKey(ctx, all); mend != "" {
		return mend
	}
	const passes = "see that SPF, DKIM or DMARC passes for the domain of From (docs/running.md)."
	for _, l := range all {
		if ids := senderauth.Atop(l.Header); len(ids) > 0 {
			return fmt.Sprintf("There are Authentication-Results of %s, and none proves a sender: %s", strings.Join(ids, ", "), passes)
		}
	}
	for _, l := range all {
		if ids := senderauth.Servers(l.Header); len(ids) > 0 {
			return fmt.Sprintf("There are Authentication-Results of %s, and only where whoever sent the message may have written them: "+
				"if they are your server's, have it write them at the very top, and %s", strings.Join(ids, ", "), passes)
		}
	}
	or := "or set dkim = true if senders sign."
	if b.settings.Trust.DKIM {
		or = "or have senders' servers sign their mail (DKIM)."
	}
	return "There are no Authentication-Results: have the mail server check who sends and write them " +
		"(docs/running.md, Postfix and Exim), " + or
}

// reviewersDomains are the domains that reviewers write from.
func (d *Doctor) reviewersDomains() (out []string) {
	for _, r := range d.settings.Reviewers.Regular() {
		for _, addr := range append([]string{r.Address}, r.Aliases...) {
			if _, domain, _ := strings.Cut(addr, "@"); !slices.Contains(out, domain) {
				out = append(out, domain)
			}
		}
	}
	return out
}

// reviewers says whether the newest mail of a reviewer, of those that write from a domain, is proven: without that no
// decision counts. A server that checks what comes in may not check what its own users hand in.
func (b *box) reviewers(ctx context.Context, domain string) finding {
	all, err := b.letters(ctx, "@"+domain)
	if err != nil {
		return bad(last(err), "See the server's log for why.")
	}
	all = slices.DeleteFunc(all, func(l letter) bool {
		_, is := b.doctor.settings.Reviewers.ByAddress(l.From)
		return !is
	})
	if len(all) == 0 {
		return untried("no mail of theirs is in the mailbox", fmt.Sprintf(
			"Have one of them write to %s, with any text, and run doctor again. %s", b.doctor.settings.Service.Address, fileIt))
	}
	v, err := b.doctor.judge(ctx, b.settings.Trust, all[0])
	if err == nil && v.Authentic {
		if open := leftOpen(v); open != "" {
			return poor(fmt.Sprintf("proven (%s), but the signature %s: they would be asked by email to confirm (CONFIRM) each APPROVE",
				passed(v), open), closeIt(domain))
		}
		return fine("proven (%s)", passed(v))
	}
	return bad(fmt.Sprintf("mail of %s is not proven, and their decisions would be set aside: %s", all[0].From, b.why(ctx, all[0])),
		b.noProof(ctx, all[:1], domain))
}

// noProof is what to do where mail of our own users is not proven.
func (b *box) noProof(ctx context.Context, all []letter, domain string) string {
	if mend := b.keyMissed(ctx, all); mend != "" {
		return mend
	}
	if options := b.options(ctx, all, standing{unproven: all}); len(options) > 0 {
		return b.trustIn(options[0].proposal, " as well")
	}
	if mend := b.noKey(ctx, all); mend != "" {
		return mend
	}
	return fmt.Sprintf("Have the server that they send by sign their mail (DKIM for %s) or write "+
		"Authentication-Results for its own users too (docs/running.md, Your own users on Postfix); "+
		"with signatures, set dkim = true under [mailbox.trust].", domain)
}

// passed are the checks that prove a sender.
func passed(v intake.Verdict) string {
	var by []string
	for _, c := range v.Checks {
		if c.Passed {
			by = append(by, c.Name+": "+c.Result)
		}
	}
	return strings.Join(by, "; ")
}
