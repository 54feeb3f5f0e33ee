package intake

import "time"

// Outcome is what became of an inbound message.
type Outcome string

// The outcomes. Every message ends with exactly one; refused, ignored and
// quarantined have a reason besides.
const (
	AsRequest     Outcome = "request"
	AsDecision    Outcome = "decision"
	AsInformation Outcome = "information"
	AsRenewal     Outcome = "renewal"
	AsWithdrawal  Outcome = "withdrawal"
	AsShortTerm   Outcome = "short-term guidance"
	AsRefused     Outcome = "refused"
	AsIgnored     Outcome = "ignored"
	AsQuarantined Outcome = "quarantined"
)

// Reasons of outcomes that come with no letter of the same name.
const (
	becauseDuplicate       = "duplicate"
	becauseOurOwn          = "our-own"
	becauseAutomatic       = "automatic"
	becauseBounce          = "bounce"
	becauseUnreadable      = "unreadable"
	becauseFailed          = "failed"
	becauseUnauthenticated = "unauthenticated"
	becauseUnclearSender   = "unclear-sender"
	becauseTooLarge        = "too-large"
	becauseDecided         = "already-decided"
)

// Inbound is a message in the ledger.
type Inbound struct {
	ID         int64
	Arrival           // Raw is empty where a message was looked up
	Digest     string // of the content; names a message across copies
	MessageID  string // as the sender chose it; may be empty or not unique
	From       string // an address
	Subject    string // as it was sent, decoded
	ReceivedAt time.Time
	Checks     []Check // that were made on it, in their order
	Conclusion
}

// Conclusion is how the handling of a message ended.
type Conclusion struct {
	Outcome Outcome
	Reason  string
	Ref     string // of the request or exception; several are separated by commas
	Folder  Folder
}
