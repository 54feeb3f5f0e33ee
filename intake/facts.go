package intake

import (
	"slices"
	"strings"
	"time"
)

// Facts is what a letter states, in groups by what it is about. Each template uses some
// of them; a fact that is not known is the zero value and the template says nothing of it.
// The groups are stored as one, under the keys that they give.
type Facts struct {
	Audience  Audience      `json:"audience,omitempty"`
	Why       Why           `json:"why,omitempty"` // of an alert its kind
	User      User          `json:"subject,omitzero"`
	Site      SiteFacts     `json:"site,omitzero"`
	Reason    ReasonFacts   `json:"reason,omitzero"`
	Reasons   []ReasonFacts `json:"reasons,omitempty"`    // that the policy has, where a choice is offered
	Said      string        `json:"said,omitempty"`       // another person's words, quoted
	By        string        `json:"by,omitempty"`         // who decided, asked, revoked: a name
	At        time.Time     `json:"at,omitzero"`          // when they did
	InsteadOf string        `json:"instead_of,omitempty"` // the site's address that was not reached, where another gets the letter

	RequestFacts
	ExceptionFacts
	ReviewFacts
	DigestFacts
	AlertFacts
	CheckpointFacts
	SizeFacts
	DirectoryFacts
}

// RequestFacts is what letters say of a request.
type RequestFacts struct {
	Justification string          `json:"justification,omitempty"`
	RequestedBy   string          `json:"requested_by,omitempty"` // an address
	ReceivedAt    time.Time       `json:"received_at,omitzero"`
	AuthMethod    string          `json:"auth_method,omitempty"` // yes, no, unknown
	Evidence      []EvidenceFacts `json:"evidence,omitempty"`
	Missing       []string        `json:"missing,omitempty"`  // user, reason, details, evidence
	Decision      string          `json:"decision,omitempty"` // its state: approved, rejected, needs-info, withdrawn, lapsed
	Again         bool            `json:"again,omitempty"`    // it was asked before, and not answered
}

// ExceptionFacts is what letters say of an exception, and of its renewal.
type ExceptionFacts struct {
	Starts     time.Time `json:"starts,omitzero"`
	Ends       time.Time `json:"ends,omitzero"`     // or by when a site must answer
	Runs       time.Time `json:"runs,omitzero"`     // end of the exception that the user has meanwhile
	Renews     string    `json:"renews,omitempty"`  // the exception that a request would renew
	Renewal    string    `json:"renewal,omitempty"` // the open request that would renew an exception; Decision is its state
	Lately     int       `json:"lately,omitempty"`  // short-term exceptions of the user, where they are many
	LatelyDays int       `json:"lately_days,omitempty"`
}

// ReviewFacts is what letters say to reviewers.
type ReviewFacts struct {
	Seed      string         `json:"seed,omitempty"`        // of which the review code is made
	CodeHash  string         `json:"code_hash,omitempty"`   // by which that code will be looked up
	Code      string         `json:"token,omitempty"`       // the review code that a reply must bring back; not stored
	Latest    time.Time      `json:"latest,omitzero"`       // end that an approval may set
	Changed   []string       `json:"changed,omitempty"`     // since the last review email: user, reason, details, evidence
	History   []HistoryFacts `json:"history,omitempty"`     // what happened before
	Approvals int            `json:"approvals,omitempty"`   // how many a request needs, where more than one
	InPlaceOf string         `json:"in_place_of,omitempty"` // the reviewer whose deputy is written to: a name
	Days      int            `json:"days,omitempty"`        // working days since At
	Expected  string         `json:"expected,omitempty"`    // the address that should have written
}

// DigestFacts is what the digest of a morning says.
type DigestFacts struct {
	Undecided      []UndecidedFacts `json:"undecided,omitempty"`       // for the reader's decision, the longest first
	UndecidedTotal int              `json:"undecided_total,omitempty"` // with those that are too many to list
	Ending         []EndingFacts    `json:"ending,omitempty"`          // exceptions, the soonest first
	EndingTotal    int              `json:"ending_total,omitempty"`    // with those that are too many to list
	AtSites        int              `json:"at_sites,omitempty"`        // requests that wait for a site's answer
}

// AlertFacts is what an alert says.
type AlertFacts struct {
	Headline string   `json:"headline,omitempty"`
	Lines    []string `json:"lines,omitempty"`
}

// CheckpointFacts is what the auditor is told.
type CheckpointFacts struct {
	Checkpoint Checkpoint `json:"checkpoint,omitzero"`
	Previous   Checkpoint `json:"previous,omitzero"` // the one before it
}

// SizeFacts is what is said of a message that is too large, in bytes.
type SizeFacts struct {
	Size  int64 `json:"size,omitempty"`
	Limit int64 `json:"limit,omitempty"`
}

// DirectoryFacts is what the directory says when a letter goes out. It is not stored.
type DirectoryFacts struct {
	Waiting bool   `json:"-"` // it has not taken the change yet
	ByHand  bool   `json:"-"` // there is none: a person makes the change
	Account string `json:"-"` // what it knows of the user: one of the Account constants
}

// Masked hides the codes in all that a letter quotes. The code that the letter
// itself brings is another fact.
func (f Facts) Masked() Facts {
	f.Said, f.Justification, f.Headline = MaskCodes(f.Said), MaskCodes(f.Justification), MaskCodes(f.Headline)
	f.Lines, f.History = slices.Clone(f.Lines), slices.Clone(f.History)
	for i, line := range f.Lines {
		f.Lines[i] = MaskCodes(line)
	}
	for i := range f.History {
		f.History[i].Text = MaskCodes(f.History[i].Text)
	}
	return f
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

// UndecidedFacts is what the digest says of a request that waits for a decision.
type UndecidedFacts struct {
	Ref    string    `json:"ref"`
	User   User      `json:"subject"`
	Site   SiteFacts `json:"site"`
	Reason string    `json:"reason"` // its title
	Days   int       `json:"days"`   // working days that it has waited
	Asked  []string  `json:"asked"`  // names of the others
}

// EndingFacts is what the digest says of an exception that ends soon.
type EndingFacts struct {
	Ref     string    `json:"ref"`
	User    User      `json:"subject"`
	Site    SiteFacts `json:"site"`
	Ends    time.Time `json:"ends"`
	Renewal string    `json:"renewal,omitempty"` // a request that would renew it, and is not decided
}

// User is a user of the service.
type User struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

// FactsOfRequest is what letters about a request state.
func (s *Service) FactsOfRequest(r *Request) Facts {
	f := Facts{User: r.User, Reason: s.FactsOfReason(Long, r.Reason), Site: s.FactsOfSite(r.SiteCode), RequestFacts: RequestFacts{Justification: r.Justification, RequestedBy: r.RequestedBy, ReceivedAt: r.ReceivedAt, AuthMethod: r.AuthMethod}, ExceptionFacts: ExceptionFacts{Renews: r.Renews}}
	f.Site.Mailbox = r.SiteAddress
	f.Evidence = ListEvidence(r, nil)
	return f
}

// ListEvidence lists a request's attachments; unsent are those of them that
// count and do not fit a letter.
func ListEvidence(r *Request, unsent []Evidence) []EvidenceFacts {
	var out []EvidenceFacts
	enough := len(r.Counting()) > 0
	for _, e := range r.Evidence {
		if e.Purged {
			continue // nobody can have it any more
		}
		if enough && !e.Counts && strings.HasPrefix(e.MediaType, "image/") {
			continue // the logo of a signature, of which nobody needs to hear
		}
		out = append(out, EvidenceFacts{InboundID: e.InboundID, Filename: e.Filename, Size: e.Size, Counts: e.Counts, Why: e.Why, Unsent: slices.Contains(unsent, e)})
	}
	return out
}

func (s *Service) FactsOfException(e *Exception) Facts {
	f := Facts{User: e.User, Site: s.FactsOfSite(e.SiteCode), Reason: s.FactsOfReason(e.Category, e.Reason), ExceptionFacts: ExceptionFacts{Starts: e.StartsAt, Ends: e.EndsAt}}
	f.Site.Mailbox = e.SiteAddress
	return f
}

func (s *Service) FactsOfSite(code string) SiteFacts {
	if s, ok := s.Sites.Now().ByCode(code); ok {
		return SiteFacts{ODSCode: s.ODSCode, Name: s.Name, Mailbox: s.Mailbox}
	}
	return SiteFacts{ODSCode: code}
}

func (s *Service) FactsOfReason(c Category, id string) ReasonFacts {
	if r, ok := s.Policy.Term(c).Reason(id); ok {
		return ReasonFacts{ID: r.ID, Title: r.Title, Action: r.Action, Hint: r.Hint}
	}
	return ReasonFacts{ID: id}
}

func (s *Service) Reasons(c Category) []ReasonFacts {
	var out []ReasonFacts
	for _, id := range s.Policy.Term(c).IDs() {
		out = append(out, s.FactsOfReason(c, id))
	}
	return out
}

// AddMissing adds to the facts of a letter what a request lacks, and by when.
func (s *Service) AddMissing(req *Request, f *Facts) {
	f.Missing, f.Reasons, f.Ends = req.missing(), s.Reasons(Long), req.LapsesAt
	if s.Policy.LongTerm.EvidenceRequired && len(req.Counting()) == 0 {
		f.Missing = append(f.Missing, "evidence")
	}
}
