package wording_test

import (
	"testing"

	"mfabot/intake/wording"
)

// TestYesOrNo: only what plainly says yes is a yes.
func TestYesOrNo(t *testing.T) {
	t.Parallel()
	for want, texts := range map[wording.Answer][]string{
		wording.SaysYes: {"YES", "yes", "Yes please", "*Yes*", "Hi,\n\nYes, it is about Sam.\n\nJo", "Hello, yes it does",
			"Thanks, yes.", "OK", "Ok thanks",
			"👍", "👍🏽", "Correct.", "That's right", "That’s correct, thank you", "It does", "It is.", "It's about Sam Lee's request", "Ydy",
			"Yes. The new letter is attached. She cannot use a telephone.", "Dear all, yes", "Yes\n\nJo Marsh\nOak Street Pharmacy",
			"We confirm that it is.", "- YES"},
		wording.SaysNo: {"No", "No, sorry.", "Nope", "Sorry, no", "It is not.", "It isn't about that", "Please ignore it",
			"Nage", "Hi,\nNo it's not",
			"Not this one", "This is not ours"},
		wording.SaysNeither: {"", "?", "What is this? We never sent you that.",
			"This has nothing to do with it, please leave our request alone.",
			"Who are you?", "Wrong address, we were writing to somebody else", "We did not write that.", "It wasn't meant for you.",
			"I don't know", "Not sure", "No idea what this is", "Yes? What is this?", "Yes, but we did not send it to you", "Yes. We did not write that.",
			"OK, who is this?", "OK. That was not for you.", "Ok then who wrote that", "It's a scam", "Right now we have no time", "Correct the address please",
			"Sam Lee", "Is it?", "Yesterday we wrote to somebody else", "That is odd", "Maybe", "No problem", "Thank you", "Please see the attached",
			"Yes. Please ignore that email."},
	} {
		for _, text := range texts {
			if got := wording.YesOrNo(text); got != want {
				t.Errorf("%q: got %v, want %v", text, got, want)
			}
		}
	}
}
