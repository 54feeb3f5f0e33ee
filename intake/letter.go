package intake

// Template names one of the emails that mfabot sends.
type Template string

// The emails, by who reads them first.
const (
	// To the site, and in part to the user.
	Receipt    Template = "receipt"    // a request was read and waits for review
	Incomplete Template = "incomplete" // something could not be read; holds the form
	Question   Template = "question"   // a reviewer asks something
	Rejected   Template = "rejected"   // automatic for lack of evidence, or a reviewer's
	Withdrawn  Template = "withdrawn"  // the site took its request back
	Lapsed     Template = "lapsed"     // nobody answered in time
	Approved   Template = "approved"   // the exception has started
	Granted    Template = "granted"    // a short-term exception has started
	Applied    Template = "applied"    // the directory has taken it, at last
	Warning    Template = "warning"    // the exception ends soon
	Ended      Template = "ended"      // the exception has ended
	Revoked    Template = "revoked"    // the exception was ended early

	// To the site.
	Unreachable  Template = "unreachable"   // the user's address takes no mail
	NeedEvidence Template = "need-evidence" // what a renewal needs

	// To whoever wrote.
	Refused   Template = "refused"    // not from a mailbox that may ask
	ShortTerm Template = "short-term" // short-term exceptions go by telephone
	TooLarge  Template = "too-large"  // above the size limit

	// To reviewers.
	Review         Template = "review"          // please decide; evidence attached
	Reminder       Template = "reminder"        // a decision is waited for; no evidence attached
	Morning        Template = "morning"         // the digest of a working day
	Information    Template = "information"     // the site wrote more; the review stands
	Decided        Template = "decided"         // the request is decided; nothing to do
	RenewalLate    Template = "renewal-late"    // what a request would renew is over; the review stands
	AlreadyDecided Template = "already-decided" // a late answer
	NotUnderstood  Template = "not-understood"  // an answer that is no decision, and why

	// To the operator.
	Alert Template = "alert"

	// To the auditor.
	CheckpointMade Template = "checkpoint" // what is in the audit, day by day
)

// Audience says to whom a letter speaks, where one template serves several.
type Audience string

// The audiences.
const (
	ToSite     Audience = "site"
	ToUser     Audience = "user"
	ToSender   Audience = "sender"
	ToReviewer Audience = "reviewer"
	ToOperator Audience = "operator"
	ToAuditor  Audience = "auditor"
)

// Letter is an email to be sent, before it is put into words: who gets it and
// the facts it states. It is stored as it is and composed when it is delivered.
type Letter struct {
	Template Template
	To       string // one address
	Ref      string // of a request or exception; empty for none
	Facts    Facts
	// AnswersTo is the Message-ID that the letter replies to, without angle
	// brackets; empty for one that starts a conversation or continues the
	// letters already sent to this address about Ref.
	AnswersTo string
	// Attach lists the evidence to send along.
	Attach []Attachment
}

// Attachment names a part of a stored raw message.
type Attachment struct {
	InboundID int64  `json:"inbound_id"`
	Part      string `json:"part"`
	Filename  string `json:"filename"`
	MediaType string `json:"media_type"`
}
