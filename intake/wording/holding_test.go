package wording_test

import (
	"testing"

	"mfabot/intake/wording"
)

// TestMerelyHolds: what may be an answer is never taken for a promise of one.
func TestMerelyHolds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Thanks, will look": true, "thanks will look into this": true, "Leave it with me.": true, "OK will do": true,
		"Thanks, we will look into it and come back to you.": true,
		"Noted, will get back to you shortly.\n\nJo":         true,
		"Received with thanks. I'll ask the manager.":        true,
		"Will check and let you know.\n\nJo Marsh":           true,
		"Cheers, on it": true,
		"Thank you, I will chase this up today.\n\nKind regards\nJo Marsh\nOak Street Pharmacy": true,
		"Diolch, byddaf yn edrych ar hyn.": true,
		"Thanks - looking into it":         true, "I have passed this on to my manager.": true,
		"Many thanks, I’ll find out and reply tomorrow.":     true,
		"Hi, thanks for this, I'll dig it out on Monday.":    true,
		"Sorry for the delay, will send it as soon as I can": true,
		"Bear with me, I am just waiting for the GP.":        true,
		"I am on it and will revert.":                        true,
		"Will do!\n\nJo":                                     true,

		"": false, "Jo": false, "Thanks": false, "Moorfields, in March of this year.\n\nRosa": false, "Yes, I will": false, "No, we will not": false,
		"I will ask. It was Dr May.": false, "Thanks, will look?": false, "We will get it from the GP.": false, "It will be the GP": false,
		"The GP": false, "Will do, Moorfields": false, "Will send it on 3 March": false, "I will let you know, ask jo@corner.test": false,
		"He will do it": false, "We are waiting for the GP.": false, "I asked the GP.": false, "Please stop it, will call": false,
		"I will look. He left.": false, "The manager signed it, will send": false, "Will look.\nMoorfields Eye Hospital was it": false,
		"She will be looking after it every day": false,
	} {
		if got := wording.MerelyHolds(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
