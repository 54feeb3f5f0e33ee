package outbox

import (
	"context"

	"mfabot/intake"
)

// AskOperatorToExempt asks the operator to exempt an exception's user from MFA, as there is no directory to do it.
func (out *Outbox) AskOperatorToExempt(ctx context.Context, w Work, e *intake.Exception) error {
	return out.Alert(ctx, w, intake.AlertDirectory, "Exempt "+e.User.Email+" from MFA now",
		"Reference: "+e.Ref, "For: "+e.User.Email, "Until: "+out.Moment(e.EndsAt),
		"mfabot does not change the directory. Exempt the user there; you will be told when to take it back.")
}

// AskOperatorToEndExemption asks the operator to end the exemption of an exception's user.
func (out *Outbox) AskOperatorToEndExemption(ctx context.Context, w Work, e *intake.Exception) error {
	return out.Alert(ctx, w, intake.AlertDirectory, "End the MFA exemption of "+e.User.Email+" now",
		"Reference: "+e.Ref, "For: "+e.User.Email,
		"mfabot does not change the directory. The exception is over: take the exemption back there.")
}
