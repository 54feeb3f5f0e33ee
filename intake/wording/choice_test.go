package wording_test

import (
	"testing"

	"mfabot/intake/wording"
)

// TestChoice: one word or a number chooses, and what says more than that, or may be about several, does not.
func TestChoice(t *testing.T) {
	t.Parallel()
	options := []string{"accessibility accessibility issue", "clinical-risk disproportionate clinical risk",
		"secure-location persistent work in a secure location", "other other exceptional circumstances"}
	for want, texts := range map[int][]string{
		0: {"accessibility", "Accessibility", "Accessibility issue", "1", "1.", "(1)", "#1", "No 1", "The first one please",
			"*Accessibility*",
			"accesibility", "Accessability issue please", "Hi,\n\nAccessibility\n\nThanks\nJo", "Reason 1", "reason: accessibility", "It's an accessibility issue.",
			"sam.lee@corner.test, accessibility", "Sam Lee sam.lee@corner.test\n1", "Option one, thanks", "It is number 1"},
		1: {"2", "clinical", "Clinical risk", "risk", "Disproportionate clinical risk", "2nd", "Number 2. Thank you"},
		2: {"secure location", "Secure", "3", "Persistent work in a secure location", "[3]"},
		3: {"other", "Other exceptional circumstances", "Other reasons", "4", "four"},
		-1: {"", "yes", "5", "0", "1 or 2", "1, 2", "not accessibility", "accessibility or clinical risk", "Accessibility?",
			"2 letters are attached",
			"Neither", "any other", "12", "Thanks", "issue", "for the reason", "10 March", "1.5", "Sam has a tremor",
			"It is not 1", "On the other hand we have no accessibility problems at all, so I do not know which"},
	} {
		for _, text := range texts {
			if got := wording.Choice(text, options); got != want {
				t.Errorf("%q: got %d, want %d", text, got, want)
			}
		}
	}
}
