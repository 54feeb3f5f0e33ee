package intake

import (
	"fmt"
	"strings"
	"time"
)

// AlertKind says what an alert to the operator is about.
type AlertKind string

// The kinds of alert.
const (
	// Messages.
	AlertUnauthenticated AlertKind = "unauthenticated"            // set aside: the author is not proven
	AlertUnclearSender   AlertKind = "unclear-sender"             // set aside: it does not name exactly one author
	AlertRegistered      AlertKind = "unauthenticated-registered" // set aside, in the name of a site's or reviewer's address
	AlertUnconfirmed     AlertKind = "unconfirmed"                // set aside: nothing proves that a site's message was meant for us
	AlertOld             AlertKind = "old"                        // set aside: it was signed too long ago
	AlertBefore          AlertKind = "before-start"               // set aside: older than the mailbox's beginning
	AlertNeedsAnswer     AlertKind = "needs-answer"               // set aside: it needs an answer, and came too long ago
	AlertUnanswered      AlertKind = "unanswered"                 // its author was not answered, as it came too long ago
	AlertFraming         AlertKind = "framing"                    // set aside: its parts may not be as its author divided them
	AlertUnreadable      AlertKind = "unreadable"                 // set aside: it cannot be read
	AlertAutomatic       AlertKind = "automatic"                  // set aside: a machine seems to have sent it, with evidence
	AlertFailed          AlertKind = "failed"                     // set aside: handling it failed
	AlertTooMany         AlertKind = "too-many"                   // set aside: the site asks for more than a day allows
	AlertStuck           AlertKind = "stuck"                      // a mail server does not hand over or file messages
	AlertNumber          AlertKind = "number"                     // a message came under the number of another
	AlertLeft            AlertKind = "left"                       // older than the mailbox's beginning, and left there
	AlertNothingNew      AlertKind = "nothing-new"                // a site answers our letters about a request, and says nothing new
	AlertHeld            AlertKind = "held"                       // messages wait in the inbox
	AlertSiteWrote       AlertKind = "site-wrote"                 // a site wrote, and nobody else would read it
	AlertCorrect         AlertKind = "correct"                    // a site says that an exception has the wrong address
	AlertUserWrote       AlertKind = "user-wrote"                 // a user wrote about their exception
	AlertWithdraw        AlertKind = "withdraw"                   // a site wants to withdraw what it cannot, or does not name

	// Attempts to decide.
	AlertAttempt      AlertKind = "unproven-attempt" // in a reviewer's name or with a code, by an unproven sender
	AlertWrongAddress AlertKind = "wrong-address"    // with another reviewer's code
	AlertNoLonger     AlertKind = "no-longer"        // by a former reviewer

	// Letters.
	AlertAnswers     AlertKind = "many-answers"       // a daily limit was reached
	AlertWords       AlertKind = "own-words"          // own words for a letter cannot be filled: it went out in the built-in ones
	AlertUndelivered AlertKind = "undelivered"        // mfabot gave up on a letter
	AlertBounce      AlertKind = "bounce"             // a letter was refused for good
	AlertUnreachable AlertKind = "answer-undelivered" // an answer to a stranger did not arrive
	AlertSubmission  AlertKind = "submission"         // our mail server takes nothing of what we send

	// Reviewers.
	AlertNoReviewer AlertKind = "no-reviewer"  // too few reviewers may decide on a request
	AlertProtected  AlertKind = "protected"    // a site asked for somebody whom the policy protects
	AlertNamed      AlertKind = "named"        // a site's email names a reviewer as its sender
	AlertReasonGone AlertKind = "reason-gone"  // a request cannot be approved, since the policy no longer has its reason
	AlertUndecided  AlertKind = "undecided"    // a request has waited too long
	AlertNobody     AlertKind = "nobody-there" // everybody who was asked is away
	AlertAway       AlertKind = "away"         // a reviewer is away, and the deputy may not decide
	AlertHolidays   AlertKind = "holidays"     // the list of holidays has run out

	// Exceptions.
	AlertGrantedOften AlertKind = "granted-often"     // short-term, to the same user
	AlertDirectory    AlertKind = "directory"         // a change must be made there, or was
	AlertRefused      AlertKind = "directory-refused" // it rejects a change; one cause may make it reject every change

	// The bot.
	AlertUnread  AlertKind = "unread"  // a mailbox cannot be read
	AlertUnheard AlertKind = "unheard" // what the operator was told came back, or was refused
	AlertSecret  AlertKind = "secret"  // a client secret ends
	AlertSignIn  AlertKind = "sign-in" // a sign-in that replaces another could not be kept
	AlertBackup  AlertKind = "backup"  // no good copy of the database could be made
	AlertRestore AlertKind = "restore" // a backup has taken the place of the database
	AlertPurge   AlertKind = "purge"   // a purge was put off, since the clock cannot be trusted
	AlertSpace   AlertKind = "space"   // messages wait, since the disk is nearly full
	AlertClock   AlertKind = "clock"   // the clock is not trusted, and nothing is done
	AlertSites   AlertKind = "sites"   // the register of sites is unusable
	AlertAudit   AlertKind = "audit"   // the audit's seals are gone
	AlertSeals   AlertKind = "seals"   // what is stored is not as it was written, and is not acted on
)

// Of narrows a kind to one thing, such as one code, so that an alert about it never suppresses an alert about
// another.
func (k AlertKind) Of(what string, id int64) AlertKind {
	return AlertKind(fmt.Sprintf("%s with %s %d", k, what, id))
}

// About is Of for a reference.
func (k AlertKind) About(ref string) AlertKind { return AlertKind(string(k) + " about " + ref) }

// Alert returns the kind of alert about a message that was set aside for the reason w.
func (w Why) Alert() AlertKind { return AlertKind(w) }

// Family returns the kind without what Of narrowed it to.
func (k AlertKind) Family() AlertKind {
	first, _, _ := strings.Cut(string(k), " ")
	return AlertKind(first)
}

// KeptAlerts are alerts of one kind and one cause that were not sent by themselves.
type KeptAlerts struct {
	Kind  AlertKind
	By    string // who caused them, in words; empty for nobody in particular
	Ref   string // of the active exception that they are about; empty for none
	N     int
	Since time.Time // when the first was kept back
	Lines []string  // one for each of the first; none where a command lists them
}
