// Package parser turns the bytes of an email into a Message: who wrote it, what is new in it (without quotes
// and signature), what they ask for or decide, and which files they attached. It does no I/O beyond the
// reader it is given, uses no clock and keeps no state between messages. Everything it uses is bounded, by
// the constants in limits.go here and in the packages behind it.
package parser

import (
	"cmp"
	"errors"
	"time"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/request"
)

// ErrUnreadable is wrapped by the error of Parse if the input is not an email at all.
var ErrUnreadable = errors.New("not a readable email")

// ErrNoPart is wrapped by the error of Extract if the message has no such attachment.
var ErrNoPart = errors.New("no such part")

// Vocabulary is what the parser is told: the policy's reasons and the words people use for them, and who we are.
type Vocabulary struct {
	Reasons []Reason
	// Addresses are the service's own. A group that has one passes mail on as a list does: that is no sign of a machine.
	Addresses []string
}

// Reason is one reason of the policy.
type Reason struct {
	ID        string   // policy id, such as "secure-location"
	Title     string   // "Persistent work in a secure location"
	ShortTerm bool     // belongs to the short-term category
	Phrases   []string // words or phrases that mean it in free text
	Examples  []string // sentences that give it, from which it is learnt; of at most MaxTaught reasons
}

// MaxTaught is of how many reasons a Vocabulary may have examples.
const MaxTaught = 8

// Message is what was read from one email. Fields without a value are left out of its JSON, except booleans.
type Message struct {
	Warnings   []string `json:"warnings,omitempty"`    // oddities, in words
	MessageID  string   `json:"message_id,omitempty"`  // without angle brackets, as in RFC 8621
	InReplyTo  []string `json:"in_reply_to,omitempty"` // likewise
	References []string `json:"references,omitempty"`  // likewise

	// From is the one author: the bare address with its domain in lower case. It is empty, with a warning,
	// unless there is exactly one well-formed From field with exactly one address and no group.
	From     string    `json:"from,omitempty"`
	FromName string    `json:"from_name,omitempty"` // the display name in From, shown to people but never trusted
	Sender   string    `json:"sender,omitempty"`    // the bare address of the Sender field
	To       []string  `json:"to,omitempty"`
	Cc       []string  `json:"cc,omitempty"`
	Subject  string    `json:"subject,omitempty"`
	Date     time.Time `json:"date,omitzero"` // UTC; zero when the field is missing or malformed

	Automatic      bool     `json:"automatic"`                 // a machine sent it: one strong sign or two weak ones
	AutomaticSigns []string `json:"automatic_signs,omitempty"` // every sign seen, even if they were not enough
	Away           bool     `json:"away,omitempty"`            // an automatic reply saying that its author is away
	Bounce         bool     `json:"bounce"`                    // it reports that a message was not delivered

	// Encrypted means that nothing of what its author wrote can be read here, nor which files came: it is the envelope
	// of a message that is encrypted, or shown on a web page only.
	Encrypted bool `json:"encrypted,omitempty"`

	Text    string `json:"text,omitempty"`     // all of the readable text, quotes marked with ">"
	NewText string `json:"new_text,omitempty"` // what the sender wrote this time: no quote, signature or disclaimer

	// Signer is whom the signature names, which proves nothing: anybody can write one.
	Signer *Signer `json:"signer,omitempty"`

	Decision *Decision `json:"decision,omitempty"` // nil if there is any doubt
	Undone   string    `json:"undone,omitempty"`   // the verb of a command that is none, as text below it may change it
	Withdraw bool      `json:"withdraw,omitempty"` // the first line of the new text is WITHDRAW and nothing else
	Done     bool      `json:"done,omitempty"`     // the first line of the new text is DONE, perhaps with a courtesy; false in doubt

	// Kind is what free text is at all, as its words tell; empty where that is not clear, or not asked.
	Kind Kind `json:"-"`

	ShortTerm bool     `json:"short_term"`
	Subjects  []Person `json:"subjects,omitempty"`
	Reason    string   `json:"reason,omitempty"` // a policy id; empty unless exactly one is meant
	// LongReason is the one long-term reason that is given although the words ask for the short term.
	LongReason string `json:"long_reason,omitempty"`
	// ReasonWords are the words that decided for the long-term reason: those of a form's field that names it, a phrase of
	// the policy, or else those of the text that spoke most for it.
	ReasonWords          []string `json:"reason_words,omitempty"`
	Justification        string   `json:"justification,omitempty"`
	AuthMethodRegistered string   `json:"auth_method_registered"` // yes, no or unknown

	// QuotedForm is what a form filled in below quote marks asks for where the new text names nobody; nil for
	// none. Whoever wrote what is quoted may have filled it in: it counts only where we sent the form.
	QuotedForm *Form `json:"quoted_form,omitempty"`

	// Evidence is every attachment and inline file, whether it counts or not. At the end, with the media type TypeElsewhere
	// and no size, stands what came in the place of a file: links to documents that are kept elsewhere, and files that a
	// mail gateway says it took out. They never count, and Extract writes nothing for them.
	Evidence []Attachment `json:"evidence,omitempty"`
	Bounced  []Bounced    `json:"bounced,omitempty"`

	// Header is the message's header fields from the top, for proving who sent it.
	Header []Field `json:"-"`
	// HeaderCut is set if fields were left out of Header for their number or size: another From may be among
	// them.
	HeaderCut bool `json:"-"`
}

// Kind is what a text is at all.
type Kind string

// The kinds.
const (
	KindRequest   Kind = meaning.Request   // it asks for an exception
	KindWithdraw  Kind = meaning.Withdraw  // it takes a request back, or has an exception ended
	KindChasing   Kind = meaning.Chasing   // it asks where something stands
	KindQuestion  Kind = meaning.Question  // it asks something else
	KindThanks    Kind = meaning.Thanks    // it thanks or acknowledges, and says nothing else
	KindComplaint Kind = meaning.Complaint // and asks for nothing
	KindAnswer    Kind = meaning.Answer    // it tells what was asked
	KindOther     Kind = meaning.Other     // nothing of this
	KindAutomatic Kind = meaning.Automatic // a machine wrote it
)

// Form is what a form asks for.
type Form struct {
	ShortTerm            bool     `json:"short_term"`
	Subjects             []Person `json:"subjects,omitempty"`
	Reason               string   `json:"reason,omitempty"`
	LongReason           string   `json:"long_reason,omitempty"`
	ReasonWords          []string `json:"reason_words,omitempty"`
	Justification        string   `json:"justification,omitempty"`
	AuthMethodRegistered string   `json:"auth_method_registered"`
}

// WithQuotedForm returns a copy of the message that asks for what its quoted form does, and for what its own words say
// where the form leaves that open; the message itself if it has none.
func (m *Message) WithQuotedForm() *Message {
	if m.QuotedForm == nil {
		return m
	}
	answered, f := *m, m.QuotedForm
	answered.Subjects, answered.QuotedForm = f.Subjects, nil
	if f.Reason != "" || f.ShortTerm {
		answered.ShortTerm, answered.Reason, answered.LongReason = f.ShortTerm, f.Reason, f.LongReason
		answered.ReasonWords = f.ReasonWords
	}
	answered.Justification = cmp.Or(f.Justification, m.Justification)
	if f.AuthMethodRegistered != "unknown" {
		answered.AuthMethodRegistered = f.AuthMethodRegistered
	}
	return &answered
}

// AsksInForm reports whether the new text has a form whose User field names an address, in lower case.
func (m *Message) AsksInForm(address string) bool { return request.InForm(m.NewText, address) }

// Person is somebody for whom an exception is requested.
type Person struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
	// What a form filled in for several users says about this one. Otherwise empty: the Message's own fields
	// apply to all.
	Reason               string `json:"reason,omitempty"`
	Justification        string `json:"justification,omitempty"`
	AuthMethodRegistered string `json:"auth_method_registered,omitempty"`
}

// Signer is who a signature says wrote a message. What it does not say is empty.
type Signer struct {
	Name      string `json:"name,omitempty"`
	Role      string `json:"role,omitempty"`
	Telephone string `json:"telephone,omitempty"`
}

// Decision is a reviewer's command.
type Decision struct {
	Verb  string `json:"verb"`            // approve, reject, info or revoke
	Text  string `json:"text,omitempty"`  // the reason or the question; "UNTIL 2027-03-01" after APPROVE UNTIL 2027-03-01
	Until string `json:"until,omitempty"` // 2027-03-01 in that case
}

// TypeElsewhere is the media type of what came in the place of a file.
const TypeElsewhere = "text/uri-list"

// Attachment is one file in the message. Use Extract to read its content.
type Attachment struct {
	Part         string `json:"part"`     // its position, "2" or "1.3"
	Filename     string `json:"filename"` // safe as a file name and unique within the message
	MediaType    string `json:"media_type"`
	DeclaredType string `json:"declared_type,omitempty"`
	Size         int64  `json:"size"`
	SHA256       string `json:"sha256"`
	ContentID    string `json:"content_id,omitempty"`
	Author       string `json:"author,omitempty"` // of an attached message: the bare address in its From, which proves nothing
	Counts       bool   `json:"counts"`           // it counts as evidence
	Why          string `json:"why,omitempty"`    // why it does not, in words a person can act on
}

// Bounced is one recipient whose delivery failed, according to a delivery report (RFC 3464).
type Bounced struct {
	Recipient string `json:"recipient"`
	MessageID string `json:"message_id,omitempty"` // of the undelivered message, if the report gives it
	Permanent bool   `json:"permanent"`
	Status    string `json:"status,omitempty"` // "5.1.1", if the report gives it (RFC 3463)
	Said      string `json:"said,omitempty"`   // what the server said, if the report gives it
}

// Field is one header field: its Name, and its Value unfolded and otherwise unchanged.
type Field = mime.Field
