package enforce

import (
	"context"
	"time"

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
		if err := f.endLapsed(ctx, l); err != nil {
			return err
		}
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
	done := "Nothing that is left says whose it was: look for a user who is exempt without an exception (mfabot reconcile)."
	if l.User != "" {
		done = "See to it that " + l.User + " is asked for MFA again."
		ended, err := f.removed(ctx, l.User)
		if err != nil {
			return err
		}
		if ended {
			done = l.User + " is asked for MFA again: the directory was told."
		}
	}
	return f.update(ctx, func(tx Tx) error {
		ends := l.Ends.Format(time.RFC3339)
		entry := intake.HistoryEntry{Ref: l.Ref, At: tx.Now, Event: intake.EventEnded,
			Text: "its time was over at " + ends + " by the audit; its record is not as it was written"}
		if err := tx.Record(ctx, entry); err != nil {
			return err
		}
		return f.out.Alert(ctx, tx.Work, intake.AlertSeals, "An exception is over that somebody has changed",
			"Reference: "+l.Ref, "By the audit it was over at "+f.Moment(l.Ends)+".", done, "`mfabot audit verify` tells more.")
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
