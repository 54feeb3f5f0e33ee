package specimen

import (
	"time"

	"mfabot/intake"
)

// addNotices adds the notices about an exception.
func addNotices(add func(string, intake.Letter)) {
	needEvidence := func(there []intake.EvidenceFacts) intake.Letter {
		return About(intake.LetterNeedEvidence, intake.ToSite, func(f *intake.Facts) { f.Ends, f.Evidence = winter, there })
	}
	add("need-evidence", needEvidence(evidenceFacts()[2:]))
	add("need-evidence-no-attachment", needEvidence(nil))
	add("belongs", About(intake.LetterBelongs, intake.ToSite, func(f *intake.Facts) {
		f.At, f.Said, f.Code = monday, "Here is the letter.", "mfa-abcdefghijklmnopqrstuvwxyz234567"
	}))
	addCorrected(add)
	addReplaced(add)
	addNotRenewed(add)
	add("unreachable", About(intake.LetterUnreachable, intake.ToSite, func(f *intake.Facts) { f.Starts, f.Ends = monday, winter }))
	addWarningsTogether(add)
	for _, to := range []intake.Audience{intake.ToSite, intake.ToUser} {
		addOutcomes(add, to)
		addWarnings(add, to)
		addStates(add, to)
	}
}

// addCorrected adds what is written where the user of a request was put right.
func addCorrected(add func(string, intake.Letter)) {
	corrected := func(f *intake.Facts) { f.At, f.Said, f.Corrected = monday, "Sorry, a typo!", "jane.smyth@bayview.test" }
	add("address", About(intake.LetterAddress, intake.ToSite, corrected))
	add("address-person", About(intake.LetterAddress, intake.ToSite, func(f *intake.Facts) {
		corrected(f)
		f.Why, f.Right = intake.WhyDecided, "jane.smythe@bayview.test"
	}))
	add("address-short", func() intake.Letter {
		l := About(intake.LetterAddress, intake.ToSite, corrected)
		l.Ref, l.Facts.Why, l.Facts.Right = "ST-2026-00007", intake.WhyDecided, "jane.smythe@bayview.test"
		return l
	}())
	add("address-perhaps", About(intake.LetterAddress, intake.ToSite, func(f *intake.Facts) {
		corrected(f)
		f.Right = "tom.hale@bayview.test"
	}))
	add("receipt-corrected", About(intake.LetterReceipt, intake.ToSite, corrected))
	add("incomplete-corrected", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		corrected(f)
		f.Reason, f.Missing, f.Reasons, f.Ends = intake.ReasonFacts{}, []string{"reason"}, longReasons(), monday.AddDate(0, 0, 14)
	}))
	named := func(f *intake.Facts) {
		f.Changed, f.Code = []string{"user", "reason"}, "mfa-abcdefghijklmnopqrstuvwxyz234567"
	}
	add("receipt-changed", About(intake.LetterReceipt, intake.ToSite, named))
	add("review-reason-changed", About(intake.LetterReview, intake.ToReviewer, named))
	add("incomplete-changed", About(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Changed, f.Reason, f.Missing, f.Reasons = []string{"user"}, intake.ReasonFacts{}, []string{"reason"}, longReasons()
		f.At, f.Ends = monday, monday.AddDate(0, 0, 14)
	}))
	add("review-corrected", About(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
		corrected(f)
		f.Changed, f.Code = []string{"user"}, "mfa-abcdefghijklmnopqrstuvwxyz234567"
	}))
	instead := func(f *intake.Facts) {
		corrected(f)
		f.Corrects, f.Code = "LT-2026-00017", "mfa-abcdefghijklmnopqrstuvwxyz234567"
	}
	add("receipt-corrects", About(intake.LetterReceipt, intake.ToSite, instead))
	add("review-corrects", About(intake.LetterReview, intake.ToReviewer, instead))
	add("reminder-corrects", About(intake.LetterReminder, intake.ToReviewer, instead))
	wrong := About(intake.LetterRevoked, intake.ToSite, func(f *intake.Facts) {
		f.At, f.Why, f.Said = monday, intake.WhyCorrected, "It was given to the wrong address. LT-2026-00042 is for the right one."
		f.User.Email = "jane.smyth@bayview.test"
	})
	wrong.Ref = "LT-2026-00017"
	add("revoked-corrected", wrong)
}

// addReplaced adds what is written where one exception takes the place of another.
func addReplaced(add func(string, intake.Letter)) {
	elsewhere := func(t intake.Template, days int) intake.Letter {
		return About(t, intake.ToSite, func(f *intake.Facts) {
			f.Starts, f.Ends, f.At, f.Elsewhere = monday, monday.AddDate(0, 0, days), monday, "LT-2026-00101"
			f.RenewBy, f.ReviewDays = monday.AddDate(0, 0, days-12), 7
		})
	}
	add("replaced", elsewhere(intake.LetterReplaced, 180))
	add("warning-elsewhere", elsewhere(intake.LetterWarning, 30))
	add("ended-elsewhere", elsewhere(intake.LetterEnded, 0))
	add("revoked-elsewhere", elsewhere(intake.LetterRevoked, 30))
	for _, to := range []intake.Audience{intake.ToSite, intake.ToUser} {
		former := func(f *intake.Facts) { f.Starts, f.Ends, f.At, f.Former = monday, winter, monday, "LT-2026-00017" }
		add("approved-former-"+string(to), About(intake.LetterApproved, to, former))
		add("revoked-former-"+string(to), About(intake.LetterRevoked, to, former))
	}
}

// long has an exception begin after the decision, and end in winter.
func long(change func(*intake.Facts)) func(*intake.Facts) {
	return func(f *intake.Facts) {
		f.Starts, f.Ends = monday.Add(26*time.Hour), winter
		if change != nil {
			change(f)
		}
	}
}

// short is a letter about a short-term exception, for a reason by its number.
func short(t intake.Template, to intake.Audience, reason int, change func(*intake.Facts)) intake.Letter {
	l := About(t, to, long(change))
	l.Ref, l.AnswersTo, l.Facts.Reason = "ST-2026-00007", "", shortReasons()[reason]
	l.Facts.Starts, l.Facts.Ends = monday, monday.Add(24*time.Hour)
	if t == intake.LetterWarning {
		l.Facts.Starts, l.Facts.Ends = monday.Add(-23*time.Hour), monday.Add(time.Hour)
	}
	return l
}

// endsIn has an exception end after days; a renewal is decided in time until renewBy.
func endsIn(days, renewBy int) func(*intake.Facts) {
	return long(func(f *intake.Facts) {
		f.Ends, f.RenewBy, f.ReviewDays = monday.AddDate(0, 0, days), monday.AddDate(0, 0, renewBy), 7
	})
}

// addOutcomes adds the letters about an approval and an end.
func addOutcomes(add func(string, intake.Letter), to intake.Audience) {
	name := "-" + string(to)
	add("approved"+name, About(intake.LetterApproved, to, long(decidedBy("approved"))))
	add("granted"+name, short(intake.LetterGranted, to, 0, nil))
	if to == intake.ToUser {
		add("granted-no-site", short(intake.LetterGranted, to, 0, func(f *intake.Facts) { f.Site = intake.SiteFacts{} }))
		add("ended-short-no-site", short(intake.LetterEnded, to, 0, func(f *intake.Facts) { f.Site = intake.SiteFacts{} }))
	}
	add("granted-no-action"+name, short(intake.LetterGranted, to, 2, nil))
	add("approved-renewal"+name, About(intake.LetterApproved, to, long(func(f *intake.Facts) {
		decidedBy("approved")(f)
		f.Renews, f.Runs = "LT-2025-00911", monday.AddDate(0, 0, 10)
	})))
	add("granted-often"+name, short(intake.LetterGranted, to, 1, func(f *intake.Facts) { f.Lately, f.LatelyDays = 3, 30 }))
	add("ended"+name, About(intake.LetterEnded, to, long(nil)))
	add("ended-short"+name, short(intake.LetterEnded, to, 0, nil))
	add("revoked"+name, About(intake.LetterRevoked, to, long(func(f *intake.Facts) {
		decidedBy("")(f)
		f.Said = "Jane has left the pharmacy."
	})))
	add("revoked-left"+name, About(intake.LetterRevoked, to, long(func(f *intake.Facts) {
		f.Why, f.Said, f.By, f.At = intake.WhyLeft, "left the organisation", "Olu of operations", monday
	})))
}

// addWarnings adds the warnings.
func addWarnings(add func(string, intake.Letter), to intake.Audience) {
	name := "-" + string(to)
	add("warning-30"+name, About(intake.LetterWarning, to, endsIn(30, 18)))
	add("warning-other-reason"+name, About(intake.LetterWarning, to, long(func(f *intake.Facts) {
		endsIn(14, 3)(f)
		f.Reason = longReasons()[1]
	})))
	if to == intake.ToSite {
		add("warning-instead", About(intake.LetterWarning, to, long(func(f *intake.Facts) {
			f.Ends, f.InsteadOf = monday.AddDate(0, 0, 14), site.Mailbox
		})))
	}
	add("warning-1"+name, About(intake.LetterWarning, to, endsIn(1, -11)))
	for _, state := range []string{"pending", "needs-info"} {
		renewal := long(func(f *intake.Facts) { f.Renewal, f.Decision = "LT-2026-00101", state })
		add("ended-renewal-"+state+name, About(intake.LetterEnded, to, renewal))
		add("warning-renewal-"+state+name, About(intake.LetterWarning, to, func(f *intake.Facts) {
			renewal(f)
			f.Ends = monday.AddDate(0, 0, 7)
		}))
	}
	add("warning-short"+name, short(intake.LetterWarning, to, 0, nil))
}

// addNotRenewed adds what a user is told of a renewal that came to nothing.
func addNotRenewed(add func(string, intake.Letter)) {
	notRenewed := func(name, state string, change func(*intake.Facts)) {
		add("not-renewed-"+name, About(intake.LetterNotRenewed, intake.ToUser, long(func(f *intake.Facts) {
			endsIn(30, 18)(f)
			f.Runs, f.Renewal, f.Decision = f.Ends, "LT-2026-00101", state
			change(f)
		})))
	}
	for _, state := range []string{"rejected", "lapsed", "withdrawn"} {
		notRenewed(state, state, func(*intake.Facts) {})
	}
	notRenewed("closed", "withdrawn", func(f *intake.Facts) { f.Why, f.Reason = intake.WhyClosed, longReasons()[1] })
	notRenewed("late", "rejected", func(f *intake.Facts) {
		endsIn(1, -11)(f)
		f.Runs = f.Ends
	})
	notRenewed("ended", "rejected", func(f *intake.Facts) { f.Ends, f.Runs = monday.AddDate(0, 0, -1), time.Time{} })
}

// addWarningsTogether adds the warnings of several exceptions of a site.
func addWarningsTogether(add func(string, intake.Letter)) {
	row := func(ref, email, name string, days, renewBy int) intake.WarnedFacts {
		return intake.WarnedFacts{Ref: ref, User: intake.User{Email: email, Name: name}, Ends: monday.AddDate(0, 0, days),
			RenewBy: monday.AddDate(0, 0, renewBy), Code: Code[:len(Code)-1] + ref[len(ref)-1:]}
	}
	together := func(change func(*intake.Facts), rows ...intake.WarnedFacts) intake.Letter {
		l := intake.Letter{Template: intake.LetterWarnings, To: site.Mailbox,
			Facts: intake.Facts{Audience: intake.ToSite, At: monday, Site: site,
				ExceptionFacts: intake.ExceptionFacts{ReviewDays: 7, Warned: rows}}}
		if change != nil {
			change(&l.Facts)
		}
		return l
	}
	asked := row("LT-2026-00045", "rosa.lind@bayview.test", "Rosa Lind", 33, 23)
	asked.Renewal, asked.Decision = "LT-2026-00101", "pending"
	waits := row("LT-2026-00046", "ana.cole@bayview.test", "Ana Cole", 33, 23)
	waits.Renewal, waits.Decision = "LT-2026-00102", "needs-info"
	first, second := row("LT-2026-00042", jane.Email, jane.Name, 30, 18), row("LT-2026-00044", "tom.hale@bayview.test", "", 32, 22)
	add("warnings", together(nil, first, second, asked))
	add("warnings-instead", together(func(f *intake.Facts) { f.InsteadOf, f.Reason.NoApp = site.Mailbox, true }, first, waits))
	add("warnings-renewals", together(nil, asked, waits))
	add("warnings-one", together(nil, first))
	add("warnings-1", together(nil, row("LT-2026-00042", jane.Email, jane.Name, 1, -11),
		row("LT-2026-00044", "tom.hale@bayview.test", "Tom Hale", 1, -11)))
}

// addStates adds the letters about what the directory, or a person, has still to do or has done.
func addStates(add func(string, intake.Letter), to intake.Audience) {
	name := "-" + string(to)
	switchedOn := func(byHand bool) func(*intake.Facts) {
		return long(func(f *intake.Facts) { f.At, f.ByHand = monday.Add(30*time.Hour), byHand })
	}
	add("applied"+name, About(intake.LetterApplied, to, switchedOn(false)))
	add("applied-by-hand"+name, About(intake.LetterApplied, to, switchedOn(true)))
	for state, set := range map[string]func(*intake.Facts){
		"-waiting": func(f *intake.Facts) { f.Waiting = true },
		"-by-hand": func(f *intake.Facts) { f.ByHand = true },
	} {
		add("approved"+state+name, About(intake.LetterApproved, to, long(set)))
		add("granted"+state+name, short(intake.LetterGranted, to, 0, set))
		add("ended"+state+name, About(intake.LetterEnded, to, long(set)))
		add("revoked"+state+name, About(intake.LetterRevoked, to, long(set)))
	}
}
