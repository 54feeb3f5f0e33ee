package specimen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mfabot/intake"
)

func addStatus(add func(string, intake.Letter)) {
	waits := intake.StandingFacts{Ref: "LT-2026-00042", User: jane, Reason: accessibility().Title, State: string(intake.Pending),
		Received: monday, Since: monday, Asked: []intake.AskedFacts{{Name: "Asha Patel", At: monday}, {Name: "Ben Okafor",
			At: monday.Add(time.Hour)}}}
	one := intake.Letter{Template: intake.LetterStatus, To: site.Mailbox, Ref: waits.Ref, Facts: intake.Facts{Audience: intake.ToSite,
		Site: site, User: jane, At: winter, StatusFacts: intake.StatusFacts{Requests: []intake.StandingFacts{waits}}}}
	add("status-request", one)
	one.Facts.Why = intake.WhyTakenBack
	add("status-taken-back", one)
	all := one
	all.Ref, all.Facts.User, all.Facts.Why = "", intake.User{}, ""
	all.Facts.StatusFacts = intake.StatusFacts{
		Requests: []intake.StandingFacts{waits,
			{Ref: "LT-2026-00043", State: string(intake.Incomplete), Received: monday, Since: monday, Lapses: monday.AddDate(0, 0, 14)},
			{Ref: "LT-2026-00044", User: intake.User{Email: "ray.ito@bayview.test"}, State: string(intake.NeedsInfo), Received: monday,
				Since: monday, Lapses: monday.AddDate(0, 0, 14)},
			{Ref: "LT-2026-00045", User: intake.User{Email: "kit.lo@bayview.test"}, State: string(intake.Rejected),
				Received: monday, Since: monday}},
		RequestsMore: 2,
		Running: []intake.EndingFacts{{Ref: "LT-2026-00007", User: jane, Ends: winter, Renewal: "LT-2026-00042"},
			{Ref: "LT-2025-00008", User: intake.User{Email: "ray.ito@bayview.test"}, Ends: monday.AddDate(0, 0, 7),
				Renewal: "LT-2026-00044"},
			{Ref: "ST-2026-00003", User: intake.User{Email: "lee@bayview.test"}, Ends: winter, ByHand: true}},
		RunningMore: 1}
	add("status", all)
	weekly := all
	weekly.Template, weekly.Facts.ReviewDays, weekly.Facts.At = intake.LetterSummary, 7, monday
	weekly.Facts.Running = []intake.EndingFacts{
		{Ref: "LT-2026-00009", User: intake.User{Email: "pat@bayview.test"}, Ends: monday.AddDate(0, 0, 4),
			RenewBy: monday.AddDate(0, 0, -5)},
		{Ref: "LT-2026-00007", User: jane, Ends: monday.AddDate(0, 0, 19), RenewBy: monday.AddDate(0, 0, 8), Renewal: "LT-2026-00042"},
		{Ref: "LT-2026-00008", User: intake.User{Email: "lee@bayview.test"}, Ends: monday.AddDate(0, 0, 40),
			RenewBy: monday.AddDate(0, 0, 29)},
		{Ref: "LT-2026-00010", User: intake.User{Email: "ash@bayview.test"}, Ends: winter, ByHand: true}}
	soon := weekly.Facts.Running
	add("summary", weekly)
	weekly.Facts.StatusFacts = intake.StatusFacts{Running: []intake.EndingFacts{soon[0], soon[2]}}
	add("summary-ends", weekly)
	weekly.Facts.StatusFacts = intake.StatusFacts{Requests: []intake.StandingFacts{waits}, Running: soon[1:2]}
	add("summary-nothing-to-do", weekly)
	all.Facts.StatusFacts = intake.StatusFacts{}
	add("status-nothing", all)
	all.Facts.Unknown = []string{"nobody@bayview.test"}
	add("status-unknown", all)
}

func addCheckpoints(add func(string, intake.Letter)) {
	first := intake.Checkpoint{Day: "2026-05-31", Entries: 812, Chains: 97, Root: strings.Repeat("0a1b2c3d", 8)}
	second := intake.Checkpoint{Day: "2026-06-01", Entries: 2315, Chains: 412, Root: strings.Repeat("4e5f6071", 8)}
	to := intake.Letter{Template: intake.LetterCheckpoint, To: "audit@elsewhere.test",
		Facts: intake.Facts{Audience: intake.ToAuditor, At: monday, CheckpointFacts: intake.CheckpointFacts{Checkpoint: first}}}
	add("checkpoint-first", to)
	to.Facts.Checkpoint, to.Facts.Previous = second, first
	add("checkpoint", to)
}

func addReports(add func(string, intake.Letter)) {
	months := []intake.MonthFacts{{Month: "2026-05", Requests: 41, Approved: 30, Rejected: 6}, {Month: "2026-04",
		Requests: 33, Approved: 28, Rejected: 5},
		{Month: "2026-03", Requests: 38, Approved: 31, Rejected: 3}}
	for i, n := range []int64{29, 35, 12, 22, 40, 36, 9, 17, 0} {
		year, month := 2026, 2-i
		if month < 1 {
			year, month = 2025, month+12
		}
		months = append(months, intake.MonthFacts{Month: fmt.Sprintf("%d-%02d", year, month), Requests: n,
			Approved: n * 3 / 4, Rejected: n / 8})
	}
	f := intake.Facts{Audience: intake.ToOwner, At: monday, ReportFacts: intake.ReportFacts{
		Months: months, Timed: true, Half: 2.1, Most: 6.3,
		Late: 5, LateDays: 12, Overdue: 2, Lacking: 4, Repeated: 3, CSV: "\ufeffsection,name,value\r\nrequests,all,41\r\n",
		Blocks: []intake.BlockFacts{
			{Title: "How the requests were decided", Numbers: []intake.NumberFacts{
				{Label: "Requests that came", N: 41, Note: "9 of them to renew an exception"}, {Label: "Were approved",
					N: 30, Note: "7 of them renewals"},
				{Label: "Were rejected by reviewers", N: 6}, {Label: "Were rejected for lack of evidence", N: 4},
				{Label: "Questions to the sites", N: 7},
				{Label: "Half were decided within", Note: "2.1 working days, or 66 hours by the clock"},
				{Label: "Nearly all (95 of 100) within", Note: "6.3 working days, or 199.5 hours by the clock"}}},
			{Title: "Reasons for the requests", Numbers: []intake.NumberFacts{{Label: "Accessibility issue", N: 22},
				{Label: "Persistent work in a secure location", N: 10}, {Label: "Disproportionate clinical risk", N: 6},
				{Label: "Not clear", N: 3}}},
			{Title: "Sites with the most requests", Numbers: []intake.NumberFacts{{Label: "Bayview Pharmacy (FA123)", N: 5},
				{Label: "High Street Dental (V2002)", N: 4}, {Label: "27 other sites", N: 32}}},
			{Title: "Emails that were refused, by the reason", Numbers: []intake.NumberFacts{
				{Label: "Personal mailbox", N: 11}, {Label: "Not registered", N: 6}}},
			{Title: "Short-term exceptions that were granted", Numbers: []intake.NumberFacts{
				{Label: "Phone misplaced", N: 1204}, {Label: "Phone stolen or lost", N: 18},
				{Label: "Users with more than one", N: 3, Note: "the most for one: 4"}}},
			{Title: "Exceptions", Numbers: []intake.NumberFacts{{Label: "Long-term ones at the end of the month", N: 212},
				{Label: "Short-term ones at the end of the month", N: 7}, {Label: "Ended in time", N: 61},
				{Label: "Were ended early", N: 2},
				{Label: "Gave way to a newer one", N: 7}}},
			{Title: "What waits now", Numbers: []intake.NumberFacts{{Label: "For reviewers", N: 5, Note: "the longest for 12 working days"},
				{Label: "For Asha Patel", N: 5, Note: "the longest for 12 working days"}}}}}}
	l := intake.Letter{Template: intake.LetterReport, To: "owner@helpdesk.test", Facts: f}
	add("report", l)
	l.Facts.Blocks = slices.Clone(f.Blocks)
	l.Facts.Blocks[len(f.Blocks)-1].Numbers = []intake.NumberFacts{{Label: "For reviewers", N: 2, Note: "the longest for 3 working days"}}
	l.Facts.Months, l.Facts.Late, l.Facts.Overdue, l.Facts.Lacking, l.Facts.Repeated = months[:2], 0, 0, 0, 0
	add("report-nothing-waits", l)
	l.To, l.Facts.ReportFacts = "ops@x.test", intake.ReportFacts{Months: []intake.MonthFacts{{Month: "2026-05"}}}
	add("report-first", l)
}

func addSiteLetters(add func(string, intake.Letter)) {
	add("receipt", About(intake.LetterReceipt, intake.ToSite, nil))
	add("receipt-method", About(intake.LetterReceipt, intake.ToSite, func(f *intake.Facts) {
		f.AuthMethod, f.ReasonWords = "unknown", []string{"tremor in both hands"}
	}))
	add("information-method", About(intake.LetterInformation, intake.ToReviewer, func(f *intake.Facts) {
		f.Why, f.Said, f.At = intake.WhyMethod, "Yes", monday
	}))
	add("receipt-without-evidence", About(intake.LetterReceipt, intake.ToSite, func(f *intake.Facts) { f.Evidence = nil }))
	add("incomplete", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.User, f.Reason, f.Evidence, f.Justification = intake.User{}, intake.ReasonFacts{}, nil, ""
		f.Missing, f.Reasons, f.Ends = []string{"user", "reason", "evidence"}, longReasons(), monday.AddDate(0, 0, 14)
	}))
	add("incomplete-reason", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Reason, f.Missing, f.Reasons = intake.ReasonFacts{}, []string{"reason"}, longReasons()
	}))
	add("incomplete-length", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Missing, f.Reasons, f.Ends = []string{"length"}, longReasons(), monday.AddDate(0, 0, 14)
	}))
	add("question", About(intake.LetterQuestion, intake.ToSite, func(f *intake.Facts) {
		decidedBy("needs-info")(f)
		f.Said, f.Ends = "Has Jane tried a security key (FIDO2) on the pharmacy's own computer?", winter
	}))
	add("question-still-open", About(intake.LetterQuestion, intake.ToSite, func(f *intake.Facts) {
		decidedBy("needs-info")(f)
		f.Why, f.Said, f.Ends, f.Evidence = intake.WhyStillOpen, "Which clinic wrote the letter?", winter, evidenceFacts()[2:]
	}))
	add("rejected-no-evidence", About(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		f.Why, f.Evidence = intake.WhyNoEvidence, evidenceFacts()[2:]
	}))
	add("rejected-no-attachment", About(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		f.Why, f.Evidence = intake.WhyNoEvidence, nil
	}))
	add("rejected-reviewer", About(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		decidedBy("rejected")(f)
		f.Why, f.Said = intake.WhyReviewer, "The letter is not dated.\nPlease send one from this year."
	}))
	addClosed(add)
	add("question-again", About(intake.LetterQuestion, intake.ToSite, func(f *intake.Facts) {
		decidedBy("")(f)
		f.Said, f.Ends, f.Again = "Has Jane tried a security key (FIDO2) on the pharmacy's own computer?", winter, true
	}))
	add("incomplete-again", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Reason, f.Missing, f.Reasons = intake.ReasonFacts{}, []string{"reason"}, longReasons()
		f.At, f.Ends, f.Again = monday, monday.AddDate(0, 0, 14), true
	}))
	addRenewals(add)
}

// addRenewals adds the letters about a request that would renew an exception.
func addRenewals(add func(string, intake.Letter)) {
	for _, t := range []intake.Template{intake.LetterReceipt, intake.LetterQuestion, intake.LetterRejected,
		intake.LetterWithdrawn, intake.LetterLapsed} {
		add(string(t)+"-renewal", About(t, intake.ToSite, func(f *intake.Facts) {
			decidedBy("")(f)
			renewing(f)
			f.Said = "Who signed it?"
			if t == intake.LetterQuestion {
				f.Ends, f.Runs = monday.AddDate(0, 0, 14), monday.AddDate(0, 0, 7)
			}
		}))
	}
	add("rejected-no-evidence-renewal", About(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		renewing(f)
		f.Why, f.Evidence = intake.WhyNoEvidence, nil
	}))
}

// renewing has a request renew an exception that ends in 30 days.
func renewing(f *intake.Facts) {
	f.Renews, f.Runs, f.RenewBy, f.ReviewDays = "LT-2025-00911", monday.AddDate(0, 0, 30), monday.AddDate(0, 0, 18), 7
}

// addClosed adds the letters about a request that nobody decides on any more.
func addClosed(add func(string, intake.Letter)) {
	add("withdrawn", About(intake.LetterWithdrawn, intake.ToSite, decidedBy("withdrawn")))
	add("lapsed", About(intake.LetterLapsed, intake.ToSite, decidedBy("lapsed")))
	for _, t := range []intake.Template{intake.LetterWithdrawn, intake.LetterLapsed} {
		add(string(t)+"-no-user", About(t, intake.ToSite, func(f *intake.Facts) { f.User, f.At = intake.User{}, monday }))
	}
	add("withdrawn-left", About(intake.LetterWithdrawn, intake.ToSite, func(f *intake.Facts) {
		decidedBy("withdrawn")(f)
		f.Why = intake.WhyLeft
	}))
	closed := func(f *intake.Facts) {
		decidedBy("withdrawn")(f)
		f.Why, f.By, f.Said = intake.WhyClosed, "Olu of operations", "Jo Marsh rang: Jane has a new phone."
	}
	add("withdrawn-closed", About(intake.LetterWithdrawn, intake.ToSite, closed))
	add("decided-closed", About(intake.LetterDecided, intake.ToReviewer, closed))
}

func addAnswers(add func(string, intake.Letter)) {
	toSender := func(t intake.Template, f intake.Facts) intake.Letter {
		f.Audience = intake.ToSender
		return intake.Letter{Template: t, To: "jane.smith@bayview.test", AnswersTo: "CAF13@mail.bayview.test", Facts: f}
	}
	for _, why := range []intake.Why{intake.WhyPersonalMailbox, intake.WhyNotRegistered, intake.WhyNotContact} {
		f := intake.Facts{Why: why, Reasons: shortReasons()}
		if why != intake.WhyNotRegistered {
			f.Site = site
		}
		add("refused-"+string(why), toSender(intake.LetterRefused, f))
	}
	refused := func(whys ...intake.Why) intake.RequestFacts {
		var f intake.RequestFacts
		for i, why := range whys {
			f.Refused = append(f.Refused, intake.RefusedUser{Email: "user" + strconv.Itoa(i+1) + "@bayview.test", Why: why})
		}
		return f
	}
	noException := intake.Letter{Template: intake.LetterNoException, To: site.Mailbox, AnswersTo: "CAF13@mail.bayview.test",
		Facts: intake.Facts{Audience: intake.ToSite, Site: site, Why: intake.WhyProtected, RequestFacts: refused(intake.WhyProtected)}}
	add("no-exception", noException)
	noException.Facts.RequestFacts = refused(intake.WhySharedMailbox, intake.WhyServiceAddress, intake.WhyForeignDomain)
	add("no-exception-several", noException)
	add("incomplete-shared-mailbox", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.User, f.Missing, f.Refused = intake.User{}, []string{"user"}, refused(intake.WhySharedMailbox).Refused
	}))
	add("refused-no-site", toSender(intake.LetterRefused, intake.Facts{Why: intake.WhyPersonalMailbox}))
	add("short-term", toSender(intake.LetterShortTerm, intake.Facts{Site: site, Reasons: shortReasons()}))
	encrypted := intake.Facts{Audience: intake.ToSite, Why: intake.WhyEncrypted, Site: site}
	encrypted.Evidence = []intake.EvidenceFacts{{Filename: "message.html", Size: 41_200,
		Why: "It is encrypted mail (Microsoft Purview), which cannot be read here: send the message again without encryption."}}
	add("encrypted", intake.Letter{Template: intake.LetterEncrypted, To: site.Mailbox,
		AnswersTo: "CAF13@mail.bayview.test", Facts: encrypted})
	linked := []intake.EvidenceFacts{{Filename: "Letter from the clinic.pdf",
		Why: "It is a link to OneDrive, which we cannot open: attach the file itself."},
		{Filename: "Malware Alert Text.txt", Size: 182, Why: "It is a note that a mail gateway put in the place of a file " +
			"or beside it, not a document: " +
			"if a document is missing, send it again as PDF."}}
	add("incomplete-link", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Reason, f.Missing, f.Reasons, f.Evidence = intake.ReasonFacts{}, []string{"reason", "evidence"}, longReasons(), linked
	}))
	add("rejected-link", About(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		f.Why, f.Evidence = intake.WhyNoEvidence, linked
	}))
	add("passed-on-site-link", intake.Letter{Template: intake.LetterPassedOn, To: site.Mailbox,
		Facts: intake.Facts{Audience: intake.ToSite, Site: site, RequestFacts: intake.RequestFacts{Evidence: linked}}})
	add("too-large", toSender(intake.LetterTooLarge, intake.Facts{SizeFacts: intake.SizeFacts{Size: 39_845_888, Limit: 26_214_400}}))
}

// Code is the one that they carry.
const Code = "mfa-mzxw6ytboi4dcmrtgq2tmnzyhe3dsnbv"

func addConfirms(add func(string, intake.Letter)) {
	add("confirm-reviewer", About(intake.LetterConfirm, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.Command, f.Said = Code, "REJECT The letter is not signed.", "REJECT The letter is not signed.\n\nAsha"
	}))
	todo := func(kind intake.ActionKind, more func(*intake.Facts)) func(*intake.Facts) {
		return func(f *intake.Facts) {
			f.Audience, f.Ends, f.At, f.Command = intake.ToOperator, winter, monday, "DONE"
			f.Headline, f.Code = "Exempt jane.smith@bayview.test from MFA now", Code
			f.TodoFacts = intake.TodoFacts{TodoID: 12, TodoKind: kind}
			if kind == intake.ToRemove {
				f.Headline = "End the MFA exemption of jane.smith@bayview.test now"
			}
			if more != nil {
				more(f)
			}
		}
	}
	toOperator := func(name string, t intake.Template, set func(*intake.Facts)) {
		l := About(t, intake.ToOperator, set)
		l.To = "ops@helpdesk.test"
		add(name, l)
	}
	toOperator("confirm-operator", intake.LetterConfirm, todo(intake.ToApply, func(f *intake.Facts) { f.Said = "Done, Sal" }))
	toOperator("todo-exempt", intake.LetterTodo, todo(intake.ToApply, nil))
	toOperator("todo-end", intake.LetterTodo, todo(intake.ToRemove, nil))
	for _, why := range []intake.Why{intake.WhyNoCommand, intake.WhyDecided, intake.WhySuperseded, intake.WhyOnBehalf,
		intake.WhyNotAddressed, intake.WhySiteMailbox, intake.WhySeveral} {
		toOperator("todo-open-"+string(why), intake.LetterTodoOpen, todo(intake.ToApply, func(f *intake.Facts) {
			f.Why, f.Said, f.Code, f.Command, f.By = why, "Done\n\nNot for Bo yet.", "", "", "ops@helpdesk.test"
		}))
	}
	toOperator("todo-open-end-superseded", intake.LetterTodoOpen, todo(intake.ToRemove, func(f *intake.Facts) {
		f.Why, f.Code, f.Command = intake.WhySuperseded, "", ""
	}))
	add("todo-open-no-code", intake.Letter{Template: intake.LetterTodoOpen, To: "ops@helpdesk.test",
		Facts: intake.Facts{Audience: intake.ToOperator, Why: intake.WhyNoCode, Said: "Done"}})
	add("confirm-site", intake.Letter{Template: intake.LetterConfirm, To: site.Mailbox, Facts: intake.Facts{Audience: intake.ToSite,
		Site: site, Said: "Please exempt Jane Smith from MFA, the letter is attached.",
		ExceptionFacts: intake.ExceptionFacts{Ends: monday.AddDate(0, 0, 14)},
		ReviewFacts:    intake.ReviewFacts{Code: Code, Command: "CONFIRM"}}})
}
