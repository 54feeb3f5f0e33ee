package intake

import (
	"cmp"
	"time"
)

// ReviewRules are how reviewers are reminded. Days are working days since the
// reviewer was asked.
type ReviewRules struct {
	RemindAfter   []int         // ascending
	DeputyAfter   int           // after the last reminder: the deputy is asked too
	OperatorAfter int           // not before the deputy: the operator is told, and again every OperatorEvery
	DigestAt      time.Duration // since midnight: when reviewers are told each working day what waits
	AbsenceLasts  time.Duration // of a reviewer whose automatic reply said so, unless they write before that
}

// OperatorEvery is after how many working days the operator is told again.
const OperatorEvery = 5

// stage counts the reminders that are due after some working days, the escalation
// to the deputy included.
func (r ReviewRules) stage(days int) int {
	n := 0
	for _, after := range append(r.RemindAfter[:len(r.RemindAfter):len(r.RemindAfter)], r.DeputyAfter) {
		if days >= after {
			n++
		}
	}
	return n
}

// Escalates reports whether a stage of reminders is the one at which the deputy is
// asked.
func (r ReviewRules) Escalates(stage int) bool { return stage > len(r.RemindAfter) }

// operatorStage counts how often the operator should have been told after some
// working days.
func (r ReviewRules) operatorStage(days int) int {
	if days < r.OperatorAfter {
		return 0
	}
	return 1 + (days-r.OperatorAfter)/OperatorEvery
}

type reviewFile struct {
	RemindAfter   []int  `toml:"remind_after"`
	DeputyAfter   *int   `toml:"deputy_after"`
	OperatorAfter *int   `toml:"operator_after"`
	DigestAt      string `toml:"digest_at"`
	AbsenceLasts  string `toml:"absence_lasts"`
}

// maxDays bounds the working days of a rule: a year has fewer.
const maxDays = 250

// readReview reads the rules, any of which may be left out.
func readReview(f *TOMLFile, raw reviewFile) ReviewRules {
	r := ReviewRules{RemindAfter: raw.RemindAfter, DeputyAfter: 7, OperatorAfter: 10,
		AbsenceLasts: readDuration(f, "review.absence_lasts", cmp.Or(raw.AbsenceLasts, "14d"))}
	if r.RemindAfter == nil {
		r.RemindAfter = []int{2, 5}
	}
	least := 1
	for _, n := range r.RemindAfter {
		if n < least || n > maxDays {
			f.Bad("review.remind_after", "expected whole numbers of working days such as [2, 5], each more than the one before, at most %d", maxDays)
			break
		}
		least = n + 1
	}
	if raw.DeputyAfter != nil {
		r.DeputyAfter = *raw.DeputyAfter
	}
	if r.DeputyAfter < least || r.DeputyAfter > maxDays {
		f.Bad("review.deputy_after", "expected a whole number of working days, more than the last of remind_after, at most %d", maxDays)
	}
	if raw.OperatorAfter != nil {
		r.OperatorAfter = *raw.OperatorAfter
	}
	if r.OperatorAfter < r.DeputyAfter || r.OperatorAfter > maxDays {
		f.Bad("review.operator_after", "expected a whole number of working days, not before deputy_after, at most %d", maxDays)
	}
	at, err := time.Parse("15:04", cmp.Or(raw.DigestAt, "08:30"))
	if err != nil {
		f.Bad("review.digest_at", "expected a time of the day such as 08:30, not %q", raw.DigestAt)
	}
	r.DigestAt = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	return r
}
