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
		v.Mailbox = "your site's shared mailbox"
	}
	answer := func(words string) template.URL {
		if l.Facts.Code == "" {
			return ""
		}
		return tap(v.Service.Address, about(v.Ref, l.Facts.Code), words)
	}
	user, right := templates.Clean(l.Facts.User.Email, maxAddress), templates.Clean(l.Facts.Right, maxAddress)
	switch t := l.Template; {
	case t == intake.LetterReceipt:
		v.Withdraw = answer("WITHDRAW")
		if v.AuthMethod == "unknown" {
			v.Yes, v.No = answer("Authentication method registered: yes"), answer("Authentication method registered: no")
		}
	case t == intake.LetterQuestion:
		v.Answer, v.Withdraw = answer(intake.AnswerBegun+" "), answer("WITHDRAW")
	case t == intake.LetterIncomplete && slices.Contains(l.Facts.Missing, "length"):
		v.Answer = answer("LONG TERM")
	case t == intake.LetterIncomplete:
		v.Complete = answer(v.form())
	case t == intake.LetterRejected:
		v.Complete = answer("The evidence is attached.")
	case t == intake.LetterNeedEvidence, t == intake.LetterWarning && !v.Short && !v.Elsewhere && v.Renewal == "":
		v.Renew = answer("The exception is still needed. The new evidence is attached.")
	case t == intake.LetterAddress && v.Why == "", t == intake.LetterUnreachable:
		v.Answer = answer(user + " is wrong. The right address is: ")
		if right != "" {
			v.Yes = answer(user + " is wrong. The right address is: " + right)
		}
	case t == intake.LetterBelongs:
		v.Yes, v.No = answer("YES"), answer("NO")
	case t == intake.LetterStatus && l.Facts.Why == intake.WhyTakenBack:
		v.Withdraw = answer("WITHDRAW")
	case t == intake.LetterEncrypted:
		v.Complete = tap(v.Service.Address, "MFA exception", v.form())
	}
	if l.Template == intake.LetterStatus || l.Template == intake.LetterPassedOn {
		v.Status, v.Help = tap(v.Service.Address, "STATUS", "STATUS"), tap(v.Service.Address, "HELP", "HELP\n\n")
	}
}

// form is the form of a request, filled in with what is known.
func (v *view) form() string {
	registered := ""
	if v.AuthMethod == "yes" || v.AuthMethod == "no" {
		registered = v.AuthMethod
	}
	var b strings.Builder
	for _, field := range [][2]string{{"User", v.Subject.Email}, {"Name", v.Subject.Name}, {"Reason", v.Reason.Title}, {"Details", ""},
		{"Authentication method registered", registered}} {
		b.WriteString(field[0] + ": " + field[1] + "\n")
	}
	return b.String()
}
