package intake

import (
	"slices"
	"strings"
	"time"

	"mfabot/parser"
)

// Facts is what a letter states, grouped by what it is about. Each template uses some of the facts; one that
// is not known is the zero value, and the template leaves it out. The groups are stored as one flat object,
// under their own keys.
type Facts struct {
	Audience  Audience      `json:"audience,omitempty"`
	Why       Why           `json:"why,omitempty"` // in an alert, its kind
	User      User          `json:"subject,omitzero"`
	Site      SiteFacts     `json:"site,omitzero"`
	Reason    ReasonFacts   `json:"reason,omitzero"`
	Reasons   []ReasonFacts `json:"reasons,omitempty"`    // in the policy, to choose from
	Said      string        `json:"said,omitempty"`       // another person's words, quoted
	By        string        `json:"by,omitempty"`         // the name of who decided, asked or revoked
	At        time.Time     `json:"at,omitzero"`          // when they did
	InsteadOf string        `json:"instead_of,omitempty"` // the site's address that did not take the letter
	Language  string        `json:"language,omitempty"`   // of the letter, as a tag (RFC 5646); empty for English
	// LanguageAsked says that its reader asked for the letter, which they had had before, in that language.
	LanguageAsked bool   `json:"language_asked,omitempty"`
	LetterCode    string `json:"-"` // of a letter to a site or a user, by which it is asked for in another language

	RequestFacts
	ExceptionFacts
	ReviewFacts
	DigestFacts
	StatusFacts
	AlertFacts
	TodoFacts
	CheckpointFacts
	ReportFacts
	SizeFacts
	DirectoryFacts
}

// RequestFacts is what letters say about a request.
type RequestFacts struct {
	Justification string          `json:"justification,omitempty"`
	ReasonWords   []string        `json:"reason_words,omitempty"` // of the site's, that decided for the reason
	RequestedBy   string          `json:"requested_by,omitempty"` // an address
	ReceivedAt    time.Time       `json:"received_at,omitzero"`
	AuthMethod    string          `json:"auth_method,omitempty"` // yes, no, unknown
	Evidence      []EvidenceFacts `json:"evidence,omitempty"`
	Missing       []string        `json:"missing,omitempty"`     // user, reason, evidence, length
	Decision      string          `json:"decision,omitempty"`    // its state: approved, rejected, needs-info, withdrawn, lapsed
	AskedAbout    *AskedAbout     `json:"asked_about,omitempty"` // what the site is asked about
	Again         bool            `json:"again,omitempty"`       // the site was asked before, and did not answer
	Corrected     string          `json:"corrected,omitempty"`   // the address that was wrong, where the site has put it right
	Corrects      string          `json:"corrects,omitempty"`    // the exception that has the wrong address
	Right         string          `json:"right,omitempty"`       // the right address, as we read what the site wrote
	Refused       []RefusedUser   `json:"refused,omitempty"`     // whom the site asked for in vain
}

// RefusedUser is whom a site asked for, and why nobody can have an exception by that address.
type RefusedUser struct {
	Email string `json:"email"`
	Why   Why    `json:"why"`
}

// AskedAbout is a message of a site that names a request, and waits until the site says that it is about it.
type AskedAbout struct {
	InboundID int64           `json:"inbound_id"`
	Message   *parser.Message `json:"message"` // what was read in it: the author's own words, and the files
}

// ReviewFacts is what letters tell reviewers.
type ReviewFacts struct {
	// FilesRefused says that the email came back when it had the files, so that they are left out.
	FilesRefused bool `json:"files_refused,omitempty"`

	Seed        string         `json:"seed,omitempty"`      // from which the review code is derived
	CodeHash    string         `json:"code_hash,omitempty"` // by which the code is looked up
	Code        string         `json:"token,omitempty"`     // the review code that a reply must bring back; not stored
	AllSeed     string         `json:"all_seed,omitempty"`  // likewise of the code for all of several requests
	AllHash     string         `json:"all_hash,omitempty"`
	AllCode     string         `json:"-"`
	Command     string         `json:"command,omitempty"`      // with which a reply that confirms begins
	Latest      time.Time      `json:"latest,omitzero"`        // the latest end that an approval may set
	Changed     []string       `json:"changed,omitempty"`      // since the last review email: user, reason, details, evidence
	Records     []RecordFacts  `json:"records,omitempty"`      // all else that is known of the user, newest first
	RecordsMore int            `json:"records_more,omitempty"` // how many are not listed
	History     []HistoryFacts `json:"history,omitempty"`      // what happened before
	SameFiles   []SameFile     `json:"same_files,omitempty"`   // evidence that came with other users' requests
	Approvals   int            `json:"approvals,omitempty"`    // how many a request needs, if more than one
	Agreed      int            `json:"agreed,omitempty"`       // how many of them it has
	Foreign     bool           `json:"foreign,omitempty"`      // the user is of a domain that is new to the site
	InPlaceOf   string         `json:"in_place_of,omitempty"`  // the name of the reviewer in whose place the deputy is asked
	Days        int            `json:"days,omitempty"`         // working days since At
	Typed       string         `json:"typed,omitempty"`        // who typed the command by which it was decided
	Expected    string         `json:"expected,omitempty"`     // the address that should have written
	Named       bool           `json:"named,omitempty"`        // the site's email names the reviewer as its sender

	Writer     Writer          `json:"writer,omitzero"`
	SiteActive *int            `json:"site_active,omitempty"` // how many active exceptions the site has; nil where that is not told
	Together   []TogetherFacts `json:"together,omitempty"`    // the other requests that the same email began
	Before     BeforeFacts     `json:"before,omitzero"`       // of a renewal
}

// TogetherFacts is another request that the same email began.
type TogetherFacts struct {
	Ref  string `json:"ref"`
	User User   `json:"subject"`
}

// BeforeFacts is why the exception was needed that would be renewed.
type BeforeFacts struct {
	Ref           string `json:"ref,omitempty"`
	Reason        string `json:"reason,omitempty"` // its title
	Justification string `json:"justification,omitempty"`
}

// DigestFacts is what the morning digest says.
type DigestFacts struct {
	Undecided      []UndecidedFacts `json:"undecided,omitempty"`       // requests the reader may decide on, longest waiting first
	UndecidedTotal int              `json:"undecided_total,omitempty"` // including those not listed
	Ending         []EndingFacts    `json:"ending,omitempty"`          // exceptions, soonest first
	EndingTotal    int              `json:"ending_total,omitempty"`    // including those not listed
	AtSites        int              `json:"at_sites,omitempty"`        // requests waiting for a site's answer
	Decided        []DecidedFacts   `json:"decided,omitempty"`         // of which the reader was not told at once, oldest first
	Todos          []TodoLine       `json:"todos,omitempty"`           // what the operator is to do by hand, longest waiting first
	TodosTotal     int              `json:"todos_total,omitempty"`     // including those not listed
	TodosOverdue   int              `json:"todos_overdue,omitempty"`   // how many of all are overdue
}

// StatusFacts is what a site is told of what is on record of it.
type StatusFacts struct {
	Requests     []StandingFacts `json:"standing,omitempty"`      // longest waiting first
	RequestsMore int             `json:"standing_more,omitempty"` // how many are not listed
	Running      []EndingFacts   `json:"running,omitempty"`       // exceptions, soonest to end first
	RunningMore  int             `json:"running_more,omitempty"`
	Unknown      []string        `json:"unknown,omitempty"` // addresses that the site asks about, of which nothing is on record
}

// StandingFacts is where a request stands.
type StandingFacts struct {
	Ref      string       `json:"ref"`
	User     User         `json:"subject,omitzero"`
	Reason   string       `json:"reason,omitempty"` // its title
	State    string       `json:"state"`
	Received time.Time    `json:"received"`
	Since    time.Time    `json:"since"`           // when it came into its state
	Asked    []AskedFacts `json:"asked,omitempty"` // reviewers who have not decided
	Lapses   time.Time    `json:"lapses,omitzero"` // unless the site answers
	Ends     time.Time    `json:"ends,omitzero"`   // of the exception that followed
}

// AskedFacts is a reviewer who was asked.
type AskedFacts struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// AlertFacts is what an alert says.
type AlertFacts struct {
	Headline string   `json:"headline,omitempty"`
	Urgent   bool     `json:"urgent,omitempty"` // somebody is exempt who must not be, or people wait for what does not come
	Lines    []string `json:"lines,omitempty"`
	Todo     []string `json:"todo,omitempty"`   // what to do, told below what is quoted
	Others   []string `json:"others,omitempty"` // alerts of the kind that were not sent
}

// CheckpointFacts is what the auditor is told.
type CheckpointFacts struct {
	Checkpoint Checkpoint `json:"checkpoint,omitzero"`
	Previous   Checkpoint `json:"previous,omitzero"` // the one before it
}

// SizeFacts is what a sender is told about a message that is too large, in bytes.
type SizeFacts struct {
	Size  int64 `json:"size,omitempty"`
	Limit int64 `json:"limit,omitempty"`
}

// Masked returns the facts with the codes hidden in everything that a letter quotes. The letter's own code is
// a fact of its own, and stays.
func (f Facts) Masked() Facts {
	f.Said, f.Justification, f.Headline = MaskCodes(f.Said), MaskCodes(f.Justification), MaskCodes(f.Headline)
	f.Before.Justification, f.Writer = MaskCodes(f.Before.Justification), f.Writer.masked()
	f.Lines, f.Todo, f.ReasonWords = slices.Clone(f.Lines), slices.Clone(f.Todo), slices.Clone(f.ReasonWords)
	f.Others = slices.Clone(f.Others)
	f.History, f.Records = slices.Clone(f.History), slices.Clone(f.Records)
	for _, lines := range [][]string{f.Lines, f.Todo, f.Others, f.ReasonWords} {
		for i, line := range lines {
			lines[i] = MaskCodes(line)
		}
	}
	for i := range f.History {
		f.History[i].Text = MaskCodes(f.History[i].Text)
	}
	for i := range f.Records {
		f.Records[i].Text = MaskCodes(f.Records[i].Text)
	}
	f.Decided = slices.Clone(f.Decided)
	for i := range f.Decided {
		f.Decided[i].Said = MaskCodes(f.Decided[i].Said)
	}
	f.Undecided = slices.Clone(f.Undecided)
	for i := range f.Undecided {
		u := &f.Undecided[i]
		u.Justification, u.Records = MaskCodes(u.Justification), slices.Clone(u.Records)
		for j := range u.Records {
			u.Records[j].Text = MaskCodes(u.Records[j].Text)
		}
	}
	return f
}

// ReasonFacts is what letters say about a reason of the policy.
type ReasonFacts struct {
	ID     string `json:"id,omitempty"`
	Title  string `json:"title,omitempty"`
	Action string `json:"action,omitempty"` // the additional action, short term
	Next   string `json:"next,omitempty"`   // what of the action is left; empty for all of it
	Hint   string `json:"hint,omitempty"`   // what evidence suits it, long term
	NoApp  bool   `json:"no_app,omitempty"` // who has it cannot use an app
}

// EvidenceFacts is what letters say about an attachment.
type EvidenceFacts struct {
	InboundID int64  `json:"inbound_id,omitempty"` // of the message that brought it
	Filename  string `json:"filename"`
	Size      int64  `json:"size"`
	Counts    bool   `json:"counts"`
	Why       string `json:"why,omitempty"`
	Unsent    bool   `json:"unsent,omitempty"` // it counts, but is too large to be attached
	New       bool   `json:"new,omitempty"`    // it came since the last review email
}

// HistoryFacts is one line of a request's history.
type HistoryFacts struct {
	Ref   string    `json:"ref,omitempty"` // of an earlier request; empty for the request itself
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	By    string    `json:"by,omitempty"`
	Text  string    `json:"text,omitempty"`
}

// RecordFacts is what a review email says of another request or exception of the user.
type RecordFacts struct {
	Ref      string    `json:"ref"`
	Category Category  `json:"category"`
	Site     SiteFacts `json:"site"`
	Other    bool      `json:"other,omitempty"` // it is not the asking site's
	State    string    `json:"state"`
	Reason   string    `json:"reason,omitempty"` // its title
	Starts   time.Time `json:"starts"`           // or when the request came
	Ends     time.Time `json:"ends,omitzero"`    // of an exception
	At       time.Time `json:"at,omitzero"`      // when it came into its state
	Text     string    `json:"text,omitempty"`   // why it was rejected or revoked
}

// SameFile is evidence that came with another user's request as well.
type SameFile struct {
	Filename string    `json:"filename"`
	Ref      string    `json:"ref"` // the other request
	User     User      `json:"subject"`
	Site     SiteFacts `json:"site"`
	At       time.Time `json:"at"` // when the other request came
}

// UndecidedFacts is what the digest says about a request that waits for a decision.
type UndecidedFacts struct {
	Ref    string    `json:"ref"`
	User   User      `json:"subject"`
	Site   SiteFacts `json:"site"`
	Reason string    `json:"reason"` // its title
	Days   int       `json:"days"`   // working days it has waited
	Asked  []string  `json:"asked"`  // names of the other reviewers
	Renews string    `json:"renews,omitempty"`
	Runs   time.Time `json:"runs,omitzero"` // when the exception ends that it would renew; zero if that is over

	// Where it can be decided from the letter: as in the facts of a review email of its own.
	InPlaceOf     string        `json:"in_place_of,omitempty"`
	Seed          string        `json:"seed,omitempty"`
	CodeHash      string        `json:"code_hash,omitempty"`
	Code          string        `json:"-"`
	Justification string        `json:"justification,omitempty"`
	AuthMethod    string        `json:"auth_method,omitempty"`
	Files         []string      `json:"files,omitempty"` // the names of its evidence
	Records       []RecordFacts `json:"records,omitempty"`
	RecordsMore   int           `json:"records_more,omitempty"`
	Approvals     int           `json:"approvals,omitempty"`
	Agreed        int           `json:"agreed,omitempty"`
	Foreign       bool          `json:"foreign,omitempty"`
	SameFiles     []SameFile    `json:"same_files,omitempty"`
	Named         bool          `json:"named,omitempty"`

	// Where an answer for several requests has been read: what came of this one.
	State   State `json:"state,omitempty"`    // as it is now
	LeftOut Why   `json:"left_out,omitempty"` // why the answer did not decide it; empty where it did

	Directory DirectoryFacts `json:"-"`
}

// DecidedFacts is what the digest says about a request that somebody else has decided.
type DecidedFacts struct {
	Ref      string    `json:"ref"`
	User     User      `json:"subject"`
	Site     SiteFacts `json:"site"`
	Decision string    `json:"decision"` // its state
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at"`
	Said     string    `json:"said,omitempty"`
	Ends     time.Time `json:"ends,omitzero"`    // of the exception that followed
	Former   string    `json:"former,omitempty"` // the exception whose place that took
	Seed     string    `json:"seed,omitempty"`   // of the code that ends it
	CodeHash string    `json:"code_hash,omitempty"`
	Code     string    `json:"-"`
}

// EndingFacts is what the digest says about an exception that ends soon, and a site is told of one of its own.
type EndingFacts struct {
	Ref     string    `json:"ref"`
	User    User      `json:"subject"`
	Site    SiteFacts `json:"site"`
	Ends    time.Time `json:"ends"`
	Renewal string    `json:"renewal,omitempty"` // an undecided request that would renew it
	Yours   bool      `json:"yours,omitempty"`   // which waits for the reader to decide
	ByHand  bool      `json:"by_hand,omitempty"` // a person has still to switch it on
	// RenewBy is, in a summary, the end of the last day on which a renewal can be asked for in time; zero where the end is far away.
	RenewBy time.Time `json:"renew_by,omitzero"`
}

// User is whom an exception is for.
type User struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

// FactsOfRequest returns the facts of a request.
func (s *Service) FactsOfRequest(r *Request) Facts {
	f := Facts{User: r.User, Reason: s.FactsOfReason(Long, r.Reason), Site: s.FactsOfSite(r.SiteCode),
		RequestFacts: RequestFacts{Justification: r.Justification, RequestedBy: r.RequestedBy, ReceivedAt: r.ReceivedAt,
			AuthMethod: r.AuthMethod, Corrects: r.Corrects,
			ReasonWords: r.ReasonWords},
		ExceptionFacts: ExceptionFacts{Renews: r.Renews}}
	f.Site.Mailbox = r.SiteAddress
	f.Evidence = ListEvidence(r, nil)
	return f
}

// ListEvidence lists a request's attachments. unsent are those that count but do not fit into a letter.
func ListEvidence(r *Request, unsent []Evidence) []EvidenceFacts {
	var out []EvidenceFacts
	enough := len(r.Counting()) > 0
	for _, e := range r.Evidence {
		if e.Purged {
			continue // the file is gone
		}
		if enough && !e.Counts && strings.HasPrefix(e.MediaType, "image/") {
			continue // a signature's logo, which nobody needs to hear about
		}
		out = append(out, EvidenceFacts{InboundID: e.InboundID, Filename: e.Filename, Size: e.Size, Counts: e.Counts,
			Why: e.Why, Unsent: slices.Contains(unsent, e)})
	}
	return out
}

// FactsOfReason returns the facts of a reason; just its ID when the policy does not have it.
func (s *Service) FactsOfReason(c Category, id string) ReasonFacts {
	if r, ok := s.Policy.Term(c).Reason(id); ok {
		return ReasonFacts{ID: r.ID, Title: r.Title, Action: r.Action, Next: r.Next, Hint: r.Hint, NoApp: r.NoApp}
	}
	return ReasonFacts{ID: id}
}

// Reasons returns the facts of every reason in a category, in the policy's order.
func (s *Service) Reasons(c Category) []ReasonFacts {
	var out []ReasonFacts
	for _, id := range s.Policy.Term(c).IDs() {
		out = append(out, s.FactsOfReason(c, id))
	}
	return out
}

// AddMissing adds to f what req lacks, the reasons to choose from, and by when the site must answer.
func (s *Service) AddMissing(req *Request, f *Facts) {
	f.Missing, f.Reasons, f.Ends = req.missing(), s.Reasons(Long), req.LapsesAt
	if s.Policy.LongTerm.EvidenceRequired && len(req.Counting()) == 0 {
		f.Missing = append(f.Missing, "evidence")
	}
	if len(f.Missing) == 0 { // only how long it is for is unclear
		f.Missing = []string{"length"}
	}
}
