package enforce

import (
	"context"
	"fmt"
	"time"

	"mfabot/intake"
)

const (
	askFor    = 10 * time.Second // bounds one look-up
	knownFor  = 10 * time.Minute // how long its result is used, as each reviewer gets a letter of their own
	keptFor   = 4 * time.Hour    // how long at most, where a message needs it that waits for others
	silentFor = time.Minute      // the pause after a failure that may pass, so that letters do not wait for a directory that is down
)

// lookup is the result of looking up an account.
type lookup struct {
	account string // one of the Account constants
	known   intake.Account
	until   time.Time // when it is too old to use
}

// AccountOf returns what the directory knows of a user, as one of the Account constants; empty if there is no
// directory.
func (f *Enforcer) AccountOf(ctx context.Context, user string) string {
	return f.look(ctx, user).account
}

// look looks a user up. The result is empty if there is no directory.
func (f *Enforcer) look(ctx context.Context, user string) lookup {
	if f.directory == nil {
		return lookup{}
	}
	user = intake.Canonical(user)
	now := f.ReadClock()
	f.mu.Lock()
	k, found := f.accounts[user]
	silent := now.Before(f.silentTo) && f.silentTo.Sub(now) <= silentFor
	f.mu.Unlock()
	switch {
	case found && now.Before(k.until):
		return k
	case silent:
		return lookup{account: intake.AccountUnchecked}
	}
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	a, err := f.directory.Account(asking, user)
	if err != nil {
		f.log.Warn("an account could not be looked at", "user", user, "err", err)
	}
	k = lookup{accountState(a, err), a, now.Add(knownFor)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil && isTemporary(err) {
		f.silentTo = now.Add(silentFor)
		return k
	}
	for other, k := range f.accounts {
		if !now.Before(k.until) {
			delete(f.accounts, other)
		}
	}
	f.accounts[user] = k
	return k
}

// ProtectedGroup returns the group, of those that the policy protects, which a user is in, as the directory said
// lately; empty for none. known is false if it has to be asked, with AskGroups, first.
func (f *Enforcer) ProtectedGroup(user string) (group string, known bool) {
	if len(f.Policy.Protected.Groups) == 0 {
		return "", true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, known := f.groups[intake.Canonical(user)]
	return k.group, known && f.ReadClock().Before(k.until)
}

// AskGroups asks the directory for what ProtectedGroup returns.
func (f *Enforcer) AskGroups(ctx context.Context, user string) error {
	if f.directory == nil {
		return fmt.Errorf("the policy protects groups, and there is no [directory] that knows whether %s is in one", user)
	}
	user = intake.Canonical(user)
	f.mu.Lock()
	now := f.ReadClock()
	silent := now.Before(f.silentTo) && f.silentTo.Sub(now) <= silentFor
	before := f.unanswered[user]
	f.mu.Unlock()
	if before.waits(now) {
		return before.err
	}
	if silent {
		return fmt.Errorf("the directory did not answer just now, and has to say whether %s is in a group that the policy protects", user)
	}
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	groups, err := f.directory.Groups(asking, user)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		if isTemporary(err) {
			f.silentTo = now.Add(silentFor)
		}
		err = fmt.Errorf("the directory does not say whether %s is in a group that the policy protects: %w", user, err)
		f.unanswered[user] = before.again(now, err)
		return err
	}
	f.tidyGroups(now)
	delete(f.unanswered, user)
	f.groups[user] = membership{f.Policy.Protected.Group(groups), now, now.Add(knownFor)}
	f.answered = now
	return nil
}

// KeepGroups keeps what the directory said of users for longer, since it is still needed, but no longer than keptFor.
func (f *Enforcer) KeepGroups(users []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.ReadClock()
	for _, user := range users {
		user = intake.Canonical(user)
		if k, known := f.groups[user]; known && now.Before(k.until) && now.Sub(k.asked) < keptFor {
			k.until = now.Add(knownFor)
			f.groups[user] = k
		}
	}
}

// Answered reports whether the directory has said lately in which groups anybody is.
func (f *Enforcer) Answered() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ReadClock().Sub(f.answered) < knownFor
}

// tidyGroups forgets what is too old to use.
func (f *Enforcer) tidyGroups(now time.Time) {
	for user, k := range f.groups {
		if !now.Before(k.until) {
			delete(f.groups, user)
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

func accountState(a intake.Account, err error) string {
	switch {
	case err != nil:
		return intake.AccountUnchecked
	case !a.Exists:
		return intake.AccountNone
	case !a.Enabled:
		return intake.AccountDisabled
	case a.Methods == intake.No:
		return intake.AccountNoMethod
	}
	return intake.AccountGood
}
