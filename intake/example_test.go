package intake_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"mfabot/intake"
)

// A request that lacks something is asked about and completed, and then it cannot be completed again.
func ExampleNext() {
	state := intake.Received
	for _, on := range []intake.Event{intake.EventUnclear, intake.EventComplete, intake.EventApprove, intake.EventComplete} {
		next, err := intake.Next(state, on)
		if errors.Is(err, intake.ErrNotNow) {
			fmt.Printf("%s, %s: not now\n", state, on)
			return
		}
		fmt.Printf("%s, %s: %s\n", state, on, next)
		state = next
	}
	// Output:
	// received, unclear: incomplete
	// incomplete, complete: pending
	// pending, approve: approved
	// approved, complete: not now
}

// Two working days after the Wednesday before Christmas 2026: Friday, the weekend and the Monday after it are
// days off.
func ExampleWorkingDays_After() {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		log.Fatal(err)
	}
	holidays, err := intake.DefaultHolidays()
	if err != nil {
		log.Fatal(err)
	}
	days := intake.WorkingDays{Zone: zone, Holidays: holidays}
	asked := time.Date(2026, 12, 23, 9, 0, 0, 0, zone)
	fmt.Println(days.After(asked, 2).Format(time.RFC1123))
	// Output: Tue, 29 Dec 2026 09:00:00 UTC
}
