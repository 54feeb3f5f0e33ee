package inbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mfabot/intake"
)

// asking asks the directory what only it can say of the users in a batch of messages. No transaction waits for the
// directory, and no message for the answers that another one needs.
type asking struct {
	*Inbox
	until time.Time // no look-up begins after this
}

const (
	// lookFor is how long the directory is asked for one batch. What is not answered by then waits for the next look, and
	// the answers are kept until it has all of them.
	lookFor = time.Minute
	// askFor is how long a message waits for answers, from the first try. Then it is set aside.
	askFor = 24 * time.Hour
)

func newAsking(in *Inbox) *asking { return &asking{in, in.Clock().Add(lookFor)} }

// unasked is a message that waits for answers of the directory.
type unasked struct {
	since time.Time
	users []string // whom it was asked about so far
}

// before asks about those whom the sites' messages name, in one go. The messages that need the fewest answers come
// first: a long list holds up nobody else's request.
func (a *asking) before(ctx context.Context, readings []*reading) {
	readings = slices.DeleteFunc(slices.Clone(readings), func(r *reading) bool { return r.wait != nil })
	for _, r := range readings {
		a.mu.Lock()
		r.unasked = a.unasked[r.Copy]
		delete(a.unasked, r.Copy)
		a.mu.Unlock()
		for _, user := range a.named(r) {
			r.unasked.add(user)
		}
		a.panel.Users.Keep(r.unasked.users)
	}
	slices.SortStableFunc(readings, func(r, other *reading) int { return cmp.Compare(len(a.open(r)), len(a.open(other))) })
	failed := make(map[*reading]error)
	for _, r := range readings {
		failed[r] = a.about(ctx, a.open(r))
	}
	for _, r := range readings { // now it is known whether the directory answers at all
		a.settle(r, failed[r])
	}
}

// first asks about the user about whom a message has to know first.
func (a *asking) first(ctx context.Context, r *reading) {
	user := r.asks
	r.asks = ""
	r.unasked.add(user)
	a.settle(r, a.about(ctx, []string{user}))
}

// about asks about users, up to the first of whom nothing can be said for now.
func (a *asking) about(ctx context.Context, users []string) error {
	for i, user := range users {
		if !a.Clock().Before(a.until) {
			return fmt.Errorf("the directory takes long to answer, and has to be asked about %d more users", len(users)-i)
		}
		if err := a.panel.Users.Ask(ctx, user); err != nil {
			return err
		}
	}
	return nil
}

// settle has a message wait that lacks an answer. It fails if the directory answers, and can give none about this user
// until somebody puts that right; or after askFor.
func (a *asking) settle(r *reading, err error) {
	if err == nil {
		return
	}
	now := a.ReadClock()
	if r.unasked.since.IsZero() {
		r.unasked.since = now
	}
	if lasting(err) && a.panel.Users.Answered() || now.Sub(r.unasked.since) >= askFor {
		r.failed = err
		return
	}
	r.wait = err
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unasked[r.Copy] = r.unasked
}

// lasting reports whether an error says that it stays until somebody puts its cause right.
func lasting(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && !t.Temporary()
}

// add adds a user to those a message is about.
func (u *unasked) add(user string) {
	if !slices.Contains(u.users, user) {
		u.users = append(u.users, user)
	}
}

// open returns those of a message's users of whom the directory has not told yet.
func (a *asking) open(r *reading) []string {
	return slices.DeleteFunc(slices.Clone(r.unasked.users), func(user string) bool {
		_, err := a.panel.Users.Unfit(user)
		return err == nil
	})
}

// named returns the users whom a site's message names.
func (a *asking) named(r *reading) (users []string) {
	if r.err != nil || !r.verdict.Authentic || r.msg.Automatic {
		return nil
	}
	if _, ofSite := a.siteOf(r.Mailbox, intake.Canonical(r.msg.From)); !ofSite {
		return nil
	}
	for _, p := range r.msg.Subjects {
		if user := intake.Canonical(p.Email); intake.IsAddress(user) {
			users = append(users, user)
		}
	}
	return users
}
