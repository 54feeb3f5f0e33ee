package intake

// Reasons of outcomes that come with no letter of the same name.
const (
	WhyDuplicate       = "duplicate"
	WhyOurOwn          = "our-own"
	WhyAutomatic       = "automatic"
	WhyBounce          = "bounce"
	WhyUnreadable      = "unreadable"
	WhyFailed          = "failed"
	WhyUnauthenticated = "unauthenticated"
	WhyUnclearSender   = "unclear-sender"
	WhyTooLarge        = "too-large"
	WhyDecided         = "already-decided"
)

// AlertAttempt is the kind of trouble when somebody who is not proven writes as a
// reviewer, or with a reviewer's code.
const AlertAttempt = "unproven-attempt"

// AlertRegistered is the kind of trouble when a message names a site's address as
// its author, and is not proven.
const AlertRegistered = "unauthenticated-registered"

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

	// LetterNotUnderstood.
	WhyNoCommand    = "no-command"
	WhyNoQuestion   = "no-question"   // INFO with nothing to ask
	WhyNoReason     = "no-reason"     // REJECT or REVOKE with nothing to tell the site
	WhyNoCode       = "no-token"      // not a reply to a review email
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
