package enforce

import (
	"cmp"
	"context"
	"slices"

	"mfabot/intake"
	"mfabot/intake/outbox"
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
	var failed error
	var ended []intake.OverByAudit
	var lines []string
	for _, l := range lapsed {
		if !l.Begun {
			l.Users = slices.DeleteFunc(l.Users, func(user string) bool { return !slices.Contains(members, user) })
		}
		if f.lapsed[l.Ref] || !l.Begun && len(l.Users) == 0 {
			continue
		}
		done, err := f.endLapsed(ctx, l)
		if err != nil {
			failed = err
			break
		}
		ended, lines = append(ended, l), append(lines, done...)
	}
	return cmp.Or(f.recordLapsed(ctx, ended, lines), failed)
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

// endLapsed ends an exemption in the directory, and says what was done and what is to be done.
func (f *Enforcer) endLapsed(ctx context.Context, l intake.OverByAudit) ([]string, error) {
	lines := []string{"Reference: " + l.Ref, f.lapsedAt(l)}
	for _, user := range l.Users {
		ended, err := f.removed(ctx, user)
		switch {
		case err != nil:
			return nil, err
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
	return lines, nil
}

func (f *Enforcer) lapsedAt(l intake.OverByAudit) string {
	if !l.Begun {
		return "Nothing that is left says until when it was."
	}
	return "By the audit it was over at " + f.Moment(l.Ends) + "."
}

// recordLapsed puts on record which exemptions were ended, and tells the operator of all of them at once.
func (f *Enforcer) recordLapsed(ctx context.Context, ended []intake.OverByAudit, lines []string) error {
	if len(ended) == 0 {
		return nil
	}
	err := f.update(ctx, func(tx Tx) error {
		for _, l := range ended {
			entry := intake.HistoryEntry{Ref: l.Ref, At: tx.Now, Event: intake.EventEnded,
				Text: f.lapsedAt(l) + " Its record is not as it was written."}
			if err := tx.Record(ctx, entry); err != nil {
				return err
			}
		}
		headline := "Changed exceptions have been ended"
		if len(ended) == 1 {
			headline = "A changed exception has been ended: " + ended[0].Ref
		}
		return f.out.Alert(ctx, tx.Work, intake.AlertSeals, outbox.Cause{}.Do("`mfabot audit verify` tells more."), headline, lines...)
	})
	for _, l := range ended {
		f.lapsed[l.Ref] = err == nil
	}
	return err
}

// removed ends the exemption of a user in the directory, unless there is none, or the user has another exception.
func (f *Enforcer) removed(ctx context.Context, user string) (bool, error) {
	if f.directory == nil {
		return false, nil
	}
	unclosed, err := f.store.Unclosed(ctx, user)
	if err != nil {
		return false, err
	}
	now := f.ReadClock()
	if slices.ContainsFunc(unclosed, func(e intake.Exception) bool { return e.StateAt(now) == intake.Active }) {
		return false, nil
	}
	calling, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	return true, f.directory.Remove(calling, user)
}
