package enforce

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mfabot/intake"
)

const (
	askFor    = 10 * time.Second // bounds one look-up
	knownFor  = 10 * time.Minute // how long its result is used, as each reviewer gets a letter of their own
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
	f.mu.Unlock()
	switch {
	case found && now.Before(k.until):
		return k
	case f.silence.at(now):
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
		f.silence.begin(now)
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

// mayExempt makes sure, before a user is exempted, that their account has no name or address that the policy protects or
// that is nobody's own: it may have got it since, or the directory could not be asked before.
func (f *Enforcer) mayExempt(ctx context.Context, user string) error {
	names, err := f.directory.Names(ctx, user)
	if err != nil && isTemporary(err) {
		return err
	}
	// What else fails, the change itself does as well; and a program of the operator's need not tell names.
	if by, why := f.NotAUserBy(names); why != "" {
		return &unfit{user, by, why}
	}
	return nil
}

// unfit is a user who is not exempted, whatever was decided.
type unfit struct {
	user, by string
	why      intake.Why
}

// Error says by what name the account can have no exception.
func (e *unfit) Error() string {
	return fmt.Sprintf("the account of %s is also %s, for which there are no exceptions (%s): end the exception with mfabot revoke",
		e.user, e.by, e.why)
}

// Temporary returns false: somebody has to put it right.
func (*unfit) Temporary() bool { return false }

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

// silence is the pause after the directory did not answer. It is safe for concurrent use.
type silence struct {
	mu sync.Mutex
	to time.Time
}

// begin begins the pause at now.
func (s *silence) begin(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = now.Add(silentFor)
}

// at reports whether the pause goes on at now.
func (s *silence) at(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.to) && s.to.Sub(now) <= silentFor
}
