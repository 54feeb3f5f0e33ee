package intake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// conversationLength bounds the References of a letter (RFC 5322, section 3.6.4):
// mail clients need the start and the newest, not all of a long history.
const conversationLength = 20

// send puts a letter into the queue, as part of the conversation that it belongs to.
func (out *Outbox) send(ctx context.Context, w Work, l Letter) error {
	return out.queue(ctx, w, &Outbound{Letter: l})
}

// queue is send for a letter that is marked already.
func (out *Outbox) queue(ctx context.Context, w Work, o *Outbound) error {
	l := o.Letter
	if l.To == "" {
		return nil
	}
	if strings.HasPrefix(l.AnswersTo, seedPrefix) { // chosen by a stranger, it would be sent as the code of that seed
		l.AnswersTo, o.AnswersTo = "", ""
	}
	if earlier, ok := overtakes[l.Template]; ok {
		if err := w.OvertakeLetters(ctx, earlier, l.Ref, l.To); err != nil {
			return err
		}
	}
	o.Facts, o.State, o.CreatedAt, o.DueAt = l.Facts.masked(), Queued, w.Now, w.Now
	if l.Ref != "" {
		earlier, err := w.Conversation(ctx, l.Ref, l.To, conversationLength)
		if err != nil {
			return err
		}
		o.References = earlier
	}
	if l.AnswersTo != "" {
		o.References = append(slices.DeleteFunc(o.References, func(id string) bool { return id == l.AnswersTo }), l.AnswersTo)
	}
	id := l.Facts.Seed
	if id == "" {
		var err error
		if id, err = out.secret(secretPrefix); err != nil {
			return err
		}
	}
	o.MessageID = id + "@" + domainOf(out.Address)
	return w.AddOutbound(ctx, o)
}

// overtakes are the letters in whose place another comes while they still wait to be
// sent, by the template of the other: the newest digest, and of one request what is
// to be done now. Warnings are overtaken by more than letters.
var overtakes = map[Template]Template{Morning: Morning, Reminder: Reminder, Review: Reminder, Decided: Reminder, AlreadyDecided: Reminder}

// answer is send for letters that a message provokes without changing anything.
// There are only so many of them a day.
func (in *Inbox) answer(ctx context.Context, t *turn, l Letter) error {
	if l.To == "" {
		return nil
	}
	spent, err := in.out.spend(ctx, t.Work, l.To)
	if err != nil {
		return err
	}
	if spent != nil {
		return in.unanswered(ctx, t, l, spent)
	}
	return in.out.queue(ctx, t.Work, &Outbound{Letter: l, Answer: true})
}

// kindHeld is the kind of alert about messages that cannot be dealt with yet.
const kindHeld = "held"

// alertPause is how long the operator is left alone about one kind of trouble of
// which there can be any amount at once.
const alertPause = time.Hour

// provoked are the kinds of trouble that anybody can cause, or that many requests
// have at once.
var provoked = []string{becauseUnauthenticated, becauseUnclearSender, becauseUnreadable, WhyWrongAddress, WhyNoLonger, becauseAttempt, becauseRegistered, kindRefused, kindAnswers, kindUnreachable, kindHeld, WhyUndecided, kindNobody}

// alert tells the operator. Kinds of trouble of which there can be any amount are
// told of once an hour.
func (out *Outbox) alert(ctx context.Context, w Work, kind, headline string, lines ...string) error {
	if first, _, _ := strings.Cut(kind, " "); slices.Contains(provoked, first) {
		n, err := w.CountLetters(ctx, []Template{Alert}, out.Operator, kind, w.Now.Add(-alertPause))
		if err != nil || n > 0 {
			return err
		}
		where := "mfabot inbound"
		switch kind {
		case kindRefused:
			where = "mfabot exceptions"
		case WhyUndecided, kindNobody:
			where = "mfabot queue"
		}
		lines = append(lines, "Others of this kind within the hour are not reported; `"+where+"` lists them.")
	}
	return out.alertQuoting(ctx, w, kind, "", headline, lines...)
}

// alertQuoting is an alert with what somebody wrote, of which none is left out.
func (out *Outbox) alertQuoting(ctx context.Context, w Work, kind, said, headline string, lines ...string) error {
	return out.send(ctx, w, Letter{Template: Alert, To: out.Operator,
		Facts: Facts{Audience: ToOperator, Why: kind, At: w.Now, Headline: headline, Lines: lines, Said: said}})
}

// GiveUp records that a letter cannot be delivered, and tells the operator,
// unless it was to the operator itself. Where the recipient was refused for good,
// another address of the site gets it.
func (out *Outbox) GiveUp(ctx context.Context, id int64, lastError string) error {
	return out.update(ctx, func(w Work) error {

		lastError = MaskCodes(lastError)
		o, err := w.GiveUp(ctx, id, lastError)
		if err != nil {
			return err
		}
		f := failure{kind: "undelivered", headline: "An email could not be delivered", cause: "Cause: " + lastError}
		if m := refusedRecipient.FindStringSubmatch(lastError); m != nil {
			f.refused, f.status = true, m[1]
		}
		return out.undelivered(ctx, w, o, f)
	})
}

func domainOf(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }

// requestFacts is what letters about a request state.
func (s *Service) requestFacts(r *Request) Facts {
	f := Facts{Subject: r.Subject, Justification: r.Justification, RequestedBy: r.RequestedBy, ReceivedAt: r.ReceivedAt,
		AuthMethod: r.AuthMethod, Renews: r.Renews, Reason: s.reasonFacts(Long, r.Reason), Site: s.siteFacts(r.SiteCode)}
	f.Site.Mailbox = r.SiteAddress
	f.Evidence = evidenceFacts(r, nil)
	return f
}

// evidenceFacts lists a request's attachments; unsent are those of them that
// count and do not fit a letter.
func evidenceFacts(r *Request, unsent []Evidence) []EvidenceFacts {
	var out []EvidenceFacts
	enough := len(r.Counting()) > 0
	for _, e := range r.Evidence {
		if e.Purged {
			continue // nobody can have it any more
		}
		if enough && !e.Counts && strings.HasPrefix(e.MediaType, "image/") {
			continue // the logo of a signature, of which nobody needs to hear
		}
		out = append(out, EvidenceFacts{InboundID: e.InboundID, Filename: e.Filename, Size: e.Size, Counts: e.Counts, Why: e.Why, Unsent: slices.Contains(unsent, e)})
	}
	return out
}

func (s *Service) exceptionFacts(e *Exception) Facts {
	f := Facts{Subject: e.Subject, Site: s.siteFacts(e.SiteCode), Reason: s.reasonFacts(e.Category, e.Reason), Starts: e.StartsAt, Ends: e.EndsAt}
	f.Site.Mailbox = e.SiteAddress
	return f
}

func (s *Service) siteFacts(code string) SiteFacts {
	if s, ok := s.Sites.Now().ByCode(code); ok {
		return SiteFacts{ODSCode: s.ODSCode, Name: s.Name, Mailbox: s.Mailbox}
	}
	return SiteFacts{ODSCode: code}
}

func (s *Service) reasonFacts(c Category, id string) ReasonFacts {
	if r, ok := s.Policy.Term(c).Reason(id); ok {
		return ReasonFacts{ID: r.ID, Title: r.Title, Action: r.Action, Hint: r.Hint}
	}
	return ReasonFacts{ID: id}
}

func (s *Service) reasons(c Category) []ReasonFacts {
	var out []ReasonFacts
	for _, id := range s.Policy.Term(c).IDs() {
		out = append(out, s.reasonFacts(c, id))
	}
	return out
}

// toBoth sends a letter about an exception to its user and to its site.
func (out *Outbox) toBoth(ctx context.Context, w Work, l Letter) error {
	user, site := l, l
	user.To, user.Facts.Audience, user.AnswersTo, user.Facts.Evidence = l.Facts.Subject.Email, ToUser, "", nil
	site.To, site.Facts.Audience = l.Facts.Site.Mailbox, ToSite
	return errors.Join(out.send(ctx, w, site), out.send(ctx, w, user))
}
