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

type policyFile struct {
	Name          string
	Telephone     string
	Authenticator string
	TimeZone      string `toml:"time_zone"`
	LapseAfter    string `toml:"lapse_after"`
	RemindSite    string `toml:"remind_site_after"`
	CodesLast     string `toml:"codes_last"`
	AnswersADay   *int   `toml:"answers_a_day"`
	AnswersDomain *int   `toml:"answers_a_day_domain"`
	AnswersTotal  *int   `toml:"answers_a_day_total"`
	MaxMessage    int64  `toml:"max_message"`
	Evidence      filesFile
	ShortTerm     termFile `toml:"short_term"`
	LongTerm      termFile `toml:"long_term"`
	Retention     retentionFile
	Review        reviewFile
}

type filesFile struct {
	MaxSize int64 `toml:"max_size"`
	Types   []string
}

type termFile struct {
	Duration         string
	Warnings         []string
	EvidenceRequired bool   `toml:"evidence_required"`
	FlagAfter        *int   `toml:"flag_after"`
	FlagWithin       string `toml:"flag_within"`
	Reason           []reasonFile
}

type reasonFile struct {
	ID, Title, Action, Hint string
	Phrases                 []string
	Approvals               *int
}

// ReadPolicy reads a policy file. All that is wrong with it comes back as
// FileErrors joined into one error.
func ReadPolicy(name string, data []byte) (*Policy, error) {
	var raw policyFile
	f, err := DecodeTOML(name, data, &raw)
	if err != nil {
		return nil, err
	}
	p := &Policy{Name: raw.Name, Telephone: raw.Telephone, Authenticator: raw.Authenticator,
		MaxMessage: raw.MaxMessage}
	for _, s := range []struct{ key, value string }{{"name", p.Name}, {"telephone", p.Telephone}, {"authenticator", p.Authenticator}} {
		if strings.TrimSpace(s.value) == "" {
			f.Bad(s.key, "expected a text")
		}
	}
	if p.Zone, err = time.LoadLocation(raw.TimeZone); err != nil || raw.TimeZone == "" {
		f.Bad("time_zone", "expected the name of a time zone, such as Europe/London, not %q", raw.TimeZone)
	}
	p.LapseAfter = readDuration(f, "lapse_after", raw.LapseAfter)
	p.RemindSite = p.LapseAfter / 2 // where it is left out
	if raw.RemindSite != "" {
		p.RemindSite = readDuration(f, "remind_site_after", raw.RemindSite)
	}
	if p.RemindSite >= p.LapseAfter && p.LapseAfter > 0 {
		f.Bad("remind_site_after", "expected less than lapse_after, which is %s, not %q", raw.LapseAfter, raw.RemindSite)
	}
	p.CodesLast = readDuration(f, "codes_last", cmp.Or(raw.CodesLast, "60d")) // may be left out
	p.AnswersADay = readCap(f, "answers_a_day", raw.AnswersADay, 0)
	p.AnswersADayDomain = readCap(f, "answers_a_day_domain", raw.AnswersDomain, 200)
	p.AnswersADayTotal = readCap(f, "answers_a_day_total", raw.AnswersTotal, 1000)
	if p.MaxMessage < 1<<16 {
		f.Bad("max_message", "expected a number of bytes, at least 65536")
	}
	if p.MaxEvidence = raw.Evidence.MaxSize; p.MaxEvidence < 1 {
		f.Bad("evidence.max_size", "expected a number of bytes")
	}
	if p.EvidenceTypes = raw.Evidence.Types; len(p.EvidenceTypes) == 0 {
		f.Bad("evidence.types", "expected media types such as application/pdf or image/*")
	}
	for _, t := range p.EvidenceTypes {
		if !mediaType.MatchString(t) {
			f.Bad("evidence.types", "expected a media type such as application/pdf or image/*, not %q", t)
		}
	}
	p.ShortTerm = readTerm(f, "short_term", raw.ShortTerm)
	p.LongTerm = readTerm(f, "long_term", raw.LongTerm)
	readFlags(f, p, &raw)
	p.Retention = readRetention(f, raw.Retention)
	p.Review = readReview(f, raw.Review)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// readFlags reads when many short-term exceptions of one user are pointed out.
func readFlags(f *TOMLFile, p *Policy, raw *policyFile) {
	p.ShortTerm.FlagAfter = readCap(f, "short_term.flag_after", raw.ShortTerm.FlagAfter, 3)
	p.ShortTerm.FlagWithin = readDuration(f, "short_term.flag_within", cmp.Or(raw.ShortTerm.FlagWithin, "30d"))
	if p.ShortTerm.FlagWithin%(24*time.Hour) != 0 {
		f.Bad("short_term.flag_within", "expected whole days such as 30d, not %q", raw.ShortTerm.FlagWithin)
	}
	if raw.LongTerm.FlagAfter != nil {
		f.Bad("long_term.flag_after", "expected it in [short_term] only")
	}
	if raw.LongTerm.FlagWithin != "" {
		f.Bad("long_term.flag_within", "expected it in [short_term] only")
	}
}

func readTerm(f *TOMLFile, key string, raw termFile) Term {
	t := Term{Duration: readDuration(f, key+".duration", raw.Duration), EvidenceRequired: raw.EvidenceRequired}
	for _, w := range raw.Warnings {
		d := readDuration(f, key+".warnings", w)
		if d >= t.Duration && t.Duration > 0 {
			f.Bad(key+".warnings", "expected less than the duration of %s, not %q", raw.Duration, w)
		}
		t.Warnings = append(t.Warnings, d)
	}
	slices.Sort(t.Warnings)
	slices.Reverse(t.Warnings)
	if len(raw.Reason) == 0 {
		f.Bad(key+".reason", "expected at least one [[%s.reason]]", key)
	}
	seen := make(map[string]bool)
	for i, r := range raw.Reason {
		k := fmt.Sprintf("%s.reason[%d]", key, i)
		if !reasonID.MatchString(r.ID) || seen[r.ID] {
			f.Bad(k+".id", "expected an id of its own in lower-case letters, digits and hyphens, not %q", r.ID)
		}
		seen[r.ID] = true
		if strings.TrimSpace(r.Title) == "" {
			f.Bad(k+".title", "expected a text")
		}
		approvals := 1
		if r.Approvals != nil {
			approvals = *r.Approvals
		}
		if approvals < 1 || approvals > 2 {
			f.Bad(k+".approvals", "expected 1 or 2")
		}
		t.Reasons = append(t.Reasons, Reason{ID: r.ID, Title: r.Title, Action: r.Action, Hint: r.Hint, Phrases: r.Phrases, Approvals: approvals})
	}
	return t
}

var (
	reasonID  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	mediaType = regexp.MustCompile(`^[a-z]+/(\*|[a-z0-9.+-]+)$`)
)

// maxCap bounds the caps, so that they can be reckoned with in millionths.
const maxCap = 1_000_000

// readCap reads how many letters there may be in a day: as many as otherwise says
// where the key is left out, and 0 says that it must not be.
func readCap(f *TOMLFile, key string, n *int, otherwise int) int {
	if n != nil {
		otherwise = *n
	}
	if otherwise < 1 || otherwise > maxCap {
		f.Bad(key, "expected a whole number of 1 or more, at most %d", maxCap)
	}
	return otherwise
}

func readDuration(f *TOMLFile, key, s string) time.Duration {
	d, err := ParseDuration(s)
	if err != nil || d <= 0 {
		f.Bad(key, "expected a duration such as 24h or 180d, not %q", s)
		return 0
	}
	return d
}

// ParseDuration is time.ParseDuration with whole days of 24 hours, as 180d, besides.
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}
