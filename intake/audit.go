package intake

import "time"

// Event is the kind of an audit entry: what happened to a request, to an exception, or apart from both.
type Event string

// The events that change the state of a request: see Transitions.
const (
	EventComplete   Event = "complete"    // user, reason and evidence are there
	EventUnclear    Event = "unclear"     // something that a request needs could not be read
	EventNoEvidence Event = "no-evidence" // the policy requires some
	EventResubmit   Event = "resubmit"    // evidence came after a rejection
	EventAddMore    Event = "add"         // evidence came while reviewers decide
	EventCorrect    Event = "correct"     // the user's address or name, or the reason, was put right
	EventApproval   Event = "approval"    // one of several that are needed
	EventApprove    Event = "approve"
	EventReject     Event = "reject"
	EventAsk        Event = "ask"
	EventAnswer     Event = "answer"
	EventWithdraw   Event = "withdraw"
	EventClose      Event = "close" // the operator closed it undecided
	EventLapse      Event = "lapse"
)

// The events that change nothing about the state of a request.
const (
	// What people wrote, and what became of it.
	EventInformation  Event = "information"      // the site wrote
	EventAskedAbout   Event = "asked-about"      // the site was asked whether a message is about a request
	EventBelongs      Event = "belongs"          // it said so
	EventRequeued     Event = "requeued"         // a quarantined message was processed again
	EventImport       Event = "import"           // mail of before a mailbox's beginning is read
	EventUnanswered   Event = "unanswered"       // an answer was not sent, since a daily limit was reached
	EventUndelivered  Event = "undelivered"      // a letter did not arrive
	EventSentAgain    Event = "sent-again"       // it is, by the operator
	EventAttempt      Event = "unproven-attempt" // an unproven sender wrote in a reviewer's name, or with a code
	EventNoLonger     Event = "no-longer"        // somebody who is no longer a reviewer tried to decide
	EventWrongAddress Event = "wrong-address"    // somebody else used a reviewer's code

	// Whom a request is waiting for.
	EventAway       Event = "away"        // a reviewer went away
	EventBack       Event = "back"        // a reviewer came back
	EventDeputy     Event = "deputy"      // a deputy was asked
	EventReminded   Event = "reminded"    // a reviewer was reminded
	EventRemindSite Event = "remind-site" // the site was asked again
	EventEscalated  Event = "escalated"   // the operator was told that a request is waiting

	// An exception's life.
	EventGranted    Event = "granted" // a short-term one
	EventWarning    Event = "warning"
	EventOvertaken  Event = "overtaken" // a warning was still unsent when a later notice was written
	EventEnded      Event = "ended"
	EventRevoke     Event = "revoke" // it was ended early; the request stays approved
	EventSuperseded Event = "superseded"

	// The directory.
	EventApplied      Event = "applied"
	EventRemoved      Event = "removed"
	EventCalled       Event = "called" // somebody was told by telephone what an email could not say
	EventApplyFailed  Event = "apply-failed"
	EventRemoveFailed Event = "remove-failed"
	EventExpelled     Event = "expelled"   // a member without an active exception was removed
	EventReconciled   Event = "reconciled" // an active exception must be applied again

	// Retention.
	EventPurged     Event = "purged"
	EventPutOff     Event = "purge put off"
	EventErased     Event = "erased"
	EventHeld       Event = "held"
	EventReleased   Event = "released"
	EventCheckpoint Event = "checkpoint"
	EventAccepted   Event = "accepted" // the operator says that what looked like an accident is none
	EventRestored   Event = "restored" // a backup has taken the place of the database
	EventSealed     Event = "sealed"   // rows of before there were seals were sealed as they were
)

// HistoryEntry is an entry of the audit.
type HistoryEntry struct {
	Ref   string
	At    time.Time
	Event Event
	By    string
	Text  string
	// Command is who typed the command that the entry comes from, and on which machine, as the operating system
	// says; empty where it comes from an email or the time. It is set by what records the entry.
	Command string

	// Until is until when an exception exempts that begins with this entry, and User whom. The audit keeps both
	// apart from its words, of the user a keyed hash only, and history does not have them.
	Until time.Time
	User  string
}

// CheckpointRef is the reference under which the audit keeps its checkpoints.
const CheckpointRef = "checkpoint"

// Checkpoint sums up the audit at one moment. Kept elsewhere, it shows whether anything from before that
// moment has changed since. It is an audit entry itself, so that a checkpoint cannot be removed or changed
// unseen.
type Checkpoint struct {
	Day     string `json:"day"`              // in the policy's time zone: 2026-03-02
	Entries int64  `json:"entries"`          // number of entries
	Chains  int64  `json:"chains"`           // number of chains; each reference has one
	Root    string `json:"root"`             // digest over all chains, in hexadecimal
	Active  string `json:"active,omitempty"` // digest over who is exempt until when, by the audit; none in older ones
}
