package notify

import (
	"strings"
	"testing"

	ical "github.com/arran4/golang-ical"

	"mfabot/intake"
	"mfabot/templates"
)

// calendarOf is the calendar file of a letter; nil if it has none.
func calendarOf(t *testing.T, c *Composer, l intake.Letter) *ical.Calendar {
	t.Helper()
	_, leaves := partsOf(t, composed(t, c, l))
	last := leaves[len(leaves)-1]
	if last.mediaType != "text/calendar" {
		return nil
	}
	for line := range strings.SplitSeq(string(last.content), "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d octets (RFC 5545, section 3.1): %q", len(line), line)
		}
	}
	cal, err := ical.ParseCalendar(strings.NewReader(string(last.content)))
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func TestCalendar(t *testing.T) {
	c := testComposer(t)
	approval := func(ref, name string) intake.Letter {
		l := requestLetter(intake.LetterApproved, intake.ToSite, func(f *intake.Facts) {
			f.User.Name, f.Ends = name, winter
		})
		l.Ref = ref
		return l
	}
	for _, name := range []string{"Zoë O'Neill", "A,\r\nBEGIN:VALARM\r\n; B\\n", strings.Repeat("Ω", 500), "\u202eeoJ"} {
		cal := calendarOf(t, c, approval("LT-2026-00042", name))
		if cal == nil || len(cal.Events()) != 1 || len(cal.Events()[0].Alarms()) != 1 {
			t.Errorf("%q: not one event with one alarm: %v", name, cal)
		}
	}
	if calendarOf(t, c, approval("ST-2026-00042", "Jane Smith")) != nil {
		t.Error("an exception of a day has a file")
	}
	silent := testService()
	silent.Calendar = false
	set, err := templates.New(winter.Location(), templates.Look{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c = NewComposer(set, silent, evidenceParts{})
	l := approval("LT-2026-00042", "Jane Smith")
	if calendarOf(t, c, l) != nil || strings.Contains(string(composed(t, c, l)), "calendar") {
		t.Error("a policy without calendar files: the letter has one, or speaks of one")
	}
}
