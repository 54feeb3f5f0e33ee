// Package specimen has a letter of every template and kind, with realistic facts: what tests compare with, and what an
// operator sees who changes the words of letters.
package specimen

import (
	"fmt"
	"time"

	"mfabot/intake"
)

// Sample is a letter under a name that says its kind.
type Sample struct {
	Name   string
	Letter intake.Letter
}

var (
	monday = time.Date(2026, 6, 1, 8, 15, 0, 0, time.UTC)
	winter = time.Date(2026, 11, 28, 9, 30, 0, 0, time.UTC)
	jane   = intake.User{Email: "jane.smith@bayview.test", Name: "Jane Smith"}
	site   = intake.SiteFacts{ODSCode: "FA123", Name: "Bayview Pharmacy", Mailbox: "pharmacy.fa123@bayview.test",
		Telephone: "01632 960123"}
	priya = intake.Writer{Name: "Priya Shah", Role: "Pharmacy Manager", Telephone: "01632 960124",
		Sender: "priya.shah@bayview.test", Proof: intake.ProofSignature}
)

func accessibility() intake.ReasonFacts {
	return intake.ReasonFacts{ID: "accessibility", Title: "Accessibility issue", NoApp: true,
		Hint: "for example a letter from occupational health, a GP or a manager that says why the user cannot use MFA"}
}

func longReasons() []intake.ReasonFacts {
	return []intake.ReasonFacts{
		accessibility(),
		{ID: "clinical-risk", Title: "Disproportionate clinical risk", Hint: "for example a signed risk assessment"},
		{ID: "secure-location", Title: "Persistent work in a secure location", Hint: "for example a letter from the place"},
		{ID: "other", Title: "Other exceptional circumstances"},
	}
}

func shortReasons() []intake.ReasonFacts {
	return []intake.ReasonFacts{
		{ID: "phone-stolen-or-lost", Title: "Phone stolen or lost", NoApp: true,
			Next: "Call the helpdesk again when the phone has been replaced. You will need to set up MFA again.",
			Action: "Call the helpdesk when the phone is stolen or lost, and again when it has been replaced. You will need to " +
				"set up MFA again."},
		{ID: "phone-misplaced", Title: "Phone misplaced",
			Action: "Call the helpdesk when the phone has been found or replaced. You may need to set up MFA again."},
		{ID: "no-signal", Title: "Temporarily at a place with no mobile signal or internet"},
		{ID: "notification-trouble", Title: "Issues receiving the Microsoft Azure MFA notification",
			Action: "Call the helpdesk if the trouble goes on. You may need to set up MFA again."},
		{ID: "other", Title: "Other, at the helpdesk's discretion"},
	}
}

func evidenceFacts() []intake.EvidenceFacts {
	return []intake.EvidenceFacts{
		{Filename: "Occupational health letter – Smith.pdf", Size: 184_320, Counts: true},
		{Filename: "risk assessment.docx", Size: 40_100, Counts: true},
		{Filename: "image001.png", Size: 4_812, Why: "it is a picture shown in the text of the email, as a logo is"},
	}
}

// About returns a letter of a template to somebody about a complete request.
func About(t intake.Template, a intake.Audience, change func(*intake.Facts)) intake.Letter {
	l := intake.Letter{Template: t, To: site.Mailbox, Ref: "LT-2026-00042", AnswersTo: "CAF12@mail.bayview.test"}
	l.Facts = intake.Facts{Audience: a, User: jane, Site: site, Reason: accessibility(), RequestFacts: intake.RequestFacts{
		RequestedBy: site.Mailbox, ReceivedAt: monday, AuthMethod: "yes", Evidence: evidenceFacts(),
		Justification: "Jane has a tremor in both hands and cannot use her phone to approve sign-ins.\n\n" +
			"She works alone at the counter most afternoons."}}
	//exhaustive:ignore
	switch a {
	case intake.ToUser:
		l.To, l.AnswersTo, l.Facts.Evidence = jane.Email, "", nil
	case intake.ToReviewer:
		l.To, l.AnswersTo, l.Facts.Latest = "asha@helpdesk.test", "", monday.Add(180*24*time.Hour)
	}
	if change != nil {
		change(&l.Facts)
	}
	return l
}

// decidedBy has a request be in a state. A reviewer's decision, and no other state, has their name.
func decidedBy(decision string) func(*intake.Facts) {
	return func(f *intake.Facts) {
		f.At, f.Decision = monday.Add(26*time.Hour), decision
		if decision != string(intake.Withdrawn) && decision != string(intake.Lapsed) {
			f.By = "Asha Patel"
		}
	}
}

// Monday is when the samples are sent.
func Monday() time.Time { return monday }

// Winter is when the exceptions in them end.
func Winter() time.Time { return winter }

// User is whom they are about.
func User() intake.User { return jane }

// Site is whose they are.
func Site() intake.SiteFacts { return site }

// Letters returns a letter of every template and kind.
func Letters() []Sample {
	var out []Sample
	add := func(name string, l intake.Letter) { out = append(out, Sample{name, l}) }
	addSiteLetters(add)
	addNotices(add)
	addAnswers(add)
	addConfirms(add)
	addReviews(add)
	addReminders(add)
	addReviewerLetters(add)
	addCheckpoints(add)
	addReports(add)
	add("passed-on", intake.Letter{Template: intake.LetterPassedOn, To: jane.Email, Ref: "LT-2026-00042",
		Facts: intake.Facts{Audience: intake.ToSender, ExceptionFacts: intake.ExceptionFacts{Ends: winter}}})
	add("passed-on-no-exception", intake.Letter{Template: intake.LetterPassedOn, To: jane.Email, Ref: "LT-2026-00042",
		Facts: intake.Facts{Audience: intake.ToSender}})
	add("passed-on-site", intake.Letter{Template: intake.LetterPassedOn, To: site.Mailbox,
		Facts: intake.Facts{Audience: intake.ToSite, Site: site}})
	addStatus(add)
	addFlood(add)
	addAlerts(add)
	for i := range out { // what a site gets about a request carries a code
		if l := &out[i].Letter; l.Facts.Audience == intake.ToSite || l.Facts.Audience == intake.ToUser {
			l.Facts.LetterCode = Code
		}
		if l := &out[i].Letter; l.Facts.Audience == intake.ToSite && l.Ref != "" && l.Facts.Code == "" {
			l.Facts.Code = Code
		}
	}
	return out
}

// addFlood adds what is written where a site asks for much at once, and of several requests.
func addFlood(add func(string, intake.Letter)) {
	flood := intake.Facts{Audience: intake.ToSite, Site: site, By: "Asha Patel", At: monday, Said: "Somebody else uses your mailbox.",
		DigestFacts: intake.DigestFacts{UndecidedTotal: 2, Undecided: []intake.UndecidedFacts{
			{Ref: "LT-2026-00042", User: jane}, {Ref: "LT-2026-00043"}}}}
	for _, name := range []string{"", "-but-one"} {
		flood.Audience = intake.ToSite
		add("rejected-all"+name, intake.Letter{Template: intake.LetterRejectedAll, To: site.Mailbox, Facts: flood})
		flood.Audience = intake.ToReviewer
		add("decided-all"+name, intake.Letter{Template: intake.LetterDecidedAll, To: "asha@helpdesk.test", Facts: flood})
		flood.UndecidedTotal++
	}
	several := intake.Facts{Audience: intake.ToReviewer, Said: "APPROVE", At: monday}
	for i, u := range []intake.UndecidedFacts{{State: intake.Approved}, {State: intake.Pending},
		{State: intake.Rejected, LeftOut: intake.WhyDecided}, {State: intake.Pending, LeftOut: intake.WhySuperseded},
		{State: intake.Pending, LeftOut: intake.WhyExpired}, {State: intake.Pending, LeftOut: intake.WhyBarred},
		{State: intake.NeedsInfo, LeftOut: intake.WhyNotNow}, {State: intake.Pending, LeftOut: intake.WhyNotNow},
		{State: intake.Pending, LeftOut: intake.WhyReasonGone}, {State: intake.Pending, LeftOut: intake.WhyBadUntil},
		{State: intake.Pending, LeftOut: intake.WhyProtected}} {
		u.Ref, u.User = fmt.Sprintf("LT-2026-%05d", 42+i), jane
		several.Undecided = append(several.Undecided, u)
	}
	several.UndecidedTotal = len(several.Undecided)
	add("several", intake.Letter{Template: intake.LetterSeveral, To: "asha@helpdesk.test", Facts: several})
	several.Why, several.Undecided, several.UndecidedTotal = intake.WhyDecided, several.Undecided[2:4], 2
	add("several-none", intake.Letter{Template: intake.LetterSeveral, To: "asha@helpdesk.test", Facts: several})
	add("too-many", intake.Letter{Template: intake.LetterTooMany, To: site.Mailbox, AnswersTo: "CAF12@mail.bayview.test",
		Facts: intake.Facts{Audience: intake.ToSite, Site: site}})
}

// addAlerts adds alerts.
func addAlerts(add func(string, intake.Letter)) {
	add("alert", intake.Letter{Template: intake.LetterAlert, To: "ops@helpdesk.test", Facts: intake.Facts{
		Audience: intake.ToOperator, Why: intake.Why(intake.AlertBounce), At: monday, User: jane, Site: site, AlertFacts: intake.AlertFacts{
			Headline: "An email of ours was not delivered", Urgent: true,
			Lines: []string{"To: pharmacy.fa123@bayview.test", "Email: warning", "About: LT-2026-00042", "Status: 5.1.1",
				"It will not be tried again. Tell the recipient another way, and put the address right. To send it " +
					"again: mfabot resend 12"}}}})
	add("alert-set-aside", intake.Letter{Template: intake.LetterAlert, To: "ops@helpdesk.test", Facts: intake.Facts{
		Audience: intake.ToOperator, Why: intake.WhyUnauthenticated, At: monday, Site: site, AlertFacts: intake.AlertFacts{
			Headline: "A message in the name of a registered address was set aside",
			Lines: []string{"From: pharmacy.fa123@bayview.test", "Subject: MFA exception",
				"Mailbox: helpdesk, message 31 in `mfabot inbound`",
				"Why: unauthenticated", "What stopped it: authserv_id: dmarc=fail",
				"The message is stored and lies in the folder Quarantine. Nobody was answered."},
			Todo: []string{"Ring the site first, Bayview Pharmacy (FA123), and ask whether it wrote this. Its number is 01632 960123, " +
				"whatever the message says.",
				"If a setting of ours was wrong, put it right and have it checked again: mfabot requeue 31",
				"If the site says on the telephone that it wrote it, vouch for it: mfabot requeue 31 --as NAME",
				"To see every check that was made: mfabot why 31"},
			Others: []string{"Others of this kind within the hour are not reported; `mfabot inbound` lists them."}}}})
}
