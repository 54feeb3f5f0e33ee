package enforce

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mfabot/intake"
)

// groups is what the directory said lately of users: the groups that they are in, and the names and addresses of their
// accounts. It is safe for concurrent use.
type groups struct {
	service   *intake.Service
	directory *byUser // nil for none
	silence   *silence

	mu         sync.Mutex
	known      map[string]membership // by user
	unanswered map[string]unanswered // the users of whom the directory could not say it
	answered   time.Time             // when it last could of anybody
}

// keptFor is how long at most an answer is used where a message needs it that waits for others.
const keptFor = 4 * time.Hour

// Told returns what the directory said of a user lately. known is false if it has to be asked, with AskAbout, first.
func (f *groups) Told(user string) (t intake.Told, known bool) {
	if f.directory == nil && !f.needed() {
		return t, true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, known := f.known[intake.Canonical(user)]
	return k.Told, known && f.service.ReadClock().Before(k.until)
}

// needed reports whether nothing can be said of a user without the directory, as the policy protects groups. Otherwise
// what the policy says of the address they are asked for by has to do while the directory cannot be asked: mayExempt
// asks again, before anybody is exempted.
func (f *groups) needed() bool { return len(f.service.Policy.Protected.Groups) > 0 }

// AskAbout asks the directory for what Told returns.
func (f *groups) AskAbout(ctx context.Context, user string) error {
	if f.directory == nil {
		return fmt.Errorf("the policy protects groups, and there is no [directory] that knows whether %s is in one", user)
	}
	user = intake.Canonical(user)
	f.mu.Lock()
	now := f.service.ReadClock()
	before := f.unanswered[user]
	f.mu.Unlock()
	silent := f.silence.at(now)
	switch {
	case !f.needed() && silent:
		f.mu.Lock()
		defer f.mu.Unlock()
		f.known[user] = untold(now)
		return nil
	case before.waits(now):
		return before.err
	case silent:
		return fmt.Errorf("the directory did not answer just now, and has to say whether %s is in a group that the policy protects", user)
	}
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	told, err := f.ask(asking, user)
	if err != nil && isTemporary(err) {
		f.silence.begin(now)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil && f.needed():
		err = fmt.Errorf("the directory does not say whether %s is in a group that the policy protects: %w", user, err)
		f.unanswered[user] = before.again(now, err)
		return err
	case err != nil:
		f.known[user] = untold(now)
		return nil
	}
	f.tidy(now)
	delete(f.unanswered, user)
	f.known[user] = membership{told, now, now.Add(knownFor)}
	f.answered = now
	return nil
}

// ask asks the directory about a user.
func (f *groups) ask(ctx context.Context, user string) (t intake.Told, err error) {
	if t.Names, err = f.directory.Names(ctx, user); err != nil || !f.needed() {
		return t, err
	}
	in, err := f.directory.Groups(ctx, user)
	t.Group = f.service.Policy.Protected.Group(in)
	return t, err
}

// KeepTold keeps what the directory said of users for longer, since it is still needed, but no longer than keptFor.
func (f *groups) KeepTold(users []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.service.ReadClock()
	for _, user := range users {
		user = intake.Canonical(user)
		if k, known := f.known[user]; known && now.Before(k.until) && now.Sub(k.asked) < keptFor {
			k.until = now.Add(knownFor)
			f.known[user] = k
		}
	}
}

// Answered reports whether the directory has said lately in which groups anybody is.
func (f *groups) Answered() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.service.ReadClock().Sub(f.answered) < knownFor
}

// tidy forgets what is too old to use.
func (f *groups) tidy(now time.Time) {
	for user, k := range f.known {
		if !now.Before(k.until) {
			delete(f.known, user)
		}
	}
	for user, u := range f.unanswered {
		if now.Sub(u.until) > time.Hour {
			delete(f.unanswered, user)
		}
	}
}

// membership is what the directory said of a user.
type membership struct {
	intake.Told
	asked time.Time
	until time.Time
}

// untold is what is known of a user while the directory cannot be asked, and need not be.
func untold(now time.Time) membership { return membership{asked: now, until: now.Add(silentFor)} }

// unanswered is a user of whom the directory could not say in which groups they are. They are asked about less and less
// often, so that others have their turn.
type unanswered struct {
	err   error
	pause time.Duration
	until time.Time
}

// waits reports whether it is too early to ask again.
func (u unanswered) waits(now time.Time) bool {
	return now.Before(u.until) && u.until.Sub(now) <= u.pause
}

// again is what is noted when the directory could not say it once more.
func (u unanswered) again(now time.Time, err error) unanswered {
	pause := min(max(2*u.pause, silentFor), knownFor)
	return unanswered{err, pause, now.Add(pause)}
}
