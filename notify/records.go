package notify

import (
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// recordView is another request or exception of the user.
type recordView struct {
	Ref, Site, Reason, Text    string
	Short, Active, Open, Other bool
	Outcome                    string // its state in words
	Starts, Ends, At           time.Time
}

// sameFileView is evidence that came with another user's request as well.
type sameFileView struct {
	Filename, Ref, Who, Site string
	At                       time.Time
}

// setRecords sets what else is known of the user.
func (v *view) setRecords(f intake.Facts) {
	for _, r := range f.Records {
		v.Records = append(v.Records, recordView{
			Ref:    templates.Clean(r.Ref, maxRef),
			Site:   named(templates.Clean(r.Site.Name, maxTitle), templates.Clean(r.Site.ODSCode, maxName)),
			Reason: templates.Clean(r.Reason, maxTitle), Text: templates.Clean(r.Text, maxEntry),
			Short: r.Category == intake.Short, Active: r.State == string(intake.Active), Other: r.Other,
			Open:    r.State == string(intake.Pending) || r.State == string(intake.Incomplete) || r.State == string(intake.NeedsInfo),
			Outcome: outcome(r.State), Starts: r.Starts, Ends: r.Ends, At: r.At,
		})
	}
	v.RecordsMore = f.RecordsMore
	for _, s := range f.SameFiles {
		v.SameFiles = append(v.SameFiles, sameFileView{
			Filename: templates.Clean(s.Filename, maxFilename), Ref: templates.Clean(s.Ref, maxRef), At: s.At,
			Who:  named(templates.Clean(s.User.Name, maxName), templates.Clean(s.User.Email, maxAddress)),
			Site: named(templates.Clean(s.Site.Name, maxTitle), templates.Clean(s.Site.ODSCode, maxName)),
		})
	}
}
