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

// proven counts the messages whose senders are proven.
func (d *Doctor) proven(ctx context.Context, t senderauth.Trust, all []letter) (n int) {
	for _, l := range all {
		if v, err := d.judge(ctx, t, l); err == nil && v.Authentic {
			n++
		}
	}
	return n
}

// provenHere counts the messages whose senders what is configured proves, and those of them whose authors would be asked to
// confirm what they write. ours is whether some of these write from our own domain and are no reviewers, of whom another check says so.
func (b *box) provenHere(ctx context.Context, all []letter) (proven, unsure int, ours bool) {
	s := b.doctor.settings
	for _, l := range all {
		v, err := b.doctor.judge(ctx, b.settings.Trust, l)
		if err != nil || !v.Authentic {
			continue
		}
		proven++
		if leftOpen(v) == "" {
			continue
		}
		unsure++
		_, reviews := s.Reviewers.ByAddress(l.From)
		ours = ours || !reviews && intake.DomainOf(l.From) == intake.DomainOf(s.Service.Address)
	}
	return proven, unsure, ours
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

// proposal is what may be put under [mailbox.trust].
type proposal struct {
	trust senderauth.Trust
	lines string
}

// proposals are what may prove the senders of these messages, best first: one for each server that calls itself by a name in
// their results, the results of Exchange Online, and signatures.
func (b *box) proposals(all []letter) (out []proposal) {
	var ids []string
	for _, l := range all {
		for _, id := range senderauth.Servers(l.Header) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		out = append(out, proposal{senderauth.Trust{AuthservID: id}, fmt.Sprintf("authserv_id = %q", id)})
	}
	_, own, _ := strings.Cut(b.doctor.settings.Service.Address, "@")
	return append(out, proposal{senderauth.Trust{ExchangeOnline: true, TenantDomains: []string{own}}, "exchange_online = true"},
		proposal{senderauth.Trust{DKIM: true}, "dkim = true"})
}

// lookedUp is of how many messages keys are looked up for a proposal: a name server that does not answer takes its time.
const lookedUp = 5

// best is the proposal that proves most, and how many.
func (b *box) best(ctx context.Context, all []letter) (p proposal, n int) {
	for _, q := range b.proposals(all) {
		some := all
		switch {
		case q.trust.DKIM:
			some = all[:min(len(all), lookedUp)]
		case q.trust.ExchangeOnline: // what says so in mail that came by another server, its sender wrote
			some = slices.DeleteFunc(slices.Clone(all), func(l letter) bool { return !senderauth.ByExchange(l.Header) })
		}
		if proven := b.doctor.proven(ctx, q.trust, some); proven > n {
			p, n = q, proven
		}
	}
	return p, n
}

// trustIn says how to trust what a proposal does. A key is in a table once: another value of it takes the place of the one there.
func (b *box) trustIn(p proposal, beside string) string {
	if old := b.settings.Trust.AuthservID; old != "" && p.trust.AuthservID != "" {
		return fmt.Sprintf("If that is your own server's, change authserv_id = %q under [mailbox.trust] of %q to %s",
			old, b.settings.Name, p.lines)
	}
	return fmt.Sprintf("If that is your own server's, put this under [mailbox.trust] of %q%s: %s", b.settings.Name, beside, p.lines)
}

// trust holds what is trusted against what the mailbox holds.
func (b *box) trust(ctx context.Context) finding {
	if b.settings.Trust.AllowUnauthenticated {
		return bad("every sender is believed: anybody can approve", fmt.Sprintf(
			"Take allow_unauthenticated out of [mailbox.trust] of %q, and run doctor again: it then says what to put there.",
			b.settings.Name))
	}
	all, err := b.newest(ctx)
	switch other := b.notByExchange(all); {
	case err != nil:
		return bad(last(err), "See the server's log for why.")
	case other != "":
		return bad("what Exchange Online says is believed, and "+other+": whoever writes to that mailbox can say so too", fmt.Sprintf(
			"Take exchange_online out of [mailbox.trust] of %q, and run doctor again: it then says what to put there.",
			b.settings.Name))
	case len(all) == 0:
		return untried("there is no mail to judge by", fmt.Sprintf(
			"Have somebody write to %s, or use --send, and run doctor again.", b.doctor.settings.Service.Address))
	}
	if proven, unsure, ours := b.provenHere(ctx, all); proven > 0 {
		found := fmt.Sprintf("the senders of %d of the newest %d messages are proven (%s)", proven, len(all),
			configuredBy(b.settings.Trust))
		if unsure > 0 {
			found += fmt.Sprintf("; of these %d by a signature alone that does not say to whom or by whom it was sent: such senders "+
				"are asked to confirm each request", unsure)
		}
		if ours {
			return poor(found, closeIt(intake.DomainOf(b.doctor.settings.Service.Address)))
		}
		return fine("%s", found)
	}
	found := fmt.Sprintf("none of the newest %d messages is proven (%s)", len(all), configuredBy(b.settings.Trust))
	if p, n := b.best(ctx, all); n > 0 {
		return bad(fmt.Sprintf("%s; %d would be by %s", found, n, p.lines),
			b.trustIn(p, ""))
	}
	return bad(found+": "+b.why(ctx, all[0]), b.noResults(ctx, all))
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

// noResults is what to do where nothing proves anybody.
func (b *box) noResults(ctx context.Context, all []letter) string {
	if mend := b.noKey(ctx, all); mend != "" {
		return mend
	}
	for _, l := range all {
		if ids := senderauth.Servers(l.Header); len(ids) > 0 {
			return fmt.Sprintf("There are Authentication-Results of %s, and none proves a sender: have the server "+
				"write them at the very top, "+
				"and see that SPF, DKIM or DMARC passes for the domain of From (docs/running.md).", strings.Join(ids, ", "))
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
			"Have one of them write to %s, with any text, and run doctor again.", b.doctor.settings.Service.Address))
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
	if p, n := b.best(ctx, all); n > 0 {
		return b.trustIn(p, " as well")
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
