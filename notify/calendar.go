package notify

import (
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"mfabot/intake"
)

// calendarFile is the name of the file with the day on which an exception ends.
const calendarFile = "MFA exception.ics"

// entry is what a letter's file does to the end of an exception in its reader's calendar.
type entry struct {
	does     string // in a word
	sequence int    // rises, so that a calendar takes the later one (RFC 5545, section 3.8.7.4)
}

const (
	putsIn   = "puts"
	moves    = "moves"
	takesOut = "takes"
)

// entries are the letters with a calendar file.
//
//exhaustive:ignore
var entries = map[intake.Template]entry{
	intake.LetterApproved: {putsIn, 0},
	intake.LetterReplaced: {moves, 1},
	intake.LetterRevoked:  {takesOut, 2},
}

// inCalendar is what the file of a letter does; nothing if it has none, as letters about an exception of a day.
func inCalendar(s Service, l intake.Letter) entry {
	if !s.Calendar || l.Facts.Ends.IsZero() || strings.HasPrefix(l.Ref, "ST-") {
		return entry{}
	}
	return entries[l.Template]
}

// calendar is the file (RFC 5545) with the end of the exception that a letter is about, and an alarm a month before; or
// empty.
func calendar(l intake.Letter, v view, now time.Time) string {
	e := inCalendar(v.Service, l)
	if e.does == "" {
		return ""
	}
	cal := ical.NewCalendar()
	cal.SetProductId("-//mfabot//EN")
	cal.SetMethod(ical.MethodPublish)
	add(cal, &v, v.Ref, e, now)
	for _, former := range []string{v.Former, v.Renews} {
		if e.does == putsIn && former != "" && former != v.Ref {
			add(cal, &v, former, entry{takesOut, 2}, now)
		}
	}
	return cal.Serialize(ical.WithNewLineWindows)
}

// add adds the end of an exception.
func add(cal *ical.Calendar, v *view, ref string, e entry, now time.Time) {
	of := strings.ToLower(ref + "@" + intake.DomainOf(v.Service.Address))
	event := cal.AddEvent(of)
	event.SetSequence(e.sequence)
	event.SetDtStampTime(now)
	event.SetStartAt(v.Ends)
	event.SetClass(ical.ClassificationPrivate)
	event.SetTimeTransparency(ical.TransparencyTransparent)
	summary := v.say("Your MFA exception ends") + " [" + ref + "]"
	if v.Audience == string(intake.ToSite) {
		summary = v.say("An MFA exception ends:") + " " + v.Person + " [" + ref + "]"
	}
	event.SetSummary(summary)
	if e.does == takesOut {
		event.SetStatus(ical.ObjectStatusCancelled)
		return
	}
	event.SetStatus(ical.ObjectStatusConfirmed)
	event.SetDescription(v.say("If it is still needed then, ask for a renewal in good time.") + " " + v.say("Telephone") +
		": " + v.Service.Telephone)
	alarm := event.AddAlarm()
	alarm.SetAction(ical.ActionDisplay)
	alarm.SetTrigger("-P30D")
	alarm.SetDescription(summary)
}
