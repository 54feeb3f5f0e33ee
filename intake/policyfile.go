package intake

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mfabot/parser"
)

type policyFile struct {
	Name          string
	Telephone     string
	Authenticator string
	Hours         *string
	Relay         *string
	OtherMethods  *string `toml:"other_methods"`
	TimeZone      string  `toml:"time_zone"`
	LapseAfter    string  `toml:"lapse_after"`
	RemindSite    string  `toml:"remind_site_after"`
	CodesLast     string  `toml:"codes_last"`
	ProofLasts    string  `toml:"proof_lasts"`
	AnswerWithin  string  `toml:"answer_within"`
	AnswersADay   *int    `toml:"answers_a_day"`
	AnswersDomain *int    `toml:"answers_a_day_domain"`
	AnswersTotal  *int    `toml:"answers_a_day_total"`
	RequestsADay  *int    `toml:"requests_a_day"`
	AdditionsADay *int    `toml:"additions_a_day"`
	MaxMessage    int64   `toml:"max_message"`
	Calendar      *bool
	Protected     []string
	Domains       []string
	ForeignDomain string `toml:"foreign_domain"`
	Evidence      filesFile
	ShortTerm     termFile `toml:"short_term"`
	LongTerm      termFile `toml:"long_term"`
	Retention     retentionFile
	Review        reviewFile
	Look          lookFile
	Welsh         map[string]string
}

type filesFile struct {
	MaxSize int64 `toml:"max_size"`
	Types   []string
}

type termFile struct {
	Duration         string
	Warnings         []string
	EvidenceRequired *bool  `toml:"evidence_required"`
	FlagAfter        *int   `toml:"flag_after"`
	FlagWithin       string `toml:"flag_within"`
	Reason           []reasonFile
}

type reasonFile struct {
	ID, Title, Action, Hint string
	Next                    *string
	Phrases, Examples       []string
	Approvals               *int
	NoApp                   bool `toml:"no_app"`
}

// ReadPolicy reads a policy file. Every mistake is reported, as FileErrors joined into one error.
func ReadPolicy(name string, data []byte) (*Policy, error) {
	var raw, embedded policyFile
	f, err := DecodeTOML(name, data, &raw)
	if err != nil {
		return nil, err
	}
	if _, err := DecodeTOML("policy.toml", embeddedPolicy, &embedded); err != nil {
		return nil, err
	}
	raw.complete(embedded)
	p := &Policy{MaxMessage: raw.MaxMessage, Calendar: *raw.Calendar}
	readTexts(f, p, &raw)
	if p.Zone, err = time.LoadLocation(raw.TimeZone); err != nil || raw.TimeZone == "" {
		f.Bad("time_zone", "expected the name of a time zone, such as Europe/London, not %q", raw.TimeZone)
	}
	p.LapseAfter = readDuration(f, "lapse_after", raw.LapseAfter)
	p.RemindSite = p.LapseAfter / 2 // the default
	if raw.RemindSite != "" {
		p.RemindSite = readDuration(f, "remind_site_after", raw.RemindSite)
	}
	if p.RemindSite >= p.LapseAfter && p.LapseAfter > 0 {
		f.Bad("remind_site_after", "expected less than lapse_after, which is %s, not %q", raw.LapseAfter, raw.RemindSite)
	}
	p.CodesLast = readDuration(f, "codes_last", raw.CodesLast)
	p.ProofLasts = readDuration(f, "proof_lasts", raw.ProofLasts)
	p.AnswerWithin = readDuration(f, "answer_within", raw.AnswerWithin)
	readLimits(f, p, &raw)
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
	readUsers(f, p, &raw)
	p.ShortTerm = readTerm(f, "short_term", raw.ShortTerm)
	p.LongTerm = readTerm(f, "long_term", raw.LongTerm)
	readFlags(f, p, &raw)
	p.Retention = readRetention(f, raw.Retention, embedded.Retention)
	p.Review = readReview(f, raw.Review)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// complete fills in the optional keys from the embedded policy, which has them all.
func (raw *policyFile) complete(embedded policyFile) {
	raw.CodesLast = cmp.Or(raw.CodesLast, embedded.CodesLast)
	raw.ProofLasts = cmp.Or(raw.ProofLasts, embedded.ProofLasts)
	raw.AnswerWithin = cmp.Or(raw.AnswerWithin, embedded.AnswerWithin)
	raw.AnswersDomain = cmp.Or(raw.AnswersDomain, embedded.AnswersDomain)
	raw.AnswersTotal = cmp.Or(raw.AnswersTotal, embedded.AnswersTotal)
	raw.RequestsADay = cmp.Or(raw.RequestsADay, embedded.RequestsADay)
	raw.AdditionsADay = cmp.Or(raw.AdditionsADay, embedded.AdditionsADay)
	raw.Calendar = cmp.Or(raw.Calendar, embedded.Calendar)
	raw.ShortTerm.complete(embedded.ShortTerm)
	raw.LongTerm.complete(embedded.LongTerm)
	raw.ShortTerm.FlagAfter = cmp.Or(raw.ShortTerm.FlagAfter, embedded.ShortTerm.FlagAfter)
	raw.ShortTerm.FlagWithin = cmp.Or(raw.ShortTerm.FlagWithin, embedded.ShortTerm.FlagWithin)
	if raw.Protected == nil {
		raw.Protected = embedded.Protected
	}
	raw.ForeignDomain = cmp.Or(raw.ForeignDomain, embedded.ForeignDomain)
	r, other := &raw.Review, embedded.Review
	if r.RemindAfter == nil {
		r.RemindAfter = other.RemindAfter
	}
	r.DeputyAfter = cmp.Or(r.DeputyAfter, other.DeputyAfter)
	r.OperatorAfter = cmp.Or(r.OperatorAfter, other.OperatorAfter)
	r.DigestAt = cmp.Or(r.DigestAt, other.DigestAt)
	r.AbsenceLasts = cmp.Or(r.AbsenceLasts, other.AbsenceLasts)
	r.TogetherFrom = cmp.Or(r.TogetherFrom, other.TogetherFrom)
	r.TellDecided = cmp.Or(r.TellDecided, other.TellDecided)
	r.SiteSummary = cmp.Or(r.SiteSummary, other.SiteSummary)
}

// complete fills in whether evidence is needed, and the warnings: those that come within the duration. That nobody needs
// evidence, or that nobody is warned, a policy says.
func (raw *termFile) complete(embedded termFile) {
	raw.EvidenceRequired = cmp.Or(raw.EvidenceRequired, embedded.EvidenceRequired, new(bool))
	if raw.Warnings != nil {
		return
	}
	lasts, err := ParseDuration(raw.Duration)
	for _, w := range embedded.Warnings {
		if before, bad := ParseDuration(w); err == nil && bad == nil && before < lasts {
			raw.Warnings = append(raw.Warnings, w)
		}
	}
}

// readUsers reads for whom exceptions are given.
func readUsers(f *TOMLFile, p *Policy, raw *policyFile) {
	for _, entry := range raw.Protected {
		if group, is := strings.CutPrefix(entry, "group:"); is {
			if group = strings.TrimSpace(group); group == "" {
				f.Bad("protected", "expected the name of a group of the directory after group:")
			}
			p.Protected.Groups = append(p.Protected.Groups, group)
			continue
		}
		matching, err := addressPattern(entry)
		if err != nil {
			f.Bad("protected", "%v", err)
			continue
		}
		p.Protected.addresses = append(p.Protected.addresses, matching)
	}
	for _, d := range raw.Domains {
		d = strings.ToLower(d)
		if !IsAddress("x@"+d) || strings.Contains(d, "+") {
			f.Bad("domains", "expected domains such as example.org, not %q", d)
		}
		p.Domains = append(p.Domains, d)
	}
	p.ForeignDomain = ForeignDomain(raw.ForeignDomain)
	if !slices.Contains([]ForeignDomain{ForeignTwoApprovals, ForeignRefuse, ForeignAllow}, p.ForeignDomain) {
		f.Bad("foreign_domain", "expected two-approvals, refuse or allow, not %q", raw.ForeignDomain)
	}
}

// readLimits reads how much a day allows.
func readLimits(f *TOMLFile, p *Policy, raw *policyFile) {
	p.AnswersADay = readCap(f, "answers_a_day", raw.AnswersADay)
	p.AnswersADayDomain = readCap(f, "answers_a_day_domain", raw.AnswersDomain)
	p.AnswersADayTotal = readCap(f, "answers_a_day_total", raw.AnswersTotal)
	p.RequestsADay = readCap(f, "requests_a_day", raw.RequestsADay)
	p.AdditionsADay = readCap(f, "additions_a_day", raw.AdditionsADay)
}

// readFlags reads when a user's short-term exceptions are pointed out as many.
func readFlags(f *TOMLFile, p *Policy, raw *policyFile) {
	p.ShortTerm.FlagAfter = readCap(f, "short_term.flag_after", raw.ShortTerm.FlagAfter)
	p.ShortTerm.FlagWithin = readDuration(f, "short_term.flag_within", raw.ShortTerm.FlagWithin)
	if p.ShortTerm.FlagWithin%(24*time.Hour) != 0 {
		f.Bad("short_term.flag_within", "expected whole days such as 30d, not %q", raw.ShortTerm.FlagWithin)
	}
	if raw.LongTerm.FlagAfter != nil {
		f.Bad("long_term.flag_after", "expected only in [short_term]")
	}
	if raw.LongTerm.FlagWithin != "" {
		f.Bad("long_term.flag_within", "expected only in [short_term]")
	}
}

func readTerm(f *TOMLFile, key string, raw termFile) Term {
	t := Term{Duration: readDuration(f, key+".duration", raw.Duration), EvidenceRequired: *raw.EvidenceRequired}
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
	taught := 0
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
		if len(r.Examples) > 0 {
			taught++
		}
		if blank := func(s string) bool { return strings.TrimSpace(s) == "" }; slices.ContainsFunc(r.Examples, blank) {
			f.Bad(k+".examples", "expected sentences")
		}
		t.Reasons = append(t.Reasons, Reason{ID: r.ID, Title: r.Title, Action: r.Action, Next: readOptional(f, k+".next", r.Next),
			Hint: r.Hint, Phrases: r.Phrases, Examples: r.Examples, Approvals: approvals, NoApp: r.NoApp})
	}
	if taught > parser.MaxTaught {
		f.Bad(key+".reason", "expected examples of at most %d reasons, not of %d", parser.MaxTaught, taught)
	}
	return t
}

var (
	reasonID  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	mediaType = regexp.MustCompile(`^[a-z]+/(\*|[a-z0-9.+-]+)$`)
)

// maxCap bounds the daily limits, so that they can be counted in millionths.
const maxCap = 1_000_000

// readCap reads a daily limit, which must be there.
func readCap(f *TOMLFile, key string, n *int) int {
	if n == nil || *n < 1 || *n > maxCap {
		f.Bad(key, "expected a whole number from 1 to %d", maxCap)
		return 0
	}
	return *n
}

func readDuration(f *TOMLFile, key, s string) time.Duration {
	d, err := ParseDuration(s)
	if err != nil || d <= 0 {
		f.Bad(key, "expected a duration such as 24h or 180d, not %q", s)
		return 0
	}
	return d
}

// ParseDuration is time.ParseDuration that also takes whole days of 24 hours, such as 180d.
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}

type reviewFile struct {
	RemindAfter   []int  `toml:"remind_after"`
	DeputyAfter   *int   `toml:"deputy_after"`
	OperatorAfter *int   `toml:"operator_after"`
	DigestAt      string `toml:"digest_at"`
	AbsenceLasts  string `toml:"absence_lasts"`
	TogetherFrom  *int   `toml:"together_from"`
	TellDecided   string `toml:"tell_decided"`
	SiteSummary   *bool  `toml:"site_summary"`
}

// When the other reviewers are told what one has decided.
const (
	decidedAtOnce  = "at once"
	decidedMorning = "morning"
)

// maxDays bounds the working days in a rule, to about a year.
const maxDays = 250

// maxTogether is above what one message can ask for.
const maxTogether = 1000

// readReview reads the rules for reviewers.
func readReview(f *TOMLFile, raw reviewFile) ReviewRules {
	r := ReviewRules{RemindAfter: raw.RemindAfter, DeputyAfter: *raw.DeputyAfter, OperatorAfter: *raw.OperatorAfter,
		SiteSummary:  *raw.SiteSummary,
		AbsenceLasts: readDuration(f, "review.absence_lasts", raw.AbsenceLasts)}
	least := 1
	for _, n := range r.RemindAfter {
		if n < least || n > maxDays {
			f.Bad("review.remind_after",
				"expected whole numbers of working days such as [2, 5], each more than the one before, at most %d", maxDays)
			break
		}
		least = n + 1
	}
	if r.DeputyAfter < least || r.DeputyAfter > maxDays {
		f.Bad("review.deputy_after",
			"expected a whole number of working days, more than the last of remind_after, at most %d", maxDays)
	}
	if r.OperatorAfter < r.DeputyAfter || r.OperatorAfter > maxDays {
		f.Bad("review.operator_after", "expected a whole number of working days, not before deputy_after, at most %d",
			maxDays)
	}
	if r.TogetherFrom = *raw.TogetherFrom; r.TogetherFrom < 2 || r.TogetherFrom > maxTogether {
		f.Bad("review.together_from", "expected a whole number from 2 to %d", maxTogether)
	}
	if r.DecidedLater = raw.TellDecided == decidedMorning; !r.DecidedLater && raw.TellDecided != decidedAtOnce {
		f.Bad("review.tell_decided", "expected %q or %q, not %q", decidedAtOnce, decidedMorning, raw.TellDecided)
	}
	at, err := time.Parse("15:04", raw.DigestAt)
	if err != nil {
		f.Bad("review.digest_at", "expected a time of the day such as 08:30, not %q", raw.DigestAt)
	}
	r.DigestAt = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	return r
}
