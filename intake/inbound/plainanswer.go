package inbound

import (
	"regexp"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/wording"
	"mfabot/parser"
)

// plainAnswer is a site's answer to a letter of ours. Where the letter asks one thing, a word or a number is enough.
type plainAnswer struct{ *siteMail }

// completing returns what a message says that continues a letter with a form, which waits for it: which of the reasons in
// the letter it chooses and, where it answers that by its Message-ID, what stands in the form below quote marks, but for
// what we had filled in.
func completing(m *parser.Message, c conversation, req *intake.Request) *parser.Message {
	answer, letter := *m, c.letter
	where := m.NewText
	switch {
	case m.QuotedForm == nil || !c.answers:
	case isFilledIn(m.QuotedForm, letter.Facts):
		answer = *m.WithQuotedForm()
		where += "\n" + m.Text
	default:
		answer.QuotedForm = nil
	}
	if req.Reason == "" {
		chosen := chosenReason(m.NewText, where, letter.Facts.Reasons)
		if chosen != "" {
			answer.Reason, answer.ReasonWords = chosen, nil
		}
		if chosen != "" && len(strings.Fields(m.NewText)) <= maxYes { // it says no more than that
			answer.Justification, answer.ReasonWords = "", []string{strings.TrimSpace(m.NewText)}
		}
	}
	return &answer
}

// isFilledIn reports whether a form says anything that we had not filled in ourselves.
func isFilledIn(form *parser.Form, ours intake.Facts) bool {
	sameUsers := len(form.Subjects) == 1 && intake.UserKey(form.Subjects[0].Email) == intake.UserKey(ours.User.Email)
	sameMethod := form.AuthMethodRegistered == "unknown" || form.AuthMethodRegistered == ours.AuthMethod
	return !sameUsers || !sameMethod || form.Reason != "" && form.Reason != ours.Reason.ID || form.Justification != "" || form.ShortTerm
}

// chosenReason returns the one of some reasons that an answer chooses, by itself or in the field of a form; empty for none.
func chosenReason(answer, forms string, reasons []intake.ReasonFacts) string {
	var options []string
	for _, r := range reasons {
		options = append(options, strings.ToLower(r.ID+" "+r.Title))
	}
	chosen := wording.Choice(answer, options)
	for _, field := range reasonField.FindAllStringSubmatch(forms, maxReasonFields) {
		one := wording.Choice(field[1], options)
		if one >= 0 && chosen >= 0 && one != chosen {
			return ""
		}
		chosen = max(chosen, one)
	}
	if chosen < 0 {
		return ""
	}
	return reasons[chosen].ID
}

// reasonField is the field for the reason, filled in with little.
var reasonField = regexp.MustCompile(`(?im)^[ \t>*_|-]*(?:reason|rheswm)[ \t*_]*[:=][ \t*_]*(\S.{0,60})$`)

// maxReasonFields bounds the fields that are looked at.
const maxReasonFields = 20

// length returns which an answer chooses to the question how long an exception is for.
func (m plainAnswer) length() (long, short bool) {
	if m.letter == nil || !slices.Equal(m.letter.Facts.Missing, []string{"length"}) {
		return false, false
	}
	chosen := wording.Choice(m.msg.NewText, []string{"long term longer", "short term shorter today 24 hours"})
	return chosen == 0, chosen == 1
}

// IsPlainAnswer reports whether words are the one that confirms something, or that says yes or no.
func IsPlainAnswer(words string) bool {
	return confirms(words) || len(strings.Fields(words)) == 1 && wording.YesOrNo(words) != wording.SaysNeither
}

// says returns what an answer of no more than a yes or a no says.
func (m plainAnswer) says() wording.Answer {
	if m.bringsEvidence() || len(strings.Fields(m.msg.NewText)) > maxYes {
		return wording.SaysNeither
	}
	return wording.YesOrNo(m.msg.NewText)
}

// method returns whether the site says that an authentication method is registered: in answer to that question by yes or
// no, else in so many words.
func (m plainAnswer) method() string {
	if m.answersOne(intake.LetterReceipt) && m.letter.Facts.AuthMethod == "unknown" {
		//exhaustive:ignore
		switch m.says() {
		case wording.SaysYes:
			return "yes"
		case wording.SaysNo:
			return "no"
		}
	}
	return m.msg.AuthMethodRegistered
}

// setMethod sets on a request what the site says now about a method, and returns WhyMethod if that is new.
func (m plainAnswer) setMethod(req *intake.Request) intake.Why {
	says := m.method()
	if !m.continues || says == "" || says == "unknown" || says == req.AuthMethod {
		return ""
	}
	m.check("method", true, "the site says whether an authentication method is registered: %s", says)
	req.AuthMethod = says
	return intake.WhyMethod
}

// address returns the address of which our letter asked whether it is the right one, where the answer says yes; no is
// set where it says no.
func (m plainAnswer) address() (right string, no bool) {
	if !m.answersOne(intake.LetterAddress) || m.letter.Facts.Right == "" || m.letter.Facts.Why != "" {
		return "", false
	}
	//exhaustive:ignore
	switch m.says() {
	case wording.SaysYes:
		return m.letter.Facts.Right, false
	case wording.SaysNo:
		return "", true
	}
	return "", false
}
