package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/templates"
)

// beforeView is why the exception was needed that would be renewed.
type beforeView struct {
	Ref, Reason string
	Words       []string
}

// setReviewed sets what reviewers weigh besides the request itself, and what tells a letter's subject apart.
func (v *view) setReviewed(l intake.Letter) {
	f := l.Facts
	v.Signed, v.Writer = signed(f.Writer), writer(f.Writer)
	v.AskedBy = inWords(v.RequestedBy, proof(f.Writer.Proof))
	if f.SiteActive != nil {
		v.SiteHas = cmp.Or(count(*f.SiteActive, "active exception", "active exceptions"), "none")
	}
	v.Together = together(f.Together)
	v.Before = beforeView{Ref: templates.Line(f.Before.Ref, maxRef), Reason: f.Before.Reason,
		Words: templates.Block(f.Before.Justification, maxWordsTogether, maxLinesTogether)}
	v.AskFirst = askFirst(f.Account)
	v.Differs = differs(l, v)
	v.DiffersEnds = strings.HasSuffix(v.Differs, isRenewal) && !v.RenewedEnds.IsZero()
}

// signed says in brief who wrote, as their email says.
func signed(w intake.Writer) string {
	return templates.Line(inWords(cmp.Or(w.Name, w.Sender), w.Role), maxName)
}

// writer says all that an email says of who wrote it.
func writer(w intake.Writer) string {
	after := func(words, s string) string {
		if s == "" {
			return ""
		}
		return words + s
	}
	return templates.Line(inWords(w.Name, w.Role, after("telephone ", w.Telephone), after("sent by ", w.Sender)), maxEntry)
}

// proof puts into words how a sender is proven.
func proof(p intake.Proof) string {
	switch p {
	case intake.ProofServer:
		return "proven by our mail server"
	case intake.ProofExchange:
		return "proven by Exchange Online"
	case intake.ProofSignature:
		return "proven by a signature (DKIM)"
	case intake.ProofNone:
		return "not proven: this service believes every sender"
	}
	return ""
}

// together names the other requests that came in the same email, briefly: their users' addresses are in letters of their own.
func together(others []intake.TogetherFacts) string {
	var names []string
	for _, o := range others {
		user := intake.User{Email: templates.Line(o.User.Email, maxAddress), Name: templates.Line(o.User.Name, maxName)}
		names = append(names, templates.Clean(o.Ref, maxRef)+" for "+person(user))
	}
	if more := len(names) - maxTogether; more > 0 {
		names = append(names[:maxTogether], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, "; ")
}

// maxTogether is how many of them are named.
const maxTogether = 10

// askFirst reports whether an approval is the last thing that makes sense, by what the directory says of the account.
func askFirst(account string) bool {
	return account == intake.AccountNone || account == intake.AccountDisabled
}

// isRenewal says in a subject that a request would renew an exception.
const isRenewal = "renewal"

// What a subject has room for, in characters, besides a name and a site.
const (
	roomForFirst = 24 // in a letter that asks for the first time
	roomForAgain = 18
)

// differs says in a few words what tells a letter apart from others about requests that wait: the most important first, and
// more as far as a subject has room.
func differs(l intake.Letter, v *view) string {
	f := l.Facts
	replaces := slices.ContainsFunc(v.Records, func(r recordView) bool { return r.Active && r.Other })
	warns, room, out := warnings(v.Undecided), roomForFirst, ""
	if len(f.Changed) > 0 {
		room = roomForAgain
	}
	for _, d := range []struct {
		is    bool
		words string
	}{
		{f.FilesRefused, "without its files"},
		{f.Account == intake.AccountNone, "unknown address"},
		{f.Account == intake.AccountDisabled, "account disabled"},
		{warns > 0, fmt.Sprintf("%d with a warning", warns)},
		{f.Named, "names you"},
		{f.Corrects != "" || f.Corrected != "", "corrected address"},
		{f.Corrects == "" && f.Renews != "", isRenewal},
		{f.Agreed > 0, "second approval"},
		{len(f.SameFiles) > 0, "same file"},
		{f.Foreign, "new domain"},
		{v.OtherName != "", "another name"},
		{replaces, "has one now"},
		{f.InPlaceOf != "" || l.Template == intake.LetterReviews && f.Why != "", "as deputy"},
		{f.Account == intake.AccountNoMethod, "no method"},
		{!f.FilesRefused && slices.ContainsFunc(f.Evidence, unsent), "a file is missing"},
		{len(f.Changed) > 0, "changed"},
	} {
		if next := inWords(out, d.words); d.is && (out == "" || len(next) <= room) {
			out = next
		}
	}
	if rest, ok := strings.CutPrefix(out, isRenewal+", "); ok { // when the exception ends follows it
		out = rest + ", " + isRenewal
	}
	return out
}

func unsent(e intake.EvidenceFacts) bool { return e.Unsent }

// setWords sets what others wrote. Where it is only the beginning, the letter says so.
func (v *view) setWords(l intake.Letter) {
	f := l.Facts
	v.Justification = templates.Block(f.Justification, maxWords, maxLines)
	v.Said = templates.Block(f.Said, maxWords, maxLines)
	v.Cut, v.SaidCut = cutOff(l, f.Justification, v.Justification), cutOff(l, f.Said, v.Said)
	if f.Audience != intake.ToReviewer && f.Audience != intake.ToOperator {
		return
	}
	if command := templates.Clean(f.Command, maxEntry+1); l.Template == intake.LetterConfirm && len(command) <= maxEntry {
		v.Repeat = command
	}
	if l.Template == intake.LetterConfirm || l.Template == intake.LetterNotUnderstood {
		for i, line := range v.Said {
			v.Said[i] = templates.Own(line)
		}
	}
}

// Where the rest is of words of which a letter shows the beginning.
const (
	restAttached = "attached"
	restKept     = "kept"
)

// cutOff says where the rest is of words that a letter shows; empty where that is all of them.
func cutOff(l intake.Letter, words string, shown []string) string {
	switch {
	case slices.Equal(shown, allWords(words)):
		return ""
	case attachesWords(l):
		return restAttached
	}
	return restKept
}

// allWords are words as Block has them, whole: no message has as much text as this.
func allWords(words string) []string { return templates.Block(words, 1<<20, 1<<20) }

// attachesWords reports whether a letter attaches the words of the site of which it shows only the beginning.
func attachesWords(l intake.Letter) bool {
	// Other letters are about no request that waits.
	//exhaustive:ignore
	switch l.Template {
	case intake.LetterReview, intake.LetterReviews, intake.LetterReminder:
		return !l.Facts.FilesRefused
	}
	return false
}

// wordsFile is the name of the file with all that a site wrote.
const wordsFile = "What the site wrote.txt"

// wholeWords are the words of the site of which a letter shows only the beginning, as a text; empty for none.
func wholeWords(l intake.Letter) string {
	if !attachesWords(l) {
		return ""
	}
	var out []string
	add := func(title, words string, limit, lines int) {
		all := allWords(words)
		if slices.Equal(templates.Block(words, limit, lines), all) {
			return
		}
		out = append(append(out, title, ""), append(all, "")...)
	}
	f := l.Facts
	add("The justification of "+cmp.Or(l.Ref, "all of them")+":", cmp.Or(f.Justification, sharedJustification(f.Undecided)),
		maxWords, maxLines)
	add("What the site wrote now:", f.Said, maxWords, maxLines)
	if sharedJustification(f.Undecided) == "" {
		for _, u := range f.Undecided {
			add("The justification of "+u.Ref+":", u.Justification, maxWordsTogether, maxLinesTogether)
		}
	}
	return strings.Join(out, "\r\n")
}
