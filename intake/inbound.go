package intake

import (
	"slices"
	"time"
)

// Inbound is a message in the ledger.
type Inbound struct {
	ID         int64
	Arrival           // Raw is empty when the message was looked up
	Whole      string // where only its beginning is stored, the SHA-256 of all of it, in hexadecimal; else empty
	Digest     string // of the content; the same for every copy
	Core       string // digest of what every signature covers: the same for a copy with other fields
	MessageID  string // as the sender chose it; may be empty or not unique
	From       string // canonical
	Subject    string // as it was sent, decoded
	ReceivedAt time.Time
	Checks     []Check // made on it, in order
	Conclusion
}

// Conclusion is how the processing of a message ended.
type Conclusion struct {
	Outcome Outcome
	Reason  Why
	Ref     string // of the request or exception; several are separated by commas
	Folder  Folder
}

// IsSetAside reports whether a message can be read again: it was quarantined, or refused for who wrote it.
func (c Conclusion) IsSetAside() bool {
	return c.Outcome == OutcomeQuarantined || c.Outcome == OutcomeRefused && c.Reason.OfSender()
}

// Outcome is what became of an inbound message.
type Outcome string

// The outcomes. Every message ends with exactly one; refused, ignored and quarantined also have a reason.
const (
	OutcomeRequest     Outcome = "request"
	OutcomeDecision    Outcome = "decision"
	OutcomeInformation Outcome = "information"
	OutcomeRenewal     Outcome = "renewal"
	OutcomeWithdrawal  Outcome = "withdrawal"
	OutcomeShortTerm   Outcome = "short-term guidance"
	OutcomeRefused     Outcome = "refused"
	OutcomeIgnored     Outcome = "ignored"
	OutcomeQuarantined Outcome = "quarantined"
)

// IsProven reports whether only a message ends with it whose author was proven, or who is believed.
func (o Outcome) IsProven() bool {
	switch o {
	case OutcomeRequest, OutcomeDecision, OutcomeInformation, OutcomeRenewal, OutcomeWithdrawal, OutcomeShortTerm:
		return true
	case OutcomeRefused, OutcomeIgnored, OutcomeQuarantined:
	}
	return false
}

// Outcomes are all of them.
func Outcomes() []Outcome {
	return []Outcome{OutcomeRequest, OutcomeDecision, OutcomeInformation, OutcomeRenewal, OutcomeWithdrawal, OutcomeShortTerm,
		OutcomeRefused, OutcomeIgnored, OutcomeQuarantined}
}

// Folder is where a message is filed once it is on record.
type Folder string

// The folders, created at the watched mailbox's own level when missing.
const (
	Processed  Folder = "Processed"
	RefusedBox Folder = "Refused"
	Quarantine Folder = "Quarantine"
)

// Copy identifies one copy of a message on an IMAP server (RFC 3501, section 2.3.1.1): a mailbox of the
// configuration, and a UID that is valid as long as the UIDVALIDITY is the same.
type Copy struct {
	Mailbox     string
	UIDValidity uint32
	UID         uint32
}

// Arrival is a message as it was fetched.
type Arrival struct {
	Copy
	Raw []byte
	// Size is the size in bytes that the server reports. Above the limit only the header is fetched: Raw then
	// contains just the header, and HeaderOnly is set.
	Size       int64
	HeaderOnly bool
	// At is when the message came into the mailbox, as the server says (INTERNALDATE, RFC 9051, section 2.3.3); zero if
	// it does not.
	At time.Time
	// Imported is set where the operator has it read that came before the mailbox's beginning, and Unanswered where its
	// author is to get no answer.
	Imported, Unanswered bool
}

// Period is a time from one moment up to another, which is no part of it. A zero From is the beginning of all time, and
// a zero Until its end.
type Period struct{ From, Until time.Time }

// Has reports whether a moment is in the period. One that is not known counts as in it.
func (p Period) Has(t time.Time) bool {
	return t.IsZero() || !t.Before(p.From) && (p.Until.IsZero() || t.Before(p.Until))
}

// Filing says where a copy goes once its message is committed.
type Filing struct {
	Copy
	Folder Folder
}

// Verdict is the judgement on a sender.
type Verdict struct {
	Authentic bool
	Checks    []Check
	// Uncovered names the header fields, in lower case, that the proof does not cover, so that somebody else
	// may have written them: a signature covers only the fields that it lists (RFC 6376, section 5.4).
	Uncovered []string
	// Missing names the fields, in lower case, that the message lacks and whose absence the proof does not
	// cover, so that somebody else may have taken them away.
	Missing []string
	// BySignature says that only a signature proves the sender: whoever has the message can send it again.
	BySignature bool
	// Proof is what proves the sender; empty where nothing does.
	Proof Proof
	// Silent says that no server whose word is taken has said anything about the sender: not even that it is not proven, which is
	// what such a server says of mail from outside.
	Silent bool
	// SignedAt is when the author or the signer dated what the signature covers, the earlier of both; zero if
	// it covers no date.
	SignedAt time.Time
}

// Covers reports whether the proof covers a header field, named in lower case, or that there is none. If not, somebody else may
// have written it, or taken it away.
func (v Verdict) Covers(field string) bool {
	return !slices.Contains(v.Uncovered, field) && !slices.Contains(v.Missing, field)
}

// Proof is what proves who sent a message.
type Proof string

// The proofs.
const (
	ProofServer    Proof = "server"    // a trusted server says that it passed DMARC, DKIM or SPF
	ProofExchange  Proof = "exchange"  // Exchange Online says that, or that it is from inside the tenant
	ProofSignature Proof = "signature" // a signature verified here
	ProofNone      Proof = "none"      // every sender is believed, for demonstrations and tests
)

// Check is one check made on a message, and its result.
type Check struct {
	Name   string `json:"check"`
	Passed bool   `json:"passed"`
	Result string `json:"result"` // in words
}

// The checks that a message which is not proven says something about us by: that our own side has stopped to say who sends. What
// any stranger can send has neither.
const (
	CheckSilence = "results"    // fails where no server whose word is taken has said anything
	CheckAnswers = "answers us" // passes where it answers a letter that went to its author's address
)

// TellsOfUs reports whether a message has such a check.
func TellsOfUs(checks []Check) bool {
	return slices.ContainsFunc(checks, func(c Check) bool {
		return c.Name == CheckSilence && !c.Passed || c.Name == CheckAnswers && c.Passed
	})
}

// Stuck is a message that stays in a mailbox because of its server.
type Stuck struct {
	Copy
	Step   StuckStep
	Size   int64  // in bytes, as the server says; 0: it does not
	Cause  string // in the server's words where it has any
	Tries  int
	Since  time.Time
	NextAt time.Time // when it is tried again
	// Passing says that the server is likely to get over it, so that nobody need hear of it yet.
	Passing bool
}

// StuckStep is what a server does not do with a message.
type StuckStep string

// The steps.
const (
	StuckReading StuckStep = "not handed over"
	StuckFiling  StuckStep = "not filed"
)

// stuckPause spaces the attempts at a message that is stuck.
var stuckPause = Backoff{First: time.Minute, Longest: 6 * time.Hour}

// Again returns the message after one more attempt in vain, which was at now.
func (s Stuck) Again(now time.Time) Stuck {
	if s.Tries++; s.Since.IsZero() {
		s.Since = now
	}
	s.NextAt = now.Add(stuckPause.Delay(s.Tries, 0))
	return s
}

// Due reports whether it is time to try the message again. A clock that was set back puts that off by one pause at most.
func (s Stuck) Due(now time.Time) bool {
	return !now.Before(s.NextAt) || s.NextAt.Sub(now) > stuckPause.Longest
}
