package intake

import "time"

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

// Reasons why a letter was sent, where one template has several. They choose
// the words, and stand in the ledger as the reason of an outcome.
const (
	// Rejected.
	WhyNoEvidence = "no-evidence"
	WhyReviewer   = "reviewer"

	// Withdrawn, Decided and Revoked.
	WhyLeft = "left" // the user has left, as the operator says

	// Refused.
	WhyPersonalMailbox = "personal-mailbox" // Facts.Site names the sender's site
	WhyNotRegistered   = "not-registered"
	WhyNotContact      = "not-a-contact" // of the site whose own mailbox this is

	// Review and Reminder: why a deputy, Facts.InPlaceOf somebody, is written to.
	WhyAway      = "away"
	WhyUndecided = "undecided"

	// NotUnderstood.
	WhyNoCommand    = "no-command"
	WhyNoQuestion   = "no-question"   // INFO with nothing to ask
	WhyNoReason     = "no-reason"     // REJECT or REVOKE with nothing to tell the site
	WhyNoToken      = "no-token"      // not a reply to a review email
	WhyNotYours     = "not-yours"     // another reviewer's review email
	WhyWrongAddress = "wrong-address" // Facts.Expected names the right one
	WhySuperseded   = "superseded"    // the request changed after that review email
	WhyBarred       = "barred"        // the reviewer's own site's request, or their own
	WhyBadUntil     = "bad-until"     // APPROVE UNTIL a day that cannot be; before Facts.Ends, where that is known
	WhyNotNow       = "not-now"       // the command does not fit the request's state
	WhyOnBehalf     = "on-behalf"     // somebody else, Facts.By, sent it for the reviewer
	WhySeveral      = "several-requests"
	WhyReasonGone   = "reason-gone"   // from the policy, which then says nothing of approvals
	WhyExpired      = "expired"       // the code is too old; a review email with another follows
	WhyNoLonger     = "no-longer"     // the writer is no reviewer any more
	WhyNotAddressed = "not-addressed" // the message was written to others than us
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

// Facts is what a letter states. Each template uses some of them; a fact that is
// not known is the zero value and the template says nothing of it.
type Facts struct {
	Audience      Audience        `json:"audience,omitempty"`
	Why           string          `json:"why,omitempty"`
	Subject       Person          `json:"subject,omitzero"`
	Site          SiteFacts       `json:"site,omitzero"`
	Reason        ReasonFacts     `json:"reason,omitzero"`
	Justification string          `json:"justification,omitempty"`
	RequestedBy   string          `json:"requested_by,omitempty"` // an address
	ReceivedAt    time.Time       `json:"received_at,omitzero"`
	AuthMethod    string          `json:"auth_method,omitempty"` // yes, no, unknown
	Evidence      []EvidenceFacts `json:"evidence,omitempty"`
	Missing       []string        `json:"missing,omitempty"`  // user, reason, details, evidence
	Said          string          `json:"said,omitempty"`     // another person's words, quoted
	By            string          `json:"by,omitempty"`       // who decided, asked, revoked: a name
	At            time.Time       `json:"at,omitzero"`        // when they did
	Decision      string          `json:"decision,omitempty"` // approved, rejected, needs-info, withdrawn, lapsed
	Starts        time.Time       `json:"starts,omitzero"`
	Ends          time.Time       `json:"ends,omitzero"`
	Latest        time.Time       `json:"latest,omitzero"`     // end that an approval may set
	Seed          string          `json:"seed,omitempty"`      // of which the review code is made
	CodeHash      string          `json:"code_hash,omitempty"` // by which that code will be looked up
	Token         string          `json:"token,omitempty"`     // the review code that a reply must bring back; not stored
	Expected      string          `json:"expected,omitempty"`  // the address that should have written
	Reasons       []ReasonFacts   `json:"reasons,omitempty"`   // that the policy has, where a choice is offered
	Changed       []string        `json:"changed,omitempty"`   // since the last review email: user, reason, details, evidence
	History       []HistoryFacts  `json:"history,omitempty"`   // what happened before, for reviewers
	Renews        string          `json:"renews,omitempty"`    // the exception that a request would renew
	Runs          time.Time       `json:"runs,omitzero"`       // end of the exception that the user has meanwhile
	Renewal       string          `json:"renewal,omitempty"`   // the open request that would renew an exception; Decision is its state
	Again         bool            `json:"again,omitempty"`     // it was asked before, and not answered
	Lately        int             `json:"lately,omitempty"`    // short-term exceptions of the user, where they are many
	LatelyDays    int             `json:"lately_days,omitempty"`
	Approvals     int             `json:"approvals,omitempty"` // how many a request needs, where more than one
	Size          int64           `json:"size,omitempty"`      // bytes
	Limit         int64           `json:"limit,omitempty"`     // bytes
	Headline      string          `json:"headline,omitempty"`  // of an alert
	Lines         []string        `json:"lines,omitempty"`     // of an alert

	// Waiting says that the directory has not taken the change yet, ByHand that a
	// person makes it, as there is no directory, and Account what it knows of the user,
	// one of the Account constants. They are found when the letter goes out, and not
	// stored.
	Waiting bool   `json:"-"`
	ByHand  bool   `json:"-"`
	Account string `json:"-"`

	Checkpoint Checkpoint `json:"checkpoint,omitzero"` // of the audit
	Previous   Checkpoint `json:"previous,omitzero"`   // the one before it

	InPlaceOf      string           `json:"in_place_of,omitempty"`     // the reviewer whose deputy is written to: a name
	Days           int              `json:"days,omitempty"`            // working days since At
	Undecided      []UndecidedFacts `json:"undecided,omitempty"`       // for the reader's decision, the longest first
	UndecidedTotal int              `json:"undecided_total,omitempty"` // with those that are too many to list
	Ending         []EndingFacts    `json:"ending,omitempty"`          // exceptions, the soonest first
	EndingTotal    int              `json:"ending_total,omitempty"`    // with those that are too many to list
	AtSites        int              `json:"at_sites,omitempty"`        // requests that wait for a site's answer

	// InsteadOf is the site's address that could not be reached, where the letter
	// comes to another in its place.
	InsteadOf string `json:"instead_of,omitempty"`
}

// SiteFacts is what letters say of a site.
type SiteFacts struct {
	ODSCode string `json:"ods_code,omitempty"`
	Name    string `json:"name,omitempty"`
	Mailbox string `json:"mailbox,omitempty"`
}

// ReasonFacts is what letters say of a policy's reason.
type ReasonFacts struct {
	ID     string `json:"id,omitempty"`
	Title  string `json:"title,omitempty"`
	Action string `json:"action,omitempty"` // the additional action, short term
	Hint   string `json:"hint,omitempty"`   // what evidence suits it, long term
}

// EvidenceFacts is what letters say of an attachment.
type EvidenceFacts struct {
	InboundID int64  `json:"inbound_id,omitempty"` // of the message that brought it
	Filename  string `json:"filename"`
	Size      int64  `json:"size"`
	Counts    bool   `json:"counts"`
	Why       string `json:"why,omitempty"`
	Unsent    bool   `json:"unsent,omitempty"` // it counts, and is too large to be sent along
	New       bool   `json:"new,omitempty"`    // it came since the last review email
}

// HistoryFacts is one line of what happened to a request.
type HistoryFacts struct {
	Ref   string    `json:"ref,omitempty"` // of an earlier one; empty for the request itself
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	By    string    `json:"by,omitempty"`
	Text  string    `json:"text,omitempty"`
}

// Person is a user of the service.
type Person struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}
