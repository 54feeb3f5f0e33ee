package notify

import (
	"fmt"
	"strings"
	"testing"

	"mfabot/intake"
)

// TestWholeWords: what a site wrote is shown whole, or the letter says that it is not and attaches all of it.
func TestWholeWords(t *testing.T) {
	c := testComposer(t)
	long := func(what string) string {
		var b strings.Builder
		for i := range 200 {
			fmt.Fprintf(&b, "%s, line %d of what we have to say.\n", what, i)
		}
		return b.String()
	}
	review := requestLetter(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) { f.Code = reviewCode })
	together := intake.Letter{Template: intake.LetterReviews, To: review.To, Facts: intake.Facts{Audience: intake.ToReviewer,
		ReviewFacts: intake.ReviewFacts{AllCode: reviewCode}, DigestFacts: intake.DigestFacts{UndecidedTotal: 2,
			Undecided: []intake.UndecidedFacts{{Ref: "LT-2026-00042", User: jane, Code: reviewCode, Justification: long("Jane")},
				{Ref: "LT-2026-00043", User: jane, Code: reviewCode, Justification: "Short."}}}}}
	same := together
	same.Facts.Undecided = []intake.UndecidedFacts{together.Facts.Undecided[0], together.Facts.Undecided[0]}
	tests := []struct {
		name     string
		letter   intake.Letter
		change   func(*intake.Facts)
		says     string
		attached []string
	}{
		{"short", review, func(*intake.Facts) {}, "", nil},
		{"justification", review, func(f *intake.Facts) { f.Justification = long("Reason") }, "attached to this email as a text file",
			[]string{"The justification of LT-2026-00042:", "Reason, line 199"}},
		{"one line", review, func(f *intake.Facts) { f.Justification = strings.Repeat("word ", 900) + "end" }, "attached to this email",
			[]string{"word end"}},
		{"what was said", review, func(f *intake.Facts) { f.Said = long("News") }, "attached to this email", []string{"News, line 199"}},
		{"files refused", review, func(f *intake.Facts) { f.Justification, f.FilesRefused = long("Reason"), true },
			"Ask the operator of this service for the rest.", nil},
		{"reminder", requestLetter(intake.LetterReminder, intake.ToReviewer, nil),
			func(f *intake.Facts) { f.Code, f.Justification = reviewCode, long("Reason") }, "attached to this email",
			[]string{"Reason, line 199"}},
		{"one of several", together, func(*intake.Facts) {}, "attached to this email", []string{"The justification of LT-2026-00042:", "Jane, line 199"}},
		{"all of several", same, func(*intake.Facts) {}, "attached to this email", []string{"The justification of all of them:", "Jane, line 199"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.change(&tt.letter.Facts)
			_, leaves := partsOf(t, composed(t, c, tt.letter))
			text := strings.Join(strings.Fields(string(leaves[0].content)), " ")
			if !strings.Contains(text, tt.says) || strings.Contains(text, "only the beginning") != (tt.says != "") {
				t.Errorf("does not say %q:\n%s", tt.says, text)
			}
			if got := len(leaves) - 2; got != min(len(tt.attached), 1) {
				t.Fatalf("%d files attached", got)
			}
			for _, want := range tt.attached {
				if file := leaves[2]; file.filename != "What the site wrote.txt" || !strings.Contains(string(file.content), want) {
					t.Errorf("%q, of %d bytes, has no %q", file.filename, len(file.content), want)
				}
			}
		})
	}
}

// TestFilesAreSaidToBeThere: what stands above the buttons says which files are not in the letter.
func TestFilesAreSaidToBeThere(t *testing.T) {
	files := func(unsent ...bool) (out []intake.EvidenceFacts) {
		for i, u := range unsent {
			out = append(out, intake.EvidenceFacts{Filename: fmt.Sprintf("%c.pdf", 'a'+i), Counts: true, Unsent: u})
		}
		return out
	}
	for _, tt := range []struct {
		files  []intake.EvidenceFacts
		letter intake.Template
		want   string
	}{
		{files(false, true), intake.LetterReview, "a.pdf, b.pdf (not in this email)"},
		{files(false), intake.LetterReminder, "a.pdf (not in this email)"},
		{files(false, false, false, false), intake.LetterReview, "4 files, listed below"},
		{files(false, true, false, false), intake.LetterReview, "4 files, listed below (1 not in this email)"},
		{files(false, false, false, false), intake.LetterReminder, "4 files, listed below (not in this email)"},
		{nil, intake.LetterReview, "none was accepted"},
	} {
		l := requestLetter(tt.letter, intake.ToReviewer, func(f *intake.Facts) { f.Evidence = tt.files })
		if got := testComposer(t).view(l, monday).Files; got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestSubjectsDiffer: of letters with different news, no two have the same subject.
func TestSubjectsDiffer(t *testing.T) {
	c := testComposer(t)
	seen := make(map[string]string)
	for _, s := range samples() {
		//exhaustive:ignore
		switch s.letter.Template {
		case intake.LetterNotUnderstood, intake.LetterAlreadyDecided:
		case intake.LetterReview:
			if s.name == "review-in-directory" || s.name == "review-account-unchecked" ||
				strings.HasPrefix(s.name, "review-renewal-") || strings.HasPrefix(s.name, "review-deputy-") {
				continue // which have the news of another
			}
		default:
			continue
		}
		subject, err := c.Subject(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[subject]; taken {
			t.Errorf("%s and %s: %s", other, s.name, subject)
		}
		seen[subject] = s.name
	}
}

// TestOrderOfAnswers: where an approval makes no sense yet, it comes last.
func TestOrderOfAnswers(t *testing.T) {
	c := testComposer(t)
	for account, first := range map[string]string{"": "body=APPROVE", intake.AccountGood: "body=APPROVE", intake.AccountNone: "body=INFO",
		intake.AccountDisabled: "body=INFO", intake.AccountNoMethod: "body=APPROVE"} {
		email, err := c.Render(requestLetter(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
			f.Code, f.Account = reviewCode, account
		}), monday)
		if err != nil {
			t.Fatal(err)
		}
		_, links, _ := strings.Cut(email.HTML, "mailto:")
		if link, _, _ := strings.Cut(links, "\""); !strings.Contains(link, first) {
			t.Errorf("account %q: the first answer is %s", account, link)
		}
	}
}
