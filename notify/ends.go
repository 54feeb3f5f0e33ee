package notify

import (
	"fmt"
	"math"
	"time"

	"mfabot/intake"
)

// setEnd sets how far away the end is, and until when a renewal is decided in time, from when the letter goes out.
func (v *view) setEnd(f intake.Facts, now time.Time) {
	left := f.Ends.Sub(now)
	days := int(math.Round(left.Hours() / 24))
	v.Soon = days <= 0 || v.Short && left < 24*time.Hour
	if v.Left = inDays(days); v.Soon {
		v.Left = inHours(left)
	}
	v.RenewBy, v.RenewLate, v.ReviewDays = f.RenewBy, now.After(f.RenewBy), f.ReviewDays
}

// inDays says how far away something is.
func inDays(n int) string {
	if n == 1 {
		return "in 1 day"
	}
	return fmt.Sprintf("in %d days", n)
}

// inHours is inDays for what comes within a day. What is an hour away but for some minutes is an hour away: letters take
// their time.
func inHours(left time.Duration) string {
	const nearly = 5 * time.Minute
	hours := int(math.Round(left.Hours()))
	switch minutes := int(math.Round(left.Minutes())); {
	case left+nearly >= time.Hour && hours == 1:
		return "in 1 hour"
	case left+nearly >= time.Hour:
		return fmt.Sprintf("in %d hours", hours)
	case minutes == 1:
		return "in 1 minute"
	case minutes > 1:
		return fmt.Sprintf("in %d minutes", minutes)
	}
	return "now"
}
