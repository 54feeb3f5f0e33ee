package doctor

import (
	"bytes"
	"context"
	"fmt"
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

// trust holds what is trusted against what the mailbox holds.
func (b *box) trust(ctx context.Context) finding {
	if b.settings.Trust.AllowUnauthenticated {
		return bad("every sender is believed: anybody can approve", fmt.Sprintf(
			"Take allow_unauthenticated out of %s.trust, and run doctor again: it then says what to put there.", b.key))
	}
	all, err := b.newest(ctx)
	switch other := b.notByExchange(all); {
	case err != nil:
		return bad(last(err), "See the server's log for why.")
	case other != "":
		return bad("what Exchange Online says is believed, and "+other+": whoever writes to that mailbox can say so too", fmt.Sprintf(
			"Take exchange_online out of %s.trust, and run doctor again: it then says what to put there.", b.key))
	case len(all) == 0:
		return untried("there is no mail to judge by", fmt.Sprintf(
			"Have somebody write to %s, or use --send, and run doctor again.", b.doctor.settings.Service.Address))
	}
	configured := b.doctor.proven(ctx, b.settings.Trust, all)
	if configured > 0 {
		return fine("the senders of %d of the newest %d messages are proven (%s)", configured, len(all), configuredBy(b.settings.Trust))
	}
	found := fmt.Sprintf("none of the newest %d messages is proven (%s)", len(all), configuredBy(b.settings.Trust))
	if p, n := b.best(ctx, all); n > 0 {
		return bad(fmt.Sprintf("%s; %d would be by %s", found, n, p.lines),
			fmt.Sprintf("If that is your own server's, put this under [mailbox.trust] of %q: %s", b.settings.Name, p.lines))
	}
	return bad(found+": "+b.why(ctx, all[0]), b.noResults(all))
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

// noResults is what to do where nothing proves anybody.
func (b *box) noResults(all []letter) string {
	for _, l := range all {
		if ids := senderauth.Servers(l.Header); len(ids) > 0 {
			return fmt.Sprintf("There are Authentication-Results of %s, and none proves a sender: have the server "+
				"write them at the very top, "+
				"and see that SPF, DKIM or DMARC passes for the domain of From (docs/running.md).", strings.Join(ids, ", "))
		}
	}
	return "There are no Authentication-Results: have the mail server check who sends and write them " +
		"(docs/running.md, Postfix and Exim), " +
		"or set dkim = true if senders sign."
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
		return fine("proven (%s)", passed(v))
	}
	return bad(fmt.Sprintf("mail of %s is not proven, and their decisions would be set aside: %s", all[0].From, b.why(ctx, all[0])),
		b.noProof(ctx, all[:1], domain))
}

// noProof is what to do where mail of our own users is not proven.
func (b *box) noProof(ctx context.Context, all []letter, domain string) string {
	if p, n := b.best(ctx, all); n > 0 {
		return fmt.Sprintf("If that is your own server's, put this under [mailbox.trust] of %q as well: %s", b.settings.Name, p.lines)
	}
	return fmt.Sprintf("Have the server that they send by sign their mail (DKIM for %s) or write "+
		"Authentication-Results for its own users too; "+
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
