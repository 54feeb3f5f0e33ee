package enforce

import (
	"context"
	"time"

	"mfabot/intake"
)

// askFor bounds one look at an account; knownFor is how long it is not looked at
// again, as each reviewer is written to by itself. After a failure nothing is asked
// for silentFor, so that letters do not wait for a directory that is away.
const (
	askFor    = 10 * time.Second
	knownFor  = 10 * time.Minute
	silentFor = time.Minute
)

// known is what was found of an account, and until when that holds.
type known struct {
	account string
	until   time.Time
}

// AccountOf is what the directory knows of a user, one of the Account constants; empty
// without a directory.
func (f *Enforcer) AccountOf(ctx context.Context, user string) string {
	if f.directory == nil {
		return ""
	}
	user = intake.Canonical(user)
	now := f.ReadClock()
	f.mu.Lock()
	k, found := f.accounts[user]
	silent := now.Before(f.silentTo) && f.silentTo.Sub(now) <= silentFor
	f.mu.Unlock()
	switch {
	case found && now.Before(k.until):
		return k.account
	case silent:
		return intake.AccountUnchecked
	}
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	a, err := f.directory.Account(asking, user)
	if err != nil {
		f.log.Warn("an account could not be looked at", "user", user, "err", err)
	}
	k = known{accountState(a, err), now.Add(knownFor)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.silentTo = now.Add(silentFor)
		return k.account
	}
	for other, k := range f.accounts {
		if !now.Before(k.until) {
			delete(f.accounts, other)
		}
	}
	f.accounts[user] = k
	return k.account
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
