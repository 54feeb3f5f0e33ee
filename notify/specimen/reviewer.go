package specimen

import (
	"fmt"
	"slices"
	"time"

	"mfabot/intake"
)

// reviewed is the review email of a complete request.
func reviewed() intake.Letter {
	review := About(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.Writer, f.SiteActive = Code, priya, new(int)
	})
	review.Attach = []intake.Attachment{
		{InboundID: 17, Part: "2", Filename: "Occupational health letter – Smith.pdf", MediaType: "application/pdf"},
		{InboundID: 17, Part: "3", Filename: "risk assessment.docx", MediaType: "application/octet-stream"},
	}
	return review
}

func addReviews(add func(string, intake.Letter)) {
	review := reviewed()
	review.Facts.ReasonWords = []string{"tremor", "cannot use her phone"}
	add("review", review)
	review.Facts.ReasonWords = nil
	known := review
	known.Facts.RecordsMore, known.Facts.SiteActive = 1, new(3)
	known.Facts.Together = []intake.TogetherFacts{{Ref: "LT-2026-00043", User: intake.User{Email: "sam.green@bayview.test",
		Name: "Sam Green"}}}
	known.Facts.Records = []intake.RecordFacts{
		{Ref: "LT-2026-00017", Category: intake.Long, Site: intake.SiteFacts{ODSCode: "FX202", Name: "Elm Road Pharmacy"}, Other: true,
			State: "active", Reason: "Accessibility issue", Starts: monday.AddDate(0, -1, 0), Ends: monday.AddDate(0, 4, 0)},
		{Ref: "ST-2026-00003", Category: intake.Short, Site: site, State: "ended", Reason: "Phone misplaced",
			Starts: monday.AddDate(0, 0, -9), Ends: monday.AddDate(0, 0, -8), At: monday.AddDate(0, 0, -8)},
		{Ref: "LT-2026-00009", Category: intake.Long, Site: site, State: "rejected", Reason: "Accessibility issue",
			Starts: monday.AddDate(0, -2, 0), At: monday.AddDate(0, -2, 1), Text: "The letter is unsigned."},
		{Ref: "LT-2026-00041", Category: intake.Long, Site: site, State: "pending", Starts: monday, At: monday},
	}
	known.Facts.SameFiles = []intake.SameFile{{Filename: "risk assessment.docx", Ref: "LT-2026-00018",
		User: intake.User{Email: "tom.reed@elm.test", Name: "Tom Reed"}, At: monday.AddDate(0, -1, 0),
		Site: intake.SiteFacts{ODSCode: "FX202", Name: "Elm Road Pharmacy"}}}
	add("review-on-record", known)
	foreign := review
	foreign.Facts.Foreign, foreign.Facts.Approvals = true, 2
	add("review-foreign-domain", foreign)
	renewal := review
	renewal.Facts.Renews, renewal.Facts.Approvals, renewal.Facts.Said = "LT-2025-00911", 2, "Here is the new letter."
	renewal.Facts.AuthMethod = "unknown"
	renewal.Facts.Runs, renewal.Facts.SiteActive = winter, new(1)
	renewal.Facts.Before = intake.BeforeFacts{Ref: "LT-2025-00911", Reason: "Other exceptional circumstances",
		Justification: "Jane has broken her wrist."}
	renewal.Facts.Records = []intake.RecordFacts{{Ref: "LT-2025-00911", Category: intake.Long, Site: site, State: "active",
		Reason: "Other exceptional circumstances", Starts: winter.AddDate(0, -6, 0), Ends: winter}}
	renewal.Facts.History = []intake.HistoryFacts{
		{Ref: "LT-2025-00911", At: monday.AddDate(0, -6, 0), Event: "the site asked for it", By: site.Mailbox,
			Text: "Please renew for Jane"},
		{Ref: "LT-2025-00911", At: monday.AddDate(0, -6, 1), Event: "approved", By: "Ben Carter"},
		{At: monday.AddDate(0, 0, 1), Event: "the site wrote", By: site.Mailbox, Text: "Any news?"},
	}
	add("review-renewal", renewal)
	known = review
	known.Facts.Account, known.Facts.DirectoryName, known.Facts.Department = intake.AccountGood, "Janet Smythe", "Dispensary"
	known.Facts.SignIn = "j.smythe@bayview.test"
	add("review-in-directory", known)
	late := renewal
	late.Facts.Runs, late.Facts.Records, late.Facts.SiteActive = time.Time{}, nil, new(int)
	late.Facts.Before = intake.BeforeFacts{Ref: "LT-2025-00911", Reason: accessibility().Title} // purged
	add("review-renewal-late", late)
	again := renewal
	again.Facts.Changed = []string{"details", "evidence"} // no new file, but one counts that did not before
	add("review-changed-renewal", again)
	addReviewsOfFiles(add)
}

// addReviewsOfFiles adds review emails that differ in their files, or in the account.
func addReviewsOfFiles(add func(string, intake.Letter)) {
	review := reviewed()
	refused := review
	refused.Facts.FilesRefused, refused.Facts.Evidence = true, slices.Clone(review.Facts.Evidence)
	for i := range refused.Facts.Evidence {
		refused.Facts.Evidence[i].Unsent = refused.Facts.Evidence[i].Counts
	}
	add("review-files-refused", refused)
	for _, account := range []string{intake.AccountNone, intake.AccountDisabled, intake.AccountNoMethod, intake.AccountUnchecked} {
		known := review
		known.Facts.Account = account
		add("review-account-"+account, known)
	}
	large := review
	large.Facts.Evidence = slices.Clone(review.Facts.Evidence)
	large.Facts.Evidence[1].Unsent = true
	large.Attach = review.Attach[:1]
	add("review-unsent", large)
	changed := large
	changed.Facts.Changed = []string{"user", "reason", "details", "evidence"}
	changed.Facts.Evidence = append(slices.Clone(large.Facts.Evidence),
		intake.EvidenceFacts{Filename: "notes.zip", Size: 12_000, New: true, Why: "its type is not one that counts"})
	changed.Facts.Evidence[0].New, changed.Facts.Evidence[1].New = true, true
	add("review-changed", changed)
}

// addReminders adds the letters that remind reviewers.
func addReminders(add func(string, intake.Letter)) {
	reminder := About(intake.LetterReminder, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.At, f.Days = Code, monday.Add(time.Hour), 2
	})
	add("reminder", reminder)
	addRemindersOfSeveral(add, reminder)
	renewal := reminder
	renewal.Facts.Account, renewal.Facts.Renews, renewal.Facts.Runs = intake.AccountNoMethod, "LT-2025-00911", winter
	renewal.Facts.History = []intake.HistoryFacts{{Ref: "LT-2025-00911", At: monday.AddDate(0, -6, 1), Event: "approved", By: "Ben Carter"}}
	add("reminder-renewal", renewal)
	escalated := reminder
	escalated.Facts.Why, escalated.Facts.InPlaceOf, escalated.Facts.Days = intake.WhyUndecided, "Ben Carter", 7
	escalated.Facts.Evidence = nil
	escalated.Facts.Records = []intake.RecordFacts{{Ref: "LT-2026-00009", Category: intake.Long, Site: site, State: "rejected",
		Reason: "Accessibility issue", Starts: monday.AddDate(0, -2, 0), At: monday.AddDate(0, -2, 1), Text: "The letter is unsigned."}}
	add("reminder-deputy", escalated)
	for _, why := range []intake.Why{intake.WhyAway, intake.WhyUndecided} {
		add("review-deputy-"+string(why), About(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
			f.Code, f.Why, f.InPlaceOf, f.At, f.Days = Code, why, "Ben Carter", monday.Add(time.Hour), 7
			f.History = []intake.HistoryFacts{{At: monday, Event: "the site asked for it", By: site.Mailbox}}
		}))
	}
	add("review-named", About(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.Named = Code, true
		f.History = []intake.HistoryFacts{{At: monday, Event: "the site asked for it", By: site.Mailbox}}
	}))
	addMornings(add, reminder.Facts.Latest)
}

// addRemindersOfSeveral adds the letters about several requests.
func addRemindersOfSeveral(add func(string, intake.Letter), reminder intake.Letter) {
	several := intake.Letter{Template: intake.LetterReminders, To: reminder.To, Facts: intake.Facts{Audience: intake.ToReviewer,
		At: monday, DigestFacts: intake.DigestFacts{UndecidedTotal: 53, Undecided: []intake.UndecidedFacts{
			{Ref: "LT-2026-00042", User: jane, Site: site, Reason: "Accessibility issue", Days: 5, Code: Code},
			{Ref: "LT-2026-00043", User: intake.User{Email: "sam.green@bayview.test"}, Site: site, Reason: "Accessibility issue",
				Days: 7, InPlaceOf: "Ben Carter", Renews: "LT-2025-00911", Runs: monday.AddDate(0, 0, 7), Code: Code}}}}}
	several.Facts.Latest = reminder.Facts.Latest
	add("reminders", several)
	together := About(intake.LetterReviews, intake.ToReviewer, nil)
	together.Ref, together.Attach = "", []intake.Attachment{{InboundID: 17, Part: "2", Filename: "letter.pdf",
		MediaType: "application/pdf"}}
	together.Facts = intake.Facts{Audience: intake.ToReviewer, At: monday, RequestFacts: intake.RequestFacts{Evidence: evidenceFacts()},
		ReviewFacts: intake.ReviewFacts{AllCode: Code, Latest: reminder.Facts.Latest},
		DigestFacts: intake.DigestFacts{UndecidedTotal: 3}}
	for i, name := range []string{"Jane Smith", "Sam Green", "Lena Voss"} {
		together.Facts.Undecided = append(together.Facts.Undecided, intake.UndecidedFacts{Ref: fmt.Sprintf("LT-2026-0004%d", i),
			User: intake.User{Name: name, Email: fmt.Sprintf("u%d@bayview.test", i)}, Site: site, Reason: "Accessibility issue",
			AuthMethod: "yes", Files: []string{"letter.pdf"}, Justification: "They cannot use a phone.", Code: Code})
	}
	add("reviews", together)
	deputy := together
	deputy.Facts.Why, deputy.Facts.Undecided = intake.WhyUndecided, slices.Clone(together.Facts.Undecided)
	for i, account := range []string{intake.AccountNone, intake.AccountDisabled, intake.AccountNoMethod} {
		u := &deputy.Facts.Undecided[i]
		u.InPlaceOf, u.Directory.Account, u.Named, u.Approvals = "Ben Carter", account, i == 0, i+1
		u.Justification += fmt.Sprintf(" Number %d.", i)
		u.Records = []intake.RecordFacts{{Ref: "LT-2026-00017", Category: intake.Long, Site: site, Other: true, State: "active",
			Reason: "Accessibility issue", Starts: monday.AddDate(0, -1, 0), Ends: monday.AddDate(0, 4, 0)}}
	}
	deputy.Facts.Undecided[0].Renews, deputy.Facts.Undecided[0].Runs = "LT-2025-00911", monday.AddDate(0, 0, 7)
	deputy.Facts.Undecided[1].RecordsMore, deputy.Facts.Undecided[1].Foreign = 2, true
	deputy.Facts.Undecided[2].SameFiles = []intake.SameFile{{Filename: "letter.pdf", Ref: "LT-2026-00012", Site: site, At: monday,
		User: intake.User{Name: "Tom Hale", Email: "tom@bayview.test"}}}
	add("reviews-deputy", deputy)
}

// addMornings adds the digests of a morning; latest is the latest end that an approval may set.
func addMornings(add func(string, intake.Letter), latest time.Time) {
	waiting := []intake.UndecidedFacts{
		{Ref: "LT-2026-00042", User: jane, Site: site, Reason: accessibility().Title, Days: 6, Code: Code,
			Renews: "LT-2025-00911", Runs: monday.AddDate(0, 0, 5),
			Asked: []string{"Ben Carter, who is away", "Cleo Dunn"}},
		{Ref: "LT-2026-00051", User: intake.User{Email: "sam@dental.test"}, Site: intake.SiteFacts{ODSCode: "V2002",
			Name: "High Street Dental"}, Reason: "Other exceptional circumstances"},
	}
	ending := []intake.EndingFacts{
		{Ref: "LT-2025-00911", User: jane, Site: site, Ends: monday.AddDate(0, 0, 5), Renewal: "LT-2026-00042", Yours: true},
		{Ref: "LT-2025-00913", User: intake.User{Email: "tom@care.test", Name: "Tom Hale"}, Site: site, Ends: monday.AddDate(0, 0, 7)},
	}
	morning := func(f intake.Facts) intake.Letter {
		f.Audience, f.At, f.Latest = intake.ToReviewer, monday, latest
		return intake.Letter{Template: intake.LetterMorning, To: "asha@helpdesk.test", Facts: f}
	}
	add("morning", morning(intake.Facts{DigestFacts: intake.DigestFacts{
		Undecided: waiting, UndecidedTotal: 2, Ending: ending, EndingTotal: 2, AtSites: 3}}))
	add("morning-one", morning(intake.Facts{DigestFacts: intake.DigestFacts{Undecided: waiting[:1], UndecidedTotal: 1, AtSites: 1}}))
	add("morning-many", morning(intake.Facts{DigestFacts: intake.DigestFacts{
		Undecided: waiting, UndecidedTotal: 60, Ending: ending[:1], EndingTotal: 1}}))
	decided := []intake.DecidedFacts{
		{Ref: "LT-2026-00038", User: jane, Site: site, Decision: "approved", By: "Ben Carter", At: monday, Ends: winter,
			Former: "LT-2025-00911", Code: Code},
		{Ref: "LT-2026-00039", User: intake.User{Email: "tom@care.test"}, Site: site, Decision: "rejected", By: "Ben Carter", At: monday,
			Said: "The letter is not signed."},
		{Ref: "LT-2026-00037", User: jane, Site: site, Decision: "lapsed", At: monday}}
	add("morning-decided", morning(intake.Facts{DigestFacts: intake.DigestFacts{Decided: decided}}))
	add("morning-decided-too", morning(intake.Facts{DigestFacts: intake.DigestFacts{
		Undecided: waiting, UndecidedTotal: 2, Decided: decided[:1]}}))
	others := slices.Clone(ending)
	others[0].Yours = false
	todos := intake.DigestFacts{TodosTotal: 3, TodosOverdue: 2, Todos: []intake.TodoLine{
		{ID: 9, Kind: intake.ToRemove, Ref: "LT-2025-00911", User: jane, Site: site, Since: monday.AddDate(0, 0, -3), Overdue: true},
		{ID: 11, Kind: intake.ToCall, Ref: "LT-2025-00913", User: intake.User{Email: "tom@care.test", Name: "Tom Hale"}, Site: site,
			Since: monday.AddDate(0, 0, -1), Overdue: true},
		{ID: 12, Kind: intake.ToApply, Ref: "ST-2026-00007", User: intake.User{Email: "sam@dental.test"}, Since: monday},
	}}
	operator := func(f intake.DigestFacts) intake.Letter {
		return intake.Letter{Template: intake.LetterMorning, To: "ops@helpdesk.test",
			Facts: intake.Facts{Audience: intake.ToOperator, At: monday, DigestFacts: f}}
	}
	add("morning-operator", operator(todos))
	many := todos
	many.Todos, many.TodosTotal, many.TodosOverdue = todos.Todos[2:], 60, 0
	add("morning-operator-many", operator(many))
	both := todos
	both.Undecided, both.UndecidedTotal = waiting[:1], 1
	add("morning-operator-reviewer", morning(intake.Facts{DigestFacts: both}))
	add("morning-ending", morning(intake.Facts{DigestFacts: intake.DigestFacts{Ending: others, EndingTotal: 52}}))
}

func addReviewerLetters(add func(string, intake.Letter)) {
	add("decided-left", About(intake.LetterDecided, intake.ToReviewer, func(f *intake.Facts) {
		decidedBy("withdrawn")(f)
		f.Why = intake.WhyLeft
	}))
	add("decided-by-command", About(intake.LetterDecided, intake.ToReviewer, func(f *intake.Facts) {
		decidedBy("rejected")(f)
		f.Typed = "root on mail1, by sudo of jo"
	}))
	for _, why := range []string{"ended", "revoked", "replaced"} {
		add("renewal-late-"+why, About(intake.LetterRenewalLate, intake.ToReviewer, func(f *intake.Facts) {
			f.Why, f.Renews, f.Renewal = intake.Why(why), "LT-2025-00911", "LT-2026-00042"
			f.Decision, f.At, f.Ends = "pending", monday, monday
			if why == "replaced" {
				f.Elsewhere, f.Runs = "LT-2026-00101", winter
			}
			if why == "revoked" {
				f.By, f.Said = "Ben Carter", "The phone was found."
				f.Decision = "needs-info"
			}
		}))
	}
	add("not-understood-bad-until-earlier", About(intake.LetterNotUnderstood, intake.ToReviewer, func(f *intake.Facts) {
		f.Why, f.Said, f.Ends = intake.WhyBadUntil, "approve until 2026-07-01", winter
	}))
	add("alert-site-wrote", intake.Letter{Template: intake.LetterAlert, To: "ops@helpdesk.test",
		Facts: intake.Facts{Audience: intake.ToOperator, Why: intake.Why(intake.AlertSiteWrote), At: monday, User: jane, Site: site,
			Said: "Jane's account was hacked.\nPlease stop the exception now.",
			AlertFacts: intake.AlertFacts{Headline: "Please answer what a site wrote about LT-2026-00042 (exception active)",
				Lines: []string{"Reference: LT-2026-00042", "Site: Bayview Pharmacy (FA123)", "From: pharmacy.fa123@bayview.test",
					"Active until 28 November 2026, 09:30 GMT: LT-2026-00042 for jane.smith@bayview.test"},
				Todo: []string{"Nothing was changed. The site was told that a person reads it. Please answer it.",
					"Only if the account is misused, or somebody is exempt who must not be: mfabot revoke LT-2026-00042 " +
						"REASON --as NAME"}}}})
	add("information", About(intake.LetterInformation, intake.ToReviewer, func(f *intake.Facts) {
		f.Said, f.By, f.At = "Jane is away until the 14th.", site.Mailbox, monday
	}))
	for _, decision := range []string{"approved", "rejected", "needs-info", "withdrawn", "lapsed", "revoked"} {
		add("decided-"+decision, About(intake.LetterDecided, intake.ToReviewer, func(f *intake.Facts) {
			decidedBy(decision)(f)
			if decision == "approved" {
				f.Code, f.Starts, f.Ends = Code, monday.Add(26*time.Hour), winter
			}
		}))
		add("already-decided-"+decision, About(intake.LetterAlreadyDecided, intake.ToReviewer, decidedBy(decision)))
	}
	addNotUnderstood(add)
}

// addNotUnderstood adds what is written about an answer that decided nothing.
func addNotUnderstood(add func(string, intake.Letter)) {
	for _, why := range []intake.Why{intake.WhyNoCommand, intake.WhyTextBelow, intake.WhyNoQuestion, intake.WhyNoReason,
		intake.WhyNoCode, intake.WhyNotYours,
		intake.WhyWrongAddress, intake.WhySuperseded, intake.WhyBarred, intake.WhyBadUntil, intake.WhyNotNow, intake.WhyProtected,
		intake.WhySharedMailbox, intake.WhyForeignDomain,
		intake.WhyOnBehalf, intake.WhySeveral, intake.WhyReasonGone, intake.WhyExpired, intake.WhyNoLonger, intake.WhyNotAddressed,
		intake.WhySiteMailbox} {
		add("not-understood-"+string(why), About(intake.LetterNotUnderstood, intake.ToReviewer, func(f *intake.Facts) {
			f.Why, f.Said = why, "approve this please, and ask them for\nREJECT"
			//exhaustive:ignore
			switch why {
			case intake.WhyWrongAddress:
				f.Expected, f.Said = "asha@helpdesk.test", "asha.patel@home.test"
			case intake.WhyNoCode, intake.WhySeveral:
				f.User = intake.User{}
			case intake.WhyTextBelow:
				f.Said, f.Command, f.Latest = "APPROVE\n\nOnly until Easter.", "APPROVE", winter
			case intake.WhyOnBehalf:
				f.By = "pat.lowe@helpdesk.test"
			case intake.WhyNotNow:
				decidedBy("withdrawn")(f)
			}
		}))
	}
}
