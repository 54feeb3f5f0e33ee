package intake

import (
	_ "embed"
	"slices"
	"time"

	"mfabot/parser"
)

//go:embed policy.toml
var embeddedPolicy []byte

// Category is the kind of an exception.
type Category string

// The categories.
const (
	Short Category = "short" // given on the telephone, recorded by an operator
	Long  Category = "long"  // asked for by email, decided by reviewers
)

// Policy is the rules of an organisation's exceptions. It is immutable.
type Policy struct {
	Name          string
	Telephone     string
	Authenticator string // the authentication method that is recommended
	Zone          *time.Location
	LapseAfter    time.Duration
	RemindSite    time.Duration // after which an unanswered question or form is asked again, once
	CodesLast     time.Duration // how long a review email can be answered
	MaxMessage    int64         // bytes
	MaxEvidence   int64         // bytes of one file
	EvidenceTypes []string
	ShortTerm     Term
	LongTerm      Term
	Retention     Retention
	Review        ReviewRules

	// Automatic answers that change nothing, at most, in any 24 hours.
	AnswersADay       int // to one address
	AnswersADayDomain int // to strangers of one domain
	AnswersADayTotal  int
}

// Term is the rules of one category.
type Term struct {
	Duration         time.Duration
	Warnings         []time.Duration // before the end, longest first
	EvidenceRequired bool
	Reasons          []Reason

	// So many short-term exceptions of one user in so long are pointed out; 0 in the
	// long term.
	FlagAfter  int
	FlagWithin time.Duration
}

// Reason is one of the circumstances for which an exception is given.
type Reason struct {
	ID        string
	Title     string
	Action    string // what the user must do besides, short term
	Hint      string // which evidence suits it, long term
	Phrases   []string
	Approvals int // reviewers who must approve, at least 1
}

// Term returns the rules of a category.
func (p *Policy) Term(c Category) Term {
	if c == Short {
		return p.ShortTerm
	}
	return p.LongTerm
}

// Reason finds a reason by its id.
func (t Term) Reason(id string) (Reason, bool) {
	i := slices.IndexFunc(t.Reasons, func(r Reason) bool { return r.ID == id })
	if i < 0 {
		return Reason{}, false
	}
	return t.Reasons[i], true
}

// IDs lists the ids of the reasons in the policy's order.
func (t Term) IDs() []string {
	ids := make([]string, len(t.Reasons))
	for i, r := range t.Reasons {
		ids[i] = r.ID
	}
	return ids
}

// Vocabulary is what the policy contributes to reading messages.
func (p *Policy) Vocabulary() parser.Vocabulary {
	var v parser.Vocabulary
	for _, c := range []Category{Long, Short} {
		for _, r := range p.Term(c).Reasons {
			v.Reasons = append(v.Reasons, parser.Reason{ID: r.ID, Title: r.Title, ShortTerm: c == Short, Phrases: r.Phrases})
		}
	}
	return v
}

// DefaultPolicy returns the embedded policy.
func DefaultPolicy() (*Policy, error) { return ReadPolicy("policy.toml", embeddedPolicy) }

// ReviewRules are how reviewers are reminded. Days are working days since the
// reviewer was asked.
type ReviewRules struct {
	RemindAfter   []int         // ascending
	DeputyAfter   int           // after the last reminder: the deputy is asked too
	OperatorAfter int           // not before the deputy: the operator is told, and again every OperatorEvery
	DigestAt      time.Duration // since midnight: when reviewers are told each working day what waits
	AbsenceLasts  time.Duration // of a reviewer whose automatic reply said so, unless they write before that
}

// OperatorEvery is after how many working days the operator is told again.
const OperatorEvery = 5

// Stage counts the reminders that are due after some working days, the escalation
// to the deputy included.
func (r ReviewRules) Stage(days int) int {
	n := 0
	for _, after := range append(r.RemindAfter[:len(r.RemindAfter):len(r.RemindAfter)], r.DeputyAfter) {
		if days >= after {
			n++
		}
	}
	return n
}

// Escalates reports whether a stage of reminders is the one at which the deputy is
// asked.
func (r ReviewRules) Escalates(stage int) bool { return stage > len(r.RemindAfter) }

// OperatorStage counts how often the operator should have been told after some
// working days.
func (r ReviewRules) OperatorStage(days int) int {
	if days < r.OperatorAfter {
		return 0
	}
	return 1 + (days-r.OperatorAfter)/OperatorEvery
}

// SeveralApprovals is how many reviewers must approve a request, where it is more than one.
func (s *Service) SeveralApprovals(req *Request) int {
	if r, ok := s.Policy.LongTerm.Reason(req.Reason); ok && r.Approvals > 1 {
		return r.Approvals
	}
	return 0
}
