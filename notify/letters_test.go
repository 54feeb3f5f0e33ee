package notify

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// sample is a letter with realistic facts, under the name of its golden file.
type sample struct {
	name   string
	letter intake.Letter
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

func testService() Service {
	return Service{
		Name: "NHSmail Helpdesk", Address: "mfa@helpdesk.test", Operator: "ops@x.test", Instance: "helpdesk-1",
		Policy: "NHSmail multi-factor authentication (MFA) exceptions", Telephone: "0333 200 1133", Relay: "18001 0333 200 1133",
		Hours: "Monday to Friday, 8am to 6pm", OtherMethods: "a text message or a security key",
		Authenticator: "Microsoft Authenticator app", Calendar: true,
	}
}

// evidenceParts has two pieces of evidence in message 17.
type evidenceParts struct{}

func (evidenceParts) Evidence(_ context.Context, _ int64, part string, w io.Writer) error {
	content, ok := map[string]string{"2": "%PDF-1.7 letter", "3": "risk assessment"}[part]
	if !ok {
		return io.ErrUnexpectedEOF
	}
	_, err := io.WriteString(w, content)
	return err
}

func testComposer(t testing.TB) *Composer {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	set, err := templates.New(zone, nil)
	if err != nil {
		t.Fatal(err)
	}
	return NewComposer(set, testService(), evidenceParts{})
}

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
			Next:   "Call the helpdesk again when the phone has been replaced. You will need to enrol for MFA again.",
			Action: "Call the helpdesk when the phone is stolen or lost, and again when it has been replaced. You will need to enrol for MFA again."},
		{ID: "phone-misplaced", Title: "Phone misplaced",
			Action: "Call the helpdesk when the phone has been found or replaced. You may need to enrol for MFA again."},
		{ID: "no-signal", Title: "Temporarily at a place with no mobile signal or internet"},
		{ID: "notification-trouble", Title: "Issues receiving the Microsoft Azure MFA notification",
			Action: "Call the helpdesk if the trouble goes on. You may need to enrol for MFA again."},
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

// requestLetter returns a letter about a complete request.
func requestLetter(t intake.Template, a intake.Audience, change func(*intake.Facts)) intake.Letter {
	l := intake.Letter{Template: t, To: site.Mailbox, Ref: "LT-2026-00042", AnswersTo: "CAF12@mail.bayview.test"}
	l.Facts = intake.Facts{Audience: a, User: jane, Site: site, Reason: accessibility(), RequestFacts: intake.RequestFacts{
		RequestedBy: site.Mailbox, ReceivedAt: monday, AuthMethod: "yes", Evidence: evidenceFacts(),
		Justification: "Jane has a tremor in both hands and cannot use her phone to approve sign-ins.\n\n" +
			"She works alone at the counter most afternoons."}}
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

func decidedBy(decision string) func(*intake.Facts) {
	return func(f *intake.Facts) { f.By, f.At, f.Decision = "Asha Patel", monday.Add(26*time.Hour), decision }
}

// samples returns every template for every audience and every reason.
func samples() []sample {
	var out []sample
	add := func(name string, l intake.Letter) { out = append(out, sample{name, l}) }
	addSiteLetters(add)
	addNotices(add)
	addAnswers(add)
	addConfirms(add)
	addReviews(add)
	addReminders(add)
	addReviewerLetters(add)
	addCheckpoints(add)
	add("passed-on", intake.Letter{Template: intake.LetterPassedOn, To: jane.Email, Ref: "LT-2026-00042",
		Facts: intake.Facts{Audience: intake.ToSender, ExceptionFacts: intake.ExceptionFacts{Ends: winter}}})
	add("passed-on-no-exception", intake.Letter{Template: intake.LetterPassedOn, To: jane.Email, Ref: "LT-2026-00042",
		Facts: intake.Facts{Audience: intake.ToSender}})
	add("passed-on-site", intake.Letter{Template: intake.LetterPassedOn, To: site.Mailbox,
		Facts: intake.Facts{Audience: intake.ToSite, Site: site}})
	addStatus(add)
	flood := intake.Facts{Audience: intake.ToSite, Site: site, By: "Asha Patel", At: monday, Said: "Somebody else uses your mailbox.",
		DigestFacts: intake.DigestFacts{UndecidedTotal: 2, Undecided: []intake.UndecidedFacts{
			{Ref: "LT-2026-00042", User: jane}, {Ref: "LT-2026-00043"}}}}
	add("rejected-all", intake.Letter{Template: intake.LetterRejectedAll, To: site.Mailbox, Facts: flood})
	flood.Audience = intake.ToReviewer
	add("decided-all", intake.Letter{Template: intake.LetterDecidedAll, To: "asha@helpdesk.test", Facts: flood})
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
	add("alert", intake.Letter{Template: intake.LetterAlert, To: "ops@helpdesk.test", Facts: intake.Facts{
		Audience: intake.ToOperator, Why: "bounce", At: monday, User: jane, Site: site, AlertFacts: intake.AlertFacts{
			Headline: "An email of ours was not delivered", Urgent: true,
			Lines: []string{"To: pharmacy.fa123@bayview.test", "Email: warning", "About: LT-2026-00042", "Status: 5.1.1",
				"It will not be tried again. Tell the recipient another way, and put the address right. To send it again: mfabot resend 12"}}}})
	add("alert-set-aside", intake.Letter{Template: intake.LetterAlert, To: "ops@helpdesk.test", Facts: intake.Facts{
		Audience: intake.ToOperator, Why: "unauthenticated", At: monday, Site: site, AlertFacts: intake.AlertFacts{
			Headline: "A message in the name of a registered address was set aside",
			Lines: []string{"From: pharmacy.fa123@bayview.test", "Subject: MFA exception", "Mailbox: helpdesk, message 31 in `mfabot inbound`",
				"Why: unauthenticated", "What stopped it: authserv_id: dmarc=fail",
				"The message is stored and lies in the folder Quarantine. Nobody was answered.",
				"If it is genuine, put right what stopped it, and have it read again: mfabot requeue 31",
				"To see every check that was made: mfabot why 31"},
			Others: []string{"Others of this kind within the hour are not reported; `mfabot inbound` lists them."}}}})
	for i := range out { // what a site gets about a request carries a code
		if l := &out[i].letter; l.Facts.Audience == intake.ToSite && l.Ref != "" && l.Facts.Code == "" {
			l.Facts.Code = reviewCode
		}
	}
	return out
}

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
			{Ref: "LT-2026-00045", User: intake.User{Email: "kit.lo@bayview.test"}, State: string(intake.Rejected), Received: monday, Since: monday}},
		RequestsMore: 2,
		Running: []intake.EndingFacts{{Ref: "LT-2026-00007", User: jane, Ends: winter, Renewal: "LT-2026-00042"},
			{Ref: "ST-2026-00003", User: intake.User{Email: "lee@bayview.test"}, Ends: winter, ByHand: true}},
		RunningMore: 1}
	add("status", all)
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

func addSiteLetters(add func(string, intake.Letter)) {
	add("receipt", requestLetter(intake.LetterReceipt, intake.ToSite, nil))
	add("receipt-method", requestLetter(intake.LetterReceipt, intake.ToSite, func(f *intake.Facts) {
		f.AuthMethod, f.ReasonWords = "unknown", []string{"tremor in both hands"}
	}))
	add("information-method", requestLetter(intake.LetterInformation, intake.ToReviewer, func(f *intake.Facts) {
		f.Why, f.Said, f.At = intake.WhyMethod, "Yes", monday
	}))
	add("receipt-without-evidence", requestLetter(intake.LetterReceipt, intake.ToSite, func(f *intake.Facts) { f.Evidence = nil }))
	add("incomplete", requestLetter(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.User, f.Reason, f.Evidence = intake.User{}, intake.ReasonFacts{}, nil
		f.Missing, f.Reasons, f.Ends = []string{"user", "reason", "details", "evidence"}, longReasons(), monday.AddDate(0, 0, 14)
	}))
	add("incomplete-reason", requestLetter(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Reason, f.Missing, f.Reasons = intake.ReasonFacts{}, []string{"reason"}, longReasons()
	}))
	add("incomplete-length", requestLetter(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Missing, f.Reasons, f.Ends = []string{"length"}, longReasons(), monday.AddDate(0, 0, 14)
	}))
	add("question", requestLetter(intake.LetterQuestion, intake.ToSite, func(f *intake.Facts) {
		decidedBy("needs-info")(f)
		f.Said, f.Ends = "Has Jane tried a security key (FIDO2) on the pharmacy's own computer?", winter
	}))
	add("question-still-open", requestLetter(intake.LetterQuestion, intake.ToSite, func(f *intake.Facts) {
		decidedBy("needs-info")(f)
		f.Why, f.Said, f.Ends, f.Evidence = intake.WhyStillOpen, "Which clinic wrote the letter?", winter, evidenceFacts()[2:]
	}))
	add("rejected-no-evidence", requestLetter(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		f.Why, f.Evidence = intake.WhyNoEvidence, evidenceFacts()[2:]
	}))
	add("rejected-no-attachment", requestLetter(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		f.Why, f.Evidence = intake.WhyNoEvidence, nil
	}))
	add("rejected-reviewer", requestLetter(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		decidedBy("rejected")(f)
		f.Why, f.Said = intake.WhyReviewer, "The letter is not dated.\nPlease send one from this year."
	}))
	add("withdrawn", requestLetter(intake.LetterWithdrawn, intake.ToSite, decidedBy("withdrawn")))
	add("lapsed", requestLetter(intake.LetterLapsed, intake.ToSite, decidedBy("lapsed")))
	for _, t := range []intake.Template{intake.LetterWithdrawn, intake.LetterLapsed} {
		add(string(t)+"-no-user", requestLetter(t, intake.ToSite, func(f *intake.Facts) { f.User, f.At = intake.User{}, monday }))
	}
	add("question-again", requestLetter(intake.LetterQuestion, intake.ToSite, func(f *intake.Facts) {
		decidedBy("")(f)
		f.Said, f.Ends, f.Again = "Has Jane tried a security key (FIDO2) on the pharmacy's own computer?", winter, true
	}))
	add("incomplete-again", requestLetter(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Reason, f.Missing, f.Reasons = intake.ReasonFacts{}, []string{"reason"}, longReasons()
		f.At, f.Ends, f.Again = monday, monday.AddDate(0, 0, 14), true
	}))
	add("withdrawn-left", requestLetter(intake.LetterWithdrawn, intake.ToSite, func(f *intake.Facts) {
		decidedBy("withdrawn")(f)
		f.Why = intake.WhyLeft
	}))
	closed := func(f *intake.Facts) {
		decidedBy("withdrawn")(f)
		f.Why, f.By, f.Said = intake.WhyClosed, "Olu of operations", "Jo Marsh rang: Jane has a new phone."
	}
	add("withdrawn-closed", requestLetter(intake.LetterWithdrawn, intake.ToSite, closed))
	add("decided-closed", requestLetter(intake.LetterDecided, intake.ToReviewer, closed))
	for _, t := range []intake.Template{intake.LetterReceipt, intake.LetterQuestion, intake.LetterRejected,
		intake.LetterWithdrawn, intake.LetterLapsed} {
		add(string(t)+"-renewal", requestLetter(t, intake.ToSite, func(f *intake.Facts) {
			decidedBy("")(f)
			f.Said, f.Renews, f.Runs = "Who signed it?", "LT-2025-00911", winter
		}))
	}
	add("rejected-no-evidence-renewal", requestLetter(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		f.Why, f.Evidence, f.Renews, f.Runs = intake.WhyNoEvidence, nil, "LT-2025-00911", winter
	}))
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
	add("incomplete-shared-mailbox", requestLetter(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
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
		{Filename: "Malware Alert Text.txt", Size: 182, Why: "It is a note that a mail gateway put in the place of a file or beside it, not a document: " +
			"if a document is missing, send it again as PDF."}}
	add("incomplete-link", requestLetter(intake.LetterIncomplete, intake.ToSite, func(f *intake.Facts) {
		f.Reason, f.Missing, f.Reasons, f.Evidence = intake.ReasonFacts{}, []string{"reason", "evidence"}, longReasons(), linked
	}))
	add("rejected-link", requestLetter(intake.LetterRejected, intake.ToSite, func(f *intake.Facts) {
		f.Why, f.Evidence = intake.WhyNoEvidence, linked
	}))
	add("passed-on-site-link", intake.Letter{Template: intake.LetterPassedOn, To: site.Mailbox,
		Facts: intake.Facts{Audience: intake.ToSite, Site: site, RequestFacts: intake.RequestFacts{Evidence: linked}}})
	add("too-large", toSender(intake.LetterTooLarge, intake.Facts{SizeFacts: intake.SizeFacts{Size: 39_845_888, Limit: 26_214_400}}))
}

const reviewCode = "mfa-mzxw6ytboi4dcmrtgq2tmnzyhe3dsnbv"

func addConfirms(add func(string, intake.Letter)) {
	add("confirm-reviewer", requestLetter(intake.LetterConfirm, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.Command, f.Said = reviewCode, "REJECT The letter is not signed.", "REJECT The letter is not signed.\n\nAsha"
	}))
	todo := func(kind intake.ActionKind, more func(*intake.Facts)) func(*intake.Facts) {
		return func(f *intake.Facts) {
			f.Audience, f.Ends, f.At, f.Command = intake.ToOperator, winter, monday, "DONE"
			f.Headline, f.Code = "Exempt jane.smith@bayview.test from MFA now", reviewCode
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
		l := requestLetter(t, intake.ToOperator, set)
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
		ReviewFacts: intake.ReviewFacts{Code: reviewCode, Command: "CONFIRM"}}})
}

func addReviews(add func(string, intake.Letter)) {
	review := requestLetter(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.Writer, f.SiteActive = reviewCode, priya, new(int)
	})
	review.Attach = []intake.Attachment{
		{InboundID: 17, Part: "2", Filename: "Occupational health letter – Smith.pdf", MediaType: "application/pdf"},
		{InboundID: 17, Part: "3", Filename: "risk assessment.docx", MediaType: "application/octet-stream"},
	}
	review.Facts.ReasonWords = []string{"tremor", "cannot use her phone"}
	add("review", review)
	review.Facts.ReasonWords = nil
	known := review
	known.Facts.RecordsMore, known.Facts.SiteActive = 1, new(3)
	known.Facts.Together = []intake.TogetherFacts{{Ref: "LT-2026-00043", User: intake.User{Email: "sam.green@bayview.test", Name: "Sam Green"}}}
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
	renewal.Facts.Runs = winter
	renewal.Facts.Before = intake.BeforeFacts{Ref: "LT-2025-00911", Reason: "Other exceptional circumstances",
		Justification: "Jane has broken her wrist."}
	renewal.Facts.Records = []intake.RecordFacts{{Ref: "LT-2025-00911", Category: intake.Long, Site: site, State: "active",
		Reason: "Other exceptional circumstances", Starts: winter.AddDate(0, -6, 0), Ends: winter}}
	renewal.Facts.History = []intake.HistoryFacts{
		{Ref: "LT-2025-00911", At: monday.AddDate(0, -6, 0), Event: "the site asked for it", By: site.Mailbox, Text: "Please renew for Jane"},
		{Ref: "LT-2025-00911", At: monday.AddDate(0, -6, 1), Event: "approved", By: "Ben Carter"},
		{At: monday.AddDate(0, 0, 1), Event: "the site wrote", By: site.Mailbox, Text: "Any news?"},
	}
	add("review-renewal", renewal)
	known = review
	known.Facts.Account, known.Facts.DirectoryName, known.Facts.Department = intake.AccountGood, "Janet Smythe", "Dispensary"
	known.Facts.SignIn = "j.smythe@bayview.test"
	add("review-in-directory", known)
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
	late := renewal
	late.Facts.Runs, late.Facts.Records = time.Time{}, nil
	late.Facts.Before = intake.BeforeFacts{Ref: "LT-2025-00911", Reason: accessibility().Title} // purged
	add("review-renewal-late", late)
	again := renewal
	again.Facts.Changed = []string{"details", "evidence"} // no new file, but one counts that did not before
	add("review-changed-renewal", again)
}

// addReminders adds the letters that remind reviewers.
func addReminders(add func(string, intake.Letter)) {
	reminder := requestLetter(intake.LetterReminder, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.At, f.Days = reviewCode, monday.Add(time.Hour), 2
	})
	add("reminder", reminder)
	several := intake.Letter{Template: intake.LetterReminders, To: reminder.To, Facts: intake.Facts{Audience: intake.ToReviewer,
		At: monday, DigestFacts: intake.DigestFacts{UndecidedTotal: 53, Undecided: []intake.UndecidedFacts{
			{Ref: "LT-2026-00042", User: jane, Site: site, Reason: "Accessibility issue", Days: 5, Code: reviewCode},
			{Ref: "LT-2026-00043", User: intake.User{Email: "sam.green@bayview.test"}, Site: site, Reason: "Accessibility issue",
				Days: 7, InPlaceOf: "Ben Carter", Code: reviewCode}}}}}
	several.Facts.Latest = reminder.Facts.Latest
	add("reminders", several)
	together := requestLetter(intake.LetterReviews, intake.ToReviewer, nil)
	together.Ref, together.Attach = "", []intake.Attachment{{InboundID: 17, Part: "2", Filename: "letter.pdf",
		MediaType: "application/pdf"}}
	together.Facts = intake.Facts{Audience: intake.ToReviewer, At: monday, RequestFacts: intake.RequestFacts{Evidence: evidenceFacts()},
		ReviewFacts: intake.ReviewFacts{AllCode: reviewCode, Latest: reminder.Facts.Latest},
		DigestFacts: intake.DigestFacts{UndecidedTotal: 3}}
	for i, name := range []string{"Jane Smith", "Sam Green", "Lena Voss"} {
		together.Facts.Undecided = append(together.Facts.Undecided, intake.UndecidedFacts{Ref: fmt.Sprintf("LT-2026-0004%d", i),
			User: intake.User{Name: name, Email: fmt.Sprintf("u%d@bayview.test", i)}, Site: site, Reason: "Accessibility issue",
			AuthMethod: "yes", Files: []string{"letter.pdf"}, Justification: "They cannot use a phone.", Code: reviewCode})
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
	deputy.Facts.Undecided[1].RecordsMore, deputy.Facts.Undecided[1].Foreign = 2, true
	deputy.Facts.Undecided[2].SameFiles = []intake.SameFile{{Filename: "letter.pdf", Ref: "LT-2026-00012", Site: site, At: monday,
		User: intake.User{Name: "Tom Hale", Email: "tom@bayview.test"}}}
	add("reviews-deputy", deputy)
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
		add("review-deputy-"+string(why), requestLetter(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
			f.Code, f.Why, f.InPlaceOf, f.At, f.Days = reviewCode, why, "Ben Carter", monday.Add(time.Hour), 7
			f.History = []intake.HistoryFacts{{At: monday, Event: "the site asked for it", By: site.Mailbox}}
		}))
	}
	add("review-named", requestLetter(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
		f.Code, f.Named = reviewCode, true
		f.History = []intake.HistoryFacts{{At: monday, Event: "the site asked for it", By: site.Mailbox}}
	}))
	waiting := []intake.UndecidedFacts{
		{Ref: "LT-2026-00042", User: jane, Site: site, Reason: accessibility().Title, Days: 6, Code: reviewCode,
			Asked: []string{"Ben Carter, who is away", "Cleo Dunn"}},
		{Ref: "LT-2026-00051", User: intake.User{Email: "sam@dental.test"}, Site: intake.SiteFacts{ODSCode: "V2002", Name: "High Street Dental"}, Reason: "Other exceptional circumstances"},
	}
	ending := []intake.EndingFacts{
		{Ref: "LT-2025-00911", User: jane, Site: site, Ends: winter, Renewal: "LT-2026-00042"},
		{Ref: "LT-2025-00913", User: intake.User{Email: "tom@care.test", Name: "Tom Hale"}, Site: site, Ends: winter.Add(48 * time.Hour)},
	}
	morning := func(f intake.Facts) intake.Letter {
		f.Audience, f.At, f.Latest = intake.ToReviewer, monday, reminder.Facts.Latest
		return intake.Letter{Template: intake.LetterMorning, To: "asha@helpdesk.test", Facts: f}
	}
	add("morning", morning(intake.Facts{DigestFacts: intake.DigestFacts{
		Undecided: waiting, UndecidedTotal: 2, Ending: ending, EndingTotal: 2, AtSites: 3}}))
	add("morning-one", morning(intake.Facts{DigestFacts: intake.DigestFacts{Undecided: waiting[:1], UndecidedTotal: 1, AtSites: 1}}))
	add("morning-many", morning(intake.Facts{DigestFacts: intake.DigestFacts{
		Undecided: waiting, UndecidedTotal: 60, Ending: ending[:1], EndingTotal: 1}}))
	decided := []intake.DecidedFacts{
		{Ref: "LT-2026-00038", User: jane, Site: site, Decision: "approved", By: "Ben Carter", At: monday, Ends: winter,
			Former: "LT-2025-00911", Code: reviewCode},
		{Ref: "LT-2026-00039", User: intake.User{Email: "tom@care.test"}, Site: site, Decision: "rejected", By: "Ben Carter", At: monday,
			Said: "The letter is not signed."},
		{Ref: "LT-2026-00037", User: jane, Site: site, Decision: "lapsed", At: monday}}
	add("morning-decided", morning(intake.Facts{DigestFacts: intake.DigestFacts{Decided: decided}}))
	add("morning-decided-too", morning(intake.Facts{DigestFacts: intake.DigestFacts{
		Undecided: waiting, UndecidedTotal: 2, Decided: decided[:1]}}))
	add("morning-ending", morning(intake.Facts{DigestFacts: intake.DigestFacts{Ending: ending, EndingTotal: 52}}))
}

func addReviewerLetters(add func(string, intake.Letter)) {
	add("decided-left", requestLetter(intake.LetterDecided, intake.ToReviewer, func(f *intake.Facts) {
		decidedBy("withdrawn")(f)
		f.Why = intake.WhyLeft
	}))
	add("decided-by-command", requestLetter(intake.LetterDecided, intake.ToReviewer, func(f *intake.Facts) {
		decidedBy("rejected")(f)
		f.Typed = "root on mail1, by sudo of jo"
	}))
	for _, why := range []string{"ended", "revoked", "replaced"} {
		add("renewal-late-"+why, requestLetter(intake.LetterRenewalLate, intake.ToReviewer, func(f *intake.Facts) {
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
	add("not-understood-bad-until-earlier", requestLetter(intake.LetterNotUnderstood, intake.ToReviewer, func(f *intake.Facts) {
		f.Why, f.Said, f.Ends = intake.WhyBadUntil, "approve until 2026-07-01", winter
	}))
	add("alert-site-wrote", intake.Letter{Template: intake.LetterAlert, To: "ops@helpdesk.test",
		Facts: intake.Facts{Audience: intake.ToOperator, Why: "site-wrote", At: monday, User: jane, Site: site,
			Said: "Jane's account was hacked.\nPlease stop the exception now.",
			AlertFacts: intake.AlertFacts{Headline: "Please answer what a site wrote about LT-2026-00042 (exception active)",
				Lines: []string{"Reference: LT-2026-00042", "Site: Bayview Pharmacy (FA123)", "From: pharmacy.fa123@bayview.test",
					"Active until 28 November 2026, 09:30 GMT: LT-2026-00042 for jane.smith@bayview.test"},
				Todo: []string{"Nothing was changed. The site was told that a person reads it. Please answer it.",
					"Only if the account is misused, or somebody is exempt who must not be: mfabot revoke LT-2026-00042 REASON --as NAME"}}}})
	add("information", requestLetter(intake.LetterInformation, intake.ToReviewer, func(f *intake.Facts) {
		f.Said, f.By, f.At = "Jane is away until the 14th.", site.Mailbox, monday
	}))
	for _, decision := range []string{"approved", "rejected", "needs-info", "withdrawn", "lapsed", "revoked"} {
		add("decided-"+decision, requestLetter(intake.LetterDecided, intake.ToReviewer, func(f *intake.Facts) {
			decidedBy(decision)(f)
			if decision == "approved" {
				f.Code, f.Starts, f.Ends = reviewCode, monday.Add(26*time.Hour), winter
			}
		}))
		add("already-decided-"+decision, requestLetter(intake.LetterAlreadyDecided, intake.ToReviewer, decidedBy(decision)))
	}
	for _, why := range []intake.Why{intake.WhyNoCommand, intake.WhyTextBelow, intake.WhyNoQuestion, intake.WhyNoReason,
		intake.WhyNoCode, intake.WhyNotYours,
		intake.WhyWrongAddress, intake.WhySuperseded, intake.WhyBarred, intake.WhyBadUntil, intake.WhyNotNow, intake.WhyProtected,
		intake.WhySharedMailbox, intake.WhyForeignDomain,
		intake.WhyOnBehalf, intake.WhySeveral, intake.WhyReasonGone, intake.WhyExpired, intake.WhyNoLonger, intake.WhyNotAddressed,
		intake.WhySiteMailbox} {
		add("not-understood-"+string(why), requestLetter(intake.LetterNotUnderstood, intake.ToReviewer, func(f *intake.Facts) {
			f.Why, f.Said = why, "approve this please, and ask them for\nREJECT"
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
