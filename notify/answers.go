package notify

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/templates"
)

// maxTap bounds the words of a link, in bytes: mail clients cut off what is longer.
const maxTap = 1000

// tap returns a link that opens an email with a subject and words (RFC 6068). It is empty if they are too long.
func tap(address, subject, words string) template.URL {
	escape := func(s string) string {
		return strings.ReplaceAll(url.QueryEscape(strings.ReplaceAll(s, "\n", "\r\n")), "+", "%20")
	}
	if len(words) > maxTap {
		return ""
	}
	return template.URL("mailto:" + address + "?subject=" + escape(subject) + "&body=" + escape(words))
}

// choice is tap for one of several requests in one letter. The code in it is not found by who reads the letter when
// it is quoted: an answer to such a letter says nothing of which request it means.
func choice(address, subject, words string) template.URL {
	const hidden = "%6D" // m
	return template.URL(strings.ReplaceAll(string(tap(address, subject, words)), intake.CodePrefix, hidden+intake.CodePrefix[1:]))
}

// about is the subject of an answer.
func about(ref, code string) string { return "[" + ref + "] [" + code + "]" }

// choices are the answers of a reviewer to a request; empty without a code.
func choices(address, ref, code string) (grant, turnDown, ask template.URL) {
	if code == "" {
		return "", "", ""
	}
	answer := func(words string) template.URL { return choice(address, about(ref, code), words) }
	return answer("APPROVE"), answer("REJECT "), answer("INFO ")
}

// setAnswers sets the answers that the reader may be about to give. Each has the code of the letter, as a reply would.
func (v *view) setAnswers(l intake.Letter) {
	if l.Facts.Command != "" && l.Facts.Code != "" {
		v.Tap = tap(v.Service.Address, "["+l.Facts.Code+"]", l.Facts.Command)
	}
	switch {
	case l.Template == intake.LetterReview, l.Template == intake.LetterReminder:
		v.Grant, v.TurnDown, v.Ask = choices(v.Service.Address, v.Ref, l.Facts.Code)
	case l.Facts.Audience == intake.ToSite:
		v.setAnswersOfSite(l)
	}
}

// setAnswersOfSite sets the answers of a site, and from where it sends them: a phone would take its owner's own mailbox.
func (v *view) setAnswersOfSite(l intake.Letter) {
	v.Mailbox = v.To
	if v.InsteadOf != "" || v.To == "" {
		v.Mailbox = v.say("your site's shared mailbox")
	}
	answer := func(words string) template.URL {
		if l.Facts.Code == "" {
			return ""
		}
		return tap(v.Service.Address, about(v.Ref, l.Facts.Code), words)
	}
	registered := func(yes string) template.URL {
		return answer(v.say("Authentication method registered") + ": " + v.say(yes))
	}
	user, right := templates.Clean(l.Facts.User.Email, maxAddress), templates.Clean(l.Facts.Right, maxAddress)
	switch t := l.Template; {
	case t == intake.LetterReceipt:
		v.Withdraw = answer(v.say("WITHDRAW"))
		if v.AuthMethod == "unknown" {
			v.Yes, v.No = registered("yes"), registered("no")
		}
	case t == intake.LetterQuestion:
		v.Answer, v.Withdraw = answer(intake.AnswerBegun+" "), answer(v.say("WITHDRAW"))
	case t == intake.LetterIncomplete && slices.Contains(l.Facts.Missing, "length"):
		v.Answer = answer(v.say("LONG TERM"))
	case t == intake.LetterIncomplete:
		v.Complete = answer(v.form())
	case t == intake.LetterRejected:
		v.Complete = answer(v.say("The evidence is attached."))
	case t == intake.LetterNeedEvidence, t == intake.LetterWarning && !v.Short && !v.Elsewhere && v.Renewal == "":
		v.Renew = answer(v.say("The exception is still needed. The new evidence is attached."))
	case t == intake.LetterAddress && v.Why == "", t == intake.LetterUnreachable:
		v.Answer = answer(user + intake.AddressBegun)
		if right != "" {
			v.Yes = answer(user + intake.AddressBegun + right)
		}
	case t == intake.LetterBelongs:
		v.Yes, v.No = answer(v.say("YES")), answer(v.say("NO"))
	case t == intake.LetterStatus && l.Facts.Why == intake.WhyTakenBack:
		v.Withdraw = answer(v.say("WITHDRAW"))
	case t == intake.LetterEncrypted:
		v.Complete = tap(v.Service.Address, "MFA exception", v.form())
	}
	if l.Template == intake.LetterStatus || l.Template == intake.LetterSummary || l.Template == intake.LetterPassedOn {
		v.Status, v.Help = tap(v.Service.Address, v.say("STATUS"), v.say("STATUS")), tap(v.Service.Address,
			v.say("HELP"), v.say("HELP")+"\n\n")
	}
}

// setOther offers a letter to a site or a user in another language: not to who has it in their place, and may ask for nothing.
func (v *view) setOther(l intake.Letter, language templates.Language) {
	a := l.Facts.Audience
	if language == "" || v.InsteadOf != "" || l.Template == intake.LetterConfirm || a != intake.ToSite && a != intake.ToUser {
		return
	}
	v.Other = string(language)
	if l.Facts.LetterCode == "" {
		return
	}
	subject, words := "["+l.Facts.LetterCode+"]", "ENGLISH"
	if l.Ref != "" {
		subject = about(v.Ref, l.Facts.LetterCode)
	}
	if language == templates.Welsh {
		words = "CYMRAEG"
	}
	v.InOther = tap(v.Service.Address, subject, words)
}

// form is the form of a request, filled in with what is known.
func (v *view) form() string {
	registered := ""
	if v.AuthMethod == "yes" || v.AuthMethod == "no" {
		registered = v.say(v.AuthMethod)
	}
	var b strings.Builder
	for i, value := range []string{v.Subject.Email, v.Subject.Name, v.Reason.Title, "", registered} {
		b.WriteString(v.say(FormLabels()[i]) + ": " + value + "\n")
	}
	return b.String()
}

// FormLabels are the labels of the form of a request, in its order, in English.
func FormLabels() []string {
	return []string{"User", "Name", "Reason", "Details", "Authentication method registered"}
}

// nothing is what a reviewer hears of an answer that decided nothing: the news, which is the subject and the heading, and
// what to do.
type nothing struct{ news, next string }

const (
	answerAgain = "Please answer the review email again."
	findReview  = "Please answer the review email that you were sent."
	rejectIt    = "Please reject the request."
	noNeed      = "You do not need to do anything."
	notDecided  = "Not decided"
)

// setNothing sets what is said of an answer that decided nothing, and what is news to who need not decide.
func (v *view) setNothing(l intake.Letter) {
	var n nothing
	//exhaustive:ignore
	switch l.Template {
	case intake.LetterAlreadyDecided:
		n = whyTooLate(l.Facts.Decision)
	case intake.LetterDecided:
		n.news = decided(l.Facts)
	case intake.LetterNotUnderstood:
		n = whyNothing(l.Facts)
	}
	v.News, v.Next = n.news, n.next
}

// decided says what became of a request or its exception, for who need not decide.
func decided(f intake.Facts) string {
	if f.Why == intake.WhyClosed {
		return "Request closed"
	}
	//exhaustive:ignore
	switch intake.State(f.Decision) {
	case intake.NeedsInfo:
		return "The site is asked first"
	case intake.Rejected:
		return "Request rejected"
	case intake.Withdrawn:
		return "Request withdrawn"
	case intake.Lapsed:
		return "Request closed, no answer"
	}
	news, already := strings.CutPrefix(whyTooLate(f.Decision).news, "Already ")
	if already {
		news = strings.ToUpper(news[:1]) + news[1:]
	}
	return news
}

// whyTooLate says what a request is that waits for no decision.
func whyTooLate(state string) nothing {
	//exhaustive:ignore
	switch intake.State(state) {
	case intake.Approved:
		return nothing{"Already approved", "If you agree, you do not need to do anything."}
	case intake.Rejected:
		return nothing{"Already rejected", noNeed}
	case intake.NeedsInfo:
		return nothing{notDecided + ", the site is asked first", "You do not need to do anything for now."}
	case intake.Withdrawn:
		return nothing{"Already withdrawn", noNeed}
	case intake.Lapsed:
		return nothing{"Already closed, the site did not answer", noNeed}
	}
	//exhaustive:ignore
	switch intake.ExceptionState(state) {
	case intake.Revoked:
		return nothing{"Already ended early", noNeed}
	case intake.Ended:
		return nothing{"Already ended", noNeed}
	case intake.Superseded:
		return nothing{"Already replaced by a newer one", "If you agree, you do not need to do anything."}
	}
	return nothing{"Already decided", noNeed}
}

// whyNothing says why an answer decided nothing.
func whyNothing(f intake.Facts) nothing {
	if f.Why == intake.WhyBadUntil && !f.Ends.IsZero() {
		return nothing{notDecided + ", it would end too soon", "Please answer again with a later day."}
	}
	if f.Why == intake.WhyNoCommand && f.Decision == string(intake.Approved) {
		return nothing{"Your answer was not understood", "To end the exception, please answer again."}
	}
	//exhaustive:ignore
	said := map[intake.Why]nothing{
		intake.WhyNoCommand:      {"Your answer was not understood", answerAgain},
		intake.WhyTextBelow:      {"Not done, more text is below it", "Please answer the same email again."},
		intake.WhyNoQuestion:     {"Not sent, the question is missing", "Please answer again, with your question."},
		intake.WhyNoReason:       {"Not done, the reason is missing", "Please answer again, with your reason."},
		intake.WhyNoCode:         {notDecided + ", there is no review code", findReview},
		intake.WhyNotYours:       {notDecided + ", the code is not yours", findReview},
		intake.WhyWrongAddress:   {"A reply from an unexpected address", "If it was not you, tell the helpdesk now."},
		intake.WhySuperseded:     {notDecided + ", the request changed", "Please answer the newest review email."},
		intake.WhyExpired:        {notDecided + ", the code is too old", "Please answer the new review email that is on its way."},
		intake.WhyNoLonger:       {notDecided + ", you are no reviewer now", noNeed},
		intake.WhyNotAddressed:   {notDecided + ", not addressed to us", answerAgain},
		intake.WhySiteMailbox:    {notDecided + ", sent to a site's mailbox", answerAgain},
		intake.WhyBarred:         {notDecided + ", it is not yours to decide", noNeed},
		intake.WhyOnBehalf:       {notDecided + ", somebody else sent it", "Please answer the review email yourself."},
		intake.WhySeveral:        {notDecided + ", it is about several", "Please answer each review email by itself."},
		intake.WhyUnconfirmed:    {notDecided + ", it is not proven", "Please decide each request by itself."},
		intake.WhyReasonGone:     {notDecided + ", its reason is gone", "Please wait for the helpdesk, or reject the request."},
		intake.WhyBadUntil:       {notDecided + ", the day does not fit", "Please answer again with another day."},
		intake.WhyProtected:      {notDecided + ", a protected user", rejectIt},
		intake.WhySharedMailbox:  {notDecided + ", a shared mailbox", rejectIt},
		intake.WhyServiceAddress: {notDecided + ", an address of ours", rejectIt},
		intake.WhyForeignDomain:  {notDecided + ", an address from elsewhere", rejectIt},
		intake.WhyNotNow:         {"Not done, it is not possible now", "Nothing was decided."},
	}
	if n, known := said[f.Why]; known {
		return n
	}
	return nothing{"Your answer was not understood", answerAgain}
}
