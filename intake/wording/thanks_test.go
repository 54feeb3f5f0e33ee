package wording_test

import (
	"strings"
	"testing"

	"mfabot/intake/wording"
)

// TestMerelyThanks: what asks for anything is never taken for mere thanks.
func TestMerelyThanks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Thank you": true, "Thanks!": true, "Many thanks, Jo": true, "Received with thanks": true, "Ok thanks!": true,
		"THANK YOU VERY MUCH":            true,
		"Thank you for letting us know.": true, "Thank you for your help\n\nJo Marsh": true, "Dear all,\nthanks.\nKind regards\nJo": true,
		"Great, thanks 👍": true, "Noted.": true, "Thanks, Jo O’Neill": true, "Received.": true,
		"👍": true, "👍🏽\n\n❤️": true, "👎": false, "👍 👎": false, "Thanks, I can log in again": true, "Diolch yn fawr": true,
		"Thanks, I can log in again but only on Tuesdays": false,
		"": false, "Jo": false, "Hello": false, "With regards": false, "Sorry!": false,
		"Thanks, please stop it": false, "Thanks. Stop": false, "Thanks\nStop": false, "Thanks. Stop It Now": false, "Thanks, Cancel": false,
		"Thanks, Sam Resigned": false, "Ok\nSam Leaving": false, "Thanks. Help!": false, "Thanks, email me": false, "Thanks?": false,
		"Thank you. Sam left.": false, "Thanks, kim.day@corner.test": false,
		"Thank you. It ends on 1 March, and that is wrong": false, "Ok, until 4": false, "Many thanks, Jo Marsh, Pharmacy Manager": false,
		"No thanks": false, "Thanks but no": false, "Спасибо": false,
		strings.Repeat("Thank you ", 7): false,
	} {
		if got := wording.MerelyThanks(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// TestOnlyAcknowledges: what a reviewer may mean as consent is not mere thanks.
func TestOnlyAcknowledges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Thank you": true, "Noted, thanks\nAsha": true, "Received.": true, "Many thanks": true,
		"Ok": false, "Ok thanks": false, "👍": false, "Great, thanks": false, "Thanks, fine": false, "Approved": false, "": false,
	} {
		if got := wording.OnlyAcknowledges(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
