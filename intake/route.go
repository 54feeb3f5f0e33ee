package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// turn is the handling of one message: the transaction, the time, and what was read.
type turn struct {
	ReviewTx
	Ledger
	Asking
	*reading
	inbound *Inbound
	was     *Request // that the message continues, before it changed anything; nil for none
}

// from is the address that the message names as its author, as it is compared.
func (t *turn) from() string { return t.inbound.From }

// rule handles the messages that it is for, and leaves the others to the next.
type rule func(ctx context.Context, t *turn) (c Conclusion, mine bool, err error)

// handle does what is to be done with a message: the first rule that it falls
// under decides. What must never be answered comes before what may be.
func (in *Inbox) handle(ctx context.Context, t *turn) (Conclusion, error) {
	for _, r := range []rule{
		in.duplicate,
		in.unreadable,
		in.ourOwn,
		in.bounce,
		in.automatic,
		in.unproven,
		in.tooLarge,
		in.fromReviewer,
		in.fromSite,
	} {
		if c, mine, err := r(ctx, t); mine || err != nil {
			return c, err
		}
	}
	return in.fromStranger(ctx, t)
}

// duplicate is another copy of a message that is dealt with. A message is none
// of one that was ignored or set aside, which may have been sent ahead by somebody
// else, nor of one that was refused in another mailbox, where other people may ask.
func (in *Inbox) duplicate(ctx context.Context, t *turn) (Conclusion, bool, error) {
	first, err := t.SameContent(ctx, t.inbound.Digest, t.Mailbox)
	if errors.Is(err, ErrNotFound) {
		t.check("first copy", true, "no message of this content was dealt with before")
		return Conclusion{}, false, nil
	}
	if err != nil {
		return Conclusion{}, false, err
	}
	t.check("first copy", false, "message %d has the same content", first.ID)
	return Conclusion{Outcome: AsIgnored, Reason: becauseDuplicate, Ref: first.Ref, Folder: first.Folder}, true, nil
}

// unreadable is what the parser can make nothing of.
func (in *Inbox) unreadable(ctx context.Context, t *turn) (Conclusion, bool, error) {
	if t.err == nil {
		t.check("readable", true, "it was read: %s", cmp.Or(strings.Join(t.msg.Warnings, "; "), "nothing odd"))
		return Conclusion{}, false, nil
	}
	first, _, _ := strings.Cut(t.err.Error(), "\n")
	t.check("readable", false, "%s", first)
	c, err := in.quarantine(ctx, t.Work, t.inbound, becauseUnreadable, t.err)
	return c, true, err
}

// ourOwn is mail that we sent, come back.
func (in *Inbox) ourOwn(_ context.Context, t *turn) (Conclusion, bool, error) {
	own := t.from() == in.Address
	for _, f := range t.msg.Header {
		own = own || (strings.EqualFold(f.Name, "X-Mfabot") && strings.TrimSpace(f.Value) == in.Instance)
	}
	t.either("not our own", !own, "it is from another address than ours, and not from this installation", "it is from our own address, or this installation sent it")
	return Conclusion{Outcome: AsIgnored, Reason: becauseOurOwn, Folder: Processed}, own, nil
}

// automatic is mail that a machine sent: never a decision, never answered. A
// site's with evidence may be a person's after all, and waits for the operator.
func (in *Inbox) automatic(ctx context.Context, t *turn) (Conclusion, bool, error) {
	signs := strings.Join(t.msg.AutomaticSigns, "; ")
	if t.check("written by a person", !t.msg.Automatic, "signs of a machine: %s", cmp.Or(signs, "none")) {
		return Conclusion{}, false, nil
	}
	if err := in.absent(ctx, t); err != nil {
		return Conclusion{}, true, err
	}
	if _, ofSite := in.siteOf(t); ofSite && t.verdict.Authentic && in.bringsEvidence(t) {
		c, err := in.quarantine(ctx, t.Work, t.inbound, becauseAutomatic, errors.New("a machine seems to have sent it ("+signs+"), with evidence"))
		return c, true, err
	}
	return Conclusion{Outcome: AsIgnored, Reason: becauseAutomatic, Folder: Processed}, true, nil
}

// unproven is mail whose author is not proven. It waits for the operator, and is
// never answered.
func (in *Inbox) unproven(ctx context.Context, t *turn) (Conclusion, bool, error) {
	t.inbound.Checks = append(t.inbound.Checks, t.verdict.Checks...)
	if len(t.verdict.Uncovered) > 0 {
		t.check("covered", true, "the proof of the sender says nothing of %s: what stands there is not relied on", strings.Join(t.verdict.Uncovered, ", "))
	}
	var reason string
	switch {
	case t.from() == "":
		reason = becauseUnclearSender
	case !t.verdict.Authentic:
		reason = becauseUnauthenticated
	default:
		return Conclusion{}, false, nil
	}
	c := Conclusion{Outcome: AsQuarantined, Reason: reason, Folder: Quarantine}
	what, ref, code, err := in.attempt(ctx, t)
	if err != nil {
		return c, true, err
	}
	if what == "" {
		kind, headline := reason, "A message was set aside"
		if in.registered(t.from()) { // not to be missed for the sake of strangers
			kind, headline = becauseRegistered, "A message in the name of a registered address was set aside"
		}
		return c, true, in.out.alert(ctx, t.Work, kind, headline, asideLines(t.inbound, reason, nil)...)
	}
	t.check("attempt", false, "an author who is not proven wrote %s", what)
	kind := becauseAttempt
	if code != 0 { // of which nothing may distract
		kind = fmt.Sprintf("%s with code %d", becauseAttempt, code)
	}
	return c, true, in.securityEvent(ctx, t, kind, ref, what, "Somebody who is not proven wrote as a reviewer, or with a reviewer's code",
		append([]string{"What: " + what, "Reference: " + cmp.Or(ref, "none")}, asideLines(t.inbound, reason, nil)...)...)
}

// tooLarge is a message of which only the header was read.
func (in *Inbox) tooLarge(ctx context.Context, t *turn) (Conclusion, bool, error) {
	if t.check("size", !t.HeaderOnly, "%d bytes, of at most %d", t.Size, in.Policy.MaxMessage) {
		return Conclusion{}, false, nil
	}
	c := Conclusion{Outcome: AsRefused, Reason: becauseTooLarge, Folder: RefusedBox}
	return c, true, in.answer(ctx, t, Letter{Template: TooLarge, To: t.from(), AnswersTo: t.msg.MessageID,
		Facts: Facts{Audience: ToSender, Size: t.Size, Limit: in.Policy.MaxMessage}})
}

// fromStranger is mail from an address that may not ask: the answer says which
// way to go, and names the sender's site where there is just one.
func (in *Inbox) fromStranger(ctx context.Context, t *turn) (Conclusion, error) {
	t.check("may ask", false, "%s is neither a reviewer, nor the shared mailbox of a site", t.from())
	f := Facts{Audience: ToSender, Why: WhyNotRegistered, Reasons: in.reasons(Short)}
	if sites := in.Sites.Now().OfContact(t.from()); len(sites) > 0 {
		f.Why = WhyPersonalMailbox
		if len(sites) == 1 {
			f.Site = in.siteFacts(sites[0].ODSCode)
		}
	}
	if own := in.Mailboxes[t.Mailbox].Site; own != "" {
		f.Why, f.Site = WhyNotContact, in.siteFacts(own)
	}
	return in.refuse(ctx, t, Letter{Template: Refused, To: t.from(), Facts: f})
}

// refuse answers a message that changes nothing, with the reason of the answer.
func (in *Inbox) refuse(ctx context.Context, t *turn, l Letter) (Conclusion, error) {
	if l.To == t.from() {
		l.AnswersTo = t.msg.MessageID
	}
	return Conclusion{Outcome: AsRefused, Reason: l.Facts.Why, Ref: l.Ref, Folder: RefusedBox}, in.answer(ctx, t, l)
}

// siteOf is the site that a message speaks for: that of the shared mailbox it
// comes from, or of a contact who writes to the site's own mailbox.
func (in *Inbox) siteOf(t *turn) (*Site, bool) {
	if own := in.Mailboxes[t.Mailbox].Site; own != "" {
		site, ok := in.Sites.Now().ByCode(own)
		return site, ok && site.Has(t.from())
	}
	return in.Sites.Now().ByMailbox(t.from())
}

// conversationOf finds the one request or exception of a site that a message
// continues: it answers an email of ours or the message that began the request,
// or carries the reference in its subject. Empty for none, or for several.
func (in *Inbox) conversationOf(ctx context.Context, t *turn, site *Site) (string, error) {
	ids := t.answered()
	for _, id := range ids {
		o, err := t.OutboundByMessageID(ctx, id)
		if err == nil && o.Ref != "" && site.Has(o.To) {
			return o.Ref, nil
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return "", err
		}
	}
	for _, id := range ids {
		refs, err := t.RequestsBegunBy(ctx, site.ODSCode, id)
		if err != nil {
			return "", err
		}
		if len(refs) == 1 {
			return refs[0], nil
		}
	}
	return refIn(t.msg.Subject), nil
}

// answered lists the Message-IDs that a message answers, the nearest first, as far
// as the proof of its sender holds for them.
func (t *turn) answered() []string {
	var ids []string
	if t.covers("in-reply-to") {
		ids = append(ids, t.msg.InReplyTo...)
	}
	if t.covers("references") {
		ids = append(ids, backwards(t.msg.References)...)
	}
	return ids
}

// backwards is a copy of a list, the last first.
func backwards(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}
