package intake

import (
	"regexp"
	"time"
)

// OutboundState is how far an outbound message has got.
type OutboundState string

// The states of an outbound message.
const (
	Queued OutboundState = "queued"
	Sent   OutboundState = "sent"
	Failed OutboundState = "failed" // given up
)

// Overtaken is the last error of a warning, digest or reminder that was still unsent when a later letter was
// written: the later one says what is true now.
const Overtaken = "overtaken by a later notice"

// Refusal says why mfabot gives up on a letter.
type Refusal struct {
	Text      string // the error, for the operator
	Recipient bool   // the server refused the recipient, for good: another server would fare no better
	Content   bool   // the server refused the letter itself, for good, after it had taken the recipient, or for its size
	Status    string // such as 5.1.1 (RFC 3463), if the server gave one
}

// RefusesSender reports whether a status (RFC 3463, RFC 7372, and those of Microsoft and Google) says that a server refused
// us, for who we are or how much we send: it says nothing of the recipient.
func RefusesSender(status string) bool { return ofSender.MatchString(status) }

// ofSender are our address (5.1.7, 5.1.8), a day's limit (5.1.90, 5.4.5), what proves us (5.7.20 to 5.7.30), whether we may
// send (5.7.57, 5.7.60, 5.7.64), and what our servers and tenant are known for (5.7.5xx to 5.7.7xx).
var ofSender = regexp.MustCompile(`^5\.(?:1\.(?:7|8|90)|4\.5|7\.(?:2[0-9]|30|57|60|64|[567][0-9]{2}))$`)

// Outbound is a letter in the queue, with what its delivery needs.
type Outbound struct {
	ID int64
	Letter
	// MessageID is chosen when the letter is written, and is the same at every attempt. It has no angle
	// brackets.
	MessageID string
	// References leads back to the start of the conversation, oldest first (RFC 5322, section 3.6.4); its
	// last entry is what In-Reply-To names.
	References []string
	Answer     bool // it answers a message; these have daily limits
	State      OutboundState
	Attempts   int // begun so far
	CreatedAt  time.Time
	DueAt      time.Time // of the next attempt
	SentAt     time.Time // zero until sent
	LastError  string    // of the last attempt

	BouncedAt    time.Time // when we learnt that it was refused for good; zero if it was not
	BounceStatus string    // such as 5.1.1 (RFC 3463), if given
	StandsFor    int64     // ID of the undelivered letter that it repeats, to another address; 0 for none
}
