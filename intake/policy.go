package intake

import (
	"cmp"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mfabot/parser"
)

//go:embed policy.toml
var embeddedPolicy []byte

// Category is the kind of exception.
type Category string

// The categories.
const (
	Short Category = "short" // given on the telephone, recorded by an operator
	Long  Category = "long"  // asked for by email, decided by reviewers
)

// Policy is an organisation's rules for exceptions. It is immutable.
type Policy struct {
	Name          string
	Telephone     string
	Authenticator string // the recommended authentication method
	Hours         string // when the helpdesk can be called; like the next two, empty where the policy does not say
	Relay         string // what to call by text relay
	OtherMethods  string // the authentication methods that are to be had besides
	Look          Look
	Welsh         map[string]string // the words of the policy in Welsh, by the English ones; what is missing stays English
	Zone          *time.Location
	LapseAfter    time.Duration
	RemindSite    time.Duration // when to ask again, once, if a question or form is unanswered
	CodesLast     time.Duration // how long a review code is valid
	ProofLasts    time.Duration // how old a signed message may be
	AnswerWithin  time.Duration // how old a message may be that is answered
	MaxMessage    int64         // bytes
	MaxEvidence   int64         // bytes a file
	Calendar      bool          // letters about the end of an exception have a file for the calendar
	EvidenceTypes []string
	ShortTerm     Term
	LongTerm      Term
	Protected     Protected
	Domains       []string      // lower case: of users whom every site may ask for
	ForeignDomain ForeignDomain // what the user of another domain needs
	Retention     Retention
	Review        ReviewRules

	// The most automatic answers, to messages that change nothing, in any 24 hours.
	AnswersADay       int // to one address
	AnswersADayDomain int // to strangers in one domain
	AnswersADayTotal  int

	// The most that one site may bring in any 24 hours. What comes above it waits for the operator.
	RequestsADay  int // new requests
	AdditionsADay int // messages that add to a request, so that its reviewers look again
}

// Look is what an organisation chooses of how its letters and the status page look, and of how letters end. What is empty is
// as it is without a choice, or left out.
type Look struct {
	Colour      string // such as #005eb8: of buttons, links and lines
	ColourDark  string // likewise where a mail program or a browser has a dark ground
	Logo        string // the words that stand where others have a picture
	Privacy     string // what is said of the privacy of who gets a letter
	PrivacyPage string // where more is said of it; empty for nowhere
	Footer      string // the last words of a letter
}

// Protected are users who get no exception, such as administrators.
type Protected struct {
	addresses []*regexp.Regexp // each matches whole addresses, as UserKey returns them
	Groups    []string         // names of groups of the directory
}

// Has reports whether an address, whatever its detail, is protected by its own looks. Whether its user is in one
// of the Groups, only the directory knows.
func (p Protected) Has(addr string) bool {
	key := UserKey(addr)
	return slices.ContainsFunc(p.addresses, func(r *regexp.Regexp) bool { return r.MatchString(key) })
}

// Group returns the first of the Groups that is among groups, in any case; empty for none.
func (p Protected) Group(groups []string) string {
	for _, protected := range p.Groups {
		if slices.ContainsFunc(groups, func(g string) bool { return strings.EqualFold(g, protected) }) {
			return protected
		}
	}
	return ""
}

// addressPattern returns what matches the addresses that a pattern of the policy stands for: the whole address,
// or the part before the @ of any. In it, * is any run of characters and ? is one.
func addressPattern(pattern string) (*regexp.Regexp, error) {
	local, domain, whole := strings.Cut(Canonical(pattern), "@")
	domain = cmp.Or(domain, "*")
	plain := strings.NewReplacer("*", "x", "?", "x")
	switch {
	case !IsAddress(plain.Replace(local) + "@" + plain.Replace(domain)):
		return nil, fmt.Errorf("expected an address, or a pattern of the part before the @, "+
			"such as admin*, root@ or *@admin.example.org, not %q", pattern)
	case strings.Contains(local, "+"):
		return nil, fmt.Errorf("expected no + in %q: what stands after it in an address is left out before it is compared", pattern)
	case strings.Trim(local, "*?") == "" && (!whole || strings.Trim(domain, "*?.") == ""):
		return nil, fmt.Errorf("expected more than %q, which is every address", pattern)
	}
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(local + "@" + domain))
	return regexp.Compile("^" + expression + "$")
}

// ForeignDomain is what a request needs whose user is of a domain that no user of the site had.
type ForeignDomain string

// The values of ForeignDomain.
const (
	ForeignTwoApprovals ForeignDomain = "two-approvals"
	ForeignRefuse       ForeignDomain = "refuse"
	ForeignAllow        ForeignDomain = "allow"
)

// Term is the rules for one category.
type Term struct {
	Duration         time.Duration
	Warnings         []time.Duration // before the end, longest first
	EvidenceRequired bool
	Reasons          []Reason

	// FlagAfter short-term exceptions for one user within FlagWithin are pointed out to the operator. Both
	// are 0 in the long term.
	FlagAfter  int
	FlagWithin time.Duration
}

// Reason is a circumstance in which an exception is given.
type Reason struct {
	ID        string
	Title     string
	Action    string   // what the user must also do, short term
	Next      string   // what of it is left once the exception is given; empty for all of it
	Hint      string   // what evidence suits it, long term
	Phrases   []string // by which it is recognised in a message
	Examples  []string // from which it is learnt
	Approvals int      // reviewers who must approve, at least 1
	NoApp     bool     // who has it cannot use an app, so that none is recommended to them
}

// Term returns the rules of a category.
func (p *Policy) Term(c Category) Term {
	if c == Short {
		return p.ShortTerm
	}
	return p.LongTerm
}

// Reason finds a reason by its ID.
func (t Term) Reason(id string) (Reason, bool) {
	i := slices.IndexFunc(t.Reasons, func(r Reason) bool { return r.ID == id })
	if i < 0 {
		return Reason{}, false
	}
	return t.Reasons[i], true
}

// IDs returns the IDs of the reasons, in the policy's order.
func (t Term) IDs() []string {
	ids := make([]string, len(t.Reasons))
	for i, r := range t.Reasons {
		ids[i] = r.ID
	}
	return ids
}

// NoReason returns a Miswritten for what should be the ID of one of its reasons.
func (t Term) NoReason(of Category, given string) Miswritten {
	term := "short-term"
	if of == Long {
		term = "long-term"
	}
	ids := t.IDs()
	return Miswrittenf("the policy has no %s reason %q: expected one of %s%s", term, given, strings.Join(ids, ", "), DidYouMean(given, ids))
}

// DayOf returns the first and the last second of a day, such as 2026-12-24, in the policy's time zone.
func (p *Policy) DayOf(date string) (begins, ends time.Time, err error) {
	begins, err = time.ParseInLocation(time.DateOnly, date, p.Zone)
	return begins, begins.AddDate(0, 0, 1).Add(-time.Second).UTC(), err
}

// Vocabulary returns what the parser needs of the policy to read messages.
func (p *Policy) Vocabulary() parser.Vocabulary {
	var v parser.Vocabulary
	for _, c := range []Category{Long, Short} {
		for _, r := range p.Term(c).Reasons {
			phrases := slices.Clone(r.Phrases)
			if title := p.Welsh[r.Title]; title != "" {
				phrases = append(phrases, strings.ToLower(title))
			}
			v.Reasons = append(v.Reasons, parser.Reason{ID: r.ID, Title: r.Title, ShortTerm: c == Short,
				Phrases: phrases, Examples: r.Examples})
		}
	}
	return v
}

// DefaultPolicy returns the embedded policy.
func DefaultPolicy() (*Policy, error) { return ReadPolicy("policy.toml", embeddedPolicy) }

// builtInDomain is whose the number and the name in the embedded policy are: the helpdesk of everybody with such an address.
const builtInDomain = "nhs.net"

// Borrowed lists what letters of the service with an address would say of somebody else's: what stands in the embedded policy
// for NHSmail, and was left as it is. A name is only a name, where the number is the service's own.
func (p *Policy) Borrowed(service string) (all []string, err error) {
	domain := DomainOf(service)
	if domain == builtInDomain || strings.HasSuffix(domain, "."+builtInDomain) {
		return nil, nil
	}
	builtIn, err := DefaultPolicy()
	if err != nil {
		return nil, err
	}
	for _, s := range []struct{ key, is, embedded string }{
		{"telephone", p.Telephone, builtIn.Telephone}, {"relay", p.Relay, builtIn.Relay}, {"name", p.Name, builtIn.Name},
	} {
		if s.is == s.embedded {
			all = append(all, fmt.Sprintf("%s = %q", s.key, s.is))
		}
	}
	return all, nil
}

// WithTelephone is the file of the embedded policy for another helpdesk: with its telephone number, and nobody's name. A number of
// the United Kingdom is reached by text relay too (Relay UK).
func WithTelephone(number string) ([]byte, error) {
	builtIn, err := DefaultPolicy()
	if err != nil {
		return nil, err
	}
	const owner = "NHSmail"
	text := string(embeddedPolicy)
	change := func(old, with string) { text = strings.ReplaceAll(text, strconv.Quote(old), strconv.Quote(with)) }
	if strings.HasPrefix(number, "0") {
		change(builtIn.Relay, "18001 "+number)
	} else {
		text = strings.Replace(text, "\nrelay  ", "\n# relay", 1)
	}
	change(builtIn.Telephone, number)
	welsh := builtIn.Welsh[builtIn.Name]
	change(welsh, strings.TrimSuffix(welsh, " "+owner))
	name := strings.TrimPrefix(builtIn.Name, owner+" ")
	change(builtIn.Name, strings.ToUpper(name[:1])+name[1:])
	return []byte(text), nil
}

// ReviewRules say when reviewers are reminded. Days are working days since the reviewer was asked.
type ReviewRules struct {
	RemindAfter   []int         // ascending
	DeputyAfter   int           // when the deputy is asked too; later than the last reminder
	OperatorAfter int           // when the operator is told, and again every OperatorEvery; not before the deputy is asked
	DigestAt      time.Duration // time since midnight when the morning digest goes out
	TogetherFrom  int           // so many requests of one message, or more, are reviewed in one email
	DecidedLater  bool          // the other reviewers read in the digest what one has decided, and not at once
	SiteSummary   bool          // each week a site is told what is on record of it
	AbsenceLasts  time.Duration // how long an automatic reply makes a reviewer away, unless they write sooner
}

// OperatorEvery is the number of working days after which the operator is told again.
const OperatorEvery = 5

// RemindersDue returns how many reminders are due after that many working days, including the escalation to the
// deputy.
func (r ReviewRules) RemindersDue(days int) int {
	n := 0
	for _, after := range append(r.RemindAfter[:len(r.RemindAfter):len(r.RemindAfter)], r.DeputyAfter) {
		if days >= after {
			n++
		}
	}
	return n
}

// Escalates reports whether the deputy is asked at this stage.
func (r ReviewRules) Escalates(stage int) bool { return stage > len(r.RemindAfter) }

// AlertsDue returns how often the operator should have been told after that many working days.
func (r ReviewRules) AlertsDue(days int) int {
	if days < r.OperatorAfter {
		return 0
	}
	return 1 + (days-r.OperatorAfter)/OperatorEvery
}
