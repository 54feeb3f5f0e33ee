package intake

import (
	"context"
	"time"
)

// kindDirectory is the kind of alert that asks for a change in the directory.
const kindDirectory = "directory"

// askToExempt asks the operator to apply an exception where MFA is enforced.
func (in *Intake) askToExempt(ctx context.Context, tx Tx, now time.Time, e *Exception) error {
	return in.alert(ctx, tx, now, kindDirectory, "Exempt "+e.Subject.Email+" from MFA now",
		"Reference: "+e.Ref, "For: "+e.Subject.Email, "Until: "+in.moment(e.EndsAt),
		"mfabot does not change the directory. Exempt the user there; you will be told when to take it back.")
}

// askToEnd asks the operator to take an exception back where MFA is enforced.
func (in *Intake) askToEnd(ctx context.Context, tx Tx, now time.Time, e *Exception) error {
	return in.alert(ctx, tx, now, kindDirectory, "End the MFA exemption of "+e.Subject.Email+" now",
		"Reference: "+e.Ref, "For: "+e.Subject.Email,
		"mfabot does not change the directory. The exception is over: take the exemption back there.")
}
