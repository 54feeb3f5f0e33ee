package review

import (
	"context"
	"regexp"
	"slices"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Refused is a letter that was refused for good, and what says so.
type Refused struct {
	Letter *intake.Outbound
	Status string // such as 5.1.1 (RFC 3463); empty if none was given
	// Sure says that a server of ours refused it or reports that. Anybody can write any other report, who has the
	// Message-ID of the letter.
	Sure bool
}

// Next is what is done about a letter to a reviewer that was refused.
type Next struct {
	Words string // for the operator; empty where nothing is done
	do    func(ctx context.Context) error
}

// Do does it.
func (n Next) Do(ctx context.Context) error {
	if n.do == nil {
		return nil
	}
	return n.do(ctx)
}

// goneForm is the status that says that a mailbox is not there, or no longer in use (RFC 3463, sections 3.2 and 3.3).
// Every other says something of the letter or of the moment, and a site could provoke it by the files that it sends.
var goneForm = regexp.MustCompile(`^5\.(1\.[0-9]+|2\.1)$`)

// freshFor is how long after one letter was refused another one that was written since, and is refused too, says that
// the mailbox is gone.
const freshFor = 5 * 24 * time.Hour

// AfterRefusal returns what is to be done about a letter to a reviewer that was refused for good. Whose mailbox is gone
// counts as away. What nobody can vouch for is tried once more, with a letter that only the reviewer has; and so is,
// without its files, what was refused for another reason. Nothing is done about letters to anybody else.
func AfterRefusal(ctx context.Context, p *Panel, tx Tx, f Refused) (Next, error) {
	o := f.Letter
	r, known := p.Reviewers.ByAddress(o.To)
	if !known || o.Facts.Audience != intake.ToReviewer || !o.BouncedAt.IsZero() && !f.Sure {
		return Next{}, nil
	}
	dead, sure := goneForm.MatchString(f.Status), f.Sure
	if dead && !sure {
		var err error
		if sure, err = tx.BouncedBetween(ctx, o.To, tx.Now.Add(-freshFor), o.CreatedAt); err != nil {
			return Next{}, err
		}
	}
	if dead && sure {
		return Next{"It will not be tried again. They count as away until they write to us, so their deputy is asked, where " +
			"there is one. Put the address right, and then: mfabot delegate " + o.To + " --end --as NAME",
			func(ctx context.Context) error { return gone(ctx, p, tx, r, o) }}, nil
	}
	if !o.BouncedAt.IsZero() || !dead && len(o.Attach) == 0 {
		return Next{}, nil
	}
	open, err := stillOpen(ctx, tx, o)
	if err != nil || len(open) == 0 {
		return Next{}, err
	}
	again := func(ctx context.Context) error { return askOnceMore(ctx, p, tx, r, open, !dead) }
	if dead {
		return Next{"Nobody can vouch for this report, so they are asked once more. If that email comes back too, they count as " +
			"away, and their deputy is asked.", again}, nil
	}
	return Next{"They are asked once more, without the files. Find out why their mail server refuses the email, and send them " +
		"the files another way.", again}, nil
}

// stillOpen returns the requests that a letter asks a reviewer to decide and that still wait for them.
func stillOpen(ctx context.Context, tx Tx, o *intake.Outbound) ([]asking, error) {
	var refs []string
	// Other letters ask for no decision.
	//exhaustive:ignore
	switch o.Template {
	case intake.LetterReview, intake.LetterReminder:
		refs = append(refs, o.Ref)
	case intake.LetterReviews, intake.LetterReminders:
		for _, u := range o.Facts.Undecided {
			refs = append(refs, u.Ref)
		}
	}
	waiting, err := tx.OpenReviews(ctx, o.To)
	if err != nil {
		return nil, err
	}
	var open []asking
	for _, ref := range refs {
		if !slices.Contains(waiting, ref) {
			continue
		}
		req, err := tx.Request(ctx, ref)
		if err != nil {
			return nil, err
		}
		open = append(open, asking{req: req})
	}
	return open, nil
}

// askOnceMore asks a reviewer once more to decide requests, with codes that are new, and without the files where these
// may have been what was refused.
func askOnceMore(ctx context.Context, p *Panel, tx Tx, r intake.Reviewer, all []asking, without bool) error {
	if len(all) >= p.Policy.Review.TogetherFrom {
		l, err := letterOfSeveral(ctx, p, tx, r, all, "")
		if err != nil {
			return err
		}
		if without {
			leaveOut(&l)
		}
		return p.out.Send(ctx, tx.Work, l)
	}
	for _, a := range all {
		l, err := p.ReviewLetter(ctx, tx, a.req, nil)
		if err != nil {
			return err
		}
		if without {
			leaveOut(&l)
		}
		if err := p.AskReviewer(ctx, tx, a.req, r, l); err != nil {
			return err
		}
	}
	return nil
}

// leaveOut takes the files out of a letter, and has it say so.
func leaveOut(l *intake.Letter) {
	l.Attach, l.Facts.FilesRefused = nil, true
	for i := range l.Facts.Evidence {
		l.Facts.Evidence[i].Unsent = l.Facts.Evidence[i].Counts
	}
}

// GiveUp records that a letter cannot be delivered, and tells the operator. If its recipient was refused for good,
// somebody else is told or asked: another address of the site, or the deputy of a reviewer. A reviewer's letter that was
// refused for what is in it goes out again without its files.
func GiveUp(ctx context.Context, p *Panel, id int64, r intake.Refusal) error {
	return p.update(ctx, func(tx Tx) error {
		var next Next
		_, err := p.out.GiveUp(ctx, tx.Work, id, r, func(o *intake.Outbound) (words string, err error) {
			f := Refused{Letter: o, Status: outbox.Status(r.Status), Sure: true}
			switch {
			case !r.Recipient && !r.Content:
				return "", nil
			case r.Recipient && f.Status == "": // it refused the address before it knew anything else
				f.Status = noMailbox
			}
			next, err = AfterRefusal(ctx, p, tx, f)
			return next.Words, err
		})
		if err != nil {
			return err
		}
		return next.Do(ctx)
	})
}

// noMailbox is the status of an address that is not there.
const noMailbox = "5.1.1"
