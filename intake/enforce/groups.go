package enforce

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mfabot/intake"
)

// groups is what the directory said lately of the groups that users are in. It is safe for concurrent use.
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

// ProtectedGroup returns the group, of those that the policy protects, which a user is in, as the directory said
// lately; empty for none. known is false if it has to be asked, with AskGroups, first.
func (f *groups) ProtectedGroup(user string) (group string, known bool) {
	if len(f.service.Policy.Protected.Groups) == 0 {
		return "", true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, known := f.known[intake.Canonical(user)]
	return k.group, known && f.service.ReadClock().Before(k.until)
}

// AskGroups asks the directory for what ProtectedGroup returns.
func (f *groups) AskGroups(ctx context.Context, user string) error {
	if f.directory == nil {
		return fmt.Errorf("the policy protects groups, and there is no [directory] that knows whether %s is in one", user)
	}
	user = intake.Canonical(user)
	f.mu.Lock()
	now := f.service.ReadClock()
	before := f.unanswered[user]
	f.mu.Unlock()
	if before.waits(now) {
		return before.err
	}
	if f.silence.at(now) {
		return fmt.Errorf("the directory did not answer just now, and has to say whether %s is in a group that the policy protects", user)
	}
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	in, err := f.directory.Groups(asking, user)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		if isTemporary(err) {
			f.silence.begin(now)
		}
		err = fmt.Errorf("the directory does not say whether %s is in a group that the policy protects: %w", user, err)
		f.unanswered[user] = before.again(now, err)
		return err
	}
	f.tidy(now)
	delete(f.unanswered, user)
	f.known[user] = membership{f.service.Policy.Protected.Group(in), now, now.Add(knownFor)}
	f.answered = now
	return nil
}

// KeepGroups keeps what the directory said of users for longer, since it is still needed, but no longer than keptFor.
func (f *groups) KeepGroups(users []string) {
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

// membership is in which protected group a user is.
type membership struct {
	group string // empty for none
	asked time.Time
	until time.Time
}

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
