package notify

import (
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// recordView is another request or exception of the user.
type recordView struct {
	Ref, Site, Reason, Text           string
	Short, Active, Ended, Open, Other bool
	Outcome                           string // its state in words
	Starts, Ends, At                  time.Time
}

// sameFileView is evidence that came with another user's request as well.
type sameFileView struct {
	Filename, Ref, Who, Site string
	At                       time.Time
}

// setRecords sets what else is known of the user.
func (v *view) setRecords(f intake.Facts) {
	v.Records, v.RecordsMore, v.SameFiles = recordViews(f.Records), f.RecordsMore, sameFileViews(f.SameFiles)
}

// recordViews returns what is known of a user, with all outside text made harmless.
func recordViews(records []intake.RecordFacts) (out []recordView) {
	for _, r := range records {
		out = append(out, recordView{
			Ref:    templates.Clean(r.Ref, maxRef),
			Site:   named(templates.Clean(r.Site.Name, maxTitle), templates.Clean(r.Site.ODSCode, maxName)),
			Reason: templates.Clean(r.Reason, maxTitle), Text: templates.Clean(r.Text, maxEntry),
			Short: r.Category == intake.Short, Active: r.State == string(intake.Active),
			Ended: r.State == string(intake.Ended), Other: r.Other,
			Open:    r.State == string(intake.Pending) || r.State == string(intake.Incomplete) || r.State == string(intake.NeedsInfo),
			Outcome: recordOutcome(r.State), Starts: r.Starts, Ends: r.Ends, At: r.At,
		})
	}
	return out
}

// recordOutcome puts into words, within a line about a request or exception, what became of it.
func recordOutcome(state string) string {
	switch state {
	case "rejected":
		return "rejected"
	case "withdrawn":
		return "withdrawn"
	case "lapsed":
		return "closed, as the site did not answer in time,"
	case "revoked":
		return "ended early"
	case "superseded":
		return "replaced by a newer one"
	}
	return outcome(state)
}

// sameFileViews returns the evidence that came with other users' requests as well, made harmless.
func sameFileViews(files []intake.SameFile) (out []sameFileView) {
	for _, s := range files {
		out = append(out, sameFileView{
			Filename: templates.Line(s.Filename, maxFilename), Ref: templates.Clean(s.Ref, maxRef), At: s.At,
			Who:  named(templates.Clean(s.User.Name, maxName), templates.Clean(s.User.Email, maxAddress)),
			Site: named(templates.Clean(s.Site.Name, maxTitle), templates.Clean(s.Site.ODSCode, maxName)),
		})
	}
	return out
}

// setHistory sets the latest entries.
func (v *view) setHistory(history []intake.HistoryFacts) {
	for _, h := range history[max(0, len(history)-maxHistory):] {
		h.Event, h.By = templates.Clean(h.Event, maxTitle), templates.Clean(h.By, maxName)
		h.Ref, h.Text = templates.Clean(h.Ref, maxRef), templates.Clean(h.Text, maxEntry)
		v.History = append(v.History, h)
	}
}
