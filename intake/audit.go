package intake

import "time"

// Event is what happens to a request.
type Event string

// The events of a request.
const (
	EventComplete   Event = "complete"    // subject, reason and evidence are there
	EventUnclear    Event = "unclear"     // something cannot be read out of it
	EventNoEvidence Event = "no-evidence" // the policy demands some
	EventResubmit   Event = "resubmit"    // evidence came after a rejection
	EventAddMore    Event = "add"         // evidence came while reviewers decide
	EventApproval   Event = "approval"    // one of several that are needed
	EventApprove    Event = "approve"
	EventReject     Event = "reject"
	EventAsk        Event = "ask"
	EventAnswer     Event = "answer"
	EventWithdraw   Event = "withdraw"
	EventLapse      Event = "lapse"
)

// EventRevoke is the decision that ends an exception early. It is no event of the
// request, which stays approved.
const EventRevoke Event = "revoke"

// HistoryEntry is one entry of the audit.
type HistoryEntry struct {
	Ref   string
	At    time.Time
	Event string
	By    string
	Text  string
}

// EventUndelivered is in the history of what a letter was about that did not arrive.
const EventUndelivered = "undelivered"

// What an action that failed is recorded and told of by.
const (
	EventApplied      = "applied"
	EventRemoved      = "removed"
	EventApplyFailed  = "apply-failed"
	EventRemoveFailed = "remove-failed"
)

// EventRemindSite is in the history of a request whose site was asked again.
const EventRemindSite = "remind-site"

// EventPurged is the event of a purge in the audit.
const EventPurged = "purged"

// CheckpointRef is the reference under which the audit keeps the checkpoints.
const CheckpointRef = "checkpoint"

// Checkpoint says what was in the audit at one moment. Kept elsewhere, it shows
// whether anything from before that moment was changed since. It is an entry of the
// audit itself, so that none can be taken away or changed unseen.
type Checkpoint struct {
	Day     string `json:"day"`     // in the policy's time zone: 2026-03-02
	Entries int64  `json:"entries"` // how many there were
	Chains  int64  `json:"chains"`  // and in how many chains, one a reference
	Root    string `json:"root"`    // over all of them, in hexadecimal
}
