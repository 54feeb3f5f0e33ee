package intake

import "time"

// Event is what happened to a request, to an exception, or besides, as the audit has it.
type Event string

// The events that change the state of a request: see Transitions.
const (
	EventComplete   Event = "complete"    // user, reason and evidence are there
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

// The events that change nothing about the state of a request.
const (
	// What people wrote, and what became of it.
	EventInformation  Event = "information"      // the site wrote
	EventRequeued     Event = "requeued"         // a quarantined message was taken again
	EventUnanswered   Event = "unanswered"       // an answer was not sent: a cap was reached
	EventUndelivered  Event = "undelivered"      // a letter did not arrive
	EventAttempt      Event = "unproven-attempt" // somebody who is not proven wrote as a reviewer, or with a code
	EventNoLonger     Event = "no-longer"        // somebody who is no longer a reviewer tried to decide
	EventWrongAddress Event = "wrong-address"    // somebody else used a reviewer's code

	// Whom a request waits for.
	EventAway       Event = "away"        // a reviewer
	EventBack       Event = "back"        // a reviewer
	EventDeputy     Event = "deputy"      // a deputy was asked
	EventReminded   Event = "reminded"    // a reviewer
	EventRemindSite Event = "remind-site" // the site was asked again
	EventEscalated  Event = "escalated"   // the operator was told that it waits

	// An exception's life.
	EventGranted    Event = "granted" // a short-term one
	EventWarning    Event = "warning"
	EventOvertaken  Event = "overtaken" // a warning was not sent before a later notice
	EventEnded      Event = "ended"
	EventRevoke     Event = "revoke" // it was ended early; the request stays approved
	EventSuperseded Event = "superseded"

	// The directory.
	EventApplied      Event = "applied"
	EventRemoved      Event = "removed"
	EventApplyFailed  Event = "apply-failed"
	EventRemoveFailed Event = "remove-failed"
	EventExpelled     Event = "expelled"   // a member without an active exception was taken out
	EventReconciled   Event = "reconciled" // an active exception is to be applied again

	// What is kept.
	EventPurged     Event = "purged"
	EventPutOff     Event = "purge put off"
	EventErased     Event = "erased"
	EventHeld       Event = "held"
	EventReleased   Event = "released"
	EventCheckpoint Event = "checkpoint"
)

// HistoryEntry is one entry of the audit.
type HistoryEntry struct {
	Ref   string
	At    time.Time
	Event Event
	By    string
	Text  string
}

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
