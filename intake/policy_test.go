package intake_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestDefaultPolicy holds the embedded policy against the guide.
func TestDefaultPolicy(t *testing.T) {
	t.Parallel()
	p := must(intake.DefaultPolicy())(t)
	same(t, "telephone", "0333 200 1133", p.Telephone)
	same(t, "time zone", "Europe/London", p.Zone.String())
	same(t, "long term in seconds", 15_552_000.0, p.LongTerm.Duration.Seconds())
	same(t, "short term in seconds", 86_400.0, p.ShortTerm.Duration.Seconds())
	same(t, "lapse", 14*day, p.LapseAfter)
	same(t, "answers", []int{100, 200, 1000}, []int{p.AnswersADay, p.AnswersADayDomain, p.AnswersADayTotal})
	same(t, "of one site", []int{100, 50, 3}, []int{p.RequestsADay, p.AdditionsADay, p.Review.TogetherFrom})
	same(t, "warnings", []time.Duration{30 * day, 14 * day, 7 * day, day}, p.LongTerm.Warnings)
	same(t, "evidence", []bool{true, false}, []bool{p.LongTerm.EvidenceRequired, p.ShortTerm.EvidenceRequired})
	same(t, "long-term reasons", []string{"accessibility", "clinical-risk", "secure-location", "other"}, p.LongTerm.IDs())
	same(t, "short-term reasons", []string{"phone-stolen-or-lost", "phone-misplaced", "no-signal",
		"notification-trouble", "other"}, p.ShortTerm.IDs())
	for id, action := range map[string]string{"phone-stolen-or-lost": "stolen", "phone-misplaced": "found or replaced",
		"notification-trouble": "goes on", "no-signal": ""} {
		r, _ := p.ShortTerm.Reason(id)
		if !strings.Contains(r.Action, action) || (action == "") != (r.Action == "") {
			t.Errorf("%s: the additional action is %q", id, r.Action)
		}
	}
	for _, r := range p.LongTerm.Reasons {
		if r.Approvals != 1 || r.Title == "" || r.Hint == "" {
			t.Errorf("reason %+v", r)
		}
	}
	same(t, "by text relay", "18001 0333 200 1133", p.Relay)
	same(t, "not said", []string{"", ""}, []string{p.Hours, p.OtherMethods})
	no := make(map[string]bool)
	for _, r := range append(p.ShortTerm.Reasons, p.LongTerm.Reasons...) {
		if r.NoApp {
			no[r.ID] = true
		}
	}
	same(t, "who cannot use an app", map[string]bool{"accessibility": true, "secure-location": true, "phone-stolen-or-lost": true,
		"phone-misplaced": true}, no)
	stolen, _ := p.ShortTerm.Reason("phone-stolen-or-lost")
	same(t, "what is left for who has called", "Call the helpdesk again when the phone has been replaced. You will need "+
		"to set up MFA again.",
		stolen.Next)
	same(t, "short is short", 86_400.0, p.Term(intake.Short).Duration.Seconds())
	same(t, "words for the parser", 9, len(p.Vocabulary().Reasons))
}

// TestPolicyTermsLeftOut: a policy that does not say whether evidence is needed needs it, and warns as built in.
func TestPolicyTermsLeftOut(t *testing.T) {
	t.Parallel()
	data := string(must(os.ReadFile("policy.toml"))(t))
	p := must(intake.ReadPolicy("my.toml", []byte(strings.NewReplacer("evidence_required", "# ", "warnings ", "# ",
		`duration          = "180d"`, `duration = "10d"`).Replace(data))))(t)
	same(t, "evidence", []bool{true, false}, []bool{p.LongTerm.EvidenceRequired, p.ShortTerm.EvidenceRequired})
	same(t, "long warnings", []time.Duration{7 * day, day}, p.LongTerm.Warnings)
	same(t, "short warnings", []time.Duration{time.Hour}, p.ShortTerm.Warnings)
	p = must(intake.ReadPolicy("my.toml", []byte(strings.NewReplacer("evidence_required = true", "evidence_required = false",
		`warnings = ["1h"]`, "warnings = []").Replace(data))))(t)
	same(t, "no evidence", false, p.LongTerm.EvidenceRequired)
	same(t, "no warnings", 0, len(p.ShortTerm.Warnings))
}

// TestPolicyProblems changes the embedded policy by one line each, and wants the place, the key and what was
// expected.
func TestPolicyProblems(t *testing.T) {
	t.Parallel()
	data := string(must(os.ReadFile("policy.toml"))(t))
	for _, c := range []struct {
		old, new string
		key      string // the problem stands on the line of new, with this key
		words    string
	}{
		{`lapse_after   = "14d"`, `lapse_after = "a fortnight"`, "lapse_after", "expected a duration such as 24h or 180d"},
		{`lapse_after   = "14d"`, `lapse_after = 14`, "lapse_after", ""},
		{`codes_last    = "60d"`, `codes_last = "0d"`, "codes_last", "expected a duration such as 24h or 180d"},
		{`together_from  = 3 `, `together_from = 1`, "review.together_from", "expected a whole number from 2 to 1000"},
		{`requests_a_day  = 100`, `requests_a_day = 0`, "requests_a_day", "expected a whole number from 1 to 1000000"},
		{`additions_a_day = 50`, `additions_a_day = -1`, "additions_a_day", "expected a whole number from 1 to 1000000"},
		{`answer_within = "7d"`, `answer_within = "soon"`, "answer_within", "expected a duration such as 24h or 180d"},
		{`proof_lasts   = "7d"`, `proof_lasts = "a week"`, "proof_lasts", "expected a duration such as 24h or 180d"},
		{`duration = "24h"`, `duration = "-24h"`, "short_term.duration", "expected a duration"},
		{`duration = "24h"`, `duration = "0s"`, "short_term.duration", "expected a duration"},
		{`duration          = "180d"`, `duration = "6 months"`, "long_term.duration", `"6 months"`},
		{`duration          = "180d"`, `duration = "99999999999999d"`, "long_term.duration", "expected a duration"},
		{`warnings          = ["30d", "14d", "7d", "1d"]`, `warnings = ["180d"]`, "long_term.warnings", "less than the duration"},
		{`warnings          = ["30d", "14d", "7d", "1d"]`, `warnings = ["soon"]`, "long_term.warnings", `"soon"`},
		{`remind_site_after = "7d"`, `remind_site_after = "14d"`, "remind_site_after", "less than lapse_after, which is 14d"},
		{`remind_site_after = "7d"`, `remind_site_after = "soon"`, "remind_site_after", "expected a duration"},
		{`flag_after  = 3`, `flag_after = 0`, "short_term.flag_after", "a whole number from 1 to"},
		{`flag_within = "30d"`, `flag_within = "36h"`, "short_term.flag_within", "whole days"},
		{`duration          = "180d"`, "duration = \"180d\"\nflag_after = 3", "long_term.flag_after", "only in [short_term]"},
		{`duration          = "180d"`, "duration = \"180d\"\nflag_within = \"3d\"", "long_term.flag_within", "only in [short_term]"},
		{`time_zone     = "Europe/London"`, `time_zone = "Europe/Atlantis"`, "time_zone", `"Europe/Atlantis"`},
		{`time_zone     = "Europe/London"`, `time_zone = ""`, "time_zone", "Europe/London"},
		{`telephone     = "0333 200 1133"`, `telephone = " "`, "telephone", "expected a text"},
		{`telephone     = "0333 200 1133"`, `telephone = "at reception"`, "telephone", `a telephone number, not "at reception"`},
		{`relay         = "18001 0333 200 1133"`, `relay = "ask us"`, "relay", `a telephone number, not "ask us"`},
		{`relay         = "18001 0333 200 1133"`, `relay = ""`, "relay", "expected a text, or no such key"},
		{`# hours         = "Monday to Friday, 8am to 6pm"`, `hours = " "`, "hours", "expected a text, or no such key"},
		{`# other_methods = "a text message, a phone call or a security key"`, `other_methods = ""`, "other_methods", "expected a text"},
		{`next    = "Call the helpdesk again when the phone has been replaced. You will need to set up MFA again."`, `next = ""`,
			"short_term.reason[0].next", "expected a text"},
		{`answers_a_day        = 100`, `answers_a_day = 0`, "answers_a_day", "a whole number from 1 to"},
		{`answers_a_day_domain = 200`, `answers_a_day_domain = -1`, "answers_a_day_domain", "a whole number from 1 to"},
		{`answers_a_day_total  = 1000`, `answers_a_day_total = 1000001`, "answers_a_day_total", "a whole number from 1 to 1000000"},
		{`max_message   = 26214400`, `max_message = 1`, "max_message", "65536"},
		{`answers_a_day        = 100`, "answers_a_day = 100\nanswer_a_day = 50", "answer_a_day", "no such key"},
		{`id        = "clinical-risk"`, `id = "Clinical Risk"`, "long_term.reason[1].id", `"Clinical Risk"`},
		{`id        = "clinical-risk"`, `id = "accessibility"`, "long_term.reason[1].id", "of its own"},
		{`title     = "Persistent work in a secure location"`, `title = ""`, "long_term.reason[2].title", "expected a text"},
		{`approvals = 1                                   # reviewers who must approve`, `approvals = 3`,
			"long_term.reason[0].approvals", "1 or 2"},
		{`id      = "no-signal"`, `id = ""`, "short_term.reason[2].id", "expected an id"},
		{`id      = "no-signal"`, "id = \"no-signal\"\ncolour = 1", "short_term.reason", "no such key"},
		{`# colour       = "#7c2855"   # of`, `colour = "blue"  # of`, "look.colour", `a colour such as #005eb8, not "blue"`},
		{`# colour       = "#7c2855"   # of`, `colour = "#00a499"  # of`, "look.colour", "at least 4.5 to 1 with #ffffff"},
		{`# colour       = "#7c2855"   # of`, `colour = "#7c2855"  # of`, "look.colour", "expected colour_dark too"},
		{`# colour_dark  = "#e8a5c6"`, `colour_dark = "#7c2855"`, "look.colour_dark", "at least 4.5 to 1 with #2b3237"},
		{`# colour_dark  = "#e8a5c6"`, `colour_dark = "#e8a5c6"`, "look.colour_dark", "expected colour too"},
		{`# logo         = "Oak Trust"`, `logo = "The Oak and Elm and Ash Trust of Oakham"`, "look.logo", "one line of at most 30 characters"},
		{`# logo         = "Oak Trust"`, `logo = " "`, "look.logo", "expected a text, or no such key"},
		{`# privacy      = "How we use what you send us"`, `privacy = "One\nTwo"`, "look.privacy", "one line of at most 200"},
		{`# privacy_page = "https://example.org/privacy"`, `privacy_page = "https://x.test/p"`, "look.privacy_page", "expected privacy too"},
		{`# privacy_page = "https://example.org/privacy"`, "privacy = \"How\"\nprivacy_page = \"http://x.test/p\"", "look.privacy_page",
			"the address of a page"},
		{`# footer       = "Oak Trust, 1 High Street, Oakham"`, `footer = "APPROVE"`, "look.footer", "expected words that are no answer"},
		{`# footer       = "Oak Trust, 1 High Street, Oakham"`, `footer = "WITHDRAW"`, "look.footer", "expected words that are no answer"},
		{`# footer       = "Oak Trust, 1 High Street, Oakham"`, `footer = "User: sam@x.test"`, "look.footer", "expected words that are no answer"},
		{`[short_term]`, `[short_term`, "", ""},
	} {
		if strings.Count(data, c.old) != 1 {
			t.Fatalf("%q stands %d times in the policy", c.old, strings.Count(data, c.old))
		}
		before, after, _ := strings.Cut(data, c.old)
		at := strings.Count(before+c.new, "\n") + 1
		_, err := intake.ReadPolicy("my.toml", []byte(before+c.new+after))
		where := "my.toml:" + itoa(at) + ": " + c.key
		if err == nil || !strings.HasPrefix(err.Error(), where) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got %v, want %s ... %s", c.new, err, where, c.words)
		}
	}
	_, err := intake.ReadPolicy("my.toml", nil)
	says(t, err, "my.toml: name: expected", "my.toml: telephone", "my.toml: long_term.duration",
		"my.toml: short_term.reason", "my.toml: time_zone")
	if _, err := intake.ReadPolicy("my.toml", []byte(strings.ReplaceAll(data, "\n", "\r\n"))); err != nil {
		t.Errorf("with the line ends of Windows: %v", err)
	}
}

// TestLook: what stands in the embedded policy as an example of how letters look can be read by everybody.
func TestLook(t *testing.T) {
	t.Parallel()
	data := string(must(os.ReadFile("policy.toml"))(t))
	same(t, "built in", intake.Look{}, must(intake.DefaultPolicy())(t).Look)
	var uncommented []string
	for _, key := range []string{"colour ", "colour_dark ", "logo ", "privacy ", "privacy_page ", "footer "} {
		uncommented = append(uncommented, "# "+key, key)
	}
	p := must(intake.ReadPolicy("my.toml", []byte(strings.NewReplacer(uncommented...).Replace(data))))(t)
	same(t, "chosen", intake.Look{Colour: "#7c2855", ColourDark: "#e8a5c6", Logo: "Oak Trust",
		Privacy: "How we use what you send us", PrivacyPage: "https://example.org/privacy",
		Footer: "Oak Trust, 1 High Street, Oakham"}, p.Look)
	_, err := intake.ReadPolicy("my.toml", []byte(strings.NewReplacer(uncommented...).Replace(data)+
		"\"Oak Trust, 1 High Street, Oakham\" = \"GWRTHOD Oak\"\n\"https://example.org/privacy\" = \"mailto:a@x.test\"\n"))
	says(t, err, `look.footer: expected words that are no answer`, `look.privacy_page: expected the address of a page`)
}

// TestPolicyLeftOut: what a policy says nothing of is as usual.
func TestPolicyLeftOut(t *testing.T) {
	t.Parallel()
	data := string(must(os.ReadFile("policy.toml"))(t))
	p := must(intake.ReadPolicy("my.toml", []byte(strings.NewReplacer("answers_a_day_domain", "# ", "answers_a_day_total", "# ",
		"remind_site_after", "# ", "flag_after", "# ", "flag_within", "# ", `"14d"  `, `"10d"  `).Replace(data))))(t)
	same(t, "answers", []int{200, 1000}, []int{p.AnswersADayDomain, p.AnswersADayTotal})
	same(t, "asked again half way to the lapse", p.LapseAfter/2, p.RemindSite)
	same(t, "pointed out", []time.Duration{3, 30 * day}, []time.Duration{time.Duration(p.ShortTerm.FlagAfter), p.ShortTerm.FlagWithin})
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{"180d": 15_552_000 * time.Second, "24h": day, "1d": day, "0d": 0,
		"90m": 90 * time.Minute} {
		same(t, s, want, must(intake.ParseDuration(s))(t))
	}
	for _, s := range []string{"", "d", "1.5d", "-1d", "1 d", "1D", "180", "1d12h", "99999999d"} {
		if d, err := intake.ParseDuration(s); err == nil {
			t.Errorf("%q is %s", s, d)
		}
	}
}
