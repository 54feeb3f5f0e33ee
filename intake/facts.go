package intake

import (
	"slices"
	"strings"
	"time"
)

// Facts is what a letter states. Each template uses some of them; a fact that is
// not known is the zero value and the template says nothing of it.
type Facts struct {
	Audience      Audience        `json:"audience,omitempty"`
	Why           Why             `json:"why,omitempty"`
	User          User            `json:"subject,omitzero"`
	Site          SiteFacts       `json:"site,omitzero"`
	Reason        ReasonFacts     `json:"reason,omitzero"`
	Justification string          `json:"justification,omitempty"`
	RequestedBy   string          `json:"requested_by,omitempty"` // an address
	ReceivedAt    time.Time       `json:"received_at,omitzero"`
	AuthMethod    string          `json:"auth_method,omitempty"` // yes, no, unknown
	Evidence      []EvidenceFacts `json:"evidence,omitempty"`
	Missing       []string        `json:"missing,omitempty"`  // user, reason, details, evidence
	Said          string          `json:"said,omitempty"`     // another person's words, quoted
	By            string          `json:"by,omitempty"`       // who decided, asked, revoked: a name
	At            time.Time       `json:"at,omitzero"`        // when they did
	Decision      string          `json:"decision,omitempty"` // approved, rejected, needs-info, withdrawn, lapsed
	Starts        time.Time       `json:"starts,omitzero"`
	Ends          time.Time       `json:"ends,omitzero"`
	Latest        time.Time       `json:"latest,omitzero"`     // end that an approval may set
	Seed          string          `json:"seed,omitempty"`      // of which the review code is made
	CodeHash      string          `json:"code_hash,omitempty"` // by which that code will be looked up
	Code          string          `json:"token,omitempty"`     // the review code that a reply must bring back; not stored
	Expected      string          `json:"expected,omitempty"`  // the address that should have written
	Reasons       []ReasonFacts   `json:"reasons,omitempty"`   // that the policy has, where a choice is offered
	Changed       []string        `json:"changed,omitempty"`   // since the last review email: user, reason, details, evidence
	History       []HistoryFacts  `json:"history,omitempty"`   // what happened before, for reviewers
	Renews        string          `json:"renews,omitempty"`    // the exception that a request would renew
	Runs          time.Time       `json:"runs,omitzero"`       // end of the exception that the user has meanwhile
	Renewal       string          `json:"renewal,omitempty"`   // the open request that would renew an exception; Decision is its state
	Again         bool            `json:"again,omitempty"`     // it was asked before, and not answered
	Lately        int             `json:"lately,omitempty"`    // short-term exceptions of the user, where they are many
	LatelyDays    int             `json:"lately_days,omitempty"`
	Approvals     int             `json:"approvals,omitempty"` // how many a request needs, where more than one
	Size          int64           `json:"size,omitempty"`      // bytes
	Limit         int64           `json:"limit,omitempty"`     // bytes
	Headline      string          `json:"headline,omitempty"`  // of an alert
	Lines         []string        `json:"lines,omitempty"`     // of an alert

	// Waiting says that the directory has not taken the change yet, ByHand that a
	// person makes it, as there is no directory, and Account what it knows of the user,
	// one of the Account constants. They are found when the letter goes out, and not
	// stored.
	Waiting bool   `json:"-"`
	ByHand  bool   `json:"-"`
	Account string `json:"-"`

	Checkpoint Checkpoint `json:"checkpoint,omitzero"` // of the audit
	Previous   Checkpoint `json:"previous,omitzero"`   // the one before it

	InPlaceOf      string           `json:"in_place_of,omitempty"`     // the reviewer whose deputy is written to: a name
	Days           int              `json:"days,omitempty"`            // working days since At
	Undecided      []UndecidedFacts `json:"undecided,omitempty"`       // for the reader's decision, the longest first
	UndecidedTotal int              `json:"undecided_total,omitempty"` // with those that are too many to list
	Ending         []EndingFacts    `json:"ending,omitempty"`          // exceptions, the soonest first
	EndingTotal    int              `json:"ending_total,omitempty"`    // with those that are too many to list
	AtSites        int              `json:"at_sites,omitempty"`        // requests that wait for a site's answer

	// InsteadOf is the site's address that could not be reached, where the letter
	// comes to another in its place.
	InsteadOf string `json:"instead_of,omitempty"`
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

// RequestFacts is what letters about a request state.
func (s *Service) RequestFacts(r *Request) Facts {
	f := Facts{User: r.User, Justification: r.Justification, RequestedBy: r.RequestedBy, ReceivedAt: r.ReceivedAt,
		AuthMethod: r.AuthMethod, Renews: r.Renews, Reason: s.ReasonFacts(Long, r.Reason), Site: s.SiteFacts(r.SiteCode)}
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

func (s *Service) ExceptionFacts(e *Exception) Facts {
	f := Facts{User: e.User, Site: s.SiteFacts(e.SiteCode), Reason: s.ReasonFacts(e.Category, e.Reason), Starts: e.StartsAt, Ends: e.EndsAt}
	f.Site.Mailbox = e.SiteAddress
	return f
}

func (s *Service) SiteFacts(code string) SiteFacts {
	if s, ok := s.Sites.Now().ByCode(code); ok {
		return SiteFacts{ODSCode: s.ODSCode, Name: s.Name, Mailbox: s.Mailbox}
	}
	return SiteFacts{ODSCode: code}
}

func (s *Service) ReasonFacts(c Category, id string) ReasonFacts {
	if r, ok := s.Policy.Term(c).Reason(id); ok {
		return ReasonFacts{ID: r.ID, Title: r.Title, Action: r.Action, Hint: r.Hint}
	}
	return ReasonFacts{ID: id}
}

func (s *Service) Reasons(c Category) []ReasonFacts {
	var out []ReasonFacts
	for _, id := range s.Policy.Term(c).IDs() {
		out = append(out, s.ReasonFacts(c, id))
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
