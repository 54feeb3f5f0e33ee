package doctor

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/senderauth"
)

// proposal is what may be put under [mailbox.trust].
type proposal struct {
	trust senderauth.Trust
	lines string
}

// proposals are what may prove the senders of these messages beside what is configured: one for each server that calls itself
// by a name in their results, the results of Exchange Online, and signatures.
func (b *box) proposals(all []letter) (out []proposal) {
	configured := b.settings.Trust
	add := func(lines string, change func(t *senderauth.Trust)) {
		t := configured
		change(&t)
		out = append(out, proposal{t, lines})
	}
	var ids []string
	for _, l := range all {
		for _, id := range senderauth.Servers(l.Header) {
			if !slices.Contains(ids, id) && senderauth.Bears(l.Header, id) { // else its sender may have written it
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		if !strings.EqualFold(id, configured.AuthservID) {
			add(fmt.Sprintf("authserv_id = %q", id), func(t *senderauth.Trust) { t.AuthservID = id })
		}
	}
	if !configured.ExchangeOnline {
		own := intake.DomainOf(b.doctor.settings.Service.Address)
		add("exchange_online = true", func(t *senderauth.Trust) { t.ExchangeOnline, t.TenantDomains = true, []string{own} })
	}
	if !configured.DKIM {
		add("dkim = true", func(t *senderauth.Trust) { t.DKIM = true })
	}
	return out
}

// lookedUp is of how many messages keys are looked up for a proposal: a name server that does not answer takes its time.
const lookedUp = 5

// option is a proposal, and of how many messages it would prove the senders.
type option struct {
	proposal
	proves int
}

// options are the proposals that prove more than what is configured, what proves most first. What proves a sender is above the
// Received field of the hop from outside, so that none is of a name that a sender wrote.
func (b *box) options(ctx context.Context, all []letter, is standing) (out []option) {
	for _, p := range b.proposals(all) {
		var n int
		switch {
		case p.trust.AuthservID != b.settings.Trust.AuthservID: // which may prove less of the others
			n = b.doctor.proven(ctx, p.trust, all)
		case p.trust.DKIM != b.settings.Trust.DKIM:
			n = is.proven + b.doctor.proven(ctx, p.trust, is.unproven[:min(len(is.unproven), lookedUp)])
		default: // what says so in mail that came by another server, its sender wrote
			n = is.proven + b.doctor.proven(ctx, p.trust,
				slices.DeleteFunc(slices.Clone(is.unproven), func(l letter) bool { return !senderauth.ByExchange(l.Header) }))
		}
		if n > is.proven {
			out = append(out, option{p, n})
		}
	}
	slices.SortStableFunc(out, func(x, y option) int { return y.proves - x.proves })
	return out
}

// others says what the options would prove, for the end of a sentence; empty without any.
func others(options []option) string {
	var said strings.Builder
	for _, o := range options {
		fmt.Fprintf(&said, "; %d would be by %s", o.proves, o.lines)
	}
	return said.String()
}

// trustIn says how to trust what a proposal does. A key is in a table once: another value of it takes the place of the one there.
func (b *box) trustIn(p proposal, beside string) string {
	if old := b.settings.Trust.AuthservID; old != "" && p.trust.AuthservID != old {
		return fmt.Sprintf("If that is your own server's, change authserv_id = %q under [mailbox.trust] of %q to %s",
			old, b.settings.Name, p.lines)
	}
	return fmt.Sprintf("If that is your own server's, put this under [mailbox.trust] of %q%s: %s", b.settings.Name, beside, p.lines)
}

// misnamed says that the server that is believed is called otherwise, or says nothing: whoever is not proven in another way is
// not believed then. is says whether it does.
func (b *box) misnamed(ctx context.Context, all []letter, now standing, found string) (f finding, is bool) {
	id := b.settings.Trust.AuthservID
	count := make(map[string]int) // of the messages at whose top a name stands
	for _, l := range all {
		if id == "" || senderauth.Bears(l.Header, id) {
			return f, false
		}
		for _, other := range senderauth.Atop(l.Header) {
			count[other]++
		}
	}
	if len(count) == 0 && now.proven == 0 {
		return f, false // which is said with what proves nobody
	}
	found += others(b.options(ctx, all, now)) + fmt.Sprintf("; no message has Authentication-Results of %s at its top", id)
	if len(count) == 0 {
		return poor(found+", or of any other server", fmt.Sprintf("Have somebody outside write to %s, and run doctor again. If that has "+
			"none either, have the server write them (docs/running.md, Postfix and Exim), or take authserv_id out of [mailbox.trust] of %q.",
			b.doctor.settings.Service.Address, b.settings.Name)), true
	}
	names := slices.SortedFunc(maps.Keys(count), func(x, y string) int { return cmp.Or(count[y]-count[x], strings.Compare(x, y)) })
	for i, name := range names {
		found += fmt.Sprintf("%s %s (%d)", []string{", but of", " and"}[min(i, 1)], name, count[name])
	}
	mend := b.trustIn(proposal{senderauth.Trust{AuthservID: names[0]}, fmt.Sprintf("authserv_id = %q", names[0])}, "")
	return bad(found, mend+". Then run doctor again: it says whether more is needed."), true
}
