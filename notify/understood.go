package notify

import (
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/templates"
)

// aspects are the parts of a request that letters mention as changed or missing. Known is whether any of them
// is set.
type aspects struct {
	User, Reason, Evidence, Length, Known bool

	Details bool // has changed: nobody needs to give any

	Address bool // it is not sure whether the user's is right
	Answer  bool // a question is open
	Count   int  // of what is missing
}

func newAspects(what []string) aspects {
	a := aspects{
		User: slices.Contains(what, "user"), Reason: slices.Contains(what, "reason"),
		Details: slices.Contains(what, "details"), Evidence: slices.Contains(what, "evidence"), Length: slices.Contains(what, "length"),
	}
	a.Count = len(what)
	a.Known = a.User || a.Reason || a.Details || a.Evidence || a.Length
	return a
}

// asks says what a site is asked to tell, where it is one thing; empty for more, and for files.
func (a aspects) asks() string {
	switch {
	case a.Count != 1:
	case a.User:
		return "who it is for"
	case a.Reason:
		return "the reason"
	case a.Length:
		return "how long it is for"
	}
	return ""
}

// reasonWords names a reason and the words of the site that decided for it, unless they are the reason's name.
func reasonWords(title string, words []string, say func(words string) string) string {
	var said []string
	for _, w := range words {
		if w = templates.Line(w, maxName); w != "" && !strings.EqualFold(w, title) {
			said = append(said, w)
		}
	}
	return strings.Replace(intake.DecidedBy(title, said), ", from “", say(", from")+" “", 1)
}

// setMissing sets what the site is asked for by letters that ask for one thing.
func (v *view) setMissing(l intake.Letter) {
	//exhaustive:ignore
	switch l.Template {
	case intake.LetterNeedEvidence:
		v.Missing.Evidence = true
	case intake.LetterRejected:
		v.Missing.Evidence = l.Facts.Why == intake.WhyNoEvidence
	case intake.LetterQuestion:
		v.Missing.Answer = true
	case intake.LetterAddress:
		v.Missing.Address = l.Facts.Why == ""
	}
}
