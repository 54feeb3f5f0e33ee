package enforce

import (
	"context"
	"slices"

	"mfabot/intake"
)

// EndLapsed ends in the directory the exemptions that are over by the audit, where what is stored of the exception was
// changed or removed by somebody else: nobody remains exempt by that. It puts the end on record and tells the operator,
// who must do it where there is no directory, or where nothing says any more whose exemption it was.
func (f *Enforcer) EndLapsed(ctx context.Context) error {
	now := f.ReadClock()
	lapsed, err := f.store.OverByAudit(ctx, now, nil)
	if err != nil || len(lapsed) == 0 {
		return err
	}
	members, err := f.addresses(ctx)
	if err != nil {
		return err
	}
	if lapsed, err = f.store.OverByAudit(ctx, now, members); err != nil {
		return err
	}
	for _, l := range lapsed {
		if !l.Begun {
			l.Users = slices.DeleteFunc(l.Users, func(user string) bool { return !slices.Contains(members, user) })
		}
		if f.lapsed[l.Ref] || !l.Begun && len(l.Users) == 0 {
			continue
		}
		if err := f.endLapsed(ctx, l); err != nil {
			return err
		}
		f.lapsed[l.Ref] = true
	}
	return nil
}

// addresses returns those of everybody who is exempt in the directory.
func (f *Enforcer) addresses(ctx context.Context) (out []string, err error) {
	if f.directory == nil {
		return nil, nil
	}
	listing, cancel := context.WithTimeout(ctx, listFor)
	defer cancel()
	members, err := f.directory.Members(listing)
	for _, m := range members {
		out = append(out, m.Addresses...)
	}
	return out, err
}

func (f *Enforcer) endLapsed(ctx context.Context, l intake.OverByAudit) error {
	over := "Nothing that is left says until when it was."
	if l.Begun {
		over = "By the audit it was over at " + f.Moment(l.Ends) + "."
	}
	lines := []string{"Reference: " + l.Ref, over}
	for _, user := range l.Users {
		ended, err := f.removed(ctx, user)
		switch {
		case err != nil:
			return err
		case ended:
			lines = append(lines, user+" is asked for MFA again: the directory was told.")
		default:
			lines = append(lines, "See to it that "+user+" is asked for MFA again, unless there is another exception.")
		}
	}
	if len(l.Users) == 0 {
		lines = append(lines, "Nothing that is left says whose it was: look for a user who is exempt without an exception "+
			"(mfabot reconcile).")
	}
	lines = append(lines, "`mfabot audit verify` tells more.")
	return f.update(ctx, func(tx Tx) error {
		entry := intake.HistoryEntry{Ref: l.Ref, At: tx.Now, Event: intake.EventEnded,
			Text: over + " Its record is not as it was written."}
		if err := tx.Record(ctx, entry); err != nil {
			return err
		}
		return f.out.Alert(ctx, tx.Work, intake.AlertSeals, "An exception is over that somebody has changed", lines...)
	})
}

// removed ends the exemption of a user in the directory, unless there is none, or the user has another exception.
func (f *Enforcer) removed(ctx context.Context, user string) (bool, error) {
	if f.directory == nil {
		return false, nil
	}
	active, err := f.store.ActiveExceptions(ctx, f.ReadClock())
	if err != nil {
		return false, err
	}
	for _, e := range active {
		if intake.UserKey(e.User.Email) == intake.UserKey(user) {
			return false, nil
		}
	}
	calling, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	return true, f.directory.Remove(calling, user)
}
