package intake

// Why is the reason why a letter was sent, if its template has several, or why a message was refused, ignored
// or quarantined.
type Why string

// Reasons for a message's outcome that no letter states.
const (
	WhyDuplicate       Why = "duplicate"
	WhyOurOwn          Why = "our-own"
	WhyAutomatic       Why = "automatic"
	WhyBounce          Why = "bounce"
	WhyUnreadable      Why = "unreadable"
	WhyFailed          Why = "failed"
	WhyUnauthenticated Why = "unauthenticated"
	WhyUnclearSender   Why = "unclear-sender"
	WhyUnconfirmed     Why = "unconfirmed"  // nothing proves that it was meant for us; its author was asked
	WhyConfirmed       Why = "confirmed"    // its author says that it was, and it is about to be read again
	WhyOld             Why = "old"          // signed longer ago than a proof lasts
	WhyBefore          Why = "before-start" // older than the mailbox's beginning, and copied into it since
	WhyNeedsAnswer     Why = "needs-answer" // it needs an answer, and came too long ago for one
	WhyFraming         Why = "framing"      // its parts may not be as the author divided them
	WhyTooLarge        Why = "too-large"
	WhyTooMany         Why = "too-many" // its site asks for more than a day allows
	WhyDecided         Why = "already-decided"
)

// Reasons why a letter was sent. They choose its words, and the ledger records them as the reason for an
// outcome.
const (
	// Information: the site says whether an authentication method is registered.
	WhyMethod Why = "method"

	// Rejected.
	WhyNoEvidence Why = "no-evidence"
	WhyReviewer   Why = "reviewer"

	// RenewalLate.
	WhyEnded    Why = "ended"
	WhyRevoked  Why = "revoked"
	WhyReplaced Why = "replaced" // another exception took its place

	// Withdrawn, Decided and Revoked.
	WhyClosed    Why = "closed"    // the operator closed the request undecided: Facts.Said is why
	WhyLeft      Why = "left"      // the operator said that the user has left
	WhyCorrected Why = "corrected" // the address was wrong, and the right one has an exception now

	// Status.
	WhyStillOpen Why = "still-open" // what the site wrote does not answer the reviewer's question
	WhyTakenBack Why = "taken-back" // the site wrote about taking the request back, and not plainly

	// Refused.
	WhyPersonalMailbox Why = "personal-mailbox" // Facts.Site names the sender's site
	WhyNotRegistered   Why = "not-registered"
	WhyNotContact      Why = "not-a-contact" // at the site whose own mailbox this is

	// Encrypted.
	WhyEncrypted Why = "encrypted" // nothing in it could be read

	// Review and Reminder: why a deputy is asked in the place of Facts.InPlaceOf.
	WhyAway      Why = "away"
	WhyUndecided Why = "undecided"

	// NoException and Incomplete: why nobody can have an exception by an address.
	WhyProtected      Why = "protected"       // the policy's, or in a group that it protects
	WhySharedMailbox  Why = "shared-mailbox"  // of a site
	WhyServiceAddress Why = "service-address" // ours, or the operator's
	WhyForeignDomain  Why = "foreign-domain"  // the policy refuses users of domains that the site's had not

	// LetterNotUnderstood.
	WhyNoCommand    Why = "no-command"
	WhyTextBelow    Why = "text-below"    // more than comments below Facts.Command
	WhyNoQuestion   Why = "no-question"   // INFO without a question
	WhyNoReason     Why = "no-reason"     // REJECT or REVOKE without a reason for the site
	WhyNoCode       Why = "no-token"      // not a reply to a review email
	WhyNotYours     Why = "not-yours"     // another reviewer's review email
	WhyWrongAddress Why = "wrong-address" // Facts.Expected names the right one
	WhySuperseded   Why = "superseded"    // the request changed after that review email
	WhyBarred       Why = "barred"        // the reviewer's own site's request, or their own
	WhyBadUntil     Why = "bad-until"     // APPROVE UNTIL an impossible day; before Facts.Ends, if that is set
	WhyNotNow       Why = "not-now"       // the command does not fit the request's state
	WhyOnBehalf     Why = "on-behalf"     // somebody else, Facts.By, sent it for the reviewer
	WhySeveral      Why = "several-requests"
	WhyReasonGone   Why = "reason-gone"   // the policy no longer has it, nor the approvals it needs
	WhyExpired      Why = "expired"       // the code is too old; a review email with a new one follows
	WhyNoLonger     Why = "no-longer"     // the sender is no longer a reviewer
	WhyNotAddressed Why = "not-addressed" // the message was not addressed to us
	WhySiteMailbox  Why = "site-mailbox"  // it came into a site's own mailbox
)

// SetAside are the reasons for which messages are quarantined, or refused for who wrote them: these can be read again.
func SetAside() []Why {
	return []Why{WhyUnauthenticated, WhyUnclearSender, WhyUnreadable, WhyAutomatic, WhyOld, WhyFraming, WhyUnconfirmed, WhyBefore,
		WhyNeedsAnswer, WhyTooMany, WhyFailed, WhyNotRegistered, WhyPersonalMailbox, WhyNotContact}
}

// OfSender reports whether a message was refused for who wrote it, which another register of sites may change.
func (w Why) OfSender() bool {
	return w == WhyNotRegistered || w == WhyPersonalMailbox || w == WhyNotContact
}
