package notify

import (
	"time"

	"mfabot/intake"
)

// setEnd sets how far away the end is, and until when a renewal is decided in time, from when the letter goes out; and when
// the exception ends that a request would renew.
func (v *view) setEnd(l intake.Letter, now time.Time) {
	f := l.Facts
	const day = 24 * time.Hour
	v.Left = f.Ends.Sub(now)
	v.Soon = v.Left < day/2 || v.Short && v.Left < day
	if f.Renews != "" {
		v.RenewedEnds = f.Runs
	}
	v.Renewed = l.Template == intake.LetterApproved && f.Renews != "" && !f.Runs.IsZero()
	v.RenewBy, v.RenewLate, v.ReviewDays = f.RenewBy, now.After(f.RenewBy), f.ReviewDays
}
