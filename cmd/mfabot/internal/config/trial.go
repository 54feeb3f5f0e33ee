package config

import (
	"strings"

	"mfabot/intake"
	"mfabot/notify"
)

// trialOf checks the table [trial].
func trialOf(l *loader) *notify.Trial {
	if l.raw.Trial == nil {
		return nil
	}
	t := &notify.Trial{}
	for _, entry := range l.raw.Trial.Only {
		address := entry
		if domain, all := strings.CutPrefix(entry, "*@"); all {
			address = "anybody@" + domain
		}
		if !intake.IsAddress(address) || strings.Contains(address, "*") {
			l.Bad("trial.only", "expected addresses such as sam@helpdesk.test and domains such as *@helpdesk.test, not %q", entry)
			continue
		}
		t.Only = append(t.Only, intake.Canonical(entry))
	}
	return t
}
