package intake

// The languages that letters are in, as tags (RFC 5646).
const (
	English = "en"
	Welsh   = "cy"
)

// Template names one of the emails that mfabot sends.
type Template string

// The emails, by who reads them first.
const (
	// To the site, and in part to the user.
	LetterReceipt    Template = "receipt"    // a request was read and waits for review
	LetterIncomplete Template = "incomplete" // something could not be read; contains the form
	LetterQuestion   Template = "question"   // a reviewer asks something
	LetterRejected   Template = "rejected"   // for lack of evidence, or by a reviewer
	LetterWithdrawn  Template = "withdrawn"  // the site withdrew its request
	LetterLapsed     Template = "lapsed"     // nobody answered in time
	LetterApproved   Template = "approved"   // the exception has started
	LetterGranted    Template = "granted"    // a short-term exception has started
	LetterApplied    Template = "applied"    // the directory has made the change, at last
	LetterWarning    Template = "warning"    // the exception ends soon
	LetterEnded      Template = "ended"      // the exception has ended
	LetterRevoked    Template = "revoked"    // the exception was ended early

	// To the user.
	LetterNotRenewed Template = "not-renewed" // what the site asked for to renew the exception came to nothing

	// To the site.
	LetterWarnings     Template = "warnings"      // several exceptions of its users end soon
	LetterReplaced     Template = "replaced"      // an exception that another site asked for took the place of its own
	LetterUnreachable  Template = "unreachable"   // the user's address does not accept mail
	LetterAddress      Template = "address"       // which address is the user's, or who puts it right
	LetterNeedEvidence Template = "need-evidence" // what a renewal needs
	LetterStatus       Template = "status"        // what is on record of the site
	LetterSummary      Template = "summary"       // likewise, each week
	LetterNoException  Template = "no-exception"  // whom it asked for can have none, and why
	LetterTooMany      Template = "too-many"      // it asks for more than a day allows
	LetterRejectedAll  Template = "rejected-all"  // all that it had asked for
	LetterBelongs      Template = "belongs"       // whether an email is about a request, before it counts

	// To whoever wrote.
	LetterRefused   Template = "refused"    // the sender may not make requests
	LetterPassedOn  Template = "passed-on"  // a person reads it
	LetterShortTerm Template = "short-term" // short-term exceptions go by telephone
	LetterTooLarge  Template = "too-large"  // the message is above the size limit
	LetterEncrypted Template = "encrypted"  // to a site: nothing could be read of its message
	LetterConfirm   Template = "confirm"    // to a site or reviewer: nothing proves that the message was meant for us

	// To reviewers.
	LetterReview         Template = "review"          // please decide; evidence attached
	LetterReviews        Template = "reviews"         // please decide several requests; evidence attached once
	LetterReminder       Template = "reminder"        // please decide, again; no evidence attached
	LetterReminders      Template = "reminders"       // please decide several requests, again
	LetterMorning        Template = "morning"         // the digest on a working day
	LetterInformation    Template = "information"     // the site wrote more; the review stands
	LetterDecided        Template = "decided"         // the request is decided; nothing to do
	LetterDecidedAll     Template = "decided-all"     // all requests of a site are; nothing to do
	LetterSeveral        Template = "several"         // what came of an answer for several requests, of each
	LetterRenewalLate    Template = "renewal-late"    // the exception to be renewed is over; the review stands
	LetterAlreadyDecided Template = "already-decided" // the answer came too late
	LetterNotUnderstood  Template = "not-understood"  // the answer is not a decision, and why

	// To the operator.
	LetterAlert    Template = "alert"
	LetterTodo     Template = "todo"      // what a person must do by hand
	LetterTodoOpen Template = "todo-open" // an answer to that did not count, or came too late

	// To the auditor.
	LetterCheckpoint Template = "checkpoint" // what is in the audit, day by day
)

// AnswerBegun is how the answer to a reviewer's question begins that a letter has ready to send: by itself it says nothing.
const AnswerBegun = "Our answer:"

// AddressBegun is likewise what stands between a wrong address and the right one.
const AddressBegun = " is wrong. The right address is: "

// Audience is whom a letter addresses, since one template can serve several.
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

// Letter is an email to be sent: its template, who gets it and the facts it states. It is stored like this,
// and composed when it is delivered.
type Letter struct {
	Template Template
	To       string // one address
	Ref      string // of a request or exception; may be empty
	Facts    Facts
	// AnswersTo is the Message-ID that the letter replies to, without angle brackets. It is empty for a
	// letter that starts a conversation, or continues the letters already sent to this address about Ref.
	AnswersTo string
	// Attach is the evidence to attach.
	Attach []Attachment
}

// Refs are the references that the letter is about: its own, or those of the exceptions of which it warns together.
func (l Letter) Refs() []string {
	if l.Template != LetterWarnings {
		return []string{l.Ref}
	}
	var refs []string
	for _, w := range l.Facts.Warns() {
		refs = append(refs, w.Ref)
	}
	return refs
}

// Attachment identifies a part of a stored raw message.
type Attachment struct {
	InboundID int64  `json:"inbound_id"`
	Part      string `json:"part"`
	Filename  string `json:"filename"`
	MediaType string `json:"media_type"`
}
