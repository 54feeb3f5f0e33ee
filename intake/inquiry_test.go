package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestInquiryBeginsNothing: what a site writes that is no request is answered with what is on record, or goes to a
// person, and is no request that lapses.
func TestInquiryBeginsNothing(t *testing.T) {
	t.Parallel()
	person := []string{"alert site-wrote > " + ops, "passed-on > " + corner}
	record := []string{"status > " + corner}
	for _, c := range []struct {
		name, subject, text string
		letters             []string
	}{
		{"which staff", "MFA", "Which of our staff have one?", record},
		{"news", "MFA exception", "Hello, any news?\n\nJo Marsh\nManager", record},
		{"of a user", "MFA", "Has " + sam + " been approved yet?", record},
		{"list", "Exemptions", "Please could you send us a list of our exemptions.", record},
		{"the command", "anything", "STATUS", record},
		{"the command in Welsh", "anything", "Statws", record},
		{"the command in the subject", "STATUS", "", record},
		{"ring me", "MFA", "Can somebody ring me?\nJo", person},
		{"help", "MFA", "HELP\nWhat is a secure location?", person},
		{"help in Welsh", "MFA", "CYMORTH", person},
		{"how to ask", "MFA exception", "How do we ask for an exception?", person},
		{"opening hours", "Christmas", "We are closed from the 24th to the 2nd.", person},
		{"a doubt", "MFA", "Sam may not need it any more.", person},
		{"news of more", "MFA", "Any news? Also, two of our people have changed their addresses.",
			[]string{"alert site-wrote > " + ops, "passed-on > " + corner, "status > " + corner}},
		{"thanks", "MFA", "Thank you!", nil},
		{"a sign", "MFA", "👍", nil},
		{"a request", "MFA", "Please could Sam have an exception? Let us know when it is done.", []string{"incomplete > " + corner}},
		{"a request for somebody", "Status", "Please could " + sam + " have a long-term exception? Any news would be welcome.",
			[]string{"incomplete > " + corner}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			m := w.takeAll(w.arrival(email{from: corner, subject: c.subject, text: c.text}))[0]
			w.expect(c.letters...)
			want := 0
			if strings.HasPrefix(c.name, "a request") {
				want = 1
			}
			same(t, "requests", want, len(must(w.store.Waiting(t.Context()))(t)))
			same(t, "no request", want == 0, m.Outcome == intake.OutcomeInformation)
		})
	}
}

// TestStatus: a site is told of its own requests and exceptions, who was asked and when, and of nobody else's.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.take("request LT-2026-00002", email{from: bright, subject: "MFA", text: strings.ReplaceAll(asked, sam,
		"lee@bright.test"), files: []string{pdf("lee")}})
	w.take("request LT-2026-00003", email{from: corner, subject: "MFA", text: strings.ReplaceAll(asked, sam, kim),
		files: []string{pdf("kim")}})
	w.sent()
	since := w.now
	w.passes(2 * time.Hour)
	w.sent()
	w.take("information", email{from: corner, subject: "MFA", text: "STATUS"})
	f := w.expect("status > " + corner)[0].Facts
	same(t, "requests", []string{"LT-2026-00003"}, refsOf(f))
	same(t, "waits since", since, f.Requests[0].Since)
	same(t, "who was asked", []intake.AskedFacts{{Name: "Asha Patel", At: since}, {Name: "Ben Okoro", At: since}}, f.Requests[0].Asked)
	same(t, "exceptions", []string{"LT-2026-00001"}, []string{f.Running[0].Ref})
	same(t, "exceptions", 1, len(f.Running))

	w.take("information", email{from: corner, subject: "MFA", text: "Any news about lee@bright.test?"})
	f = w.expect("status > " + corner)[0].Facts
	same(t, "of another site's user", []string{"lee@bright.test"}, f.Unknown)
	same(t, "of another site's user", 0, len(f.Requests)+len(f.Running))
	w.take("information LT-2026-00001", email{from: corner, subject: "MFA", text: "When does LT-2026-00001 end?"})
	f = w.expect("status > " + corner)[0].Facts
	same(t, "of a reference", "LT-2026-00001", f.Running[0].Ref)
	w.take("information", email{from: corner, subject: "MFA", text: "Where are we with LT-2026-00002?"})
	f = w.expect("status > " + corner)[0].Facts
	same(t, "of another site's reference", []string{"LT-2026-00003"}, refsOf(f))

	w.judge.unproven[corner] = true
	w.take("quarantined(unauthenticated)", email{from: corner, subject: "MFA", text: "STATUS"})
	w.expect("alert unauthenticated-registered > " + ops)
	w.take("refused(not-registered)", email{from: stranger, subject: "MFA", text: "STATUS"})
	w.expect("refused not-registered > " + stranger)
}

func refsOf(f intake.Facts) []string {
	var out []string
	for _, s := range f.Requests {
		out = append(out, s.Ref)
	}
	return out
}

// TestStatusALot: answers to a question come under the day's limits.
func TestStatusALot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	told := 0
	for range 3 * w.config.Policy.AnswersADay {
		w.take("information", email{from: corner, subject: "MFA", text: "STATUS"})
		told += len(w.sent())
	}
	same(t, "told at most", true, told > 0 && told <= w.config.Policy.AnswersADay)
}

// TestQuestionToAReviewersQuestion: thanks and a question are no answer, and the site hears once a day that one is needed;
// what says more is.
func TestQuestionToAReviewersQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "INFO Which clinic?"))
	question := w.expect("question > " + corner)[0]
	for i, text := range []string{"Thank you, Jo", "👍", "Noted.", "OK", ""} {
		w.take("information "+a.Ref, reply(question, corner, text))
		if i > 0 {
			w.expect()
			continue
		}
		f := w.expect("question still-open > " + corner)[0].Facts
		same(t, "the question", "Which clinic? Asha Patel", f.Said+" "+f.By)
	}
	w.inState(a.Ref, intake.NeedsInfo)
	w.now = w.now.Add(2 * day)
	w.take("information "+a.Ref, reply(question, corner, "OK"))
	w.expect("question still-open > " + corner)
	w.take("information "+a.Ref, reply(question, corner, "Any news?"))
	same(t, "stands", string(intake.NeedsInfo), w.expect("status > " + corner)[0].Facts.Requests[0].State)
	w.take("information "+a.Ref, reply(question, corner, "Can somebody ring me?"))
	w.expect("alert site-wrote > "+ops, "passed-on > "+corner)
	w.inState(a.Ref, intake.NeedsInfo)
	w.take("information "+a.Ref, reply(question, corner, "It was Moorfields, in March. Any news?"))
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.inState(a.Ref, intake.Pending)
}

// TestWithdrawnInOwnWords: plain words withdraw; others are asked about, and reviewers see them.
func TestWithdrawnInOwnWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "We may withdraw this if he moves."))
	asking := w.expect("information > "+asha, "information > "+ben, "status taken-back > "+corner)[2]
	w.inState(a.Ref, intake.Pending)
	w.take("information "+a.Ref, reply(receipt, corner, "Please do not cancel it"))
	w.expect("information > "+asha, "information > "+ben)
	w.take("information "+a.Ref, reply(receipt, corner, "Please cancel the one for "+kim))
	w.expect("information > "+asha, "information > "+ben, "status taken-back > "+corner)
	w.take("information "+a.Ref, email{from: corner, subject: "MFA", text: "Please cancel our request, he found his phone"})
	belongs := w.expect("belongs > " + corner)[0]
	w.inState(a.Ref, intake.Pending)
	w.take("information "+a.Ref, reply(belongs, corner, "Thanks"))
	w.expect()
	w.inState(a.Ref, intake.Pending)
	w.take("withdrawal "+a.Ref, reply(asking, corner, "please cancel, he found his phone"))
	w.expect("withdrawn > "+corner, "decided > "+asha, "decided > "+ben)
	w.inState(a.Ref, intake.Withdrawn)
	w.take("information "+a.Ref, reply(receipt, corner, "No longer needed"))
	w.expect()
}

// TestWithdrawnInAnswer: where a reviewer has asked, own words can be the answer: reviewers get it, and the site is asked.
func TestWithdrawnInAnswer(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"No, she doesn't need it any more.", "Please cancel this request.",
		"We may withdraw this. It was Moorfields."} {
		w := newWorld(t)
		a, _, _ := w.pending()
		w.take("decision "+a.Ref, reply(a, asha, "INFO Does she need it at home?"))
		question := w.expect("question > " + corner)[0]
		w.take("information "+a.Ref, reply(question, corner, text))
		letters := w.expect(toAsha, toBen, "receipt > "+corner, "status taken-back > "+corner)
		w.inState(a.Ref, intake.Pending)
		w.take("withdrawal "+a.Ref, reply(letters[3], corner, "WITHDRAW"))
	}
}

// TestWithdrawnForAnother: words about somebody else's request withdraw none.
func TestWithdrawnForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	for _, text := range []string{"Please cancel Kim's request.", "Kim doesn't need it any more.",
		"She doesn't need it for the clinic, she needs it for the prison"} {
		w.take("information "+a.Ref, reply(receipt, corner, text))
		w.expect("information > "+asha, "information > "+ben, "status taken-back > "+corner)
		w.inState(a.Ref, intake.Pending)
	}
	w.take("withdrawal "+a.Ref, reply(receipt, corner, "Please cancel Sam's request."))
}

// TestWithdrawnInWelsh: by the command, and by nobody else's.
func TestWithdrawnInWelsh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("withdrawal "+a.Ref, reply(receipt, corner, "TYNNU’N ÔL"))
	w.inState(a.Ref, intake.Withdrawn)
}

// TestLengthUnclear: short-term words beside a long-term reason and its evidence are asked about.
func TestLengthUnclear(t *testing.T) {
	t.Parallel()
	const short = "Please could Sam Lee (sam.lee@corner.test) have a 24 hour exception? Sam works in the prison, where " +
		"phones are not allowed."
	for _, c := range []struct {
		name, answer, took string
		state              intake.State
		letters            []string
	}{
		{"long", "LONG TERM please", "request LT-2026-00001", intake.Pending, []string{toAsha, toBen, "receipt > " + corner}},
		{"long, in other words", "It is for six months, sorry", "request LT-2026-00001", intake.Pending, []string{toAsha, toBen, "receipt > " + corner}},
		{"the form", "Reason: secure location", "request LT-2026-00001", intake.Pending, []string{toAsha, toBen, "receipt > " + corner}},
		{"short", "Only for today", "short-term guidance LT-2026-00001", intake.Withdrawn, []string{"short-term > " + corner, "withdrawn > " + corner}},
		{"neither", "It is for Sam", "request LT-2026-00001", intake.Incomplete, []string{"incomplete > " + corner}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: short, files: []string{pdf("prison")}})
			l := w.expect("incomplete > " + corner)[0]
			same(t, "what is missing", []string{"length"}, l.Facts.Missing)
			w.take(c.took, reply(l, corner, c.answer))
			w.expect(c.letters...)
			same(t, "reason", "secure-location", w.inState("LT-2026-00001", c.state).Reason)
		})
	}
	w := newWorld(t)
	w.take("short-term guidance", email{from: corner, subject: "MFA", text: short})
	w.expect("short-term > " + corner)
}

// TestReviewersThanks: a reviewer who only thanks is not answered, and decides nothing. What may be meant as consent, or
// stands beside a command in the wrong place, is answered.
func TestReviewersThanks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("information", reply(a, asha, "Noted, thank you\nAsha"))
	w.expect()
	below := reply(a, asha, "Noted, thank you")
	below.text += "\n> APPROVE"
	w.take("refused(no-command) "+a.Ref, below)
	w.expect("not-understood no-command > " + asha)
	e := reply(a, asha, "👍 Asha Patel reacted to your message:")
	w.take("ignored(automatic)", e)
	w.expect()
	w.take("refused(no-command) "+a.Ref, reply(a, asha, "👍"))
	w.expect("not-understood no-command > " + asha)
	w.take("refused(no-command) "+a.Ref, reply(a, asha, "Ok thanks"))
	w.expect("not-understood no-command > " + asha)
	w.inState(a.Ref, intake.Pending)
}

// TestKindsOfLetters: what is clearly no request begins none, and gets no form: a person reads it, or it is told where
// things stand. What asks for an exception in the words of a question is read as what it asks for.
func TestKindsOfLetters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ subject, text, want string }{
		{"Disgraceful", "Your MFA has cost my staff a whole morning and nobody on your helpdesk could care less. I'm livid.", "person"},
		{"Query about evidence", "Would a hospital appointment card do as evidence for an MFA exception, or must it be a letter from the doctor?", "person"},
		{"All fine", "Thank you so much for the exception, he could log in at once and we're all delighted.", "person"},
		{"Lesley", "Could you please take the MFA exception off lesley.hart@corner.test again? She has moved to the shop floor " +
			"and can use her phone now.", "person"},
		{"Not wanted", "The exception that we applied for isn't wanted, our lad has a new job and won't be back.", "person"},
		{"Waiting", "It's a fortnight since we sent you the papers for our pharmacist. Has anybody reached a decision on them?", "status"},
		{"Would this be possible?", "Would it be possible for our dispenser to be spared the codes? She is blind. " + kim, "request"},
	} {
		w := newWorld(t)
		m := w.takeAll(w.arrival(email{from: corner, subject: c.subject, text: c.text}))[0]
		got := "request"
		for _, o := range w.sent() {
			switch {
			case o.Template == intake.LetterPassedOn:
				got = "person"
			case o.Template == intake.LetterStatus:
				got = "status"
			}
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s: %s", c.text, got, c.want, outcome(m))
		}
	}
}

// TestTakenBackInAnyWords: whatever the words, taking back is at least asked about; nothing is withdrawn by them.
func TestTakenBackInAnyWords(t *testing.T) {
	t.Parallel()
	for text, asked := range map[string]bool{
		"You can take this one off your list, he's handed in his notice.":                     true,
		"Sorry to have troubled you, we shan't be going ahead with it as he's got a key fob.": true,
		"Nid ydym am fwrw ymlaen â'r cais, mae wedi gadael y fferyllfa.":                      true,
		"No, keep it going please, he needs it more than ever.":                               false,
		"Her manager is Rita Cole, who took over from Ann in May.":                            false,
	} {
		w := newWorld(t)
		a, _, receipt := w.pending()
		w.take("information "+a.Ref, reply(receipt, corner, text))
		got := slices.ContainsFunc(w.sent(), func(o intake.Outbound) bool { return o.Facts.Why == intake.WhyTakenBack })
		if got != asked {
			t.Errorf("%q: asked %v", text, got)
		}
		w.inState(a.Ref, intake.Pending)
	}
}
