package intake

import "time"

// OutboundState is how far an outbound message has come.
type OutboundState string

// The states of an outbound message.
const (
	Queued OutboundState = "queued"
	Sent   OutboundState = "sent"
	Failed OutboundState = "failed" // given up
)

// Overtaken is the last error of a letter that was not sent before a later one was
// written, which says what is true now: of a warning, a digest or a reminder.
const Overtaken = "overtaken by a later notice"

// Refusal is why a letter is given up.
type Refusal struct {
	Text      string // of the error, for the operator
	Recipient bool   // the server refused the recipient, for good: another server would fare no better
	Status    string // as 5.1.1 (RFC 3463), where the server gave one
}

// Outbound is a letter in the queue, with what it needs to be delivered.
type Outbound struct {
	ID int64
	Letter
	// MessageID is chosen when the letter is written, and is the same at every
	// attempt. No angle brackets.
	MessageID string
	// References leads back to the start of the conversation, oldest first
	// (RFC 5322, section 3.6.4); its last entry is what In-Reply-To names.
	References []string
	Answer     bool // provoked by a message; the daily limits are for these
	State      OutboundState
	Attempts   int // that were begun
	CreatedAt  time.Time
	DueAt      time.Time // not before
	SentAt     time.Time // zero until it is sent
	LastError  string    // of the last attempt

	BouncedAt    time.Time // when its refusal for good became known; zero for none
	BounceStatus string    // as 5.1.1 (RFC 3463), where it was given
	StandsFor    int64     // the ID of the letter in whose place it goes to another address; 0 for none
}
