package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// check notes how a check on the message came out, for whoever asks why it ended
// as it did, and returns whether it passed.
func (t *turn) check(name string, passed bool, format string, args ...any) bool {
	t.inbound.Checks = append(t.inbound.Checks, Check{Name: name, Passed: passed, Result: MaskCodes(fmt.Sprintf(format, args...))})
	return passed
}

// either is check with words of its own for each way.
func (t *turn) either(name string, passed bool, yes, no string) bool {
	if passed {
		return t.check(name, true, "%s", yes)
	}
	return t.check(name, false, "%s", no)
}

// covers reports whether the proof of the sender holds for a header field. What it
// does not hold for, somebody else may have put there.
func (t *turn) covers(field string) bool {
	return !slices.Contains(t.verdict.Uncovered, field)
}

// becauseAttempt is the kind of trouble when somebody who is not proven writes as a
// reviewer, or with a reviewer's code.
const becauseAttempt = "unproven-attempt"

// becauseRegistered is the kind of trouble when a message names a site's address as
// its author, and is not proven.
const becauseRegistered = "unauthenticated-registered"

// securityEvent puts on record what may be an attack, as the first word of its kind,
// and tells the operator of the kind, once an hour. Whoever wrote is told nothing by
// it.
func (in *Inbox) securityEvent(ctx context.Context, t *turn, kind, ref, text, headline string, lines ...string) error {
	event, _, _ := strings.Cut(kind, " ")
	return errors.Join(
		t.Record(ctx, HistoryEntry{Ref: ref, At: t.Now, Event: event, By: t.from(), Text: text}),
		in.out.alert(ctx, t.Work, kind, headline, lines...),
	)
}

// attempt says whether a message whose sender is not proven tries to decide: it
// names a reviewer as its author, or brings a review code. ref is the request of the
// code, which is numbered; empty and 0 where there is none.
func (in *Inbox) attempt(ctx context.Context, t *turn) (what, ref string, code int64, err error) {
	var tried []string
	if sender, known := in.Reviewers.ByAddress(t.from()); known {
		tried = append(tried, "in the name of the reviewer "+sender.Address)
	}
	for _, token := range tokensIn(t.msg, func(string) bool { return true }) {
		review, err := t.ReviewByToken(ctx, hashToken(token))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return "", "", 0, err
		}
		ref, code = review.Ref, review.ID
		tried = append(tried, "with the review code of "+review.Reviewer)
		break
	}
	return strings.Join(tried, ", "), ref, code, nil
}
