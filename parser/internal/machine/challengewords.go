package machine

import (
	"regexp"

	"mfabot/parser/internal/text"
)

// challenges begin the subjects of filters that ask a sender to prove to be a person.
var challenges = text.Beginnings(
	"please confirm your message", "please confirm your email", "please confirm your e-mail", "confirm your message",
	"your message requires confirmation", "your email requires verification", "your message awaits", "your message to",
	"message from unknown sender", "sender verification", "verify your email", "verification required", "challenge:",
	"[spamarrest]", "boxbe:",
)

// challengeText is what it says of the message.
var challengeText = regexp.MustCompile(`(?i)(message|e-?mail)[^.]{0,80}\b(has not (yet )?been delivered|is being held|` +
	`has been held|will not be delivered|was placed on hold|is awaiting|quarantined|until you)|` +
	`to (complete|release|verify|confirm)[^.]{0,40}\b(delivery|message|that you are)|` +
	`i('m| am) protect(ed|ing)[^.]{0,60}\bspam|prove (that )?you are (a )?human|click (on )?the (link|button) below`)

// challengeWords are the words of which challengeText needs at least one.
var challengeWords = []string{
	"been delivered", "be delivered", "being held", "been held", "on hold", "is awaiting", "quarantined", "until you",
	"to complete", "to release", "to verify", "to confirm", "protect", "prove", "click",
}
