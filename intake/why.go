package intake

// Why says why a letter was sent, where one template has several reasons, and why a
// message was refused, ignored or quarantined.
type Why string

// Why a message ended as it did, where no letter says so.
const (
	WhyDuplicate       Why = "duplicate"
	WhyOurOwn          Why = "our-own"
	WhyAutomatic       Why = "automatic"
	WhyBounce          Why = "bounce"
	WhyUnreadable      Why = "unreadable"
	WhyFailed          Why = "failed"
	WhyUnauthenticated Why = "unauthenticated"
	WhyUnclearSender   Why = "unclear-sender"
	WhyTooLarge        Why = "too-large"
	WhyDecided         Why = "already-decided"
)

// Why a letter was sent. It chooses the words, and stands in the ledger as the reason
// of an outcome.
const (
	// Rejected.
	WhyNoEvidence Why = "no-evidence"
	WhyReviewer   Why = "reviewer"

	// RenewalLate.
	WhyEnded   Why = "ended"
	WhyRevoked Why = "revoked"

	// Withdrawn, Decided and Revoked.
	WhyLeft Why = "left" // the user has left, as the operator says

	// Refused.
	WhyPersonalMailbox Why = "personal-mailbox" // Facts.Site names the sender's site
	WhyNotRegistered   Why = "not-registered"
	WhyNotContact      Why = "not-a-contact" // of the site whose own mailbox this is

	// Review and Reminder: why a deputy, Facts.InPlaceOf somebody, is written to.
	WhyAway      Why = "away"
	WhyUndecided Why = "undecided"

	// LetterNotUnderstood.
	WhyNoCommand    Why = "no-command"
	WhyNoQuestion   Why = "no-question"   // INFO with nothing to ask
	WhyNoReason     Why = "no-reason"     // REJECT or REVOKE with nothing to tell the site
	WhyNoCode       Why = "no-token"      // not a reply to a review email
	WhyNotYours     Why = "not-yours"     // another reviewer's review email
	WhyWrongAddress Why = "wrong-address" // Facts.Expected names the right one
	WhySuperseded   Why = "superseded"    // the request changed after that review email
	WhyBarred       Why = "barred"        // the reviewer's own site's request, or their own
	WhyBadUntil     Why = "bad-until"     // APPROVE UNTIL a day that cannot be; before Facts.Ends, where that is known
	WhyNotNow       Why = "not-now"       // the command does not fit the request's state
	WhyOnBehalf     Why = "on-behalf"     // somebody else, Facts.By, sent it for the reviewer
	WhySeveral      Why = "several-requests"
	WhyReasonGone   Why = "reason-gone"   // from the policy, which then says nothing of approvals
	WhyExpired      Why = "expired"       // the code is too old; a review email with another follows
	WhyNoLonger     Why = "no-longer"     // the writer is no reviewer any more
	WhyNotAddressed Why = "not-addressed" // the message was written to others than us
)
