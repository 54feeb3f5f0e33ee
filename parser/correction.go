package parser

import "mfabot/parser/internal/request"

// Correction is what words say about the address of a user. Address is the right one, in lower case; it is empty
// unless the words say so plainly. Unclear is set where they may mean to.
type Correction = request.Correction

// ReadCorrection reads whether the new text of a message puts right the address of a user, was, in lower case.
// It takes words that say which is right, and exactly one other address. asked is set where the message answers
// the question for the address: then little more than that will do. user reports whether an address can be a
// user's; others, such as the site's own, are passed over. An address for one more user corrects nothing.
func ReadCorrection(newText, was string, asked bool, user func(address string) bool) Correction {
	return request.ReadCorrection(newText, was, asked, user)
}
