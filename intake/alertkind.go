package intake

import "fmt"

// AlertKind says what an alert to the operator is about.
type AlertKind string

// The kinds of alert.
const (
	// Messages.
	AlertUnauthenticated AlertKind = "unauthenticated"            // set aside: the author is not proven
	AlertUnclearSender   AlertKind = "unclear-sender"             // set aside: it does not name one author
	AlertRegistered      AlertKind = "unauthenticated-registered" // set aside, in the name of a site's or reviewer's address
	AlertUnreadable      AlertKind = "unreadable"                 // set aside: nothing can be made of it
	AlertAutomatic       AlertKind = "automatic"                  // set aside: a machine seems to have sent it, with evidence
	AlertFailed          AlertKind = "failed"                     // set aside: it could not be dealt with
	AlertHeld            AlertKind = "held"                       // messages wait in the inbox
	AlertSiteWrote       AlertKind = "site-wrote"                 // nobody else would read it
	AlertWithdraw        AlertKind = "withdraw"                   // a site wants to take back what it cannot, or does not name

	// Attempts to decide.
	AlertAttempt      AlertKind = "unproven-attempt" // as a reviewer, or with a code, and not proven
	AlertWrongAddress AlertKind = "wrong-address"    // with the code of another
	AlertNoLonger     AlertKind = "no-longer"        // by a former reviewer

	// Letters.
	AlertAnswers     AlertKind = "many-answers"       // a cap is reached
	AlertUndelivered AlertKind = "undelivered"        // a letter was given up
	AlertBounce      AlertKind = "bounce"             // a letter was refused for good
	AlertUnreachable AlertKind = "answer-undelivered" // an answer to a stranger did not arrive

	// Reviewers.
	AlertNoReviewer AlertKind = "no-reviewer"  // a request has too few who may decide
	AlertReasonGone AlertKind = "reason-gone"  // a request cannot be approved: the policy lacks its reason
	AlertUndecided  AlertKind = "undecided"    // a request has waited too long
	AlertNobody     AlertKind = "nobody-there" // nobody who was asked is there
	AlertAway       AlertKind = "away"         // a reviewer is away, and the deputy may not decide
	AlertHolidays   AlertKind = "holidays"     // the list of holidays has come to its end

	// Exceptions.
	AlertGrantedOften AlertKind = "granted-often"
	AlertDirectory    AlertKind = "directory"         // a change is to be made there, or was
	AlertRefused      AlertKind = "directory-refused" // it does not take a change; one cause may keep it from taking any

	// The bot.
	AlertPurge AlertKind = "purge" // the clock cannot be believed
	AlertSites AlertKind = "sites" // the register of sites cannot be used
	AlertAudit AlertKind = "audit" // the seals of the audit are gone
)

// Of is the kind of an alert about one of several, of which none may distract from another.
func (k AlertKind) Of(what string, id int64) AlertKind {
	return AlertKind(fmt.Sprintf("%s with %s %d", k, what, id))
}

// Alert is the kind of alert about a message that was set aside for a reason.
func (w Why) Alert() AlertKind { return AlertKind(w) }
